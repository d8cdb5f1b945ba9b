# SPDX-License-Identifier: Apache-2.0

"""The last step of a plan: is the node ready for maintenance."""

from oslo_log import log

from watcher_host_maintenance._i18n import _
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.plugin.actions import action_row
from watcher_host_maintenance.plugin.actions import base
from watcher_host_maintenance.plugin.actions import outcomes
from watcher_host_maintenance.plugin.actions import restore
from watcher_host_maintenance.plugin.actions.emptiness import host
from watcher_host_maintenance.plugin.actions.emptiness import messages
from watcher_host_maintenance.plugin.actions.emptiness import node_obstacles
from watcher_host_maintenance.plugin.actions.emptiness import nova_reasons
from watcher_host_maintenance.plugin.errors import ActionFailed


LOG = log.getLogger(__name__)

SETTLING = 12
"""Looks until what nobody is at work on any more counts as there to stay.

A minute, at Watcher's interval of 5 seconds: Nova's compute services tidy
their allocations up once a minute.
"""


class VerifyHostEmpty(base.Action):
    """Succeed when a node holds nothing but what the plan was to leave.

    What counts as something: a server, soft-deleted ones among them; a move
    away that nobody has confirmed; a move that has not ended; an allocation
    in Placement. The nova-compute service has to be disabled.
    """

    SCHEMA = base.strict(
        resource_id=base.UUID,
        resource_name=base.NAME,
        remaining={'type': 'array', 'items': base.UUID, 'uniqueItems': True},
    )
    SCHEMA['properties'] |= {
        'enable_on_failure': {'type': 'boolean'},
        'disable_on_failure': {
            'type': 'array',
            'items': base.strict(
                resource_name=base.NAME, disabled_reason=base.NAME
            ),
        },
    }

    def get_description(self) -> str:
        """Return what ``openstack optimize actiondescription`` prints."""
        return (
            'Succeeds when a compute node is empty and disabled, ready for '
            'maintenance. Fails otherwise and says what is still there.'
        )

    def execute(self) -> bool:
        """Look until nothing is in the way, or what is will not go.

        :raises watcher_host_maintenance.plugin.errors.ActionFailed: the node
            is not ready; the text names what is there, and why
        """
        found = self._last_look()
        if not found:
            return True
        head = _('%s is not ready for maintenance.') % self._hostname
        restored = self._restored(found)
        since = action_row.since(self.input_parameters)
        raise outcomes.failed(
            *(
                [head, first, *restored, *others]
                for first, *others in messages.versions(
                    found,
                    lambda uuid: nova_reasons.why(self.cloud, uuid, since),
                )
            ),
            helps=list(dict.fromkeys(one.helps for one in found)),
        )

    def _last_look(self) -> list[node_obstacles.Obstacle]:
        """Look again and again, and return what is in the way to stay."""
        found: list[node_obstacles.Obstacle] = []
        for number in self.polls():
            found = self._look()
            if not found:
                break
            LOG.info(
                '%s: in the way: %s',
                self._hostname,
                '; '.join(o.text for o in found),
            )
            if node_obstacles.are_final(found, number, SETTLING):
                break
        return found

    @property
    def _hostname(self) -> str:
        return str(self.input_parameters['resource_name'])

    def _restored(self, found: list[node_obstacles.Obstacle]) -> list[str]:
        """Give back what the plan has taken, unless it was cancelled.

        :returns: what was done, a sentence each
        """
        if self.is_cancelled():
            return [_('The plan was cancelled.')]
        told: list[str] = []
        asked = self.input_parameters
        try:
            if asked.get('enable_on_failure') and any(o.server for o in found):
                told.extend(restore.enable(self.cloud, self._hostname))
            spares = asked.get('disable_on_failure', ())
            told.extend(restore.disable(self.cloud, spares))
        except ActionFailed as exc:
            told.append(str(exc))
        return told

    def _look(self) -> list[node_obstacles.Obstacle]:
        """Say what is in the way now; no answer is in the way too."""
        try:
            seen = host.look(self._hostname, self.resource_id, self.cloud)
        except NotPlanned as exc:
            return [node_obstacles.unknown(exc)]
        left = frozenset(self.input_parameters['remaining'])
        return list(node_obstacles.found(seen, left))
