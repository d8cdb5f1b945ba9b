# SPDX-License-Identifier: Apache-2.0

from demo import why
from demo.picture import Host
from demo.picture import Picture
from tests.unit import base


REPORT = {
    'destinations': [
        {'hostname': 'b', 'percent_after': {'VCPU': 50.0, 'DISK_GB': 20.0}},
        {'hostname': 'c', 'percent_after': {'VCPU': 40.0, 'DISK_GB': 71.9}},
    ],
    'words': [
        'Cannot drain a: 1 of 2 instances cannot be moved.',
        '  web2 fits on no destination',
        '    b: needs 9 VCPU, 8 free',
        '  web fits on no destination',
        '    b: needs 4 VCPU, 3 free',
        '    c: needs 4 VCPU, 1 free',
        'Not used as destinations:',
        '  d is disabled: "fan broken"',
    ],
}


def a_cloud(room):
    """A host in use, a spare with so much room, and a broken host."""
    used, capacity = {'VCPU': 4, 'DISK_GB': 100}, {'VCPU': 8.0}
    return Picture(
        {
            'a': Host('enabled', None, used, capacity),
            'b': Host('disabled', 'watcher_disabled', {}, room),
            'c': Host('disabled', 'fan broken', {}, capacity),
        },
        {},
    )


class TestWhy(base.TestCase):
    def test_spread_names_the_fullest(self):
        self.assertIn(
            'is c, with 72 % of its disk in use.', why.spread(REPORT)
        )

    def test_spare_too_small(self):
        spare, broken = why.not_used(
            a_cloud({'VCPU': 4.0, 'DISK_GB': 99.0}), 'a'
        )
        self.assertIn('need 100 GB of disk, and it has 99 GB.', spare)
        self.assertIn('"fan broken"', broken)

    def test_spare_large_enough(self):
        self.assertEqual(
            1,
            len(
                list(
                    why.not_used(a_cloud({'VCPU': 4.0, 'DISK_GB': 100.0}), 'a')
                )
            ),
        )

    def test_stays(self):
        self.assertEqual(
            ['b: needs 4 VCPU, 3 free', 'c: needs 4 VCPU, 1 free'],
            why.stays(REPORT, 'web'),
        )
        self.assertEqual([], why.stays(REPORT, 'db'))
