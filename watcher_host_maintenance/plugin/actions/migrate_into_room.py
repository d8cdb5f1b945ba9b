# SPDX-License-Identifier: Apache-2.0

"""Migrate a server into room that the move of another server makes."""

from typing import Any

from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.plugin.actions import base
from watcher_host_maintenance.plugin.actions import outcomes
from watcher_host_maintenance.plugin.actions import room
from watcher_host_maintenance.plugin.actions.window import BEGIN_BY
from watcher_host_maintenance.plugin.actions.window import STOPS_FIRST
from watcher_host_maintenance.plugin.actions.window import MigrateInWindow
from watcher_host_maintenance.plugin.watcher import connections


class MigrateIntoRoom(MigrateInWindow):
    """Do as Watcher's own ``migrate``, but only if there is room by then."""

    DESCRIPTION = (
        'Migrates a server after others have made room for it. Is skipped '
        'if they have not.'
    )

    @property
    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of the input parameters."""
        schema = base.strict(
            resource_id=base.UUID,
            resource_name=base.NAME,
            migration_type={'enum': ['live', 'cold']},
            source_node=base.NAME,
            destination_node=base.NAME,
            **room.PARAMETERS,
        )
        schema['properties']['begin_by'] = BEGIN_BY
        schema['properties']['stops_first'] = STOPS_FIRST
        return schema

    def pre_condition(self) -> None:
        """Look at the server as Watcher does, then for the room.

        :raises watcher.common.exception.ActionSkipped: it has left, or the
            room has not been made
        :raises watcher_host_maintenance.plugin.errors.ActionFailed: Nova or
            Placement did not answer
        """
        super().pre_condition()
        try:
            room.demand(
                connections.connect_nova(),
                connections.connect_placement(self.osc),
                self.input_parameters,
            )
        except NotPlanned as exc:
            raise outcomes.failure(exc.finding) from exc
