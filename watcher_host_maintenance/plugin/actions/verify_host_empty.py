# SPDX-License-Identifier: Apache-2.0

"""The last step of a plan: verify that the node is ready."""

from collections.abc import Sequence

from oslo_log import log

from watcher_host_maintenance._i18n import _
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.reading import hosts
from watcher_host_maintenance.core.model.request import MAINTAINING_REASON
from watcher_host_maintenance.plugin.actions import action_row
from watcher_host_maintenance.plugin.actions import base
from watcher_host_maintenance.plugin.actions import nova_reasons
from watcher_host_maintenance.plugin.actions import outcomes
from watcher_host_maintenance.plugin.actions import restore
from watcher_host_maintenance.plugin.actions.emptiness import messages
from watcher_host_maintenance.plugin.actions.emptiness import node_obstacles
from watcher_host_maintenance.plugin.actions.emptiness.node_obstacles import (
    Obstacle,
)
from watcher_host_maintenance.plugin.errors import ActionFailed


LOG = log.getLogger(__name__)

SETTLING = 12
"""Polls until what Nova is not at work on any more counts as lasting.

A minute, at Watcher's interval of 5 seconds: Nova's compute services tidy
their allocations up once a minute.
"""


class VerifyHostEmpty(base.Action):
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
        'disable_on_failure': {
            'type': 'array',
            'items': base.strict(
                resource_name=base.NAME, disabled_reason=base.NAME
            ),
        },
    }

    def execute(self) -> bool:
        """Poll until nothing blocks, or what does will not go.

        :raises watcher_host_maintenance.plugin.errors.ActionFailed: the node
            is not ready; the text names what is there, and why
        """
        obstacles = self._poll()
        if not obstacles:
            return True
        head = _('%s is not ready for maintenance.') % self._hostname
        restored = self._restored(obstacles)
        since = action_row.since(self.input_parameters)
        first, *others = messages.sentences(
            obstacles, lambda uuid: nova_reasons.why(self.cloud, uuid, since)
        )
        raise outcomes.failure_of(
            [head, first, *restored],
            others,
            list(dict.fromkeys(o.helps for o in obstacles)),
        )

    def _poll(self) -> Sequence[Obstacle]:
        """Return what lasts; empty when the node is ready."""
        obstacles: Sequence[Obstacle] = ()
        for number in self.polls():
            obstacles = self._obstacles()
            if not obstacles:
                break
            LOG.info(
                '%s is not ready: %s',
                self._hostname,
                '; '.join(o.text for o in obstacles),
            )
            if node_obstacles.are_final(obstacles, number, SETTLING):
                break
        return obstacles

    @property
    def _reason(self) -> str:
        """What the plan has disabled the node with."""
        given = self.input_parameters.get('disabled_reason')
        return str(given or MAINTAINING_REASON)

    @property
    def _hostname(self) -> str:
        return str(self.input_parameters['resource_name'])

    def _restored(self, obstacles: Sequence[Obstacle]) -> list[str]:
        """Give back what the plan has taken, unless it was cancelled.

        :returns: what was done, a sentence each
        """
        if self.is_cancelled():
            return [_('The plan was cancelled.')]
        sentences: list[str] = []
        enables = self.input_parameters.get('enable_on_failure', False)
        spares = self.input_parameters.get('disable_on_failure', ())
        try:
            if enables and any(o.server for o in obstacles):
                sentences.extend(
                    restore.enable(self.cloud, self._hostname, self._reason)
                )
            sentences.extend(restore.disable(self.cloud, spares))
        except ActionFailed as exc:
            sentences.append(str(exc))
        return sentences

    def _obstacles(self) -> list[Obstacle]:
        """Return what blocks now; a service that does not answer does too."""
        consumers: frozenset[str] = frozenset()
        silent = []
        # Allocations first: what moves away meanwhile is then seen in them.
        try:
            with self.cloud.reconnecting():
                consumers = self.cloud.placement.consumers(self.resource_id)
        except NotPlanned as exc:
            silent.append(node_obstacles.unknown(exc))
        try:
            with self.cloud.reconnecting():
                contents = hosts.read_contents(
                    self.cloud.nova, self._hostname, self.resource_id
                )
        except NotPlanned as exc:
            return [node_obstacles.unknown(exc)]
        remaining = frozenset(self.input_parameters['remaining'])
        return [
            *node_obstacles.obstacles(contents, consumers, remaining),
            *silent,
        ]
