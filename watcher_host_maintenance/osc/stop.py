# SPDX-License-Identifier: Apache-2.0

"""``openstack maintenance stop``: cancel the plan of a node."""

import argparse

from collections.abc import Iterator
from collections.abc import Sequence

from watcher_host_maintenance.client.journal import Attempt
from watcher_host_maintenance.client.records import MOVES
from watcher_host_maintenance.client.records import Action
from watcher_host_maintenance.client.records import cancelled
from watcher_host_maintenance.osc.base import Listing
from watcher_host_maintenance.osc.base import Table
from watcher_host_maintenance.osc.base import add_hosts
from watcher_host_maintenance.osc.base import add_timeout
from watcher_host_maintenance.osc.following import Unfinished
from watcher_host_maintenance.osc.following import follow
from watcher_host_maintenance.osc.options import add_config_file
from watcher_host_maintenance.osc.words import action_table
from watcher_host_maintenance.request import states
from watcher_host_maintenance.request import windows


class Stop(Listing):
    """Cancel the action plan of a compute node; nothing is undone.

    The plan that is being carried out is cancelled, or else the newest that
    has not begun. Servers that have moved stay where they are, and a node
    that the plan has disabled stays disabled. The output is how far each
    step has come.
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
        """Cancel the running plan, or else the newest unfinished one."""
        host = parsed_args.host
        maintenance = self.maintenance(parsed_args.config_file)
        (attempt, plan), *others = maintenance.unfinished(host)
        plan = maintenance.watcher.cancel(plan)
        runs = plan.state != states.CANCELLED
        self.tell(f'Action plan {plan.uuid} is {plan.state}.')
        if not runs:
            self.tell('It had not begun: nothing was stopped or changed.')
        if parsed_args.wait and not plan.has_ended:
            waiting = self.waiting(parsed_args.timeout)
            try:
                follow(maintenance, plan.uuid, waiting)
            except Unfinished as exc:
                self.tell('The plan is still being cancelled.')
                self.result = exc.result
        actions = maintenance.watcher.actions(plan.uuid)
        if not runs:
            actions = cancelled(actions)
        disabled = maintenance.node(host).service.status == 'disabled'
        self.tell(*_what_stays(host, attempt, actions, runs and disabled))
        self.tell(
            *(
                f'Another action plan of {host} is {p.state}: {p.uuid}. To '
                f'cancel it: openstack optimize actionplan cancel {p.uuid}'
                for _attempt, p in others
            )
        )
        return action_table(actions)


def _what_stays(
    host: str,
    attempt: Attempt,
    actions: Sequence[Action],
    is_disabled: bool,
) -> Iterator[str]:
    moved = sum(
        a.step in MOVES and a.state == states.SUCCEEDED for a in actions
    )
    going = sum(a.step in MOVES and a.state == states.ONGOING for a in actions)
    if moved:
        yield f'Servers that have moved and stay where they are: {moved}'
    if going:
        yield f'Servers that are still being moved: {going}'
    if is_disabled:
        yield (
            f'{host} stays disabled. To return it to service: '
            f'openstack maintenance end {host}'
        )
    audit = attempt.audit
    if windows.tells_owners(audit.parameters):
        again = 'will plan again' if audit.repeats else 'may have told owners'
        yield (
            f'Audit {audit.uuid} {again}. To call it off, and tell the owners '
            f'of servers: openstack maintenance cancel {host}'
        )
    elif audit.repeats:
        yield (
            f'Audit {audit.uuid} will plan again. To end it: openstack '
            f'optimize audit update {audit.uuid} replace state=CANCELLED'
        )
