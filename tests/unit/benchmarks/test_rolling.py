# SPDX-License-Identifier: Apache-2.0

"""Clusters that are maintained whole, too small to tell anything."""

import unittest

import ddt

from benchmarks import rolling
from tests.unit.core.builders import a_group
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import an_instance


class TestRow(unittest.TestCase):
    def test_row(self):
        hosts, used, empty, servers, least, *others = rolling.row(6, 0.6, 1)
        self.assertEqual(('6', '1'), (hosts, empty))
        self.assertLess(0.5, float(used.rstrip('%')) / 100)
        self.assertLessEqual(int(servers), int(least))
        self.assertEqual(len(rolling.HEADS) - 5, len(others))
        self.assertTrue(all(1 <= float(ratio) < 1.2 for ratio in others[:3]))

    def test_same_seed_same_cluster(self):
        first = rolling.cluster(6, 0.75, 1)
        self.assertEqual(first, rolling.cluster(6, 0.75, 1))
        self.assertNotEqual(first, rolling.cluster(6, 0.75, 1, seed=2))
        self.assertEqual(0, first.nodes[0].instance_count)
        self.assertTrue(all(n.instance_count for n in first.nodes[1:]))
        self.assertTrue(any(i.group for i in first.instances))
        self.assertTrue(any(i.pinned_zone for i in first.instances))


def a_server(name, host='compute-1', **fields):
    return an_instance(name, host, power_state='running', **fields)


@ddt.ddt
class TestByHosts(unittest.TestCase):
    """``compute-2`` has the most free memory, ``compute-3`` the most VCPU."""

    def moves(self, *servers, groups=(), **fields):
        snapshot = a_snapshot(
            [
                a_node('compute-1'),
                a_node('compute-2', memory_mb=4000, vcpus=2, zone='b'),
                a_node('compute-3', memory_mb=3000, vcpus=4, zone='c'),
            ],
            servers,
            groups,
        )
        moves = rolling.by_most_free_memory(snapshot, 'compute-1')
        return moves and [move.destination for move in moves]

    @ddt.named_data(
        # name, fields of the server, destinations
        ('most_memory',  {},                      ['compute-2']),
        ('fits',         {'vcpus': 2},            ['compute-2']),
        ('filtered',     {'vcpus': 3},            ['compute-3']),
        ('in_zone',      {'pinned_zone': 'c'},    ['compute-3']),
        ('nowhere',      {'vcpus': 5},            None),
    )  # fmt: skip
    @ddt.unpack
    def test_nova(self, fields, destinations):
        self.assertEqual(destinations, self.moves(a_server('web', **fields)))

    def test_nova_counts_what_it_placed(self):
        servers = [a_server(f'web-{n}', memory_mb=1500) for n in range(2)]
        self.assertEqual(['compute-2', 'compute-3'], self.moves(*servers))

    def test_nova_keeps_groups_apart(self):
        servers = [
            a_server(f'web-{n}', memory_mb=1, group='uuid-db')
            for n in range(2)
        ]
        self.assertEqual(
            ['compute-2', 'compute-3'],
            self.moves(*servers, groups=[a_group()]),
        )

    def test_hosts_that_cannot_be_emptied_are_left(self):
        snapshot = a_snapshot(
            [a_node('compute-1', vcpus=4), a_node('compute-2', vcpus=3)],
            [a_server('web', vcpus=4), a_server('db', 'compute-2', vcpus=0)],
        )
        for empties in (rolling.by_drain, rolling.by_most_free_memory):
            self.assertEqual(
                rolling.Cost(1, 1), rolling.by_hosts(snapshot, empties)
            )
