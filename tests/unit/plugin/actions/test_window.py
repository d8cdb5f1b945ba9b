# SPDX-License-Identifier: Apache-2.0

"""Nothing begins that would end after its window."""

import ddt
import fixtures

from watcher.applier.actions import migration
from watcher.applier.loading import default as loading
from watcher.common import exception

from tests.unit.plugin import base
from tests.unit.plugin import clouds
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_server
from watcher_host_maintenance.core.model.times import parse_time
from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.plugin.actions import base as actions
from watcher_host_maintenance.plugin.actions import verify_host_empty
from watcher_host_maintenance.plugin.actions import window
from watcher_host_maintenance.plugin.actions.emptiness import node_obstacles
from watcher_host_maintenance.plugin.errors import ActionFailed


BEGIN_BY = '2026-12-01T22:54:22Z'
BEGIN_BY_S = parse_time(BEGIN_BY)

TOO_LATE = f'web should have begun by {BEGIN_BY} to end in its window'


class TestCase(base.TestCase):
    def see(self, seconds):
        """Let it be so many seconds after the last moment."""
        self.useFixture(
            fixtures.MockPatchObject(
                window.time, 'time', return_value=BEGIN_BY_S + seconds
            )
        )


@ddt.ddt
class TestWindowed(TestCase):
    def load(self, name, **more):
        """The action, and what its class before does beforehand."""
        action = loading.DefaultActionLoader().load(name)
        action.input_parameters = {'resource_name': 'web', **more}
        kinds = type(action).__mro__
        below = kinds[kinds.index(window.Windowed) + 1]
        [defines] = [k for k in below.__mro__ if 'pre_condition' in vars(k)][
            :1
        ]
        before = self.useFixture(
            fixtures.MockPatchObject(defines, 'pre_condition')
        ).mock
        return action, before

    @ddt.data(
        names.CHANGE_SERVICE_IN_WINDOW,
        names.MIGRATE_IN_WINDOW,
        names.STOP_IN_WINDOW,
    )
    def test_stock(self, name):
        action, before = self.load(name, begin_by=BEGIN_BY)
        self.see(0)
        action.pre_condition()
        self.assertEqual(1, before.call_count)
        self.see(0.1)
        error = self.assertRaises(
            exception.ActionSkipped, action.pre_condition
        )
        self.assertEqual(TOO_LATE, str(error))
        self.assertEqual(1, before.call_count)

    @ddt.data(
        names.CHANGE_DISABLED_REASON,
        names.CONFIRM_MIGRATION,
        names.LIVE_MIGRATE_PAUSED,
        names.MIGRATE_INTO_ROOM,
        names.SHELVE_OFFLOAD,
    )
    def test_own(self, name):
        action, before = self.load(name, begin_by=BEGIN_BY)
        self.see(0.1)
        error = self.assertRaises(
            exception.ActionSkipped, action.pre_condition
        )
        self.assertEqual(TOO_LATE, str(error))
        self.assertEqual(0, before.call_count)

    def test_live_migrations_can_be_aborted(self):
        for kind, expected in (('live', True), ('cold', False)):
            action, _before = self.load(
                names.MIGRATE_IN_WINDOW, migration_type=kind
            )
            self.assertIs(expected, action.check_abort())


@ddt.ddt
class TestStopsFirst(TestCase):
    """A move of a server that the plan stops before."""

    @ddt.data(names.MIGRATE_IN_WINDOW, names.MIGRATE_INTO_ROOM)
    def test_runs_all_the_same(self, name):
        action = self.load(name)
        self.nova.servers = [a_server('web')]
        error = self.assertRaises(
            exception.ActionSkipped, action.pre_condition
        )
        self.assertEqual(
            'web is active, and was to be stopped before it moves', str(error)
        )

    def test_is_stopped_or_gone(self):
        action = self.load(names.MIGRATE_IN_WINDOW)
        for servers in ([a_server('web', state='stopped')], []):
            self.nova.servers = servers
            action.pre_condition()

    def test_nova_does_not_answer(self):
        action = self.load(names.MIGRATE_IN_WINDOW)
        self.nova.fail(f'/v2.1/servers/{uuid_of("web")}')
        self.assertRaises(ActionFailed, action.pre_condition)

    def load(self, name):
        """The action, without what Watcher looks at itself."""
        self.nova = clouds.Cloud(self).nova
        self.useFixture(
            fixtures.MockPatchObject(migration.Migrate, 'pre_condition')
        )
        action = loading.DefaultActionLoader().load(name)
        action.input_parameters = {
            'resource_id': uuid_of('web'),
            'resource_name': 'web',
            'stops_first': True,
        }
        return action


@ddt.ddt
class TestVerify(TestCase):
    @ddt.named_data(
        # name, what remains, seconds, who failed to move, whether it counts
        ('in_time',  ['web'],        0,   [],      False),
        ('late',     ['web'],        1,   [],      True),
        ('several',  ['web', 'db'],  1,   [],      True),
        ('other',    ['web', 'new'], 1,   [],      False),
        ('failed',   ['web'],        1,   ['web'], False),
        ('nothing',  [],             1,   [],      False),
    )  # fmt: skip
    @ddt.unpack
    def test_left_for_later(self, names_left, seconds, failed, counts):
        action = loading.DefaultActionLoader().load(names.VERIFY_HOST_EMPTY)
        action.input_parameters = {
            'resource_id': uuid_of('compute-1'),
            'resource_name': 'compute-1',
            'remaining': [],
            'late': [
                {'resource_id': uuid_of(name), 'begin_by': BEGIN_BY}
                for name in ('web', 'db')
            ],
        }
        self.assertTrue(action.validate_parameters())
        self.see(seconds)
        left = [
            node_obstacles.Obstacle(
                node_obstacles.REMAINS.about(name, states=('active',)),
                server=uuid_of(name),
            )
            for name in names_left
        ]
        self.useFixture(
            fixtures.MockPatchObject(
                verify_host_empty.VerifyHostEmpty,
                '_obstacles',
                return_value=left,
            )
        )
        self.useFixture(
            fixtures.MockPatchObject(
                actions.Action,
                'why',
                lambda _self, uuid: (
                    'No valid host' if uuid in map(uuid_of, failed) else ''
                ),
            )
        )
        if not counts:
            action.pre_condition()
            return
        error = self.assertRaises(
            exception.ActionSkipped, action.pre_condition
        )
        self.assertEqual(
            f'compute-1 still has {len(left)} servers that had no time to '
            'leave',
            str(error),
        )
