# SPDX-License-Identifier: Apache-2.0


"""Tests of what an audit reads from Nova; its API is faked."""

import ddt

from tests.unit.plugin import base
from tests.unit.plugin import clouds
from tests.unit.plugin import fake_nova
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_group
from tests.unit.plugin.nova_answers import a_migration
from tests.unit.plugin.nova_answers import a_server
from tests.unit.plugin.nova_answers import an_aggregate
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.reading import nova_state


HERE = 'compute-1'
"""The node to empty."""


class TestCase(base.TestCase):
    """A Nova that a test changes before it reads.

    :ivar pauses: seconds of each sleep, in order
    :ivar meanwhile: what happens in the first sleep, the second, ...
    """

    def setUp(self):
        super().setUp()
        self.nova = clouds.Cloud(self).nova
        self.pauses = []
        self.meanwhile = []

    def held(self, *hosts, wait_s=60):
        return nova_state.read_held(
            Nova(fake_nova.adapter()), hosts or (HERE,), wait_s, self.sleep
        )

    def sleep(self, seconds):
        self.pauses.append(seconds)
        if self.meanwhile:
            self.meanwhile.pop(0)()

    def servers(self, *servers):
        """Make this change to the servers when it is called."""

        def change():
            self.nova.servers = list(servers)

        return change


class TestCloud(TestCase):
    def test_in_full(self):
        self.nova.aggregates = [an_aggregate(name='rack-1')]
        self.nova.groups = [a_group('db')]
        reads = Nova(fake_nova.adapter())
        cloud = nova_state.read_cloud(reads)
        self.assertEqual(reads.services(), cloud.services)
        self.assertEqual(['rack-1'], [a['name'] for a in cloud.aggregates])
        self.assertEqual(['db'], [g.name for g in cloud.groups])


@ddt.ddt
class TestWaiting(TestCase):
    IDLE = a_server('web-1')
    BUSY = a_server('web-1', task='image_snapshot')

    def test_not_when_nova_is_idle(self):
        self.nova.servers = [self.IDLE, a_server('job-1', state='paused')]
        held = self.held()
        self.assertEqual((True, 0), (held.is_settled, held.waited_s))
        self.assertEqual([], self.pauses)

    def test_until_a_task_ends(self):
        self.nova.servers = [self.BUSY]
        self.meanwhile = [self.servers(self.BUSY), self.servers(self.IDLE)]
        held = self.held()
        [server] = held.servers[HERE]
        self.assertEqual('', server.task_state)
        self.assertEqual(4, held.waited_s)
        self.assertEqual([2, 2], self.pauses)

    def test_until_a_server_is_built(self):
        self.nova.servers = [a_server('web-1', state='building')]
        self.meanwhile = [self.servers(self.IDLE)]
        [server] = self.held().servers[HERE]
        self.assertEqual('active', server.vm_state)
        self.assertEqual([2], self.pauses)

    def test_until_one_has_left(self):
        self.nova.servers = [self.BUSY]
        self.meanwhile = [self.servers(a_server('web-1', 'compute-2'))]
        self.assertEqual([], self.held().servers[HERE])

    def test_until_an_incoming_one_is_there(self):
        self.nova.servers = [a_server('web-1', 'compute-2', task='migrating')]
        self.nova.migrations = [a_migration('web-1', 'compute-2', HERE)]
        self.meanwhile = [self.servers(self.IDLE)]
        held = self.held()
        self.assertEqual(['web-1'], [s.name for s in held.servers[HERE]])
        self.assertEqual({}, held.passing)
        self.assertEqual([2], self.pauses)

    @ddt.named_data(
        # name, seconds to wait, sleeps
        ('not_at_all', 0, []),
        ('a_bit',      1, [1]),
        ('even',       4, [2, 2]),
        ('odd',        5, [2, 2, 1]),
    )  # fmt: skip
    @ddt.unpack
    def test_no_longer_than_said(self, wait_s, pauses):
        self.nova.servers = [self.BUSY]
        held = self.held(wait_s=wait_s)
        self.assertEqual(pauses, self.pauses)
        self.assertEqual('image_snapshot', held.servers[HERE][0].task_state)
        self.assertFalse(held.is_settled)

    def test_not_for_what_waits_for_its_owner(self):
        self.nova.servers = [a_server('web-1', state='resized')]
        self.assertTrue(self.held().is_settled)
        self.assertEqual([], self.pauses)


@ddt.ddt
class TestServers(TestCase):
    @ddt.named_data(
        # name, state, held
        ('active',      'active',            True),
        ('soft_delete', 'soft-delete',       True),
        ('error',       'error',             True),
        ('deleted',     'deleted',           False),
        ('offloaded',   'shelved_offloaded', False),
    )  # fmt: skip
    @ddt.unpack
    def test_what_holds_something(self, state, held):
        self.nova.servers = [a_server('web-1', state=state)]
        self.assertEqual(held, bool(self.held().servers[HERE]))

    def test_one_that_moves_between_two_reads(self):
        self.nova.servers = [
            a_server('web-1', HERE),
            a_server('web-1', 'compute-2'),
        ]
        held = self.held(HERE, 'compute-2')
        self.assertEqual(
            {HERE: ['web-1'], 'compute-2': []},
            {
                host: [s.name for s in found]
                for host, found in held.servers.items()
            },
        )

    def test_only_nodes_asked_for_are_read(self):
        self.nova.servers = [a_server('web-1', 'compute-2')]
        self.nova.migrations = [a_migration('web-1', 'compute-2', 'compute-3')]
        held = self.held()
        self.assertEqual({HERE: []}, held.servers)
        [asked] = self.nova.asked('/servers')
        self.assertIn(f'host={HERE}', asked)


@ddt.ddt
class TestPassing(TestCase):
    @ddt.named_data(
        # name, source, destination, kind, status, server, is it passing
        (
            'unconfirmed',
            HERE,
            'compute-2',
            'resize',
            'finished',
            {'host': 'compute-2', 'state': 'resized'},
            True,
        ),
        (
            'unconfirmed_cold',
            HERE,
            'compute-2',
            'migration',
            'finished',
            {'host': 'compute-2', 'state': 'resized'},
            True,
        ),
        (
            'confirming',
            HERE,
            'compute-2',
            'resize',
            'confirming',
            {'host': 'compute-2', 'state': 'resized'},
            True,
        ),
        (
            'incoming',
            'compute-2',
            HERE,
            'live-migration',
            'running',
            {'host': 'compute-2', 'task': 'migrating'},
            True,
        ),
        (
            'incoming_resize',
            'compute-2',
            HERE,
            'resize',
            'pre-migrating',
            {'host': 'compute-2', 'task': 'resize_prep'},
            True,
        ),
        (
            'confirmed',
            HERE,
            'compute-2',
            'resize',
            'confirmed',
            {'host': 'compute-2'},
            False,
        ),
        (
            'outlived',
            HERE,
            'compute-2',
            'live-migration',
            'running',
            {'host': 'compute-2'},
            False,
        ),
        (
            'evacuated',
            HERE,
            'compute-2',
            'evacuation',
            'accepted',
            {'host': 'compute-2', 'task': 'rebuilding'},
            False,
        ),
        (
            'elsewhere',
            'compute-2',
            'compute-3',
            'resize',
            'finished',
            {'host': 'compute-3', 'state': 'resized'},
            False,
        ),
        (
            'still_here',
            HERE,
            'compute-2',
            'live-migration',
            'running',
            {'host': HERE, 'task': 'migrating'},
            False,
        ),
        (
            'nowhere',
            HERE,
            'compute-2',
            'resize',
            'finished',
            {'host': None, 'state': 'resized'},
            False,
        ),
    )
    @ddt.unpack
    def test_move(self, source, destination, kind, status, server, passing):
        self.nova.servers = [a_server('web-1', **server)]
        self.nova.migrations = [
            a_migration('web-1', source, destination, kind=kind, status=status)
        ]
        held = self.held(wait_s=0)
        self.assertEqual(
            {HERE: ['web-1']} if passing else {},
            {
                host: [s.name for s in found]
                for host, found in held.passing.items()
            },
        )

    def test_gone(self):
        self.nova.migrations = [a_migration('web-1', HERE)]
        self.assertEqual({}, self.held().passing)

    def test_between_two_nodes_to_empty(self):
        self.nova.servers = [a_server('web-1', 'compute-2', state='resized')]
        self.nova.migrations = [a_migration('web-1', HERE, status='finished')]
        held = self.held(HERE, 'compute-2')
        self.assertEqual(['web-1'], [s.name for s in held.passing[HERE]])
        self.assertNotIn('compute-2', held.passing)
        self.assertEqual([1], [len(held.servers['compute-2'])])
        # It is known already.
        self.assertEqual([], self.nova.asked(f'/servers/{UUID}'))

    @ddt.named_data(
        # name, kind and status of a second record with the same ends
        ('other_status', 'resize',    'confirming'),
        ('other_kind',   'migration', 'reverting'),
        ('the_same',     'resize',    'finished'),
    )  # fmt: skip
    @ddt.unpack
    def test_two_records_of_one_end(self, kind, status):
        self.nova.servers = [a_server('web-1', 'compute-2', state='resized')]
        self.nova.migrations = [
            a_migration('web-1', HERE, kind='resize', status='finished'),
            a_migration('web-1', HERE, number=2, kind=kind, status=status),
        ]
        held = self.held()
        self.assertEqual(
            {HERE: ['web-1']},
            {
                host: [s.name for s in found]
                for host, found in held.passing.items()
            },
        )

    def test_each_is_read_once(self):
        self.nova.servers = [a_server('web-1', 'compute-3', state='resized')]
        self.nova.migrations = [
            a_migration('web-1', HERE, 'compute-3', status='finished'),
            a_migration(
                'web-1', 'compute-2', 'compute-3', number=2, status='reverting'
            ),
        ]
        held = self.held(HERE, 'compute-2')
        self.assertEqual({HERE, 'compute-2'}, set(held.passing))
        self.assertEqual(1, len(self.nova.asked(f'/servers/{UUID}')))


UUID = uuid_of('web-1')


@ddt.ddt
class TestMembers(TestCase):
    def setUp(self):
        super().setUp()
        self.nova.groups = [a_group('db', members=['db-1', 'web-1'])]

    def members(self):
        reads = Nova(fake_nova.adapter())
        cloud = nova_state.read_cloud(reads)
        held = self.held(wait_s=0)
        found = nova_state.read_members(reads, cloud.groups, held)
        return {uuid: (sorted(w.ends), w.home) for uuid, w in found.items()}

    @ddt.named_data(
        # name, server that is a member, where it is
        ('here',      {'host': HERE},                      HERE),
        ('elsewhere', {'host': 'compute-7'},               'compute-7'),
        ('stopped',   {'host': 'compute-7', 'state': 'stopped'},
         'compute-7'),
        ('nowhere',   {'host': None, 'state': 'shelved_offloaded'}, None),
        # What Nova is at leaves these where they are.
        ('snapshot',  {'host': 'compute-7', 'task': 'image_uploading'},
         'compute-7'),
        ('reboot',    {'host': 'compute-7', 'task': 'rebooting'},
         'compute-7'),
    )  # fmt: skip
    @ddt.unpack
    def test_at_rest(self, server, host):
        self.nova.servers = [a_server('web-1', **server)]
        self.assertEqual(
            {UUID: ([host], host)} if host else {}, self.members()
        )

    @ddt.named_data(
        # name, source, destination, status, server, ends, home
        (
            'running',
            'compute-3',
            'compute-4',
            'running',
            {'host': 'compute-3', 'task': 'migrating'},
            ['compute-3', 'compute-4'],
            '',
        ),
        # Of the task alone, before there is a record of the migration.
        (
            'about_to',
            HERE,
            'compute-4',
            'completed',
            {'host': 'compute-3', 'task': 'migrating'},
            ['compute-3'],
            '',
        ),
        (
            'resizing',
            HERE,
            'compute-4',
            'completed',
            {'host': 'compute-3', 'task': 'resize_prep'},
            ['compute-3'],
            '',
        ),
        (
            'not_chosen',
            'compute-3',
            None,
            'accepted',
            {'host': 'compute-3', 'task': 'migrating'},
            ['compute-3'],
            '',
        ),
        (
            'unconfirmed',
            'compute-3',
            'compute-4',
            'finished',
            {'host': 'compute-4', 'state': 'resized'},
            ['compute-3', 'compute-4'],
            'compute-4',
        ),
        (
            'from_here',
            HERE,
            'compute-4',
            'running',
            {'host': HERE, 'task': 'migrating'},
            [HERE, 'compute-4'],
            '',
        ),
        (
            'to_here',
            'compute-4',
            HERE,
            'running',
            {'host': 'compute-4', 'task': 'migrating'},
            [HERE, 'compute-4'],
            '',
        ),
        (
            'ended',
            'compute-3',
            'compute-4',
            'completed',
            {'host': 'compute-4'},
            ['compute-4'],
            'compute-4',
        ),
        # Nova's own check on a host counts such records as well.
        (
            'outlived',
            'compute-3',
            'compute-4',
            'running',
            {'host': 'compute-4'},
            ['compute-3', 'compute-4'],
            'compute-4',
        ),
    )
    @ddt.unpack
    def test_on_its_way(self, source, destination, status, server, ends, home):
        self.nova.servers = [a_server('web-1', **server)]
        self.nova.migrations = [
            a_migration('web-1', source, destination, status=status)
        ]
        self.assertEqual({UUID: (ends, home)}, self.members())

    def test_another_server_moves(self):
        self.nova.servers = [a_server('web-1', 'compute-3')]
        self.nova.migrations = [a_migration('db-9', 'compute-3', 'compute-4')]
        self.assertEqual({UUID: (['compute-3'], 'compute-3')}, self.members())

    def test_those_here_are_not_read_again(self):
        self.nova.servers = [a_server('db-1'), a_server('web-1', 'compute-2')]
        self.assertEqual({uuid_of('db-1'), UUID}, set(self.members()))
        self.assertEqual(
            [f'/v2.1/servers/{UUID}'],
            [r for r in self.nova.asked('/servers/') if 'detail' not in r],
        )
