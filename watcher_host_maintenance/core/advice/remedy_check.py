# SPDX-License-Identifier: Apache-2.0

"""Plan again with a remedy, to see whether it makes room."""

import dataclasses
import math

from collections.abc import Callable
from collections.abc import Collection

from watcher_host_maintenance.core.advice.remedies import LEAVE_SOME
from watcher_host_maintenance.core.advice.remedies import LOWER_HEADROOM
from watcher_host_maintenance.core.advice.remedies import MOVE_FIRST
from watcher_host_maintenance.core.advice.remedies import MOVE_TWO_FIRST
from watcher_host_maintenance.core.advice.remedies import WAKE_SPARE
from watcher_host_maintenance.core.model import projection
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Snapshot


SECONDARY = {MOVE_FIRST: 1, MOVE_TWO_FIRST: 2}
"""Remedy -> how many servers of other nodes it moves."""

MOST_TRIED = 20
"""The most remedies that are tried by planning all marked nodes again."""

Asked = tuple[Snapshot, Request]

Plan = Callable[[Snapshot, Request], Outcome]


def helpful(
    outcome: Outcome, unsure: Collection[str], asked: Asked, plan: Plan
) -> Outcome:
    """Keep the remedies that help when the whole request is planned again.

    :param unsure: hostnames whose remedies may not help there
    :param asked: what the outcome was made from
    :param plan: makes another outcome
    """
    nodes = []
    tries = 0
    for node in outcome.nodes:
        kept = node.remedies
        if node.hostname in unsure:
            tries += len(node.remedies)
            kept = tuple(
                remedy
                for remedy in node.remedies
                if tries <= MOST_TRIED
                and _helps(remedy, node.hostname, outcome, asked, plan)
            )
        nodes.append(dataclasses.replace(node, remedies=kept))
    return dataclasses.replace(outcome, nodes=tuple(nodes))


def _helps(
    remedy: Finding, hostname: str, before: Outcome, asked: Asked, plan: Plan
) -> bool:
    """Return True if a node is emptied with a remedy, and no other refused.

    Another node may take the room first, or lose its own; and a request that
    leaves some instances leaves those that block other nodes as well.
    """
    outcome = plan(*taken(*asked, remedy))
    refused_before = {n.hostname for n in before.refused}
    refused = {n.hostname for n in outcome.refused}
    blocked = sorted(
        stay.instance_name
        for node in outcome.nodes
        if node.hostname == hostname
        for stay in node.blocked
    )
    return refused <= refused_before - {hostname} and (
        tuple(blocked) == remedy.names('names')
    )


def taken(snapshot: Snapshot, request: Request, remedy: Finding) -> Asked:
    """Return the snapshot and the request once a remedy is taken.

    :param remedy: one of those that :mod:`.remedies` finds
    """
    if remedy.reason is LOWER_HEADROOM:
        percent = remedy.number('percent')
        lower = dataclasses.replace(request, headroom_percent=percent)
        return snapshot, lower
    if remedy.reason is LEAVE_SOME:
        leave = dataclasses.replace(request, on_blocked=OnBlocked.LEAVE)
        return snapshot, leave
    if remedy.reason in SECONDARY:
        moves = dataclasses.replace(
            request, max_secondary_moves=SECONDARY[remedy.reason]
        )
        return snapshot, moves
    node = snapshot.by_hostname[remedy.subject]
    if remedy.reason is WAKE_SPARE:
        node = dataclasses.replace(node, status='enabled', disabled_reason='')
    else:
        node = _enlarged(node, remedy, request.headroom_percent)
    return projection.with_node(snapshot, node), request


def _enlarged(
    node: ComputeNode, remedy: Finding, headroom_percent: float
) -> ComputeNode:
    """Enlarge a node, so that its free room grows by the amount of a remedy.

    Such a remedy is about what the node offers, by a ratio that is not 0.
    """
    resource_class = str(remedy.facts['resource_class'])
    offer = node.inventory[resource_class]
    share = (100 - headroom_percent) / 100
    more = math.ceil(
        remedy.number('amount') / (offer.allocation_ratio * share)
    )
    larger = dataclasses.replace(offer, total=offer.total + more)
    inventory = {**node.inventory, resource_class: larger}
    return dataclasses.replace(node, inventory=inventory)
