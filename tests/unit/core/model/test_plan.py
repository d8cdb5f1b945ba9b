# SPDX-License-Identifier: Apache-2.0

import dataclasses

import ddt

from tests.unit import base
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_request
from tests.unit.core.builders import an_instance
from tests.unit.core.drains import C1
from tests.unit.core.drains import C2
from tests.unit.core.drains import LEAVE
from tests.unit.core.drains import NO_COLD
from tests.unit.core.drains import plan
from watcher_host_maintenance.core.advice.unplaced import NO_DESTINATION
from watcher_host_maintenance.core.advice.unplaced import NO_FIT_FOUND
from watcher_host_maintenance.core.model.plan import Method
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Stay
from watcher_host_maintenance.core.model.plan import Stop
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.rules.leaving import SUSPENDED
from watcher_host_maintenance.plugin.watcher.estimates import MODEL_EMPTY


REFUSED = NodeOutcome('compute-1', Verdict.REFUSED, 1)
FINISHED = NodeOutcome('compute-2', Verdict.FINISHED, 0)
STOPPING = NodeOutcome(
    'compute-2',
    Verdict.PLANNED,
    1,
    stops=(
        Stop(instance_uuid='uuid-web', instance_name='web', host='compute-2'),
    ),
)
MOVING = plan([C1, C2], [an_instance()]).nodes[0]
FINDING = Finding(MODEL_EMPTY)


@ddt.ddt
class TestFailed(base.TestCase):
    @ddt.named_data(
        # name, fields, expected
        ('nothing_asked', {}, False),
        ('bad_request', {'findings': (FINDING,)}, True),
        ('refused', {'nodes': (REFUSED,)}, True),
        ('finished', {'nodes': (FINISHED,)}, False),
        ('refused_and_finished', {'nodes': (REFUSED, FINISHED)}, True),
        ('refused_and_moves', {'nodes': (REFUSED, MOVING)}, False),
        ('refused_and_stops', {'nodes': (REFUSED, STOPPING)}, False),
        (
            'refused_and_disables',
            {'nodes': (REFUSED,), 'disables': ('compute-2',)},
            False,
        ),
        (
            'refused_and_enables',
            {'nodes': (REFUSED,), 'enables': ('spare-1',)},
            False,
        ),
    )
    @ddt.unpack
    def test_failed(self, fields, expected):
        self.assertIs(expected, Outcome(**fields).failed)


@ddt.ddt
class TestLacksRoom(base.TestCase):
    @ddt.named_data(
        # name, outcome, expected
        ('nothing_asked', Outcome(), False),
        ('all_moves', plan([C1, C2], [an_instance()]), False),
        ('bad_request', Outcome(findings=(FINDING,)), False),
        ('too_small', plan([C1, a_node(vcpus=0)], [an_instance()]), True),
        ('by_a_rule', plan([C1, C2], [an_instance(pinned_zone='a')]), True),
        ('no_candidate', plan([C1], [an_instance()]), True),
        (
            'sum',
            plan([C1, a_node(vcpus=1)], [an_instance('a'), an_instance('b')]),
            True,
        ),
        (
            'left_for_want_of_room',
            plan([C1, a_node(vcpus=0)], [an_instance()], a_request(**LEAVE)),
            True,
        ),
        (
            'blocked',
            plan([C1, C2], [an_instance(vm_state='suspended')]),
            False,
        ),
        (
            'blocked_and_too_small',
            plan(
                [C1, a_node(vcpus=0)],
                [an_instance('a', vm_state='suspended'), an_instance('b')],
            ),
            True,
        ),
        (
            'left_as_asked',
            plan(
                [C1], [an_instance(vm_state='stopped')], a_request(**NO_COLD)
            ),
            False,
        ),
        (
            'down',
            plan([a_node('compute-1', state='down')], [an_instance()]),
            False,
        ),
        (
            'of_the_node_alone',
            Outcome(
                nodes=(
                    dataclasses.replace(
                        REFUSED, findings=(Finding(NO_FIT_FOUND),)
                    ),
                )
            ),
            True,
        ),
        (
            'not_the_foremost',
            Outcome(
                nodes=(
                    dataclasses.replace(
                        REFUSED,
                        stays=(
                            Stay(
                                instance_uuid='a',
                                instance_name='a',
                                host='compute-1',
                                as_asked=False,
                                findings=(
                                    Finding(SUSPENDED, 'a'),
                                    Finding(NO_DESTINATION, 'a'),
                                ),
                            ),
                        ),
                    ),
                )
            ),
            False,
        ),
    )
    @ddt.unpack
    def test_room(self, outcome, expected):
        self.assertIs(expected, outcome.lacks_room)


class TestOutcome(base.TestCase):
    def test_all_of_all_nodes(self):
        outcome = Outcome(nodes=(REFUSED, MOVING, STOPPING, FINISHED))
        self.assertEqual((REFUSED,), outcome.refused)
        self.assertEqual(MOVING.moves, outcome.moves)
        self.assertEqual(STOPPING.stops, outcome.stops)

    def test_blocked_is_not_what_was_asked_for(self):
        outcome = plan(
            [C1, a_node()],
            [
                an_instance('old', vm_state='stopped'),
                an_instance('db', vm_state='suspended'),
            ],
            a_request(**LEAVE, **NO_COLD),
        )
        [node] = outcome.nodes
        self.assertEqual(['db', 'old'], [s.instance_name for s in node.stays])
        self.assertEqual(['db'], [s.instance_name for s in node.blocked])

    def test_what_programs_read(self):
        self.assertEqual(
            [
                ['none', 'backup', 'home', 'unused_host', 'spread'],
                ['planned', 'finished', 'refused'],
                ['live', 'cold'],
            ],
            [[m.value for m in kind] for kind in (Method, Verdict, MoveKind)],
        )
