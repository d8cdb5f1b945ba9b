# SPDX-License-Identifier: Apache-2.0

import ddt

from demo import judge
from demo.picture import Host
from demo.picture import Picture
from demo.picture import Server
from demo.plan import Move
from demo.plan import Step
from tests.unit import base


ENABLED = Host('enabled')
EMPTIED = Host('disabled', judge.MAINTAINING)
SPARE = Host('disabled', 'watcher_disabled')
BROKEN = Host('disabled', 'fan broken')

TO_B = Move('web', 'live', 'a', 'b')
BEFORE = Picture(
    {'a': ENABLED, 'b': ENABLED, 's': SPARE},
    {'web': Server('a'), 'db': Server('b', 'SHUTOFF')},
)
AFTER = Picture(
    {'a': EMPTIED, 'b': ENABLED, 's': SPARE},
    {'web': Server('b'), 'db': Server('b', 'SHUTOFF')},
)
REASON = 'Cannot drain a: web fits nowhere. Nothing was changed.'


def but(picture, hosts=None, servers=None):
    """The same picture with other hosts or servers."""
    return Picture(
        {**picture.hosts, **(hosts or {})},
        {**picture.servers, **(servers or {})},
    )


@ddt.ddt
class TestRolled(base.TestCase):
    @ddt.named_data(
        # name, moves of web and db, changed hosts, complaint
        ('all_is_well', [TO_B, Move('db', 'cold', 'b', 's')], {}, None),
        ('twice', [TO_B, Move('web', 'live', 'b', 'a'),
                   Move('db', 'cold', 'b', 's')], {}, None),
        ('three_times', [TO_B, Move('web', 'live', 'b', 'a'), TO_B,
                         Move('db', 'cold', 'b', 's')], {},
         'web has moved 3 times'),
        ('not_moved', [TO_B], {}, 'db has moved 0 times'),
        ('out', [TO_B, Move('db', 'cold', 'b', 's')], {'a': EMPTIED},
         'a is disabled (watcher_maintaining), not enabled'),
    )  # fmt: skip
    @ddt.unpack
    def test_complaints(self, moves, hosts, complaint):
        enabled = dict.fromkeys(BEFORE.hosts, ENABLED)
        before = but(BEFORE, hosts=enabled)
        where = {move.server: move.destination for move in moves}
        servers = {
            name: Server(where.get(name, server.host), server.status)
            for name, server in before.servers.items()
        }
        after = but(before, hosts=hosts, servers=servers)
        found = list(judge.rolled(before, after, moves))
        self.assertEqual(bool(complaint), len(found) == 1, found)
        self.assertIn(complaint or '', ''.join(found))


@ddt.ddt
class TestPlanned(base.TestCase):
    @ddt.named_data(
        # name, state of the audit, moves, complaint
        ('all_is_well',  'SUCCEEDED', [TO_B], None),
        ('audit_failed', 'FAILED', [TO_B], 'The audit ended FAILED'),
        ('no_move',      'SUCCEEDED', [], 'moves nothing; on a are web'),
        ('one_too_many', 'SUCCEEDED', [TO_B, Move('db', 'cold', 'b', 's')],
         'The plan moves db, web;'),
        ('onto_broken',  'SUCCEEDED', [Move('web', 'live', 'a', 'x')],
         'web goes to x, which is disabled'),
    )  # fmt: skip
    @ddt.unpack
    def test_complaints(self, state, moves, complaint):
        before = but(BEFORE, hosts={'x': BROKEN})
        found = list(judge.planned({'state': state}, 'a', moves, before))
        self.assertEqual(bool(complaint), len(found) == 1, found)
        self.assertIn(complaint or '', ''.join(found))

    def test_says_why_the_audit_failed(self):
        audit = {'state': 'FAILED', 'status_message': 'no room'}
        self.assertEqual(
            ['The audit ended FAILED: no room'],
            list(judge.planned(audit, 'a', [], BEFORE)),
        )

    def test_onto(self):
        self.assertEqual([], list(judge.onto([TO_B, TO_B], ['b'])))
        self.assertEqual(
            ['The servers go to b, not to s'], list(judge.onto([TO_B], ['s']))
        )


@ddt.ddt
class TestExecuted(base.TestCase):
    @ddt.named_data(
        # name, state of the plan, of the step, complaints
        ('all_is_well', 'SUCCEEDED', 'SUCCEEDED', []),
        (
            'plan_failed',
            'FAILED',
            'SUCCEEDED',
            ['The action plan ended FAILED'],
        ),
        (
            'step_failed',
            'SUCCEEDED',
            'FAILED',
            ['"web to b, live" ended FAILED: refused'],
        ),
        (
            'skipped',
            'SUCCEEDED',
            'SKIPPED',
            ['"web to b, live" ended SKIPPED: refused'],
        ),
    )
    @ddt.unpack
    def test_complaints(self, plan, step, complaints):
        steps = [Step('web to b, live', step, 'refused', TO_B)]
        self.assertEqual(
            complaints, list(judge.executed({'state': plan}, steps))
        )


@ddt.ddt
class TestDrained(base.TestCase):
    @ddt.named_data(
        # name, what the cloud looks like after, complaints
        ('all_is_well', AFTER, []),
        (
            'still_there',
            but(AFTER, servers={'web': Server('a')}),
            ['web is still on a', 'web is on a, not on b'],
        ),
        (
            'elsewhere',
            but(AFTER, servers={'web': Server('s')}),
            ['web is on s, not on b'],
        ),
        (
            'stopped',
            but(AFTER, servers={'web': Server('b', 'SHUTOFF')}),
            ['web was ACTIVE and is SHUTOFF'],
        ),
        (
            'other_moved',
            but(AFTER, servers={'db': Server('s', 'SHUTOFF')}),
            ['db is on s, not on b'],
        ),
        (
            'lost',
            Picture(AFTER.hosts, {'web': Server('b')}),
            ['db came or went'],
        ),
        (
            'not_disabled',
            but(AFTER, hosts={'a': ENABLED}),
            ['a is enabled (None), not disabled (watcher_maintaining)'],
        ),
        (
            'spare_woken',
            but(AFTER, hosts={'s': ENABLED}),
            ['s is enabled (None), not disabled (watcher_disabled)'],
        ),
        (
            'still_in_use',
            but(
                AFTER,
                hosts={
                    'a': Host(
                        'disabled',
                        judge.MAINTAINING,
                        {'VCPU': 2},
                        {'VCPU': 8.0},
                    )
                },
            ),
            ['a still has 2 VCPU in use'],
        ),
        (
            'overfull',
            but(
                AFTER,
                hosts={'b': Host('enabled', None, {'VCPU': 9}, {'VCPU': 8.0})},
            ),
            ['b has 9 VCPU in use of 8'],
        ),
        (
            'just_full',
            but(
                AFTER,
                hosts={'b': Host('enabled', None, {'VCPU': 8}, {'VCPU': 8.0})},
            ),
            [],
        ),
    )
    @ddt.unpack
    def test_complaints(self, after, complaints):
        self.assertEqual(
            complaints, list(judge.drained(BEFORE, after, 'a', [TO_B]))
        )

    def test_spare_is_to_be_enabled(self):
        moves = [Move('web', 'live', 'a', 's')]
        after = but(AFTER, servers={'web': Server('s')})
        self.assertEqual(
            ['s is disabled (watcher_disabled), not enabled (None)'],
            list(judge.drained(BEFORE, after, 'a', moves, 's')),
        )
        self.assertEqual(
            [],
            list(
                judge.drained(
                    BEFORE, but(after, hosts={'s': ENABLED}), 'a', moves, 's'
                )
            ),
        )


@ddt.ddt
class TestRefused(base.TestCase):
    @ddt.named_data(
        # name, state of the audit, its reason, plans, complaint
        ('all_is_well', 'FAILED', REASON, [], None),
        ('succeeded',   'SUCCEEDED', REASON, [],
         'The audit ended SUCCEEDED, not FAILED'),
        ('with_a_plan', 'FAILED', REASON, [{}],
         'The audit made an action plan'),
        ('no_culprit',  'FAILED', REASON.replace('web', 'db'), [],
         'does not say "web"'),
        ('no_promise',  'FAILED', 'Cannot drain a: web', [],
         'does not say "Nothing was changed"'),
    )  # fmt: skip
    @ddt.unpack
    def test_complaints(self, state, reason, plans, complaint):
        audit = {'state': state, 'status_message': reason}
        found = list(judge.refused(audit, plans, 'a', 'web'))
        self.assertEqual(bool(complaint), len(found) == 1, found)
        self.assertIn(complaint or '', ''.join(found))

    def test_no_reason_at_all(self):
        audit = {'state': 'FAILED', 'status_message': None}
        self.assertEqual(3, len(list(judge.refused(audit, [], 'a', 'web'))))

    def test_unchanged(self):
        self.assertEqual([], list(judge.unchanged(BEFORE, BEFORE)))
        self.assertEqual(2, len(list(judge.unchanged(BEFORE, AFTER))))


class TestRequire(base.TestCase):
    def test_all_is_well(self):
        judge.require([], iter([]))

    def test_tells_everything(self):
        raised = self.assertRaises(
            judge.NotAsTold, judge.require, ['one'], [], ['two', 'three']
        )
        self.assertEqual('one\ntwo\nthree', str(raised))
