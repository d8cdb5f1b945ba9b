# SPDX-License-Identifier: Apache-2.0

"""Efficacy of a plan, in numbers that Watcher stores and shows."""

import math

from collections.abc import Mapping
from typing import Any

from watcher.decision_engine.goal.efficacy import base
from watcher.decision_engine.goal.efficacy import indicators
from watcher.decision_engine.solution import efficacy

from watcher_host_maintenance._i18n import _
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Purpose
from watcher_host_maintenance.core.model.reasons import N_


DESCRIPTIONS = {
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
    'destinations_count': N_('Nodes that receive servers.'),
    'estimated_duration': N_('Estimated duration of the plan.'),
}
"""Indicator -> what it counts; the names are stable."""

RETURN_DESCRIPTIONS = {
    'returned_nodes_count': N_('Nodes that return to service.'),
    'instances_count': N_('Servers that left the nodes and may come back.'),
    'instances_to_move_count': N_('Servers that are moved back.'),
    'live_migrations_count': DESCRIPTIONS['live_migrations_count'],
    'cold_migrations_count': DESCRIPTIONS['cold_migrations_count'],
    'started_instances_count': N_('Servers that are started.'),
    'staying_instances_count': N_('Servers that stay where they are.'),
    'closed_spares_count': N_('Spares that are disabled again.'),
    'estimated_duration': DESCRIPTIONS['estimated_duration'],
}
"""The same for a return."""

UNITS = {'estimated_duration': 's'}


class Count(indicators.IndicatorSpecification):  # type: ignore[misc]
    """A number of servers, compute nodes or seconds."""

    @property
    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of the value."""
        return {'type': 'integer', 'minimum': 0}


class _Counted(base.EfficacySpecification):  # type: ignore[misc]
    """Efficacy in counts.

    :cvar descriptions: indicator -> what it counts
    """

    descriptions = DESCRIPTIONS

    def get_indicators_specifications(self) -> tuple[Count, ...]:
        """List what is counted."""
        return tuple(
            Count(name, _(text), UNITS.get(name))
            for name, text in self.descriptions.items()
        )


class ClusterReturn(_Counted):
    """Efficacy of a return: how many servers come home, and how."""

    descriptions = RETURN_DESCRIPTIONS

    def get_global_efficacy_indicator(
        self, indicators_map: Mapping[str, int] | None = None
    ) -> list[efficacy.Indicator]:
        """Return the share of those that left that come home.

        :param indicators_map: indicator name -> value
        :returns: one indicator, 0 to 100 %; 100 if nobody left; none when
            nothing was measured
        """
        if not indicators_map:
            return []
        total = indicators_map['instances_count']
        home = indicators_map['instances_to_move_count']
        return [
            efficacy.Indicator(
                name='returned_instances_ratio',
                description=_(
                    'Percentage of the servers that left the nodes that are '
                    'moved back.'
                ),
                unit='%',
                value=_percent(home, total) if total else 100.0,
            )
        ]


class ClusterMaintenance(_Counted):
    """Efficacy of a drain: how many servers leave the nodes, and how."""

    def get_global_efficacy_indicator(
        self, indicators_map: Mapping[str, int] | None = None
    ) -> list[efficacy.Indicator]:
        """Return the share of the nodes' servers that the plan takes off.

        :param indicators_map: indicator name -> value
        :returns: one indicator, 0 to 100 %; 100 for empty nodes; none when
            nothing was measured
        """
        if not indicators_map:
            return []
        total = indicators_map['instances_count']
        left = total - indicators_map['remaining_instances_count']
        return [
            efficacy.Indicator(
                name='drained_instances_ratio',
                description=_(
                    'Percentage of the servers on the nodes to drain that '
                    'leave them.'
                ),
                unit='%',
                value=_percent(left, total) if total else 100.0,
            )
        ]


def _percent(part: int, whole: int) -> float:
    """Return a share as it is shown; 100 is the whole, and nothing less."""
    return math.floor(10000 * part / whole) / 100


def measure(outcome: Outcome, took_s: float) -> dict[str, int]:
    """Return indicator name -> value for an answer.

    :param took_s: estimated duration of the plan, in seconds
    """
    total = sum(n.instance_count for n in outcome.nodes)
    moves = outcome.moves
    live = [m for m in moves if m.kind is MoveKind.LIVE]
    if outcome.purpose is Purpose.RETURN:
        return {
            'returned_nodes_count': len(outcome.returns),
            'instances_count': total,
            'instances_to_move_count': len(moves),
            'live_migrations_count': len(live),
            'cold_migrations_count': len(moves) - len(live),
            'started_instances_count': len(outcome.starts),
            'staying_instances_count': total - len(moves),
            'closed_spares_count': len(outcome.closes),
            'estimated_duration': math.ceil(took_s),
        }
    return {
        'instances_count': total,
        'instances_to_move_count': len(moves),
        'live_migrations_count': len(live),
        'cold_migrations_count': len(moves) - len(live),
        'stopped_instances_count': len(outcome.stops),
        'released_instances_count': len(outcome.releases),
        'remaining_instances_count': (
            total - len(moves) - len(outcome.releases)
        ),
        'destinations_count': len({m.destination for m in moves}),
        'estimated_duration': math.ceil(took_s),
    }
