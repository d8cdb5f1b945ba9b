# SPDX-License-Identifier: Apache-2.0

"""Empty a host of one cloud, return it, and judge who is home.

Who stays away is right to do so only if Nova itself refuses to move it home,
or if it belongs to an affinity group that comes home whole or not at all.
"""

import dataclasses
import json
import time

from collections.abc import Iterator
from collections.abc import Mapping

from benchmarks.fidelity import asking
from benchmarks.fidelity import cases
from benchmarks.fidelity import end
from benchmarks.fidelity import facts
from benchmarks.fidelity import judge
from benchmarks.fidelity import ways
from minicloud import cloud


GOAL = ('cluster_return', 'cluster_host_return')

#: A return waits for a report of nova-compute.
NOVA_OPTIONS = {'DEFAULT': {'report_interval': 1}}

#: What hangs, hangs for good: the verification need not look for it 180 times.
WATCHER_OPTIONS = {
    **judge.watcher_options(),
    'nova': {'migration_interval': 0.2, 'migration_max_retries': 60},
}

#: In place of a reason: Nova will move it when another has left its host.
WAITS = 'waits'

_REPORT = 'Return report: '
_SETTLE_S = 30
_POLL_S = 0.5


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What has become of one cloud, there and back.

    :ivar left: servers that the drain has moved off the host
    :ivar home: those of them that are home
    :ivar drained: migrations that Nova has recorded during the drain
    :ivar returned: those that it has recorded during the return
    :ivar away: reasons of those that are not
    :ivar faults: what is wrong in the end
    :ivar refused: moves that Nova refused or gave up, there or back
    """

    seed: int
    kind: str
    left: int
    home: int
    drained: int
    returned: int
    away: list[str]
    audit: str
    message: str
    plan: str
    faults: list[str]
    refused: list[str]
    seconds: float

    @property
    def right(self) -> bool:
        """Who could come home is home, and nothing else has changed."""
        return (
            not self.faults
            and not self.refused
            and self.returned <= self.drained
        )


def there_and_back(case: cases.Case) -> Verdict:
    """Start the cloud of a case, empty its node, and return it.

    :raises minicloud.exceptions.CloudError: the cloud did not start, or
        Watcher found no end
    """
    begin = time.monotonic()
    with cloud.Cloud(
        case.description,
        nova_options=NOVA_OPTIONS,
        watcher_options=WATCHER_OPTIONS,
    ) as lab:
        judge.prepare(lab, case, stale=False)
        before = end.scene(facts.read(lab))
        recorded = [_migrations(lab)]
        drained = ways.by_audit(*ways.OURS, lab, case.node, on_blocked='leave')
        drained_scene = end.scene(facts.read(lab))
        recorded.append(_migrations(lab))
        left = [
            uuid
            for uuid, (_name, _status, host) in before.servers.items()
            if host == case.node
            and drained_scene.servers.get(uuid, ('', '', None))[2]
            not in (case.node, None)
        ]
        # Nova does so every two minutes: a maintenance takes longer.
        lab.faults.update_resources()
        returned = ways.by_audit(*GOAL, lab, case.node, move_back='left')
        recorded.append(_migrations(lab))
        returned_scene = end.scene(facts.read(lab))
        waiting = _moving(returned_scene) - _moving(drained_scene)
        expected = end.Scene(
            {
                uuid: (name, 'MIGRATING' if name in waiting else status, host)
                for uuid, (name, status, host) in drained_scene.servers.items()
            },
            drained_scene.services,
        )
        stays = _stays(lab)
        stays |= {
            uuid: WAITS
            for uuid, (name, _status, _host) in expected.servers.items()
            if name in waiting
        }
        faults = _settled(lab, case.node, before, expected, left, stays)
        faults += [
            f'{uuid} stays away for {stays[uuid]}, but Nova takes it'
            for uuid in sorted(stays)
            if stays[uuid] not in {'group_stays', WAITS}
            and uuid in left
            and asking.accepts(lab, uuid, case.node)
        ]
        home = [uuid for uuid in left if uuid not in stays]
        return Verdict(
            seed=case.seed,
            kind=case.kind,
            left=len(left),
            home=len(home),
            drained=recorded[1] - recorded[0],
            returned=recorded[2] - recorded[1],
            away=sorted(stays.values()),
            audit=returned.audit,
            message=returned.message,
            plan=returned.plan,
            faults=faults,
            refused=[
                *_refused(drained.refused, drained_scene),
                *_refused(returned.refused, returned_scene),
            ],
            seconds=round(time.monotonic() - begin, 1),
        )


def _moving(scene: end.Scene) -> set[str]:
    """Return the names of the servers that Nova moves, or will move.

    It lets one server leave a host at a time: behind a live migration that
    has no end others wait, and Watcher gives up on them.
    """
    return {
        name
        for name, status, _host in scene.servers.values()
        if status == 'MIGRATING'
    }


def _refused(moves: list[str], scene: end.Scene) -> Iterator[str]:
    """Yield the moves that have failed and do not go on."""
    moving = _moving(scene)
    for move in moves:
        if move.partition(' ')[0] not in moving:
            yield move


def _migrations(lab: cloud.Cloud) -> int:
    """Count the records of migrations that Nova has, of any kind."""
    return len(lab.nova.migrations.list())


def _stays(lab: cloud.Cloud) -> dict[str, str]:
    """UUID -> reason of each server that the return leaves where it is."""
    lines = [
        line.partition(_REPORT)[2]
        for line in lab.logs()['watcher'].split('\n')[:-1]
        if _REPORT in line
    ]
    outcome = json.loads(lines[-1])['outcome'] if lines else {'nodes': []}
    return {
        stay['instance_uuid']: stay['findings'][0]['reason']
        for node in outcome['nodes']
        for stay in node['stays']
    }


def _settled(
    lab: cloud.Cloud,
    node: str,
    before: end.Scene,
    drained: end.Scene,
    left: list[str],
    stays: Mapping[str, str],
) -> list[str]:
    """Look until nothing is wrong, or for as long as Nova tidies up."""
    deadline = time.monotonic() + _SETTLE_S
    while True:
        after = end.scene(facts.read(lab))
        faults = [*_faults(node, before, drained, after, left, stays)]
        if not faults or time.monotonic() > deadline:
            return faults
        time.sleep(_POLL_S)


def _faults(
    node: str,
    before: end.Scene,
    drained: end.Scene,
    after: end.Scene,
    left: list[str],
    stays: Mapping[str, str],
) -> Iterator[str]:
    """Say what is wrong with a host that has returned."""
    used = {server[2] for server in after.servers.values()}
    for hostname, service in before.services.items():
        # A spare that was needed, and still is, stays enabled.
        is_kept = hostname in used and drained.services[hostname] == 'enabled'
        expected = 'enabled' if is_kept or hostname == node else service
        if after.services[hostname] != expected:
            yield f'{hostname} is {after.services[hostname]}, not {expected}'
    for uuid, (name, status, host) in drained.servers.items():
        _name, status_now, host_now = after.servers.get(
            uuid, (name, 'gone', None)
        )
        comes = uuid in left and uuid not in stays
        home = node if comes else host
        if (status_now, host_now) != (status, home):
            now = f'{status_now} on {host_now}'
            yield f'{name} is {now}, not {status} on {home}'
