# SPDX-License-Identifier: Apache-2.0

import dataclasses

import ddt

from tests.unit import base
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import an_instance
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.snapshot import Unread
from watcher_host_maintenance.core.rules import unproved
from watcher_host_maintenance.core.rules import unread


OF_1 = {'needs_traits_of': 'compute-1'}

ROWS = (
    # name, case, reasons given
    ('may_lack', OF_1, ['may_lack_trait']),
    ('covers', {**OF_1, 'node': {'covers': ('compute-1',)}}, []),
    (
        'covers_another',
        {**OF_1, 'node': {'covers': ('compute-3',)}},
        ['may_lack_trait'],
    ),
    ('allowed', {**OF_1, 'request': {'allow_unproved_moves': True}}, []),
    ('all_is_known', {}, []),
)


@ddt.ddt
class TestBlockers(base.TestCase):
    @ddt.named_data(
        # name, what could not be read, reasons given
        ('nothing',    (),                   []),
        ('properties', (Unread.PROPERTIES,), ['image_unread']),
        ('hints',      (Unread.HINTS,),      ['hints_unread']),
        ('ports',      (Unread.PORTS,),      ['ports_unread']),
        ('group',      (Unread.GROUP,),      ['group_unread']),
        ('all',        tuple(Unread),
         ['image_unread', 'hints_unread', 'ports_unread', 'group_unread']),
    )  # fmt: skip
    @ddt.unpack
    def test_each(self, what, reasons):
        instance = an_instance(unread=what)
        findings = list(unread.blockers(instance))
        self.assertEqual(reasons, [f.reason.value for f in findings])
        self.assertEqual({'web-1'} if what else set(),
                         {f.subject for f in findings})  # fmt: skip
        self.assertIs(bool(what), unproved.is_unproved(instance))


@ddt.ddt
class TestNotes(base.TestCase):
    @ddt.named_data(
        # name, why, reason
        ('off',    'off',        'read_is_off'),
        ('absent', 'absent',     'service_absent'),
        ('error',  'no answer',  'read_failed'),
    )  # fmt: skip
    @ddt.unpack
    def test_reason(self, why, reason):
        before = dataclasses.replace(a_snapshot(), not_read={'images': why})
        [note] = unread.notes(before)
        self.assertEqual(reason, note.reason.value)
        facts = {'error': why} if reason == 'read_failed' else {}
        self.assertEqual(Finding(note.reason, 'images', facts), note)

    def test_everything_is_read(self):
        self.assertEqual((), unread.notes(a_snapshot()))

    def test_by_name(self):
        before = dataclasses.replace(
            a_snapshot(), not_read={'volumes': 'off', 'images': 'absent'}
        )
        self.assertEqual(
            ['images', 'volumes'], [n.subject for n in unread.notes(before)]
        )
