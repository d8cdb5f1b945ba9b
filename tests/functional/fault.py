# SPDX-License-Identifier: Apache-2.0

"""What tests of faults have in common: a plan, what became of it, again."""

import json
import re

from collections.abc import Iterator
from typing import Any

from tests.functional import base
from tests.functional import command_line
from tests.functional import fault_table
from tests.functional import plans
from watcher_host_maintenance.core.telling import words
from watcher_host_maintenance.plugin.actions.emptiness.node_obstacles import (
    REMAINS,
)


#: Of watcher.conf: a migration that takes longer than ten seconds has failed
#: for it. Those that are to succeed need one or two.
SHORT = {'nova': {'migration_max_retries': 20}}


def remains(name: str, *states: str) -> str:
    """Return the expression of what is said of a server that remains."""
    return re.escape(words.say(REMAINS.about(name, states=states)))


class FaultTestCase(base.CloudTestCase):
    """A plan that empties ``compute-1`` while something goes wrong."""

    def plan(self, **parameters: Any) -> dict[str, Any]:
        """The plan of an audit, not yet started."""
        return self.assertPlanned(
            self.drain(maintenance_node='compute-1', **parameters)
        )

    def ends(self, plan: dict[str, Any]) -> dict[str, tuple[str, str]]:
        """Name of host or server -> state and message of its last action."""
        return {
            a[2]: (a[0], a[4]) for a in plans.summary(self.cloud.actions(plan))
        }

    def drain(self, *args: Any, **parameters: Any) -> dict[str, Any]:
        """Remember the newest audit, for :meth:`assertAgain`."""
        self.newest = super().drain(*args, **parameters)
        return self.newest

    def assertTold(self, fault: str, plan: dict[str, Any]) -> None:
        """Check what the documentation says of a plan with a fault.

        :param fault: the row of the table
        """
        self._assert_row(fault, *self._shown(plan))

    def assertToldOfAudit(self, fault: str, audit: dict[str, Any]) -> None:
        """Check what the documentation says of an audit with a fault.

        :param fault: the row of the table
        """
        self._assert_row(fault, self._shown_audit(audit))

    def _assert_row(self, fault: str, *shown: str) -> None:
        row = fault_table.rows()[fault]
        for literal in row.seen:
            self.assertIn(literal, '\n'.join(shown))
        self._assert_stands(row.end)

    def assertAgain(self, fault: str) -> None:
        """Check what it says of the audit after that, by now executed."""
        self._assert_stands(
            fault_table.rows()[fault].again,
            self._shown_audit(self.newest),
            *self._planned(),
        )

    def _assert_stands(self, literals: tuple[str, ...], *others: str) -> None:
        def missing() -> list[str]:
            standing = '\n'.join((*self._standing(), *others))
            return [text for text in literals if text not in standing]

        self.assertTrue(literals)
        self.assertEventually([], missing)

    def _planned(self) -> Iterator[str]:
        """What the newest audit means to do, a line for each migration."""
        for plan in self.cloud.action_plans(self.newest):
            for kind, name, target in plans.steps(self.cloud.actions(plan)):
                yield f'{kind} {name} to {target}'

    def _standing(self) -> Iterator[str]:
        """All servers and services, a line for each."""
        servers, services = self.state()
        for name, server in servers.items():
            yield f'{name} {server.status} on {server.host}'
        for host, service in services.items():
            yield f'{host} {service.status}'

    def _shown_audit(self, audit: dict[str, Any]) -> str:
        """An audit as the command line shows it."""
        shown = self._command(f'audit show {audit["uuid"]}')
        return f'audit {shown["State"]}: {shown["Status Message"]}'

    def _shown(self, plan: dict[str, Any]) -> Iterator[str]:
        """A plan as the command line shows it, a line for each action."""
        shown = self._command(f'actionplan show {plan["uuid"]}')
        yield f'plan {shown["State"]}: {shown["Status Message"]}'
        for listed in self._command(
            f'action list --action-plan {plan["uuid"]}'
        ):
            action = self._command(f'action show {listed["UUID"]}')
            name = action['Parameters'].get('resource_name', '')
            yield (
                f'{action["Action"]} {name} {action["State"]}: '
                f'{action["Status Message"]}'
            )

    def _command(self, words: str) -> Any:
        return json.loads(
            command_line.run_here(
                self.cloud, f'openstack optimize {words} -f json'
            )
        )

    def assertLook(
        self,
        plan: dict[str, Any],
        expected: str = '',
    ) -> None:
        """Check what the last action says; nothing is a success."""
        state, message = self.ends(plan)['compute-1']
        self.assertLessEqual(len(message), 255)
        if not expected:
            self.assertEqual(('SUCCEEDED', ''), (state, message))
            return
        self.assertEqual('FAILED', state)
        self.assertRegex(
            message,
            (
                r'^Action failed in execute: compute-1 is not ready for '
                rf'maintenance\. {expected}'
            ),
        )

    def assertFinished(
        self,
        *names: str,
        host: str = 'compute-2',
        **others: Any,
    ) -> None:
        """Check that a new audit of the node has all servers off it.

        :param names: running on the host in the end
        :param others: server -> (status, host), otherwise
        """
        self.drain_and_execute(maintenance_node='compute-1')
        self.assertEventually(
            {**base.all_on(host, *names), **others}, self.cloud.servers
        )
        self.assertEqual(base.MAINTAINED, self.cloud.services()['compute-1'])
