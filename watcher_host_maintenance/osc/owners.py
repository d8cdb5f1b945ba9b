# SPDX-License-Identifier: Apache-2.0

"""``openstack maintenance mine`` and ``answer``: for owners of servers."""

import argparse

from typing import Any

from watcher_host_maintenance.client.maintenance import nova_errors
from watcher_host_maintenance.client.owners import Answered
from watcher_host_maintenance.client.owners import Owners
from watcher_host_maintenance.client.owners import ToldServer
from watcher_host_maintenance.client.results import Result
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.core.model.notice import GO
from watcher_host_maintenance.core.model.notice import STANDING_WORDS
from watcher_host_maintenance.osc.base import Listing
from watcher_host_maintenance.osc.base import Table
from watcher_host_maintenance.osc.base import unique
from watcher_host_maintenance.osc.options import not_empty
from watcher_host_maintenance.osc.words import notice_cells


MINE = (
    'ID', 'Server', 'State', 'Effect', 'Starts', 'Ends', 'Answer By', 'Host',
    'Word', 'Counts',
)  # fmt: skip

ANSWERS = ('ID', 'Server', 'Word', 'Message')


class OfOwners(Listing):
    """A command that needs the rights of the own project, and only Nova."""

    def owners(self) -> Owners:
        """Return what does the work, as the person who signed in."""
        with nova_errors():
            return Owners(Nova(self.adapter('compute')))


class Mine(OfOwners):
    """List the servers of your project that a maintenance is announced for.

    Times are in UTC. The effect is what will happen to the server; the word is
    what you have answered, if anything. "Counts" has the word that Watcher
    read at its last run: yours, that of another product's tag, or a default of
    the operator. This needs no rights but those of a reader of the project.
    """

    example = 'openstack maintenance mine -f json'

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add what this command takes."""
        parser.add_argument(
            '--all',
            action='store_true',
            help='List every server of the project, including those with an '
            'answer for later maintenances.',
        )

    def take_action(self, parsed_args: argparse.Namespace) -> Table:
        """Read the notices."""
        servers = self.owners().servers()
        if not parsed_args.all:
            servers = [s for s in servers if s.is_told]
            if not servers:
                self.tell('No maintenance of your servers is announced.')
        return MINE, map(_row, servers)


class Answer(OfOwners):
    """Answer what is to become of your servers in a maintenance.

    All words but "go" count in later maintenances too, until another of them
    takes its place; "keep" and "stay" take back "go". A word is a tag of the
    server, "maintenance:keep" for example, which also works on locked servers.
    This needs the role member in the project. Exit status: 0 done, 1 error,
    3 done for some of the servers.
    """

    example = 'openstack maintenance answer web-1 web-2 stop-and-start'

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add what this command takes."""
        parser.add_argument(
            'servers',
            metavar='SERVER',
            type=not_empty,
            nargs='+',
            help='Server, by its name or UUID.',
        )
        parser.add_argument(
            'word',
            metavar='WORD',
            choices=(*STANDING_WORDS, GO),
            help='; '.join(
                f'{word}: {means}' for word, means in STANDING_WORDS.items()
            )
            + f'; {GO}: begin with it now, in this maintenance.',
        )

    def take_action(self, parsed_args: argparse.Namespace) -> Table:
        """Set the tags."""
        answered = self.owners().answer(
            unique(parsed_args.servers), parsed_args.word
        )
        failed = [a for a in answered if a.error]
        if failed:
            all_failed = len(failed) == len(answered)
            self.result = Result.ERROR if all_failed else Result.PARTLY
        return ANSWERS, map(_answer_row, answered)


def _row(server: ToldServer) -> tuple[Any, ...]:
    return (
        server.uuid,
        server.name,
        *notice_cells(server.notice),
        _said(server.counting_words),
        server.notice.word,
    )


def _answer_row(answered: Answered) -> tuple[str, ...]:
    message = ' '.join(filter(None, (answered.error, *answered.remarks)))
    return answered.uuid, answered.name, _said(answered.words), message


def _said(words: tuple[str, ...]) -> str:
    return ', '.join(words)
