# SPDX-License-Identifier: Apache-2.0


import ddt

from tests.unit import base
from tests.unit.core import windows
from tests.unit.core.builders import a_bare_request
from tests.unit.core.builders import a_group
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_request
from tests.unit.core.builders import a_spare
from tests.unit.core.builders import an_instance
from tests.unit.core.builders import an_inventory
from tests.unit.core.drains import C1
from tests.unit.core.drains import C2
from tests.unit.core.drains import LEAVE
from tests.unit.core.drains import NEITHER
from tests.unit.core.drains import marked
from tests.unit.core.drains import plan
from tests.unit.core.drains import servers
from tests.unit.core.telling.codes import coded
from watcher_host_maintenance.core.advice.remedies import ADD_ROOM
from watcher_host_maintenance.core.advice.unplaced import NO_DESTINATION
from watcher_host_maintenance.core.advice.unplaced import NO_ROOM_BESIDE_OTHERS
from watcher_host_maintenance.core.rules.room import NO_ROOM
from watcher_host_maintenance.core.telling import brevity
from watcher_host_maintenance.core.telling import summary
from watcher_host_maintenance.core.telling import words


SUSPENDED = an_instance('db', vm_state='suspended')


@ddt.ddt
class TestSentences(base.TestCase):
    @ddt.named_data(
        # name, outcome, expected
        ('all_went_well', plan([C1, C2], servers(1)), []),
        ('none_marked', plan([C1], [], a_bare_request()), []),
        (
            'before_the_window',
            windows.hold(windows.servers(20, 30), 1, 60),
            [
                'Before_window compute-1 2026-11-30T21:00:01Z.',
                'WAIT 2 2',
                'help_before_window',
            ],
        ),
        (
            'empty_before_the_window',
            windows.hold([], 1, 60),
            [
                'Before_window compute-1 2026-11-30T21:00:01Z.',
                'help_before_window',
            ],
        ),
        (
            'after_the_window',
            windows.hold(windows.servers(20), -9, 0),
            [
                'After_window compute-1 2026-11-30T21:00:00Z.',
                'WAIT 1 1',
                'help_after_window',
            ],
        ),
        (
            'no_time_left',
            windows.hold(windows.servers(20, 30), 0, 49),
            [
                'WAITS_FIRST 1 2 No_time_left web-1 20 49 '
                '2026-11-30T21:00:49Z.',
                'help_no_time_left',
            ],
        ),
        (
            'several_nodes_before_the_window',
            windows.hold(
                servers(1),
                1,
                nodes=[C1, C2, a_node('compute-3')],
                asked=a_request('compute-1', 'compute-2'),
            ),
            [
                'Before_window compute-1 2026-11-30T21:00:01Z.',
                'MORE_ITEMS 1',
                'WAIT 1 1',
                'help_before_window',
            ],
        ),
        ('left_as_asked', plan([C1], [SUSPENDED], a_request(**NEITHER)), []),
        (
            'bad_request',
            plan([C1], [], a_request('compute-9')),
            [
                'CANNOT unknown_node compute-9',
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
            ],
        ),
        (
            'one_state',
            plan([C1, C2], [SUSPENDED, *servers(1)]),
            [
                'CANNOT_MOVE compute-1 1 2',
                'Suspended db.',
                'UNCHANGED',
                'help_suspended',
            ],
        ),
        (
            'two_states',
            plan([C1, C2], [SUSPENDED, an_instance('old', vm_state='error')]),
            [
                'CANNOT_MOVE compute-1 2 2',
                'Suspended db.',
                'UNCHANGED',
                'help_suspended.',
                'MORE_BLOCKS',
            ],
        ),
        (
            'one_server_twice_blocked',
            plan(
                [C1, C2],
                [an_instance('db', vm_state='suspended', excluded=True)],
            ),
            [
                'CANNOT_MOVE compute-1 1 1',
                'Excluded_by_scope db.',
                'UNCHANGED',
                'help_excluded_by_scope',
            ],
        ),
        (
            'fits_nowhere',
            plan([C1, a_node('a', vcpus=3), a_node('b', vcpus=2)], servers(4)),
            [
                'CANNOT_MOVE compute-1 1 1',
                'no_destination web-1 (no_room a 4 VCPU 3; AND_MORE 1).',
                'UNCHANGED',
                'ONE_WAY add_room 1 VCPU a',
            ],
        ),
        (
            'nothing_helps',
            plan([C1, C2], [an_instance('db', vcpus=17, memory_mb=32769)]),
            [
                'CANNOT_MOVE compute-1 1 1',
                'no_destination db (no_room compute-2 32769 MEMORY_MB 32768).',
                'UNCHANGED',
                'help_no_room_beside_others',
            ],
        ),
        (
            'state_before_room',
            plan([C1, a_node(vcpus=3)], [SUSPENDED, *servers(2, 2)]),
            [
                'CANNOT_MOVE compute-1 2 3',
                'Suspended db.',
                'UNCHANGED',
                'help_suspended',
            ],
        ),
        (
            'two_fit_nowhere',
            plan([C1, a_node(vcpus=3)], servers(4, 5)),
            [
                'CANNOT_MOVE compute-1 2 2',
                'no_destination web-1 (no_room compute-2 4 VCPU 3).',
                'UNCHANGED',
                'ONE_WAY add_room 6 VCPU compute-2',
            ],
        ),
        (
            'two_fit_nowhere_and_nothing_helps',
            plan([C1, a_node(vcpus=3, disk_gb=1)], servers(4, 5)),
            [
                'CANNOT_MOVE compute-1 2 2',
                'no_destination web-1 (no_room compute-2 10 DISK_GB 1).',
                'UNCHANGED',
                'help_no_room_beside_others.',
                'MORE_BLOCKS',
            ],
        ),
        (
            'rule',
            plan([C1, C2], [an_instance('db', pinned_zone='east')]),
            [
                'CANNOT_MOVE compute-1 1 1',
                'no_destination db (other_zone compute-2 none east).',
                'UNCHANGED',
                'help_other_zone',
            ],
        ),
        (
            'rule_and_room',
            plan([C1, a_node(vcpus=0)], [an_instance('db', pinned_zone='a')]),
            [
                'CANNOT_MOVE compute-1 1 1',
                'no_destination db (other_zone compute-2 none a).',
                'UNCHANGED',
                'help_other_zone',
            ],
        ),
        (
            'rule_or_room',
            plan(
                [C1, C2, a_node('c', zone='a', vcpus=0)],
                [an_instance('db', pinned_zone='a')],
            ),
            [
                'CANNOT_MOVE compute-1 1 1',
                'no_destination db (no_room c 1 VCPU 0; AND_MORE 1).',
                'UNCHANGED',
                'ONE_WAY add_room 1 VCPU c',
            ],
        ),
        (
            'group',
            plan(
                [C1, C2],
                [an_instance('db', group='uuid-db')],
                groups=[a_group(compute_2=1)],
            ),
            [
                'CANNOT_MOVE compute-1 1 1',
                'no_destination db (group_full compute-2 2 db 1).',
                'UNCHANGED',
                'help_group_full',
            ],
        ),
        (
            'sum',
            plan([C1, a_node(vcpus=3)], servers(2, 2)),
            [
                'CANNOT_MOVE compute-1 1 2',
                'Sum_too_large 2 4 VCPU 3 compute-2.',
                'UNCHANGED',
                'ONE_WAY leave_some web-2',
                'ONE_WAY add_room 1 VCPU compute-2',
            ],
        ),
        (
            'sums',
            plan([C1, a_node(vcpus=3, disk_gb=1)], servers(2, 2)),
            [
                'CANNOT_MOVE compute-1 2 2',
                'no_destination web-1 (no_room compute-2 10 DISK_GB 1).',
                'UNCHANGED',
                'help_no_room_beside_others.',
                'MORE_BLOCKS',
            ],
        ),
        (
            'two_sums',
            plan([C1, a_node(vcpus=3, disk_gb=15)], servers(2, 2)),
            [
                'CANNOT_MOVE compute-1 1 2',
                'Sum_too_large 2 20 DISK_GB 15 compute-2.',
                'UNCHANGED',
                'ONE_WAY leave_some web-2',
            ],
        ),
        (
            'sum_and_nothing_helps',
            plan(
                [C1, a_node(vcpus=3, disk_gb=15)], servers(2, 2), advises=False
            ),
            [
                'CANNOT_MOVE compute-1 1 2',
                'Sum_too_large 2 20 DISK_GB 15 compute-2.',
                'UNCHANGED',
                'help_sum_too_large.',
                'MORE_BLOCKS',
            ],
        ),
        (
            'every_way',
            plan(
                [C1, a_node(vcpus=5), a_spare(vcpus=4)],
                servers(2, 3),
                a_request(headroom_percent=10.0),
            ),
            [
                'CANNOT_MOVE compute-1 1 2',
                'Sum_too_large 2 5 VCPU 3.6 spare-1.',
                'UNCHANGED',
                'ONE_WAY wake_spare spare-1',
                'ONE_WAY lower_headroom 0',
                'ONE_WAY leave_some web-2',
                'ONE_WAY add_room 1 VCPU compute-2',
            ],
        ),
        (
            'conflict',
            plan(
                [C1, a_node('a', vcpus=3), a_node('b', vcpus=3)],
                servers(2, 2, 2),
            ),
            [
                'CANNOT_MOVE compute-1 1 3',
                'Conflict_count 2 3 a, b web-1, web-2, web-3.',
                'UNCHANGED',
                'ONE_WAY leave_some web-3',
                'ONE_WAY add_room 1 VCPU a',
            ],
        ),
        (
            'puzzle',
            plan(
                [C1, a_node('a', vcpus=3), a_node('b', vcpus=3)],
                servers(2, 2, 2),
                advises=False,
            ),
            [
                'CANNOT_MOVE compute-1 1 3',
                'No_fit_together 3 2 no_bin.',
                'UNCHANGED',
                'help_no_fit_together',
            ],
        ),
        (
            'gave_up',
            plan(
                [C1, a_node('a', vcpus=4), a_node('b', vcpus=5)],
                servers(2, 3, 4),
                steps=0,
                advises=False,
            ),
            [
                'NO_PLACE compute-1 1 3',
                'No_fit_found 3 2.',
                'UNCHANGED',
                'help_no_place_found',
            ],
        ),
        (
            'gave_up_and_advised',
            plan(
                [C1, a_node('a', vcpus=4), a_node('b', vcpus=5)],
                servers(2, 3, 4),
                steps=0,
            ),
            [
                'NO_PLACE compute-1 1 3',
                'No_fit_found 3 2.',
                'UNCHANGED',
                'help_no_place_found',
                'ONE_WAY leave_some web-1',
                'ONE_WAY add_room 1 VCPU a',
            ],
        ),
        (
            'gave_up_on_the_largest_number',
            plan(
                [C1, a_node('a', vcpus=4), a_node('b', vcpus=5)],
                servers(2, 3, 4, 3),
                steps=0,
                advises=False,
            ),
            [
                'NO_PLACE compute-1 2 4',
                'Sum_too_large 4 12 VCPU 9 DESTINATIONS 2.',
                'At_most_more 2 4 1.',
                'UNCHANGED',
                'help_sum_too_large',
            ],
        ),
        (
            'no_candidate',
            plan([C1], servers(1, 1)),
            [
                'CANNOT_MOVE compute-1 2 2',
                'No_candidate.',
                'UNCHANGED',
                'help_no_candidate',
            ],
        ),
        (
            'nowhere_but_a_spare_that_gives_too_little_to_one',
            plan(
                [
                    C1,
                    a_spare(inventory={'VCPU': an_inventory(16, max_unit=1)}),
                ],
                servers(1, 2),
            ),
            [
                'CANNOT_MOVE compute-1 1 2',
                'no_destination web-2 (over_max_unit spare-1 2 VCPU 1).',
                'UNCHANGED',
                'ONE_WAY leave_some web-2',
            ],
        ),
    )
    @ddt.unpack
    def test_sentences(self, outcome, expected):
        self.assertEqual(expected, summary.sentences(outcome, coded))

    @ddt.named_data(
        # name, what is on compute-1, on compute-2, expected
        (
            'one_of_two',
            [SUSPENDED],
            ['active'],
            [
                'CANNOT_MOVE compute-1 1 1',
                'Suspended db.',
                'REST_PLANNED',
                'help_suspended',
            ],
        ),
        (
            'both',
            [SUSPENDED],
            ['error'],
            [
                'CANNOT_MOVE compute-1, compute-2 2 2',
                'Suspended db.',
                'UNCHANGED',
                'help_suspended.',
                'MORE_BLOCKS',
            ],
        ),
        ('neither', [], ['active'], []),
    )
    @ddt.unpack
    def test_bare_goal(self, first, states, expected):
        second = [an_instance(s, 'compute-2', s) for s in states]
        outcome = plan(
            [marked(), marked('compute-2'), a_node('compute-3')],
            [*first, *second],
            a_bare_request(),
        )
        self.assertEqual(expected, summary.sentences(outcome, coded))

    @ddt.named_data(
        # name, servers on the down node, expected
        (
            'one',
            [an_instance()],
            [
                'CANNOT_MOVE compute-1 1 1',
                'Node_down compute-1 1.',
                'UNCHANGED',
                'help_node_down',
            ],
        ),
        (
            'all_are_counted',
            [SUSPENDED, *servers(1, 1)],
            [
                'CANNOT_MOVE compute-1 3 3',
                'Node_down compute-1 3.',
                'UNCHANGED',
                'help_node_down',
            ],
        ),
    )
    @ddt.unpack
    def test_marked_and_down(self, there, expected):
        outcome = plan([marked(state='down'), C2], there, a_bare_request())
        self.assertEqual(expected, summary.sentences(outcome, coded))

    def test_marked_down_and_another_blocked(self):
        outcome = plan(
            [marked(), marked('compute-2', state='down')],
            [SUSPENDED, an_instance('web'), an_instance('x', 'compute-2')],
            a_bare_request(),
        )
        self.assertEqual(
            [
                'CANNOT_MOVE compute-1, compute-2 2 3',
                'Node_down compute-2 1.',
                'UNCHANGED',
                'help_node_down',
            ],
            summary.sentences(outcome, coded),
        )

    def test_marked_bare_metal_holds_nothing(self):
        outcome = plan(
            [marked(hypervisor_type='ironic')], [], a_bare_request()
        )
        self.assertEqual(
            [
                'CANNOT_ANY compute-1',
                'Bare_metal compute-1.',
                'UNCHANGED',
                'help_bare_metal',
            ],
            summary.sentences(outcome, coded),
        )

    @ddt.named_data(
        # name, number of nodes, expected names
        ('one', 1, 'n-1'),
        ('two', 2, 'n-1, n-2'),
        ('three', 3, 'n-1 AND_MORE 2'),
        ('many', 9, 'n-1 AND_MORE 8'),
    )
    @ddt.unpack
    def test_names(self, count, expected):
        hosts = [f'n-{n}' for n in range(1, count + 1)]
        outcome = plan(
            [a_node(h) for h in hosts],
            [an_instance('db', 'n-1', 'suspended')],
            a_request(*hosts),
        )
        self.assertEqual(
            f'CANNOT_MOVE {expected} 1 1',
            summary.sentences(outcome, coded)[0],
        )

    def test_nodes_together_share_one_reason(self):
        outcome = plan(
            [C1, C2, a_node('compute-3', vcpus=1)],
            [an_instance('web'), an_instance('db', 'compute-2')],
            a_request('compute-1', 'compute-2'),
        )
        self.assertEqual(
            [
                'CANNOT_MOVE compute-1, compute-2 1 2',
                'Sum_too_large 2 2 VCPU 1 compute-3.',
                'UNCHANGED',
                'ONE_WAY leave_some web',
                'ONE_WAY add_room 1 VCPU compute-3',
            ],
            summary.sentences(outcome, coded),
        )

    @ddt.named_data(
        # name, what is on compute-2, what helps
        ('empty', [], ['ONE_WAY add_room 1 VCPU compute-3']),
        (
            'blocked',
            [an_instance('db', 'compute-2', 'suspended')],
            ['help_no_room_beside_others.', 'MORE_BLOCKS'],
        ),
    )
    @ddt.unpack
    def test_what_helps_one_is_not_said_of_all(self, second, expected):
        outcome = plan(
            [marked(), marked('compute-2'), a_node('compute-3', vcpus=1)],
            [*servers(2), *second],
            a_bare_request(),
        )
        told = summary.sentences(outcome, coded)
        self.assertEqual(expected, told[3:])

    @ddt.named_data(
        # name, servers, expected
        ('one', [SUSPENDED, *servers(1)], ['LEFT 1 2 Suspended db.']),
        (
            'two',
            [SUSPENDED, *servers(2, 2)],
            [
                'LEFT 2 3 Suspended db.',
                'MORE_LEFT 1',
            ],
        ),
        ('all', [SUSPENDED], ['LEFT 1 1 Suspended db.']),
        ('none', servers(1), []),
        (
            'room',
            servers(2, 1),
            [
                'LEFT 1 2 no_room_beside_others web-2 (no_room compute-2 1 VCPU 0).'
            ],
        ),
    )
    @ddt.unpack
    def test_left(self, there, expected):
        outcome = plan([C1, a_node(vcpus=2)], there, a_request(**LEAVE))
        self.assertEqual(expected, summary.sentences(outcome, coded))

    def test_one_refused_another_left_behind(self):
        outcome = plan(
            [marked(), marked('compute-2', state='down'), a_node('compute-3')],
            [SUSPENDED, *servers(1), an_instance('x', 'compute-2')],
            a_bare_request(**LEAVE),
        )
        self.assertEqual(
            [
                'CANNOT_MOVE compute-2 1 1',
                'Node_down compute-2 1.',
                'REST_PLANNED',
                'help_node_down',
                'LEFT 1 2 Suspended db.',
            ],
            summary.sentences(outcome, coded),
        )

    def test_translated(self):
        nodes = [C1, a_node('a', vcpus=3), a_node('b', vcpus=2)]
        texts = {
            summary.CANNOT_MOVE: '{hosts} {left}/{count}',
            NO_DESTINATION.says: 'nowhere for {subject}',
            NO_ROOM.says: '{wanted}>{free}',
            brevity.AND_MORE: '+{count}',
            words.UNCHANGED: 'Unchanged.',
            NO_ROOM_BESIDE_OTHERS.helps: 'Make room',
            summary.MORE_BLOCKS: 'More.',
            summary.ONE_WAY: '-> {remedy}',
            ADD_ROOM.says: '{subject}+{amount}',
        }
        begin = ['compute-1 2/2', 'nowhere for web-1 (4>3; +1).', 'Unchanged.']
        for advises, end in (
            (False, ['Make room.', 'More.']),
            (True, ['-> a+5']),
        ):
            outcome = plan(nodes, servers(4, 4), advises=advises)
            self.assertEqual(
                [*begin, *end], summary.sentences(outcome, texts.__getitem__)
            )


@ddt.ddt
class TestLength(base.TestCase):
    """What and why, and that nothing was changed, fit with real names."""

    HOST = 'compute-ab12.rack07'
    SERVER = 'prod-webshop-payment-frontend-worker-012'

    def hosts(self, count):
        return [f'compute-ab{n}.rack07' for n in range(10, 10 + count)]

    @ddt.data(1, 2, 3, 25)
    def test_too_large(self, sources):
        hosts = self.hosts(sources)
        destinations = [
            a_node(f'compute-cd{n}.rack11', memory_mb=123456)
            for n in range(10, 30)
        ]
        there = [
            an_instance(
                f'{self.SERVER[:-3]}{n:03}',
                host,
                memory_mb=131072,
                uuid=f'{host}{n}',
            )
            for host in hosts
            for n in range(100 // sources)
        ]
        outcome = plan(
            [*(a_node(h) for h in hosts), *destinations],
            there,
            a_request(*hosts),
            steps=0,
        )
        told = summary.sentences(outcome)
        lacks = NO_DESTINATION.says.format(subject='')
        self.assertIn(f'{lacks} (compute-cd10', told[1])
        self.assertLessEqual(len(' '.join(told[:3])), 255)

    def test_the_reason_comes_before_how_many_more_could_go(self):
        outcome = plan(
            [
                a_node(self.HOST),
                a_node('compute-cd10.rack11', memory_mb=8192),
                a_node('compute-cd11.rack11', memory_mb=10240),
            ],
            [
                an_instance(
                    f'{self.SERVER[:-3]}{n:03}', self.HOST, memory_mb=size
                )
                for n, size in enumerate((4096, 6144, 8192, 6144))
            ],
            a_request(self.HOST),
            steps=0,
            advises=False,
        )
        self.assertEqual(
            f'Cannot drain {self.HOST}: no place was found for 2 of 4 '
            'instances. 4 instances need 24576 MEMORY_MB, 18432 free on 2 '
            'destinations. Nothing was changed. Free that room, add a larger '
            'node, or: -p on_blocked=leave',
            summary.message(outcome).fit(brevity.STATUS_MESSAGE),
        )

    def test_longest_names(self):
        # Nova's limits: 255 characters each.
        long, host = 'a' * 254 + 'z', 'b' * 254 + 'y'
        outcome = plan(
            [a_node(host), a_node(f'x{host[1:]}', vcpus=0)],
            [an_instance(long, host)],
            a_request(host),
            advises=False,
        )
        told = brevity.fit(summary.sentences(outcome)[:2], 255)
        self.assertLessEqual(len(told), 255)
        for name in (host, long, f'(x{host[1:]}'):
            self.assertIn(f'{name[:9]}', told)
        lacks = NO_ROOM.about('y', wanted=1, resource_class='VCPU', free=0)
        self.assertTrue(told.endswith(f'{words.say(lacks)}).'), told)

    @ddt.named_data(
        # name, fields of the server
        ('state', {'vm_state': 'suspended'}),
        ('excluded', {'vm_state': 'soft-delete', 'excluded': True}),
    )
    @ddt.unpack
    def test_state(self, fields):
        outcome = plan(
            [a_node(self.HOST)],
            [an_instance(self.SERVER, self.HOST, **fields)],
            a_request(self.HOST),
        )
        self.assertLessEqual(
            len(' '.join(summary.sentences(outcome)[:4])), 255
        )

    def test_a_long_reason_of_a_person(self):
        reason = 'Replaced the left fan, vendor says wait ' * 6
        outcome = plan(
            [
                a_node(self.HOST),
                a_node('backup', status='disabled', disabled_reason=reason),
            ],
            [],
            a_request(self.HOST, backup_node='backup'),
        )
        self.assertLessEqual(len(' '.join(summary.sentences(outcome))), 255)


class TestStillAnnounced(base.TestCase):
    def test_sentences(self):
        self.assertEqual(
            ['Servers whose owners still see the announcement: 3.'],
            summary.still_announced(3),
        )
        self.assertEqual([], summary.still_announced(0))


@ddt.ddt
class TestSecondary(base.TestCase):
    @ddt.named_data(
        # name, servers that make room, servers that need it, expected
        ('one_for_one', 1, 1,
         '1 server of another node moves first; 1 move depends on it.'),
        ('one_for_two', 1, 2,
         '1 server of another node moves first; 2 moves depend on it.'),
        ('two_for_one', 2, 1,
         '2 servers of other nodes move first; 1 move depends on them.'),
        ('two_for_two', 2, 2,
         '2 servers of other nodes move first; 2 moves depend on them.'),
    )  # fmt: skip
    @ddt.unpack
    def test_number(self, makers, movers, expected):
        size = makers * 2
        nodes = [
            C1,
            a_node('a', vcpus=size),
            *(a_node(f'b{n}', vcpus=2, disk_gb=10) for n in range(makers)),
        ]
        instances = [
            an_instance(f'small-{n}', 'a', vcpus=2) for n in range(makers)
        ]
        instances += [
            an_instance(f'big-{n}', vcpus=size // movers, disk_gb=20)
            for n in range(movers)
        ]
        outcome = plan(nodes, instances, a_request(max_secondary_moves=2))
        self.assertEqual([expected], summary.sentences(outcome))
