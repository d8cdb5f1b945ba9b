# SPDX-License-Identifier: Apache-2.0

"""What Nova says of migrations, and what is done after one that failed."""

from typing import Any

from minicloud import waiting


_PATIENCE_S = 60

#: Statuses of one that Nova will never look at again.
ENDED = frozenset(
    (
        'cancelled',
        'completed',
        'confirmed',
        'done',
        'error',
        'failed',
        'reverted',
    )
)


def recover(nova: Any, server_id: str, status: str = 'ACTIVE') -> None:
    """Do what helps a server whose live migration has failed or was aborted.

    Nova leaves it in ERROR, and its guest as it was.

    :param nova: a novaclient of an administrator
    :param status: of the server before, 'ACTIVE' or 'PAUSED'
    :raises CloudError: it is not in ERROR, or it does not get there
    """
    _wait_for(nova, server_id, 'ERROR')
    nova.servers.reset_state(server_id, 'active')
    if status == 'PAUSED':
        nova.servers.pause(server_id)
    _wait_for(nova, server_id, status)


def _wait_for(nova: Any, server_id: str, status: str) -> None:
    waiting.until(
        lambda: nova.servers.get(server_id).status == status,
        _PATIENCE_S,
        lambda: f'{server_id} does not get to {status}',
    )
