# SPDX-License-Identifier: Apache-2.0

"""Which nodes a request empties, and what is wrong with them."""

import dataclasses

from collections.abc import Iterator

from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.rules import roles
from watcher_host_maintenance.core.rules.roles import BARE_METAL
from watcher_host_maintenance.core.rules.roles import Use


UNKNOWN_NODE = Of.REQUEST.declare(
    'unknown_node',
    says=N_('there is no compute node {subject}'),
    helps=N_('Take a host of "openstack compute service list".'),
    is_bad_request=True,
)

NAMED_OTHERWISE = Of.REQUEST.declare(
    'named_otherwise',
    says=N_('there is no compute node {subject}, but there is {host}'),
    helps=N_('Use {host}, if that is the one.'),
    is_bad_request=True,
)

HYPERVISOR_NAME = Of.REQUEST.declare(
    'hypervisor_name',
    says=N_('{subject} is a hypervisor name; the service host is {host}'),
    helps=N_('Use {host}.'),
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
        findings.extend(roles.objections(node, Use.NAMED, request))
    return Targets(tuple(nodes), findings=tuple(findings))


def _marked(known: Snapshot, request: Request) -> Targets:
    nodes = [n for n in known.nodes if roles.is_wanted(n, Use.MARKED, request)]
    problems = {
        n.hostname: tuple(roles.objections(n, Use.MARKED, request))
        for n in nodes
    }
    refused = {host: found for host, found in problems.items() if found}
    return Targets(tuple(nodes), refused=refused)


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
    yield from roles.objections(node, Use.BACKUP, request, maintained)


def _unknown(known: Snapshot, name: str) -> Finding:
    """Tell a hypervisor's name, or an FQDN, from a name nobody knows."""
    node = next((n for n in known.nodes if name in n.hypervisors), None)
    if node is None:
        return _nearly(known, name)
    if roles.is_bare_metal(node):
        return BARE_METAL.about(name)
    return HYPERVISOR_NAME.about(name, host=node.hostname)


def _nearly(known: Snapshot, name: str) -> Finding:
    """Find the one node that has the same name before the first dot."""
    short = _short(name)
    alike = [n.hostname for n in known.nodes if _short(n.hostname) == short]
    if len(alike) == 1:
        return NAMED_OTHERWISE.about(name, host=alike[0])
    return UNKNOWN_NODE.about(name)


def _short(name: str) -> str:
    return name.partition('.')[0].lower()
