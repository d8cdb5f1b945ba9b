# SPDX-License-Identifier: Apache-2.0

"""Hypervisors: the same type, and for live migration not an older one."""

from collections.abc import Iterator

from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.reasons import declare
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.rules.leaver import Leaver


OTHER_HYPERVISOR = declare(
    'other_hypervisor',
    of=Of.PAIR,
    says=N_('{subject}: its hypervisor is {destination}, not {source}'),
    helps=N_('Add a node with the same hypervisor.'),
)

OLDER_HYPERVISOR = declare(
    'older_hypervisor',
    of=Of.PAIR,
    says=N_(
        '{subject}: its hypervisor version {destination} is older than '
        '{source}'
    ),
    helps=N_(
        'Upgrade that node, or migrate cold: -p disable_live_migration=true'
    ),
)


def same_type(
    leaver: Leaver, node: ComputeNode, known: Snapshot, request: Request
) -> Iterator[Finding]:
    """Refuse a node with another type of hypervisor.

    Nova asks this of live migrations only; a stopped server would be moved
    onto a hypervisor that cannot start it.
    """
    source = known.by_hostname[leaver.instance.host]
    if source.hypervisor_type != node.hypervisor_type:
        yield Finding(
            OTHER_HYPERVISOR,
            node.hostname,
            {
                'source': source.hypervisor_type or None,
                'destination': node.hypervisor_type or None,
            },
        )


def not_older(
    leaver: Leaver, node: ComputeNode, known: Snapshot, request: Request
) -> Iterator[Finding]:
    """Refuse to live migrate onto an older hypervisor, as Nova does.

    Unless its option ``skip_hypervisor_version_check_on_lm`` is set.
    """
    if not request.hypervisor_version_check:
        return
    source = known.by_hostname[leaver.instance.host]
    older = source.hypervisor_version > node.hypervisor_version
    if leaver.kind is MoveKind.LIVE and older:
        yield Finding(
            OLDER_HYPERVISOR,
            node.hostname,
            {
                'source': source.hypervisor_version,
                'destination': node.hypervisor_version,
            },
        )
