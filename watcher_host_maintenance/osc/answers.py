# SPDX-License-Identifier: Apache-2.0

"""``openstack maintenance answers`` and ``cancel``: of announced ones."""

import argparse
import sys
import time

from collections import Counter
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

from watcher_host_maintenance.client.announcements import SEEN_S
from watcher_host_maintenance.client.announcements import Announcements
from watcher_host_maintenance.client.announcements import CalledOff
from watcher_host_maintenance.client.announcements import Told
from watcher_host_maintenance.client.announcements import foreign_tags
from watcher_host_maintenance.client.errors import ClientError
from watcher_host_maintenance.client.maintenance import Maintenance
from watcher_host_maintenance.client.records import Audit
from watcher_host_maintenance.client.results import Result
from watcher_host_maintenance.client.waiting import TimedOut
from watcher_host_maintenance.osc.asking import is_declined
from watcher_host_maintenance.osc.base import Listing
from watcher_host_maintenance.osc.base import Table
from watcher_host_maintenance.osc.base import add_hosts
from watcher_host_maintenance.osc.base import add_timeout
from watcher_host_maintenance.osc.following import Unfinished
from watcher_host_maintenance.osc.following import follow
from watcher_host_maintenance.osc.following import interruptible
from watcher_host_maintenance.osc.options import add_config_file
from watcher_host_maintenance.osc.options import read_config
from watcher_host_maintenance.osc.streams import is_terminal


TOLD = (
    'ID', 'Server', 'Project', 'Host', 'Told', 'Effect', 'Word', 'Counts',
    'Message',
)  # fmt: skip

CALLED_OFF = ('ID', 'Server', 'Project', 'Message')


class Answers(Listing):
    """Show who was told of the maintenance of a compute node, and answered.

    These are the servers on the node, and those that its audit has moved. The
    word is what the owner has answered; "Counts" has the word that was read at
    the last run, which may be an operator's default. The message says why an
    owner was not told.
    """

    example = 'openstack maintenance answers compute-1'

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add what this command takes."""
        add_hosts(parser, several=False)
        add_config_file(parser)

    def take_action(self, parsed_args: argparse.Namespace) -> Table:
        """Read notices, tags and actions."""
        host = parsed_args.host
        foreign = _foreign_tags(parsed_args)
        announcements = Announcements(
            self.maintenance(parsed_args.config_file)
        )
        audit = announcements.newest(host)
        servers = announcements.told(host, audit, foreign)
        self.tell(*_summary(audit, servers))
        return TOLD, map(_row, servers)


class Cancel(Listing):
    """Call off the announced maintenance of a compute node.

    Its audit ends, and its plan, if one is carried out, is cancelled; moves
    under way continue to their end. Each owner that was told, and whose server
    is not done, sees the state "cancelled" for 30 seconds, in which servers
    see it too, and Watcher sends notifications; then the notices are deleted,
    and the answers "go". Servers that have moved stay where they are. The
    output has the servers whose owners were told. If the audit covers other
    nodes too, it names them and asks; without a terminal it needs --yes. Exit
    status: 0 done, 1 error, 3 some notices are still there, 4 timeout.
    """

    example = 'openstack maintenance cancel compute-1'

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add what this command takes."""
        add_hosts(parser, several=False)
        parser.add_argument(
            '--now',
            action='store_true',
            help='Delete the notices as soon as notifications are sent, '
            'without waiting 30 s more: servers may not see why.',
        )
        parser.add_argument(
            '--yes',
            action='store_true',
            help='Also call off the other nodes of the same audit, without '
            'asking.',
        )
        add_timeout(parser)
        add_config_file(parser)

    def take_action(self, parsed_args: argparse.Namespace) -> Table:
        """End the audit and its plans, tell, wait, and delete."""
        host, foreign = parsed_args.host, _foreign_tags(parsed_args)
        maintenance = self.maintenance(parsed_args.config_file)
        announcements = Announcements(maintenance)
        audits = announcements.to_end(host)
        others = announcements.others(host, audits)
        if others and self._keeps(parsed_args, others):
            self.result = Result.ERROR
            return CALLED_OFF, ()
        announcements.end(audits)
        try:
            self._end_plans(maintenance, announcements, audits, parsed_args)
            called_off = self._call_off(announcements, audits, parsed_args)
            if called_off and not parsed_args.now:
                self.tell(f'Waiting {SEEN_S} s, so that servers see it.')
                with interruptible():
                    time.sleep(SEEN_S)
            # A run that had begun may have made another plan.
            self._end_plans(maintenance, announcements, audits, parsed_args)
            refused = [server for server in called_off if server.error]
            self._call_off(announcements, audits, parsed_args, refused)
        except Unfinished as exc:
            self.tell(
                'The audit has ended, but notices are still there: type the '
                'command again.'
            )
            self.result = exc.result
            return CALLED_OFF, ()
        cleared = announcements.clear(announcements.carriers(audits), foreign)
        if any(c.error for c in cleared):
            self.result = Result.PARTLY
        self.tell(*_what_stays(maintenance, host, others))
        return CALLED_OFF, map(_called_off_row, cleared)

    def _keeps(
        self, parsed_args: argparse.Namespace, others: Sequence[str]
    ) -> bool:
        """Return True if the person wants other nodes not to be called off.

        :raises ClientError: nobody is there to be asked
        """
        covered = f'The same audit covers {", ".join(others)}.'
        if not parsed_args.yes and not is_terminal(sys.stdin):
            again = f'openstack maintenance cancel {parsed_args.host} --yes'
            raise ClientError(covered, f'To call off all of them: {again}')
        declined = is_declined(
            self, parsed_args, 'Call off all of them?', covered
        )
        if declined:
            self.tell('Nothing was changed.')
        return declined

    def _call_off(
        self,
        announcements: Announcements,
        audits: Sequence[Audit],
        parsed_args: argparse.Namespace,
        but: Sequence[CalledOff] = (),
    ) -> Sequence[CalledOff]:
        """Tell owners, and have Watcher tell their programs.

        :param but: whose owners cannot be told
        :returns: whose owners had to be told
        :raises Unfinished: Watcher is not ready with it
        """
        uuids = {server.uuid for server in but}
        called_off = announcements.call_off(audits, uuids)
        if not called_off:
            return ()
        self.tell('Owners are told; Watcher sends notifications.')
        waiting = self.waiting(parsed_args.timeout)
        with interruptible():
            try:
                audit = announcements.notify(called_off)
                problem = announcements.notified(audit, waiting)
            except TimedOut:
                raise
            except ClientError as exc:
                problem = str(exc)
        if problem:
            self.tell(f'Not all notifications were sent: {problem}')
        return called_off

    def _end_plans(
        self,
        maintenance: Maintenance,
        announcements: Announcements,
        audits: Sequence[Audit],
        parsed_args: argparse.Namespace,
    ) -> None:
        """Cancel the plans of audits, and wait until they have ended.

        :raises Unfinished: one goes on
        """
        for plan in announcements.cancel_plans(audits):
            self.tell(f'Action plan {plan.uuid} is {plan.state}.')
            waiting = self.waiting(parsed_args.timeout)
            follow(maintenance, plan.uuid, waiting)


def _foreign_tags(parsed_args: argparse.Namespace) -> dict[str, str]:
    """Return tag of another product -> word that it stands for.

    :raises ClientError: the file cannot be read, or has a bad value
    """
    return foreign_tags(read_config(parsed_args.config_file).values)


def _summary(audit: Audit, servers: Sequence[Told]) -> Iterator[str]:
    states = Counter(str(s.notice.state) for s in servers if s.notice.state)
    told = ', '.join(f'{n} {state}' for state, n in sorted(states.items()))
    yield f'Audit {audit.uuid} is {audit.state}.'
    answered = sum(bool(s.words) for s in servers)
    yield (
        f'Servers: {len(servers)}; told: {told or "none"}; with an answer: '
        f'{answered}.'
    )
    untold = sum(not s.notice.state for s in servers)
    if untold:
        yield f'Without a notice: {untold}; see their messages.'


def _what_stays(
    maintenance: Maintenance, host: str, others: Sequence[str]
) -> Iterator[str]:
    yield f'The maintenance of {host} is called off.'
    if others:
        hosts = ', '.join(others)
        yield f'The same audit covered {hosts}; that is called off too.'
    if maintenance.node(host).service.status == 'disabled':
        yield (
            f'{host} stays disabled. To return it to service: '
            f'openstack maintenance end {host}'
        )


def _row(told: Told) -> tuple[Any, ...]:
    return (
        told.uuid,
        told.name,
        told.project_id,
        told.host,
        told.notice.state or '',
        told.notice.effect or '',
        ', '.join(told.words),
        told.notice.word,
        told.message,
    )


def _called_off_row(called_off: CalledOff) -> tuple[str, ...]:
    return (
        called_off.uuid,
        called_off.name,
        called_off.project_id,
        called_off.error,
    )
