# SPDX-License-Identifier: Apache-2.0

"""A Watcher solution whose actions know what they wait for."""

from collections.abc import Collection
from collections.abc import Mapping
from typing import Any

from watcher.decision_engine.solution import default


class OrderedSolution(default.DefaultSolution):  # type: ignore[misc]
    """Actions, each with those that have to end before it starts.

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
        :raises ValueError: it waits for one that is not there yet, or the
            very same action is there already
        """
        position = len(self.actions)
        if not all(0 <= parent < position for parent in parents):
            raise ValueError(f'{action_type} waits for what comes later')
        # Watcher writes the resource ID into the dict that it is given.
        self.add_action(
            action_type=action_type,
            input_parameters=dict(input_parameters),
            resource_id=resource_id,
        )
        if len(self.actions) == position:
            raise ValueError(f'{action_type} {resource_id} is there twice')
        self.parents.append(tuple(sorted(parents)))

    def clear(self) -> None:
        """Take all actions out again."""
        self.actions.clear()
        self.parents.clear()
