# SPDX-License-Identifier: Apache-2.0

"""``openstack maintenance done``: say that the work on a node is over."""

import argparse

from collections.abc import Sequence
from typing import Any

from watcher_host_maintenance.osc import options
from watcher_host_maintenance.osc.base import Showing
from watcher_host_maintenance.osc.base import add_hosts


class Done(Showing):
    """Say that the work on a compute node is done, in Nova alone.

    The reason of its disabled service becomes "watcher_maintained". An audit
    of the goal cluster_return then returns it to service; it may run every few
    minutes. A playbook needs no rights in Watcher for it.
    """

    example = 'openstack maintenance done compute-1'

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add what this command takes."""
        add_hosts(parser, several=False)
        parser.add_argument(
            '--reason',
            metavar='TEXT',
            default='',
            help='Text behind "watcher_maintained: ", such as a ticket.',
        )
        options.add_config_file(parser)

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Sequence[Any]]:
        """Set the reason; return the service with it."""
        maintenance = self.maintenance(parsed_args.config_file)
        service = maintenance.mark_done(parsed_args.host, parsed_args.reason)
        return ('host', 'status', 'disabled_reason'), (
            service.host,
            service.status,
            service.disabled_reason,
        )
