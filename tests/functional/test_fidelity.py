# SPDX-License-Identifier: Apache-2.0

"""Some clouds of benchmarks/fidelity, drained and judged."""

import ddt

from benchmarks.fidelity import cases
from benchmarks.fidelity import judge
from tests.functional import limited


@ddt.ddt
class TestFidelity(limited.LimitedTestCase):
    @ddt.named_data(
        # name, seed, possible, stale
        ('split_and_drained', 27, True, False),
        ('refused', 9, False, False),
        ('changed_since', 19, True, True),
    )
    @ddt.unpack
    def test_right(self, seed, possible, stale):
        found = judge.judge(cases.case(seed), stale=stale)
        self.assertEqual(possible, found.possible, found.why)
        self.assertEqual(([], []), (found.faults, found.refused))
        self.assertTrue(found.right)

    def test_wrong(self):
        """Upstream's strategy tries what cannot be done."""
        found = judge.judge(cases.case(9), 'upstream')
        self.assertFalse(found.possible)
        self.assertIn('compute-3 is disabled', found.faults)
        self.assertIn('the audit is SUCCEEDED', found.faults)
        self.assertNotEqual([], found.refused)
        self.assertFalse(found.right)
