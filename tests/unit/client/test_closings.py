# SPDX-License-Identifier: Apache-2.0

"""What Watcher's API has of the maintenance of compute nodes."""

from unittest import mock

from requests_mock.contrib import fixture

from tests.unit import base
from tests.unit.client import fake_watcher
from tests.unit.client.fake_watcher import FakeWatcher
from watcher_host_maintenance.client import closings
from watcher_host_maintenance.client import watcher as watchers
from watcher_host_maintenance.client.watcher import Watcher
from watcher_host_maintenance.core.model.snapshot import Closing


class TestHistory(base.TestCase):
    def setUp(self):
        super().setUp()
        self.watcher = FakeWatcher(self.useFixture(fixture.Fixture()))

    def add(self, uuid, *actions, **fields):
        """Record a plan; each action has a UUID, a type and parameters."""
        self.watcher.plans.append(
            fake_watcher.a_plan(uuid, 'SUCCEEDED', **fields)
        )
        for number, (kind, parameters) in enumerate(actions):
            self.watcher.actions.append(
                fake_watcher.an_action(
                    f'{uuid}-{number}',
                    kind,
                    'SUCCEEDED',
                    action_plan_uuid=uuid,
                    input_parameters=parameters,
                )
            )

    def disable(self, host='compute-1'):
        return (
            'change_nova_service_state',
            {'resource_name': host, 'state': 'disabled'},
        )

    def move(self):
        return 'migrate', {
            'resource_id': 'w',
            'resource_name': 'web',
            'source_node': 'compute-1',
            'destination_node': 'compute-2',
        }

    def recorded(self):
        return closings.history(Watcher(self.watcher.adapter()))(['compute-1'])

    def moved(self):
        return [c.moved for c in self.recorded()]

    def test_recorded(self):
        self.add('drain', self.disable(), self.move())
        since_s = 1795860005
        expected = Closing('compute-1', since_s, moved={'w': 'compute-2'})
        self.assertEqual((expected,), self.recorded())

    def test_of_our_strategies_only(self):
        for ours in (
            'cluster_host_maintenance',
            'cluster_host_return',
            'cluster_rolling_maintenance',
        ):
            self.watcher.plans.clear()
            self.watcher.actions.clear()
            self.add('a', self.disable(), self.move(), strategy_name=ours)
            self.add('b', self.disable(), strategy_name='host_maintenance')
            self.assertEqual([{'w': 'compute-2'}], self.moved(), ours)

    def test_empty_plans_do_not_count(self):
        """A CONTINUOUS audit has written one at each of its runs."""
        self.add('drain', self.disable(), self.move())
        self.add('empty')
        with mock.patch.object(closings, 'MAX_PLANS', 1):
            self.assertEqual([{'w': 'compute-2'}], self.moved())
            self.add('other', self.disable('compute-2'))
            self.assertEqual([], self.moved())

    def test_more_actions_than_in_one_answer(self):
        self.add('drain', self.disable(), self.move())
        self.add('other', self.disable('compute-2'))
        for page in (1, 2, 3, 4):
            with mock.patch.object(watchers, 'PAGE', page):
                self.assertEqual([{'w': 'compute-2'}], self.moved(), page)

    def test_plan_that_is_being_deleted(self):
        self.add('drain', self.disable(), self.move())
        self.add('gone', self.disable())
        del self.watcher.plans[1]
        self.assertEqual([{'w': 'compute-2'}], self.moved())

    def test_before_the_node_was_closed(self):
        """Of an audit that tells owners, while it is there."""
        self.add('asked', self.move())
        self.add('drain', self.disable())
        parameters = {'maintenance_node': 'compute-1', 'owners': 'wait'}
        for audits, moved in (
            ([], {}),
            ([fake_watcher.an_audit()], {}),
            (
                [fake_watcher.an_audit(parameters=parameters)],
                {'w': 'compute-2'},
            ),
        ):
            self.watcher.audits[:] = audits
            self.assertEqual([moved], self.moved())
