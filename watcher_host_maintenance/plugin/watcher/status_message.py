# SPDX-License-Identifier: Apache-2.0

"""Text that fits into Watcher's database columns."""

from collections.abc import Sequence


STATUS_MESSAGE = 255
"""Characters that ``audits.status_message`` holds.

SQLite accepts a longer text; MySQL in strict mode refuses the write, and the
audit then stays ONGOING for ever.
"""

ELLIPSIS = '...'


def fit(sentences: Sequence[str], limit: int = STATUS_MESSAGE) -> str:
    """Join sentences, most important first, within a limit of characters.

    Sentences that do not fit are left out whole. The first two, what failed
    and why, are cut if they are too long together.
    """
    return extend(cut(' '.join(sentences[:2]), limit), sentences[2:], limit)


def extend(
    text: str, sentences: Sequence[str], limit: int = STATUS_MESSAGE
) -> str:
    """Append each sentence that has room within a limit of characters."""
    for sentence in sentences:
        if len(text) + 1 + len(sentence) <= limit:
            text = f'{text} {sentence}'
    return text


def cut(text: str, limit: int = STATUS_MESSAGE) -> str:
    """Cut a text, visibly, to a limit of characters."""
    if len(text) <= limit:
        return text
    return text[: limit - len(ELLIPSIS)] + ELLIPSIS


def sentence(text: str, why: str = '') -> str:
    """Put together what has happened and why, with one full stop."""
    whole = f'{text.rstrip(".")}: {why}' if why else text
    return whole if whole.endswith(ELLIPSIS) else f'{whole.rstrip(".")}.'
