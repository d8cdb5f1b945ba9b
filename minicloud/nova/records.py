# SPDX-License-Identifier: Apache-2.0


"""What Nova has written down of servers and their migrations."""

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


def set_migration(migration: int, fields: Mapping[str, Any]) -> None:
    """Write into the record of a migration.

    :param migration: its number
    :param fields: 'status', 'updated_at'... -> value
    """
    record = objects.Migration.get_by_id(
        context.get_admin_context(), migration
    )
    for name, value in fields.items():
        setattr(record, name, value)
    record.save()
