# SPDX-License-Identifier: Apache-2.0

"""The parameters of the strategy that a client offers."""

from collections.abc import Mapping
from typing import Any

from watcher_host_maintenance.request import return_parameters
from watcher_host_maintenance.request import roll_parameters
from watcher_host_maintenance.request.parameters import SCHEMA


NODES = frozenset({'maintenance_node', 'maintenance_nodes'})
"""The nodes to empty: arguments of a command, not options."""

PARAMETERS: dict[str, dict[str, Any]] = {
    name: field
    for name, field in SCHEMA['properties'].items()
    if name not in NODES
}
"""Name -> JSON schema, of the others."""

RETURN_PARAMETERS: dict[str, dict[str, Any]] = {
    name: field
    for name, field in return_parameters.SCHEMA['properties'].items()
    if name not in NODES
}
"""The same of a return."""

ROLL_PARAMETERS: dict[str, dict[str, Any]] = {
    name: field
    for name, field in roll_parameters.SCHEMA['properties'].items()
    if name
    not in {
        *roll_parameters.SETS,
        roll_parameters.FROZEN,
        roll_parameters.CONTINUES,
    }
}
"""The same of a rolling maintenance."""


def chosen(
    parameters: Mapping[str, Any], is_return: bool = False
) -> dict[str, Any]:
    """Return the parameters of an audit that differ from their defaults."""
    fields = RETURN_PARAMETERS if is_return else PARAMETERS
    return {
        name: value
        for name, value in sorted(parameters.items())
        if value != fields.get(name, {}).get('default')
    }
