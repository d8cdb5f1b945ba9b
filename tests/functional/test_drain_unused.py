# SPDX-License-Identifier: Apache-2.0

"""Method 1: one unused host takes everything."""

from tests.functional import base
from tests.functional import plans


class TestUnused(base.CloudTestCase):
    """compute-1 is drained; compute-2 is in use."""

    CHECKED = True

    def start_beside(self, **hosts):
        """Start compute-1 with two servers, compute-2 with one, and these.

        The two servers hold 4 VCPU, 16384 MEMORY_MB and 80 DISK_GB.
        """
        self.start(
            hosts={
                'compute-1': base.HOST,
                'compute-2': base.HOST,
                **{h.replace('_', '-'): r for h, r in hosts.items()},
            },
            servers={
                'web': base.on('compute-1', 'medium', count=2),
                'db': base.on('compute-2', 'large'),
            },
        )

    def assert_moved_to(self, host, **services):
        """Compare the whole end.

        :param services: beside the drained compute-1 and the enabled
            compute-2
        """
        self.assertEnd(
            servers={
                **base.all_on(host, 'web-1', 'web-2'),
                'db': ('ACTIVE', 'compute-2'),
            },
            services={
                'compute-1': base.MAINTAINED,
                'compute-2': base.ENABLED,
                **{h.replace('_', '-'): s for h, s in services.items()},
            },
        )

    def test_one_with_room(self):
        self.start_beside(compute_3=base.SPARE)
        done = self.drain_and_execute(maintenance_node='compute-1')
        self.assert_moved_to('compute-3', compute_3=base.ENABLED)
        self.assertEqual(
            [
                ('change_nova_service_state', 'compute-1', 'disabled'),
                ('change_nova_service_state', 'compute-3', 'enabled'),
                ('migrate', 'web-1', 'compute-3'),
                ('migrate', 'web-2', 'compute-3'),
            ],
            plans.steps(done.actions),
        )

    def test_only_the_second_has_room(self):
        self.start_beside(
            compute_3={**base.SPARE, 'disk_gb': 79}, compute_4=base.SPARE
        )
        self.drain_and_execute(maintenance_node='compute-1')
        self.assert_moved_to(
            'compute-4', compute_3=base.UNUSED, compute_4=base.ENABLED
        )

    def test_tightest_fit(self):
        self.start_beside(
            compute_3=base.SPARE,
            compute_4={
                **base.SPARE,
                'vcpus': 4,
                'memory_mb': 16384,
                'disk_gb': 80,
            },
            compute_5=base.SPARE,
        )
        self.drain_and_execute(maintenance_node='compute-1')
        self.assert_moved_to(
            'compute-4',
            compute_3=base.UNUSED,
            compute_4=base.ENABLED,
            compute_5=base.UNUSED,
        )

    def test_foreign_reason(self):
        # https://bugs.launchpad.net/watcher/+bug/2109945
        reason = 'watcher_disabled: fan broken'
        self.start_beside(compute_3=base.a_host(disabled_reason=reason))
        self.drain_and_execute(maintenance_node='compute-1')
        self.assert_moved_to('compute-2', compute_3=('disabled', 'up', reason))


class TestNotUnused(base.CloudTestCase):
    """A host that is disabled as a spare and yet holds an instance."""

    CHECKED = True

    def test_left_alone(self):
        self.start(
            hosts={
                'compute-1': base.HOST,
                'compute-2': base.HOST,
                'compute-3': base.SPARE,
            },
            servers={
                'web': base.on('compute-1'),
                'forgotten': base.on('compute-3', state='SHUTOFF'),
            },
        )
        self.drain_and_execute(maintenance_node='compute-1')
        self.assertEnd(
            servers={
                'web': ('ACTIVE', 'compute-2'),
                'forgotten': ('SHUTOFF', 'compute-3'),
            },
            services={
                'compute-1': base.MAINTAINED,
                'compute-2': base.ENABLED,
                'compute-3': base.UNUSED,
            },
        )
