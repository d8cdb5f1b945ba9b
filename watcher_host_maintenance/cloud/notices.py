# SPDX-License-Identifier: Apache-2.0

"""Write the notice of a server so that it is there in the end.

Nova keeps the metadata of a server in one piece, so that of several writers
at once only one may be heard though all are answered 200.
"""

import random
import time

from watcher_host_maintenance.cloud.errors import CALL_FAILED
from watcher_host_maintenance.cloud.errors import NOVA
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.core.model.notice import Notice


TRIES = 8
"""How often a notice is written that others overwrite."""

PAUSE_S = 0.5
"""Seconds at most between two tries: the others are to come to their end."""

NOTHING = Notice()
"""The notice of a server without one."""


def write(nova: Nova, uuid: str, notice: Notice) -> bool:
    """Make the metadata of a server say a notice, and read it back.

    Keys of a notice that this one lacks are deleted, others stay.

    :param notice: :data:`NOTHING` deletes the one that there is
    :returns: False if there is no such server any more
    :raises .errors.NotPlanned: Nova refuses, or others overwrite it again
        and again
    """
    for tries in range(TRIES + 1):
        metadata = nova.metadata(uuid)
        if metadata is None:
            return False
        values, keys = notice.difference(metadata)
        if not values and not keys:
            return True
        if tries == TRIES:
            break
        if tries:
            time.sleep(random.uniform(0, PAUSE_S))  # noqa: S311
        if values:
            nova.set_metadata(uuid, values)
        for key in keys:
            nova.delete_metadata(uuid, key)
    raise NotPlanned(
        CALL_FAILED.about(
            service=NOVA,
            call=f'POST /servers/{uuid}/metadata',
            error=f'written {TRIES} times, and overwritten each time',
        )
    )
