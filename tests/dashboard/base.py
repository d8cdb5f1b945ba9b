# SPDX-License-Identifier: Apache-2.0

"""Pages of the Watcher dashboard, as an administrator walks through them."""

import os
import re
import unittest

from minicloud import cloud
from minicloud import credentials
from tests.dashboard import browser
from tests.dashboard import horizon
from tests.functional import base


UUID = re.compile('[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}')
NAMES = {'Goal': 'cluster_maintenance', 'Strategy': 'cluster_host_maintenance'}


class DashboardTestCase(base.CloudTestCase):
    """Tests that share a cloud, a Horizon and a browser that is signed in.

    Each drains a node of its own: compute-1, compute-3, compute-4, compute-5.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        missing = browser.missing()
        if missing:
            raise unittest.SkipTest(f'not installed: {missing}')
        cls.share(
            cloud.Cloud(
                base.description(
                    hosts={
                        'compute-1': base.HOST,
                        'compute-2': base.HOST,
                        'compute-3': base.a_host(memory_mb=262144),
                        'compute-4': base.HOST,
                        'compute-5': base.HOST,
                        'spare': base.SPARE,
                    },
                    flavors={
                        'huge': {
                            'vcpus': 8,
                            'memory_mb': 196608,
                            'disk_gb': 200,
                        }
                    },
                    servers={
                        'web': base.on('compute-1', count=2),
                        'batch': base.on('compute-1', state='SHUTOFF'),
                        'db': base.on('compute-3', 'huge'),
                        'cache': base.on('compute-4', state='PAUSED'),
                        'mail': base.on('compute-5'),
                    },
                ),
                keystone=True,
                # A browser beside it leaves little of a small machine.
                watcher_options={'nova': {'migration_max_retries': 1500}},
            )
        )
        cls.cloud.refresh_model()
        web = horizon.Horizon(cls.cloud.urls['identity'] + '/v3')
        web.setUp()
        cls.addClassCleanup(web.cleanUp)
        cls.url = web.url
        cls.dashboard = cls.sign_in(credentials.ADMIN)

    @classmethod
    def sign_in(cls, user):
        """A browser of its own for a user, until the class ends."""
        from tests.dashboard import dashboard

        seen = browser.Browser()
        seen.setUp()
        cls.addClassCleanup(seen.cleanUp)
        signed_in = dashboard.Dashboard(
            seen.driver, cls.url, os.environ.get('DASHBOARD_IMAGES', '')
        )
        signed_in.sign_in(user, cls.cloud.passwords[user])
        return signed_in

    def look(self, picture='', of_a_uuid=False):
        """Check that the page reads well, and take its picture.

        :param of_a_uuid: it is one that the dashboard itself names by the
            UUID of what it shows, and by no other
        """
        self.assertEqual([], list(self.dashboard.faults()))
        own = UUID.findall(self.dashboard.address) if of_a_uuid else []
        heading = self.dashboard.heading()
        self.assertEqual(own, UUID.findall(heading), heading)
        # Of plans it has none.
        self.assertLessEqual({*UUID.findall(self.dashboard.title())}, {*own})
        if picture:
            self.dashboard.picture(picture)

    def create_template(self, name, picture=''):
        self.dashboard.open('admin/audit_templates/')
        self.dashboard.click('#audit_templates__action_create')
        self.dashboard.fill(
            name=name,
            description='Drain a compute node',
            goal='Cluster Maintenance',
            strategy='Host Maintenance',
        )
        self.look(picture)
        self.dashboard.submit()
        self.dashboard.wait(lambda: name in self.names('audit_templates'))
        self.look()
        self.dashboard.follow(name)
        self.look()
        shown = self.dashboard.details()
        self.assertEqual(NAMES, {key: shown[key] for key in NAMES})

    def create_audit(self, template, name, node, picture=''):
        self.dashboard.open('admin/audits/')
        self.dashboard.click('#audits__action_create_audit')
        self.dashboard.fill(
            audit_template=template,
            audit_name=name,
            audit_type='ONESHOT',
            parameters=f'{{"maintenance_node": "{node}"}}',
        )
        # The form shows the descriptions of the parameters.
        self.dashboard.wait(
            lambda: 'The compute node to drain' in self.dashboard.text
        )
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
        self.look(of_a_uuid=True)
        shown = self.dashboard.details()
        self.assertEqual(NAMES, {key: shown[key] for key in NAMES})
        self.assertIn('maintenance_node: compute-', shown['Parameters'])

    def plan_of(self, audit):
        """The UUID of the one plan that an audit recommends, on its page."""
        self.open_audit(audit)
        [plan] = self.dashboard.rows('related_action_plans')
        self.assertEqual('Recommended', plan['State'])
        return plan['UUID']

    def start(self, plan, picture='', warned=()):
        """Press Start Action Plan in the list.

        :param warned: what is said beside that it was started
        """
        self.dashboard.open('admin/action_plans/')
        self.look(picture)
        row = self.row('action_plans', plan, 'UUID')
        self.assertEqual('drained_instances_ratio 100.0 %', row['Efficacy'])
        self.assertEqual(
            [f'Success: Action Plan started: {plan}', *warned],
            self.dashboard.press(f'start_action_plan__{plan}'),
        )

    def row(self, table, name, heading='Name'):
        [found] = [
            row for row in self.dashboard.rows(table) if row[heading] == name
        ]
        return found

    def names(self, table):
        return [row['Name'] for row in self.dashboard.rows(table)]

    def plan_shows(self, plan, state, of_an_action):
        def shown():
            self.dashboard.open(f'admin/action_plans/{plan}/detail')
            states = {row['State'] for row in self.actions()}
            return (
                self.dashboard.details().get('State') == state
                and of_an_action in states
            )

        self.dashboard.wait(shown)

    def actions(self):
        return self.dashboard.rows('related_wactions')

    def open_action(self, kind, picture=''):
        """Open the first action of a kind, from the page of its plan."""
        found = [row for row in self.actions() if row['Type'] == kind]
        self.dashboard.follow(found[0]['UUID'])
        self.look(picture, of_a_uuid=True)
