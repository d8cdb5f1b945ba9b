# SPDX-License-Identifier: Apache-2.0

"""Every move of some clouds, asked of our rules and of Nova."""

from unittest import mock

from benchmarks.fidelity import cases
from benchmarks.fidelity import verdicts
from tests.functional import limited
from watcher_host_maintenance.core.rules import hosting


class TestVerdicts(limited.LimitedTestCase):
    def test_agreed(self):
        found = list(verdicts.compare(cases.case(11)))
        self.assertEqual({'agreed'}, {one.sense for one in found})
        self.assertEqual(
            {
                (True, ()),
                # The rule's reason, and that of Placement.
                (False, ('no_allocation_candidate', 'no_room')),
                (False, ('provider_lacks_trait', 'trait_missing')),
            },
            {
                (one.accepted, tuple(sorted({*one.objections})))
                for one in found
            },
        )

    def test_without_rules(self):
        """A rule less is noticed: the comparison is no formality."""
        with mock.patch.object(hosting, 'RULES', ()):
            found = list(verdicts.compare(cases.case(9)))
        self.assertEqual({'lax'}, {one.sense for one in found})
