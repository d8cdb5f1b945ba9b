# SPDX-License-Identifier: Apache-2.0

"""CONTINUOUS audits: what can pass does not end them, what cannot does."""

import ddt

from tests.functional import base
from tests.functional import continuous
from tests.functional import gated


STUCK = (
    'Cannot drain compute-1: 1 of 1 instances cannot be moved. stuck is '
    'SUSPENDED. Nothing was changed. Its owner can resume it; an '
    'administrator can shelve it.'
)


@ddt.ddt
class TestTrouble(gated.GatedCloudTestCase, continuous.ContinuousTestCase):
    DESCRIPTION = base.description(
        hosts={
            'compute-1': base.MARKED,
            'compute-2': base.HOST,
            'compute-3': base.a_host(
                hypervisor_hostname='compute-3.example.org'
            ),
            'lost': base.a_host(down=True),
            'spare': base.SPARE,
            'broken': base.a_host(disabled_reason='fan broken'),
            'metal': base.a_host(hypervisor_type='ironic'),
        },
        servers={
            'stuck': base.on('compute-1', state='SUSPENDED'),
            'db': base.on('lost'),
            'web': base.on('compute-2'),
        },
    )

    @ddt.named_data(
        # name, what to do to the model, calls that fail, message
        (
            'stale',
            'stale',
            None,
            "Cannot drain: Watcher's compute model is stale: its last refresh "
            'failed. Nothing was changed. See the decision engine log; run the '
            'audit again.',
        ),
        (
            'empty',
            'empty',
            None,
            "Cannot drain: Watcher's compute model holds no compute node. "
            "Nothing was changed. Check the audit's scope and Nova's "
            'hypervisors.',
        ),
        (
            'no_model',
            'forget',
            '',
            'Cannot drain: Nova did not answer GET /: Service Unavailable '
            '(HTTP 503). Nothing was changed. Run the audit again when Nova '
            'answers.',
        ),
        (
            'no_nova',
            None,
            'os-services',
            'Cannot drain: Nova did not answer GET /os-services: Unknown Error '
            '(HTTP 503). Nothing was changed. Run the audit again when Nova '
            'answers.',
        ),
    )
    @ddt.unpack
    def test_outage(self, model, calls, message):
        self.addCleanup(self.gate.open)
        self.cloud.refresh_model()
        if model:
            self.cloud.spoil_model(model)
        if calls is not None:
            self.gate.refuse(calls)
        audit = self.watch()
        self.assertSays(audit, message)
        self.assertRunsOn(audit)
        self.gate.open()
        self.cloud.refresh_model()
        self.assertSays(audit, STUCK)
        self.assertEqual([], self.actions(audit))

    @ddt.named_data(
        # name, parameters, message
        ('state', {'maintenance_node': 'compute-1'}, STUCK),
        (
            'down',
            {'maintenance_node': 'lost'},
            'Cannot drain: lost: nova-compute is down, instances on it: 1. '
            'Nothing was changed. Start nova-compute there, or evacuate the '
            'host with Nova.',
        ),
        (
            'backup',
            {'maintenance_node': 'compute-2', 'backup_node': 'broken'},
            'Cannot drain: backup_node broken is disabled: "fan broken". '
            'Nothing was changed. Find out why; enable it only if it is '
            'healthy.',
        ),
    )
    @ddt.unpack
    def test_may_pass(self, parameters, message):
        audit = self.watch(**parameters)
        self.assertSays(audit, message)
        self.assertRunsOn(audit)
        self.assertSays(audit, message)
        self.assertEqual([], self.actions(audit))

    @ddt.named_data(
        # name, parameters, message
        (
            'unknown',
            {'maintenance_node': 'compute-9'},
            'Cannot drain: there is no compute node compute-9. Nothing was '
            'changed. Use a host from "openstack compute service list".',
        ),
        (
            'fqdn',
            {'maintenance_node': 'compute-3.example.org'},
            'Cannot drain: compute-3.example.org is a hypervisor name; the '
            'service host is compute-3. Nothing was changed. Use compute-3.',
        ),
        (
            'both',
            {
                'maintenance_node': 'compute-2',
                'maintenance_nodes': ['compute-3'],
            },
            'Cannot drain: maintenance_node and maintenance_nodes are both '
            'given. Nothing was changed. Give one of them.',
        ),
        (
            'backup',
            {'maintenance_node': 'compute-2', 'backup_node': 'compute-2'},
            'Cannot drain: backup_node compute-2 is itself to be emptied. '
            'Nothing was changed. Name another backup_node.',
        ),
        (
            'bare_metal',
            {'maintenance_node': 'metal'},
            'Cannot drain: metal is a bare metal (Ironic) node, not a compute '
            'host. Nothing was changed. Maintain it through Ironic.',
        ),
    )
    @ddt.unpack
    def test_never_passes(self, parameters, message):
        audit = self.watch(**parameters)
        self.assertSays(audit, message, 'FAILED')
        self.assertEqual([], self.cloud.action_plans(audit))
