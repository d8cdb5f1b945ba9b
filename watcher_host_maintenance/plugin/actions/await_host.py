# SPDX-License-Identifier: Apache-2.0

"""Wait until servers can move to a node that a plan has enabled."""

import time

from collections.abc import Iterator

from watcher_host_maintenance._i18n import _
from watcher_host_maintenance.core.model.nova import DISABLED_TRAIT
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.rules import roles
from watcher_host_maintenance.core.telling import words
from watcher_host_maintenance.plugin.actions import base
from watcher_host_maintenance.plugin.actions import outcomes
from watcher_host_maintenance.plugin.actions.service import ServiceAction
from watcher_host_maintenance.plugin.errors import ActionFailed


SPARE_NOT_ENABLED = Of.ACTION.declare(
    'spare_not_enabled',
    says=N_('no server can move to {subject}: it is disabled'),
    helps=N_('Find out why it is disabled, then run the audit again.'),
)

SPARE_DOWN = Of.ACTION.declare(
    'spare_down',
    says=N_('no server can move to {subject}: nova-compute is down'),
    helps=N_('Start nova-compute there, then run the audit again.'),
)

SPARE_FORCED_DOWN = Of.ACTION.declare(
    'spare_forced_down',
    says=N_('no server can move to {subject}: it is forced down'),
    helps=roles.LIFTS,
)

SPARE_CLOSED = Of.ACTION.declare(
    'spare_closed',
    says=N_(
        'no server can move to {subject}: its provider in Placement has the '
        'trait {trait}'
    ),
    helps=N_('Restart nova-compute there, then run the audit again.'),
)


class AwaitHost(ServiceAction):
    """Succeed as soon as nova-scheduler gives servers to a node.

    If it does not in time, a spare can be disabled again: then Watcher's own
    migrations to it fail at once, and Nova is asked for none.
    """

    DESCRIPTION = (
        'Waits until servers can move to a compute node that was enabled. '
        'Fails if that takes too long, and can disable the node again.'
    )
    SCHEMA = base.strict(
        resource_id=base.UUID,
        resource_name=base.NAME,
        timeout_s={'type': 'integer', 'minimum': 0},
    )
    SCHEMA['properties']['disable_on_failure'] = base.NAME

    def execute(self) -> bool:
        """Look until the node is open.

        :raises watcher_host_maintenance.plugin.errors.ActionFailed: it is
            not in time, or is disabled; the text says why
        """
        timeout_s = self.input_parameters['timeout_s']
        deadline = time.monotonic() + timeout_s
        self.deadline.start(timeout_s + base.GRACE_S)
        obstacle = self.wait(self._obstacles, deadline)
        if obstacle is None:
            return True
        raise outcomes.failure_of(
            [words.sentence(obstacle, _), *self._given_back()],
            helps=[words.help_for(obstacle, _)],
        )

    def _obstacles(self) -> Iterator[Finding]:
        """Yield what keeps servers away now, and may pass.

        :raises watcher_host_maintenance.plugin.errors.ActionFailed: it is
            disabled: to enable it has failed, or somebody has disabled it
        """
        service = self.read()
        if service.status != 'enabled':
            raise outcomes.failure(SPARE_NOT_ENABLED.about(self.name))
        if service.state != 'up':
            yield roles.down(
                self.name, service.forced_down, SPARE_DOWN, SPARE_FORCED_DOWN
            )
        if self.is_closed():
            yield SPARE_CLOSED.about(self.name, trait=DISABLED_TRAIT)

    def _given_back(self) -> Iterator[str]:
        """Disable the spare as it was, if that was asked for.

        :returns: a sentence if it was done, for a person
        """
        reason = self.input_parameters.get('disable_on_failure')
        if not reason:
            return
        try:
            service = self.service()
            if service.status == 'enabled':
                self.write(service, reason)
                yield _('%s is disabled again.') % self.name
        except ActionFailed as exc:
            yield str(exc)
