# SPDX-License-Identifier: Apache-2.0

"""Actions that do not begin when they would end after their window.

Watcher's own actions know no time: of a plan whose window has ended they
would begin one after the other.
"""

import time

from typing import Any

from watcher.applier.actions import migration
from watcher.applier.actions import stop
from watcher.applier.actions.change_nova_service_state import (
    ChangeNovaServiceState,
)

from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.core.model.nova import VmState
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.times import TIME_FORM
from watcher_host_maintenance.core.model.times import parse_time
from watcher_host_maintenance.plugin.actions import outcomes
from watcher_host_maintenance.plugin.watcher import connections


BEGIN_BY = {'type': 'string', 'pattern': f'^{TIME_FORM.pattern}$'}
"""JSON schema of the last moment at which an action may begin."""

TOO_LATE = Of.SKIPPED.declare(
    'too_late',
    says=N_('{subject} should have begun by {begin_by} to end in its window'),
    helps=N_('It begins in the next window.'),
)

NOT_STOPPED = Of.SKIPPED.declare(
    'not_stopped',
    says=N_('{subject} is {vm_state}, and was to be stopped before it moves'),
    helps=N_('It moves with a later audit, once it can be stopped.'),
)

STOPS_FIRST = {'type': 'boolean'}
"""JSON schema of whether a server is stopped before it moves."""


def is_too_late(begin_by: str) -> bool:
    """Return True if that moment, in UTC, has passed."""
    return time.time() > (parse_time(begin_by) or 0)


class Windowed:
    """A part of an action class: it is skipped when it is too late."""

    DESCRIPTION: str
    input_parameters: dict[str, Any]

    def get_description(self) -> str:
        """Return what ``openstack optimize actiondescription`` prints."""
        return self.DESCRIPTION

    @property
    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of the input parameters."""
        schema: dict[str, Any] = super().schema  # type: ignore[misc]
        properties = {**schema['properties'], 'begin_by': BEGIN_BY}
        return {**schema, 'properties': properties}

    def pre_condition(self) -> None:
        """Look at the clock first.

        :raises watcher.common.exception.ActionSkipped: it is too late
        """
        begin_by = self.input_parameters.get('begin_by')
        if begin_by is not None and is_too_late(begin_by):
            name = str(self.input_parameters['resource_name'])
            raise outcomes.skipped(TOO_LATE.about(name, begin_by=begin_by))
        super().pre_condition()  # type: ignore[misc]


class MigrateInWindow(Windowed, migration.Migrate):  # type: ignore[misc]
    """Do as Watcher's own ``migrate``, if it is not too late.

    One that the plan stops before, and that runs all the same, is left: Nova
    would start it again on its new host.
    """

    DESCRIPTION = (
        'Migrates a server, unless that would end after its window, or it '
        'was to be stopped before and runs.'
    )

    @property
    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of the input parameters."""
        schema = super().schema
        properties = {**schema['properties'], 'stops_first': STOPS_FIRST}
        return {**schema, 'properties': properties}

    def pre_condition(self) -> None:
        """Look if it is stopped, where it has to be.

        :raises watcher.common.exception.ActionSkipped: it is not, or has
            left, or it is too late
        :raises watcher_host_maintenance.plugin.errors.ActionFailed: Nova did
            not answer
        """
        super().pre_condition()
        if not self.input_parameters.get('stops_first'):
            return
        try:
            server = connections.connect_nova().server(
                self.input_parameters['resource_id']
            )
        except NotPlanned as exc:
            raise outcomes.failure(exc.finding) from exc
        if server is not None and server.vm_state != VmState.STOPPED:
            name = str(self.input_parameters['resource_name'])
            raise outcomes.skipped(
                NOT_STOPPED.about(name, vm_state=server.vm_state)
            )

    def check_abort(self) -> bool:
        """Return True if it can be aborted; Watcher goes by its own name."""
        return self.input_parameters.get('migration_type') == 'live'


class StopInWindow(Windowed, stop.Stop):  # type: ignore[misc]
    """Do as Watcher's own ``stop``, if it is not too late."""

    DESCRIPTION = 'Stops a server, unless that would end after its window.'

    @property
    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of the input parameters."""
        schema = super().schema
        name = {'type': 'string', 'minLength': 1}
        properties = {**schema['properties'], 'resource_name': name}
        return {**schema, 'properties': properties}


class ChangeServiceInWindow(Windowed, ChangeNovaServiceState):  # type: ignore[misc]
    """Do as Watcher's own ``change_nova_service_state``, if not too late."""

    DESCRIPTION = (
        'Disables or enables a nova-compute service, unless its window has '
        'ended.'
    )
