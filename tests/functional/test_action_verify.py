# SPDX-License-Identifier: Apache-2.0

"""The last step of a plan tells whether the node is ready."""

import re
import uuid

from tests.functional import base
from tests.functional import fault
from tests.functional import placement
from tests.functional import plans


class VerifyTestCase(fault.FaultTestCase):
    def assertNotReady(self, plan, expected):
        """Check that a plan fails with its last step, and why."""
        self.assertEqual('FAILED', self.cloud.execute(plan)['state'])
        self.assertLook(plan, expected)


class TestNotReady(VerifyTestCase):
    def test_a_migration_failed(self):
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.HOST},
            servers={'web': base.on('compute-1', count=2)},
        )
        self.cloud.faults.fail('web-1', 'live_migration_check')
        self.assertNotReady(
            self.plan(),
            r'web-1 remains \(active\): live-migration failed on compute-2: .+',
        )

    def test_what_came_meanwhile(self):
        self.start(
            hosts={
                'compute-1': base.HOST,
                'compute-2': base.HOST,
                'compute-3': base.HOST,
            },
            servers={
                'web': base.on('compute-1'),
                'old': base.on('compute-1'),
                'gone': base.on('compute-1', state='SHUTOFF'),
            },
        )
        plan = self.plan()
        self.cloud.add_servers({'late': base.on('compute-1')})
        servers = {s.name: s for s in self.cloud.nova.servers.list()}
        servers['old'].delete()
        servers['gone'].migrate(host='compute-3')
        # A list does not show what is soft-deleted.
        self.assertEventually(
            {
                'web': ('ACTIVE', 'compute-1'),
                'late': ('ACTIVE', 'compute-1'),
                'gone': ('VERIFY_RESIZE', 'compute-3'),
            },
            self.cloud.servers,
        )
        self.assertNotReady(
            plan, r'late remains \(active\)\. old is soft-deleted and '
        )
        log = self.cloud.logs()['watcher']
        self.assertTrue(
            re.search(
                'the migration of gone to compute-3 is not confirmed', log
            )
        )

        lands = 'a server lands on the node'
        migrated = 'an administrator migrates a server without confirming'
        deleted = 'a server is soft-deleted on the node'
        for name in (lands, migrated, deleted):
            self.assertTold(name, plan)

        # What a person has to do first; the second audit does the rest.
        self.drain(maintenance_node='compute-1')
        self.assertAgain(deleted)
        servers['old'].force_delete()
        self.assertForgotten(servers['old'].id)
        done = self.drain_and_execute(
            maintenance_node='compute-1', becomes={'gone': 'SHUTOFF'}
        )
        self.assertEqual(
            [
                ('confirm_migration', 'gone', ''),
                ('migrate', 'late', 'compute-2'),
            ],
            plans.steps(done.actions),
        )
        self.assertAgain(lands)
        self.assertAgain(migrated)
        self.assertLook(done.plan)

    def test_what_holds_room(self):
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.HOST},
            servers={
                'web': base.on('compute-1'),
                'guest': base.on('compute-2'),
            },
        )
        plan = self.plan()
        consumer = self.held_on('compute-1')
        self.cloud.faults.hang('guest')
        guest = self.cloud.nova.servers.find(name='guest')
        guest.live_migrate(host='compute-1', block_migration='auto')
        self.assertEventually(
            ['running'],
            lambda: [
                m.status
                for m in self.cloud.nova.server_migrations.list(guest.id)
            ],
        )
        self.assertNotReady(
            plan,
            'the live-migration of guest from compute-2 to compute-1 '
            rf'has not ended \(running\)\. {consumer} is no server but '
            r'has an allocation on compute-1\.',
        )

        self.cloud.placement.delete(f'/allocations/{consumer}')
        self.cloud.faults.clear()
        self.assertEventually(
            ('ACTIVE', 'compute-1'), lambda: self.cloud.servers()['guest']
        )
        self.assertFinished('web', 'guest')

    def held_on(self, host):
        """Hold something in Placement for a server that nobody knows."""
        consumer = str(uuid.uuid4())
        placement.hold(self.cloud, host, consumer)
        return consumer

    def test_enabled_meanwhile(self):
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.HOST},
            servers={'web': base.on('compute-1')},
        )
        plan = self.plan()
        self.cloud.faults.hang('web')
        self.cloud.start_plan(plan)
        self.assertEventually(
            'MIGRATING', lambda: self.cloud.servers()['web'].status
        )
        for service in self.cloud.nova.services.list(host='compute-1'):
            self.cloud.nova.services.enable(service.id)
        self.cloud.faults.clear()
        self.assertEqual('FAILED', self.cloud.finished_plan(plan)['state'])
        self.assertLook(
            plan,
            r'its nova-compute service is enabled\. Run the audit again '
            r'for what is left\.$',
        )
        self.assertTold('the node is enabled', plan)
        self.assertFinished('web')
        self.assertAgain('the node is enabled')


class TestLeft(VerifyTestCase):
    def test_what_the_plan_leaves(self):
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.HOST},
            servers={
                'web': base.on('compute-1'),
                'cron': base.on('compute-1', state='SHUTOFF'),
            },
        )
        plan = self.plan(disable_cold_migration=True)
        self.assertEqual('SUCCEEDED', self.cloud.execute(plan)['state'])
        self.assertLook(plan)

    def test_switched_off(self):
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.HOST},
            servers={'web': base.on('compute-1')},
            watcher_options={
                'watcher_strategies.cluster_host_maintenance': {
                    'verify_host_empty': False
                }
            },
        )
        plan = self.plan()
        self.assertEqual(
            ['change_nova_service_state', 'migrate'],
            [a['action_type'] for a in self.cloud.actions(plan)],
        )
