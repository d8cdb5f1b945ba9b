# SPDX-License-Identifier: Apache-2.0

"""Tests of what a plan is said to be worth."""

import dataclasses

import ddt

from watcher.decision_engine.loading import default as loading
from watcher.decision_engine.solution import default as solutions

from tests.unit.plugin import base
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Release
from watcher_host_maintenance.core.model.plan import ReleaseKind
from watcher_host_maintenance.core.model.plan import Stop
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.plugin.watcher import efficacy


def a_move(name, destination, kind=MoveKind.LIVE):
    return Move(
        instance_uuid=f'uuid-{name}',
        instance_name=name,
        kind=kind,
        host='compute-1',
        destination=destination,
    )


def an_outcome(count=0, moves=(), stops=(), verdict=Verdict.PLANNED):
    """The answer for one node with this number of instances."""
    return Outcome(
        nodes=(
            NodeOutcome(
                'compute-1',
                verdict,
                count,
                moves=tuple(moves),
                stops=tuple(stops),
            ),
        )
    )


WEB = a_move('web', 'compute-2')
API = a_move('api', 'compute-3')
DB = a_move('db', 'compute-2', MoveKind.COLD)
JOB = Stop(instance_uuid='uuid-job', instance_name='job', host='compute-1')


@ddt.ddt
class TestMeasure(base.TestCase):
    @ddt.named_data(
        # name, on the node, moves, stops, counts of: moved, live, cold,
        # stopped, released, remaining, secondary, destinations
        ('empty_node',       0, (),             (),     (0, 0, 0, 0, 0, 0, 0, 0)),
        ('live',             1, (WEB,),         (),     (1, 1, 0, 0, 0, 0, 0, 1)),
        ('cold',             1, (DB,),          (),     (1, 0, 1, 0, 0, 0, 0, 1)),
        ('same_destination', 2, (WEB, DB),      (),     (2, 1, 1, 0, 0, 0, 0, 1)),
        ('two_destinations', 3, (WEB, API, DB), (),     (3, 2, 1, 0, 0, 0, 0, 2)),
        ('some_remain',      5, (WEB, DB),      (),     (2, 1, 1, 0, 0, 3, 0, 1)),
        ('stopped_remain',   2, (),             (JOB,), (0, 0, 0, 1, 0, 2, 0, 0)),
    )  # fmt: skip
    @ddt.unpack
    def test_counts(self, count, moves, stops, expected):
        got = efficacy.measure(an_outcome(count, moves, stops), 0)
        self.assertEqual((count, *expected, 0), tuple(got.values()))

    def test_secondary_moves(self):
        """They count as moves, but none of them leaves the node."""
        away = dataclasses.replace(WEB, host='compute-2', destination='c-3')
        outcome = dataclasses.replace(
            an_outcome(3, (API, DB)), secondary_moves=(away,)
        )
        got = efficacy.measure(outcome, 0)
        self.assertEqual((3, 3, 2, 1, 0, 0, 1, 1, 3, 0), tuple(got.values()))

    def test_releases_are_gone(self):
        outcome = Outcome(
            nodes=(
                NodeOutcome(
                    'compute-1',
                    Verdict.PLANNED,
                    3,
                    moves=(WEB,),
                    releases=(
                        Release(
                            instance_uuid='u',
                            instance_name='old',
                            kind=ReleaseKind.OFFLOAD,
                            host='compute-1',
                        ),
                    ),
                ),
            )
        )
        got = efficacy.measure(outcome, 0)
        self.assertEqual(1, got['released_instances_count'])
        self.assertEqual(1, got['remaining_instances_count'])

    def test_names_are_those_specified(self):
        specified = efficacy.ClusterMaintenance().indicators_specs
        self.assertEqual(
            [i.name for i in specified],
            list(efficacy.measure(an_outcome(), 0)),
        )

    @ddt.data((0.0, 0), (91.0, 91), (91.1, 92))
    @ddt.unpack
    def test_duration_is_rounded_up(self, took_s, expected):
        got = efficacy.measure(an_outcome(), took_s)
        self.assertEqual(expected, got['estimated_duration'])

    def test_several_nodes(self):
        outcome = Outcome(
            nodes=(
                NodeOutcome('compute-1', Verdict.PLANNED, 2, moves=(WEB, DB)),
                NodeOutcome('compute-4', Verdict.REFUSED, 3),
            )
        )
        got = efficacy.measure(outcome, 0)
        self.assertEqual(5, got['instances_count'])
        self.assertEqual(3, got['remaining_instances_count'])


@ddt.ddt
class TestGlobalEfficacy(base.TestCase):
    def setUp(self):
        super().setUp()
        goal = loading.DefaultGoalLoader().load(names.GOAL)
        strategy = loading.DefaultStrategyLoader().load(names.STRATEGY)
        self.solution = solutions.DefaultSolution(goal, strategy)

    @ddt.named_data(
        # name, on the node, moves, share in percent
        ('empty_node',  0, (),             100.0),
        ('everything',  2, (WEB, DB),      100.0),
        ('half',        4, (WEB, DB),      50.0),
        ('a_third',     3, (WEB,),         33.33),
        ('two_thirds',  3, (WEB, DB),      66.66),
        ('a_bit_less',  30001, (WEB, DB),  0.0),
        ('nothing',     2, (),             0.0),
    )  # fmt: skip
    @ddt.unpack
    def test_share(self, count, moves, share):
        self.solution.set_efficacy_indicators(
            **efficacy.measure(an_outcome(count, moves), 0)
        )
        self.solution.compute_global_efficacy()
        (indicator,) = self.solution.global_efficacy
        self.assertEqual('drained_instances_ratio', indicator.name)
        self.assertEqual('%', indicator.unit)
        self.assertEqual(share, indicator.value)

    def test_solution_accepts_the_indicators(self):
        counts = efficacy.measure(an_outcome(2, (WEB, DB)), 91.5)
        self.solution.set_efficacy_indicators(**counts)
        self.solution.compute_global_efficacy()
        self.assertEqual(
            counts,
            {i.name: i.value for i in self.solution.efficacy_indicators},
        )

    def test_nothing_was_measured(self):
        self.solution.compute_global_efficacy()
        self.assertEqual([], self.solution.global_efficacy)
        self.assertEqual([], self.solution.efficacy_indicators)
