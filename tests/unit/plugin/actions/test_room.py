# SPDX-License-Identifier: Apache-2.0

"""A move that needs room is skipped unless others have made it."""

from unittest import mock

import ddt
import fixtures

from watcher.applier.actions import migration
from watcher.applier.loading import default as loading
from watcher.common import exception

from tests.unit.plugin import base
from tests.unit.plugin import clouds
from tests.unit.plugin import database
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_migration
from tests.unit.plugin.nova_answers import a_server
from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.plugin.actions import room
from watcher_host_maintenance.plugin.errors import ActionFailed


INPUT = {
    'resource_id': uuid_of('web'),
    'resource_name': 'web',
    'source_node': 'compute-1',
    'destination_node': 'compute-2',
    'destination_id': uuid_of('compute-2'),
    'room_of': [
        {'resource_id': uuid_of(name), 'resource_name': name}
        for name in ('cache', 'queue')
    ],
}
MOVE = 'migration 0 of cache'


class TestCase(base.TestCase):
    """``web`` needs room on compute-2 that ``cache`` and ``queue`` make."""

    def setUp(self):
        super().setUp()
        self.useFixture(base.StoppedClock())
        self.useFixture(database.Database())
        self.conf.config(
            group='nova', migration_interval=0.1, migration_max_retries=9
        )
        self.useFixture(fixtures.MonkeyPatch(f'{room.__name__}.SETTLING', 3))
        cloud = clouds.Cloud(self)
        self.nova, self.placement = cloud.nova, cloud.placement
        self.placement.add('compute-2', VCPU=16)
        self.have(cache='compute-3', queue='compute-4')

    def have(self, **hosts):
        """Have these servers, each on a host."""
        self.nova.servers = [
            a_server('web', 'compute-1'),
            *(a_server(name, host) for name, host in hosts.items()),
        ]

    def hold(self, consumer):
        self.placement.hold(consumer, uuid_of('compute-2'), VCPU=1)

    def demand(self):
        room.demand(*clouds.connect(), INPUT)


@ddt.ddt
class TestDemand(TestCase):
    def test_made(self):
        self.demand()

    def test_made_by_a_deletion(self):
        self.have(queue='compute-4')
        self.demand()

    @ddt.named_data(
        # name, hosts, who has not left
        ('one', {'cache': 'compute-2', 'queue': 'compute-4'}, 'cache'),
        ('both', {'cache': 'compute-2', 'queue': 'compute-2'},
         'cache, queue'),
    )  # fmt: skip
    @ddt.unpack
    def test_not_made(self, hosts, who):
        self.have(**hosts)
        error = self.assertRaises(exception.ActionSkipped, self.demand)
        self.assertEqual(
            f'web needs room on compute-2, still held by {who}', str(error)
        )

    def test_is_not_waited_for(self):
        """What is there has failed, or takes too long."""
        self.have(cache='compute-2', queue='compute-4')
        self.assertRaises(exception.ActionSkipped, self.demand)
        self.assertEqual(1, len(self.placement.asked('/allocations')))

    def test_held_by_an_allocation(self):
        self.hold('cache')
        error = self.assertRaises(exception.ActionSkipped, self.demand)
        self.assertIn('still held by cache', str(error))
        self.assertEqual(3, len(self.placement.asked('/allocations')))

    def test_held_by_a_migration_that_ends(self):
        """Nova gives the room back a moment after the server has left."""
        self.nova.migrations = [
            a_migration('cache', 'compute-2', 'compute-3', status='completed')
        ]
        self.hold(MOVE)
        with mock.patch('time.sleep') as sleep:
            sleep.side_effect = lambda _s: self.placement.free(MOVE)
            self.demand()
        sleep.assert_called_once_with(0.1)

    def test_held_by_a_migration_that_does_not_end(self):
        self.nova.migrations = [a_migration('cache', 'compute-2', 'compute-3')]
        self.hold(MOVE)
        self.assertRaises(exception.ActionSkipped, self.demand)


@ddt.ddt
class TestActions(TestCase):
    @ddt.named_data(
        ('any', names.MIGRATE_INTO_ROOM, {'migration_type': 'live'}),
        ('paused', names.LIVE_MIGRATE_PAUSED, {}),
    )
    @ddt.unpack
    def test_looks_for_the_room(self, name, more):
        action = loading.DefaultActionLoader().load(name)
        action.input_parameters = {**INPUT, **more}
        action.validate_parameters()
        parent = type(action).__mro__[1]
        with mock.patch.object(parent, 'pre_condition') as looks:
            action.pre_condition()
            looks.assert_called_once_with()
            self.have(cache='compute-2')
            self.assertRaises(exception.ActionSkipped, action.pre_condition)
            self.nova.fail(f'/v2.1/servers/{uuid_of("cache")}')
            self.assertRaises(ActionFailed, action.pre_condition)

    def test_paused_without_need(self):
        action = loading.DefaultActionLoader().load(names.LIVE_MIGRATE_PAUSED)
        action.input_parameters = {
            k: v
            for k, v in INPUT.items()
            if k not in ('destination_id', 'room_of')
        }
        self.have(cache='compute-2')
        with mock.patch.object(type(action).__mro__[1], 'pre_condition'):
            action.pre_condition()
        self.assertTrue(action.validate_parameters())

    def test_is_watchers_own_besides(self):
        action = loading.DefaultActionLoader().load(names.MIGRATE_INTO_ROOM)
        self.assertIsInstance(action, migration.Migrate)
        self.assertEqual(
            'Migrates a server after others have made room for it. Is skipped '
            'if they have not.',
            action.get_description(),
        )
