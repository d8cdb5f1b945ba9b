# SPDX-License-Identifier: Apache-2.0

"""Tests of members of server groups that Nova lists nowhere."""

import ddt

from tests.unit.plugin import base
from tests.unit.plugin import clouds
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_group
from tests.unit.plugin.nova_answers import a_server
from watcher_host_maintenance.cloud.reading import soft_deleted


@ddt.ddt
class TestWithSoftDeleted(base.TestCase):
    """A group of db-1, of which gone-1 and gone-2 have been soft-deleted."""

    def setUp(self):
        super().setUp()
        self.nova = clouds.Cloud(self).nova
        self.nova.servers = [
            a_server('db-1'),
            a_server('gone-1', state='soft-delete'),
            a_server('gone-2', 'compute-2', state='soft-delete'),
            a_server('other', state='soft-delete'),
        ]

    def members(self, *groups):
        """Name of a group -> names of its members."""
        self.nova.groups = list(groups)
        self.nova.hidden = {
            groups[0]['id']: [uuid_of('gone-1'), uuid_of('gone-2')]
        }
        names = {s['id']: s['name'] for s in self.nova.servers}
        reads, _rooms = clouds.connect()
        found = soft_deleted.with_soft_deleted(reads, reads.groups())
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
