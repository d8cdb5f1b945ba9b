# SPDX-License-Identifier: Apache-2.0

"""What the benchmark of the solver compares us with."""

import ddt

from benchmarks.solve import cases
from benchmarks.solve import evenness
from benchmarks.solve import greedies
from benchmarks.solve import hail
from benchmarks.solve import optimum
from benchmarks.solve import program
from benchmarks.solve import solvers
from benchmarks.solve import table
from benchmarks.solve import trial
from benchmarks.solve import wanted
from benchmarks.solve.verify import WrongAnswer
from benchmarks.solve.verify import verify
from tests.unit import base
from watcher_host_maintenance.core.packing import solve
from watcher_host_maintenance.core.packing.problem import Bin
from watcher_host_maintenance.core.packing.problem import Item
from watcher_host_maintenance.core.packing.problem import Problem
from watcher_host_maintenance.core.packing.result import Kind
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.packing.result import Proof
from watcher_host_maintenance.core.packing.result import Result
from watcher_host_maintenance.core.packing.result import Status
from watcher_host_maintenance.core.packing.result import impossible


SMALL = tuple(
    cases.Case(kind, 12, 6, slack, apart, seed)
    for kind in ('planted', 'random', 'fragmented')
    for slack in (1.02, 1.50)
    for apart in (False, True)
    for seed in range(2)
)


def a_bin(name, memory_mb, used_mb=0):
    """A bin of memory alone."""
    limit = {'MEMORY_MB': memory_mb}
    return Bin(name, limit, {'MEMORY_MB': used_mb}, limit)


def an_item(key, memory_mb, count=1, group=None):
    return Item(key, {'MEMORY_MB': memory_mb}, count, group)


def a_trial(**fields):
    """One that was placed at once."""
    fields = {
        'case': SMALL[0],
        'status': Status.PLACED,
        'taken_s': 0.1,
        'proof': '',
        'quick': False,
        'peers': {},
        'gap': None,
    } | fields
    return trial.Trial(**fields)


class TestProgram(base.TestCase):
    def test_in_full(self):
        plain = program.of(
            Problem(
                (an_item('large', 8), an_item('small', 3, 2, group='web')),
                (a_bin('compute-1', 9, used_mb=2), a_bin('compute-2', 8)),
            )
        )
        self.assertEqual(
            [
                ('small', 'compute-1'),
                ('large', 'compute-2'),
                ('small', 'compute-2'),
            ],
            plain.columns,
        )
        # One member of a group on each.
        self.assertEqual([1, 1, 1], plain.upper)
        self.assertEqual(
            [
                program.Row({1: 1}, 1, 1),
                program.Row({0: 1, 2: 1}, 2, 2),
                program.Row({0: 3}, 0, 7),
                program.Row({1: 8, 2: 3}, 0, 8),
                program.Row({0: 1}, 0, 1),
                program.Row({2: 1}, 0, 1),
            ],
            plain.rows,
        )
        self.assertEqual(
            {'small': {'compute-1': 1}}, plain.where([1.0, 0.0, 1e-9])
        )


@ddt.ddt
class TestSolvers(base.TestCase):
    @ddt.data(*SMALL)
    def test_highs_agrees_with_us(self, case):
        problem = cases.build(case)
        ours, theirs = solve.solve(problem), solvers.by_highs(problem)
        for result in (ours, theirs):
            verify(problem, result, case.kind == 'planted')
        self.assertEqual(theirs.status, ours.status)

    @ddt.named_data(
        # name, MiB and MiB in use of each bin, highest share
        ('alike',      ((10, 0), (10, 0)),  0.9),
        ('unlike',     ((10, 0), (20, 0)),  0.5),
        ('one',        ((20, 0),),          0.75),
        ('full_before', ((20, 18), (20, 0)), 0.9),
    )  # fmt: skip
    @ddt.unpack
    def test_lowest(self, rooms, share):
        problem = Problem(
            (an_item('a', 4), an_item('b', 5), an_item('c', 6)),
            tuple(
                a_bin(f'compute-{number}', *room)
                for number, room in enumerate(rooms)
            ),
        )
        start = solvers.by_highs(problem).placement
        self.assertAlmostEqual(share, optimum.lowest(problem, start), places=4)
        self.assertGreaterEqual(optimum.highest(problem, start), share)

    def test_greedy_answers_hold(self):
        problem = cases.build(cases.Case('planted', 12, 6, 20.0, True, 1))
        for how in greedies.PEERS.values():
            where = greedies.place(problem, *how)
            verify(problem, Result(where, complete=True), True)

    def test_request_to_hail(self):
        asked = hail.request(
            Problem(
                (
                    Item(
                        'a',
                        {'VCPU': 2, 'MEMORY_MB': 512, 'DISK_GB': 1},
                        2,
                        'g',
                    ),
                ),
                (
                    Bin(
                        'compute-1',
                        {},
                        {'VCPU': 1},
                        {'VCPU': 8, 'MEMORY_MB': 1024, 'DISK_GB': 4},
                    ),
                ),
            )
        )
        (node,) = asked['nodes'].values()
        self.assertEqual(
            (7, 1025, 4097),
            (node['total_cpus'], node['free_memory'], node['free_disk']),
        )
        self.assertEqual(
            [
                ('a/0', 2, 512, 1024, ['apart:g']),
                ('a/1', 2, 512, 1024, ['apart:g']),
            ],
            [
                (
                    i['name'],
                    i['vcpus'],
                    i['memory'],
                    i['disk_space_total'],
                    i['tags'],
                )
                for i in asked['request']['instances']
            ],
        )


@ddt.ddt
class TestVerify(base.TestCase):
    @ddt.named_data(
        # name, result, is wrong
        ('right',     Result({'a': {'compute-1': 2}}, True), False),
        ('one_lost',  Result({'a': {'compute-1': 1}}, True), True),
        ('no_room',   Result({'a': {'compute-2': 2}}, True), True),
        ('no_bin',    Result({'a': {'compute-3': 2}}, True), True),
        ('undecided', Result(), False),
        ('false',     impossible(Proof(Kind.SEARCH)), True),
    )  # fmt: skip
    @ddt.unpack
    def test_wrong(self, result, wrong):
        problem = Problem(
            (an_item('a', 4, 2),),
            (a_bin('compute-1', 8), a_bin('compute-2', 7)),
        )
        if wrong:
            self.assertRaises(WrongAnswer, verify, problem, result, True)
        else:
            verify(problem, result, True)


class TestTrial(base.TestCase):
    def test_placed(self):
        case = cases.Case('planted', 12, 6, 1.50, False, 1)
        peers = {'HiGHS': lambda problem: (solvers.by_highs(problem), 11.0)}
        found = trial.attempt(case, Limits(), peers, optima=True)
        self.assertIs(Status.PLACED, found.status)
        self.assertTrue(found.decided(10))
        self.assertAlmostEqual(0, found.gap, delta=0.02)
        # It was right, but not in time.
        self.assertEqual({'HiGHS': (False, 11.0)}, found.peers)

    def test_impossible(self):
        case = cases.Case('fragmented', 20, 10, 1.02, False, 3)
        found = trial.attempt(case, Limits(), {}, optima=True)
        self.assertIs(Status.IMPOSSIBLE, found.status)
        self.assertEqual(('no_bin', None), (found.proof, found.gap))

    def test_engines(self):
        slow, lost = a_trial(taken_s=10.1), a_trial(status=Status.UNDECIDED)
        text = table.engines(
            {
                'all': [a_trial(), a_trial(), slow],
                'HiGHS': [a_trial(), lost, lost],
                'ejections': [slow, a_trial(), a_trial()],
            }
        )
        self.assertEqual(
            [
                ['all', '3', '2', '0', '10.3'],
                ['without', 'HiGHS', '3', '1', '1', '0.3'],
                ['without', 'ejections', '3', '2', '1', '10.3'],
            ],
            [line.split() for line in text.splitlines()[3:6]],
        )
        self.assertEqual(
            [
                f'* only with HiGHS: ``{SMALL[0]}``',
                f'* only with ejections: ``{SMALL[0]}``',
            ],
            text.splitlines()[-2:],
        )

    def test_evenness(self):
        problem = Problem(
            tuple(an_item(f's{n}', 4 + n) for n in range(6)),
            (a_bin('h1', 99), a_bin('h2', 99), a_bin('h3', 99)),
        )
        heights, seconds = evenness.measured([problem], Limits())
        # 39 of 297: the fullest of three has at least a third.
        [[fullest, *others]] = heights
        self.assertEqual([131_313, 131_313], others)
        self.assertEqual(131_313, fullest)
        self.assertGreater(seconds, 0)

    def test_evenness_table(self):
        text = evenness.table(
            {
                'all': ([(5, 3), (4, 1)], 2.0),
                'balance': ([(5, 4), (4, 1)], 1.5),
                'both': ([(6, 2), (5, 1)], 1.0),
            }
        )
        self.assertEqual(
            [
                ['all', '2', '0', '0', '2.0'],
                ['without', 'balance', '2', '0', '1', '1.5'],
                ['without', 'both', '2', '2', '2', '1.0'],
            ],
            [line.split() for line in text.splitlines()[3:6]],
        )

    def test_reached(self):
        text = wanted.reached(
            [a_trial(gap=0.02), a_trial(gap=0.03), a_trial(taken_s=10.1)],
        )
        self.assertEqual(
            [['3', '99', '66.7'], ['2', '95', '50.0']],
            [line.split()[-3:] for line in text.splitlines()[3:-1]],
        )
        self.assertNotIn('impossible', text)
