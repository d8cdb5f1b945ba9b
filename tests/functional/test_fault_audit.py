# SPDX-License-Identifier: Apache-2.0

"""What goes wrong while an audit is planned, or while all stands still."""

import time

from minicloud import exceptions
from tests.functional import base
from tests.functional import fault
from tests.functional import gate


STILL_S = 5
"""Seconds for which something stands still."""


class GatedFaultTestCase(fault.FaultTestCase):
    """A gate is between Watcher and Nova."""

    def start_gated(self, **options):
        """Start a cloud with two servers on ``compute-1``.

        :param options: of the strategy
        """
        self.gate = self.useFixture(gate.Gate())
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.HOST},
            servers={
                'large': base.on('compute-1', 'large'),
                'small': base.on('compute-1'),
            },
            watcher_options={
                **self.gate.watcher_options,
                'watcher_strategies.cluster_host_maintenance': options,
            },
        )
        self.gate.nova = self.cloud.urls['compute']
        self.cloud.refresh_model()


class TestAudit(GatedFaultTestCase):
    def begun(self, **options):
        """Return an audit that waits for Nova."""
        self.start_gated(**options)
        self.gate.hold()
        audit = self.cloud.create_audit(
            base.GOAL, base.STRATEGY, {'maintenance_node': 'compute-1'}
        )
        self.assertEventually(True, lambda: self.gate.has_held)
        return audit

    def assertFault(self, name, audit):
        """Check what the documentation says of an audit, and of the next."""
        audit = self.cloud.finished_audit(audit['uuid'])
        self.assertToldOfAudit(name, audit)
        self.gate.open()
        self.assertFinished('large', 'small')
        self.assertAgain(name)

    def start_again(self):
        """Start Watcher; the first start after a lost audit ends itself."""
        try:
            self.cloud.start_watcher()
        except exceptions.CloudError:
            self.cloud.start_watcher()

    def test_engine_killed(self):
        audit = self.begun()
        self.cloud.kill_watcher()
        self.gate.open()
        self.start_again()
        self.assertFault(
            'the decision engine is killed during an audit', audit
        )

    def test_engine_stands_still(self):
        audit = self.begun()
        self.cloud.pause_watcher()
        self.gate.open()
        time.sleep(STILL_S)
        self.cloud.resume_watcher()
        self.assertFault(
            'the decision engine stands still during an audit', audit
        )

    def test_engine_stands_still_too_long(self):
        audit = self.begun(audit_timeout_s=STILL_S)
        self.cloud.pause_watcher()
        self.gate.open()
        time.sleep(STILL_S)
        self.cloud.resume_watcher()
        self.assertFault(
            'the decision engine stands still for longer than audit_timeout_s',
            audit,
        )

    def test_nova_hangs(self):
        self.assertFault(
            "Nova's API hangs during an audit",
            self.begun(audit_timeout_s=STILL_S),
        )

    def test_nova_is_down(self):
        self.start_gated()
        self.gate.refuse()
        self.assertFault(
            "Nova's API is down during an audit",
            self.drain(refresh=False, maintenance_node='compute-1'),
        )

    def test_placement_is_down(self):
        self.start_gated()
        self.cloud.faults.stop_api('placement')
        audit = self.drain(refresh=False, maintenance_node='compute-1')
        self.cloud.faults.start_api('placement')
        self.assertFault('Placement is down during an audit', audit)


class TestSpare(fault.FaultTestCase):
    def test_cannot_be_enabled(self):
        between = self.useFixture(gate.Gate())
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.SPARE},
            servers={'web': base.on('compute-1')},
            watcher_options=between.watcher_options,
        )
        between.nova = self.cloud.urls['compute']
        plan = self.plan()
        [spare] = self.cloud.nova.services.list(host='compute-2')
        between.refuse(f'^PUT /v2.1/os-services/{spare.id}')
        self.assertEqual('FAILED', self.cloud.execute(plan)['state'])
        self.assertTold('a spare cannot be enabled', plan)
        between.open()
        self.assertFinished('web')
        self.assertAgain('a spare cannot be enabled')


class TestPlan(GatedFaultTestCase):
    def begun(self):
        """Return a plan that has begun to move the first of two servers."""
        self.start_gated()
        self.cloud.faults.hang('large')
        plan = self.plan()
        self.start_moving(plan, 'large')
        return plan

    def assertFault(self, name, plan):
        """Check what the documentation says of a plan and the next audit."""
        self.cloud.finished_plan(plan)
        self.assertTold(name, plan)
        self.assertFinished('large', 'small')
        self.assertAgain(name)

    def test_applier_stands_still(self):
        plan = self.begun()
        self.cloud.pause_watcher()
        self.cloud.faults.clear()
        self.assertEventually(
            'compute-2', lambda: self.cloud.servers()['large'].host
        )
        self.cloud.resume_watcher()
        self.assertFault('the applier stands still during a plan', plan)

    def test_nova_hangs(self):
        plan = self.begun()
        self.gate.hold()
        self.cloud.faults.clear()
        self.assertEventually(
            'compute-2', lambda: self.cloud.servers()['large'].host
        )
        self.gate.open()
        self.assertFault("Nova's API hangs for a while", plan)
