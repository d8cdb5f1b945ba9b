# SPDX-License-Identifier: Apache-2.0

"""Write the notice of a server so that it is there in the end.

Nova keeps the metadata of a server in one piece, so that of several writers
at once only one may be heard though all are answered 200.
"""

import dataclasses
import random
import time

from watcher_host_maintenance.cloud.errors import CALL_FAILED
from watcher_host_maintenance.cloud.errors import NOVA
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core.model.notice import Effect
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.core.model.nova import VmState


TRIES = 8
"""How often a notice is written that others overwrite."""

LOOKS = 5
"""How often in a row a notice has to be there while others write.

Whoever read the metadata before it was written may still undo it.
"""

PAUSE_S = 0.5
"""Seconds at most between two looks: the others are to come to their end."""

NOTHING = Notice()
"""The notice of a server without one."""


def is_under_way(server: Server) -> bool:
    """Return True if Nova still does to a server what has begun."""
    return bool(server.task_state) or server.vm_state == VmState.RESIZED


def settled(notice: Notice, server: Server, source: str) -> Notice:
    """Return what is true of a server whose maintenance was called off.

    A plan that is cancelled lets what has begun come to its end, and tells
    nobody of it. Its owner may have moved it, too.

    :param notice: see :func:`.notice.called_off`
    :param source: the host that the server was to leave; '' is unknown
    """
    stops = notice.effect is Effect.STOP
    moves = notice.effect in (Effect.LIVE, Effect.COLD)
    if stops and server.vm_state == VmState.STOPPED:
        return dataclasses.replace(notice, state=State.LEFT)
    if source and server.host not in (source, ''):
        effect = notice.effect if moves else Effect.NONE
        return dataclasses.replace(notice, state=State.DONE, effect=effect)
    return dataclasses.replace(notice, effect=Effect.NONE)


def write(nova: Nova, uuid: str, notice: Notice) -> bool:
    """Make the metadata of a server say a notice, and read it back.

    Keys of a notice that this one lacks are deleted, others stay. While
    others write to it too, it is read back several times.

    :param notice: :data:`NOTHING` deletes the one that there is
    :returns: False if there is no such server any more
    :raises .errors.NotPlanned: Nova refuses, or others overwrite it again
        and again
    """
    written = looks = 0
    expected: dict[str, str] = {}
    while (metadata := nova.metadata(uuid)) is not None:
        values, keys = notice.difference(metadata)
        is_there = not values and not keys
        looks = looks + 1 if is_there else 0
        is_alone = metadata == expected
        if is_there and (not written or is_alone or looks == LOOKS):
            return True
        if written == TRIES and not is_there:
            raise NotPlanned(
                CALL_FAILED.about(
                    service=NOVA,
                    call=f'POST /servers/{uuid}/metadata',
                    error=f'written {TRIES} times, and overwritten each time',
                )
            )
        if written:
            time.sleep(random.uniform(PAUSE_S / 2, PAUSE_S))  # noqa: S311
        if values:
            nova.set_metadata(uuid, values)
        for key in keys:
            nova.delete_metadata(uuid, key)
        expected = {k: v for k, v in metadata.items() if k not in keys}
        expected |= values
        written += not is_there
    return False
