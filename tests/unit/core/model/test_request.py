# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from watcher_host_maintenance.core.model import document
from watcher_host_maintenance.core.model.document import InvalidDocument
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.window import Window


@ddt.ddt
class TestRequest(base.TestCase):
    def test_defaults(self):
        asked = Request()
        self.assertEqual(
            (
                (),
                None,
                False,
                False,
                OnBlocked.FAIL,
                0.0,
                ('watcher_maintaining',),
                ('watcher_disabled',),
            ),
            (
                asked.maintenance_nodes,
                asked.backup_node,
                asked.disable_live_migration,
                asked.disable_cold_migration,
                asked.on_blocked,
                asked.headroom_percent,
                asked.marking_reasons,
                asked.unused_reasons,
            ),
        )
        self.assertEqual(
            (False, True, False, True, ()),
            (
                asked.allow_unproved_moves,
                asked.aggregate_extra_specs,
                asked.unscoped_extra_specs,
                asked.tenant_isolation,
                asked.migration_domain_keys,
            ),
        )

    @ddt.named_data(
        # name, percent, is allowed
        ('none',          0,      True),
        ('below_none',    -0.1,   False),
        ('almost_all',    99.9,   True),
        ('all',           100,    False),
        ('more_than_all', 101,    False),
        ('undefined',     float('nan'), False),
    )  # fmt: skip
    @ddt.unpack
    def test_headroom(self, percent, allowed):
        if allowed:
            asked = Request(headroom_percent=percent)
            self.assertEqual(percent, asked.headroom_percent)
            return
        error = self.assertRaises(
            InvalidDocument, Request, headroom_percent=percent
        )
        self.assertEqual(
            'headroom_percent: must be at least 0 and less than 100',
            str(error),
        )

    @ddt.named_data(
        # name, live is disabled, cold is disabled, expected
        ('both_allowed', False, False, False),
        ('no_live',      True,  False, False),
        ('no_cold',      False, True,  False),
        ('neither',      True,  True,  True),
    )  # fmt: skip
    @ddt.unpack
    def test_stops_instead_of_moving(self, no_live, no_cold, expected):
        asked = Request(
            disable_live_migration=no_live, disable_cold_migration=no_cold
        )
        self.assertIs(expected, asked.stops_instead_of_moving)

    def test_reads_from_json(self):
        asked = document.loads(
            Request,
            '{"maintenance_nodes": ["compute-1"], "on_blocked": "leave", '
            '"backup_node": "compute-2", "headroom_percent": 10}',
        )
        self.assertEqual(
            Request(
                ('compute-1',),
                'compute-2',
                on_blocked=OnBlocked.LEAVE,
                headroom_percent=10.0,
            ),
            asked,
        )

    def test_bad_choice(self):
        error = self.assertRaises(
            InvalidDocument, document.loads, Request, '{"on_blocked": "stay"}'
        )
        self.assertEqual(
            'on_blocked: expected one of fail, leave, got "stay"', str(error)
        )

    @ddt.named_data(
        # name, fields, what is wrong
        ('no_secondary',      {'max_secondary_moves': 0},  None),
        ('most_secondary',    {'max_secondary_moves': 20}, None),
        ('too_many',          {'max_secondary_moves': 21},
         'max_secondary_moves: must be 0 to 20'),
        ('less_than_none',    {'max_secondary_moves': -1},
         'max_secondary_moves: must be 0 to 20'),
        ('first_second',      {'now_s': 0},                None),
        ('before_1970',       {'now_s': -1}, 'now_s: must be at least 0'),
        ('window',            {'now_s': 5, 'window': Window(9)}, None),
        ('window_at_no_time', {'window': Window(9)},
         'now_s: is missing: window needs it'),
    )  # fmt: skip
    @ddt.unpack
    def test_valid(self, fields, problem):
        if problem is None:
            request = Request(**fields)
            text = document.dumps(request)
            self.assertEqual(request, document.loads(Request, text))
        else:
            error = self.assertRaises(InvalidDocument, Request, **fields)
            self.assertEqual(problem, str(error))

    def test_what_is_not_asked_is_left_out_of_documents(self):
        plain = document.to_plain(Request())
        for field in ('max_secondary_moves', 'now_s', 'window'):
            self.assertNotIn(field, plain)
