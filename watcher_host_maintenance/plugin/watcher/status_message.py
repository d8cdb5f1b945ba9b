#    Licensed under the Apache License, Version 2.0 (the "License"); you may
#    not use this file except in compliance with the License. You may obtain
#    a copy of the License at
#
#         http://www.apache.org/licenses/LICENSE-2.0
#
#    Unless required by applicable law or agreed to in writing, software
#    distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
#    WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
#    License for the specific language governing permissions and limitations
#    under the License.

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
