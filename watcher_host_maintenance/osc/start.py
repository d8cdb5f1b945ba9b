# SPDX-License-Identifier: Apache-2.0

"""``openstack maintenance start``: plan, show, start, follow."""

import argparse

from collections.abc import Sequence
from typing import ClassVar

from watcher_host_maintenance.client.errors import ClientError
from watcher_host_maintenance.client.maintenance import Maintenance
from watcher_host_maintenance.client.records import Action
from watcher_host_maintenance.client.records import ActionPlan
from watcher_host_maintenance.client.records import Audit
from watcher_host_maintenance.client.records import cancelled
from watcher_host_maintenance.client.results import Result
from watcher_host_maintenance.client.results import result_of
from watcher_host_maintenance.osc import options
from watcher_host_maintenance.osc.asking import is_declined
from watcher_host_maintenance.osc.base import Listing
from watcher_host_maintenance.osc.base import Table
from watcher_host_maintenance.osc.base import add_hosts
from watcher_host_maintenance.osc.base import add_timeout
from watcher_host_maintenance.osc.base import unique
from watcher_host_maintenance.osc.following import Unfinished
from watcher_host_maintenance.osc.following import follow
from watcher_host_maintenance.osc.following import how_to_look
from watcher_host_maintenance.osc.following import interruptible
from watcher_host_maintenance.osc.words import action_table
from watcher_host_maintenance.osc.words import describe
from watcher_host_maintenance.request import states


PLANNING_S = 1800.0
"""Seconds to wait for an audit where no timeout is given.

One that takes longer waits for a decision engine that is not there.
"""


class Start(Listing):
    """Empty compute nodes by one joint plan: all of them, or none.

    Watcher plans, the plan is shown, and it is started; on a terminal you are
    asked before. The output is what the plan does, step by step. Exit status:
    0 done, 1 error, 2 impossible, 3 partly, 4 timeout.
    """

    example = 'openstack maintenance start compute-1 --wait'
    question: ClassVar[str] = 'Start this plan?'
    starts_without_steps: ClassVar[bool] = False

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add what this command takes."""
        add_hosts(parser)
        self.add_parameters(parser)
        parser.add_argument(
            '--yes',
            action='store_true',
            help='Start without asking.',
        )
        self.add_following(parser)
        add_timeout(parser)

    def add_following(self, parser: argparse.ArgumentParser) -> None:
        """Add what this command takes of what comes after the start."""
        parser.add_argument(
            '--wait',
            action='store_true',
            help='Follow the plan to its end, on stderr.',
        )

    def add_parameters(self, parser: argparse.ArgumentParser) -> None:
        """Add what the audit takes."""
        options.add_parameters(parser)

    def create_audit(
        self, maintenance: Maintenance, parsed_args: argparse.Namespace
    ) -> Audit:
        """Have Watcher plan what is asked for."""
        parameters = options.parameters_of(parsed_args)
        return maintenance.create_audit(unique(parsed_args.hosts), parameters)

    def take_action(self, parsed_args: argparse.Namespace) -> Table:
        """Plan, ask, start, and follow if wanted."""
        hosts = unique(parsed_args.hosts)
        maintenance = self.maintenance()
        audit = self.create_audit(maintenance, parsed_args)
        self.tell(f'Audit {audit.uuid}: planning.')
        waiting = self.waiting(planning_s(parsed_args.timeout))
        try:
            with interruptible():
                audit, plan = maintenance.planned(audit.uuid, waiting)
        except Unfinished as exc:
            self.tell(
                f'Audit {audit.uuid} has not ended. It starts nothing by '
                'itself.',
                f'To look: openstack maintenance show {hosts[0]}',
            )
            return self.ended(exc.result)
        if audit.message:
            self.tell(audit.message)
        if plan is None:
            result = _refusal(audit)
            self.tell(f'In full: openstack maintenance why {audit.uuid}')
            return self.ended(result)
        actions = self.steps(maintenance, plan, parsed_args)
        if not actions and not self.starts_without_steps:
            self.tell('There is nothing to do.')
            return self.ended(Result.DONE)
        steps = (f'  {describe(action)}' for action in actions)
        if is_declined(self, parsed_args, self.question, *steps):
            maintenance.watcher.cancel(plan)
            self.tell('The plan is cancelled; nothing was changed.')
            return self.ended(Result.ERROR, cancelled(actions))
        return self.begin(maintenance, plan, actions, parsed_args)

    def steps(
        self,
        maintenance: Maintenance,
        plan: ActionPlan,
        parsed_args: argparse.Namespace,
    ) -> Sequence[Action]:
        """Return what is done if this is started."""
        return maintenance.watcher.actions(plan.uuid)

    def begin(
        self,
        maintenance: Maintenance,
        plan: ActionPlan,
        actions: Sequence[Action],
        parsed_args: argparse.Namespace,
    ) -> Table:
        """Start a plan, and follow it if wanted.

        :param actions: of the plan
        """
        hosts = unique(parsed_args.hosts)
        maintenance.watcher.start(plan.uuid)
        if not parsed_args.wait:
            self.tell(f'Started action plan {plan.uuid}.')
            self.tell(*how_to_look(hosts))
            return self.ended(Result.DONE, actions)
        waiting = self.waiting(parsed_args.timeout)
        try:
            progress = follow(maintenance, plan.uuid, waiting)
        except Unfinished as exc:
            self.tell('The plan goes on; only the waiting has ended.')
            self.tell(*how_to_look(hosts))
            if not waiting.is_failing:
                actions = maintenance.watcher.actions(plan.uuid)
            return self.ended(exc.result, actions)
        if progress.plan.message:
            self.tell(progress.plan.message)
        return self.ended(result_of(progress), progress.actions)

    def ended(self, result: Result, actions: Sequence[Action] = ()) -> Table:
        """Set the exit status, and return the steps."""
        self.result = result
        return action_table(actions)


def planning_s(timeout_s: float | None) -> float:
    """Return how long to wait for an audit, in seconds.

    :param timeout_s: what the person has given; None is nothing
    """
    return PLANNING_S if timeout_s is None else timeout_s


def _refusal(audit: Audit) -> Result:
    """Return what it means that an audit has made no plan.

    :raises ClientError: that is not the answer to the request
    """
    if audit.state == states.CANCELLED:
        raise ClientError(
            f'Watcher cancelled audit {audit.uuid}, as it does while any '
            'action plan is ongoing.',
            'Wait for that plan to end, then start again.',
        )
    if audit.state == states.FAILED and audit.message:
        return Result.IMPOSSIBLE
    raise ClientError(
        f'Audit {audit.uuid} is {audit.state} and says nothing.',
        'See the log of watcher-decision-engine, or type: openstack '
        f'maintenance why {audit.uuid}',
    )
