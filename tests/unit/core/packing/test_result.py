# SPDX-License-Identifier: Apache-2.0

import math

import ddt

from tests.unit import base
from watcher_host_maintenance.core.packing.result import Kind
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.packing.result import Proof
from watcher_host_maintenance.core.packing.result import Result
from watcher_host_maintenance.core.packing.result import Status


PROOF = Proof(Kind.SEARCH)


@ddt.ddt
class TestLimits(base.TestCase):
    def test_of_the_usual_steps(self):
        self.assertEqual(Limits(), Limits.of(Limits().ejections))

    @ddt.named_data(
        # name, steps, of the peak, of the exchanges
        ('none', 0, 0, 0),
        ('few', 25, 25, 25),
        ('some', 50_000, 50_000, 20_000),
        ('many', 100_000_000, 60_000, 20_000),
    )
    @ddt.unpack
    def test_of(self, steps, peak, exchanges):
        limits = Limits.of(steps)
        self.assertEqual(
            (steps, peak, exchanges),
            (limits.ejections, limits.peak_steps, limits.exchanges),
        )
        self.assertIs(steps > 0, limits.program)

    @ddt.named_data(
        # name, nodes and iterations, what is allowed for a short program
        ('usual', Limits(), (50, 20_000)),
        ('less', Limits(nodes=49, iterations=19_999), (49, 19_999)),
    )
    @ddt.unpack
    def test_short(self, limits, expected):
        short = limits.short()
        self.assertEqual(expected, (short.nodes, short.iterations))

    @ddt.named_data(
        # name, what is allowed, what is allowed when it is quick
        ('usual', Limits(), Limits(60_000, 0, 0, True, 100, 20_000, math.inf)),
        (
            'less',
            Limits(9, 9, 9, False, 9, 9, 0.5),
            Limits(9, 0, 0, False, 9, 9, math.inf),
        ),
    )
    @ddt.unpack
    def test_quick(self, limits, expected):
        self.assertEqual(expected, limits.quick())


@ddt.ddt
class TestProof(base.TestCase):
    @ddt.named_data(
        # name, weights, room and wanted weight, how many are left
        ('one_large',        {'a': 5, 'b': 2}, 14, 19, 1),
        ('one_more',         {'a': 5, 'b': 2}, 13, 19, 2),
        ('all_large',        {'a': 5, 'b': 2},  4, 19, 3),
        ('small_ones_too',   {'a': 5, 'b': 2},  3, 19, 4),
        ('all',              {'a': 5, 'b': 2},  0, 19, 5),
        ('counted',          {'b': 1},          0,  2, 2),
        ('of_no_weight',     {},                0,  0, 1),
    )  # fmt: skip
    @ddt.unpack
    def test_fewest_left(self, weights, room, wanted, expected):
        proof = Proof(Kind.SUM, 'VCPU', weights, room, wanted)
        self.assertEqual(expected, proof.fewest_left({'a': 3, 'b': 2}))


@ddt.ddt
class TestResult(base.TestCase):
    @ddt.named_data(
        ('on_two', 'a', 3),
        ('on_none', 'b', 0),
        ('unknown', 'c', 0),
    )
    @ddt.unpack
    def test_placed(self, key, expected):
        result = Result({'a': {'h1': 1, 'h2': 2}, 'b': {}})
        self.assertEqual(expected, result.placed(key))

    @ddt.named_data(
        ('all',          Result({}, True),                 Status.PLACED),
        ('proved',       Result({}, True, PROOF),          Status.IMPOSSIBLE),
        ('more_perhaps', Result({}, False, PROOF),         Status.UNDECIDED),
        ('unknown',      Result(),                         Status.UNDECIDED),
        ('timed_out',    Result(timed_out=True),           Status.UNDECIDED),
    )  # fmt: skip
    @ddt.unpack
    def test_status(self, result, expected):
        self.assertIs(expected, result.status)
