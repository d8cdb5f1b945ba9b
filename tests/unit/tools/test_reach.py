# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

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
    )
    @ddt.unpack
    def test_fastest_first(self, first, end, expected):
        reached = reach.Reach(
            seconds={'slow': 3.0, 'fast': 1.0, 'unrelated': 2.0, 'other': 2.0},
            lines={'ledger.py': {1: [''], 2: ['slow', 'fast'], 3: ['other']}})
        self.assertEqual(
            expected, reached.tests('ledger.py', range(first, end)))

    def test_unknown_file(self):
        self.assertEqual([], reach.Reach({}, {}).tests('a.py', range(1, 9)))
