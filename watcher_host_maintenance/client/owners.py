# SPDX-License-Identifier: Apache-2.0

"""What the owner of servers sees of maintenances, answers and moves.

Only Nova is asked, with the rights of the owner's own project.
"""

import dataclasses
import time

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence

from watcher_host_maintenance.client.errors import NotFound
from watcher_host_maintenance.client.maintenance import nova_errors
from watcher_host_maintenance.cloud import parallel
from watcher_host_maintenance.cloud.errors import CALL_REFUSED
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.records import OwnServer
from watcher_host_maintenance.core.model.notice import ENDED
from watcher_host_maintenance.core.model.notice import GO
from watcher_host_maintenance.core.model.notice import OWNER_WORDS
from watcher_host_maintenance.core.model.notice import PREFIX
from watcher_host_maintenance.core.model.notice import STANDING_WORDS
from watcher_host_maintenance.core.model.notice import UUID_FORM
from watcher_host_maintenance.core.model.notice import Effect
from watcher_host_maintenance.core.model.notice import HostFate
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.core.model.notice import standing_word
from watcher_host_maintenance.core.model.notice import words_of_tags


AWAITED = frozenset({None, State.ANNOUNCED})
"""States in which the maintenance of a server has not begun."""

OVER = ENDED | {State.CANCELLED}

STAYING = frozenset({'keep', 'stay', 'stop', 'stop-and-start'})
"""Words of servers that stay on their host, if that returns."""

UNREADY = frozenset({'keep', 'stay'})
"""Words that take back ``go``."""

MAY_BE_LATE = (
    'Its move may be planned already: then this answer comes too late for '
    'this maintenance.'
)

NOT_ASKED = (
    'Its maintenance waits for no answer, so that "go" has no effect. The '
    'other words count.'
)

NO_SERVER = 'There is no such server in this project.'

TO_CONFIRM = (
    'It moves cold. Confirm the migration when its status is VERIFY_RESIZE.'
)

MOVABLE = frozenset({'ACTIVE', 'PAUSED', 'SHUTOFF'})
"""Statuses of servers that Nova migrates."""


@dataclasses.dataclass(frozen=True, slots=True)
class ToldServer:
    """A server of the project, with what is told and answered of it.

    :ivar notice: what its owner is told; empty is nothing. Its word may be a
        default of the operator, or of a tag of another product
    :ivar words: what its tags say, each of ``OWNER_WORDS``, sorted; owners
        cannot read which tags of other products count
    :ivar status: as Nova shows it, such as ACTIVE
    """

    uuid: str
    name: str
    notice: Notice
    words: tuple[str, ...]
    status: str

    @classmethod
    def of(cls, server: OwnServer) -> 'ToldServer':
        """Read the notice and the words of a server."""
        return cls(
            server.uuid,
            server.name,
            Notice.from_metadata(server.metadata),
            words_of_tags(server.tags, {}),
            server.status,
        )

    @property
    def is_told(self) -> bool:
        """Return True if it has a notice."""
        return self.notice != Notice()

    @property
    def counting_words(self) -> tuple[str, ...]:
        """The standing word that counts, and ``go``."""
        standing = standing_word(self.words)
        go = GO if GO in self.words else ''
        return tuple(filter(None, (standing, go)))

    @property
    def is_awaited(self) -> bool:
        """Return True if its maintenance has not begun."""
        return self.is_told and self.notice.state in AWAITED

    @property
    def waits_for_go(self) -> bool:
        """Return True if its maintenance waits until its owner says go."""
        return (
            self.notice.state is State.ANNOUNCED
            and self.notice.answer_by_s is not None
        )

    def may_be_planned(self, now_s: float) -> bool:
        """Return True if a plan may have been made that moves it.

        Its owner has said go, or has had the time to answer.
        """
        notice = self.notice
        due_s = max(notice.starts_s or 0, notice.answer_by_s or 0)
        return self.is_awaited and (GO in self.words or now_s >= due_s)

    @property
    def moves_live(self) -> bool:
        """Return True if its owner would have Nova migrate it live."""
        cold = self.notice.effect is Effect.COLD or (
            standing_word(self.words) == 'cold'
        )
        return self.status == 'PAUSED' or (
            self.status == 'ACTIVE' and not cold
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Answered:
    """What became of an answer for one server, or of its move.

    :ivar name: of the server; as it was given, where there is no server
    :ivar uuid: '' if there is no server
    :ivar words: those that count now
    :ivar error: why nothing was done; '' is done
    :ivar remarks: what else its owner has to know
    """

    name: str
    uuid: str = ''
    words: tuple[str, ...] = ()
    error: str = ''
    remarks: tuple[str, ...] = ()


class Owners:
    """The servers of one project, with the rights of that project.

    Its methods raise :class:`.errors.ClientError`.
    """

    def __init__(self, nova: Nova) -> None:
        self._nova = nova

    def servers(self) -> list[ToldServer]:
        """Return the servers of the project, the earliest start first."""
        with nova_errors():
            listed = self._nova.own_servers()
        servers = [ToldServer.of(server) for server in listed]
        return sorted(servers, key=_by_start)

    def server(self, uuid: str) -> ToldServer:
        """Return one server.

        :raises NotFound: there is none in the project
        """
        server = None
        if UUID_FORM.fullmatch(uuid):
            with nova_errors():
                server = self._nova.own_server(uuid)
        if server is None:
            raise NotFound(NO_SERVER)
        return ToldServer.of(server)

    def answer(self, names: Sequence[str], word: str) -> list[Answered]:
        """Give one answer for some servers, each for itself.

        :param names: names or UUIDs of servers
        :param word: one of ``OWNER_WORDS``
        :returns: what became of each, in the order given
        """
        return self._each(names, lambda server: self._give(server, word))

    def move(self, names: Sequence[str]) -> list[Answered]:
        """Have Nova migrate some servers to hosts that it chooses.

        Nova allows this to the role manager.

        :param names: names or UUIDs of servers
        :returns: what became of each, in the order given
        """
        return self._each(names, self._move)

    def _each(
        self, names: Sequence[str], act: Callable[[ToldServer], Answered]
    ) -> list[Answered]:
        """Do something for each of some servers that is there just once."""
        chosen = self._find(names)

        def act_on(name: str) -> Answered:
            servers = chosen[name]
            if len(servers) == 1:
                return act(servers[0])
            uuids = ', '.join(s.uuid for s in servers)
            error = (
                f'{len(servers)} servers have this name; give a UUID: {uuids}'
                if servers
                else _unknown(name)
            )
            return Answered(name, error=error)

        return parallel.each(act_on, chosen)

    def _find(self, names: Iterable[str]) -> dict[str, list[ToldServer]]:
        """Return name or UUID -> the servers that have it.

        A UUID is that of one server, though another may be named like it.
        """
        with nova_errors():
            listed = self._nova.own_servers()
        servers = [ToldServer.of(server) for server in listed]
        found: dict[str, list[ToldServer]] = {}
        for server in servers:
            found.setdefault(server.name, []).append(server)
        found |= {server.uuid: [server] for server in servers}
        return {name: found.get(name, []) for name in names}

    def _give(self, server: ToldServer, word: str) -> Answered:
        """Set the tag of a word, and delete those that it replaces."""
        refusal = _refusal(server, word)
        if refusal:
            return Answered(
                server.name, server.uuid, server.counting_words, refusal
            )
        words = set(server.words)
        error = ''
        remarks: tuple[str, ...] = ()
        try:
            # The new word first: of two, the more careful one counts.
            if word not in words:
                self._nova.add_tag(server.uuid, f'{PREFIX}{word}')
                words.add(word)
            for replaced in sorted(_replaced_by(word) & words):
                self._nova.delete_tag(server.uuid, f'{PREFIX}{replaced}')
                words.remove(replaced)
        except NotPlanned as exc:
            error = _error(exc, 'member')
        else:
            remarks = tuple(_remarks(server, word))
        now = dataclasses.replace(server, words=tuple(sorted(words)))
        return Answered(
            server.name, server.uuid, now.counting_words, error, remarks
        )

    def _move(self, server: ToldServer) -> Answered:
        """Ask Nova for a migration, live if the server runs."""
        error = _move_refusal(server)
        remarks: tuple[str, ...] = ()
        if not error:
            try:
                self._nova.migrate(server.uuid, server.moves_live)
            except NotPlanned as exc:
                error = _error(exc, 'manager')
            else:
                remarks = () if server.moves_live else (TO_CONFIRM,)
        return Answered(
            server.name, server.uuid, server.counting_words, error, remarks
        )


def _by_start(server: ToldServer) -> tuple[bool, int, str, str]:
    starts_s = server.notice.starts_s
    return starts_s is None, starts_s or 0, server.name, server.uuid


def _unknown(name: str) -> str:
    """Return why nothing is done for a name that no server has."""
    if name in OWNER_WORDS:
        return f'{NO_SERVER} To give two words, answer twice.'
    return NO_SERVER


def _replaced_by(word: str) -> frozenset[str]:
    """Return the words that another takes back."""
    if word == GO:
        return frozenset()
    go = {GO} if word in UNREADY else set()
    return frozenset(STANDING_WORDS) - {word} | go


def _refusal(server: ToldServer, word: str) -> str:
    """Return why a word makes no sense for a server; '' if it does."""
    if word != GO or server.waits_for_go:
        return ''
    if server.notice.state is State.ANNOUNCED:
        return NOT_ASKED
    return _not_waiting(server)


def _move_refusal(server: ToldServer) -> str:
    """Return why a server cannot be moved by its owner; '' if it can."""
    if server.notice.state is State.MOVING:
        return 'Its maintenance is moving it already.'
    if server.status not in MOVABLE:
        return f'Nova does not migrate a server that is {server.status}.'
    return _not_waiting(server)


def _not_waiting(server: ToldServer) -> str:
    """Return why no maintenance waits for a server; '' if one may."""
    if not server.is_told:
        return 'It has no notice: no maintenance waits for it.'
    if server.notice.state in OVER:
        return f'Its maintenance is over: {server.notice.state}.'
    return ''


def _remarks(server: ToldServer, word: str) -> Iterator[str]:
    notice = server.notice
    if not server.is_told:
        yield 'It has no notice. The answer counts in later maintenances.'
    elif notice.state not in AWAITED:
        stage = _not_waiting(server) or 'Its maintenance has begun.'
        later = '' if word == GO else ' The answer counts in later ones.'
        yield f'{stage}{later}'
    elif notice.host is HostFate.REMOVED and word in STAYING:
        yield 'Its host is removed for good: it is moved all the same.'
    elif word != GO and server.may_be_planned(time.time()):
        yield MAY_BE_LATE
    elif _gives_way(server, word):
        yield (
            f'So far "{notice.word}" counts, by a default or a tag of another '
            'product. This answer replaces a default, but no more careful tag.'
        )


def _gives_way(server: ToldServer, word: str) -> bool:
    """Return True if a word that is none of the tags here may still count."""
    other = server.notice.word
    return (
        word != GO
        and other != word
        and other not in ('', *server.words)
        and standing_word((other, word)) == other
    )


def _error(error: NotPlanned, role: str) -> str:
    """Return what Nova says, and the role that its refusal asks for."""
    finding = error.finding
    text = f'Nova: {finding.facts.get("error", finding.reason.value)}'
    if finding.reason is CALL_REFUSED:
        return f"{text}. This needs the role {role} in the server's project."
    return text
