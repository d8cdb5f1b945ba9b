# SPDX-License-Identifier: Apache-2.0


"""Tests of the records of servers; Nova's and Placement's APIs are faked."""

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
from watcher_host_maintenance.cloud.reading import nova_state
from watcher_host_maintenance.cloud.reading import servers
from watcher_host_maintenance.cloud.reading import zones
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import ServerGroup


NODE, OTHER_NODE, GPU, STORAGE = (
    uuid_of(name) for name in ('node', 'other node', 'gpu', 'storage')
)


def holding(held, name='web-1', trees=()):
    """Holdings of one server on a node with a device, and on storage.

    :param held: provider -> resource class -> amount
    """
    return servers.Holdings({uuid_of(name): held}, dict(trees))


@ddt.ddt
class TestHoldings(base.TestCase):
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
        found = holding(held, trees={NODE: {NODE, GPU}})
        self.assertEqual(
            expected, found.resources(a_record(resources=flavor), NODE)
        )

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
        found = holding(held, trees={NODE: {NODE, GPU}})
        self.assertEqual(expected, found.nested(a_record(), NODE))

    def test_another_server(self):
        found = holding(
            {
                NODE: {'CUSTOM_SEAT': 9},
                GPU: {'VGPU': 1},
                STORAGE: {'DISK_GB': 1},
            },
            'web-2',
            {NODE: {NODE, GPU}},
        )
        self.assertEqual(FLAVOR, found.resources(a_record(), NODE))
        self.assertEqual((), found.nested(a_record(), NODE))


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
        """All that is read, and the records made of it."""
        reads, rooms = clouds.connect()
        cloud = nova_state.read_cloud(reads)
        held = nova_state.read_held(reads, ['compute-1'], 0)
        uuids = {'compute-1': self.node}
        groups = servers.groups_of(held, cloud.groups)
        found = servers.instances(
            held,
            servers.read_holdings(rooms, held, uuids),
            uuids,
            groups,
            excluded,
            zones.Zones(cloud.aggregates),
        )
        members = nova_state.read_members(reads, groups, held)
        return found, servers.server_groups(groups, members)

    def trees(self):
        return self.cloud.placement.asked('in_tree')


class TestReadHoldings(TestCase):
    def test_tree_of_a_node_with_a_device(self):
        gpu = self.cloud.placement.add('gpu', parent=self.node, VGPU=4)
        self.cloud.nova.servers = [a_server('web-1'), a_server('web-2')]
        for name in ('web-1', 'web-2'):
            self.cloud.placement.hold(name, self.node, **FLAVOR)
            self.cloud.placement.hold(name, gpu, VGPU=1)
        found, _groups = self.read()
        self.assertEqual([('VGPU',)] * 2, [i.nested for i in found])
        self.assertEqual([FLAVOR] * 2, [i.resources for i in found])
        self.assertEqual(
            [f'/resource_providers?in_tree={self.node}'], self.trees()
        )

    def test_shared_storage(self):
        storage = self.cloud.placement.add('nfs-1', DISK_GB=500)
        self.cloud.nova.servers = [a_server('web-1')]
        self.cloud.placement.hold('web-1', self.node, VCPU=2, MEMORY_MB=2048)
        self.cloud.placement.hold('web-1', storage, DISK_GB=20)
        [instance], _groups = self.read()
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
        found, _groups = self.read(excluded=[uuid_of('web-1')])
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
                    excluded=True,
                    resources=FLAVOR | {'PCPU': 1},
                    hypervisor='compute-1',
                )
            ],
            found,
        )

    def test_alone(self):
        self.cloud.nova.servers = [a_server('web-1')]
        [instance], groups = self.read()
        self.assertEqual(
            ('', False, '', ''),
            (
                instance.group,
                instance.excluded,
                instance.elsewhere,
                instance.migration,
            ),
        )
        self.assertEqual([], groups)

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
        [instance], groups = self.read()
        self.assertEqual(
            ('compute-1', 'compute-2', 'resized', 'resize', {}, '', False),
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
        self.assertEqual([], groups)

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
        [instance], _groups = self.read()
        self.assertEqual(told, instance.migration)

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
        [instance], _groups = self.read()
        self.assertEqual(('', told), (instance.elsewhere, instance.migration))


@ddt.ddt
class TestGroups(TestCase):
    def test_of_the_servers_here(self):
        self.cloud.nova.groups = [
            a_group('db', members=['db-1', 'db-2']),
            a_group('other', members=['db-2']),
            a_group('empty'),
        ]
        self.cloud.nova.servers = [
            a_server('db-1'),
            a_server('db-2', 'compute-2'),
        ]
        _found, groups = self.read()
        self.assertEqual(['db'], [g.name for g in groups])

    @ddt.named_data(
        # name, policy, members counted on each host
        ('apart',      'anti-affinity',
         {'compute-1': 1, 'compute-2': 2, 'compute-3': 1, 'compute-4': 1}),
        ('soft_apart', 'soft-anti-affinity',
         {'compute-1': 1, 'compute-2': 2, 'compute-3': 1, 'compute-4': 1}),
        # One on its way is company at neither end.
        ('together',   'affinity', {'compute-1': 1, 'compute-2': 2}),
    )  # fmt: skip
    @ddt.unpack
    def test_in_full(self, policy, members):
        self.cloud.nova.groups = [
            a_group(
                'db',
                policy,
                ['db-1', 'db-2', 'db-3', 'db-4', 'gone'],
                max_server_per_host=2,
            )
        ]
        self.cloud.nova.servers = [
            a_server('db-1'),
            a_server('db-2', 'compute-2'),
            a_server('db-3', 'compute-2'),
            a_server('db-4', 'compute-3', task='migrating'),
        ]
        self.cloud.nova.migrations = [
            a_migration('db-4', 'compute-3', 'compute-4')
        ]
        _found, groups = self.read()
        self.assertEqual(
            [ServerGroup(uuid_of('group db'), 'db', policy, 2, members)],
            groups,
        )
