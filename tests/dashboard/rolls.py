# SPDX-License-Identifier: Apache-2.0

"""The page of a rolling maintenance in a browser."""

from minicloud import credentials
from tests.functional import base as functional


GOAL = 'cluster_rolling_maintenance'
NODES = ('compute-6', 'compute-7')
SERVERS = {
    'north': functional.on('compute-6', count=2),
    'south': functional.on('compute-7'),
}


class RollTests:
    """Of a class that has a cloud and a Horizon."""

    def test_roll(self):
        audit = self.begin_roll()
        page = self.page
        page.open('admin/maintenance/')
        page.open_link('Rolling maintenances')
        page.wait(lambda: page.rows('rolls'))
        self.look()
        self.assertEqual(['rack-7'], [r['Name'] for r in page.rows('rolls')])
        page.open_link('rack-7')
        # It is renewed by itself.
        page.wait(lambda: 'Ready for maintenance' in self.stands().values())
        [ready] = [h for h, s in self.stands().items() if s.startswith('R')]
        [other] = {*NODES} - {ready}
        self.assertEqual('Waits for its turn', self.stands()[other])
        waves = [row['Nodes'] for row in page.rows('roll_waves')]
        self.assertEqual([ready, other], waves)
        self.assertIn(f'{ready}. When the work is done', page.text)
        self.look('roll')
        self.check_pause(audit)
        page.open('admin/maintenance/')
        page.press_row('maintenance', ready, 'Mark as Done')
        page.open(f'admin/maintenance/rolls/{audit["uuid"]}/')
        page.wait(lambda: self.stands().get(ready) == 'Done')
        self.assertIn('1 of 2', page.text)
        self.assertEqual('enabled', self.cloud.services()[ready].status)
        self.check_stop(audit)

    def begin_roll(self):
        return self.cloud.create_audit(
            GOAL,
            GOAL,
            {'maintenance_nodes': list(NODES)},
            None,
            audit_type='CONTINUOUS',
            interval='5',
            auto_trigger=True,
            name='rack-7',
        )

    def stands(self):
        """Where each node stands, by hostname."""
        rows = self.page.rows('roll_nodes')
        return {row['Node']: row['Maintenance'] for row in rows}

    def roll_state(self, audit):
        return self.cloud.audit(audit['uuid'])['state']

    def check_pause(self, audit):
        page = self.page
        page.press_button('Pause')
        page.wait(lambda: 'The rolling maintenance is paused.' in page.text)
        self.assertEqual('SUSPENDED', self.roll_state(audit))
        self.assertNotIn('Pause', page.buttons())
        plain = self.sign_in(credentials.ADMIN, scripts=False)
        plain.open(f'admin/maintenance/rolls/{audit["uuid"]}/')
        plain.press_button('Continue')
        plain.wait(lambda: 'The rolling maintenance goes on.' in plain.text)
        self.assertEqual('ONGOING', self.roll_state(audit))

    def check_stop(self, audit):
        page = self.page
        question = page.press_and_confirm('Stop for Good')
        self.assertIn('You have selected: "rack-7"', question)
        page.wait(lambda: 'The rolling maintenance is stopped.' in page.text)
        self.assertEqual('CANCELLED', self.roll_state(audit))
        self.assertEqual([], page.buttons())
        # The tests that follow need a Watcher that does nothing.
        ended = {'SUCCEEDED', 'FAILED', 'CANCELLED', 'SUPERSEDED'}
        self.assertEventually(
            set(),
            lambda: (
                {p['state'] for p in self.cloud.action_plans(audit)} - ended
            ),
            180,
        )
