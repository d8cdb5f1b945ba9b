# SPDX-License-Identifier: Apache-2.0

"""How far an action plan has come."""

import dataclasses

from collections.abc import Mapping
from collections.abc import Sequence

from watcher_host_maintenance.client.records import OF_SERVERS
from watcher_host_maintenance.client.records import Action
from watcher_host_maintenance.client.records import ActionPlan
from watcher_host_maintenance.client.records import hosts_of
from watcher_host_maintenance.cloud.records import Transfer
from watcher_host_maintenance.request import states


@dataclasses.dataclass(frozen=True, slots=True)
class Running:
    """An action that is being carried out.

    :ivar transfer: what Nova says of its migration; None when it says nothing
    """

    action: Action
    transfer: Transfer | None = None

    @property
    def share(self) -> float:
        """How much of it is done, 0 to 1; 0 when that is not known."""
        return self.transfer.share if self.transfer else 0.0


@dataclasses.dataclass(frozen=True, slots=True)
class Progress:
    """How far an action plan has come.

    :ivar nodes: the compute nodes that it empties, by hostname
    :ivar done: actions on servers that have succeeded, or had nothing to do
    :ivar total: all its actions on servers
    :ivar running: what is being carried out, actions on nodes as well
    :ivar failed: what has failed, in the plan's order
    """

    plan: ActionPlan
    nodes: tuple[str, ...]
    done: int
    total: int
    running: tuple[Running, ...]
    failed: tuple[Action, ...]
    actions: tuple[Action, ...]

    @property
    def share(self) -> float:
        """How much of the work on servers has ended, 0 to 1."""
        if not self.total:
            return 1.0 if self.plan.has_ended else 0.0
        ended = self.done + sum(a.step in OF_SERVERS for a in self.failed)
        going = sum(
            r.share for r in self.running if r.action.step in OF_SERVERS
        )
        return min(1.0, (ended + going) / self.total)


def measure(
    plan: ActionPlan,
    actions: Sequence[Action],
    transfers: Mapping[str, Transfer],
) -> Progress:
    """Compute how far a plan has come.

    :param actions: of the plan, in its order
    :param transfers: server UUID -> what Nova says of its migration
    """
    of_servers = [a for a in actions if a.step in OF_SERVERS]
    return Progress(
        plan=plan,
        nodes=tuple(sorted(hosts_of(actions))),
        done=sum(
            a.state in {states.SUCCEEDED, states.SKIPPED} for a in of_servers
        ),
        total=len(of_servers),
        running=tuple(
            Running(a, transfers.get(a.resource_id))
            for a in actions
            if a.state == states.ONGOING
        ),
        failed=tuple(a for a in actions if a.state == states.FAILED),
        actions=tuple(actions),
    )


def remaining_s(
    progress: Progress, elapsed_s: float, seen_share: float = 0.0
) -> float | None:
    """Estimate how long a plan still takes, in seconds.

    Until something has ended since the first look this is what the audit has
    estimated; later it follows from how fast the plan has been since then.

    :param elapsed_s: seconds since the first look
    :param seen_share: how much of the plan was done at the first look
    :returns: None without an estimate and before anything has ended
    """
    if progress.plan.has_ended:
        return 0.0
    gain = progress.share - seen_share
    if gain > 0:
        return elapsed_s * (1 - progress.share) / gain
    estimate = progress.plan.indicators.get('estimated_duration')
    if estimate is None:
        return None
    return max(0.0, estimate * (1 - seen_share) - elapsed_s)
