# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from watcher_host_maintenance.core.model.document import InvalidDocument
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.reasons import by_value
from watcher_host_maintenance.core.model.request import MoveBack
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.rolling import Roll
from watcher_host_maintenance.core.model.rolling import RollRequest
from watcher_host_maintenance.core.model.rolling import Wave
from watcher_host_maintenance.core.model.window import Window
from watcher_host_maintenance.core.rules import targets  # noqa: F401


NODES = ('compute-1', 'compute-2')


@ddt.ddt
class TestRollRequest(base.TestCase):
    @ddt.named_data(
        # name, nodes, parallel, field that is wrong
        ('one',       NODES, 1,   None),
        ('most',      NODES, 100, None),
        ('none',      NODES, 0,   'parallel'),
        ('too_many',  NODES, 101, 'parallel'),
        ('no_nodes',  (),    1,   'maintenance_nodes'),
    )  # fmt: skip
    @ddt.unpack
    def test_limits(self, nodes, parallel, wrong):
        if wrong is None:
            request = RollRequest(nodes, parallel=parallel)
            self.assertEqual(parallel, request.parallel)
            return
        error = self.assertRaises(
            InvalidDocument, RollRequest, nodes, parallel=parallel
        )
        self.assertIn(wrong, str(error))

    @ddt.named_data(
        # name, fields, field that is wrong
        ('fewest',       {'stop_after': 1},    None),
        ('none',         {'stop_after': 0},    'stop_after'),
        ('most',         {'stop_after': 1000}, None),
        ('too_many',     {'stop_after': 1001}, 'stop_after'),
        ('moves_back',   {'disable_live_migration': True}, None),
        ('cannot_move',  {'disable_live_migration': True,
                          'disable_cold_migration': True}, 'move_back'),
    )  # fmt: skip
    @ddt.unpack
    def test_other_limits(self, fields, wrong):
        fields = {'move_back': MoveBack.LEFT} | fields
        if wrong is None:
            self.assertTrue(RollRequest(NODES, **fields).moves_back)
            return
        error = self.assertRaises(
            InvalidDocument, RollRequest, NODES, **fields
        )
        self.assertIn(wrong, str(error))

    def test_fields_of_a_drain_are_validated(self):
        self.assertRaises(
            InvalidDocument, RollRequest, NODES, headroom_percent=100
        )

    def test_drain_of(self):
        roll = RollRequest(
            NODES,
            'compute-9',
            on_blocked=OnBlocked.LEAVE,
            headroom_percent=5,
            max_secondary_moves=3,
            parallel=2,
        )
        self.assertEqual(
            Request(
                ('compute-2',),
                on_blocked=OnBlocked.LEAVE,
                headroom_percent=5,
                max_secondary_moves=3,
            ),
            roll.drain_of(('compute-2',)),
        )
        self.assertIs(Request, type(roll.drain_of(NODES)))

    def test_waves_are_planned_before_their_time(self):
        roll = RollRequest(NODES, now_s=7, window=Window(8, 9))
        self.assertEqual(Window(0), roll.drain_of(NODES).window)
        self.assertIsNone(RollRequest(NODES).drain_of(NODES).window)


@ddt.ddt
class TestRoll(base.TestCase):
    @ddt.named_data(
        # name, fields, failed
        ('nothing',  {}, False),
        ('waves',    {'waves': (Wave(NODES, Outcome()),)}, False),
        ('bad',      {'findings': (by_value('unknown_node').about('x'),)},
         True),
        ('refused',  {'refused': (NodeOutcome('x', Verdict.REFUSED, 1),)},
         True),
        ('skipped',  {'waves': (Wave(NODES, Outcome()),),
                      'refused': (NodeOutcome('x', Verdict.REFUSED, 1),)},
         False),
    )  # fmt: skip
    @ddt.unpack
    def test_failed(self, fields, failed):
        self.assertIs(failed, Roll(**fields).failed)
