# SPDX-License-Identifier: Apache-2.0

"""Owners are told that a maintenance was called off, as it really ended."""

from tests.functional import base
from tests.functional import notifications
from tests.functional import typed


OPTIONS = {
    'oslo_messaging_notifications': {'driver': 'log'},
    # One move after the other.
    'watcher_applier': {'workers': 1},
}


class TestCancellation(base.CloudTestCase):
    LIMIT_S = 400

    def notices(self):
        """Server -> state and effect that its owner reads."""
        return {
            server.name: tuple(
                server.metadata.get(f'maintenance:{key}')
                for key in ('state', 'effect')
            )
            for server in self.cloud.nova.servers.list()
        }

    def events(self):
        """UUID of a server -> events that were sent, in their order."""
        sent = {}
        for event in notifications.of_owners(self.cloud):
            uuid = event['payload']['server_id']
            name = event['event_type'].removeprefix('maintenance.')
            sent.setdefault(uuid, []).append(name)
        return sent

    def test_while_a_server_moves(self):
        """It is done in the end; who was told nothing is told nothing."""
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.HOST},
            servers={'web': base.on('compute-1', count=2)},
            watcher_options=OPTIONS,
        )
        for name in ('web-1', 'web-2'):
            self.cloud.faults.delay(name, 20)
        audit = self.drain(maintenance_node='compute-1', owners='obey')
        plan = self.cloud.action_plan(audit)
        self.cloud.start_plan(plan)
        self.assertEventually(
            True,
            lambda: (
                'MIGRATING'
                in {s.status for s in self.cloud.servers().values()}
            ),
            60,
        )
        [moving] = [
            name
            for name, server in self.cloud.servers().items()
            if server.status == 'MIGRATING'
        ]
        [other] = {'web-1', 'web-2'} - {moving}
        self.cloud.cancel_plan(plan)

        [command] = typed.blocks(
            typed.section(
                'reference/cluster_cancellation.rst', 'How to use it'
            )
        )
        with typed.shell(self.cloud) as shell:
            shell.type(command.replace('AUDIT', audit['uuid']))
        self.assertEventually(
            {moving: ('done', 'live'), other: (None, None)},
            self.notices,
            120,
        )
        self.assertEqual(
            {moving: 'compute-2', other: 'compute-1'},
            {n: s.host for n, s in self.cloud.servers().items()},
        )
        uuids = {s.name: s.id for s in self.cloud.nova.servers.list()}
        self.assertEventually(
            {uuids[moving]: ['moving', 'done']}, self.events, 60
        )
