# SPDX-License-Identifier: Apache-2.0


import ddt

from tests.unit import base
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
from watcher_host_maintenance.core.telling import brevity
from watcher_host_maintenance.core.telling import summary


NOTHING = 'Nothing was changed.'
REST = 'What else is marked is planned.'
MORE = 'More is in the way: see the decision engine log.'
ROOM = 'Free the room named, or: -p on_blocked=leave'
RESUME = 'Its owner can resume it; an administrator can shelve it.'
SUSPENDED = an_instance('db', vm_state='suspended')


@ddt.ddt
class TestSentences(base.TestCase):
    @ddt.named_data(
        # name, outcome, expected
        ('all_went_well', plan([C1, C2], servers(1)), []),
        ('none_marked', plan([C1], [], a_bare_request()), []),
        ('left_as_asked', plan([C1], [SUSPENDED], a_request(**NEITHER)), []),
        (
            'bad_request',
            plan([C1], [], a_request('compute-9')),
            [
                'Cannot drain: there is no compute node compute-9.',
                NOTHING,
                'Use a host from "openstack compute service list".',
            ],
        ),
        (
            'bad_request_twice',
            plan([C1], [], a_request('c-8', 'c-9')),
            [
                'Cannot drain: there is no compute node c-8.',
                NOTHING,
                'Use a host from "openstack compute service list".',
                MORE,
            ],
        ),
        (
            'one_state',
            plan([C1, C2], [SUSPENDED, *servers(1)]),
            [
                'Cannot drain compute-1: 1 of 2 instances cannot be moved.',
                'db is SUSPENDED.',
                NOTHING,
                RESUME,
            ],
        ),
        (
            'two_states',
            plan([C1, C2], [SUSPENDED, an_instance('old', vm_state='error')]),
            [
                'Cannot drain compute-1: 2 of 2 instances cannot be moved.',
                'db is SUSPENDED.',
                NOTHING,
                RESUME,
                MORE,
            ],
        ),
        (
            'one_server_twice_blocked',
            plan(
                [C1, C2],
                [an_instance('db', vm_state='suspended', excluded=True)],
            ),
            [
                'Cannot drain compute-1: 1 of 1 instances cannot be moved.',
                "db is excluded by the audit's scope.",
                NOTHING,
                'Take it out of the exclusion, or move it by hand.',
            ],
        ),
        (
            'fits_nowhere',
            plan([C1, a_node('a', vcpus=3), a_node('b', vcpus=2)], servers(4)),
            [
                'Cannot drain compute-1: 1 of 1 instances cannot be moved.',
                'web-1 fits on no destination (a: needs 4 VCPU, 3 free; and 1 '
                'more).',
                NOTHING,
                'One way: free or add 1 VCPU on a.',
            ],
        ),
        (
            'nothing_helps',
            plan([C1, C2], [an_instance('db', vcpus=17, memory_mb=32769)]),
            [
                'Cannot drain compute-1: 1 of 1 instances cannot be moved.',
                'db fits on no destination (compute-2: needs 32769 MEMORY_MB, '
                '32768 free).',
                NOTHING,
                ROOM,
            ],
        ),
        (
            'state_before_room',
            plan([C1, a_node(vcpus=3)], [SUSPENDED, *servers(2, 2)]),
            [
                'Cannot drain compute-1: 2 of 3 instances cannot be moved.',
                'db is SUSPENDED.',
                NOTHING,
                RESUME,
            ],
        ),
        (
            'two_fit_nowhere',
            plan([C1, a_node(vcpus=3)], servers(4, 5)),
            [
                'Cannot drain compute-1: 2 of 2 instances cannot be moved.',
                'web-1 fits on no destination (compute-2: needs 4 VCPU, 3 free).',
                NOTHING,
                'One way: free or add 6 VCPU on compute-2.',
            ],
        ),
        (
            'two_fit_nowhere_and_nothing_helps',
            plan([C1, a_node(vcpus=3, disk_gb=1)], servers(4, 5)),
            [
                'Cannot drain compute-1: 2 of 2 instances cannot be moved.',
                'web-1 fits on no destination (compute-2: needs 10 DISK_GB, 1 '
                'free).',
                NOTHING,
                f'{ROOM}.',
                MORE,
            ],
        ),
        (
            'rule',
            plan([C1, C2], [an_instance('db', pinned_zone='east')]),
            [
                'Cannot drain compute-1: 1 of 1 instances cannot be moved.',
                'db fits on no destination (compute-2 is in zone none, not in '
                'east).',
                NOTHING,
                'Add a node to the zone that the instance is pinned to.',
            ],
        ),
        (
            'rule_and_room',
            plan([C1, a_node(vcpus=0)], [an_instance('db', pinned_zone='a')]),
            [
                'Cannot drain compute-1: 1 of 1 instances cannot be moved.',
                'db fits on no destination (compute-2 is in zone none, not in '
                'a).',
                NOTHING,
                'Add a node to the zone that the instance is pinned to.',
            ],
        ),
        (
            'rule_or_room',
            plan(
                [C1, C2, a_node('c', zone='a', vcpus=0)],
                [an_instance('db', pinned_zone='a')],
            ),
            [
                'Cannot drain compute-1: 1 of 1 instances cannot be moved.',
                'db fits on no destination (c: needs 1 VCPU, 0 free; and 1 '
                'more).',
                NOTHING,
                'One way: free or add 1 VCPU on c.',
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
                'Cannot drain compute-1: 1 of 1 instances cannot be moved.',
                'db fits on no destination (compute-2 would hold 2 of '
                'anti-affinity group db, 1 allowed on a host).',
                NOTHING,
                'Add a node that holds fewer members of the group.',
            ],
        ),
        (
            'sum',
            plan([C1, a_node(vcpus=3)], servers(2, 2)),
            [
                'Cannot drain compute-1: 1 of 2 instances cannot be moved.',
                '2 instances need 4 VCPU, 3 free on compute-2.',
                NOTHING,
                'One way: leave web-2: -p on_blocked=leave.',
                'One way: free or add 1 VCPU on compute-2.',
            ],
        ),
        (
            'sums',
            plan([C1, a_node(vcpus=3, disk_gb=1)], servers(2, 2)),
            [
                'Cannot drain compute-1: 2 of 2 instances cannot be moved.',
                'web-1 fits on no destination (compute-2: needs 10 DISK_GB, 1 '
                'free).',
                NOTHING,
                f'{ROOM}.',
                MORE,
            ],
        ),
        (
            'two_sums',
            plan([C1, a_node(vcpus=3, disk_gb=15)], servers(2, 2)),
            [
                'Cannot drain compute-1: 1 of 2 instances cannot be moved.',
                '2 instances need 20 DISK_GB, 15 free on compute-2.',
                NOTHING,
                'One way: leave web-2: -p on_blocked=leave.',
            ],
        ),
        (
            'sum_and_nothing_helps',
            plan(
                [C1, a_node(vcpus=3, disk_gb=15)], servers(2, 2), advises=False
            ),
            [
                'Cannot drain compute-1: 1 of 2 instances cannot be moved.',
                '2 instances need 20 DISK_GB, 15 free on compute-2.',
                NOTHING,
                'Free that room, add a larger node, or: -p on_blocked=leave.',
                MORE,
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
                'Cannot drain compute-1: 1 of 2 instances cannot be moved.',
                '2 instances need 5 VCPU, 3.6 free on spare-1.',
                NOTHING,
                'One way: enable spare-1.',
                'One way: keep less free: -p headroom_percent=0.',
                'One way: leave web-2: -p on_blocked=leave.',
                'One way: free or add 1 VCPU on compute-2.',
            ],
        ),
        (
            'conflict',
            plan(
                [C1, a_node('a', vcpus=3), a_node('b', vcpus=3)],
                servers(2, 2, 2),
            ),
            [
                'Cannot drain compute-1: 1 of 3 instances cannot be moved.',
                'At most 2 of these 3 fit on a, b: web-1, web-2, web-3.',
                NOTHING,
                'One way: leave web-3: -p on_blocked=leave.',
                'One way: free or add 1 VCPU on a.',
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
                'Cannot drain compute-1: 1 of 3 instances cannot be moved.',
                '3 instances do not all fit on 2 destinations, though the sums '
                'would do (proof: no_bin).',
                NOTHING,
                'Free room on one node, add a node, or: -p on_blocked=leave',
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
                'Cannot drain compute-1: no place was found for 1 of 3 instances.',
                'No way was found to fit 3 instances on 2 destinations; there may '
                'be one.',
                NOTHING,
                'Free room, or raise search_steps and exact_nodes.',
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
                'Cannot drain compute-1: no place was found for 1 of 3 instances.',
                'No way was found to fit 3 instances on 2 destinations; there may '
                'be one.',
                NOTHING,
                'Free room, or raise search_steps and exact_nodes.',
                'One way: leave web-1: -p on_blocked=leave.',
                'One way: free or add 1 VCPU on a.',
            ],
        ),
        (
            'no_candidate',
            plan([C1], servers(1, 1)),
            [
                'Cannot drain compute-1: 2 of 2 instances cannot be moved.',
                'No other compute node in scope is enabled and up.',
                NOTHING,
                'Enable a compute node, or add an unused one.',
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
                'Cannot drain compute-1: 1 of 2 instances cannot be moved.',
                'web-2 fits on no destination (spare-1: needs 2 VCPU, max_unit '
                '1).',
                NOTHING,
                'One way: leave web-2: -p on_blocked=leave.',
            ],
        ),
    )
    @ddt.unpack
    def test_sentences(self, outcome, expected):
        self.assertEqual(expected, summary.sentences(outcome))

    @ddt.named_data(
        # name, what is on compute-1, on compute-2, expected
        (
            'one_of_two',
            [SUSPENDED],
            ['active'],
            [
                'Cannot drain compute-1: 1 of 1 instances cannot be moved.',
                'db is SUSPENDED.',
                REST,
                RESUME,
            ],
        ),
        (
            'both',
            [SUSPENDED],
            ['error'],
            [
                'Cannot drain compute-1, compute-2: 2 of 2 instances cannot be '
                'moved.',
                'db is SUSPENDED.',
                NOTHING,
                RESUME,
                MORE,
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
        self.assertEqual(expected, summary.sentences(outcome))

    @ddt.named_data(
        # name, servers on the down node, expected
        (
            'one',
            [an_instance()],
            [
                'Cannot drain compute-1: 1 of 1 instances cannot be moved.',
                'compute-1: nova-compute is down, instances on it: 1.',
                NOTHING,
                'Start nova-compute there, or evacuate the host with Nova.',
            ],
        ),
        (
            'all_are_counted',
            [SUSPENDED, *servers(1, 1)],
            [
                'Cannot drain compute-1: 3 of 3 instances cannot be moved.',
                'compute-1: nova-compute is down, instances on it: 3.',
                NOTHING,
                'Start nova-compute there, or evacuate the host with Nova.',
            ],
        ),
    )
    @ddt.unpack
    def test_marked_and_down(self, there, expected):
        outcome = plan([marked(state='down'), C2], there, a_bare_request())
        self.assertEqual(expected, summary.sentences(outcome))

    def test_marked_down_and_another_blocked(self):
        outcome = plan(
            [marked(), marked('compute-2', state='down')],
            [SUSPENDED, an_instance('web'), an_instance('x', 'compute-2')],
            a_bare_request(),
        )
        self.assertEqual(
            [
                'Cannot drain compute-1, compute-2: 2 of 3 instances cannot be '
                'moved.',
                'compute-2: nova-compute is down, instances on it: 1.',
                NOTHING,
                'Start nova-compute there, or evacuate the host with Nova.',
            ],
            summary.sentences(outcome),
        )

    def test_marked_bare_metal_holds_nothing(self):
        outcome = plan(
            [marked(hypervisor_type='ironic')], [], a_bare_request()
        )
        self.assertEqual(
            [
                'Cannot drain compute-1.',
                'compute-1 is a bare metal (Ironic) node, not a compute host.',
                NOTHING,
                'Maintain it through Ironic.',
            ],
            summary.sentences(outcome),
        )

    @ddt.named_data(
        # name, number of nodes, expected names
        ('one', 1, 'n-1'),
        ('two', 2, 'n-1, n-2'),
        ('three', 3, 'n-1 and 2 more'),
        ('many', 9, 'n-1 and 8 more'),
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
            f'Cannot drain {expected}: 1 of 1 instances cannot be moved.',
            summary.sentences(outcome)[0],
        )

    def test_nodes_together_share_one_reason(self):
        outcome = plan(
            [C1, C2, a_node('compute-3', vcpus=1)],
            [an_instance('web'), an_instance('db', 'compute-2')],
            a_request('compute-1', 'compute-2'),
        )
        self.assertEqual(
            [
                'Cannot drain compute-1, compute-2: 1 of 2 instances cannot be '
                'moved.',
                '2 instances need 2 VCPU, 1 free on compute-3.',
                NOTHING,
                'One way: leave web: -p on_blocked=leave.',
                'One way: free or add 1 VCPU on compute-3.',
            ],
            summary.sentences(outcome),
        )

    @ddt.named_data(
        # name, what is on compute-2, what helps
        ('empty', [], ['One way: free or add 1 VCPU on compute-3.']),
        (
            'blocked',
            [an_instance('db', 'compute-2', 'suspended')],
            [f'{ROOM}.', MORE],
        ),
    )
    @ddt.unpack
    def test_what_helps_one_is_not_said_of_all(self, second, expected):
        outcome = plan(
            [marked(), marked('compute-2'), a_node('compute-3', vcpus=1)],
            [*servers(2), *second],
            a_bare_request(),
        )
        told = summary.sentences(outcome)
        self.assertEqual(expected, told[3:])

    @ddt.named_data(
        # name, servers, expected
        ('one', [SUSPENDED, *servers(1)], ['1 of 2 left: db is SUSPENDED.']),
        (
            'two',
            [SUSPENDED, *servers(2, 2)],
            [
                '2 of 3 left: db is SUSPENDED.',
                'And 1 more: see the decision engine log.',
            ],
        ),
        ('all', [SUSPENDED], ['1 of 1 left: db is SUSPENDED.']),
        ('none', servers(1), []),
        (
            'room',
            servers(2, 1),
            [
                '1 of 2 left: web-2 has no room beside the others (compute-2: '
                'needs 1 VCPU, 0 free).'
            ],
        ),
    )
    @ddt.unpack
    def test_left(self, there, expected):
        outcome = plan([C1, a_node(vcpus=2)], there, a_request(**LEAVE))
        self.assertEqual(expected, summary.sentences(outcome))

    def test_one_refused_another_left_behind(self):
        outcome = plan(
            [marked(), marked('compute-2', state='down'), a_node('compute-3')],
            [SUSPENDED, *servers(1), an_instance('x', 'compute-2')],
            a_bare_request(**LEAVE),
        )
        self.assertEqual(
            [
                'Cannot drain compute-2: 1 of 1 instances cannot be moved.',
                'compute-2: nova-compute is down, instances on it: 1.',
                REST,
                'Start nova-compute there, or evacuate the host with Nova.',
                '1 of 2 left: db is SUSPENDED.',
            ],
            summary.sentences(outcome),
        )

    def test_translated(self):
        nodes = [C1, a_node('a', vcpus=3), a_node('b', vcpus=2)]
        texts = {
            'Cannot drain {hosts}: {left} of {count} instances cannot be '
            'moved.': '{hosts} {left}/{count}',
            '{subject} fits on no destination': 'nowhere for {subject}',
            '{subject}: needs {wanted} {resource_class}, {free} free': '{wanted}>{free}',
            'and {count} more': '+{count}',
            NOTHING: 'Unchanged.',
            ROOM: 'Make room',
            MORE: 'More.',
            'One way: {remedy}.': '-> {remedy}',
            'free or add {amount} {resource_class} on {subject}': '{subject}+{amount}',
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
        self.assertIn('fits on no destination (compute-cd10', told[1])
        self.assertLessEqual(len(' '.join(told[:3])), 255)

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
        self.assertTrue(told.endswith('y: needs 1 VCPU, 0 free).'), told)

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
