# SPDX-License-Identifier: Apache-2.0

"""``openstack maintenance why``: a refusal in full."""

import argparse

from watcher_host_maintenance.client.check import Answer
from watcher_host_maintenance.client.errors import ClientError
from watcher_host_maintenance.client.parameters import chosen
from watcher_host_maintenance.client.results import Result
from watcher_host_maintenance.client.times import to_second
from watcher_host_maintenance.client.watcher import STRATEGIES
from watcher_host_maintenance.core.telling import report
from watcher_host_maintenance.osc import options
from watcher_host_maintenance.osc.base import Record
from watcher_host_maintenance.osc.base import Showing
from watcher_host_maintenance.osc.check import check
from watcher_host_maintenance.osc.check import check_end
from watcher_host_maintenance.osc.columns import Lines
from watcher_host_maintenance.osc.columns import Pairs
from watcher_host_maintenance.osc.options import add_config_file
from watcher_host_maintenance.osc.options import read_config
from watcher_host_maintenance.osc.words import in_options


COLUMNS = (
    'audit',
    'state',
    'created_at',
    'parameters',
    'message',
    'now',
    'details',
)

VERDICTS = {
    Result.DONE: 'possible',
    Result.PARTLY: 'partly possible',
    Result.IMPOSSIBLE: 'impossible',
}


class Why(Showing):
    """Show why an audit was refused, and whether it still would be.

    The message of an audit is cut at 255 characters. The same check, made
    now, has every reason.
    """

    example = 'openstack maintenance why 6f1c8ab2-57b9-4c1d-9d0e-2a7f3c1e8b44'

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add what this command takes."""
        parser.add_argument(
            'audit',
            metavar='AUDIT',
            type=options.not_empty,
            help='UUID or name of an audit.',
        )
        add_config_file(parser)

    def take_action(self, parsed_args: argparse.Namespace) -> Record:
        """Read the audit, and check again."""
        loaded = read_config(parsed_args.config_file)
        audit = self.watcher().audit(parsed_args.audit)
        if audit.goal not in STRATEGIES:
            goals = ' or '.join(STRATEGIES)
            raise ClientError(
                f'Audit {audit.uuid} has the goal {audit.goal}, not {goals}.'
            )
        if audit.is_scoped:
            self.tell('The audit has a scope; the check of now has none.')
        try:
            plan = check_end if audit.is_return else check
            answer = plan(self, audit.parameters, loaded)
        except ClientError as exc:
            now, details = f'cannot be checked: {exc}', []
        else:
            now, details = VERDICTS[answer.result], _details(answer)
        return COLUMNS, (
            audit.uuid,
            audit.state,
            to_second(audit.created_at),
            Pairs(chosen(audit.parameters, audit.is_return)),
            in_options(audit.message),
            now,
            Lines(map(in_options, details)),
        )


def _details(answer: Answer) -> list[str]:
    return report.as_text(answer.outcome).splitlines()
