# SPDX-License-Identifier: Apache-2.0

"""Maintenances of compute nodes: start, follow, stop, and look back."""

import contextlib
import dataclasses
import itertools

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from watcher_host_maintenance.client.check import named
from watcher_host_maintenance.client.errors import ClientError
from watcher_host_maintenance.client.errors import NoAnswer
from watcher_host_maintenance.client.journal import LATELY
from watcher_host_maintenance.client.journal import Attempt
from watcher_host_maintenance.client.journal import Journal
from watcher_host_maintenance.client.journal import is_fresh
from watcher_host_maintenance.client.phases import Phase
from watcher_host_maintenance.client.phases import Reasons
from watcher_host_maintenance.client.phases import Standing
from watcher_host_maintenance.client.phases import phase
from watcher_host_maintenance.client.progress import Progress
from watcher_host_maintenance.client.progress import measure
from watcher_host_maintenance.client.records import ActionPlan
from watcher_host_maintenance.client.records import Audit
from watcher_host_maintenance.client.records import Step
from watcher_host_maintenance.client.waiting import Waiting
from watcher_host_maintenance.client.watcher import Watcher
from watcher_host_maintenance.cloud import parallel
from watcher_host_maintenance.cloud.errors import CALL_REFUSED
from watcher_host_maintenance.cloud.errors import CREDENTIAL_REFUSED
from watcher_host_maintenance.cloud.errors import NOT_IN_CATALOG
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.records import Migration
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.cloud.records import Service
from watcher_host_maintenance.cloud.records import Transfer
from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.core.model.nova import AUTO
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.rules.roles import is_marked
from watcher_host_maintenance.core.telling import words
from watcher_host_maintenance.request import config
from watcher_host_maintenance.request import parameters
from watcher_host_maintenance.request import return_parameters
from watcher_host_maintenance.request import states
from watcher_host_maintenance.request.options import GOAL
from watcher_host_maintenance.request.options import RETURN_GOAL


TO_REQUEST: dict[str, Callable[..., object]] = {
    GOAL: parameters.to_request,
    RETURN_GOAL: return_parameters.to_request,
}
"""Goal -> what refuses parameters of its strategy that are wrong."""

IN_MAINTENANCE = frozenset(
    {
        Phase.ANNOUNCED,
        Phase.DRAINING,
        Phase.READY,
        Phase.MAINTAINED,
        Phase.RETURNING,
        Phase.BLOCKED,
    }
)


@dataclasses.dataclass(frozen=True, slots=True)
class Node:
    """Where one compute node stands.

    :ivar servers: what is on it; None when it was not read
    :ivar attempt: what was last attempted for it
    """

    service: Service
    phase: Phase
    servers: tuple[Server, ...] | None = None
    attempt: Attempt | None = None

    @property
    def host(self) -> str:
        """The service host."""
        return self.service.host

    @property
    def is_asked_for(self) -> bool:
        """Return True if a plan for it has not ended."""
        return self.attempt is not None and self.attempt.is_pending

    @property
    def is_of_interest(self) -> bool:
        """Return True if it is in maintenance, or is to be."""
        return self.phase in IN_MAINTENANCE or self.is_asked_for

    @property
    def has_returned(self) -> bool:
        """Return True if the newest that was done for it is its return."""
        return (
            self.attempt is not None
            and self.attempt.audit.is_return
            and self.attempt.has_begun
            and is_fresh(self.attempt.audit)
        )


class Maintenance:
    """What the commands and the dashboard are made of.

    Its methods raise :class:`.errors.ClientError`.
    """

    def __init__(
        self, watcher: Watcher, nova: Nova, reasons: Reasons | None = None
    ) -> None:
        self.watcher = watcher
        self.nova = nova
        self._reasons = reasons or Reasons()

    def nodes(self, every: bool = False) -> list[Node]:
        """Return the nodes in maintenance or asked for, by hostname.

        :param every: return the other nodes too
        """
        services = self._services()
        journal = Journal(self.watcher)
        named = {host for audit in journal.fresh() for host in audit.nodes}
        chosen = [
            service
            for host, service in sorted(services.items())
            if every or host in named or service.status == 'disabled'
        ]
        nodes = self._nodes(chosen, journal)
        return nodes if every else [n for n in nodes if n.is_of_interest]

    def node(self, host: str) -> Node:
        """Return where one node stands, with its servers."""
        return self.standing([host])[0]

    def standing(self, hosts: Sequence[str]) -> list[Node]:
        """Return where some nodes stand, with their servers, in order."""
        services = self._services()
        for host in hosts:
            if host not in services:
                raise _unknown(host)
        chosen = [services[host] for host in hosts]
        return self._nodes(chosen, Journal(self.watcher), hosts)

    def transfers(self, uuids: Iterable[str]) -> dict[str, Transfer]:
        """Return server UUID -> how far its live migration is."""
        wanted = sorted(set(uuids))
        with nova_errors():
            listed = parallel.each(self.nova.transfers, wanted)
        return {u: t[-1] for u, t in zip(wanted, listed, strict=True) if t}

    def migrations(self, host: str) -> list[Migration]:
        """Return the migrations off a host, and to it."""
        with nova_errors():
            return self.nova.migrations_of(host)

    def attempts(self, host: str) -> Iterator[Attempt]:
        """Yield what was attempted for a node, newest audit first."""
        service = self._services().get(host)
        goals = self._goals(service) if service is not None else ()
        return Journal(self.watcher).attempts(host, goals)

    def unfinished(self, host: str) -> list[tuple[Attempt, ActionPlan]]:
        """Return the plans of a node that have not ended, with their attempts.

        The running one is first, then the newest. Of what is older than the
        running one only a few attempts are looked at.

        :raises ClientError: there is none
        """
        self.node(host)
        attempts = self.attempts(host)
        read = []
        for attempt in attempts:
            read.append(attempt)
            if attempt.is_running:
                read.extend(itertools.islice(attempts, LATELY))
                break
        unfinished = [
            (a, a.plan)
            for a in read
            if a.plan is not None and not a.plan.has_ended
        ]
        if not unfinished:
            raise ClientError(f'There is no action plan of {host} to stop.')
        return sorted(unfinished, key=lambda pair: not pair[1].is_running)

    def create_audit(
        self,
        hosts: Sequence[str],
        options: Mapping[str, Any],
        goal: str = GOAL,
        name: str = '',
        interval_s: int = 0,
        force: bool = False,
    ) -> Audit:
        """Have Watcher plan.

        :param options: parameters of the goal's strategy, beside the nodes
        :param name: of the audit, at most 63 characters; '' is Watcher's
        :param interval_s: seconds between two runs, whose plans are started
            at once; 0 is one run that starts nothing
        :param force: also while a plan is being carried out
        :raises Conflict: there is an audit of this name
        """
        given = {**named(hosts), **options}
        with nova_errors():
            TO_REQUEST[goal](given, config.read().values)
        self.watcher.require_plugin(goal)
        return self.watcher.create_audit(
            given, force, goal=goal, name=name, interval_s=interval_s
        )

    def mark_done(self, host: str, text: str = '') -> Service:
        """Give a disabled node the reason that its work is done.

        Only Nova is asked.

        :param text: what follows the reason; it is cleaned and cut
        """
        with nova_errors():
            service = self.nova.service(host)
        if service is None:
            raise _unknown(host)
        now = service.disabled_reason
        if service.status != 'disabled':
            raise ClientError(f'{host} is enabled: it is in no maintenance.')
        if now in self._reasons.unused:
            raise ClientError(f'{host} is a spare: it is in no maintenance.')
        if now.startswith(AUTO):
            raise ClientError(
                f'Nova has disabled {host}: {now}.',
                'Start its libvirt: Nova enables it then.',
            )
        reason = parameters.disabled_reason(self._reasons.returning[0], text)
        with nova_errors(), self.nova.calling('PUT /os-services'):
            self.nova.client.services.disable_log_reason(service.id, reason)
        return dataclasses.replace(service, disabled_reason=reason)

    def planned(
        self, audit_uuid: str, waiting: Waiting
    ) -> tuple[Audit, ActionPlan | None]:
        """Wait for an audit to end, and return it with its plan."""
        looks = waiting.looks(lambda: self.watcher.audit(audit_uuid))
        audit = next(a for a in looks if a.has_ended)
        plans = self.watcher.plans(audit.uuid)
        return audit, plans[0] if plans else None

    def follow(self, plan_uuid: str, waiting: Waiting) -> Iterator[Progress]:
        """Yield how far a plan is, until it has ended."""
        for progress in waiting.looks(lambda: self.progress(plan_uuid)):
            yield progress
            if progress.plan.has_ended:
                return

    def progress(self, plan_uuid: str) -> Progress:
        """Return how far a plan is."""
        # The plan first: the actions are then at least as new.
        plan = self.watcher.plan(plan_uuid)
        actions = self.watcher.actions(plan_uuid)
        live = [
            a.resource_id
            for a in actions
            if a.state == states.ONGOING and a.step is Step.LIVE
        ]
        return measure(plan, actions, self.transfers_if_any(live))

    def transfers_if_any(self, uuids: Iterable[str]) -> dict[str, Transfer]:
        """Return what :meth:`transfers` does; nothing when Nova refuses."""
        with contextlib.suppress(ClientError):
            return self.transfers(uuids)
        return {}

    def _services(self) -> dict[str, Service]:
        with nova_errors():
            return self.nova.services()

    def _goals(self, service: Service) -> list[str]:
        """Return the goals whose audits without nodes include a node."""
        prefixes = {
            GOAL: self._reasons.marking,
            RETURN_GOAL: self._reasons.returning,
        }
        return [
            goal
            for goal, reasons in prefixes.items()
            if is_marked(service.status, service.disabled_reason, reasons)
        ]

    def _nodes(
        self,
        services: Sequence[Service],
        journal: Journal,
        with_servers: Collection[str] = (),
    ) -> list[Node]:

        def newest(service: Service, refusals: bool = True) -> Attempt | None:
            enabled = service.status == 'enabled'
            return journal.newest(
                service.host,
                self._goals(service),
                fresh=enabled and service.host not in with_servers,
                refusals=refusals,
            )

        attempts = [newest(s) for s in services]
        counted = [
            s.host
            for s, attempt in zip(services, attempts, strict=True)
            if s.answers
            and (
                s.status == 'disabled'
                or s.host in with_servers
                or (attempt and attempt.is_pending)
            )
        ]
        with nova_errors():
            servers = parallel.each(self.nova.servers, counted)
        held = dict(zip(counted, servers, strict=True))
        nodes = [
            self._node(s, held.get(s.host), attempt)
            for s, attempt in zip(services, attempts, strict=True)
        ]
        return [
            dataclasses.replace(n, attempt=newest(n.service, refusals=False))
            if _is_past(n)
            else n
            for n in nodes
        ]

    def _node(
        self,
        service: Service,
        servers: list[Server] | None,
        attempt: Attempt | None,
    ) -> Node:
        is_return = attempt is not None and attempt.audit.is_return
        is_running = attempt is not None and attempt.is_running
        counts = attempt is not None and (
            service.status == 'disabled' or is_fresh(attempt.audit)
        )
        standing = Standing(
            status=service.status,
            disabled_reason=service.disabled_reason,
            servers=None if servers is None else len(servers),
            is_announced=any(
                s.notice.state is State.ANNOUNCED for s in servers or ()
            ),
            is_running=is_running,
            is_returning=is_running and is_return,
            is_refused=attempt is not None
            and counts
            and attempt.is_refused
            and not is_return,
        )
        return Node(
            service,
            phase(standing, self._reasons),
            None if servers is None else tuple(servers),
            attempt,
        )


def _is_past(node: Node) -> bool:
    """Return True if the refusal of a node says nothing of it any more.

    That of a drain counts only where it is what blocks the node, that of a
    return while the node is closed.
    """
    attempt = node.attempt
    if attempt is None or not attempt.is_refused:
        return False
    if attempt.audit.is_return:
        return node.service.status != 'disabled'
    return node.phase is not Phase.BLOCKED


def _unknown(host: str) -> ClientError:
    return ClientError(
        f'There is no compute node {host}.',
        'Use a host from "openstack compute service list".',
    )


@contextlib.contextmanager
def nova_errors() -> Iterator[None]:
    """Turn what a reader of Nova or Placement raises into ClientError."""
    try:
        yield
    except NotPlanned as exc:
        raise _error(exc.finding) from exc


def _error(finding: Finding) -> ClientError:
    message = words.sentence(finding)
    if finding.reason is CALL_REFUSED:
        return ClientError(message, "This needs an administrator's rights.")
    if finding.reason is NOT_IN_CATALOG:
        return ClientError(message, words.help_for(finding))
    if finding.reason is CREDENTIAL_REFUSED:
        return ClientError(message, 'Sign in again.')
    return NoAnswer(message)
