# SPDX-License-Identifier: Apache-2.0

"""``openstack maintenance list`` and ``wait``: where nodes stand."""

import argparse

from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from watcher_host_maintenance.client.advice import next_step
from watcher_host_maintenance.client.advice import problems
from watcher_host_maintenance.client.maintenance import Maintenance
from watcher_host_maintenance.client.maintenance import Node
from watcher_host_maintenance.client.phases import Phase
from watcher_host_maintenance.client.records import MOVES
from watcher_host_maintenance.client.records import Step
from watcher_host_maintenance.client.results import Result
from watcher_host_maintenance.client.waiting import Waiting
from watcher_host_maintenance.osc.base import Listing
from watcher_host_maintenance.osc.base import Table
from watcher_host_maintenance.osc.base import add_hosts
from watcher_host_maintenance.osc.base import add_timeout
from watcher_host_maintenance.osc.base import unique
from watcher_host_maintenance.osc.columns import Count
from watcher_host_maintenance.osc.following import Unfinished
from watcher_host_maintenance.osc.following import follow
from watcher_host_maintenance.osc.following import how_to_look
from watcher_host_maintenance.osc.following import interruptible
from watcher_host_maintenance.osc.options import add_config_file
from watcher_host_maintenance.request import states


EFFECTIVE = MOVES | {Step.RETURN}

COLUMNS = ('Host', 'Phase', 'Servers', 'Since', 'Audit', 'Reason')

READY = frozenset({Phase.READY, Phase.MAINTAINED})

RETURNED = frozenset({Phase.IN_SERVICE, Phase.ANNOUNCED, Phase.SPARE})


class List(Listing):
    """List the compute nodes in maintenance, or asked for."""

    example = 'openstack maintenance list -f json'

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add what this command takes."""
        parser.add_argument(
            '--all',
            action='store_true',
            help='List every compute node.',
        )
        add_config_file(parser)

    def take_action(self, parsed_args: argparse.Namespace) -> Table:
        """Read where the nodes stand."""
        maintenance = self.maintenance(parsed_args.config_file)
        return COLUMNS, map(row, maintenance.nodes(parsed_args.all))


class Wait(Listing):
    """Wait until compute nodes are ready for maintenance, or have returned.

    It ends as well when they will not. Exit status: 0 all are, 1 error,
    2 impossible, 3 some are, 4 timeout.
    """

    example = 'openstack maintenance wait compute-1 compute-2 --timeout 3600'

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add what this command takes."""
        add_hosts(parser)
        add_timeout(parser)
        add_config_file(parser)

    def take_action(self, parsed_args: argparse.Namespace) -> Table:
        """Wait, and return where the nodes then stand."""
        hosts = unique(parsed_args.hosts)
        maintenance = self.maintenance(parsed_args.config_file)
        waiting = self.waiting(parsed_args.timeout)
        try:
            nodes = _settled(maintenance, hosts, waiting)
        except Unfinished as exc:
            self.tell(
                'Only the waiting has ended; what was being done goes on.',
                *how_to_look(hosts),
            )
            self.result = exc.result
            nodes = [] if waiting.is_failing else maintenance.standing(hosts)
        else:
            self.result = _result(nodes)
        for node in nodes:
            if not _is_done(node):
                self.tell(*problems(node), f'{node.host}: {next_step(node)}')
        return COLUMNS, map(row, nodes)


def row(node: Node) -> tuple[Any, ...]:
    """Return a node by :data:`COLUMNS`."""
    attempt = node.attempt if node.is_of_interest else None
    return (
        node.host,
        node.phase.value,
        Count(None if node.servers is None else len(node.servers)),
        attempt.began_at if attempt else '',
        attempt.audit.uuid if attempt else '',
        node.service.disabled_reason,
    )


def _settled(
    maintenance: Maintenance, hosts: list[str], waiting: Waiting
) -> list[Node]:
    """Wait until nothing more becomes of any node.

    :raises Unfinished: something still may
    """
    with interruptible():
        for nodes in waiting.looks(lambda: maintenance.standing(hosts)):
            if not any(_is_unsettled(n) for n in nodes):
                break
            for uuid in sorted({*_running(nodes)}):
                follow(maintenance, uuid, waiting)
    return nodes


def _is_unsettled(node: Node) -> bool:
    """Return True while something may still come of what was started."""
    if node.attempt is None or _is_done(node):
        return False
    if node.attempt.is_running:
        return True
    waits = node.attempt.plan is None or node.attempt.plan.has_ended
    return (
        waits
        and not node.attempt.audit.has_ended
        and node.phase is not Phase.BLOCKED
    )


def _running(nodes: Iterable[Node]) -> Iterable[str]:
    """Yield the UUIDs of the action plans that are carried out."""
    for node in nodes:
        attempt = node.attempt
        if attempt and attempt.plan and attempt.is_running:
            yield attempt.plan.uuid


def _is_done(node: Node) -> bool:
    """Return True if a node is ready, or its return has succeeded."""
    if node.phase in READY:
        return True
    attempt = node.attempt
    return (
        attempt is not None
        and attempt.audit.is_return
        and attempt.plan is not None
        and attempt.plan.state == states.SUCCEEDED
        and node.phase in RETURNED
    )


def _result(nodes: Sequence[Node]) -> Result:
    done = [_is_done(n) for n in nodes]
    if all(done):
        return Result.DONE
    if any(done) or any(_is_partly_done(n) for n in nodes):
        return Result.PARTLY
    refused = any(n.attempt and n.attempt.is_refused for n in nodes)
    return Result.IMPOSSIBLE if refused else Result.ERROR


def _is_partly_done(node: Node) -> bool:
    attempt = node.attempt
    return attempt is not None and any(
        a.step in EFFECTIVE and a.state == states.SUCCEEDED
        for a in attempt.actions
    )
