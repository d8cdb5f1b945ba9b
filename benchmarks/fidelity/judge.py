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

"""Drain a host of one cloud, and judge what has become of it."""

import dataclasses
import time

from collections.abc import Mapping
from typing import Any

from benchmarks.fidelity import cases
from benchmarks.fidelity import end
from benchmarks.fidelity import facts
from benchmarks.fidelity import oracle
from benchmarks.fidelity import steps
from minicloud import cloud


#: Name here -> goal and strategy.
STRATEGIES: Mapping[str, tuple[str, str]] = {
    'ours': ('cluster_maintenance', 'cluster_host_maintenance'),
    'upstream': ('cluster_maintaining', 'host_maintenance'),
}
OUR_GROUP = 'watcher_strategies.cluster_host_maintenance'
WATCHER_OPTIONS: Mapping[str, Mapping[str, Any]] = {
    # A migration takes half a second: after 8 it has failed.
    'nova': {'migration_interval': 0.2, 'migration_max_retries': 40},
    # What hangs here hangs for good: there is nothing to wait for.
    OUR_GROUP: {'transient_wait_s': 1},
}


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What a strategy did with one cloud.

    :ivar possible: what the oracle said, with its reason in ``why``
    :ivar faults: what is wrong; none if the strategy was right
    :ivar refused: migrations of the plan that Nova refused or gave up
    """

    seed: int
    kind: str
    strategy: str
    stale: bool
    possible: bool
    why: str
    audit: str
    message: str
    plan: str
    faults: list[str]
    refused: list[str]
    seconds: float

    @property
    def right(self) -> bool:
        """The strategy did what can be done, and nothing else."""
        return not self.faults and not self.refused


def judge(case: cases.Case, strategy: str = 'ours',
          stale: bool = False) -> Verdict:
    """Start the cloud of a case, drain its node, and look.

    :param strategy: a key of STRATEGIES
    :param stale: let things happen after Watcher has built its model
    :raises minicloud.exceptions.CloudError: the cloud did not start, or
        Watcher found no end
    """
    begin = time.monotonic()
    with cloud.Cloud(case.description,
                     watcher_options=WATCHER_OPTIONS) as lab:
        prepare(lab, case, stale)
        known = facts.read(lab)
        answer = oracle.ask(known, case.node)
        goal, name = STRATEGIES[strategy]
        audit = lab.run_audit(goal, name, {'maintenance_node': case.node})
        plan = lab.action_plan(audit)
        if plan and plan['state'] == 'RECOMMENDED':
            plan = lab.execute(plan)
        faults = end.settled(lab, known, case.node, answer.possible)
        if not answer.possible and audit['state'] != 'FAILED':
            faults.append(f'the audit is {audit["state"]}')
        return Verdict(
            seed=case.seed, kind=case.kind, strategy=strategy, stale=stale,
            possible=answer.possible, why=answer.why, audit=audit['state'],
            message=audit['status_message'] or '',
            plan=plan['state'] if plan else '', faults=faults,
            refused=_refused(lab, plan) if plan else [],
            seconds=round(time.monotonic() - begin, 1))


def prepare(lab: cloud.Cloud, case: cases.Case, stale: bool) -> None:
    """Do what is done before the audit, and let Watcher look in between."""
    steps.take(lab, case.busy)
    lab.refresh_model()
    if stale:
        steps.take(lab, case.drift)


def _refused(lab: cloud.Cloud, plan: Mapping[str, Any]) -> list[str]:
    """Name the migrations of a plan that did not succeed."""
    return [
        '{resource_name} to {destination_node}'.format_map(
            {'destination_node': 'any host', **action['input_parameters']})
        for action in lab.actions(plan)
        if action['action_type'] == 'migrate'
        and action['state'] != 'SUCCEEDED']
