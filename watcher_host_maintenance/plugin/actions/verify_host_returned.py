# SPDX-License-Identifier: Apache-2.0

"""The last step of a return: verify that the node is in service."""

from collections.abc import Iterator

from watcher_host_maintenance._i18n import _
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core.model.nova import VmState
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.telling import words
from watcher_host_maintenance.core.telling.brevity import with_reason
from watcher_host_maintenance.plugin.actions import base
from watcher_host_maintenance.plugin.actions import outcomes
from watcher_host_maintenance.plugin.actions.emptiness.node_obstacles import (
    NO_SERVICE,
)


NOT_RETURNED = Of.LOOK.declare(
    'not_returned',
    says=N_('{subject} is {status} and {state}: {disabled_reason}'),
    helps=N_('Run the return again.'),
)

NOT_HOME = Of.LOOK.declare(
    'not_home',
    says=N_('{subject} is on {host}'),
    helps=N_('Run the return again to bring it home.'),
)


class VerifyHostReturned(base.Action):
    """Succeed when a node is in service, and who was to come is home.

    A server that was deleted meanwhile is not missed.
    """

    DESCRIPTION = (
        'Succeeds when a compute node is back in service, or the spare that '
        'it was, and all servers that were moved back are on it. Fails '
        'otherwise and says who is not, and why.'
    )
    SCHEMA = base.strict(
        resource_id=base.UUID,
        resource_name=base.NAME,
        disabled_reason={'type': 'string', 'maxLength': 255},
        home={'type': 'array', 'items': base.UUID, 'uniqueItems': True},
    )

    def execute(self) -> bool:
        """Poll until all is well, or what is wrong will not pass.

        :raises watcher_host_maintenance.plugin.errors.ActionFailed: the node
            is not in service, or somebody is not home
        """
        for _number in self.polls():
            with self.ending():
                missing = [*self._missing()]
            if not any(server.task_state for server in missing):
                break
        findings = [*self._of_service()]
        if not findings and not missing:
            return True
        sentences = [words.sentence(f, _) for f in findings]
        if missing:
            text = _('%(host)s: %(count)d of %(all)d servers are not home.')
            sentences.append(
                text
                % {
                    'host': self.name,
                    'count': len(missing),
                    'all': len(self.input_parameters['home']),
                }
            )
        away = [NOT_HOME.about(s.name, host=s.host or None) for s in missing]
        raise outcomes.failure_of(
            sentences,
            [
                self._line(finding, server)
                for finding, server in zip(away, missing, strict=True)
            ],
            [words.help_for((findings + away)[0], _)],
        )

    def _missing(self) -> Iterator[Server]:
        """Yield the servers that exist and are not home."""
        for uuid in self.input_parameters['home']:
            server = self.nova.server(uuid)
            is_gone = server is None or server.vm_state == VmState.DELETED
            if server is not None and not is_gone and server.host != self.name:
                yield server

    def _of_service(self) -> Iterator[Finding]:
        """Yield what is wrong with the service of the node."""
        try:
            service = self.nova.service(self.name)
        except NotPlanned as exc:
            yield exc.finding
            return
        if service is None:
            yield NO_SERVICE.about(self.name)
            return
        reason = self.input_parameters['disabled_reason']
        expected = ('disabled', reason) if reason else ('enabled', '')
        now = (service.status, service.disabled_reason)
        if now != expected or service.state != 'up':
            yield NOT_RETURNED.about(
                self.name,
                status=service.status,
                state=service.state,
                disabled_reason=service.disabled_reason or None,
            )

    def _line(self, finding: Finding, server: Server) -> str:
        """Return where a server is, and why, as far as Nova says."""
        return with_reason(words.sentence(finding, _), self.why(server.uuid))
