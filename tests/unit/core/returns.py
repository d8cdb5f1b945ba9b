# SPDX-License-Identifier: Apache-2.0

"""A node that returns, and the records of who left it.

By default ``compute-1`` waits for its return, and ``web-1`` left it for
``compute-2`` by a plan of its maintenance.
"""

import dataclasses

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from tests.unit.core.builders import a_group
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import an_instance
from tests.unit.core.plans import Plan
from watcher_host_maintenance.core import returning
from watcher_host_maintenance.core.model.pace import Pace
from watcher_host_maintenance.core.model.request import MoveBack
from watcher_host_maintenance.core.model.request import ReturnRequest
from watcher_host_maintenance.core.model.snapshot import Closing
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Departure
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.scheduling import steps


CLOSED_S = 1000
"""When the maintenance began; servers left a minute later."""

LEFT = {'move_back': MoveBack.LEFT}

DONE = 'watcher_maintained'


def maintained(hostname: str = 'compute-1', **fields: Any) -> ComputeNode:
    """A node whose work is done."""
    closed = {'status': 'disabled', 'disabled_reason': DONE}
    return a_node(hostname, **{**closed, **fields})


def a_departure(
    name: str = 'web-1',
    destination: str = 'compute-2',
    source: str = 'compute-1',
    kind: str = 'live-migration',
    ended_at_s: int = CLOSED_S + 60,
) -> Departure:
    """A live migration of ``web-1`` from ``compute-1`` to ``compute-2``."""
    return Departure(f'uuid-{name}', source, destination, kind, ended_at_s)


def a_closing(
    hostname: str = 'compute-1',
    moved: Mapping[str, str] | None = None,
    stopped: Iterable[str] = (),
    **fields: Any,
) -> Closing:
    """What Watcher remembers of a node.

    :param moved: name of a server -> hostname it was moved to
    :param stopped: names of servers
    """
    return Closing(
        hostname,
        CLOSED_S,
        moved={f'uuid-{n}': h for n, h in (moved or {}).items()},
        stopped=tuple(f'uuid-{n}' for n in stopped),
        **fields,
    )


def a_returning_snapshot(
    nodes: Iterable[ComputeNode] | None = None,
    instances: Iterable[Instance] | None = None,
    departures: Iterable[Departure] | None = None,
    closings: Iterable[Closing] | None = None,
    **others: Any,
) -> Snapshot:
    """A snapshot in which every server left ``compute-1`` for where it is.

    :param departures: in place of those
    :param closings: in place of the one that agrees with those
    """
    if nodes is None:
        nodes = (maintained(), a_node('compute-2'))
    if instances is None:
        instances = (an_instance(host='compute-2'),)
    instances = tuple(instances)
    away = [i for i in instances if i.host != 'compute-1']
    if departures is None:
        departures = [a_departure(i.name, i.host) for i in away]
    if closings is None:
        closings = [a_closing(moved={i.name: i.host for i in away})]
    return dataclasses.replace(
        a_snapshot(nodes, instances, **others),
        departures=tuple(departures),
        closings=tuple(closings),
    )


def two_homes() -> Snapshot:
    """A server that has left ``compute-1``, and ``compute-2`` since then."""
    return a_returning_snapshot(
        nodes=(maintained(), maintained('compute-2'), a_node('compute-3')),
        instances=(an_instance('web-1', 'compute-3'),),
        departures=[
            a_departure(destination='compute-3'),
            a_departure(
                source='compute-2', destination='compute-3', ended_at_s=2000
            ),
        ],
        closings=[
            a_closing(host, moved={'web-1': 'compute-3'})
            for host in ('compute-1', 'compute-2')
        ],
    )


def stopped_away(announced_by: Sequence[str] = (), **fields: Any) -> Snapshot:
    """A server that left ``compute-1``, and was stopped on ``compute-2``.

    :param announced_by: audits that announced the maintenance of compute-2
    """
    return a_returning_snapshot(
        nodes=(maintained(), maintained('compute-2')),
        instances=[
            an_instance(host='compute-2', vm_state='stopped', **fields)
        ],
        closings=[
            a_closing(moved={'web-1': 'compute-2'}),
            a_closing(
                'compute-2', stopped=['web-1'], announced_by=announced_by
            ),
        ],
    )


def a_swap(vcpus: int = 4, **fields: Any) -> Snapshot:
    """Two servers of 4 VCPU that left; a is on compute-2, the home of b.

    :param vcpus: of compute-2
    :param fields: of the servers
    """
    return a_returning_snapshot(
        nodes=(
            maintained(vcpus=4),
            maintained('compute-2', vcpus=vcpus),
            a_node('compute-3'),
        ),
        instances=(
            an_instance('a', 'compute-2', vcpus=4, **fields),
            an_instance('b', 'compute-3', vcpus=4, **fields),
        ),
        departures=[
            a_departure('a'),
            a_departure('b', 'compute-3', 'compute-2'),
        ],
        closings=[
            a_closing(moved={'a': 'compute-2'}),
            a_closing('compute-2', {'b': 'compute-3'}),
        ],
        groups=[a_group(name='db')],
    )


def a_return_request(*maintenance_nodes: str, **fields: Any) -> ReturnRequest:
    """A return of these nodes, with who left; of ``compute-1`` by default."""
    return ReturnRequest(
        maintenance_nodes or ('compute-1',), **{**LEFT, **fields}
    )


def a_return(
    snapshot: Snapshot | None = None,
    request: ReturnRequest | None = None,
    **limits: Any,
) -> Plan:
    """What the planner makes of a snapshot and a request, checked."""
    snapshot = snapshot or a_returning_snapshot()
    request = request or a_return_request()
    outcome = returning.plan(snapshot, request, **limits)
    schedule = steps.schedule(snapshot, outcome, Pace())
    return Plan(snapshot, request, outcome, schedule)
