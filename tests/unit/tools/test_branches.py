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

import contextlib
import io
import json
import pathlib
import tempfile

import ddt

from tests.unit import base
from tools import branches


@ddt.ddt
class TestBranches(base.TestCase):
    @ddt.named_data(
        # name, branches reached, of all, expected exit status
        ('enough',    95, 100, 0),
        ('one_short', 94, 100, 1),
        ('no_branch', 0,  0,   0),
    )
    @ddt.unpack
    def test_status(self, reached, of, expected):
        totals = {'covered_branches': reached, 'num_branches': of}
        with tempfile.NamedTemporaryFile() as report:
            pathlib.Path(report.name).write_text(
                json.dumps({'totals': totals}))
            with contextlib.redirect_stdout(io.StringIO()):
                self.assertEqual(expected, branches.main(report.name, '95'))
