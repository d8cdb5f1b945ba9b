# SPDX-License-Identifier: Apache-2.0

"""A spare that is maintained first is no spare in the next drain."""

from tests.functional import base
from tests.functional import plans


class TestSpare(base.CloudTestCase):
    CHECKED = True

    def test_maintained_first(self):
        self.start(
            hosts={
                'compute-1': base.HOST,
                'compute-2': base.HOST,
                'compute-3': base.SPARE,
            },
            servers={'web': base.on('compute-1', count=2)},
        )
        done = self.drain_and_execute(maintenance_node='compute-3')
        self.assertEqual(
            [('change_disabled_reason', 'compute-3', '')],
            plans.steps(done.actions),
        )
        done = self.drain_and_execute(maintenance_node='compute-3')
        self.assertEqual([], done.actions)

        # It is no spare any more.
        self.drain_and_execute(maintenance_node='compute-1')
        self.assertEnd(
            servers=base.all_on('compute-2', 'web-1', 'web-2'),
            services={
                'compute-1': base.MAINTAINED,
                'compute-2': base.ENABLED,
                'compute-3': base.MAINTAINED,
            },
        )
