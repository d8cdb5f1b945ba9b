# SPDX-License-Identifier: Apache-2.0

"""A cloud that is renewed is as good as a new one."""

import fixtures

from minicloud import cloud
from minicloud import exceptions
from minicloud import saves
from tests.functional import limited
from tests.functional import placement
from tests.functional.minicloud import base


FIRST = {
    'hosts': {
        'compute-1': {**base.HOST, 'zone': 'north'},
        'compute-2': base.HOST,
        'compute-3': base.HOST,
    },
    'aggregates': {'fast': {'hosts': ['compute-1']}},
    'flavors': {'small': base.FLAVOR},
    'groups': {'apart': {'policy': 'anti-affinity'}},
    'servers': {
        'web': {
            'host': 'compute-1',
            'flavor': 'small',
            'count': 2,
            'zone': 'north',
        },
        'db': {'host': 'compute-2', 'flavor': 'small', 'group': 'apart'},
    },
}
SECOND = {
    'hosts': {
        'compute-1': {**base.HOST, 'vcpus': 4, 'zone': 'south'},
        'compute-2': {**base.HOST, 'disabled_reason': 'fan', 'down': True},
    },
    'flavors': {'small': {**base.FLAVOR, 'vcpus': 4}},
    'groups': {'apart': {'policy': 'anti-affinity'}},
    'servers': {
        'web': {'host': 'compute-1', 'flavor': 'small', 'group': 'apart'},
    },
}
ENABLED = ('enabled', 'up', None)


class TestRenewal(limited.LimitedTestCase):
    """One cloud, which each test begins with as :data:`FIRST`."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        directory = fixtures.TempDir()
        directory.setUp()
        cls.addClassCleanup(directory.cleanUp)
        cls.share(cloud.Cloud(FIRST, saves=saves.Saves(directory.path)))

    def setUp(self):
        super().setUp()
        self.cloud.renew(FIRST)

    def test_to_and_fro(self):
        first = self.seen()
        self.spoil()
        self.cloud.renew(SECOND)
        self.assertEqual(
            ({'web': ('ACTIVE', 'compute-1')}, ['zone-south'], 4),
            self.seen()[:-1],
        )
        self.assertEqual(
            {'compute-1': ENABLED, 'compute-2': ('disabled', 'down', 'fan')},
            self.cloud.services(),
        )
        self.assertNew()
        # The room that it takes is counted.
        with self.assertRaisesRegex(exceptions.CloudError, 'No valid host'):
            self.cloud.add_servers(
                {'more': {'host': 'compute-1', 'flavor': 'small'}}
            )
        self.cloud.renew(FIRST)
        self.assertEqual(first, self.seen())
        self.assertNew()
        self.assertEqual([], placement.faults(self.cloud))
        self.drain()

    def test_audit_that_may_run_again(self):
        audit = self.cloud.create_audit(
            'dummy',
            'dummy',
            audit_type='CONTINUOUS',
            interval='3600',
            start_time='2100-01-01T00:00:00',
        )
        with self.assertRaisesRegex(exceptions.CloudError, 'may run again'):
            self.cloud.renew(SECOND)
        self.assertEqual('PENDING', self.cloud.audit(audit['uuid'])['state'])
        self.assertIn('db', self.cloud.servers())
        path = f'/v1/audits/{audit["uuid"]}'
        self.cloud.watcher.patch(
            path,
            json=[{'op': 'replace', 'path': '/state', 'value': 'CANCELLED'}],
        )
        self.cloud.watcher.delete(path)

    def test_messages_are_gone(self):
        """What a stopped service was asked for is not done in the next."""
        self.cloud.faults.stop_compute('compute-2')
        self.cloud.nova.servers.find(name='db').reboot()
        self.cloud.renew(FIRST)
        self.assertEqual('ACTIVE', self.cloud.servers()['db'].status)
        db = self.cloud.nova.servers.find(name='db')
        actions = self.cloud.nova.instance_action.list(db.id)
        self.assertEqual(['create'], [a.action for a in actions])

    def test_other_filters(self):
        with self.assertRaisesRegex(exceptions.CloudError, 'filters'):
            self.cloud.renew({**FIRST, 'filters': ['NUMATopologyFilter']})

    def seen(self):
        """What a client sees of a cloud, that a renewed one may differ in."""
        flavor = self.cloud.nova.flavors.find(name='small')
        return (
            self.cloud.servers(),
            sorted(a.name for a in self.cloud.nova.aggregates.list()),
            flavor.vcpus,
            {s.name: s.id for s in self.cloud.nova.servers.list()},
        )

    def spoil(self):
        """Do what a test may do."""
        self.drain()
        self.cloud.faults.stop_api('placement')
        self.cloud.faults.stop_compute('compute-3')
        self.cloud.faults.hang('web')

    def drain(self):
        audit = self.cloud.run_audit(
            'cluster_maintenance',
            'cluster_host_maintenance',
            {'maintenance_node': 'compute-2'},
        )
        plan = self.cloud.execute(self.cloud.action_plan(audit))
        self.assertEqual('SUCCEEDED', plan['state'])
        self.assertNotEqual('compute-2', self.cloud.servers()['db'].host)

    def assertNew(self):
        """Check that nothing is left of what was done before."""
        self.assertEqual(
            {'audits': []}, self.cloud.watcher.get('/v1/audits').json()
        )
        self.assertEqual([], self.cloud.nova.migrations.list())
        self.assertNotIn('migrat', self.cloud.logs()['watcher'])
