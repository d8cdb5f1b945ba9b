# SPDX-License-Identifier: Apache-2.0

"""What the parameters of a window mean at some time."""

import datetime
import zoneinfo

import croniter
import ddt

from tests.unit import base
from watcher_host_maintenance.core.model.document import InvalidDocument
from watcher_host_maintenance.core.model.times import format_time
from watcher_host_maintenance.request import windows


NOW_S = 1796072400
NOW = '2026-11-30T21:00Z'
HOUR_AGO = '2026-11-30T20:00Z'
IN_AN_HOUR = '2026-11-30T22:00Z'
IN_TWO_HOURS = '2026-12-01T00:00+01:00'


@ddt.ddt
class TestFields(base.TestCase):
    @ddt.named_data(
        # name, parameters, seconds from now to the start and to the end
        ('starts',        {'starts': IN_AN_HOUR},         3600, None),
        ('both',          {'starts': IN_AN_HOUR, 'ends': IN_TWO_HOURS},
         3600, 7200),
        ('ends',          {'ends': IN_AN_HOUR},           -NOW_S, 3600),
    )  # fmt: skip
    @ddt.unpack
    def test_window(self, given, starts_s, ends_s):
        ends_s = None if ends_s is None else NOW_S + ends_s
        self.assertEqual(
            {
                'now_s': NOW_S,
                'window': {'starts_s': NOW_S + starts_s, 'ends_s': ends_s},
            },
            windows.fields(given, NOW_S),
        )

    @ddt.named_data(
        # name, parameters, cron entry of the audit, begin and end of the
        # window and of the later one, in minutes from 2026-11-30 21:00
        ('minutes',      {'duration': 30}, '* * * * *', 0, 30, 1, 31),
        ('duration',     {'duration': 'PT4H'}, '0 21 * * *',
         0, 240, 1440, 1680),
        ('late',         {'duration': 30}, '50 20 * * *', -10, 20, 1430, 1460),
        ('over',         {'duration': 30}, '30 20 * * *',
         1410, 1440, 2850, 2880),
        ('to_come',      {'duration': 30}, '5 21 * * *', 5, 35, 1445, 1475),
        ('before_many',  {'starts': IN_AN_HOUR, 'duration': 30}, '0 * * * *',
         60, 90, 120, 150),
        ('begun_before', {'starts': NOW, 'duration': 30}, '50 20 * * *',
         0, 20, 1430, 1460),
        ('before_some',  {'starts': IN_AN_HOUR, 'ends': IN_TWO_HOURS,
                          'duration': 30}, '0 * * * *', 60, 90, None, None),
        ('cut_by_ends',  {'ends': IN_AN_HOUR, 'duration': 61}, '0 21 * * *',
         0, 60, None, None),
        ('later_is_cut', {'ends': IN_AN_HOUR, 'duration': 30}, '*/40 * * * *',
         0, 30, 40, 60),
        ('after_all',    {'ends': HOUR_AGO, 'duration': 90}, '0 * * * *',
         -120, -60, None, None),
        ('the_last',     {'ends': IN_AN_HOUR, 'duration': 30}, '0 20 * * *',
         -60, -30, None, None),
        ('at_the_end',   {'ends': NOW, 'duration': 30}, '50 20 * * *',
         -10, 0, None, None),
        ('cron',         {'cron': '0 21 * * *', 'duration': 30}, '',
         0, 30, None, None),
        ('cron_counts',  {'cron': '0 21 * * *', 'duration': 30}, '0 3 * * *',
         0, 30, None, None),
        ('zone',         {'cron': '0 22 * * * Europe/Berlin', 'duration': 30},
         '', 0, 30, None, None),
        ('names',        {'cron': '0 21 * * mon', 'duration': 30}, '',
         0, 30, None, None),
        ('next_year',    {'cron': '0 22 * * * 0 2027', 'duration': 30}, '',
         46140, 46170, None, None),
        ('last_of_all',  {'duration': 30}, '0 21 30 11 * 0 2026',
         0, 30, None, None),
        ('year_over',    {'cron': '0 20 30 11 * 0 2026', 'duration': 30,
                          'ends': IN_AN_HOUR}, '', -60, -30, None, None),
        ('seconds',      {'cron': '* * * * * */30', 'duration': 1}, '',
         0, 1, None, None),
    )  # fmt: skip
    @ddt.unpack
    def test_recurring(self, given, interval, *minutes):
        times_s = [None if m is None else NOW_S + 60 * m for m in minutes]
        found = {
            name: {'starts_s': starts_s, 'ends_s': ends_s}
            for name, starts_s, ends_s in (
                ('window', *times_s[:2]),
                ('later', *times_s[2:]),
            )
            if starts_s is not None
        }
        self.assertEqual(
            {'now_s': NOW_S, **found}, windows.fields(given, NOW_S, interval)
        )

    @ddt.named_data(
        # name, parameters, minutes from 2026-11-30 21:00 to begin and end
        ('alone',  {}, 60, None),
        ('ends',   {'ends': IN_TWO_HOURS}, 60, 120),
        ('before', {'starts': IN_TWO_HOURS}, 120, None),
        ('after',  {'starts': NOW}, 60, None),
        ('cron',   {'cron': '30 21 * * *', 'duration': 20}, 1470, 1490),
        ('within', {'cron': '30 21 * * *', 'duration': 60}, 60, 90),
    )  # fmt: skip
    @ddt.unpack
    def test_begins_when_owners_have_answered(self, given, *minutes):
        starts_s, ends_s = (
            None if m is None else NOW_S + 60 * m for m in minutes
        )
        given = {**given, 'owners': 'wait', 'answer_by': IN_AN_HOUR}
        found = windows.fields(given, NOW_S)
        self.assertEqual(
            {'starts_s': starts_s, 'ends_s': ends_s}, found['window']
        )

    @ddt.named_data(
        # name, parameters, minutes from 2026-11-30 21:00 to answer
        ('starts', {'starts': IN_AN_HOUR}, 60),
        ('both',   {'starts': IN_TWO_HOURS, 'answer_by': IN_AN_HOUR}, 60),
        ('cron',   {'cron': '30 21 * * *', 'duration': 20}, 30),
    )  # fmt: skip
    @ddt.unpack
    def test_owners_answer_until_work_begins(self, given, minutes):
        found = windows.fields({**given, 'owners': 'wait'}, NOW_S)
        self.assertEqual(NOW_S + 60 * minutes, found['answer_by_s'])

    def test_years_have_passed(self):
        """What was told before is called off, as after any last window."""
        given = {'cron': '0 22 1 11 * 0 2026', 'duration': 30}
        window = windows.at(given, NOW_S)
        self.assertEqual('2026-11-01T22:30:00Z', format_time(window.ends_s))
        self.assertTrue(window.is_over(NOW_S))
        self.assertIsNone(windows.after(given, window.ends_s))

    def test_time_of_answers_is_that_of_the_wave(self):
        given = {
            'cron': '30 21 * * *',
            'duration': 20,
            'owners': 'wait',
            'notice_period': 60,
        }
        self.assertNotIn('answer_by_s', windows.fields(given, NOW_S))

    def test_owners_who_are_told_only_answer_nothing(self):
        found = windows.fields({'starts': NOW, 'owners': 'obey'}, NOW_S)
        self.assertNotIn('answer_by_s', found)

    @ddt.data({'owners': 'obey'}, {'owners': 'wait', 'notice_period': 60})
    def test_nobody_answers_for_all(self, given):
        given = {**given, 'answer_by': IN_AN_HOUR}
        self.assertNotIn('window', windows.fields(given, NOW_S))

    def test_answers_after_the_last_window(self):
        given = {
            'owners': 'wait',
            'answer_by': IN_AN_HOUR,
            'ends': IN_TWO_HOURS,
            'cron': '0 21 * * *',
            'duration': 30,
        }
        error = self.assertRaises(
            InvalidDocument, windows.fields, given, NOW_S
        )
        self.assertIn('comes at no time before ends', error.problem)

    @ddt.data({}, {'close': 'now'}, {'maintenance_node': 'compute-1'})
    def test_none(self, given):
        self.assertEqual({}, windows.fields(given, None))

    @ddt.named_data(
        # name, parameters, which is wrong, what is said
        ('no_zone', {'starts': '2026-12-01T21:00'}, 'starts', 'no zone'),
        ('no_time', {'ends': 'later'}, 'ends', 'is no time'),
        ('backwards', {'starts': IN_AN_HOUR, 'ends': NOW}, 'ends',
         'is not after starts'),
        ('at_once', {'starts': NOW, 'ends': NOW}, 'ends',
         'is not after starts'),
        ('duration', {'duration': '4h'}, 'duration', 'neither'),
        ('short', {'duration': 'PT1S'}, 'duration', '1 minute to 7 days'),
        ('no_cron', {'duration': 30}, 'duration', 'it needs cron'),
        ('no_duration', {'cron': '0 21 * * *'}, 'cron', 'it needs duration'),
        ('no_entry', {'cron': 'at night', 'duration': 30}, 'cron',
         "'at night' is no cron entry such as '0 22 * * *'"),
        ('blank', {'cron': ' ', 'duration': 30}, 'cron', 'no cron entry'),
        ('hour', {'cron': '0 25 * * *', 'duration': 30}, 'cron',
         'no cron entry'),
        ('drawn', {'cron': 'R R * * *', 'duration': 30}, 'cron',
         'no cron entry'),
        ('drawn_later', {'cron': '0 H(1-3) * * *', 'duration': 30}, 'cron',
         'no cron entry'),
        ('of_a_machine', {'cron': '0 22 * * * localtime', 'duration': 30},
         'cron', "there is no time zone 'localtime'"),
        ('place', {'cron': '0 22 * * * Berlin', 'duration': 30}, 'cron',
         "there is no time zone 'Berlin'"),
        ('never_comes', {'cron': '0 0 30 2 *', 'duration': 30}, 'cron',
         "'0 0 30 2 *' comes at no time"),
        ('past_year', {'cron': '0 22 * * * 0 2025', 'duration': 30,
                       'starts': NOW}, 'cron',
         "'0 22 * * * 0 2025' comes at no time"),
        ('not_before_ends', {'cron': '0 3 * * *', 'duration': 30,
                             'starts': NOW, 'ends': IN_AN_HOUR}, 'cron',
         "'0 3 * * *' comes at no time before ends"),
        ('never', {'owners': 'wait'}, 'owners', 'needs a time'),
        ('no_start', {'owners': 'wait', 'ends': NOW}, 'owners',
         'needs a time'),
        ('every_night', {'owners': 'wait', 'duration': 30}, 'owners',
         'needs a time'),
        ('late', {'owners': 'wait', 'answer_by': NOW, 'ends': NOW},
         'answer_by', 'is not before ends'),
    )  # fmt: skip
    @ddt.unpack
    def test_refused(self, given, path, said):
        error = self.assertRaises(
            InvalidDocument, windows.fields, given, NOW_S
        )
        self.assertEqual(path, error.path)
        self.assertIn(said, error.problem)

    @ddt.data(
        # Both limits, and who does not wait for answers.
        {'owners': 'wait', 'answer_by': NOW, 'ends': IN_AN_HOUR},
        {'owners': 'wait', 'starts': HOUR_AGO, 'ends': NOW},
        {'owners': 'obey', 'answer_by': NOW, 'ends': NOW},
        {'owners': 'obey', 'cron': '0 3 * * *', 'duration': 30},
        {'owners': 'wait', 'cron': '0 3 * * *', 'duration': 30},
    )
    def test_taken(self, given):
        self.assertEqual(NOW_S, windows.fields(given, NOW_S)['now_s'])


@ddt.ddt
class TestAnswers(base.TestCase):
    @ddt.named_data(
        # name, another audit that waits for answers
        ('later', {'owners': 'wait', 'answer_by': IN_TWO_HOURS}),
        ('with_a_window', {'owners': 'wait', 'answer_by': IN_AN_HOUR,
                           'starts': IN_TWO_HOURS}),
        ('no_answers', {'owners': 'wait', 'starts': IN_AN_HOUR}),
    )  # fmt: skip
    def test_other(self, other):
        given = {'owners': 'wait', 'answer_by': IN_AN_HOUR}
        self.assertTrue(windows.are_in(given))
        self.assertNotEqual(
            windows.identity(given, '60'), windows.identity(other, '60')
        )


class TestOtherStrategies(base.TestCase):
    """Parameters of the same names may be anything in their audits."""

    def test_anything(self):
        for value in (None, 5, 2.5, True, [1], {}, 'soon'):
            for name in ('starts', 'ends'):
                self.assertIsNone(windows.identity({name: value}, '300'))
        given = {'maintenance_nodes': None, 'maintenance_node': 'compute-1'}
        self.assertEqual({'compute-1'}, windows.named_hosts(given))

    def test_hosts_that_are_numbers(self):
        """As Watcher's command makes them of digits."""
        for given in ({'maintenance_node': 4242}, {'frozen_nodes': [4242]}):
            self.assertEqual({'4242'}, windows.named_hosts(given))


@ddt.ddt
class TestIdentity(base.TestCase):
    @ddt.named_data(
        # name, parameters, those of another audit, and its interval
        ('spaces', {'cron': '0 22 * * *', 'duration': 60},
         {'cron': ' 0  22 * * * UTC', 'duration': 'PT1H'}, '300'),
        ('interval', {'cron': '0 22 * * *', 'duration': 60},
         {'duration': 60}, '0 22 * * *'),
        ('offset', {'starts': IN_TWO_HOURS},
         {'starts': '2026-11-30T23:00Z'}, '300'),
        ('answers', {'owners': 'wait', 'answer_by': IN_TWO_HOURS},
         {'owners': 'wait', 'answer_by': '2026-11-30T23:00Z'}, '300'),
    )  # fmt: skip
    @ddt.unpack
    def test_same(self, given, other, interval):
        self.assertIsNotNone(windows.identity(given, '60'))
        self.assertEqual(
            windows.identity(given, '60'), windows.identity(other, interval)
        )

    @ddt.data(
        {'cron': '0 23 * * *', 'duration': 60},
        {'cron': '0 22 * * *', 'duration': 61},
        {'cron': '0 22 * * * Europe/Berlin', 'duration': 60},
        {'cron': '0 22 * * *', 'duration': 60, 'ends': IN_AN_HOUR},
        {'starts': IN_AN_HOUR},
    )
    def test_other(self, other):
        given = {'cron': '0 22 * * *', 'duration': 60}
        self.assertNotEqual(
            windows.identity(given, '60'), windows.identity(other, '60')
        )


@ddt.ddt
class TestInterval(base.TestCase):
    @ddt.named_data(
        # name, parameters, interval of the audit
        ('shorter', {'cron': '0 22 * * *', 'duration': 60}, '300'),
        ('as_long', {'cron': '0 22 * * *', 'duration': 5}, '300'),
        ('its_own', {'duration': 5}, '0 22 * * *'),
        ('once',    {'starts': NOW, 'ends': IN_AN_HOUR}, '3600'),
        ('endless', {'starts': NOW}, '86400'),
        ('runs',    {'starts': NOW, 'ends': IN_AN_HOUR}, '30 21 * * *'),
        ('at_once', {'starts': NOW, 'ends': IN_AN_HOUR}, '0 21 * * *'),
        ('no_end',  {'starts': NOW}, '0 8 * * *'),
        ('over',    {'starts': HOUR_AGO, 'ends': NOW}, '0 8 * * *'),
        ('daily',   {'starts': NOW, 'ends': IN_AN_HOUR}, '@daily'),
        ('begun',   {'ends': NOW}, '86400'),
        ('oneshot', {'cron': '0 22 * * *', 'duration': 5}, ''),
    )  # fmt: skip
    @ddt.unpack
    def test_taken(self, given, interval):
        windows.check_interval(given, interval, NOW_S)

    @ddt.named_data(
        # name, parameters, interval of the audit, which is wrong, and why
        ('longer', {'cron': '0 22 * * *', 'duration': 5}, '301', 'duration',
         'every 301 s, so that a window of 300 s may pass'),
        ('once', {'starts': NOW, 'ends': IN_AN_HOUR}, '3601', 'ends',
         'a window of 3600 s may pass'),
        ('no_run', {'starts': NOW, 'ends': IN_AN_HOUR}, '0 8 * * *', 'ends',
         "at the times of '0 8 * * *' only, of which none is in its window"),
        ('no_run_any_more', {'ends': IN_AN_HOUR}, '30 20 * * *', 'ends',
         'of which none is in its window'),
        ('no_run_after_answers', {'starts': HOUR_AGO, 'ends': IN_TWO_HOURS,
                                  'owners': 'wait', 'answer_by': IN_AN_HOUR},
         '30 21 * * *', 'ends', 'of which none is in its window'),
        ('short_after_answers', {'ends': IN_TWO_HOURS, 'owners': 'wait',
                                 'answer_by': IN_AN_HOUR}, '3601', 'ends',
         'a window of 3600 s may pass'),
        ('two_entries', {'cron': '0 22 * * *', 'duration': 60}, '0 8 * * *',
         'cron', "at the times of '0 8 * * *' only"),
    )  # fmt: skip
    @ddt.unpack
    def test_refused(self, given, interval, path, said):
        error = self.assertRaises(
            InvalidDocument,
            windows.check_interval,
            given,
            interval,
            NOW_S,
        )
        self.assertEqual(path, error.path)
        self.assertIn(said, error.problem)


@ddt.ddt
class TestEveryNight(base.TestCase):
    """Windows of 4 hours by a cron entry, over the change of clocks.

    In UTC, as Watcher's own entries, the hour of a place changes; in the zone
    of the place it does not. No window is missed or gets longer; what begins
    in the hour that comes twice begins twice.
    """

    @ddt.named_data(
        # name, night before, begin and end of each window in Berlin
        ('spring', '2026-03-27T22:00', (
            '2026-03-28T01:00+01:00 2026-03-28T05:00+01:00',
            '2026-03-29T01:00+01:00 2026-03-29T06:00+02:00',
            '2026-03-30T02:00+02:00 2026-03-30T06:00+02:00',
        )),
        ('autumn', '2026-10-23T22:00', (
            '2026-10-24T02:00+02:00 2026-10-24T06:00+02:00',
            '2026-10-25T02:00+02:00 2026-10-25T05:00+01:00',
            '2026-10-26T01:00+01:00 2026-10-26T05:00+01:00',
        )),
    )  # fmt: skip
    @ddt.unpack
    def test_windows(self, before, expected):
        berlin = zoneinfo.ZoneInfo('Europe/Berlin')
        # As Watcher's scheduler asks for the next run, in UTC.
        runs = croniter.croniter(
            '0 0 * * *', datetime.datetime.fromisoformat(before)
        )
        shown = []
        for _night in expected:
            run = runs.get_next(datetime.datetime)
            now_s = int(run.replace(tzinfo=datetime.UTC).timestamp())
            window = windows.fields({'duration': 'PT4H'}, now_s, '0 0 * * *')[
                'window'
            ]
            ends = [
                datetime.datetime.fromtimestamp(window[name], berlin)
                for name in ('starts_s', 'ends_s')
            ]
            shown.append(
                ' '.join(e.isoformat(timespec='minutes') for e in ends)
            )
        self.assertEqual(expected, tuple(shown))

    @ddt.named_data(
        # name, entry, day before, begins of the next windows
        ('evening_spring', '0 22 * * *', '2026-03-28T12:00+01:00',
         ('2026-03-28T22:00+01:00', '2026-03-29T22:00+02:00')),
        ('evening_autumn', '0 22 * * *', '2026-10-24T12:00+02:00',
         ('2026-10-24T22:00+02:00', '2026-10-25T22:00+01:00')),
        ('skipped',        '30 2 * * *', '2026-03-28T12:00+01:00',
         ('2026-03-29T03:00+02:00', '2026-03-30T02:30+02:00')),
        ('twice',          '30 2 * * *', '2026-10-24T12:00+02:00',
         ('2026-10-25T02:30+02:00', '2026-10-25T02:30+01:00',
          '2026-10-26T02:30+01:00')),
        # Its clocks change by half an hour.
        ('lord_howe',      '15 2 * * *', '2026-10-03T12:00+10:30',
         ('2026-10-04T02:30+11:00', '2026-10-05T02:15+11:00'),
         'Australia/Lord_Howe'),
    )  # fmt: skip
    @ddt.unpack
    def test_zone(self, entry, before, expected, place='Europe/Berlin'):
        given = {'cron': f'{entry} {place}', 'duration': 10}
        now_s = int(datetime.datetime.fromisoformat(before).timestamp())
        shown = []
        for _window in expected:
            window = windows.fields(given, now_s)['window']
            begin = datetime.datetime.fromtimestamp(
                window['starts_s'], zoneinfo.ZoneInfo(place)
            )
            shown.append(begin.isoformat(timespec='minutes'))
            now_s = window['ends_s']
        self.assertEqual(expected, tuple(shown))
