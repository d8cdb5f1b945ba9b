# SPDX-License-Identifier: Apache-2.0


"""A schedule holds every step once, and services come before moves."""

import dataclasses

import ddt

from tests.unit import base
from tests.unit.core import builders
from tests.unit.core import plans
from tests.unit.core import returns
from watcher_host_maintenance.core.checking import order
from watcher_host_maintenance.core.model.pace import Pace
from watcher_host_maintenance.core.model.plan import Await
from watcher_host_maintenance.core.model.plan import Disable
from watcher_host_maintenance.core.model.plan import Enable
from watcher_host_maintenance.core.model.plan import Mark
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Spare
from watcher_host_maintenance.core.model.plan import Step
from watcher_host_maintenance.core.model.plan import Verify
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.plugin.watcher.estimates import MODEL_STALE


DISABLE, ENABLE = Disable('compute-1'), Enable('spare-1')
MOVE, STOP = plans.a_move(destination='spare-1'), plans.a_stop()


def a_step(key, *after, action=MOVE):
    """A step with a short name."""
    return Step(key, action, after)


def a_spare_plan():
    """A plan with a disable, an enable, and a move of ``web-1``."""
    return plans.a_plan([builders.a_node('compute-1'), builders.a_spare()])


def a_stopping_plan():
    """A plan with a disable, and a stop of ``web-1``."""
    return plans.a_plan(
        request=builders.a_request(
            disable_live_migration=True, disable_cold_migration=True
        )
    )


def a_failed_plan():
    """A plan of nothing: ``web-1`` is blocked."""
    suspended = builders.an_instance(vm_state='suspended')
    return plans.a_plan(instances=[suspended])


@ddt.ddt
class TestSameActions(base.TestCase):
    @ddt.named_data(
        ('moving', a_spare_plan()),
        ('stopping', a_stopping_plan()),
        ('failed', a_failed_plan()),
    )
    def test_right(self, plan):
        self.assertEqual([], plan.violations)

    @ddt.named_data(
        ('disable', 0, DISABLE),
        ('enable', 1, ENABLE),
        ('move', 2, MOVE),
    )
    @ddt.unpack
    def test_one_is_missing(self, index, action):
        plan = a_spare_plan()
        steps = [a_step(s.key, action=s.action) for s in plan.steps]
        del steps[index]
        self.assertIn(
            f'decided 1 times, scheduled 0 times: {action}',
            plan.but_steps(*steps).violations,
        )

    def test_the_stop_is_missing(self):
        plan = a_stopping_plan()
        self.assertEqual(
            [f'decided 1 times, scheduled 0 times: {STOP}'],
            plan.but_steps(*plan.steps[:1]).violations,
        )

    @ddt.data(0, 1, 2)
    def test_one_is_there_twice(self, index):
        plan = a_spare_plan()
        action, after = plan.steps[index].action, plan.steps[index].after
        plan = plan.but_steps(*plan.steps, a_step('x', *after, action=action))
        self.assertIn(
            f'decided 1 times, scheduled 2 times: {action}', plan.violations
        )

    def test_one_was_never_decided(self):
        plan = a_stopping_plan()
        other = Disable('compute-2')
        plan = plan.but_steps(*plan.steps, a_step('x', action=other))
        self.assertEqual(
            [f'decided 0 times, scheduled 1 times: {other}'], plan.violations
        )

    def test_a_move_goes_elsewhere(self):
        plan = a_spare_plan()
        *first, last = plan.steps
        move = plans.a_move()
        told = plan.but_steps(
            *first, a_step(last.key, *last.after, action=move)
        ).violations
        self.assertEqual(
            [
                f'decided 0 times, scheduled 1 times: {move}',
                f'decided 1 times, scheduled 0 times: {MOVE}',
            ],
            told,
        )

    def test_a_failed_plan_does_nothing(self):
        known = builders.a_snapshot()
        outcome = Outcome(findings=(Finding(MODEL_STALE),))
        step = a_step('disable compute-1', action=DISABLE)
        plan = plans.Plan(known, builders.a_request(), outcome, (step,))
        self.assertEqual(
            [f'decided 0 times, scheduled 1 times: {DISABLE}'],
            plan.violations,
        )
        plan = a_failed_plan().but_steps(step)
        self.assertEqual(
            [f'decided 0 times, scheduled 1 times: {DISABLE}'],
            plan.violations,
        )


@ddt.ddt
class TestAwait(base.TestCase):
    """What moves to a spare waits until it is open."""

    def violations(self, *after, reason='', move=('await',)):
        plan = a_spare_plan()
        disable, enable, moving = plan.steps
        return plan.but_steps(
            disable,
            enable,
            a_step('await', *after, action=Await('spare-1', reason)),
            a_step(moving.key, enable.key, *move, action=moving.action),
        ).violations

    @ddt.data('', 'watcher_disabled')
    def test_right(self, reason):
        self.assertEqual([], self.violations('enable spare-1', reason=reason))

    def test_too_early(self):
        self.assertEqual(
            ["'await' may start before spare-1 is enabled"], self.violations()
        )

    def test_is_not_waited_for(self):
        self.assertEqual(
            ["'move uuid-web-1' may start before spare-1 is open"],
            self.violations('enable spare-1', move=()),
        )

    def test_gives_back_another_reason(self):
        self.assertEqual(
            ["'await' changes spare-1"],
            self.violations('enable spare-1', reason='fan'),
        )


@ddt.ddt
class TestNoOrder(base.TestCase):
    """What makes no sense is told, and not replayed."""

    @ddt.named_data(
        ('chain', [a_step('a'), a_step('b', 'a')], True),
        ('diamond', [a_step('a', 'b', 'c'), a_step('b'), a_step('c')], True),
        ('one_name', [a_step('a'), a_step('a')], False),
        ('nobody', [a_step('a', 'b')], False),
        ('itself', [a_step('a', 'a')], False),
        ('ring', [a_step('a', 'b'), a_step('b', 'a')], False),
        ('empty', [], True),
    )
    @ddt.unpack
    def test_can_be_ordered(self, steps, expected):
        self.assertIs(expected, order.can_be_ordered(tuple(steps)))

    @ddt.named_data(
        (
            'one_name',
            ('disable', 'disable', 'move'),
            ((), (), ()),
            ["2 steps are called 'disable'"],
        ),
        (
            'nobody',
            ('disable', 'enable', 'move'),
            ((), (), ('disable', 'enable', 'lunch')),
            ["'move' waits for 'lunch', which is no step"],
        ),
        (
            'ring',
            ('disable', 'enable', 'move'),
            (('move',), ('disable',), ('enable',)),
            ['steps wait for one another: disable, enable, move'],
        ),
    )
    @ddt.unpack
    def test_told(self, keys, after, expected):
        plan = a_spare_plan()
        steps = [
            Step(key, step.action, names)
            for key, step, names in zip(keys, plan.steps, after, strict=True)
        ]
        self.assertEqual(expected, plan.but_steps(*steps).violations)

    def test_not_replayed(self):
        plan = a_spare_plan()
        small = builders.a_spare(vcpus=0)
        plan = plan.but_known(nodes=(plan.known.nodes[0], small))
        self.assertEqual(1, len(plan.violations))
        ring = [a_step('a', 'b', action=DISABLE), a_step('b', 'a', 'c')]
        steps = (*ring, a_step('c', action=ENABLE))
        self.assertEqual(
            ['steps wait for one another: a, b'],
            plan.but_steps(*steps).violations,
        )


class TestEnded(base.TestCase):
    def test_whatever_leads_to_a_step(self):
        steps = (
            a_step('d', 'b', 'c'),
            a_step('b', 'a'),
            a_step('c'),
            a_step('a'),
            a_step('e'),
        )
        self.assertEqual(
            {'a': '', 'b': 'a', 'c': '', 'd': 'abc', 'e': ''},
            {
                key: ''.join(sorted(over))
                for key, over in order.ended(steps).items()
            },
        )


class TestSideBySide(base.TestCase):
    """A server that comes home, and is started there."""

    def setUp(self):
        super().setUp()
        self.plan = returns.a_return(
            returns.stopped_away(),
            returns.a_return_request('compute-1', 'compute-2'),
        )
        self.assertEqual([], self.plan.violations)

    def after(self, key, *after):
        """What is wrong if a step waits for these alone."""
        steps = [
            dataclasses.replace(s, after=after) if s.key == key else s
            for s in self.plan.steps
        ]
        return self.plan.but_steps(*steps).violations

    def test_at_once(self):
        found = self.after('start uuid-web-1', 'return compute-2')
        self.assertIn(
            "'move uuid-web-1' and 'start uuid-web-1' may run side by side",
            found,
        )
        self.assertIn(
            "'start uuid-web-1' may start before uuid-web-1 has moved", found
        )

    def test_on_another_node(self):
        starts = tuple(
            dataclasses.replace(s, home='') for s in self.plan.outcome.starts
        )
        self.assertIn(
            'web-1: started on , not compute-1',
            self.plan.but_node('compute-2', starts=starts).violations,
        )


@ddt.ddt
class TestServicesFirst(base.TestCase):
    @ddt.named_data(
        ('both_before', (), ('disable', 'enable'), []),
        ('by_way_of_the_enable', ('disable',), ('enable',), []),
        (
            'not_disabled',
            (),
            ('enable',),
            ["'move' may start before compute-1 is disabled"],
        ),
        (
            'not_enabled',
            (),
            ('disable',),
            ["'move' may start before spare-1 is enabled"],
        ),
        (
            'at_the_same_time',
            (),
            (),
            [
                "'move' may start before compute-1 is disabled",
                "'move' may start before spare-1 is enabled",
            ],
        ),
    )
    @ddt.unpack
    def test_move(self, enable_after, move_after, expected):
        plan = a_spare_plan().but_steps(
            a_step('move', *move_after),
            a_step('enable', *enable_after, action=ENABLE),
            a_step('disable', action=DISABLE),
        )
        self.assertEqual(expected, plan.violations)

    @ddt.named_data(
        ('after', ('mark',), []),
        (
            'at_the_same_time',
            (),
            ["'move' may start before compute-1 is marked"],
        ),
    )
    @ddt.unpack
    def test_move_off_a_spare(self, after, expected):
        nodes = [builders.a_spare('compute-1'), builders.a_node()]
        plan = plans.a_plan(nodes)
        plan = plan.but_steps(
            a_step('mark', action=Mark('compute-1')),
            a_step('move', *after, action=plan.outcome.moves[0]),
        )
        self.assertEqual(expected, plan.violations)

    @ddt.named_data(
        ('after', ('disable',), []),
        (
            'at_the_same_time',
            (),
            ["'stop' may start before compute-1 is disabled"],
        ),
    )
    @ddt.unpack
    def test_stop(self, after, expected):
        plan = a_stopping_plan().but_steps(
            a_step('disable', action=DISABLE),
            a_step('stop', *after, action=STOP),
        )
        self.assertEqual(expected, plan.violations)

    def test_a_node_that_was_disabled_needs_no_step(self):
        closed = builders.a_node(
            'compute-1', status='disabled', disabled_reason='broken fan'
        )
        plan = plans.a_plan([closed, builders.a_node()])
        self.assertEqual([()], [step.after for step in plan.steps])
        self.assertEqual([], plan.violations)

    def test_another_node_is_disabled(self):
        nodes = [builders.a_node(f'compute-{n}') for n in (1, 2, 3)]
        plan = plans.a_plan(
            nodes, request=builders.a_request('compute-1', 'compute-2')
        ).but_steps(
            a_step('one', action=DISABLE),
            a_step('two', action=Disable('compute-2')),
            a_step('move', 'two', action=plans.a_move('web-1', 'compute-3')),
        )
        self.assertEqual(
            ["'move' may start before compute-1 is disabled"], plan.violations
        )


@ddt.ddt
class TestLooksLast(base.TestCase):
    """All nodes are looked at or none, at the end."""

    LOOK = Verify('compute-1')

    def plan(self, *looks):
        """Two nodes to empty; the looks replace those of the schedule."""
        nodes = [builders.a_node(f'compute-{n}') for n in (1, 2, 3)]
        plan = plans.a_plan(
            nodes,
            request=builders.a_request('compute-1', 'compute-2'),
            pace=Pace(),
        )
        changes = [s for s in plan.steps if not isinstance(s.action, Verify)]
        return plan.but_steps(*changes, *looks) if looks else plan

    def ends(self):
        return ('disable compute-2', 'move uuid-web-1')

    def test_right(self):
        plan = self.plan()
        self.assertEqual([], plan.violations)
        self.assertEqual(
            ['verify compute-1', 'verify compute-2'],
            [step.key for step in plan.steps[-2:]],
        )

    @ddt.named_data(
        (
            'missing',
            (LOOK,),
            [f'decided 1 times, scheduled 0 times: {Verify("compute-2")}'],
        ),
        (
            'twice',
            (LOOK, LOOK, Verify('compute-2')),
            [f'decided 1 times, scheduled 2 times: {LOOK}'],
        ),
        (
            'another',
            (LOOK, Verify('compute-2'), Verify('compute-3')),
            [f'decided 0 times, scheduled 1 times: {Verify("compute-3")}'],
        ),
        (
            'other_rest',
            (Verify('compute-1', ('uuid-web-1',)), Verify('compute-2')),
            [
                f'decided 0 times, scheduled 1 times: '
                f'{Verify("compute-1", ("uuid-web-1",))}',
                f'decided 1 times, scheduled 0 times: {LOOK}',
            ],
        ),
    )
    @ddt.unpack
    def test_not_these(self, looks, expected):
        steps = [
            a_step(f'look {n}', *self.ends(), action=look)
            for n, look in enumerate(looks)
        ]
        self.assertEqual(expected, self.plan(*steps).violations)

    @ddt.named_data(
        ('nothing', False, (), []),
        ('its_own', True, (), []),
        ('spare', True, (Spare('spare-1', 'watcher_disabled'),), []),
        (
            'another_reason',
            True,
            (Spare('spare-1', 'fan'),),
            ["'look' changes spare-1"],
        ),
        (
            'another_node',
            True,
            (Spare('compute-2', ''),),
            ["'look' changes compute-2"],
        ),
    )
    @ddt.unpack
    def test_gives_back(self, enables, spares, expected):
        plan = a_spare_plan()
        ends = [step.key for step in plan.steps]
        look = Verify('compute-1', (), enables, spares)
        plan = plan.but_steps(*plan.steps, a_step('look', *ends, action=look))
        self.assertEqual(expected, plan.violations)

    def test_gives_back_what_was_not_taken(self):
        closed = builders.a_node(
            'compute-1', status='disabled', disabled_reason='broken fan'
        )
        plan = plans.a_plan([closed, builders.a_node()])
        look = Verify('compute-1', (), True)
        look = a_step('look', plan.steps[0].key, action=look)
        self.assertEqual(
            ["'look' enables compute-1, which was not disabled"],
            plan.but_steps(*plan.steps, look).violations,
        )

    def test_too_early(self):
        plan = self.plan(
            a_step('one', 'disable compute-2', action=self.LOOK),
            a_step('two', *self.ends(), action=Verify('compute-2')),
        )
        self.assertEqual(
            ["'one' may start before 'move uuid-web-1' ends"],
            plan.violations,
        )

    def test_for_nothing(self):
        closed = builders.a_node(
            'compute-1', status='disabled', disabled_reason='broken fan'
        )
        suspended = builders.an_instance(vm_state='suspended')
        plan = plans.a_plan(
            [closed, builders.a_node()],
            [suspended],
            builders.a_request(on_blocked=OnBlocked.LEAVE),
        )
        look = a_step('one', action=Verify('compute-1', ('uuid-web-1',)))
        self.assertEqual(
            ["'one' may start before anything is done"],
            plan.but_steps(look).violations,
        )
