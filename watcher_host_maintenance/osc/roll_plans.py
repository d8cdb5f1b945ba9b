# SPDX-License-Identifier: Apache-2.0

"""``openstack maintenance roll check`` and ``start``."""

import argparse

from collections.abc import Iterator
from typing import Any

from watcher_host_maintenance.client.errors import ClientError
from watcher_host_maintenance.client.maintenance import nova_errors
from watcher_host_maintenance.client.parameters import ROLL_PARAMETERS
from watcher_host_maintenance.client.records import Audit
from watcher_host_maintenance.client.results import Result
from watcher_host_maintenance.client.roll_check import RollAnswer
from watcher_host_maintenance.client.roll_check import check_roll
from watcher_host_maintenance.client.roll_check import to_request
from watcher_host_maintenance.client.roll_look import refusal
from watcher_host_maintenance.client.rolls import Rolls
from watcher_host_maintenance.client.rolls import nodes_of
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.core.model.rolling import NOTHING_DONE
from watcher_host_maintenance.core.model.rolling import Journal
from watcher_host_maintenance.core.telling import rolls as telling
from watcher_host_maintenance.core.telling import words
from watcher_host_maintenance.osc import options
from watcher_host_maintenance.osc.asking import is_declined
from watcher_host_maintenance.osc.base import HOST_HELP
from watcher_host_maintenance.osc.base import Listing
from watcher_host_maintenance.osc.base import Record
from watcher_host_maintenance.osc.base import Showing
from watcher_host_maintenance.osc.base import Table
from watcher_host_maintenance.osc.base import add_timeout
from watcher_host_maintenance.osc.base import unique
from watcher_host_maintenance.osc.columns import Count
from watcher_host_maintenance.osc.columns import Lines
from watcher_host_maintenance.osc.following import Unfinished
from watcher_host_maintenance.osc.following import interruptible
from watcher_host_maintenance.osc.start import planning_s
from watcher_host_maintenance.request import states
from watcher_host_maintenance.request.options import ROLL_GOAL
from watcher_host_maintenance.request.roll_parameters import AGGREGATE
from watcher_host_maintenance.request.roll_parameters import CONTINUES
from watcher_host_maintenance.request.roll_parameters import NODES
from watcher_host_maintenance.request.roll_parameters import ZONE


COLUMNS = ('Wave', 'Nodes', 'Moves', 'Other Moves', 'Why')

SUMMARY = (
    'audit',
    'name',
    'state',
    'nodes',
    'done',
    'moves',
    'least_moves',
    'message',
)

INTERVAL_S = 60
"""Seconds between two looks of a rolling maintenance, by default."""


class Check(Listing):
    """Check if many compute nodes could be maintained now, a few at a time.

    Plans the whole order of waves as an audit does, with the same proof,
    from Nova and Placement as the person who signed in; nothing is changed,
    and Watcher is not needed. Each wave has a row, and each node that cannot
    be emptied, with every reason. Exit status: 0 possible, 1 error,
    2 impossible, 3 some nodes are skipped.
    """

    example = 'openstack maintenance roll check --aggregate rack-7'

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add what this command takes."""
        add_set(parser)
        add_parameters(parser)
        options.add_config_file(parser)

    def take_action(self, parsed_args: argparse.Namespace) -> Table:
        """Plan."""
        loaded = options.read_config(parsed_args.config_file)
        given = parameters_of(parsed_args)
        with nova_errors():
            answer = check_roll(
                *self.readers(loaded.values), given, loaded.values
            )
        self.result = answer.result
        if answer.roll.waves:
            self.tell(*telling.whole(answer.roll))
        else:
            self.tell(*refusal(answer))
        self.tell(*_remedies(answer))
        return COLUMNS, (*_waves(answer), *_refused(answer))


class Start(Showing):
    """Maintain many compute nodes, a few at a time.

    Watcher plans all waves, the plan is shown, and on a terminal you are
    asked. Then an audit takes one step after another until all nodes are
    done; if there is no complete plan, nothing is started. Exit status: 0
    started, or done with --wait, 1 error, 2 impossible, 3 partly, 4 timeout.
    """

    example = (
        'openstack maintenance roll start --aggregate rack-7 --name rack-7'
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add what this command takes."""
        which = add_set(parser)
        which.add_argument(
            '--continues',
            metavar='AUDIT',
            type=options.not_empty,
            help='Go on with the nodes and parameters of a rolling '
            'maintenance that has ended before it was over, by the UUID or '
            'name of its audit. What it has done counts. Parameters that are '
            'given replace its own.',
        )
        add_parameters(parser)
        options.add_interval(parser, INTERVAL_S)
        parser.add_argument(
            '--yes', action='store_true', help='Start without asking.'
        )
        parser.add_argument(
            '--wait',
            action='store_true',
            help='Wait until all nodes are done, with each message of the '
            'audit on stderr.',
        )
        add_timeout(parser)

    def take_action(self, parsed_args: argparse.Namespace) -> Record:
        """Plan, ask, start, and follow if wanted."""
        maintenance = self.maintenance()
        rolls = Rolls(maintenance.watcher)
        given = parameters_of(parsed_args)
        if parsed_args.continues:
            given = _continued(rolls, parsed_args.continues) | given
        with nova_errors():
            nova = Nova(self.adapter('compute'))
            to_request(nova, given, options.read_config(None).values)
        rolls.watcher.require_plugin(ROLL_GOAL)
        # It starts nothing, so it need not wait for an ongoing plan.
        planned = rolls.watcher.create_audit(given, force=True, goal=ROLL_GOAL)
        self.tell(f'Audit {planned.uuid}: planning.')
        timeout_s = parsed_args.timeout
        waiting = self.waiting(planning_s(timeout_s))
        try:
            with interruptible():
                planned, _plan = maintenance.planned(planned.uuid, waiting)
        except Unfinished as exc:
            self.tell('Nothing was started.')
            self.result = exc.result
            return _summary(planned)
        self.tell(planned.message)
        if planned.state != states.SUCCEEDED:
            self.tell(f'In full: openstack maintenance why {planned.uuid}')
            self.result = _refusal(planned)
            return _summary(planned)
        question = 'Start this rolling maintenance?'
        if is_declined(self, parsed_args, question):
            self.tell('Nothing was changed.')
            self.result = Result.ERROR
            return _summary(planned)
        audit = rolls.watcher.create_audit(
            given,
            goal=ROLL_GOAL,
            name=parsed_args.name or '',
            interval_s=parsed_args.interval,
        )
        self.tell(
            f'Started rolling maintenance {audit.uuid}.',
            f'To see how far it is: openstack maintenance roll show '
            f'{audit.uuid}',
            f'To stop it: openstack maintenance roll stop {audit.uuid}',
        )
        if parsed_args.wait:
            audit = self._followed(rolls, audit, timeout_s)
        return summary(rolls, audit)

    def _followed(
        self, rolls: Rolls, audit: Audit, timeout_s: float | None
    ) -> Audit:
        """Write each new message of an audit until it ends; return the audit.

        Set the exit status.
        """
        last_text = ''
        looks = self.waiting(timeout_s).looks(
            lambda: rolls.watcher.audit(audit.uuid)
        )
        try:
            with interruptible():
                for audit in looks:
                    text = f'{audit.state}: {audit.message}'
                    if audit.message and text != last_text:
                        self.tell(text)
                        last_text = text
                    if audit.has_ended:
                        break
        except Unfinished as exc:
            self.tell('It goes on; only the waiting has ended.')
            self.result = exc.result
            return audit
        journal = rolls.journal(rolls.chain(audit))
        self.result = _result(audit, journal)
        return audit


def add_set(parser: argparse.ArgumentParser) -> Any:
    """Add the options that select the nodes; exactly one has to be given.

    :returns: their group, for a command that has another such option
    """
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument(
        'hosts',
        metavar='HOST',
        nargs='*',
        default=[],
        type=options.not_empty,
        help=HOST_HELP,
    )
    for name in (AGGREGATE, ZONE):
        group.add_argument(
            f'--{name}',
            type=options.not_empty,
            help='Maintain the compute nodes of this '
            + ('host aggregate.' if name == AGGREGATE else 'zone.'),
        )
    return group


def add_parameters(parser: argparse.ArgumentParser) -> None:
    """Add an option for each parameter of a rolling maintenance."""
    options.add_parameters(
        parser, ROLL_PARAMETERS, 'how to maintain the nodes'
    )


def parameters_of(parsed_args: argparse.Namespace) -> dict[str, Any]:
    """Return the parameters of the audit that were given."""
    given = options.parameters_of(parsed_args, ROLL_PARAMETERS)
    named = {
        NODES: unique(parsed_args.hosts),
        AGGREGATE: parsed_args.aggregate,
        ZONE: parsed_args.zone,
    }
    return {n: value for n, value in named.items() if value} | given


def _remedies(answer: RollAnswer) -> Iterator[str]:
    """Yield what would let the refused nodes be maintained."""
    for finding in answer.roll.remedies:
        yield words.help_for(finding)


def summary(rolls: Rolls, audit: Audit) -> Record:
    """Return how far a rolling maintenance is, by its action plans."""
    return _summary(audit, rolls.journal(rolls.chain(audit)))


def _summary(audit: Audit, journal: Journal = NOTHING_DONE) -> Record:
    return SUMMARY, (
        *standing(audit, journal),
        Count(journal.least_moves),
        audit.message,
    )


def standing(audit: Audit, journal: Journal) -> tuple[Any, ...]:
    """Return UUID, name, state, nodes, nodes done and moves of a roll."""
    nodes = nodes_of(audit)
    return (
        audit.uuid,
        audit.name,
        audit.state,
        Count(len(nodes) if nodes else None),
        len(journal.returned.intersection(nodes)),
        journal.moves,
    )


def _result(audit: Audit, journal: Journal) -> Result:
    """Return the exit status of a rolling maintenance that has ended."""
    over = journal.returned | journal.unneeded
    if audit.state == states.SUCCEEDED:
        # Without skip_blocked it ends when all nodes are done; some may have
        # been returned by hand.
        is_whole = over.issuperset(nodes_of(audit))
        skips = audit.parameters.get('skip_blocked')
        return Result.PARTLY if skips and not is_whole else Result.DONE
    return Result.PARTLY if over else _refusal(audit)


def _refusal(audit: Audit) -> Result:
    """Return the exit status of an audit that has done nothing."""
    refused = audit.state == states.FAILED and audit.message
    return Result.IMPOSSIBLE if refused else Result.ERROR


def _continued(rolls: Rolls, name: str) -> dict[str, Any]:
    """Return the parameters that continue a rolling maintenance.

    :raises ClientError: it has not ended
    """
    former = rolls.roll(name)
    if not former.has_ended:
        raise ClientError(
            f'The rolling maintenance {name} is {former.state}; only one that '
            'has ended can be continued.',
            f'Stop it: openstack maintenance roll stop {name}',
        )
    return {**former.parameters, CONTINUES: former.uuid}


def _waves(answer: RollAnswer) -> Iterator[tuple[Any, ...]]:
    for number, wave in enumerate(answer.roll.waves, 1):
        yield (
            Count(number),
            ', '.join(wave.hostnames),
            Count(wave.moves),
            Count(len(wave.outcome.secondary_moves)),
            Lines(()),
        )


def _refused(answer: RollAnswer) -> Iterator[tuple[Any, ...]]:
    for node in answer.roll.refused:
        why = map(words.say, telling.findings_of(node))
        nothing = Count(None)
        yield nothing, node.hostname, nothing, nothing, Lines(why)
