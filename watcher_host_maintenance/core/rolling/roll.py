# SPDX-License-Identifier: Apache-2.0

"""From a snapshot of a set of nodes to an order of waves, or why not."""

import dataclasses

from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Sequence

from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.advice import remedy_check
from watcher_host_maintenance.core.model.pace import DEFAULT_PACE
from watcher_host_maintenance.core.model.pace import Pace
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.model.rolling import NOTHING_DONE
from watcher_host_maintenance.core.model.rolling import Journal
from watcher_host_maintenance.core.model.rolling import Roll
from watcher_host_maintenance.core.model.rolling import RollRequest
from watcher_host_maintenance.core.model.rolling import Wave
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.packing import solve
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.planning import making_room
from watcher_host_maintenance.core.planning import node_work
from watcher_host_maintenance.core.planning import questions
from watcher_host_maintenance.core.planning.destinations import Destinations
from watcher_host_maintenance.core.planning.node_work import NodeWork
from watcher_host_maintenance.core.planning.questions import Ask
from watcher_host_maintenance.core.rolling import canaries
from watcher_host_maintenance.core.rolling import impossible
from watcher_host_maintenance.core.rolling.bounds import least_moves
from watcher_host_maintenance.core.rolling.search import Order
from watcher_host_maintenance.core.rolling.search import search
from watcher_host_maintenance.core.rolling.world import World
from watcher_host_maintenance.core.rules import roles
from watcher_host_maintenance.core.rules import targets
from watcher_host_maintenance.core.rules.roles import DISABLED
from watcher_host_maintenance.core.rules.roles import DOWN
from watcher_host_maintenance.core.rules.roles import FORCED_DOWN
from watcher_host_maintenance.core.rules.roles import Use
from watcher_host_maintenance.core.rules.rule import Leaver
from watcher_host_maintenance.core.scheduling import steps


NEVER_EMPTY = Of.NODE.declare(
    'never_empty',
    says=N_(
        '{subject} can be emptied in no order: the servers of the nodes to '
        'maintain do not all fit on the other nodes'
    ),
    helps=N_('Add a spare, free room, or maintain the others: skip_blocked.'),
)

NO_ORDER_FOUND = Of.NODE.declare(
    'no_order_found',
    says=N_(
        'no order was found in which {subject} can be emptied; there may be '
        'one'
    ),
    helps=N_('Add a spare, free room, or maintain the others: skip_blocked.'),
    is_undecided=True,
)

NODE_GONE = Of.NODE.declare(
    'node_gone',
    says=N_('{subject} is not in Nova any more'),
    helps=N_('Remove it from the nodes to maintain, or set skip_blocked.'),
)

ONE_MORE_SPARE = Of.REMEDY.declare(
    'one_more_spare',
    says=N_('add a spare like {subject}'),
    helps=N_(
        'With one more empty node like {subject}, every node can be emptied '
        'whose servers can leave it.'
    ),
)

WIDENING = 0.05
"""The share of all moves that may be repeated so that waves are wider."""

MOST_WAVES = 600
"""Waves to plan, in all, while another order is looked for."""

MOST_ORDERS = 12
"""How many orders are tried when some nodes cannot be emptied."""

MOST_PROVED = 10
"""Of how many nodes it is tried to prove that no order empties them."""

MOST_ADVISED = 3
"""For how many nodes that cannot be emptied it is worked out what would help.

That is most of what such a roll costs.
"""

MOST_SPARES = 3
"""How many kinds of one more spare are tried."""


def plan(
    snapshot: Snapshot,
    request: RollRequest,
    limits: Limits = solve.DEFAULT,
    pace: Pace = DEFAULT_PACE,
    advises: bool = True,
    journal: Journal = NOTHING_DONE,
) -> Roll:
    """Find waves that maintain every node of a set, or explain why not.

    :param snapshot: with all servers of the set; what is elsewhere is load
    :param advises: look for what would help when a node cannot be emptied
    :param journal: what has been done for nodes that are not in the request
        any more, so that not too many moves are repeated in all; once
        anything has been, a node that is not in Nova was there before
    """
    refused = _refused_at_once(snapshot, request, journal)
    findings = tuple(
        finding
        for node in refused
        for finding in node.findings
        if finding.reason.is_bad_request
    )
    if findings:
        return Roll(findings=findings)
    able = frozenset(request.maintenance_nodes)
    able = able.difference(node.hostname for node in refused)
    world = World(snapshot, request, able)
    least = least_moves(world, _works(world))
    budget = _budget(least, journal)
    awaited = canaries.awaited(
        snapshot, request, journal, request.maintenance_nodes
    )
    order = _ordered(world, limits, budget, awaited)
    blocked = world.out & order.world.undone
    if blocked and request.skip_blocked:
        # They are out in any case: the others do not wait for them.
        refused += tuple(_stuck(world, order, limits, advises, blocked))
        world = dataclasses.replace(world, undone=world.undone - blocked)
        order = _ordered(world, limits, budget, awaited)
        blocked = frozenset()
    stuck = blocked or order.world.undone
    remedies: tuple[Finding, ...] = ()
    if stuck:
        refused += tuple(_stuck(world, order, limits, advises, stuck))
        if advises:
            remedies = tuple(_spares(order, limits))
        if request.skip_blocked:
            order = _without(world, order, limits, budget, awaited)
            refused += tuple(
                _no_order(order.world, hostname, limits, False)
                for hostname in sorted(order.world.undone - stuck)
            )
    refused = tuple(sorted(refused, key=lambda node: node.hostname))
    if refused and not request.skip_blocked:
        return Roll(refused=refused, remedies=remedies)
    done = able.difference(node.hostname for node in refused)
    if done != able:
        world = dataclasses.replace(world, undone=done)
        least = least_moves(world, _works(world))
    return Roll(_waves(world, order, pace), refused, least, remedies=remedies)


def _refused_at_once(
    snapshot: Snapshot, request: RollRequest, journal: Journal
) -> tuple[NodeOutcome, ...]:
    """Return the nodes that cannot be emptied, whatever room there is."""
    refused = []
    for hostname in sorted(set(request.maintenance_nodes)):
        node = snapshot.by_hostname.get(hostname)
        if node is None:
            finding = _missing(snapshot, hostname, journal)
            refused.append(_refusal(hostname, 0, finding))
            continue
        objections = (
            *roles.objections(node, Use.NAMED, request),
            *_out_of_service(node, request),
        )
        if objections:
            refused.append(
                _refusal(hostname, node.instance_count, *objections)
            )
            continue
        work = node_work.judge(node, snapshot, request)
        if work.blocked and request.on_blocked is OnBlocked.FAIL:
            refused.append(work.refused(()))
    return tuple(refused)


def _missing(snapshot: Snapshot, hostname: str, journal: Journal) -> Finding:
    """Return why a node is not known: it is gone, or there never was one."""
    finding = targets.unknown(snapshot, hostname)
    if finding.reason is targets.UNKNOWN_NODE and journal != NOTHING_DONE:
        return NODE_GONE.about(hostname)
    return finding


def _out_of_service(
    node: ComputeNode, request: RollRequest
) -> Iterator[Finding]:
    """Yield why a node is not in service, if that is for something else.

    Such a node would never be given back.
    """
    reason = node.disabled_reason
    if node.status == 'enabled':
        # With servers on it, it is refused as a source.
        if node.state == 'down' and not node.instance_count:
            yield roles.down(
                node.hostname, node.forced_down, DOWN, FORCED_DOWN
            )
    elif not (
        roles.has_known_reason(node, request)
        or reason.startswith(request.returning_reasons)
    ):
        yield DISABLED.about(node.hostname, disabled_reason=reason or None)


def _refusal(hostname: str, count: int, *findings: Finding) -> NodeOutcome:
    return NodeOutcome(hostname, Verdict.REFUSED, count, findings=findings)


def _works(world: World) -> list[NodeWork]:
    """Return what is to become of the servers of each undone node."""
    return [
        node_work.judge(
            world.snapshot.by_hostname[hostname], world.snapshot, world.request
        )
        for hostname in sorted(world.undone)
    ]


def _budget(rest: int, journal: Journal) -> int:
    """Return how many moves may still be repeated for wide waves.

    :param rest: how many moves the nodes need that are yet to be maintained
    """
    least = journal.least_moves
    if least is None:
        return int(rest * WIDENING)
    repeated = max(journal.moves + rest - least, 0)
    return max(int(least * WIDENING) - repeated, 0)


def _ordered(
    world: World, limits: Limits, budget: int, awaited: Sequence[str]
) -> Order:
    """Return the best order; servers of other nodes move first if need be.

    They do only if no order is found in which all nodes are emptied without.
    So it is with an order that has no canaries.
    """
    orders: list[Order] = []
    for has_canaries, most in _ways(world.request):
        request = dataclasses.replace(
            world.request, canary=has_canaries, max_secondary_moves=most
        )
        orders.append(
            _best(
                dataclasses.replace(world, request=request),
                limits,
                budget,
                awaited if has_canaries else (),
            )
        )
        if not orders[-1].world.undone:
            break
    order = min(orders, key=_worth)
    after = dataclasses.replace(order.world, request=world.request)
    return dataclasses.replace(order, world=after)


def _ways(request: RollRequest) -> Iterator[tuple[bool, int]]:
    """Yield with and without canaries, and how many secondary moves."""
    for has_canaries in sorted({request.canary, False}, reverse=True):
        for most in sorted({0, request.max_secondary_moves}):
            yield has_canaries, most


def _best(
    world: World, limits: Limits, budget: int, awaited: Sequence[str]
) -> Order:
    """Return the order that leaves the fewest nodes; ties: fewer moves.

    Nodes that cannot be emptied at the end of one order come first in the
    next.
    """
    best = order = search(world, limits, budget, (), awaited)
    first: tuple[str, ...] = ()
    orders = min(MOST_ORDERS, MOST_WAVES // max(len(world.undone), 1))
    for _try in range(orders):
        stuck = sorted(order.world.undone)
        if not stuck or _is_any_order(order):
            break
        earlier = (*stuck, *(h for h in first if h not in stuck))
        if earlier == first:
            break
        first = earlier
        order = search(world, limits, budget, first, awaited)
        best = min(best, order, key=_worth)
    return best


def _is_any_order(order: Order) -> bool:
    """Return True if no node can be the first, so that no order is better.

    Each was tried alone, unless others were to make room: few are tried so.
    """
    return not order.drafts and not order.world.request.max_secondary_moves


def _worth(order: Order) -> tuple[int, int]:
    return len(order.world.undone), order.moves


def _without(
    world: World,
    order: Order,
    limits: Limits,
    budget: int,
    awaited: Sequence[str],
) -> Order:
    """Return the order of the nodes that had a wave; the others stay open.

    What goes to a node that is not maintained need not move again.
    """
    others = world.undone - order.world.undone
    able = dataclasses.replace(world, undone=others)
    again = _ordered(able, limits, budget, awaited)
    return again if not again.world.undone else order


def _waves(world: World, order: Order, pace: Pace) -> tuple[Wave, ...]:
    """Return the waves of an order with the steps of each.

    The steps depend on the sizes of servers and on the reasons of spares,
    which no wave changes.
    """
    return tuple(
        Wave(
            wave.hostnames,
            wave.outcome,
            steps.schedule(world.snapshot, wave.outcome, pace),
            wave.canaries,
        )
        for wave in order.drafts
    )


def _stuck(
    world: World,
    order: Order,
    limits: Limits,
    advises: bool,
    stuck: Collection[str],
) -> Iterator[NodeOutcome]:
    """Yield why each node that has no wave cannot be emptied.

    :param stuck: hostnames of these
    """
    rest = None
    if impossible.keeps_apart(world.snapshot) and not (
        world.request.max_secondary_moves and _others(world)
    ):
        rest = impossible.Rest.of(world, _works(world))
    for number, hostname in enumerate(sorted(stuck)):
        is_advised = advises and number < MOST_ADVISED
        is_proved = (
            rest is not None
            and number < MOST_PROVED
            and rest.is_never_empty(hostname, limits.quick())
        )
        node = _no_order(order.world, hostname, limits, is_advised, is_proved)
        yield dataclasses.replace(
            node, remedies=_possible_now(node.remedies, world, order.world)
        )


def _possible_now(
    remedies: Sequence[Finding], before: World, after: World
) -> tuple[Finding, ...]:
    """Return the remedies that move no server that waves have moved by then.

    Such a server is not yet where it is to be moved from.
    """
    by_then = after.snapshot.by_uuid
    moved = {
        instance.name
        for uuid, instance in before.snapshot.by_uuid.items()
        if uuid in by_then and by_then[uuid].host != instance.host
    }
    return tuple(
        remedy
        for remedy in remedies
        if remedy.reason not in remedy_check.SECONDARY
        or moved.isdisjoint({remedy.subject, remedy.facts.get('other')})
    )


def _others(world: World) -> tuple[Leaver, ...]:
    """Return the servers outside the set that may move to make room."""
    outside = world.snapshot.by_hostname.keys() - {
        *world.request.maintenance_nodes
    }
    return making_room.candidates(world.snapshot, world.request, outside)


def makers(
    snapshot: Snapshot, request: RollRequest, roll: Roll
) -> frozenset[str]:
    """Return the nodes outside the set whose servers may make room.

    There are none, unless nothing but room is missing for a node. Those of the
    set are known already.
    """
    stays = [stay for node in roll.refused for stay in node.stays]
    unplaced = [
        snapshot.by_uuid[stay.instance_uuid]
        for stay in stays
        if stay.findings[0].reason.is_for_room
    ]
    if (
        not unplaced
        or not request.max_secondary_moves
        or request.disable_live_migration
    ):
        return frozenset()
    wave = request.drain_of(request.maintenance_nodes)
    leavers = [
        leaver
        for work in _works(
            World(snapshot, request, frozenset(request.maintenance_nodes))
        )
        for leaver in work.departures.moving
    ]
    destinations = Destinations.of(
        snapshot, wave, request.maintenance_nodes, leavers
    )
    return frozenset(making_room.nearest(destinations, unplaced))


def asks_about(
    snapshot: Snapshot, request: RollRequest, roll: Roll
) -> frozenset[Ask]:
    """Return what to ask Placement about the moves of all waves.

    The waves before make room for a later one. So of that, as of a move that
    waits, only what does not depend on room is asked.
    """
    return frozenset(
        ask
        for number, wave in enumerate(roll.waves)
        for outcome in (wave.outcome, Outcome(secondary_moves=wave.canaries))
        for ask in questions.asks_about(
            snapshot, outcome, request, has_room=not number
        )
    )


def _no_order(
    world: World,
    hostname: str,
    limits: Limits,
    advises: bool,
    is_proved: bool = False,
) -> NodeOutcome:
    """Return why a node cannot be emptied after all waves that were found."""
    finding = (NEVER_EMPTY if is_proved else NO_ORDER_FOUND).about(hostname)
    node = world.snapshot.by_hostname[hostname]
    outcome = drain.plan(
        world.snapshot,
        world.request.drain_of((hostname,)),
        limits.quick(),
        advises,
    )
    if not outcome.refused:
        return _refusal(hostname, node.instance_count, finding)
    refused = outcome.refused[0]
    return dataclasses.replace(refused, findings=(finding, *refused.findings))


def _spares(order: Order, limits: Limits) -> Iterator[Finding]:
    """Yield which one more empty node lets the nodes that are left be done."""
    snapshot = order.world.snapshot
    kinds: dict[tuple[str, str], ComputeNode] = {}
    for hostname in sorted(order.world.undone):
        node = snapshot.by_hostname[hostname]
        kinds.setdefault((node.zone, str(node.inventory)), node)
    for node in [*kinds.values()][:MOST_SPARES]:
        larger = _with_spare(snapshot, node)
        world = dataclasses.replace(order.world, snapshot=larger)
        if not search(world, limits.quick(), 0).world.undone:
            yield ONE_MORE_SPARE.about(node.hostname)


def _with_spare(snapshot: Snapshot, node: ComputeNode) -> Snapshot:
    """Return a snapshot with an empty node like this one."""
    hostname = f'{node.hostname} '
    spare = dataclasses.replace(
        node,
        hostname=hostname,
        status='enabled',
        state='up',
        disabled_reason='',
        instance_count=0,
        used={},
    )
    aggregates = tuple(
        dataclasses.replace(a, hosts=(*a.hosts, hostname))
        if node.hostname in a.hosts
        else a
        for a in snapshot.aggregates
    )
    return dataclasses.replace(
        snapshot, nodes=(*snapshot.nodes, spare), aggregates=aggregates
    )
