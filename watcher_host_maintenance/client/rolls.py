# SPDX-License-Identifier: Apache-2.0

"""Rolling maintenances: list, read, pause, continue, and stop."""

import datetime

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from watcher_host_maintenance.client import records
from watcher_host_maintenance.client.errors import ClientError
from watcher_host_maintenance.client.errors import NotFound
from watcher_host_maintenance.client.records import ActionPlan
from watcher_host_maintenance.client.records import Audit
from watcher_host_maintenance.client.watcher import Watcher
from watcher_host_maintenance.cloud.times import parse
from watcher_host_maintenance.cloud.times import seconds
from watcher_host_maintenance.core.model.rolling import Journal
from watcher_host_maintenance.request import recurring
from watcher_host_maintenance.request import roll_journal
from watcher_host_maintenance.request import states
from watcher_host_maintenance.request import windows
from watcher_host_maintenance.request.options import RETURN_GOAL
from watcher_host_maintenance.request.options import ROLL_GOAL
from watcher_host_maintenance.request.roll_journal import LEAST_MOVES
from watcher_host_maintenance.request.roll_journal import Action
from watcher_host_maintenance.request.roll_journal import Plan
from watcher_host_maintenance.request.roll_parameters import CONTINUES
from watcher_host_maintenance.request.roll_parameters import FROZEN
from watcher_host_maintenance.request.roll_parameters import NODES
from watcher_host_maintenance.request.roll_parameters import SCHEMA


FROM = {
    states.SUSPENDED: (states.ONGOING,),
    states.ONGOING: (states.SUSPENDED,),
    states.CANCELLED: states.LIVING,
}
"""State that a person wants -> the states from which it is reached."""


class Rolls:
    """The rolling maintenances of one Watcher.

    Its methods raise :class:`.errors.ClientError`.
    """

    def __init__(self, watcher: Watcher) -> None:
        self.watcher = watcher

    def all(self) -> Iterator[Audit]:
        """Yield the rolling maintenances, newest first, without dry runs."""
        for audit in self.watcher.audits([ROLL_GOAL]):
            if is_roll(audit):
                yield audit

    def roll(self, name: str) -> Audit:
        """Return a rolling maintenance, by the UUID or name of its audit."""
        audit = self.watcher.audit(name)
        if not is_roll(audit):
            raise ClientError(
                f'Audit {name} is not a rolling maintenance.',
                'To list them: openstack maintenance roll list',
            )
        return audit

    def chain(self, audit: Audit) -> list[Audit]:
        """Return an audit and those that it continues, oldest first.

        The chain begins with the oldest that Watcher still has.
        """
        audits = [audit]
        while uuid := audits[-1].parameters.get(CONTINUES):
            if any(a.uuid == uuid for a in audits):
                break
            try:
                audits.append(self.watcher.audit(str(uuid)))
            except NotFound:
                # It was purged.
                break
        return audits[::-1]

    @staticmethod
    def gone(audits: Sequence[Audit]) -> str:
        """Return the UUID of an audit that Watcher has not any more.

        :param audits: those that it still has; see :meth:`chain`
        :returns: of the one that the oldest continues; '' is none
        """
        uuid = str(audits[0].parameters.get(CONTINUES) or '')
        return '' if uuid in {audit.uuid for audit in audits} else uuid

    def journal(self, audits: Sequence[Audit]) -> Journal:
        """Return what audits have done, as they see it themselves.

        :param audits: oldest first
        """
        timeout_s = audits[-1].parameters.get('hook_timeout')
        if not isinstance(timeout_s, int):
            timeout_s = SCHEMA['properties']['hook_timeout']['default']
        return roll_journal.journal(
            (plan for audit in audits for plan in self._plans(audit)),
            timeout_s,
            self._ended,
        )

    def _ended(self) -> Mapping[str, int]:
        """Return when operators last asked for the return of nodes."""
        return roll_journal.ended(
            (seconds(audit.created_at), windows.named_hosts(audit.parameters))
            for audit in self.watcher.audits([RETURN_GOAL])
        )

    def _plans(self, audit: Audit) -> Iterator[Plan]:
        """Yield the plans of an audit with their actions, oldest first."""
        # The plans first: an action is of one of them, or is newer.
        plans = self.watcher.plans(audit.uuid)
        actions = self.watcher.actions_of_audit(audit.uuid)
        newest_s = seconds(plans[0].created_at) if plans else 0
        interval_s = recurring.interval_s(audit.interval, newest_s)
        for plan in reversed(plans):
            least = plan.indicators.get(LEAST_MOVES)
            yield Plan(
                plan.state,
                seconds(plan.created_at),
                tuple(map(_action, actions.get(plan.uuid, ()))),
                int(least) if least else None,
                interval_s,
            )

    def running(self, audit: Audit) -> ActionPlan | None:
        """Return the action plan that is being carried out, if any is."""
        for plan in self.watcher.plans(audit.uuid):
            if plan.is_running:
                return plan
        return None

    def change(self, name: str, state: str) -> Audit:
        """Have a rolling maintenance go into a state.

        :param state: a key of :data:`FROM`
        """
        audit = self.roll(name)
        if audit.state == state:
            return audit
        if audit.state not in FROM[state]:
            raise ClientError(
                f'The rolling maintenance {name} is {audit.state}; it cannot '
                f'become {state}.'
            )
        if state == states.CANCELLED:
            return self.watcher.end(audit)
        return self.watcher.set_state(audit.uuid, state)


def is_roll(audit: Audit) -> bool:
    """Return True if an audit is a rolling maintenance, and no dry run."""
    return audit.goal == ROLL_GOAL and audit.kind == 'CONTINUOUS'


def nodes_of(audit: Audit) -> tuple[str, ...]:
    """Return the nodes of a rolling maintenance, sorted.

    :returns: empty until the nodes of an aggregate or a zone are known, and
        while a change to them is invalid
    """
    parameters = audit.parameters
    nodes = parameters.get(NODES) or parameters.get(FROZEN)
    return tuple(sorted(map(str, nodes))) if isinstance(nodes, list) else ()


def estimated_end(began_at: str, done: int, ahead: int) -> str:
    """Return when all nodes are done if each takes as long as those so far.

    :param began_at: ISO 8601
    :param done: how many nodes are done
    :param ahead: how many nodes are to be done
    :returns: ISO 8601 in UTC; '' before the first node is done
    """
    if not done:
        return ''
    now = datetime.datetime.now(datetime.UTC)
    end = now + (now - parse(began_at)) / done * ahead
    return end.isoformat()


def _action(action: records.Action) -> Action:
    return Action(
        action.kind,
        action.parameters,
        action.state,
        action.message,
        seconds(action.updated_at or action.created_at),
    )
