# SPDX-License-Identifier: Apache-2.0

import dataclasses
import json

import ddt

from tests.unit import base
from tests.unit.core.builders import a_group
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import an_aggregate
from tests.unit.core.builders import an_instance
from tests.unit.core.builders import an_inventory
from watcher_host_maintenance.core.model import snapshot
from watcher_host_maintenance.core.model.document import InvalidDocument
from watcher_host_maintenance.core.model.notice import OWNER_WORDS
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Departure
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Inventory
from watcher_host_maintenance.core.model.snapshot import Port
from watcher_host_maintenance.core.model.snapshot import ServerGroup
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.model.snapshot import Unread


WRITTEN = {
    'nodes': [
        {
            'hostname': 'compute-1',
            'inventory': {
                'VCPU': {'total': 8, 'allocation_ratio': 4, 'max_unit': 8},
                'MEMORY_MB': {'total': 16384, 'reserved': 512},
            },
            'used': {'VCPU': 3},
        },
        {'hostname': 'compute-2', 'state': 'down', 'instance_count': 2},
    ],
    'instances': [
        {
            'uuid': 'a',
            'name': 'web-1',
            'host': 'compute-1',
            'vm_state': 'active',
            'resources': {'VCPU': 1},
        }
    ],
}


def written(path, value):
    """The text above with one member replaced, or removed by ``...``."""
    plain = json.loads(json.dumps(WRITTEN))
    *parents, last = path
    inside = plain
    for key in parents:
        inside = inside[key]
    if value is ...:
        del inside[last]
    else:
        inside[last] = value
    return json.dumps(plain)


@ddt.ddt
class TestText(base.TestCase):
    def test_load(self):
        known = snapshot.load(json.dumps(WRITTEN))
        first, second = known.nodes
        self.assertEqual('compute-1', first.hostname)
        self.assertEqual(
            {
                'MEMORY_MB': Inventory(16384, 512, 1.0, None),
                'VCPU': Inventory(8, 0, 4.0, 8),
            },
            first.inventory,
        )
        self.assertEqual({'VCPU': 3}, first.used)
        self.assertEqual(
            ('enabled', 'up', '', True, '', (), 0, ''),
            (
                first.status,
                first.state,
                first.disabled_reason,
                first.in_scope,
                first.hypervisor_type,
                first.hypervisors,
                first.instance_count,
                first.uuid,
            ),
        )
        self.assertEqual(('down', 2), (second.state, second.instance_count))
        self.assertEqual({}, second.inventory)
        self.assertEqual(
            (
                Instance(
                    'a', 'web-1', 'compute-1', 'active', {'VCPU': 1}, False
                ),
            ),
            known.instances,
        )

    def test_dump_and_load(self):
        known = a_snapshot(
            instances=[
                an_instance(
                    group='uuid-db',
                    pinned_zone='a',
                    extra_specs={'b': 'c'},
                    nested=('VGPU',),
                )
            ],
            groups=[a_group(compute_2=2)],
            aggregates=[an_aggregate(disk='d')],
        )
        text = snapshot.dump(known)
        self.assertEqual(known, snapshot.load(text))
        self.assertEqual(text, snapshot.dump(snapshot.load(text)))
        self.assertTrue(text.startswith('{\n  "nodes": [\n    {\n      "host'))

    @ddt.named_data(
        # name, path of what is changed, value, expected message
        ('no_nodes', ['nodes'], ..., 'nodes: is missing'),
        (
            'no_state',
            ['instances', 0, 'vm_state'],
            ...,
            'instances[0].vm_state: is missing',
        ),
        (
            'bad_status',
            ['nodes', 1, 'status'],
            'on',
            "nodes[1].status: 'on' is not enabled or disabled",
        ),
        (
            'bad_state',
            ['nodes', 1, 'state'],
            'UP',
            "nodes[1].state: 'UP' is not up or down",
        ),
        (
            'negative_count',
            ['nodes', 0, 'instance_count'],
            -1,
            'nodes[0].instance_count: must be at least 0, not -1',
        ),
        (
            'negative_use',
            ['nodes', 0, 'used', 'VCPU'],
            -1,
            'nodes[0].used.VCPU: must be at least 0, not -1',
        ),
        (
            'holds_nothing',
            ['instances', 0, 'resources', 'VCPU'],
            0,
            'instances[0].resources.VCPU: must be at least 1, not 0',
        ),
        (
            'negative_total',
            ['nodes', 0, 'inventory', 'VCPU', 'total'],
            -1,
            'nodes[0].inventory.VCPU.total: must be at least 0, not -1',
        ),
        (
            'max_unit',
            ['nodes', 0, 'inventory', 'VCPU', 'max_unit'],
            0,
            'nodes[0].inventory.VCPU.max_unit: must be at least 1, not 0',
        ),
        (
            'reserved',
            ['nodes', 0, 'inventory', 'MEMORY_MB', 'reserved'],
            16385,
            'nodes[0].inventory.MEMORY_MB.reserved: must be 0 to total, '
            'which is 16384',
        ),
        (
            'bool',
            ['nodes', 1, 'instance_count'],
            True,
            'nodes[1].instance_count: expected an integer, got true',
        ),
        (
            'unknown',
            ['instances', 0, 'colour'],
            None,
            'instances[0].colour: unknown field; known are uuid, name, '
            'host, vm_state, resources, excluded, task_state, power_state, '
            'project_id, pinned_zone, group, extra_specs, nested, '
            'elsewhere, migration, hypervisor, owner_words, notice, '
            'task_age_s, held, '
            'image_properties, hints, ports, needs_traits_of, unread, '
            'failed_moves, is_leftover, left_below, flavor, '
            'live_move_failed, claims',
        ),
        (
            'node_twice',
            ['nodes', 1, 'hostname'],
            'compute-1',
            "nodes: hostname 'compute-1' appears more than once",
        ),
        (
            'no_such_node',
            ['instances', 0, 'host'],
            'compute-3',
            'instances: web-1 is on compute-3, which is not among the nodes',
        ),
    )
    @ddt.unpack
    def test_names_the_field(self, path, value, message):
        error = self.assertRaises(
            InvalidDocument, snapshot.load, written(path, value)
        )
        self.assertEqual(message, str(error))


@ddt.ddt
class TestInventory(base.TestCase):
    @ddt.named_data(
        # name, total, reserved, ratio, expected
        ('plain',      16, 0,  1.0, 16),
        ('reserved',   16, 4,  1.0, 12),
        ('ratio',      16, 4,  1.5, 18),
        ('fractional', 10, 1,  0.5, 4.5),
        ('none_left',  16, 16, 9.0, 0),
        ('nothing',    0,  0,  1.0, 0),
        ('no_ratio',   16, 4,  0.0, 0),
    )  # fmt: skip
    @ddt.unpack
    def test_capacity(self, total, reserved, ratio, expected):
        inventory = an_inventory(total, reserved, ratio)
        self.assertEqual(expected, inventory.capacity)

    @ddt.named_data(
        # name, fields, expected path and problem
        ('total', {'total': -1}, 'total', 'must be at least 0, not -1'),
        (
            'reserved',
            {'reserved': -1},
            'reserved',
            'must be 0 to total, which is 16',
        ),
        (
            'more_reserved_than_there_is',
            {'reserved': 17},
            'reserved',
            'must be 0 to total, which is 16',
        ),
        (
            'negative_ratio',
            {'ratio': -0.1},
            'allocation_ratio',
            'must be 0 to 3.40282e+38',
        ),
        (
            'endless_ratio',
            {'ratio': float('inf')},
            'allocation_ratio',
            'must be 0 to 3.40282e+38',
        ),
        (
            'ratio_of_64_bits',
            {'ratio': 3.5e38},
            'allocation_ratio',
            'must be 0 to 3.40282e+38',
        ),
        (
            'undefined_ratio',
            {'ratio': float('nan')},
            'allocation_ratio',
            'must be 0 to 3.40282e+38',
        ),
        ('max_unit', {'max_unit': 0}, 'max_unit', 'must be at least 1, not 0'),
        ('min_unit', {'min_unit': 0}, 'min_unit', 'must be at least 1, not 0'),
        (
            'step_size',
            {'step_size': 0},
            'step_size',
            'must be at least 1, not 0',
        ),
    )
    @ddt.unpack
    def test_refused(self, fields, path, problem):
        error = self.assertRaises(InvalidDocument, an_inventory, **fields)
        self.assertEqual((path, problem), (error.path, error.problem))

    def test_smallest_allowed(self):
        offer = an_inventory(0, 0, 0.0, 1, min_unit=1, step_size=1)
        self.assertEqual(0, offer.capacity)


class TestRecords(base.TestCase):
    def test_memory(self):
        self.assertEqual(2048, an_instance(memory_mb=2048).memory_mb)
        self.assertEqual(0, an_instance(memory_mb=0).memory_mb)

    def test_defaults(self):
        node = ComputeNode('compute-1')
        self.assertEqual(({}, {}), (node.inventory, node.used))
        self.assertEqual(
            ('enabled', 'up', 0),
            (node.status, node.state, node.instance_count),
        )
        self.assertEqual(
            (0, '', ()), (node.hypervisor_version, node.zone, node.traits)
        )
        instance = Instance('a', 'web', 'c', 'active', {})
        self.assertEqual(
            (False, '', '', '', None, '', {}, (), ''),
            (
                instance.excluded,
                instance.task_state,
                instance.power_state,
                instance.project_id,
                instance.pinned_zone,
                instance.group,
                instance.extra_specs,
                instance.nested,
                instance.elsewhere,
            ),
        )
        offer = Inventory(8)
        self.assertEqual((1, 1), (offer.min_unit, offer.step_size))
        group = ServerGroup('a', 'db', 'affinity')
        self.assertEqual((1, {}), (group.max_server_per_host, group.members))

    def test_smallest_amounts(self):
        a_node(used={'VCPU': 0}, instance_count=0)
        an_instance(resources={'VCPU': 1})


@ddt.ddt
class TestServerGroup(base.TestCase):
    @ddt.data(
        'affinity', 'anti-affinity', 'soft-affinity', 'soft-anti-affinity'
    )
    def test_policy(self, policy):
        self.assertEqual(policy, a_group(policy).policy)

    @ddt.named_data(
        # name, fields, expected message
        (
            'policy',
            {'policy': 'legacy'},
            "policy: 'legacy' is not affinity or anti-affinity or "
            'soft-affinity or soft-anti-affinity',
        ),
        (
            'most',
            {'most': 0},
            'max_server_per_host: must be at least 1, not 0',
        ),
        (
            'members',
            {'compute_2': 0},
            'members.compute-2: must be at least 1, not 0',
        ),
    )
    @ddt.unpack
    def test_refused(self, fields, message):
        error = self.assertRaises(InvalidDocument, a_group, **fields)
        self.assertEqual(message, str(error))


class TestGroups(base.TestCase):
    def test_look_up(self):
        groups = [a_group(name='web'), a_group(name='db')]
        known = a_snapshot(groups=groups)
        self.assertEqual(groups[::-1], list(known.groups))
        self.assertEqual(
            {'uuid-db': groups[1], 'uuid-web': groups[0]}, known.group_by_uuid
        )

    def test_same_name_twice(self):
        groups = [ServerGroup(u, 'db', 'affinity') for u in 'ba']
        known = a_snapshot(groups=groups)
        self.assertEqual(['a', 'b'], [g.uuid for g in known.groups])

    def test_same_uuid_twice(self):
        error = self.assertRaises(
            InvalidDocument,
            a_snapshot,
            groups=[a_group(), a_group('affinity')],
        )
        self.assertEqual(
            "groups: uuid 'uuid-db' appears more than once", str(error)
        )

    def test_group_that_is_not_there(self):
        error = self.assertRaises(
            InvalidDocument,
            a_snapshot,
            instances=[an_instance(group='uuid-db')],
            groups=[a_group(name='web')],
        )
        self.assertEqual(
            'instances: web-1 is in uuid-db, which is not among the groups',
            str(error),
        )


class TestAffinityGroups(base.TestCase):
    def test_where_members_are(self):
        groups = [
            a_group('affinity', 'kin', compute_1=2, compute_2=1),
            a_group('affinity', 'family', compute_2=1),
            a_group('anti-affinity', 'rivals', compute_4=1),
            a_group('soft-affinity', 'friends', compute_4=1),
        ]
        self.assertEqual(
            {
                'compute-1': {'uuid-kin'},
                'compute-2': {'uuid-kin', 'uuid-family'},
            },
            a_snapshot(groups=groups).affinity_groups,
        )


class TestAggregates(base.TestCase):
    def setUp(self):
        super().setUp()
        self.aggregates = [
            an_aggregate('c', 'a', name='z', disk='ssd, hdd', cell='one'),
            an_aggregate('a', 'b', name='x', disk=' tape,ssd'),
            an_aggregate('a', name='y'),
        ]
        self.known = a_snapshot(aggregates=self.aggregates)

    def test_metadata(self):
        self.assertEqual(
            {
                'a': {'disk': {'hdd', 'ssd', 'tape'}, 'cell': {'one'}},
                'b': {'disk': {'ssd', 'tape'}},
                'c': {'disk': {'hdd', 'ssd'}, 'cell': {'one'}},
            },
            self.known.aggregate_metadata,
        )

    def test_none(self):
        known = a_snapshot()
        self.assertEqual({}, known.aggregate_metadata)

    def test_same_name_twice(self):
        error = self.assertRaises(
            InvalidDocument,
            a_snapshot,
            aggregates=[an_aggregate(), an_aggregate('compute-1')],
        )
        self.assertEqual(
            "aggregates: name 'aggregate' appears more than once", str(error)
        )


@ddt.ddt
class TestSnapshot(base.TestCase):
    def test_order(self):
        nodes = [a_node('compute-2'), a_node('compute-1')]
        instances = [
            an_instance('web-2', uuid='a'),
            an_instance('web-1', uuid='c'),
            an_instance('web-1', uuid='b'),
        ]
        known = Snapshot(tuple(nodes), tuple(instances))
        self.assertEqual(
            ['compute-1', 'compute-2'], [n.hostname for n in known.nodes]
        )
        self.assertEqual(['b', 'c', 'a'], [i.uuid for i in known.instances])
        again = Snapshot(tuple(nodes[::-1]), tuple(instances[::-1]))
        self.assertEqual(known, again)
        self.assertEqual(snapshot.dump(known), snapshot.dump(again))

    def test_look_up(self):
        known = a_snapshot(
            [a_node('compute-1'), a_node('compute-2')],
            [
                an_instance('b'),
                an_instance('c', 'compute-2'),
                an_instance('a'),
            ],
        )
        self.assertEqual(
            ['a', 'b'], [i.name for i in known.instances_on('compute-1')]
        )
        self.assertEqual((), known.instances_on('compute-3'))
        self.assertEqual(['compute-1', 'compute-2'], list(known.by_hostname))
        self.assertEqual(
            {f'uuid-{name}': name for name in 'abc'},
            {uuid: i.name for uuid, i in known.by_uuid.items()},
        )
        self.assertEqual('compute-2', known.by_hostname['compute-2'].hostname)

    def test_instance_twice(self):
        error = self.assertRaises(
            InvalidDocument,
            a_snapshot,
            instances=[
                an_instance('web-1', uuid='b'),
                an_instance('x', uuid='a'),
                an_instance('web-2', uuid='b'),
                an_instance('y', uuid='a'),
            ],
        )
        self.assertEqual(
            "instances: uuid 'a' appears more than once", str(error)
        )

    def test_ends_of_moves(self):
        home = an_instance('web', 'compute-1', uuid='a')
        ends = [
            an_instance('web', f'compute-{n}', uuid='a', elsewhere='compute-1')
            for n in (2, 3)
        ]
        nodes = [a_node(f'compute-{n}') for n in (1, 2, 3)]
        known = a_snapshot(nodes, [*ends[::-1], home])
        self.assertEqual((home, *ends), known.instances)
        self.assertEqual({'a': home}, known.by_uuid)
        self.assertEqual(known, snapshot.load(snapshot.dump(known)))

    def test_end_of_a_move_twice(self):
        for elsewhere in ('', 'compute-1'):
            error = self.assertRaises(
                InvalidDocument,
                a_snapshot,
                instances=[
                    an_instance(uuid='a', elsewhere='compute-2'),
                    an_instance(uuid='a', elsewhere=elsewhere),
                ],
            )
            self.assertEqual(
                "instances: uuid 'a on compute-1' appears more than once",
                str(error),
            )

    def test_same_name_twice(self):
        known = a_snapshot(
            instances=[an_instance(uuid='a'), an_instance(uuid='b')]
        )
        self.assertEqual(2, len(known.instances))

    def test_nothing_can_be_changed(self):
        known = a_snapshot()
        for record in (
            known,
            known.nodes[0],
            known.instances[0],
            known.nodes[0].inventory['VCPU'],
            a_group(),
            an_aggregate(),
        ):
            field = dataclasses.fields(record)[0].name
            self.assertRaises(
                dataclasses.FrozenInstanceError, setattr, record, field, 1
            )


@ddt.ddt
class TestPast(base.TestCase):
    """Who left from where, and what owners said."""

    LEFT = Departure('uuid-b', 'compute-1', 'gone', 'live-migration', 20)

    def test_is_in_order_of_time(self):
        departures = (
            self.LEFT,
            dataclasses.replace(self.LEFT, instance_uuid='uuid-a'),
            dataclasses.replace(self.LEFT, ended_at_s=10),
        )
        expected = (departures[2], departures[1], departures[0])
        for given in (departures, departures[::-1]):
            known = Snapshot((a_node(),), departures=given)
            self.assertEqual(expected, known.departures)
            self.assertEqual(known, snapshot.load(snapshot.dump(known)))

    @ddt.named_data(
        # name, fields, what is wrong
        ('cold',        {'kind': 'migration'},  None),
        ('resize',      {'kind': 'resize'},     None),
        ('evacuation',  {'kind': 'evacuation'}, None),
        ('first',       {'ended_at_s': 0},      None),
        ('other_kind',  {'kind': 'walk'},
         "kind: 'walk' is not evacuation or live-migration or migration or "
         'resize'),
        ('before_1970', {'ended_at_s': -1},
         'ended_at_s: must be at least 0, not -1'),
    )  # fmt: skip
    @ddt.unpack
    def test_valid(self, fields, problem):
        if problem is None:
            departure = dataclasses.replace(self.LEFT, **fields)
            known = Snapshot((), departures=(departure,))
            self.assertEqual(known, snapshot.load(snapshot.dump(known)))
        else:
            error = self.assertRaises(
                InvalidDocument, dataclasses.replace, self.LEFT, **fields
            )
            self.assertEqual(problem, str(error))

    def test_words_of_owners(self):
        web = an_instance(owner_words=('stop', 'go', 'stop'))
        self.assertEqual(('go', 'stop'), web.owner_words)
        known = a_snapshot(instances=[web])
        self.assertEqual(known, snapshot.load(snapshot.dump(known)))
        for word in OWNER_WORDS:
            self.assertEqual(
                (word,), an_instance(owner_words=(word,)).owner_words
            )

    @ddt.data('', 'Go', 'maintenance:go', 'go ')
    def test_other_words(self, word):
        error = self.assertRaises(
            InvalidDocument, an_instance, owner_words=(word,)
        )
        self.assertEqual('owner_words', error.path)

    def test_nothing_known_is_left_out_of_documents(self):
        text = snapshot.dump(a_snapshot())
        self.assertNotIn('departures', text)
        self.assertNotIn('owner_words', text)
        self.assertNotIn('image_properties', text)
        self.assertNotIn('hint', text)
        self.assertNotIn('read', text)

    def test_details_are_kept_in_documents(self):
        web = an_instance(
            image_properties={'hw_numa_nodes': '2'},
            hints={'same_host': ('uuid-db-1',)},
            needs_traits_of='compute-1',
            ports=(Port('lan', 'direct', ('physnet1',)),),
            unread=(Unread.HINTS, Unread.PORTS),
        )
        before = dataclasses.replace(
            a_snapshot(instances=[web]),
            hinted={'uuid-db-1': 'compute-2'},
            not_read={'images': 'off'},
        )
        self.assertEqual(before, snapshot.load(snapshot.dump(before)))
        self.assertEqual({'compute-2': {'uuid-db-1'}}, dict(before.hinted_on))


@ddt.ddt
class TestSpecs(base.TestCase):
    @ddt.named_data(
        # name, extra specs, properties of the image, both as extra specs
        ('none', {}, {}, {}),
        ('flavor', {'hw:numa_nodes': '1'}, {}, {'hw:numa_nodes': '1'}),
        ('image', {}, {'hw_numa_nodes': '1'}, {'hw:numa_nodes': '1'}),
        ('second_underscore', {}, {'os_secure_boot': 'required'},
         {'os:secure_boot': 'required'}),
        ('each_cell', {}, {'hw_numa_mem.0': '1', 'hw_numa_cpus.1': '2'},
         {'hw:numa_mem.0': '1', 'hw:numa_cpus.1': '2'}),
        ('trait', {}, {'trait:CUSTOM_A': 'required'},
         {'trait:CUSTOM_A': 'required'}),
        ('flavor_counts', {'hw:cpu_policy': 'shared'},
         {'hw_cpu_policy': 'dedicated'}, {'hw:cpu_policy': 'shared'}),
        ('no_spec', {}, {'hw_disk_bus': 'scsi', 'os_distro': 'x'}, {}),
    )  # fmt: skip
    @ddt.unpack
    def test_of(self, extra_specs, properties, expected):
        instance = an_instance(
            extra_specs=extra_specs, image_properties=properties
        )
        self.assertEqual(expected, instance.specs)
