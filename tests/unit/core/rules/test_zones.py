# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tests.unit.core.rules import asking
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.rules import zones
from watcher_host_maintenance.core.rules.zones import OTHER_ZONE


ROWS = (
    # name, case, reasons given
    ('same', {'pinned_zone': 'b', 'node': {'zone': 'b'}}, []),
    ('other', {'pinned_zone': 'b', 'node': {'zone': 'a'}}, ['other_zone']),
)


@ddt.ddt
class TestInPinnedZone(base.TestCase):
    @ddt.named_data(
        # name, pinned zone, the node's zone, is refused
        ('not_pinned',         None,   'nova',  False),
        ('not_pinned_unknown', None,   '',      False),
        ('same',               'nova', 'nova',  False),
        ('other',              'nova', 'az-2',  True),
        ('longer_name',        'az-2', 'az-20', True),
        ('other_case',         'nova', 'Nova',  True),
        ('unknown',            'nova', '',      True),
    )  # fmt: skip
    @ddt.unpack
    def test_refused(self, pinned, zone, refused):
        found = asking.findings(
            zones.in_pinned_zone, pinned_zone=pinned, node={'zone': zone}
        )
        self.assertEqual(
            [
                Finding(
                    OTHER_ZONE,
                    'compute-2',
                    {'zone': zone or None, 'pinned': pinned},
                )
            ]
            if refused
            else [],
            found,
        )
