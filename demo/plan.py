# SPDX-License-Identifier: Apache-2.0

"""An action plan, as far as the demo tells of it."""

import dataclasses

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any


@dataclasses.dataclass(frozen=True)
class Move:
    """One server goes from one host to another.

    :ivar how: 'live' or 'cold'
    """

    server: str
    how: str
    source: str
    destination: str


@dataclasses.dataclass(frozen=True)
class Step:
    """One action of a plan, in words.

    :ivar state: Watcher's: PENDING, ONGOING, SUCCEEDED, FAILED, SKIPPED...
    :ivar why: Watcher's message, when there is one
    :ivar move: what it moves; None when it is about a service
    """

    words: str
    state: str
    why: str | None = None
    move: Move | None = None


def steps(actions: Iterable[Mapping[str, Any]]) -> list[Step]:
    """Read the actions of a plan, as Watcher's API lists them."""
    return [_step(action) for action in actions]


def moves(actions: Iterable[Mapping[str, Any]]) -> list[Move]:
    """The servers that a plan moves, and nothing else of it."""
    return [step.move for step in steps(actions) if step.move]


def _step(action: Mapping[str, Any]) -> Step:
    parameters = action['input_parameters']
    state, why = action['state'], action.get('status_message')
    if action['action_type'] == 'migrate':
        move = Move(
            parameters['resource_name'],
            parameters['migration_type'],
            parameters['source_node'],
            parameters['destination_node'],
        )
        words = f'{move.server} to {move.destination}, {move.how}'
        return Step(words, state, why, move)
    if action['action_type'] == 'change_nova_service_state':
        verb = parameters['state'].removesuffix('d')
        return Step(f'{verb} {parameters["resource_name"]}', state, why)
    if action['action_type'] == 'verify_host_empty':
        words = f'verify that {parameters["resource_name"]} is empty'
        return Step(words, state, why)
    return Step(action['action_type'], state, why)
