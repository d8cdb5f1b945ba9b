# SPDX-License-Identifier: Apache-2.0

"""``openstack maintenance history``: what happened to a node."""

import argparse

from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from watcher_host_maintenance.client import history
from watcher_host_maintenance.osc.base import Listing
from watcher_host_maintenance.osc.base import add_hosts


COLUMNS = ('Time', 'Kind', 'State', 'What', 'Changed', 'UUID')


class History(Listing):
    """List audits, action plans and migrations off a node, oldest first.

    Watcher and Nova keep them until an operator purges their databases.
    """

    example = 'openstack maintenance history compute-1'

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Return the parser."""
        parser = super().get_parser(prog_name)
        add_hosts(parser, several=False)
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[Sequence[Any]]]:
        """Read and merge."""
        maintenance = self.maintenance()
        events = history.merge(
            maintenance.attempts(parsed_args.host),
            maintenance.departures(parsed_args.host),
        )
        return COLUMNS, (
            (e.time, e.kind, e.state, e.what, e.ended, e.uuid) for e in events
        )
