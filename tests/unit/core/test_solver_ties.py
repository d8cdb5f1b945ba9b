#    Licensed under the Apache License, Version 2.0 (the "License"); you may
#    not use this file except in compliance with the License. You may obtain
#    a copy of the License at
#
#         http://www.apache.org/licenses/LICENSE-2.0
#
#    Unless required by applicable law or agreed to in writing, software
#    distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
#    WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
#    License for the specific language governing permissions and limitations
#    under the License.

import ddt

from tests.unit import base
from tests.unit.core import builders
from watcher_host_maintenance.core import ledger
from watcher_host_maintenance.core import solver


def room(hostname, vcpu, memory_mb):
    node = builders.a_node(
        hostname,
        inventory={
            'VCPU': builders.an_inventory(vcpu),
            'MEMORY_MB': builders.an_inventory(memory_mb),
        },
    )
    return ledger.Destination(node, 0)


def servers(*sizes):
    """One for each (name, VCPU, MEMORY_MB), the UUID is the name."""
    return [
        builders.an_instance(
            name, uuid=name, resources={'VCPU': vcpu, 'MEMORY_MB': memory_mb}
        )
        for name, vcpu, memory_mb in sizes
    ]


@ddt.ddt
class TestTies(base.TestCase):
    @ddt.named_data(
        # name, servers, steps, expected to be placed on 2 VCPU, 50 MiB
        ('name', [('a', 1, 4), ('b', 2, 4)], 99, {'a'}),
        ('name_again', [('b', 1, 4), ('a', 2, 4)], 99, {'a'}),
        ('memory_first', [('a', 1, 4), ('b', 2, 5)], 99, {'b'}),
        ('number_first', [('a', 2, 9), ('b', 1, 4), ('c', 1, 4)], 99,
         {'b', 'c'}),
        ('no_work_left', [('a', 1, 4), ('b', 2, 4)], 1, {'b'}),
    )
    @ddt.unpack
    def test_among_equal_numbers(self, sizes, steps, expected):
        found = solver.place_most(
            servers(*sizes), [room('compute-2', 2, 50)], steps)
        self.assertEqual(expected, set(found.where))

    def test_an_exchange_keeps_the_others_placed(self):
        # 'a' has as much memory as 'c', but no place beside 'b'.
        found = solver.place_most(
            servers(('a', 3, 4), ('b', 2, 4), ('c', 1, 4)),
            [room('compute-2', 3, 50)])
        self.assertEqual({'b', 'c'}, set(found.where))


class TestSmallestFirst(base.TestCase):
    def test_places_what_largest_first_does_not(self):
        found = solver.place_all(
            servers(('a', 3, 1), ('b', 2, 5), ('c', 4, 2)),
            [room('compute-2', 2, 5), room('compute-3', 8, 6)], steps=1)
        self.assertIs(solver.Proof.PLACED, found.proof)
        self.assertEqual(
            {'a': 'compute-3', 'b': 'compute-2', 'c': 'compute-3'},
            found.where)
