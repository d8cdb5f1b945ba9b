# SPDX-License-Identifier: Apache-2.0

"""What holds of every rule, by the rows of its own tests."""

import dataclasses

import ddt

from tests.unit import base
from tests.unit.core import plans
from tests.unit.core.builders import a_destination
from tests.unit.core.rules import asking
from tests.unit.core.rules import watched
from watcher_host_maintenance.core.checking import scheduler
from watcher_host_maintenance.core.checking.case import Case
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.rules import hosting
from watcher_host_maintenance.core.rules import zones
from watcher_host_maintenance.core.rules.rule import Rule
from watcher_host_maintenance.core.telling import words


ROWS = tuple(asking.every_row())


@ddt.ddt
class TestEveryRule(base.TestCase):
    @ddt.named_data(*ROWS)
    @ddt.unpack
    def test_gives_its_reasons(self, fields, expected):
        case = asking.a_case(**fields)
        node = case.snapshot.by_hostname['compute-2']
        judge = hosting.Judge(case.snapshot, case.request, [case.leaver])
        findings = judge.fixed_objections(
            case.leaver.instance, a_destination(node)
        )
        self.assertEqual(expected, [f.reason.value for f in findings])
        self.assertEqual(
            {'compute-2'} if expected else set(), {f.subject for f in findings}
        )
        for finding in findings:
            self.assertIn('compute-2', words.say(finding))
            self.assertTrue(words.help_for(finding))

    @ddt.named_data(*ROWS)
    @ddt.unpack
    def test_the_checker_says_the_same(self, fields, expected):
        case = asking.a_case(**fields)
        move = dataclasses.replace(plans.a_move(), kind=case.leaver.kind)
        node = NodeOutcome('compute-1', Verdict.PLANNED, 1, moves=(move,))
        violations = scheduler.violations(
            Case(case.snapshot, case.request, Outcome(nodes=(node,)))
        )
        self.assertIs(bool(expected), bool(list(violations)))

    @ddt.data(*range(len(hosting.RULES)))
    def test_declares_what_it_looks_at(self, number):
        rule = hosting.RULES[number]
        seen, given, silent = set(), set(), False
        for _name, fields, _expected in ROWS:
            case = asking.a_case(**fields)
            if rule.applies(case.request):
                findings = watched.judged(rule, case.move, seen)
                given.update(f.reason for f in findings)
                silent = silent or not findings
        name = rule.objections.__name__
        self.assertEqual(set(rule.looks_at), seen, f'{name}: looks_at')
        self.assertEqual(set(rule.gives), given, f'{name}: gives, and ROWS')
        self.assertTrue(silent, f'{name}: a row of ROWS that it lets pass')

    @ddt.data(*range(len(hosting.RULES)))
    def test_has_a_switch_of_the_request(self, number):
        fields = {field.name for field in dataclasses.fields(Request)}
        self.assertIn(hosting.RULES[number].switch, {'', *fields})

    def test_each_reason_is_given_by_one_rule(self):
        given = [r for rule in hosting.RULES for r in rule.gives]
        self.assertEqual(len(given), len(set(given)))


class TestWatched(base.TestCase):
    def test_refuses_what_is_not_declared(self):
        case = asking.a_case(pinned_zone='b')
        blind = Rule(zones.in_pinned_zone.objections, (), ())
        self.assertRaises(
            watched.Undeclared, watched.judged, blind, case.move, set()
        )
