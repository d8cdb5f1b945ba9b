# SPDX-License-Identifier: Apache-2.0

"""A drain for which servers of other nodes move first."""

import dataclasses

from unittest import mock

import ddt

from tests.unit import base
from tests.unit.core.builders import a_bare_request
from tests.unit.core.builders import a_group
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_request
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import a_spare
from tests.unit.core.builders import an_instance
from tests.unit.core.rules.test_failures import failed
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.checking.check import check
from watcher_host_maintenance.core.model.plan import Method
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.packing import relocation
from watcher_host_maintenance.core.packing import solve
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.scheduling import steps


NODES = (
    a_node('compute-1'),
    a_node('compute-2', vcpus=4),
    a_node('compute-3', vcpus=1),
)
BIG = an_instance('big', vcpus=4)
SMALL = an_instance('small', 'compute-2')


def planned(nodes=NODES, instances=(BIG, SMALL), groups=(), **fields):
    """The outcome, with ``max_secondary_moves`` of 1, proved."""
    request = a_request(**{'max_secondary_moves': 1, **fields})
    return proved(a_snapshot(nodes, instances, groups), request)


def proved(known, request, limits=solve.DEFAULT):
    outcome = drain.plan(known, request, limits)
    schedule = steps.schedule(known, outcome)
    violations = check(known, request, outcome, schedule)
    assert not violations, violations
    return outcome


def moves(outcome):
    """Name -> destination and the UUIDs that it waits for."""
    return {m.instance_name: (m.destination, m.after) for m in outcome.moves}


@ddt.ddt
class TestSecondary(base.TestCase):
    def test_moves_first(self):
        outcome = planned()
        self.assertEqual(
            {
                'small': ('compute-3', ()),
                'big': ('compute-2', ('uuid-small',)),
            },
            moves(outcome),
        )
        [move] = outcome.secondary_moves
        self.assertEqual(('compute-2', MoveKind.LIVE), (move.host, move.kind))
        [node] = outcome.nodes
        self.assertEqual(
            (Verdict.PLANNED, Method.SPREAD, 1),
            (node.verdict, node.method, node.instance_count),
        )

    @ddt.named_data(
        # name, other fields of the request
        ('by_default', {'max_secondary_moves': 0}),
        ('backup',     {'backup_node': 'compute-2'}),
        ('cold',       {'disable_live_migration': True}),
    )  # fmt: skip
    @ddt.unpack
    def test_refused(self, fields):
        outcome = planned(**fields)
        self.assertEqual((), outcome.moves)
        self.assertTrue(outcome.failed)

    def test_not_when_undecided(self):
        """Without a proof there may be a direct placement."""
        sizes = [7, 7, 6, 6, 5, 5, 5, 4, 4, 3, 3, 3]
        known = a_snapshot(
            [
                a_node('compute-1'),
                *(a_node(f'compute-{n}', vcpus=19) for n in range(2, 5)),
                a_node('compute-5', vcpus=3),
            ],
            [
                *(
                    an_instance(f'vm-{n}', vcpus=v)
                    for n, v in enumerate(sizes)
                ),
                an_instance('small', 'compute-2'),
            ],
        )
        request = a_request(max_secondary_moves=5)
        outcome = proved(known, request, Limits.of(0))
        self.assertEqual((), outcome.secondary_moves)

    def test_not_when_it_fits(self):
        nodes = (*NODES, a_node('compute-4', vcpus=4))
        self.assertEqual({'big': ('compute-4', ())}, moves(planned(nodes)))

    def test_not_when_a_spare_takes_all(self):
        outcome = planned((*NODES, a_spare(vcpus=4)))
        self.assertEqual({'big': ('spare-1', ())}, moves(outcome))

    def test_spare_takes_no_secondary(self):
        nodes = (*NODES[:2], a_spare(vcpus=1))
        self.assertTrue(planned(nodes).failed)

    @ddt.named_data(
        # name, where moves of small have failed, other nodes, where it goes
        ('elsewhere', ['compute-3'], [a_node('compute-4', vcpus=1)],
         'compute-4'),
        ('again',     ['compute-3'], [], 'compute-3'),
        ('gone',      ['compute-9'], [], 'compute-3'),
    )  # fmt: skip
    @ddt.unpack
    def test_failed_before(self, hostnames, others, expected):
        small = dataclasses.replace(SMALL, failed_moves=failed(*hostnames))
        outcome = planned((*NODES, *others), (BIG, small))
        self.assertEqual(expected, moves(outcome)['small'][0])

    @ddt.data('compute-3', 'compute-5', 'compute-7')
    def test_as_few_as_can_be_fail_again(self, untried):
        """One of two has to go where both have failed."""
        hosts = [f'compute-{n}' for n in range(3, 8)]
        before = failed(*(host for host in hosts if host != untried))
        makers = [
            an_instance(name, 'compute-2', failed_moves=before)
            for name in ('one', 'two')
        ]
        nodes = (*NODES[:2], *(a_node(host, vcpus=1) for host in hosts))
        outcome = planned(nodes, (BIG, *makers), max_secondary_moves=2)
        placed = {moves(outcome)[name][0] for name in ('one', 'two')}
        self.assertIn(untried, placed)

    @ddt.named_data(
        # name, most secondary moves, where big goes, who makes room
        # Two that are smaller have to make room there.
        ('elsewhere', 2, 'compute-4', ['x-1', 'x-2']),
        ('again',     1, 'compute-2', ['small']),
    )  # fmt: skip
    @ddt.unpack
    def test_what_leaves_failed_before(self, most, expected, makers):
        """More moves that make room, rather than one that failed."""
        big = dataclasses.replace(BIG, failed_moves=failed('compute-2'))
        others = [an_instance(f'x-{n}', 'compute-4') for n in (1, 2)]
        nodes = (
            *NODES[:2],
            a_node('compute-3', vcpus=2),
            a_node('compute-4', vcpus=4),
        )
        outcome = planned(
            nodes, (big, SMALL, *others), max_secondary_moves=most
        )
        placed = moves(outcome)
        self.assertEqual(expected, placed.pop('big')[0])
        self.assertEqual(makers, sorted(placed))

    @ddt.named_data(
        # name, where moves of small have failed, searches
        ('nowhere',     [],            1),
        ('gone',        ['compute-9'], 1),
        ('destination', ['compute-3'], 2),
    )  # fmt: skip
    @ddt.unpack
    def test_searches(self, hostnames, expected):
        """Nothing is searched twice if nothing is avoided."""
        small = dataclasses.replace(SMALL, failed_moves=failed(*hostnames))
        nodes = (*NODES[:2], a_node('compute-3', vcpus=1, used={'VCPU': 1}))
        with mock.patch.object(
            relocation, 'relocate', return_value=None
        ) as relocate:
            planned(nodes, (BIG, small))
        self.assertEqual(expected, relocate.call_count)

    @ddt.named_data(
        # name, most secondary moves, what moves
        ('too_few', 1, []),
        ('enough', 2, ['big', 'small', 'tiny']),
    )  # fmt: skip
    @ddt.unpack
    def test_number(self, most, expected):
        outcome = planned(
            (*NODES[:2], a_node('compute-3', vcpus=2)),
            (
                an_instance('big', vcpus=4),
                SMALL,
                an_instance('tiny', 'compute-2'),
            ),
            max_secondary_moves=most,
        )
        self.assertEqual(expected, sorted(moves(outcome)))

    def test_only_what_needs_the_room_waits(self):
        """The smallest goes where there is room already."""
        outcome = planned(
            (
                NODES[0],
                a_node('compute-2', vcpus=6),
                a_node('compute-3', vcpus=2, disk_gb=19),
            ),
            (
                an_instance('a', vcpus=4, memory_mb=4096),
                an_instance('b', vcpus=2, memory_mb=2048, disk_gb=20),
                an_instance('small', 'compute-2', vcpus=2),
            ),
        )
        self.assertEqual(
            {
                'small': ('compute-3', ()),
                'b': ('compute-2', ()),
                'a': ('compute-2', ('uuid-small',)),
            },
            moves(outcome),
        )

    def test_chain(self):
        outcome = planned(
            (
                NODES[0],
                a_node('compute-2', vcpus=4),
                a_node('compute-3', vcpus=2),
                a_node('compute-4', vcpus=1, disk_gb=10),
            ),
            (
                BIG,
                an_instance('x', 'compute-2', vcpus=2, disk_gb=20),
                an_instance('y', 'compute-3', vcpus=1, disk_gb=10),
            ),
            max_secondary_moves=2,
        )
        self.assertEqual(
            {
                'y': ('compute-4', ()),
                'x': ('compute-3', ('uuid-y',)),
                'big': ('compute-2', ('uuid-x',)),
            },
            moves(outcome),
        )

    def test_group_makes_way(self):
        group = a_group('anti-affinity', 'db')
        outcome = planned(
            (NODES[0], a_node('compute-2'), a_node('compute-3', vcpus=1)),
            (
                an_instance('db-1', vcpus=2, group=group.uuid),
                an_instance('db-2', 'compute-2', group=group.uuid),
            ),
            [group],
        )
        self.assertEqual(
            {
                'db-2': ('compute-3', ()),
                'db-1': ('compute-2', ('uuid-db-2',)),
            },
            moves(outcome),
        )

    def test_rules_count(self):
        """A server that is pinned to its zone makes no room elsewhere."""
        nodes = [dataclasses.replace(n, zone='az-1') for n in NODES]
        nodes[2] = dataclasses.replace(NODES[2], zone='az-2')
        pinned = dataclasses.replace(SMALL, pinned_zone='az-1')
        self.assertTrue(planned(nodes, (BIG, pinned)).failed)
        self.assertFalse(planned(nodes).failed)

    def test_hint_about_one_that_stays(self):
        """It blocks nothing that servers of other nodes are listed."""
        big = dataclasses.replace(
            BIG, hints={'different_host': ('uuid-other',)}
        )
        nodes = (*NODES, a_node('compute-4', vcpus=1))
        known = dataclasses.replace(
            a_snapshot(nodes, (big, SMALL, an_instance('other', 'compute-4'))),
            hinted={'uuid-other': 'compute-4'},
        )
        request = a_request(max_secondary_moves=1, different_host=True)
        self.assertEqual(
            {
                'small': ('compute-3', ()),
                'big': ('compute-2', ('uuid-small',)),
            },
            moves(proved(known, request)),
        )

    @ddt.named_data(
        # name, headroom, whether there is room
        ('kept', 0.0, True),
        ('too_much', 10.0, False),
    )  # fmt: skip
    @ddt.unpack
    def test_headroom(self, percent, fits):
        outcome = planned(headroom_percent=percent)
        self.assertEqual(fits, not outcome.failed)

    def test_rather_than_leaving_some(self):
        outcome = planned(on_blocked=OnBlocked.LEAVE)
        self.assertEqual(['big', 'small'], sorted(moves(outcome)))

    def test_leaves_some_when_there_is_no_room_to_make(self):
        outcome = planned(
            NODES[:2],
            (BIG, SMALL, an_instance('tiny')),
            on_blocked=OnBlocked.LEAVE,
        )
        self.assertEqual({'tiny': ('compute-2', ())}, moves(outcome))

    def test_several_nodes_share_the_number(self):
        """Of two marked nodes the first is emptied, and the number used."""
        marked = {
            'status': 'disabled',
            'disabled_reason': 'watcher_maintaining',
        }
        nodes = (
            a_node('compute-1', **marked),
            a_node('compute-2', vcpus=4),
            a_node('compute-3', vcpus=1),
            a_node('compute-4', **marked),
            a_node('compute-5', vcpus=5),
            a_node('compute-6', vcpus=2),
        )
        instances = (
            BIG,
            SMALL,
            an_instance('large', 'compute-4', vcpus=5),
            an_instance('little', 'compute-5', vcpus=2),
        )
        known = a_snapshot(nodes, instances)
        one = proved(known, a_bare_request(max_secondary_moves=1))
        two = proved(known, a_bare_request(max_secondary_moves=2))
        self.assertEqual(['compute-4'], [n.hostname for n in one.refused])
        self.assertEqual(['big', 'small'], sorted(moves(one)))
        self.assertEqual((), two.refused)
        self.assertEqual(2, len(two.secondary_moves))
