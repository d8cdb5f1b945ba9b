# SPDX-License-Identifier: Apache-2.0

"""Migrations that fail, take too long, or never end."""

import re

from tests.functional import base
from tests.functional import fault
from tests.functional.refusals import cannot_move
from watcher_host_maintenance.core.rules.leaving import ERROR


class TestLive(fault.FaultTestCase):
    def test_fails(self):
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.HOST},
            servers={
                'web': base.on('compute-1'),
                'paused': base.on('compute-1', state='PAUSED'),
            },
            watcher_options=fault.SHORT,
        )
        self.cloud.faults.fail('web')
        self.cloud.faults.fail('paused')
        plan = self.plan()
        self.assertEqual('FAILED', self.cloud.execute(plan)['state'])
        self.assertTold('a live migration fails', plan)
        # A person has to look at the guests, which are as they were.
        self.assertRefused(
            self.drain(maintenance_node='compute-1'),
            re.compile(
                'Cannot drain compute-1: 2 of 2 instances cannot be moved.'
            ),
        )
        self.assertAgain('a live migration fails')
        self.cloud.faults.clear()
        self.recover('web')
        self.recover('paused', 'PAUSED')
        self.assertFinished('web', paused=('PAUSED', 'compute-2'))

    def test_never_ends(self):
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.HOST},
            servers={
                'web': base.on('compute-1', 'large'),
                'job': base.on('compute-1', state='SHUTOFF'),
            },
            watcher_options=fault.SHORT,
        )
        self.cloud.faults.hang('web')
        plan = self.plan()
        self.assertEqual('FAILED', self.cloud.execute(plan)['state'])
        ends = self.ends(plan)
        self.assertEqual(
            ('FAILED', 'SUCCEEDED'), (ends['web'][0], ends['job'][0])
        )
        self.assertLook(plan, fault.remains('web', 'active', 'migrating'))
        self.assertTold('a live migration never ends', plan)

        # The administrator ends it, or it ends: then the drain goes on.
        self.cloud.faults.clear()
        self.assertEventually(
            ('ACTIVE', 'compute-2'), lambda: self.cloud.servers()['web']
        )
        self.assertFinished('web', job=('SHUTOFF', 'compute-2'))
        self.assertAgain('a live migration never ends')

    def test_slower_than_the_action(self):
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.HOST},
            servers={'web': base.on('compute-1')},
            watcher_options=fault.SHORT,
        )
        self.cloud.faults.hang('web')
        plan = self.plan()
        self.cloud.start_plan(plan)
        self.assertEventually(
            'FAILED', lambda: self.ends(plan)['web'][0], timeout_s=60
        )
        self.cloud.faults.clear()
        self.assertEqual('FAILED', self.cloud.finished_plan(plan)['state'])
        # It has arrived after all, and the last action has waited for it.
        self.assertLook(plan)
        self.assertTold('a live migration is slower than its action', plan)
        self.assertFinished('web')
        self.assertAgain('a live migration is slower than its action')


class TestCold(fault.FaultTestCase):
    def test_fails_at_either_end(self):
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.HOST},
            servers={
                'out': base.on('compute-1', state='SHUTOFF'),
                'in': base.on('compute-1', state='SHUTOFF'),
                'web': base.on('compute-1'),
            },
            watcher_options=fault.SHORT,
        )
        self.cloud.faults.fail('out', 'cold_migration')
        self.cloud.faults.fail('in', 'finish_migration')
        plan = self.plan()
        self.assertEqual('FAILED', self.cloud.execute(plan)['state'])
        self.assertEqual(
            {
                'out': 'FAILED',
                'in': 'FAILED',
                'web': 'SUCCEEDED',
                'compute-1': 'FAILED',
            },
            {name: state for name, (state, _) in self.ends(plan).items()},
        )
        self.assertEventually(
            {
                'out': ('ERROR', 'compute-1'),
                'in': ('ERROR', 'compute-2'),
                'web': ('ACTIVE', 'compute-2'),
            },
            self.cloud.servers,
        )
        self.assertLook(plan, fault.remains('out', 'error') + ': .*out fails')
        self.assertTold('a cold migration fails at the source', plan)
        self.assertTold('a cold migration fails at the destination', plan)

        # Nova has put it in ERROR: the second audit names it.
        self.assertRefused(
            self.drain(maintenance_node='compute-1'),
            cannot_move('compute-1', 1, 1, ERROR.about('out')),
        )
        self.assertAgain('a cold migration fails at the source')
        self.assertAgain('a cold migration fails at the destination')
        self.cloud.faults.clear()
        for server in self.cloud.nova.servers.list():
            if server.name == 'out':
                server.reset_state('active')
                server.stop()
        self.assertEventually(
            'SHUTOFF', lambda: self.cloud.servers()['out'].status
        )
        self.drain_and_execute(maintenance_node='compute-1')
        self.assertEventually(
            ('SHUTOFF', 'compute-2'), lambda: self.cloud.servers()['out']
        )
