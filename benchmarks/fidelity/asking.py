# SPDX-License-Identifier: Apache-2.0

"""Ask Nova for one move, find its final word, and leave no trace."""

from collections.abc import Callable
from typing import Any

from novaclient import exceptions as nova_exceptions

from benchmarks.fidelity import steps
from minicloud import cloud
from minicloud import migrations
from minicloud import waiting


_PATIENCE_S = 60


def accepts(lab: cloud.Cloud, server_id: str, host: str) -> bool:
    """Ask Nova to move a server to a host, and undo it if it did.

    One that is not stopped is live migrated: the transfer itself is held up,
    and aborted once everything else was agreed to. A stopped one is cold
    migrated, and that is reverted.

    :raises CloudError: Nova came to no end
    """
    server = lab.nova.servers.get(server_id)
    ask = _cold if server.status == 'SHUTOFF' else _live
    known = {one.id for one in _migrations(lab, server_id)}
    try:
        return ask(
            lab,
            server,
            host,
            lambda: [
                one
                for one in _migrations(lab, server_id)
                if one.id not in known
            ],
        )
    except nova_exceptions.ClientException as exc:
        # Bad request and conflict: the API itself says no.
        if exc.code not in (400, 409):
            raise
        return False
    finally:
        # The scheduler would take it for a server of that host for a while.
        lab.faults.update_resources()


def _migrations(lab: cloud.Cloud, server_id: str) -> list[Any]:
    return list(lab.nova.migrations.list(instance_uuid=server_id))


def _live(
    lab: cloud.Cloud, server: Any, host: str, made: Callable[[], list[Any]]
) -> bool:
    lab.faults.hang(server.id)
    try:
        server.live_migrate(host, 'auto')
        accepted = waiting.until(
            lambda: _word(lab, server.id, made()),
            _PATIENCE_S,
            lambda: f'no word on {server.name} to {host}',
        )
        if accepted == 'running':
            lab.nova.server_migrations.live_migration_abort(
                server.id, made()[0].id
            )
            migrations.recover(lab.nova, server.id, server.status)
            _wait_for_end(lab, server, made)
    finally:
        lab.faults.clear(server.id)
    return accepted == 'running'


def _word(lab: cloud.Cloud, server_id: str, made: list[Any]) -> str:
    """'running', or 'refused', or nothing as yet."""
    if any(one.status == 'running' for one in made):
        return 'running'
    busy = getattr(lab.nova.servers.get(server_id), 'OS-EXT-STS:task_state')
    ended = all(one.status in migrations.ENDED for one in made)
    return 'refused' if ended and not busy else ''


def _cold(
    lab: cloud.Cloud, server: Any, host: str, made: Callable[[], list[Any]]
) -> bool:
    server.migrate(host)
    if steps.rest(lab, server.id).status != 'VERIFY_RESIZE':
        return False
    server.revert_resize()
    _wait_for_end(lab, server, made)
    return True


def _wait_for_end(
    lab: cloud.Cloud, server: Any, made: Callable[[], list[Any]]
) -> None:
    """Wait until a server is what it was."""

    def as_before() -> bool:
        found = steps.rest(lab, server.id)
        return found.status == server.status and all(
            one.status in migrations.ENDED for one in made()
        )

    waiting.until(
        as_before, _PATIENCE_S, lambda: f'{server.name} is not what it was'
    )
