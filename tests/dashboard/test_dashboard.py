# SPDX-License-Identifier: Apache-2.0

"""What an administrator sees in the Watcher dashboard, in a real browser.

What the dashboard fills with UUIDs itself, or does not show, is stated here
too: a release that does better fails, and the documentation can follow.
"""

from minicloud import credentials
from tests.dashboard import base
from tests.functional import base as functional
from tests.functional import command_line


#: Panel, its table, and what is said to a user who is no administrator.
FORBIDDEN = (
    ('audits', 'audits', 'audit'),
    ('action_plans', 'action_plans', 'action_plan'),
    ('actions', 'wactions', 'action'),
    ('audit_templates', 'audit_templates', 'audit template'),
)


class TestDashboard(base.DashboardTestCase):
    def test_drain(self):
        self.create_template('drain', 'template')
        self.create_audit('drain', 'drain-compute-1', 'compute-1', 'audit')
        self.audit_ends('drain-compute-1', 'Succeeded')
        self.look('audits')
        plan = self.plan_of('drain-compute-1')
        self.dashboard.follow(plan)
        self.check_plan()
        self.check_actions(plan)
        self.cloud.faults.delay('web-1', 6)
        self.start(plan, 'plans')
        self.plan_shows(plan, 'ONGOING', 'On Going')
        self.look('plan-running', of_a_uuid=True)
        self.check_end(plan)
        self.check_action()

    def test_failed_action(self):
        self.create_template('drain-4')
        self.create_audit('drain-4', 'drain-compute-4', 'compute-4')
        self.audit_ends('drain-compute-4', 'Succeeded')
        plan = self.plan_of('drain-compute-4')
        self.cloud.faults.fail('cache')
        self.addCleanup(self.cloud.faults.clear)
        self.start(plan)
        self.plan_shows(plan, 'FAILED', 'Failed')
        self.look('plan-failed', of_a_uuid=True)
        self.open_action('Live Migrate Paused', 'action-failed')
        self.check_reason('cache is error on compute-4: live-migration ended')
        self.plan_shows(plan, 'FAILED', 'Failed')
        self.open_action('Verify Host Empty', 'action-not-empty')
        self.check_reason(
            r'compute-4 is not ready for maintenance\. cache remains'
        )
        # It is offered, and Watcher refuses it.
        self.start(plan, warned=['Warning: Failed to start the action plan.'])
        self.plan_shows(plan, 'FAILED', 'Failed')

    def test_skipped_action(self):
        self.create_template('drain-5')
        self.create_audit('drain-5', 'drain-compute-5', 'compute-5')
        self.audit_ends('drain-compute-5', 'Succeeded')
        plan = self.plan_of('drain-compute-5')
        self.dashboard.follow(plan)
        self.skip('Migrate', 'The owner wants it here')
        self.start(plan)
        self.plan_shows(plan, 'FAILED', 'Failed')
        self.look('plan-skipped', of_a_uuid=True)
        self.open_action('Migrate', 'action-skipped')
        self.assertIn(
            'The owner wants it here', self.dashboard.details()['Skip Reason']
        )
        self.plan_shows(plan, 'FAILED', 'Failed')
        self.open_action('Verify Host Empty')
        self.check_reason(
            r'compute-5 is not ready for maintenance\. mail remains'
        )
        self.assertEqual('compute-5', self.cloud.servers()['mail'].host)

    def skip(self, kind, reason):
        """Leave the one action of a kind out of the plan that is shown."""
        action = self.row('related_wactions', kind, 'Type')
        self.assertEqual(
            ('Pending', 'Skip Action'), (action['State'], action['Actions'])
        )
        self.dashboard.click(
            f'#related_wactions__row_{action["UUID"]}__action_skip'
        )
        self.dashboard.fill(reason=reason)
        self.look('skip')
        self.dashboard.submit()
        self.dashboard.wait(
            lambda: (
                self.row('related_wactions', kind, 'Type')['State']
                == 'Skipped'
            )
        )

    def check_reason(self, reason):
        """Look on the page of an action for what it says of its failure."""
        shown = self.dashboard.details()
        self.assertEqual('FAILED', shown['State'])
        self.assertRegex(shown['Status Message'], reason)
        self.assertNotRegex(shown['Status Message'], base.UUID)

    def test_failed_audit(self):
        self.create_template('drain-3')
        self.create_audit('drain-3', 'drain-compute-3', 'compute-3')
        self.audit_ends('drain-compute-3', 'Failed')
        self.look('audits-failed')
        # It has none; the button ends on an error page.
        self.assertEqual(
            'Go to Action Plan',
            self.row('audits', 'drain-compute-3')['Actions'],
        )
        self.open_audit('drain-compute-3')
        self.look('audit-failed', of_a_uuid=True)
        self.assertEqual('FAILED', self.dashboard.details()['State'])
        self.assertEqual([], self.dashboard.rows('related_action_plans'))
        reason = (
            'Cannot drain compute-3: 1 of 1 instances cannot be moved. '
            'db fits on no destination'
        )
        # The page knows microversion 1.1, the message came with 1.5.
        self.assertNotIn('Cannot drain', self.dashboard.text)
        self.assertIn(
            reason,
            command_line.run(
                self.cloud,
                'openstack optimize audit show drain-compute-3 '
                '-f value -c "Status Message"',
            ),
        )

    def test_goal_and_strategy(self):
        for page, key, name in (
            ('goals', functional.GOAL, 'Cluster Maintenance'),
            ('strategies', functional.STRATEGY, 'Host Maintenance'),
        ):
            self.dashboard.open(f'admin/{page}/')
            self.look()
            row = self.row(page, key)
            self.assertEqual(name, row['Verbose Name'])
            self.dashboard.follow(row['UUID'])
            self.assertIn(name, self.dashboard.heading())
            self.look()

    def test_member(self):
        # There is something that could be seen.
        audit = self.drain(
            refresh=False, scope=[], maintenance_node='compute-2'
        )
        self.assertPlanned(audit)
        member = self.sign_in(credentials.MEMBER)
        self.assertEqual(['Project', 'Identity'], member.menu())
        for panel, table, thing in FORBIDDEN:
            member.open(f'admin/{panel}/')
            self.assertEqual([], member.rows(table))
            self.assertEqual(
                [f'Error: Unable to retrieve {thing} information. Details'],
                member.alerts(),
            )

    def check_plan(self):
        self.look('plan', of_a_uuid=True)
        shown = self.dashboard.rows('related_efficacy_indicators')
        self.assertEqual(
            {
                'instances_count': '3.0',
                'instances_to_move_count': '3.0',
                'live_migrations_count': '2.0',
                'cold_migrations_count': '1.0',
                'stopped_instances_count': '0.0',
                'released_instances_count': '0.0',
                'remaining_instances_count': '0.0',
                'secondary_moves_count': '0.0',
                'destinations_count': '1.0',
                'estimated_duration': '31.0',
            },
            {row['Name']: row['Value'] for row in shown},
        )
        for row in shown:
            self.assertRegex(row['Description'], r'^[A-Z].+ .+\.$')

    def check_actions(self, plan):
        """The list of all actions: a kind each, and its plan."""
        kinds = sorted(row['Type'] for row in self.actions())
        self.dashboard.open('admin/actions/')
        self.look()
        self.assertEqual(
            kinds,
            sorted(
                row['Type']
                for row in self.dashboard.rows('wactions')
                if row['Action Plan'] == plan
            ),
        )

    def check_end(self, plan):
        self.plan_shows(plan, 'SUCCEEDED', 'Succeeded')
        self.look('plan-done', of_a_uuid=True)
        self.assertEqual(
            {
                'Change Nova Service State': 'Succeeded',
                'Await Host': 'Succeeded',
                'Migrate': 'Succeeded',
                'Verify Host Empty': 'Succeeded',
            },
            {row['Type']: row['State'] for row in self.actions()},
        )
        self.assertEqual(
            functional.MAINTAINED, self.cloud.services()['compute-1']
        )

    def check_action(self):
        self.open_action('Migrate', 'action')
        shown = self.dashboard.rows('parameters')
        # The name comes first, and says whose UUID is the last.
        self.assertEqual(
            [
                'resource_name',
                'source_node',
                'destination_node',
                'migration_type',
                'resource_id',
            ],
            [row['Parameter name'] for row in shown],
        )
        self.assertIn(shown[0]['Parameter value'], ('web-1', 'web-2', 'batch'))
