# SPDX-License-Identifier: Apache-2.0

"""What is compared: audits, plans, and all that Nova and Placement have."""

import json
import re
import time

from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

import testtools

from novaclient import exceptions

from minicloud import cloud
from tests.functional import command_line
from tests.functional import placement
from tests.functional import plans


#: Nova tidies up for a moment after Watcher calls an action done.
_SETTLE_S = 60
#: From one look to the next, at first and at last.
_POLL_S = 0.05
_SLOWEST_S = 0.8
_REPORT = re.compile(r' (?:Drain|Return) report: (\{.*)')
_STATUS_MESSAGE_LIMIT = 255


class Assertions(testtools.TestCase):
    """A test with a cloud, and an audit or none so far."""

    cloud: cloud.Cloud
    #: What state() was before the newest audit.
    before: tuple[dict[str, Any], dict[str, Any]]

    def state(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """All servers and all compute services, as Nova has them now."""
        return self.cloud.servers(), self.cloud.services()

    def assertPlanned(
        self,
        audit: Mapping[str, Any],
        message: str | None = None,
    ) -> dict[str, Any]:
        """Check that an audit succeeded with one plan, and return that."""
        self.assertEqual(
            ('SUCCEEDED', message), (audit['state'], audit['status_message'])
        )
        plans = self.cloud.action_plans(audit)
        self.assertEqual(1, len(plans), plans)
        return plans[0]

    def assertNothingRedundant(self, actions: list[dict[str, Any]]) -> None:
        """Check that each action changes something, and none does so twice.

        :param actions: of the newest audit, not yet executed
        """
        resources = [
            (
                a['action_type'],
                a['input_parameters']['resource_id'],
                # An owner is told of each state.
                str(a['input_parameters'].get('notice')),
            )
            for a in actions
        ]
        self.assertEqual(sorted(set(resources)), sorted(resources))
        servers, services = self.before
        for kind, name, target in plans.steps(actions):
            if kind == 'change_nova_service_state':
                self.assertNotEqual(target, services[name].status, name)
            elif kind == 'migrate':
                self.assertNotEqual(target, servers[name].host, name)
        self.assertVerifiedLast(actions)

    def assertVerifiedLast(self, actions: list[dict[str, Any]]) -> None:
        """Check that a plan that does anything ends with a look at it."""
        looks = [a for a in actions if a['action_type'] == plans.VERIFY]
        self.assertEqual(bool(plans.changes(actions)), bool(looks))
        others = {a['uuid'] for a in actions} - {a['uuid'] for a in looks}
        before = plans.ancestors(actions)
        for look in looks:
            self.assertEqual(others, before[look['uuid']])

    def assertRefused(
        self,
        audit: Mapping[str, Any],
        message: str | re.Pattern[str],
    ) -> dict[str, Any]:
        """Check that an audit failed, said why, and changed nothing.

        What it says is what ``openstack optimize audit show`` prints.

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
        self.assertShown(audit, 'FAILED', said)
        self.assertEqual([], self.cloud.action_plans(audit))
        self.assertEqual(self.before, self.state())
        reports = self.reports(audit)
        self.assertEqual([True], [r['failed'] for r in reports])
        return reports[0]

    def assertShown(
        self,
        audit: Mapping[str, Any],
        state: str,
        message: str,
    ) -> None:
        """Check what the command line shows of an audit."""
        shown = json.loads(
            command_line.run_here(
                self.cloud,
                f'openstack optimize audit show {audit["uuid"]} -f json',
            )
        )
        self.assertEqual(
            (state, message), (shown['State'], shown['Status Message'])
        )

    def reports(self, audit: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The reports on an audit in the decision engine's log."""
        # The last line may still be being written.
        lines = self.cloud.logs()['watcher'].split('\n')[:-1]
        found = (_REPORT.search(line) for line in lines)
        reports = [json.loads(match[1]) for match in found if match]
        return [r for r in reports if r['audit'] == audit['uuid']]

    def assertEnd(
        self,
        servers: Mapping[str, Any],
        services: Mapping[str, Any],
    ) -> None:
        """Compare everything that Nova has with what is expected.

        :param servers: name -> (status, host)
        :param services: host -> (status, state, disabled reason)
        """
        self.assertEventually((servers, services), self.state)

    def assertEventually(
        self,
        expected: Any,
        read: Callable[[], Any],
        timeout_s: float = _SETTLE_S,
    ) -> None:
        """Compare what is read, again and again until it is equal."""
        end = time.monotonic() + timeout_s
        poll_s = _POLL_S
        while (found := read()) != expected and time.monotonic() < end:
            time.sleep(poll_s)
            # Each look costs Nova as much as a part of what is waited for.
            poll_s = min(poll_s * 1.3, _SLOWEST_S)
        self.assertEqual(expected, found)

    def assertForgotten(self, server: str) -> None:
        """Wait until a server is deleted, and has freed what it held.

        A list of servers does not tell: one that was soft-deleted before is
        in none.

        :param server: its UUID
        """

        def is_known() -> bool:
            try:
                self.cloud.nova.servers.get(server)
            except exceptions.NotFound:
                return False
            return True

        self.assertEventually(False, is_known)

    def assertActed(self, server: str, action: str) -> None:
        """Wait until Nova has ended the newest action of a server well.

        Its status tells earlier: Nova writes more of it down after that.

        :param server: its UUID
        :param action: in Nova's words: 'confirmResize'
        """

        def results() -> list[tuple[str, str | None]]:
            newest = self.cloud.nova.instance_action.list(server)[0]
            found = self.cloud.nova.instance_action.get(
                server, newest.request_id
            )
            return [(found.action, e['result']) for e in found.events]

        self.assertEventually([(action, 'Success')], results)

    def assertPlacementTrue(self) -> None:
        """Check usage within capacity, servers allocated where they are."""
        self.assertEventually([], lambda: placement.faults(self.cloud))
