# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_request
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import a_spare
from tests.unit.core.builders import an_instance
from tests.unit.core.drains import C1
from tests.unit.core.drains import C2
from tests.unit.core.drains import LEAVE
from tests.unit.core.drains import plan
from tests.unit.core.drains import remedies
from tests.unit.core.drains import said
from tests.unit.core.drains import servers
from tests.unit.core.drains import told
from tests.unit.core.drains import verdicts
from tests.unit.core.drains import where
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.model.plan import Method


# Largest first, web-3 goes to b and web-2 to a, and nothing is left for
# web-1. No sum and no count tells that there is a better way.
SIZES = servers(2, 3, 4)
PUZZLED = [C1, a_node('a', vcpus=4), a_node('b', vcpus=5)]


class TestNoRoom(base.TestCase):
    def test_refused(self):
        outcome = plan([C1, a_node(vcpus=5)], servers(2, 2, 2))
        self.assertEqual(
            [
                'sum_too_large destinations=1 free=5 hosts=compute-2 instances=3 '
                'resource_class=VCPU wanted=6',
                'no_room_beside_others web-3 destinations=1 others=2',
                'no_room compute-2 free=1 resource_class=VCPU wanted=2',
            ],
            told(outcome),
        )

    def test_spare_came_nearest(self):
        outcome = plan(
            [C1, a_node(vcpus=2), a_spare(vcpus=5)], servers(2, 2, 2)
        )
        self.assertEqual(
            [
                'sum_too_large destinations=1 free=5 hosts=spare-1 instances=3 '
                'resource_class=VCPU wanted=6',
                'sum_too_large destinations=1 free=2 hosts=compute-2 instances=3 '
                'resource_class=VCPU wanted=6',
                'conflict_count count=2 destinations=1 hosts=compute-2 '
                'most=1 names=web-2,web-3',
                'no_room_beside_others web-3 destinations=1 others=2',
                'no_room spare-1 free=1 resource_class=VCPU wanted=2',
            ],
            told(outcome),
        )
        self.assertEqual(
            ['no_room spare-1 free=5 resource_class=VCPU wanted=6'],
            said(outcome.not_destinations),
        )
        self.assertEqual((), outcome.enables)

    def test_what_is_not_certain_comes_first(self):
        outcome = plan([*PUZZLED, a_spare(vcpus=8)], SIZES, steps=0)
        self.assertEqual(
            [
                'no_fit_found destinations=2 instances=3',
                'sum_too_large destinations=1 free=8 hosts=spare-1 instances=3 '
                'resource_class=VCPU wanted=9',
            ],
            told(outcome)[:2],
        )

    def test_conflict(self):
        nodes = [C1, a_node('a', vcpus=3), a_node('b', vcpus=3)]
        # As many as each could take alone have a place: no search is needed.
        for steps in (0, 1_000):
            outcome = plan(nodes, servers(2, 2, 2), steps=steps)
            self.assertEqual(
                [
                    'conflict_count count=3 destinations=2 hosts=a,b most=2 '
                    'names=web-1,web-2,web-3',
                    'no_room_beside_others web-3 destinations=2 others=2',
                    'no_room a free=1 resource_class=VCPU wanted=2',
                    'no_room b free=1 resource_class=VCPU wanted=2',
                ],
                told(outcome),
            )

    def test_nothing_is_said_of_conflicts_that_nobody_asked_for(self):
        nodes = [C1, a_node('a', vcpus=3), a_node('b', vcpus=3)]
        outcome = plan(nodes, servers(2, 2, 2), advises=False)
        self.assertEqual(
            'no_fit_together destinations=2 instances=3 proof=no_bin',
            told(outcome)[0],
        )
        self.assertEqual([], remedies(outcome))

    def test_gave_up(self):
        outcome = plan(PUZZLED, SIZES, steps=0)
        self.assertEqual(
            [
                'no_fit_found destinations=2 instances=3',
                'no_place_found web-1 destinations=2 more=1 others=2',
                'no_room a free=1 resource_class=VCPU wanted=2',
                'no_room b free=1 resource_class=VCPU wanted=2',
            ],
            told(outcome),
        )
        self.assertIs(True, outcome.failed)

    def test_gave_up_on_the_largest_number(self):
        outcome = plan(PUZZLED, servers(2, 3, 4, 3), steps=0)
        [node] = outcome.nodes
        self.assertEqual(2, len(node.stays))
        self.assertIn(
            'at_most_more instances=4 left=2 more=1', said(node.findings)
        )

    def test_found_with_enough_steps(self):
        for outcome in (
            plan(PUZZLED, SIZES, steps=1_000),
            drain.plan(a_snapshot(PUZZLED, SIZES), a_request()),
        ):
            self.assertEqual(
                {'web-1': 'live b', 'web-2': 'live b', 'web-3': 'live a'},
                where(outcome),
            )


@ddt.ddt
class TestLeave(base.TestCase):
    @ddt.named_data(
        # name, VCPUs wanted, VCPUs of compute-2, expected
        ('all', [2, 2], 4, ['web-1', 'web-2']),
        ('largest_number', [4, 2, 2], 4, ['web-2', 'web-3']),
        ('first_by_name', [2, 2, 2], 5, ['web-1', 'web-2']),
        ('none', [6, 6], 5, []),
    )
    @ddt.unpack
    def test_most(self, wanted, left, expected):
        outcome = plan(
            [C1, a_node(vcpus=left)], servers(*wanted), a_request(**LEAVE)
        )
        self.assertEqual(expected, list(where(outcome)))
        self.assertEqual({'compute-1': 'planned'}, verdicts(outcome))
        self.assertEqual(('compute-1',), outcome.disables)
        self.assertIs(
            Method.SPREAD if expected else Method.NONE, outcome.nodes[0].method
        )

    def test_tie_by_memory(self):
        instances = [
            an_instance('web-1', vcpus=2, memory_mb=1024),
            an_instance('web-2', vcpus=2, memory_mb=2048),
        ]
        outcome = plan([C1, a_node(vcpus=3)], instances, a_request(**LEAVE))
        self.assertEqual(['web-2'], list(where(outcome)))

    def test_what_is_left_and_why(self):
        outcome = plan(
            [C1, a_node(vcpus=3), a_spare(vcpus=1)],
            servers(2, 2),
            a_request(**LEAVE),
        )
        self.assertEqual(
            [
                'no_room_beside_others web-2 destinations=1 others=1',
                'no_room compute-2 free=1 resource_class=VCPU wanted=2',
            ],
            told(outcome),
        )
        self.assertEqual((), outcome.nodes[0].findings)
        self.assertEqual(
            ['no_room spare-1 free=1 resource_class=VCPU wanted=4'],
            said(outcome.not_destinations),
        )

    def test_a_spare_takes_the_most(self):
        outcome = plan(
            [C1, a_node(vcpus=1), a_spare(vcpus=3)],
            servers(2, 2, 2),
            a_request(**LEAVE),
        )
        self.assertEqual({'web-1': 'live spare-1'}, where(outcome))
        self.assertEqual(('spare-1',), outcome.enables)
        self.assertEqual((), outcome.not_destinations)

    def test_no_spare_is_enabled_for_nothing(self):
        outcome = plan([C1, a_spare(vcpus=1)], servers(2), a_request(**LEAVE))
        self.assertEqual((), outcome.enables)
        self.assertEqual({'compute-1': 'planned'}, verdicts(outcome))

    def test_gave_up(self):
        outcome = plan(PUZZLED, SIZES, a_request(**LEAVE), steps=0)
        self.assertEqual(
            {'web-2': 'live a', 'web-3': 'live b'}, where(outcome)
        )
        self.assertEqual(
            [
                'no_place_found web-1 destinations=2 more=1 others=2',
                'no_room a free=1 resource_class=VCPU wanted=2',
                'no_room b free=1 resource_class=VCPU wanted=2',
            ],
            told(outcome),
        )

    @ddt.named_data(
        # name, what else there is to place, how many more could go at most
        ('as_it_is', [], 1),
        ('one_is_too_much', [2], 1),
        ('two_are_too_much', [2, 2], 2),
    )
    @ddt.unpack
    def test_how_many_more_could_go(self, sizes, more):
        """The sums rule out some; nothing rules out the others."""
        outcome = plan(
            PUZZLED,
            servers(2, 3, 4, *sizes),
            a_request(**LEAVE),
            steps=0,
        )
        [node] = outcome.nodes
        for stay in node.stays:
            self.assertEqual(more, stay.findings[0].facts['more'])

    def test_several_nodes(self):
        outcome = plan(
            [C1, C2, a_node('compute-3', vcpus=3)],
            [
                *servers(2, 2),
                an_instance('db', 'compute-2', vcpus=1),
                an_instance('old', 'compute-2', 'suspended'),
            ],
            a_request('compute-1', 'compute-2', **LEAVE),
        )
        self.assertEqual(
            {'web-1': 'live compute-3', 'db': 'live compute-3'}, where(outcome)
        )
        self.assertEqual(
            {'compute-1': ['web-2'], 'compute-2': ['old']},
            {
                n.hostname: [s.instance_name for s in n.stays]
                for n in outcome.nodes
            },
        )
