# SPDX-License-Identifier: Apache-2.0

"""One move, asked of Nova itself, and how it ended."""

import contextlib

from typing import Any

from novaclient import exceptions

from minicloud import cloud
from minicloud import migrations
from minicloud import waiting


def succeeds(lab: cloud.Cloud, uuid: str, kind: str, host: str) -> bool:
    """Ask Nova to move a server to a host, and tell whether it did.

    Nova often accepts a move that it then gives up: the end counts. A cold
    migration is confirmed.

    :param kind: 'live' or 'cold'
    """
    server = lab.nova.servers.get(uuid)
    before = {m.id for m in lab.nova.migrations.list(instance_uuid=uuid)}
    errors = len(_errors(lab, uuid))
    try:
        if kind == 'live':
            server.live_migrate(host=host, block_migration='auto')
        else:
            server.migrate(host=host)
    except exceptions.ClientException as exc:
        if exc.code not in (400, 409):
            raise
        return False

    def ended() -> bool:
        current = lab.nova.servers.get(uuid)
        if current.status == 'VERIFY_RESIZE':
            # What was asked before may have ended since the look.
            with contextlib.suppress(
                exceptions.Conflict, exceptions.BadRequest
            ):
                current.confirm_resize()
            return False
        if getattr(current, 'OS-EXT-STS:task_state'):
            return False
        new = [
            m
            for m in lab.nova.migrations.list(instance_uuid=uuid)
            if m.id not in before
        ]
        return all(m.status in migrations.ENDED for m in new) and bool(
            new or len(_errors(lab, uuid)) > errors
        )

    waiting.until(ended, 60, lambda: f'{uuid} is on its way to {host}')
    return getattr(lab.nova.servers.get(uuid), 'OS-EXT-SRV-ATTR:host') == host


def _errors(lab: cloud.Cloud, uuid: str) -> list[Any]:
    """The actions on a server that ended in an error."""
    return [
        a for a in lab.nova.instance_action.list(uuid) if a.message == 'Error'
    ]
