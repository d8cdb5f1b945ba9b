# SPDX-License-Identifier: Apache-2.0

"""Every action takes what is planned for it, and nothing else."""

import ddt
import jsonschema

from watcher.applier.loading import default as loading
from watcher.db.sqlalchemy import models

from tests.unit.plugin import base
from tests.unit.plugin.builders import uuid_of
from watcher_host_maintenance.plugin import names


SERVER = {
    'resource_id': uuid_of('web'),
    'resource_name': 'web',
    'source_node': 'compute-1',
}
NODE = {'resource_id': uuid_of('compute-1'), 'resource_name': 'compute-1'}

GOOD = {
    names.CHANGE_DISABLED_REASON: {
        **NODE,
        'disabled_reason': 'fan',
        'expected_reason': 'spare',
    },
    names.CHANGE_SERVICE_IN_WINDOW: {**NODE, 'state': 'disabled'},
    names.CONFIRM_MIGRATION: SERVER,
    names.LIVE_MIGRATE_PAUSED: {**SERVER, 'destination_node': 'compute-2'},
    names.MIGRATE_IN_WINDOW: {
        **SERVER,
        'migration_type': 'live',
        'stops_first': False,
    },
    names.MIGRATE_INTO_ROOM: {
        **SERVER,
        'migration_type': 'live',
        'destination_node': 'compute-2',
        'destination_id': uuid_of('compute-2'),
        'room_of': [
            {'resource_id': uuid_of('cache'), 'resource_name': 'cache'}
        ],
    },
    names.SHELVE_OFFLOAD: SERVER,
    names.STOP_IN_WINDOW: {'resource_id': uuid_of('web')},
    names.VERIFY_HOST_EMPTY: {**NODE, 'remaining': []},
}


STOCK = (
    names.CHANGE_SERVICE_IN_WINDOW,
    names.MIGRATE_IN_WINDOW,
    names.STOP_IN_WINDOW,
)
"""Actions with the schema of one of Watcher's own."""

LIMITED = (
    *STOCK,
    names.CHANGE_DISABLED_REASON,
    names.CONFIRM_MIGRATION,
    names.LIVE_MIGRATE_PAUSED,
    names.MIGRATE_INTO_ROOM,
    names.SHELVE_OFFLOAD,
)
"""Actions that may have to begin by some time."""


@ddt.ddt
class TestSchemas(base.TestCase):
    def load(self, name, parameters):
        action = loading.DefaultActionLoader().load(name)
        action.input_parameters = parameters
        return action

    def assertRefuses(self, name, parameters):
        action = self.load(name, parameters)
        self.assertRaises(
            jsonschema.ValidationError, action.validate_parameters
        )

    @ddt.data(*sorted(GOOD))
    def test_good(self, name):
        self.assertTrue(self.load(name, GOOD[name]).validate_parameters())

    @ddt.data(*LIMITED)
    def test_limited(self, name):
        limit = {'begin_by': '2026-12-01T21:00:00Z'}
        good = {**GOOD[name], 'resource_name': 'x', **limit}
        self.assertTrue(self.load(name, good).validate_parameters())
        for bad in ('', '2026-12-01T21:00Z', '2026-12-01', None, 0):
            self.assertRefuses(name, {**good, 'begin_by': bad})

    @ddt.data(*sorted({*GOOD} - {*STOCK}))
    def test_bad(self, name):
        good = GOOD[name]
        self.assertRefuses(name, {**good, 'more': 'x'})
        for key in good:
            self.assertRefuses(
                name, {k: v for k, v in good.items() if k != key}
            )
            for bad in ('', None, 1, [1], {}):
                self.assertRefuses(name, {**good, key: bad})

    @ddt.data('x' * 256, '')
    def test_a_reason_that_nova_refuses(self, reason):
        name = names.CHANGE_DISABLED_REASON
        self.assertRefuses(name, {**GOOD[name], 'disabled_reason': reason})

    def test_all_can_be_listed(self):
        # The applier writes them at its start, which ends if one is too long.
        columns = models.ActionDescription.__table__.c
        available = loading.DefaultActionLoader().list_available()
        ours = {
            name: kind
            for name, kind in available.items()
            if kind.__module__.startswith('watcher_host_maintenance.')
        }
        self.assertLessEqual({*GOOD}, {*ours})
        for name, kind in ours.items():
            self.assertThat(name, base.FitsInto(columns.action_type))
            self.assertThat(
                kind.DESCRIPTION, base.FitsInto(columns.description)
            )

    @ddt.data(*sorted(GOOD))
    def test_can_be_cancelled(self, name):
        if name not in (
            names.LIVE_MIGRATE_PAUSED,
            names.MIGRATE_INTO_ROOM,
            *STOCK,
        ):
            self.assertIs(True, self.load(name, GOOD[name]).abort())
