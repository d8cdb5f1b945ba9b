# SPDX-License-Identifier: Apache-2.0

"""Which moves have to wait until others have made room for them."""

import dataclasses

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.packing.problem import Bin
from watcher_host_maintenance.core.rules import destination as ledger
from watcher_host_maintenance.core.rules.destination import Groups


def with_waiting(
    outcome: Outcome, snapshot: Snapshot, request: Request
) -> Outcome:
    """Let each move wait for the secondary moves whose room it needs.

    What fits on a node as it is waits for nothing: the smallest first.
    """
    if not outcome.secondary_moves:
        return outcome
    after = {
        uuid: uuids
        for hostname in {m.host for m in outcome.secondary_moves}
        for uuid, uuids in _waiting(hostname, outcome, snapshot, request)
    }

    def waiting(moves: Sequence[Move]) -> tuple[Move, ...]:
        return tuple(
            dataclasses.replace(m, after=after.get(m.instance_uuid, ()))
            for m in moves
        )

    return dataclasses.replace(
        outcome,
        secondary_moves=waiting(outcome.secondary_moves),
        nodes=tuple(
            dataclasses.replace(node, moves=waiting(node.moves))
            for node in outcome.nodes
        ),
    )


def _waiting(
    hostname: str, outcome: Outcome, snapshot: Snapshot, request: Request
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each instance that comes to a node, and those it waits for.

    Each waits for the first so many that leave, never for fewer than those
    that come before it: so they have room in every order.
    """
    by_uuid = snapshot.by_uuid
    groups = Groups(snapshot.groups)
    node = snapshot.by_hostname[hostname]
    bin_ = ledger.to_bin(node, request.headroom_percent, groups)
    limits = {u: g.max_server_per_host for u, g in groups.apart.items()}
    gone: list[str] = []
    leaving = [
        m.instance_uuid for m in outcome.secondary_moves if m.host == hostname
    ]
    for move in _in_order(outcome, by_uuid):
        if move.destination != hostname:
            continue
        instance = by_uuid[move.instance_uuid]
        bin_ = ledger.with_taken(bin_, [instance])
        while _is_over(bin_, instance, limits):
            uuid = leaving[len(gone)]
            bin_ = ledger.without(bin_, [by_uuid[uuid]])
            gone.append(uuid)
        if gone:
            yield instance.uuid, tuple(sorted(gone))


def _in_order(outcome: Outcome, by_uuid: Mapping[str, Instance]) -> list[Move]:
    """Return the secondary moves, then the others: the smallest first."""
    moves = [m for node in outcome.nodes for m in node.moves]
    moves.sort(
        key=lambda m: (by_uuid[m.instance_uuid].memory_mb, m.instance_uuid)
    )
    return [*outcome.secondary_moves, *moves]


def _is_over(
    bin_: Bin, instance: Instance, group_limits: Mapping[str, int]
) -> bool:
    """Return True if a bin has too much of what the last instance needs."""
    members = bin_.members.get(instance.group, 0)
    return members > group_limits.get(instance.group, members) or any(
        bin_.used.get(c, 0) > bin_.limit.get(c, 0) for c in instance.resources
    )
