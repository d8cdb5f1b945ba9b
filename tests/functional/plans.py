# SPDX-License-Identifier: Apache-2.0

"""Action plans as Watcher's API has them, read by people and tests."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from minicloud import cloud


def summary(actions: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    """What a person looks at: state, type, name, where to, and a message.

    :returns: one tuple for each action, in the plan's order
    """
    return [
        (
            a['state'],
            a['action_type'],
            a['input_parameters'].get('resource_name', ''),
            a['input_parameters'].get('destination_node')
            or a['input_parameters'].get('state', ''),
            a.get('status_message') or '',
        )
        for a in actions
    ]


VERIFY = 'verify_host_empty'
#: They change nothing.
LOOKS = ('await_host', VERIFY)


def steps(actions: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    """What a plan does: type, name of host or server, state or destination.

    :returns: sorted, since the order among migrations means nothing
    """
    return sorted(action[1:4] for action in summary(changes(actions)))


def changes(actions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Actions that change something; the others only look."""
    return [a for a in actions if a['action_type'] not in LOOKS]


def ancestors(actions: list[dict[str, Any]]) -> dict[str, set[str]]:
    """UUID of each action -> UUIDs of all that have to end before it."""
    before: dict[str, set[str]] = {}
    for action in actions:
        parents = set(action['parents'])
        before[action['uuid']] = parents.union(
            *(before[parent] for parent in parents)
        )
    return before


def migration_types(actions: list[dict[str, Any]]) -> dict[str, str]:
    """Server name -> 'live' or 'cold', of those that migrate."""
    found = (
        a['input_parameters'] for a in actions if a['action_type'] == 'migrate'
    )
    return {p['resource_name']: p['migration_type'] for p in found}


def indicators(plan: Mapping[str, Any]) -> dict[str, float]:
    """Name -> value of the plan's efficacy indicators."""
    return {i['name']: i['value'] for i in plan['efficacy_indicators']}


def moves(lab: cloud.Cloud, audit: Mapping[str, Any]) -> Counter[str]:
    """Return name -> how often the plans of an audit have moved a server."""
    return Counter(
        name
        for plan in lab.action_plans(audit)
        for state, kind, name, *_to in summary(lab.actions(plan))
        if (state, kind) == ('SUCCEEDED', 'migrate')
    )
