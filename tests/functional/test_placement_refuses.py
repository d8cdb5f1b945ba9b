# SPDX-License-Identifier: Apache-2.0

"""What Placement would refuse to nova-scheduler is not planned."""

import uuid

from tests.functional import base
from tests.functional import moves
from tests.functional import placement
from tests.functional.refusals import cannot_move
from watcher_host_maintenance.core.advice.unplaced import NO_DESTINATION
from watcher_host_maintenance.core.rules.leaving import HELD_AMOUNT
from watcher_host_maintenance.core.rules.leaving import HELD_AMOUNT_BELOW
from watcher_host_maintenance.core.rules.placement import PROVIDER_DISABLED
from watcher_host_maintenance.core.rules.placement import PROVIDER_OUTSIDE_ZONE
from watcher_host_maintenance.core.telling import words


DISABLED = 'COMPUTE_STATUS_DISABLED'
THREE = dict.fromkeys(('compute-1', 'compute-2', 'compute-3'), base.HOST)


class PlacementTestCase(base.CloudTestCase):
    """compute-1 is drained."""

    CHECKED = True

    def change_inventory(self, host, resource_class, **fields):
        """Change what a node's own provider offers of a resource class."""
        provider = placement.provider(self.cloud, host)
        self.change_offer(provider, resource_class, **fields)

    def change_offer(self, provider, resource_class, **fields):
        """Change what a provider, by its path, offers of a class."""
        path = f'{provider}/inventories/{resource_class}'
        body = self.cloud.placement.get(path).json()
        self.cloud.placement.put(path, json={**body, **fields})

    def leave_aggregates(self, host):
        """Take a provider out of its aggregates, as if never put there."""
        provider = placement.provider(self.cloud, host)
        path = f'{provider}/aggregates'
        body = self.cloud.placement.get(path).json()
        self.cloud.placement.put(path, json={**body, 'aggregates': []})

    def assert_taken_by(self, host, *names):
        """Drain compute-1 and check that these servers went to one host."""
        done = self.drain_and_execute(maintenance_node='compute-1')
        self.assertEqual(
            dict.fromkeys(names, host),
            {n: s.host for n, s in self.cloud.servers().items() if n in names},
        )
        [report] = self.reports(done.audit)
        return report


class TestDestination(PlacementTestCase):
    def test_still_disabled_in_placement(self):
        self.start(
            hosts=THREE,
            servers={
                'web': base.on('compute-1', count=2),
                'job': base.on('compute-1', state='SHUTOFF'),
                'old': base.on('compute-3', 'large'),
            },
        )
        placement.change_traits(self.cloud, 'compute-2', added=[DISABLED])
        report = self.assert_taken_by('compute-3', 'web-1', 'web-2', 'job')
        self.assertEqual(
            [('provider_disabled', 'compute-2')],
            [
                (f['reason'], f['subject'])
                for f in report['outcome']['not_destinations']
            ],
        )

    def test_not_known_as_nova_s(self):
        self.start(
            hosts=THREE,
            servers={
                'web': base.on('compute-1'),
                'old': base.on('compute-3', 'large'),
            },
        )
        placement.change_traits(
            self.cloud, 'compute-2', removed=['OWNER_NOVA']
        )
        report = self.assert_taken_by('compute-3', 'web')
        self.assertEqual(
            ['provider_lacks_trait'],
            [f['reason'] for f in report['outcome']['not_destinations']],
        )

    def test_backup_node(self):
        self.start(hosts=THREE, servers={'web': base.on('compute-1')})
        placement.change_traits(self.cloud, 'compute-2', added=[DISABLED])
        audit = self.drain(
            maintenance_node='compute-1', backup_node='compute-2'
        )
        closed = PROVIDER_DISABLED.about('compute-2', trait=DISABLED)
        said, _, _ = cannot_move(
            'compute-1',
            1,
            1,
            NO_DESTINATION.about('web', destinations=1),
            closed,
        ).partition(' Nothing was changed.')
        self.assertRefused(audit, f'{said} {words.help_for(closed)}')

    def test_without_the_aggregate_of_its_zone(self):
        zone = {**base.HOST, 'zone': 'zone-1'}
        self.start(
            hosts={
                'compute-1': zone,
                'compute-2': zone,
                'compute-3': zone,
                'compute-4': base.HOST,
            },
            servers={
                'web': base.on('compute-1', zone='zone-1'),
                'old': base.on('compute-3', 'large'),
            },
        )
        self.leave_aggregates('compute-2')
        report = self.assert_taken_by('compute-3', 'web')
        self.assertEqual(
            [('provider_outside_zone', 'compute-2', 'zone-1')],
            [
                (f['reason'], f['subject'], f['facts']['zone'])
                for f in report['outcome']['not_destinations']
            ],
        )


class TestZone(PlacementTestCase):
    def test_no_provider_is_in_its_aggregate(self):
        zone = {**base.HOST, 'zone': 'zone-1'}
        self.start(
            hosts={'compute-1': zone, 'compute-2': zone},
            servers={'web': base.on('compute-1', zone='zone-1')},
        )
        self.leave_aggregates('compute-2')
        audit = self.drain(maintenance_node='compute-1')
        report = self.assertRefused(
            audit,
            cannot_move(
                'compute-1',
                1,
                1,
                NO_DESTINATION.about('web', destinations=1),
                PROVIDER_OUTSIDE_ZONE.about('compute-2', zone='zone-1'),
            ).partition(' Nothing was changed.')[0]
            + ' Nothing was changed. Run: nova-manage placement '
            'sync_aggregates',
        )
        self.assertTrue(report['failed'])


class TestSource(PlacementTestCase):
    def test_no_longer_gives_what_is_held(self):
        self.start(
            hosts=THREE,
            servers={'db': base.on('compute-1', 'large')},
        )
        self.change_inventory('compute-1', 'VCPU', max_unit=4)
        audit = self.drain(maintenance_node='compute-1')
        finding = HELD_AMOUNT.about(
            'db',
            held=8,
            resource_class='VCPU',
            host='compute-1',
            min_unit=1,
            max_unit=4,
            step_size=1,
        )
        report = self.assertRefused(
            audit, cannot_move('compute-1', 1, 1, finding)
        )
        [node] = report['outcome']['nodes']
        [stay] = node['stays']
        self.assertEqual(
            ['held_amount'], [f['reason'] for f in stay['findings']]
        )
        self.change_inventory('compute-1', 'VCPU', max_unit=8)
        # Of a device of the node Nova takes over what is held as well.
        db = self.cloud.nova.servers.find(name='db').id
        device = str(uuid.uuid4())
        placement.offer_below(self.cloud, 'compute-1', device, {'VGPU': 2})
        placement.hold_of(self.cloud, device, db, VGPU=2)
        path = f'/resource_providers/{device}'
        self.change_offer(path, 'VGPU', max_unit=1)
        audit = self.drain(
            maintenance_node='compute-1', allow_unproved_moves=True
        )
        finding = HELD_AMOUNT_BELOW.about(
            'db',
            held=2,
            resource_class='VGPU',
            host='compute-1',
            min_unit=1,
            max_unit=1,
            step_size=1,
            provider=device,
        )
        self.assertRefused(audit, cannot_move('compute-1', 1, 1, finding))
        self.assertFalse(moves.succeeds(self.cloud, db, 'live', 'compute-2'))
        self.change_offer(path, 'VGPU', max_unit=2)
        self.cloud.nova.servers.reset_state(db, 'active')
        self.assertTrue(moves.succeeds(self.cloud, db, 'live', 'compute-2'))

    def test_overcommitted_is_no_hindrance(self):
        self.start(
            hosts=THREE,
            servers={'db': base.on('compute-1', 'large')},
        )
        self.change_inventory(
            'compute-1', 'VCPU', max_unit=8, reserved=31, allocation_ratio=1.0
        )
        self.drain_and_execute(maintenance_node='compute-1')
