# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""What an administrator sees in the Watcher dashboard, in a real browser.

What the dashboard fills with UUIDs itself, or does not show, is stated here
too: a release that does better fails, and the documentation can follow.
"""

from tests.dashboard import base
from tests.functional import base as functional
from tests.functional import command_line


class TestDashboard(base.DashboardTestCase):
    def test_drain(self):
        self.create_template('drain', 'template')
        self.create_audit('drain', 'drain-compute-1', 'compute-1', 'audit')
        self.audit_ends('drain-compute-1', 'Succeeded')
        self.look('audits')
        plan = self.plan_of('drain-compute-1')
        self.dashboard.follow(plan)
        self.check_plan()
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
        self.check_reason('cache is paused on compute-4: live-migration ended')
        self.plan_shows(plan, 'FAILED', 'Failed')
        self.open_action('Verify Host Empty', 'action-not-empty')
        self.check_reason(
            r'compute-4 is not ready for maintenance\. cache remains')

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
        self.assertEqual('Go to Action Plan', self.row(
            'audits', 'drain-compute-3')['Actions'])
        self.open_audit('drain-compute-3')
        self.look('audit-failed', of_a_uuid=True)
        self.assertEqual('FAILED', self.dashboard.details()['State'])
        self.assertEqual([], self.dashboard.rows('related_action_plans'))
        reason = ('Cannot drain compute-3: 1 of 1 instances cannot be moved. '
                  'db fits on no destination')
        # The page knows microversion 1.1, the message came with 1.5.
        self.assertNotIn('Cannot drain', self.dashboard.text)
        self.assertIn(reason, command_line.run(
            self.cloud, 'openstack optimize audit show drain-compute-3 '
            '-f value -c "Status Message"'))

    def test_goal_and_strategy(self):
        for page, key, name in (
                ('goals', functional.GOAL, 'Cluster Maintenance'),
                ('strategies', functional.STRATEGY, 'Host Maintenance')):
            self.dashboard.open(f'admin/{page}/')
            self.look()
            row = self.row(page, key)
            self.assertEqual(name, row['Verbose Name'])
            self.dashboard.follow(row['UUID'])
            self.assertIn(name, self.dashboard.heading())
            self.look()

    def check_plan(self):
        self.look('plan', of_a_uuid=True)
        shown = self.dashboard.rows('related_efficacy_indicators')
        self.assertEqual(
            {'instances_count': '3.0', 'live_migrations_count': '2.0',
             'cold_migrations_count': '1.0',
             'remaining_instances_count': '0.0'},
            {row['Name']: row['Value'] for row in shown if row['Name'] in (
                'instances_count', 'live_migrations_count',
                'cold_migrations_count', 'remaining_instances_count')})
        for row in shown:
            self.assertRegex(row['Description'], r'^[A-Z].+ .+\.$')

    def check_end(self, plan):
        self.plan_shows(plan, 'SUCCEEDED', 'Succeeded')
        self.look('plan-done', of_a_uuid=True)
        self.assertEqual(
            {'Change Nova Service State': 'Succeeded', 'Migrate': 'Succeeded',
             'Verify Host Empty': 'Succeeded'},
            {row['Type']: row['State'] for row in self.actions()})
        self.assertEqual(
            functional.MAINTAINED, self.cloud.services()['compute-1'])

    def check_action(self):
        self.open_action('Migrate', 'action')
        shown = self.dashboard.rows('parameters')
        # The name comes first, and says whose UUID is the last.
        self.assertEqual(
            ['resource_name', 'source_node', 'destination_node',
             'migration_type', 'resource_id'],
            [row['Parameter name'] for row in shown])
        self.assertIn(
            shown[0]['Parameter value'], ('web-1', 'web-2', 'batch'))
