# SPDX-License-Identifier: Apache-2.0

"""The strategy that tells owners of what was called off.

An operator ends an audit by Watcher's API, which tells no owner. A plan of
this strategy does, and sends the notifications.
"""

import dataclasses

from collections.abc import Iterable
from typing import Any
from typing import NoReturn

from oslo_config import cfg
from watcher import conf
from watcher import objects
from watcher.common import context
from watcher.common import exception

from watcher_host_maintenance._i18n import _
from watcher_host_maintenance.cloud import logs
from watcher_host_maintenance.cloud import parallel
from watcher_host_maintenance.cloud.deadlines import Deadline
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.errors import first_line
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core.model.notice import ENDED
from watcher_host_maintenance.core.model.notice import UNFINISHED
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.core.model.notice import called_off
from watcher_host_maintenance.core.model.notice import go_tags
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.telling import words
from watcher_host_maintenance.core.telling.brevity import STATUS_MESSAGE
from watcher_host_maintenance.core.telling.brevity import fit
from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.plugin.errors import DrainRefused
from watcher_host_maintenance.plugin.watcher import connections
from watcher_host_maintenance.plugin.watcher import told as told_by
from watcher_host_maintenance.plugin.watcher.audit import UNEXPECTED
from watcher_host_maintenance.plugin.watcher.strategy import Strategy
from watcher_host_maintenance.plugin.watcher.told import Told
from watcher_host_maintenance.request import cancel_parameters
from watcher_host_maintenance.request import options
from watcher_host_maintenance.request import parameters
from watcher_host_maintenance.request import states
from watcher_host_maintenance.request.parameters import BAD_PARAMETER


LOG = logs.get_logger(__name__)

CANNOT = N_('Cannot call off: {why}.')
TELLS = N_('Servers whose owners are told: {count}.')


class ClusterCancellation(Strategy):
    """Tell owners that what audits have announced does not happen."""

    KEY = names.CANCEL_STRATEGY
    DISPLAY_NAME = names.CANCEL_STRATEGY_DISPLAY_NAME
    GOAL = names.CANCEL_GOAL

    @classmethod
    def get_schema(cls) -> dict[str, Any]:
        """Return the JSON schema of the audit's parameters."""
        return cancel_parameters.SCHEMA

    @classmethod
    def get_config_opts(cls) -> list[cfg.Opt]:
        """Return no options of its own; those of a drain hold."""
        conf.CONF.register_opts(options.STRATEGY_OPTIONS, options.GROUP)
        return []

    def do_execute(self, audit: Any = None) -> None:
        """Fill the solution, or fail with the reason in the audit.

        :param audit: the audit to report to
        :raises watcher_host_maintenance.plugin.errors.DrainRefused: one of
            the audits does not exist or goes on, or Nova does not answer
        """
        config = conf.CONF[options.GROUP]
        try:
            foreign = parameters.owner_options(config)['owner_tags']
            settings = dataclasses.replace(
                parameters.to_settings(config),
                deadline=Deadline(config['audit_timeout_s']),
            )
            told = _told(self.input_parameters[cancel_parameters.AUDITS])
            nova = connections.connect_nova(settings)
            for server in parallel.each(nova.server, told):
                if server is not None:
                    self._add(server, told[server.uuid], go_tags(foreign))
        except NotPlanned as exc:
            self._refuse(audit, exc.finding)
        except Exception as exc:
            # Without this the audit would be FAILED with no reason in it.
            LOG.exception('Cannot call off')
            self._refuse(audit, UNEXPECTED.about(error=first_line(exc)))
        else:
            count = len(self.solution.actions)
            _tell(audit, _(TELLS).format(count=count))

    def _add(self, server: Server, told: Told, tags: tuple[str, ...]) -> None:
        """Add the action that tells an owner who awaits what was called off.

        :param tags: what the owner may have said go with
        """
        notice = _awaited(server, told)
        if notice is None:
            return
        told_by.notify(
            self.solution, server, told.source, called_off(notice), tags
        )

    def _refuse(self, audit: Any, finding: Finding) -> NoReturn:
        """Fail, and say in the audit why."""
        self.solution.actions.clear()
        why = _(CANNOT).format(why=words.say(finding, _))
        text = f'{why} {words.help_for(finding, _)}'
        _tell(audit, text)
        raise DrainRefused(text, (finding,))


def _told(audits: Iterable[str]) -> dict[str, Told]:
    """Return server -> what audits have told its owner last.

    :raises watcher_host_maintenance.cloud.errors.NotPlanned: there is no such
        audit, or it goes on
    """
    request = context.make_context()
    told: dict[str, Told] = {}
    for uuid in audits:
        _demand_ended(request, uuid)
        told |= told_by.last(uuid)
    return told


def _awaited(server: Server, told: Told) -> Notice | None:
    """Return the notice of what is still to happen to a server, if any is.

    What was to be told counts, since owners can write the notice. But an
    owner is not told of an end that has not come: then the notice counts.
    """
    now = server.notice
    if now.maintenance_id not in (told.notice.maintenance_id, ''):
        return None
    if told.notice.state in UNFINISHED:
        return told.notice
    is_left = now.state in UNFINISHED or now.state is State.CANCELLED
    if told.notice.state in ENDED and now.maintenance_id and is_left:
        return dataclasses.replace(told.notice, state=State.ANNOUNCED)
    return None


def _demand_ended(request: Any, uuid: str) -> None:
    """Refuse an audit that goes on, or whose plan does.

    A plan that is being cancelled begins nothing new. An audit that was
    cancelled in the middle of a run may still make one, which whoever has
    cancelled the audit cancels, too.

    :raises watcher_host_maintenance.cloud.errors.NotPlanned: it does, or there
        is none
    """
    try:
        audit = objects.Audit.get_by_uuid(request, uuid)
    except exception.AuditNotFound as exc:
        raise _invalid(f'there is no audit {uuid}') from exc
    if audit.state in states.LIVING:
        raise _invalid(f'audit {uuid} is {audit.state}: cancel it first')
    if audit.state == states.CANCELLED:
        return
    for plan in objects.ActionPlan.list(request, filters={'audit_uuid': uuid}):
        if plan.state in (
            states.RECOMMENDED,
            states.PENDING,
            states.ONGOING,
        ):
            problem = f'action plan {plan.uuid} is {plan.state}'
            raise _invalid(f'{problem}: cancel it first')


def _invalid(problem: str) -> NotPlanned:
    return NotPlanned(
        BAD_PARAMETER.about(cancel_parameters.AUDITS, problem=problem)
    )


def _tell(audit: Any, text: str) -> None:
    """Say in an audit what has become of it."""
    if audit is not None:
        audit.status_message = fit([text], STATUS_MESSAGE, translate=_)
