# SPDX-License-Identifier: Apache-2.0

"""Watcher's model is missing or wrong, or Nova does not answer."""

import ddt

from tests.functional import base
from tests.functional import gated
from tests.functional import plans
from tests.functional.refusals import cannot_drain
from tests.functional.refusals import expression
from tests.functional.refusals import without_help
from watcher_host_maintenance.cloud.errors import ANSWER_UNREADABLE
from watcher_host_maintenance.cloud.errors import CALL_FAILED
from watcher_host_maintenance.cloud.errors import CALL_REFUSED
from watcher_host_maintenance.plugin.watcher.estimates import MODEL_EMPTY
from watcher_host_maintenance.plugin.watcher.estimates import MODEL_FAILED
from watcher_host_maintenance.plugin.watcher.estimates import MODEL_STALE


STALE = cannot_drain(MODEL_STALE.about())
EMPTY = cannot_drain(MODEL_EMPTY.about())
NOT_BUILT = cannot_drain(
    MODEL_FAILED.about(
        error="The cluster data model 'compute' could not be built"
    )
)
NO_NOVA = cannot_drain(
    CALL_FAILED.about(
        service='Nova', call='GET /', error='Service Unavailable (HTTP 503)'
    )
)


def no_answer(call, error):
    """What is said when Nova does not answer a GET."""
    return cannot_drain(
        CALL_FAILED.about(service='Nova', call=f'GET {call}', error=error)
    )


@ddt.ddt
class TestModel(gated.GatedCloudTestCase):
    DESCRIPTION = base.description(
        hosts={'compute-1': base.HOST, 'compute-2': base.HOST},
        servers={'web': base.on('compute-1', count=2)},
    )

    def setUp(self):
        super().setUp()
        # The audit that was refused works when the obstacle is gone.
        self.addCleanup(self.planned)

    def planned(self):
        self.gate.open()
        self.cloud.refresh_model()
        self.assertPlanned(self.drain_now())

    def assertBothMove(self):
        """Check that an audit plans what it does with a sound model."""
        plan = self.assertPlanned(self.drain_now())
        self.assertEqual(
            [
                ('change_nova_service_state', 'compute-1', 'disabled'),
                ('migrate', 'web-1', 'compute-2'),
                ('migrate', 'web-2', 'compute-2'),
            ],
            plans.steps(self.cloud.actions(plan)),
        )

    def drain_now(self):
        return self.drain(refresh=False, maintenance_node='compute-1')

    @ddt.named_data(
        ('stale', STALE),
        ('empty', EMPTY),
    )
    @ddt.unpack
    def test_spoiled(self, message):
        how = self.id().rpartition('_')[2]
        self.cloud.spoil_model(how)
        self.assertRefused(self.drain_now(), message)

    @ddt.named_data(
        # name, calls that fail, what is said
        ('all', '', NO_NOVA),
        ('hypervisors', 'os-hypervisors', NOT_BUILT),
    )
    @ddt.unpack
    def test_cannot_be_built(self, calls, said):
        self.cloud.spoil_model('forget')
        self.gate.refuse(calls)
        self.assertRefused(self.drain_now(), said)
        # Watcher tries again at the next audit.
        self.gate.open()
        self.assertPlanned(self.drain_now())

    def test_node_missing(self):
        # Watcher goes on when it cannot read one node.
        self.cloud.spoil_model('forget')
        self.gate.refuse('hypervisor_hostname_pattern=compute-1')
        self.assertBothMove()

    def test_destination_missing(self):
        self.cloud.spoil_model('forget')
        self.gate.refuse('hypervisor_hostname_pattern=compute-2')
        self.assertBothMove()

    def test_servers_missing(self):
        # Watcher goes on when it cannot read the servers of its nodes.
        self.cloud.spoil_model('forget')
        self.gate.refuse('servers/detail')
        self.assertRefused(
            self.drain_now(),
            (
                cannot_drain(
                    CALL_FAILED.about(
                        service='Nova',
                        call='GET /servers/detail?host=compute-1',
                        error='Unknown Error (HTTP 503)',
                    )
                )
            ),
        )
        self.gate.open()
        self.assertBothMove()

    def test_placement_silent(self):
        # Watcher drops every node it cannot read, and keeps what is left.
        self.cloud.spoil_model('forget')
        self.cloud.faults.stop_api('placement')
        self.addCleanup(self.cloud.faults.start_api, 'placement')
        self.assertRefused(self.drain_now(), EMPTY)
        self.cloud.faults.start_api('placement')
        self.assertRefused(self.drain_now(), EMPTY)

    def test_first_audit_builds(self):
        self.cloud.spoil_model('forget')
        self.assertPlanned(self.drain_now())

    @ddt.named_data(
        # name, calls that fail, status, call that is named, error
        ('all', '', '503 Overloaded', '/', 'Service Unavailable (HTTP 503)'),
        (
            'services',
            'os-services',
            '503 Overloaded',
            '/os-services',
            'Unknown Error (HTTP 503)',
        ),
        (
            'hypervisors',
            'os-hypervisors',
            '500 Broken',
            '/os-hypervisors/detail',
            'Unknown Error (HTTP 500)',
        ),
        (
            'groups',
            'os-server-groups',
            '500 Broken',
            '/os-server-groups',
            'Unknown Error (HTTP 500)',
        ),
        (
            'aggregates',
            'os-aggregates',
            '503 Overloaded',
            '/os-aggregates',
            'Unknown Error (HTTP 503)',
        ),
        (
            'migrations',
            'os-migrations',
            '503 Overloaded',
            '/os-migrations?status=accepted',
            'Unknown Error (HTTP 503)',
        ),
    )
    @ddt.unpack
    def test_nova_silent(self, calls, status, call, error):
        self.cloud.refresh_model()
        self.gate.refuse(calls, status)
        self.assertRefused(
            self.drain_now(),
            no_answer(call, error),
        )

    def test_nova_forbids(self):
        self.cloud.refresh_model()
        self.gate.refuse('os-server-groups', '403 Forbidden')
        self.assertRefused(
            self.drain_now(),
            cannot_drain(
                CALL_REFUSED.about(
                    service='Nova',
                    call='GET /os-server-groups',
                    error='Forbidden (HTTP 403)',
                    user='admin',
                )
            ),
        )

    def test_groups_of_other_projects_are_hidden(self):
        # Whom Nova takes for no administrator gets those of its own project.
        self.cloud.refresh_model()
        self.gate.refuse('status=DELETED', '403 Forbidden')
        self.assertRefused(
            self.drain_now(),
            cannot_drain(
                CALL_REFUSED.about(
                    service='Nova',
                    call='GET /servers?status=DELETED',
                    error='Forbidden (HTTP 403)',
                    user='admin',
                )
            ),
        )

    @ddt.named_data(
        # name, call that is made for the scope, rule of the scope
        ('aggregates', 'os-aggregates', {'host_aggregates': [{'name': '*'}]}),
        ('zones', 'os-services', {'availability_zones': [{'name': '*'}]}),
    )
    @ddt.unpack
    def test_scope_cannot_be_read(self, call, rule):
        self.cloud.refresh_model()
        self.gate.refuse(call, '500 Broken')
        self.assertRefused(
            self.drain(
                refresh=False,
                scope=[{'compute': [rule]}],
                maintenance_node='compute-1',
            ),
            no_answer(f'/{call}', 'Unknown Error (HTTP 500)'),
        )

    def test_placement_silent_at_last(self):
        self.cloud.refresh_model()
        self.cloud.faults.stop_api('placement')
        self.addCleanup(self.cloud.faults.start_api, 'placement')
        self.assertRefused(
            self.drain_now(),
            expression(
                without_help(
                    CALL_FAILED.about(
                        service='Placement',
                        call='GET /resource_providers?in_tree=UUID',
                        error='ERROR',
                    )
                ),
                UUID='[-0-9a-f]{36}',
                end=' ',
                ERROR='.+',
            ),
        )
        self.cloud.faults.start_api('placement')

    def test_nova_talks_nonsense(self):
        self.cloud.refresh_model()
        self.gate.refuse('os-services', '200 OK')
        self.assertRefused(
            self.drain_now(),
            expression(
                without_help(
                    ANSWER_UNREADABLE.about(
                        service='Nova', call='GET /os-services', error='ERROR'
                    )
                ),
                end=' ',
                ERROR='.+',
            ),
        )
