# SPDX-License-Identifier: Apache-2.0

"""Tests of which nodes have a trait; Placement's API is faked."""

import ddt

from tests.unit.core.builders import a_request
from tests.unit.core.builders import an_instance
from tests.unit.plugin import base
from tests.unit.plugin import clouds
from watcher_host_maintenance.cloud.reading import traits


VGPU = {'nested': ('VGPU',)}
WANTS = {'extra_specs': {'trait:CUSTOM_A': 'required'}}
SHUNS = {'extra_specs': {'trait:CUSTOM_A': 'forbidden'}}


@ddt.ddt
class TestHaving(base.TestCase):
    """compute-1 has the trait; of compute-2 and the storage a part has it."""

    def setUp(self):
        super().setUp()
        fake = clouds.Cloud(self).placement
        hosts = {
            fake.add('compute-1', ['CUSTOM_A']): 'compute-1',
            fake.add('compute-2'): 'compute-2',
        }
        self.hosts = {**hosts, fake.add('nfs-1', ['CUSTOM_A']): 'nfs-1'}
        fake.add('gpu', ['CUSTOM_A'], parent=list(hosts)[1], VGPU=4)

    def found(self, *fields):
        """The names of the nodes that are said to have the trait."""
        _reads, rooms = clouds.connect()
        having = traits.having(
            [an_instance(f'web-{n}', **f) for n, f in enumerate(fields)],
            rooms,
            a_request(),
        )
        return {
            trait: sorted(self.hosts[u] for u in uuids if u in self.hosts)
            for trait, uuids in having.items()
        }

    @ddt.named_data(
        # name, what each server has, who has the trait; storage is no node
        ('nobody_asks',      [VGPU],                 None),
        ('required',         [WANTS],                ['compute-1']),
        ('forbidden',        [SHUNS],                ['compute-1']),
        ('of_a_device',      [WANTS | VGPU],         ['compute-1',
                                                      'compute-2']),
        ('device_forbids',   [SHUNS | VGPU],         ['compute-1']),
        ('not_of_all',       [WANTS | VGPU, WANTS],  ['compute-1']),
        ('another_forbids',  [WANTS | VGPU, SHUNS],  ['compute-1']),
        ('others_have_some', [WANTS | VGPU, VGPU],   ['compute-1',
                                                      'compute-2']),
    )  # fmt: skip
    @ddt.unpack
    def test_who(self, servers, expected):
        found = self.found(*servers).get('CUSTOM_A')
        nodes = found and [name for name in found if name != 'nfs-1']
        self.assertEqual(expected, nodes)
