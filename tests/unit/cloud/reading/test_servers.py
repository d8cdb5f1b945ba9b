# SPDX-License-Identifier: Apache-2.0


"""Tests of the records of servers; Nova's and Placement's APIs are faked."""

import datetime

import ddt

from tests.unit.cloud.reading.records import FLAVOR
from tests.unit.cloud.reading.records import a_record
from tests.unit.plugin import base
from tests.unit.plugin import clouds
from tests.unit.plugin.builders import PROJECT
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_group
from tests.unit.plugin.nova_answers import a_migration
from tests.unit.plugin.nova_answers import a_server
from tests.unit.plugin.nova_answers import an_aggregate
from watcher_host_maintenance.cloud import nova as in_nova
from watcher_host_maintenance.cloud.reading import groups
from watcher_host_maintenance.cloud.reading import servers
from watcher_host_maintenance.cloud.reading import zones
from watcher_host_maintenance.core.model.snapshot import Claim
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Inventory
from watcher_host_maintenance.core.model.snapshot import Unread


HERE = 'compute-1'
"""The node to empty."""

UUID = uuid_of('web-1')

NODE, OTHER_NODE, GPU, STORAGE = (
    uuid_of(name) for name in ('node', 'other node', 'gpu', 'storage')
)


def before(hours):
    """A time as Nova writes it."""
    now = datetime.datetime.now(datetime.UTC)
    time = now - datetime.timedelta(hours=hours)
    return time.strftime('%Y-%m-%dT%H:%M:%SZ')


def changed(hours):
    """What a server shows that changed so long ago."""
    return {'updated': before(hours)}


def needs(flavor, held):
    """What a server of this flavor needs of its next node, and nests here.

    :param held: provider -> resource class -> amount
    """
    return servers.needs(a_record(resources=flavor), held, NODE, {GPU})


@ddt.ddt
class TestNeeds(base.TestCase):
    @ddt.named_data(
        # name, flavor, provider -> amounts held, amounts asked for
        ('as_flavor',     FLAVOR, {NODE: FLAVOR}, FLAVOR),
        ('nothing_held',  FLAVOR, {}, FLAVOR),
        # Nova asks for what the flavor says, whatever there was before.
        ('holds_more',    FLAVOR, {NODE: FLAVOR | {'MEMORY_MB': 4096}},
         FLAVOR),
        ('holds_less',    FLAVOR, {NODE: FLAVOR | {'MEMORY_MB': 1024}},
         FLAVOR),
        ('other_classes', {'VCPU': 2}, {NODE: {'VCPU': 2, 'CUSTOM_SEAT': 1}},
         {'VCPU': 2, 'CUSTOM_SEAT': 1}),
        # An image may ask for dedicated CPUs too.
        ('dedicated',     FLAVOR, {NODE: FLAVOR | {'VCPU': 0, 'PCPU': 2}},
         {'MEMORY_MB': 2048, 'DISK_GB': 20, 'PCPU': 2, 'VCPU': 0}),
        ('by_flavor',     {'PCPU': 2}, {NODE: {'PCPU': 3}}, {'PCPU': 3}),
        ('mixed',         {'VCPU': 4}, {NODE: {'VCPU': 1, 'PCPU': 3}},
         {'VCPU': 1, 'PCPU': 3}),
        # Where Nova is told the host, it takes nothing of shared storage.
        ('shared_disk',   FLAVOR,
         {NODE: {'VCPU': 2, 'MEMORY_MB': 2048}, STORAGE: {'DISK_GB': 20}},
         FLAVOR),
        ('both_disks',    FLAVOR,
         {NODE: {'DISK_GB': 5}, STORAGE: {'DISK_GB': 20}}, FLAVOR),
        ('nested',        FLAVOR, {NODE: FLAVOR, GPU: {'VGPU': 1}}, FLAVOR),
        ('nested_numa',   FLAVOR, {NODE: {'DISK_GB': 20},
                                   GPU: {'VCPU': 2, 'MEMORY_MB': 2048}},
         {'DISK_GB': 20}),
        # Left there by an evacuation, or by a migration that failed.
        ('left_behind',   FLAVOR, {OTHER_NODE: FLAVOR}, FLAVOR),
        ('left_besides',  FLAVOR, {NODE: FLAVOR,
                                   OTHER_NODE: {'CUSTOM_SEAT': 1}}, FLAVOR),
    )  # fmt: skip
    @ddt.unpack
    def test_resources(self, flavor, held, expected):
        self.assertEqual(expected, needs(flavor, held)[0])

    @ddt.named_data(
        # name, provider -> amounts held, classes below the node
        ('none',    {NODE: FLAVOR}, ()),
        ('device',  {NODE: FLAVOR, GPU: {'VGPU': 1}}, ('VGPU',)),
        ('several', {NODE: FLAVOR, GPU: {'VGPU': 1, 'CUSTOM_A': 1}},
         ('CUSTOM_A', 'VGPU')),
        ('shared',  {NODE: FLAVOR, STORAGE: {'DISK_GB': 20}}, ()),
    )  # fmt: skip
    @ddt.unpack
    def test_nested(self, held, expected):
        self.assertEqual(expected, needs(FLAVOR, held)[1])


class TestCase(base.TestCase):
    """Servers on compute-1, and what is known of groups.

    :ivar cloud: the fake Nova and Placement
    :ivar node: UUID of compute-1
    """

    def setUp(self):
        super().setUp()
        self.cloud = clouds.Cloud(self)
        self.node = self.cloud.placement.add(
            'compute-1', VCPU=16, MEMORY_MB=32768, DISK_GB=400
        )

    def read(self, excluded=()):
        """The records of the servers, of those on compute-1."""
        nova, placement = clouds.connect()
        return servers.instances(
            placement,
            servers.read_held(nova, ['compute-1']),
            {'compute-1': self.node},
            nova.groups(),
            excluded,
            zones.Zones(nova.aggregates()),
        )

    def trees(self):
        return self.cloud.placement.asked('in_tree')


class TestNames(TestCase):
    def test_equal_ones_are_told_apart(self):
        self.cloud.nova.servers = [
            a_server('web-1') | {'name': 'web'},
            a_server('web-2') | {'name': 'web'},
            a_server('db'),
        ]
        self.assertEqual(
            [
                f'web ({uuid_of("web-1")[:8]})',
                f'web ({uuid_of("web-2")[:8]})',
                'db',
            ],
            [i.name for i in self.read()],
        )


class TestGroups(TestCase):
    def test_group_that_is_not_whole(self):
        self.patch(in_nova, 'MOST_SOFT_DELETED', 0)
        self.cloud.nova.servers = [
            a_server('web-1'),
            a_server('db-1'),
            a_server('old', state='soft-delete'),
        ]
        self.cloud.nova.groups = [a_group('web', members=['web-1'])]
        nova, placement = clouds.connect()
        web, db, old = servers.instances(
            placement,
            servers.read_held(nova, ['compute-1']),
            {'compute-1': self.node},
            groups.with_soft_deleted(nova, nova.groups()),
            (),
            zones.Zones(nova.aggregates()),
        )
        self.assertEqual((Unread.GROUP,), web.unread)
        self.assertEqual([(), ()], [db.unread, old.unread])


class TestAllocations(TestCase):
    def test_tree_of_a_node_with_a_device(self):
        gpu = self.cloud.placement.add('gpu', parent=self.node, VGPU=4)
        self.cloud.nova.servers = [a_server('web-1'), a_server('web-2')]
        for name in ('web-1', 'web-2'):
            self.cloud.placement.hold(name, self.node, **FLAVOR)
            self.cloud.placement.hold(name, gpu, VGPU=1)
        found = self.read()
        self.assertEqual([('VGPU',)] * 2, [i.nested for i in found])
        self.assertEqual([FLAVOR] * 2, [i.resources for i in found])
        self.assertEqual(
            [f'/resource_providers?in_tree={self.node}'], self.trees()
        )
        [first, _second] = [i.claims for i in found]
        [claim] = first
        self.assertEqual(
            (gpu, 'VGPU', 1, 4),
            (
                claim.provider,
                claim.resource_class,
                claim.amount,
                claim.offer.total,
            ),
        )
        inventories = f'/resource_providers/{gpu}/inventories'
        self.assertEqual(
            [inventories], self.cloud.placement.asked(inventories)
        )

    def test_device_that_is_no_longer_offered(self):
        gpu = self.cloud.placement.add('gpu', parent=self.node, FPGA=1)
        self.cloud.nova.servers = [a_server('web-1')]
        self.cloud.placement.hold('web-1', self.node, **FLAVOR)
        self.cloud.placement.hold('web-1', gpu, VGPU=1)
        [instance] = self.read()
        self.assertEqual(
            (Claim(gpu, 'VGPU', 1, Inventory(0)),), instance.claims
        )

    def test_shared_storage(self):
        storage = self.cloud.placement.add('nfs-1', DISK_GB=500)
        self.cloud.nova.servers = [a_server('web-1')]
        self.cloud.placement.hold('web-1', self.node, VCPU=2, MEMORY_MB=2048)
        self.cloud.placement.hold('web-1', storage, DISK_GB=20)
        [instance] = self.read()
        self.assertEqual(FLAVOR, instance.resources)
        self.assertEqual((), instance.nested)

    def test_one_read_for_each_server(self):
        self.cloud.nova.servers = [a_server('web-1'), a_server('web-2')]
        for name in ('web-1', 'web-2'):
            self.cloud.placement.hold(name, self.node, **FLAVOR)
        self.read()
        self.assertEqual(
            sorted(
                f'/allocations/{uuid_of(name)}' for name in ('web-1', 'web-2')
            ),
            sorted(self.cloud.placement.requests),
        )

    def test_node_that_is_known_as_a_service_only(self):
        # There is nothing to ask Placement about.
        self.cloud.nova.servers = [a_server('web-1')]
        self.cloud.placement.hold('web-1', self.node, **FLAVOR)
        self.node = ''
        self.read()
        self.assertEqual([], self.trees())


@ddt.ddt
class TestInstances(TestCase):
    def test_in_full(self):
        self.cloud.nova.groups = [a_group('db', members=['web-1'])]
        self.cloud.nova.aggregates = [an_aggregate(availability_zone='az-1')]
        self.cloud.nova.servers = [
            a_server(
                'web-1',
                state='stopped',
                task='migrating',
                power=4,
                pinned='az-1',
                extra_specs={'trait:HW_GOLD': 'required'},
            )
        ]
        self.cloud.placement.hold('web-1', self.node, **FLAVOR, PCPU=1)
        found = self.read(excluded=[uuid_of('web-1')])
        self.assertEqual(
            [
                Instance(
                    uuid=uuid_of('web-1'),
                    name='web-1',
                    host='compute-1',
                    vm_state='stopped',
                    task_state='migrating',
                    power_state='shutdown',
                    project_id=PROJECT,
                    pinned_zone='az-1',
                    group=uuid_of('group db'),
                    extra_specs={'trait:HW_GOLD': 'required'},
                    flavor='m1.small',
                    excluded=True,
                    resources=FLAVOR | {'PCPU': 1},
                    hypervisor='compute-1',
                )
            ],
            found,
        )

    def test_alone(self):
        self.cloud.nova.servers = [a_server('web-1')]
        [instance] = self.read()
        self.assertEqual(
            ('', False, '', ''),
            (
                instance.group,
                instance.excluded,
                instance.elsewhere,
                instance.migration,
            ),
        )

    def test_passing(self):
        # What it holds here is not its own to move.
        self.cloud.nova.groups = [a_group('db', members=['web-1'])]
        self.cloud.nova.servers = [
            a_server('web-1', 'compute-2', state='resized')
        ]
        self.cloud.nova.migrations = [
            a_migration(
                'web-1',
                'compute-1',
                'compute-2',
                kind='resize',
                status='finished',
            )
        ]
        [instance] = self.read(excluded=[uuid_of('web-1')])
        self.assertEqual(
            ('compute-1', 'compute-2', 'resized', 'resize', {}, '', True),
            (
                instance.host,
                instance.elsewhere,
                instance.vm_state,
                instance.migration,
                instance.resources,
                instance.group,
                instance.excluded,
            ),
        )

    @ddt.named_data(
        # name, source and kind of a second record, kind that is told
        ('the_same',     'compute-1', 'migration',      'migration'),
        ('another_kind', 'compute-1', 'resize',         ''),
        ('another_end',  'compute-3', 'migration',      ''),
        ('both',         'compute-3', 'live-migration', ''),
    )  # fmt: skip
    @ddt.unpack
    def test_which_of_two_moves_goes_on(self, source, kind, told):
        self.cloud.nova.servers = [
            a_server('web-1', 'compute-2', state='resized')
        ]
        self.cloud.nova.migrations = [
            a_migration(
                'web-1', 'compute-1', kind='migration', status='finished'
            ),
            a_migration(
                'web-1', source, number=2, kind=kind, status='confirming'
            ),
            a_migration('db-1', 'compute-1', kind='resize'),
        ]
        [instance] = self.read()
        self.assertEqual(told, instance.migration)

    @ddt.named_data(
        # name, task, its age in hours, status of its move, its age, hours
        ('no_task',        None,        2,    None,        0,    0),
        ('no_move',        'migrating', 2,    None,        0,    2),
        ('ended',          'migrating', 2,    'completed', 1,    2),
        ('at_work',        'migrating', 2,    'running',   0,    0),
        ('begun_after_it', 'migrating', 3,    'running',   2,    2),
        ('dead',           'migrating', 2,    'running',   2,    2),
        ('just_changed',   'migrating', 0,    'running',   2,    0),
        ('not_yet',        'migrating', -1,   None,        0,    0),
    )  # fmt: skip
    @ddt.unpack
    def test_for_how_long_nothing_happens(
        self, task, hours, status, move_hours, expected
    ):
        self.cloud.nova.servers = [
            a_server('web-1', 'compute-1', task=task) | changed(hours)
        ]
        self.cloud.nova.migrations = [
            {**a_migration(status=status), 'updated_at': before(move_hours)}
            for _move in filter(None, [status])
        ]
        [instance] = self.read()
        self.assertEqual(expected, instance.task_age_s // 3600)

    def test_for_how_long_nothing_happens_at_the_other_end(self):
        self.cloud.nova.servers = [
            a_server('web-1', 'compute-2', task='migrating') | changed(3)
        ]
        self.cloud.nova.migrations = [
            {
                **a_migration('web-1', 'compute-2', 'compute-1'),
                'updated_at': before(2),
            }
        ]
        [instance] = self.read()
        self.assertEqual(
            ('compute-2', 2),
            (instance.elsewhere, instance.task_age_s // 3600),
        )

    @ddt.named_data(
        # name, its state, hours since its last change
        ('built',    'building', 2),
        ('finished', 'active',   0),
    )  # fmt: skip
    @ddt.unpack
    def test_build_without_a_task(self, state, expected):
        self.cloud.nova.servers = [
            a_server('web-1', 'compute-1', state=state) | changed(2)
        ]
        [instance] = self.read()
        self.assertEqual(expected, instance.task_age_s // 3600)

    @ddt.named_data(
        # name, status of its own, source of another, hours
        ('behind_another', 'queued',    'compute-1', 0),
        ('of_another_node', 'queued',   'compute-3', 2),
        ('its_own_turn',   'preparing', 'compute-1', 2),
    )  # fmt: skip
    @ddt.unpack
    def test_one_that_is_queued(self, status, source, expected):
        """It waits as long as one before it moves."""
        self.cloud.nova.servers = [
            a_server('web-1', 'compute-1', task='migrating') | changed(2)
        ]
        self.cloud.nova.migrations = [
            {
                **a_migration('web-1', 'compute-1', status=status),
                'updated_at': before(2),
            },
            {
                **a_migration('db-1', source, number=1),
                'updated_at': before(0),
            },
        ]
        [instance] = self.read()
        self.assertEqual(expected, instance.task_age_s // 3600)

    def test_task_of_unknown_age(self):
        self.cloud.nova.servers = [
            a_server('web-1', 'compute-1', task='migrating')
        ]
        [instance] = self.read()
        self.assertEqual(0, instance.task_age_s)

    @ddt.named_data(
        # name, state, kind of the move onto the node, kind that is told
        ('an_administrator', 'resized', 'migration', 'migration'),
        ('its_owner',        'resized', 'resize',    'resize'),
        ('stale_record',     'active',  'migration', ''),
    )  # fmt: skip
    @ddt.unpack
    def test_who_moved_it_here(self, state, kind, told):
        self.cloud.nova.servers = [a_server('web-1', 'compute-1', state=state)]
        self.cloud.nova.migrations = [
            a_migration(
                'web-1',
                'compute-3',
                'compute-1',
                kind=kind,
                status='finished',
            )
        ]
        [instance] = self.read()
        self.assertEqual(('', told), (instance.elsewhere, instance.migration))


class HeldTestCase(base.TestCase):
    """A Nova that a test changes before it reads."""

    def setUp(self):
        super().setUp()
        self.nova = clouds.Cloud(self).nova

    def held(self, *hosts):
        nova, _placement = clouds.connect()
        return servers.read_held(nova, hosts or (HERE,))

    def passing(self, *hosts):
        """Host and name of each server that passes."""
        return [(host, s.name) for host, s in self.held(*hosts).passing]


@ddt.ddt
class TestHeld(HeldTestCase):
    @ddt.named_data(
        # name, state, held
        ('active',      'active',            True),
        ('soft_delete', 'soft-delete',       True),
        ('error',       'error',             True),
        ('deleted',     'deleted',           False),
        ('offloaded',   'shelved_offloaded', False),
    )  # fmt: skip
    @ddt.unpack
    def test_what_holds_something(self, state, held):
        self.nova.servers = [a_server('web-1', state=state)]
        self.assertEqual(held, bool(self.held().servers))

    def test_one_that_moves_between_two_reads(self):
        self.nova.servers = [
            a_server('web-1', HERE),
            a_server('web-1', 'compute-2'),
        ]
        held = self.held(HERE, 'compute-2')
        self.assertEqual(
            [('web-1', HERE)], [(s.name, s.host) for s in held.servers]
        )

    def test_only_nodes_asked_for_are_read(self):
        self.nova.servers = [a_server('web-1', 'compute-2')]
        self.nova.migrations = [a_migration('web-1', 'compute-2', 'compute-3')]
        held = self.held()
        self.assertEqual([], held.servers)
        [asked] = self.nova.asked('/servers')
        self.assertIn(f'host={HERE}', asked)

    @ddt.named_data(
        # name, server, whether Nova has done with it
        ('idle',     {},                    True),
        ('paused',   {'state': 'paused'},   True),
        # It waits for its owner.
        ('resized',  {'state': 'resized'},  True),
        ('building', {'state': 'building'}, False),
        ('snapshot', {'task': 'image_snapshot'}, False),
    )  # fmt: skip
    @ddt.unpack
    def test_is_settled(self, server, expected):
        self.nova.servers = [a_server('web-1', **server)]
        self.assertEqual(expected, self.held().is_settled)

    def test_is_not_settled_by_an_incoming_one(self):
        self.nova.servers = [a_server('web-1', 'compute-2', task='migrating')]
        self.nova.migrations = [a_migration('web-1', 'compute-2', HERE)]
        self.assertFalse(self.held().is_settled)


@ddt.ddt
class TestPassing(HeldTestCase):
    @ddt.named_data(
        # name, source, destination, kind, status, server, is it passing
        (
            'unconfirmed',
            HERE,
            'compute-2',
            'resize',
            'finished',
            {'host': 'compute-2', 'state': 'resized'},
            True,
        ),
        (
            'unconfirmed_cold',
            HERE,
            'compute-2',
            'migration',
            'finished',
            {'host': 'compute-2', 'state': 'resized'},
            True,
        ),
        (
            'confirming',
            HERE,
            'compute-2',
            'resize',
            'confirming',
            {'host': 'compute-2', 'state': 'resized'},
            True,
        ),
        (
            'incoming',
            'compute-2',
            HERE,
            'live-migration',
            'running',
            {'host': 'compute-2', 'task': 'migrating'},
            True,
        ),
        (
            'incoming_resize',
            'compute-2',
            HERE,
            'resize',
            'pre-migrating',
            {'host': 'compute-2', 'task': 'resize_prep'},
            True,
        ),
        (
            'confirmed',
            HERE,
            'compute-2',
            'resize',
            'confirmed',
            {'host': 'compute-2'},
            False,
        ),
        (
            'outlived',
            HERE,
            'compute-2',
            'live-migration',
            'running',
            {'host': 'compute-2'},
            False,
        ),
        (
            'evacuated',
            HERE,
            'compute-2',
            'evacuation',
            'accepted',
            {'host': 'compute-2', 'task': 'rebuilding'},
            False,
        ),
        (
            'elsewhere',
            'compute-2',
            'compute-3',
            'resize',
            'finished',
            {'host': 'compute-3', 'state': 'resized'},
            False,
        ),
        (
            'still_here',
            HERE,
            'compute-2',
            'live-migration',
            'running',
            {'host': HERE, 'task': 'migrating'},
            False,
        ),
        (
            'nowhere',
            HERE,
            'compute-2',
            'resize',
            'finished',
            {'host': None, 'state': 'resized'},
            False,
        ),
    )
    @ddt.unpack
    def test_move(self, source, destination, kind, status, server, passing):
        self.nova.servers = [a_server('web-1', **server)]
        self.nova.migrations = [
            a_migration('web-1', source, destination, kind=kind, status=status)
        ]
        self.assertEqual([(HERE, 'web-1')] if passing else [], self.passing())

    def test_gone(self):
        self.nova.migrations = [a_migration('web-1', HERE)]
        self.assertEqual([], self.passing())

    def test_between_two_nodes_to_empty(self):
        self.nova.servers = [a_server('web-1', 'compute-2', state='resized')]
        self.nova.migrations = [a_migration('web-1', HERE, status='finished')]
        held = self.held(HERE, 'compute-2')
        self.assertEqual(
            [(HERE, 'web-1')], [(host, s.name) for host, s in held.passing]
        )
        self.assertEqual(['compute-2'], [s.host for s in held.servers])
        # It is known already.
        self.assertEqual([], self.nova.asked(f'/servers/{UUID}'))

    @ddt.named_data(
        # name, kind and status of a second record with the same ends
        ('other_status', 'resize',    'confirming'),
        ('other_kind',   'migration', 'reverting'),
        ('the_same',     'resize',    'finished'),
    )  # fmt: skip
    @ddt.unpack
    def test_two_records_of_one_end(self, kind, status):
        self.nova.servers = [a_server('web-1', 'compute-2', state='resized')]
        self.nova.migrations = [
            a_migration('web-1', HERE, kind='resize', status='finished'),
            a_migration('web-1', HERE, number=2, kind=kind, status=status),
        ]
        self.assertEqual([(HERE, 'web-1')], self.passing())

    def test_each_is_read_once(self):
        self.nova.servers = [a_server('web-1', 'compute-3', state='resized')]
        self.nova.migrations = [
            a_migration('web-1', HERE, 'compute-3', status='finished'),
            a_migration(
                'web-1', 'compute-2', 'compute-3', number=2, status='reverting'
            ),
        ]
        self.assertEqual(
            [(HERE, 'web-1'), ('compute-2', 'web-1')],
            self.passing(HERE, 'compute-2'),
        )
        self.assertEqual(1, len(self.nova.asked(f'/servers/{UUID}')))


@ddt.ddt
class TestLeftovers(TestCase):
    """Allocations on compute-1, of what is there and of what is not."""

    def setUp(self):
        super().setUp()
        self.other = self.cloud.placement.add('compute-2', VCPU=16)

    def leftovers(self):
        """Consumers, and where the server of each is; None is no server."""
        nova, placement = clouds.connect()
        held = servers.with_leftovers(
            servers.read_held(nova, [HERE]),
            nova,
            placement,
            {HERE: self.node, 'new': ''},
        )
        return [
            (left.uuid, left.server and left.server.host)
            for left in held.leftovers
        ]

    def instances(self):
        """Records of them."""
        nova, placement = clouds.connect()
        uuids = {HERE: self.node}
        held = servers.with_leftovers(
            servers.read_held(nova, [HERE]), nova, placement, uuids
        )
        return servers.instances(
            placement, held, uuids, (), (), zones.Zones([])
        )

    @ddt.named_data(
        # name, server, where that is which has left an allocation
        ('here',       {'host': HERE},                                []),
        ('elsewhere',  {'host': 'compute-2'},                 ['compute-2']),
        ('stopped',    {'host': 'compute-2', 'state': 'stopped'},
         ['compute-2']),
        ('offloaded',  {'host': None, 'state': 'shelved_offloaded'},  ['']),
        # On its way here, or perhaps.
        ('scheduled',  {'host': None, 'state': 'building'},           []),
        ('on_its_way', {'host': 'compute-2', 'task': 'migrating'},    []),
        ('resized',    {'host': 'compute-2', 'state': 'resized'},     []),
    )  # fmt: skip
    @ddt.unpack
    def test_of_a_server(self, server, hosts):
        self.cloud.nova.servers = [a_server('web-1', **server)]
        self.cloud.placement.hold('web-1', self.node, VCPU=1)
        self.assertEqual([(UUID, host) for host in hosts], self.leftovers())

    def test_of_no_server(self):
        self.cloud.placement.hold('web-1', self.node, VCPU=1)
        self.assertEqual([(UUID, None)], self.leftovers())

    @ddt.named_data(
        # name, status of the migration, task of its server, whether it is told
        ('at_work',  'running', 'migrating', False),
        ('ended',    'error',   '',          True),
        # Its record outlives it.
        ('outlived', 'running', '',          True),
    )  # fmt: skip
    @ddt.unpack
    def test_of_a_move(self, status, task, is_told):
        self.cloud.nova.servers = [a_server('web-1', task=task)]
        move = a_migration('web-1', HERE, 'compute-2', status=status)
        move['uuid'] = uuid_of('move')
        self.cloud.nova.migrations = [move]
        self.cloud.placement.hold('web-1', self.node, VCPU=1)
        self.cloud.placement.hold('move', self.node, VCPU=1)
        expected = [(uuid_of('move'), None)] if is_told else []
        self.assertEqual(expected, self.leftovers())

    def test_gone_meanwhile(self):
        self.cloud.placement.hold('web-1', self.node, VCPU=1)
        self.cloud.placement.fail(
            f'/allocations/{UUID}', json={'allocations': {}}
        )
        self.assertEqual([], self.leftovers())

    def test_below_the_node(self):
        self.cloud.nova.servers = [a_server('web-1', 'compute-2')]
        gpu = self.cloud.placement.add('gpu', parent=self.node, VGPU=4)
        self.cloud.placement.hold('web-1', self.other, VCPU=1)
        self.cloud.placement.hold('web-1', gpu, VGPU=1)
        [web] = self.instances()
        self.assertEqual(('compute-2', gpu), (web.elsewhere, web.left_below))
        self.cloud.placement.hold('web-1', self.node, VCPU=1)
        self.assertEqual([''], [i.left_below for i in self.instances()])

    def test_two_requests_for_each_node(self):
        self.cloud.nova.servers = [a_server('web-1')]
        self.cloud.placement.hold('web-1', self.node, VCPU=1)
        self.assertEqual([], self.leftovers())
        self.assertEqual(
            [
                f'/resource_providers?in_tree={self.node}',
                f'/resource_providers/{self.node}/allocations',
            ],
            self.cloud.placement.requests,
        )

    def test_instance(self):
        self.cloud.nova.servers = [a_server('web-1', 'compute-2')]
        self.cloud.placement.hold('web-1', self.node, VCPU=1)
        self.cloud.placement.hold('ghost', self.node, VCPU=1)
        self.assertCountEqual(
            [
                Instance(
                    UUID,
                    'web-1',
                    HERE,
                    'active',
                    {},
                    elsewhere='compute-2',
                    is_leftover=True,
                ),
                Instance(
                    uuid_of('ghost'),
                    uuid_of('ghost'),
                    HERE,
                    '',
                    {},
                    is_leftover=True,
                ),
            ],
            self.instances(),
        )
