# SPDX-License-Identifier: Apache-2.0

"""Send by Watcher's notifier what the owner of a server is told.

Programs that act for owners need not poll Nova then.
"""

from typing import Any

from watcher import conf
from watcher.common import context
from watcher.common import rpc
from watcher.notifications.base import NOTIFY_LEVELS

from watcher_host_maintenance.cloud import logs
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core.model.notice import KEYS
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.notice import State


LOG = logs.get_logger(__name__)

CONF = conf.CONF

EVENTS = {
    State.ANNOUNCED: 'maintenance.planned',
    State.MOVING: 'maintenance.moving',
    State.DONE: 'maintenance.done',
    State.LEFT: 'maintenance.done',
    State.CANCELLED: 'maintenance.cancelled',
}
"""State that a notice tells -> event type of the notification."""

VERSION = '1.0'
"""That of the payload: raised when a field changes its meaning."""

LEVEL = 'info'


def send(server: Server, notice: Notice, always: bool = False) -> None:
    """Send what the owner of a server was told, if that is news.

    A notification that cannot be sent is logged only.

    :param server: as it was before its owner was told
    :param always: also if it is no news: a client, which cannot send
        notifications, may have written the notice before
    """
    wanted = CONF.notification_level
    if not wanted or NOTIFY_LEVELS[LEVEL] < NOTIFY_LEVELS[wanted]:
        return
    event = EVENTS.get(notice.state) if notice.state else None
    if event is None or (notice == server.notice and not always):
        return
    try:
        notifier = rpc.get_notifier(f'watcher-applier:{CONF.host}')
        notifier.info(
            context.make_context(),
            event,
            payload(server, notice),
        )
    except Exception as exc:
        LOG.warning('Cannot send a notification: %s', exc)


def payload(server: Server, notice: Notice) -> dict[str, Any]:
    """Return what a notification says; never the name of a host."""
    metadata = notice.to_metadata()
    return {
        'version': VERSION,
        'project_id': server.project_id,
        'server_id': server.uuid,
        **{
            key.field.removesuffix('_s'): metadata.get(key.name)
            for key in KEYS
        },
    }
