# SPDX-License-Identifier: Apache-2.0

"""Scheduler hints: near other servers, away from them, or near an address.

Nova keeps the hints that a server was created with, and its filters respect
them at each move. These filters are not among the default ones, so that each
has a switch in the request.
"""

import ipaddress

from collections.abc import Iterable
from collections.abc import Iterator

from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.request import ReturnRequest
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.rules import roles
from watcher_host_maintenance.core.rules.roles import Use
from watcher_host_maintenance.core.rules.rule import PossibleMove
from watcher_host_maintenance.core.rules.rule import rule


HINTED_LEAVES = Of.INSTANCE.declare(
    'hinted_leaves',
    says=N_(
        '{subject} has the scheduler hint {hint} about {other}, which is on a '
        'node to empty as well'
    ),
    helps=N_('Move {other} by hand, then run the audit again.'),
)

HOLDS_OTHER = Of.PAIR.declare(
    'holds_other',
    says=N_('{subject} holds {other}, and the hint different_host forbids it'),
    helps=N_('Only a node without the server that the hint names will do.'),
)

LACKS_OTHER = Of.PAIR.declare(
    'lacks_other',
    says=N_('{subject} holds no server that the hint same_host names'),
    helps=N_('Only the node of a server that the hint names will do.'),
)

FAR_AWAY = Of.PAIR.declare(
    'far_away',
    says=N_('{subject}: its address {address} is not in {network}'),
    helps=N_('Add a node with an address in that network.'),
)


SAME, DIFFERENT = 'same_host', 'different_host'
NEAR, CIDR = 'build_near_host_ip', 'cidr'

DEFAULT_CIDR = '/24'
"""What Nova takes where the hint ``cidr`` is not given."""

HINTS = {
    SAME: (SAME,),
    DIFFERENT: (DIFFERENT,),
    'cidr_affinity': (NEAR, CIDR),
}
"""Field of the request that is the switch -> hints that its rule looks at."""


def respected(request: Request) -> frozenset[str]:
    """Return the scheduler hints that a request respects."""
    return frozenset(
        hint
        for switch, hints in HINTS.items()
        if getattr(request, switch)
        for hint in hints
    )


def named(instances: Iterable[Instance]) -> frozenset[str]:
    """Return the UUIDs of servers that hints of some instances name."""
    return frozenset(
        uuid
        for instance in instances
        for hint in (SAME, DIFFERENT)
        for uuid in instance.hints.get(hint, ())
    )


def blockers(
    instance: Instance, snapshot: Snapshot, request: Request
) -> Iterator[Finding]:
    """Yield hints about servers that may move in the same plan.

    Nova looks at where they are when the instance moves.
    """
    for hint in sorted({SAME, DIFFERENT} & respected(request)):
        for uuid in instance.hints.get(hint, ()):
            other = snapshot.by_uuid.get(uuid)
            if other is not None and _may_move(other, snapshot, request):
                yield HINTED_LEAVES.about(
                    instance.name, hint=hint, other=other.name
                )


def _may_move(
    instance: Instance, snapshot: Snapshot, request: Request
) -> bool:
    """Return True if the same plan may move a server that a hint names.

    Of a return, that is each server that is listed. Of a drain, it is one on a
    node to empty: one on another node makes no room if a hint names it.
    """
    if isinstance(request, ReturnRequest):
        return True
    if request.maintenance_nodes:
        return instance.host in request.maintenance_nodes
    node = snapshot.by_hostname[instance.host]
    return roles.is_wanted(node, Use.MARKED, request)


@rule(
    gives=(HOLDS_OTHER,),
    looks_at=('instance.hints', 'destination.hinted'),
    switch=DIFFERENT,
)
def keeps_away(move: PossibleMove) -> Iterator[Finding]:
    """Refuse a node with a server that the hint ``different_host`` names.

    As Nova's DifferentHostFilter.
    """
    for uuid in move.instance.hints.get(DIFFERENT, ()):
        if uuid in move.destination.hinted:
            yield HOLDS_OTHER.about(move.destination.node.hostname, other=uuid)


@rule(
    gives=(LACKS_OTHER,),
    looks_at=('instance.hints', 'destination.hinted'),
    switch=SAME,
)
def stays_near(move: PossibleMove) -> Iterator[Finding]:
    """Refuse a node without a server that the hint ``same_host`` names.

    As Nova's SameHostFilter: one of them is enough.
    """
    uuids = move.instance.hints.get(SAME, ())
    if uuids and move.destination.hinted.isdisjoint(uuids):
        yield LACKS_OTHER.about(move.destination.node.hostname)


@rule(
    gives=(FAR_AWAY,),
    looks_at=('instance.hints', 'destination.node.host_ip'),
    switch='cidr_affinity',
)
def is_near_address(move: PossibleMove) -> Iterator[Finding]:
    """Refuse a node outside the network of ``build_near_host_ip``.

    As Nova's SimpleCIDRAffinityFilter; the hint ``cidr`` is the size of the
    network. Where an address is unknown or makes no sense, no node will do.
    """
    hints, node = move.instance.hints, move.destination.node
    near = ''.join(hints.get(NEAR, ())[:1])
    if not near:
        return
    network = near + ''.join(hints.get(CIDR, (DEFAULT_CIDR,))[:1])
    if not _contains(network, node.host_ip):
        yield FAR_AWAY.about(
            node.hostname, address=node.host_ip or None, network=network
        )


def _contains(network: str, address: str) -> bool:
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(
            network, strict=False
        )
    except ValueError:
        return False
