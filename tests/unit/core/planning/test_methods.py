# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_spare
from tests.unit.core.builders import an_instance
from tests.unit.core.builders import destinations_of
from tests.unit.core.drains import servers
from watcher_host_maintenance.core.model.plan import Method
from watcher_host_maintenance.core.packing.result import Kind
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.packing.result import Status
from watcher_host_maintenance.core.planning import methods
from watcher_host_maintenance.core.planning.methods import MethodChoice


MAINTAINED = frozenset({'compute-1'})

NO_SEARCH = Limits.of(0)


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
        offered = destinations_of(
            a_node(), *(a_spare(s, vcpus=n) for s, n in spares.items())
        )
        choices = list(methods.choices(servers(wanted), offered))
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
        offered = destinations_of(
            a_spare('s-1', vcpus=100, memory_mb=4000),
            a_spare('s-2', vcpus=10, memory_mb=10_000),
        )
        few = servers(1, memory_mb=1000)
        many = [*few, *servers(*[2] * 4, memory_mb=1)]
        self.assertEqual(
            ['s-1', 's-2', None],
            [c.wakes for c in methods.choices(few, offered)],
        )
        self.assertEqual(
            ['s-2', 's-1', None],
            [c.wakes for c in methods.choices(many, offered)],
        )

    @ddt.named_data(
        # name, backup, expected wakes
        ('enabled', a_node('compute-3'), None),
        ('spare', a_spare('compute-3'), 'compute-3'),
    )
    @ddt.unpack
    def test_backup_only(self, node, wakes):
        offered = destinations_of(
            a_node(), a_spare(), node, backup_node='compute-3'
        )
        [choice] = methods.choices(servers(1), offered)
        self.assertEqual((Method.BACKUP, wakes), (choice.method, choice.wakes))
        self.assertEqual(('compute-3',), choice.destinations)

    def test_spread_over_nothing(self):
        [choice] = methods.choices(servers(1), destinations_of())
        self.assertEqual(MethodChoice(Method.SPREAD, (), None), choice)


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
        offered = destinations_of(
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
        offered = destinations_of(
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
        offered = destinations_of(a_node('a', vcpus=4), a_node('b', vcpus=5))
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
        offered = destinations_of(
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
        offered = destinations_of(
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
            offered = destinations_of(
                a_node('a', vcpus=4), a_node('b', vcpus=5)
            )
            _choice, assignment = methods.place_most(
                servers(2, 3, 4), offered, limits
            )
            self.assertIs(expected, assignment.status)

    def test_counts_what_was_taken_before(self):
        offered = destinations_of(a_node(vcpus=2))
        before = an_instance('before')
        offered = offered.with_placed([before], {before.uuid: 'compute-2'})
        _choice, assignment = methods.place_most(
            servers(1, 1), offered, Limits()
        )
        self.assertEqual({'uuid-web-1': 'compute-2'}, assignment.where)
