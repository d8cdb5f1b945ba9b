# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""What the functional tests build on: a cloud, a drain, the whole end."""

import collections
import json
import os
import re
import time

from collections.abc import Callable
from collections.abc import Mapping
from typing import Any
from typing import ClassVar

import fixtures
import testtools

from testtools import content

from minicloud import cloud
from tests.functional import placement


GOAL = 'cluster_maintenance'
STRATEGY = 'cluster_host_maintenance'

HOST = {'vcpus': 32, 'memory_mb': 131072, 'disk_gb': 2000}
SPARE = {**HOST, 'disabled_reason': 'watcher_disabled'}
MARKED = {**HOST, 'disabled_reason': 'watcher_maintaining'}
FLAVORS = {
    'small': {'vcpus': 1, 'memory_mb': 2048, 'disk_gb': 20},
    'medium': {'vcpus': 2, 'memory_mb': 8192, 'disk_gb': 40},
    'large': {'vcpus': 8, 'memory_mb': 32768, 'disk_gb': 160},
}

#: Compute services as Cloud.services() has them.
ENABLED = ('enabled', 'up', None)
MAINTAINED = ('disabled', 'up', 'watcher_maintaining')
UNUSED = ('disabled', 'up', 'watcher_disabled')

#: What an executed drain left behind in Watcher.
Done = collections.namedtuple('Done', 'audit plan actions')

_DEFAULT_TIMEOUT_S = 300
#: Nova tidies up for a moment after Watcher calls an action done.
_SETTLE_S = 15
_REPORT = 'Drain report: '
_STATUS_MESSAGE_LIMIT = 255


def a_host(**changes: Any) -> dict[str, Any]:
    """A compute host of the usual size, but for these fields."""
    return {**HOST, **changes}


def on(host: str, flavor: str = 'small', **fields: Any) -> dict[str, Any]:
    """Servers on a host: ``on('compute-1', count=2, state='SHUTOFF')``."""
    return {'host': host, 'flavor': flavor, **fields}


def all_on(host: str, *names: str,
           status: str = 'ACTIVE') -> dict[str, tuple[str, str]]:
    """What Cloud.servers() says of servers that are all on one host."""
    return dict.fromkeys(names, (status, host))


class CloudTestCase(testtools.TestCase):
    """A test that starts a cloud of its own, with :meth:`start`."""

    cloud: cloud.Cloud

    def setUp(self) -> None:
        """Limit the time, and show the cloud's logs when a test fails."""
        super().setUp()
        limit_s = int(os.environ.get('OS_TEST_TIMEOUT') or _DEFAULT_TIMEOUT_S)
        self.useFixture(fixtures.Timeout(limit_s, gentle=True))
        self.addOnException(self._show_logs)

    def start(self, hosts: Mapping[str, Any],
              servers: Mapping[str, Any] | None = None,
              flavors: Mapping[str, Any] | None = None,
              watcher_options: Mapping[str, Any] | None = None,
              **more: Any) -> None:
        """Start a cloud, as self.cloud.

        :param hosts: name -> record, :data:`HOST` or :func:`a_host`
        :param servers: name -> record, see :func:`on`
        :param flavors: name -> record, beside :data:`FLAVORS`
        :param watcher_options: section -> option -> value
        :param more: what else a description has: groups, aggregates
        """
        self.cloud = self.useFixture(cloud.Cloud(
            description(hosts, servers, flavors, **more),
            watcher_options=watcher_options))

    def state(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """All servers and all compute services, as Nova has them now."""
        return self.cloud.servers(), self.cloud.services()

    def drain(self, scope: Any = None, refresh: bool = True,
              fields: Mapping[str, Any] | None = None,
              **parameters: Any) -> dict[str, Any]:
        """Run our audit to its end and return it, whatever the end is.

        Without parameters it is the bare goal, without a strategy.

        :param scope: of an audit template
        :param refresh: build Watcher's model anew before: it never changes
            by itself here
        :param fields: others of the audit: name, force...
        """
        if refresh:
            self.cloud.refresh_model()
        self.before = self.state()
        if not parameters:
            return self.cloud.run_audit(GOAL, scope=scope, **(fields or {}))
        return self.cloud.run_audit(
            GOAL, STRATEGY, parameters, scope, **(fields or {}))

    def drain_and_execute(self, scope: Any = None, message: str | None = None,
                          stopped: tuple[str, ...] = (),
                          **parameters: Any) -> Done:
        """Run our audit, execute its plan, check what holds of every plan.

        :param message: the audit's status_message
        :param stopped: names of the servers that the plan stops
        """
        audit = self.drain(scope=scope, **parameters)
        plan = self.assertPlanned(audit, message)
        if plan['state'] == 'RECOMMENDED':
            plan = self.cloud.execute(plan)
        actions = self.cloud.actions(plan)
        self.assertEqual('SUCCEEDED', plan['state'], summary(actions))
        self.assertEqual(
            [], [a for a in summary(actions) if a[0] != 'SUCCEEDED'])
        self.assertEventually(
            {name: 'SHUTOFF' if name in stopped else server.status
             for name, server in self.before[0].items()},
            lambda: {name: server.status
                     for name, server in self.cloud.servers().items()})
        self.assertPlacementTrue()
        return Done(audit, plan, actions)

    def assertPlanned(self, audit: Mapping[str, Any],  # noqa: N802
                      message: str | None = None) -> dict[str, Any]:
        """Check that an audit succeeded with one plan, and return that."""
        self.assertEqual(
            ('SUCCEEDED', message), (audit['state'], audit['status_message']))
        plans = self.cloud.action_plans(audit)
        self.assertEqual(1, len(plans), plans)
        return plans[0]

    def assertRefused(self, audit: Mapping[str, Any],  # noqa: N802
                      message: str | re.Pattern[str]) -> dict[str, Any]:
        """Check that an audit failed, said why, and changed nothing.

        :param message: the whole status_message, or a compiled expression
            that is found in it
        :returns: the report from the decision engine's log
        """
        said = audit['status_message'] or ''
        if isinstance(message, re.Pattern):
            self.assertRegex(said, message)
        else:
            self.assertEqual(message, said)
        self.assertLessEqual(len(said), _STATUS_MESSAGE_LIMIT)
        self.assertEqual('FAILED', audit['state'])
        self.assertEqual([], self.cloud.action_plans(audit))
        self.assertEqual(self.before, self.state())
        reports = self.reports(audit)
        self.assertEqual([True], [r['failed'] for r in reports])
        return reports[0]

    def reports(self, audit: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The reports on an audit in the decision engine's log."""
        lines = self.cloud.logs()['watcher'].splitlines()
        reports = [json.loads(line.partition(_REPORT)[2])
                   for line in lines if _REPORT in line]
        return [r for r in reports if r['audit'] == audit['uuid']]

    def assertEnd(self, servers: Mapping[str, Any],  # noqa: N802
                  services: Mapping[str, Any]) -> None:
        """Compare everything that Nova has with what is expected.

        :param servers: name -> (status, host)
        :param services: host -> (status, state, disabled reason)
        """
        self.assertEventually((servers, services), self.state)

    def assertEventually(self, expected: Any,  # noqa: N802
                         read: Callable[[], Any],
                         timeout_s: float = _SETTLE_S) -> None:
        """Compare what is read, again and again until it is equal."""
        end = time.monotonic() + timeout_s
        while (found := read()) != expected and time.monotonic() < end:
            time.sleep(0.1)
        self.assertEqual(expected, found)

    def assertPlacementTrue(self) -> None:  # noqa: N802
        """Check usage within capacity, servers allocated where they are."""
        self.assertEventually([], lambda: placement.faults(self.cloud))

    def _show_logs(self, exc_info: Any) -> None:
        if hasattr(self, 'cloud'):
            self.addDetail(
                'minicloud', content.text_content(self.cloud.tails()))


class SharedCloudTestCase(CloudTestCase):
    """Tests that share one cloud, since none of them changes anything.

    What each test leaves behind is compared with what it found.
    """

    #: As :func:`description` makes it.
    DESCRIPTION: ClassVar[dict[str, Any]]
    #: Section -> option -> value of watcher.conf.
    WATCHER_OPTIONS: ClassVar[dict[str, dict[str, Any]]] = {}

    @classmethod
    def setUpClass(cls) -> None:
        """Start the cloud; it ends with the class."""
        super().setUpClass()
        cls.cloud = cloud.Cloud(
            cls.DESCRIPTION, watcher_options=cls.WATCHER_OPTIONS)
        cls.cloud.setUp()
        cls.addClassCleanup(cls.cloud.cleanUp)

    def setUp(self) -> None:
        """Remember what is there."""
        super().setUp()
        self.addCleanup(self.assertEnd, *self.state())


def description(hosts: Mapping[str, Any],
                servers: Mapping[str, Any] | None = None,
                flavors: Mapping[str, Any] | None = None,
                **more: Any) -> dict[str, Any]:
    """Describe a cloud; see :meth:`CloudTestCase.start`."""
    return {'hosts': hosts, 'servers': servers or {},
            'flavors': {**FLAVORS, **(flavors or {})}, **more}


def summary(actions: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    """What a person looks at: state, type, name, where to, and a message.

    :returns: one tuple for each action, in the plan's order
    """
    return [
        (a['state'], a['action_type'],
         a['input_parameters'].get('resource_name', ''),
         a['input_parameters'].get('destination_node')
         or a['input_parameters'].get('state', ''),
         a.get('status_message') or '')
        for a in actions]


def steps(actions: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    """What a plan does: type, name of host or server, state or destination.

    :returns: sorted, since the order among migrations means nothing
    """
    return sorted(action[1:4] for action in summary(actions))


def migration_types(actions: list[dict[str, Any]]) -> dict[str, str]:
    """Server name -> 'live' or 'cold', of those that migrate."""
    found = (a['input_parameters'] for a in actions
             if a['action_type'] == 'migrate')
    return {p['resource_name']: p['migration_type'] for p in found}


def indicators(plan: Mapping[str, Any]) -> dict[str, float]:
    """Name -> value of the plan's efficacy indicators."""
    return {i['name']: i['value'] for i in plan['efficacy_indicators']}
