# SPDX-License-Identifier: Apache-2.0

"""Tests of failed moves; Nova's API is faked."""

import datetime

import ddt

from tests.unit.cloud.reading.records import a_record
from tests.unit.core.builders import a_request
from tests.unit.plugin import base
from tests.unit.plugin import clouds
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_migration
from watcher_host_maintenance.cloud.reading.failures import read_failures


def ago(**past):
    """As Nova writes times."""
    time = datetime.datetime.now(datetime.UTC) - datetime.timedelta(**past)
    return f'{time:%Y-%m-%dT%H:%M:%S.%f}'


def a_move(status='error', minutes=60, number=1, **fields):
    """A move of web-1 to compute-2 that ended an hour ago."""
    return {
        **a_migration(status=status, number=number),
        'created_at': ago(minutes=minutes + 1),
        'updated_at': ago(minutes=minutes),
        **fields,
    }


@ddt.ddt
class TestReadFailures(base.TestCase):
    def setUp(self):
        super().setUp()
        self.nova = clouds.Cloud(self).nova

    def read(self, *migrations, hours=24):
        self.nova.migrations = list(migrations)
        nova, _placement = clouds.connect()
        request = a_request(failed_migrations_hours=hours)
        return read_failures(nova, [a_record()], request)

    def destinations(self, *migrations, **hours):
        failures = self.read(*migrations, **hours).get(uuid_of('web-1'), ())
        return [move.destination for move in failures]

    @ddt.named_data(
        # name, migrations, destinations that are avoided
        ('error',      [a_move()],                             ['compute-2']),
        ('failed',     [a_move('failed')],                     ['compute-2']),
        ('cold',       [a_move(migration_type='migration')],   ['compute-2']),
        ('completed',  [a_move('completed')],                  []),
        ('cancelled',  [a_move('cancelled')],                  []),
        ('going_on',   [a_move('running')],                    []),
        ('evacuation', [a_move(migration_type='evacuation')],  []),
        ('unknown',    [a_move(dest_compute=None)],            []),
        ('elsewhere',  [a_move(source_compute='compute-3')],   []),
        ('well_since', [a_move(), a_move('completed', 30, 2)], []),
        ('well_before', [a_move('completed', 90), a_move(number=2)],
         ['compute-2']),
        ('cancelled_since', [a_move(), a_move('cancelled', 30, 2)],
         ['compute-2']),
        ('two', [a_move(dest_compute='compute-4'), a_move(number=2)],
         ['compute-2', 'compute-4']),
    )  # fmt: skip
    @ddt.unpack
    def test_destinations(self, migrations, expected):
        self.assertEqual(expected, self.destinations(*migrations))

    @ddt.named_data(
        # name, hours, minutes ago, is it remembered
        ('in_time',  1, 59,   True),
        ('too_old',  1, 61,   False),
        ('day',      24, 1439, True),
    )  # fmt: skip
    @ddt.unpack
    def test_hours(self, hours, minutes, expected):
        move = a_move(minutes=minutes)
        found = self.destinations(move, hours=hours)
        self.assertEqual(['compute-2'] if expected else [], found)

    def test_off(self):
        self.assertEqual({}, self.read(a_move(), hours=0))
        self.assertEqual([], self.nova.asked('/os-migrations'))

    def test_moves_off_another_node_do_not_count(self):
        """web-1 was on compute-1, whose web-2 is read as well."""
        self.nova.migrations = [
            a_move(minutes=90, dest_compute='compute-4'),
            a_move(minutes=80),
            a_move('completed', 70, 2, dest_compute='compute-3'),
            a_move('completed', 60, 3, source_compute='compute-3'),
            a_move(
                minutes=50,
                number=4,
                source_compute='compute-3',
                dest_compute='compute-1',
            ),
        ]
        nova, _placement = clouds.connect()
        failures = read_failures(
            nova,
            [
                a_record(host='compute-3'),
                a_record(uuid=uuid_of('web-2'), name='web-2'),
            ],
            a_request(failed_migrations_hours=24),
        )
        destinations = [m.destination for m in failures[uuid_of('web-1')]]
        self.assertEqual(['compute-1'], destinations)
        self.assertEqual({uuid_of('web-1')}, {*failures})

    def test_record(self):
        [move] = self.read(a_move(updated_at='2999-01-02T03:04:05.999999'))[
            uuid_of('web-1')
        ]
        self.assertEqual('live-migration', move.kind)
        self.assertEqual('2999-01-02T03:04:05Z', move.failed_at)

    def test_asks_for_what_changed_alone(self):
        self.read(a_move())
        # The second asks for the end of the list.
        requests = self.nova.asked('/os-migrations')
        self.assertEqual(2, len(requests))
        for request in requests:
            self.assertIn('source_compute=compute-1', request)
            self.assertIn('changes-since=', request)
