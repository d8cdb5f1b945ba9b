# SPDX-License-Identifier: Apache-2.0

"""Efficacy of a plan, in numbers that Watcher stores and shows."""

import abc
import math

from collections.abc import Mapping
from typing import Any
from typing import ClassVar

from watcher.decision_engine.goal.efficacy import base
from watcher.decision_engine.goal.efficacy import indicators
from watcher.decision_engine.solution import efficacy

from watcher_host_maintenance._i18n import _
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Purpose
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.rolling import Roll


DRAIN_DESCRIPTIONS = {
    'instances_count': N_('Servers on the nodes to drain.'),
    'instances_to_move_count': N_('Servers that are moved.'),
    'live_migrations_count': N_(
        'Servers that are live migrated: they keep running.'
    ),
    'cold_migrations_count': N_(
        'Servers moved while they are off: running ones restart.'
    ),
    'stopped_instances_count': N_('Servers that are stopped where they are.'),
    'released_instances_count': N_(
        'Shelved servers that are offloaded, and migrations from the nodes '
        'that are confirmed.'
    ),
    'remaining_instances_count': N_(
        'Servers that remain on the nodes to drain.'
    ),
    'secondary_moves_count': N_(
        'Servers of other nodes that are moved to make room.'
    ),
    'destinations_count': N_('Nodes that receive servers.'),
    'estimated_duration': N_('Estimated duration of the plan.'),
}
"""Indicator -> what it counts; the names are stable."""

RETURN_DESCRIPTIONS = {
    'returned_nodes_count': N_('Nodes that return to service.'),
    'instances_count': N_('Servers that left the nodes and may come back.'),
    'instances_to_move_count': N_('Servers that are moved back.'),
    'live_migrations_count': DRAIN_DESCRIPTIONS['live_migrations_count'],
    'cold_migrations_count': DRAIN_DESCRIPTIONS['cold_migrations_count'],
    'started_instances_count': N_('Servers that are started.'),
    'staying_instances_count': N_('Servers that stay where they are.'),
    'blocked_instances_count': N_(
        'Those of them that were to come back and cannot.'
    ),
    'closed_spares_count': N_('Spares that are disabled again.'),
    'estimated_duration': DRAIN_DESCRIPTIONS['estimated_duration'],
}
"""The same for a return."""

ROLL_DESCRIPTIONS = {
    'nodes_count': N_('Nodes that are yet to be maintained.'),
    'waves_count': N_('Waves in which they can be maintained.'),
    'planned_moves_count': N_('Moves in all waves.'),
    'secondary_moves_count': N_(
        'Of these, moves of servers of other nodes to make room.'
    ),
    'least_moves_count': N_('Moves that any order needs.'),
    'instances_count': N_('Servers that this plan moves.'),
    'estimated_duration': DRAIN_DESCRIPTIONS['estimated_duration'],
}
"""The same for a rolling maintenance."""

UNITS = {'estimated_duration': 's'}


class Count(indicators.IndicatorSpecification):  # type: ignore[misc]
    """A number of servers, compute nodes or seconds."""

    @property
    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of the value."""
        return {'type': 'integer', 'minimum': 0}


class _Counted(base.EfficacySpecification):  # type: ignore[misc]
    """Efficacy in counts, and in one share of the servers.

    :cvar DESCRIPTIONS: indicator -> what it counts
    :cvar RATIO: name and description of the share
    :cvar TOTAL: the indicator that it is a share of
    """

    DESCRIPTIONS: ClassVar[Mapping[str, str]]
    RATIO: ClassVar[tuple[str, str]]
    TOTAL: ClassVar[str] = 'instances_count'

    @staticmethod
    @abc.abstractmethod
    def part(counts: Mapping[str, int]) -> int:
        """Return how many of ``instances_count`` the plan is good for."""

    def get_indicators_specifications(self) -> tuple[Count, ...]:
        """List what is counted."""
        return tuple(
            Count(name, _(text), UNITS.get(name))
            for name, text in self.DESCRIPTIONS.items()
        )

    def get_global_efficacy_indicator(
        self, indicators_map: Mapping[str, int] | None = None
    ) -> list[efficacy.Indicator]:
        """Return the share of the servers that the plan is good for.

        :param indicators_map: indicator name -> value
        :returns: one indicator, 0 to 100 %; 100 if there are no servers; none
            when nothing was measured
        """
        if not indicators_map:
            return []
        name, description = self.RATIO
        total = indicators_map[self.TOTAL]
        share = _percent(self.part(indicators_map), total) if total else 100.0
        return [
            efficacy.Indicator(
                name=name, description=_(description), unit='%', value=share
            )
        ]


class ClusterReturn(_Counted):
    """Efficacy of a return: how many servers come home, and how."""

    DESCRIPTIONS = RETURN_DESCRIPTIONS
    RATIO = (
        'returned_instances_ratio',
        N_(
            'Percentage of the servers that left the nodes that are '
            'moved back.'
        ),
    )

    @staticmethod
    def part(counts: Mapping[str, int]) -> int:
        """Return how many come home."""
        return counts['instances_to_move_count']


class ClusterMaintenance(_Counted):
    """Efficacy of a drain: how many servers leave the nodes, and how."""

    DESCRIPTIONS = DRAIN_DESCRIPTIONS
    RATIO = (
        'drained_instances_ratio',
        N_('Percentage of the servers on the nodes to drain that leave them.'),
    )

    @staticmethod
    def part(counts: Mapping[str, int]) -> int:
        """Return how many leave the nodes."""
        return counts['instances_count'] - counts['remaining_instances_count']


class ClusterRollingMaintenance(_Counted):
    """Efficacy of a rolling maintenance: how few moves it needs."""

    DESCRIPTIONS = ROLL_DESCRIPTIONS
    TOTAL = 'planned_moves_count'
    RATIO = (
        'needed_moves_ratio',
        N_('Percentage of the moves that any order needs.'),
    )

    @staticmethod
    def part(counts: Mapping[str, int]) -> int:
        """Return how many moves any order needs."""
        return counts['least_moves_count']


def _percent(part: int, whole: int) -> float:
    """Return a share as it is shown; 100 is the whole, and nothing less."""
    return math.floor(10000 * part / whole) / 100


def measure(outcome: Outcome, took_s: float) -> dict[str, int]:
    """Return indicator name -> value for an answer.

    :param took_s: estimated duration of the plan, in seconds
    """
    total = sum(n.instance_count for n in outcome.nodes)
    moves = outcome.moves
    live = sum(m.kind is MoveKind.LIVE for m in moves)
    own = len(moves) - len(outcome.secondary_moves)
    counts = {
        'instances_count': total,
        'instances_to_move_count': len(moves),
        'live_migrations_count': live,
        'cold_migrations_count': len(moves) - live,
        'stopped_instances_count': len(outcome.stops),
        'started_instances_count': len(outcome.starts),
        'released_instances_count': len(outcome.releases),
        'remaining_instances_count': (total - own - len(outcome.releases)),
        'staying_instances_count': total - len(moves),
        'blocked_instances_count': sum(len(n.blocked) for n in outcome.nodes),
        'secondary_moves_count': len(outcome.secondary_moves),
        'destinations_count': len({m.destination for m in moves}),
        'returned_nodes_count': len(outcome.returns),
        'closed_spares_count': len(outcome.closes),
        'estimated_duration': math.ceil(took_s),
    }
    returns = outcome.purpose is Purpose.RETURN
    names = RETURN_DESCRIPTIONS if returns else DRAIN_DESCRIPTIONS
    return {name: counts[name] for name in names}


def measure_roll(
    roll: Roll, outcome: Outcome, took_s: float
) -> dict[str, int]:
    """Return indicator name -> value for a step of a rolling maintenance.

    :param roll: of all that is left; its first wave is the outcome, if any is
    :param took_s: estimated duration of the plan, in seconds
    """
    return {
        'nodes_count': sum(len(wave.hostnames) for wave in roll.waves),
        'waves_count': len(roll.waves),
        'planned_moves_count': roll.moves,
        'secondary_moves_count': roll.secondary_moves,
        'least_moves_count': roll.least_moves,
        'instances_count': len(outcome.moves),
        'estimated_duration': math.ceil(took_s),
    }
