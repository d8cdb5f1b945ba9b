# SPDX-License-Identifier: Apache-2.0

"""Rolling maintenances that a fake Watcher has recorded."""

from tests.unit.client.fake_watcher import a_plan
from tests.unit.client.fake_watcher import about_node
from tests.unit.client.fake_watcher import an_action
from tests.unit.client.fake_watcher import an_audit


NODES = ['compute-1', 'compute-2']
GOAL = 'cluster_rolling_maintenance'


class Rolling:
    """Of a test case that has a ``watcher``."""

    def roll(self, uuid='roll', state='ONGOING', **fields):
        audit = {
            'audit_type': 'CONTINUOUS',
            'goal_name': GOAL,
            'parameters': {'maintenance_nodes': NODES},
            'status_message': '1 of 2 nodes maintained.',
            **fields,
        }
        self.watcher.audits.append(an_audit(uuid, state, **audit))

    def plan(self, uuid, *actions, state='SUCCEEDED', audit='roll', least=1):
        """Record a plan of these actions."""
        indicator = {'name': 'least_moves_count', 'value': least}
        self.watcher.plans.append(
            a_plan(uuid, state, audit, efficacy_indicators=[indicator])
        )
        self.watcher.actions.extend(
            action | {'action_plan_uuid': uuid} for action in actions
        )

    def emptied(self, host='compute-2', audit='roll'):
        """Record that a node was closed and emptied."""
        self.plan(
            f'{audit}-{host}',
            about_node(
                'd',
                'change_nova_service_state',
                'SUCCEEDED',
                host,
                state='disabled',
            ),
            an_action('m', state='SUCCEEDED'),
            about_node('v', 'verify_host_empty', 'SUCCEEDED', host),
            audit=audit,
        )

    def done(self, host='compute-2', audit='roll'):
        """Record that a node was maintained."""
        self.emptied(host, audit)
        self.plan(
            f'{audit}-{host}-back',
            about_node('r', 'return_host', 'SUCCEEDED', host),
            audit=audit,
        )

    def failed(self, why, times=2):
        """Record that compute-1 could not be emptied."""
        for number in range(times):
            self.plan(
                f'p{number}',
                about_node(
                    'd',
                    'change_nova_service_state',
                    'SUCCEEDED',
                    state='disabled',
                ),
                about_node('v', 'verify_host_empty', 'FAILED')
                | {'status_message': f'Action failed in execute: {why}'},
            )
