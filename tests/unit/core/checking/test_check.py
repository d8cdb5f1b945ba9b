# SPDX-License-Identifier: Apache-2.0


"""Each row is right, or wrong by one thing that the checker has to name."""

import dataclasses

import ddt

from tests.unit import base
from tests.unit.core import builders
from tests.unit.core import plans
from watcher_host_maintenance.core.model.plan import Enable
from watcher_host_maintenance.core.model.plan import Method
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Step
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.rules.roles import OUT_OF_SCOPE


MARKED = {'status': 'disabled', 'disabled_reason': 'watcher_maintaining'}
FAN = {'status': 'disabled', 'disabled_reason': 'broken fan'}
WRONG = (Finding(OUT_OF_SCOPE, 'compute-1'),)
LEAVE = builders.a_request(on_blocked=OnBlocked.LEAVE)


def refused(
    hostname: str = 'compute-1', findings: tuple[Finding, ...] = WRONG
) -> NodeOutcome:
    """An empty node that is refused."""
    return NodeOutcome(hostname, Verdict.REFUSED, 0, findings=findings)


def finished(hostname: str = 'compute-1') -> NodeOutcome:
    """A node on which there is nothing to do."""
    return NodeOutcome(hostname, Verdict.FINISHED, 0)


def judged(nodes: list, request: Request, outcome: Outcome) -> list[str]:
    """What the checker says of a plan for nodes without instances."""
    known = builders.a_snapshot(nodes, ())
    return plans.Plan(known, request, outcome, ()).but().violations


@ddt.ddt
class TestCheck(base.TestCase):
    @ddt.named_data(
        ('spread', [builders.a_node('compute-2')], Method.SPREAD),
        ('unused_host', [builders.a_spare()], Method.UNUSED_HOST),
    )
    @ddt.unpack
    def test_a_right_plan(self, others, method):
        plan = plans.a_plan([builders.a_node('compute-1'), *others])
        self.assertIs(method, plan.outcome.nodes[0].method)
        self.assertEqual([], plan.violations)

    def test_violations_are_sorted_and_each_is_there_once(self):
        plan = plans.a_plan().but(
            nodes=(finished('compute-9'), finished('compute-9')),
            disables=(),
        )
        self.assertEqual(
            [
                'compute-1: asked for, but there is no outcome of it',
                'compute-9: has an outcome, but is not a known node',
                'compute-9: has an outcome, but was not asked for',
                'outcomes are not one for each node, by hostname',
            ],
            plan.violations,
        )


@ddt.ddt
class TestAnswer(base.TestCase):
    """Named or marked: each node that was asked for, and no other."""

    @ddt.named_data(
        ('both', ['compute-1', 'compute-2'], []),
        (
            'one_forgotten',
            ['compute-1'],
            ['compute-2: asked for, but there is no outcome of it'],
        ),
        (
            'one_too_many',
            ['compute-1', 'compute-2', 'compute-3'],
            ['compute-3: has an outcome, but was not asked for'],
        ),
        (
            'one_twice',
            ['compute-1', 'compute-2', 'compute-2'],
            ['outcomes are not one for each node, by hostname'],
        ),
        (
            'out_of_order',
            ['compute-2', 'compute-1'],
            ['outcomes are not one for each node, by hostname'],
        ),
    )
    @ddt.unpack
    def test_named(self, answered, expected):
        nodes = [builders.a_node(f'compute-{n}', **FAN) for n in (1, 2, 3)]
        request = builders.a_request('compute-2', 'compute-1', 'compute-2')
        outcome = Outcome(nodes=tuple(finished(h) for h in answered))
        self.assertEqual(expected, judged(nodes, request, outcome))

    def test_named_but_unknown(self):
        request = builders.a_request('compute-9')
        outcome = Outcome(nodes=(finished('compute-9'),))
        self.assertEqual(
            ['compute-9: has an outcome, but is not a known node'],
            judged([builders.a_node()], request, outcome),
        )

    def test_a_bad_request_has_no_outcomes(self):
        request = builders.a_request('compute-9')
        outcome = Outcome(findings=WRONG)
        self.assertEqual([], judged([builders.a_node()], request, outcome))

    @ddt.named_data(
        # name, the node, asked for
        ('marked', MARKED, True),
        ('prefix', {**MARKED, 'disabled_reason': 'watcher_maintaining!'}, 1),
        ('cut', {**MARKED, 'disabled_reason': 'watcher_maintainin'}, False),
        ('inside', {**MARKED, 'disabled_reason': '-watcher_maintaining'}, 0),
        ('second_mark', {**MARKED, 'disabled_reason': 'fire'}, True),
        ('enabled', {**MARKED, 'status': 'enabled'}, False),
        ('elsewhere', {**MARKED, 'in_scope': False}, False),
        ('closed', FAN, False),
    )
    @ddt.unpack
    def test_marked(self, fields, asked):
        request = builders.a_bare_request(
            marking_reasons=('watcher_maintaining', 'fire')
        )
        told = judged(
            [builders.a_node('compute-1', **fields)], request, Outcome()
        )
        missed = ['compute-1: asked for, but there is no outcome of it']
        self.assertEqual(missed if asked else [], told)


@ddt.ddt
class TestRefusal(base.TestCase):
    @ddt.named_data(
        ('moves', {}, builders.a_node(), 2),
        ('enables', {}, builders.a_spare(), 3),
        (
            'stops',
            {'disable_cold_migration': True, 'disable_live_migration': True},
            builders.a_node(),
            2,
        ),
    )
    @ddt.unpack
    def test_of_the_whole_request(self, flags, other, count):
        nodes = [builders.a_node('compute-1'), other]
        plan = plans.a_plan(nodes, request=builders.a_request(**flags))
        told = f'the request is refused, but {count} things are done'
        self.assertNotIn(told, plan.violations)
        self.assertIn(told, plan.but(findings=WRONG).violations)

    def test_leaves_the_node_alone(self):
        nodes = [builders.a_node('compute-1'), builders.a_node()]
        plan = plans.a_plan(nodes, [builders.an_instance()])
        plan = plan.but_node(verdict=Verdict.REFUSED, findings=WRONG)
        self.assertEqual(
            [
                "['compute-1'] are disabled, not []",
                'compute-1: refused, but 1 instances leave it',
                'compute-1: refused, but it is disabled',
            ],
            plan.violations,
        )

    def test_leaves_running_what_runs(self):
        request = builders.a_request(
            disable_live_migration=True, disable_cold_migration=True
        )
        node = builders.a_node('compute-1', **FAN)
        plan = plans.a_plan([node], request=request)
        self.assertEqual([], plan.violations)
        plan = plan.but_node(verdict=Verdict.REFUSED, findings=WRONG)
        self.assertEqual(
            ['compute-1: refused, but 1 instances leave it'], plan.violations
        )

    @ddt.named_data(
        # name, the other one, is that wrong when both are named
        ('refused', refused('compute-2'), False),
        ('finished', finished('compute-2'), True),
    )
    @ddt.unpack
    def test_of_one_among_several(self, other, is_wrong):
        nodes = [builders.a_node(f'compute-{n}', **MARKED) for n in (1, 2)]
        outcome = Outcome(nodes=(refused(), other))
        named = builders.a_request('compute-1', 'compute-2')
        told = (
            'compute-2: finished, but compute-1 of the same request is refused'
        )
        self.assertEqual(
            [told] if is_wrong else [], judged(nodes, named, outcome)
        )
        marked = builders.a_bare_request()
        self.assertEqual([], judged(nodes, marked, outcome))

    @ddt.named_data(
        # name, findings, stays, expected
        ('finding', WRONG, (), True),
        ('blocker', (), (plans.a_stay(),), True),
        ('nothing', (), (), False),
    )
    @ddt.unpack
    def test_has_a_reason(self, findings, stays, is_told):
        instances = [builders.an_instance(vm_state='suspended')]
        nodes = [builders.a_node('compute-1'), builders.a_node()]
        plan = plans.a_plan(nodes, instances)
        plan = plan.but_node(findings=findings, stays=stays)
        self.assertEqual(
            [] if is_told else ['compute-1: refused without a reason'],
            plan.violations,
        )

    @ddt.named_data(
        # name, findings of compute-1, silent when named, when marked
        ('one_has', WRONG, [], ['compute-2']),
        ('none_has', (), ['compute-1', 'compute-2'], None),
    )
    @ddt.unpack
    def test_has_one_reason_for_all_that_are_named(
        self, findings, named, marked
    ):
        def said(hosts):
            return [f'{h}: refused without a reason' for h in hosts]

        nodes = [builders.a_node(f'compute-{n}', **MARKED) for n in (1, 2)]
        outcome = Outcome(
            nodes=(
                refused(findings=findings),
                refused('compute-2', findings=()),
            )
        )
        self.assertEqual(
            said(named),
            judged(
                nodes, builders.a_request('compute-1', 'compute-2'), outcome
            ),
        )
        self.assertEqual(
            said(named if marked is None else marked),
            judged(nodes, builders.a_bare_request(), outcome),
        )


NOTHING_TO_DO = 'planned, but nothing is to be done'


@ddt.ddt
class TestNothingToDo(base.TestCase):
    @ddt.named_data(
        # name, the node, expected when finished, when planned
        ('open', {}, 'finished, but may be filled again', None),
        ('open_down', {'state': 'down'}, None, NOTHING_TO_DO),
        ('closed', FAN, None, NOTHING_TO_DO),
        ('closed_down', {**FAN, 'state': 'down'}, None, NOTHING_TO_DO),
    )
    @ddt.unpack
    def test_empty(self, fields, when_finished, when_planned):
        nodes = [builders.a_node('compute-1', **fields)]
        request = builders.a_request()
        disables = () if 'status' in fields else ('compute-1',)
        planned = NodeOutcome('compute-1', Verdict.PLANNED, 0)
        for outcome, expected in (
            (Outcome(nodes=(finished(),)), when_finished),
            (Outcome(nodes=(planned,), disables=disables), when_planned),
        ):
            self.assertEqual(
                [f'compute-1: {expected}'] if expected else [],
                judged(nodes, request, outcome),
            )

    @ddt.named_data(
        ('moves', {}, 'active'),
        ('stays', {'disable_cold_migration': True}, 'stopped'),
        (
            'stops',
            {'disable_cold_migration': True, 'disable_live_migration': True},
            'active',
        ),
    )
    @ddt.unpack
    def test_not_empty(self, flags, vm_state):
        nodes = [builders.a_node('compute-1', **FAN), builders.a_node()]
        instances = [builders.an_instance(vm_state=vm_state)]
        request = builders.a_request(**flags)
        plan = plans.a_plan(nodes, instances, request)
        self.assertIs(Verdict.PLANNED, plan.outcome.nodes[0].verdict)
        self.assertEqual([], plan.violations)
        plan = plan.but_node(verdict=Verdict.FINISHED)
        self.assertEqual(
            ['compute-1: finished, with 1 instances'], plan.violations
        )

    def test_a_known_node_after_an_unknown_one(self):
        request = builders.a_request('compute-1', 'compute-2')
        outcome = Outcome(nodes=(finished('compute-1'), finished('compute-2')))
        self.assertIn(
            'compute-2: finished, but may be filled again',
            judged([builders.a_node()], request, outcome),
        )

    def test_refused_and_disabled_is_neither(self):
        nodes = [builders.a_node('compute-1', **FAN)]
        outcome = Outcome(nodes=(refused(),))
        self.assertEqual([], judged(nodes, builders.a_request(), outcome))


class TestMarks(base.TestCase):
    """A node to empty keeps no reason of a spare, and no other is marked."""

    def test_right(self):
        plan = plans.a_plan([builders.a_spare('compute-1'), builders.a_node()])
        self.assertEqual(('compute-1',), plan.outcome.marks)
        self.assertEqual([], plan.violations)
        self.assertEqual(
            ["[] are marked, not ['compute-1']"], plan.but(marks=()).violations
        )

    def test_another(self):
        plan = plans.a_plan()
        self.assertEqual(
            ["['compute-2'] are marked, not []"],
            plan.but(marks=('compute-2',)).violations,
        )


class TestBlocked(base.TestCase):
    def test_fails_or_leaves(self):
        instances = [builders.an_instance(vm_state='suspended')]
        plan = plans.a_plan(instances=instances, request=LEAVE)
        self.assertEqual([], plan.violations)
        self.assertEqual(
            ['web-1: blocked, but compute-1 is planned all the same'],
            plan.but_asked(on_blocked=OnBlocked.FAIL).violations,
        )

    def test_left_as_asked_is_no_blocker(self):
        plan = plans.a_plan(
            instances=[builders.an_instance(vm_state='stopped')],
            request=builders.a_request(disable_cold_migration=True),
        )
        self.assertEqual(1, len(plan.outcome.nodes[0].stays))
        self.assertEqual([], plan.violations)


@ddt.ddt
class TestDisables(base.TestCase):
    @ddt.named_data(
        ('once', ('compute-1',), []),
        ('never', (), ["[] are disabled, not ['compute-1']"]),
        (
            'another',
            ('compute-1', 'compute-2'),
            ["['compute-1', 'compute-2'] are disabled, not ['compute-1']"],
        ),
    )
    @ddt.unpack
    def test_of_an_enabled_node(self, disables, expected):
        plan = plans.a_plan().but(disables=disables)
        self.assertEqual(expected, plan.violations)

    def test_twice(self):
        plan = plans.a_plan()
        outcome = dataclasses.replace(
            plan.outcome, disables=('compute-1', 'compute-1')
        )
        self.assertIn(
            "['compute-1', 'compute-1'] are disabled, not ['compute-1']",
            dataclasses.replace(plan, outcome=outcome).violations,
        )

    def test_of_a_node_that_is_disabled(self):
        nodes = [builders.a_node('compute-1', **FAN), builders.a_node()]
        plan = plans.a_plan(nodes)
        self.assertEqual([], plan.violations)
        self.assertEqual(
            ["['compute-1'] are disabled, not []"],
            plan.but(disables=('compute-1',)).violations,
        )

    def test_of_a_finished_node(self):
        outcome = Outcome(nodes=(finished(),), disables=('compute-1',))
        nodes = [builders.a_node('compute-1', state='down')]
        self.assertEqual(
            ["['compute-1'] are disabled, not []"],
            judged(nodes, builders.a_request(), outcome),
        )


class TestParts(base.TestCase):
    """What the other modules of the checker find is told as well."""

    def test_fates(self):
        self.assertEqual(
            ['compute-1: said to hold 2 instances, holds 1'],
            plans.a_plan().but_node(instance_count=2).violations,
        )

    def test_hosts(self):
        self.assertEqual(
            ['compute-1: method backup, but the request names no backup'],
            plans.a_plan().but_node(method=Method.BACKUP).violations,
        )

    def test_order(self):
        plan = plans.a_plan()
        step = Step('enable compute-2', Enable('compute-2'))
        self.assertEqual(
            [f'decided 0 times, scheduled 1 times: {step.action}'],
            plan.but_steps(*plan.steps, step).violations,
        )

    def test_replay(self):
        plan = plans.a_plan()
        small = builders.a_node('compute-2', vcpus=0)
        plan = plan.but_known(nodes=(plan.known.nodes[0], small))
        self.assertEqual(
            ['web-1: to compute-2, 1 VCPU may be used of 0'], plan.violations
        )
