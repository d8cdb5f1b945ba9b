# SPDX-License-Identifier: Apache-2.0

"""Fit words into Watcher's database columns."""

from collections.abc import Sequence


STATUS_MESSAGE = 255
"""Characters that ``audits.status_message`` holds.

SQLite does not mind a longer text; MySQL in strict mode refuses the write,
and the audit then stays ONGOING for ever.
"""

ELLIPSIS = '...'


def fit(sentences: Sequence[str], limit: int = STATUS_MESSAGE) -> str:
    """Join sentences, most important first, within a limit of characters.

    Sentences that have no room are left out whole. Only when the first two,
    what failed and why, are too long together are they cut.
    """
    told = ' '.join(sentences[:2])
    if len(told) > limit:
        return told[: limit - len(ELLIPSIS)] + ELLIPSIS
    for sentence in sentences[2:]:
        if len(told) + 1 + len(sentence) <= limit:
            told = f'{told} {sentence}'
    return told
