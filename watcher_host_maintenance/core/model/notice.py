# SPDX-License-Identifier: Apache-2.0

"""What an owner is told of a maintenance, and what an owner may answer.

A notice is metadata of the server; an answer is a tag of the server. Both
begin with :data:`PREFIX`. Owners can write both, so that neither is trusted:
whatever is not as the tables below say is ignored.
"""

import dataclasses
import enum
import re

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from watcher_host_maintenance.core.model.document import InvalidDocument
from watcher_host_maintenance.core.model.document import short
from watcher_host_maintenance.core.model.times import MAX_TIME_S
from watcher_host_maintenance.core.model.times import TIME
from watcher_host_maintenance.core.model.times import format_time
from watcher_host_maintenance.core.model.times import parse_time


PREFIX = 'maintenance:'
"""What every key of a notice and every tag of an answer begins with."""

UUID_FORM = re.compile(r'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', re.ASCII)


class State(enum.StrEnum):
    """How far a maintenance is, for one server."""

    ANNOUNCED = 'announced'
    MOVING = 'moving'
    DONE = 'done'
    LEFT = 'left'
    CANCELLED = 'cancelled'


UNFINISHED = frozenset({State.ANNOUNCED, State.MOVING})
"""States in which something is still to happen to the server."""

ENDED = frozenset({State.DONE, State.LEFT})
"""States in which all has happened to the server."""


class Effect(enum.StrEnum):
    """What the maintenance does to the server."""

    LIVE = 'live'
    COLD = 'cold'
    STOP = 'stop'
    NONE = 'none'


class HostFate(enum.StrEnum):
    """What becomes of the host after the maintenance."""

    RETURNS = 'returns'
    REMOVED = 'removed'


STANDING_WORDS = {
    'keep': 'leave the server alone, even if that blocks the maintenance',
    'stay': 'leave it running on its host, though it may go down with it',
    'stop': 'stop it, and leave it stopped on its host',
    'stop-and-start': 'stop it, and start it when its host is back',
    'cold': 'move it cold, even if it could be moved live',
    'move': 'move it as the operator plans',
}
"""What an owner may want of every maintenance, the most careful first.

Of several words the first counts.
"""

OWNER, GUEST, WATCHER = 'owner', 'guest', 'Watcher'
"""Who writes and reads: the owner by Nova's API, the guest its metadata."""


@dataclasses.dataclass(frozen=True, slots=True)
class Key:
    """A key of the metadata that a notice consists of.

    :ivar name: the key
    :ivar field: the field of :class:`Notice`
    :ivar means: what it tells
    :ivar form: its values, or the form of its value
    :ivar longest: length of its longest value, in characters
    :ivar writers: who writes it
    :ivar readers: who reads it
    """

    name: str
    field: str
    means: str
    form: str
    longest: int
    writers: tuple[str, ...]
    readers: tuple[str, ...]


def _key(name: str, field: str, means: str, form: Any, *readers: str) -> Key:
    values = (form,) if isinstance(form, str) else tuple(map(str, form))
    return Key(
        name=f'{PREFIX}{name}',
        field=field,
        means=means,
        form=', '.join(values),
        longest=max(map(len, values)),
        writers=(WATCHER,),
        readers=(OWNER, GUEST, *readers),
    )


UUID = '00000000-0000-0000-0000-000000000000'

KEYS = (
    _key('id', 'maintenance_id', 'audit that announces it', UUID, WATCHER),
    _key('state', 'state', 'how far the maintenance is', State, WATCHER),
    _key('starts', 'starts_s', 'nothing happens to the server before', TIME),
    _key('ends', 'ends_s', 'thought to be over by then', TIME),
    _key('answer_by', 'answer_by_s', 'the owner may answer until', TIME),
    _key('effect', 'effect', 'what happens to the server', Effect),
    _key('host', 'host', 'what becomes of its host', HostFate),
    _key('word', 'word', "the owner's word, or the default", STANDING_WORDS),
)
"""Every key of a notice. A key that is absent is not known, or not asked.

Watcher alone is meant to write them, but owners can: an ID counts only if it
is that of the audit which reads it.
"""


GO = 'go'
"""The word for: this maintenance may begin with this server now."""

OWNER_WORDS = tuple(sorted((*STANDING_WORDS, GO)))
"""Each may follow :data:`PREFIX` in a tag, which Watcher reads.

Owners write the tags. Watcher removes that of :data:`GO` after use.
"""

DEFAULT_SPEC = f'{PREFIX}default'
"""Extra spec of a flavor: the standing word of owners who say none."""

MAX_TAG = 60
"""Length of Nova's longest tag, in characters."""


def standing_word(words: Iterable[str]) -> str:
    """Return the word that counts of several; '' if none is a standing one."""
    words = frozenset(words)
    return next((word for word in STANDING_WORDS if word in words), '')


def words_of_tags(
    tags: Iterable[Any], foreign: Mapping[str, str]
) -> tuple[str, ...]:
    """Return what the tags of a server say, each of ``OWNER_WORDS``, sorted.

    :param foreign: tag of another product -> word that it stands for
    """
    tags = {tag for tag in tags if isinstance(tag, str)}
    own = {word for word in OWNER_WORDS if f'{PREFIX}{word}' in tags}
    return tuple(sorted(own | {foreign[t] for t in tags & foreign.keys()}))


def go_tags(foreign: Mapping[str, str]) -> tuple[str, ...]:
    """Return the tags that say go, sorted.

    :param foreign: see :func:`words_of_tags`
    """
    others = (tag for tag, word in foreign.items() if word == GO)
    return tuple(sorted({f'{PREFIX}{GO}', *others}))


def parse_foreign_tag(pair: str) -> tuple[str, str]:
    """Split ``TAG=WORD``; the tag may itself contain ``=``.

    :raises ValueError: it is no such pair, Nova takes no such tag, or the
        word is none that an owner may say
    """
    tag, word = _parse_pair(pair, OWNER_WORDS)
    if len(tag) > MAX_TAG or not set(',/').isdisjoint(tag):
        raise ValueError(
            f'{tag!r} is no tag of Nova: at most {MAX_TAG} characters, '
            'no comma and no slash'
        )
    if tag.startswith(PREFIX):
        raise ValueError(f'{tag!r} begins with {PREFIX!r}')
    return tag, word


def parse_default(pair: str) -> tuple[str, str]:
    """Split ``PROJECT_ID=WORD``, the word being a standing one.

    :raises ValueError: it is no such pair
    """
    return _parse_pair(pair, STANDING_WORDS)


def _parse_pair(pair: str, words: Collection[str]) -> tuple[str, str]:
    name, _, word = pair.rpartition('=')
    if not name or word not in words:
        raise ValueError(
            f'{pair!r} does not end with "=" and one of {", ".join(words)}'
        )
    return name, word


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What the owner of a server is told of its maintenance.

    Times are in seconds since 1970-01-01 00:00 UTC. Of a notice that was
    read, whatever has an invalid value is as if it was absent.

    :ivar maintenance_id: UUID of the audit that announces it; '' is none
    :ivar state: how far it is; None is unknown
    :ivar starts_s: nothing happens before; None is at any time
    :ivar ends_s: when it is thought to be over; None is unknown
    :ivar answer_by_s: until when its owner may answer; None is not asked
    :ivar effect: what happens to the server; None is unknown
    :ivar host: what becomes of its host; None is unknown
    :ivar word: the standing word that was read of its owner, or else the
        default of its flavor or project; '' is none
    """

    maintenance_id: str = short('')
    state: State | None = short(None)
    starts_s: int | None = short(None)
    ends_s: int | None = short(None)
    answer_by_s: int | None = short(None)
    effect: Effect | None = short(None)
    host: HostFate | None = short(None)
    word: str = short('')

    def __post_init__(self) -> None:
        if self.maintenance_id and not UUID_FORM.fullmatch(
            self.maintenance_id
        ):
            raise InvalidDocument('maintenance_id', 'is not a UUID')
        if self.word and self.word not in STANDING_WORDS:
            raise InvalidDocument('word', f'{self.word!r} is no standing word')
        for field in ('starts_s', 'ends_s', 'answer_by_s'):
            seconds = getattr(self, field)
            if seconds is not None and not 0 <= seconds <= MAX_TIME_S:
                raise InvalidDocument(field, f'must be 0 to {MAX_TIME_S}')

    def to_metadata(self) -> dict[str, str]:
        """Return the metadata of the server that says this."""
        return {
            key.name: _write(value)
            for key in KEYS
            if (value := getattr(self, key.field)) not in ('', None)
        }

    @classmethod
    def from_metadata(cls, metadata: Mapping[Any, Any]) -> 'Notice':
        """Read what is valid of the metadata of a server, and raise nothing.

        :param metadata: all of it; other keys are ignored
        """
        fields = {
            key.field: _READERS[key.field](metadata.get(key.name))
            for key in KEYS
        }
        return cls(**fields)

    def difference(
        self, metadata: Mapping[str, str]
    ) -> tuple[dict[str, str], tuple[str, ...]]:
        """Return what to write to, and to delete from, this metadata.

        :param metadata: all metadata that the server has
        :returns: key -> value, and keys; both are empty if it says just this
        """
        wanted = self.to_metadata()
        return (
            {k: v for k, v in wanted.items() if metadata.get(k) != v},
            tuple(
                key.name
                for key in KEYS
                if key.name in metadata and key.name not in wanted
            ),
        )


def called_off(notice: Notice) -> Notice:
    """Return the notice that calls one off.

    It has an effect if that has begun, and may go on to its end.
    """
    has_begun = notice.state is State.MOVING
    effect = notice.effect if has_begun else Effect.NONE
    return dataclasses.replace(notice, state=State.CANCELLED, effect=effect)


def _write(value: Any) -> str:
    return format_time(value) if isinstance(value, int) else str(value)


def _read_uuid(text: Any) -> str:
    is_uuid = isinstance(text, str) and UUID_FORM.fullmatch(text)
    return text if is_uuid else ''


def _reader(values: Iterable[str], absent: str | None = None) -> Any:
    known = {str(value): value for value in values}
    return lambda text: known.get(
        text if isinstance(text, str) else '', absent
    )


_READERS: Mapping[str, Any] = {
    'maintenance_id': _read_uuid,
    'state': _reader(State),
    'starts_s': parse_time,
    'ends_s': parse_time,
    'answer_by_s': parse_time,
    'effect': _reader(Effect),
    'host': _reader(HostFate),
    'word': _reader(STANDING_WORDS, ''),
}
"""Field of a notice -> what reads its value."""
