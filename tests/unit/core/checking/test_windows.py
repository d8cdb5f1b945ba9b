# SPDX-License-Identifier: Apache-2.0

"""A plan that holds something back is wrong if it is one thing off."""

import dataclasses

import ddt

from tests.unit import base
from tests.unit.core import plans
from tests.unit.core.builders import a_group
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_request
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import a_spare
from tests.unit.core.builders import an_instance
from watcher_host_maintenance.core.checking import check
from watcher_host_maintenance.core.model.pace import Pace
from watcher_host_maintenance.core.model.plan import Method
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.reasons import by_value
from watcher_host_maintenance.core.model.request import CloseAt
from watcher_host_maintenance.core.model.window import Window
from watcher_host_maintenance.core.scheduling import holding
from watcher_host_maintenance.core.scheduling import steps


NOW_S = 1000
OPEN = Window(NOW_S, NOW_S + 30)
ENDLESS = Window(NOW_S)
BEFORE = Window(NOW_S + 1, NOW_S + 30)
OVER = Window(NOW_S - 9, NOW_S)

MOVE = plans.a_move('web-1')

HELD = holding.NO_TIME_LEFT.value


def a_held(name='web-2', reason=HELD, **fields):
    """A server that waits."""
    finding = by_value(reason).about(name)
    return plans.a_stay(name, as_asked=True, findings=(finding,), **fields)


def a_part(
    window=OPEN,
    moves=(MOVE,),
    stays=None,
    disables=('compute-1',),
    server=None,
    groups=(),
    close=CloseAt.START,
    **fields,
):
    """``web-1`` moves in 20 s, ``web-2`` waits; the window has 30 s left.

    :param server: other fields of both servers
    :param fields: other fields of the outcome
    """
    known = a_snapshot(
        [a_node('compute-1'), a_node('compute-2'), a_spare()],
        [
            an_instance(f'web-{n}', memory_mb=1000, **(server or {}))
            for n in (1, 2)
        ],
        groups,
    )
    outcome = Outcome(
        nodes=(
            NodeOutcome(
                'compute-1',
                Verdict.PLANNED,
                2,
                Method.SPREAD if moves else Method.NONE,
                moves,
                stays=(a_held(),) if stays is None else stays,
            ),
        ),
        disables=disables,
        **fields,
    )
    request = a_request(window=window, now_s=NOW_S, close=close)
    schedule = steps.schedule(known, outcome, plans.PACE)
    return plans.Plan(known, request, outcome, schedule)


def nothing(window, reason, **fields):
    """The part that begins outside of the window: nothing."""
    stays = tuple(a_held(f'web-{n}', reason) for n in (1, 2))
    fields = {'disables': (), 'stays': stays, **fields}
    return a_part(window, (), **fields)


@ddt.ddt
class TestRight(base.TestCase):
    @ddt.named_data(
        ('open', a_part()),
        ('before', nothing(BEFORE, 'before_window')),
        ('over', nothing(OVER, 'after_window')),
        (
            'closed_at_once',
            nothing(
                BEFORE,
                'before_window',
                close=CloseAt.NOW,
                disables=('compute-1',),
            ),
        ),
    )
    def test_right(self, plan):
        self.assertEqual([], plan.violations)


@ddt.ddt
class TestCause(base.TestCase):
    @ddt.named_data(
        # name, window, reason of both servers, disables
        ('no_window',        None,    'no_time_left'),
        ('no_window_others', None,    'waits_with_others'),
        ('before_but_open',  OPEN,    'before_window'),
        ('before_but_over',  OVER,    'before_window'),
        ('after_but_open',   OPEN,    'after_window'),
        ('after_but_before', BEFORE,  'after_window'),
        ('time_but_endless', ENDLESS, 'no_time_left'),
        ('time_but_before',  BEFORE,  'no_time_left'),
        ('time_but_over',    OVER,    'no_time_left'),
    )  # fmt: skip
    @ddt.unpack
    def test_none(self, window, reason):
        is_open = window in (None, OPEN, ENDLESS)
        plan = nothing(
            window, reason, disables=('compute-1',) if is_open else ()
        )
        self.assertEqual(
            [
                f'{name}: waits, but there is no cause for {reason}'
                for name in ('web-1', 'web-2')
            ],
            plan.violations,
        )

    def test_none_for_a_node(self):
        finding = holding.BEFORE_WINDOW.about('compute-1', starts='')
        self.assertEqual(
            ['compute-1: waits, but there is no cause for before_window'],
            a_part().but_node(findings=(finding,)).violations,
        )

    @ddt.named_data(
        (
            'blocked',
            {},
            a_part(stays=(dataclasses.replace(a_held(), as_asked=False),)),
            ['it is said to be blocked'],
        ),
        ('state', {'vm_state': 'suspended'}, None, ['its state is suspended']),
        ('scope', {'excluded': True}, None, ['the scope excludes it']),
        (
            'task',
            {'task_state': 'rebooting'},
            None,
            ['its task state is rebooting'],
        ),
    )
    @ddt.unpack
    def test_of_what_cannot_leave(self, server, plan, problems):
        plan = plan or a_part(
            moves=(), stays=(a_held('web-1'), a_held()), server=server
        )
        said = [v for v in plan.violations if v.startswith('web-2: waits')]
        self.assertEqual([f'web-2: waits, but {p}' for p in problems], said)

    def test_of_what_a_parameter_leaves(self):
        plan = a_part(moves=(), stays=(a_held('web-1'), a_held()))
        plan = plan.but_asked(
            disable_live_migration=True, disable_cold_migration=True
        ).but_known(
            instances=tuple(
                dataclasses.replace(i, vm_state='stopped')
                for i in plan.known.instances
            )
        )
        self.assertIn(
            'web-2: waits, but a parameter leaves it', plan.violations
        )

    def test_on_a_refused_node(self):
        plan = a_part(moves=(), disables=()).but_node(verdict=Verdict.REFUSED)
        self.assertEqual(
            ['web-2: waits, but compute-1 is refused'], plan.violations
        )


@ddt.ddt
class TestOutside(base.TestCase):
    @ddt.data(BEFORE, OVER)
    def test_nothing_begins(self, window):
        reason = 'before_window' if window is BEFORE else 'after_window'
        plan = a_part(window, disables=(), stays=(a_held(reason=reason),))
        expected = ['web-1: begins outside of the window']
        if window is BEFORE:
            self.assertEqual(expected, plan.violations)
        else:
            self.assertIn(expected[0], plan.violations)

    def test_no_spare_is_enabled(self):
        plan = nothing(BEFORE, 'before_window', enables=('spare-1',))
        self.assertIn(
            'spare-1: is enabled outside of the window', plan.violations
        )

    @ddt.named_data(
        # name, window, close, what is disabled, what should be
        ('before', BEFORE, CloseAt.START, ['compute-1'], []),
        ('over', OVER, CloseAt.START, ['compute-1'], []),
        ('at_once_but_over', OVER, CloseAt.NOW, ['compute-1'], []),
        ('at_once_and_not', BEFORE, CloseAt.NOW, [], ['compute-1']),
    )
    @ddt.unpack
    def test_nodes(self, window, close, disables, expected):
        reason = 'before_window' if window is BEFORE else 'after_window'
        plan = nothing(window, reason, close=close, disables=tuple(disables))
        self.assertEqual(
            [f'{disables} are disabled, not {expected}'], plan.violations
        )

    def test_node_is_closed_in_the_window(self):
        self.assertIn(
            "[] are disabled, not ['compute-1']",
            a_part(disables=()).violations,
        )


class TestEnd(base.TestCase):
    def test_one_after_the_other(self):
        moves = (MOVE, plans.a_move('web-2'))
        self.assertEqual(
            ["'move uuid-web-2' may end 10 s too late"],
            a_part(moves=moves, stays=()).violations,
        )

    def test_exactly_then(self):
        window = Window(NOW_S, NOW_S + 20)
        self.assertEqual([], a_part(window).violations)
        window = Window(NOW_S, NOW_S + 19)
        self.assertEqual(
            ["'move uuid-web-1' may end 1 s too late"],
            a_part(window).violations,
        )

    def test_with_the_pace(self):
        plan = a_part()
        slow = Pace(mib_per_s=40)
        self.assertEqual(
            ("'move uuid-web-1' may end 5 s too late",),
            check.check(
                plan.known, plan.request, plan.outcome, plan.steps, slow
            ),
        )


class TestGroups(base.TestCase):
    def part(self, policy):
        return a_part(
            groups=[a_group(policy, compute_2=1)], server={'group': 'uuid-db'}
        )

    def test_hard_affinity(self):
        self.assertEqual(
            ['web-1: moves, but web-2 of its affinity group waits'],
            self.part('affinity').violations,
        )

    def test_soft_affinity(self):
        self.assertEqual([], self.part('soft-affinity').violations)
