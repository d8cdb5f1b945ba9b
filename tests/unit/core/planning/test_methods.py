# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tests.unit.core.builders import a_group
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_request
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import a_spare
from tests.unit.core.builders import an_instance
from watcher_host_maintenance.core.model.plan import Method
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.packing.answer import Kind
from watcher_host_maintenance.core.packing.answer import Limits
from watcher_host_maintenance.core.packing.answer import Status
from watcher_host_maintenance.core.planning import methods
from watcher_host_maintenance.core.planning.methods import Candidates
from watcher_host_maintenance.core.planning.methods import Choice
from watcher_host_maintenance.core.rules.leaver import Leaver


MAINTAINED = frozenset({'compute-1'})

NO_SEARCH = Limits.of(0)


def offer(*nodes, **fields):
    """The destinations of a request to empty ``compute-1``."""
    known = a_snapshot([a_node('compute-1'), *nodes], [])
    return Candidates(known, a_request(**fields), MAINTAINED)


def servers(*vcpus, **fields):
    return [
        an_instance(f'web-{n}', vcpus=wanted, **fields)
        for n, wanted in enumerate(vcpus, 1)
    ]


@ddt.ddt
class TestMayWake(base.TestCase):
    @ddt.named_data(
        # name, node, expected
        ('spare',         a_spare(),                              True),
        ('one_server',    a_spare(instance_count=1),              False),
        ('down',          a_spare(state='down'),                  False),
        ('foreign',       a_spare(disabled_reason='bad fan'),     False),
        ('marked',        a_spare(disabled_reason='watcher_maintaining'),
         False),
        ('enabled',       a_node(disabled_reason='watcher_disabled'), False),
        ('out_of_scope',  a_spare(in_scope=False),                False),
        ('bare_metal',    a_spare(hypervisor_type='ironic'),      False),
        ('to_be_emptied', a_spare('compute-1'),                   False),
    )  # fmt: skip
    @ddt.unpack
    def test_may_wake(self, node, expected):
        self.assertIs(
            expected, methods.may_wake(node, a_request(), MAINTAINED)
        )


@ddt.ddt
class TestCandidates(base.TestCase):
    @ddt.named_data(
        # name, node, expected unused, expected enabled
        ('enabled',       a_node(),                              [],
         ['compute-2']),
        ('spare',         a_spare(),                             ['spare-1'],
         []),
        ('spare_in_use',  a_spare(instance_count=1),             [], []),
        ('spare_down',    a_spare(state='down'),                 [], []),
        ('disabled',      a_node(status='disabled'),             [], []),
        ('down',          a_node(state='down'),                  [], []),
        ('out_of_scope',  a_node(in_scope=False),                [], []),
        ('unmodelled',    ComputeNode('compute-2'),              [], []),
        ('bare_metal',    a_node(hypervisor_type='ironic'),      [], []),
    )  # fmt: skip
    @ddt.unpack
    def test_kinds(self, node, unused, enabled):
        offered = offer(node)
        self.assertIsNone(offered.backup)
        self.assertEqual(unused, list(offered.unused))
        self.assertEqual(enabled, list(offered.enabled))
        self.assertEqual(frozenset(unused), offered.asleep)

    def test_every_destination(self):
        offered = offer(a_node('b'), a_spare('c'), a_node('a'), a_spare('d'))
        self.assertEqual(('c', 'd', 'a', 'b'), offered.hostnames)

    @ddt.named_data(
        # name, backup, expected to be asleep
        ('enabled', a_node('compute-3'), False),
        ('spare', a_spare('compute-3'), True),
        ('spare_in_use', a_spare('compute-3', instance_count=9), True),
    )
    @ddt.unpack
    def test_backup(self, node, asleep):
        offered = offer(a_node(), a_spare(), node, backup_node='compute-3')
        self.assertEqual('compute-3', offered.backup)
        self.assertEqual(('compute-3',), offered.hostnames)
        self.assertEqual(asleep, 'compute-3' in offered.asleep)
        self.assertNotIn(offered.backup, offered.unused + offered.enabled)

    def test_headroom(self):
        offered = offer(
            a_node('b'),
            a_spare('c'),
            a_node('d'),
            backup_node='d',
            headroom_percent=25.0,
        )
        self.assertEqual(
            [12.0, 12.0, 12.0], [b.limit['VCPU'] for b in offered.bins('dcb')]
        )


class TestRules(base.TestCase):
    """Destinations know whom a rule keeps away, and their groups."""

    def setUp(self):
        super().setUp()
        instances = [
            an_instance('web-1', pinned_zone='east'),
            an_instance('web-2'),
        ]
        self.known = a_snapshot(
            [
                a_node('compute-1'),
                a_node('b', zone='east'),
                a_node('c', zone='west'),
                a_spare('d', zone='west'),
            ],
            instances,
            [a_group(b=1, d=2)],
        )
        self.leavers = [Leaver(i, MoveKind.LIVE) for i in instances]

    def test_every_kind(self):
        for backup in ('b', 'c', 'd'):
            offered = Candidates(
                self.known,
                a_request(backup_node=backup),
                MAINTAINED,
                self.leavers,
            )
            self.assertEqual(
                set() if backup == 'b' else {'uuid-web-1'},
                offered.place(backup).refused,
            )
        offered = Candidates(self.known, a_request(), MAINTAINED, self.leavers)
        self.assertEqual(
            {'b': set(), 'c': {'uuid-web-1'}, 'd': {'uuid-web-1'}},
            {h: offered.place(h).refused for h in offered.hostnames},
        )
        self.assertEqual(
            {'b': {'uuid-db': 1}, 'c': {}, 'd': {'uuid-db': 2}},
            {b.hostname: b.members for b in offered.bins(offered.hostnames)},
        )

    def test_judge_is_asked_about_who_leaves(self):
        offered = Candidates(self.known, a_request(), MAINTAINED, self.leavers)
        pinned = self.leavers[0].instance
        self.assertEqual(
            {'b': [], 'c': ['other_zone'], 'd': ['other_zone']},
            {
                h: [
                    f.reason.value
                    for f in offered.judge.objections(
                        pinned, offered.destination(h)
                    )
                ]
                for h in offered.hostnames
            },
        )

    def test_nobody_leaves(self):
        offered = Candidates(self.known, a_request(), MAINTAINED)
        self.assertEqual(
            [set(), set(), set()],
            [offered.place(h).refused for h in offered.hostnames],
        )


@ddt.ddt
class TestChoices(base.TestCase):
    @ddt.named_data(
        # name, VCPUs of the spares, VCPUs wanted, expected order
        (
            'tightest_first',
            {'s-1': 16, 's-2': 8, 's-3': 12},
            4,
            ['s-2', 's-3', 's-1'],
        ),
        ('then_by_name', {'s-2': 8, 's-1': 8}, 4, ['s-1', 's-2']),
        # Memory decides: 4096 of 8192 is more than 4 of 16 or of 12.
        ('fullest_class', {'s-2': 16, 's-1': 12}, 1, ['s-1', 's-2']),
        (
            'too_small_is_tighter_still',
            {'s-1': 16, 's-2': 2},
            4,
            ['s-2', 's-1'],
        ),
    )
    @ddt.unpack
    def test_order(self, spares, wanted, expected):
        offered = offer(
            a_node(), *(a_spare(s, vcpus=n) for s, n in spares.items())
        )
        choices = list(offered.choices(servers(wanted)))
        self.assertEqual(
            [*((s,) for s in expected), ('compute-2',)],
            [c.destinations for c in choices],
        )
        self.assertEqual([*expected, None], [c.wakes for c in choices])
        self.assertEqual(
            [*(Method.UNUSED_HOST for _s in expected), Method.SPREAD],
            [c.method for c in choices],
        )

    def test_tightest_for_all_together(self):
        # For one the memory of s-1 is tighter; for three the VCPUs of s-2.
        offered = offer(
            a_spare('s-1', vcpus=100, memory_mb=4000),
            a_spare('s-2', vcpus=10, memory_mb=10_000),
        )
        few = servers(1, memory_mb=1000)
        many = [*few, *servers(*[2] * 4, memory_mb=1)]
        self.assertEqual(
            ['s-1', 's-2', None], [c.wakes for c in offered.choices(few)]
        )
        self.assertEqual(
            ['s-2', 's-1', None], [c.wakes for c in offered.choices(many)]
        )

    @ddt.named_data(
        # name, backup, expected wakes
        ('enabled', a_node('compute-3'), None),
        ('spare', a_spare('compute-3'), 'compute-3'),
    )
    @ddt.unpack
    def test_backup_only(self, node, wakes):
        offered = offer(a_node(), a_spare(), node, backup_node='compute-3')
        [choice] = offered.choices(servers(1))
        self.assertEqual((Method.BACKUP, wakes), (choice.method, choice.wakes))
        self.assertEqual(('compute-3',), choice.destinations)

    def test_spread_over_nothing(self):
        [choice] = offer().choices(servers(1))
        self.assertEqual(Choice(Method.SPREAD, (), None), choice)


class TestTake(base.TestCase):
    """What a plan has taken is counted in, for all that is asked then."""

    def setUp(self):
        super().setUp()
        self.instances = [
            an_instance('db-1', vcpus=3, group='uuid-db'),
            an_instance('db-2', vcpus=3, group='uuid-db'),
            an_instance('left', vcpus=9),
        ]
        known = a_snapshot(
            [a_node('compute-1'), a_node('b', vcpus=4), a_node('c')],
            self.instances,
            [a_group(most=2, b=1)],
        )
        self.offered = Candidates(
            known,
            a_request(),
            MAINTAINED,
            [Leaver(i, MoveKind.LIVE) for i in self.instances],
        )

    def test_room_and_members(self):
        self.offered.take(self.instances, {'uuid-db-1': 'b', 'uuid-db-2': 'c'})
        there, other = self.offered.bins('bc')
        self.assertEqual([1, 13], [there.left('VCPU'), other.left('VCPU')])
        self.assertEqual(
            [{'uuid-db': 2}, {'uuid-db': 1}], [there.members, other.members]
        )

    def test_several_times(self):
        first, second, _left = self.instances
        self.offered.take([first], {first.uuid: 'c'})
        self.offered.take([second], {second.uuid: 'c'})
        [there] = self.offered.bins('c')
        self.assertEqual(10, there.left('VCPU'))

    def test_is_what_the_next_placement_finds(self):
        [small, other, _left] = self.instances
        self.offered.take([small], {small.uuid: 'b'})
        choice, assignment = methods.place([other], self.offered, NO_SEARCH)
        self.assertEqual({other.uuid: 'c'}, assignment.where)
        self.assertEqual(('b', 'c'), choice.destinations)

    def test_is_what_the_reasons_look_at(self):
        [small, other, _left] = self.instances
        self.offered.take([small], {small.uuid: 'b'})
        there = self.offered.destination('b')
        self.assertEqual(
            ['no_room', 'group_full'],
            [
                f.reason.value
                for f in self.offered.judge.objections(other, there)
            ],
        )

    def test_a_look_beside_others_takes_nothing(self):
        there = self.offered.destination('b', self.instances[:1])
        self.assertEqual(1, there.left('VCPU'))
        self.assertEqual(4, self.offered.destination('b').left('VCPU'))

    def test_arrivals(self):
        first, second, _left = self.instances
        self.assertEqual(
            {'b': [first], 'c': [second]},
            methods.arrivals(
                self.instances, {'uuid-db-2': 'c', 'uuid-db-1': 'b'}
            ),
        )


@ddt.ddt
class TestPlace(base.TestCase):
    @ddt.named_data(
        # name, VCPUs of the two spares, of compute-2, expected
        ('tightest_that_fits', 8, 4, 16, (Method.UNUSED_HOST, 's-2')),
        ('other_too_small',    8, 3, 16, (Method.UNUSED_HOST, 's-1')),
        ('both_too_small',     3, 3, 16, (Method.SPREAD, None)),
    )  # fmt: skip
    @ddt.unpack
    def test_first_that_can(self, first, second, enabled, expected):
        offered = offer(
            a_spare('s-1', vcpus=first),
            a_spare('s-2', vcpus=second),
            a_node(vcpus=enabled),
        )
        choice, assignment = methods.place(servers(2, 2), offered, NO_SEARCH)
        self.assertEqual(expected, (choice.method, choice.wakes))
        self.assertIs(Status.PLACED, assignment.status)
        host = choice.wakes or 'compute-2'
        self.assertEqual(
            {'uuid-web-1': host, 'uuid-web-2': host}, assignment.where
        )

    @ddt.named_data(
        # name, VCPUs wanted, of the two enabled, what is known
        ('sum',     (2, 1, 2), (2, 2), (Status.IMPOSSIBLE, Kind.SUM)),
        ('count',   (2, 2, 2), (3, 3), (Status.IMPOSSIBLE, Kind.NO_BIN)),
        ('gave_up', (2, 3, 4), (4, 5), (Status.UNDECIDED, None)),
    )  # fmt: skip
    @ddt.unpack
    def test_none_can(self, wanted, left, expected):
        offered = offer(
            a_spare(vcpus=1),
            a_node('a', vcpus=left[0]),
            a_node('b', vcpus=left[1]),
        )
        choice, assignment = methods.place(
            servers(*wanted), offered, NO_SEARCH
        )
        self.assertEqual(
            (Method.SPREAD, ('a', 'b')), (choice.method, choice.destinations)
        )
        self.assertEqual({}, assignment.where)
        proof = assignment.proof and assignment.proof.kind
        self.assertEqual(expected, (assignment.status, proof))

    def test_searches(self):
        offered = offer(a_node('a', vcpus=4), a_node('b', vcpus=5))
        choice, assignment = methods.place(servers(2, 3, 4), offered, Limits())
        self.assertIs(Method.SPREAD, choice.method)
        self.assertIs(Status.PLACED, assignment.status)
        self.assertEqual(
            {'uuid-web-3': 'a', 'uuid-web-2': 'b', 'uuid-web-1': 'b'},
            assignment.where,
        )


@ddt.ddt
class TestPlaceMost(base.TestCase):
    @ddt.named_data(
        # name, VCPUs of the spares, of compute-2, expected wakes and where
        ('more_on_the_spare', [3, 2], 1,  's-1', [1, 2, 3]),
        ('more_on_the_other', [2, 3], 1,  's-2', [1, 2, 3]),
        ('more_by_a_spread',  [1, 2], 3,  None,  [1, 2, 3]),
        ('tie_goes_to_method_1', [2], 2,  's-1', [1, 2]),
        ('nothing',           [],     0,  None,  []),
    )  # fmt: skip
    @ddt.unpack
    def test_most(self, spares, enabled, wakes, placed):
        offered = offer(
            a_node(vcpus=enabled),
            *(a_spare(f's-{n}', vcpus=v) for n, v in enumerate(spares, 1)),
        )
        choice, assignment = methods.place_most(
            servers(1, 1, 1, 1), offered, Limits()
        )
        self.assertEqual(wakes, choice.wakes)
        host = wakes or 'compute-2'
        self.assertEqual(
            {f'uuid-web-{n}': host for n in placed}, assignment.where
        )

    def test_same_number_more_memory(self):
        instances = [
            an_instance('small', vcpus=4, memory_mb=1000),
            an_instance('large', vcpus=1, memory_mb=2000),
        ]
        offered = offer(
            a_spare(vcpus=4, memory_mb=1000), a_node(vcpus=1, memory_mb=2000)
        )
        choice, assignment = methods.place_most(instances, offered, Limits())
        self.assertEqual({'uuid-large': 'compute-2'}, assignment.where)
        self.assertIs(Method.SPREAD, choice.method)

    def test_limits_are_passed_on(self):
        for limits, expected in (
            (NO_SEARCH, Status.UNDECIDED),
            (Limits(), Status.PLACED),
        ):
            offered = offer(a_node('a', vcpus=4), a_node('b', vcpus=5))
            _choice, assignment = methods.place_most(
                servers(2, 3, 4), offered, limits
            )
            self.assertIs(expected, assignment.status)

    def test_counts_what_was_taken_before(self):
        offered = offer(a_node(vcpus=2))
        before = an_instance('before')
        offered.take([before], {before.uuid: 'compute-2'})
        _choice, assignment = methods.place_most(
            servers(1, 1), offered, Limits()
        )
        self.assertEqual({'uuid-web-1': 'compute-2'}, assignment.where)
