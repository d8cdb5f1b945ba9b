# SPDX-License-Identifier: Apache-2.0

"""What one project writes changes no plan, but by the rules."""

import collections
import dataclasses

from typing import Any

import hypothesis

from hypothesis import strategies as st

from tests.property.core import generated
from tests.unit import base
from tests.unit.plugin.nova_answers import a_server
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.model.notice import KEYS
from watcher_host_maintenance.core.model.notice import OWNER_WORDS
from watcher_host_maintenance.core.model.notice import PREFIX
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.scheduling import steps


LIMITS = Limits.of(20_000)

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
        hypothesis.assume(projects)
        [(project, _count)] = projects.most_common(1)
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
