# SPDX-License-Identifier: Apache-2.0

"""An audit whose model is older than the cloud."""

import ddt

from novaclient import client as nova_client

from tests.functional import base
from tests.functional import plans
from tests.functional.refusals import cannot_move
from watcher_host_maintenance.core.rules.leaving import ARRIVING
from watcher_host_maintenance.core.rules.leaving import BUSY
from watcher_host_maintenance.core.rules.leaving import SOFT_DELETED
from watcher_host_maintenance.core.rules.leaving import UNCONFIRMED


class TestTruth(base.CloudTestCase):
    def test_servers_that_came_and_went(self):
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.HOST},
            servers={
                'web': base.on('compute-1', count=2),
                'gone': base.on('compute-1'),
            },
        )
        self.cloud.refresh_model()
        # From here on Watcher's model is old.
        self.cloud.nova.servers.find(name='gone').force_delete()
        self.cloud.nova.servers.find(name='web-2').stop()
        self.cloud.add_servers({'late': base.on('compute-1')})
        self.assertEventually(
            {'web-1': 'ACTIVE', 'web-2': 'SHUTOFF', 'late': 'ACTIVE'},
            lambda: {
                name: server.status
                for name, server in self.cloud.servers().items()
            },
        )

        audit = self.drain(refresh=False, maintenance_node='compute-1')
        plan = self.cloud.execute(self.assertPlanned(audit))
        self.assertEqual('SUCCEEDED', plan['state'])
        self.assertEqual(
            [
                ('change_nova_service_state', 'compute-1', 'disabled'),
                ('migrate', 'late', 'compute-2'),
                ('migrate', 'web-1', 'compute-2'),
                ('migrate', 'web-2', 'compute-2'),
            ],
            plans.steps(self.cloud.actions(plan)),
        )
        self.assertEnd(
            servers={
                'web-1': ('ACTIVE', 'compute-2'),
                'web-2': ('SHUTOFF', 'compute-2'),
                'late': ('ACTIVE', 'compute-2'),
            },
            services={'compute-1': base.MAINTAINED, 'compute-2': base.ENABLED},
        )

    def test_destinations_that_filled_and_emptied(self):
        self.start(
            hosts={
                'compute-1': base.HOST,
                'compute-2': base.HOST,
                'compute-3': base.a_host(memory_mb=6144),
            },
            servers={
                'web': base.on('compute-1'),
                'old': base.on('compute-3', count=3),
            },
        )
        self.cloud.refresh_model()
        # compute-2 is full now, compute-3 has got room.
        self.cloud.add_servers({'new': base.on('compute-2', 'large', count=4)})
        for name in ('old-1', 'old-2', 'old-3'):
            self.cloud.nova.servers.find(name=name).force_delete()
        self.assertEventually(
            {'web', 'new-1', 'new-2', 'new-3', 'new-4'},
            lambda: set(self.cloud.servers()),
        )
        audit = self.drain(refresh=False, maintenance_node='compute-1')
        plan = self.cloud.execute(self.assertPlanned(audit))
        self.assertEqual('SUCCEEDED', plan['state'])
        self.assertEqual('compute-3', self.cloud.servers()['web'].host)
        self.assertIn(
            'Estimated 0 of 131072 MEMORY_MB in use on compute-2; '
            'Placement has 131072 of 131072.',
            self.cloud.logs()['watcher'].replace('131072.0', '131072'),
        )

    def test_spare_that_is_none_any_more(self):
        self.start(
            hosts={
                'compute-1': base.HOST,
                'compute-2': base.HOST,
                'compute-3': base.SPARE,
            },
            servers={'web': base.on('compute-1')},
        )
        self.cloud.refresh_model()
        self.enable('compute-3')
        self.cloud.add_servers({'new': base.on('compute-3')})
        self.disable('compute-3', 'watcher_disabled')
        plan = self.assertPlanned(
            self.drain(refresh=False, maintenance_node='compute-1')
        )
        self.assertEqual(
            [
                ('change_nova_service_state', 'compute-1', 'disabled'),
                ('migrate', 'web', 'compute-2'),
            ],
            plans.steps(self.cloud.actions(plan)),
        )


@ddt.ddt
class TestHalfHere(base.SharedCloudTestCase):
    """What a list of the servers on a node does not show, or is odd in it."""

    DESCRIPTION = base.description(
        hosts=dict.fromkeys(
            ('deleted', 'left', 'entered', 'volumes', 'other', 'plain'),
            base.HOST,
        ),
        flavors={'odd': base.FLAVORS['small']},
        servers={
            'trash': base.on('deleted', state='SOFT_DELETED'),
            'resized': {
                **base.on('other', 'medium', state='VERIFY_RESIZE'),
                'resized_from': {'host': 'left', 'flavor': 'small'},
            },
            'guest': base.on('other'),
            'volume': base.on('volumes', boot_from_volume=True),
        },
    )

    @ddt.named_data(
        # name, node, message
        (
            'soft_deleted',
            'deleted',
            cannot_move('deleted', 1, 1, SOFT_DELETED.about('trash')),
        ),
        (
            'unconfirmed',
            'left',
            cannot_move(
                'left', 1, 1, UNCONFIRMED.about('resized', elsewhere='other')
            ),
        ),
    )
    @ddt.unpack
    def test_told(self, node, message):
        self.assertRefused(self.drain(maintenance_node=node), message)

    def test_arriving(self):
        self.cloud.faults.hang('guest')
        self.addCleanup(self.cloud.faults.clear, 'guest')
        guest = self.cloud.nova.servers.find(name='guest')
        guest.live_migrate(host='entered', block_migration='auto')
        self.addCleanup(self.settle, guest)
        self.assertEventually(
            ['running'],
            lambda: [
                m.status
                for m in self.cloud.nova.migrations.list(
                    instance_uuid=guest.id
                )
            ],
        )
        self.assertRefused(
            self.drain(maintenance_node='entered'),
            cannot_move(
                'entered',
                1,
                1,
                ARRIVING.about('guest', elsewhere='other', host='entered'),
            ),
        )
        self.assertRefused(
            self.drain(maintenance_node='other'),
            cannot_move(
                'other',
                2,
                2,
                BUSY.about('guest', task_state='migrating'),
                more=True,
            ),
        )

    def settle(self, server):
        """End the migration where it began."""
        for migration in self.cloud.nova.server_migrations.list(server.id):
            self.cloud.nova.server_migrations.live_migration_abort(
                server.id, migration.id
            )
        self.recover('guest')

    def test_volume(self):
        self.assertPlanned(self.drain(maintenance_node='volumes'))

    def test_both_ends_of_a_move(self):
        self.assertRefused(
            self.drain(maintenance_nodes=['left', 'other']),
            cannot_move(
                'left, other',
                2,
                3,
                UNCONFIRMED.about('resized', elsewhere='other'),
                more=True,
            ),
        )

    def test_extra_specs_that_nova_ignores(self):
        # From 2.86 on Nova refuses such a change; flavors made before stay.
        old = nova_client.Client(
            '2.85',
            session=self.cloud.nova.client.session,
            endpoint_override=f'{self.cloud.urls["compute"]}/v2.1',
        )
        old.flavors.find(name='odd').set_keys(
            {
                'resources:VCPU': 'two',
                'resources:MEMORY_MB': '-1',
                'resources:FOO': '1',
            }
        )
        self.cloud.add_servers({'odd': base.on('plain', 'odd')})
        odd = self.cloud.nova.servers.find(name='odd')
        self.addCleanup(odd.force_delete)
        plan = self.assertPlanned(self.drain(maintenance_node='plain'))
        self.assertIn(
            'odd',
            [
                name
                for _type, name, *_ in plans.steps(self.cloud.actions(plan))
            ],
        )

    def test_ratio_of_nothing(self):
        providers = {
            h.service['host']: h.id for h in self.cloud.nova.hypervisors.list()
        }
        path = f'/resource_providers/{providers["entered"]}/inventories/VCPU'
        offer = self.cloud.placement.get(path).json()
        self.addCleanup(self.put, path, offer['allocation_ratio'])
        self.put(path, 0.0)
        plan = self.assertPlanned(self.drain(maintenance_node='volumes'))
        self.assertNotIn(
            ('migrate', 'volume', 'entered'),
            plans.steps(self.cloud.actions(plan)),
        )
        offer = self.cloud.placement.get(path).json()
        self.assertEqual(0, offer['allocation_ratio'])

    def put(self, path, ratio):
        """Let a resource class have another allocation ratio."""
        offer = self.cloud.placement.get(path).json()
        self.cloud.placement.put(
            path, json={**offer, 'allocation_ratio': ratio}
        )
