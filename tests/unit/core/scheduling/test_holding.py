# SPDX-License-Identifier: Apache-2.0

"""What begins now, and what waits for its window."""

import ddt

from tests.unit import base
from tests.unit.core.builders import a_bare_request
from tests.unit.core.builders import a_group
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_request
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import a_spare
from tests.unit.core.builders import an_instance
from tests.unit.core.drains import NEITHER
from tests.unit.core.drains import marked
from tests.unit.core.windows import CLOUD
from tests.unit.core.windows import NOW_S
from tests.unit.core.windows import PACE
from tests.unit.core.windows import hold
from tests.unit.core.windows import servers
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.model.pace import Pace
from watcher_host_maintenance.core.model.plan import Method
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.request import CloseAt
from watcher_host_maintenance.core.model.request import Owners
from watcher_host_maintenance.core.model.window import Window
from watcher_host_maintenance.core.scheduling import holding
from watcher_host_maintenance.core.scheduling import notices
from watcher_host_maintenance.core.scheduling import steps


def begins(outcome):
    """The names of the servers that something becomes of now."""
    return sorted(
        action.instance_name
        for action in (*outcome.moves, *outcome.stops, *outcome.releases)
    )


def waits(outcome, hostname='compute-1'):
    """Server's name -> the value of the reason for which it waits."""
    [node] = [n for n in outcome.nodes if n.hostname == hostname]
    return {s.instance_name: s.findings[0].reason.value for s in node.waiting}


@ddt.ddt
class TestWindow(base.TestCase):
    def test_without_any_nothing_changes(self):
        snapshot = a_snapshot(CLOUD, servers(20, 30))
        outcome = drain.plan(snapshot, a_request())
        self.assertIs(
            outcome, holding.hold(outcome, snapshot, a_request(), PACE)
        )

    @ddt.named_data(
        # name, begins in s, ends in s, who begins, why the others wait
        ('long_ago',      -9, None, ['web-1', 'web-2'], None),
        ('now',            0, None, ['web-1', 'web-2'], None),
        ('in_a_second',    1, None, [], 'before_window'),
        ('later',          1, 9999, [], 'before_window'),
        ('just_over',     -9, 0,    [], 'after_window'),
        ('in_time',        0, 50,   ['web-1', 'web-2'], None),
        ('a_second_short', 0, 49,   ['web-2'], 'no_time_left'),
        ('one_fits',       0, 30,   ['web-2'], 'no_time_left'),
        ('the_short_one',  0, 29,   ['web-1'], 'no_time_left'),
        ('exactly_it',     0, 20,   ['web-1'], 'no_time_left'),
        ('none_fits',      0, 19,   [], 'no_time_left'),
    )  # fmt: skip
    @ddt.unpack
    def test_servers(self, begins_s, ends_s, expected, why):
        # One after the other: 20 s and 30 s.
        outcome = hold(servers(20, 30), begins_s, ends_s)
        self.assertEqual(expected, begins(outcome))
        self.assertEqual(
            {n: why for n in ('web-1', 'web-2') if n not in expected},
            waits(outcome),
        )

    def test_a_slot_goes_to_whatever_ends_in_time(self):
        # 60 s and then 50 s would be too long, 60 s and 40 s are not.
        outcome = hold(servers(60, 50, 40), 0, 100)
        self.assertEqual(['web-1', 'web-3'], begins(outcome))

    @ddt.named_data(
        # name, begins in s, ends in s, closes, whether the node is closed
        ('open',           0,  60,   CloseAt.START, True),
        ('before',         1,  60,   CloseAt.START, False),
        ('before_at_once', 1,  60,   CloseAt.NOW,   True),
        ('no_end',         1,  None, CloseAt.NOW,   True),
        ('over',           -9, 0,    CloseAt.START, False),
        ('over_at_once',   -9, 0,    CloseAt.NOW,   False),
    )  # fmt: skip
    @ddt.unpack
    def test_node(self, begins_s, ends_s, close, is_closed):
        outcome = hold(servers(20), begins_s, ends_s, close=close)
        self.assertEqual(('compute-1',) if is_closed else (), outcome.disables)

    def test_spare_to_empty_is_marked_at_the_start(self):
        nodes = [a_spare('compute-1'), a_node('compute-2')]
        self.assertEqual((), hold(servers(20), 1, 60, nodes=nodes).marks)
        self.assertEqual(
            ('compute-1',), hold(servers(20), 0, 60, nodes=nodes).marks
        )

    def test_node_says_why(self):
        [node] = hold(servers(20), 1, 60).nodes
        [finding] = node.findings
        self.assertEqual('compute-1', finding.subject)
        self.assertEqual({'starts': '2026-11-30T21:00:01Z'}, finding.facts)
        self.assertEqual(Method.NONE, node.method)

    def test_empty_node_waits_too(self):
        outcome = hold([], 1, 60)
        [node] = outcome.nodes
        self.assertEqual(Verdict.PLANNED, node.verdict)
        self.assertEqual('before_window', node.findings[0].reason.value)
        self.assertEqual((), outcome.disables)

    def test_numbers(self):
        [node] = hold(servers(25), 0, 24).nodes
        [stay] = node.waiting
        self.assertEqual(
            {
                'takes_s': 25,
                'left_s': 24,
                'ends': '2026-11-30T21:00:24Z',
            },
            stay.findings[0].facts,
        )
        self.assertTrue(stay.as_asked)

    def test_spare_is_enabled_for_what_begins_only(self):
        nodes = [a_node('compute-1'), a_spare()]
        for ends_s, expected in ((20, ('spare-1',)), (19, ())):
            outcome = hold(servers(20), 0, ends_s, nodes=nodes)
            self.assertEqual(expected, outcome.enables)

    def test_stops_and_releases_take_time_too(self):
        for ends_s, expected in ((10, ['web-1']), (9, [])):
            outcome = hold(servers(99), 0, ends_s, **NEITHER)
            self.assertEqual(expected, begins(outcome))
        shelved = [an_instance('old', vm_state='shelved')]
        for ends_s, expected in ((10, ['old']), (9, [])):
            self.assertEqual(expected, begins(hold(shelved, 0, ends_s)))

    def test_refusal_is_not_held(self):
        suspended = [an_instance(vm_state='suspended')]
        outcome = hold(suspended, 1, 60)
        self.assertTrue(outcome.failed)
        self.assertEqual([], [f for n in outcome.nodes for f in n.findings])

    def test_other_nodes_of_the_request(self):
        # compute-9 is refused: its servers are not said to wait.
        nodes = [marked('compute-1'), marked('compute-9'), a_node('compute-2')]
        instances = [
            an_instance(),
            an_instance('odd', 'compute-9', vm_state='suspended'),
        ]
        outcome = hold(instances, 1, 60, nodes=nodes, asked=a_bare_request())
        self.assertEqual({'web-1': 'before_window'}, waits(outcome))
        self.assertEqual({}, waits(outcome, 'compute-9'))


WAITS = holding.WAITS_WITH_OTHERS.about('web-1', names=('web-9',))
"""Some other reason to wait."""


class TestOtherReasons(base.TestCase):
    def test_without_a_window(self):
        outcome = hold(servers(20, 30), waits={'uuid-web-1': WAITS})
        self.assertEqual(['web-2'], begins(outcome))
        self.assertEqual({'web-1': 'waits_with_others'}, waits(outcome))
        self.assertEqual(('compute-1',), outcome.disables)

    def test_go_before_that_of_the_window(self):
        outcome = hold(servers(20, 30), 1, 60, waits={'uuid-web-1': WAITS})
        self.assertEqual(
            {'web-1': 'waits_with_others', 'web-2': 'before_window'},
            waits(outcome),
        )

    def test_some_begin_early(self):
        outcome = hold(servers(20, 30), 9, 60, early=['uuid-web-1'])
        self.assertEqual(['web-1'], begins(outcome))
        self.assertEqual((), outcome.disables)

    def test_not_after_the_end(self):
        outcome = hold(servers(20, 30), -9, 0, early=['uuid-web-1'])
        self.assertEqual([], begins(outcome))

    def test_nor_if_they_end_too_late(self):
        outcome = hold(servers(20, 30), 9, 29, early=['uuid-web-2'])
        self.assertEqual([], begins(outcome))
        self.assertEqual('no_time_left', waits(outcome)['web-2'])


class TestTogether(base.TestCase):
    def test_affinity_group(self):
        instances = [
            *servers(20, 30, group='uuid-db'),
            an_instance('alone', memory_mb=500),
        ]
        groups = [a_group('affinity', compute_2=1)]
        outcome = hold(instances, 0, 49, groups=groups)
        self.assertEqual(['alone'], begins(outcome))
        self.assertEqual(
            {'web-1': 'no_time_left', 'web-2': 'waits_with_others'},
            waits(outcome),
        )
        outcome = hold(instances, 0, 65, groups=groups)
        self.assertEqual(['alone', 'web-1', 'web-2'], begins(outcome))

    def test_soft_group_need_not(self):
        groups = [a_group('soft-affinity', compute_2=1)]
        instances = servers(20, 30, group='uuid-db')
        self.assertEqual(
            ['web-2'], begins(hold(instances, 0, 49, groups=groups))
        )

    def secondary(self, ends_s, **fields):
        """``big`` takes 30 s, and ``small`` makes room for it in 20 s."""
        nodes = [
            a_node('compute-1'),
            a_node('compute-2', vcpus=4),
            a_node('compute-3', vcpus=1),
        ]
        instances = [
            an_instance('big', vcpus=4, memory_mb=2000),
            an_instance('small', 'compute-2', memory_mb=1000),
        ]
        return hold(
            instances, 0, ends_s, nodes=nodes, max_secondary_moves=1, **fields
        )

    def test_room_is_made_for_what_begins_only(self):
        self.assertEqual(['big', 'small'], begins(self.secondary(50)))
        outcome = self.secondary(49)
        self.assertEqual([], begins(outcome))
        self.assertEqual({'big': 'no_time_left'}, waits(outcome))

    def test_maker_waits_for_another_reason(self):
        outcome = self.secondary(99, waits={'uuid-small': WAITS})
        self.assertEqual([], begins(outcome))
        [node] = outcome.nodes
        [stay] = node.waiting
        self.assertEqual({'names': ('small',)}, stay.findings[0].facts)

    def test_with_the_same_pace(self):
        slow = Pace(mib_per_s=50)
        self.assertEqual([], begins(hold(servers(20), 0, 29, pace=slow)))
        self.assertEqual(
            ['web-1'], begins(hold(servers(20), 0, 30, pace=slow))
        )

    def test_again_is_the_same(self):
        outcome = hold(servers(20, 30), 0, 49)
        request = a_request(now_s=NOW_S, window=Window(NOW_S, NOW_S + 49))
        snapshot = a_snapshot(CLOUD, servers(20, 30))
        again = holding.hold(outcome, snapshot, request, PACE)
        self.assertEqual(outcome, again)


@ddt.ddt
class TestBeginBy(base.TestCase):
    def begin_by(self, window, words=(), **fields):
        """Step's key -> seconds from now until it has to begin."""
        request = a_request(now_s=NOW_S, window=window, **fields)
        snapshot = a_snapshot(
            (a_node('compute-1'), a_spare()),
            servers(20.5, owner_words=words),
        )
        outcome = notices.begin(
            drain.plan(snapshot, request), snapshot, request, PACE
        )
        schedule = steps.schedule(snapshot, outcome, PACE)
        limits = holding.begin_by(schedule, snapshot, request, PACE)
        return {key: at_s - NOW_S for key, at_s in limits.items()}

    def test_ends(self):
        self.assertEqual(
            {
                'disable compute-1': 59,
                'enable spare-1': 59,
                'move uuid-web-1': 39,
            },
            self.begin_by(Window(NOW_S, NOW_S + 60)),
        )

    def test_stop(self):
        self.assertEqual(
            50,
            self.begin_by(Window(NOW_S, NOW_S + 60), **NEITHER)[
                'stop uuid-web-1'
            ],
        )

    def test_stop_before_a_move(self):
        limits = self.begin_by(
            Window(NOW_S, NOW_S + 60),
            ('stop',),
            owners=Owners.OBEY,
            removed=True,
        )
        # It is not stopped where it could not move in time.
        self.assertEqual(29, limits['stop uuid-web-1'])
        self.assertEqual(39, limits['move uuid-web-1'])

    @ddt.named_data(
        # name, words, removed, seconds until an owner is told that it begins
        ('move',          (),        False, 39),
        ('stop',          ('stop',), False, 50),
        ('stop_and_move', ('stop',), True,  39),
    )  # fmt: skip
    @ddt.unpack
    def test_owner(self, words, removed, expected):
        limits = self.begin_by(
            Window(NOW_S, NOW_S + 60),
            words,
            owners=Owners.OBEY,
            removed=removed,
        )
        # How it ended may be told at any time.
        self.assertEqual(
            [expected], [at for key, at in limits.items() if 'notify' in key]
        )

    @ddt.data(None, Window(NOW_S))
    def test_none(self, window):
        self.assertEqual({}, self.begin_by(window))
