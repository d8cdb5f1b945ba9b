# SPDX-License-Identifier: Apache-2.0

"""``openstack maintenance why``: a refusal in full."""

import argparse

from collections.abc import Sequence
from typing import Any

from watcher_host_maintenance.client.parameters import chosen
from watcher_host_maintenance.client.times import to_second
from watcher_host_maintenance.osc.base import Showing
from watcher_host_maintenance.osc.columns import Pairs


COLUMNS = ('audit', 'state', 'created_at', 'parameters', 'message')


class Why(Showing):
    """Show why an audit was refused."""

    example = 'openstack maintenance why 6f1c8ab2-57b9-4c1d-9d0e-2a7f3c1e8b44'

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Return the parser."""
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'audit', metavar='AUDIT', help='UUID or name of an audit.'
        )
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Sequence[Any]]:
        """Read the audit."""
        audit = self.watcher().audit(parsed_args.audit)
        return COLUMNS, (
            audit.uuid,
            audit.state,
            to_second(audit.created_at),
            Pairs(chosen(audit.parameters)),
            audit.message,
        )
