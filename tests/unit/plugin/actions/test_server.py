# SPDX-License-Identifier: Apache-2.0


"""An action on a server asks Nova, and tells how that ended."""

from watcher.applier.loading import default as loading

from tests.unit.plugin import base
from tests.unit.plugin import database
from tests.unit.plugin import fake_nova
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_server
from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.plugin.errors import ActionFailed


SERVER = uuid_of('web')
HELPS = 'Fix the problem Nova reports, then run the audit again.'
MOVED = {
    'uuid': uuid_of('move'),
    'id': 1,
    'migration_type': 'live-migration',
    'source_compute': 'compute-1',
    'dest_compute': 'compute-2',
    'instance_uuid': SERVER,
    'created_at': '2026-11-21T12:00:00.000000',
}


class TestLiveMigratePaused(base.TestCase):
    """Nova clears the task of a server before it writes down the rest."""

    def setUp(self):
        super().setUp()
        self.useFixture(base.StoppedClock())
        self.useFixture(database.Database())
        self.conf.config(
            group='nova', migration_interval=0.1, migration_max_retries=9
        )
        mocker = fake_nova.mocker_for(self)
        self.nova = fake_nova.FakeNova(mocker)
        self.conf.config(
            group='nova',
            auth_type='none',
            endpoint_override=f'{self.nova.url}/v2.1',
        )
        path = f'{self.nova.url}/v2.1'
        mocker.post(f'{path}/servers/{SERVER}/action', status_code=202)
        mocker.get(
            f'{path}/servers/{SERVER}/os-instance-actions',
            json={'instanceActions': []},
        )
        self.action = loading.DefaultActionLoader().load(
            names.LIVE_MIGRATE_PAUSED
        )
        self.action.input_parameters = {
            'resource_id': SERVER,
            'resource_name': 'web',
            'source_node': 'compute-1',
            'destination_node': 'compute-2',
        }

    def shows(self, *sights):
        """Let Nova show the server so, one read after the other.

        :param sights: host, task, status of the migration from then on, and
            state if it is not paused
        """

        def change(host, task, status, state='paused'):
            self.nova.servers = [a_server('web', host, state=state, task=task)]
            self.nova.migrations = [{**MOVED, 'status': status}]

        change(*sights[0])
        self.nova.afterwards[f'/v2.1/servers/{SERVER}'] = [
            *(lambda sight=sight: change(*sight) for sight in sights[1:]),
            *[lambda: None] * 9,
        ]

    def test_reason_comes_late(self):
        self.shows(
            ('compute-1', 'migrating', 'running'),
            *[('compute-1', None, 'running')] * 3,
            ('compute-1', None, 'error'),
        )
        error = self.assertRaises(ActionFailed, self.action.execute)
        self.assertEqual(
            'web is paused on compute-1: live-migration ended with status '
            f'error, see the log of nova-compute on compute-1. {HELPS}',
            str(error),
        )

    def test_error_comes_late(self):
        self.shows(
            ('compute-1', 'migrating', 'running'),
            ('compute-1', None, 'error'),
            ('compute-1', None, 'error', 'error'),
        )
        error = self.assertRaises(ActionFailed, self.action.execute)
        self.assertEqual(
            'web is error on compute-1: live-migration ended with status '
            f'error, see the log of nova-compute on compute-1. {HELPS}',
            str(error),
        )

    def test_no_reason(self):
        self.shows(('compute-1', None, 'running'))
        error = self.assertRaises(ActionFailed, self.action.execute)
        self.assertEqual(f'web is paused on compute-1. {HELPS}', str(error))

    def test_moves_on(self):
        self.shows(
            ('compute-1', None, 'running'),
            ('compute-1', 'migrating', 'running'),
            ('compute-1', None, 'running'),
            ('compute-2', None, 'completed'),
        )
        self.assertIs(True, self.action.execute())

    def test_outage_while_the_plan_is_cancelled(self):
        # The action must live to ask Nova to take the migration back.
        path = f'/v2.1/servers/{SERVER}/migrations'
        self.nova.fail(path)
        self.assertIs(False, self.action.can_abort())
        running = {
            'migrations': [
                {'id': 1, 'status': 'running', 'server_uuid': SERVER}
            ]
        }
        self.nova.fail(path, json=running)
        self.assertIs(True, self.action.can_abort())

    def test_last_look(self):
        self.conf.config(group='nova', migration_max_retries=1)
        self.shows(('compute-1', None, 'error'))
        error = self.assertRaises(ActionFailed, self.action.execute)
        self.assertIn('live-migration ended with status error', str(error))
