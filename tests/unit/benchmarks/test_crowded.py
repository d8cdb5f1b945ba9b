# SPDX-License-Identifier: Apache-2.0

"""How many servers of other hosts have to move, by trying every order."""

import ddt

from benchmarks.fidelity import crowded
from tests.unit import base


def a_cloud(size, *hosts, state='ACTIVE'):
    """A server of a size to place, and hosts.

    :param hosts: GB free, and the sizes of the servers there
    """
    servers = {'new': crowded._server(crowded.NODE, size, 'ACTIVE')}
    described = {crowded.NODE: {'memory_mb': 65536}}
    for number, (free, *held) in enumerate(hosts):
        host = f'c-{number}'
        total = 1024 * (free + sum(held))
        described[host] = {'memory_mb': total}
        for index, held_size in enumerate(held):
            name = f'{host}-{index}'
            servers[name] = crowded._server(host, held_size, state)
    return {'hosts': described, 'servers': servers}


@ddt.ddt
class TestNeeded(base.TestCase):
    @ddt.named_data(
        # name, size, hosts, expected
        ('none',    4, [(4,)], 0),
        ('one',     4, [(3, 1), (1,)], 1),
        ('two',     4, [(2, 1, 1), (1,), (1,)], 2),
        ('chain',   4, [(2, 2), (1, 1), (1,)], 2),
        ('no_room', 4, [(3, 1), (0,)], None),
        ('swap',    2, [(1, 4), (1, 2)], None),
    )  # fmt: skip
    @ddt.unpack
    def test_moves(self, size, hosts, expected):
        self.assertEqual(expected, crowded.needed(a_cloud(size, *hosts)))

    def test_what_is_stopped_stays(self):
        cloud = a_cloud(4, (3, 1), (1,), state='SHUTOFF')
        self.assertIsNone(crowded.needed(cloud))
        cloud = a_cloud(4, (3, 1), (1,), state='PAUSED')
        self.assertEqual(1, crowded.needed(cloud))

    @ddt.data(1, 5)
    def test_seed(self, seed):
        """Its last digit says how many have to move at least."""
        drawn = crowded.crowded(seed)
        self.assertGreaterEqual(drawn.needed, crowded.LEAST[seed])
        self.assertEqual(drawn, crowded.crowded(seed))
