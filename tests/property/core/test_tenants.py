# SPDX-License-Identifier: Apache-2.0

"""What one project writes changes no plan, but by the rules."""

import collections
import dataclasses
import random

from typing import Any

import ddt
import hypothesis

from hypothesis import strategies as st

from tests.property.core import generated
from tests.unit import base
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import an_instance
from tests.unit.plugin.nova_answers import a_server
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.checking import check
from watcher_host_maintenance.core.model import projection
from watcher_host_maintenance.core.model.notice import KEYS
from watcher_host_maintenance.core.model.notice import OWNER_WORDS
from watcher_host_maintenance.core.model.notice import PREFIX
from watcher_host_maintenance.core.model.notice import words_of_tags
from watcher_host_maintenance.core.model.pace import DEFAULT_PACE
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.request import OnKeep
from watcher_host_maintenance.core.model.request import Owners
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.scheduling import notices
from watcher_host_maintenance.core.scheduling import steps
from watcher_host_maintenance.core.telling import words


LIMITS = Limits.of(20_000)

RED, BLUE = 'red', 'blue'

DUE_S = 5000
"""When owners have had their time."""

NAMES = st.text(st.characters(exclude_categories=()), min_size=1, max_size=40)


def without_names(known: Snapshot, request: Request) -> Any:
    """Return what a plan does and refuses, by UUIDs."""
    outcome = drain.plan(known, request, LIMITS)
    nodes = [
        (
            node.hostname,
            node.verdict,
            node.method,
            sorted(
                (m.instance_uuid, m.kind.value, m.destination, m.unproved)
                for m in node.moves
            ),
            sorted(s.instance_uuid for s in node.stops),
            sorted((r.instance_uuid, r.kind.value) for r in node.releases),
            sorted(
                (s.instance_uuid, s.as_asked, s.findings[0].reason.value)
                for s in node.stays
            ),
            [f.reason.value for f in node.findings],
        )
        for node in outcome.nodes
    ]
    order = [
        (
            type(step.action).__name__,
            getattr(step.action, 'instance_uuid', ''),
            getattr(step.action, 'hostname', ''),
        )
        for step in steps.schedule(known, outcome)
    ]
    return nodes, order


class TestPlan(base.TestCase):
    @generated.settings(400)
    @hypothesis.given(
        generated.cases()
        | generated.tight_cases()
        | generated.crowded_cases(),
        st.data(),
    )
    def test_does_not_depend_on_names(self, case, data):
        known, request = case
        projects = collections.Counter(i.project_id for i in known.instances)
        project = max(projects, key=lambda p: projects[p], default=None)
        renamed = dataclasses.replace(
            known,
            instances=tuple(
                dataclasses.replace(i, name=data.draw(NAMES))
                if i.project_id == project
                else i
                for i in known.instances
            ),
            groups=tuple(
                dataclasses.replace(g, name=data.draw(NAMES))
                for g in known.groups
            ),
        )
        self.assertEqual(
            without_names(known, request), without_names(renamed, request)
        )


class TestRecord(base.TestCase):
    @generated.settings(400)
    @hypothesis.given(
        st.dictionaries(
            NAMES | st.sampled_from([key.name for key in KEYS]),
            NAMES,
            max_size=9,
        ),
        st.lists(
            NAMES | st.sampled_from(OWNER_WORDS).map(PREFIX.__add__),
            max_size=50,
        ),
        NAMES,
    )
    def test_has_little_of_metadata_and_tags(self, metadata, tags, locked):
        plain = Server.read(a_server())
        written = a_server() | {
            'metadata': metadata,
            'tags': tags,
            'description': locked,
            'locked_reason': locked,
        }
        names = {key.name for key in KEYS}
        # Instances have documented words and valid values of these alone.
        self.assertEqual(
            dataclasses.replace(
                plain,
                tags=tuple(tags),
                notice_metadata={
                    k: v for k, v in metadata.items() if k in names
                },
            ),
            Server.read(written),
        )


@st.composite
def shared_nodes(draw: st.DrawFn) -> Snapshot:
    """Draw a node to empty that two projects share, and room enough."""
    projects = draw(
        st.lists(st.sampled_from([RED, BLUE]), min_size=1, max_size=8)
    )
    instances = [
        an_instance(f'vm-{number}', project_id=project)
        for number, project in enumerate(projects)
    ]
    hosts = ('compute-1', 'compute-2', 'compute-3')
    return a_snapshot([a_node(host) for host in hosts], instances)


@st.composite
def with_wild_words(draw: st.DrawFn, snapshot: Snapshot) -> Snapshot:
    """Draw what the owner of the red servers has written by now."""
    words = st.lists(st.sampled_from(OWNER_WORDS), max_size=3, unique=True)
    return dataclasses.replace(
        snapshot,
        instances=tuple(
            dataclasses.replace(
                instance,
                owner_words=tuple(draw(words)),
                notice=draw(
                    st.sampled_from([instance.notice, *generated.NOTICES])
                ),
            )
            if instance.project_id == RED
            else instance
            for instance in snapshot.instances
        ),
    )


@ddt.ddt
class TestOwners(base.TestCase):
    """One project changes its words at any time; the other says nothing."""

    @generated.settings(100)
    @hypothesis.given(
        shared_nodes(),
        st.sampled_from(list(OnKeep)),
        st.lists(st.integers(-600, 600), min_size=1, max_size=4),
        st.data(),
    )
    def test_hold_up_their_own_servers_only(
        self, snapshot, on_keep, runs_s, data
    ):
        for now_s in [*sorted(DUE_S + s for s in runs_s), DUE_S + 601]:
            snapshot = data.draw(with_wild_words(snapshot))
            request = Request(
                ('compute-1',),
                owners=Owners.WAIT,
                answer_by_s=DUE_S,
                now_s=now_s,
                on_keep=on_keep,
                maintenance_id=generated.NOTICED,
            )
            part = self.run_once(snapshot, request)
            if part.failed:
                self.assert_red_blocks(snapshot, part)
                continue
            actions = [*part.moves, *part.stops]
            self.assert_blue_is_as_planned(snapshot, request, actions)
            # The owner writes while the plan is carried out, and that may
            # end at any step.
            ended = data.draw(
                st.lists(st.sampled_from(actions), unique=True)
                if actions
                else st.just([])
            )
            told = {n.instance_uuid: n.notice for n in part.notices}
            snapshot = projection.after_actions(snapshot, ended)
            snapshot = dataclasses.replace(
                snapshot,
                instances=tuple(
                    dataclasses.replace(i, notice=told.get(i.uuid, i.notice))
                    for i in snapshot.instances
                ),
            )

    @ddt.data(*OnKeep)
    def test_thousands_with_wild_tags(self, on_keep):
        rng = random.Random(on_keep.value)
        tags = [
            *(f'{PREFIX}{word}' for word in OWNER_WORDS),
            *(f'{PREFIX}{word.upper()}\0' for word in OWNER_WORDS),
            *(chr(rng.randrange(1, 0x10000)) * 60 for _ in range(400)),
        ]
        blue = [an_instance(f'blue-{n}', project_id=BLUE) for n in range(20)]
        red = [
            an_instance(
                f'red-{n}',
                f'compute-{1 + n % 15}',
                project_id=RED,
                owner_words=words_of_tags(rng.sample(tags, 50), {}),
            )
            for n in range(3000)
        ]
        snapshot = a_snapshot(
            [
                a_node(
                    f'compute-{n}', vcpus=900, memory_mb=10**8, disk_gb=10**6
                )
                for n in range(1, 16)
            ],
            [*red, *blue],
        )
        said = {i.owner_words for i in snapshot.instances_on('compute-1')}
        self.assertGreater(len(said), 20)
        request = Request(
            ('compute-1',),
            owners=Owners.OBEY,
            now_s=DUE_S,
            on_keep=on_keep,
            maintenance_id=generated.NOTICED,
        )
        part = self.run_once(snapshot, request)
        if on_keep is OnKeep.BLOCK:
            self.assert_red_blocks(snapshot, part)
            return
        actions = [*part.moves, *part.stops]
        self.assert_blue_is_as_planned(snapshot, request, actions)
        self.assertEqual({RED}, {s.instance_name[:3] for s in part.stops})

    def run_once(self, snapshot, request):
        """Plan as an audit does; return what begins now, proved."""
        whole = drain.plan(snapshot, request, LIMITS, advises=False)
        part = notices.begin(whole, snapshot, request, DEFAULT_PACE)
        schedule = steps.schedule(snapshot, part)
        self.assertEqual(
            (), check.check(snapshot, request, part, schedule, DEFAULT_PACE)
        )
        return part

    def assert_red_blocks(self, snapshot, part):
        """The operator reads whose servers they are, and the way out."""
        [node] = part.nodes
        self.assertTrue(node.blocked)
        for stay in node.blocked:
            instance = snapshot.by_uuid[stay.instance_uuid]
            self.assertEqual(RED, instance.project_id)
            self.assertIn('keep', instance.owner_words)
            [finding] = stay.findings
            self.assertIn('on_keep=move', words.help_for(finding))

    def assert_blue_is_as_planned(self, snapshot, request, actions):
        """They are moved live, all of them, when it is time and not before."""
        blue = {
            i.uuid
            for i in snapshot.instances_on('compute-1')
            if i.project_id == BLUE
        }
        begin = {
            a.instance_uuid: a for a in actions if a.instance_uuid in blue
        }
        is_due = request.now_s >= DUE_S
        self.assertEqual(blue if is_due else set(), set(begin))
        for move in begin.values():
            self.assertIs(MoveKind.LIVE, move.kind)
