# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from watcher_host_maintenance.core.model import document
from watcher_host_maintenance.core.model.document import InvalidDocument
from watcher_host_maintenance.core.model.window import Window


NIGHT = Window(1000, 2000)
EVER = Window(1000)


@ddt.ddt
class TestWindow(base.TestCase):
    @ddt.named_data(
        # name, starts, ends, what is wrong
        ('second',      0,    1,    None),
        ('no_end',      0,    None, None),
        ('before_1970', -1,   1,    'starts_s: must be at least 0'),
        ('no_second',   5,    5,
         'ends_s: must be after starts_s, which is 5'),
        ('backwards',   5,    4,
         'ends_s: must be after starts_s, which is 5'),
    )  # fmt: skip
    @ddt.unpack
    def test_valid(self, starts_s, ends_s, problem):
        if problem is None:
            window = Window(starts_s, ends_s)
            self.assertEqual(
                window, document.loads(Window, document.dumps(window))
            )
        else:
            error = self.assertRaises(
                InvalidDocument, Window, starts_s, ends_s
            )
            self.assertEqual(problem, str(error))

    @ddt.named_data(
        # name, window, now, is open
        ('before',       NIGHT, 999,   False),
        ('start',        NIGHT, 1000,  True),
        ('last_second',  NIGHT, 1999,  True),
        ('end',          NIGHT, 2000,  False),
        ('no_end_early', EVER,  999,   False),
        ('no_end',       EVER,  10**9, True),
    )  # fmt: skip
    @ddt.unpack
    def test_is_open(self, window, now_s, expected):
        self.assertIs(expected, window.is_open(now_s))

    @ddt.named_data(
        # name, window, begins, takes, fits
        ('all_of_it',     NIGHT, 1000, 1000,   True),
        ('hair_too_long', NIGHT, 1000, 1000.1, False),
        ('to_the_end',    NIGHT, 1990, 10,     True),
        ('too_late',      NIGHT, 1991, 10,     False),
        ('too_early',     NIGHT, 999,  1,      False),
        ('nothing_late',  NIGHT, 2000, 0,      False),
        ('no_end',        EVER,  1000, 10**9,  True),
        ('no_end_early',  EVER,  999,  1,      False),
    )  # fmt: skip
    @ddt.unpack
    def test_fits(self, window, begins_s, duration_s, expected):
        self.assertIs(expected, window.fits(begins_s, duration_s))
