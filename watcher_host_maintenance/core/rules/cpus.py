# SPDX-License-Identifier: Apache-2.0

"""CPUs: features of the source that a destination lacks.

A guest with a CPU model of its own may need fewer, which no API tells. So by
default such nodes are only the last choice.
"""

from collections.abc import Iterable
from collections.abc import Iterator

from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.request import CpuCheck
from watcher_host_maintenance.core.model.snapshot import FailedMove
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.rules import alive
from watcher_host_maintenance.core.rules.rule import PossibleMove
from watcher_host_maintenance.core.rules.rule import rule


CPU_LACKS = Of.PAIR.declare(
    'cpu_lacks',
    says=N_('{subject}: its CPU lacks {count} features of the source: {some}'),
    helps=N_('Add a node with such a CPU, or set cpu_check to prefer.'),
)

CPU_UNKNOWN = Of.PAIR.declare(
    'cpu_unknown',
    says=N_('{subject}: Nova does not tell the features of its CPU'),
    helps=N_('Set cpu_check to prefer.'),
)

CPU_LACKS_FEATURES = Of.WARNING.declare(
    'cpu_lacks_features',
    says=N_(
        '{subject} lacks CPU features that {source} has ({count}): {some}'
    ),
    helps=N_('A server that uses one cannot move live from {source} to it.'),
)

ERROR_LACKS_FEATURES, PAUSED_LACKS_FEATURES = alive.declare(
    Of.INSTANCE,
    'error_lacks_features',
    'paused_lacks_features',
    N_(
        '{subject} is in ERROR, but its guest is {power_state}: it failed to '
        'move to {destination}, which lacks {some}'
    ),
)

NAMED = 5
"""Features that are named before they are only counted."""

LIVE_MIGRATION = 'live-migration'
"""Nova's type of one."""

Features = tuple[str, ...] | None
"""Features of a CPU, as far as they matter; None is unknown."""


@rule(
    gives=(CPU_LACKS, CPU_UNKNOWN),
    looks_at=(
        'kind',
        'source.node.cpu_features',
        'destination.node.cpu_features',
        'request.cpu_check',
    ),
)
def has_features(move: PossibleMove) -> Iterator[Finding]:
    """Refuse to live migrate to a CPU without a feature of the source's.

    Only with ``cpu_check=require``, and where the source's are known.
    """
    if move.request.cpu_check is not CpuCheck.REQUIRE:
        return
    if move.kind is not MoveKind.LIVE or move.source.node.cpu_features is None:
        return
    node = move.destination.node
    if node.cpu_features is None:
        yield CPU_UNKNOWN.about(node.hostname)
        return
    lacking = missing(move.source.node.cpu_features, node.cpu_features)
    if lacking:
        yield CPU_LACKS.about(
            node.hostname,
            count=len(lacking),
            some=lacking[:NAMED],
        )


def missing(source: Features, destination: Features) -> tuple[str, ...]:
    """Return the features of a source that a destination lacks, sorted.

    :returns: empty where those of the source are unknown; all of them where
        only those of the destination are
    """
    return tuple(sorted({*(source or ())} - {*(destination or ())}))


def met(snapshot: Snapshot, outcome: Outcome) -> tuple[Finding, ...]:
    """Return what the CPUs lack to which servers are to move live.

    :returns: one for each source and destination, by hostname; none where the
        features of one of them are unknown
    """
    return _lesser(snapshot, _live(outcome))


def avoided(snapshot: Snapshot, outcome: Outcome) -> tuple[Finding, ...]:
    """Return what the CPUs lack to which moving servers have failed to move.

    :returns: likewise; none of :func:`met`
    """
    by_uuid = snapshot.by_uuid
    failed = {
        (failed.destination, move.host)
        for move in outcome.moves
        for failed in _failed_live(by_uuid[move.instance_uuid])
    }
    return _lesser(snapshot, failed - _live(outcome))


def after_failure(instance: Instance, snapshot: Snapshot) -> Finding | None:
    """Return that an instance in ERROR has failed to move to a lesser CPU.

    :returns: the last such move; None if there is none
    """
    for failed in sorted(
        _failed_live(instance), key=lambda f: f.failed_at, reverse=True
    ):
        lacking = _lacking(snapshot, instance.host, failed.destination)
        if lacking:
            return alive.about(
                ERROR_LACKS_FEATURES,
                PAUSED_LACKS_FEATURES,
                instance.name,
                instance.power_state,
                destination=failed.destination,
                some=lacking[:NAMED],
                uuid=instance.uuid,
            )
    return None


def _live(outcome: Outcome) -> set[tuple[str, str]]:
    """Return destination and source of all live migrations."""
    moves = (m for m in outcome.moves if m.kind is MoveKind.LIVE)
    return {(m.destination, m.host) for m in moves}


def _lesser(
    snapshot: Snapshot, pairs: Iterable[tuple[str, str]]
) -> tuple[Finding, ...]:
    return tuple(
        CPU_LACKS_FEATURES.about(
            destination,
            source=source,
            count=len(lacking),
            some=lacking[:NAMED],
        )
        for destination, source in sorted(pairs)
        if (lacking := _lacking(snapshot, source, destination))
    )


def _failed_live(instance: Instance) -> Iterator[FailedMove]:
    return (f for f in instance.failed_moves if f.kind == LIVE_MIGRATION)


def _lacking(
    snapshot: Snapshot, source: str, destination: str
) -> tuple[str, ...]:
    """Return the features that a destination is known to lack."""
    there = snapshot.by_hostname.get(destination)
    if there is None or there.cpu_features is None:
        return ()
    here = snapshot.by_hostname[source].cpu_features
    return missing(here, there.cpu_features)
