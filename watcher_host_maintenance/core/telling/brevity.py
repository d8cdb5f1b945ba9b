# SPDX-License-Identifier: Apache-2.0

"""Text that fits where there is little room, by one rule.

Long words, which are names, lose their middle first. Then help is left out,
the end of a list, with a count of it, and the end of the longest sentence
after the first two, which are what failed and why: these are always told, and
a command that helps where it fits.
"""

import re

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Sequence

from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.text import storable


Translate = Callable[[str], str]

AND_MORE = N_('and {count} more')
MORE_ITEMS = N_('And {count} more.')

STATUS_MESSAGE = 255
"""Characters that Watcher's columns ``status_message`` hold.

SQLite accepts a longer text; MySQL in strict mode refuses the write, and the
audit then stays ONGOING for ever.
"""

ELLIPSIS = '...'

LONGEST = 100
"""Characters of one fact that are told: errors and reasons have no limit."""

SHORTEST = 16
"""Characters that a name keeps in any case."""

OURS = frozenset(
    {
        'COMPUTE_STATUS_DISABLED',
        'maintenance:stay',
        'maintenance_node',
        'maintenance_nodes',
    }
)
"""Longer words of the reasons that are no names, and stay whole."""

WORDS = re.compile(r'"[^"]*"|[^\s"]+')
"""What is shortened as one: a word, or what is quoted.

A name with an equals sign is quoted; another word with one is a parameter.
"""


def fit(
    sentences: Sequence[str],
    limit: int,
    items: Sequence[str] = (),
    helps: Sequence[str] = (),
    translate: Translate = str,
    dispensable: Collection[str] = (),
) -> str:
    """Join sentences within a limit of characters, for a database to hold.

    :param sentences: what failed, why, and what was done
    :param items: what else there is, most important first
    :param helps: what is told where there is room for it
    :param dispensable: which of the helps are left out before the others
    """
    sentences, items, helps = (
        [*map(storable, texts)] for texts in (sentences, items, helps)
    )
    told = [*sentences, *items]
    if _length(_narrowed(told, SHORTEST)) > limit:
        told = [_counted(sentences, limit, items, translate)]
    kept: list[str] = []
    for sentence in sorted(helps, key=lambda text: text in dispensable):
        more = [text for text in helps if text in {*kept, sentence}]
        if _length([*_narrowed(told, SHORTEST), *more]) <= limit:
            kept = more
    room = limit - _length(kept) - bool(told and kept)
    return ' '.join([*_to_width(told, room), *kept])


def listed(names: Sequence[str], translate: Translate = str) -> str:
    """Join as many names as :data:`LONGEST` allows, and count the others."""
    for kept in range(len(names), 1, -1):
        more = and_more(len(names) - kept, translate)
        text = ' '.join([', '.join(names[:kept]), *more])
        if len(text) <= LONGEST:
            return text
    more = and_more(len(names) - 1, translate)
    return ' '.join([*map(shortened, names[:1]), *more])


def and_more(count: int, translate: Translate = str) -> list[str]:
    """Return how many are not named; nothing when that is none."""
    if count <= 0:
        return []
    return [translate(AND_MORE).format(count=count)]


def shortened(text: str, limit: int = LONGEST) -> str:
    """Cut a text in its middle, visibly, to a limit of characters."""
    if len(text) <= limit:
        return text
    end = (limit - len(ELLIPSIS)) // 2
    return cut(text, limit - end) + text[-end:]


def cut(text: str, limit: int) -> str:
    """Cut a text at its end, visibly, to a limit of characters."""
    if len(text) <= limit:
        return text
    return text[: limit - len(ELLIPSIS)] + ELLIPSIS


def with_reason(text: str, why: str = '') -> str:
    """Put together what has happened and why, with one full stop."""
    whole = f'{text.rstrip(".")}: {why}' if why else text
    return whole if whole.endswith(ELLIPSIS) else f'{whole.rstrip(".")}.'


def _counted(
    sentences: Sequence[str],
    limit: int,
    items: Sequence[str],
    translate: Translate,
) -> str:
    """Join sentences, some items, and a count of the others."""
    if not items:
        return _squeezed(sentences, limit)
    more = f' {translate(MORE_ITEMS)}'
    text = _squeezed(sentences, limit - len(more.format(count=len(items))))
    told = [
        ' '.join([text, *items[:kept]]) + more.format(count=len(items) - kept)
        for kept in range(len(items))
    ]
    return max((t for t in told if len(t) <= limit), key=len, default=text)


def _squeezed(sentences: Sequence[str], limit: int) -> str:
    """Join sentences; shorten their words, then the longest of them.

    The first two, what failed and why, only after the others.
    """
    told = _to_width(sentences, limit)
    text = ' '.join(told)
    longest, over = max(told[2:] or told, key=len), len(text) - limit
    if 0 < over < len(longest) - len(ELLIPSIS):
        text = text.replace(longest, cut(longest, len(longest) - over))
    return cut(text, limit)


def _to_width(sentences: Sequence[str], limit: int) -> list[str]:
    """Shorten words until sentences fit, but not below :data:`SHORTEST`."""
    words = (word for s in sentences for word in WORDS.findall(s))
    width = max(map(len, words), default=0)
    told = [*sentences]
    while _length(told) > limit and width > SHORTEST:
        width -= 1
        told = _narrowed(sentences, width)
    return told


def _narrowed(sentences: Sequence[str], width: int) -> list[str]:
    """Shorten each word of sentences to a number of characters."""
    return [
        WORDS.sub(lambda found: _shortened(found[0], width), sentence)
        for sentence in sentences
    ]


def _shortened(word: str, width: int) -> str:
    is_parameter = '=' in word and not word.startswith('"')
    is_ours = word.rstrip('.,') in OURS
    return word if is_parameter or is_ours else shortened(word, width)


def _length(sentences: Sequence[str]) -> int:
    return len(' '.join(sentences))
