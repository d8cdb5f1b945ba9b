# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

import ddt
import hypothesis

from hypothesis import strategies as st

from tests.unit import base
from tests.unit.core import generated
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_request
from tests.unit.core.builders import a_spare
from tests.unit.core.builders import an_inventory
from watcher_host_maintenance.core import hosting
from watcher_host_maintenance.core import ledger
from watcher_host_maintenance.core import words
from watcher_host_maintenance.core.reasons import Finding
from watcher_host_maintenance.core.reasons import Reason
from watcher_host_maintenance.core.snapshot import ComputeNode


def said(findings):
    return [words.say(f) for f in findings]


@ddt.ddt
class TestNodeObjections(base.TestCase):
    @ddt.named_data(
        # name, fields of compute-2, expected
        ('none', {}, []),
        ('maintained', {'hostname': 'compute-1'},
         ['compute-1 is itself to be emptied']),
        ('maintained_and_marked',
         {'hostname': 'compute-1', 'status': 'disabled',
          'disabled_reason': 'watcher_maintaining'},
         ['compute-1 is itself to be emptied']),
        ('marked',
         {'status': 'disabled', 'disabled_reason': 'watcher_maintaining: x'},
         ['compute-2 is marked for maintenance: "watcher_maintaining: x"']),
        ('spare_with_servers',
         {'status': 'disabled', 'disabled_reason': 'watcher_disabled',
          'instance_count': 3},
         ['compute-2 is disabled as a spare, instances on it: 3']),
        ('disabled', {'status': 'disabled', 'disabled_reason': 'bad fan'},
         ['compute-2 is disabled: "bad fan"']),
        ('disabled_silently', {'status': 'disabled'},
         ['compute-2 is disabled: "none given"']),
        ('down', {'state': 'down'}, ['compute-2: nova-compute is down']),
        ('disabled_and_down', {'status': 'disabled', 'state': 'down'},
         ['compute-2 is disabled: "none given"',
          'compute-2: nova-compute is down']),
        ('out_of_scope', {'in_scope': False},
         ["compute-2 is outside the audit's scope"]),
        ('bare_metal', {'hypervisor_type': 'ironic'},
         ['compute-2 is a bare metal (Ironic) node, not a compute host']),
    )
    @ddt.unpack
    def test_said(self, fields, expected):
        found = hosting.node_objections(
            a_node(**fields), a_request(), ['compute-1'])
        self.assertEqual(expected, said(found))

    @ddt.named_data(
        # name, fields of a node that the model lacks, expected reasons
        ('in_scope', {}, ['no_inventory']),
        ('out_of_scope', {'in_scope': False}, ['out_of_scope']),
    )
    @ddt.unpack
    def test_without_inventory(self, fields, expected):
        node = ComputeNode('compute-2', **fields)
        found = hosting.node_objections(node, a_request(), [])
        self.assertEqual(expected, [f.reason.value for f in found])

    def test_facts_of_a_spare(self):
        node = a_spare('compute-2', instance_count=1)
        self.assertEqual(
            [Finding(
                Reason.UNUSED, 'compute-2',
                {'disabled_reason': 'watcher_disabled', 'instances': 1})],
            list(hosting.node_objections(node, a_request(), [])))


@ddt.ddt
class TestObjections(base.TestCase):
    @ddt.named_data(
        # name, wanted, used, expected
        ('fits', {'VCPU': 4}, {'VCPU': 12}, []),
        ('one_short', {'VCPU': 5}, {'VCPU': 12},
         ['compute-2: needs 5 VCPU, 4 left']),
        ('full', {'VCPU': 1}, {'VCPU': 16},
         ['compute-2: needs 1 VCPU, 0 left']),
        ('overcommitted', {'VCPU': 1}, {'VCPU': 18},
         ['compute-2: needs 1 VCPU, -2 left']),
        ('overcommitted_elsewhere', {'VCPU': 1}, {'DISK_GB': 500}, []),
        ('not_offered', {'VGPU': 1}, {},
         ['compute-2: needs 1 VGPU, 0 left']),
        ('several', {'VCPU': 17, 'MEMORY_MB': 32769, 'DISK_GB': 401}, {},
         ['compute-2: needs 401 DISK_GB, 400 left',
          'compute-2: needs 32769 MEMORY_MB, 32768 left',
          'compute-2: needs 17 VCPU, 16 left']),
    )
    @ddt.unpack
    def test_room(self, wanted, used, expected):
        there = ledger.Destination(a_node(used=used), 0.0)
        self.assertEqual(expected, said(hosting.objections(wanted, there)))

    @ddt.named_data(
        # name, wanted, expected
        ('on_the_limit', {'VCPU': 8, 'VGPU': 1}, []),
        ('past_it', {'VCPU': 9},
         ['compute-2: needs 9 VCPU, at most 8 for one instance']),
        ('no_room_either', {'VGPU': 3},
         ['compute-2: needs 3 VGPU, 2 left',
          'compute-2: needs 3 VGPU, at most 1 for one instance']),
        ('both', {'VCPU': 9, 'VGPU': 2},
         ['compute-2: needs 9 VCPU, at most 8 for one instance',
          'compute-2: needs 2 VGPU, at most 1 for one instance']),
    )
    @ddt.unpack
    def test_max_unit(self, wanted, expected):
        there = ledger.Destination(
            a_node(inventory={
                'VCPU': an_inventory(16, max_unit=8),
                'VGPU': an_inventory(2, max_unit=1)}),
            0.0)
        self.assertEqual(expected, said(hosting.objections(wanted, there)))

    @ddt.named_data(
        # name, headroom, wanted, used, expected
        ('on_the_limit', 25.0, {'VCPU': 2}, {'VCPU': 10}, []),
        ('past_it', 25.0, {'VCPU': 3}, {'VCPU': 10},
         ['compute-2: needs 3 VCPU, 2 left']),
        ('was_on_the_limit', 25.0, {'VCPU': 1}, {'VCPU': 12},
         ['compute-2: needs 1 VCPU, 0 left']),
        ('was_past_it', 25.0, {'VCPU': 1}, {'VCPU': 13},
         ['compute-2: needs 1 VCPU, -1 left',
          'compute-2: 13 VCPU used, 12 allowed by headroom_percent']),
        ('in_another_class', 25.0, {'VCPU': 1}, {'DISK_GB': 301},
         ['compute-2: 301 DISK_GB used, 300 allowed by headroom_percent']),
        ('a_part_is_left', 33.0, {'VCPU': 1}, {'VCPU': 10},
         ['compute-2: needs 1 VCPU, 0.7 left']),
        ('none_kept', 0.0, {'VCPU': 1}, {'DISK_GB': 401}, []),
    )
    @ddt.unpack
    def test_headroom(self, headroom, wanted, used, expected):
        there = ledger.Destination(a_node(used=used), headroom)
        self.assertEqual(expected, said(hosting.objections(wanted, there)))

    def test_facts(self):
        there = ledger.Destination(
            a_node(inventory={'VCPU': an_inventory(8, max_unit=2)},
                   used={'VCPU': 7, 'DISK_GB': 399}), 10.0)
        self.assertEqual(
            (Finding(Reason.NO_ROOM, 'compute-2',
                     {'resource_class': 'VCPU', 'wanted': 3,
                      'left': 8 * 90 / 100 - 7}),
             Finding(Reason.OVER_MAX_UNIT, 'compute-2',
                     {'resource_class': 'VCPU', 'wanted': 3, 'max_unit': 2}),
             Finding(Reason.BEYOND_HEADROOM, 'compute-2',
                     {'resource_class': 'DISK_GB', 'used': 399,
                      'limit': 360.0})),
            hosting.objections({'VCPU': 3}, there))


CLASSES = st.sampled_from(['VCPU', 'MEMORY_MB', 'DISK_GB', 'VGPU'])
OFFERS = st.builds(
    lambda total, kept, ratio, most: an_inventory(
        total, min(kept, total), ratio, most),
    st.integers(0, 20), st.integers(0, 3),
    st.sampled_from([0.3, 0.9, 1.0, 1.1, 1.5, 16.0]),
    st.none() | st.integers(1, 12))


class TestFits(base.TestCase):
    @generated.settings(300)
    @hypothesis.given(
        inventory=st.dictionaries(CLASSES, OFFERS),
        used=st.dictionaries(CLASSES, st.integers(0, 25)),
        wanted=st.dictionaries(CLASSES, st.integers(1, 12)),
        headroom=st.sampled_from([0.0, 10.0, 33.3]))
    def test_is_the_same_judgement(self, inventory, used, wanted, headroom):
        node = ComputeNode(
            'compute-2', inventory=inventory, used=used)
        there = ledger.Destination(node, headroom)
        self.assertEqual(
            not hosting.objections(wanted, there), there.fits(wanted))
