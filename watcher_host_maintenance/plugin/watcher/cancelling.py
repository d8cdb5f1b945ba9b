# SPDX-License-Identifier: Apache-2.0

"""The strategy that tells owners of what was called off.

An operator ends an audit by Watcher's API, which tells no owner. A plan of
this strategy does, and sends the notifications.
"""

import dataclasses

from collections.abc import Iterator
from typing import Any
from typing import NoReturn

from oslo_config import cfg
from watcher import conf
from watcher import objects
from watcher.common import context
from watcher.common import exception
from watcher.decision_engine.strategy.strategies import base

from watcher_host_maintenance._i18n import _
from watcher_host_maintenance.cloud import logs
from watcher_host_maintenance.cloud import parallel
from watcher_host_maintenance.cloud.deadlines import Deadline
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.errors import first_line
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core.model.notice import ENDED
from watcher_host_maintenance.core.model.notice import called_off
from watcher_host_maintenance.core.model.notice import go_tags
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.telling import words
from watcher_host_maintenance.core.telling.brevity import STATUS_MESSAGE
from watcher_host_maintenance.core.telling.summary import Message
from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.plugin.errors import DrainRefused
from watcher_host_maintenance.plugin.watcher import connections
from watcher_host_maintenance.plugin.watcher.audit import UNEXPECTED
from watcher_host_maintenance.plugin.watcher.named import Named
from watcher_host_maintenance.request import cancel_parameters
from watcher_host_maintenance.request import options
from watcher_host_maintenance.request import parameters
from watcher_host_maintenance.request.parameters import BAD_PARAMETER


LOG = logs.get_logger(__name__)

CANNOT = N_('Cannot call off: {why}.')
TELLS = N_('Servers whose owners are told: {count}.')


class ClusterCancellation(Named, base.BaseStrategy):  # type: ignore[misc]
    """Tell owners that what audits have announced does not happen."""

    KEY = names.CANCEL_STRATEGY
    DISPLAY_NAME = names.CANCEL_STRATEGY_DISPLAY_NAME

    @classmethod
    def get_goal_name(cls) -> str:
        """Return the key of the goal that the strategy serves."""
        return names.CANCEL_GOAL

    @classmethod
    def get_schema(cls) -> dict[str, Any]:
        """Return the JSON schema of the audit's parameters."""
        return cancel_parameters.SCHEMA

    @classmethod
    def get_config_opts(cls) -> list[cfg.Opt]:
        """Return no options of its own; those of a drain hold."""
        conf.CONF.register_opts(options.STRATEGY_OPTIONS, options.GROUP)
        return []

    def __init__(self, config: Any, osc: Any = None):
        super().__init__(config, osc)
        self.planner = names.PLANNER

    def pre_execute(self) -> None:
        """Do nothing: Watcher's model is not needed."""

    def post_execute(self) -> None:
        """Do nothing: nothing is measured."""

    def do_execute(self, audit: Any = None) -> None:
        """Fill the solution, or fail with the reason in the audit.

        :param audit: the audit to report to
        :raises watcher_host_maintenance.plugin.errors.DrainRefused: one of
            the audits does not exist or goes on, or Nova does not answer
        """
        try:
            for server in self._servers(self.input_parameters):
                self._add(server)
        except NotPlanned as exc:
            self._refuse(audit, exc.finding)
        except Exception as exc:
            # Without this the audit would be FAILED with no reason in it.
            LOG.exception('Cannot call off')
            self._refuse(audit, UNEXPECTED.about(error=first_line(exc)))
        else:
            count = len(self.solution.actions)
            _tell(audit, _(TELLS).format(count=count))

    def _servers(self, given: dict[str, Any]) -> Iterator[Server]:
        """Yield the servers whose owners await what does not happen."""
        audits = given[cancel_parameters.AUDITS]
        told = sorted({uuid for audit in audits for uuid in _told(audit)})
        settings = dataclasses.replace(
            parameters.to_settings(self._options),
            deadline=Deadline(self._options['audit_timeout_s']),
        )
        nova = connections.connect_nova(settings)
        for server in parallel.each(nova.server, told):
            if server is None or server.notice.maintenance_id not in audits:
                continue
            if server.notice.state not in ENDED:
                yield server

    @property
    def _options(self) -> Any:
        return conf.CONF[options.GROUP]

    def _add(self, server: Server) -> None:
        """Add the action that tells the owner of a server."""
        foreign = parameters.owner_options(self._options)['owner_tags']
        notice = called_off(server.notice)
        given = {
            'resource_name': server.name,
            'notice': notice.to_metadata(),
            'used_tags': list(go_tags(foreign)),
        }
        if server.host:
            given['source_node'] = server.host
        self.solution.add_action(
            action_type=names.NOTIFY_OWNER,
            input_parameters=given,
            resource_id=server.uuid,
        )
        self.solution.actions[-1]['parents'] = []

    def _refuse(self, audit: Any, finding: Finding) -> NoReturn:
        """Fail, and say in the audit why."""
        self.solution.actions.clear()
        why = _(CANNOT).format(why=words.say(finding, _))
        text = f'{why} {words.help_for(finding, _)}'
        _tell(audit, text)
        raise DrainRefused(text, (finding,))


def _told(audit_uuid: str) -> Iterator[str]:
    """Yield the servers whose owners an audit was to tell.

    :raises watcher_host_maintenance.cloud.errors.NotPlanned: there is no such
        audit, or it goes on
    """
    request = context.make_context()
    states = objects.audit.State
    try:
        audit = objects.Audit.get_by_uuid(request, audit_uuid)
    except exception.AuditNotFound as exc:
        raise _invalid(f'there is no audit {audit_uuid}') from exc
    if audit.state in (states.PENDING, states.ONGOING, states.SUSPENDED):
        raise _invalid(f'audit {audit_uuid} is {audit.state}: cancel it first')
    for plan in objects.ActionPlan.list(
        request, filters={'audit_uuid': audit_uuid}
    ):
        for action in objects.Action.list(
            request, filters={'action_plan_uuid': plan.uuid}
        ):
            if action.action_type == names.NOTIFY_OWNER:
                yield action.input_parameters['resource_id']


def _invalid(problem: str) -> NotPlanned:
    return NotPlanned(
        BAD_PARAMETER.about(cancel_parameters.AUDITS, problem=problem)
    )


def _tell(audit: Any, text: str) -> None:
    """Say in an audit what has become of it."""
    if audit is not None:
        message = Message([text], [], [])
        audit.status_message = message.fit(STATUS_MESSAGE, _)
