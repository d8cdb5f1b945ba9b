# SPDX-License-Identifier: Apache-2.0

"""Tell the owner of a server what a maintenance does to it."""

import dataclasses
import functools

from watcher_host_maintenance.cloud import notices
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core.model.notice import KEYS
from watcher_host_maintenance.core.model.notice import MAX_TAG
from watcher_host_maintenance.core.model.notice import Effect
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.core.model.nova import VmState
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.plugin.actions import action_row
from watcher_host_maintenance.plugin.actions import base
from watcher_host_maintenance.plugin.actions import notifications
from watcher_host_maintenance.plugin.actions import outcomes
from watcher_host_maintenance.plugin.actions.server import GONE
from watcher_host_maintenance.plugin.actions.window import Windowed


NOT_TOLD = Of.ACTION.declare(
    'not_told',
    says=N_('the owner of {subject} was not told'),
    helps=N_('Tell the owner by other means; the next audit tries again.'),
)

KEEPS_TAG = Of.ACTION.declare(
    'keeps_tag',
    says=N_('the tag {tag} of {subject} was used, and not removed'),
    helps=N_(
        'Type openstack server unset --tag {tag} {uuid}; so far it is ignored.'
    ),
)

KEEPS_NOTICE = Of.SKIPPED.declare(
    'keeps_notice',
    says=N_('{subject} keeps its notice: {host} is not back in service'),
    helps=N_('Run the return again once {host} is fit.'),
)

OTHER_NOTICE = base.nothing_left(
    'other_notice', N_('{subject} has the notice of another maintenance')
)


class NotifyOwner(Windowed, base.Action):
    """Write a notice into the metadata of a server, or delete it.

    An owner who cannot be told, or a tag that cannot be removed, holds up
    nothing: the action succeeds, with a message.
    """

    DESCRIPTION = (
        'Tells the owner of a server, in its metadata, what a maintenance '
        'does to it. Succeeds with a message if Nova refuses.'
    )
    SCHEMA = base.strict(
        {
            'disabled_reason': {'type': 'string', 'maxLength': 255},
            'source_node': base.NAME,
            'clears': base.UUID,
        },
        resource_id=base.UUID,
        resource_name=base.NAME,
        notice={
            'type': 'object',
            'properties': {
                key.name: {'type': 'string', 'maxLength': key.longest}
                for key in KEYS
            },
            'additionalProperties': False,
        },
        used_tags={
            'type': 'array',
            'items': {'type': 'string', 'minLength': 1, 'maxLength': MAX_TAG},
        },
    )

    def execute(self) -> bool:
        """Write it, and remove the word ``go`` once it has been used."""
        try:
            server = self._server()
            if server is None or self._has_another(server):
                return True
            notice = self._true_of(server)
            if self._notice.state is State.ANNOUNCED:
                # Before the owner can say it of this maintenance.
                self._use_up(server)
            self._tell(server, notice)
            if notice.state is not State.ANNOUNCED:
                self._use_up(server)
        except NotPlanned as exc:
            self._say(NOT_TOLD.about(self.name), exc)
        return True

    def pre_condition(self) -> None:
        """Skip who need not be told, or must not be.

        That is a server that is gone, that does not leave any more in this
        window, whose node is to return and has not, or whose maintenance ends
        after another one was announced.

        :raises watcher.common.exception.ActionSkipped: it is one of these
        :raises watcher_host_maintenance.plugin.errors.ActionFailed: nothing
            is known of the node
        """
        super().pre_condition()
        try:
            server = self.nova.server(self.input_parameters['resource_id'])
        except NotPlanned:
            return
        if server is None:
            raise self.skipped(GONE)
        if self._has_another(server):
            raise self.skipped(OTHER_NOTICE)
        reason = self.input_parameters.get('disabled_reason')
        if reason is not None and not self.has_returned(self._source, reason):
            raise self.skipped(KEEPS_NOTICE, host=self._source)

    @property
    def _source(self) -> str:
        return str(self.input_parameters.get('source_node', ''))

    @functools.cached_property
    def _notice(self) -> Notice:
        return Notice.from_metadata(self.input_parameters['notice'])

    @property
    def _calls_off(self) -> bool:
        return self._notice.state is State.CANCELLED

    def _server(self) -> Server | None:
        """Return the server; wait for what is called off and has begun.

        :raises watcher_host_maintenance.cloud.errors.NotPlanned: Nova does not
            answer
        """
        uuid = self.input_parameters['resource_id']
        server = self.nova.server(uuid)
        has_begun = self._calls_off and self._notice.effect is not Effect.NONE
        for _number in self.polls() if has_begun else ():
            if server is None or not notices.is_under_way(server):
                break
            server = self.nova.server(uuid)
        return server

    def _has_another(self, server: Server) -> bool:
        """Return True if another one was announced than what ends here."""
        if self._calls_off:
            ended = self._notice.maintenance_id
        else:
            ended = self.input_parameters.get('clears', '')
        return bool(ended) and server.notice.maintenance_id not in (ended, '')

    def _tell(self, server: Server, notice: Notice) -> None:
        """Write a notice, and send a notification of it.

        What is called off is sent even if it cannot be written. A notice that
        was deleted, which is then no news to its owner, is not written again.

        :raises watcher_host_maintenance.cloud.errors.NotPlanned: Nova refuses
        """
        uuid = self.input_parameters['resource_id']
        is_there = self._calls_off
        try:
            if not self._calls_off or server.notice.maintenance_id:
                is_there = notices.write(self.nova, uuid, notice)
        finally:
            if is_there:
                notifications.send(server, notice, self._calls_off)

    def _say(self, finding: Finding, exc: NotPlanned) -> None:
        """Say in the action what it could not do."""
        error = str(exc.finding.facts.get('error', ''))
        text = outcomes.said(finding, error)
        action_row.set_message(self.input_parameters, text)

    def _true_of(self, server: Server) -> Notice:
        """Return the notice, or that all is still to come.

        Watcher tells what has ended also after an action that has failed.
        """
        notice = self._notice
        if self._calls_off:
            return notices.settled(notice, server, self._source)
        is_here = server.host == self._source
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
        tags = self.input_parameters['used_tags']
        for tag in sorted(set(tags).intersection(server.tags)):
            try:
                self.nova.delete_tag(server.uuid, tag)
            except NotPlanned as exc:
                kept = KEEPS_TAG.about(self.name, tag=tag, uuid=server.uuid)
                self._say(kept, exc)
