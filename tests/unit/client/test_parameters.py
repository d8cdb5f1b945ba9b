# SPDX-License-Identifier: Apache-2.0

"""Which parameters of an audit were chosen."""

from tests.unit import base
from watcher_host_maintenance.client.parameters import NODES
from watcher_host_maintenance.client.parameters import PARAMETERS
from watcher_host_maintenance.client.parameters import chosen
from watcher_host_maintenance.request.parameters import SCHEMA


class TestParameters(base.TestCase):
    def test_all_are_there(self):
        self.assertEqual(
            {*SCHEMA['properties']}, {*PARAMETERS, *NODES, 'duration'}
        )

    def test_defaults_are_not_chosen(self):
        defaults = {n: field.get('default') for n, field in PARAMETERS.items()}
        self.assertEqual({}, chosen(defaults))
        self.assertEqual(
            {'headroom_percent': 1, 'maintenance_node': 'compute-1'},
            chosen(
                {
                    **defaults,
                    'maintenance_node': 'compute-1',
                    'headroom_percent': 1,
                }
            ),
        )
