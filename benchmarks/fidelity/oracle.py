# SPDX-License-Identifier: Apache-2.0

"""Whether a host can be emptied at all, by exhaustive search."""

import collections

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from typing import NamedTuple

from benchmarks.fidelity import nova_rules
from benchmarks.fidelity.facts import Facts
from benchmarks.fidelity.facts import Group
from benchmarks.fidelity.facts import Host
from benchmarks.fidelity.facts import Server


UNUSED_REASON = 'watcher_disabled'
#: States in which Nova moves a server and leaves it as it is.
MOVES = ('ACTIVE', 'PAUSED', 'SHUTOFF')
#: Such a server is offloaded: it needs no other host.
OFFLOADS = 'SHELVED'


class Answer(NamedTuple):
    """What the oracle says.

    :ivar possible: every server of the host has a place
    :ivar why: what stands in the way, or how it can be done
    :ivar avoidable: server and host, of each failed move, if all can be done
        without one of them
    """

    possible: bool
    why: str
    avoidable: frozenset[tuple[str, str]] = frozenset()


def ask(facts: Facts, node: str) -> Answer:
    """Look for a place for every server of a host.

    Either one unused host takes all, or they spread over the enabled ones.
    """
    stuck = sorted(_stuck(facts, node))
    if stuck:
        return Answer(False, ', '.join(stuck))
    leavers = [
        one
        for one in facts.servers
        if one.host == node and one.status in MOVES
    ]
    for spare in _unused(facts):
        if _places(facts, leavers, [spare]):
            return Answer(True, f'all to {spare.name}')
    hosts = list(_open(facts, node))
    avoidable = facts.failed
    found = _places(facts, leavers, hosts, avoidable)
    if found is None:
        avoidable = frozenset()
        found = _places(facts, leavers, hosts)
    if found is None:
        return Answer(False, 'no placement')
    return Answer(
        True,
        ', '.join(f'{name} to {host}' for name, host in sorted(found.items())),
        avoidable,
    )


def ends(facts: Facts, node: str) -> dict[str, tuple[str, ...]]:
    """Say which servers are in another state when a host was emptied.

    :returns: UUID -> what its status may be: of those that are offloaded,
        or whose migration off the host is confirmed
    """
    found: dict[str, tuple[str, ...]] = dict.fromkeys(
        (one.server for one in facts.moves if one.left == node),
        ('ACTIVE', 'SHUTOFF'),
    )
    for server in facts.servers:
        if server.host == node and server.status == OFFLOADS:
            found[server.id] = ('SHELVED_OFFLOADED',)
    return found


def _stuck(facts: Facts, node: str) -> Iterator[str]:
    """Say what on the host can be moved by no means."""
    for server in facts.servers:
        if server.host == node and (
            server.busy or server.status not in (*MOVES, OFFLOADS)
        ):
            yield f'{server.name} is {server.status}'
    for move in facts.moves:
        if node in move.hosts and move.left != node:
            yield f'a migration of {move.server}'
    moving = {move.server for move in facts.moves}
    for server in facts.servers:
        if (
            server.host not in (None, '', node)
            and server.id in facts.hosts[node].consumers
            and server.id not in moving
        ):
            yield f'an allocation of {server.name}'


def _open(facts: Facts, node: str) -> Iterator[Host]:
    for name, host in sorted(facts.hosts.items()):
        if name != node and (host.status, host.state) == ('enabled', 'up'):
            yield host


def _unused(facts: Facts) -> Iterator[Host]:
    """Find the hosts that are kept for this, and are truly empty."""
    inhabited = {one.host for one in facts.servers}
    inhabited |= {name for one in facts.moves for name in one.hosts}
    for name, host in sorted(facts.hosts.items()):
        if (
            host.status == 'disabled'
            and host.reason == UNUSED_REASON
            and name not in inhabited
            and not host.consumers
        ):
            yield host


class _Room:
    """What is left on the hosts while servers are put there."""

    def __init__(self, facts: Facts, hosts: Iterable[Host]) -> None:
        self._groups = [
            one for one in facts.groups if one.policy == 'anti-affinity'
        ]
        self._left = {
            host.name: collections.Counter(
                {
                    name: most - host.used.get(name, 0)
                    for name, most in host.capacity.items()
                }
            )
            for host in hosts
        }
        self._members = {
            (host, id(group)): nova_rules.members_there(facts, group, host)
            for host in self._left
            for group in self._groups
        }

    def fits(self, server: Server, host: str) -> bool:
        left = self._left[host]
        return all(
            amount <= left[name] for name, amount in server.wants.items()
        ) and all(
            self._members[host, id(group)] < group.limit
            for group in self._of(server)
        )

    def put(self, server: Server, host: str, sign: int = 1) -> None:
        """Put a server on a host, or with -1 take it away again."""
        for name, amount in server.wants.items():
            self._left[host][name] -= sign * amount
        for group in self._of(server):
            self._members[host, id(group)] += sign

    def _of(self, server: Server) -> Iterator[Group]:
        return (one for one in self._groups if server.id in one.members)


def _places(
    facts: Facts,
    leavers: list[Server],
    hosts: list[Host],
    avoided: Collection[tuple[str, str]] = (),
) -> dict[str, str] | None:
    """Find a host for each server: its name -> that; None if none is.

    :param avoided: server and host that are not to be a pair
    """
    choices = {
        server.id: [
            host.name
            for host in hosts
            if (server.id, host.name) not in avoided
            and not nova_rules.refusals(facts, server, host)
        ]
        for server in leavers
    }
    order = sorted(leavers, key=lambda one: len(choices[one.id]))
    room = _Room(facts, hosts)
    found: dict[str, str] = {}

    def place(number: int) -> bool:
        if number == len(order):
            return True
        server = order[number]
        for host in choices[server.id]:
            if room.fits(server, host):
                room.put(server, host)
                found[server.name] = host
                if place(number + 1):
                    return True
                room.put(server, host, -1)
        return False

    return found if place(0) else None
