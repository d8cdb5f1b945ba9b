# SPDX-License-Identifier: Apache-2.0

"""Whether a compute node may take an instance: every rule, every reason.

A rule is a function that yields its objections. Rules never stop each
other, so that an operator reads all that is in the way at once.
"""

import itertools
import operator

from collections.abc import Callable
from collections.abc import Hashable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import ServerGroup
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.rules import aggregates
from watcher_host_maintenance.core.rules import groups
from watcher_host_maintenance.core.rules import hypervisors
from watcher_host_maintenance.core.rules import room
from watcher_host_maintenance.core.rules import traits
from watcher_host_maintenance.core.rules import zones
from watcher_host_maintenance.core.rules.destination import Destination
from watcher_host_maintenance.core.rules.leaver import Leaver
from watcher_host_maintenance.core.rules.rule import Host
from watcher_host_maintenance.core.rules.rule import PossibleMove
from watcher_host_maintenance.core.rules.rule import Rule
from watcher_host_maintenance.core.rules.rule import host_of
from watcher_host_maintenance.core.rules.rule import possible_move


RULES: tuple[Rule, ...] = (
    zones.in_pinned_zone,
    aggregates.satisfies_extra_specs,
    aggregates.takes_project,
    aggregates.stays_in_domain,
    traits.has_traits,
    hypervisors.same_type,
    hypervisors.not_older,
    groups.joins_its_group,
)
"""What does not change while a plan is made."""

ROOM: tuple[
    Callable[[Mapping[str, int], Destination], Iterator[Finding]], ...
] = (room.has_room, room.within_units, room.keeps_headroom)
"""What the plan itself changes, class by class."""


DESTINATION = 'destination.'


class Judge:
    """Which instances may move to which nodes, by every rule.

    Instances and nodes that are equal in all that the rules look at share a
    verdict, so that thousands of nodes cost little more than the kinds there
    are of them.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        request: Request,
        leavers: Iterable[Leaver] = (),
    ):
        self._snapshot = snapshot
        self._request = request
        self._leavers = {x.instance.uuid: x for x in leavers}
        self._rules = [rule for rule in RULES if rule.applies(request)]
        looks_at = {path for rule in self._rules for path in rule.looks_at}
        self._of_destination = sorted(
            path.removeprefix(DESTINATION)
            for path in looks_at
            if path.startswith(DESTINATION)
        )
        self._of_leaver = sorted(
            path
            for path in looks_at
            if not path.startswith((DESTINATION, 'request.'))
        )
        self._alike: dict[Hashable, list[Leaver]] = {}
        for leaver in self._leavers.values():
            source = snapshot.by_hostname[leaver.instance.host]
            move = self._move(leaver, host_of(source, snapshot))
            key = _key(move, self._of_leaver)
            self._alike.setdefault(key, []).append(leaver)
        self._verdicts: dict[Hashable, frozenset[str]] = {}

    def refused(self, node: ComputeNode) -> frozenset[str]:
        """Return the UUIDs of the instances that a node must not take.

        Room and anti-affinity are not looked at.
        """
        host = host_of(node, self._snapshot)
        key = _key(host, self._of_destination)
        refused = self._verdicts.get(key)
        if refused is None:
            refused = frozenset(
                leaver.instance.uuid
                for alike in self._alike.values()
                if any(self._fixed(alike[0], host))
                for leaver in alike
            )
            self._verdicts[key] = refused
        return refused

    def objections(
        self, instance: Instance, destination: Destination
    ) -> tuple[Finding, ...]:
        """Every objection by every rule; empty means eligible.

        :func:`.placing.fits` is the same judgement, quick and without
        reasons; a test holds the two together.
        """
        return (
            *self.fixed_objections(instance, destination),
            *itertools.chain.from_iterable(
                rule(instance.resources, destination) for rule in ROOM
            ),
            *groups.keeps_apart(instance, destination),
        )

    def fixed_objections(
        self, instance: Instance, destination: Destination
    ) -> tuple[Finding, ...]:
        """Every objection that neither room nor other instances cause."""
        node = self._snapshot.by_hostname[destination.hostname]
        if instance.uuid not in self.refused(node):
            return ()
        leaver = self._leavers[instance.uuid]
        return tuple(self._fixed(leaver, host_of(node, self._snapshot)))

    def _fixed(self, leaver: Leaver, destination: Host) -> Iterator[Finding]:
        move = self._move(leaver, destination)
        for rule in self._rules:
            yield from rule.objections(move)

    def _move(self, leaver: Leaver, destination: Host) -> PossibleMove:
        return possible_move(
            leaver, destination, self._snapshot, self._request
        )


def _key(record: Host | PossibleMove, paths: Iterable[str]) -> Hashable:
    """Return all that rules look at of a record."""
    return tuple(_hashable(operator.attrgetter(p)(record)) for p in paths)


def _hashable(value: Any) -> Hashable:
    if isinstance(value, Mapping):
        return tuple(sorted(value.items()))
    return value.uuid if isinstance(value, ServerGroup) else value
