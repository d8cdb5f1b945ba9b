# SPDX-License-Identifier: Apache-2.0

"""How a plan asks for what is not known yet.

A planner is a generator: it yields which nodes to read, is sent the snapshot
with those read, and returns its decision. It holds no client, so that an
audit, a terminal and a test can each answer it in their own way.
"""

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Generator
from typing import NamedTuple

from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.snapshot import Snapshot


class Question(NamedTuple):
    """Nodes to read before an answer can be relied on.

    :ivar snapshot: what is known of them and of all others
    :ivar hostnames: the nodes to read, each asked for once; never empty
    """

    snapshot: Snapshot
    hostnames: frozenset[str]


class Decision(NamedTuple):
    """An answer, and the snapshot that it was made on."""

    snapshot: Snapshot
    outcome: Outcome


Questions = Generator[Question, Snapshot, Decision]

Read = Callable[[Snapshot, Collection[str]], Snapshot]
"""Returns a snapshot in which these nodes are as they were just read."""


def answer(questions: Questions, read: Read) -> Decision:
    """Answer every question until there is a decision."""
    reply = None
    while True:
        try:
            question = (
                next(questions) if reply is None else questions.send(reply)
            )
        except StopIteration as end:
            decision: Decision = end.value
            return decision
        reply = read(question.snapshot, question.hostnames)
