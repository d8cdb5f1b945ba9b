# SPDX-License-Identifier: Apache-2.0

"""A Watcher solution whose actions know what they wait for."""

from collections.abc import Collection
from collections.abc import Mapping
from typing import Any

from watcher.decision_engine.solution import default


class OrderedSolution(default.DefaultSolution):  # type: ignore[misc]
    """Actions, each with the actions that have to end before it starts.

    :ivar parents: for each action, the positions of the actions that it
        waits for; each is smaller than its own
    """

    def __init__(self, goal: Any, strategy: Any):
        super().__init__(goal, strategy)
        self.parents: list[tuple[int, ...]] = []

    def add_step(
        self,
        action_type: str,
        input_parameters: Mapping[str, Any],
        resource_id: str,
        parents: Collection[int],
    ) -> None:
        """Append an action.

        :param parents: positions of the actions that it waits for
        :raises ValueError: it waits for a later action, or the same action
            exists already
        """
        position = len(self.actions)
        if not all(0 <= parent < position for parent in parents):
            raise ValueError(f'{action_type} waits for a later action')
        # Watcher writes the resource ID into the dict that it is given.
        self.add_action(
            action_type=action_type,
            input_parameters=dict(input_parameters),
            resource_id=resource_id,
        )
        if len(self.actions) == position:
            raise ValueError(f'{action_type} {resource_id} exists twice')
        self.parents.append(tuple(sorted(parents)))

    def clear(self) -> None:
        """Remove all actions."""
        self.actions.clear()
        self.parents.clear()
