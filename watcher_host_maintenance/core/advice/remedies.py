# SPDX-License-Identifier: Apache-2.0

"""What would make room for all."""

from collections.abc import Iterator
from collections.abc import Sequence

from watcher_host_maintenance.core.model.plan import Stay
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.packing import remedies as packed
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.packing.result import Status
from watcher_host_maintenance.core.planning import making_room
from watcher_host_maintenance.core.planning import methods
from watcher_host_maintenance.core.planning.destinations import Destinations


WAKE_SPARE = Of.REMEDY.declare(
    'wake_spare',
    says=N_('enable {subject}'),
    helps=N_(
        'Let the instances spread onto it: openstack compute service set '
        '--enable {subject} nova-compute'
    ),
)

LOWER_HEADROOM = Of.REMEDY.declare(
    'lower_headroom',
    says=N_('keep less free: -p headroom_percent={percent}'),
    helps=N_('Keep a smaller share of each destination free.'),
)

LEAVE_SOME = Of.REMEDY.declare(
    'leave_some',
    says=N_('leave {names}: -p on_blocked=leave'),
    helps=N_('Leave these where they are: -p on_blocked=leave'),
)

ADD_ROOM = Of.REMEDY.declare(
    'add_room',
    says=N_('free or add {amount} {resource_class} on {subject}'),
    helps=N_('Move or delete something there, or enlarge the node.'),
)

MOVE_FIRST = Of.REMEDY.declare(
    'move_first',
    says=N_(
        'move {subject} from {source} to {destination} first: '
        '-p max_secondary_moves=1'
    ),
    helps=N_('Let servers of other nodes move: -p max_secondary_moves=1'),
)

MOVE_TWO_FIRST = Of.REMEDY.declare(
    'move_two_first',
    says=N_(
        'move {subject} to {destination} and {other} to {other_destination} '
        'first: -p max_secondary_moves=2'
    ),
    helps=N_('Let servers of other nodes move: -p max_secondary_moves=2'),
)

MOST_ADVISED_MOVES = 2
"""How many secondary moves a remedy is tried with."""

MOST_SPARES = 20
"""How many unused nodes are tried."""


def remedies(
    instances: Sequence[Instance],
    destinations: Destinations,
    stays: Sequence[Stay],
    headroom_percent: float,
    limits: Limits,
) -> tuple[Finding, ...]:
    """Return what makes room for all of these, each by itself.

    Each remedy has been tried: with it, all are placed.

    :param stays: those without a place when as many as possible have one
    """
    unused = () if destinations.backup else destinations.unused
    in_use = tuple(h for h in destinations.hostnames if h not in unused)
    puzzle = destinations.puzzle(instances, in_use)
    if puzzle.everything(limits).status is Status.PLACED:
        return ()
    findings = []
    for hostname in unused[:MOST_SPARES]:
        larger = destinations.puzzle(instances, (*in_use, hostname))
        if larger.everything(limits.quick()).status is Status.PLACED:
            findings.append(WAKE_SPARE.about(hostname))
    findings.extend(_secondary(instances, destinations, limits))
    percent = packed.sufficient_headroom(
        puzzle.problem, headroom_percent, limits
    )
    if percent is not None:
        findings.append(LOWER_HEADROOM.about(percent=percent))
    if 0 < len(stays) < len(instances):
        names = tuple(sorted(stay.instance_name for stay in stays))
        findings.append(LEAVE_SOME.about(count=len(names), names=names))
    rooms = packed.sufficient_rooms(
        puzzle.problem, puzzle.most(limits), limits
    )
    findings.extend(
        ADD_ROOM.about(
            room.hostname,
            resource_class=room.resource_class,
            amount=room.amount,
        )
        for room in rooms
    )
    return tuple(findings)


def _secondary(
    instances: Sequence[Instance], destinations: Destinations, limits: Limits
) -> Iterator[Finding]:
    """Yield the moves off other nodes that make room for all, if few do.

    A request that allows them gets them only if that is proved to be needed.
    """
    whole = methods.place(instances, destinations, limits).assignment
    if (
        destinations.request.max_secondary_moves
        or whole.status is not Status.IMPOSSIBLE
    ):
        return
    made = making_room.empty(
        instances, destinations, MOST_ADVISED_MOVES, limits.quick()
    )
    if made is None:
        return
    first, *others = made.destinations.secondary_moves
    if not others:
        yield MOVE_FIRST.about(
            first.instance_name,
            source=first.host,
            destination=first.destination,
        )
    for other in others:
        yield MOVE_TWO_FIRST.about(
            first.instance_name,
            destination=first.destination,
            other=other.instance_name,
            other_destination=other.destination,
        )
