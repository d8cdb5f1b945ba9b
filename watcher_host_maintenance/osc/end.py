# SPDX-License-Identifier: Apache-2.0

"""``openstack maintenance end``: return nodes to service."""

import argparse

from typing import Any

from watcher_host_maintenance.client.check import named
from watcher_host_maintenance.client.maintenance import Maintenance
from watcher_host_maintenance.client.parameters import RETURN_PARAMETERS
from watcher_host_maintenance.client.records import Audit
from watcher_host_maintenance.osc import options
from watcher_host_maintenance.osc.base import Table
from watcher_host_maintenance.osc.base import unique
from watcher_host_maintenance.osc.check import check_end
from watcher_host_maintenance.osc.check import show
from watcher_host_maintenance.osc.start import Start
from watcher_host_maintenance.request.options import RETURN_GOAL


OTHERS = {n: f for n, f in RETURN_PARAMETERS.items() if n != 'move_back'}
"""Parameters that are spelled as Watcher spells them."""


class End(Start):
    """Return compute nodes to service: all of them, or none.

    Each is looked at first, and enabled when nova-compute reports and its
    network agents are alive. A spare becomes a spare again, and what was
    stopped for the maintenance is started. Watcher plans, the plan is shown,
    and it is started; on a terminal you are asked before. Exit status: 0 done,
    1 error, 2 impossible, 3 partly, 4 timeout.
    """

    example = 'openstack maintenance end compute-1 --move-back --wait'

    def add_parameters(self, parser: argparse.ArgumentParser) -> None:
        """Add what the audit takes."""
        parser.add_argument(
            '--move-back',
            action='store_true',
            help='Move back the servers that left for this maintenance, if '
            'they are still where its plans have put them.',
        )
        options.add_parameters(parser, OTHERS, 'how to return the nodes')
        parser.add_argument(
            '--dry-run',
            action='store_true',
            help='Show what would be done now, and who would not come back '
            'and why. Nothing is created in Watcher, and the nodes are not '
            'waited for.',
        )
        options.add_config_file(parser)

    def create_audit(
        self, maintenance: Maintenance, parsed_args: argparse.Namespace
    ) -> Audit:
        """Have Watcher plan what is asked for."""
        hosts = unique(parsed_args.hosts)
        parameters = _parameters(parsed_args)
        return maintenance.create_audit(hosts, parameters, RETURN_GOAL)

    def take_action(self, parsed_args: argparse.Namespace) -> Table:
        """Return the nodes, or show how."""
        if not parsed_args.dry_run:
            return super().take_action(parsed_args)
        path = parsed_args.config_file
        loaded = options.read_config(path)
        given = named(unique(parsed_args.hosts)) | _parameters(parsed_args)
        return show(self, check_end(self, given, loaded), path, loaded)


def _parameters(parsed_args: argparse.Namespace) -> dict[str, Any]:
    """Return the parameters of the audit beside the nodes."""
    parameters = options.parameters_of(parsed_args, OTHERS)
    if parsed_args.move_back:
        parameters['move_back'] = 'left'
    return parameters
