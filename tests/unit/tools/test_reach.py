# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tools import reach


@ddt.ddt
class TestReach(base.TestCase):
    @ddt.named_data(
        # name, first line, line after the last, expected tests
        ('one_line',     2, 3, ['fast', 'slow']),
        ('some_lines',   2, 4, ['fast', 'other', 'slow']),
        ('none',         9, 10, []),
        ('at_import',    1, 2, ['fast', 'other', 'unrelated', 'slow']),
    )  # fmt: skip
    @ddt.unpack
    def test_fastest_first(self, first, end, expected):
        reached = reach.Reach(
            seconds={'slow': 3.0, 'fast': 1.0, 'unrelated': 2.0, 'other': 2.0},
            lines={'ledger.py': {1: [''], 2: ['slow', 'fast'], 3: ['other']}},
        )
        self.assertEqual(
            expected, reached.tests('ledger.py', range(first, end))
        )

    def test_unknown_file(self):
        self.assertEqual([], reach.Reach({}, {}).tests('a.py', range(1, 9)))
