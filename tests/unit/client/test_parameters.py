# SPDX-License-Identifier: Apache-2.0

"""The client's table of parameters is the plugin's schema."""

from tests.unit import base
from watcher_host_maintenance.client.parameters import PARAMETERS
from watcher_host_maintenance.client.parameters import chosen
from watcher_host_maintenance.request.parameters import SCHEMA


TYPES = {str: 'string', bool: 'boolean', float: 'number'}
#: Given as arguments, not as options.
NODES = {'maintenance_node', 'maintenance_nodes'}


class TestParameters(base.TestCase):
    def test_are_those_of_the_schema(self):
        expected = {
            name: (
                field['type'],
                tuple(field.get('enum', ())),
                field.get('default'),
            )
            for name, field in SCHEMA['properties'].items()
            if name not in NODES
        }
        table = {
            p.name: (TYPES[p.kind], p.choices, p.default) for p in PARAMETERS
        }
        self.assertEqual(expected, table)

    def test_defaults_are_not_chosen(self):
        defaults = {p.name: p.default for p in PARAMETERS}
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
