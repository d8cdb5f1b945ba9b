# SPDX-License-Identifier: Apache-2.0

"""Availability zones: a pinned instance stays in its own."""

from collections.abc import Iterator

from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.reasons import declare
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.rules.leaver import Leaver


OTHER_ZONE = declare(
    'other_zone',
    of=Of.PAIR,
    says=N_('{subject} is in zone {zone}, not in {pinned}'),
    helps=N_('Add a node to the zone that the instance is pinned to.'),
)


def in_pinned_zone(
    leaver: Leaver, node: ComputeNode, known: Snapshot, request: Request
) -> Iterator[Finding]:
    """Refuse a node outside the zone that the instance was booted into."""
    pinned = leaver.instance.pinned_zone
    if pinned is not None and node.zone != pinned:
        yield Finding(
            OTHER_ZONE,
            node.hostname,
            {'zone': node.zone or None, 'pinned': pinned},
        )
