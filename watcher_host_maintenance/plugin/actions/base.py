# SPDX-License-Identifier: Apache-2.0

"""The common part of our actions: calls, polls, and how they end."""

import contextlib
import datetime
import functools
import threading

from collections.abc import Iterator
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from watcher import conf
from watcher import objects
from watcher.applier.actions import base
from watcher.common import exception

from watcher_host_maintenance.cloud import logs
from watcher_host_maintenance.cloud.deadlines import Deadline
from watcher_host_maintenance.cloud.errors import REFUSED
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.placement import Placement
from watcher_host_maintenance.cloud.settings import Settings
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Fact
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.reasons import Reason
from watcher_host_maintenance.plugin.actions import action_row
from watcher_host_maintenance.plugin.actions import nova_reasons
from watcher_host_maintenance.plugin.actions import outcomes
from watcher_host_maintenance.plugin.errors import ActionFailed
from watcher_host_maintenance.plugin.watcher import connections


CONF = conf.CONF
LOG = logs.get_logger(__name__)

SKEW = datetime.timedelta(minutes=1)
"""How far the clocks of Watcher and Nova may differ."""

REFUSED_BY_NOVA = Of.ACTION.declare(
    'refused_by_nova',
    says=N_('Nova refused the request for {subject}'),
    helps=N_('Fix the problem Nova reports, then run the audit again.'),
)

GRACE_S = 60.0
"""Seconds that an action has at its end to find out why it has failed."""

UUID = {
    'type': 'string',
    'pattern': '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$',
}
"""JSON schema of a UUID with its hyphens."""

NAME = {'type': 'string', 'minLength': 1}
"""JSON schema of the name of something."""


def strict(
    optional: Mapping[str, Any] = MappingProxyType({}), /, **properties: Any
) -> dict[str, Any]:
    """Return a schema that requires these properties and takes no other.

    :param optional: properties that may be absent
    """
    return {
        'type': 'object',
        'properties': {**optional, **properties},
        'required': sorted(properties),
        'additionalProperties': False,
    }


SPARES = {
    'type': 'array',
    'items': strict(resource_name=NAME, disabled_reason=NAME),
}
"""JSON schema of spares that a plan has enabled, as they were before."""


def nothing_left(value: str, says: str) -> Reason:
    """Declare a reason to skip an action."""
    return Of.SKIPPED.declare(value, says, N_('Nothing is left to do.'))


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

    @property
    def name(self) -> str:
        """The name of the server, or the host of the node, it is about."""
        return str(self.input_parameters['resource_name'])

    @functools.cached_property
    def nova(self) -> Nova:
        """Nova, connected once: every connection asks Keystone for a token.

        :raises watcher_host_maintenance.cloud.errors.NotPlanned: it is away
        """
        return connections.connect_nova(self._settings)

    @functools.cached_property
    def placement(self) -> Placement:
        """Placement, likewise.

        :raises watcher_host_maintenance.cloud.errors.NotPlanned: it is away
        """
        return connections.connect_placement(self.osc, self._settings)

    @functools.cached_property
    def deadline(self) -> Deadline:
        """When reading has to end; it begins with the first call."""
        return Deadline(self._limit_s())

    @property
    def _settings(self) -> Settings:
        return Settings(deadline=self.deadline)

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

        Watcher calls ``abort()`` when a plan is cancelled, but only after all
        that runs has ended, when nothing is left to abort. So an action has
        to look for itself.

        :raises watcher_host_maintenance.plugin.errors.ActionFailed: Nova
            refuses to abort what was asked for
        """
        if not self._abort.is_set():
            plan = action_row.plan_of(self.input_parameters)
            states = objects.action_plan.State.CANCEL_STATES
            if plan is not None and plan.state in states and self.can_abort():
                self.abort()
        return self._abort.is_set()

    def polls(self) -> Iterator[int]:
        """Count polls of Nova, as many as a migration gets.

        Watcher's interval for migrations is between them. The end of a plan
        that is cancelled ends them, and so does the time that a migration
        gets: a read that hangs is part of it. One that has begun in time may
        go on into the time for asking why.
        """
        count = CONF.nova.migration_max_retries
        wait = Deadline(self._limit_s())
        self.deadline.start(wait.limit_s + GRACE_S)
        try:
            for number in range(count):
                yield number
                if number + 1 < count:
                    interval_s = CONF.nova.migration_interval
                    self._abort.wait(min(interval_s, wait.left_s))
                if self.is_cancelled() or not wait.left_s:
                    return
        finally:
            # For asking why, and for giving back what was taken.
            self.deadline.start(min(GRACE_S, self.deadline.left_s))

    def _limit_s(self) -> float:
        """Return how many seconds a migration gets."""
        retries = CONF.nova.migration_max_retries
        return float(retries * CONF.nova.migration_interval)

    @contextlib.contextmanager
    def ending(self, server: str = '') -> Iterator[None]:
        """End the action with what Nova says when a call in here fails.

        :param server: the name of the server that something is asked for,
            which says more than the call does
        :raises watcher_host_maintenance.plugin.errors.ActionFailed: a call
            failed
        """
        try:
            yield
        except NotPlanned as exc:
            raise failure(exc.finding, server) from exc

    @contextlib.contextmanager
    def asking(self, call: str, server: str = '') -> Iterator[Any]:
        """Give novaclient for a change; :meth:`ending` has the rest.

        :param call: method and path, for a person to read
        """
        with self.ending(server):
            nova = self.nova
            with nova.calling(call):
                yield nova.client

    def has_returned(self, host: str, disabled_reason: str) -> bool:
        """Return True if a node is enabled, or the spare that it was.

        :raises watcher_host_maintenance.plugin.errors.ActionFailed: Nova did
            not answer
        """
        with self.ending():
            service = self.nova.service(host)
        if service is None or service.state != 'up':
            return False
        return service.stands_as(disabled_reason)

    def skipped(
        self, reason: Reason, **facts: Fact
    ) -> exception.ActionSkipped:
        """Return the error that ends the action with nothing left to do."""
        return outcomes.skipped(reason.about(self.name, **facts))

    def failed(
        self, reason: Reason, why: str = '', **facts: Fact
    ) -> ActionFailed:
        """Return the error that ends the action.

        :param why: what Nova says of it
        """
        return outcomes.failure(reason.about(self.name, **facts), why)

    def why(self, uuid: str) -> str:
        """Return what Nova says of a server's last move in this plan.

        :returns: '' when it says nothing, or does not answer
        """
        try:
            return nova_reasons.why(self.nova, uuid, self._since)
        except NotPlanned as exc:
            LOG.warning('No reason for server %s: %s', uuid, exc.finding)
            return ''

    @functools.cached_property
    def _since(self) -> str:
        """When the plan was made, as Nova writes times; '' is not known."""
        plan = action_row.plan_of(self.input_parameters)
        if plan is None:
            return ''
        return str((plan.created_at - SKEW).strftime('%Y-%m-%dT%H:%M:%S'))


def failure(finding: Finding, server: str = '') -> ActionFailed:
    """Return the error that ends an action after a call that failed."""
    if not server:
        return outcomes.failure(finding)
    return outcomes.failure(
        REFUSED_BY_NOVA.about(server),
        str(finding.facts.get('error', '')),
        finding if finding.reason in REFUSED.values() else None,
    )
