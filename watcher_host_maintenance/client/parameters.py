# SPDX-License-Identifier: Apache-2.0

"""The parameters of the strategy that a client offers, in one table."""

import dataclasses

from collections.abc import Mapping
from typing import Any


@dataclasses.dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of the strategy, beside the nodes to empty.

    :ivar kind: str, bool or float, as in JSON
    :ivar default: what an audit has when it is not given; None is nothing
    :ivar metavar: what stands for its value in a help text
    :ivar choices: the values that it takes; () takes any
    """

    name: str
    kind: type
    help: str
    default: str | float | None = None
    metavar: str = ''
    choices: tuple[str, ...] = ()


PARAMETERS = (
    Parameter(
        'backup_node',
        str,
        'Send every server to this compute node, or refuse.',
        metavar='HOST',
    ),
    Parameter(
        'disable_live_migration',
        bool,
        'Migrate running servers cold: they restart.',
        default=False,
    ),
    Parameter(
        'disable_cold_migration',
        bool,
        'Leave stopped servers on the node.',
        default=False,
    ),
    Parameter(
        'on_blocked',
        str,
        'When not every server can leave: change nothing, or move as many '
        'as possible.',
        default='fail',
        choices=('fail', 'leave'),
    ),
    Parameter(
        'allow_unproved_moves',
        bool,
        'Also move servers whose fit no API can prove: those with dedicated '
        'CPUs, NUMA cells, huge pages or devices.',
        default=False,
    ),
    Parameter(
        'on_failure',
        str,
        'At the end of a plan that failed: keep the nodes disabled, or '
        'enable those with servers left.',
        default='keep_disabled',
        choices=('keep_disabled', 'enable'),
    ),
    Parameter(
        'headroom_percent',
        float,
        "Share of each destination's capacity to keep free, 0 to below 100. "
        'Default: 0.',
        default=0,
        metavar='PERCENT',
    ),
    Parameter(
        'reason',
        str,
        'Why, such as a ticket or a name: it follows '
        '"watcher_maintaining: " in the disabled reason of the node.',
        metavar='TEXT',
    ),
)


def chosen(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of an audit that differ from their defaults."""
    defaults = {p.name: p.default for p in PARAMETERS}
    return {
        name: value
        for name, value in sorted(parameters.items())
        if value != defaults.get(name)
    }
