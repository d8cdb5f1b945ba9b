# SPDX-License-Identifier: Apache-2.0

"""``openstack maintenance roll show``, ``list``, ``pause`` and others."""

import argparse

from collections.abc import Iterator
from typing import Any

from watcher_host_maintenance.client.records import ActionPlan
from watcher_host_maintenance.client.records import Audit
from watcher_host_maintenance.client.roll_check import RollAnswer
from watcher_host_maintenance.client.roll_look import RollLook
from watcher_host_maintenance.client.roll_look import look
from watcher_host_maintenance.client.rolls import Rolls
from watcher_host_maintenance.client.times import to_second
from watcher_host_maintenance.core.model.rolling import Journal
from watcher_host_maintenance.core.telling import rolls as telling
from watcher_host_maintenance.osc import options
from watcher_host_maintenance.osc import roll_plans
from watcher_host_maintenance.osc.base import Listing
from watcher_host_maintenance.osc.base import Record
from watcher_host_maintenance.osc.base import Showing
from watcher_host_maintenance.osc.base import Table
from watcher_host_maintenance.osc.base import add_timeout
from watcher_host_maintenance.osc.columns import Count
from watcher_host_maintenance.osc.columns import Lines
from watcher_host_maintenance.osc.columns import Records
from watcher_host_maintenance.osc.following import Unfinished
from watcher_host_maintenance.osc.following import follow
from watcher_host_maintenance.request import states
from watcher_host_maintenance.request import windows


COLUMNS = (
    'Audit',
    'Name',
    'State',
    'Nodes',
    'Done',
    'Moves',
    'Since',
    'Message',
)

FIELDS = (
    'audit',
    'name',
    'state',
    'message',
    'since',
    'nodes',
    'waves',
    'moves',
    'moves_back',
    'least_moves',
    'moves_ahead',
    'estimated_end',
    'action_plan',
    'problems',
    'next',
)


class List(Listing):
    """List the rolling maintenances, newest first."""

    example = 'openstack maintenance roll list -f json'

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add what this command takes."""
        parser.add_argument(
            '--all',
            action='store_true',
            help='List those that have ended as well.',
        )

    def take_action(self, parsed_args: argparse.Namespace) -> Table:
        """Read what Watcher has."""
        rolls = Rolls(self.watcher())
        return COLUMNS, (
            _row(rolls, audit)
            for audit in rolls.all()
            if parsed_args.all or not audit.has_ended
        )


class Show(Showing):
    """Show where the nodes of a rolling maintenance stand, and what is ahead.

    The waves are those of a plan on the cloud as it is now, with the same
    proof as that of the audit; there are none while a change of its
    parameters is invalid. The estimated end takes each node to last as
    long as those that are done did on average.
    """

    example = 'openstack maintenance roll show rack-7'

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add what this command takes."""
        _add_audit(parser)
        options.add_config_file(parser)

    def take_action(self, parsed_args: argparse.Namespace) -> Record:
        """Read Watcher and the cloud, and plan what is ahead."""
        rolls = Rolls(self.watcher())
        audit = rolls.roll(parsed_args.audit)
        loaded = options.read_config(parsed_args.config_file)
        roll = look(rolls, audit, *self.readers(loaded.values), loaded.values)
        nodes, journal = roll.nodes, roll.journal
        self.tell(telling.so_far(journal, roll.done, len(nodes)))
        return FIELDS, (
            audit.uuid,
            audit.name,
            audit.state,
            audit.message,
            to_second(roll.began_at),
            Records(
                {'host': host, 'stand': stand.value, 'why': why}
                for host, stand, why in nodes
            ),
            Records(_waves(roll.answer)),
            journal.moves,
            journal.moves_back,
            Count(journal.least_moves),
            roll.answer.roll.moves,
            to_second(roll.ends_at),
            roll.plan.uuid if roll.plan else '',
            Lines(roll.problems()),
            _next(roll),
        )


class Change(Showing):
    """A command that has a rolling maintenance go into a state.

    :cvar STATE: that of Watcher's audit
    """

    STATE: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add what this command takes."""
        _add_audit(parser)

    def take_action(self, parsed_args: argparse.Namespace) -> Record:
        """Change the state."""
        rolls = Rolls(self.watcher())
        audit = rolls.change(parsed_args.audit, self.STATE)
        self.follow_up(rolls, audit, parsed_args)
        return roll_plans.summary(rolls, audit)

    def follow_up(
        self, rolls: Rolls, audit: Audit, parsed_args: argparse.Namespace
    ) -> None:
        """Tell what the change means."""


class Continue(Change):
    """Go on with a rolling maintenance that was paused."""

    STATE = states.ONGOING

    example = 'openstack maintenance roll continue rack-7'


class Pause(Change):
    """Begin nothing more of a rolling maintenance until it is continued.

    The action plan that is being carried out goes on to its end. Nodes that
    are out of service stay so.
    """

    STATE = states.SUSPENDED

    example = 'openstack maintenance roll pause rack-7 --wait'

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add what this command takes."""
        super().add_arguments(parser)
        parser.add_argument(
            '--wait',
            action='store_true',
            help='Wait until the running action plan has ended.',
        )
        add_timeout(parser)

    def follow_up(
        self, rolls: Rolls, audit: Audit, parsed_args: argparse.Namespace
    ) -> None:
        """Tell what goes on, and wait for it if wanted."""
        plan = rolls.running(audit)
        if plan is not None:
            self._wait_for(plan, parsed_args)
        journal = rolls.journal(rolls.chain(audit))
        self.tell(*self.what_stays(audit, journal))

    def what_stays(self, audit: Audit, journal: Journal) -> Iterator[str]:
        """Yield which nodes are closed, and how to return them."""
        for host in sorted(journal.closed - journal.returned):
            yield (
                f'{host} has not returned to service. To return it: openstack '
                f'maintenance end {host}'
            )

    def _wait_for(
        self, plan: ActionPlan, parsed_args: argparse.Namespace
    ) -> None:
        if not parsed_args.wait:
            self.tell(
                f'Action plan {plan.uuid} is {plan.state} and goes on. To '
                f'cancel it: openstack optimize actionplan cancel {plan.uuid}'
            )
            return
        waiting = self.waiting(parsed_args.timeout)
        try:
            follow(self.maintenance(), plan.uuid, waiting)
        except Unfinished as exc:
            self.tell(f'Action plan {plan.uuid} goes on.')
            self.result = exc.result


class Stop(Pause):
    """End a rolling maintenance for good; nothing is undone.

    The action plan that is being carried out goes on to its end. Nodes that
    are out of service stay so, and so does what owners of servers were told:
    openstack maintenance cancel HOST calls it off. Another rolling maintenance
    can continue this one: openstack maintenance roll start --continues AUDIT.
    """

    STATE = states.CANCELLED

    example = 'openstack maintenance roll stop rack-7'

    def what_stays(self, audit: Audit, journal: Journal) -> Iterator[str]:
        """Yield also how to call off what owners were told."""
        yield from super().what_stays(audit, journal)
        told = set(journal.told)
        if windows.tells_owners(audit.parameters):
            told |= journal.closed
        hosts = sorted(told - journal.returned)
        if hosts:
            yield (
                f'The owners of servers on {", ".join(hosts)} were told. To '
                f'call that off: openstack maintenance cancel {hosts[0]}'
            )


def _add_audit(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        'audit',
        metavar='AUDIT',
        type=options.not_empty,
        help='The UUID or name of the audit, as "openstack maintenance roll '
        'list" prints it.',
    )


def _row(rolls: Rolls, audit: Audit) -> tuple[Any, ...]:
    """Return a rolling maintenance by :data:`COLUMNS`."""
    journal = rolls.journal(rolls.chain(audit))
    return (
        *roll_plans.standing(audit, journal),
        to_second(audit.created_at),
        audit.message,
    )


def _waves(answer: RollAnswer) -> Iterator[dict[str, Any]]:
    for number, wave in enumerate(answer.roll.waves, 1):
        yield {
            'wave': number,
            'hosts': ', '.join(wave.hostnames),
            'moves': wave.moves,
        }


def _next(roll: RollLook) -> str:
    """Return what the operator can do, if anything."""
    audit = roll.audit
    if roll.wrong is not None and not audit.has_ended:
        return (
            'Correct the parameters: openstack optimize audit update '
            f"{audit.uuid} replace parameters='{{...}}'"
        )
    if audit.state == states.SUSPENDED:
        return f'openstack maintenance roll continue {audit.uuid}'
    if audit.has_ended:
        if not roll.answer.found.undone:
            return ''
        return f'openstack maintenance roll start --continues {audit.uuid}'
    if not roll.to_work_on:
        return ''
    host = roll.to_work_on[0]
    return f'Work on {host}, then: openstack maintenance done {host}'
