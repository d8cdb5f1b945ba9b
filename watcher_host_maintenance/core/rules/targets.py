# SPDX-License-Identifier: Apache-2.0

"""Which nodes a request empties, and what is wrong with them."""

import dataclasses

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator

from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.rules import owners
from watcher_host_maintenance.core.rules import roles
from watcher_host_maintenance.core.rules.roles import BARE_METAL
from watcher_host_maintenance.core.rules.roles import Use


UNKNOWN_NODE = Of.REQUEST.declare(
    'unknown_node',
    says=N_('there is no compute node {subject}'),
    helps=N_('Use a host from "openstack compute service list".'),
    is_bad_request=True,
)

NAMED_OTHERWISE = Of.REQUEST.declare(
    'named_otherwise',
    says=N_('there is no compute node {subject}, but there is {host}'),
    helps=N_('Use {host} if that is the node you mean.'),
    is_bad_request=True,
)

HYPERVISOR_NAME = Of.REQUEST.declare(
    'hypervisor_name',
    says=N_('{subject} is a hypervisor name; the service host is {host}'),
    helps=N_('Use {host}.'),
    is_bad_request=True,
)

OTHER_WINDOW = Of.NODE.declare(
    'other_window',
    says=N_('{subject} has another window in the audit {audit}'),
    helps=N_('Cancel that audit, or give both the same window.'),
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


def resolve(snapshot: Snapshot, request: Request) -> Targets:
    """Return the nodes to empty: those named, or else every marked one."""
    refused: dict[str, tuple[Finding, ...]] = {}
    findings: list[Finding] = []
    if request.maintenance_nodes:
        names = sorted(set(request.maintenance_nodes))
        nodes = [n for n in snapshot.nodes if n.hostname in names]
        for hostname in names:
            findings += _objections(snapshot, hostname, Use.NAMED, request)
            findings += owners.not_told(snapshot, hostname, request)
    else:
        nodes = [
            n
            for n in snapshot.nodes
            if roles.is_wanted(n, Use.MARKED, request)
        ]
        for node in nodes:
            problems = (
                *roles.objections(node, Use.MARKED, request),
                *other_windows([node.hostname], request),
                *owners.not_told(snapshot, node.hostname, request),
            )
            if problems:
                refused[node.hostname] = problems
    if request.backup_node is not None:
        emptied = [n.hostname for n in nodes]
        findings += _objections(
            snapshot, request.backup_node, Use.BACKUP, request, emptied
        )
    return Targets(tuple(nodes), refused, tuple(findings))


def expected(snapshot: Snapshot, request: Request) -> frozenset[str]:
    """Return the hostnames of the nodes with which a request may begin yet.

    Those that are refused may be possible later, unless another audit has
    another window for them, or the last window has passed.
    """
    if request.window is not None and request.window.is_over(
        request.now_s or 0
    ):
        return frozenset()
    hostnames = frozenset(request.maintenance_nodes) or frozenset(
        node.hostname for node in resolve(snapshot, request).nodes
    )
    return hostnames - request.windows_elsewhere.keys()


def other_windows(
    hostnames: Iterable[str], request: Request
) -> Iterator[Finding]:
    """Yield which nodes another audit has another window for."""
    for hostname in hostnames:
        uuid = request.windows_elsewhere.get(hostname)
        if uuid is not None:
            yield OTHER_WINDOW.about(hostname, audit=uuid)


def _objections(
    snapshot: Snapshot,
    name: str,
    use: Use,
    request: Request,
    emptied: Collection[str] = (),
) -> Iterator[Finding]:
    """Yield why a node that a parameter names is refused for a use."""
    node = snapshot.by_hostname.get(name)
    if node is None:
        yield unknown(snapshot, name)
    else:
        yield from roles.objections(node, use, request, emptied)


def unknown(snapshot: Snapshot, name: str) -> Finding:
    """Return which host may be meant by a name that no host has.

    That is the host of a hypervisor of that name, or else the only one with
    the same name before the first dot.
    """
    for node in snapshot.nodes:
        if name in node.hypervisors and roles.is_bare_metal(node):
            return BARE_METAL.about(name)
        if name in node.hypervisors:
            return HYPERVISOR_NAME.about(name, host=node.hostname)
    hosts = [n.hostname for n in snapshot.nodes]
    alike = [h for h in hosts if _short(h) == _short(name)]
    if len(alike) == 1:
        return NAMED_OTHERWISE.about(name, host=alike[0])
    return UNKNOWN_NODE.about(name)


def _short(name: str) -> str:
    return name.partition('.')[0].lower()
