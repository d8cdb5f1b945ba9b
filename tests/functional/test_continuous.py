# SPDX-License-Identifier: Apache-2.0

"""CONTINUOUS audits: no room is told; once there is some, it drains."""

from tests.functional import base
from tests.functional import continuous
from tests.functional import plans


class TestRoomFreed(continuous.ContinuousTestCase):
    def test_room_freed(self):
        self.start(
            hosts={
                'compute-1': base.MARKED,
                'compute-2': base.a_host(disk_gb=40),
            },
            servers={
                'web': base.on('compute-1'),
                'log': base.on('compute-2', count=2),
            },
        )
        before = self.state()
        audit = self.watch(auto_trigger=True)
        message = (
            'Cannot drain compute-1: 1 of 1 instances cannot be moved. web '
            'fits on no destination (compute-2: needs 20 DISK_GB, 0 free). '
            'Nothing was changed. One way: free or add 20 DISK_GB on '
            'compute-2.'
        )
        self.assertSays(audit, message)
        self.assertRunsOn(audit)
        self.assertSays(audit, message)
        self.assertEqual([], self.actions(audit))
        self.assertEqual(before, self.state())

        log = self.cloud.nova.servers.find(name='log-1')
        log.force_delete()
        self.assertEventually(
            {'web', 'log-2'}, lambda: set(self.cloud.servers())
        )
        self.cloud.refresh_model()
        self.assertSays(audit, None)
        self.assertEventually(
            ('ACTIVE', 'compute-2'),
            lambda: self.cloud.servers()['web'],
            continuous.PATIENCE_S,
        )

        # Nothing is left to do, and that is no failure either.
        self.cloud.refresh_model()
        self.assertRunsOn(audit)
        self.assertSays(audit, None)
        self.assertEnd(
            servers=base.all_on('compute-2', 'web', 'log-2'),
            services={'compute-1': base.MAINTAINED, 'compute-2': base.ENABLED},
        )
        self.assertPlacementTrue()
        # The model did not see the move at once, and the applier may not have
        # begun it before the next run: the same move is then in more plans,
        # and is skipped or refused there.
        moves = [a[:4] for a in self.actions(audit) if a[1] not in plans.LOOKS]
        self.assertEqual(
            {('migrate', 'web', 'compute-2')}, {a[1:] for a in moves}
        )
        self.assertEqual(1, [a[0] for a in moves].count('SUCCEEDED'))
