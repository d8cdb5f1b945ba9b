# SPDX-License-Identifier: Apache-2.0

"""CPUs: features of the source that a destination lacks.

A guest with a CPU model of its own may need fewer, which no API tells. So by
default such nodes are only the last choice.
"""

from collections.abc import Iterator

from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.request import CpuCheck
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

NAMED = 5
"""Features that are named before they are only counted."""

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
