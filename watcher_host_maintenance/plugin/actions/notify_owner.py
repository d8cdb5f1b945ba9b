# SPDX-License-Identifier: Apache-2.0

"""Tell the owner of a server what a maintenance does to it."""

import dataclasses

from watcher import conf

from watcher_host_maintenance.cloud import notices
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core.model.notice import GO
from watcher_host_maintenance.core.model.notice import KEYS
from watcher_host_maintenance.core.model.notice import PREFIX
from watcher_host_maintenance.core.model.notice import Effect
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.core.model.notice import parse_foreign_tag
from watcher_host_maintenance.core.model.nova import VmState
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.plugin.actions import action_row
from watcher_host_maintenance.plugin.actions import base
from watcher_host_maintenance.plugin.actions import notifications
from watcher_host_maintenance.plugin.actions import outcomes
from watcher_host_maintenance.plugin.actions.server import GONE
from watcher_host_maintenance.request import options


CONF = conf.CONF

NOT_TOLD = Of.ACTION.declare(
    'not_told',
    says=N_('the owner of {subject} was not told'),
    helps=N_('Tell the owner by other means; the next audit tries again.'),
)

OVER = (State.DONE, State.LEFT)
"""States after which the word ``go`` has been used."""


class NotifyOwner(base.Action):
    """Write a notice into the metadata of a server, or delete it.

    An owner who cannot be told holds up nothing: the action succeeds, with a
    message.
    """

    DESCRIPTION = (
        'Tells the owner of a server, in its metadata, what a maintenance '
        'does to it. Succeeds with a message if Nova refuses.'
    )
    SCHEMA = base.strict(
        resource_id=base.UUID,
        resource_name=base.NAME,
        source_node=base.NAME,
        notice={
            'type': 'object',
            'properties': {
                key.name: {'type': 'string', 'maxLength': key.longest}
                for key in KEYS
            },
            'additionalProperties': False,
        },
    )

    def execute(self) -> bool:
        """Write it, and remove the word ``go`` once it has been used."""
        uuid = self.input_parameters['resource_id']
        try:
            server = self.nova.server(uuid)
            if server is not None:
                notice = self._true_of(server)
                if notices.write(self.nova, uuid, notice):
                    notifications.send(server, notice)
                if notice.state in (None, *OVER):
                    self._use_up(server)
        except NotPlanned as exc:
            error = str(exc.finding.facts.get('error', ''))
            text = outcomes.said(NOT_TOLD.about(self.name), error)
            action_row.set_message(self.input_parameters, text)
        return True

    def pre_condition(self) -> None:
        """Skip a server that does not exist any more; else try it."""
        try:
            server = self.nova.server(self.input_parameters['resource_id'])
        except NotPlanned:
            return
        if server is None:
            raise self.skipped(GONE)

    def _true_of(self, server: Server) -> Notice:
        """Return the notice, or that all is still to come.

        Watcher tells what has ended also after an action that has failed.
        """
        notice = Notice.from_metadata(self.input_parameters['notice'])
        is_here = server.host == self.input_parameters['source_node']
        is_stopped = server.vm_state == VmState.STOPPED
        fails = (notice.state is State.DONE and is_here) or (
            notice.state is State.LEFT
            and notice.effect is Effect.STOP
            and not is_stopped
        )
        if fails:
            return dataclasses.replace(notice, state=State.ANNOUNCED)
        return notice

    def _use_up(self, server: Server) -> None:
        """Remove the tags that say ``go``: they were for this maintenance."""
        pairs = map(parse_foreign_tag, CONF[options.GROUP].owner_tags)
        used = {tag for tag, word in pairs if word == GO}
        for tag in sorted({f'{PREFIX}{GO}', *used}.intersection(server.tags)):
            self.nova.delete_tag(server.uuid, tag)
