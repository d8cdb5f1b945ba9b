# SPDX-License-Identifier: Apache-2.0


"""Tests of what Nova asks Placement for, against Nova's own reading."""

import ddt

from tests.unit import base
from tests.unit.cloud.flavor_cases import CASES
from tests.unit.cloud.flavor_cases import SHARED
from tests.unit.cloud.flavor_cases import a_flavor
from watcher_host_maintenance.cloud import flavors
from watcher_host_maintenance.core.model.document import MOST


@ddt.ddt
class TestResources(base.TestCase):
    @ddt.named_data(*CASES)
    @ddt.unpack
    def test_amounts(self, asked, has_image, expected):
        self.assertEqual(expected, flavors.resources(asked, has_image))

    def test_no_extra_specs(self):
        asked = a_flavor() | {'extra_specs': None}
        self.assertEqual(SHARED, flavors.resources(asked, True))

    def test_swap_as_text(self):
        # As Nova's API has it when there is none, before 2.75.
        self.assertEqual(SHARED, flavors.resources(a_flavor(swap=''), True))

    def test_no_more_than_any_node_has(self):
        # Nova would ask Placement for it, and be refused.
        asked = a_flavor({'resources:VCPU': '9' * 400})
        self.assertEqual(
            SHARED | {'VCPU': MOST}, flavors.resources(asked, True)
        )
