# SPDX-License-Identifier: Apache-2.0

"""The common part of our actions: connections, polling and aborting."""

import functools
import threading

from collections.abc import Iterator
from typing import Any

from watcher import conf
from watcher.applier.actions import base

from watcher_host_maintenance.plugin.actions import action_row
from watcher_host_maintenance.plugin.actions import session


CONF = conf.CONF

UUID = {
    'type': 'string',
    'pattern': '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$',
}
"""JSON schema of a UUID with its hyphens."""

NAME = {'type': 'string', 'minLength': 1}
"""JSON schema of the name of something."""


def strict(**properties: Any) -> dict[str, Any]:
    """Return a schema that requires these properties and takes no other."""
    return {
        'type': 'object',
        'properties': properties,
        'required': sorted(properties),
        'additionalProperties': False,
    }


class Action(base.BaseAction):  # type: ignore[misc]
    """An action that polls Nova and reports why it failed.

    It is never rerun and never rolled back: a new audit finishes the work.
    """

    DESCRIPTION: str
    SCHEMA: dict[str, Any]

    def __init__(self, config: Any, osc: Any = None):
        super().__init__(config, osc)
        self._abort = threading.Event()

    @property
    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of the input parameters."""
        return self.SCHEMA

    def get_description(self) -> str:
        """Return what ``openstack optimize actiondescription`` prints."""
        return self.DESCRIPTION

    @functools.cached_property
    def cloud(self) -> session.Cloud:
        """Nova and Placement."""
        return session.Cloud(self.osc)

    def pre_condition(self) -> None:
        """Check nothing; actions that may have nothing to do override it."""

    def post_condition(self) -> None:
        """Check nothing: the end of ``execute`` is the end."""

    def revert(self) -> bool:
        """Do nothing: Watcher's rollback is deprecated, as not working."""
        return False

    def abort(self) -> bool:
        """End the waiting; True says that the action is cancelled."""
        self._abort.set()
        return True

    def can_abort(self) -> bool:
        """Return True if it can be aborted now; False is asked again later."""
        return True

    def is_cancelled(self) -> bool:
        """Return True if the plan was cancelled, and abort the action then.

        :raises watcher_host_maintenance.plugin.errors.ActionFailed: Nova
            refuses to abort what was asked for
        """
        if self._abort.is_set():
            return True
        if action_row.is_cancelled(self.input_parameters) and self.can_abort():
            self.abort()
        return self._abort.is_set()

    def polls(self) -> Iterator[int]:
        """Count polls of Nova, as many as a migration gets.

        Watcher's interval for migrations is between them. The end of a plan
        that is cancelled ends them.
        """
        count = CONF.nova.migration_max_retries
        for number in range(count):
            yield number
            if number + 1 < count:
                self._abort.wait(CONF.nova.migration_interval)
            if self.is_cancelled():
                return
