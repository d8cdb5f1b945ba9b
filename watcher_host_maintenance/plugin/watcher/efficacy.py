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


class Count(indicators.IndicatorSpecification):  # type: ignore[misc]
    """A number of servers, compute nodes or seconds."""

    @property
    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of the value."""
        return {'type': 'integer', 'minimum': 0}


class ClusterMaintenance(base.EfficacySpecification):  # type: ignore[misc]
    """Efficacy of a drain: how many servers leave the nodes, and how."""

    def get_indicators_specifications(self) -> tuple[Count, ...]:
        """List what is counted; the names are stable."""
        return (
            Count('instances_count', _('Servers on the nodes to drain.')),
            Count('instances_to_move_count', _('Servers that are moved.')),
            Count(
                'live_migrations_count',
                _('Servers that are live migrated: they keep running.'),
            ),
            Count(
                'cold_migrations_count',
                _('Servers moved while they are off: running ones restart.'),
            ),
            Count(
                'stopped_instances_count',
                _('Servers that are stopped where they are.'),
            ),
            Count(
                'released_instances_count',
                _(
                    'Shelved servers that are offloaded, and migrations '
                    'from the nodes that are confirmed.'
                ),
            ),
            Count(
                'remaining_instances_count',
                _('Servers that remain on the nodes to drain.'),
            ),
            Count('destinations_count', _('Nodes that receive servers.')),
            Count(
                'estimated_duration',
                _('Estimated duration of the plan.'),
                's',
            ),
        )

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
        moved = total - indicators_map['remaining_instances_count']
        return [
            efficacy.Indicator(
                name='drained_instances_ratio',
                description=_(
                    'Percentage of the servers on the nodes to drain that '
                    'leave them.'
                ),
                unit='%',
                value=_percent(moved, total) if total else 100.0,
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
