# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

import ddt

from tests.unit import base
from tests.unit.core.builders import a_group
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_request
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import a_spare
from tests.unit.core.builders import an_instance
from tests.unit.core.builders import holding
from watcher_host_maintenance.core import ledger
from watcher_host_maintenance.core import methods
from watcher_host_maintenance.core import solver
from watcher_host_maintenance.core.outcome import Method
from watcher_host_maintenance.core.outcome import MoveKind
from watcher_host_maintenance.core.rules.leaver import Leaver
from watcher_host_maintenance.core.snapshot import ComputeNode
from watcher_host_maintenance.core.solver import Proof


MAINTAINED = frozenset({'compute-1'})


def offer(*nodes, **fields):
    """The destinations of a request to empty ``compute-1``."""
    known = a_snapshot([a_node('compute-1'), *nodes], [])
    return methods.candidates(known, a_request(**fields), MAINTAINED)


def names(destinations):
    return [d.hostname for d in destinations]


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
    )
    @ddt.unpack
    def test_may_wake(self, node, expected):
        self.assertIs(
            expected, methods.may_wake(node, a_request(), MAINTAINED))


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
    )
    @ddt.unpack
    def test_kinds(self, node, unused, enabled):
        offered = offer(node)
        self.assertIsNone(offered.backup)
        self.assertEqual(unused, names(offered.unused))
        self.assertEqual(enabled, names(offered.enabled))
        self.assertEqual(frozenset(unused), offered.asleep)

    def test_every_destination(self):
        offered = offer(a_node('b'), a_spare('c'), a_node('a'), a_spare('d'))
        self.assertEqual(['c', 'd', 'a', 'b'], names(offered.destinations))

    @ddt.named_data(
        # name, backup, expected to be asleep
        ('enabled', a_node('compute-3'), False),
        ('spare', a_spare('compute-3'), True),
        ('spare_in_use', a_spare('compute-3', instance_count=9), True),
    )
    @ddt.unpack
    def test_backup(self, node, asleep):
        offered = offer(
            a_node(), a_spare(), node, backup_node='compute-3')
        self.assertEqual('compute-3', offered.backup.hostname)
        self.assertEqual(['compute-3'], names(offered.destinations))
        self.assertEqual(asleep, 'compute-3' in offered.asleep)
        self.assertNotIn(offered.backup, offered.unused + offered.enabled)

    def test_headroom(self):
        offered = offer(
            a_node('b'), a_spare('c'), a_node('d'), backup_node='d',
            headroom_percent=25.0)
        self.assertEqual(
            [12.0, 12.0, 12.0],
            [d.limit['VCPU'] for d in
             (offered.backup, *offered.unused, *offered.enabled)])


class TestRules(base.TestCase):
    """Destinations know whom a rule keeps away, and their groups."""

    def setUp(self):
        super().setUp()
        instances = [
            an_instance('web-1', pinned_zone='east'), an_instance('web-2')]
        self.known = a_snapshot(
            [a_node('compute-1'), a_node('b', zone='east'),
             a_node('c', zone='west'), a_spare('d', zone='west')],
            instances, [a_group(b=1, d=2)])
        self.leavers = [Leaver(i, MoveKind.LIVE) for i in instances]

    def test_every_kind(self):
        for backup in ('b', 'c', 'd'):
            offered = methods.candidates(
                self.known, a_request(backup_node=backup), MAINTAINED,
                self.leavers)
            self.assertEqual(
                set() if backup == 'b' else {'uuid-web-1'},
                offered.backup.refused)
        offered = methods.candidates(
            self.known, a_request(), MAINTAINED, self.leavers)
        self.assertEqual(
            {'b': set(), 'c': {'uuid-web-1'}, 'd': {'uuid-web-1'}},
            {d.hostname: d.refused for d in offered.destinations})
        self.assertEqual(
            {'b': {'uuid-db': 1}, 'c': {}, 'd': {'uuid-db': 2}},
            {d.hostname: d.members for d in offered.destinations})

    def test_judge_is_asked_about_who_leaves(self):
        offered = methods.candidates(
            self.known, a_request(), MAINTAINED, self.leavers)
        pinned = self.leavers[0].instance
        self.assertEqual(
            {'b': [], 'c': ['other_zone'], 'd': ['other_zone']},
            {d.hostname: [f.reason.value for f in
                          offered.judge.objections(pinned, d)]
             for d in offered.destinations})

    def test_nobody_leaves(self):
        offered = methods.candidates(self.known, a_request(), MAINTAINED)
        self.assertEqual(
            [set(), set(), set()], [d.refused for d in offered.destinations])


@ddt.ddt
class TestChoices(base.TestCase):
    @ddt.named_data(
        # name, VCPUs of the spares, VCPUs wanted, expected order
        ('tightest_first', {'s-1': 16, 's-2': 8, 's-3': 12}, 4,
         ['s-2', 's-3', 's-1']),
        ('then_by_name', {'s-2': 8, 's-1': 8}, 4, ['s-1', 's-2']),
        # Memory decides: 4096 of 8192 is more than 4 of 16 or of 12.
        ('fullest_class', {'s-2': 16, 's-1': 12}, 1, ['s-1', 's-2']),
        ('too_small_is_tighter_still', {'s-1': 16, 's-2': 2}, 4,
         ['s-2', 's-1']),
    )
    @ddt.unpack
    def test_order(self, spares, wanted, expected):
        offered = offer(
            a_node(), *(a_spare(s, vcpus=n) for s, n in spares.items()))
        choices = list(offered.choices(servers(wanted)))
        self.assertEqual(
            [*([s] for s in expected), ['compute-2']],
            [names(c.destinations) for c in choices])
        self.assertEqual([*expected, None], [c.wakes for c in choices])
        self.assertEqual(
            [*(Method.UNUSED_HOST for _s in expected), Method.SPREAD],
            [c.method for c in choices])

    def test_tightest_for_all_together(self):
        # For one the memory of s-1 is tighter; for three the VCPUs of s-2.
        offered = offer(
            a_spare('s-1', vcpus=100, memory_mb=4000),
            a_spare('s-2', vcpus=10, memory_mb=10_000))
        few = servers(1, memory_mb=1000)
        many = [*few, *servers(*[2] * 4, memory_mb=1)]
        self.assertEqual(
            ['s-1', 's-2', None], [c.wakes for c in offered.choices(few)])
        self.assertEqual(
            ['s-2', 's-1', None], [c.wakes for c in offered.choices(many)])

    @ddt.named_data(
        # name, backup, expected wakes
        ('enabled', a_node('compute-3'), None),
        ('spare', a_spare('compute-3'), 'compute-3'),
    )
    @ddt.unpack
    def test_backup_only(self, node, wakes):
        offered = offer(a_node(), a_spare(), node, backup_node='compute-3')
        [choice] = offered.choices(servers(1))
        self.assertEqual(
            (Method.BACKUP, wakes), (choice.method, choice.wakes))
        self.assertEqual(['compute-3'], names(choice.destinations))

    def test_spread_over_nothing(self):
        [choice] = offer().choices(servers(1))
        self.assertEqual(
            methods.Choice(Method.SPREAD, (), None), choice)


@ddt.ddt
class TestPlace(base.TestCase):
    @ddt.named_data(
        # name, VCPUs of the two spares, of compute-2, expected
        ('tightest_that_fits', 8, 4, 16, (Method.UNUSED_HOST, 's-2')),
        ('other_too_small',    8, 3, 16, (Method.UNUSED_HOST, 's-1')),
        ('both_too_small',     3, 3, 16, (Method.SPREAD, None)),
    )
    @ddt.unpack
    def test_first_that_can(self, first, second, enabled, expected):
        offered = offer(
            a_spare('s-1', vcpus=first), a_spare('s-2', vcpus=second),
            a_node(vcpus=enabled))
        choice, placement = methods.place(servers(2, 2), offered, 100)
        self.assertEqual(expected, (choice.method, choice.wakes))
        self.assertIs(Proof.PLACED, placement.proof)
        host = choice.wakes or 'compute-2'
        self.assertEqual(
            {'uuid-web-1': host, 'uuid-web-2': host}, placement.where)

    @ddt.named_data(
        # name, VCPUs of the two enabled, steps, expected
        ('sum',       3, 2, 0,   Proof.IMPOSSIBLE),
        ('tried_all', 3, 3, 100, Proof.IMPOSSIBLE),
        ('gave_up',   3, 3, 0,   Proof.UNDECIDED),
    )
    @ddt.unpack
    def test_none_can(self, first, second, steps, expected):
        offered = offer(
            a_spare(vcpus=1), a_node('a', vcpus=first),
            a_node('b', vcpus=second))
        choice, placement = methods.place(servers(2, 2, 2), offered, steps)
        self.assertEqual(
            (Method.SPREAD, ['a', 'b']),
            (choice.method, names(choice.destinations)))
        self.assertEqual(solver.Placement({}, expected), placement)


@ddt.ddt
class TestPlaceMost(base.TestCase):
    @ddt.named_data(
        # name, VCPUs of the spares, of compute-2, expected wakes and where
        ('more_on_the_spare', [3, 2], 1,  's-1', [1, 2, 3]),
        ('more_on_the_other', [2, 3], 1,  's-2', [1, 2, 3]),
        ('more_by_a_spread',  [1, 2], 3,  None,  [1, 2, 3]),
        ('tie_goes_to_method_1', [2], 2,  's-1', [1, 2]),
        ('nothing',           [],     0,  None,  []),
    )
    @ddt.unpack
    def test_most(self, spares, enabled, wakes, placed):
        offered = offer(
            a_node(vcpus=enabled),
            *(a_spare(f's-{n}', vcpus=v) for n, v in enumerate(spares, 1)))
        choice, placement = methods.place_most(
            servers(1, 1, 1, 1), offered, 100)
        self.assertEqual(wakes, choice.wakes)
        host = wakes or 'compute-2'
        self.assertEqual(
            {f'uuid-web-{n}': host for n in placed}, placement.where)

    def test_same_number_more_memory(self):
        instances = [
            an_instance('small', vcpus=4, memory_mb=1000),
            an_instance('large', vcpus=1, memory_mb=2000)]
        offered = offer(
            a_spare(vcpus=4, memory_mb=1000),
            a_node(vcpus=1, memory_mb=2000))
        choice, placement = methods.place_most(instances, offered, 100)
        self.assertEqual({'uuid-large': 'compute-2'}, placement.where)
        self.assertIs(Method.SPREAD, choice.method)

    def test_steps_are_passed_on(self):
        offered = offer(a_node('a', vcpus=3), a_node('b', vcpus=3))
        _choice, placement = methods.place_most(
            servers(2, 2, 2), offered, 0)
        self.assertIs(Proof.UNDECIDED, placement.proof)

    def test_counts_what_was_taken_before(self):
        offered = offer(a_node(vcpus=2))
        self.assertIsInstance(offered.enabled[0], ledger.Destination)
        offered.enabled[0].take(holding({'VCPU': 1}))
        _choice, placement = methods.place_most(servers(1, 1), offered, 100)
        self.assertEqual({'uuid-web-1': 'compute-2'}, placement.where)
