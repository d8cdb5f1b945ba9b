# SPDX-License-Identifier: Apache-2.0

"""Which server goes first to a node that came back."""

import dataclasses

import ddt

from tests.unit import base
from tests.unit.core.builders import a_group
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import a_spare
from tests.unit.core.builders import an_instance
from watcher_host_maintenance.core.checking import rolls
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.request import MoveBack
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.model.rolling import Journal
from watcher_host_maintenance.core.model.rolling import RollRequest
from watcher_host_maintenance.core.model.snapshot import FailedMove
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.rolling import canaries
from watcher_host_maintenance.core.rolling import roll


LIMITS = Limits.of(20_000)
BACK = Journal(latest=frozenset({'compute-0'}))


def a_server(name, host, **fields):
    return an_instance(name, host, **({'power_state': 'running'} | fields))


@ddt.ddt
class TestAwaited(base.TestCase):
    @ddt.named_data(
        # name, server on the node, node, whether a canary is awaited
        ('empty',      None,                           {}, True),
        ('runs',       {},                             {}, False),
        ('off',        {'vm_state': 'stopped',
                        'power_state': 'shutdown'},    {}, True),
        ('paused',     {'vm_state': 'paused',
                        'power_state': 'paused'},      {}, True),
        ('crashed',    {'power_state': 'crashed'},     {}, True),
        ('unknown',    {'power_state': ''},            {}, True),
        ('left_over',  {'elsewhere': 'compute-9'},     {}, True),
        ('stayed',     {'uuid': 'uuid-stayed'},        {}, True),
        ('spare',      None, {'status': 'disabled'},       False),
    )  # fmt: skip
    @ddt.unpack
    def test_awaited(self, server, node, is_awaited):
        node = dataclasses.replace(a_node('compute-0'), **node)
        servers = []
        if server is not None:
            servers = [a_server('web', 'compute-0', **server)]
        journal = dataclasses.replace(BACK, stayed=frozenset({'uuid-stayed'}))
        found = canaries.awaited(
            a_snapshot([node], servers),
            RollRequest(('compute-1',), canary=True),
            journal,
            ('compute-1',),
        )
        self.assertEqual(('compute-0',) if is_awaited else (), found)

    @ddt.named_data(
        # name, canary, nodes of the last wave, nodes that are not done
        ('not_wanted',   False, {'compute-0'}, {'compute-1'}),
        ('out',          True,  {'compute-0'}, {'compute-0'}),
        ('none_before',  True,  set(),         {'compute-0'}),
        ('gone',         True,  {'compute-9'}, {'compute-0'}),
    )  # fmt: skip
    @ddt.unpack
    def test_none(self, wanted, latest, undone):
        found = canaries.awaited(
            a_snapshot([a_node('compute-0')], []),
            RollRequest(('compute-1',), canary=wanted),
            Journal(latest=frozenset(latest)),
            undone,
        )
        self.assertEqual((), found)


class TestCase(base.TestCase):
    def planned(self, nodes, servers, names=None, journal=None, **fields):
        """Return a plan that is proved."""
        fields.setdefault('canary', True)
        given = {k: fields.pop(k) for k in ('groups',) if k in fields}
        snapshot = a_snapshot(nodes, servers, **given)
        names = names or tuple(n.hostname for n in nodes)
        request = RollRequest(names, **fields)
        plan = roll.plan(
            snapshot, request, LIMITS, journal=journal or Journal()
        )
        self.assertEqual((), rolls.check(snapshot, request, plan))
        return plan

    def sent(self, plan):
        """Return the canaries of each wave."""
        return [
            [(m.instance_name, m.host, m.destination) for m in wave.canaries]
            for wave in plan.waves
        ]


@ddt.ddt
class TestOrder(TestCase):
    @ddt.named_data(
        # name, servers on each node of four VCPUs, canary, moves, canaries
        ('not_wanted', (0, 4, 4), False, 8, [0, 0, 0]),
        ('one_empty',  (0, 4, 4), True,  8, [0, 1, 1]),
        ('none_empty', (2, 3, 3), True,  10, [0, 1, 1]),
        ('all_empty',  (0, 0, 0), True,  0, [0, 0, 0]),
    )  # fmt: skip
    @ddt.unpack
    def test_costs_no_move(self, counts, wanted, moves, sent):
        nodes = [a_node(f'compute-{n}', vcpus=4) for n in range(3)]
        servers = [
            a_server(f'vm-{host}-{n}', f'compute-{host}', vcpus=1)
            for host, count in enumerate(counts)
            for n in range(count)
        ]
        plan = self.planned(nodes, servers, canary=wanted)
        self.assertEqual((moves, moves), (plan.moves, plan.least_moves))
        self.assertEqual(sent, [len(wave.canaries) for wave in plan.waves])

    def test_goes_from_the_next_node_to_the_one_before(self):
        nodes = [a_node(f'compute-{n}', vcpus=4) for n in range(2)]
        servers = [
            a_server('db', 'compute-1', memory_mb=4096),
            a_server('web', 'compute-1', memory_mb=1024),
        ]
        plan = self.planned(nodes, servers)
        self.assertEqual(
            [[], [('web', 'compute-1', 'compute-0')]], self.sent(plan)
        )
        self.assertEqual((2, 2), (plan.moves, plan.least_moves))
        [move] = plan.waves[1].outcome.moves
        self.assertEqual('db', move.instance_name)

    def test_each_node_of_a_wave_has_its_own(self):
        nodes = [a_node(f'compute-{n}', vcpus=4) for n in range(3)]
        servers = [a_server(f'vm-{n}', 'compute-2') for n in range(3)]
        plan = self.planned(nodes, servers, parallel=2)
        self.assertEqual(('compute-0', 'compute-1'), plan.waves[0].hostnames)
        self.assertEqual(
            [
                ('vm-0', 'compute-2', 'compute-0'),
                ('vm-1', 'compute-2', 'compute-1'),
            ],
            self.sent(plan)[1],
        )

    def test_who_comes_home_is_enough(self):
        nodes = [a_node(f'compute-{n}', vcpus=4) for n in range(2)]
        servers = [a_server(f'vm-{n}', f'compute-{n}') for n in range(2)]
        plan = self.planned(nodes, servers, move_back=MoveBack.LEFT)
        self.assertEqual([[], []], self.sent(plan))

    def test_who_stayed_is_not_enough(self):
        nodes = [a_node(f'compute-{n}', vcpus=4) for n in range(2)]
        servers = [
            a_server('broken', 'compute-0', excluded=True),
            a_server('web', 'compute-1'),
        ]
        plan = self.planned(nodes, servers, on_blocked=OnBlocked.LEAVE)
        self.assertEqual(('compute-0',), plan.waves[0].hostnames)
        self.assertEqual(
            [('web', 'compute-1', 'compute-0')], self.sent(plan)[1]
        )


@ddt.ddt
class TestNone(TestCase):
    """A node that no server may go to first is not waited for."""

    @ddt.named_data(
        # name, fields of the only server, groups
        ('off',        {'vm_state': 'stopped', 'power_state': 'shutdown'}, ()),
        ('paused',     {'vm_state': 'paused', 'power_state': 'paused'},    ()),
        ('affinity',   {'group': 'uuid-db'},
         [a_group(policy='affinity', compute_0=1)]),
        ('unproved',   {'extra_specs': {'hw:cpu_policy': 'dedicated'}},    ()),
        ('owner',      {'owner_words': ('cold',)},                         ()),
    )  # fmt: skip
    @ddt.unpack
    def test_no_server(self, fields, groups):
        plan = self.planned(
            [a_node(f'compute-{n}', vcpus=4) for n in range(2)],
            [a_server('web', 'compute-1', **fields)],
            groups=groups,
            allow_unproved_moves=True,
        )
        self.assertEqual([[], []], self.sent(plan))

    @ddt.named_data(('fits', 0, 1), ('one_too_many', 1, 0))
    @ddt.unpack
    def test_room(self, more, count):
        nodes = [
            a_node('compute-0', vcpus=4, used={'VCPU': 2 + more}),
            a_node('compute-1', vcpus=4),
            a_node('other', vcpus=4),
        ]
        plan = self.planned(
            nodes,
            [a_server('web', 'compute-1', vcpus=2)],
            ('compute-1',),
            BACK,
        )
        self.assertEqual([count], [len(wave) for wave in self.sent(plan)])

    def test_spare_that_came_back(self):
        plan = self.planned(
            [a_spare('compute-0'), a_node('compute-1'), a_node('other')],
            [a_server('web', 'compute-1')],
            ('compute-0', 'compute-1'),
        )
        self.assertEqual([[], []], self.sent(plan))

    def test_server_without_which_no_order_is_found(self):
        """The small one leaves too little room for the large one."""
        nodes = [
            a_node('compute-0', vcpus=4),
            a_node('compute-1', vcpus=8),
            a_node('other', vcpus=4, used={'VCPU': 2}),
        ]
        servers = [
            a_server('large', 'compute-1', vcpus=4, memory_mb=4096),
            a_server('small', 'compute-1', vcpus=2, memory_mb=1024),
        ]
        plan = self.planned(nodes, servers, ('compute-0', 'compute-1'))
        self.assertEqual([[], []], self.sent(plan))


class TestNow(TestCase):
    """The node of the wave before is back."""

    def setUp(self):
        super().setUp()
        self.nodes = [a_node(f'compute-{n}') for n in range(2)]

    def test_before_the_next_wave(self):
        plan = self.planned(
            self.nodes, [a_server('web', 'compute-1')], ('compute-1',), BACK
        )
        self.assertEqual(
            [[('web', 'compute-1', 'compute-0')]], self.sent(plan)
        )
        [move] = plan.waves[0].canaries
        self.assertEqual(MoveKind.LIVE, move.kind)
        self.assertEqual((1, 1), (plan.moves, plan.least_moves))

    def test_another_than_the_one_that_failed(self):
        servers = [
            a_server(
                'failed',
                'compute-1',
                memory_mb=512,
                failed_moves=(
                    FailedMove(
                        'compute-0', 'live-migration', '2026-11-28T01:00:00Z'
                    ),
                ),
            ),
            a_server('web', 'compute-1', memory_mb=2048),
        ]
        plan = self.planned(self.nodes, servers, ('compute-1',), BACK)
        self.assertEqual('web', plan.waves[0].canaries[0].instance_name)
