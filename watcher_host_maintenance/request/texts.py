# SPDX-License-Identifier: Apache-2.0

"""Parameters that are text, though they may arrive as numbers.

Watcher's command reads ``-p maintenance_node=4242`` as JSON. Every integer
is the text that was typed; of another number that is not certain.
"""

from collections.abc import Mapping
from typing import Any


TEXT = ['string', 'integer']
"""Type of such a parameter in a JSON schema."""


def is_text(schema: Mapping[str, Any]) -> bool:
    """Return True if a JSON schema is of a text."""
    return schema['type'] in ('string', TEXT)


def as_texts(
    given: Mapping[str, Any], schema: Mapping[str, Any]
) -> dict[str, Any]:
    """Return valid parameters with text for each that is one.

    :param schema: of all parameters
    """
    properties = schema['properties']
    return {
        name: _as_text(value, properties.get(name, {}))
        for name, value in given.items()
    }


def _as_text(value: Any, schema: Mapping[str, Any]) -> Any:
    if schema.get('type') == TEXT:
        return str(value)
    if schema.get('items', {}).get('type') == TEXT:
        # A name may be there as both.
        return list(dict.fromkeys(map(str, value)))
    return value
