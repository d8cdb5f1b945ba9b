# SPDX-License-Identifier: Apache-2.0

"""Hypervisors: the same type, and for live migration not an older one."""

from collections.abc import Iterator

from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.rules.rule import PossibleMove
from watcher_host_maintenance.core.rules.rule import rule


OTHER_HYPERVISOR = Of.PAIR.declare(
    'other_hypervisor',
    says=N_('{subject}: its hypervisor is {destination}, not {source}'),
    helps=N_('Add a node with the same hypervisor.'),
)

OLDER_HYPERVISOR = Of.PAIR.declare(
    'older_hypervisor',
    says=N_('{subject}: hypervisor {destination} is older than {source}'),
    helps=N_('Upgrade it, or migrate cold: -p disable_live_migration=true'),
)


@rule(
    gives=(OTHER_HYPERVISOR,),
    looks_at=(
        'source.node.hypervisor_type',
        'destination.node.hypervisor_type',
    ),
)
def same_type(move: PossibleMove) -> Iterator[Finding]:
    """Refuse a node with another type of hypervisor.

    Nova checks this for live migrations only; a stopped server would be moved
    to a hypervisor that cannot start it.
    """
    source, node = move.source.node, move.destination.node
    if source.hypervisor_type != node.hypervisor_type:
        yield OTHER_HYPERVISOR.about(
            node.hostname,
            source=source.hypervisor_type or None,
            destination=node.hypervisor_type or None,
        )


@rule(
    gives=(OLDER_HYPERVISOR,),
    looks_at=(
        'kind',
        'source.node.hypervisor_version',
        'destination.node.hypervisor_version',
    ),
    switch='hypervisor_version_check',
)
def not_older(move: PossibleMove) -> Iterator[Finding]:
    """Refuse to live migrate to an older hypervisor.

    As Nova does, unless its option ``skip_hypervisor_version_check_on_lm`` is
    set.
    """
    source = move.source.node.hypervisor_version
    destination = move.destination.node.hypervisor_version
    if move.kind is MoveKind.LIVE and source > destination:
        yield OLDER_HYPERVISOR.about(
            move.destination.node.hostname,
            source=source,
            destination=destination,
        )
