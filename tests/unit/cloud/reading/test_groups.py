# SPDX-License-Identifier: Apache-2.0

"""Tests of the server groups of the servers on the nodes to empty."""

import ddt

from tests.unit.plugin import base
from tests.unit.plugin import clouds
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_group
from tests.unit.plugin.nova_answers import a_migration
from tests.unit.plugin.nova_answers import a_server
from watcher_host_maintenance.cloud import nova
from watcher_host_maintenance.cloud.reading import groups
from watcher_host_maintenance.cloud.reading import servers
from watcher_host_maintenance.core.model.snapshot import ServerGroup


HERE = 'compute-1'
"""The node to empty."""

UUID = uuid_of('web-1')


@ddt.ddt
class TestWithSoftDeleted(base.TestCase):
    """A group of db-1 and the soft-deleted gone-1 and gone-2."""

    def setUp(self):
        super().setUp()
        self.nova = clouds.Cloud(self).nova
        self.nova.servers = [
            a_server('db-1'),
            a_server('gone-1', state='soft-delete'),
            a_server('gone-2', 'compute-2', state='soft-delete'),
            a_server('other', state='soft-delete'),
        ]

    def members(self, *listed):
        """Name of a group -> names of its members."""
        self.nova.groups = list(listed)
        self.nova.hidden = {
            listed[0]['id']: [uuid_of('gone-1'), uuid_of('gone-2')]
        }
        names = {s['id']: s['name'] for s in self.nova.servers}
        reads, _rooms = clouds.connect()
        found = groups.with_soft_deleted(reads, reads.groups())
        return {g.name: sorted(names[u] for u in g.members) for g in found}

    @ddt.named_data(
        # name, policy, members
        ('apart',      'anti-affinity', ['db-1', 'gone-1', 'gone-2']),
        # They are no company, and no reason to stay away.
        ('together',   'affinity', ['db-1']),
        ('soft_apart', 'soft-anti-affinity', ['db-1']),
    )  # fmt: skip
    @ddt.unpack
    def test_members(self, policy, expected):
        self.assertEqual(
            {'db': expected},
            self.members(a_group('db', policy, members=['db-1'])),
        )

    def test_of_another_group(self):
        self.assertEqual(
            {'db': ['db-1', 'gone-1', 'gone-2'], 'web': []},
            self.members(a_group('db', members=['db-1']), a_group('web')),
        )
        # Both are of one project; the second page is empty.
        self.assertEqual(2, len(self.listings()))

    @ddt.named_data(
        # name, policy, most that are read of three, is the group whole
        ('on_it',    'anti-affinity', 3, True),
        ('past_it',  'anti-affinity', 2, False),
        ('together', 'affinity',      2, True),
    )  # fmt: skip
    @ddt.unpack
    def test_too_many(self, policy, most, is_whole):
        self.patch(nova, 'MOST_SOFT_DELETED', most)
        self.nova.groups = [a_group('db', policy, members=['db-1'])]
        reads, _rooms = clouds.connect()
        [group] = groups.with_soft_deleted(reads, reads.groups())
        self.assertIs(is_whole, group.is_whole)

    def test_deleted_while_it_is_read(self):
        self.assertEqual(
            {'db': ['db-1', 'gone-1', 'gone-2']},
            self.members(a_group('db', members=['db-1', 'gone-1'])),
        )

    def test_of_another_project(self):
        for server in self.nova.servers:
            server['tenant_id'] = uuid_of('another project')
        self.assertEqual(
            {'db': ['db-1']}, self.members(a_group('db', members=['db-1']))
        )

    def test_nova_does_not_tell_the_group(self):
        self.nova.offered = '2.70'
        self.assertEqual(
            {'db': ['db-1']}, self.members(a_group('db', members=['db-1']))
        )

    def test_nobody_is_asked_about_other_policies(self):
        self.members(a_group('db', 'affinity'))
        self.assertEqual([], self.listings())

    def listings(self):
        return [
            r
            for r in self.nova.asked('/servers?')
            if 'status=SOFT_DELETED' in r
        ]


@ddt.ddt
class TestMembers(base.TestCase):
    def setUp(self):
        super().setUp()
        self.nova = clouds.Cloud(self).nova
        self.nova.groups = [a_group('db', members=['db-1', 'web-1'])]

    def counted(self, policy):
        """Where the members are counted for a policy."""
        self.nova.groups[0]['policy'] = policy
        nova, _placement = clouds.connect()
        held = servers.read_held(nova, [HERE])
        [group] = groups.server_groups(nova, nova.groups(), held)
        return dict(group.members)

    def members(self):
        """Hosts with a member, for anti-affinity and for affinity."""
        return tuple(
            sorted(self.counted(policy))
            for policy in ('anti-affinity', 'affinity')
        )

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
        hosts = [host] if host else []
        self.assertEqual((hosts, hosts), self.members())

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
        self.assertEqual((ends, [home] if home else []), self.members())

    def test_another_server_moves(self):
        self.nova.servers = [a_server('web-1', 'compute-3')]
        self.nova.migrations = [a_migration('db-9', 'compute-3', 'compute-4')]
        self.assertEqual((['compute-3'], ['compute-3']), self.members())

    def test_those_here_are_not_read_again(self):
        self.nova.servers = [a_server('db-1'), a_server('web-1', 'compute-2')]
        self.assertEqual(
            {HERE: 1, 'compute-2': 1}, self.counted('anti-affinity')
        )
        self.assertEqual(
            [f'/v2.1/servers/{UUID}'],
            [r for r in self.nova.asked('/servers/') if 'detail' not in r],
        )


@ddt.ddt
class TestServerGroups(base.TestCase):
    @ddt.named_data(
        # name, policy, members counted on each host
        ('apart',      'anti-affinity',
         {'compute-1': 1, 'compute-2': 2, 'compute-3': 1, 'compute-4': 1}),
        ('soft_apart', 'soft-anti-affinity',
         {'compute-1': 1, 'compute-2': 2, 'compute-3': 1, 'compute-4': 1}),
        # One on its way is company at neither end.
        ('together',   'affinity', {'compute-1': 1, 'compute-2': 2}),
    )  # fmt: skip
    @ddt.unpack
    def test_in_full(self, policy, members):
        self.nova = clouds.Cloud(self).nova
        self.nova.groups = [
            a_group(
                'db',
                policy,
                ['db-1', 'db-2', 'db-3', 'db-4', 'gone'],
                max_server_per_host=2,
            )
        ]
        self.nova.servers = [
            a_server('db-1'),
            a_server('db-2', 'compute-2'),
            a_server('db-3', 'compute-2'),
            a_server('db-4', 'compute-3', task='migrating'),
        ]
        self.nova.migrations = [a_migration('db-4', 'compute-3', 'compute-4')]
        reader, _placement = clouds.connect()
        held = servers.read_held(reader, [HERE])
        self.assertEqual(
            [ServerGroup(uuid_of('group db'), 'db', policy, 2, members)],
            groups.server_groups(reader, reader.groups(), held),
        )
