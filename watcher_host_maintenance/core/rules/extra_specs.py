# SPDX-License-Identifier: Apache-2.0

"""Compare a value with what an extra spec wants, as Nova does.

Source: ``nova.scheduler.filters.extra_specs_ops`` of Nova 34.
"""

import operator

from collections.abc import Callable
from typing import Any

from watcher_host_maintenance.core.model.nova import OPERATORS
from watcher_host_maintenance.core.model.nova import TRUE


NUMERIC: dict[str, Callable[[float, float], bool]] = {
    # Not a mistake: in Nova a plain "=" takes more as well.
    '=': operator.ge,
    '==': operator.eq,
    '!=': operator.ne,
    '>=': operator.ge,
    '<=': operator.le,
}

TEXTUAL: dict[str, Callable[[Any, Any], bool]] = {
    '<in>': operator.contains,
    's==': operator.eq,
    's!=': operator.ne,
    's<': operator.lt,
    's<=': operator.le,
    's>': operator.gt,
    's>=': operator.ge,
}


def is_true(text: str) -> bool:
    """Return True if an extra spec switches something on, as Nova reads it."""
    return text.strip().lower() in TRUE


def matches(value: str, wanted: str) -> bool:
    """Return True if a value of aggregate metadata satisfies an extra spec.

    :param wanted: a text that has to be equal, or an operator with its
        operands: ``>= 4``, ``s== ssd``, ``<in> ab``, ``<all-in> a b``,
        ``<or> a <or> b``
    """
    first, *operands = wanted.split() or ['']
    if first == '<or>':
        # Every second word is an operand, the others are <or> again.
        return value in operands[::2]
    if first not in OPERATORS:
        return value == wanted
    if not operands:
        return False
    if first == '<all-in>':
        return all(word in value for word in operands)
    if first in TEXTUAL:
        return TEXTUAL[first](value, operands[0])
    try:
        return NUMERIC[first](float(value), float(operands[0]))
    except ValueError:
        # Nova's filter raises here, and the scheduler then finds no host.
        return False
