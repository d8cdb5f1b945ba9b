# SPDX-License-Identifier: Apache-2.0

import pathlib

import demo

from minicloud import description
from tests.unit import base


CLOUD = pathlib.Path(demo.__file__).with_name('cloud.yaml')
ROLL = CLOUD.with_name('roll.yaml')


class TestCloud(base.TestCase):
    def setUp(self):
        super().setUp()
        self.cloud = description.load(str(CLOUD))

    def test_as_large_as_told(self):
        self.assertEqual(6, len(self.cloud.hosts))
        self.assertEqual(
            40,
            sum(
                server.get('count', 1)
                for server in self.cloud.servers.values()
            ),
        )

    def test_described_hosts_hold_their_servers(self):
        for name, host in self.cloud.hosts.items():
            sizes = [
                (self.cloud.flavors[s['flavor']], s.get('count', 1))
                for s in self.cloud.servers.values()
                if s['host'] == name
            ]
            for field in ('vcpus', 'memory_mb', 'disk_gb'):
                used = sum(size[field] * count for size, count in sizes)
                room = (
                    host[field] - host[f'reserved_{field}']
                    if field != 'disk_gb'
                    else host[field]
                )
                if field == 'vcpus':
                    room *= host['cpu_allocation_ratio']
                self.assertLessEqual(used, room, f'{name} {field}')


class TestRoll(base.TestCase):
    def test_any_two_hosts_have_room_for_all(self):
        cloud = description.load(str(ROLL))
        used = sum(
            cloud.flavors[server['flavor']]['memory_mb']
            * server.get('count', 1)
            for server in cloud.servers.values()
        )
        rooms = sorted(
            host['memory_mb'] - host['reserved_memory_mb']
            for host in cloud.hosts.values()
        )
        self.assertEqual(4, len(rooms))
        self.assertLessEqual(used, sum(rooms[:2]))
