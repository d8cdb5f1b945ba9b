# SPDX-License-Identifier: Apache-2.0

"""Something changes between the audit and the plan."""

from tests.functional import base
from tests.functional import fault
from tests.functional.refusals import cannot_move
from watcher_host_maintenance.core.rules.leaving import UNCONFIRMED


class TestServers(fault.FaultTestCase):
    def test_deleted_paused_and_moved(self):
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.HOST},
            servers={
                'deleted': base.on('compute-1'),
                'paused': base.on('compute-1'),
                'moved': base.on('compute-1'),
                'plain': base.on('compute-1'),
            },
        )
        plan = self.plan()
        servers = {s.name: s for s in self.cloud.nova.servers.list()}
        servers['deleted'].force_delete()
        servers['paused'].pause()
        servers['moved'].live_migrate(host='compute-2', block_migration='auto')
        self.assertEventually(
            {
                'paused': ('PAUSED', 'compute-1'),
                'moved': ('ACTIVE', 'compute-2'),
                'plain': ('ACTIVE', 'compute-1'),
            },
            self.cloud.servers,
            timeout_s=60,
        )
        self.assertEqual('FAILED', self.cloud.execute(plan)['state'])
        ends = self.ends(plan)
        self.assertEqual(
            {
                'deleted': 'SKIPPED',
                'moved': 'SKIPPED',
                'paused': 'FAILED',
                'plain': 'SUCCEEDED',
                'compute-1': 'FAILED',
            },
            {name: state for name, (state, _message) in ends.items()},
        )
        self.assertLook(plan, fault.remains('paused', 'paused') + r'\. Run')
        faults = (
            'a server is deleted',
            'a server is migrated away',
            'a server is paused',
        )
        for name in faults:
            self.assertTold(name, plan)
        self.assertFinished('moved', 'plain', paused=('PAUSED', 'compute-2'))
        for name in faults:
            self.assertAgain(name)

    def test_resized(self):
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.HOST},
            servers={'web': base.on('compute-1'), 'job': base.on('compute-1')},
        )
        plan = self.plan()
        web = next(
            s for s in self.cloud.nova.servers.list() if s.name == 'web'
        )
        medium = next(
            f for f in self.cloud.nova.flavors.list() if f.name == 'medium'
        )
        web.resize(medium.id)
        self.assertEventually(
            ('VERIFY_RESIZE', 'compute-2'),
            lambda: self.cloud.servers()['web'],
            timeout_s=60,
        )
        self.assertEqual('FAILED', self.cloud.execute(plan)['state'])
        self.assertEqual('SKIPPED', self.ends(plan)['web'][0])
        self.assertLook(
            plan, 'the resize of web to compute-2 is not confirmed'
        )
        self.assertTold('a server is resized by its owner', plan)
        # It is its owner's: the second audit says so.
        self.assertRefused(
            self.drain(maintenance_node='compute-1'),
            cannot_move(
                'compute-1',
                1,
                1,
                UNCONFIRMED.about('web', elsewhere='compute-2'),
            ),
        )
        self.assertAgain('a server is resized by its owner')
        web.confirm_resize()
        self.assertEventually(
            'ACTIVE', lambda: self.cloud.servers()['web'].status
        )
        self.assertFinished('web', 'job')


class TestDestination(fault.FaultTestCase):
    def test_disabled_down_and_filled(self):
        self.start(
            hosts={
                'compute-1': base.HOST,
                'compute-2': base.a_host(memory_mb=4096),
                'compute-3': base.HOST,
            },
            servers={'web': base.on('compute-1')},
        )
        plan = self.plan(backup_node='compute-2')
        self.disable('compute-2', 'fan')
        self.failed(plan, 'the destination is disabled')
        self.enable('compute-2')

        plan = self.plan(backup_node='compute-2')
        self.cloud.faults.stop_compute('compute-2')
        self.failed(plan, 'the destination is down')
        self.cloud.faults.start_compute('compute-2')

        plan = self.plan(backup_node='compute-2')
        self.cloud.add_servers({'late': base.on('compute-2')})
        self.cloud.add_servers({'later': base.on('compute-2')})
        self.failed(plan, 'the destination is filled by others')
        self.assertFinished(
            'web',
            host='compute-3',
            late=('ACTIVE', 'compute-2'),
            later=('ACTIVE', 'compute-2'),
        )

    def failed(self, plan, name):
        """Execute a plan that fails, and plan again."""
        self.assertEqual('FAILED', self.cloud.execute(plan)['state'])
        self.assertTold(name, plan)
        self.plan()
        self.assertAgain(name)
