# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from watcher_host_maintenance.core.model.plan import Slow
from watcher_host_maintenance.core.telling import warnings


@ddt.ddt
class TestSlowMoves(base.TestCase):
    @ddt.named_data(
        ('none', (), []),
        (
            'one',
            (123.4,),
            [
                'web-0 may take 123 s to migrate, but 100 s are allowed: raise '
                '[nova] migration_max_retries.'
            ],
        ),
        (
            'more',
            (123.4, 120, 110),
            [
                'web-0 may take 123 s to migrate, but 100 s are allowed: raise '
                '[nova] migration_max_retries.',
                'And 2 more.',
            ],
        ),
    )
    @ddt.unpack
    def test_in_words(self, copies_s, expected):
        slow = [Slow(f'web-{n}', copy_s) for n, copy_s in enumerate(copies_s)]
        self.assertEqual(expected, warnings.of_slow_moves(slow, 100.4))
