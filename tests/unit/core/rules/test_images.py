# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tests.unit.core.rules import asking
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.rules import images
from watcher_host_maintenance.core.rules.images import OTHER_ARCHITECTURE
from watcher_host_maintenance.core.rules.images import OTHER_VERSION


ARCH, VERSION = 'hw_architecture', 'img_hv_requested_version'

ROWS = (
    # name, case, reasons given
    (
        'other_architecture',
        {
            'image_properties': {ARCH: 'aarch64'},
            'node': {'architecture': 'x86_64'},
        },
        ['other_architecture'],
    ),
    (
        'same_architecture',
        {
            'image_properties': {ARCH: 'x86_64'},
            'node': {'architecture': 'x86_64'},
        },
        [],
    ),
    (
        'other_version',
        {
            'image_properties': {VERSION: '>=9.0'},
            'node': {'hypervisor_version': 8002000},
        },
        ['other_version'],
    ),
    (
        'wanted_version',
        {
            'image_properties': {VERSION: '>=8.2'},
            'node': {'hypervisor_version': 8002000},
        },
        [],
    ),
)


@ddt.ddt
class TestHasArchitecture(base.TestCase):
    @ddt.named_data(
        # name, of the image, of the node, what is said to be wanted
        ('asks_for_none',  None,      'x86_64',  None),
        ('empty',          '',        'x86_64',  None),
        ('same',           'x86_64',  'x86_64',  None),
        ('another_name',   'AMD64',   'x86_64',  None),
        ('older',          'i586',    'x86_64',  None),
        ('other',          'aarch64', 'x86_64',  'aarch64'),
        ('newer',          'x86_64',  'i686',    'x86_64'),
        ('unknown_there',  'aarch64', '',        None),
        ('no_such',        'z80',     'x86_64',  'z80'),
    )  # fmt: skip
    @ddt.unpack
    def test_refused(self, text, architecture, wanted):
        findings = asking.findings(
            images.has_architecture,
            image_properties={} if text is None else {ARCH: text},
            node={'architecture': architecture},
        )
        facts = {'architecture': architecture, 'wanted': wanted}
        self.assertEqual(
            [Finding(OTHER_ARCHITECTURE, 'compute-2', facts)]
            if wanted
            else [],
            findings,
        )


@ddt.ddt
class TestHasVersion(base.TestCase):
    @ddt.named_data(
        # name, what the image wants, version of the node, is refused
        ('asks_for_none',   '',              8002000, False),
        ('exactly',         '>=8.2.0',       8002000, False),
        ('one_older',       '>=8.2.0',       8001999, True),
        ('shorter',         '>=8.2',         8002000, False),
        ('longer',          '>=8.2.0.0',     8002000, False),
        ('longer_newer',    '>=8.2.0.1',     8002000, True),
        ('less',            '<8.2',          8001999, False),
        ('not_less',        '<8.2',          8002000, True),
        ('at_most',         '<=8.2',         8002000, False),
        ('more_than',       '>8.2',          8002000, True),
        ('just_more',       '>8.2',          8002001, False),
        ('equal',           '==8.2',         8002000, False),
        ('not_equal',       '!=8.2',         8002000, True),
        ('between',         '>=8, <9',       8002000, False),
        ('not_between',     '>=8, <8.2',     8002000, True),
        ('as_numbers',      '>=9.0',         10000000, False),
        ('no_sense',        'new',           8002000, True),
        ('half_sense',      '>=8, new',      8002000, True),
        ('unknown_there',   '>=9',           0,       False),
    )  # fmt: skip
    @ddt.unpack
    def test_refused(self, wanted, version, refused):
        findings = asking.findings(
            images.has_version,
            image_properties={VERSION: wanted},
            node={'hypervisor_version': version},
        )
        self.assertEqual(
            [OTHER_VERSION] if refused else [], [f.reason for f in findings]
        )

    def test_facts(self):
        [finding] = asking.findings(
            images.has_version,
            image_properties={VERSION: '>=9'},
            node={'hypervisor_version': 8002001},
        )
        self.assertEqual(
            {'version': '8.2.1', 'wanted': '>=9'}, dict(finding.facts)
        )
