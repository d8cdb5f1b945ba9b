# SPDX-License-Identifier: Apache-2.0

"""The exact models, and the benchmark that compares with one."""

import dataclasses

import ddt

from benchmarks import making_room
from tests.unit import base
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Inventory
from watcher_host_maintenance.core.model.snapshot import Snapshot


def a_cloud(*free, size=4, held=()):
    """A server of so many VCPUs to place, and nodes with so many free.

    :param held: number of the node, and VCPUs, of each server that may move
    """
    held = [(making_room.EMPTIED, size), *((f'c-{n}', v) for n, v in held)]
    instances = [
        Instance(f'{n}', f'{n}', host, 'active', {'VCPU': v, 'MEMORY_MB': 1})
        for n, (host, v) in enumerate(held)
    ]
    hosts = {making_room.EMPTIED: 0}
    hosts |= {f'c-{n}': vcpus for n, vcpus in enumerate(free)}
    nodes = []
    for host, vcpus in hosts.items():
        used = sum(v for h, v in held if h == host)
        nodes.append(
            ComputeNode(
                host,
                inventory={
                    'VCPU': Inventory(used + vcpus),
                    'MEMORY_MB': Inventory(100),
                },
                used={'VCPU': used, 'MEMORY_MB': 1},
            )
        )
    return Snapshot(tuple(nodes), tuple(instances))


@ddt.ddt
class TestNeeded(base.TestCase):
    @ddt.named_data(
        # name, the cloud, expected
        ('none',   a_cloud(4), 0),
        ('one',    a_cloud(3, 1, held=[(0, 1)]), 1),
        ('two',    a_cloud(2, 1, 1, held=[(0, 1), (0, 1)]), 2),
        ('three',  a_cloud(1, 1, 1, 1, held=[(0, 1)] * 3), None),
        ('no_room', a_cloud(3, 0, held=[(0, 1)]), None),
        ('swap',   a_cloud(1, 1, size=2, held=[(0, 3), (1, 2)]), None),
    )  # fmt: skip
    @ddt.unpack
    def test_moves(self, snapshot, expected):
        self.assertEqual(expected, making_room.needed(snapshot, 2))

    @ddt.named_data(('enough', 2, False), ('too_little', 1, True))
    @ddt.unpack
    def test_lacks_in_all(self, free, expected):
        snapshot = a_cloud(2, free)
        self.assertIs(expected, making_room.lacks_in_all(snapshot))


class TestRow(base.TestCase):
    def test_figures(self):
        seconds = {1: 0.5, 2: 0.25, 4: 0.125}
        tried = making_room.Tried(
            False, {1: None, 2: 2, 4: 2}, {1: None, 2: 2, 4: 2}, seconds
        )
        vain = dataclasses.replace(tried, lacks_in_all=True)
        self.assertEqual(
            ['90', '1', '1', '1', *'01111', '0.50', '0.25', '0.12'],
            making_room.row(0.9, [None, tried, vain]),
        )

    def test_same_seed_same_cloud(self):
        self.assertEqual(making_room.drawn(7, 0.9), making_room.drawn(7, 0.9))
