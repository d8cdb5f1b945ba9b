# SPDX-License-Identifier: Apache-2.0

"""Whatever things are called, the words that matter are told."""

import re

from typing import Any

import hypothesis

from hypothesis import strategies as st

from tests.property.core import generated
from tests.unit import base
from tests.unit.reasons import every_reason
from watcher_host_maintenance.core.advice.unplaced import AT_MOST_MORE
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Purpose
from watcher_host_maintenance.core.model.plan import Stay
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Reason
from watcher_host_maintenance.core.model.text import storable
from watcher_host_maintenance.core.rules.room import NO_ROOM
from watcher_host_maintenance.core.telling import brevity
from watcher_host_maintenance.core.telling import summary
from watcher_host_maintenance.core.telling import words


REASONS = every_reason()


def repeated(units: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Draw texts of any length that Nova takes, of one or a few units."""
    pieces = st.lists(st.sampled_from(units), min_size=1, max_size=3)
    return st.builds(
        lambda parts, length: (''.join(parts) * length)[:length],
        pieces,
        st.sampled_from((1, 8, 20, 21, 36, 63, 100, 101, 255)),
    )


HOSTS = repeated(('a', 'compute', '.', '-', '0'))
"""What Nova takes for the name of a host."""

NAMES = repeated(('a', 'web ', '. ', '"', '\\', '\n', '\u202e', '\U0001f600'))
"""What owners call servers, and operators whatever else."""

UUID = '5d1bd63d-7a43-4c9e-9f0e-0d1c2b3a4f5e'

OF_HOSTS = frozenset(
    {'destination', 'elsewhere', 'home', 'host', 'other_destination', 'source'}
)
IN_BRACES = re.compile(r'\{(\w+)\}')
COMMAND = re.compile(r'(nova-manage|openstack) |-p \w+=')


@st.composite
def findings(draw: st.DrawFn, reason: Reason) -> Finding:
    """Draw a finding with a reason, about anything of any name."""
    facts: dict[str, Any] = {}
    for key in IN_BRACES.findall(reason.says + reason.named + reason.helps):
        if key in OF_HOSTS:
            facts[key] = draw(HOSTS)
        elif key in words.NAMES | words.QUOTED:
            facts[key] = draw(NAMES)
        else:
            facts[key] = UUID if key in {'uuid', 'provider'} else 7
    facts.pop('subject', None)
    return Finding(reason, draw(HOSTS | NAMES), facts)


def said(finding: Finding) -> list[str]:
    """Return the words of a finding that are no names."""
    template = finding.reason.named or finding.reason.says
    return [part.strip() for part in IN_BRACES.split(template)[::2]]


def at_most_more(more: int) -> Finding:
    return AT_MOST_MORE.about(left=123, instances=456, more=more)


@st.composite
def outcomes(draw: st.DrawFn, finding: Finding) -> Outcome:
    """Draw what fails for one reason, with all that may be said beside it."""
    purpose = draw(st.sampled_from([*Purpose]))
    if draw(st.booleans()):
        others = (finding,) * draw(st.integers(0, 2))
        return Outcome(findings=(finding, *others), purpose=purpose)
    is_drain = purpose is not Purpose.RETURN
    count = draw(st.integers(1, 3))
    remedies = draw(st.lists(findings(NO_ROOM), max_size=2))
    nodes = []
    for number in range(count):
        stay = Stay(
            instance_uuid=UUID,
            instance_name=draw(NAMES),
            host='compute-1',
            as_asked=False,
            findings=(finding,),
        )
        is_of_server = draw(st.booleans())
        own = () if is_of_server else (finding,)
        nodes.append(
            NodeOutcome(
                draw(HOSTS),
                Verdict.REFUSED,
                instance_count=456,
                findings=(*own, *(at_most_more(number),) * is_drain),
                stays=(stay,) if is_of_server else (),
                remedies=tuple(remedies),
            )
        )
    return Outcome(nodes=tuple(nodes), purpose=purpose)


class TestMessage(base.TestCase):
    """That of an audit: at most 255 characters."""

    @generated.settings(300)
    @hypothesis.given(st.data())
    def test_what_matters_is_told(self, data):
        reason = REASONS[data.draw(st.sampled_from(sorted(REASONS)))]
        finding = data.draw(findings(reason))
        helps = words.help_for(finding)
        head = summary.CANNOT_MOVE.format(
            hosts=data.draw(HOSTS), left=7, count=7
        )
        message = summary.Message(
            [head, words.sentence(finding)],
            [words.UNCHANGED, helps],
            [words.UNCHANGED],
        )
        text = message.fit(brevity.STATUS_MESSAGE)
        self.assertLessEqual(len(text), brevity.STATUS_MESSAGE)
        for part in said(finding):
            self.assertIn(part.lower(), text.lower())
        stored = storable(helps)
        command = COMMAND.search(stored)
        if command and not stored.endswith('.') and len(stored) <= 110:
            self.assertIn(stored[command.start() :], text)

    @generated.settings(300)
    @hypothesis.given(st.data())
    def test_the_reason_comes_before_all_else(self, data):
        """Of each purpose, of one node or several, of nodes and servers."""
        values = sorted(REASONS.keys() - {AT_MOST_MORE.value})
        reason = REASONS[data.draw(st.sampled_from(values))]
        finding = data.draw(findings(reason))
        outcome = data.draw(outcomes(finding))
        text = summary.message(outcome).fit(brevity.STATUS_MESSAGE)
        self.assertLessEqual(len(text), brevity.STATUS_MESSAGE)
        for part in said(finding):
            self.assertIn(part.lower(), text.lower())
