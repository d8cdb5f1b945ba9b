# SPDX-License-Identifier: Apache-2.0

"""Maintenances that owners are told of: who was told, and calling them off."""

import dataclasses
import itertools

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

from watcher_host_maintenance.client.errors import ClientError
from watcher_host_maintenance.client.journal import MAX_AUDITS
from watcher_host_maintenance.client.maintenance import Maintenance
from watcher_host_maintenance.client.maintenance import nova_errors
from watcher_host_maintenance.client.records import Action
from watcher_host_maintenance.client.records import ActionPlan
from watcher_host_maintenance.client.records import Audit
from watcher_host_maintenance.client.rolls import nodes_of
from watcher_host_maintenance.client.waiting import TimedOut
from watcher_host_maintenance.client.waiting import Waiting
from watcher_host_maintenance.cloud import notices
from watcher_host_maintenance.cloud import parallel
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core.model.notice import UNFINISHED
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.core.model.notice import called_off
from watcher_host_maintenance.core.model.notice import go_tags
from watcher_host_maintenance.core.model.notice import parse_foreign_tag
from watcher_host_maintenance.core.model.notice import words_of_tags
from watcher_host_maintenance.core.rules.owners import TELLABLE
from watcher_host_maintenance.core.telling import words
from watcher_host_maintenance.request import action_types
from watcher_host_maintenance.request import states
from watcher_host_maintenance.request import windows
from watcher_host_maintenance.request.cancel_parameters import AUDITS
from watcher_host_maintenance.request.options import CANCEL_GOAL
from watcher_host_maintenance.request.options import GOAL
from watcher_host_maintenance.request.options import ROLL_GOAL


SEEN_S = 30
"""Seconds in which a server sees a change: Nova's cache, and its own look."""

BEGIN_S = 60
"""Seconds in which Watcher has to begin with what it was asked for."""

NOT_BEGUN = frozenset({states.RECOMMENDED, states.PENDING})
"""States of a plan with which Watcher has not begun."""


@dataclasses.dataclass(frozen=True, slots=True)
class Told:
    """What the owner of a server was told, and has answered.

    :ivar host: the service host that it is on
    :ivar notice: empty if its owner was not told of this maintenance
    :ivar words: what its tags say, each of ``OWNER_WORDS``, sorted
    :ivar message: why its owner was not told; '' if told
    """

    uuid: str
    name: str
    project_id: str
    host: str
    notice: Notice
    words: tuple[str, ...]
    message: str


@dataclasses.dataclass(frozen=True, slots=True)
class CalledOff:
    """What became of the notice of a server.

    :ivar maintenance_id: UUID of the audit that it was of
    :ivar error: why it still says what it said; '' if it does not
    """

    uuid: str
    name: str
    project_id: str
    maintenance_id: str
    error: str = ''


class Announcements:
    """The maintenances that owners are told of.

    Its methods raise :class:`.errors.ClientError`.
    """

    def __init__(self, maintenance: Maintenance) -> None:
        self._maintenance = maintenance
        self._watcher = maintenance.watcher
        self._nova = maintenance.nova

    def audits(
        self, host: str, goals: Sequence[str] = (GOAL, ROLL_GOAL)
    ) -> list[Audit]:
        """Return the audits that tell the owners on a node, newest first."""
        listed = itertools.islice(self._watcher.audits(goals), MAX_AUDITS)
        return [
            audit
            for audit in listed
            if windows.tells_owners(audit.parameters)
            and host in self.told_hosts(audit)
        ]

    def told_hosts(self, audit: Audit) -> frozenset[str]:
        """Return the nodes whose maintenance an audit announces.

        Those that it names, of a rolling one all. An audit that names none
        empties what is marked: those whose owners its plans tell.
        """
        named = frozenset((*audit.nodes, *nodes_of(audit)))
        if named:
            return named
        hosts = (_host_told_of(a) for a in self._notifications(audit))
        return frozenset(filter(None, hosts))

    def demand_none(self, hosts: Iterable[str]) -> None:
        """Refuse nodes that a maintenance is announced for.

        :raises ClientError: it names the audit
        """
        for host in hosts:
            for audit in self.audits(host):
                if audit.repeats:
                    raise ClientError(
                        f'A maintenance of {host} is announced by audit '
                        f'{audit.uuid}.',
                        f'To call it off: openstack maintenance cancel {host}',
                    )

    def newest(self, host: str) -> Audit:
        """Return the audit that counts for a node.

        That is the newest that goes on, or else the newest.

        :raises ClientError: there is none
        """
        self._maintenance.node(host)
        audit = self.newest_if_any(host)
        if audit is None:
            raise _unannounced(host)
        return audit

    def newest_if_any(self, host: str) -> Audit | None:
        """Return the audit that counts for a node; None if there is none."""
        audits = self.audits(host)
        repeating = [a for a in audits if a.repeats]
        return next(iter([*repeating, *audits]), None)

    def told(
        self,
        host: str,
        audit: Audit,
        foreign: Mapping[str, str] = MappingProxyType({}),
    ) -> list[Told]:
        """Return who was told, of the servers on a node and moved off it.

        :param foreign: tag of another product -> word that it stands for
        """
        actions = self._notifying(audit)
        servers = self._servers([host], actions)
        return sorted(
            (
                _told(server, audit, actions.get(server.uuid), foreign)
                for server in servers
            ),
            key=lambda told: (told.name, told.uuid),
        )

    def to_end(self, host: str) -> list[Audit]:
        """Return the audits that end if a node's maintenance is called off.

        :returns: all that ever told its owners, newest first
        :raises ClientError: there are none, or it is a rolling maintenance
            that goes on
        """
        self._maintenance.node(host)
        audits = self.audits(host)
        for audit in audits:
            if audit.goal == ROLL_GOAL and audit.repeats:
                stop = f'openstack maintenance roll stop {audit.uuid}'
                raise ClientError(
                    f'Audit {audit.uuid} is a rolling maintenance.',
                    f'To stop it: {stop}',
                )
        if not audits:
            raise _unannounced(host)
        return audits

    def others(self, host: str, audits: Sequence[Audit]) -> list[str]:
        """Return the other nodes that are called off with these audits.

        Those of audits that go on, or whose notices are still there.
        """
        hosts = {audit.uuid: self.told_hosts(audit) for audit in audits}
        others = set[str]().union(*hosts.values()) - {host}
        if not others:
            return []
        live = {audit.uuid for audit in audits if audit.repeats}
        live |= {s.notice.maintenance_id for s in self.carriers(audits)}
        return sorted(others & set[str]().union(*(hosts[u] for u in live)))

    def end(self, audits: Iterable[Audit]) -> None:
        """Cancel audits."""
        for audit in audits:
            self._watcher.end(audit)

    def repeating(self, host: str) -> list[Audit]:
        """Return the audits that name a node and begin again by themselves.

        They need not tell owners. Rolling ones are not among them.
        """
        listed = itertools.islice(self._watcher.audits([GOAL]), MAX_AUDITS)
        return [a for a in listed if host in a.nodes and a.repeats]

    def stop(self, audits: Sequence[Audit]) -> list[CalledOff]:
        """End audits and their plans, and tell the owners whom they told.

        What is being moved moves on to its end.
        """
        self.end(audits)
        self.cancel_plans(audits)
        return self.call_off(audits)

    def cancel_plans(self, audits: Iterable[Audit]) -> list[ActionPlan]:
        """Cancel the plans of audits; return those still carried out."""
        plans = [p for a in audits for p in self._watcher.plans(a.uuid)]
        cancelled = map(self._watcher.cancel, plans)
        return [plan for plan in cancelled if not plan.has_ended]

    def carriers(self, audits: Sequence[Audit]) -> list[Server]:
        """Return the servers that have a notice of one of these audits."""
        return self._carriers(audits, self._all_notifying(audits))

    def call_off(
        self, audits: Sequence[Audit], but: Collection[str] = ()
    ) -> list[CalledOff]:
        """Tell owners that what audits announced does not happen.

        A server that Nova still moves is left to :meth:`notify`.

        :param but: UUIDs of servers whose owners are left alone
        :returns: all servers to which something was still to happen
        """
        actions = self._all_notifying(audits)

        def write(server: Server) -> None:
            is_moving = server.notice.state is State.MOVING
            if is_moving and notices.is_under_way(server):
                return
            action = actions.get(server.uuid)
            source = action.source if action is not None else ''
            notice = called_off(server.notice)
            notice = notices.settled(notice, server, source)
            notices.write(self._nova, server.uuid, notice)

        awaiting = (
            server
            for server in self._carriers(audits, actions)
            if server.notice.state in UNFINISHED and server.uuid not in but
        )
        return _each(awaiting, write)

    def notify(self, called_off: Iterable[CalledOff]) -> Audit:
        """Have Watcher send notifications of what was called off.

        The notices have to be there until its plan has ended.

        :returns: the audit whose plan sends them, and begins by itself
        :raises PluginMissing: Watcher has an older plugin
        """
        self._watcher.require_plugin(CANCEL_GOAL)
        uuids = sorted({c.maintenance_id for c in called_off})
        return self._watcher.create_audit(
            {AUDITS: uuids}, force=True, goal=CANCEL_GOAL, starts=True
        )

    def notified(self, audit: Audit, waiting: Waiting) -> str:
        """Wait until notifications are sent; return why some are not.

        What Watcher does not begin with soon is cancelled.

        :param audit: that of :meth:`notify`
        :returns: '' if nothing is known to have failed
        """
        soon = Waiting(BEGIN_S)
        try:
            ended, plan = self._maintenance.planned(audit.uuid, soon)
        except TimedOut:
            self._watcher.end(audit)
            return f'Watcher did not plan them within {BEGIN_S} s.'
        if plan is None:
            return ended.message or ended.state
        for progress in self._maintenance.follow(plan.uuid, waiting):
            plan = progress.plan
            if plan.state in NOT_BEGUN and soon.elapsed_s > BEGIN_S:
                plan = self._watcher.cancel(plan)
                break
        if plan.state != states.SUCCEEDED:
            return plan.message or f'Action plan {plan.uuid} is {plan.state}.'
        actions = self._watcher.actions(plan.uuid)
        return next((a.message for a in actions if a.message), '')

    def clear(
        self,
        servers: Iterable[Server],
        foreign: Mapping[str, str] = MappingProxyType({}),
    ) -> list[CalledOff]:
        """Delete the notices of servers, and the tags that say ``go``.

        :param foreign: tag of another product -> word that it stands for
        """
        tags = set(go_tags(foreign))

        def write(server: Server) -> None:
            notices.write(self._nova, server.uuid, notices.NOTHING)
            for tag in sorted(tags.intersection(server.tags)):
                self._nova.delete_tag(server.uuid, tag)

        return _each(servers, write)

    def _carriers(
        self, audits: Sequence[Audit], actions: Mapping[str, Action]
    ) -> list[Server]:
        uuids = {audit.uuid for audit in audits}
        hosts = sorted(set[str]().union(*map(self.told_hosts, audits)))
        return [
            server
            for server in self._servers(hosts, actions)
            if server.notice.maintenance_id in uuids
        ]

    def _all_notifying(self, audits: Iterable[Audit]) -> dict[str, Action]:
        """Return :meth:`_notifying` of several audits, the last one first."""
        actions: dict[str, Action] = {}
        for audit in audits:
            actions |= self._notifying(audit)
        return actions

    def _notifying(self, audit: Audit) -> dict[str, Action]:
        """Return server -> newest action that was to tell its owner."""
        newest: dict[str, Action] = {}
        for action in self._notifications(audit):
            other = newest.setdefault(action.resource_id, action)
            if action.created_at > other.created_at:
                newest[action.resource_id] = action
        return newest

    def _notifications(self, audit: Audit) -> Iterator[Action]:
        """Yield the actions of an audit that were to tell owners."""
        plans = self._watcher.actions_of_audit(audit.uuid).values()
        for action in itertools.chain.from_iterable(plans):
            if action.kind == action_types.NOTIFY_OWNER:
                yield action

    def _servers(
        self, hosts: Iterable[str], actions: Iterable[str]
    ) -> Iterator[Server]:
        """Yield the servers on nodes, and others that still exist.

        :param actions: UUIDs of the others
        """
        with nova_errors():
            listed = parallel.each(self._nova.servers, hosts)
            servers = {s.uuid: s for s in itertools.chain(*listed)}
            elsewhere = [uuid for uuid in actions if uuid not in servers]
            found = parallel.each(self._nova.server, elsewhere)
        yield from servers.values()
        yield from (server for server in found if server is not None)


def _host_told_of(action: Action) -> str:
    """Return the node whose maintenance an owner is told of; '' if none.

    The notice of a server that makes room says nothing of a host: its own is
    not maintained.
    """
    notice = action.notice
    is_of_host = notice is not None and notice.host is not None
    return action.source if is_of_host else ''


def foreign_tags(options: Mapping[str, Any]) -> dict[str, str]:
    """Return tag of another product -> word that it stands for.

    :param options: of the plugin
    :raises ClientError: the option has a bad value
    """
    try:
        return dict(map(parse_foreign_tag, options['owner_tags']))
    except ValueError as exc:
        raise ClientError(f'The option owner_tags is invalid: {exc}.') from exc


def _told(
    server: Server,
    audit: Audit,
    action: Action | None,
    foreign: Mapping[str, str],
) -> Told:
    is_told = server.notice.maintenance_id == audit.uuid
    message = action.message if action is not None else ''
    if not message and not is_told:
        message = _untold(server, action)
    return Told(
        uuid=server.uuid,
        name=server.name,
        project_id=server.project_id,
        host=server.host,
        notice=server.notice if is_told else Notice(),
        words=words_of_tags(server.tags, foreign),
        message=message,
    )


def _untold(server: Server, action: Action | None) -> str:
    """Return why a server has no notice of the audit.

    :param action: the newest that was to tell its owner
    """
    if action is not None and action.state == states.SUCCEEDED:
        return 'Told; the notice has been deleted since.'
    if server.vm_state in TELLABLE:
        return 'Not told yet.'
    return (
        'Nova does not accept metadata for a server in state '
        f'{server.vm_state}.'
    )


def _each(
    servers: Iterable[Server], write: Callable[[Server], None]
) -> list[CalledOff]:
    """Do something to each server, and return what became of it."""

    def result(server: Server) -> CalledOff:
        error = ''
        try:
            write(server)
        except NotPlanned as exc:
            error = words.sentence(exc.finding)
        return CalledOff(
            server.uuid,
            server.name,
            server.project_id,
            server.notice.maintenance_id,
            error,
        )

    return parallel.each(result, servers)


def _unannounced(host: str) -> ClientError:
    return ClientError(
        f'No owner was told of a maintenance of {host}.',
        'To announce one: openstack maintenance announce '
        f'{host} --starts TIME',
    )
