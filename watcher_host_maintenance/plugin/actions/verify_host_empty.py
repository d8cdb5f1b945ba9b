# SPDX-License-Identifier: Apache-2.0

"""The last step of a plan: verify that the node is ready."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from watcher_host_maintenance._i18n import _
from watcher_host_maintenance.cloud import logs
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.reading import hosts
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.request import MAINTAINING_REASON
from watcher_host_maintenance.core.telling import words
from watcher_host_maintenance.core.telling.brevity import with_reason
from watcher_host_maintenance.plugin.actions import base
from watcher_host_maintenance.plugin.actions import outcomes
from watcher_host_maintenance.plugin.actions import room
from watcher_host_maintenance.plugin.actions.emptiness import messages
from watcher_host_maintenance.plugin.actions.emptiness import node_obstacles
from watcher_host_maintenance.plugin.actions.emptiness.node_obstacles import (
    Obstacle,
)
from watcher_host_maintenance.plugin.actions.service import ServiceAction
from watcher_host_maintenance.plugin.actions.window import BEGIN_BY
from watcher_host_maintenance.plugin.actions.window import is_too_late
from watcher_host_maintenance.plugin.errors import ActionFailed


LOG = logs.get_logger(__name__)

NOT_READY = N_('%s is not ready for maintenance.')


WAITING = {
    'type': 'array',
    'items': base.strict(
        resource_id=base.UUID,
        destination_node=base.NAME,
        room_of=room.SERVERS,
    ),
}
"""JSON schema of servers that need room which others make."""

LATE = {
    'type': 'array',
    'items': base.strict(resource_id=base.UUID, begin_by=BEGIN_BY),
}
"""JSON schema of servers, and when they had to begin to leave."""

LEFT_FOR_LATER = Of.SKIPPED.declare(
    'left_for_later',
    says=N_('{subject} still has {count} servers that had no time to leave'),
    helps=N_('They leave in the next window.'),
)

STILL_THERE = N_('%(server)s has not left %(host)s to make room')


class VerifyHostEmpty(ServiceAction):
    """Succeed when a node holds nothing but what the plan was to leave.

    What counts as something: a server, also a soft-deleted one; a move away
    that is not confirmed; a move that has not ended; an allocation in
    Placement. The nova-compute service has to be disabled.
    """

    DESCRIPTION = (
        'Succeeds when a compute node is empty and disabled, ready for '
        'maintenance. Fails otherwise and says what is still there.'
    )
    SCHEMA = base.strict(
        resource_id=base.UUID,
        resource_name=base.NAME,
        remaining={'type': 'array', 'items': base.UUID, 'uniqueItems': True},
    )
    SCHEMA['properties'] |= {
        'enable_on_failure': {'type': 'boolean'},
        'disabled_reason': base.NAME,
        'disable_on_failure': base.SPARES,
        # Read by the return of the node.
        'woken': base.SPARES,
        'waiting': WAITING,
        'late': LATE,
    }

    def pre_condition(self) -> None:
        """Look if all that remains had to wait for the next window.

        :raises watcher.common.exception.ActionSkipped: so it is
        """
        late = {
            server['resource_id']
            for server in self.input_parameters.get('late', ())
            if is_too_late(server['begin_by'])
        }
        if not late:
            return
        left = [obstacle.server for obstacle in self._obstacles()]
        if left and late.issuperset(left) and not any(map(super().why, left)):
            raise self.skipped(LEFT_FOR_LATER, count=len(left))

    def execute(self) -> bool:
        """Poll until nothing blocks, or what does will not go.

        :raises watcher_host_maintenance.plugin.errors.ActionFailed: the node
            is not ready; the text names what is there, and why
        """
        obstacles: Sequence[Obstacle] = ()
        for number in self.polls():
            obstacles = self._obstacles()
            if not obstacles:
                return True
            now = '; '.join(o.text for o in obstacles)
            LOG.info('%s is not ready: %s', self.name, now)
            if node_obstacles.are_final(obstacles, number + 1):
                break
        head = _(NOT_READY) % self.name
        restored = self._restored(obstacles)
        first, *others = messages.sentences(obstacles, self.why)
        raise outcomes.failure_of(
            [head, first, *restored],
            others,
            list(dict.fromkeys(o.helps for o in obstacles)),
        )

    def why(self, uuid: str) -> str:
        """Return why a server has not moved: Nova's reason, or no room.

        What was to make room may have waited for others in turn.
        """
        if text := super().why(uuid):
            return text
        for wait in self.input_parameters.get('waiting', ()):
            if wait['resource_id'] == uuid:
                return self._missing_room(wait)
        return ''

    def _missing_room(self, wait: Mapping[str, Any]) -> str:
        """Return who was to make room and has not; '' is none."""
        host = wait['destination_node']
        for maker in wait['room_of']:
            with self.ending():
                server = self.nova.server(maker['resource_id'])
            if server is not None and server.host == host:
                text = _(STILL_THERE) % {
                    'server': words.name(maker['resource_name']),
                    'host': host,
                }
                return with_reason(text, self.why(server.uuid)).rstrip('.')
        return ''

    def _restored(self, obstacles: Sequence[Obstacle]) -> list[str]:
        """Give back what the plan has taken, unless it was cancelled.

        :returns: what was done, a sentence each
        """
        if self.is_cancelled():
            return [_('The plan was cancelled.')]
        sentences: list[str] = []
        try:
            enables = self.input_parameters.get('enable_on_failure', False)
            if enables and any(o.server for o in obstacles):
                sentences.extend(self._enable())
            for spare in self.input_parameters.get('disable_on_failure', ()):
                host, reason = spare['resource_name'], spare['disabled_reason']
                sentences.extend(self._disable(host, reason))
        except ActionFailed as exc:
            sentences.append(str(exc))
        return sentences

    def _enable(self) -> Iterator[str]:
        """Enable the node, unless it has another reason than the plan's.

        :returns: a sentence if it was done, for a person
        """
        given = self.input_parameters.get('disabled_reason')
        with self.ending():
            service = self.nova.service(self.name)
        if service is None or service.status != 'disabled':
            return
        reason = service.disabled_reason
        if reason != (given or MAINTAINING_REASON):
            LOG.warning('%s is disabled: %s', self.name, reason)
            return
        self.write(service, '')
        yield _('%s is enabled again.') % self.name

    def _disable(self, host: str, reason: str) -> Iterator[str]:
        """Disable an unused node that the plan has enabled for nothing.

        It stays enabled when something is there, or on its way there.

        :returns: a sentence if it was done, for a person
        """
        with self.ending():
            is_busy = self.nova.servers(host) or self.nova.migrations(host)
            service = None if is_busy else self.nova.service(host)
        if service is not None and service.status == 'enabled':
            self.write(service, reason)
            yield _('%s is disabled again.') % host

    def _obstacles(self) -> list[Obstacle]:
        """Return what blocks now; a service that does not answer does too."""
        consumers: dict[str, str] = {}
        silent = []
        # Allocations first: what moves away meanwhile is then seen in them.
        try:
            consumers = self.placement.consumers(self.resource_id)
        except NotPlanned as exc:
            silent.append(node_obstacles.unknown(exc))
        uuid = self.resource_id
        remaining = frozenset(self.input_parameters['remaining'])
        try:
            contents = hosts.read_contents(self.nova, self.name, uuid)
            left = {
                consumer: self.nova.server(consumer)
                for consumer in node_obstacles.strangers(
                    contents, consumers, remaining
                )
            }
        except NotPlanned as exc:
            return [node_obstacles.unknown(exc)]
        obstacles = node_obstacles.obstacles(
            contents, remaining, left, consumers
        )
        return [*obstacles, *silent]
