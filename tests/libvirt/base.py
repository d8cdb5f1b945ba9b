# SPDX-License-Identifier: Apache-2.0

"""What the tests on real hypervisors build on."""

import sys
import unittest

from typing import Any
from typing import ClassVar

from minicloud import waiting
from tests.libvirt import cloud
from tests.libvirt import guest


GOAL = 'cluster_maintenance'
STRATEGY = 'cluster_host_maintenance'
#: QEMU's emulation gives this feature to the guests of the others.
LACKING = 'vaes'
HOSTS = {'host-1': '', 'host-2': '', 'host-3': LACKING}
#: An audit, a plan or an action, as Watcher's API shows it.
Resource = dict[str, Any]

_AUDIT_S = 180
_PLAN_S = 600
_COUNT_S = 60


class LibvirtTestCase(unittest.TestCase):
    """Tests share a cloud, and each leaves it as it has found it.

    :ivar cloud: the one that is shared, of :data:`HOSTS`
    """

    cloud: ClassVar[cloud.Cloud]
    maxDiff = None

    def setUp(self):
        super().setUp()
        self.servers: dict[str, str] = {}
        self.addCleanup(self._tidy)

    def boot(self, name: str, host: str, status: str = 'ACTIVE') -> str:
        """Boot a server until the end of the test, and return its UUID."""
        self.servers[name] = self.cloud.boot(name, host, status)
        return self.servers[name]

    def audit(self, **parameters: Any) -> Resource:
        """Run our audit to its end, and show what it says."""
        audit = self.cloud.run_audit(
            GOAL, STRATEGY, parameters, timeout_s=_AUDIT_S
        )
        self.show(f'audit {audit["state"]}: {audit["status_message"]}')
        return audit

    def drain(self, **parameters: Any) -> tuple[Resource, list[Resource]]:
        """Run our audit, execute its plan, and return plan and actions."""
        return self.finish(self.start(self.audit(**parameters)))

    def start(self, audit: Resource) -> Resource:
        """Start the plan of an audit, and return it at once."""
        self.assertEqual('SUCCEEDED', audit['state'])
        plan = self.cloud.action_plan(audit)
        self.cloud.start_plan(plan)
        return plan

    def finish(self, plan: Resource) -> tuple[Resource, list[Resource]]:
        """Wait for the end of a plan, and show what its actions say."""
        plan = self.cloud.finished_plan(plan, _PLAN_S)
        actions = self.cloud.actions(plan)
        self.show(f'plan {plan["state"]}')
        for action in actions:
            self.show(
                f'{action["action_type"]} '
                f'{action["input_parameters"]["resource_name"]}: '
                f'{action["state"]} {action["status_message"] or ""}'
            )
        return plan, actions

    def messages(self, actions: list[Resource]) -> dict[tuple[str, str], str]:
        """Return (type, name) -> message of the actions that failed."""
        return {
            (
                action['action_type'],
                action['input_parameters']['resource_name'],
            ): action['status_message']
            for action in actions
            if action['state'] == 'FAILED'
        }

    def placed(self) -> dict[str, tuple[str, str]]:
        """Return server name -> (status, host) as Nova has it."""
        return {
            name: (
                self.cloud.server(uuid).status,
                self.cloud.host_of(uuid),
            )
            for name, uuid in self.servers.items()
        }

    def last(self, name: str) -> guest.Beat:
        """Return the newest line of the guest of a server."""
        beat = self.cloud.beats(self.servers[name])[-1]
        status, host = self.placed()[name]
        self.show(f'{name}, {status} on {host}: {beat}')
        return beat

    def assertGoesOn(self, name: str, before: guest.Beat) -> None:
        """Check that a guest counts on from where it was, on its host.

        A guest that stopped although libvirt has it running is told apart
        from one that was booted again: QEMU's emulation may hang.
        """
        uuid = self.servers[name]
        host = self.cloud.hosts[self.cloud.host_of(uuid)]

        def counted() -> bool:
            beats = self.cloud.beats(uuid)
            return bool(beats) and beats[-1].tick > before.tick + 2

        waiting.until(
            counted,
            _COUNT_S,
            lambda: (
                f'{name} does not count on {host.name}, where libvirt says'
                f' {host.domains().get(uuid)}: {host.console(uuid)[-500:]!r}'
            ),
            poll_s=1,
        )
        after = self.last(name)
        self.assertEqual(before.boot_id, after.boot_id)
        self.assertGreater(after.uptime_s, before.uptime_s)

    def assertOnly(self, host: str, states: dict[str, str]) -> None:
        """Check what libvirt has on a host, and whose files are there.

        :param states: server name -> state as libvirt names it
        """
        expected = {self.servers[name]: at for name, at in states.items()}
        self.assertEqual(expected, self.cloud.hosts[host].domains())
        self.assertEqual({*expected}, self.cloud.hosts[host].instances())
        for uuid in expected:
            self.assertIn('disk', self.cloud.hosts[host].files(uuid))

    def assertHeld(self, held: dict[str, tuple[str, ...]]) -> None:
        """Check who holds resources on which host, in Placement.

        :param held: host -> names of servers; of all hosts
        """
        names = {uuid: name for name, uuid in self.servers.items()}
        actual = {}
        answer = self.cloud.placement.get('/resource_providers').json()
        for provider in answer['resource_providers']:
            path = f'/resource_providers/{provider["uuid"]}/allocations'
            holders = self.cloud.placement.get(path).json()['allocations']
            actual[provider['name']] = tuple(
                sorted(names.get(holder, holder) for holder in holders)
            )
        self.assertEqual(held, actual)

    @staticmethod
    def show(text: str) -> None:
        """Print for whoever reads the output of the run."""
        print(f'    {text}', file=sys.stderr, flush=True)

    def _tidy(self) -> None:
        """Delete all servers, and let all hosts work and be enabled."""
        for host in self.cloud.hosts.values():
            host.repair()
        self.cloud.delete(*self.servers.values())
        for service in self.cloud.nova.services.list(binary='nova-compute'):
            self.cloud.nova.services.enable(service.id)
