# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tests.unit.core.builders import a_destination
from tests.unit.core.builders import a_group
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_request
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import an_aggregate
from tests.unit.core.builders import an_instance
from tests.unit.core.builders import an_inventory
from tests.unit.core.builders import holding
from tests.unit.core.findings import all_written
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.rules import hosting
from watcher_host_maintenance.core.rules.room import BEYOND_HEADROOM
from watcher_host_maintenance.core.rules.room import NO_ROOM
from watcher_host_maintenance.core.rules.room import OVER_MAX_UNIT
from watcher_host_maintenance.core.rules.rule import Leaver


def objections(wanted, there, **fields):
    """What is said of an instance that nobody asked to leave."""
    judge = hosting.Judge(a_snapshot(), a_request())
    return judge.objections(holding(wanted, **fields), there)


@ddt.ddt
class TestObjections(base.TestCase):
    @ddt.named_data(
        # name, wanted, used, expected
        ('fits', {'VCPU': 4}, {'VCPU': 12}, []),
        (
            'one_short',
            {'VCPU': 5},
            {'VCPU': 12},
            ['no_room compute-2 free=4 resource_class=VCPU wanted=5'],
        ),
        (
            'full',
            {'VCPU': 1},
            {'VCPU': 16},
            ['no_room compute-2 free=0 resource_class=VCPU wanted=1'],
        ),
        (
            'overcommitted',
            {'VCPU': 1},
            {'VCPU': 18},
            ['no_room compute-2 free=-2 resource_class=VCPU wanted=1'],
        ),
        ('overcommitted_elsewhere', {'VCPU': 1}, {'DISK_GB': 500}, []),
        (
            'not_offered',
            {'VGPU': 1},
            {},
            ['no_room compute-2 free=0 resource_class=VGPU wanted=1'],
        ),
        (
            'several',
            {'VCPU': 17, 'MEMORY_MB': 32769, 'DISK_GB': 401},
            {},
            [
                'no_room compute-2 free=400 resource_class=DISK_GB wanted=401',
                'no_room compute-2 free=32768 resource_class=MEMORY_MB '
                'wanted=32769',
                'no_room compute-2 free=16 resource_class=VCPU wanted=17',
            ],
        ),
    )
    @ddt.unpack
    def test_room(self, wanted, used, expected):
        there = a_destination(a_node(used=used))
        self.assertEqual(expected, all_written(objections(wanted, there)))

    @ddt.named_data(
        # name, wanted, expected
        ('on_the_limit', {'VCPU': 8, 'VGPU': 1}, []),
        (
            'past_it',
            {'VCPU': 9},
            [
                'over_max_unit compute-2 max_unit=8 resource_class=VCPU wanted=9'
            ],
        ),
        (
            'no_room_either',
            {'VGPU': 3},
            [
                'no_room compute-2 free=2 resource_class=VGPU wanted=3',
                'over_max_unit compute-2 max_unit=1 resource_class=VGPU '
                'wanted=3',
            ],
        ),
        (
            'both',
            {'VCPU': 9, 'VGPU': 2},
            [
                'over_max_unit compute-2 max_unit=8 resource_class=VCPU '
                'wanted=9',
                'over_max_unit compute-2 max_unit=1 resource_class=VGPU '
                'wanted=2',
            ],
        ),
    )
    @ddt.unpack
    def test_max_unit(self, wanted, expected):
        there = a_destination(
            a_node(
                inventory={
                    'VCPU': an_inventory(16, max_unit=8),
                    'VGPU': an_inventory(2, max_unit=1),
                }
            )
        )
        self.assertEqual(expected, all_written(objections(wanted, there)))

    @ddt.named_data(
        # name, headroom, wanted, used, expected
        ('on_the_limit', 25.0, {'VCPU': 2}, {'VCPU': 10}, []),
        (
            'past_it',
            25.0,
            {'VCPU': 3},
            {'VCPU': 10},
            ['no_room compute-2 free=2 resource_class=VCPU wanted=3'],
        ),
        (
            'was_on_the_limit',
            25.0,
            {'VCPU': 1},
            {'VCPU': 12},
            ['no_room compute-2 free=0 resource_class=VCPU wanted=1'],
        ),
        (
            'was_past_it',
            25.0,
            {'VCPU': 1},
            {'VCPU': 13},
            [
                'no_room compute-2 free=-1 resource_class=VCPU wanted=1',
                'beyond_headroom compute-2 limit=12 resource_class=VCPU '
                'used=13',
            ],
        ),
        (
            'in_another_class',
            25.0,
            {'VCPU': 1},
            {'DISK_GB': 301},
            [
                'beyond_headroom compute-2 limit=300 '
                'resource_class=DISK_GB used=301'
            ],
        ),
        (
            'a_part_is_left',
            33.0,
            {'VCPU': 1},
            {'VCPU': 10},
            ['no_room compute-2 free=0.72 resource_class=VCPU wanted=1'],
        ),
        ('none_kept', 0.0, {'VCPU': 1}, {'DISK_GB': 401}, []),
    )
    @ddt.unpack
    def test_headroom(self, headroom, wanted, used, expected):
        there = a_destination(a_node(used=used), headroom)
        self.assertEqual(expected, all_written(objections(wanted, there)))

    def test_facts(self):
        there = a_destination(
            a_node(
                inventory={'VCPU': an_inventory(8, max_unit=2)},
                used={'VCPU': 7, 'DISK_GB': 399},
            ),
            10.0,
        )
        self.assertEqual(
            (
                Finding(
                    NO_ROOM,
                    'compute-2',
                    {
                        'resource_class': 'VCPU',
                        'wanted': 3,
                        'free': 8 * 90 / 100 - 7,
                    },
                ),
                Finding(
                    OVER_MAX_UNIT,
                    'compute-2',
                    {'resource_class': 'VCPU', 'wanted': 3, 'max_unit': 2},
                ),
                Finding(
                    BEYOND_HEADROOM,
                    'compute-2',
                    {'resource_class': 'DISK_GB', 'used': 399, 'limit': 360.0},
                ),
            ),
            objections({'VCPU': 3}, there),
        )


def a_leaver(name='web-1', kind=MoveKind.LIVE, **fields):
    return Leaver(an_instance(name, **fields), kind)


def a_judge(leavers, nodes=(), groups=(), aggregates=(), **fields):
    """A judge of instances on ``compute-1``, which runs QEMU 8."""
    source = a_node(
        'compute-1', hypervisor_type='QEMU', hypervisor_version=8002000
    )
    known = a_snapshot(
        [source, *nodes], [x.instance for x in leavers], groups, aggregates
    )
    return hosting.Judge(known, a_request(**fields), leavers)


def a_qemu(hostname='compute-2', **fields):
    return a_node(
        hostname,
        **{'hypervisor_type': 'QEMU', 'hypervisor_version': 8002000, **fields},
    )


@ddt.ddt
class TestJudge(base.TestCase):
    def test_every_objection_is_given(self):
        leaver = a_leaver(pinned_zone='b', group='uuid-db')
        node = a_qemu(hypervisor_version=1)
        judge = a_judge([leaver], [node], [a_group('affinity')])
        findings = judge.fixed_objections(leaver.instance, a_destination(node))
        self.assertEqual(
            ['other_zone', 'older_hypervisor', 'away_from_group'],
            [f.reason.value for f in findings],
        )
        self.assertEqual({leaver.instance.uuid}, judge.refused(node))

    def test_rules_then_room_then_groups(self):
        group = a_group(compute_2=1)
        leaver = a_leaver(vcpus=17, pinned_zone='b', group='uuid-db')
        node = a_qemu(
            used={'DISK_GB': 401},
            inventory={'VCPU': an_inventory(16, max_unit=8)},
        )
        judge = a_judge([leaver], [node], [group])
        there = a_destination(node, 10.0, [group])
        self.assertEqual(
            [
                'other_zone',
                'no_room',
                'no_room',
                'over_max_unit',
                'beyond_headroom',
                'group_full',
            ],
            [f.reason.value for f in judge.objections(leaver.instance, there)],
        )

    def test_room_and_anti_affinity_refuse_nobody_for_good(self):
        group = a_group(compute_2=1)
        leaver = a_leaver(vcpus=17, group='uuid-db')
        node = a_qemu()
        judge = a_judge([leaver], [node], [group])
        self.assertEqual(frozenset(), judge.refused(node))

    def test_of_nobody_who_leaves_only_room_is_asked(self):
        judge = a_judge([a_leaver('web-1')], [a_qemu(zone='a')])
        stranger = an_instance('web-2', pinned_zone='b', vcpus=17)
        there = a_destination(a_qemu(zone='a'))
        self.assertEqual((), judge.fixed_objections(stranger, there))
        self.assertEqual(
            ['no_room'],
            [f.reason.value for f in judge.objections(stranger, there)],
        )

    @ddt.named_data(
        # name, how two instances differ, which of them may go
        ('kind', {'kind': MoveKind.COLD}, {}, ['web-1']),
        ('zone', {'pinned_zone': 'a'}, {'pinned_zone': 'b'}, ['web-1']),
        (
            'specs',
            {'extra_specs': {}},
            {'extra_specs': {'trait:FAST': 'required'}},
            ['web-1'],
        ),
        ('project', {'project_id': 'red'}, {'project_id': 'blue'}, ['web-1']),
        ('group', {'group': ''}, {'group': 'uuid-db'}, ['web-1']),
        ('host', {'host': 'compute-3'}, {'host': 'compute-1'}, ['web-1']),
        ('name', {}, {}, ['web-1', 'web-2']),
    )
    @ddt.unpack
    def test_what_tells_instances_apart(self, first, second, expected):
        node = a_qemu(
            zone='a',
            hypervisor_version=8001000
            if 'kind' in first or 'host' in first
            else 8002000,
        )
        leavers = [a_leaver('web-1', **first), a_leaver('web-2', **second)]
        judge = a_judge(
            leavers,
            [node, a_qemu('compute-3', hypervisor_version=8001000)],
            [a_group('affinity')],
            [an_aggregate(filter_tenant_id='red')],
            tenant_isolation='project_id' in first,
        )
        refused = judge.refused(node)
        self.assertEqual(
            expected,
            [
                x.instance.name
                for x in leavers
                if x.instance.uuid not in refused
            ],
        )

    @ddt.named_data(
        # name, how compute-3 differs from compute-2, is the verdict shared
        ('nothing', {}, True),
        ('room', {'vcpus': 1, 'used': {'VCPU': 9}}, True),
        ('zone', {'zone': 'b'}, False),
        ('traits', {'traits': ('FAST',)}, False),
        ('type', {'hypervisor_type': 'VMware'}, False),
        ('version', {'hypervisor_version': 1}, False),
    )
    @ddt.unpack
    def test_nodes_of_a_kind_share_a_verdict(self, differs, shared):
        nodes = [a_qemu(), a_qemu('compute-3', **differs)]
        judge = a_judge([a_leaver(pinned_zone='')], nodes)
        one, two = (judge.refused(node) for node in nodes)
        self.assertIs(shared, one is two)

    @ddt.named_data(
        # name, group, aggregate
        ('group', a_group('affinity', compute_2=1), an_aggregate('x')),
        ('aggregate', a_group('affinity'), an_aggregate(filter_tenant_id='')),
    )
    @ddt.unpack
    def test_groups_and_aggregates_tell_nodes_apart(self, group, aggregate):
        nodes = [a_qemu(), a_qemu('compute-3')]
        judge = a_judge([a_leaver()], nodes, [group], [aggregate])
        one, two = (judge.refused(node) for node in nodes)
        self.assertIsNot(one, two)

    def test_where_anti_affinity_is_tells_none_apart(self):
        nodes = [a_qemu(), a_qemu('compute-3')]
        judge = a_judge([a_leaver()], nodes, [a_group(compute_2=1)])
        one, two = (judge.refused(node) for node in nodes)
        self.assertIs(one, two)
