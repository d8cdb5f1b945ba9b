# SPDX-License-Identifier: Apache-2.0

"""How far a rolling maintenance is, and what is ahead of it."""

import dataclasses

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from watcher_host_maintenance.client import reasons
from watcher_host_maintenance.client.check import Answer
from watcher_host_maintenance.client.maintenance import nova_errors
from watcher_host_maintenance.client.records import ActionPlan
from watcher_host_maintenance.client.records import Audit
from watcher_host_maintenance.client.roll_check import RollAnswer
from watcher_host_maintenance.client.roll_check import check_roll
from watcher_host_maintenance.client.roll_check import usable
from watcher_host_maintenance.client.rolls import Rolls
from watcher_host_maintenance.client.rolls import estimated_end
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.optional import OptionalServices
from watcher_host_maintenance.cloud.placement import Placement
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.rolling import MANUAL
from watcher_host_maintenance.core.model.rolling import Journal
from watcher_host_maintenance.core.model.times import format_time
from watcher_host_maintenance.core.rolling import notice_period
from watcher_host_maintenance.core.rolling.progress import Stand
from watcher_host_maintenance.core.telling import rolls as telling
from watcher_host_maintenance.core.telling import words
from watcher_host_maintenance.request import states


@dataclasses.dataclass(frozen=True, slots=True)
class RollLook:
    """A rolling maintenance on the cloud as it is now.

    :ivar began_at: when the oldest audit that it continues was created
    :ivar journal: what it has done, with what blocks failed nodes now
    :ivar answer: where its nodes stand, and the waves ahead
    :ivar wrong: what is wrong with its parameters; None is nothing
    :ivar plan: the action plan that is being carried out, if any is
    :ivar gone: UUID of an audit that it continues, of which Watcher has no
        record any more; '' is none
    """

    audit: Audit
    began_at: str
    journal: Journal
    answer: RollAnswer
    wrong: Finding | None
    plan: ActionPlan | None
    gone: str = ''

    @property
    def nodes(self) -> list[tuple[str, Stand, str]]:
        """Host, where it stands, and why it has failed or waits.

        Of any other it is what the hook said last.
        """
        return [
            (host, stand, self._why(host, stand))
            for host, stand in sorted(self.answer.found.stands.items())
        ]

    @property
    def done(self) -> int:
        """How many nodes are done."""
        return len(self.answer.found.which(Stand.DONE))

    @property
    def ends_at(self) -> str:
        """When all is done, if nodes take as long as before; '' is unknown."""
        if self.audit.state != states.ONGOING or self.wrong is not None:
            return ''
        found = self.answer.found
        ahead = len(found.undone) - len(found.which(Stand.FAILED))
        return estimated_end(self.began_at, self.done, ahead)

    @property
    def to_work_on(self) -> tuple[str, ...]:
        """The nodes that wait for a person to work on them."""
        if self.audit.has_ended or self.answer.request.hook != MANUAL:
            return ()
        return self.answer.found.which(Stand.READY)

    def problems(self) -> Iterator[str]:
        """Yield what keeps it from going on, or leaves nodes out."""
        failed = self.answer.found.which(Stand.FAILED)
        if self.wrong is not None:
            yield telling.ignored(self.wrong)
        if self.gone:
            yield telling.gone(self.gone)
        yield from telling.failed(failed, self.journal)
        yield from telling.skipped(self.answer.roll.refused)
        if self.answer.roll.failed:
            yield from refusal(self.answer)

    def _why(self, host: str, stand: Stand) -> str:
        if stand is Stand.FAILED:
            failure = self.journal.failures.get(host)
            return failure.why if failure else ''
        if host in self.answer.found.stuck:
            return words.sentence(self.answer.found.stuck[host])
        period_s = self.answer.request.notice_period
        ends_s = notice_period.ends_s(
            host, self.audit.uuid, period_s, self.journal
        )
        if stand is not Stand.WAITING or ends_s is None:
            return next(telling.said(self.journal, [host]), '')
        return f'its owners have until {format_time(ends_s)}'


def look(
    rolls: Rolls,
    audit: Audit,
    nova: Nova,
    placement: Placement,
    services: OptionalServices,
    options: Mapping[str, Any],
    plans: bool = True,
) -> RollLook:
    """Read Watcher and the cloud, and plan what is ahead.

    :param services: what else is read
    :param options: of the plugin
    :param plans: False leaves out the waves, which takes less time
    :raises ClientError: a read failed, or the plan did not pass its check
    """
    audits = rolls.chain(audit)
    journal = rolls.journal(audits)
    begun = sorted(journal.closed | journal.returned)
    with nova_errors():
        given, wrong = usable(nova, audit.parameters, options, begun)
        answer = check_roll(
            nova,
            placement,
            services,
            given,
            options,
            journal,
            plans and wrong is None,
        )
    return RollLook(
        audit,
        audits[0].created_at,
        telling.with_blockers(journal, answer.found.blockers),
        answer,
        wrong,
        rolls.running(audit),
        rolls.gone(audits),
    )


def refusal(answer: RollAnswer) -> list[str]:
    """Return why there are no waves, a sentence each."""
    return reasons.message(
        Answer(answer.snapshot, answer.request, answer.outcome)
    )
