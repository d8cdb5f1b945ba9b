# SPDX-License-Identifier: Apache-2.0

"""Closed nodes whose hypervisors do not answer.

When libvirt is gone, nova-compute stays up and disables its service. A service
that is disabled already it leaves as it is, so that nothing shows it; but each
move off the node fails, and Nova puts stopped servers into ERROR.

Source: ``_set_host_enabled`` in ``nova.virt.libvirt.driver``, and
``get_instance_diagnostics`` in ``nova.compute.manager``.
"""

from collections.abc import Collection
from collections.abc import Iterable

from watcher_host_maintenance.cloud import logs
from watcher_host_maintenance.cloud import parallel
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core.model.nova import VmState
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.rules import roles


LOG = logs.get_logger(__name__)

UNANSWERED = frozenset({VmState.BUILDING, VmState.SOFT_DELETED})
"""States of servers about which Nova asks no host."""


def without_hypervisor(
    nova: Nova, nodes: Iterable[ComputeNode], servers: Collection[Server]
) -> frozenset[str]:
    """Return the hostnames of nodes whose hypervisors are known to be lost.

    One request for each node that is disabled and up and has servers. A node
    that does not answer it is not known to be one.
    """
    asked: dict[str, str] = {}
    closed = {node.hostname for node in nodes if _may_be_lost(node)}
    for server in servers:
        if server.host in closed and server.vm_state not in UNANSWERED:
            asked.setdefault(server.host, server.uuid)

    def is_lost(host: str) -> bool:
        try:
            return nova.has_lost_hypervisor(asked[host])
        except NotPlanned as exc:
            LOG.warning('Hypervisor of %s: %s', host, exc)
            nova.deadline.check()
            return False

    found = parallel.by_item(is_lost, sorted(asked))
    return frozenset(host for host, lost in found.items() if lost)


def _may_be_lost(node: ComputeNode) -> bool:
    is_closed = node.status == 'disabled' and node.state == 'up'
    return is_closed and not roles.is_disabled_by_nova(node)
