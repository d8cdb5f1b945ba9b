# SPDX-License-Identifier: Apache-2.0

import dataclasses

import ddt

from tests.unit import base
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_request
from tests.unit.core.findings import all_written
from watcher_host_maintenance.core.rules import roles
from watcher_host_maintenance.core.rules.roles import Use


def a_disabled_node(reason, **fields):
    return a_node(
        **{'status': 'disabled', 'disabled_reason': reason, **fields}
    )


def is_spare(node, request):
    """Whether Method 1 may enable it."""
    return roles.is_usable(node, Use.WAKE, request)


@ddt.ddt
class TestRoles(base.TestCase):
    @ddt.named_data(
        # name, disabled reason, marking reasons, expected
        ('exact',        'watcher_maintaining', None,           True),
        ('prefix',       'watcher_maintaining: fan', None,      True),
        ('later',        'was watcher_maintaining', None,       False),
        ('part',         'watcher_maintainin',  None,           False),
        ('other_case',   'Watcher_maintaining', None,           False),
        ('none_given',   '',                    None,           False),
        ('second',       'window 7',            ('fix', 'win'), True),
        ('in_no_list',   'watcher_maintaining', ('fix', 'win'), False),
        ('no_list',      'watcher_maintaining', (),             False),
    )  # fmt: skip
    @ddt.unpack
    def test_marked(self, reason, marking, expected):
        if marking is None:
            marking = a_request().marking_reasons
        self.assertIs(expected, roles.is_marked('disabled', reason, marking))

    def test_enabled_is_not_marked(self):
        reason = 'watcher_maintaining'
        self.assertIs(False, roles.is_marked('enabled', reason, (reason,)))

    @ddt.named_data(
        # name, disabled reason, fields, has a spare's reason, is unused
        ('empty',      'watcher_disabled',   {},                    True,
         True),
        ('prefix',     'watcher_disabled 2', {},                    False,
         False),
        ('part',       'watcher_disable',    {},                    False,
         False),
        ('foreign',    'broken fan',         {},                    False,
         False),
        ('none_given', '',                   {},                    False,
         False),
        ('enabled',    'watcher_disabled',   {'status': 'enabled'}, False,
         False),
        ('down',       'watcher_disabled',   {'state': 'down'},     True,
         False),
        ('one_there',  'watcher_disabled',   {'instance_count': 1}, True,
         False),
    )  # fmt: skip
    @ddt.unpack
    def test_spare(self, reason, fields, spare, unused):
        node = a_disabled_node(reason, **fields)
        self.assertIs(spare, roles.has_spare_reason(node, a_request()))
        self.assertIs(unused, is_spare(node, a_request()))

    def test_unused_reasons_of_the_site(self):
        request = a_request(unused_reasons=('power saving', 'idle'))
        self.assertIs(True, is_spare(a_disabled_node('idle'), request))
        self.assertIs(
            False,
            is_spare(a_disabled_node('watcher_disabled'), request),
        )

    def test_a_reason_of_both_lists_marks(self):
        request = a_request(
            marking_reasons=('watcher_',), unused_reasons=('watcher_disabled',)
        )
        node = a_disabled_node('watcher_disabled')
        self.assertIs(True, roles.is_usable(node, Use.MARKED, request))
        self.assertIs(False, roles.has_spare_reason(node, request))
        self.assertIs(False, is_spare(node, request))

    @ddt.data(('ironic', True), ('Ironic', True), ('QEMU', False), ('', False))
    @ddt.unpack
    def test_bare_metal(self, kind, expected):
        node = a_node(hypervisor_type=kind)
        self.assertIs(expected, roles.is_bare_metal(node))


MARK = {'status': 'disabled', 'disabled_reason': 'watcher_maintaining: x'}
SPARE = {'status': 'disabled', 'disabled_reason': 'watcher_disabled'}
FAN = {'status': 'disabled', 'disabled_reason': 'bad fan'}
LOST = {'status': 'disabled', 'disabled_reason': 'AUTO: lost'}
AUTO_FAN = {'status': 'disabled', 'disabled_reason': 'AUTO fan'}
SILENT = {'hypervisor_lost': True}
METAL = {'hypervisor_type': 'ironic'}
ABROAD = {'in_scope': False}
MISSING = {'inventory': {}, 'hypervisors': ('hv',)}
UNDISCOVERED = {'inventory': {}, 'hypervisors': ()}
DOWN = {'state': 'down'}
FENCED = {'state': 'down', 'forced_down': True}
ONE = {'instance_count': 1}

TABLE = (
    # name, fields, marked, named, Method 1, Method 2, backup; '-' is not
    # used, '' is used, anything else the reasons why it is refused
    ('enabled',     {},                '-', '', '-', '', ''),
    ('in_use',      ONE,               '-', '', '-', '', ''),
    ('marked',      MARK,              '', '', '-', 'marked',
     'backup_marked'),
    ('unused',      SPARE,             '-', '', '', 'unused', ''),
    ('spare_used',  {**SPARE, **ONE},  '-', '', '-', 'unused', ''),
    ('disabled',    FAN,               '-', '', '-', 'disabled',
     'backup_disabled'),
    ('lost',        LOST,              '-', 'hypervisor_lost', '-',
     'hypervisor_lost', 'hypervisor_lost'),
    ('lost_used',   {**LOST, **ONE},   '-', 'hypervisor_lost', '-',
     'hypervisor_lost', 'hypervisor_lost'),
    ('lost_down',   {**LOST, **DOWN},  '-', '', '-', 'down hypervisor_lost',
     'backup_down hypervisor_lost'),
    ('silent',      {**FAN, **SILENT}, '-', 'hypervisor_silent', '-',
     'disabled', 'backup_disabled'),
    ('silent_marked', {**MARK, **SILENT}, 'hypervisor_silent',
     'hypervisor_silent', '-', 'marked', 'backup_marked'),
    ('silent_down', {**MARK, **SILENT, **DOWN}, '', '', '-', 'down marked',
     'backup_down backup_marked'),
    ('person_auto', AUTO_FAN,          '-', '', '-', 'disabled',
     'backup_disabled'),
    ('auto_enabled', {'disabled_reason': 'AUTO: lost'}, '-', '', '-', '',
     ''),
    ('fenced',      FENCED,            '-', '', '-', 'forced_down',
     'backup_forced_down'),
    ('fenced_used', {**FENCED, **ONE}, '-', 'node_forced_down', '-',
     'forced_down', 'backup_forced_down'),
    ('down',        DOWN,              '-', '', '-', 'down', 'backup_down'),
    ('down_used',   {**DOWN, **ONE},   '-', 'node_down', '-', 'down',
     'backup_down'),
    ('down_marked', {**DOWN, **MARK},  '', '', '-', 'down marked',
     'backup_down backup_marked'),
    ('down_marked_used', {**DOWN, **MARK, **ONE}, 'node_down', 'node_down',
     '-', 'down marked', 'backup_down backup_marked'),
    ('down_spare',  {**DOWN, **SPARE}, '-', '', '-', 'down unused',
     'backup_down'),
    ('metal',       METAL,             '-', 'bare_metal', '-', 'bare_metal',
     'bare_metal'),
    ('metal_marked', {**METAL, **MARK}, 'bare_metal', 'bare_metal', '-',
     'bare_metal marked', 'bare_metal backup_marked'),
    ('metal_abroad', {**METAL, **ABROAD}, '-', 'bare_metal', '-',
     'bare_metal', 'bare_metal'),
    ('metal_abroad_marked', {**METAL, **ABROAD, **MARK}, '-', 'bare_metal',
     '-', 'bare_metal marked', 'bare_metal backup_marked'),
    ('abroad',      ABROAD,            '-', 'out_of_scope', '-',
     'out_of_scope', 'out_of_scope'),
    ('abroad_spare', {**ABROAD, **SPARE}, '-', 'out_of_scope', '-',
     'out_of_scope unused', 'out_of_scope'),
    ('abroad_marked', {**ABROAD, **MARK}, '-', 'out_of_scope', '-',
     'out_of_scope marked', 'out_of_scope backup_marked'),
    ('undiscovered', UNDISCOVERED,     '-', 'no_hypervisor', '-',
     'no_hypervisor', 'no_hypervisor'),
    ('undiscovered_spare', {**UNDISCOVERED, **SPARE}, '-', 'no_hypervisor',
     '-', 'no_hypervisor unused', 'no_hypervisor'),
    ('undiscovered_down', {**UNDISCOVERED, **DOWN}, '-', 'no_hypervisor', '-',
     'no_hypervisor down', 'no_hypervisor backup_down'),
    ('undiscovered_abroad', {**UNDISCOVERED, **ABROAD}, '-', 'out_of_scope',
     '-', 'out_of_scope', 'out_of_scope'),
    # What Watcher's model still has.
    ('unlisted',    {'hypervisors': ()}, '-', '', '-', '', ''),
    ('missing',     MISSING,           '-', 'no_inventory', '-',
     'no_inventory', 'no_inventory'),
    ('missing_spare', {**MISSING, **SPARE}, '-', 'no_inventory', '',
     'no_inventory unused', 'no_inventory'),
    ('missing_abroad', {**MISSING, **ABROAD}, '-', 'out_of_scope', '-',
     'out_of_scope', 'out_of_scope'),
)  # fmt: skip


@ddt.ddt
class TestUses(base.TestCase):
    """What each kind of node may be used for, and why not."""

    def node(self, fields):
        inventory = {} if 'inventory' in fields else None
        node = a_node(**{k: v for k, v in fields.items() if k != 'inventory'})
        if inventory is None:
            return node
        return dataclasses.replace(node, inventory=inventory)

    @ddt.named_data(*TABLE)
    @ddt.unpack
    def test_each_use(self, fields, *expected):
        node, request = self.node(fields), a_request()
        for use, wanted in zip(Use, expected, strict=True):
            found = roles.objections(node, use, request)
            reasons = ' '.join(f.reason.value for f in found)
            self.assertIs(not wanted, roles.is_usable(node, use, request), use)
            self.assertIs(
                wanted != '-', roles.is_wanted(node, use, request), use
            )
            if wanted != '-':
                self.assertEqual(wanted, reasons, use)

    @ddt.data({}, MARK, SPARE, FAN)
    def test_of_what_the_same_request_drains(self, fields):
        node = self.node(fields)
        for use, expected in (
            (Use.WAKE, []),
            (Use.SPREAD, ['maintained compute-2']),
            (Use.BACKUP, ['backup_is_maintained compute-2']),
        ):
            found = roles.objections(node, use, a_request(), ['compute-2'])
            self.assertEqual(expected, all_written(found))
            self.assertFalse(
                roles.is_usable(node, use, a_request(), ['compute-2'])
            )

    @ddt.named_data(
        # name, fields, use, expected
        ('marked', MARK, Use.SPREAD,
         ['marked compute-2 disabled_reason=watcher_maintaining: x']),
        ('spare', {**SPARE, 'instance_count': 3}, Use.SPREAD,
         ['unused compute-2 disabled_reason=watcher_disabled instances=3']),
        ('disabled', FAN, Use.SPREAD,
         ['disabled compute-2 disabled_reason=bad fan']),
        ('silently', {'status': 'disabled'}, Use.BACKUP,
         ['backup_disabled compute-2 disabled_reason=None']),
        ('down', {**DOWN, 'instance_count': 2}, Use.NAMED,
         ['node_down compute-2 instances=2']),
    )  # fmt: skip
    @ddt.unpack
    def test_facts(self, fields, use, expected):
        found = roles.objections(self.node(fields), use, a_request())
        self.assertEqual(expected, all_written(found))

    def test_what_nova_has_disabled_is_refused_though_marked(self):
        request = a_request(marking_reasons=('AUTO:',))
        found = roles.objections(self.node(LOST), Use.MARKED, request)
        self.assertEqual(
            ['hypervisor_lost compute-2 disabled_reason=AUTO: lost'],
            all_written(found),
        )

    def test_every_role_has_a_cell_for_each_use(self):
        for role in sum(roles.ROLES, ()):
            self.assertEqual(len(Use), len(role.cells), role.description)
