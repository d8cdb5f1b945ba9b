# SPDX-License-Identifier: Apache-2.0

"""Servers and services keep the states they had; nothing redundant runs."""

from tests.functional import base
from tests.functional import plans


class TestServers(base.CloudTestCase):
    def test_running_and_stopped(self):
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.HOST},
            servers={
                'web': base.on('compute-1', count=2),
                'batch': base.on(
                    'compute-1', 'medium', count=2, state='SHUTOFF'
                ),
            },
        )
        done = self.drain_and_execute(maintenance_node='compute-1')
        self.assertEnd(
            servers={
                **base.all_on('compute-2', 'web-1', 'web-2'),
                **base.all_on(
                    'compute-2', 'batch-1', 'batch-2', status='SHUTOFF'
                ),
            },
            services={'compute-1': base.MAINTAINED, 'compute-2': base.ENABLED},
        )
        self.assertEqual(
            {
                'batch-1': 'cold',
                'batch-2': 'cold',
                'web-1': 'live',
                'web-2': 'live',
            },
            plans.migration_types(done.actions),
        )

    def test_offloaded(self):
        # It belongs to no host any more, and is none of our business.
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.HOST},
            servers={
                'web': base.on('compute-1'),
                'archive': base.on(
                    'compute-1', 'large', state='SHELVED_OFFLOADED'
                ),
            },
        )
        self.drain_and_execute(maintenance_node='compute-1')
        self.assertEnd(
            servers={
                'web': ('ACTIVE', 'compute-2'),
                'archive': ('SHELVED_OFFLOADED', None),
            },
            services={'compute-1': base.MAINTAINED, 'compute-2': base.ENABLED},
        )


class TestNode(base.CloudTestCase):
    """What is so already is not done again."""

    def test_empty(self):
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.SPARE}, servers={}
        )
        done = self.drain_and_execute(maintenance_node='compute-1')
        self.assertEqual(
            [('change_nova_service_state', 'compute-1', 'disabled')],
            plans.steps(done.actions),
        )
        self.assertEnd(
            servers={},
            services={'compute-1': base.MAINTAINED, 'compute-2': base.UNUSED},
        )

    def test_disabled_by_a_person(self):
        reason = 'DIMM 3 to be replaced, ask Kim'
        self.start(
            hosts={
                'compute-1': base.a_host(disabled_reason=reason),
                'compute-2': base.HOST,
            },
            servers={'web': base.on('compute-1')},
        )
        done = self.drain_and_execute(maintenance_node='compute-1')
        self.assertEqual(
            [('migrate', 'web', 'compute-2')], plans.steps(done.actions)
        )
        self.assertEnd(
            servers={'web': ('ACTIVE', 'compute-2')},
            services={
                'compute-1': ('disabled', 'up', reason),
                'compute-2': base.ENABLED,
            },
        )
        # Nothing is left to do.
        done = self.drain_and_execute(maintenance_node='compute-1')
        self.assertEqual([], done.actions)
