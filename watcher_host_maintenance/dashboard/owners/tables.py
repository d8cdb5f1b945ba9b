# SPDX-License-Identifier: Apache-2.0

"""The table of servers that have a notice, with the answers of their owner."""

from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from django import shortcuts
from django.http import HttpRequest
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from horizon import exceptions
from horizon import messages
from horizon import tables

from watcher_host_maintenance.client.errors import ClientError
from watcher_host_maintenance.client.errors import NotFound
from watcher_host_maintenance.client.owners import MOVABLE
from watcher_host_maintenance.client.owners import Answered
from watcher_host_maintenance.client.owners import Owners
from watcher_host_maintenance.client.owners import ToldServer
from watcher_host_maintenance.core.model.notice import GO
from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.core.model.text import visible
from watcher_host_maintenance.dashboard import cloud
from watcher_host_maintenance.dashboard import owner_words as words
from watcher_host_maintenance.dashboard import rights
from watcher_host_maintenance.dashboard.row_tables import NEEDS_ROWS
from watcher_host_maintenance.dashboard.row_tables import Cell
from watcher_host_maintenance.dashboard.row_tables import Filter
from watcher_host_maintenance.dashboard.row_tables import RowAction
from watcher_host_maintenance.dashboard.row_tables import RowTable
from watcher_host_maintenance.dashboard.times import local


class _ServerAction(RowAction):
    """Does something for the chosen servers, and tells what became of it."""

    def act(self, owners: Owners, uuids: Sequence[str]) -> list[Answered]:
        """Do it for each of them.

        :raises ClientError: nothing could be done
        """
        raise NotImplementedError

    def handle(
        self, table: 'ServersTable', request: HttpRequest, uuids: Sequence[str]
    ) -> HttpResponse:
        """Do it, and show the table again."""
        try:
            chosen = self.chosen(table, request, uuids)
            results = self.act(cloud.owners(request), chosen) if chosen else []
        except ClientError as exc:
            messages.error(request, visible(str(exc)))
        else:
            self._tell(request, results)
        return shortcuts.redirect(request.get_full_path())

    def _tell(self, request: HttpRequest, results: Iterable[Answered]) -> None:
        """Show what was done; servers with the same text share a message."""
        names: dict[tuple[Any, str], list[str]] = {}
        for result in results:
            texts = [(messages.warning, text) for text in result.remarks]
            if result.error:
                texts.append((messages.error, result.error))
            else:
                texts.append((messages.success, str(self.verbose_name)))
            for level, text in texts:
                names.setdefault((level, text), []).append(
                    visible(result.name or result.uuid)
                )
        for (level, text), servers in names.items():
            level(request, f'{", ".join(servers)}: {visible(text)}')


class _Answer(_ServerAction):
    """Sets the tag of an answer; its name is the word of the owner."""

    policy_rules = rights.ANSWER

    def fits(self, server: ToldServer) -> bool:  # type: ignore[override]
        """Return True if the answer changes anything."""
        if self.name == GO:
            return server.waits_for_go and GO not in server.words
        return self.name not in server.counting_words

    def act(self, owners: Owners, uuids: Sequence[str]) -> list[Answered]:
        """Answer for each."""
        return owners.answer(uuids, self.name)


def _answering(word: str) -> type[_Answer]:
    """Return the action that answers a word."""
    label, _meaning = words.ANSWERS[word]
    attributes = {
        'name': word,
        'verbose_name': label,
        'verbose_name_plural': label,
        'attrs': NEEDS_ROWS,
    }
    return type(f'Answer_{word}', (_Answer,), attributes)


ANSWERS = tuple(map(_answering, words.ANSWERS))


class MoveNow(_ServerAction):
    """Has Nova move servers, by the rights of the role manager."""

    name = 'move-now'
    verbose_name = _('Move Now')
    verbose_name_plural = _('Move Now')
    help_text = _(
        'Nova moves the server to another host at once. A running server '
        'moves live, unless its notice or your answer says cold. Confirm a '
        'cold move on the page Instances.'
    )
    # Horizon's scripts ask for a confirmation of what is dangerous.
    action_type = 'danger'
    attrs = NEEDS_ROWS
    policy_rules = rights.MOVE_OWN

    @staticmethod
    def fits(server: ToldServer) -> bool:
        """Return True if it waits for its maintenance, and can move."""
        return server.is_awaited and server.status in MOVABLE

    def act(self, owners: Owners, uuids: Sequence[str]) -> list[Answered]:
        """Move each."""
        return owners.move(uuids)


class Row(tables.Row):
    """A row that Horizon's scripts renew while its server moves."""

    ajax = True

    def get_data(self, request: HttpRequest, uuid: str) -> ToldServer:
        """Return the server as it is now."""
        try:
            return cloud.owners(request).server(uuid)
        except NotFound as exc:
            raise exceptions.NotFound(str(exc)) from exc


def get_name(server: ToldServer) -> str:
    """Return the name of a server, or else its UUID."""
    return visible(server.name or server.uuid)


def get_state(server: ToldServer) -> str:
    """Return a key of the names of states."""
    return server.notice.state or words.UNKNOWN


def get_effect(server: ToldServer) -> Any:
    """Return what happens to a server; None is not known."""
    effect = server.notice.effect
    return effect and words.EFFECTS[effect]


def get_host(server: ToldServer) -> Any:
    """Return what becomes of its host; None is not known."""
    host = server.notice.host
    return host and words.HOSTS[host]


def get_word(server: ToldServer) -> Any:
    """Return the word that Watcher has read; None is none."""
    return words.answer(tuple(filter(None, [server.notice.word])))


def server_link(server: ToldServer) -> str:
    """Return the address of Horizon's own page of a server."""
    return str(reverse('horizon:project:instances:detail', args=[server.uuid]))


class ServersTable(RowTable):
    """Servers: what happens to each and when, and what its owner answers.

    :ivar is_read: False if Nova could not be read
    """

    is_read = False

    name = tables.WrappingColumn(
        get_name, verbose_name=_('Server'), link=server_link
    )
    state = tables.Column(
        get_state,
        verbose_name=_('Maintenance'),
        status=True,
        status_choices=[
            (state, None if state == State.MOVING else True)
            for state in words.STATES
        ],
        display_choices=tuple(words.STATES.items()),
    )
    effect = tables.Column(get_effect, verbose_name=_('What Happens'))
    starts = tables.Column(
        lambda server: local(server.notice.starts_s),
        verbose_name=_('Not Before'),
    )
    ends = tables.Column(
        lambda server: local(server.notice.ends_s),
        verbose_name=_('Over By'),
    )
    answer_by = tables.Column(
        lambda server: local(server.notice.answer_by_s),
        verbose_name=_('Answer By'),
    )
    host = tables.Column(get_host, verbose_name=_('Its Host'))
    answer = tables.Column(
        lambda server: words.answer(server.counting_words),
        verbose_name=_('Your Answer'),
    )
    counts = tables.Column(get_word, verbose_name=_('What Counts'))

    def get_object_id(self, server: ToldServer) -> str:
        """Return the UUID of the server."""
        return server.uuid

    def get_object_display(self, server: ToldServer) -> str:
        """Return the name of the server, as text that can be shown."""
        return get_name(server)

    def searched(self, server: ToldServer) -> str:
        """Return name, state and answer."""
        state = words.STATES[get_state(server)]
        answer = words.answer(server.counting_words) or ''
        return f'{get_name(server)} {state} {answer}'

    def get_empty_message(self) -> str:
        """Return what is shown instead of rows."""
        if not self.is_read:
            return str(super().get_empty_message())
        return str(gettext('No maintenance of your servers is announced.'))

    class Meta:
        """What Horizon makes the table of."""

        name = 'notices'
        verbose_name = _('Servers')
        row_class = Row
        cell_class = Cell
        multi_select = True
        status_columns = ('state',)
        table_actions = (Filter, *ANSWERS, MoveNow)
        row_actions = (*ANSWERS, MoveNow)
        row_actions_dropdown_template = 'maintenance/_row_actions.html'
