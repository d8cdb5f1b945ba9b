# SPDX-License-Identifier: Apache-2.0

"""Which nodes a request empties, and what is wrong with them."""

import dataclasses

from collections.abc import Iterator

from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.reasons import declare
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.rules import roles
from watcher_host_maintenance.core.rules.roles import BACKUP_DISABLED
from watcher_host_maintenance.core.rules.roles import BACKUP_DOWN
from watcher_host_maintenance.core.rules.roles import BACKUP_MARKED
from watcher_host_maintenance.core.rules.roles import BARE_METAL
from watcher_host_maintenance.core.rules.roles import HYPERVISOR_LOST
from watcher_host_maintenance.core.rules.roles import NO_INVENTORY
from watcher_host_maintenance.core.rules.roles import NODE_DOWN
from watcher_host_maintenance.core.rules.roles import OUT_OF_SCOPE


UNKNOWN_NODE = declare(
    'unknown_node',
    of=Of.REQUEST,
    says=N_('there is no compute node {subject}'),
    helps=N_('Take a host of "openstack compute service list".'),
    is_bad_request=True,
)

NAMED_OTHERWISE = declare(
    'named_otherwise',
    of=Of.REQUEST,
    says=N_('there is no compute node {subject}, but there is {host}'),
    helps=N_('Use {host}, if that is the one.'),
    is_bad_request=True,
)

HYPERVISOR_NAME = declare(
    'hypervisor_name',
    of=Of.REQUEST,
    says=N_('{subject} is a hypervisor name; the service host is {host}'),
    helps=N_('Use {host}.'),
    is_bad_request=True,
)

BACKUP_IS_MAINTAINED = declare(
    'backup_is_maintained',
    of=Of.REQUEST,
    says=N_('backup_node {subject} is itself to be emptied'),
    helps=N_('Name another backup_node.'),
    is_bad_request=True,
)


@dataclasses.dataclass(frozen=True)
class Targets:
    """The nodes to empty.

    :ivar nodes: by hostname, each once, refused ones too
    :ivar refused: hostname -> what is wrong with that marked node
    :ivar findings: what is wrong with the request; then nothing is planned
    """

    nodes: tuple[ComputeNode, ...] = ()
    refused: dict[str, tuple[Finding, ...]] = dataclasses.field(
        default_factory=dict
    )
    findings: tuple[Finding, ...] = ()


def resolve(known: Snapshot, request: Request) -> Targets:
    """Find the nodes to empty: those named, or else every marked one."""
    if request.maintenance_nodes:
        targets = _named(known, request)
    else:
        targets = _marked(known, request)
    maintained = [n.hostname for n in targets.nodes]
    problems = tuple(_backup_problems(known, request, maintained))
    return dataclasses.replace(targets, findings=targets.findings + problems)


def _named(known: Snapshot, request: Request) -> Targets:
    nodes, findings = [], []
    for hostname in sorted(set(request.maintenance_nodes)):
        node = known.by_hostname.get(hostname)
        if node is None:
            findings.append(_unknown(known, hostname))
            continue
        nodes.append(node)
        findings.extend(_node_problems(node))
    return Targets(tuple(nodes), findings=tuple(findings))


def _marked(known: Snapshot, request: Request) -> Targets:
    nodes = [
        n for n in known.nodes if n.in_scope and roles.is_marked(n, request)
    ]
    problems = {n.hostname: tuple(_node_problems(n)) for n in nodes}
    refused = {host: found for host, found in problems.items() if found}
    return Targets(tuple(nodes), refused=refused)


def _node_problems(node: ComputeNode) -> Iterator[Finding]:
    """Say what keeps a node from being emptied, whatever runs on it."""
    yield from _unusable(node)
    if node.state == 'down' and node.instance_count:
        yield Finding(
            NODE_DOWN, node.hostname, {'instances': node.instance_count}
        )
    elif node.state == 'up' and roles.is_disabled_by_nova(node):
        yield Finding(
            HYPERVISOR_LOST,
            node.hostname,
            {'disabled_reason': node.disabled_reason},
        )


def _unusable(node: ComputeNode) -> Iterator[Finding]:
    if roles.is_bare_metal(node):
        yield Finding(BARE_METAL, node.hostname)
    elif not node.in_scope:
        yield Finding(OUT_OF_SCOPE, node.hostname)
    elif not node.inventory:
        yield Finding(NO_INVENTORY, node.hostname)


def _backup_problems(
    known: Snapshot,
    request: Request,
    maintained: list[str],
) -> Iterator[Finding]:
    hostname = request.backup_node
    if hostname is None:
        return
    node = known.by_hostname.get(hostname)
    if node is None:
        yield _unknown(known, hostname)
        return
    if hostname in maintained:
        yield Finding(BACKUP_IS_MAINTAINED, hostname)
        return
    yield from _unusable(node)
    if node.state == 'down':
        yield Finding(BACKUP_DOWN, hostname)
    disabled = {'disabled_reason': node.disabled_reason or None}
    if roles.is_marked(node, request):
        yield Finding(BACKUP_MARKED, hostname, disabled)
    elif roles.is_disabled_by_nova(node):
        yield Finding(HYPERVISOR_LOST, hostname, disabled)
    elif node.status == 'disabled' and not roles.has_spare_reason(
        node, request
    ):
        yield Finding(BACKUP_DISABLED, hostname, disabled)


def _unknown(known: Snapshot, name: str) -> Finding:
    """Tell a hypervisor's name, or an FQDN, from a name nobody knows."""
    node = next((n for n in known.nodes if name in n.hypervisors), None)
    if node is None:
        return _nearly(known, name)
    if roles.is_bare_metal(node):
        return Finding(BARE_METAL, name)
    return Finding(HYPERVISOR_NAME, name, {'host': node.hostname})


def _nearly(known: Snapshot, name: str) -> Finding:
    """Find the one node that has the same name before the first dot."""
    short = _short(name)
    alike = [n.hostname for n in known.nodes if _short(n.hostname) == short]
    if len(alike) == 1:
        return Finding(NAMED_OTHERWISE, name, {'host': alike[0]})
    return Finding(UNKNOWN_NODE, name)


def _short(name: str) -> str:
    return name.partition('.')[0].lower()
