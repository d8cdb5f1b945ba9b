# SPDX-License-Identifier: Apache-2.0

"""Tests of the estimates that Watcher's compute model gives."""

import ddt

from tests.unit.plugin import base
from tests.unit.plugin.builders import a_model
from tests.unit.plugin.builders import a_node
from tests.unit.plugin.builders import a_server
from tests.unit.plugin.builders import uuid_of
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.reading.estimates import Estimate
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.snapshot import Inventory
from watcher_host_maintenance.plugin.watcher import estimates
from watcher_host_maintenance.plugin.watcher.estimates import MODEL_EMPTY


def an_estimate(servers=(), **fields):
    """The estimate when there is only compute-1."""
    return estimates.of_model(a_model((a_node(**fields), servers)))[
        'compute-1'
    ]


@ddt.ddt
class TestOfModel(base.TestCase):
    def test_in_full(self):
        self.assertEqual(
            Estimate(
                uuid=uuid_of('compute-1'),
                instance_count=1,
                inventory={
                    'VCPU': Inventory(8, 1, 4.0),
                    'MEMORY_MB': Inventory(16384, 512, 1.5),
                    'DISK_GB': Inventory(100, 10, 1.0),
                },
                used={'VCPU': 1, 'MEMORY_MB': 1024, 'DISK_GB': 10},
            ),
            an_estimate(
                [a_server()],
                vcpus=8,
                vcpu_reserved=1,
                vcpu_ratio=4.0,
                memory=16384,
                memory_mb_reserved=512,
                memory_ratio=1.5,
                disk=100,
                disk_gb_reserved=10,
                disk_ratio=1.0,
            ),
        )

    def test_equal_nodes_share_their_inventory(self):
        model = a_model(
            (a_node(), ()),
            (a_node('compute-2'), ()),
            (a_node('compute-3', vcpus=8), ()),
        )
        first, second, other = (
            estimates.of_model(model)[f'compute-{n}'] for n in (1, 2, 3)
        )
        self.assertIs(first.inventory, second.inventory)
        self.assertNotEqual(first.inventory, other.inventory)

    def test_without_nodes(self):
        error = self.assertRaises(NotPlanned, estimates.of_model, a_model())
        self.assertEqual(Finding(MODEL_EMPTY), error.finding)

    @ddt.named_data(
        # name, servers, (VCPU, MEMORY_MB, DISK_GB) used, count
        ('empty',       [], (0, 0, 0), 0),
        ('one',         [a_server(vcpus=2, memory=512, disk=5)],
         (2, 512, 5), 1),
        ('two',         [a_server(), a_server('db-1', disk=0)],
         (2, 2048, 10), 2),
        ('stopped',     [a_server(state='stopped')], (1, 1024, 10), 1),
        ('excluded',    [a_server(watcher_exclude=True)], (1, 1024, 10), 1),
        ('soft_delete', [a_server(state='soft-delete')], (1, 1024, 10), 1),
        ('ghost',       [a_server(state='deleted')], (0, 0, 0), 0),
        ('offloaded',   [a_server(state='shelved_offloaded')], (0, 0, 0), 0),
    )  # fmt: skip
    @ddt.unpack
    def test_used(self, servers, used, count):
        estimate = an_estimate(servers)
        self.assertEqual(
            dict(zip(('VCPU', 'MEMORY_MB', 'DISK_GB'), used, strict=True)),
            estimate.used,
        )
        self.assertEqual(count, estimate.instance_count)

    def test_ratio_of_nothing(self):
        # As of a node with cpu_allocation_ratio = 0, which Nova accepts.
        offer = an_estimate(vcpu_ratio=0.0).inventory['VCPU']
        self.assertEqual(0, offer.capacity)
