# SPDX-License-Identifier: Apache-2.0

"""Our rules and Nova itself, asked about every single move."""

import collections
import dataclasses
import traceback

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from benchmarks.fidelity import asking
from benchmarks.fidelity import believed
from benchmarks.fidelity import cases
from benchmarks.fidelity import judge
from watcher_host_maintenance.core.rules.hypervisors import OTHER_HYPERVISOR
from watcher_host_maintenance.core.rules.ports import AGENTS_DEAD
from watcher_host_maintenance.core.rules.ports import NETWORK_UNREACHED
from watcher_host_maintenance.core.rules.ports import NO_AGENT
from watcher_host_maintenance.core.rules.roles import NO_HYPERVISOR


#: What we object to though Nova does not, of moves of stopped servers: one
#: could not be started on another kind of hypervisor, nor where Neutron does
#: not bind its ports.
ON_PURPOSE = frozenset(
    reason.value
    for reason in (AGENTS_DEAD, NETWORK_UNREACHED, NO_AGENT, OTHER_HYPERVISOR)
)
#: The same, whatever else we say of such a host: Nova moves servers to a host
#: that is in no cell, but no API says what it is.
UNKNOWN = NO_HYPERVISOR.value
#: What is not wrong.
FINE = ('agreed', 'on purpose')


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What was said of one move.

    :ivar objections: values of our reasons; none if we would do it
    :ivar accepted: Nova would
    :ivar is_stopped: the server is
    """

    seed: int
    kind: str
    server: str
    host: str
    objections: list[str]
    accepted: bool
    is_stopped: bool = False

    @property
    def sense(self) -> str:
        """'agreed', 'strict', 'lax', or 'on purpose'."""
        if self.accepted != bool(self.objections):
            return 'agreed'
        if not self.accepted:
            return 'lax'
        if UNKNOWN in self.objections or (
            self.is_stopped and ON_PURPOSE.issuperset(self.objections)
        ):
            return 'on purpose'
        return 'strict'


def compare(case: cases.Case) -> Iterator[Verdict]:
    """Ask about every server of the node and every other host.

    Servers that neither a live nor a cold migration moves are left out.

    :raises minicloud.exceptions.CloudError: the cloud did not start, or
        Nova came to no end
    """
    with believed.Cloud(case) as lab:
        judge.prepare(lab, case, stale=False)
        known = lab.known(case)
        rules = believed.Rules(known, case)
        for server in rules.movable:
            for host in sorted(known.by_hostname.keys() - {case.node}):
                objections = rules.objections(server, host)
                yield Verdict(
                    case.seed,
                    case.kind,
                    server.name,
                    host,
                    [one.value for one in objections],
                    asking.accepts(lab, server.uuid, host),
                    server.vm_state == 'stopped',
                )


def attempt(task: tuple[int, str | None]) -> list[dict[str, Any]]:
    """Compare one seed; an 'error' takes the place of what went wrong.

    :param task: seed, and kind or None for that of the seed
    """
    found: list[dict[str, Any]] = []
    case = cases.case(*task)
    try:
        found.extend(
            {**dataclasses.asdict(one), 'sense': one.sense}
            for one in compare(case)
        )
    except Exception:
        found.append(
            {
                'seed': case.seed,
                'kind': case.kind,
                'sense': 'error',
                'error': traceback.format_exc(),
            }
        )
    return found


def summary(records: Iterable[Mapping[str, Any]]) -> str:
    """Count by what came of it, then by our reasons."""
    records = list(records)
    senses = collections.Counter(one['sense'] for one in records)
    yes = sum(bool(one.get('accepted')) for one in records)
    reasons = collections.Counter(
        reason
        for one in records
        if one['sense'] == 'agreed'
        for reason in one['objections']
    )
    lines = [
        f'{len(records)} moves, {yes} accepted by Nova: '
        + ', '.join(f'{n} {sense}' for sense, n in senses.items())
    ]
    lines += [
        f'  refused for {reason}: {count}'
        for reason, count in sorted(reasons.items())
    ]
    return '\n'.join(lines)
