# SPDX-License-Identifier: Apache-2.0

"""What a cloud looks like to whoever judges: before, and in the end."""

import time

from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from typing import NamedTuple

from benchmarks.fidelity import facts
from benchmarks.fidelity import oracle
from minicloud import cloud


#: Nova tidies up for a moment after Watcher calls an action done; for how
#: long, the load of the machine says.
_SETTLE_S = 60
#: What Nova has refused, time does not mend.
_REFUSED_S = 4
_POLL_S = 0.5


class Scene(NamedTuple):
    """Servers and services.

    :ivar servers: UUID -> name, status, host, of soft-deleted ones too
    :ivar services: host -> 'enabled' or 'disabled'
    """

    servers: dict[str, tuple[str, str, str | None]]
    services: dict[str, str]


def scene(known: facts.Facts) -> Scene:
    """The part of the facts that a drain may change."""
    return Scene(
        {one.id: (one.name, one.status, one.host) for one in known.servers},
        {name: host.status for name, host in known.hosts.items()},
    )


def faults_of_drained(
    before: Scene,
    after: Scene,
    node: str,
    ends: Mapping[str, tuple[str, ...]],
    avoidable: Collection[tuple[str, str]] = (),
) -> Iterator[str]:
    """Say what is wrong with a host that could be emptied.

    It is to be empty and disabled, every server in its former state, and
    those of other hosts where they were.

    :param ends: UUID -> what the status of a server is to be instead
    :param avoidable: server and host that need not be together
    """
    if after.services[node] != 'disabled':
        yield f'{node} is enabled'
    for server, (name, status, host) in before.servers.items():
        _name, status_now, host_now = after.servers.get(
            server, (name, 'gone', None)
        )
        if status_now not in ends.get(server, (status,)):
            yield f'{name} was {status}, is {status_now}'
        if host == node and host_now == node:
            yield f'{name} is still there'
        if host != node and host_now != host:
            yield f'{name} was moved from {host} to {host_now}'
        if host == node and (server, host_now) in avoidable:
            yield f'{name} went to {host_now} again'


def faults_of_refused(before: Scene, after: Scene) -> Iterator[str]:
    """Say what has changed though nothing was to be done."""
    for host, status in before.services.items():
        if after.services[host] != status:
            yield f'{host} is {after.services[host]}'
    for server, was in before.servers.items():
        now = after.servers.get(server)
        if now != was:
            yield f'{was[0]} was {was[1:]}, is {now and now[1:]}'


def settled(
    lab: cloud.Cloud,
    known: facts.Facts,
    node: str,
    answer: oracle.Answer,
    was_refused: bool,
) -> list[str]:
    """Look until nothing is wrong, or Nova will not mend it any more.

    :param known: from before the audit
    :param was_refused: Nova has refused a move
    """
    before, ends = scene(known), oracle.ends(known, node)
    end = time.monotonic() + (_REFUSED_S if was_refused else _SETTLE_S)
    while True:
        after = scene(facts.read(lab))
        faults = list(
            faults_of_drained(before, after, node, ends, answer.avoidable)
            if answer.possible
            else faults_of_refused(before, after)
        )
        if not faults or time.monotonic() > end:
            return faults
        time.sleep(_POLL_S)
