# SPDX-License-Identifier: Apache-2.0

"""Times of one meaning are read, all others refused."""

import ddt

from tests.unit import base
from watcher_host_maintenance.core.model.times import format_time
from watcher_host_maintenance.request import times
from watcher_host_maintenance.request.times import BadTime


@ddt.ddt
class TestToSeconds(base.TestCase):
    @ddt.named_data(
        ('utc',       '2026-12-01T21:00:00Z',      '2026-12-01T21:00:00Z'),
        ('minutes',   '2026-12-01T21:00Z',         '2026-12-01T21:00:00Z'),
        ('space',     '2026-12-01 21:00Z',         '2026-12-01T21:00:00Z'),
        ('basic',     '20261201T210000Z',          '2026-12-01T21:00:00Z'),
        ('east',      '2026-12-01T22:00+01:00',    '2026-12-01T21:00:00Z'),
        ('no_colon',  '2026-12-01T22:00+0100',     '2026-12-01T21:00:00Z'),
        ('west',      '2026-12-01T13:00-08:00',    '2026-12-01T21:00:00Z'),
        ('half',      '2026-12-02T02:30+05:30',    '2026-12-01T21:00:00Z'),
        ('other_day', '2026-12-02T00:30+14:00',    '2026-12-01T10:30:00Z'),
        ('zeroes',    '2026-12-01T21:00:00.000Z',  '2026-12-01T21:00:00Z'),
        ('first',     '1970-01-01T00:00Z',         '1970-01-01T00:00:00Z'),
        ('last',      '9999-12-31T23:59:59Z',      '9999-12-31T23:59:59Z'),
        ('leap_day',  '2028-02-29T00:00Z',         '2028-02-29T00:00:00Z'),
    )  # fmt: skip
    @ddt.unpack
    def test_read(self, text, expected):
        self.assertEqual(expected, format_time(times.to_seconds(text)))
        self.assertEqual(expected, format_time(times.local_to_seconds(text)))

    @ddt.named_data(
        # name, text, what the error has
        ('no_zone',    '2026-12-01T21:00', 'no zone'),
        ('how',        '2026-12-01 21:00', 'write 2026-12-01T21:00Z if it is in UTC'),
        ('date',       '2026-12-01',       'no zone'),
        ('named',      '2026-12-01 21:00 Europe/Berlin', 'is no time'),
        ('words',      'tomorrow',         'is no time'),
        ('empty',      '',                 'is no time'),
        ('month_13',   '2026-13-01T21:00Z', 'is no time'),
        ('february',   '2027-02-29T21:00Z', 'is no time'),
        ('hour_24',    '2026-12-01T24:00Z', 'is no time'),
        ('leap',       '2026-12-31T23:59:60Z', 'is no time'),
        ('before',     '1969-12-31T23:59:59Z', 'out of range'),
        ('too_late',   '9999-12-31T23:59:59-00:01', 'out of range'),
        ('year_1',     '0001-01-01T00:00+14:00', 'out of range'),
        ('fraction',   '2026-12-01T21:00:00.5Z', 'no whole second'),
        ('line',       '2026-12-01T21:00Z\n', 'is no time'),
    )  # fmt: skip
    @ddt.unpack
    def test_refused(self, text, said):
        error = self.assertRaises(BadTime, times.to_seconds, text)
        self.assertIn(said, str(error))


@ddt.ddt
class TestLocal(base.TestCase):
    """What a person at a terminal means, over the changes of clocks."""

    @ddt.named_data(
        ('winter',     '2026-12-01 22:00 Europe/Berlin', '2026-12-01T21:00:00Z'),
        ('summer',     '2026-07-01 22:00 Europe/Berlin', '2026-07-01T20:00:00Z'),
        ('t',          '2026-12-01T22:00 Europe/Berlin', '2026-12-01T21:00:00Z'),
        ('seconds',    '2026-12-01 22:00:30 Europe/Berlin',
         '2026-12-01T21:00:30Z'),
        ('utc',        '2026-12-01 22:00 UTC',           '2026-12-01T22:00:00Z'),
        ('z',          '2026-12-01 22:00 Z',             '2026-12-01T22:00:00Z'),
        ('spaces',     ' 2026-12-01 22:00   UTC ',       '2026-12-01T22:00:00Z'),
        ('half_hour',  '2026-12-01 22:00 Asia/Kolkata',  '2026-12-01T16:30:00Z'),
        ('quarter',    '2026-12-01 22:00 Asia/Kathmandu', '2026-12-01T16:15:00Z'),
        ('new_york',   '2026-12-01 22:00 America/New_York',
         '2026-12-02T03:00:00Z'),
        ('south',      '2026-12-01 22:00 Australia/Sydney',
         '2026-12-01T11:00:00Z'),
        ('etc',        '2026-12-01 22:00 Etc/GMT+5',     '2026-12-02T03:00:00Z'),
        # Berlin in spring: 02:00 to 03:00 does not exist on 2026-03-29.
        ('before_gap', '2026-03-29 01:59 Europe/Berlin', '2026-03-29T00:59:00Z'),
        ('after_gap',  '2026-03-29 03:00 Europe/Berlin', '2026-03-29T01:00:00Z'),
        # Berlin in autumn: 02:00 to 03:00 comes twice on 2026-10-25.
        ('before_two', '2026-10-25 01:59 Europe/Berlin', '2026-10-24T23:59:00Z'),
        ('after_two',  '2026-10-25 03:00 Europe/Berlin', '2026-10-25T02:00:00Z'),
        ('first',      '2026-10-25 02:30+02:00',         '2026-10-25T00:30:00Z'),
        ('second',     '2026-10-25 02:30+01:00',         '2026-10-25T01:30:00Z'),
        # Lord Howe changes by half an hour.
        ('howe',       '2026-10-04 02:30 Australia/Lord_Howe',
         '2026-10-03T15:30:00Z'),
    )  # fmt: skip
    @ddt.unpack
    def test_read(self, text, expected):
        read = format_time(times.local_to_seconds(text))
        self.assertEqual(expected, read)

    @ddt.named_data(
        # name, text, what the error has
        ('gap',       '2026-03-29 02:00 Europe/Berlin', 'does not exist'),
        ('in_gap',    '2026-03-29 02:59 Europe/Berlin', 'does not exist'),
        ('gap_west',  '2026-03-08 02:30 America/New_York', 'does not exist'),
        ('gap_howe',  '2026-10-04 02:15 Australia/Lord_Howe',
         'does not exist'),
        ('day_lost',  '2011-12-30 12:00 Pacific/Apia', 'does not exist'),
        ('twice',     '2026-10-25 02:00 Europe/Berlin', 'comes twice'),
        ('in_twice',  '2026-10-25 02:59 Europe/Berlin',
         '2026-10-25T02:59+02:00 or 2026-10-25T02:59+01:00'),
        ('howe_two',  '2026-04-05 01:45 Australia/Lord_Howe', 'comes twice'),
        ('both',      '2026-12-01 22:00+01:00 Europe/Berlin', 'both'),
        ('unknown',   '2026-12-01 22:00 Europe/Bonn', "'Europe/Bonn'"),
        ('letters',   '2026-12-01 22:00 CEST', "'CEST'"),
        ('path',      '2026-12-01 22:00 a/../../etc/passwd', 'is no time'),
        ('folder',    '2026-12-01 22:00 Europe', "'Europe'"),
        ('no_zone',   '2026-12-01 22:00', 'no zone'),
        ('no_time',   'tomorrow Europe/Berlin',
         "'tomorrow Europe/Berlin' is no time"),
        ('words',     'in 2 hours', "'in 2 hours' is no time"),
        ('small',     '2026-12-01 22:00 utc', 'such as Europe/Berlin or UTC'),
        ('zone_only', 'Europe/Berlin', 'is no time'),
    )  # fmt: skip
    @ddt.unpack
    def test_refused(self, text, said):
        error = self.assertRaises(BadTime, times.local_to_seconds, text)
        self.assertIn(said, str(error))


@ddt.ddt
class TestDuration(base.TestCase):
    @ddt.named_data(
        ('number',   240,        14400),
        ('digits',   '240',      14400),
        ('hours',    'PT4H',     14400),
        ('minutes',  'PT90M',    5400),
        ('seconds',  'PT60S',    60),
        ('mixed',    'PT1H30M5S', 5405),
        ('days',     'P1DT12H',  129600),
        ('shortest', 1,          60),
        ('longest',  'P7D',      604800),
    )  # fmt: skip
    @ddt.unpack
    def test_read(self, value, expected_s):
        self.assertEqual(expected_s, times.to_duration_s(value))

    @ddt.data(
        0, -1, '', 'PT', 'P', 'PT59S', 'P7DT1S', 'P1M', 'P1Y', '4h', 'PT4', 'P1DT',
        'PT1.5H', '1.5', '4 H', '٤', 10081, True,
    )  # fmt: skip
    def test_refused(self, value):
        self.assertRaises(BadTime, times.to_duration_s, value)
