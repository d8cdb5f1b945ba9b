# SPDX-License-Identifier: Apache-2.0

"""Placement accepts what it is asked, and answers too late, or never."""

import time

from tests.functional import base
from tests.functional import fault


STILL_S = 3
"""Seconds for which Placement stands still while a plan goes on."""

LIMIT_S = 12
"""Seconds that an audit has, and an answer: enough on a busy machine."""


class TestPlacement(fault.FaultTestCase):
    def cloud_of(self, *names):
        """Return a cloud with servers of these flavors, and names."""
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.HOST},
            servers={name: base.on('compute-1', name) for name in names},
            watcher_options={
                **fault.SHORT,
                'watcher_strategies.cluster_host_maintenance': {
                    'audit_timeout_s': LIMIT_S
                },
                'watcher_clients_auth': {'timeout': LIMIT_S},
            },
        )
        return self.cloud

    def test_during_an_audit(self):
        faults = self.cloud_of('large', 'small').faults
        while_built, hangs, drips = (
            'Placement answers byte by byte while Watcher builds its model',
            'Placement hangs during an audit',
            'Placement answers byte by byte during an audit',
        )
        faults.drip_api('placement')
        self.assertRefusedLate(while_built, refresh=True)
        faults.start_api('placement')
        self.cloud.refresh_model()
        faults.hang_api('placement')
        self.assertRefusedLate(hangs)
        faults.drip_api('placement')
        self.assertRefusedLate(drips)
        faults.start_api('placement')
        self.assertFinished('large', 'small')
        for name in (while_built, hangs, drips):
            self.assertAgain(name)

    def assertRefusedLate(self, name, refresh=False):
        """Check what the documentation says of an audit of now."""
        audit = self.drain(refresh=refresh, maintenance_node='compute-1')
        self.assertToldOfAudit(name, audit)

    def begun(self):
        """Return a plan that moves a server while Placement hangs.

        From Nova's search for a host on: once the server is on its way, Nova
        needs Placement no more until it has arrived.
        """
        plan = self.plan()
        self.cloud.faults.hang_api('placement', '/allocation_candidates')
        self.start_moving(plan, 'large')
        return plan

    def test_for_a_while(self):
        name = 'Placement hangs, and answers byte by byte, for a while'
        faults = self.cloud_of('large', 'small').faults
        plan = self.begun()
        time.sleep(STILL_S)
        faults.drip_api('placement')
        time.sleep(STILL_S)
        faults.start_api('placement')
        self.cloud.finished_plan(plan)
        self.assertTold(name, plan)
        self.assertFinished('large', 'small')
        self.assertAgain(name)

    def test_until_the_plan_has_ended(self):
        name = 'Placement hangs until the plan has ended'
        self.cloud_of('large')
        plan = self.begun()
        self.cloud.finished_plan(plan)
        self.assertTold(name, plan)
        self.cloud.faults.start_api('placement')
        # Nova goes on with what it has begun.
        self.assertEventually(
            ('ACTIVE', 'compute-2'), lambda: self.cloud.servers()['large']
        )
        self.assertFinished('large')
        self.assertAgain(name)
