# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""Whether an instance can leave its node, and how: by its state."""

import dataclasses

from watcher_host_maintenance.core import request as requests
from watcher_host_maintenance.core import snapshot
from watcher_host_maintenance.core.outcome import MoveKind
from watcher_host_maintenance.core.outcome import Stay
from watcher_host_maintenance.core.reasons import Finding
from watcher_host_maintenance.core.reasons import Reason


RUNNING = 'active'
STOPPED = 'stopped'

BLOCKED_STATES = {
    'building': Reason.BUILDING,
    'error': Reason.ERROR,
    'paused': Reason.PAUSED,
    'rescued': Reason.RESCUED,
    'resized': Reason.RESIZED,
    'shelved': Reason.SHELVED,
    'soft-delete': Reason.SOFT_DELETED,
    'suspended': Reason.SUSPENDED,
}
"""vm_state -> why Watcher's stock ``migrate`` action cannot move it."""

HOLDS_NOTHING = frozenset({'deleted', 'shelved_offloaded'})
"""vm_states that are on no node: a late notification may say otherwise."""


@dataclasses.dataclass(frozen=True)
class Departures:
    """What is to become of the instances of some nodes.

    :ivar moving: those to move, and how
    :ivar stopping: those to stop where they are
    :ivar staying: those left, as asked or blocked
    """

    moving: tuple[tuple[snapshot.Instance, MoveKind], ...]
    stopping: tuple[snapshot.Instance, ...]
    staying: tuple[Stay, ...]

    @property
    def blocked(self) -> tuple[Stay, ...]:
        """Those that stay though nobody asked for it."""
        return tuple(s for s in self.staying if not s.as_asked)


def departures(
    instances: tuple[snapshot.Instance, ...], request: requests.Request
) -> Departures:
    """Judge each instance by itself, whatever room there is."""
    moving, stopping, staying = [], [], []
    for instance in instances:
        stay = _stay(instance, request)
        if stay is not None:
            staying.append(stay)
        elif request.stops_instead_of_moving:
            stopping.append(instance)
        else:
            moving.append((instance, _kind(instance, request)))
    return Departures(tuple(moving), tuple(stopping), tuple(staying))


def _stay(
    instance: snapshot.Instance, request: requests.Request
) -> Stay | None:
    asked = _left_as_asked(instance, request)
    findings = (asked,) if asked else _blockers(instance)
    if not findings:
        return None
    return Stay(
        instance.uuid, instance.name, instance.host, bool(asked), findings
    )


def _left_as_asked(
    instance: snapshot.Instance, request: requests.Request
) -> Finding | None:
    """Say which parameter leaves an instance where it is, if any does.

    With both kinds of migration off nothing moves, so that what does not
    run is left, whatever its state; a running one is stopped.
    """
    if instance.vm_state == RUNNING:
        return None
    if request.stops_instead_of_moving:
        return Finding(Reason.LIVE_AND_COLD_DISABLED, instance.name)
    if request.disable_cold_migration and instance.vm_state == STOPPED:
        return Finding(Reason.COLD_DISABLED, instance.name)
    return None


def _blockers(instance: snapshot.Instance) -> tuple[Finding, ...]:
    found = []
    if instance.excluded:
        found.append(Finding(Reason.EXCLUDED_BY_SCOPE, instance.name))
    if instance.vm_state not in (RUNNING, STOPPED):
        reason = BLOCKED_STATES.get(instance.vm_state, Reason.UNKNOWN_STATE)
        facts = {'vm_state': instance.vm_state}
        found.append(Finding(reason, instance.name, facts))
    if instance.task_state:
        task = {'task_state': instance.task_state}
        found.append(Finding(Reason.BUSY, instance.name, task))
    return tuple(found)


def _kind(
    instance: snapshot.Instance, request: requests.Request
) -> MoveKind:
    live = (
        instance.vm_state == RUNNING and not request.disable_live_migration
    )
    return MoveKind.LIVE if live else MoveKind.COLD
