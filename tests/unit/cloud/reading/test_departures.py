# SPDX-License-Identifier: Apache-2.0

"""Who left some nodes, as Nova has it."""

from tests.unit.cloud.reading import test_collect
from tests.unit.plugin import clouds
from tests.unit.plugin.builders import a_model
from tests.unit.plugin.builders import a_node
from tests.unit.plugin.builders import a_server
from tests.unit.plugin.builders import a_service
from tests.unit.plugin.builders import disabled
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_migration
from watcher_host_maintenance.cloud.reading import departures
from watcher_host_maintenance.cloud.reading.collect import collect
from watcher_host_maintenance.core.model.request import ReturnRequest
from watcher_host_maintenance.core.model.snapshot import Closing
from watcher_host_maintenance.core.model.snapshot import Departure
from watcher_host_maintenance.plugin.watcher import estimates
from watcher_host_maintenance.plugin.watcher.scope import AuditScope


NOON = 1795262400
"""2026-11-21T12:00:00Z."""


class TestDepartures(test_collect.TestCase):
    """web-1 left compute-1 for compute-2, where db has always been."""

    def setUp(self):
        super().setUp()
        model = a_model(
            (a_node('compute-1'), [a_server('stopped')]),
            (a_node('compute-2'), [a_server('web-1'), a_server('db')]),
            (a_node('spare-1'), [a_server('guest')]),
        )
        self.given(
            model,
            disabled('compute-1', 'watcher_maintained'),
            a_service('compute-2'),
            a_service('spare-1'),
        )
        self.nova.migrations = [a_migration(status='completed')]
        self.closing = Closing(
            'compute-1',
            NOON,
            moved={uuid_of('web-1'): 'compute-2'},
            stopped=(uuid_of('stopped'),),
            woken={'spare-1': 'spare', 'spare-9': 'spare'},
        )
        self.actions = []
        for name in ('stopped', 'web-1'):
            self.nova._mocker.get(
                f'{self.nova.url}/v2.1/servers/{uuid_of(name)}'
                '/os-instance-actions',
                json=lambda request, context: {
                    'instanceActions': self.actions
                },
            )

    def collected(self, **fields):
        def history(hosts):
            self.assertEqual(['compute-1'], [*hosts])
            return [self.closing]

        self.known = collect(
            *clouds.connect(),
            ReturnRequest(**fields),
            estimates.of_model(self.model),
            AuditScope([]),
            history=history,
        )
        return self.known

    def test_who_left(self):
        self.collected()
        self.assertEqual(
            (
                Departure(
                    uuid_of('web-1'),
                    'compute-1',
                    'compute-2',
                    'live-migration',
                    NOON,
                ),
            ),
            self.known.departures,
        )
        self.assertEqual((self.closing,), self.known.closings)
        # Of compute-2 nothing is read but who left for it.
        self.assertEqual(['guest', 'stopped', 'web-1'], self.names())
        self.assertEqual(
            'compute-2', self.known.by_uuid[uuid_of('web-1')].host
        )

    def test_counts_on_nodes_that_were_read(self):
        self.collected()
        counts = {n.hostname: n.instance_count for n in self.known.nodes}
        self.assertEqual(
            {'compute-1': 1, 'compute-2': 2, 'spare-1': 1}, counts
        )

    def test_by_nova_alone(self):
        self.closing = Closing('compute-1', NOON)
        self.collected()
        self.assertIn('web-1', self.names())

    def test_not_ended_or_no_move(self):
        self.closing = Closing('compute-1', NOON)
        for fields in ({'status': 'error'}, {'kind': 'evacuation'}):
            self.nova.migrations = [
                a_migration(**{'status': 'completed', **fields})
            ]
            self.collected()
            self.assertNotIn('web-1', self.names())

    def test_deleted(self):
        self.nova.servers = [
            s for s in self.nova.servers if s['name'] != 'web-1'
        ]
        self.collected()
        self.assertNotIn('web-1', self.names())
        self.assertEqual((), self.known.departures)

    def test_tags(self):
        for server in self.nova.servers:
            server['tags'] = ['maintenance:stay', 'maintenance:x', 'stay']
        self.collected()
        self.assertEqual(
            {('stay',)}, {i.owner_words for i in self.known.instances}
        )

    def test_started_since(self):
        for start_time, kept in (
            ('2026-11-21T12:00:00.000000', 0),
            ('2026-11-21T11:59:59.000000', 1),
        ):
            self.actions = [
                {
                    'action': action,
                    'start_time': start_time,
                    'request_id': 'r',
                    'instance_uuid': uuid_of('stopped'),
                }
                for action in ('stop', 'start')
            ]
            self.collected()
            [closing] = self.known.closings
            self.assertEqual(kept, len(closing.stopped), start_time)

    def test_stopped_and_deleted(self):
        self.nova.servers = []
        self.collected()
        [closing] = self.known.closings
        self.assertEqual(1, len(closing.stopped))

    def test_without_history(self):
        self.assertEqual((), departures.no_history(['compute-1']))
