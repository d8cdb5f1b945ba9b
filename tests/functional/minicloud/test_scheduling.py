# SPDX-License-Identifier: Apache-2.0

"""What a description may give the scheduler to refuse."""

from typing import Any
from typing import ClassVar

from tests.functional import moves
from tests.functional.minicloud import base


class TestScheduling(base.TestCase):
    """Traits, max_unit, filters of aggregates, and servers on volumes."""

    DESCRIPTION: ClassVar[dict[str, Any]] = {
        'filters': ['AggregateInstanceExtraSpecsFilter'],
        'hosts': {
            'compute-1': {
                **base.HOST,
                'traits': ['CUSTOM_FAST'],
                'max_unit': {'VCPU': 2},
            },
            'compute-2': {**base.HOST, 'traits': ['CUSTOM_FAST']},
            'compute-3': base.HOST,
        },
        'aggregates': {
            'ssd': {
                'hosts': ['compute-1', 'compute-3'],
                'metadata': {'disk': 'ssd'},
            }
        },
        'flavors': {
            'fast': {
                **base.FLAVOR,
                'extra_specs': {'trait:CUSTOM_FAST': 'required'},
            },
            'ssd': {
                **base.FLAVOR,
                'extra_specs': {'aggregate_instance_extra_specs:disk': 'ssd'},
            },
            'big': {**base.FLAVOR, 'vcpus': 4},
        },
        'servers': {
            'fast': {'host': 'compute-1', 'flavor': 'fast'},
            'ssd': {'host': 'compute-1', 'flavor': 'ssd'},
            'big': {'host': 'compute-2', 'flavor': 'big'},
            'volume': {
                'host': 'compute-2',
                'flavor': 'big',
                'boot_from_volume': True,
            },
        },
    }

    def test_trait(self):
        self.assertFalse(self.moves('fast', 'compute-3'))
        self.assertTrue(self.moves('fast', 'compute-2'))

    def test_filter(self):
        self.assertFalse(self.moves('ssd', 'compute-2'))
        self.assertTrue(self.moves('ssd', 'compute-3'))

    def test_max_unit(self):
        self.assertFalse(self.moves('big', 'compute-1'))
        self.assertTrue(self.moves('big', 'compute-3'))

    def test_volume(self):
        self.assertTrue(self.moves('volume', 'compute-3'))
        server = self.cloud.nova.servers.find(name='volume')
        held = self.cloud.placement.get(f'/allocations/{server.id}').json()[
            'allocations'
        ]
        self.assertEqual(
            [{'VCPU': 4, 'MEMORY_MB': 4096}],
            [one['resources'] for one in held.values()],
        )

    def moves(self, name, host):
        """Live migrate a server, and tell whether it arrives."""
        server = self.cloud.nova.servers.find(name=name)
        return moves.succeeds(self.cloud, server.id, 'live', host)
