# SPDX-License-Identifier: Apache-2.0

"""Room is what Placement says: ratios, reservations, no disk at all."""

from tests.functional import base


class TestSizes(base.CloudTestCase):
    def test_ratios_and_reservations(self):
        # (4 - 2) * 4 VCPU, (16384 - 4096) * 1.5 MEMORY_MB and
        # (100 - 20) * 1 DISK_GB are just enough for two.
        self.start(
            hosts={
                'compute-1': base.HOST,
                'compute-2': base.a_host(
                    vcpus=4,
                    reserved_vcpus=2,
                    cpu_allocation_ratio=4.0,
                    memory_mb=16384,
                    reserved_memory_mb=4096,
                    ram_allocation_ratio=1.5,
                    disk_gb=100,
                    reserved_disk_gb=20,
                ),
            },
            flavors={'half': {'vcpus': 4, 'memory_mb': 9216, 'disk_gb': 40}},
            servers={'web': base.on('compute-1', 'half', count=2)},
        )
        self.drain_and_execute(maintenance_node='compute-1')
        self.assertEnd(
            servers=base.all_on('compute-2', 'web-1', 'web-2'),
            services={'compute-1': base.MAINTAINED, 'compute-2': base.ENABLED},
        )

    def test_no_disk_onto_a_full_disk(self):
        self.start(
            hosts={
                'compute-1': base.HOST,
                'compute-2': base.a_host(disk_gb=20),
            },
            flavors={
                'diskless': {'vcpus': 1, 'memory_mb': 1024, 'disk_gb': 0}
            },
            servers={
                'router': base.on('compute-1', 'diskless', count=2),
                'web': base.on('compute-2'),
            },
        )
        self.drain_and_execute(maintenance_node='compute-1')
        self.assertEnd(
            servers=base.all_on('compute-2', 'router-1', 'router-2', 'web'),
            services={'compute-1': base.MAINTAINED, 'compute-2': base.ENABLED},
        )

    def test_beside_a_node_with_a_similar_name(self):
        # Watcher asks Nova for hypervisors by a part of their name.
        self.start(
            hosts={
                'compute-1': base.HOST,
                'compute-10': base.HOST,
                'compute-11': base.a_host(vcpus=1),
            },
            servers={
                'web': base.on('compute-1', 'medium'),
                'db': base.on('compute-10'),
            },
        )
        self.drain_and_execute(maintenance_node='compute-1')
        self.assertEnd(
            servers=base.all_on('compute-10', 'web', 'db'),
            services={
                'compute-1': base.MAINTAINED,
                'compute-10': base.ENABLED,
                'compute-11': base.ENABLED,
            },
        )
