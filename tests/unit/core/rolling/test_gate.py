# SPDX-License-Identifier: Apache-2.0

"""What is wrong with nodes that came back."""

import dataclasses

import ddt

from tests.unit import base
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_snapshot
from watcher_host_maintenance.core.model.rolling import Failure
from watcher_host_maintenance.core.model.rolling import Journal
from watcher_host_maintenance.core.model.rolling import Part
from watcher_host_maintenance.core.model.rolling import RollRequest
from watcher_host_maintenance.core.model.window import Window
from watcher_host_maintenance.core.rolling import gate
from watcher_host_maintenance.core.rolling.progress import Next
from watcher_host_maintenance.core.rolling.progress import Stand


def off(reason):
    return {'status': 'disabled', 'disabled_reason': reason}


DOWN = {'state': 'down'}
FENCED = {'state': 'down', 'forced_down': True}


@ddt.ddt
class TestGate(base.TestCase):
    @ddt.named_data(
        # name, node, where it stands, reasons
        ('in_service',      {},                           'done', []),
        ('down',            DOWN,                         'done',
         ['down_again']),
        ('forced_down',     FENCED,                       'done',
         ['forced_down_again']),
        ('disabled',        off('fan broken'),            'done',
         ['closed_again']),
        ('without_reason',  off(''),                      'done',
         ['closed_again']),
        ('marked',          off('watcher_maintaining'),   'done',
         ['closed_again']),
        ('by_nova',         off('AUTO: libvirt lost'),    'done',
         ['closed_again']),
        ('disabled_down',   off('fan broken') | DOWN,     'done',
         ['closed_again']),
        ('spare',           off('watcher_disabled'),      'done', []),
        ('spare_down',      off('watcher_disabled') | DOWN, 'done',
         ['down_again']),
        ('waits',           DOWN,                         'waiting', []),
        ('out',             off('watcher_maintaining'),   'ready', []),
        ('failed',          off('watcher_maintaining'),   'failed', []),
        ('unneeded',        DOWN,                         'unneeded', []),
    )  # fmt: skip
    @ddt.unpack
    def test_findings(self, fields, stand, reasons):
        node = dataclasses.replace(a_node('compute-1'), **fields)
        snapshot = a_snapshot([node], [])
        request = RollRequest(('compute-1',))
        found = gate.findings(
            snapshot, request, Next({'compute-1': Stand(stand)})
        )
        self.assertEqual(
            [(reason, 'compute-1') for reason in reasons],
            [(f.reason.value, f.subject) for f in found],
        )

    @ddt.named_data(
        # name, canary wanted, moves there so far, reasons
        ('not_yet',      True,  None, []),
        ('once',         True,  1,    []),
        ('twice',        True,  2,    ['no_canary_runs']),
        ('not_wanted',   False, 2,    []),
    )  # fmt: skip
    @ddt.unpack
    def test_canary(self, wanted, times, reasons):
        tried = Failure(Part.CANARY, times, 'No valid host') if times else None
        journal = Journal(
            latest=frozenset({'compute-1'}),
            canaries={'compute-1': tried} if tried else {},
        )
        found = gate.findings(
            a_snapshot([a_node('compute-1')], []),
            RollRequest(('compute-1', 'compute-2'), canary=wanted),
            Next({'compute-1': Stand.DONE}, waiting=('compute-2',)),
            journal,
        )
        self.assertEqual(reasons, [f.reason.value for f in found])

    def test_node_that_nova_does_not_have(self):
        found = gate.findings(
            a_snapshot([], []),
            RollRequest(('compute-1',)),
            Next({'compute-1': Stand.DONE}),
        )
        self.assertEqual([], [*found])


@ddt.ddt
class TestWindow(base.TestCase):
    @ddt.named_data(
        # name, start and end of the window, seconds it takes, reason
        ('none',          None,             99, None),
        ('endless',       Window(100),      99, None),
        ('exactly',       Window(100, 120), 20, None),
        ('a_second_less', Window(100, 119), 20, 'wave_too_long'),
        ('before',        Window(101, 120), 0,  'before_window'),
        ('over',          Window(90, 100),  0,  'after_window'),
        ('nothing_to_do', Window(100, 101), 0,  None),
    )  # fmt: skip
    @ddt.unpack
    def test_outside_window(self, window, takes_s, reason):
        request = RollRequest(('compute-1',), now_s=100, window=window)
        findings = gate.outside_window(
            request, gate.Work(('compute-1',), takes_s)
        )
        self.assertEqual(
            [] if reason is None else [reason],
            [finding.reason.value for finding in findings],
        )

    @ddt.named_data(
        # name, seconds that each server takes alone, those that are named
        ('all_fit',    {'a': 20, 'b': 20}, []),
        ('one_second', {'a': 20, 'b': 21}, ['b']),
        ('none_fits',  {'a': 30, 'b': 21}, ['a', 'b']),
    )  # fmt: skip
    @ddt.unpack
    def test_what_is_too_long(self, moves_s, names):
        window = Window(90, 120)
        request = RollRequest(('compute-1',), now_s=100, window=window)
        work = gate.Work(
            ('compute-1', 'compute-2'),
            40.2,
            {(name, 'compute-1'): takes for name, takes in moves_s.items()},
        )
        first, *others = gate.outside_window(request, work)
        self.assertEqual(
            {
                'hosts': ('compute-1', 'compute-2'),
                'takes_s': 41,
                'left_s': 20,
                'ends': '1970-01-01T00:02:00Z',
            },
            dict(first.facts),
        )
        self.assertEqual(names, [finding.subject for finding in others])
        self.assertEqual(
            {'server_too_long'} if names else set(),
            {finding.reason.value for finding in others},
        )

    @ddt.named_data(
        # name, window, the one after it, when owners had time, is too long
        ('fits',         Window(100, 130), None, 0, False),
        ('too_long',     Window(100, 129), None, 0, True),
        ('later_fits',   Window(100, 129), Window(200, 230), 0, False),
        ('never_fits',   Window(100, 129), Window(200, 229), 0, True),
        ('later_endless', Window(100, 129), Window(200), 0, False),
        ('endless',      Window(100), None, 0, False),
        ('none',         None, None, 0, False),
        ('not_yet',      Window(101, 110), None, 0, False),
        ('over',         Window(90, 100), None, 0, False),
        ('after_notice', Window(100, 200), None, 171, True),
        ('notice_fits',  Window(100, 200), None, 170, False),
    )  # fmt: skip
    @ddt.unpack
    def test_is_too_long(self, window, later, begins_s, expected):
        request = RollRequest(('compute-1',), now_s=100, window=window)
        work = gate.Work(('compute-1',), 30)
        self.assertEqual(
            expected, gate.is_too_long(request, work, begins_s, later)
        )
