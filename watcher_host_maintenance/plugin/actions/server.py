# SPDX-License-Identifier: Apache-2.0

"""The common part of our actions on one server."""

import abc

from collections.abc import Iterator
from typing import Any

from watcher import conf

from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.plugin.actions import base
from watcher_host_maintenance.plugin.actions.window import Windowed


CONF = conf.CONF


SERVER_DELETED = Of.ACTION.declare(
    'server_deleted',
    says=N_('{subject} was deleted'),
    helps=N_('Run the audit again for what is left.'),
)

OTHER_STATE = Of.ACTION.declare(
    'other_state',
    says=N_('{subject} is {states} now'),
    helps=N_('Run the audit again: it plans by that state.'),
)

NOT_DONE = Of.ACTION.declare(
    'not_done',
    says=N_('{subject} is {state} on {host}'),
    helps=N_('Fix the problem Nova reports, then run the audit again.'),
)

NOT_IN_TIME = Of.ACTION.declare(
    'not_in_time',
    says=N_('{subject} was not done within {limit_s} s'),
    helps=N_('Raise [nova] migration_max_retries of the applier.'),
)

PLAN_CANCELLED = Of.ACTION.declare(
    'plan_cancelled',
    says=N_('the plan was cancelled before {subject} was done'),
    helps=N_('Run the audit again for what is left.'),
)

GONE = base.nothing_left('gone', N_('{subject} does not exist any more'))

ELSEWHERE = base.nothing_left(
    'elsewhere', N_('{subject} is not on {source} any more, but on {host}')
)


class ServerAction(Windowed, base.Action):
    """Ask Nova for one change of a server, and wait until it is done."""

    SCHEMA = base.strict(
        resource_id=base.UUID,
        resource_name=base.NAME,
        source_node=base.NAME,
    )

    def pre_condition(self) -> None:
        """Read the server, and let the action judge it.

        :raises watcher.common.exception.ActionSkipped: nothing is left to do
        :raises watcher_host_maintenance.plugin.errors.ActionFailed: it cannot
            be done, or Nova did not answer
        """
        super().pre_condition()
        with self.ending():
            server = self.nova.server(self.resource_id)
        if server is None:
            raise self.skipped(GONE)
        self.judge(server)

    def execute(self) -> bool:
        """Ask for it, then wait until it is done.

        :raises watcher_host_maintenance.plugin.errors.ActionFailed: Nova
            refused, failed, or took too long
        """
        call = f'POST /servers/{self.resource_id}/action'
        with self.asking(call, self.name) as client:
            self.ask(client)
        idle: Server | None = None
        for server in self._reads():
            if server is None:
                raise self.failed(SERVER_DELETED)
            if self.is_done(server):
                return True
            if self.is_going_on(server):
                idle = None
                continue
            # Nova records the reason, and sets the server to ERROR, only
            # after it has ended the task.
            before, idle = idle, server
            if before is not None:
                break
        if idle is not None:
            why = self.why(self.resource_id)
            host = idle.host or None
            raise self.failed(NOT_DONE, why, state=idle.vm_state, host=host)
        if self.is_cancelled():
            raise self.failed(PLAN_CANCELLED)
        nova = CONF.nova
        limit_s = nova.migration_max_retries * nova.migration_interval
        raise self.failed(NOT_IN_TIME, limit_s=limit_s)

    @property
    def source(self) -> str:
        """The service host that the server is to leave."""
        return str(self.input_parameters['source_node'])

    @abc.abstractmethod
    def judge(self, server: Server) -> None:
        """Raise when nothing is left to do, or it cannot be done."""

    @abc.abstractmethod
    def ask(self, client: Any) -> None:
        """Ask Nova for it.

        :param client: novaclient
        """

    @abc.abstractmethod
    def is_done(self, server: Server) -> bool:
        """Return True if it has been done."""

    def is_going_on(self, server: Server) -> bool:
        """Return True if Nova is at work on it, as from the request on."""
        return bool(server.task_state)

    def skip_elsewhere(self, server: Server) -> None:
        """Raise when the server is not on the source any more."""
        if server.host != self.source:
            host = server.host or None
            raise self.skipped(ELSEWHERE, source=self.source, host=host)

    def refuse(self, server: Server, *states: str) -> None:
        """Raise unless the server's vm_state is one of these, and idle."""
        if server.vm_state not in states or server.task_state:
            now = (server.vm_state, server.task_state)
            raise self.failed(OTHER_STATE, states=tuple(filter(None, now)))

    def _reads(self) -> Iterator[Server | None]:
        """Read the server again and again; an outage passes."""
        for _number in self.polls():
            try:
                yield self.nova.server(self.resource_id)
            except NotPlanned:
                continue
