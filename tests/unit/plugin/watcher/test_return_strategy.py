# SPDX-License-Identifier: Apache-2.0

"""The strategy of a return, as Watcher runs it."""

import ddt

from watcher import conf

from tests.unit.plugin import audits
from tests.unit.plugin.builders import a_collector
from tests.unit.plugin.builders import a_model
from tests.unit.plugin.builders import a_node
from tests.unit.plugin.builders import a_server
from tests.unit.plugin.builders import a_service
from tests.unit.plugin.builders import connect
from tests.unit.plugin.builders import disabled
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.clouds import of_model
from tests.unit.plugin.nova_answers import a_migration
from tests.unit.plugin.watcher.test_returns import DISABLE
from tests.unit.plugin.watcher.test_returns import MOVE
from tests.unit.plugin.watcher.test_returns import Recorded
from watcher_host_maintenance.plugin.errors import DrainRefused
from watcher_host_maintenance.plugin.watcher.strategies import (
    ClusterHostReturn,
)
from watcher_host_maintenance.request import options


DONE = 'watcher_maintained'


@ddt.ddt
class TestStrategy(audits.TestCase):
    """compute-1 waits for its return; web-1 is on compute-2."""

    def setUp(self):
        super().setUp()
        self.model = a_model(
            (a_node('compute-1'), ()),
            (a_node('compute-2'), [a_server('web-1')]),
        )
        self.services = (disabled('compute-1', DONE), a_service('compute-2'))
        self.database = self.useFixture(Recorded())
        conf.CONF.register_opts(
            options.RETURN_OPTIONS, group=options.RETURN_GROUP
        )

    def strategy(self, **given):
        self.cloud.follow(self.services, of_model(self.model))
        ClusterHostReturn.get_config_opts()
        config = dict(conf.CONF[options.RETURN_GROUP])
        strategy = ClusterHostReturn(config)
        connect(strategy, a_collector(self.model))
        strategy.audit_scope = []
        strategy.input_parameters.update(given)
        return strategy

    def actions(self, **given):
        solution = self.strategy(**given).execute(None)
        return [
            (a['action_type'], a['input_parameters'].get('resource_name'))
            for a in solution.actions
        ]

    def remember(self):
        self.database.plan(DISABLE, MOVE)
        self.cloud.nova.migrations = [
            a_migration(
                status='completed', created_at='2126-11-21T12:00:00.000000'
            )
        ]

    def test_enables(self):
        self.assertEqual(
            [
                ('return_host', 'compute-1'),
                ('verify_host_returned', 'compute-1'),
            ],
            self.actions(),
        )

    @ddt.data({}, {'maintenance_node': 'compute-1'})
    def test_moves_back(self, given):
        self.remember()
        self.assertEqual(
            [
                ('return_host', 'compute-1'),
                ('migrate', 'web-1'),
                ('verify_host_returned', 'compute-1'),
            ],
            self.actions(move_back='left', **given),
        )

    def test_without_nova_nobody(self):
        self.database.plan(DISABLE, MOVE)
        self.assertEqual(2, len(self.actions(move_back='left')))

    def test_look_takes_the_option(self):
        self.conf.config(group=options.RETURN_GROUP, return_wait_s=7)
        solution = self.strategy().execute(None)
        self.assertEqual(
            {
                'resource_id': uuid_of('compute-1'),
                'resource_name': 'compute-1',
                'disabled_reason': '',
                'expected_reason': DONE,
                'timeout_s': 7,
            },
            solution.actions[0]['input_parameters'],
        )

    @ddt.named_data(
        ('unknown', {'maintenance_node': 'compute-9'}, 'no compute node'),
        ('both', {'maintenance_node': 'a', 'maintenance_nodes': ['b']},
         'both given'),
        ('of_a_drain', {'backup_node': 'compute-2'}, 'no such parameter'),
        ('choice', {'move_back': 'all'}, 'move_back is invalid'),
        ('no_way', {'move_back': 'left', 'disable_live_migration': True,
                    'disable_cold_migration': True}, 'move_back is invalid'),
    )  # fmt: skip
    @ddt.unpack
    def test_refused(self, given, text):
        error = self.assertRaises(
            DrainRefused, self.strategy(**given).execute, None
        )
        self.assertIn(text, str(error))
        self.assertTrue(str(error).startswith('Cannot return: '))

    @ddt.data([], [''])
    def test_bad_option(self, reasons):
        self.conf.config(group=options.RETURN_GROUP, returning_reasons=reasons)
        error = self.assertRaises(DrainRefused, self.strategy().execute, None)
        self.assertIn('returning_reasons', str(error))

    def test_query_without_a_prometheus(self):
        self.conf.config(group=options.RETURN_GROUP, unfit_query='up == 0')
        error = self.assertRaises(DrainRefused, self.strategy().execute, None)
        self.assertIn('prometheus_url', str(error))

    def test_report_is_called_one_of_a_return(self):
        self.actions()
        self.assertIn('Return report: {', self.log.output)
