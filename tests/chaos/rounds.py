# SPDX-License-Identifier: Apache-2.0

"""One round of chaos: a drain, what befalls it, and what must hold after."""

import contextlib
import random
import time

from collections.abc import Callable
from collections.abc import Iterator
from typing import Any
from typing import NamedTuple

from keystoneauth1 import exceptions as keystone_exceptions

from minicloud import exceptions
from minicloud import waiting
from tests.chaos import lab as labs
from tests.functional import placement


GOAL, STRATEGY = 'cluster_maintenance', 'cluster_host_maintenance'
MARK, SPARE = 'watcher_maintaining', 'watcher_disabled'

HOST = {'vcpus': 32, 'memory_mb': 131072, 'disk_gb': 2000}
DESCRIPTION: dict[str, Any] = {
    'hosts': {
        'compute-1': HOST,
        'compute-2': HOST,
        'compute-3': HOST,
        'compute-4': {**HOST, 'disabled_reason': SPARE},
    },
    'flavors': {
        'small': {'vcpus': 1, 'memory_mb': 2048, 'disk_gb': 20},
        'large': {'vcpus': 8, 'memory_mb': 32768, 'disk_gb': 160},
    },
    'servers': {
        'web': {'host': 'compute-1', 'flavor': 'small', 'count': 3},
        'db': {'host': 'compute-2', 'flavor': 'large'},
        'job': {'host': 'compute-1', 'flavor': 'small', 'state': 'SHUTOFF'},
        'lab': {'host': 'compute-2', 'flavor': 'small', 'state': 'PAUSED'},
    },
}
OPTIONS: dict[str, dict[str, Any]] = {
    'nova': {'migration_interval': 0.5, 'migration_max_retries': 60},
    'watcher_strategies.cluster_host_maintenance': {'transient_wait_s': 10},
}
"""Of watcher.conf: a migration has half a minute."""

TRIES = 8
"""Audits of one round, until the node is empty."""

WITHIN_S = 4.0
"""Seconds after the start of an audit in which things begin to happen."""

LONGEST_S = 5.0
"""For how long something is paused or cut off, at most."""

END_S = 60.0
"""Seconds for which an audit or a plan is waited for, when all is well."""


class Trouble(NamedTuple):
    """Something that goes wrong for a while.

    :ivar at_s: seconds after the start of the audit
    :ivar for_s: seconds until it is put right
    """

    what: str
    target: str
    at_s: float
    for_s: float

    def __str__(self) -> str:
        return f'{self.what} {self.target} at {self.at_s} s for {self.for_s} s'


class Report(NamedTuple):
    """How a round went.

    :ivar anomalies: what does not hold; empty is well
    """

    troubles: tuple[Trouble, ...]
    host: str
    audits: int
    elapsed_s: float
    anomalies: tuple[str, ...]


def draw(source: random.Random) -> tuple[Trouble, ...]:
    """Draw one to three things that go wrong, each with another target."""
    kinds = (
        ('kill', labs.ENGINE),
        ('kill', labs.APPLIER),
        ('pause', labs.ENGINE),
        ('pause', labs.APPLIER),
        ('refuse', 'nova'),
        ('hold', 'nova'),
        ('refuse', 'placement'),
        ('hold', 'placement'),
    )
    drawn = source.sample(kinds, source.randint(1, 3))
    by_target = {target: what for what, target in drawn}
    return tuple(
        Trouble(
            what,
            target,
            round(source.uniform(0, WITHIN_S), 1),
            round(source.uniform(0.5, LONGEST_S), 1),
        )
        for target, what in sorted(by_target.items())
    )


class Round:
    """A round in a lab; the next one begins where it ends."""

    def __init__(
        self, lab: labs.Lab, source: random.Random | None = None
    ) -> None:
        """Prepare it.

        :param source: what is drawn from; None is a drain in peace
        """
        self._lab = lab
        self._cloud = lab.cloud
        self._source = source
        self.restarts: list[int] = []

    def run(self) -> Report:
        """Drain a node while things go wrong, until it is empty."""
        before = self._cloud.servers()
        used = sorted(self._used(before))
        host = self._source.choice(used) if self._source else used[0]
        troubles = draw(self._source) if self._source else ()
        began = time.monotonic()
        audits, anomalies = self._drain(host, troubles)
        anomalies += self._judge(before, host)
        self._restore(host)
        elapsed_s = time.monotonic() - began
        return Report(troubles, host, audits, elapsed_s, tuple(anomalies))

    def _used(self, servers: Any) -> set[str]:
        services = self._cloud.services()
        return {
            server.host
            for server in servers.values()
            if services[server.host].status == 'enabled'
        }

    def _drain(
        self, host: str, troubles: tuple[Trouble, ...]
    ) -> tuple[int, list[str]]:
        """Drain a node; return the number of audits, and what is wrong."""
        for number in range(1, TRIES + 1):
            audit = self._create(host)
            if number == 1:
                self._suffer(troubles)
            self._settle(audit)
            if self._is_drained(host):
                return number, []
        state = {n: tuple(s) for n, s in self._cloud.servers().items()}
        return TRIES, [f'{host} is not drained: {state}']

    def _create(self, host: str) -> Any:
        return self._cloud.create_audit(
            GOAL,
            STRATEGY,
            {'maintenance_node': host},
            auto_trigger=True,
        )

    def _suffer(self, troubles: tuple[Trouble, ...]) -> None:
        """Let things go wrong, and put them right, each at its time."""
        events: list[tuple[float, Callable[[], None]]] = []
        for trouble in troubles:
            begin, end = self._ways(trouble)
            events.append((trouble.at_s, begin))
            events.append((trouble.at_s + trouble.for_s, end))
        began = time.monotonic()
        for at_s, act in sorted(events, key=lambda event: event[0]):
            time.sleep(max(0.0, began + at_s - time.monotonic()))
            act()

    def _ways(
        self, trouble: Trouble
    ) -> tuple[Callable[[], None], Callable[[], None]]:
        """Return what makes a trouble, and what puts it right."""
        lab, target = self._lab, trouble.target
        match trouble.what:
            case 'kill':
                return lambda: lab.kill(target), lambda: self._start(target)
            case 'pause':
                return lambda: lab.pause(target), lambda: lab.go_on(target)
        path = lab.nova if target == 'nova' else lab.placement
        if trouble.what == 'refuse':
            return path.refuse, path.open
        return path.hold, path.open

    def _start(self, service: str) -> None:
        self.restarts.append(self._lab.start(service))

    def _settle(self, audit: Any) -> None:
        """Wait for an audit and its plans; cancel what was lost."""
        for service in (labs.ENGINE, labs.APPLIER):
            if self._lab.has_ended(service):
                self._start(service)
        with self._cancelling('audits', audit):
            self._cloud.finished_audit(audit['uuid'], END_S)
        for plan in self._cloud.action_plans(audit):
            with self._cancelling('action_plans', plan):
                self._await_start(plan)
                self._cloud.finished_plan(plan, END_S)
            # What runs when a plan is cancelled is waited for.
            with contextlib.suppress(exceptions.CloudError):
                self._cloud.finished_plan(plan, END_S)

    def _await_start(self, plan: Any) -> None:
        """Wait until the applier has taken a plan that starts by itself.

        It is RECOMMENDED until then, after its audit has ended.
        """
        path = f'/v1/action_plans/{plan["uuid"]}'
        waiting.until(
            lambda: (
                self._cloud.watcher.get(path).json()['state'] != 'RECOMMENDED'
            ),
            END_S,
            lambda: f'{plan["uuid"]} is not started',
        )

    @contextlib.contextmanager
    def _cancelling(self, kind: str, resource: Any) -> Iterator[None]:
        """Cancel an audit or a plan whose message was lost."""
        try:
            yield
        except exceptions.CloudError:
            path = f'/v1/{kind}/{resource["uuid"]}'
            # It may just have ended.
            with contextlib.suppress(keystone_exceptions.HttpError):
                state = self._cloud.watcher.get(path).json()['state']
                is_carried_out = kind == 'action_plans' and state == 'ONGOING'
                value = 'CANCELLING' if is_carried_out else 'CANCELLED'
                patch = [{'op': 'replace', 'path': '/state', 'value': value}]
                self._cloud.watcher.patch(path, json=patch)

    def _is_drained(self, host: str) -> bool:
        servers = self._cloud.servers().values()
        on_it = [server for server in servers if server.host == host]
        moving = {'MIGRATING', 'RESIZE', 'VERIFY_RESIZE'}
        is_busy = any(server.status in moving for server in servers)
        is_closed = self._cloud.services()[host].disabled_reason == MARK
        return is_closed and not on_it and not is_busy

    def _judge(self, before: Any, host: str) -> list[str]:
        """Return what does not hold though everything has ended."""
        anomalies = lost(self._cloud, before)
        for name, service in sorted(self._cloud.services().items()):
            is_used = any(
                server.host == name
                for server in self._cloud.servers().values()
            )
            expected = MARK if name == host else None
            reasons = {expected} if is_used or name == host else {None, SPARE}
            if service.disabled_reason not in reasons:
                anomalies.append(f'{name} is {service.disabled_reason}')
        return anomalies

    def _restore(self, host: str) -> None:
        """Give the lab back as the next round wants it.

        The drained node takes the place of the spare, if there is none.
        """
        services = self._cloud.services().values()
        has_spare = any(s.disabled_reason == SPARE for s in services)
        [service] = self._cloud.nova.services.list(
            host=host, binary='nova-compute'
        )
        if has_spare:
            self._cloud.nova.services.enable(service.id)
        else:
            self._cloud.nova.services.disable_log_reason(service.id, SPARE)


def lost(cloud: Any, before: Any) -> list[str]:
    """Return the servers that are gone or changed, and what Placement lacks.

    :param before: the servers by name, as they were
    """
    anomalies = []
    listed = cloud.nova.servers.list(search_opts={'all_tenants': True})
    if len(listed) != len(before):
        anomalies.append(f'{len(listed)} servers of {len(before)}')
    for name, server in sorted(cloud.servers().items()):
        if server.status != before[name].status:
            anomalies.append(
                f'{name} was {before[name].status}, is {server.status}'
            )
    try:
        waiting.until(
            lambda: not placement.faults(cloud),
            END_S,
            lambda: '; '.join(placement.faults(cloud)),
        )
    except exceptions.CloudError as exc:
        anomalies.append(str(exc))
    return anomalies
