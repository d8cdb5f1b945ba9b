# SPDX-License-Identifier: Apache-2.0


"""What Nova has written down of servers."""

from collections.abc import Mapping
from typing import Any

from nova import context
from nova import objects


def set_server(server: str, fields: Mapping[str, Any]) -> None:
    """Write into the record of a server, past all that Nova checks.

    :param server: its UUID
    :param fields: 'task_state', 'power_state'... -> value
    """
    instance = objects.Instance.get_by_uuid(
        context.get_admin_context(), server
    )
    instance.update(dict(fields))
    instance.save()
