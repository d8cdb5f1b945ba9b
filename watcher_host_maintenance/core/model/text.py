# SPDX-License-Identifier: Apache-2.0

"""Text that others wrote, made safe to show and to store.

The name of a server may hold terminal escape sequences, line breaks, or
characters that reverse the direction of the text that follows.
"""

import unicodedata

from collections import Counter
from collections.abc import Mapping
from typing import Any


UNSAFE = frozenset({'Cc', 'Cf', 'Cs', 'Zl', 'Zp'})
"""Unicode categories that move the cursor, break a line or hide text."""

MAX_BMP = 0xFFFF
"""The last character of three bytes in UTF-8, the most that MySQL's utf8 has.

In strict mode MySQL refuses a row with a longer one.
"""

UUID_START = 8
"""Characters of a UUID that tell two servers of one name apart."""


def visible(text: str) -> str:
    """Replace unsafe characters with their Python escapes.

    What is visible already stays as it is, so that it may be done twice.
    """
    if text.isprintable():
        return text
    return ''.join(_escape(c) if is_unsafe(c) else c for c in text)


def visible_all(value: Any) -> Any:
    """Make every string in a value visible, in lists and mappings too."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, Mapping):
        return {visible_all(k): visible_all(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [visible_all(item) for item in value]
    return value


def storable(text: str) -> str:
    """Make a text visible, and such that every database can store it."""
    return ''.join(
        _escape(c) if ord(c) > MAX_BMP else c for c in visible(text)
    )


def is_unsafe(character: str) -> bool:
    """Return True if a character is not to reach a terminal or a log."""
    return unicodedata.category(character) in UNSAFE


def distinct(names: Mapping[str, str]) -> dict[str, str]:
    """Tell equal names apart by the beginning of their UUIDs.

    :param names: UUID -> name
    :returns: UUID -> name, with that of the UUID where another is equal
    """
    counts = Counter(names.values())
    return {
        uuid: name if counts[name] == 1 else f'{name} ({uuid[:UUID_START]})'
        for uuid, name in names.items()
    }


def _escape(character: str) -> str:
    return character.encode('unicode_escape').decode('ascii')
