# SPDX-License-Identifier: Apache-2.0

"""A description that is not valid is refused, naming the field."""

import ddt
import testtools

from minicloud import description
from minicloud import exceptions
from tests.functional.minicloud import base


def _server(**fields):
    return {
        'hosts': {'a': base.HOST},
        'flavors': {'f': base.FLAVOR},
        'servers': {'s': {'host': 'a', 'flavor': 'f', **fields}},
    }


@ddt.ddt
class TestParse(testtools.TestCase):
    """Descriptions, good and bad."""

    @ddt.named_data(
        ('not_a_mapping', [], 'description: [] is not of type'),
        ('no_hosts', {}, "description: 'hosts' is a required"),
        (
            'missing',
            {'hosts': {'a': {'vcpus': 1, 'memory_mb': 1}}},
            "hosts.a: 'disk_gb' is a required",
        ),
        (
            'type',
            {'hosts': {'a': {**base.HOST, 'vcpus': '8'}}},
            "hosts.a.vcpus: '8' is not of type 'integer'",
        ),
        (
            'unknown_field',
            {'hosts': {'a': {**base.HOST, 'ram': 1}}},
            'hosts.a: Additional properties',
        ),
        (
            'trait',
            {'hosts': {'a': {**base.HOST, 'traits': ['fast']}}},
            "hosts.a.traits.0: 'fast' does not match",
        ),
        (
            'filters',
            {'hosts': {'a': base.HOST}, 'filters': 'Ours'},
            "filters: 'Ours' is not of type 'array'",
        ),
        (
            'state',
            _server(state='GONE'),
            "servers.s.state: 'GONE' is not one of",
        ),
        (
            'unknown_host',
            _server(host='b'),
            "servers.s.host: 'b' is not in hosts",
        ),
        (
            'unknown_flavor',
            _server(flavor='g'),
            "servers.s.flavor: 'g' is not in flavors",
        ),
        (
            'unknown_group',
            _server(group='g'),
            "servers.s.group: 'g' is not in groups",
        ),
        (
            'unknown_member',
            {'hosts': {'a': base.HOST}, 'aggregates': {'x': {'hosts': ['b']}}},
            "aggregates.x.hosts: 'b' is not in hosts",
        ),
        (
            'unknown_sharer',
            {
                'hosts': {'a': base.HOST},
                'storage': {'nfs': {'disk_gb': 1, 'hosts': ['b']}},
            },
            "storage.nfs.hosts: 'b' is not in hosts",
        ),
        (
            'resize_from_nowhere',
            _server(state='VERIFY_RESIZE'),
            'servers.s.resized_from: belongs to state VERIFY_RESIZE',
        ),
        (
            'resized_from_active',
            _server(resized_from={'host': 'a'}),
            'servers.s.resized_from: belongs to state VERIFY_RESIZE',
        ),
    )
    @ddt.unpack
    def test_refused(self, document, expected):
        error = self.assertRaises(
            exceptions.DescriptionError, description.parse, document
        )
        self.assertIn(expected, str(error))

    def test_defaults(self):
        parsed = description.parse(_server(count=2))
        self.assertEqual(1.0, parsed.hosts['a']['cpu_allocation_ratio'])
        self.assertEqual('ACTIVE', parsed.servers['s']['state'])
        self.assertEqual(
            ['s-1', 's-2'], description.names('s', parsed.servers['s'])
        )
        self.assertEqual(['s'], description.names('s', _server()))

    def test_no_such_file(self):
        error = self.assertRaises(
            exceptions.DescriptionError, description.load, 'none.yaml'
        )
        self.assertIn('none.yaml', str(error))
