# SPDX-License-Identifier: Apache-2.0

"""Make text that others wrote safe to print on a terminal."""

import unicodedata

from collections.abc import Mapping
from typing import Any


UNSAFE = frozenset({'Cc', 'Cf', 'Cs', 'Zl', 'Zp'})
"""Unicode categories that move the cursor, break a line or hide text."""


def quote(text: str) -> str:
    """Replace unsafe characters with their Python escapes.

    A server name may hold terminal escape sequences, or characters that
    reverse the direction of the text that follows.
    """
    return ''.join(
        _escape(c) if unicodedata.category(c) in UNSAFE else c for c in text
    )


def quote_all(value: Any) -> Any:
    """Quote every string in a value, inside lists and mappings too."""
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, Mapping):
        return {quote_all(k): quote_all(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [quote_all(item) for item in value]
    return value


def _escape(character: str) -> str:
    return character.encode('unicode_escape').decode('ascii')
