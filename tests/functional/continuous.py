# SPDX-License-Identifier: Apache-2.0

"""What tests of CONTINUOUS audits build on."""

from tests.functional import base


#: Seconds for an audit to be noticed and run, on a busy machine.
PATIENCE_S = 60


class ContinuousTestCase(base.CloudTestCase):
    def watch(self, scope=None, auto_trigger=False, **parameters):
        """Start an audit that runs every second, and ends with the test.

        With auto_trigger it runs every few seconds: Watcher plans anew until
        the applier has really begun with the plan before.
        """
        audit = self.cloud.create_audit(
            base.GOAL,
            base.STRATEGY if parameters else None,
            parameters or None,
            scope,
            audit_type='CONTINUOUS',
            interval='5' if auto_trigger else '1',
            auto_trigger=auto_trigger,
        )
        self.addCleanup(self.cancel, audit)
        return audit

    def cancel(self, audit):
        if self.cloud.audit(audit['uuid'])['state'] == 'ONGOING':
            self.cloud.watcher.patch(
                f'/v1/audits/{audit["uuid"]}',
                json=[
                    {'op': 'replace', 'path': '/state', 'value': 'CANCELLED'}
                ],
            )

    def assertSays(self, audit, message, state='ONGOING'):
        """Wait until a run of the audit has said so."""

        def said():
            now = self.cloud.audit(audit['uuid'])
            return now['state'], now['status_message']

        self.assertEventually((state, message), said, PATIENCE_S)
        self.assertLessEqual(len(message or ''), 255)

    def assertRunsOn(self, audit):
        """Wait for two more runs."""

        def runs():
            return len(self.reports(audit)) >= wanted

        wanted = len(self.reports(audit)) + 2
        self.assertEventually(True, runs, PATIENCE_S)

    def actions(self, audit):
        """The actions of all plans of an audit, as base.summary()."""
        return [
            action
            for plan in self.cloud.action_plans(audit)
            for action in base.summary(self.cloud.actions(plan))
        ]
