# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tests.unit.core.rules import asking
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.rules import hypervisors
from watcher_host_maintenance.core.rules.hypervisors import OLDER_HYPERVISOR
from watcher_host_maintenance.core.rules.hypervisors import OTHER_HYPERVISOR


LIVE, COLD = MoveKind.LIVE, MoveKind.COLD

NEW, OLD = {'hypervisor_version': 8002000}, {'hypervisor_version': 8001999}

ROWS = (
    # name, case, reasons given
    (
        'other_type',
        {'node': {'hypervisor_type': 'VMware'}},
        ['other_hypervisor'],
    ),
    ('older', {'source': NEW, 'node': OLD}, ['older_hypervisor']),
    ('newer', {'source': OLD, 'node': NEW}, []),
    ('cold', {'kind': MoveKind.COLD, 'source': NEW, 'node': OLD}, []),
)


@ddt.ddt
class TestSameType(base.TestCase):
    @ddt.named_data(
        # name, how it moves, type of the source, of the node, is refused
        ('same',             LIVE, 'QEMU', 'QEMU',   False),
        ('other',            LIVE, 'QEMU', 'VMware', True),
        ('other_cold',       COLD, 'QEMU', 'VMware', True),
        ('other_case',       LIVE, 'QEMU', 'qemu',   True),
        ('both_unknown',     LIVE, '',     '',       False),
        ('one_unknown',      LIVE, 'QEMU', '',       True),
        ('other_unknown',    COLD, '',     'QEMU',   True),
    )  # fmt: skip
    @ddt.unpack
    def test_refused(self, kind, source, destination, refused):
        found = asking.findings(
            hypervisors.same_type,
            kind=kind,
            source={'hypervisor_type': source},
            node={'hypervisor_type': destination},
        )
        facts = {
            'source': source or None,
            'destination': destination or None,
        }
        self.assertEqual(
            [Finding(OTHER_HYPERVISOR, 'compute-2', facts)] if refused else [],
            found,
        )


@ddt.ddt
class TestNotOlder(base.TestCase):
    def test_switched_off(self):
        self.assertEqual(
            [],
            asking.findings(
                hypervisors.not_older,
                kind=LIVE,
                source={'hypervisor_version': 2},
                node={'hypervisor_version': 1},
                request={'hypervisor_version_check': False},
            ),
        )

    @ddt.named_data(
        # name, how it moves, version of the source, of the node, is refused
        ('same',          LIVE, 8002000, 8002000, False),
        ('one_older',     LIVE, 8002000, 8001999, True),
        ('one_newer',     LIVE, 8002000, 8002001, False),
        ('older_cold',    COLD, 8002000, 8001999, False),
        # As numbers: 10 is newer than 9.
        ('more_digits',   LIVE, 9002000, 10001000, False),
        ('node_unknown',  LIVE, 8002000, 0,       True),
        ('both_unknown',  LIVE, 0,       0,       False),
    )  # fmt: skip
    @ddt.unpack
    def test_refused(self, kind, source, destination, refused):
        found = asking.findings(
            hypervisors.not_older,
            kind=kind,
            source={'hypervisor_version': source},
            node={'hypervisor_version': destination},
        )
        facts = {'source': source, 'destination': destination}
        self.assertEqual(
            [Finding(OLDER_HYPERVISOR, 'compute-2', facts)] if refused else [],
            found,
        )
