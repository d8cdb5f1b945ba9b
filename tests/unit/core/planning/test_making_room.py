# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tests.unit.core.builders import a_group
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_request
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import an_instance
from tests.unit.core.builders import an_inventory
from tests.unit.core.builders import destinations_of
from watcher_host_maintenance.core.model.snapshot import Port
from watcher_host_maintenance.core.planning import making_room
from watcher_host_maintenance.core.planning.making_room import MOST_NODES


@ddt.ddt
class TestCandidates(base.TestCase):
    @ddt.named_data(
        # name, fields of the server, whether it may move
        ('runs',        {}, True),
        ('paused',      {'vm_state': 'paused'}, True),
        ('move',        {'owner_words': ('move',)}, True),
        ('keep',        {'owner_words': ('keep', 'move')}, False),
        ('stay',        {'owner_words': ('stay',)}, False),
        ('go',          {'owner_words': ('go',)}, True),
        ('cold',        {'owner_words': ('cold',)}, False),
        ('stop',        {'owner_words': ('stop',)}, False),
        ('restart',     {'owner_words': ('stop-and-start',)}, False),
        ('stopped',     {'vm_state': 'stopped'}, False),
        ('suspended',   {'vm_state': 'suspended'}, False),
        ('error',       {'vm_state': 'error'}, False),
        ('busy',        {'task_state': 'rebooting'}, False),
        ('resized',     {'vm_state': 'resized'}, False),
        ('rescued',     {'vm_state': 'rescued'}, False),
        ('building',    {'vm_state': 'building'}, False),
        ('shelved',     {'vm_state': 'shelved'}, False),
        ('soft_deleted', {'vm_state': 'soft-delete'}, False),
        ('crashed',     {'power_state': 'crashed'}, False),
        ('excluded',    {'excluded': True}, False),
        ('unproved',    {'nested': ('VGPU',)}, False),
        ('pinned_cpus', {'resources': {'PCPU': 2}}, False),
        ('numa',        {'extra_specs': {'hw:numa_nodes': '2'}}, False),
        ('image_unread', {'unread': ('properties',)}, False),
        ('hints_unread', {'unread': ('hints',)}, False),
        ('ports_unread', {'unread': ('ports',)}, False),
        ('group_unread', {'unread': ('group',)}, False),
        ('direct_port', {'ports': (Port('net', 'direct'),)}, False),
        ('vdpa_port',   {'ports': (Port('net', 'vdpa'),)}, False),
        ('bound_port',  {'ports': (Port('net'),)}, True),
        ('own_hint',    {'hints': {'different_host': ('elsewhere',)}}, True),
        ('hint_of_leaver', {'hints': {'different_host': ('uuid-big',)}},
         False),
        ('same_host_of_leaver', {'hints': {'same_host': ('uuid-big',)}},
         False),
        ('arriving',    {'elsewhere': 'compute-1'}, False),
        ('anti_affine', {'group': 'uuid-db'}, True),
        ('affine',      {'group': 'uuid-web'}, False),
    )  # fmt: skip
    @ddt.unpack
    def test_server(self, fields, moves):
        server = an_instance('x', 'compute-2', **fields)
        known = a_snapshot(
            instances=[server, an_instance('big')],
            groups=[a_group(), a_group('affinity', 'web', compute_1=1)],
        )
        request = a_request(
            allow_unproved_moves=True, same_host=True, different_host=True
        )
        found = making_room.candidates(known, request, {'compute-2'})
        self.assertEqual([server] if moves else [], [x[0] for x in found])

    def test_named_by_a_hint(self):
        """The other may need it where it is, or need it away."""
        server = an_instance('x', 'compute-2')
        other = an_instance('y', hints={'different_host': ('uuid-x',)})
        known = a_snapshot(instances=[server, other])
        found = making_room.candidates(known, a_request(), {'compute-2'})
        self.assertEqual((), found)

    def test_named_by_one_that_is_no_candidate(self):
        """Both of a pair may be on nodes that are not emptied."""
        server = an_instance('x', 'compute-2')
        other = an_instance(
            'y', 'compute-2', hints={'different_host': ('uuid-x',)}
        )
        known = a_snapshot(instances=[server, other])
        request = a_request(different_host=True)
        found = making_room.candidates(known, request, {'compute-2'})
        self.assertEqual([other], [x.instance for x in found])

    def test_source_no_longer_gives_what_it_holds(self):
        """Nova would refuse to claim it once more at the source."""
        server = an_instance('x', 'compute-2', vcpus=2)
        known = a_snapshot(
            [
                a_node('compute-1'),
                a_node(
                    'compute-2',
                    inventory={'VCPU': an_inventory(16, max_unit=1)},
                ),
            ],
            [server],
        )
        found = making_room.candidates(known, a_request(), {'compute-2'})
        self.assertEqual((), found)

    def test_of_other_nodes(self):
        known = a_snapshot(instances=[an_instance('x', 'compute-2')])
        found = making_room.candidates(known, a_request(), {'compute-1'})
        self.assertEqual((), found)

    def test_without_live_migration(self):
        known = a_snapshot(instances=[an_instance('x', 'compute-2')])
        request = a_request(disable_live_migration=True)
        found = making_room.candidates(known, request, {'compute-2'})
        self.assertEqual((), found)


def hosts(count, **fields):
    return [a_node(f'compute-{n:02}', **fields) for n in range(2, 2 + count)]


class TestNearest(base.TestCase):
    def test_as_many_as_may_be(self):
        offered = destinations_of(*hosts(MOST_NODES))
        self.assertEqual(
            offered.enabled, making_room.nearest(offered, [an_instance()])
        )

    def test_one_more(self):
        """Left out is what lacks most, though it comes first."""
        small = a_node('compute-00', vcpus=3)
        offered = destinations_of(small, *hosts(MOST_NODES, vcpus=4))
        wanted = an_instance(vcpus=4)
        self.assertEqual(
            offered.enabled[1:], making_room.nearest(offered, [wanted])
        )

    def test_least_lacking(self):
        nodes = [
            a_node(f'compute-{n}', vcpus=8, used={'VCPU': n})
            for n in range(2, 8)
        ]
        offered = destinations_of(*nodes)
        self.assertEqual(
            ('compute-2', 'compute-3'),
            making_room.nearest(offered, [an_instance(vcpus=8)], 2),
        )

    def test_counts_what_fits_nowhere(self):
        """Where a small one fits as it is, no room for a large one is."""
        nodes = [
            a_node('compute-2', vcpus=4),
            a_node('compute-3', vcpus=8, used={'VCPU': 7}),
            a_node('compute-4', vcpus=8, used={'VCPU': 5}),
        ]
        offered = destinations_of(*nodes)
        wanted = [an_instance('small'), an_instance('large', vcpus=8)]
        self.assertEqual(
            ('compute-4',), making_room.nearest(offered, wanted, 1)
        )

    def test_never_large_enough(self):
        """What could not take it when empty only takes what makes room."""
        nodes = [
            a_node('compute-2', vcpus=7),
            a_node('compute-3', vcpus=8, used={'VCPU': 8}),
            a_node('compute-4', vcpus=7, memory_mb=65536),
        ]
        offered = destinations_of(*nodes)
        wanted = [an_instance(vcpus=8)]
        self.assertEqual(
            ('compute-3',), making_room.nearest(offered, wanted, 1)
        )
        self.assertEqual(
            ('compute-3', 'compute-4'),
            making_room.nearest(offered, wanted, 2),
        )
