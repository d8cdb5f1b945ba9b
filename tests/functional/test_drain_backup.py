# SPDX-License-Identifier: Apache-2.0

"""Everything to the one host that the operator names."""

from tests.functional import base
from tests.functional import plans


class TestBackup(base.CloudTestCase):
    CHECKED = True

    def start_with(self, backup):
        """Start compute-1 with servers and compute-3, the backup.

        compute-2 is the emptier one and compute-4 a spare: neither is to
        be touched.
        """
        self.start(
            hosts={
                'compute-1': base.HOST,
                'compute-2': base.HOST,
                'compute-3': backup,
                'compute-4': base.SPARE,
            },
            servers={
                'web': base.on('compute-1', count=2),
                'db': base.on('compute-1', 'medium', state='SHUTOFF'),
            },
        )

    def assert_drained(self):
        self.assertEnd(
            servers={
                **base.all_on('compute-3', 'web-1', 'web-2'),
                'db': ('SHUTOFF', 'compute-3'),
            },
            services={
                'compute-1': base.MAINTAINED,
                'compute-2': base.ENABLED,
                'compute-3': base.ENABLED,
                'compute-4': base.UNUSED,
            },
        )

    def test_enabled(self):
        self.start_with(base.a_host(vcpus=4))
        done = self.drain_and_execute(
            maintenance_node='compute-1', backup_node='compute-3'
        )
        self.assert_drained()
        self.assertEqual(
            [
                ('change_nova_service_state', 'compute-1', 'disabled'),
                ('migrate', 'db', 'compute-3'),
                ('migrate', 'web-1', 'compute-3'),
                ('migrate', 'web-2', 'compute-3'),
            ],
            plans.steps(done.actions),
        )

    def test_spare(self):
        self.start_with(base.SPARE)
        self.drain_and_execute(
            maintenance_node='compute-1', backup_node='compute-3'
        )
        self.assert_drained()

    def test_spare_with_an_instance(self):
        # Method 1 would leave it alone; here it is named.
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.SPARE},
            servers={'web': base.on('compute-1'), 'old': base.on('compute-2')},
        )
        self.drain_and_execute(
            maintenance_node='compute-1', backup_node='compute-2'
        )
        self.assertEnd(
            servers=base.all_on('compute-2', 'web', 'old'),
            services={'compute-1': base.MAINTAINED, 'compute-2': base.ENABLED},
        )
