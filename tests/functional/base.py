# SPDX-License-Identifier: Apache-2.0

"""What the functional tests build on: a cloud, a drain, the whole end."""

import collections
import pathlib

from collections.abc import Mapping
from typing import Any
from typing import ClassVar

import requests

from keystoneauth1.adapter import Adapter
from keystoneauth1.identity import v3
from keystoneauth1.session import Session

from minicloud import cloud
from minicloud import migrations
from tests.functional import assertions
from tests.functional import labs
from tests.functional import limited
from tests.functional.plans import summary
from watcher_host_maintenance.client.check import check_cloud
from watcher_host_maintenance.cloud import optional
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.optional import OptionalServices
from watcher_host_maintenance.cloud.placement import Placement
from watcher_host_maintenance.core.model import document
from watcher_host_maintenance.request import config
from watcher_host_maintenance.request.parameters import to_wanted_reads


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

#: Each service reports often: a return waits for a report.
REPORTS = {'DEFAULT': {'report_interval': 1}}

#: What an executed drain left behind in Watcher.
Done = collections.namedtuple('Done', 'audit plan actions')

#: Of watcher.conf: nothing here is busy for a moment only, and a plan after a
#: fault that was removed is made as if nothing had failed.
_OPTIONS = {
    'watcher_strategies.cluster_host_maintenance': {
        'transient_wait_s': 0,
        'failed_migrations_hours': 0,
    }
}


def a_host(**changes: Any) -> dict[str, Any]:
    """A compute host of the usual size, but for these fields."""
    return {**HOST, **changes}


def on(host: str, flavor: str = 'small', **fields: Any) -> dict[str, Any]:
    """Servers on a host: ``on('compute-1', count=2, state='SHUTOFF')``."""
    return {'host': host, 'flavor': flavor, **fields}


def all_on(
    host: str, *names: str, status: str = 'ACTIVE'
) -> dict[str, tuple[str, str]]:
    """What Cloud.servers() says of servers that are all on one host."""
    return dict.fromkeys(names, (status, host))


class CloudTestCase(limited.LimitedTestCase, assertions.Assertions):
    """A test that has a cloud of its own, from :meth:`start` on."""

    @classmethod
    def take(
        cls,
        description: Mapping[str, Any],
        nova_options: labs.Options | None = None,
        watcher_options: labs.Options | None = None,
    ) -> cloud.Cloud:
        """Return a cloud of this description and of a test's options."""
        return labs.LABS.take(
            description, nova_options, options(watcher_options or {})
        )

    def setUp(self) -> None:
        """Let no other test have a cloud in which this one fails."""
        super().setUp()
        self.addOnException(self._distrust)

    def _distrust(self, exc_info: Any) -> None:
        if hasattr(self, 'cloud'):
            labs.LABS.distrust(self.cloud)

    #: Whether a check has to give the answer of each audit.
    CHECKED: ClassVar[bool] = False

    def start(
        self,
        hosts: Mapping[str, Any],
        servers: Mapping[str, Any] | None = None,
        flavors: Mapping[str, Any] | None = None,
        watcher_options: Mapping[str, Any] | None = None,
        nova_options: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> None:
        """Have a cloud like this, as self.cloud.

        :param hosts: name -> record, :data:`HOST` or :func:`a_host`
        :param servers: name -> record, see :func:`on`
        :param flavors: name -> record, beside :data:`FLAVORS`
        :param watcher_options: section -> option -> value
        :param nova_options: the same, of nova.conf
        :param more: what else a description has: groups, aggregates
        """
        self.cloud = self.take(
            description(hosts, servers, flavors, **more),
            nova_options,
            watcher_options,
        )
        self.addCleanup(labs.LABS.give_back, self.cloud)

    def drain(
        self,
        scope: Any = None,
        refresh: bool = True,
        fields: Mapping[str, Any] | None = None,
        **parameters: Any,
    ) -> dict[str, Any]:
        """Run our audit to its end and return it, whatever the end is.

        Without parameters it is the bare goal, without a strategy.

        :param scope: of an audit template
        :param refresh: build Watcher's model anew before: it never changes
            by itself here
        :param fields: others of the audit: name, force...
        """
        if refresh:
            # The audit builds it, of its own scope.
            self.cloud.spoil_model('forget')
        self.before = self.state()
        strategy = (STRATEGY, parameters) if parameters else ()
        answer = self.check(parameters) if self.CHECKED else None
        audit = self.cloud.run_audit(
            GOAL, *strategy, scope=scope, **(fields or {})
        )
        if answer is not None:
            [report] = self.reports(audit)
            self.assertEqual(report['outcome'], answer)
        return audit

    def start_moving(self, plan: Mapping[str, Any], name: str) -> None:
        """Start a plan; return when it moves a server live."""
        self.cloud.start_plan(plan)
        self.assertEventually(
            'MIGRATING',
            lambda: self.cloud.servers()[name].status,
            timeout_s=60,
        )

    def compute_service(self, host: str) -> Any:
        """Return the compute service of a host, as novaclient has it."""
        [service] = self.cloud.nova.services.list(
            host=host, binary='nova-compute'
        )
        return service

    def disable(self, host: str, reason: str) -> None:
        """Disable a compute service, as an operator does."""
        service = self.compute_service(host)
        self.cloud.nova.services.disable_log_reason(service.id, reason)

    def enable(self, host: str) -> None:
        """Enable a compute service."""
        self.cloud.nova.services.enable(self.compute_service(host).id)

    def recover(self, name: str, status: str = 'ACTIVE') -> None:
        """Do what is advised for a server whose live migration has failed.

        :param status: what it was before
        """
        server = self.cloud.nova.servers.find(name=name)
        migrations.recover(self.cloud.nova, server.id, status)

    def check(self, parameters: Mapping[str, Any]) -> Any:
        """Return the outcome of a check, with the options of Watcher."""
        values = self.plugin_options()
        answer = check_cloud(*self.readers(values), parameters, values)
        return document.to_plain(answer.outcome)

    def plugin_options(self) -> dict[str, Any]:
        """Return the options of the plugin in Watcher's configuration."""
        path = pathlib.Path(self.cloud.directory, 'watcher.conf')
        return config.read(str(path)).values

    def readers(
        self, values: Mapping[str, Any]
    ) -> tuple[Nova, Placement, OptionalServices]:
        """Return what a check reads with.

        :param values: the options of the plugin
        """
        session = self._session()
        return (
            Nova(self._adapter('compute', '/v2.1')),
            Placement(self._adapter('placement')),
            optional.connect(
                lambda kind: Adapter(session, service_type=kind),
                to_wanted_reads(values),
            ),
        )

    def _session(self) -> Session:
        """Return a session with a catalog, as an operator has it."""
        told = {
            name.removeprefix('OS_').lower(): value
            for name, value in self.cloud.environment.items()
            if name.startswith('OS_') and name != 'OS_COMPUTE_API_VERSION'
        }
        http = requests.Session()
        http.trust_env = False
        return Session(v3.Password(**told), session=http)

    def _adapter(self, api: str, path: str = '') -> Adapter:
        return Adapter(
            self.cloud.placement.session,
            service_type=api,
            endpoint_override=self.cloud.urls[api] + path,
        )

    def drain_and_execute(
        self,
        scope: Any = None,
        message: str | None = None,
        stopped: tuple[str, ...] = (),
        becomes: Mapping[str, str] | None = None,
        **parameters: Any,
    ) -> Done:
        """Run our audit, execute its plan, check what holds of every plan.

        :param message: the audit's status_message
        :param stopped: names of the servers that the plan stops
        :param becomes: server name -> status, of those that change it
        """
        audit = self.drain(scope=scope, **parameters)
        plan = self.assertPlanned(audit, message)
        self.assertNothingRedundant(self.cloud.actions(plan))
        if plan['state'] == 'RECOMMENDED':
            plan = self.cloud.execute(plan)
        actions = self.cloud.actions(plan)
        self.assertEqual('SUCCEEDED', plan['state'], summary(actions))
        self.assertEqual(
            [], [a for a in summary(actions) if a[0] != 'SUCCEEDED']
        )
        expected = {n: server.status for n, server in self.before[0].items()}
        expected.update(dict.fromkeys(stopped, 'SHUTOFF'), **becomes or {})
        self.assertEventually(
            expected,
            lambda: {
                name: server.status
                for name, server in self.cloud.servers().items()
            },
        )
        self.assertPlacementTrue()
        return Done(audit, plan, actions)


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
        """Have the cloud until the end of the class."""
        super().setUpClass()
        with cls.limit():
            cls.cloud = cls.take(
                cls.DESCRIPTION, watcher_options=cls.WATCHER_OPTIONS
            )
        cls.addClassCleanup(labs.LABS.give_back, cls.cloud)

    def setUp(self) -> None:
        """Remember what is there."""
        super().setUp()
        self.addCleanup(self.assertEnd, *self.state())


def description(
    hosts: Mapping[str, Any],
    servers: Mapping[str, Any] | None = None,
    flavors: Mapping[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Describe a cloud; see :meth:`CloudTestCase.start`."""
    return {
        'hosts': hosts,
        'servers': servers or {},
        'flavors': {**FLAVORS, **(flavors or {})},
        **more,
    }


def options(
    wanted: Mapping[str, Mapping[str, Any]],
) -> dict[str, dict[str, Any]]:
    """Lay a test's own options of watcher.conf over those of all."""
    return {
        section: {**_OPTIONS.get(section, {}), **wanted.get(section, {})}
        for section in (*_OPTIONS, *wanted)
    }
