# SPDX-License-Identifier: Apache-2.0

"""Whoever left: as many as possible come home, or the search says so."""

import itertools

from collections.abc import Iterable
from unittest import mock

import hypothesis

from hypothesis import strategies as st

from tests.property.core import generated
from tests.unit import base
from tests.unit.core.builders import a_group
from tests.unit.core.builders import a_node
from tests.unit.core.builders import an_instance
from tests.unit.core.returns import a_closing
from tests.unit.core.returns import a_departure
from tests.unit.core.returns import a_return
from tests.unit.core.returns import a_return_request
from tests.unit.core.returns import a_returning_snapshot
from tests.unit.core.returns import maintained
from watcher_host_maintenance.core.checking import order
from watcher_host_maintenance.core.model.notice import Effect
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.request import MoveBack
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.planning import homecomings


HOME = 'compute-1'
GROUPS = {
    'a': ('soft-affinity', 1),
    'b': ('soft-affinity', 1),
    'c': ('soft-affinity', 1),
    'x': ('anti-affinity', 1),
    'y': ('anti-affinity', 2),
}
"""Name -> policy and max_server_per_host."""


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Draw up to eight servers that left one node, with room for some."""
    sizes = st.integers(1, 4)
    names = st.none() | st.sampled_from(sorted(GROUPS))
    instances = [
        an_instance(
            f'web-{number}',
            draw(st.sampled_from(['compute-2', 'compute-3'])),
            vcpus=draw(sizes),
            memory_mb=1024 * draw(sizes),
            group=None if group is None else f'uuid-{group}',
        )
        for number, group in enumerate(draw(st.lists(names, max_size=8)))
    ]
    return a_returning_snapshot(
        nodes=(
            maintained(
                vcpus=draw(st.integers(1, 12)),
                memory_mb=1024 * draw(st.integers(1, 12)),
            ),
            a_node('compute-2'),
            a_node('compute-3'),
        ),
        instances=instances,
        groups=[
            a_group(policy, name, most)
            for name, (policy, most) in GROUPS.items()
        ],
    )


def may_come(snapshot: Snapshot, coming: Iterable[Instance]) -> bool:
    """Return True if these fit, are not too many of a group, nor too few."""
    coming = tuple(coming)
    home = snapshot.by_hostname[HOME]
    if any(
        sum(i.resources[c] for i in coming) > home.inventory[c].capacity
        for c in ('VCPU', 'MEMORY_MB', 'DISK_GB')
    ):
        return False
    for group in snapshot.groups:
        count = sum(i.group == group.uuid for i in coming)
        everyone = sum(i.group == group.uuid for i in snapshot.instances)
        if group.policy == 'anti-affinity':
            if count > group.max_server_per_host:
                return False
        elif count not in (0, everyone):
            return False
    return True


def most(snapshot: Snapshot) -> int:
    """Return how many can come home, by trying every choice."""
    instances = snapshot.instances
    return max(
        count
        for count in range(len(instances) + 1)
        if any(
            may_come(snapshot, chosen)
            for chosen in itertools.combinations(instances, count)
        )
    )


def undecided(node: NodeOutcome) -> list[int]:
    """Return how many more could come, as each unproved reason has it."""
    return [
        f.facts['more']
        for s in node.stays
        for f in s.findings
        if f.reason.is_undecided
    ]


class TestMost(base.TestCase):
    @generated.settings(250)
    @hypothesis.given(
        snapshots(),
        st.sampled_from([Limits(), Limits.of(20), Limits.of(0)]),
        st.sampled_from([0, 1, homecomings.MOST_GROUPS]),
    )
    def test_no_more_can_come_where_it_says_so(
        self, snapshot, limits, most_groups
    ):
        with mock.patch.object(homecomings, 'MOST_GROUPS', most_groups):
            plan = a_return(snapshot, limits=limits)
        self.assertEqual([], plan.violations)
        [node] = plan.outcome.nodes
        coming = [snapshot.by_uuid[m.instance_uuid] for m in node.moves]
        self.assertTrue(may_come(snapshot, coming))
        more = undecided(node)
        if more:
            self.assertLessEqual(len(coming), most(snapshot))
            self.assertLessEqual(most(snapshot), len(coming) + max(more))
        else:
            self.assertEqual(most(snapshot), len(coming))

    @generated.settings(100)
    @hypothesis.given(snapshots())
    def test_it_does_where_nothing_limits_it(self, snapshot):
        [node] = a_return(snapshot).outcome.nodes
        self.assertEqual(most(snapshot), len(node.moves))
        self.assertEqual([], undecided(node))


BACK = ('compute-1', 'compute-2')
"""Nodes that return together."""

AUDITS = {
    host: f'00000000-0000-0000-0000-00000000000{number}'
    for number, host in enumerate(BACK, 1)
}
"""Hostname -> the audit that announced its maintenance."""

FOREIGN = '00000000-0000-0000-0000-000000000009'


@st.composite
def announced(draw: st.DrawFn) -> Snapshot:
    """Draw servers that were told, moved, stopped, or all of it."""
    instances, departures = [], []
    moved: dict[str, dict[str, str]] = {host: {} for host in BACK}
    stopped: dict[str, list[str]] = {host: [] for host in BACK}
    for number in range(draw(st.integers(0, 6))):
        name = f'web-{number}'
        host = draw(st.sampled_from([*BACK, 'compute-3']))
        if host in BACK and draw(st.booleans()):
            stopped[host].append(name)
        for home in BACK:
            if host != home and draw(st.booleans()):
                ended_at_s = draw(st.integers(1000, 1100))
                departures.append(
                    a_departure(name, host, home, ended_at_s=ended_at_s)
                )
                if draw(st.integers(0, 3)):
                    moved[home][name] = host
        words = st.sampled_from([(), ('stay',), ('stop',), ('keep',)])
        instances.append(
            an_instance(
                name,
                host,
                vcpus=draw(st.integers(1, 2)),
                vm_state=draw(st.sampled_from(['active', 'stopped'])),
                owner_words=draw(words),
                notice=draw(a_notice()),
            )
        )
    return a_returning_snapshot(
        nodes=(
            maintained(vcpus=draw(st.integers(0, 8))),
            maintained('compute-2', vcpus=draw(st.integers(4, 12))),
            a_node('compute-3'),
        ),
        instances=instances,
        departures=departures,
        closings=[
            a_closing(
                host,
                moved[host],
                stopped[host],
                announced_by=(AUDITS[host],),
            )
            for host in BACK
        ],
    )


def a_notice() -> st.SearchStrategy[Notice]:
    """Draw what a server says of its maintenance, if anything."""
    return st.just(Notice()) | st.builds(
        Notice,
        maintenance_id=st.sampled_from([*AUDITS.values(), FOREIGN]),
        state=st.sampled_from(State),
        effect=st.sampled_from(Effect),
    )


class TestNotices(base.TestCase):
    @generated.settings(200)
    @hypothesis.given(announced(), st.sampled_from(MoveBack))
    def test_are_deleted_of_what_is_over(self, snapshot, move_back):
        plan = a_return(snapshot, a_return_request(*BACK, move_back=move_back))
        self.assertEqual([], plan.violations)
        cleared = [n.instance_uuid for n in plan.outcome.notices]
        self.assertEqual(len(set(cleared)), len(cleared))
        for instance in snapshot.instances:
            announced_by = instance.notice.maintenance_id
            if announced_by in ('', FOREIGN):
                self.assertNotIn(instance.uuid, cleared)
            elif AUDITS.get(instance.host) == announced_by:
                self.assertIn(instance.uuid, cleared)
        # Last of all that is done to a server.
        over = order.ended(plan.steps)
        for uuid in cleared:
            done = {f'move {uuid}', f'start {uuid}'} & over.keys()
            self.assertLessEqual(done, over[f'notify cleared {uuid}'])
