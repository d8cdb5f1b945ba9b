# SPDX-License-Identifier: Apache-2.0

"""``openstack maintenance history``: what happened to a node."""

import argparse

from watcher_host_maintenance.client import history
from watcher_host_maintenance.osc.base import Listing
from watcher_host_maintenance.osc.base import Table
from watcher_host_maintenance.osc.base import add_hosts
from watcher_host_maintenance.osc.options import add_config_file


COLUMNS = ('Time', 'Kind', 'State', 'What', 'Changed', 'UUID')


class History(Listing):
    """List audits, action plans and migrations of a node, oldest first.

    Watcher and Nova keep them until an operator purges their databases.
    """

    example = 'openstack maintenance history compute-1'

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add what this command takes."""
        add_hosts(parser, several=False)
        add_config_file(parser)

    def take_action(self, parsed_args: argparse.Namespace) -> Table:
        """Read and merge."""
        maintenance = self.maintenance(parsed_args.config_file)
        host = parsed_args.host
        events = history.merge(
            host, maintenance.attempts(host), maintenance.migrations(host)
        )
        if not events:
            # A node that was removed has a history, too.
            maintenance.node(host)
        return COLUMNS, (
            (e.time, e.kind, e.state, e.what, e.ended, e.uuid) for e in events
        )
