# SPDX-License-Identifier: Apache-2.0

"""A plan is cancelled while an action of our own waits for Nova."""

from tests.functional import base
from tests.functional import fault


STOPPED = (
    'Action failed in execute: The plan was cancelled before {} was done. '
    'Run the audit again for what is left.'
)


class TestCancelled(fault.FaultTestCase):
    def start_with(self, **servers):
        """Start two hosts with these servers."""
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.HOST},
            servers=servers,
        )

    def when(self, plan, **states):
        """Cancel a plan once its actions on hosts and servers are so far."""
        self.cloud.start_plan(plan)
        self.addCleanup(self.end, plan)
        self.assertEventually(
            states,
            lambda: {
                name: end[0]
                for name, end in self.ends(plan).items()
                if name in states
            },
        )
        self.cloud.cancel_plan(plan)
        return self.cloud.finished_plan(plan)['state']

    def end(self, plan):
        """Stop what a test that failed has left running."""
        [now] = self.cloud.action_plans({'uuid': plan['audit_uuid']})
        if now['state'] in ('PENDING', 'ONGOING'):
            self.cloud.cancel_plan(plan)
            self.cloud.finished_plan(plan)

    def test_paused_is_taken_back(self):
        self.start_with(
            paused=base.on('compute-1', 'large', state='PAUSED'),
            web=base.on('compute-1'),
        )
        self.cloud.faults.hang('paused')
        plan = self.plan(on_failure='enable')
        self.assertEqual('CANCELLED', self.when(plan, paused='ONGOING'))
        self.assertEqual(
            {
                'paused': ('FAILED', STOPPED.format('paused')),
                'web': ('CANCELLED', ''),
                'compute-1': ('CANCELLED', ''),
            },
            self.ends(plan),
        )
        self.assertEnd(
            servers={
                'paused': ('ERROR', 'compute-1'),
                'web': ('ACTIVE', 'compute-1'),
            },
            services={'compute-1': base.MAINTAINED, 'compute-2': base.ENABLED},
        )

    def test_nothing_is_restored(self):
        self.start_with(web=base.on('compute-1'))
        plan = self.plan(on_failure='enable')
        self.cloud.faults.hang('late', 'spawn')
        self.cloud.add_servers({'late': base.on('compute-1', state='BUILD')})
        self.assertEqual('FAILED', self.when(plan, **{'compute-1': 'ONGOING'}))
        self.assertLook(
            plan,
            r'late remains \(building, spawning\)\. The plan was '
            r'cancelled\.',
        )
        self.assertEqual(base.MAINTAINED, self.cloud.services()['compute-1'])
        self.cloud.faults.clear()
        self.assertEventually(
            'ACTIVE', lambda: self.cloud.servers()['late'].status
        )
        self.assertFinished('web', 'late')

    def test_nova_is_waited_for_no_longer(self):
        self.start_with(
            shelved=base.on('compute-1', state='SHELVED'),
            migrated=base.on(
                'compute-2',
                state='VERIFY_RESIZE',
                resized_from={'host': 'compute-1'},
            ),
        )
        plan = self.plan()
        self.cloud.faults.stop_compute('compute-1')
        # Nothing says which of them is tried first.
        self.assertEqual(
            'CANCELLED', self.when(plan, shelved='ONGOING', migrated='FAILED')
        )
        ends = self.ends(plan)
        self.assertEqual(
            ('FAILED', STOPPED.format('shelved')), ends['shelved']
        )
        self.assertRegex(
            ends['migrated'][1],
            (
                'Nova refused the request for migrated: Service is unavailable at '
                r'this time\. \(HTTP 409\)'
            ),
        )
        # Nova has what it was asked for, and does it when it can.
        self.cloud.faults.start_compute('compute-1')
        self.assertEventually(
            ('SHELVED_OFFLOADED', None),
            lambda: self.cloud.servers()['shelved'],
        )
        self.drain_and_execute(
            maintenance_node='compute-1', becomes={'migrated': 'ACTIVE'}
        )
