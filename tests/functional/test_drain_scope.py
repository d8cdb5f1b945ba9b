# SPDX-License-Identifier: Apache-2.0

"""Hosts outside the audit's scope take nothing."""

from tests.functional import base


class TestScope(base.CloudTestCase):
    def start_rack(self):
        """Start a rack of two, and two hosts with more room beside it."""
        self.start(
            hosts={
                'compute-1': base.HOST,
                'compute-2': base.a_host(vcpus=4),
                'compute-3': base.HOST,
                'compute-4': base.SPARE,
            },
            aggregates={'rack-1': {'hosts': ['compute-1', 'compute-2']}},
            servers={
                'web': base.on('compute-1', count=2),
                'db': base.on('compute-2'),
            },
        )

    def assert_inside(self):
        self.assertEnd(
            servers=base.all_on('compute-2', 'web-1', 'web-2', 'db'),
            services={
                'compute-1': base.MAINTAINED,
                'compute-2': base.ENABLED,
                'compute-3': base.ENABLED,
                'compute-4': base.UNUSED,
            },
        )

    def test_aggregate(self):
        self.start_rack()
        self.drain_and_execute(
            scope=[{'compute': [{'host_aggregates': [{'name': 'rack-1'}]}]}],
            maintenance_node='compute-1',
        )
        self.assert_inside()

    def test_excluded_nodes(self):
        self.start_rack()
        self.drain_and_execute(
            scope=[
                {
                    'compute': [
                        {
                            'exclude': [
                                {
                                    'compute_nodes': [
                                        {'name': 'compute-3'},
                                        {'name': 'compute-4'},
                                    ]
                                }
                            ]
                        }
                    ]
                }
            ],
            maintenance_node='compute-1',
        )
        self.assert_inside()

    def test_marked_outside(self):
        self.start(
            hosts={
                'compute-1': base.MARKED,
                'compute-2': base.HOST,
                'compute-3': base.MARKED,
            },
            aggregates={'rack-1': {'hosts': ['compute-1', 'compute-2']}},
            servers={'web': base.on('compute-1'), 'db': base.on('compute-3')},
        )
        self.drain_and_execute(
            scope=[{'compute': [{'host_aggregates': [{'name': 'rack-1'}]}]}]
        )
        self.assertEnd(
            servers={
                'web': ('ACTIVE', 'compute-2'),
                'db': ('ACTIVE', 'compute-3'),
            },
            services={
                'compute-1': base.MAINTAINED,
                'compute-2': base.ENABLED,
                'compute-3': base.MAINTAINED,
            },
        )
