# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tests.unit.core.builders import a_group
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_request
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import a_spare
from tests.unit.core.builders import an_instance
from tests.unit.core.builders import destinations_of
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.planning import destinations
from watcher_host_maintenance.core.planning import methods
from watcher_host_maintenance.core.planning.destinations import Destinations
from watcher_host_maintenance.core.rules.rule import Leaver


MAINTAINED = frozenset({'compute-1'})

NO_SEARCH = Limits.of(0)


@ddt.ddt
class TestDestinations(base.TestCase):
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
        offered = destinations_of(node)
        self.assertIsNone(offered.backup)
        self.assertEqual(unused, list(offered.unused))
        self.assertEqual(enabled, list(offered.enabled))
        self.assertEqual(
            [True] * len(unused), [*map(offered.is_asleep, unused)]
        )

    def test_every_destination(self):
        offered = destinations_of(
            a_node('b'), a_spare('c'), a_node('a'), a_spare('d')
        )
        self.assertEqual(('c', 'd', 'a', 'b'), offered.hostnames)

    @ddt.named_data(
        # name, backup, expected to be asleep
        ('enabled', a_node('compute-3'), False),
        ('spare', a_spare('compute-3'), True),
        ('spare_in_use', a_spare('compute-3', instance_count=9), True),
    )
    @ddt.unpack
    def test_backup(self, node, asleep):
        offered = destinations_of(
            a_node(), a_spare(), node, backup_node='compute-3'
        )
        self.assertEqual('compute-3', offered.backup)
        self.assertEqual(('compute-3',), offered.hostnames)
        self.assertIs(asleep, offered.is_asleep('compute-3'))
        self.assertNotIn(offered.backup, offered.unused + offered.enabled)

    def test_headroom(self):
        offered = destinations_of(
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
            offered = Destinations.of(
                self.known,
                a_request(backup_node=backup),
                MAINTAINED,
                self.leavers,
            )
            self.assertEqual(
                set() if backup == 'b' else {'uuid-web-1'},
                offered.place(backup).refused,
            )
        offered = Destinations.of(
            self.known, a_request(), MAINTAINED, self.leavers
        )
        self.assertEqual(
            {'b': set(), 'c': {'uuid-web-1'}, 'd': {'uuid-web-1'}},
            {h: offered.place(h).refused for h in offered.hostnames},
        )
        self.assertEqual(
            {'b': {'uuid-db': 1}, 'c': {}, 'd': {'uuid-db': 2}},
            {b.hostname: b.members for b in offered.bins(offered.hostnames)},
        )

    def test_judge_is_asked_about_who_leaves(self):
        offered = Destinations.of(
            self.known, a_request(), MAINTAINED, self.leavers
        )
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
        offered = Destinations.of(self.known, a_request(), MAINTAINED)
        self.assertEqual(
            [set(), set(), set()],
            [offered.place(h).refused for h in offered.hostnames],
        )


class TestWithPlaced(base.TestCase):
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
        self.offered = Destinations.of(
            known,
            a_request(),
            MAINTAINED,
            [Leaver(i, MoveKind.LIVE) for i in self.instances],
        )

    def test_room_and_members(self):
        self.offered = self.offered.with_placed(
            self.instances, {'uuid-db-1': 'b', 'uuid-db-2': 'c'}
        )
        there, other = self.offered.bins('bc')
        self.assertEqual([1, 13], [there.free('VCPU'), other.free('VCPU')])
        self.assertEqual(
            [{'uuid-db': 2}, {'uuid-db': 1}], [there.members, other.members]
        )

    def test_several_times(self):
        first, second, _left = self.instances
        self.offered = self.offered.with_placed([first], {first.uuid: 'c'})
        self.offered = self.offered.with_placed([second], {second.uuid: 'c'})
        [there] = self.offered.bins('c')
        self.assertEqual(10, there.free('VCPU'))

    def test_is_what_the_next_placement_finds(self):
        [small, other, _left] = self.instances
        self.offered = self.offered.with_placed([small], {small.uuid: 'b'})
        choice, assignment = methods.place([other], self.offered, NO_SEARCH)
        self.assertEqual({other.uuid: 'c'}, assignment.where)
        self.assertEqual(('b', 'c'), choice.destinations)

    def test_is_what_the_reasons_look_at(self):
        [small, other, _left] = self.instances
        self.offered = self.offered.with_placed([small], {small.uuid: 'b'})
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
        self.assertEqual(1, there.free('VCPU'))
        self.assertEqual(4, self.offered.destination('b').free('VCPU'))

    def test_arrivals(self):
        first, second, _left = self.instances
        self.assertEqual(
            {'b': [first], 'c': [second]},
            destinations.arrivals(
                self.instances, {'uuid-db-2': 'c', 'uuid-db-1': 'b'}
            ),
        )
