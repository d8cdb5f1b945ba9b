# SPDX-License-Identifier: Apache-2.0

"""Tests of what Nova has on one compute node."""

import datetime

import ddt

from tests.unit.plugin import base
from tests.unit.plugin import fake_nova
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_hypervisor
from tests.unit.plugin.nova_answers import a_migration
from tests.unit.plugin.nova_answers import a_server
from tests.unit.plugin.nova_answers import a_service
from tests.unit.plugin.nova_answers import a_silent_service
from watcher_host_maintenance.cloud.errors import CALL_FAILED
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.reading.hosts import Contents
from watcher_host_maintenance.cloud.reading.hosts import read_contents


MIGRATING = {'task': 'migrating'}


@ddt.ddt
class TestReadContents(base.TestCase):
    def setUp(self):
        super().setUp()
        self.nova = fake_nova.FakeNova(fake_nova.mocker_for(self))
        hosts = ('compute-1', 'compute-2')
        self.nova.services = [a_service(host) for host in hosts]
        self.nova.hypervisors = [a_hypervisor(host) for host in hosts]

    def read(self):
        return read_contents(
            Nova(fake_nova.adapter()), 'compute-1', uuid_of('compute-1')
        )

    def test_empty(self):
        self.nova.servers = [a_server('api', 'compute-2')]
        self.assertEqual(Contents('compute-1', 'enabled'), self.read())

    def test_servers(self):
        self.nova.servers = [
            a_server('web'),
            a_server('api', state='soft-delete'),
            a_server('db', 'compute-2'),
        ]
        there = self.read()
        self.assertEqual(['api', 'web'], [s.name for s in there.servers])
        self.assertEqual(
            {uuid_of('web'): 'web', uuid_of('api'): 'api'},
            there.on_hypervisor,
        )

    def test_equal_names_are_told_apart(self):
        self.nova.servers = [
            a_server(name) | {'name': 'web'} for name in ('a', 'b')
        ]
        self.assertEqual(
            {f'web ({uuid_of(name)[:8]})' for name in ('a', 'b')},
            {server.name for server in self.read().servers},
        )

    @ddt.named_data(
        # name, services, status
        ('enabled',  [a_service()],                   'enabled'),
        ('disabled', [a_service(status='disabled')],  'disabled'),
        ('none',     [a_service('compute-2')],        ''),
        ('another',  [a_service('compute-10'), a_service(status='disabled')],
         'disabled'),
    )  # fmt: skip
    @ddt.unpack
    def test_status(self, services, status):
        self.nova.services = services
        self.assertEqual(status, self.read().status)

    def test_cell_that_is_down(self):
        # Its servers are in no list: the node would seem empty.
        self.nova.services = [a_silent_service()]
        error = self.assertRaises(NotPlanned, self.read)
        self.assertIs(CALL_FAILED, error.finding.reason)
        self.assertIn('compute-1', error.finding.facts['error'])

    @ddt.named_data(
        # name, server, fields of the migration, whether it counts
        ('leaves',      MIGRATING, {}, True),
        ('arrives',     MIGRATING, {'source': 'compute-2',
                                    'destination': 'compute-1'}, True),
        ('elsewhere',   MIGRATING, {'source': 'compute-2',
                                    'destination': 'compute-3'}, False),
        ('unconfirmed', {'state': 'resized'}, {'status': 'finished',
                                               'kind': 'migration'}, True),
        ('outlived',    {}, {}, False),
        ('ended',       MIGRATING, {'status': 'completed'}, False),
        ('evacuation',  MIGRATING, {'kind': 'evacuation'}, False),
    )  # fmt: skip
    @ddt.unpack
    def test_moves(self, server, fields, counts):
        self.nova.servers = [a_server('web', **server)]
        self.nova.migrations = [a_migration('web', **fields)]
        self.assertEqual(
            ['web'] if counts else [],
            [server.name for _move, server in self.read().moves],
        )

    def test_live_migration_that_failed(self):
        self.nova.servers = [
            a_server('web', state='error'),
            a_server('db', state='error'),
        ]
        self.nova.migrations = [a_migration('web', status='error')]
        self.assertEqual({uuid_of('web')}, self.read().after_live)

    def test_for_how_long_nothing_happens(self):
        now = datetime.datetime.now(datetime.UTC)
        since = now - datetime.timedelta(hours=2)
        changed = {'updated': since.strftime('%Y-%m-%dT%H:%M:%SZ')}
        self.nova.servers = [
            a_server('busy', task='rebooting') | changed,
            a_server('idle') | changed,
            a_server('comes', 'compute-2', task='migrating') | changed,
        ]
        self.nova.migrations = [a_migration('comes', 'compute-2', 'compute-1')]
        self.assertEqual(
            {uuid_of('busy'): 2, uuid_of('comes'): 2},
            {uuid: s // 3600 for uuid, s in self.read().idle_s.items()},
        )

    def test_move_of_a_server_that_is_gone(self):
        self.nova.migrations = [a_migration('web')]
        self.assertEqual((), self.read().moves)

    def test_move_that_goes_on_while_it_is_read(self):
        self.nova.servers = [a_server('web', **MIGRATING)]
        moving = a_migration('web', status='accepted')
        self.nova.migrations = [moving]
        self.nova.afterwards['/v2.1/os-migrations'] = [
            lambda: None,
            # After its page, and the empty one that ends the list.
            lambda: moving.update(status='running'),
        ]
        [(move, _server)] = self.read().moves
        self.assertEqual('running', move.status)
