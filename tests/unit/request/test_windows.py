# SPDX-License-Identifier: Apache-2.0

"""What the parameters of a window mean at some time."""

import datetime
import zoneinfo

import croniter
import ddt

from tests.unit import base
from watcher_host_maintenance.core.model.document import InvalidDocument
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
        ('minutes',       {'duration': 30},               0, 1800),
        ('duration',      {'duration': 'PT30M'},          0, 1800),
        ('first_of_many', {'starts': NOW, 'duration': 30}, 0, 1800),
        ('one_of_many',   {'starts': HOUR_AGO, 'duration': 30}, 0, 1800),
        ('before_many',   {'starts': IN_AN_HOUR, 'duration': 30},
         3600, None),
        ('before_some',   {'starts': IN_AN_HOUR, 'ends': IN_TWO_HOURS,
                           'duration': 30}, 3600, 7200),
        ('cut_by_ends',   {'ends': IN_AN_HOUR, 'duration': 61}, 0, 3600),
        ('just_not_cut',  {'ends': IN_AN_HOUR, 'duration': 60}, 0, 3600),
        ('after_many',    {'ends': HOUR_AGO, 'duration': 30}, -NOW_S, -3600),
        ('at_the_end',    {'ends': NOW, 'duration': 30},  -NOW_S, 0),
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
        {'owners': 'obey', 'duration': 30},
    )
    def test_taken(self, given):
        self.assertEqual(NOW_S, windows.fields(given, NOW_S)['now_s'])


class TestOtherStrategies(base.TestCase):
    """Parameters of the same names may be anything in their audits."""

    def test_anything(self):
        for value in (None, 5, 2.5, True, [1], {}, 'soon'):
            for name in ('starts', 'ends'):
                self.assertIsNone(windows.identity({name: value}, '300'))
        given = {'maintenance_nodes': None, 'maintenance_node': 'compute-1'}
        self.assertEqual({'compute-1'}, windows.named_hosts(given))


@ddt.ddt
class TestEveryNight(base.TestCase):
    """Windows of 4 hours by a cron entry, over the change of clocks.

    Watcher's entries are UTC: the hour of a place changes, no window is
    missed, comes twice, or gets longer.
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
            window = windows.fields({'duration': 'PT4H'}, now_s)['window']
            ends = [
                datetime.datetime.fromtimestamp(window[name], berlin)
                for name in ('starts_s', 'ends_s')
            ]
            shown.append(
                ' '.join(e.isoformat(timespec='minutes') for e in ends)
            )
        self.assertEqual(expected, tuple(shown))
