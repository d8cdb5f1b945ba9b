# SPDX-License-Identifier: Apache-2.0

"""Take what would make room, and plan again to see whether it does."""

import dataclasses
import math

from collections.abc import Callable
from collections.abc import Collection

from watcher_host_maintenance.core.advice.remedies import ADD_ROOM
from watcher_host_maintenance.core.advice.remedies import LEAVE_SOME
from watcher_host_maintenance.core.advice.remedies import LOWER_HEADROOM
from watcher_host_maintenance.core.advice.remedies import WAKE_SPARE
from watcher_host_maintenance.core.model import projection
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Reason
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Snapshot


MOST_TRIED = 20
"""How many remedies are tried by planning for all marked nodes again."""

Asked = tuple[Snapshot, Request]

Plan = Callable[[Snapshot, Request], Outcome]


def helpful(
    outcome: Outcome, unsure: Collection[str], asked: Asked, plan: Plan
) -> Outcome:
    """Keep those remedies that help when the whole request is planned anew.

    :param unsure: hostnames whose remedies may not help there
    :param asked: what the answer was made from
    :param plan: makes another
    """
    nodes = []
    tried = 0
    for node in outcome.nodes:
        told = node.remedies
        if node.hostname in unsure:
            tried += len(told)
            told = tuple(
                remedy
                for remedy in told
                if tried <= MOST_TRIED
                and _helps(remedy, node.hostname, outcome, asked, plan)
            )
        nodes.append(dataclasses.replace(node, remedies=told))
    return dataclasses.replace(outcome, nodes=tuple(nodes))


def _helps(
    remedy: Finding, hostname: str, before: Outcome, asked: Asked, plan: Plan
) -> bool:
    """Plan again with a remedy for one node.

    Another node may take the room before, or lose its own; and to leave
    some leaves those that block other nodes as well.
    """
    outcome = plan(*taken(*asked, remedy))
    refused_before = {n.hostname for n in before.refused}
    refused = {n.hostname for n in outcome.refused}
    left = sorted(
        s.instance_name
        for n in outcome.nodes
        if n.hostname == hostname
        for s in n.blocked
    )
    return refused <= refused_before - {hostname} and (
        ', '.join(left) == remedy.facts.get('names', '')
    )


def taken(known: Snapshot, request: Request, remedy: Finding) -> Asked:
    """Return what is known and what is asked once a remedy is taken.

    :param remedy: one of those that :mod:`.advice` tells
    """
    return TAKEN[remedy.reason](known, request, remedy)


def _wake(known: Snapshot, request: Request, remedy: Finding) -> Asked:
    node = known.by_hostname[remedy.subject]
    awake = dataclasses.replace(node, status='enabled', disabled_reason='')
    return projection.with_node(known, awake), request


def _keep_less_free(
    known: Snapshot, request: Request, remedy: Finding
) -> Asked:
    percent = float(remedy.facts['percent'])
    return known, dataclasses.replace(request, headroom_percent=percent)


def _leave(known: Snapshot, request: Request, _remedy: Finding) -> Asked:
    leaves = OnBlocked.LEAVE
    return known, dataclasses.replace(request, on_blocked=leaves)


def _add(known: Snapshot, request: Request, remedy: Finding) -> Asked:
    """Enlarge a node, so that the room that is left grows by the amount.

    It is told only of what a node offers, by a ratio that is not 0.
    """
    node = known.by_hostname[remedy.subject]
    name = str(remedy.facts['resource_class'])
    offer = node.inventory[name]
    share = (100 - request.headroom_percent) / 100
    more = math.ceil(
        float(remedy.facts['amount']) / (offer.allocation_ratio * share)
    )
    larger = dataclasses.replace(offer, total=offer.total + more)
    inventory = {**node.inventory, name: larger}
    node = dataclasses.replace(node, inventory=inventory)
    return projection.with_node(known, node), request


TAKEN: dict[
    Reason,
    Callable[[Snapshot, Request, Finding], Asked],
] = {
    WAKE_SPARE: _wake,
    LOWER_HEADROOM: _keep_less_free,
    LEAVE_SOME: _leave,
    ADD_ROOM: _add,
}
