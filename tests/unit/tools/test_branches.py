# SPDX-License-Identifier: Apache-2.0

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
    )  # fmt: skip
    @ddt.unpack
    def test_status(self, reached, of, expected):
        totals = {'covered_branches': reached, 'num_branches': of}
        with tempfile.NamedTemporaryFile() as report:
            pathlib.Path(report.name).write_text(
                json.dumps({'totals': totals})
            )
            with contextlib.redirect_stdout(io.StringIO()):
                self.assertEqual(expected, branches.main(report.name, '95'))
