# SPDX-License-Identifier: Apache-2.0

"""What Watcher has recorded about the maintenance of compute nodes."""

import dataclasses
import datetime
import itertools

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator

from watcher_host_maintenance.client.records import Action
from watcher_host_maintenance.client.records import ActionPlan
from watcher_host_maintenance.client.records import Audit
from watcher_host_maintenance.client.records import hosts_of
from watcher_host_maintenance.client.times import to_second
from watcher_host_maintenance.client.watcher import Watcher
from watcher_host_maintenance.cloud.times import age
from watcher_host_maintenance.request import states


MAX_AUDITS = 500
"""How many audits are looked at, newest first."""

MAX_PLANS = 20
"""How many plans of one CONTINUOUS audit are looked at, newest first."""

LATELY = 5
"""How many attempts may be newer than the one that is being carried out."""

MAX_BARE = 20
"""How many audits without nodes are looked at for a node not waiting."""

NOT_BEGUN = frozenset({states.PENDING, states.CANCELLED, states.DELETED})
"""States of an action that has done nothing, as far as Watcher knows."""

FRESH = datetime.timedelta(hours=24)
"""How long an audit counts for a node that is enabled.

As long as Watcher keeps a recommended plan by default:
``[watcher_decision_engine] action_plan_expiry``.
"""


@dataclasses.dataclass(frozen=True, slots=True)
class Attempt:
    """One audit with one plan of it, for a node.

    :ivar plan: None when the audit has made none for the node
    :ivar actions: of the plan, in its order
    """

    audit: Audit
    plan: ActionPlan | None = None
    actions: tuple[Action, ...] = ()

    @property
    def is_running(self) -> bool:
        """Return True while its plan is being carried out."""
        return self.plan is not None and self.plan.is_running

    @property
    def is_pending(self) -> bool:
        """Return True while something may still come of it."""
        if self.plan is not None and not self.plan.has_ended:
            return True
        return bool(self.audit.nodes) and not self.audit.has_ended

    @property
    def has_begun(self) -> bool:
        """Return True if any action of its plan has been carried out."""
        return any(a.state not in NOT_BEGUN for a in self.actions)

    @property
    def is_refused(self) -> bool:
        """Return True if the audit has made no plan and says why.

        One that says when its window begins is not refused.
        """
        if self.plan is not None:
            return False
        if self.audit.state == states.FAILED:
            return True
        says_why = bool(self.audit.message) and not self.audit.awaits_window
        return self.audit.repeats and says_why

    @property
    def began_at(self) -> str:
        """When it began, ISO 8601 in UTC, to the second."""
        return to_second((self.plan or self.audit).created_at)

    @property
    def failures(self) -> tuple[Action, ...]:
        """The actions that have failed, in the plan's order."""
        return tuple(a for a in self.actions if a.state == states.FAILED)


class Journal:
    """Audits, plans and actions, each read at most once."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher
        self._unread = itertools.islice(watcher.audits(), MAX_AUDITS)
        self._audits: list[Audit] = []
        self._plans: dict[str, list[Attempt]] = {}

    def audits(self) -> Iterator[Audit]:
        """Yield the audits, newest first."""
        for position in itertools.count():
            if position == len(self._audits):
                audit = next(self._unread, None)
                if audit is None:
                    return
                self._audits.append(audit)
            yield self._audits[position]

    def fresh(self) -> Iterator[Audit]:
        """Yield the audits that are new, or have not ended, newest first."""
        for audit in self.audits():
            if is_fresh(audit):
                yield audit
            elif audit.kind == 'ONESHOT':
                return

    def attempts(self, host: str, goals: Collection[str]) -> Iterator[Attempt]:
        """Yield what was attempted for a node, newest audit first.

        :param goals: those for which the node waits: also yield audits of
            them that name no node and have made no plan for this one
        """
        return self._attempts(self.audits(), host, goals)

    def newest(
        self,
        host: str,
        goals: Collection[str],
        fresh: bool = False,
        refusals: bool = True,
    ) -> Attempt | None:
        """Return the attempt that counts for a node; None without any.

        That is the one that is being carried out, or else the newest if it
        is a refusal, or else the newest that has done something or still
        may: not an audit without a plan, nor a plan cancelled before it
        began. When there is none of these it is the newest.

        :param goals: see :meth:`attempts`
        :param fresh: look at no audit that ended long ago
        :param refusals: False passes over a refusal as well
        """
        audits = self.fresh() if fresh else self.audits()
        if not goals:
            audits = _few_bare(audits)
        attempts = self._attempts(audits, host, goals)
        lately = list(itertools.islice(attempts, LATELY))
        if not lately:
            return None
        running = [a for a in lately if a.is_running]
        refusal = [a for a in lately[:1] if a.is_refused and refusals]
        effective = [a for a in lately if a.has_begun or a.is_pending]
        return [*running, *refusal, *effective, *lately][0]

    def _attempts(
        self, audits: Iterable[Audit], host: str, goals: Collection[str]
    ) -> Iterator[Attempt]:
        for audit in audits:
            if audit.nodes and host not in audit.nodes:
                continue
            planned = [
                attempt
                for attempt in self._planned(audit)
                if host in hosts_of(attempt.actions)
            ]
            yield from planned
            if not planned and (audit.nodes or audit.goal in goals):
                yield Attempt(audit)

    def _planned(self, audit: Audit) -> list[Attempt]:
        """Return one attempt for each plan that does something."""
        if audit.uuid not in self._plans:
            plans = self._watcher.plans(audit.uuid)[:MAX_PLANS]
            attempts = (
                Attempt(audit, p, tuple(self._watcher.actions(p.uuid)))
                for p in plans
            )
            self._plans[audit.uuid] = [a for a in attempts if a.actions]
        return self._plans[audit.uuid]


def is_fresh(audit: Audit) -> bool:
    """Return True if an audit has not ended, or is not :data:`FRESH` old."""
    if not audit.has_ended:
        return True
    return age(audit.created_at) < FRESH


def _few_bare(audits: Iterable[Audit]) -> Iterator[Audit]:
    """Yield audits, but few of those that name no node."""
    tries_left = MAX_BARE
    for audit in audits:
        if not audit.nodes:
            tries_left -= 1
        if audit.nodes or tries_left >= 0:
            yield audit
