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

import os
import re
import unittest

from minicloud import cloud
from tests.dashboard import browser
from tests.dashboard import horizon
from tests.functional import base
from tests.functional import command_line


UUID = re.compile('[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}')
NAMES = {'Goal': 'cluster_maintenance', 'Strategy': 'cluster_host_maintenance'}


class TestDashboard(base.CloudTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        missing = browser.missing()
        if missing:
            raise unittest.SkipTest(f'not installed: {missing}')
        from tests.dashboard import dashboard

        cls.cloud = cloud.Cloud(base.description(
            hosts={'compute-1': base.HOST, 'compute-2': base.HOST,
                   'compute-3': base.a_host(memory_mb=262144),
                   'spare': base.SPARE},
            flavors={'huge': {
                'vcpus': 8, 'memory_mb': 196608, 'disk_gb': 200}},
            servers={'web': base.on('compute-1', count=2),
                     'batch': base.on('compute-1', state='SHUTOFF'),
                     'db': base.on('compute-3', 'huge')}),
            keystone=True,
            # A browser beside it leaves little of a small machine.
            watcher_options={'nova': {'migration_max_retries': 1500}})
        cls.cloud.setUp()
        cls.addClassCleanup(cls.cloud.cleanUp)
        cls.cloud.refresh_model()
        web = horizon.Horizon(cls.cloud.urls['identity'] + '/v3')
        seen = browser.Browser()
        for fixture in (web, seen):
            fixture.setUp()
            cls.addClassCleanup(fixture.cleanUp)
        cls.dashboard = dashboard.Dashboard(
            seen.driver, web.url, os.environ.get('DASHBOARD_IMAGES', ''))
        cls.dashboard.sign_in('admin', cls.cloud.passwords['admin'])

    def test_drain(self):
        self.create_template('drain', 'template')
        self.create_audit('drain', 'drain-compute-1', 'compute-1', 'audit')
        self.audit_ends('drain-compute-1', 'Succeeded')
        self.look('audits')
        self.open_audit('drain-compute-1')
        [plan] = self.dashboard.rows('related_action_plans')
        self.assertEqual('Recommended', plan['State'])
        self.dashboard.follow(plan['UUID'])
        self.check_plan()
        self.start(plan['UUID'])
        self.check_end(plan['UUID'])
        self.check_action()

    def test_failed_audit(self):
        self.create_template('drain-3')
        self.create_audit('drain-3', 'drain-compute-3', 'compute-3')
        self.audit_ends('drain-compute-3', 'Failed')
        self.look('audits-failed')
        # It has none; the button ends on an error page.
        self.assertEqual('Go to Action Plan', self.row(
            'audits', 'drain-compute-3')['Actions'])
        self.open_audit('drain-compute-3')
        self.look('audit-failed', UUID)
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
                ('goals', base.GOAL, 'Cluster Maintenance'),
                ('strategies', base.STRATEGY, 'Host Maintenance')):
            self.dashboard.open(f'admin/{page}/')
            self.look()
            row = self.row(page, key)
            self.assertEqual(name, row['Verbose Name'])
            self.dashboard.follow(row['UUID'])
            self.assertIn(name, self.dashboard.heading())
            self.look()

    def look(self, picture='', title=None):
        """Check that the page reads well, and take its picture.

        :param title: of a page that the dashboard itself names by a UUID
        """
        self.assertEqual([], list(self.dashboard.faults()))
        found = UUID.search(self.dashboard.heading())
        self.assertEqual(bool(title), bool(found), self.dashboard.heading())
        if picture:
            self.dashboard.picture(picture)

    def create_template(self, name, picture=''):
        self.dashboard.open('admin/audit_templates/')
        self.dashboard.click('#audit_templates__action_create')
        self.dashboard.fill(
            name=name, description='Empty a compute node',
            goal='Cluster Maintenance', strategy='Host Maintenance')
        self.look(picture)
        self.dashboard.submit()
        self.dashboard.wait(lambda: name in self.names('audit_templates'))
        self.look()

    def create_audit(self, template, name, node, picture=''):
        self.dashboard.open('admin/audits/')
        self.dashboard.click('#audits__action_create_audit')
        self.dashboard.fill(
            audit_template=template, audit_name=name, audit_type='ONESHOT',
            parameters=f'{{"maintenance_node": "{node}"}}')
        # Our own descriptions of the parameters are beside the form.
        self.dashboard.wait(
            lambda: 'The compute node to empty' in self.dashboard.text)
        self.look(picture)
        self.dashboard.submit()
        self.dashboard.wait(lambda: name in self.names('audits'))

    def audit_ends(self, name, state):
        def row():
            self.dashboard.open('admin/audits/')
            found = self.row('audits', name)
            return found if found['State'] == state else None
        found = self.dashboard.wait(row)
        self.assertEqual(NAMES, {key: found[key] for key in NAMES})

    def open_audit(self, name):
        self.dashboard.follow(name)
        shown = self.dashboard.details()
        self.assertEqual(NAMES, {key: shown[key] for key in NAMES})
        self.assertIn('maintenance_node: compute-', shown['Parameters'])

    def row(self, table, name):
        [found] = [row for row in self.dashboard.rows(table)
                   if row['Name'] == name]
        return found

    def names(self, table):
        return [row['Name'] for row in self.dashboard.rows(table)]

    def check_plan(self):
        self.look('plan', UUID)
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

    def start(self, plan):
        self.cloud.faults.delay('web-1', 6)
        self.dashboard.open('admin/action_plans/')
        self.look('plans')
        [row] = [row for row in self.dashboard.rows('action_plans')
                 if row['UUID'] == plan]
        self.assertEqual('drained_instances_ratio 100.0 %', row['Efficacy'])
        self.dashboard.press(f'start_action_plan__{plan}')
        self.plan_shows(plan, 'ONGOING', 'On Going')
        self.look('plan-running', UUID)

    def check_end(self, plan):
        self.plan_shows(plan, 'SUCCEEDED', 'Succeeded')
        self.look('plan-done', UUID)
        self.assertEqual(
            {'Change Nova Service State': 'Succeeded', 'Migrate': 'Succeeded',
             'Verify Host Empty': 'Succeeded'},
            {row['Type']: row['State'] for row in self.actions()})
        self.assertEqual(
            base.MAINTAINED, self.cloud.services()['compute-1'])

    def plan_shows(self, plan, state, of_an_action):
        def shown():
            self.dashboard.open(f'admin/action_plans/{plan}/detail')
            states = {row['State'] for row in self.actions()}
            return (self.dashboard.details().get('State') == state
                    and of_an_action in states)
        self.dashboard.wait(shown)

    def check_action(self):
        for row in self.actions():
            if row['Type'] == 'Migrate':
                break
        self.dashboard.follow(row['UUID'])
        self.look('action', UUID)
        shown = self.dashboard.rows('parameters')
        # The name comes first, and says whose UUID is the last.
        self.assertEqual(
            ['resource_name', 'source_node', 'destination_node',
             'migration_type', 'resource_id'],
            [row['Parameter name'] for row in shown])
        self.assertIn(
            shown[0]['Parameter value'], ('web-1', 'web-2', 'batch'))

    def actions(self):
        return self.dashboard.rows('related_wactions')
