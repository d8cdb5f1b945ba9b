# SPDX-License-Identifier: Apache-2.0

"""``openstack maintenance stop``: cancel the plan of a node."""

import argparse

from collections.abc import Iterator
from collections.abc import Sequence

from watcher_host_maintenance.client.errors import ClientError
from watcher_host_maintenance.client.journal import Attempt
from watcher_host_maintenance.client.maintenance import Maintenance
from watcher_host_maintenance.client.records import MOVES
from watcher_host_maintenance.client.records import Action
from watcher_host_maintenance.client.records import ActionPlan
from watcher_host_maintenance.client.records import Step
from watcher_host_maintenance.osc.base import Listing
from watcher_host_maintenance.osc.base import Table
from watcher_host_maintenance.osc.base import add_hosts
from watcher_host_maintenance.osc.base import add_timeout
from watcher_host_maintenance.osc.following import Unfinished
from watcher_host_maintenance.osc.following import follow
from watcher_host_maintenance.osc.options import add_config_file
from watcher_host_maintenance.osc.words import ACTION_COLUMNS
from watcher_host_maintenance.osc.words import action_row


class Stop(Listing):
    """Cancel the action plan of a compute node; nothing is undone.

    Servers that have moved stay where they are, and the node stays disabled.
    The output is how far each step has come.
    """

    example = 'openstack maintenance stop compute-1'

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add what this command takes."""
        add_hosts(parser, several=False)
        parser.add_argument(
            '--wait',
            action='store_true',
            help='Wait until the moves under way have ended.',
        )
        add_timeout(parser)
        add_config_file(parser)

    def take_action(self, parsed_args: argparse.Namespace) -> Table:
        """Cancel the newest plan that has not ended."""
        host = parsed_args.host
        maintenance = self.maintenance(parsed_args.config_file)
        attempt, plan = _pending(maintenance, host)
        plan = maintenance.watcher.cancel(plan)
        self.tell(f'Action plan {plan.uuid} is {plan.state}.')
        if parsed_args.wait and not plan.has_ended:
            waiting = self.waiting(parsed_args.timeout)
            try:
                follow(maintenance, plan.uuid, waiting)
            except Unfinished as exc:
                self.tell('The plan is still being cancelled.')
                self.result = exc.result
        actions = maintenance.watcher.actions(plan.uuid)
        self.tell(*_what_stays(host, attempt, actions))
        return ACTION_COLUMNS, map(action_row, actions)


def _pending(
    maintenance: Maintenance, host: str
) -> tuple[Attempt, ActionPlan]:
    """Return the newest plan that has not ended, and what it is part of.

    :raises ClientError: there is none
    """
    maintenance.node(host)
    for attempt in maintenance.attempts(host):
        if attempt.plan is not None and not attempt.plan.has_ended:
            return attempt, attempt.plan
    raise ClientError(f'There is no action plan of {host} to stop.')


def _what_stays(
    host: str, attempt: Attempt, actions: Sequence[Action]
) -> Iterator[str]:
    moved = sum(a.step in MOVES and a.state == 'SUCCEEDED' for a in actions)
    going = sum(a.step in MOVES and a.state == 'ONGOING' for a in actions)
    if moved:
        yield f'Servers that have moved and stay where they are: {moved}'
    if going:
        yield f'Servers that are still being moved: {going}'
    if any(a.step is Step.DISABLE and a.has_ended for a in actions):
        yield (
            f'{host} stays disabled. To return it to service: '
            f'openstack maintenance end {host}'
        )
    if attempt.audit.kind != 'ONESHOT' and not attempt.audit.has_ended:
        yield (
            f'Audit {attempt.audit.uuid} will plan again. To end it: '
            f'openstack optimize audit update {attempt.audit.uuid} '
            'replace state=CANCELLED'
        )
