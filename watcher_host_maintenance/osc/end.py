# SPDX-License-Identifier: Apache-2.0

"""``openstack maintenance end``: return nodes to service."""

import argparse

from watcher_host_maintenance.client.maintenance import Maintenance
from watcher_host_maintenance.client.parameters import RETURN_PARAMETERS
from watcher_host_maintenance.client.records import Audit
from watcher_host_maintenance.osc import options
from watcher_host_maintenance.osc.base import unique
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

    def create_audit(
        self, maintenance: Maintenance, parsed_args: argparse.Namespace
    ) -> Audit:
        """Have Watcher plan what is asked for."""
        parameters = options.parameters_of(parsed_args, OTHERS)
        if parsed_args.move_back:
            parameters['move_back'] = 'left'
        hosts = unique(parsed_args.hosts)
        return maintenance.create_audit(hosts, parameters, RETURN_GOAL)
