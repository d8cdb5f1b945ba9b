# SPDX-License-Identifier: Apache-2.0

"""Return why a compute node may not take an instance, by every rule."""

import functools
import importlib
import operator

from collections.abc import Hashable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.request import CpuCheck
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import ServerGroup
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.rules import cpus
from watcher_host_maintenance.core.rules import groups
from watcher_host_maintenance.core.rules import room
from watcher_host_maintenance.core.rules.destination import Destination
from watcher_host_maintenance.core.rules.rule import Host
from watcher_host_maintenance.core.rules.rule import Leaver
from watcher_host_maintenance.core.rules.rule import PossibleMove
from watcher_host_maintenance.core.rules.rule import Rule
from watcher_host_maintenance.core.rules.rule import host_of
from watcher_host_maintenance.core.rules.rule import possible_move


MODULES = (
    'zones',
    'aggregates',
    'traits',
    'images',
    'ports',
    'unread',
    'hypervisors',
    'cpus',
    'groups',
    'hints',
    'placement',
)
"""The modules of this package that have rules; objections keep the order."""

RULES: tuple[Rule, ...] = tuple(
    rule
    for module in MODULES
    for rule in vars(
        importlib.import_module(f'{__package__}.{module}')
    ).values()
    if isinstance(rule, Rule)
)
"""Every rule about what does not change while a plan is made."""

DESTINATION = 'destination.'

HASHABLE = (str, int, tuple, frozenset, type(None))
"""What most of the things are that rules look at."""

LACKS_FEATURES, FAILED = 1, 100_000
"""What it costs to place an instance where the CPU lacks features, and where
its last move failed; no number of the former is worth one of the latter.
"""


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
        self._rules = [rule for rule in RULES if rule.applies(request)]
        looks_at = sorted({p for rule in self._rules for p in rule.looks_at})
        self._of_destination = [
            path.removeprefix(DESTINATION)
            for path in looks_at
            if path.startswith(DESTINATION)
        ]
        of_move = [p for p in looks_at if not p.startswith(DESTINATION)]
        # Of each instance the move to where it is: the source is the same.
        self._moves: dict[str, PossibleMove] = {}
        self._alike: dict[Hashable, list[str]] = {}
        for leaver in leavers:
            source = snapshot.by_hostname[leaver.instance.host]
            move = possible_move(
                leaver, host_of(source, snapshot), snapshot, request
            )
            self._moves[leaver.instance.uuid] = move
            uuids = self._alike.setdefault(_key(move, of_move), [])
            uuids.append(leaver.instance.uuid)
        self._first_alike = {
            uuid: uuids[0] for uuids in self._alike.values() for uuid in uuids
        }
        self._verdicts: dict[Hashable, frozenset[str]] = {}
        self._failed: dict[str, list[str]] = {}
        for uuid, move in self._moves.items():
            for failed in move.instance.failed_moves:
                self._failed.setdefault(failed.destination, []).append(uuid)
        self._by_cpu: dict[cpus.Features, list[str]] = {}
        if request.cpu_check is CpuCheck.PREFER:
            for uuid, move in self._moves.items():
                features = move.source.node.cpu_features
                if features and move.kind is MoveKind.LIVE:
                    self._by_cpu.setdefault(features, []).append(uuid)

    def kind(self, instance: Instance) -> Hashable:
        """Return what instances share that meet the same objections."""
        resources = tuple(sorted(instance.resources.items()))
        first = self._first_alike.get(instance.uuid)
        return first, resources, instance.group

    def refused(self, node: ComputeNode) -> frozenset[str]:
        """Return the UUIDs of the instances that a node must not take.

        Room and anti-affinity are not looked at.
        """
        host = host_of(node, self._snapshot)
        key = _key(host, self._of_destination)
        if key not in self._verdicts:
            self._verdicts[key] = frozenset(
                uuid
                for uuids in self._alike.values()
                if any(self._fixed(uuids[0], host))
                for uuid in uuids
            )
        return self._verdicts[key]

    def disliked(self, node: ComputeNode) -> dict[str, int]:
        """Return UUID of an instance that should go elsewhere -> its cost."""
        lacking = (
            uuid
            for features, uuids in self._by_cpu.items()
            if cpus.missing(features, node.cpu_features)
            for uuid in uuids
        )
        failed = self._failed.get(node.hostname, ())
        return dict.fromkeys(lacking, LACKS_FEATURES) | dict.fromkeys(
            failed, FAILED
        )

    def objections(
        self, instance: Instance, destination: Destination
    ) -> tuple[Finding, ...]:
        """Return every objection by every rule; empty means eligible.

        :class:`.placing.Puzzle` is the same judgement, quick and without
        reasons; a test holds the two together.
        """
        return (
            *self.fixed_objections(instance, destination),
            *room.has_room(instance.resources, destination),
            *room.within_units(instance.resources, destination),
            *room.keeps_headroom(destination),
            *groups.keeps_apart((instance,), destination),
        )

    def fixed_objections(
        self, instance: Instance, destination: Destination
    ) -> tuple[Finding, ...]:
        """Return the objections that no room and no other instance cause."""
        if instance.uuid not in self.refused(destination.node):
            return ()
        host = host_of(destination.node, self._snapshot)
        return tuple(self._fixed(instance.uuid, host))

    def _fixed(self, uuid: str, destination: Host) -> Iterator[Finding]:
        move = self._moves[uuid]._replace(destination=destination)
        for rule in self._rules:
            yield from rule.objections(move)


def _key(record: Host | PossibleMove, paths: Iterable[str]) -> Hashable:
    """Return all that rules look at of a record."""
    return tuple(_hashable(_getter(p)(record)) for p in paths)


_getter = functools.cache(operator.attrgetter)


def _hashable(value: Any) -> Hashable:
    # To ask of each whether it is a mapping takes several times as long.
    if isinstance(value, HASHABLE):
        return value
    if isinstance(value, Mapping):
        return tuple(sorted(value.items()))
    return value.uuid if isinstance(value, ServerGroup) else value
