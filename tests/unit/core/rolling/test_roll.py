# SPDX-License-Identifier: Apache-2.0

"""Rolling maintenances of sets that are small enough to follow by eye."""

import dataclasses

from unittest import mock

import ddt

from tests.unit import base
from tests.unit.core.builders import a_group
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import a_spare
from tests.unit.core.builders import an_aggregate
from tests.unit.core.builders import an_instance
from watcher_host_maintenance.core.advice.remedies import MOVE_FIRST
from watcher_host_maintenance.core.checking import rolls
from watcher_host_maintenance.core.model.demand import Demand
from watcher_host_maintenance.core.model.demand import Refusal
from watcher_host_maintenance.core.model.nova import DISABLED_TRAIT
from watcher_host_maintenance.core.model.nova import OWNER_TRAIT
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.request import MoveBack
from watcher_host_maintenance.core.model.rolling import Journal
from watcher_host_maintenance.core.model.rolling import RollRequest
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.rolling import roll
from watcher_host_maintenance.core.rolling import search


LIMITS = Limits.of(20_000)
MARKED = {'status': 'disabled', 'disabled_reason': 'watcher_maintaining'}


def a_server(name, host, vcpus=1, **fields):
    return an_instance(
        name, host, vcpus=vcpus, power_state='running', **fields
    )


def full(host, count=4, vcpus=1, **fields):
    """Return the servers of one node."""
    return [
        a_server(f'{host}-{n}', host, vcpus, **fields) for n in range(count)
    ]


class TestCase(base.TestCase):
    def planned(
        self, nodes, instances, names=None, groups=(), aggregates=(), **fields
    ):
        """Return a plan that is proved."""
        self.snapshot = a_snapshot(nodes, instances, groups, aggregates)
        names = names or tuple(n.hostname for n in nodes)
        request = RollRequest(names, **fields)
        plan = roll.plan(self.snapshot, request, LIMITS)
        self.assertEqual((), rolls.check(self.snapshot, request, plan))
        return plan

    def waves(self, plan):
        return [wave.hostnames for wave in plan.waves]

    def reasons(self, plan):
        """Return hostname -> the first reason of its refusal."""
        return {
            node.hostname: (
                *(f.reason.value for f in node.findings),
                *(s.findings[0].reason.value for s in node.stays),
            )[0]
            for node in plan.refused
        }


@ddt.ddt
class TestOutBeforehand(TestCase):
    """compute-4 is out already, and would come last."""

    def four(self, servers, parallel, names=(1, 2, 3, 4), **fields):
        nodes = [a_node(f'compute-{n}', vcpus=8) for n in (1, 2, 3)]
        marked = a_node('compute-4', vcpus=8, **MARKED)
        return self.planned(
            [*nodes, marked],
            [*full('compute-1', 1), *full('compute-4', servers)],
            tuple(f'compute-{n}' for n in names),
            parallel=parallel,
            **fields,
        )

    def test_comes_first(self):
        first, *_others = self.waves(self.four(4, parallel=1))
        self.assertEqual(('compute-4',), first)

    def test_one_beside_it(self):
        """compute-2 is empty, and so is compute-3."""
        first, *_others = self.waves(self.four(4, parallel=2))
        self.assertEqual(('compute-2',), first)

    @ddt.named_data(
        # name, parallel, skip_blocked, waves, refused
        ('nothing_beside_it', 1, False, 0, ['compute-4']),
        ('skipped',           1, True,  3, ['compute-4']),
        ('one_beside_it',     2, False, 0, ['compute-4']),
    )  # fmt: skip
    @ddt.unpack
    def test_cannot_be_emptied(self, parallel, skips, count, refused):
        plan = self.planned(
            [
                *(a_node(f'compute-{n}', vcpus=8) for n in (1, 2, 3)),
                a_node('compute-4', vcpus=16, **MARKED),
            ],
            [a_server('large', 'compute-4', 16)],
            parallel=parallel,
            skip_blocked=skips,
        )
        self.assertEqual(count, len(plan.waves))
        self.assertEqual(refused, [n.hostname for n in plan.refused])

    def test_comes_when_there_is_room(self):
        """Only one beside it may be out while it waits for room."""
        nodes = [
            a_node('compute-1', vcpus=8),
            a_node('compute-2', vcpus=2),
            a_node('compute-3', vcpus=8),
            a_node('compute-4', vcpus=8, **MARKED),
        ]
        servers = [
            a_server('web-1', 'compute-1', 1),
            a_server('web-2', 'compute-3', 1),
            a_server('large', 'compute-4', 8),
        ]
        waves = self.waves(self.planned(nodes, servers, parallel=2))
        self.assertNotIn('compute-4', waves[0])
        self.assertEqual(1, len(waves[0]))
        refused = self.planned(nodes, servers, parallel=1)
        self.assertEqual(['compute-4'], [n.hostname for n in refused.refused])


@ddt.ddt
class TestMoves(TestCase):
    @ddt.named_data(
        # name, servers on each node of four VCPUs, moves, at least
        ('one_empty',        (0, 4, 4, 4), 12, 12),
        ('none_empty',       (3, 3, 3, 3), 15, 15),
        ('fewest_repeat',    (3, 1, 3, 3), 11, 11),
        ('all_empty',        (0, 0, 0),    0,  0),
    )  # fmt: skip
    @ddt.unpack
    def test_are_few(self, counts, moves, least):
        nodes = [a_node(f'compute-{n}', vcpus=4) for n in range(len(counts))]
        servers = [
            server
            for node, count in zip(nodes, counts, strict=True)
            for server in full(node.hostname, count)
        ]
        plan = self.planned(nodes, servers)
        self.assertEqual((moves, least), (plan.moves, plan.least_moves))
        self.assertEqual(len(nodes), len(plan.waves))

    def test_first_go_to_what_is_done(self):
        nodes = [a_node(f'compute-{n}', vcpus=4) for n in range(3)]
        servers = [*full('compute-1', 3), *full('compute-2', 1)]
        plan = self.planned(nodes, servers)
        # The last node is nearly empty, but it is yet to be done.
        where = {
            move.instance_name: move.destination
            for move in plan.waves[1].outcome.moves
        }
        self.assertEqual({'compute-0'}, set(where.values()))

    @ddt.named_data(
        # name, room of the node beside the set, moves
        ('all',        4, 8),
        ('one_short',  3, 9),
        ('none',       0, 12),
    )  # fmt: skip
    @ddt.unpack
    def test_outside_takes_what_it_can(self, room, moves):
        nodes = [
            a_node('compute-1', vcpus=8),
            a_node('compute-2', vcpus=8),
            a_node('other', vcpus=9, used={'VCPU': 9 - room}),
        ]
        servers = [*full('compute-1'), *full('compute-2')]
        plan = self.planned(nodes, servers, ('compute-1', 'compute-2'))
        self.assertEqual((moves, moves), (plan.moves, plan.least_moves))

    def test_each_zone_begins_with_its_fewest(self):
        nodes = [
            a_node(f'compute-{zone}{n}', vcpus=4, zone=zone)
            for zone in 'ab'
            for n in range(2)
        ]
        servers = [
            *full('compute-a0', 2, pinned_zone='a'),
            *full('compute-a1', 1, pinned_zone='a'),
            *full('compute-b0', 2, pinned_zone='b'),
            *full('compute-b1', 2, pinned_zone='b'),
        ]
        plan = self.planned(nodes, servers)
        self.assertEqual((10, 10), (plan.moves, plan.least_moves))

    def test_groups_stay_apart(self):
        nodes = [a_node(f'compute-{n}', vcpus=4) for n in range(3)]
        servers = [
            a_server(f'db-{n}', f'compute-{n}', group='uuid-db')
            for n in range(2)
        ]
        plan = self.planned(nodes, servers, groups=[a_group()])
        self.assertEqual(2, plan.moves)


@ddt.ddt
class TestParallel(TestCase):
    @ddt.named_data(
        # name, parallel, sizes of the waves
        ('one',   1, [1, 1, 1, 1, 1, 1]),
        ('two',   2, [2, 2, 2]),
        ('three', 3, [2, 2, 2]),
    )  # fmt: skip
    @ddt.unpack
    def test_is_not_exceeded(self, parallel, sizes):
        nodes = [a_node(f'compute-{n}', vcpus=4) for n in range(6)]
        servers = [s for n in nodes[2:] for s in full(n.hostname)]
        plan = self.planned(nodes, servers, parallel=parallel)
        self.assertEqual(sizes, [len(wave.hostnames) for wave in plan.waves])
        self.assertEqual(16, plan.moves)

    def test_some_moves_buy_width(self):
        nodes = [a_node(f'compute-{n}', vcpus=8) for n in range(60)]
        servers = [s for n in nodes for s in full(n.hostname)]
        plan = self.planned(nodes, servers, parallel=4)
        self.assertEqual(15, len(plan.waves))
        self.assertEqual(244, plan.least_moves)
        self.assertEqual(256, plan.moves)

    @ddt.named_data(
        # name, moves that were made, moves of the plan: 244 are needed
        ('none_repeated', 0,  256),
        ('all_repeated',  12, 244),
    )  # fmt: skip
    @ddt.unpack
    def test_what_was_repeated_before_counts(self, made, moves):
        nodes = [a_node(f'compute-{n}', vcpus=8) for n in range(60)]
        servers = [s for n in nodes for s in full(n.hostname)]
        plan = roll.plan(
            a_snapshot(nodes, servers),
            RollRequest(tuple(n.hostname for n in nodes), parallel=4),
            LIMITS,
            journal=Journal(moves=made, least_moves=244),
        )
        self.assertEqual(moves, plan.moves)


@ddt.ddt
class TestRefused(TestCase):
    NODES = (
        a_node('compute-1', vcpus=4),
        a_node('compute-2', vcpus=4),
        a_node('compute-3', vcpus=4),
    )

    def test_blocked_server_refuses_all(self):
        servers = [
            a_server('web', 'compute-1'),
            an_instance('old', 'compute-2', 'suspended'),
        ]
        plan = self.planned(self.NODES, servers)
        self.assertEqual({'compute-2': 'suspended'}, self.reasons(plan))
        self.assertEqual((True, ()), (plan.failed, plan.waves))

    def test_others_are_maintained_if_asked(self):
        servers = [
            a_server('web', 'compute-1'),
            an_instance('old', 'compute-2', 'suspended'),
        ]
        plan = self.planned(self.NODES, servers, skip_blocked=True)
        self.assertEqual({'compute-2': 'suspended'}, self.reasons(plan))
        self.assertEqual([('compute-3',), ('compute-1',)], self.waves(plan))
        self.assertEqual((1, 1), (plan.moves, plan.least_moves))

    @ddt.named_data(
        # name, VCPUs that are used elsewhere, reason
        ('fits',      0, None),
        ('one_short', 1, 'never_empty'),
    )  # fmt: skip
    @ddt.unpack
    def test_no_room_in_any_order(self, used, reason):
        nodes = [
            a_node('compute-1', vcpus=4),
            a_node('compute-2', vcpus=4),
            a_node('other', vcpus=4, used={'VCPU': used}),
        ]
        servers = [*full('compute-1', 4), *full('compute-2', 4)]
        plan = self.planned(nodes, servers, ('compute-1', 'compute-2'))
        if reason is None:
            self.assertEqual(8, plan.moves)
            return
        self.assertEqual(
            {'compute-1': reason, 'compute-2': reason}, self.reasons(plan)
        )
        self.assertEqual(
            [('one_more_spare', 'compute-1')],
            [(f.reason.value, f.subject) for f in plan.remedies],
        )

    def test_one_more_spare_is_not_named_if_it_does_not_help(self):
        nodes = [
            a_node(f'compute-{zone}{n}', vcpus=4, zone=zone)
            for zone in 'ab'
            for n in range(2)
        ]
        servers = [
            s for n in nodes for s in full(n.hostname, 3, pinned_zone=n.zone)
        ]
        plan = self.planned(nodes, servers)
        self.assertEqual({'never_empty'}, set(self.reasons(plan).values()))
        self.assertEqual((), plan.remedies)

    def test_what_would_help_is_not_looked_for(self):
        nodes = [a_node('compute-1', vcpus=4)]
        snapshot = a_snapshot(nodes, full('compute-1'))
        request = RollRequest(('compute-1',))
        plan = roll.plan(snapshot, request, LIMITS, advises=False)
        self.assertEqual({'compute-1': 'never_empty'}, self.reasons(plan))
        self.assertEqual((), plan.remedies)

    @ddt.named_data(
        ('unknown', {}, 'unknown_node'),
        ('bare_metal', {'hypervisor_type': 'ironic'}, 'bare_metal'),
    )
    @ddt.unpack
    def test_bad_request(self, fields, reason):
        nodes = [a_node('compute-1'), a_node('compute-2', **fields)]
        names = ('compute-1', 'compute-2' if fields else 'compute-9')
        plan = self.planned(nodes, [], names, skip_blocked=True)
        self.assertEqual([reason], [f.reason.value for f in plan.findings])
        self.assertTrue(plan.failed)

    @ddt.named_data(
        ('down', {'state': 'down', 'instance_count': 1}, 'node_down'),
        ('down_and_idle', {'state': 'down'}, 'down'),
        (
            'forced_down_and_idle',
            {'state': 'down', 'forced_down': True},
            'forced_down',
        ),
        ('beyond', {'in_scope': False}, 'out_of_scope'),
    )
    @ddt.unpack
    def test_node_is_skipped(self, fields, reason):
        nodes = [a_node('compute-1'), a_node('compute-2', **fields)]
        plan = self.planned(nodes, [], skip_blocked=True)
        self.assertEqual({'compute-2': reason}, self.reasons(plan))
        self.assertEqual([('compute-1',)], self.waves(plan))

    def test_full_set_is_searched_once(self):
        """No order helps where no node can be the first; limits suffice."""
        nodes = [a_node(f'compute-{n}', vcpus=4) for n in range(1, 8)]
        servers = [s for n in nodes for s in full(n.hostname)]
        searched = mock.patch.object(roll, 'search', wraps=roll.search)
        drafted = mock.patch.object(search, 'draft', wraps=search.draft)
        advised = mock.patch.object(roll.drain, 'plan', wraps=roll.drain.plan)
        with searched as searches, drafted as drafts, advised as drains:
            plan = self.planned(nodes, servers)
        self.assertEqual(7, len(plan.refused))
        # Those with one more spare are given nothing more.
        orders = [call.args[3:] for call in searches.call_args_list]
        self.assertEqual([((), ())], [x for x in orders if x])
        limits = {call.args[2] for call in drafts.call_args_list}
        self.assertEqual({LIMITS.quick()}, limits)
        told = [call.args[3] for call in drains.call_args_list]
        self.assertEqual([True] * roll.MOST_ADVISED, told[:-4])
        self.assertEqual([False] * 4, told[-4:])

    def test_order_may_exist_that_was_not_found(self):
        # compute-1 has to be emptied into two nodes that then exchange.
        nodes = [
            a_node('compute-1', vcpus=6, used={'VCPU': 1}),
            a_node('compute-2', vcpus=4),
            a_node('compute-3', vcpus=4),
            a_node('compute-4', vcpus=4),
        ]
        servers = [
            a_server('vm-0', 'compute-1', 3),
            a_server('vm-1', 'compute-2', 2),
            a_server('vm-2', 'compute-3', 3),
            a_server('vm-3', 'compute-4', 2),
            a_server('vm-5', 'compute-4', 1),
        ]
        plan = self.planned(nodes, servers)
        self.assertEqual({'no_order_found'}, set(self.reasons(plan).values()))


@ddt.ddt
class TestNodes(TestCase):
    """What a node was before it is again, if that was not a maintenance."""

    def test_spare_is_woken_when_it_takes_everything(self):
        nodes = [
            a_node('compute-1', vcpus=4),
            a_node('compute-2', vcpus=4),
            a_spare(vcpus=4),
        ]
        servers = [*full('compute-1'), *full('compute-2')]
        plan = self.planned(nodes, servers, ('compute-1', 'compute-2'))
        self.assertEqual((8, 8), (plan.moves, plan.least_moves))
        self.assertEqual(
            [('spare-1',), ()], [w.outcome.enables for w in plan.waves]
        )

    def test_spare_of_the_set_is_done_first(self):
        nodes = [a_node('compute-1', vcpus=4), a_spare(vcpus=4)]
        plan = self.planned(nodes, full('compute-1'))
        self.assertEqual([('spare-1',), ('compute-1',)], self.waves(plan))
        self.assertEqual(('spare-1',), plan.waves[0].outcome.marks)
        self.assertEqual(('spare-1',), plan.waves[1].outcome.enables)
        self.assertEqual((4, 4), (plan.moves, plan.least_moves))

    def test_spare_of_the_set_takes_what_has_to_leave_before_it(self):
        """Nothing comes before what is out already, not even the spare."""
        nodes = [a_node('compute-1', vcpus=4, **MARKED), a_spare(vcpus=4)]
        plan = self.planned(nodes, full('compute-1'))
        self.assertEqual([('compute-1',), ('spare-1',)], self.waves(plan))
        self.assertEqual(('spare-1',), plan.waves[0].outcome.enables)
        self.assertEqual((8, 8), (plan.moves, plan.least_moves))

    def test_marked_node_is_enabled_when_it_is_back(self):
        nodes = [
            a_node('compute-1', vcpus=4),
            a_node(
                'compute-2',
                vcpus=4,
                status='disabled',
                disabled_reason='watcher_maintaining',
            ),
        ]
        plan = self.planned(nodes, full('compute-1'))
        self.assertEqual([('compute-2',), ('compute-1',)], self.waves(plan))

    def test_down_node_is_out_already_if_it_is_marked(self):
        nodes = [
            a_node(
                'compute-1',
                state='down',
                status='disabled',
                disabled_reason='watcher_maintaining',
            ),
        ]
        plan = self.planned(nodes, [])
        self.assertEqual([('compute-1',)], self.waves(plan))

    def test_moves_again_with_the_hypervisor_it_is_on(self):
        nodes = [
            a_node(f'compute-{n}', vcpus=4, hypervisors=(f'hv-{n}',))
            for n in range(2)
        ]
        servers = full('compute-0', 1, hypervisor='hv-0')
        servers += full('compute-1', 2, hypervisor='hv-1')
        plan = self.planned(nodes, servers)
        self.assertEqual((4, 4), (plan.moves, plan.least_moves))

    def test_aggregates_hold_for_one_more_spare(self):
        nodes = [a_node('compute-1', vcpus=4), a_node('compute-2', vcpus=4)]
        servers = full(
            'compute-1',
            extra_specs={'aggregate_instance_extra_specs:disk': 'ssd'},
        )
        plan = self.planned(
            nodes,
            servers,
            aggregates=[an_aggregate('compute-1', disk='ssd')],
        )
        self.assertEqual(
            ['compute-1'], [finding.subject for finding in plan.remedies]
        )


class TestOutcome(TestCase):
    def test_each_wave_is_a_drain_with_steps(self):
        nodes = [a_node('compute-1', vcpus=4), a_node('compute-2', vcpus=4)]
        plan = self.planned(nodes, full('compute-1', 1))
        first, second = plan.waves
        self.assertEqual(('compute-2',), first.outcome.disables)
        [move] = [
            step.action
            for step in second.schedule
            if isinstance(step.action, Move)
        ]
        self.assertEqual(
            ('compute-1', 'compute-2'), (move.host, move.destination)
        )

    def test_same_twice(self):
        nodes = [a_node(f'compute-{n}', vcpus=4) for n in range(4)]
        servers = [s for n in nodes for s in full(n.hostname, 3)]
        plans = [self.planned(nodes, servers) for _twice in range(2)]
        self.assertEqual(*plans)


class TestMoveBack(TestCase):
    """Three full nodes and one that takes all of one of them."""

    NAMES = ('compute-1', 'compute-2', 'compute-3')

    def plan(self, **fields):
        nodes = [a_node(h, vcpus=4) for h in (*self.NAMES, 'compute-9')]
        servers = [s for h in self.NAMES for s in full(h)]
        return self.planned(nodes, servers, self.NAMES, **fields)

    def test_all_go_to_the_node_outside_again_and_again(self):
        plan = self.plan(move_back=MoveBack.LEFT)
        self.assertEqual((12, 12), (plan.moves, plan.least_moves))
        self.assertEqual(
            {'compute-9'},
            {m.destination for w in plan.waves for m in w.outcome.moves},
        )

    def test_stays_away(self):
        plan = self.plan()
        self.assertEqual(12, plan.moves)
        self.assertNotEqual(
            {'compute-9'},
            {m.destination for w in plan.waves for m in w.outcome.moves},
        )

    def test_plan_of_the_other_kind_is_not_proved(self):
        plan = self.plan()
        request = RollRequest(self.NAMES, move_back=MoveBack.LEFT)
        self.assertNotEqual((), rolls.check(self.snapshot, request, plan))

    def test_nodes_yet_to_come_take_servers_without_repeats(self):
        nodes = [a_node(h, vcpus=6) for h in self.NAMES]
        servers = [s for h in self.NAMES for s in full(h)]
        plan = self.planned(nodes, servers, move_back=MoveBack.LEFT)
        self.assertEqual((12, 12), (plan.moves, plan.least_moves))
        self.assertEqual(3, len(plan.waves))


@ddt.ddt
class TestSecondary(TestCase):
    """Servers of nodes outside a wave make room for it."""

    NODES = (
        a_node('compute-1', vcpus=4),
        a_node('compute-2', vcpus=4),
        a_node('compute-3', vcpus=1),
    )
    SERVERS = (
        a_server('big', 'compute-1', 4),
        a_server('small', 'compute-2'),
    )

    def moves(self, plan):
        return [
            [
                (m.instance_name, m.destination, m.after)
                for m in w.outcome.moves
            ]
            for w in plan.waves
        ]

    def test_of_a_node_outside_the_set(self):
        plan = self.planned(
            self.NODES, self.SERVERS, ('compute-1',), max_secondary_moves=1
        )
        self.assertEqual(
            [
                [
                    ('small', 'compute-3', ()),
                    ('big', 'compute-2', ('uuid-small',)),
                ]
            ],
            self.moves(plan),
        )
        self.assertEqual((2, 1), (plan.moves, plan.least_moves))

    def test_by_default(self):
        plan = self.planned(self.NODES, self.SERVERS, ('compute-1',))
        self.assertEqual({'compute-1': 'never_empty'}, self.reasons(plan))

    def test_not_when_another_order_is_enough(self):
        plan = self.planned(
            self.NODES,
            self.SERVERS,
            ('compute-1', 'compute-2'),
            max_secondary_moves=1,
        )
        self.assertEqual(
            [[('small', 'compute-3', ())], [('big', 'compute-2', ())]],
            self.moves(plan),
        )

    @ddt.named_data(
        # name, most secondary moves of a wave, waves
        ('too_few', 1, []),
        ('enough',  2, [('compute-1',)]),
    )  # fmt: skip
    @ddt.unpack
    def test_number(self, most, expected):
        plan = self.planned(
            (*self.NODES[:2], a_node('compute-3', vcpus=2)),
            (*self.SERVERS, a_server('tiny', 'compute-2')),
            ('compute-1',),
            max_secondary_moves=most,
        )
        self.assertEqual(expected, self.waves(plan))

    def test_counts_for_each_wave(self):
        """Two waves that each need a move are planned with one a wave."""
        nodes, servers = [], []
        for zone in ('az-1', 'az-2'):
            names = [f'{zone}-{n}' for n in range(3)]
            nodes += [
                dataclasses.replace(node, hostname=name, zone=zone)
                for node, name in zip(self.NODES, names, strict=True)
            ]
            servers += [
                dataclasses.replace(
                    server,
                    uuid=f'{server.uuid}-{zone}',
                    host=names[int(server.name == 'small')],
                    pinned_zone=zone,
                )
                for server in self.SERVERS
            ]
        plan = self.planned(
            nodes, servers, ('az-1-0', 'az-2-0'), max_secondary_moves=1
        )
        self.assertEqual([('az-1-0',), ('az-2-0',)], sorted(self.waves(plan)))
        self.assertEqual(
            [1, 1], [len(w.outcome.secondary_moves) for w in plan.waves]
        )

    def test_what_made_room_does_not_move_back(self):
        """It stays, so that the next wave has room to go to as well."""
        plan = self.planned(
            (*self.NODES, a_node('compute-4', vcpus=4)),
            (*self.SERVERS, a_server('huge', 'compute-4', 4)),
            ('compute-1', 'compute-4'),
            max_secondary_moves=1,
            move_back=MoveBack.LEFT,
        )
        self.assertEqual(
            [
                [
                    ('small', 'compute-3', ()),
                    ('big', 'compute-2', ('uuid-small',)),
                ],
                [('huge', 'compute-2', ())],
            ],
            self.moves(plan),
        )

    def test_is_not_said_to_be_impossible(self):
        """That all others stay is no part of a proof when they may move."""
        plan = self.planned(
            self.NODES[:2], self.SERVERS, ('compute-1',), max_secondary_moves=1
        )
        self.assertEqual({'compute-1': 'no_order_found'}, self.reasons(plan))

    @ddt.named_data(
        # name, whether s2 is of the set, what is advised for compute-4
        ('has_moved_by_then', True, []),
        ('stands_still', False, ['s2']),
    )  # fmt: skip
    @ddt.unpack
    def test_advice_names_servers_where_they_are_now(self, is_moved, expected):
        """At the end of the order s2 would be moved back from compute-3."""
        nodes = [
            a_node('compute-1', vcpus=3),
            a_node('compute-2', vcpus=3),
            a_node('compute-3', vcpus=2),
            a_node('compute-4', vcpus=5),
            a_node('compute-5', vcpus=1),
        ]
        servers = [
            a_server('s1', 'compute-1', 2),
            a_server('s2', 'compute-2' if is_moved else 'compute-3'),
            a_server('s4', 'compute-4', 3),
            a_server('s5', 'compute-4', 2),
            # What an unfinished move has left behind.
            a_server('away', 'compute-5', elsewhere='compute-1'),
        ]
        names = ('compute-1', 'compute-2', 'compute-3', 'compute-4')
        plan = self.planned(nodes, servers, names if is_moved else names[-1:])
        [node] = plan.refused
        self.assertEqual('compute-4', node.hostname)
        self.assertEqual(
            expected,
            [r.subject for r in node.remedies if r.reason is MOVE_FIRST],
        )


@ddt.ddt
class TestMakers(TestCase):
    """Which servers outside the set have to be read."""

    @ddt.named_data(
        # name, fields of the request, VCPUs of big, whose servers are read
        ('may_help',     {'max_secondary_moves': 1}, 4, {'compute-2'}),
        ('by_default',   {}, 4, ()),
        ('without_live', {'max_secondary_moves': 1,
                          'disable_live_migration': True}, 4, ()),
        ('fits',         {'max_secondary_moves': 1}, 3, ()),
    )  # fmt: skip
    @ddt.unpack
    def test_nodes(self, fields, vcpus, expected):
        nodes = (
            a_node('compute-1', vcpus=4),
            a_node('compute-2', vcpus=4, used={'VCPU': 1}),
        )
        servers = [a_server('big', 'compute-1', vcpus)]
        plan = self.planned(nodes, servers, ('compute-1',), **fields)
        request = RollRequest(('compute-1',), **fields)
        self.assertEqual(
            frozenset(expected), roll.makers(self.snapshot, request, plan)
        )


class TestAsks(TestCase):
    """What Placement is asked about."""

    def test_amounts_only_where_there_is_room_already(self):
        request = {
            'maintenance_nodes': ('compute-1', 'compute-4'),
            'max_secondary_moves': 1,
        }
        servers = (
            *TestSecondary.SERVERS,
            a_server('huge', 'compute-4', 4, pinned_zone='nova'),
        )
        nodes = (*TestSecondary.NODES, a_node('compute-4', vcpus=4))
        plan = self.planned(
            [dataclasses.replace(node, zone='nova') for node in nodes],
            servers,
            request['maintenance_nodes'],
            max_secondary_moves=1,
        )
        self.assertEqual([('compute-1',), ('compute-4',)], self.waves(plan))
        asks = roll.asks_about(self.snapshot, RollRequest(**request), plan)
        self.assertEqual(
            [
                ('compute-1', (), 'nova'),
                ('compute-2', (), ''),
                ('compute-3', ('DISK_GB:10', 'MEMORY_MB:1024', 'VCPU:1'), ''),
            ],
            sorted(
                (a.hostname, a.demand.resources, a.demand.zone) for a in asks
            ),
        )

    def test_traits_of_the_node_that_a_server_is_on_by_then(self):
        """It leaves the node of the second wave, not its first one."""
        owned = {'traits': (OWNER_TRAIT,)}
        plan = self.planned(
            [
                a_node('compute-1', vcpus=4),
                a_node('compute-2', vcpus=5, **owned),
            ],
            [a_server('web', 'compute-1'), a_server('db', 'compute-2')],
        )
        asks = roll.asks_about(
            self.snapshot, RollRequest(('compute-1', 'compute-2')), plan
        )
        self.assertEqual(
            {
                ('compute-1', (OWNER_TRAIT,)),
                ('compute-2', ()),
            },
            {(a.hostname, a.demand.root_required) for a in asks},
        )

    def test_refused_in_a_later_wave(self):
        """A trait that is missing rules a node out in every wave."""
        nodes = [a_node(f'compute-{n}', vcpus=4) for n in range(1, 4)]
        servers = [a_server('web', 'compute-1', 3)]
        refusal = Refusal(
            'compute-2', Demand(root_forbidden=(DISABLED_TRAIT,))
        )
        snapshot = dataclasses.replace(
            a_snapshot(nodes, servers), refusals=(refusal,)
        )
        request = RollRequest(('compute-1', 'compute-3'))
        plan = roll.plan(snapshot, request, LIMITS)
        self.assertEqual((), rolls.check(snapshot, request, plan))
        self.assertEqual(
            {'compute-1', 'compute-3'},
            {m.destination for w in plan.waves for m in w.outcome.moves}
            | {m.host for w in plan.waves for m in w.outcome.moves},
        )
