# SPDX-License-Identifier: Apache-2.0

import json

import ddt

from tests.unit import base
from tests.unit.core.builders import a_bare_request
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_request
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import a_spare
from tests.unit.core.builders import an_instance
from tests.unit.core.builders import an_inventory
from tests.unit.core.drains import C1
from tests.unit.core.drains import C2
from tests.unit.core.drains import NEITHER
from tests.unit.core.drains import marked
from tests.unit.core.drains import plan
from tests.unit.core.drains import servers
from tests.unit.core.telling.codes import coded
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.model import document
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.telling import report
from watcher_host_maintenance.plugin.watcher.estimates import MODEL_EMPTY


MORE = 'There is more: see the decision engine log.'
RESUME = 'Its owner can resume it; an administrator can shelve it.'
SUSPENDED = an_instance('db', vm_state='suspended')


@ddt.ddt
class TestText(base.TestCase):
    @ddt.named_data(
        # name, outcome, expected
        (
            'none_marked',
            plan([C1], [], a_bare_request()),
            ['No node in scope is marked for maintenance.'],
        ),
        (
            'finished',
            plan([marked()], []),
            ['NODE compute-1 finished 0'],
        ),
        (
            'bad_request',
            plan([C1], [], a_request('c-9')),
            [
                'CANNOT unknown_node c-9',
                'UNCHANGED',
                'help_unknown_node',
            ],
        ),
        (
            'bad_request_twice',
            plan([C1], [], a_request('c-8', 'c-9')),
            [
                'CANNOT unknown_node c-8',
                'UNCHANGED',
                'help_unknown_node.',
                'MORE_BLOCKS',
                '  unknown_node c-8',
                '  unknown_node c-9',
            ],
        ),
        (
            'moves',
            plan(
                [C1, C2], [an_instance('old', vm_state='stopped'), *servers(1)]
            ),
            [
                'DISABLE compute-1',
                'NODE_BY_METHOD compute-1 planned 2 spread',
                '  MOVE old cold compute-2',
                '  MOVE web-1 live compute-2',
            ],
        ),
        (
            'spare',
            plan([C1, a_spare()], servers(1)),
            [
                'DISABLE compute-1',
                'ENABLE spare-1',
                'NODE_BY_METHOD compute-1 planned 1 unused_host',
                '  MOVE web-1 live spare-1',
            ],
        ),
        (
            'marked_spare',
            plan([a_spare('compute-1'), C2], servers(1)),
            [
                'MARK compute-1',
                'NODE_BY_METHOD compute-1 planned 1 spread',
                '  MOVE web-1 live compute-2',
            ],
        ),
        (
            'released',
            plan(
                [C1, C2],
                [
                    an_instance('old', vm_state='shelved'),
                    an_instance(
                        'tried',
                        vm_state='resized',
                        elsewhere='compute-2',
                        migration='migration',
                    ),
                ],
            ),
            [
                'DISABLE compute-1',
                'NODE compute-1 planned 2',
                '  old: offload',
                '  tried: confirm its migration',
            ],
        ),
        (
            'unproved',
            plan(
                [C1, C2],
                [an_instance('gpu', nested=('VGPU',)), *servers(1)],
                a_request(allow_unproved_moves=True),
            ),
            [
                'DISABLE compute-1',
                'NODE_BY_METHOD compute-1 planned 2 spread',
                '  UNPROVED_MOVE gpu live compute-2',
                '  MOVE web-1 live compute-2',
            ],
        ),
        (
            'makes_room',
            plan(
                [C1, a_node('a', vcpus=4), a_node('b', vcpus=1)],
                [an_instance('big', vcpus=4), an_instance('small', 'a')],
                a_request(max_secondary_moves=1),
            ),
            [
                '1 server of another node moves first; 1 move depends on it.',
                'DISABLE compute-1',
                'MAKES_ROOM small live a b',
                'NODE_BY_METHOD compute-1 planned 1 spread',
                '  AFTER MOVE big live a small',
            ],
        ),
        (
            'stops',
            plan([C1], [an_instance(), SUSPENDED], a_request(**NEITHER)),
            [
                'DISABLE compute-1',
                'NODE compute-1 planned 2',
                '  STOP web-1',
                '  live_and_cold_disabled db',
            ],
        ),
        (
            'refused',
            plan(
                [
                    C1,
                    a_node(vcpus=3, memory_mb=1),
                    a_node('c', status='disabled', disabled_reason='bad fan'),
                ],
                [*servers(4), SUSPENDED],
            ),
            [
                'CANNOT_MOVE compute-1 2 2',
                'Suspended db.',
                'UNCHANGED',
                'help_suspended.',
                'MORE_BLOCKS',
                'NODE compute-1 refused 2',
                '  suspended db',
                '  no_destination web-1',
                '    no_room compute-2 1024 MEMORY_MB 1',
                '    no_room compute-2 4 VCPU 3',
                'NOT_USED',
                '  disabled c "bad fan"',
            ],
        ),
        (
            'sums',
            plan([C1, a_node(vcpus=3)], servers(2, 2)),
            [
                'CANNOT_MOVE compute-1 1 2',
                'Sum_too_large 2 4 VCPU 3 compute-2.',
                'UNCHANGED',
                'ONE_WAY leave_some web-2',
                'ONE_WAY add_room 1 VCPU compute-2',
                'NODE compute-1 refused 2',
                '  sum_too_large 2 4 VCPU 3 compute-2',
                '  ONE_WAY leave_some web-2',
                '  ONE_WAY add_room 1 VCPU compute-2',
                '  no_room_beside_others web-2',
                '    no_room compute-2 2 VCPU 1',
            ],
        ),
    )
    @ddt.unpack
    def test_lines(self, outcome, expected):
        self.assertEqual(expected, report.as_text(outcome, coded).split('\n'))

    @ddt.named_data(
        # name, number of destinations, expected after the first five
        ('five', 5, []),
        ('six', 6, ['    AND_MORE 1']),
        ('nine', 9, ['    AND_MORE 4']),
    )
    @ddt.unpack
    def test_long_lists_are_cut(self, count, expected):
        hosts = [a_node(f'n-{n}', vcpus=1) for n in range(count)]
        lines = report.as_text(plan([C1, *hosts], servers(2)), coded).split(
            '\n'
        )
        start = lines.index('  no_destination web-1') + 1
        self.assertEqual(
            [f'    no_room n-{n} 2 VCPU 1' for n in range(5)],
            lines[start : start + 5],
        )
        self.assertEqual(expected, lines[start + 5 :])

    def test_translated(self):
        outcome = plan([C1, a_spare()], [an_instance()], a_request())
        texts = {
            'Disable {host}.': '- {host}',
            'Enable {host}.': '+ {host}',
            '{host}: {verdict}, instances: {count}, method: {method}': '{host}={verdict}/{count}/{method}',
            '{name}: {kind} to {destination}': '{name}>{destination}',
        }
        self.assertEqual(
            '- compute-1\n+ spare-1\ncompute-1=planned/1/unused_host\n'
            '  web-1>spare-1',
            report.as_text(outcome, texts.__getitem__),
        )
        outcome = plan([marked()], [an_instance()], a_request(**NEITHER))
        texts = {
            '{host}: {verdict}, instances: {count}': '{host}={count}',
            '{name}: stop': '!{name}',
        }
        self.assertEqual(
            'compute-1=1\n  !web-1', report.as_text(outcome, texts.__getitem__)
        )


class TestPlain(base.TestCase):
    def test_in_full(self):
        known = a_snapshot(
            [C1, a_node(vcpus=10, disk_gb=0, used={'VCPU': 1})],
            [an_instance('web', vcpus=2, memory_mb=4096, disk_gb=0)],
        )
        request = a_request()
        outcome = drain.plan(known, request)
        self.assertEqual(
            {
                'message': '',
                'failed': False,
                'request': document.to_plain(request),
                'outcome': document.to_plain(outcome),
                'destinations': [
                    {
                        'hostname': 'compute-2',
                        'instances': 1,
                        'percent_before': {'MEMORY_MB': 0.0, 'VCPU': 10.0},
                        'percent_after': {'MEMORY_MB': 12.5, 'VCPU': 30.0},
                    }
                ],
                'words': [
                    'Disable compute-1.',
                    'compute-1: planned, instances: 1, method: spread',
                    '  web: live to compute-2',
                ],
            },
            report.as_plain(known, request, outcome),
        )

    def test_each_destination_with_what_comes_to_it(self):
        known = a_snapshot(
            [C1, a_node('b', used={'VCPU': 12}), a_node('a'), a_node('c')],
            servers(8, 4),
        )
        found = report.as_plain(
            known, a_request(), drain.plan(known, a_request())
        )
        self.assertEqual(
            [('a', 1, 0.0, 50.0), ('c', 1, 0.0, 25.0)],
            [
                (
                    d['hostname'],
                    d['instances'],
                    d['percent_before']['VCPU'],
                    d['percent_after']['VCPU'],
                )
                for d in found['destinations']
            ],
        )

    def test_refused(self):
        known = a_snapshot([C1, C2], [SUSPENDED])
        found = report.as_plain(
            known, a_request(), drain.plan(known, a_request())
        )
        self.assertEqual(
            'Cannot drain compute-1: 1 of 1 instances cannot be moved. db '
            'is SUSPENDED. Nothing was changed. Its owner can resume it; an '
            'administrator can shelve it.',
            found['message'],
        )
        self.assertIs(True, found['failed'])
        self.assertEqual([], found['destinations'])
        self.assertEqual('db is SUSPENDED.', found['words'][1])

    def test_when_nothing_could_be_read(self):
        outcome = Outcome(findings=(Finding(MODEL_EMPTY),))
        found = report.as_plain(None, None, outcome)
        self.assertIsNone(found['request'])
        self.assertEqual([], found['destinations'])
        self.assertEqual(
            "Cannot drain: Watcher's compute model holds no compute node.",
            found['words'][0],
        )

    def test_moves_without_a_snapshot(self):
        outcome = plan([C1, C2], servers(1))
        found = report.as_plain(None, a_request(), outcome)
        self.assertEqual([], found['destinations'])

    def test_translated(self):
        outcome = Outcome(findings=(Finding(MODEL_EMPTY),))
        found = report.as_plain(None, None, outcome, lambda _text: 'x')
        self.assertEqual('x x x', found['message'])
        self.assertEqual(['x', 'x', 'x'], found['words'])

    def test_is_json(self):
        known = a_snapshot()
        found = report.as_plain(
            known, a_request(), drain.plan(known, a_request())
        )
        self.assertEqual(found, json.loads(json.dumps(found)))


@ddt.ddt
class TestUtilisation(base.TestCase):
    @ddt.named_data(
        # name, used, extra, expected of 12 VCPU at 1.5
        ('nothing', {}, {}, 0.0),
        ('used', {'VCPU': 9}, {}, 50.0),
        ('both', {'VCPU': 9}, {'VCPU': 3}, 66.7),
        ('overcommitted', {'VCPU': 27}, {}, 150.0),
    )
    @ddt.unpack
    def test_percent(self, used, extra, expected):
        node = a_node(inventory={'VCPU': an_inventory(16, 4, 1.5)}, used=used)
        self.assertEqual(
            {'DISK_GB': 0.0, 'MEMORY_MB': 0.0, 'VCPU': expected},
            report.utilisation_percent(node, extra),
        )

    def test_classes_in_order_and_only_where_there_is_any(self):
        node = a_node(
            disk_gb=0,
            inventory={
                'VGPU': an_inventory(1),
                'MEMORY_MB': an_inventory(4, reserved=4),
            },
            used={'VGPU': 1},
        )
        self.assertEqual(
            [('VCPU', 0.0), ('VGPU', 100.0)],
            list(report.utilisation_percent(node, {}).items()),
        )
