# SPDX-License-Identifier: Apache-2.0

"""Nothing moves to a spare before Placement gives it servers."""

import threading

from tests.functional import base
from tests.functional import gate
from tests.functional import placement
from tests.functional import plans
from tests.functional.test_placement_refuses import DISABLED
from tests.functional.test_placement_refuses import PlacementTestCase
from watcher_host_maintenance.core.telling import words
from watcher_host_maintenance.plugin.actions.await_host import SPARE_CLOSED


class TestOpen(PlacementTestCase):
    """compute-1 is drained; compute-3 is a spare.

    When it is enabled, its trait is put back behind Nova's back.
    """

    CHECKED = False

    def start_with(self, wait_s):
        self.gate = self.useFixture(gate.Gate())
        options = {
            **self.gate.watcher_options,
            'watcher_strategies.cluster_host_maintenance': {
                'spare_wait_s': wait_s
            },
        }
        self.start(
            hosts={
                'compute-1': base.HOST,
                'compute-2': base.HOST,
                'compute-3': base.SPARE,
            },
            servers={
                'web': base.on('compute-1'),
                'job': base.on('compute-1', state='SHUTOFF'),
            },
            watcher_options=options,
        )
        self.gate.nova = self.cloud.urls['compute']
        [spare] = self.cloud.nova.services.list(host='compute-3')
        self.gate.before(f'^PUT /v2.1/os-services/{spare.id}', self.watch)

    def watch(self):
        self.gate.before('^GET /v2.1/os-services', self.close)

    def close(self):
        placement.change_traits(self.cloud, 'compute-3', added=[DISABLED])

    def open(self):
        placement.change_traits(self.cloud, 'compute-3', removed=[DISABLED])

    def run_plan(self, state, **parameters):
        """Execute a plan; return action type -> its states and messages."""
        audit = self.drain(maintenance_node='compute-1', **parameters)
        plan = self.cloud.execute(self.assertPlanned(audit))
        actions = self.cloud.actions(plan)
        self.assertEqual(state, plan['state'], plans.summary(actions))
        return {
            kind: [
                (a['state'], a['status_message'])
                for a in actions
                if a['action_type'] == kind
            ]
            for kind in {a['action_type'] for a in actions}
        }

    def test_opens_late(self):
        self.start_with(wait_s=60)
        close = self.close

        def close_for_a_while():
            close()
            threading.Timer(3, self.open).start()

        self.close = close_for_a_while
        ends = self.run_plan('SUCCEEDED')
        self.assertEqual(
            ['SUCCEEDED'], [state for state, _ in ends['await_host']]
        )
        self.assertEnd(
            servers={
                'web': ('ACTIVE', 'compute-3'),
                'job': ('SHUTOFF', 'compute-3'),
            },
            services={
                'compute-1': base.MAINTAINED,
                'compute-2': base.ENABLED,
                'compute-3': base.ENABLED,
            },
        )

    def assert_closed(self, ends, more=''):
        [(state, message)] = ends['await_host']
        said = words.sentence(SPARE_CLOSED.about('compute-3', trait=DISABLED))
        self.assertEqual('FAILED', state)
        self.assertIn(f'{said}{more}', message)

    def test_is_given_back(self):
        self.start_with(wait_s=2)
        ends = self.run_plan('FAILED', on_failure='enable')
        self.assert_closed(ends, ' compute-3 is disabled again.')
        self.assertEnd(
            servers={
                'web': ('ACTIVE', 'compute-1'),
                'job': ('SHUTOFF', 'compute-1'),
            },
            services={
                'compute-1': base.ENABLED,
                'compute-2': base.ENABLED,
                'compute-3': base.UNUSED,
            },
        )

    def test_the_next_audit_uses_another(self):
        self.start_with(wait_s=2)
        self.cloud.nova.servers.find(name='job').force_delete()
        self.assertEventually(1, lambda: len(self.cloud.servers()))
        self.assert_closed(self.run_plan('FAILED'))
        self.drain_and_execute(maintenance_node='compute-1')
        self.assertEnd(
            servers={'web': ('ACTIVE', 'compute-2')},
            services={
                'compute-1': base.MAINTAINED,
                'compute-2': base.ENABLED,
                'compute-3': base.ENABLED,
            },
        )
