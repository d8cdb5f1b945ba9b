# SPDX-License-Identifier: Apache-2.0

"""``openstack maintenance show``: a node and its servers."""

import argparse

from collections.abc import Mapping

from watcher_host_maintenance.client.advice import doing
from watcher_host_maintenance.client.advice import done_to
from watcher_host_maintenance.client.advice import next_step
from watcher_host_maintenance.client.advice import problems
from watcher_host_maintenance.client.check import named
from watcher_host_maintenance.client.errors import ClientError
from watcher_host_maintenance.client.maintenance import Maintenance
from watcher_host_maintenance.client.maintenance import Node
from watcher_host_maintenance.client.phases import Phase
from watcher_host_maintenance.client.reasons import away
from watcher_host_maintenance.client.reasons import stays
from watcher_host_maintenance.core.model.request import MoveBack
from watcher_host_maintenance.osc.base import Record
from watcher_host_maintenance.osc.base import Showing
from watcher_host_maintenance.osc.base import add_hosts
from watcher_host_maintenance.osc.check import check
from watcher_host_maintenance.osc.check import check_end
from watcher_host_maintenance.osc.columns import Lines
from watcher_host_maintenance.osc.columns import Records
from watcher_host_maintenance.osc.options import add_config_file
from watcher_host_maintenance.osc.options import read_config
from watcher_host_maintenance.osc.words import in_options


COLUMNS = (
    'host',
    'phase',
    'status',
    'state',
    'reason',
    'since',
    'audit',
    'action_plan',
    'servers_left',
    'servers',
    'servers_away',
    'problems',
    'next',
)


AWAY_FROM = frozenset({Phase.READY, Phase.MAINTAINED, Phase.RETURNING})
"""Phases in which the servers that left a node are listed."""

MIGRATING = 'migrating'
"""The task_state of a server that is migrated live."""


class Show(Showing):
    """Show where a compute node stands, and what its servers are doing."""

    example = 'openstack maintenance show compute-1'

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add what this command takes."""
        add_hosts(parser, several=False)
        add_config_file(parser)

    def take_action(self, parsed_args: argparse.Namespace) -> Record:
        """Read all about the node."""
        maintenance = self.maintenance(parsed_args.config_file)
        node = maintenance.node(parsed_args.host)
        attempt = node.attempt
        plan = attempt.plan if attempt else None
        return COLUMNS, (
            node.host,
            node.phase.value,
            node.service.status,
            node.service.state,
            node.service.disabled_reason,
            attempt.began_at if attempt else '',
            attempt.audit.uuid if attempt else '',
            plan.uuid if plan else '',
            len(node.servers or ()),
            _servers(maintenance, node, self._reasons(node, parsed_args)),
            Records(self._away(node, parsed_args)),
            Lines(map(in_options, problems(node))),
            next_step(node),
        )

    def _reasons(
        self, node: Node, parsed_args: argparse.Namespace
    ) -> dict[str, str]:
        """Return server UUID -> why it cannot leave, where nothing is done."""
        if (
            not node.servers
            or node.phase not in {Phase.BLOCKED, Phase.DRAINING}
            or node.is_asked_for
        ):
            return {}
        try:
            given = named([node.host])
            if node.attempt and node.attempt.is_refused:
                given = {**node.attempt.audit.parameters} or given
            loaded = read_config(parsed_args.config_file)
            return stays(check(self, given, loaded))
        except ClientError as exc:
            self.tell(str(exc))
            return {}

    def _away(
        self, node: Node, parsed_args: argparse.Namespace
    ) -> list[dict[str, str]]:
        """Return who left for the maintenance and is not home, and why."""
        if node.attempt is None or not (
            node.phase in AWAY_FROM or node.has_returned
        ):
            # Without any attempt there is no plan that says who left.
            return []
        given = {**named([node.host]), 'move_back': MoveBack.LEFT.value}
        try:
            loaded = read_config(parsed_args.config_file)
            answer = check_end(self, given, loaded)
        except ClientError as exc:
            self.tell(str(exc))
            return []
        attempt = node.attempt
        back = attempt if attempt and attempt.audit.is_return else None
        return [
            {
                'name': server.name,
                'id': server.uuid,
                'host': server.host,
                'doing': done_to(server.uuid, back) or why,
            }
            for server, why in away(answer)
        ]


def _servers(
    maintenance: Maintenance, node: Node, reasons: Mapping[str, str]
) -> Records:
    """Return what is still on a node, and what each server is doing."""
    servers = sorted(node.servers or (), key=lambda s: (s.name, s.uuid))
    transfers = maintenance.transfers_if_any(
        s.uuid for s in servers if s.task_state == MIGRATING
    )
    return Records(
        {
            'name': s.name,
            'id': s.uuid,
            'state': s.vm_state,
            'doing': doing(s, node.attempt, transfers.get(s.uuid))
            or reasons.get(s.uuid, ''),
        }
        for s in servers
    )
