# SPDX-License-Identifier: Apache-2.0

"""A plan that fails gives services back, when it was asked to."""

from tests.functional import base
from tests.functional import fault


class TestRestore(fault.FaultTestCase):
    def fail(self, **hosts):
        """Execute a plan in which ``web`` cannot leave; its last message."""
        self.start(hosts=hosts, servers={'web': base.on('compute-1')})
        self.cloud.faults.fail('web', 'live_migration_check')
        plan = self.plan(on_failure='enable')
        self.assertEqual('FAILED', self.cloud.execute(plan)['state'])
        _state, message = self.ends(plan)['compute-1']
        return message

    def test_node_and_spare(self):
        said = self.fail(**{'compute-1': base.HOST, 'compute-2': base.SPARE})
        self.assertEnd(
            servers={'web': ('ACTIVE', 'compute-1')},
            services={'compute-1': base.ENABLED, 'compute-2': base.UNUSED},
        )
        self.assertIn('compute-1 is enabled again.', said)

        # It can be done at once when the fault is mended.
        self.cloud.faults.clear()
        self.drain_and_execute(maintenance_node='compute-1')
        self.assertEnd(
            servers={'web': ('ACTIVE', 'compute-2')},
            services={'compute-1': base.MAINTAINED, 'compute-2': base.ENABLED},
        )

    def test_not_what_a_person_has_disabled(self):
        reason = 'DIMM 3 to be replaced, ask Kim'
        said = self.fail(
            **{
                'compute-1': base.a_host(disabled_reason=reason),
                'compute-2': base.HOST,
            }
        )
        self.assertEnd(
            servers={'web': ('ACTIVE', 'compute-1')},
            services={
                'compute-1': ('disabled', 'up', reason),
                'compute-2': base.ENABLED,
            },
        )
        self.assertNotIn('enabled again', said)
