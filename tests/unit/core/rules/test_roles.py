# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_request
from watcher_host_maintenance.core.rules import roles


def a_disabled_node(reason, **fields):
    return a_node(
        **{'status': 'disabled', 'disabled_reason': reason, **fields}
    )


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
        request = a_request()
        if marking is not None:
            request = a_request(marking_reasons=marking)
        node = a_disabled_node(reason)
        self.assertIs(expected, roles.is_marked(node, request))

    def test_enabled_is_not_marked(self):
        node = a_disabled_node('watcher_maintaining', status='enabled')
        self.assertIs(False, roles.is_marked(node, a_request()))

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
        self.assertIs(unused, roles.is_unused(node, a_request()))

    def test_unused_reasons_of_the_site(self):
        request = a_request(unused_reasons=('power saving', 'idle'))
        self.assertIs(True, roles.is_unused(a_disabled_node('idle'), request))
        self.assertIs(
            False,
            roles.is_unused(a_disabled_node('watcher_disabled'), request),
        )

    def test_a_reason_of_both_lists_marks(self):
        request = a_request(
            marking_reasons=('watcher_',), unused_reasons=('watcher_disabled',)
        )
        node = a_disabled_node('watcher_disabled')
        self.assertIs(True, roles.is_marked(node, request))
        self.assertIs(False, roles.has_spare_reason(node, request))
        self.assertIs(False, roles.is_unused(node, request))

    @ddt.data(('ironic', True), ('Ironic', True), ('QEMU', False), ('', False))
    @ddt.unpack
    def test_bare_metal(self, kind, expected):
        node = a_node(hypervisor_type=kind)
        self.assertIs(expected, roles.is_bare_metal(node))
