#    Licensed under the Apache License, Version 2.0 (the "License"); you may
#    not use this file except in compliance with the License. You may obtain
#    a copy of the License at
#
#         http://www.apache.org/licenses/LICENSE-2.0
#
#    Unless required by applicable law or agreed to in writing, software
#    distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
#    WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
#    License for the specific language governing permissions and limitations
#    under the License.

"""In which order the steps of a plan run."""

from watcher_host_maintenance.core.outcome import Disable
from watcher_host_maintenance.core.outcome import Enable
from watcher_host_maintenance.core.outcome import Outcome
from watcher_host_maintenance.core.outcome import Schedule
from watcher_host_maintenance.core.outcome import Step


def schedule(outcome: Outcome) -> Schedule:
    """Order the steps as Watcher's ``weight`` planner will run them.

    Services first, one by one: the nodes to empty are closed before a
    spare is opened, so that nothing new lands on them. Then stops, then
    moves, in any order among themselves: no destination of a plan is ever a
    source, so that each only fills, and a full end proves every order.
    """
    steps: list[Step] = []
    for hostname in outcome.disables:
        steps.append(
            Step(f'disable {hostname}', Disable(hostname), _last(steps))
        )
    for hostname in outcome.enables:
        steps.append(
            Step(f'enable {hostname}', Enable(hostname), _last(steps))
        )
    before = _last(steps)
    stops = tuple(
        Step(f'stop {s.instance_uuid}', s, before) for s in outcome.stops
    )
    moves = tuple(
        Step(f'move {m.instance_uuid}', m, before) for m in outcome.moves
    )
    return (*steps, *stops, *moves)


def _last(steps: list[Step]) -> tuple[str, ...]:
    return (steps[-1].key,) if steps else ()
