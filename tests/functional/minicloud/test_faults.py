# SPDX-License-Identifier: Apache-2.0

"""Migrations and compute services go wrong when a test wants it."""

import time

from concurrent import futures
from typing import Any
from typing import ClassVar

from keystoneauth1 import exceptions as ksa_exceptions

from minicloud import migrations
from minicloud import waiting
from tests.functional.minicloud import base


#: Status -> power state of a guest, as Nova's API numbers them.
_POWER_STATES = {'ACTIVE': 1, 'PAUSED': 3}


class TestFaults(base.TestCase):
    """One cloud; every test has a server of its own."""

    DESCRIPTION: ClassVar[dict[str, Any]] = {
        'hosts': {
            'compute-1': base.HOST,
            'compute-2': base.HOST,
            'compute-3': base.HOST,
        },
        'flavors': {'small': base.FLAVOR},
        'servers': {
            'web': {'host': 'compute-1', 'flavor': 'small', 'count': 4},
            'db': {
                'host': 'compute-1',
                'flavor': 'small',
                'count': 2,
                'state': 'SHUTOFF',
            },
            'twin': {
                'host': 'compute-1',
                'flavor': 'small',
                'count': 2,
                'state': 'SHUTOFF',
            },
            'far': {'host': 'compute-3', 'flavor': 'small'},
            'still': {
                'host': 'compute-3',
                'flavor': 'small',
                'state': 'PAUSED',
            },
        },
    }

    def test_live_migration_fails(self):
        self.cloud.faults.fail('web-1')
        self._live_migrate('web-1')
        self._wait_for_migration('web-1', 'error')
        self._check_error('web-1')
        self.cloud.faults.clear('web-1')
        self._live_migrate('web-1')
        self._wait_for('web-1', 'ACTIVE', 'compute-2')

    def test_live_migration_hangs(self):
        server = self._server('web-2')
        self.cloud.faults.hang(server.id)
        self._live_migrate('web-2')
        self._wait_for_migration('web-2', 'running')
        time.sleep(1)
        self.assertEqual(
            ('MIGRATING', 'compute-1'), self.cloud.servers()['web-2']
        )
        self.cloud.faults.clear()
        self._wait_for('web-2', 'ACTIVE', 'compute-2')

    def test_live_migration_aborted(self):
        self.cloud.faults.hang('web-3')
        self._live_migrate('web-3')
        self._wait_for_migration('web-3', 'running')
        migration = self._migrations('web-3')[0]
        self.cloud.nova.server_migrations.live_migration_abort(
            migration.instance_uuid, migration.id
        )
        self._check_error('web-3')
        self._wait_for_migration('web-3', 'error')

    def test_live_migration_of_a_paused_server_fails(self):
        self.cloud.faults.fail('still')
        self._live_migrate('still')
        self._check_error('still', 'compute-3', 'PAUSED')

    def test_check_fails(self):
        self.cloud.faults.fail('web-4', 'live_migration_check')
        self._live_migrate('web-4')
        self._wait_for_migration('web-4', 'error')
        self._wait_for('web-4', 'ACTIVE', 'compute-1')

    def test_cold_migration_fails_at_source(self):
        self.cloud.faults.fail('db-1', 'cold_migration')
        self._server('db-1').migrate(host='compute-2')
        self._wait_for('db-1', 'ERROR', 'compute-1')

    def test_cold_migration_fails_at_destination(self):
        self.cloud.faults.fail('db-2', 'finish_migration')
        self._server('db-2').migrate(host='compute-2')
        self._wait_for('db-2', 'ERROR', 'compute-2')

    def test_side_by_side(self):
        # Both change the allocations of one provider at one time. Who waits
        # in vain for SQLite's lock does so for a minute.
        with futures.ThreadPoolExecutor() as pool:
            for name in ('twin-1', 'twin-2'):
                pool.submit(self._server(name).migrate)
        for name in ('twin-1', 'twin-2'):
            self._wait(
                lambda name=name: self.cloud.servers()[name].status,
                'VERIFY_RESIZE',
                limit_s=50,
            )

    def test_compute_stops_and_starts(self):
        self.cloud.faults.stop_compute('compute-3')
        self.addCleanup(self.cloud.faults.start_compute, 'compute-3')
        self.assertEqual(
            ('enabled', 'down', None), self.cloud.services()['compute-3']
        )
        self.cloud.faults.start_compute('compute-3')
        self.assertEqual(
            ('enabled', 'up', None), self.cloud.services()['compute-3']
        )
        self._live_migrate('far')
        self._wait_for('far', 'ACTIVE', 'compute-2')

    def test_api_out_of_service(self):
        self.addCleanup(self.cloud.faults.start_api, 'placement')
        self.cloud.faults.stop_api('placement')
        self.assertRaises(
            ksa_exceptions.ServiceUnavailable,
            self.cloud.placement.get,
            '/resource_providers',
        )
        self.assertTrue(self.cloud.servers())
        self.cloud.faults.start_api('placement')
        self.assertTrue(self.cloud.placement.get('/resource_providers'))

    def test_more_servers(self):
        self.cloud.add_servers(
            {
                'late': {
                    'host': 'compute-2',
                    'flavor': 'small',
                    'state': 'PAUSED',
                }
            }
        )
        self.assertEqual(('PAUSED', 'compute-2'), self.cloud.servers()['late'])

    def test_refused(self):
        for call, words in (
            (lambda faults: faults.fail('x', 'sleep'), 'sleep'),
            (lambda faults: faults.stop_api('x'), 'x'),
            (lambda faults: faults.stop_compute('x'), 'x'),
        ):
            error = self.assertRaises(ValueError, call, self.cloud.faults)
            self.assertIn(words, str(error))

    def _check_error(self, name, host='compute-1', status='ACTIVE'):
        """Check that a server is left as libvirt leaves it, and recover it.

        :param status: of the server before
        """
        self._wait_for(name, 'ERROR', host)
        server = self._server(name)
        self.assertFalse(hasattr(server, 'fault'))
        self.assertEqual(
            _POWER_STATES[status], getattr(server, 'OS-EXT-STS:power_state')
        )
        migrations.recover(self.cloud.nova, server.id, status)

    def _server(self, name):
        return next(
            one for one in self.cloud.nova.servers.list() if one.name == name
        )

    def _live_migrate(self, name):
        self._server(name).live_migrate(
            host='compute-2', block_migration='auto'
        )

    def _migrations(self, name):
        return self.cloud.nova.migrations.list(
            instance_uuid=self._server(name).id
        )

    def _wait_for(self, name, *expected):
        self._wait(lambda: self.cloud.servers()[name], expected)

    def _wait_for_migration(self, name, status):
        self._wait(
            lambda: [one.status for one in self._migrations(name)], [status]
        )

    def _wait(self, read, expected, limit_s=120):
        waiting.until(
            lambda: read() == expected,
            limit_s,
            lambda: f'{read()} is not {expected}',
        )
