# SPDX-License-Identifier: Apache-2.0


"""Nova agrees with the verdict on every state, task state and power state."""

import json
import subprocess
import sys

from typing import Any

import ddt

from tests.functional import base
from tests.functional import moves
from tests.unit.core.builders import a_request
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import an_instance
from watcher_host_maintenance.core.model.nova import POWER_STATES
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.rules import leaving
from watcher_host_maintenance.core.rules import stuck
from watcher_host_maintenance.core.rules.leaving import HOLDS_NOTHING
from watcher_host_maintenance.core.rules.leaving import STATES


#: vm_state -> how a description of a cloud says it; the others hold nothing.
STATUSES = {
    'active': 'ACTIVE',
    'building': 'BUILD',
    'error': 'ERROR',
    'paused': 'PAUSED',
    'rescued': 'RESCUE',
    'resized': 'VERIFY_RESIZE',
    'shelved': 'SHELVED',
    'soft-delete': 'SOFT_DELETED',
    'stopped': 'SHUTOFF',
    'suspended': 'SUSPENDED',
}

#: Nova and Watcher cannot share a process.
ASK = (
    'import json; from nova.objects import fields; print(json.dumps(['
    'kind.ALL for kind in (fields.InstanceState, '
    'fields.InstanceTaskState, fields.InstancePowerState)]))'
)

NUMBERS = {name: number for number, name in POWER_STATES.items()}
OTHER = {'compute-1': 'compute-2', 'compute-2': 'compute-1'}


def ours(**state: str) -> set[str]:
    """How our rules would move a server in a state: 'live', 'cold'."""
    instance = an_instance(**state)
    found = set()
    for cold in (False, True):
        departures = leaving.departures(
            (instance,),
            a_snapshot(instances=[instance]),
            a_request(disable_live_migration=cold),
        )
        found |= {leaver.kind.value for leaver in departures.moving}
    return found


@ddt.ddt
class TestNovaAgrees(base.SharedCloudTestCase):
    DESCRIPTION = base.description(
        hosts={'compute-1': base.HOST, 'compute-2': base.HOST},
        servers={
            **{
                state: base.on(
                    'compute-1',
                    state=status,
                    **(
                        {'resized_from': {'host': 'compute-2'}}
                        if state == 'resized'
                        else {}
                    ),
                )
                for state, status in STATUSES.items()
            },
            'busy': base.on('compute-1'),
            'off': base.on('compute-1'),
        },
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        told = subprocess.run(
            [sys.executable, '-W', 'ignore', '-c', ASK],
            capture_output=True,
            check=True,
        )
        cls.states, cls.task_states, cls.power_states = json.loads(told.stdout)

    def setUp(self):
        # Each row has a server of its own, which moves.
        super(base.SharedCloudTestCase, self).setUp()

    def nova(self, name: str) -> set[str]:
        """How Nova moves a server, now: 'live', 'cold'."""
        return {kind for kind in ('live', 'cold') if self.moves(name, kind)}

    def moves(self, name: str, kind: str) -> bool:
        server = self.cloud.nova.servers.get(self.uuid(name))
        here = getattr(server, 'OS-EXT-SRV-ATTR:host')
        done = moves.succeeds(self.cloud, server.id, kind, OTHER[here])
        if done:
            self.assertEqual(server.status, self.status(name))
        return done

    def uuid(self, name: str) -> str:
        [server] = [
            s
            for deleted in (False, True)
            for s in self.cloud.nova.servers.list(
                search_opts={'name': f'^{name}$', 'deleted': deleted}
            )
        ]
        return str(server.id)

    def status(self, name: str) -> Any:
        return self.cloud.servers()[name].status

    def test_all_that_nova_has(self):
        self.assertEqual(set(self.states), set(STATES))
        self.assertEqual(set(STATES) - HOLDS_NOTHING, set(STATUSES))
        self.assertEqual(set(self.task_states), set(stuck.TASKS))
        # Nova's word for 0 is 'pending'; it says NOSTATE elsewhere.
        names = [n.replace('pending', 'nostate') for n in self.power_states]
        self.assertEqual(
            {n: name for n, name in enumerate(names) if name != '_unused'},
            POWER_STATES,
        )

    @ddt.data(*sorted(STATUSES))
    def test_state(self, vm_state):
        self.assertEqual(ours(vm_state=vm_state), self.nova(vm_state))

    def test_every_task_state(self):
        uuid = self.uuid('busy')
        for task_state in self.task_states:
            self.cloud.faults.set_server(uuid, task_state=task_state)
            self.assertEqual(set(), self.nova('busy'), task_state)
            self.assertEqual(set(), ours(task_state=task_state))
        self.cloud.faults.set_server(uuid, task_state=None)
        self.assertEqual({'live', 'cold'}, self.nova('busy'))

    @ddt.data(*sorted(NUMBERS))
    def test_power_state(self, name):
        self.cloud.faults.set_server(
            self.uuid('off'), power_state=NUMBERS[name]
        )
        self.assertEqual(
            MoveKind.LIVE.value in ours(power_state=name),
            self.moves('off', 'live'),
        )
