# SPDX-License-Identifier: Apache-2.0

"""CONTINUOUS audits: what can pass does not end them, what cannot does."""

import ddt

from tests.functional import base
from tests.functional import continuous
from tests.functional import gated
from tests.functional.refusals import cannot_drain
from tests.functional.refusals import cannot_move
from watcher_host_maintenance.cloud.errors import CALL_FAILED
from watcher_host_maintenance.core.rules.leaving import SUSPENDED
from watcher_host_maintenance.core.rules.roles import BACKUP_DISABLED
from watcher_host_maintenance.core.rules.roles import BACKUP_IS_MAINTAINED
from watcher_host_maintenance.core.rules.roles import BARE_METAL
from watcher_host_maintenance.core.rules.roles import NODE_DOWN
from watcher_host_maintenance.core.rules.targets import HYPERVISOR_NAME
from watcher_host_maintenance.core.rules.targets import UNKNOWN_NODE
from watcher_host_maintenance.plugin.watcher.estimates import MODEL_EMPTY
from watcher_host_maintenance.plugin.watcher.estimates import MODEL_STALE
from watcher_host_maintenance.request.parameters import BOTH_NODE_PARAMETERS


STUCK = cannot_move('compute-1', 1, 1, SUSPENDED.about('stuck'))


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
            cannot_drain(MODEL_STALE.about()),
        ),
        (
            'empty',
            'empty',
            None,
            cannot_drain(MODEL_EMPTY.about()),
        ),
        (
            'no_model',
            'forget',
            '',
            cannot_drain(
                CALL_FAILED.about(
                    service='Nova',
                    call='GET /',
                    error='Service Unavailable (HTTP 503)',
                )
            ),
        ),
        (
            'no_nova',
            None,
            'os-services',
            cannot_drain(
                CALL_FAILED.about(
                    service='Nova',
                    call='GET /os-services',
                    error='Unknown Error (HTTP 503)',
                )
            ),
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
            cannot_drain(NODE_DOWN.about('lost', instances=1)),
        ),
        (
            'backup',
            {'maintenance_node': 'compute-2', 'backup_node': 'broken'},
            cannot_drain(
                BACKUP_DISABLED.about('broken', disabled_reason='fan broken')
            ),
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
            cannot_drain(UNKNOWN_NODE.about('compute-9')),
        ),
        (
            'fqdn',
            {'maintenance_node': 'compute-3.example.org'},
            cannot_drain(
                HYPERVISOR_NAME.about(
                    'compute-3.example.org', host='compute-3'
                )
            ),
        ),
        (
            'both',
            {
                'maintenance_node': 'compute-2',
                'maintenance_nodes': ['compute-3'],
            },
            cannot_drain(BOTH_NODE_PARAMETERS.about()),
        ),
        (
            'backup',
            {'maintenance_node': 'compute-2', 'backup_node': 'compute-2'},
            cannot_drain(BACKUP_IS_MAINTAINED.about('compute-2')),
        ),
        (
            'bare_metal',
            {'maintenance_node': 'metal'},
            cannot_drain(BARE_METAL.about('metal')),
        ),
    )
    @ddt.unpack
    def test_never_passes(self, parameters, message):
        audit = self.watch(**parameters)
        self.assertSays(audit, message, 'FAILED')
        self.assertEqual([], self.cloud.action_plans(audit))
