# SPDX-License-Identifier: Apache-2.0


import ddt
import fixtures

from tests.unit import base
from tests.unit.core.builders import a_bare_request
from tests.unit.core.builders import a_group
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_request
from tests.unit.core.builders import a_spare
from tests.unit.core.builders import an_instance
from tests.unit.core.builders import an_inventory
from tests.unit.core.drains import C1
from tests.unit.core.drains import LEAVE
from tests.unit.core.drains import conflicts
from tests.unit.core.drains import marked
from tests.unit.core.drains import plan
from tests.unit.core.drains import remedies
from tests.unit.core.drains import servers
from tests.unit.core.drains import told
from watcher_host_maintenance.core.advice import remedy_check
from watcher_host_maintenance.core.advice.conflict import CONFLICT_GROUP
from watcher_host_maintenance.core.advice.conflict import CONFLICT_SUM
from watcher_host_maintenance.core.advice.remedies import ADD_ROOM
from watcher_host_maintenance.core.advice.remedies import LEAVE_SOME
from watcher_host_maintenance.core.advice.unplaced import NO_FIT_TOGETHER
from watcher_host_maintenance.core.advice.unplaced import SUM_TOO_LARGE
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.request import Request


UNUSABLE = a_node('idle', inventory={'VCPU': an_inventory(ratio=0.0)})
"""A node whose CPUs nobody may have, as an operator can configure it."""


def rooms(*vcpus, **fields):
    """``compute-1`` and nodes a, b, ... with so many VCPUs."""
    return [
        C1,
        *(
            a_node(name, vcpus=total, **fields)
            for name, total in zip('abcdef', vcpus, strict=False)
        ),
    ]


@ddt.ddt
class TestConflict(base.TestCase):
    @ddt.named_data(
        # name, VCPUs wanted, VCPUs of the nodes, expected
        (
            'sum',
            (1, 2, 3),
            (4,),
            'conflict_sum count=2 destinations=1 free=4 hosts=a '
            'names=web-2,web-3 resource_class=VCPU wanted=5',
        ),
        (
            'what_can_be_filled',
            (4, 5, 4),
            (7, 7),
            'conflict_count count=3 destinations=2 hosts=a,b most=2 '
            'names=web-1,web-2,web-3',
        ),
        (
            'alike',
            (2, 2, 2),
            (3, 3),
            'conflict_count count=3 destinations=2 hosts=a,b most=2 '
            'names=web-1,web-2,web-3',
        ),
        (
            'few_of_many',
            (1, 3, 1, 3, 1),
            (4,),
            'conflict_count count=2 destinations=1 hosts=a most=1 '
            'names=web-2,web-4',
        ),
        (
            'only_where_one_fits',
            (4, 4, 1),
            (4, 2),
            'conflict_count count=2 destinations=1 hosts=a most=1 '
            'names=web-1,web-2',
        ),
        (
            'the_last_of_those_alike',
            (3, 3, 3, 3),
            (4, 4),
            'conflict_count count=3 destinations=2 hosts=a,b most=2 '
            'names=web-2,web-3,web-4',
        ),
    )
    @ddt.unpack
    def test_told(self, wanted, left, expected):
        outcome = plan(rooms(*left), servers(*wanted))
        [found] = conflicts(outcome)
        self.assertIn(expected, told(outcome))
        self.assertEqual(found.facts['count'], len(found.facts['names']))

    @ddt.named_data(
        # name, number of nodes, those named
        ('three', 3, ('a', 'b', 'c')),
        ('four', 4, ()),
    )
    @ddt.unpack
    def test_few_destinations_are_named(self, count, expected):
        outcome = plan(rooms(*count * [3]), servers(*(count + 1) * [2]))
        [found] = conflicts(outcome)
        self.assertEqual(
            (expected, count),
            (found.facts['hosts'], found.facts['destinations']),
        )

    def test_facts_of_a_sum(self):
        self.assertEqual(
            [
                Finding(
                    CONFLICT_SUM,
                    facts={
                        'count': 2,
                        'names': ('web-2', 'web-3'),
                        'destinations': 1,
                        'hosts': ('a',),
                        'proof': 'sum',
                        'resource_class': 'VCPU',
                        'wanted': 5,
                        'free': 4,
                    },
                )
            ],
            conflicts(plan(rooms(4), servers(1, 2, 3))),
        )

    @ddt.named_data(
        # name, VCPUs wanted, of the node, is said besides
        ('some', (1, 2, 3), 4, True),
        ('all', (2, 3), 4, False),
        ('all_of_a_kind', (3, 3), 4, False),
    )
    @ddt.unpack
    def test_not_when_the_sums_of_all_say_it(self, wanted, left, expected):
        outcome = plan(rooms(left), servers(*wanted))
        self.assertIn(
            SUM_TOO_LARGE, {f.reason for f in outcome.nodes[0].findings}
        )
        self.assertIs(expected, bool(conflicts(outcome)))

    def test_sums_on_a_spare_do_not_say_it(self):
        outcome = plan([*rooms(3, 3), a_spare(vcpus=5)], servers(2, 2, 2))
        self.assertEqual(
            [
                'sum_too_large destinations=1 free=5 hosts=spare-1 instances=3 '
                'resource_class=VCPU wanted=6',
                'conflict_count count=3 destinations=2 hosts=a,b most=2 '
                'names=web-1,web-2,web-3',
            ],
            told(outcome)[:2],
        )

    def test_the_scarcest_class_is_told(self):
        # Of disk there is enough; that VCPUs run out is the matter.
        outcome = plan(
            [C1, a_node('a', vcpus=5, memory_mb=2100)],
            [
                an_instance('db', vcpus=3, memory_mb=1100, group='uuid-db'),
                an_instance('job', memory_mb=0, disk_gb=0),
                an_instance('web', vcpus=3, memory_mb=1100),
            ],
            groups=[a_group()],
        )
        self.assertIn(
            'conflict_sum count=2 destinations=1 free=5 hosts=a '
            'names=db,web resource_class=VCPU wanted=6',
            told(outcome),
        )

    @ddt.named_data(
        # name, members before, most, VCPUs of db-1, expected
        (
            'full',
            {},
            1,
            1,
            'conflict_group count=2 destinations=1 group=db hosts=a '
            'most=1 names=db-1,db-2',
        ),
        (
            'of_two_sizes',
            {},
            1,
            2,
            'conflict_group count=2 destinations=1 group=db hosts=a '
            'most=1 names=db-1,db-2',
        ),
        (
            'member_there',
            {'a': 1},
            2,
            1,
            'conflict_group count=2 destinations=1 group=db hosts=a '
            'most=1 names=db-1,db-2',
        ),
    )
    @ddt.unpack
    def test_group(self, members, most, size, expected):
        instances = [
            an_instance('db-1', vcpus=size, group='uuid-db'),
            an_instance('db-2', group='uuid-db'),
        ]
        outcome = plan(
            rooms(9), instances, groups=[a_group(most=most, **members)]
        )
        self.assertIn(expected, told(outcome))

    @ddt.named_data(
        # name, group of web, most, VCPUs of it, is it the group
        ('both', 'uuid-db', 1, 3, True),
        ('both_may_come', 'uuid-db', 2, 3, False),
        ('one_is_no_member', '', 1, 3, False),
    )
    @ddt.unpack
    def test_is_it_the_group(self, group, most, vcpus, expected):
        instances = [
            an_instance('db', vcpus=3, group='uuid-db'),
            an_instance('job'),
            an_instance('web', vcpus=vcpus, group=group),
        ]
        outcome = plan(rooms(5), instances, groups=[a_group(most=most)])
        [found] = conflicts(outcome)
        self.assertEqual(('db', 'web'), found.facts['names'])
        self.assertIs(expected, found.reason is CONFLICT_GROUP)

    def test_by_highs(self):
        instances = [
            an_instance(f'web-{n}', vcpus=2, memory_mb=1 + n // 2 * 2)
            for n in range(4)
        ]
        outcome = plan(
            [
                C1,
                a_node('a', vcpus=4, memory_mb=5),
                a_node('b', vcpus=4, memory_mb=3),
            ],
            instances,
        )
        self.assertIn(
            'conflict count=4 destinations=2 hosts=a,b '
            'names=web-0,web-1,web-2,web-3 proof=linear',
            told(outcome),
        )

    @ddt.named_data(
        ('all_fit', rooms(9), servers(2, 3), {}),
        ('one_fits_nowhere', rooms(4, 4), servers(5, 1), {}),
        ('no_destination', [C1], servers(1, 1), {}),
        ('not_decided', rooms(4, 5), servers(2, 3, 4), {'steps': 0}),
        ('not_asked', rooms(3, 3), servers(2, 2, 2), {'advises': False}),
        (
            'may_be_left',
            rooms(3, 3),
            servers(2, 2, 2),
            {'request': a_request(**LEAVE)},
        ),
    )
    @ddt.unpack
    def test_nothing_is_told(self, nodes, instances, fields):
        self.assertEqual([], conflicts(plan(nodes, instances, **fields)))

    def test_said_instead_of_the_puzzle(self):
        outcome = plan(rooms(3, 3), servers(2, 2, 2))
        self.assertNotIn(
            NO_FIT_TOGETHER,
            {f.reason for f in outcome.nodes[0].findings},
        )

    def test_of_the_last_method(self):
        """The spare, which is for all or none, is no part of it."""
        outcome = plan([*rooms(3), a_spare(vcpus=5)], servers(2, 2, 2))
        self.assertIn(
            'conflict_count count=2 destinations=1 hosts=a most=1 '
            'names=web-2,web-3',
            told(outcome),
        )


@ddt.ddt
class TestRemedies(base.TestCase):
    @ddt.named_data(
        # name, nodes, VCPUs wanted, headroom, expected
        (
            'cheapest_first',
            [*rooms(5), a_spare(vcpus=4)],
            (2, 3),
            10.0,
            [
                'wake_spare spare-1',
                'lower_headroom percent=0',
                'leave_some count=1 names=web-2',
                'add_room a amount=1 resource_class=VCPU',
            ],
        ),
        (
            'highest_headroom',
            rooms(9),
            (2, 3),
            50.0,
            [
                'lower_headroom percent=44',
                'leave_some count=1 names=web-2',
                'add_room a amount=1 resource_class=VCPU',
            ],
        ),
        (
            'each_spare_that_suffices',
            [
                *rooms(3),
                a_spare('s-1', vcpus=3),
                a_spare('s-2', vcpus=2),
                a_spare('s-3', vcpus=4),
            ],
            (2, 3),
            0.0,
            [
                'wake_spare s-1',
                'wake_spare s-2',
                'wake_spare s-3',
                'leave_some count=1 names=web-2',
                'add_room a amount=2 resource_class=VCPU',
            ],
        ),
        (
            'no_spare_is_large_enough',
            [*rooms(3), a_spare(vcpus=1)],
            (3, 2),
            0.0,
            [
                'leave_some count=1 names=web-2',
                'add_room a amount=2 resource_class=VCPU',
            ],
        ),
        (
            'all_have_to_stay',
            rooms(1),
            (2, 2),
            0.0,
            ['add_room a amount=3 resource_class=VCPU'],
        ),
        (
            'the_least_on_any_node',
            rooms(3, 4),
            (5,),
            0.0,
            ['add_room b amount=1 resource_class=VCPU'],
        ),
        ('no_node', [C1], (1,), 0.0, []),
        # More of what nobody may have would be more of nothing.
        (
            'no_ratio',
            [*rooms(3), UNUSABLE],
            (4,),
            0.0,
            ['add_room a amount=1 resource_class=VCPU'],
        ),
        ('no_other_ratio', [C1, UNUSABLE], (4,), 10.0, []),
        ('all_fit', rooms(9), (2, 3), 0.0, []),
    )
    @ddt.unpack
    def test_told(self, nodes, wanted, headroom, expected):
        outcome = plan(
            nodes, servers(*wanted), a_request(headroom_percent=headroom)
        )
        self.assertEqual(expected, remedies(outcome))

    def test_facts(self):
        outcome = plan(rooms(3), servers(2, 2, 2))
        self.assertEqual(
            (
                Finding(
                    LEAVE_SOME,
                    facts={'count': 2, 'names': ('web-2', 'web-3')},
                ),
                Finding(
                    ADD_ROOM,
                    'a',
                    {'resource_class': 'VCPU', 'amount': 3},
                ),
            ),
            outcome.nodes[0].remedies,
        )

    def test_backup_alone(self):
        outcome = plan(
            [*rooms(3, 99), a_spare()],
            servers(2, 2),
            a_request(backup_node='a'),
        )
        self.assertEqual(
            [
                'leave_some count=1 names=web-2',
                'add_room a amount=1 resource_class=VCPU',
            ],
            remedies(outcome),
        )

    def test_backup_that_sleeps(self):
        outcome = plan(
            [*rooms(99), a_spare(vcpus=3)],
            servers(2, 2),
            a_request(backup_node='spare-1'),
        )
        self.assertEqual(
            [
                'leave_some count=1 names=web-2',
                'add_room spare-1 amount=1 resource_class=VCPU',
            ],
            remedies(outcome),
        )

    def test_rules_are_kept(self):
        nodes = [
            *rooms(9),
            a_node('east', zone='east', vcpus=3),
            a_spare('s-1'),
            a_spare('s-2', zone='east'),
        ]
        outcome = plan(
            nodes,
            [an_instance(vcpus=4, pinned_zone='east')],
            a_request(unused_reasons=('watcher_disabled',)),
        )
        self.assertEqual([], remedies(outcome))
        self.assertEqual(('s-2',), outcome.enables)

    @ddt.named_data(
        # name, what the other node offers of it, expected
        ('none', {}, []),
        (
            'too_little',
            {'VGPU': an_inventory(1)},
            ['add_room a amount=1 resource_class=VGPU'],
        ),
    )
    @ddt.unpack
    def test_of_what_a_node_offers(self, offered, expected):
        outcome = plan(
            rooms(9, inventory=offered), [an_instance(resources={'VGPU': 2})]
        )
        self.assertEqual(expected, remedies(outcome))

    def test_group(self):
        instances = [
            an_instance(name, group='uuid-db') for name in ('db-1', 'db-2')
        ]
        outcome = plan([*rooms(9), a_spare()], instances, groups=[a_group()])
        self.assertEqual(
            ['wake_spare spare-1', 'leave_some count=1 names=db-2'],
            remedies(outcome),
        )

    def test_no_remedy_while_another_is_blocked(self):
        outcome = plan(
            rooms(3), [*servers(2, 2), an_instance('db', vm_state='error')]
        )
        self.assertEqual([], remedies(outcome))

    def test_none_is_left_while_another_marked_node_is_blocked(self):
        # It would be left too, and what else is on it would take the room.
        blocked = [
            an_instance('db', 'compute-2', 'error'),
            an_instance('zz', 'compute-2', vcpus=2, memory_mb=9000),
        ]
        for others, expected in (
            (
                [],
                [
                    'leave_some count=1 names=web-3',
                    'add_room a amount=2 resource_class=VCPU',
                ],
            ),
            (blocked, ['add_room a amount=2 resource_class=VCPU']),
        ):
            outcome = plan(
                [marked(), marked('compute-2'), a_node('a', vcpus=4)],
                [*servers(2, 2, 2), *others],
                a_bare_request(),
            )
            self.assertEqual(expected, remedies(outcome))

    def test_nodes_that_are_named_share_them(self):
        outcome = plan(
            [C1, a_node('compute-2'), a_node('a', vcpus=3)],
            [*servers(2), an_instance('db', 'compute-2', vcpus=2)],
            a_request('compute-1', 'compute-2'),
        )
        expected = [
            'leave_some count=1 names=web-1',
            'add_room a amount=1 resource_class=VCPU',
        ]
        for hostname in ('compute-1', 'compute-2'):
            self.assertEqual(expected, remedies(outcome, hostname))

    @ddt.named_data(
        # name, instances on the other marked node, expected
        ('other_is_empty', [], ['add_room a amount=1 resource_class=VCPU']),
        ('other_moves', [an_instance('db', 'compute-2')], []),
        (
            'other_is_blocked',
            [an_instance('db', 'compute-2', 'error')],
            ['add_room a amount=1 resource_class=VCPU'],
        ),
    )
    @ddt.unpack
    def test_marked(self, others, expected):
        """With 1 VCPU more, another node would not find its room."""
        outcome = plan(
            [marked(), marked('compute-2'), a_node('a', vcpus=2)],
            [*servers(3), *others],
            Request(),
        )
        self.assertEqual(expected, remedies(outcome))

    @ddt.named_data(
        # name, the most that are tried, expected of compute-1
        ('tried', 1, ['add_room a amount=1 resource_class=VCPU']),
        ('too_many', 0, []),
    )
    @ddt.unpack
    def test_several_marked(self, most, expected):
        # Whatever room there is, compute-1 takes it first.
        self.useFixture(
            fixtures.MockPatchObject(remedy_check, 'MOST_TRIED', most)
        )
        outcome = plan(
            [marked(), marked('compute-2'), a_node('a', vcpus=2)],
            [*servers(3), an_instance('db', 'compute-2', vcpus=3)],
            a_bare_request(),
        )
        self.assertEqual(
            ['compute-1', 'compute-2'], [n.hostname for n in outcome.refused]
        )
        self.assertEqual(expected, remedies(outcome))
        self.assertEqual([], remedies(outcome, 'compute-2'))


@ddt.ddt
class TestSecondary(base.TestCase):
    """``big`` needs what stands in its way on ``a``; ``b`` can take that."""

    def moves(self, *free, count=1, nodes=(C1,), **fields):
        """The remedies that move servers of other nodes.

        :param free: VCPUs free on ``b``, and so on
        :param count: how many servers of 1 VCPU are on ``a``
        """
        instances = [
            an_instance('big', vcpus=4),
            *(an_instance(f'small-{n}', 'a') for n in range(count)),
        ]
        others = [
            a_node(name, vcpus=vcpus)
            for name, vcpus in zip('abcdef', (4, *free), strict=False)
        ]
        outcome = plan([*nodes, *others], instances, **fields)
        [first, *_others] = outcome.refused
        return [
            r for r in first.remedies if r.reason in remedy_check.SECONDARY
        ]

    @ddt.named_data(
        # name, VCPUs free elsewhere, servers in the way, remedies
        ('one', (1,), 1, [('move_first', 'small-0')]),
        ('two', (1, 1), 2, [('move_two_first', 'small-0')]),
        ('three', (1, 1, 1), 3, []),
        ('no_room', (0,), 1, []),
    )  # fmt: skip
    @ddt.unpack
    def test_number(self, free, count, expected):
        found = self.moves(*free, count=count)
        self.assertEqual(
            expected, [(r.reason.value, r.subject) for r in found]
        )

    @ddt.named_data(
        # name, what else the plan is given
        ('not_advised', {'advises': False}),
        ('asked_for', {'request': a_request(max_secondary_moves=1)}),
        ('undecided', {'steps': 0}),
    )  # fmt: skip
    @ddt.unpack
    def test_none(self, fields):
        self.assertEqual([], self.moves(1, count=2, **fields))

    @ddt.named_data(
        ('move_first', (1,), 1),
        ('move_two_first', (1, 1), 2),
    )
    @ddt.unpack
    def test_helps(self, free, count):
        """What is advised empties the node."""
        [remedy] = self.moves(*free, count=count)
        most = remedy_check.SECONDARY[remedy.reason]
        instances = [
            an_instance('big', vcpus=4),
            *(an_instance(f'small-{n}', 'a') for n in range(count)),
        ]
        nodes = [
            a_node(name, vcpus=vcpus)
            for name, vcpus in zip('abcdef', (4, *free), strict=False)
        ]
        request = a_request(max_secondary_moves=most)
        outcome = plan([C1, *nodes], instances, request=request)
        self.assertEqual((), outcome.refused)
        self.assertEqual(most, len(outcome.secondary_moves))

    def test_of_marked_nodes(self):
        """For the one it would do, but the other takes the room first."""
        nodes = [marked('compute-1'), marked('compute-0')]
        request = a_bare_request()
        instances = [
            an_instance('big', vcpus=4),
            an_instance('large', 'compute-0', vcpus=1),
            an_instance('small', 'a'),
        ]
        others = [a_node('a', vcpus=4), a_node('b', vcpus=1)]
        outcome = plan([*nodes, *others], instances, request=request)
        [node] = outcome.refused
        self.assertEqual('compute-1', node.hostname)
        self.assertEqual(
            [],
            [r for r in node.remedies if r.reason in remedy_check.SECONDARY],
        )
