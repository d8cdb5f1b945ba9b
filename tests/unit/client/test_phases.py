# SPDX-License-Identifier: Apache-2.0

"""Where a node stands, for every combination of records that matters."""

import ddt

from tests.unit import base
from watcher_host_maintenance.client.phases import Phase
from watcher_host_maintenance.client.phases import Reasons
from watcher_host_maintenance.client.phases import Standing
from watcher_host_maintenance.client.phases import phase


MARK, DONE, UNUSED = (
    'watcher_maintaining',
    'watcher_maintained',
    'watcher_disabled',
)


@ddt.ddt
class TestPhase(base.TestCase):
    @ddt.named_data(
        # name, reason, servers, flags, expected
        ('ready', MARK, 0, (), Phase.READY),
        ('one_left', MARK, 1, (), Phase.DRAINING),
        ('unknown_servers', MARK, None, (), Phase.DRAINING),
        ('ticket', f'{MARK}: ticket 4711', 0, (), Phase.READY),
        ('not_verified', MARK, 0, ('is_running',), Phase.DRAINING),
        ('refused', MARK, 1, ('is_refused',), Phase.BLOCKED),
        ('refused_empty', MARK, 0, ('is_refused',), Phase.READY),
        (
            'refused_but_running',
            MARK,
            1,
            ('is_refused', 'is_running'),
            Phase.DRAINING,
        ),
        ('maintained', DONE, 0, (), Phase.MAINTAINED),
        ('maintained_by', f'{DONE}: me', 0, (), Phase.MAINTAINED),
        ('maintained_with_server', DONE, 1, (), Phase.MAINTAINED),
        (
            'returning',
            DONE,
            0,
            ('is_running', 'is_returning'),
            Phase.RETURNING,
        ),
        ('spare', UNUSED, 0, (), Phase.SPARE),
        ('nearly_spare', f'{UNUSED}.', 0, (), Phase.FOREIGN),
        ('foreign', 'broken fan', 3, (), Phase.FOREIGN),
        ('no_reason', '', 0, (), Phase.FOREIGN),
        (
            'by_nova',
            'AUTO: Connection to libvirt lost: 1',
            0,
            (),
            Phase.FOREIGN,
        ),
        ('mark_inside', f'x {MARK}', 0, (), Phase.FOREIGN),
    )
    @ddt.unpack
    def test_disabled(self, reason, servers, flags, expected):
        standing = Standing(
            'disabled', reason, servers, **dict.fromkeys(flags, True)
        )
        self.assertIs(expected, phase(standing, Reasons()))

    @ddt.named_data(
        ('in_service', (), Phase.IN_SERVICE),
        ('announced', ('is_announced',), Phase.ANNOUNCED),
        ('refused', ('is_refused', 'is_announced'), Phase.BLOCKED),
        ('begun', ('is_running', 'is_refused'), Phase.DRAINING),
        ('returning', ('is_running', 'is_returning'), Phase.RETURNING),
    )
    @ddt.unpack
    def test_enabled(self, flags, expected):
        standing = Standing('enabled', **dict.fromkeys(flags, True))
        self.assertIs(expected, phase(standing, Reasons()))

    def test_reasons_of_the_operator(self):
        reasons = Reasons(marking=('kernel',), unused=(), returning=('ok',))
        for reason, expected in (
            ('kernel 6.1', Phase.READY),
            ('ok', Phase.MAINTAINED),
            (MARK, Phase.FOREIGN),
            (UNUSED, Phase.FOREIGN),
        ):
            standing = Standing('disabled', reason, 0)
            self.assertIs(expected, phase(standing, reasons))

    def test_no_reason_marks(self):
        reasons = Reasons(marking=(), unused=(), returning=())
        standing = Standing('disabled', MARK, 0)
        self.assertIs(Phase.FOREIGN, phase(standing, reasons))
        self.assertIs(Phase.READY, phase(standing, Reasons()))
