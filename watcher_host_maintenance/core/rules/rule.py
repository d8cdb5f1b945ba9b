# SPDX-License-Identifier: Apache-2.0

"""A rule: one question that Nova will ask of a destination.

A rule declares the reasons that it gives and everything that it looks at::

    @rule(
        gives=(OTHER_ZONE,),
        looks_at=('instance.pinned_zone', 'destination.node.zone'),
    )
    def in_pinned_zone(move: PossibleMove) -> Iterator[Finding]:
        ...

Moves that are equal in what the rules look at share a verdict. The
documentation has the docstring, the reasons and the switch of each rule.
"""

import dataclasses

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import NamedTuple

from watcher_host_maintenance.core.model.demand import Refusal
from watcher_host_maintenance.core.model.nova import AFFINITY
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Reason
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import ServerGroup
from watcher_host_maintenance.core.model.snapshot import Snapshot


class Leaver(NamedTuple):
    """An instance that has to leave, and how it would move."""

    instance: Instance
    kind: MoveKind


class Host(NamedTuple):
    """A compute node, with what aggregates and server groups say of it.

    :ivar metadata: key -> values in the metadata of its aggregates
    :ivar affinity_groups: UUIDs of the affinity groups with members on it
    :ivar hinted: UUIDs of servers on it that scheduler hints name
    :ivar refusals: what Placement has refused there
    """

    node: ComputeNode
    metadata: Mapping[str, frozenset[str]]
    affinity_groups: frozenset[str]
    hinted: frozenset[str] = frozenset()
    refusals: tuple[Refusal, ...] = ()


class PossibleMove(NamedTuple):
    """A move that rules judge, whatever room there is.

    :ivar affinity_group: the hard affinity group of the instance, if any
    """

    instance: Instance
    kind: MoveKind
    affinity_group: ServerGroup | None
    source: Host
    destination: Host
    request: Request


def host_of(node: ComputeNode, snapshot: Snapshot) -> Host:
    """Return a node as rules look at it."""
    return Host(
        node,
        snapshot.aggregate_metadata.get(node.hostname, {}),
        snapshot.affinity_groups.get(node.hostname, frozenset()),
        snapshot.hinted_on.get(node.hostname, frozenset()),
        snapshot.refusals_by_hostname.get(node.hostname, ()),
    )


def possible_move(
    leaver: Leaver, destination: Host, snapshot: Snapshot, request: Request
) -> PossibleMove:
    """Return the move of an instance from where it is to a destination."""
    instance = leaver.instance
    group = snapshot.group_by_uuid.get(instance.group)
    is_hard = group is not None and group.policy == AFFINITY
    return PossibleMove(
        instance,
        leaver.kind,
        group if is_hard else None,
        host_of(snapshot.by_hostname[instance.host], snapshot),
        destination,
        request,
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Rule:
    """A judgement about a possible move, with what is known about it.

    A rule fetches nothing, logs nothing and never stops another rule, so
    that an operator reads every objection at once.

    :ivar objections: yields a finding for each objection, about the hostname
        of the destination
    :ivar gives: every reason that it may give
    :ivar looks_at: attributes of the move, except the hostname, and the
        fields of the request, except the switch
    :ivar switch: the field of the request that turns it on; '' is always on
    """

    objections: Callable[[PossibleMove], Iterator[Finding]]
    gives: tuple[Reason, ...]
    looks_at: tuple[str, ...]
    switch: str = ''

    def applies(self, request: Request) -> bool:
        """Return True if the request does not switch it off."""
        return not self.switch or bool(getattr(request, self.switch))


def rule(
    gives: Iterable[Reason], looks_at: Iterable[str], switch: str = ''
) -> Callable[[Callable[[PossibleMove], Iterator[Finding]]], Rule]:
    """Make a rule of a function; see :class:`Rule`."""
    return lambda objections: Rule(
        objections, tuple(gives), tuple(looks_at), switch
    )
