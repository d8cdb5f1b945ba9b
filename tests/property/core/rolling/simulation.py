# SPDX-License-Identifier: Apache-2.0

"""Carry out the waves of a rolling maintenance, one action after another.

A pretend cloud refuses what Nova and Placement would refuse. It shares
nothing with the planner or the checker but the records.
"""

import collections
import random

from watcher_host_maintenance.core.model.plan import Await
from watcher_host_maintenance.core.model.plan import Disable
from watcher_host_maintenance.core.model.plan import Enable
from watcher_host_maintenance.core.model.plan import Mark
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import Schedule
from watcher_host_maintenance.core.model.plan import Verify
from watcher_host_maintenance.core.model.rolling import Roll
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot


class Refused(Exception):
    """The pretend cloud cannot do it."""


class Cloud:
    """Nodes with room, and servers on them.

    :ivar most_out: how many nodes of waves were out at once
    """

    def __init__(self, snapshot: Snapshot, seed: int):
        self.snapshot = snapshot
        self.random = random.Random(seed)
        self.enabled = {
            n.hostname: n.status == 'enabled' for n in snapshot.nodes
        }
        self.where = {i.uuid: i.host for i in snapshot.instances}
        self.used = {
            n.hostname: collections.Counter(n.used) for n in snapshot.nodes
        }
        self.moves: collections.Counter[str] = collections.Counter()
        self.maintained: list[str] = []
        self.most_out = 0

    def carry_out(self, roll: Roll) -> None:
        """Run every wave to its end.

        :raises Refused: something cannot be done
        """
        for wave in roll.waves:
            for move in wave.canaries:
                self.begin(move)
                self.end(move)
            self.run(wave.schedule)
            out = [h for h in wave.hostnames if not self.enabled[h]]
            self.most_out = max(self.most_out, len(out))
            for hostname in wave.hostnames:
                if hostname in self.where.values():
                    raise Refused(f'{hostname} is not empty')
                if self.enabled[hostname]:
                    raise Refused(f'{hostname} may be filled again')
                self.maintained.append(hostname)
            for hostname in wave.hostnames:
                reason = self.snapshot.by_hostname[hostname].disabled_reason
                self.enabled[hostname] = reason in ('', 'watcher_maintaining')

    def run(self, schedule: Schedule) -> None:
        """Run the steps in any order that the schedule allows.

        Moves that may be under way at once are: each holds both of its ends
        until a step that waits for it begins.
        """
        waiting = {step.key: step for step in schedule}
        ended: set[str] = set()
        under_way: dict[str, Move] = {}
        while waiting or under_way:
            ready = sorted(
                key
                for key, step in waiting.items()
                if ended.issuperset(step.after)
            )
            if ready and (not under_way or self.random.random() < 0.8):
                step = waiting.pop(self.random.choice(ready))
                if isinstance(step.action, Move):
                    self.begin(step.action)
                    under_way[step.key] = step.action
                else:
                    self.act(step.action)
                    ended.add(step.key)
            else:
                key = self.random.choice(sorted(under_way))
                self.end(under_way.pop(key))
                ended.add(key)

    def act(self, action: object) -> None:
        """Do what is not a move."""
        match action:
            case Disable(hostname):
                self.enabled[hostname] = False
            case Mark(hostname):
                if self.enabled[hostname]:
                    raise Refused(f'{hostname} is enabled')
            case Enable(hostname):
                self.enabled[hostname] = True
            case Await(hostname):
                if not self.enabled[hostname]:
                    raise Refused(f'{hostname} is disabled')
            case Verify(hostname, remaining):
                held = {u for u, h in self.where.items() if h == hostname}
                if held - set(remaining):
                    raise Refused(f'{hostname} is not empty')
            case _:
                raise Refused(f'unknown: {action}')

    def begin(self, move: Move) -> None:
        """Claim the destination; the source keeps what it holds."""
        server = self.server(move)
        node = self.snapshot.by_hostname[move.destination]
        if self.where[server.uuid] != move.host:
            raise Refused(f'{server.name} is not on {move.host}')
        if not self.enabled[node.hostname]:
            raise Refused(f'{node.hostname} is disabled')
        if server.pinned_zone not in (None, node.zone):
            raise Refused(f'{server.name} leaves its zone')
        used = self.used[node.hostname]
        used.update(server.resources)
        for resource_class, offer in node.inventory.items():
            if used[resource_class] > offer.capacity:
                raise Refused(f'{node.hostname} is full')
        if server.group:
            held = [
                i
                for i in self.snapshot.instances
                if i.group == server.group
                and i.uuid != server.uuid
                and self.where[i.uuid] == node.hostname
            ]
            group = self.snapshot.group_by_uuid[server.group]
            if len(held) >= group.max_server_per_host:
                raise Refused(f'{node.hostname} has {group.name}')
        # From now on it counts there, as Nova's scheduler counts it.
        self.where[server.uuid] = node.hostname

    def end(self, move: Move) -> None:
        """Let go of the source."""
        server = self.server(move)
        self.used[move.host].subtract(server.resources)
        self.moves[server.uuid] += 1

    def server(self, move: Move) -> Instance:
        """Return the server that moves."""
        return self.snapshot.by_uuid[move.instance_uuid]
