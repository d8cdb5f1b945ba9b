# SPDX-License-Identifier: Apache-2.0

"""``openstack maintenance announce``: tell owners, wait, then drain."""

import argparse
import dataclasses

from collections.abc import Sequence
from typing import Any

from watcher_host_maintenance.client.announcements import Announcements
from watcher_host_maintenance.client.errors import ClientError
from watcher_host_maintenance.client.maintenance import Maintenance
from watcher_host_maintenance.client.parameters import PARAMETERS
from watcher_host_maintenance.client.records import Action
from watcher_host_maintenance.client.records import ActionPlan
from watcher_host_maintenance.client.records import Audit
from watcher_host_maintenance.client.results import Result
from watcher_host_maintenance.core.model.document import InvalidDocument
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.core.model.request import CloseAt
from watcher_host_maintenance.core.model.request import Owners
from watcher_host_maintenance.osc import options
from watcher_host_maintenance.osc.base import Table
from watcher_host_maintenance.osc.base import unique
from watcher_host_maintenance.osc.start import Start
from watcher_host_maintenance.request import windows


OFFERED = {
    name: field
    for name, field in PARAMETERS.items()
    if name not in {'owners', 'close'}
}
"""The parameters that are options as they are."""

DUE = {
    name: field
    for name, field in OFFERED.items()
    if name not in {'starts', 'ends', 'cron', 'duration', 'answer_by'}
}
"""Those that do not say when."""

INTERVAL_S = 300
"""Seconds between two looks for answers, by default."""


class Announce(Start):
    """Tell the owners of servers that compute nodes will be emptied.

    Watcher plans the whole as of now, and the plan is shown; if it is
    impossible, nothing is announced. On a terminal you are asked. Then an
    audit tells each owner by metadata of the server, moves who answers "go",
    and the others when the time to answer is over and the maintenance starts.
    Times have a zone: "2030-12-01 22:00 Europe/Berlin", or 2030-12-01T21:00Z.
    Exit status: 0 announced, 1 error, 2 impossible, 4 timeout.
    """

    example = (
        'openstack maintenance announce compute-1 '
        '--starts "2030-12-01 22:00 Europe/Berlin" '
        '--ends "2030-12-02 04:00 Europe/Berlin"'
    )
    question = 'Announce this?'
    starts_without_steps = True

    def add_parameters(self, parser: argparse.ArgumentParser) -> None:
        """Add what the audit takes."""
        options.add_parameters(parser, OFFERED)
        parser.add_argument(
            '--close',
            action='store_true',
            help='Disable the nodes at once, not when the maintenance starts: '
            'they get no new servers, and owners with the role manager can '
            'move their own away.',
        )

    def add_following(self, parser: argparse.ArgumentParser) -> None:
        """Add what the audit is created with."""
        options.add_interval(parser, INTERVAL_S)

    def create_audit(
        self, maintenance: Maintenance, parsed_args: argparse.Namespace
    ) -> Audit:
        """Have Watcher plan what is asked for."""
        hosts = unique(parsed_args.hosts)
        _demand_time(parsed_args)
        Announcements(maintenance).demand_none(hosts)
        # The whole, as if it was due: an audit that only waits is refused.
        # It starts nothing, so it need not wait for an ongoing plan.
        return maintenance.create_audit(
            hosts, _parameters(parsed_args, DUE, Owners.OBEY), force=True
        )

    def steps(
        self,
        maintenance: Maintenance,
        plan: ActionPlan,
        parsed_args: argparse.Namespace,
    ) -> Sequence[Action]:
        """Return what owners are told at once, and then the plan."""
        told = _times(parsed_args)
        actions = [
            _with_notice(action, **told)
            for action in super().steps(maintenance, plan, parsed_args)
        ]
        announced = {
            a.resource_id: _with_notice(a, state=State.ANNOUNCED)
            for a in actions
            if _is_told(a)
        }
        by_name = sorted(announced.values(), key=lambda a: a.subject)
        return [*by_name, *actions]

    def begin(
        self,
        maintenance: Maintenance,
        plan: ActionPlan,
        actions: Sequence[Action],
        parsed_args: argparse.Namespace,
    ) -> Table:
        """Have an audit carry out one such plan after another."""
        hosts = unique(parsed_args.hosts)
        maintenance.watcher.cancel(plan)
        parameters = _parameters(parsed_args, OFFERED, Owners.WAIT)
        if parsed_args.close:
            parameters['close'] = CloseAt.NOW.value
        audit = maintenance.create_audit(
            hosts,
            parameters,
            name=parsed_args.name or '',
            interval_s=parsed_args.interval,
        )
        self.tell(
            f'Audit {audit.uuid} tells the owners at its first run.',
            f'To see who answers: openstack maintenance answers {hosts[0]}',
            f'To call it off: openstack maintenance cancel {hosts[0]}',
        )
        return self.ended(Result.DONE, actions)


def _is_told(action: Action) -> bool:
    """Return True if it tells the owner of a server on the nodes.

    The others, whose servers make room, are told when that begins.
    """
    return action.notice is not None and action.notice.host is not None


def _with_notice(action: Action, **fields: Any) -> Action:
    """Return an action that tells an owner also this; others as they are."""
    notice = action.notice
    if notice is None or notice == Notice():
        return action
    metadata = dataclasses.replace(notice, **fields).to_metadata()
    parameters = {**action.parameters, 'notice': metadata}
    return dataclasses.replace(action, parameters=parameters)


def _times(parsed_args: argparse.Namespace) -> dict[str, Any]:
    """Return the fields of a notice that the plan as of now has not.

    Its audit is not the one that tells owners.
    """
    given = _parameters(parsed_args, OFFERED, Owners.WAIT)
    fields = windows.fields(given, None)
    window = fields.get('window', {})
    return {
        'maintenance_id': '',
        'starts_s': window.get('starts_s') or None,
        'ends_s': window.get('ends_s'),
        'answer_by_s': fields.get('answer_by_s'),
    }


def _demand_time(parsed_args: argparse.Namespace) -> None:
    """Refuse an announcement that leaves owners no time to answer."""
    if not (parsed_args.starts or parsed_args.cron or parsed_args.answer_by):
        raise ClientError(
            'An announcement needs a time.',
            'Give --starts, --cron or --answer-by.',
        )
    given = _parameters(parsed_args, OFFERED, Owners.WAIT)
    try:
        fields = windows.fields(given, None)
        windows.check_interval(given, str(parsed_args.interval))
    except InvalidDocument as exc:
        name = options.option(exc.path)
        raise ClientError(f'{name}: {exc.problem}.') from exc
    starts_s = fields.get('window', {}).get('starts_s', 0)
    if fields['now_s'] >= max(starts_s, fields.get('answer_by_s', 0)):
        raise ClientError(
            'Owners would have no time to answer.',
            'Give --starts or --answer-by a time to come.',
        )


def _parameters(
    parsed_args: argparse.Namespace,
    offered: options.Parameters,
    owners: Owners,
) -> dict[str, Any]:
    """Return the parameters of an audit beside the nodes."""
    given = options.parameters_of(parsed_args, offered)
    return {**given, 'owners': owners.value}
