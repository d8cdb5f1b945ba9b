# SPDX-License-Identifier: Apache-2.0


"""The documentation's tables of states and faults have a row for each."""

import pathlib
import re

import ddt

from tests.functional import fault_table
from tests.unit import base
from watcher_host_maintenance.core.rules.leaving import STATES


ROOT = pathlib.Path(__file__).parents[2]


@ddt.ddt
class TestFaults(base.TestCase):
    @ddt.data(*fault_table.rows())
    def test_each_row_is_tested(self, fault):
        found = ''.join(
            path.read_text(encoding='utf-8')
            for path in (ROOT / 'tests' / 'functional').glob('test_*.py')
        )
        self.assertRegex(found, f'[\'"]{re.escape(fault)}[\'"]')

    @ddt.data(*fault_table.rows().values())
    def test_each_cell_is_compared(self, row):
        self.assertTrue(row.seen and row.end and row.again)


@ddt.ddt
class TestStates(base.TestCase):
    @ddt.data(*STATES)
    def test_each_has_a_row(self, vm_state):
        path = ROOT / 'doc/source/reference/execution.rst'
        text = path.read_text(encoding='utf-8')
        table = text[
            text.index('\nServer states\n') : text.index('\nFaults\n')
        ]
        self.assertRegex(table, rf'\* - .*\b{vm_state}\b')
