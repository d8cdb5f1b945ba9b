# SPDX-License-Identifier: Apache-2.0

"""Servers of other nodes move to make room: checked as a whole."""

import dataclasses

import ddt

from tests.unit import base
from tests.unit.core import plans
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_request
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import an_instance
from watcher_host_maintenance.core.model import document
from watcher_host_maintenance.core.model.plan import Method
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.scheduling import steps


AWAY = plans.a_move('small', 'compute-3', host='compute-2')
MOVE = dataclasses.replace(plans.a_move('big'), after=('uuid-small',))


def a_plan(
    secondary=(AWAY,), move=MOVE, small=(), nodes=None, **fields
) -> plans.Plan:
    """``big`` takes all of ``compute-2`` once ``small`` has left it.

    :param small: other fields of that server
    :param fields: other fields of the request
    """
    known = a_snapshot(
        nodes
        or [
            a_node('compute-1'),
            a_node('compute-2', vcpus=4),
            a_node('compute-3', vcpus=1),
        ],
        [
            an_instance('big', vcpus=4),
            an_instance(
                **{'name': 'small', 'host': 'compute-2', **dict(small)}
            ),
        ],
    )
    outcome = Outcome(
        nodes=(
            NodeOutcome(
                'compute-1', Verdict.PLANNED, 1, Method.SPREAD, (move,)
            ),
        ),
        disables=('compute-1',),
        secondary_moves=secondary,
    )
    request = a_request(**{'max_secondary_moves': 1, **fields})
    schedule = steps.schedule(known, outcome, plans.PACE)
    return plans.Plan(known, request, outcome, schedule)


@ddt.ddt
class TestSecondary(base.TestCase):
    def test_right(self):
        plan = a_plan()
        self.assertEqual([], plan.violations)
        self.assertEqual((AWAY, MOVE), plan.outcome.moves)
        self.assertEqual(
            {
                'disable compute-1': (),
                'move uuid-small': ('disable compute-1',),
                'move uuid-big': ('move uuid-small',),
            },
            {step.key: step.after for step in plan.steps},
        )

    def test_that_none_is_left_out_of_documents(self):
        plain = document.to_plain(a_plan().outcome)
        self.assertEqual(
            ['uuid-small'], plain['nodes'][0]['moves'][0]['after']
        )
        self.assertNotIn('after', plain['secondary_moves'][0])
        plain = document.to_plain(Outcome())
        self.assertNotIn('secondary_moves', plain)

    @ddt.named_data(
        # name, how many may move, what is wrong
        ('none', 0, ['1 servers of other nodes move, 0 may']),
        ('one',  1, []),
        ('two',  2, []),
    )  # fmt: skip
    @ddt.unpack
    def test_number(self, most, expected):
        self.assertEqual(expected, a_plan(max_secondary_moves=most).violations)

    def test_does_not_wait(self):
        plan = a_plan(move=plans.a_move('big'))
        self.assertEqual(
            [
                'big: to compute-2, 5 VCPU may be used of 4',
                'small: makes room, but no move waits for it',
            ],
            plan.violations,
        )

    def test_schedule_does_not_wait(self):
        plan = a_plan()
        loose = [
            dataclasses.replace(step, after=('disable compute-1',))
            if step.key == 'move uuid-big'
            else step
            for step in plan.steps
        ]
        self.assertEqual(
            [
                "'move uuid-big' may start before uuid-small has moved",
                'big: to compute-2, 5 VCPU may be used of 4',
            ],
            plan.but_steps(*loose).violations,
        )

    def test_waits_for_what_does_not_move(self):
        plan = a_plan()
        disable, _small, big = plan.steps
        alone = dataclasses.replace(big, after=(disable.key,))
        self.assertIn(
            "'move uuid-big' may start before uuid-small has moved",
            plan.but_steps(disable, alone).violations,
        )

    def test_swap_has_no_order(self):
        away = dataclasses.replace(AWAY, after=('uuid-big',))
        self.assertRaises(ValueError, a_plan, (away,))

    def test_moved_twice(self):
        again = plans.a_move('small', 'compute-1', host='compute-2')
        plan = a_plan()
        plan = plan.but_steps(
            *plan.steps,
            dataclasses.replace(plan.steps[1], key='again', action=again),
        )
        self.assertIn('uuid-small is moved 2 times', plan.violations)

    @ddt.named_data(
        # name, fields of the move, what is wrong
        ('cold', {'kind': MoveKind.COLD}, [
            'small: a cold migration, but it runs and is to move the other '
            'way',
            'small: makes room, but by a cold migration',
        ]),
        ('unproved', {'unproved': True}, [
            'small: makes room, but it is not proved to fit',
            'small: to compute-3, though nobody allowed moves that are not '
            'proved',
        ]),
        ('other_name', {'instance_name': 'tiny'}, ['small: called tiny']),
        ('to_the_emptied', {'destination': 'compute-1'}, [
            'compute-1: a destination, but it is to be emptied',
        ]),
        ('too_large', {'destination': 'compute-4'}, [
            'small: to compute-4, 1 VCPU may be used of 0',
        ]),
    )  # fmt: skip
    @ddt.unpack
    def test_move(self, fields, expected):
        nodes = [
            a_node('compute-1'),
            a_node('compute-2', vcpus=4),
            a_node('compute-3', vcpus=1),
            a_node('compute-4', vcpus=0),
        ]
        away = dataclasses.replace(AWAY, **fields)
        self.assertEqual(expected, a_plan((away,), nodes=nodes).violations)

    def test_server_that_is_not_there(self):
        away = plans.a_move('x', 'compute-3', host='compute-2')
        move = dataclasses.replace(MOVE, after=('uuid-x',))
        self.assertEqual(
            [
                'big: to compute-2, 5 VCPU may be used of 4',
                'uuid-x: in the plan, but not on compute-2',
            ],
            a_plan((away,), move).violations,
        )

    @ddt.named_data(
        # name, fields of the server, what is wrong
        ('busy', {'task_state': 'pausing'},
         'small: a live migration, but its task state is pausing'),
        ('excluded', {'excluded': True},
         'small: a live migration, but the scope excludes it'),
        ('suspended', {'vm_state': 'suspended'},
         'small: a live migration, but its state is suspended'),
        ('stopped', {'vm_state': 'stopped'},
         'small: a live migration, but it does not run'),
        ('kept', {'owner_words': ('keep',)},
         'small: makes room, but its owner does not want it to be migrated live'),
        ('stays', {'owner_words': ('stay',)},
         'small: makes room, but its owner does not want it to be migrated live'),
        ('pinned', {'pinned_zone': 'east'},
         "small: to compute-3, in zone '', pinned to 'east'"),
    )  # fmt: skip
    @ddt.unpack
    def test_server(self, fields, expected):
        self.assertEqual([expected], a_plan(small=fields).violations)

    @ddt.named_data(
        # name, fields of compute-2, what is wrong with its move
        ('down',         {'state': 'down'}, ['it is down']),
        ('lost',
         {'status': 'disabled', 'disabled_reason': 'AUTO: lost'},
         ['its hypervisor does not answer']),
        ('out_of_scope', {'in_scope': False},
         ["it is outside of the audit's scope"]),
        ('bare_metal',   {'hypervisor_type': 'ironic'}, ['it is bare metal']),
    )  # fmt: skip
    @ddt.unpack
    def test_node(self, fields, expected):
        nodes = [
            a_node('compute-1'),
            a_node('compute-2', vcpus=4, **fields),
            a_node('compute-3', vcpus=1),
        ]
        self.assertEqual(
            [f'compute-2: makes room, but {words}' for words in expected],
            [
                words
                for words in a_plan(nodes=nodes).violations
                if 'makes room' in words
            ],
        )

    def test_of_a_node_that_is_emptied(self):
        [node] = a_plan().outcome.nodes
        plan = a_plan().but(
            nodes=(dataclasses.replace(node, moves=()),),
            secondary_moves=(plans.a_move('big'),),
        )
        self.assertIn(
            'compute-1: makes room, but is to be emptied', plan.violations
        )

    def test_of_a_node_that_is_not_known(self):
        away = plans.a_move('small', 'compute-3', host='compute-9')
        self.assertIn(
            'compute-9: makes room, but it is not a known node',
            a_plan((away,)).violations,
        )
