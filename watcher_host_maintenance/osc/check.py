# SPDX-License-Identifier: Apache-2.0

"""``openstack maintenance check``: could these nodes be emptied now."""

import argparse
import pathlib
import tempfile

from collections.abc import Mapping
from typing import Any

from watcher_host_maintenance.client import closings
from watcher_host_maintenance.client import reasons
from watcher_host_maintenance.client.check import Answer
from watcher_host_maintenance.client.check import UnprovedPlan
from watcher_host_maintenance.client.check import check_cloud
from watcher_host_maintenance.client.check import check_return
from watcher_host_maintenance.client.check import check_snapshot
from watcher_host_maintenance.client.check import named
from watcher_host_maintenance.client.errors import ClientError
from watcher_host_maintenance.client.maintenance import nova_errors
from watcher_host_maintenance.core.model import snapshot as snapshots
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.telling import report
from watcher_host_maintenance.osc import options
from watcher_host_maintenance.osc.base import Listing
from watcher_host_maintenance.osc.base import Maintaining
from watcher_host_maintenance.osc.base import Table
from watcher_host_maintenance.osc.base import add_hosts
from watcher_host_maintenance.osc.base import unique
from watcher_host_maintenance.osc.columns import Lines
from watcher_host_maintenance.osc.columns import Told
from watcher_host_maintenance.osc.words import NOTICE
from watcher_host_maintenance.osc.words import in_options
from watcher_host_maintenance.request.config import Options


TOO_MUCH = (MemoryError, OverflowError, RecursionError)
"""What a file raises that is valid, but too large."""

COLUMNS = ('Server', 'From', 'What', 'To', 'Why')


class Check(Listing):
    """Check if compute nodes could be emptied now, without Watcher.

    Plans as an audit does, with the same proof, from Nova and Placement as
    the person who signed in; nothing is changed. Each server has a row with
    where it goes and why there, or each reason why it cannot, and with
    --owners what its owner would be told first. Exit status:
    0 possible, 1 error, 2 impossible, 3 some servers stay although no option
    asks for it.
    """

    example = 'openstack maintenance check compute-1 --on-blocked leave'
    auth_required = False
    """A snapshot needs no cloud."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add what this command takes."""
        add_hosts(parser)
        options.add_parameters(parser)
        options.add_config_file(parser)
        source = parser.add_mutually_exclusive_group()
        source.add_argument(
            '--snapshot',
            metavar='FILE',
            type=options.not_empty,
            help='Plan on a saved snapshot, not on the cloud.',
        )
        source.add_argument(
            '--save-snapshot',
            metavar='FILE',
            type=options.not_empty,
            help='Save what was read, for a bug report. The file has names '
            'of nodes and servers.',
        )

    def take_action(self, parsed_args: argparse.Namespace) -> Table:
        """Plan."""
        given = {
            **named(unique(parsed_args.hosts)),
            **options.parameters_of(parsed_args),
        }
        loaded = options.read_config(parsed_args.config_file)
        if parsed_args.snapshot:
            answer = _on_file(parsed_args.snapshot, given, loaded)
        else:
            self.sign_in()
            answer = self._check(given, loaded, parsed_args.save_snapshot)
        return show(self, answer, parsed_args.config_file, loaded)

    def _check(
        self, given: Mapping[str, Any], loaded: Options, path: str | None
    ) -> Answer:
        """Plan on the cloud, and save what was read if there is a path."""
        try:
            answer = check(self, given, loaded)
        except UnprovedPlan as exc:
            if path:
                _save(exc.snapshot, path)
            raise
        if path:
            _save(answer.snapshot, path)
        return answer


def show(
    command: Maintaining, answer: Answer, path: str | None, loaded: Options
) -> Table:
    """Tell what is possible, set the exit status, and return the rows.

    :param path: of the file that the options come from; None is defaults
    """
    command.tell(*reasons.message(answer))
    if not answer.outcome.failed:
        command.tell(_possible(answer))
    command.tell(*reasons.not_destinations(answer))
    command.tell(
        *report.notes(answer.snapshot, answer.request, answer.outcome)
    )
    command.tell(_source(path, loaded))
    command.result = answer.result
    rows = reasons.rows(answer)
    # What comes first of a server, whose owner may be told twice.
    told = {n.instance_uuid: n.notice for n in answer.outcome.notices[::-1]}
    if not told:
        return COLUMNS, map(_row, rows)
    return (*COLUMNS, NOTICE), (
        (*_row(row), Told(told.get(row.uuid))) for row in rows
    )


def check(
    command: Maintaining, given: Mapping[str, Any], loaded: Options
) -> Answer:
    """Plan on the cloud, as the person who signed in."""
    readers = command.readers(loaded.values)
    with nova_errors():
        return check_cloud(*readers, given, loaded.values)


def check_end(
    command: Maintaining, given: Mapping[str, Any], loaded: Options
) -> Answer:
    """Plan a return, likewise; what the nodes were is read from Watcher."""
    readers = command.readers(loaded.values)
    with nova_errors():
        past = closings.history(command.watcher())
        return check_return(*readers, past, given, loaded.values)


def _on_file(path: str, given: Mapping[str, Any], loaded: Options) -> Answer:
    try:
        text = pathlib.Path(path).read_text(encoding='utf-8')
        snapshot = snapshots.load(text)
    except (OSError, ValueError, *TOO_MUCH) as exc:
        raise _unreadable(path, exc) from exc
    try:
        with nova_errors():
            return check_snapshot(snapshot, given, loaded.values)
    except TOO_MUCH as exc:
        raise _unreadable(path, exc) from exc


def _unreadable(path: str, error: BaseException) -> ClientError:
    problem = str(error) or type(error).__name__
    return ClientError(f'Cannot read the snapshot {path}: {problem}')


def _save(snapshot: Snapshot, path: str) -> None:
    try:
        _write_private(pathlib.Path(path), snapshots.dump(snapshot).encode())
    except OSError as exc:
        raise ClientError(f'Cannot save the snapshot: {exc}') from exc


def _write_private(path: pathlib.Path, content: bytes) -> None:
    """Write a file that only its owner reads, whole or not at all.

    A symbolic link in its place is replaced, not followed.

    :raises OSError: it cannot be written, or the path is a directory, a
        device, a socket or a pipe
    """
    if path.exists() and not (path.is_file() or path.is_symlink()):
        raise OSError(f'{path} is no regular file')
    # With O_EXCL, O_NOFOLLOW and mode 0600.
    handle, temporary = tempfile.mkstemp(prefix=path.name, dir=path.parent)
    try:
        with open(handle, 'wb') as file:
            file.write(content)
        pathlib.Path(temporary).replace(path)
    except BaseException:
        pathlib.Path(temporary).unlink(missing_ok=True)
        raise


def _possible(answer: Answer) -> str:
    moves = len(answer.outcome.moves)
    hosts = ', '.join(n.hostname for n in answer.outcome.nodes)
    partly = 'Partly possible' if answer.result else 'Possible'
    return f'{partly} now: {hosts}. Servers to move: {moves}.'


def _source(path: str | None, loaded: Options) -> str:
    if path is None:
        return 'Options of the plugin: defaults.'
    given = ', '.join(loaded.given) or 'none'
    return f'Options of the plugin: set in {path}: {given}; others: defaults.'


def _row(row: reasons.Row) -> tuple[Any, ...]:
    why = Lines(map(in_options, row.why))
    return row.server, row.host, row.what, row.destination, why
