# SPDX-License-Identifier: Apache-2.0

"""How long a hook has worked on a node, by the plans of a roll."""

import ddt

from tests.unit import base
from watcher_host_maintenance.core.model.rolling import Failure
from watcher_host_maintenance.core.model.rolling import Part
from watcher_host_maintenance.request import recurring
from watcher_host_maintenance.request import roll_journal
from watcher_host_maintenance.request.roll_journal import Action
from watcher_host_maintenance.request.roll_journal import Plan


NODES = ('compute-1', 'compute-2')
LATE = {'compute-1': Failure(Part.HOOK, 1, 'It was not done in 60 seconds.')}

LATE_FOR = {
    'compute-1': Failure(
        Part.HOOK,
        1,
        'It was not done in 60 seconds. Last: It was not run: ',
    )
}


def called(
    at_s, state='SUCCEEDED', answer='later', took_s=0, part='hook', message=''
):
    """A plan that calls the hook of compute-1 at a time."""
    given = {
        'resource_name': 'compute-1',
        'part': part,
        'answer': answer,
        'message': message,
    }
    action = Action('run_hook', given, state, ended_at_s=at_s + took_s)
    return Plan('SUCCEEDED', at_s, (action,))


def drained(at_s):
    """A plan that has emptied compute-1."""
    given = {'resource_name': 'compute-1'}
    action = Action('verify_host_empty', given, 'SUCCEEDED', ended_at_s=at_s)
    return Plan('SUCCEEDED', at_s, (action,))


@ddt.ddt
class TestHook(base.TestCase):
    @ddt.named_data(
        # name, plans, when the hook was first called, failures
        ('once',      [called(100)], 100, {}),
        ('again',     [called(100), called(159)], 100, {}),
        ('late',      [called(100), called(160)], 100, LATE),
        ('slow',      [called(100, took_s=60)], 100, LATE),
        ('done',      [called(100), called(160, answer='done')], 100, {}),
        # While no plan runs, no time passes.
        ('not_run',   [called(0, 'PENDING'), called(100)], 100, {}),
        ('cancelled', [called(0, 'CANCELLED'), called(100)], 100, {}),
        ('skipped',   [called(0, 'SKIPPED'), called(100)], 100, {}),
        ('could_not', [called(0, answer='not_run'), called(100)], 100, {}),
        ('could_not_since', [called(100), called(160, answer='not_run')],
         100, LATE_FOR),
        # It was for the maintenance before.
        ('anew',      [called(0), drained(90), called(100)], 100, {}),
        ('drained',   [called(0), called(60), drained(90)], None, {}),
    )  # fmt: skip
    @ddt.unpack
    def test_time(self, plans, asked_s, failures):
        journal = roll_journal.journal(plans, 60)
        self.assertEqual(asked_s, journal.asked_s.get('compute-1'))
        self.assertEqual(failures, journal.failures)

    @ddt.named_data(
        # name, answers with their times, what was said, why it has failed
        ('said',    [('later', 100, 'reboots')], 'reboots', None),
        ('silent',  [('later', 100, '')], None, None),
        ('not_run', [('not_run', 100, 'no file')],
         'It was not run: no file', None),
        ('run_again', [('not_run', 100, 'no file'), ('later', 159, '')],
         None, None),
        ('done',    [('not_run', 100, 'no file'), ('done', 170, '')],
         None, None),
        ('done_with', [('later', 100, 'reboots'), ('done', 170, 'Kernel 6')],
         'Kernel 6', None),
        ('late',    [('not_run', 100, 'no file'), ('not_run', 160, 'no key')],
         'It was not run: no key',
         'It was not done in 60 seconds. Last: It was not run: no key'),
    )  # fmt: skip
    @ddt.unpack
    def test_said(self, answers, said, why):
        plans = [called(t, answer=a, message=m) for a, t, m in answers]
        journal = roll_journal.journal(plans, 60)
        self.assertEqual(said, journal.said.get('compute-1'))
        self.assertEqual(
            {'compute-1': Failure(Part.HOOK, 1, why)} if why else {},
            journal.failures,
        )

    @ddt.named_data(
        # name, answers with their times, in which sets, whether it has failed
        ('once',     [('not_run', 100)], set(), False),
        ('in_time',  [('not_run', 100), ('not_run', 159)], set(), False),
        ('too_late', [('not_run', 100), ('not_run', 160)], set(), True),
        ('checked',  [('not_run', 100), ('done', 160)], {'checked'}, False),
        ('later',    [('not_run', 100), ('later', 160), ('not_run', 170)],
         {'postponed'}, False),
    )  # fmt: skip
    @ddt.unpack
    def test_preflight_that_is_not_run(self, answers, sets, has_failed):
        plans = [
            called(t, answer=a, part='preflight', message='no file')
            for a, t in answers
        ]
        journal = roll_journal.journal(plans, 60)
        names = ('checked', 'postponed', 'unneeded', 'worked')
        self.assertEqual(sets, {n for n in names if getattr(journal, n)})
        why = 'It was not done in 60 seconds. Last: It was not run: no file'
        self.assertEqual(
            {'compute-1': Failure(Part.PREFLIGHT, 2, why)}
            if has_failed
            else {},
            journal.failures,
        )
        self.assertEqual({}, journal.asked_s)

    @ddt.named_data(
        # name, answers with their times, when its return was asked for,
        # how often it has failed
        ('never',      [('failed', 100), ('failed', 110)], None, 2),
        ('before',     [('failed', 100), ('failed', 110)], 99, 2),
        ('after_one',  [('failed', 100), ('failed', 110)], 105, 1),
        ('after_both', [('failed', 100), ('failed', 110)], 110, 0),
        ('not_run',    [('not_run', 100), ('not_run', 160)], 161, 0),
        ('run_again',  [('not_run', 100), ('not_run', 161)], 160, 0),
    )  # fmt: skip
    @ddt.unpack
    def test_preflight_is_asked_again(self, answers, ended_s, times):
        plans = [
            called(
                t,
                'FAILED' if answer == 'failed' else 'SUCCEEDED',
                'done' if answer == 'failed' else answer,
                part='preflight',
            )
            for answer, t in answers
        ]
        returns = [] if ended_s is None else [(ended_s, ['compute-1'])]
        journal = roll_journal.journal(
            plans, 60, lambda: roll_journal.ended([(9, NODES), *returns])
        )
        failure = journal.failures.get('compute-1', Failure(Part.PREFLIGHT, 0))
        self.assertEqual(times, failure.times)

    @ddt.named_data(
        # name, when the hook is called, when it is now, when it was first
        # called without the pause, whether it has failed
        ('runs',         [100, 160, 220], 0,    100,  False),
        ('too_long',     [100, 800, 1500, 2200], 0, 100, True),
        ('paused',       [100, 9000],     0,    8940, False),
        ('paused_twice', [100, 9000, 19000, 19060], 0, 18880, False),
        ('late_before',  [100, 700, 1300, 1900, 2000, 9000], 0, 7040, True),
        ('still_paused', [100],           9000, 8940, False),
    )  # fmt: skip
    @ddt.unpack
    def test_pause(self, times, now_s, asked_s, has_failed):
        """A run comes every minute; it may be as late as ten more."""
        plans = [called(t)._replace(interval_s=60) for t in times]
        journal = roll_journal.journal(plans, 1800, now_s=now_s)
        self.assertEqual(asked_s, journal.asked_s['compute-1'])
        self.assertEqual(has_failed, bool(journal.failures))

    @ddt.named_data(
        # name, interval of an audit, seconds
        ('seconds', '60', 60),
        ('cron', '*/5 * * * *', 300),
        ('once', '', 0),
        ('neither', 'hourly', 0),
        ('never', '0 0 30 2 *', 0),
    )
    @ddt.unpack
    def test_interval(self, interval, seconds):
        self.assertEqual(seconds, recurring.interval_s(interval, 1000000))

    def test_pause_of_a_preflight(self):
        plans = [
            called(t, answer='not_run', part='preflight')._replace(
                interval_s=60
            )
            for t in (100, 9000)
        ]
        self.assertEqual({}, roll_journal.journal(plans, 1800).failures)

    def test_operators_are_asked_for_failed_preflights_only(self):
        plans = [
            called(100, part='preflight'),
            called(160, 'FAILED'),
        ]
        roll_journal.journal(plans, 60, lambda: self.fail('not needed'))

    def test_said_for_the_maintenance_before(self):
        plans = [called(0, message='reboots'), drained(90)]
        self.assertEqual({}, roll_journal.journal(plans, 60).said)
