# SPDX-License-Identifier: Apache-2.0

"""What the comparison with an earlier commit calls better."""

import dataclasses

import ddt

from benchmarks import before
from benchmarks import replan
from benchmarks import snapshots
from tests.unit import base
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.model import document
from watcher_host_maintenance.core.model.request import OnBlocked


def a_case(**others):
    case = {'nodes': 9, 'servers': 4, 'use': (0.1, 0.2)} | others
    return snapshots.drain(**case)


def answered(case):
    """The answer of this version, by way of JSON."""
    known, request = map(document.to_plain, case)
    return replan.answer({'snapshot': known, 'request': request})


class Planner:
    """Answers by this version, and changes some answers."""

    def __init__(self, changes=()):
        self.changes = dict(changes)
        self.cases = 0

    def answer(self, case):
        change = self.changes.get(self.cases, {})
        self.cases += 1
        return answered(case) | change


@ddt.ddt
class TestQuality(base.TestCase):
    @ddt.named_data(
        # name, what there is, refused nodes, servers left
        ('all_move', {}, 0, 0),
        ('one_fits_nowhere', {'huge': 1}, 1, 1),
        ('of_two_nodes', {'huge': 1, 'servers': 1, 'sources': 2}, 2, 2),
    )
    @ddt.unpack
    def test_of_an_answer(self, case, refused, left):
        case = a_case(**case)
        quality = before.quality(case, answered(case))
        self.assertEqual((refused, left), (quality.refused, quality.left))

    def test_height_is_that_of_the_fullest_destination(self):
        case = a_case(use=(0.5, 0.5), servers=1)
        outcome = drain.plan(*case)
        [move] = outcome.moves
        known, _request = case
        [server] = known.instances
        node = known.by_hostname[move.destination]
        height = max(
            1_000_000 * (node.used[c] + amount) // node.inventory[c].total
            for c, amount in server.resources.items()
        )
        quality = before.quality(case, answered(case))
        self.assertEqual((0, 0, 0, height), quality)

    def test_memory_of_those_that_stay(self):
        known, request = a_case(huge=1)
        leave = dataclasses.replace(request, on_blocked=OnBlocked.LEAVE)
        quality = before.quality((known, leave), answered((known, leave)))
        self.assertEqual((0, 1), (quality.refused, quality.left))
        self.assertEqual(snapshots.CAPACITY[1], quality.memory_mb)


@ddt.ddt
class TestCompared(base.TestCase):
    @ddt.named_data(
        ('equal', {}, [3, 0, 0, 0]),
        ('better', {1: {'refused': ['a', 'b', 'c', 'd']}}, [2, 0, 1, 0]),
        ('worse', {0: {'refused': [], 'left': -1}}, [2, 0, 0, 1]),
    )
    @ddt.unpack
    def test_counts(self, changes, expected):
        text = before.compared(Planner(changes), Planner(), 3)
        rows = text.splitlines()[3:7]
        self.assertEqual(expected, [int(row.split()[-1]) for row in rows])
        self.assertEqual(len(changes), text.count('* '))

    def test_a_wrong_plan_is_told(self):
        wrong = Planner({0: {'violations': 1}})
        self.assertRaises(SystemExit, before.compared, Planner(), wrong, 1)

    def test_cases_are_the_same_each_time(self):
        self.assertEqual([*before.cases(2)], [*before.cases(2)])


class TestOtherVersion(base.TestCase):
    def test_modules_by_their_names(self):
        self.assertIs(
            replan.module('model.snapshot'),
            replan.module('snapshot', 'model.snapshot'),
        )
        self.assertRaises(ModuleNotFoundError, replan.module, 'no_such')

    def test_fields_that_it_lacks(self):
        plain = {'uuid': 'u', 'name': 'n', 'policy': 'affinity', 'new': 1}
        group = replan.built(replan.snapshots.ServerGroup, plain)
        self.assertEqual(('u', 'affinity'), (group.uuid, group.policy))
