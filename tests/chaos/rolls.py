# SPDX-License-Identifier: Apache-2.0

"""One rolling maintenance while services are killed at seeded moments."""

import collections
import contextlib
import pathlib
import random
import tempfile
import threading
import time

from collections.abc import Mapping
from typing import Any

from keystoneauth1 import exceptions as keystone_exceptions
from novaclient import exceptions as nova_exceptions

from minicloud import cloud as minicloud
from tests.chaos import lab as labs
from tests.chaos import rounds
from tests.functional import base


NAME = 'cluster_rolling_maintenance'
HOOK = """#!/bin/sh
cd {directory}
read -r document
host=$(expr "$document" : '.*"host": "\\([a-z0-9-]*\\)"')
echo "$host" >> calls
[ -e "$host" ] && exit 0
sleep 1
touch "$host"
"""
"""It works for a second, and finds out by itself what it has done before."""

HOSTS = tuple(f'compute-{n}' for n in range(1, 7))
DESCRIPTION: dict[str, Any] = {
    'hosts': dict.fromkeys(HOSTS, rounds.HOST),
    'flavors': rounds.DESCRIPTION['flavors'],
    'servers': {
        'web': {'host': 'compute-1', 'flavor': 'small', 'count': 3},
        'api': {'host': 'compute-2', 'flavor': 'small', 'count': 2},
        'db': {'host': 'compute-3', 'flavor': 'large'},
        'job': {'host': 'compute-3', 'flavor': 'small', 'state': 'SHUTOFF'},
        'lab': {'host': 'compute-4', 'flavor': 'small', 'state': 'PAUSED'},
        'dev': {'host': 'compute-5', 'flavor': 'small', 'count': 2},
    },
}
"""``compute-6`` is empty."""

TARGETS = (labs.ENGINE, labs.APPLIER, 'compute', 'placement')
"""What is killed: services of Watcher, and the APIs of Nova and Placement."""

GAP_S = (0.5, 8.0)
"""Seconds between two moments, at least and at most."""

LONGEST_S = 4.0
"""For how long something is gone, at most; Watcher takes longer to start."""

INTERVAL_S = 5
"""Seconds between two runs of the audit."""

MODEL_S = 20
"""Seconds between two builds of Watcher's model; its default is an hour."""

STUCK_S = 120.0
"""A plan that has not begun by then is one whose message was lost."""

LIMIT_S = 1500.0
"""Seconds until the maintenance has to be over."""

UNANSWERED = (
    keystone_exceptions.ClientException,
    nova_exceptions.ClientException,
)


class Watch(threading.Thread):
    """Looks at the services of Nova all the time.

    :ivar outages: host -> how often it went out of service
    :ivar most_out: how many hosts were out at once
    """

    def __init__(self, cloud: minicloud.Cloud) -> None:
        super().__init__(daemon=True)
        self._cloud = cloud
        self._is_over = threading.Event()
        self._out: set[str] = set()
        self.outages: collections.Counter[str] = collections.Counter()
        self.most_out = 0

    def run(self) -> None:
        """Look until it is stopped; what does not answer is asked again."""
        while not self._is_over.wait(0.2):
            with contextlib.suppress(*UNANSWERED):
                services = self._cloud.services().items()
                out = {h for h, s in services if s.status == 'disabled'}
                self.outages.update(out - self._out)
                self.most_out = max(self.most_out, len(out))
                self._out = out

    def stop(self) -> None:
        """Look no more."""
        self._is_over.set()
        self.join()


class Roll:
    """A rolling maintenance in a lab.

    :ivar interventions: what an operator had to do
    """

    def __init__(self, lab: labs.Lab, directory: pathlib.Path) -> None:
        self._lab = lab
        self._cloud = lab.cloud
        self._directory = directory
        self._began = time.monotonic()
        self._seen: dict[str, float] = {}
        self.interventions: list[str] = []

    def begin(self) -> None:
        """Create the audit."""
        self._audit = self._cloud.create_audit(
            NAME,
            NAME,
            {'maintenance_nodes': [*HOSTS], 'hook': 'work'},
            audit_type='CONTINUOUS',
            interval=str(INTERVAL_S),
            auto_trigger=True,
        )
        self._began = time.monotonic()

    @property
    def took_s(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._began

    @property
    def audit(self) -> Mapping[str, Any]:
        """The audit as Watcher has it now."""
        return self._cloud.audit(self._audit['uuid'])

    @property
    def has_ended(self) -> bool:
        """Whether Watcher runs it no more."""
        return self.audit['state'] not in ('PENDING', 'ONGOING')

    def suffer(self, target: str, for_s: float) -> None:
        """Kill something, and start it again."""
        if target in (labs.ENGINE, labs.APPLIER):
            self._lab.kill(target)
            time.sleep(for_s)
            self._lab.start(target)
        else:
            self._cloud.faults.stop_api(target)
            time.sleep(for_s)
            self._cloud.faults.start_api(target)

    def attend(self) -> None:
        """Do what an operator does of whom the audit asks something."""
        for plan in self._cloud.action_plans(self._audit):
            uuid, state = plan['uuid'], plan['state']
            if state != 'PENDING':
                continue
            since = self._seen.setdefault(uuid, time.monotonic())
            if time.monotonic() - since > STUCK_S:
                self._cancel(uuid)
        self._repair()
        for uuid in self._orphans():
            self.interventions.append(f'allocation {uuid} deleted')
            self._cloud.placement.delete(f'/allocations/{uuid}')
        message = self.audit['status_message'] or ''
        _text, found, rest = message.partition('Failed: ')
        if found:
            host = rest.split(':')[0].split(',')[0].rstrip('.')
            self._say_done(host)

    def _repair(self) -> None:
        """Set ACTIVE what Nova has left in ERROR; its guest runs on."""
        for server in self._cloud.nova.servers.list(
            search_opts={'all_tenants': True, 'status': 'ERROR'}
        ):
            if not getattr(server, 'OS-EXT-STS:task_state'):
                self.interventions.append(f'{server.name} set ACTIVE')
                self._cloud.nova.servers.reset_state(server.id, 'active')

    def _orphans(self) -> list[str]:
        """Return what ``nova-manage placement audit --delete`` deletes.

        Those are the allocations of migrations that have failed.
        """
        return [
            migration.uuid
            for migration in self._cloud.nova.migrations.list()
            if migration.status == 'error'
            and self._cloud.placement.get(
                f'/allocations/{migration.uuid}'
            ).json()['allocations']
        ]

    def _cancel(self, uuid: str) -> None:
        self.interventions.append(f'plan {uuid} cancelled')
        patch = [{'op': 'replace', 'path': '/state', 'value': 'CANCELLED'}]
        with contextlib.suppress(keystone_exceptions.HttpError):
            self._cloud.watcher.patch(f'/v1/action_plans/{uuid}', json=patch)

    def _say_done(self, host: str) -> None:
        """Say that the work is done on a node that has failed, if it is."""
        is_used = any(s.host == host for s in self._cloud.servers().values())
        if is_used or not (self._directory / host).exists():
            return
        self.interventions.append(f'{host} done')
        [service] = self._cloud.nova.services.list(
            host=host, binary='nova-compute'
        )
        self._cloud.nova.services.disable_log_reason(
            service.id, 'watcher_maintained'
        )

    def judge(self, before: Any, watch: Watch) -> list[str]:
        """Return what does not hold."""
        anomalies = rounds.lost(self._cloud, before)
        audit = self.audit
        done = f'{len(HOSTS)} of {len(HOSTS)} nodes maintained'
        if audit['state'] != 'SUCCEEDED':
            anomalies.append(f'the audit is {audit["state"]}')
        if done not in (audit['status_message'] or ''):
            anomalies.append(f'it says {audit["status_message"]}')
        for host in HOSTS:
            if watch.outages[host] != 1:
                anomalies.append(f'{host} was out {watch.outages[host]} times')
            if not (self._directory / host).exists():
                anomalies.append(f'no one has worked on {host}')
        if watch.most_out > 1:
            anomalies.append(f'{watch.most_out} nodes were out at once')
        for host, service in sorted(self._cloud.services().items()):
            if service.status != 'enabled':
                anomalies.append(f'{host} is {service.disabled_reason}')
        return anomalies


def run(moments: int, seed: int) -> int:
    """Roll once; return the exit status."""
    source = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        hook = directory / 'work'
        hook.write_text(HOOK.format(directory=directory))
        hook.chmod(0o700)
        (directory / 'calls').touch()
        options = {
            **rounds.OPTIONS,
            # A model that was built without Placement has no compute nodes.
            'watcher_cluster_data_model_collectors.compute': {
                'period': MODEL_S
            },
            'watcher_strategies.cluster_host_return': {'return_wait_s': 60},
            f'watcher_strategies.{NAME}': {
                'hooks_dir': str(directory),
                'exec_hooks': 'work',
            },
        }
        with labs.Lab(DESCRIPTION, options, base.REPORTS) as lab:
            return _roll(lab, directory, source, moments, seed)


def _roll(
    lab: labs.Lab,
    directory: pathlib.Path,
    source: random.Random,
    moments: int,
    seed: int,
) -> int:
    before = lab.cloud.servers()
    watch = Watch(lab.cloud)
    watch.start()
    roll = Roll(lab, directory)
    roll.begin()
    killed = 0
    while roll.took_s < LIMIT_S and not roll.has_ended:
        roll.attend()
        if killed == moments:
            time.sleep(1)
            continue
        target = source.choice(TARGETS)
        time.sleep(round(source.uniform(*GAP_S), 1))
        for_s = round(source.uniform(0.5, LONGEST_S), 1)
        killed += 1
        print(
            f'seed {seed} moment {killed}: {target} killed after '
            f'{roll.took_s:.0f} s for {for_s} s: '
            f'{roll.audit["status_message"]}',
            flush=True,
        )
        roll.suffer(target, for_s)
    watch.stop()
    anomalies = roll.judge(before, watch)
    calls = collections.Counter((directory / 'calls').read_text().split())
    print(
        f'seed {seed}: {killed} moments, {roll.took_s:.0f} s, '
        f'{roll.audit["status_message"]} '
        f'Calls of the hook: {calls.total()}. '
        f'Done by an operator: {"; ".join(roll.interventions) or "nothing"}. '
        f'{"; ".join(anomalies) or "ok"}'
    )
    if anomalies:
        print(lab.logs())
    return 1 if anomalies else 0
