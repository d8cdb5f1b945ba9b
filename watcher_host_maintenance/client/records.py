# SPDX-License-Identifier: Apache-2.0

"""Audits, action plans and actions as Watcher's API has them."""

import dataclasses
import enum
import re

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from watcher_host_maintenance.core.model.document import InvalidDocument
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.times import format_time
from watcher_host_maintenance.request import action_types as types
from watcher_host_maintenance.request import states
from watcher_host_maintenance.request import windows
from watcher_host_maintenance.request.options import GOAL
from watcher_host_maintenance.request.options import RETURN_GOAL


AUDIT_ENDED = frozenset(
    {states.SUCCEEDED, states.FAILED, states.CANCELLED, states.DELETED}
)

PLAN_ENDED = frozenset(
    {
        states.SUCCEEDED,
        states.FAILED,
        states.CANCELLED,
        states.SUPERSEDED,
        states.DELETED,
    }
)

PLAN_RUNNING = frozenset({states.PENDING, states.ONGOING, states.CANCELLING})

ACTION_ENDED = frozenset(
    {
        states.SUCCEEDED,
        states.FAILED,
        states.CANCELLED,
        states.SKIPPED,
        states.DELETED,
    }
)


@dataclasses.dataclass(frozen=True, slots=True)
class Audit:
    """An audit, of one of our goals unless it is read by its name.

    :ivar kind: 'ONESHOT', 'CONTINUOUS' or 'EVENT'
    :ivar message: '' when there is none, or Watcher is too old
    :ivar created_at: ISO 8601 in UTC; so are the other times
    :ivar updated_at: '' while nothing has changed since its creation
    :ivar is_scoped: it looks at a part of the cloud only
    :ivar interval: at which it is run: seconds, or a cron entry; '' is once
    """

    uuid: str
    name: str
    kind: str
    state: str
    message: str
    parameters: Mapping[str, Any]
    created_at: str
    updated_at: str = ''
    auto_trigger: bool = False
    goal: str = GOAL
    is_scoped: bool = False
    interval: str = ''

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> 'Audit':
        """Read an audit of the API."""
        return cls(
            uuid=record['uuid'],
            name=record.get('name') or '',
            kind=record['audit_type'],
            state=record['state'],
            message=record.get('status_message') or '',
            parameters=record.get('parameters') or {},
            created_at=record.get('created_at') or '',
            updated_at=record.get('updated_at') or '',
            auto_trigger=bool(record.get('auto_trigger')),
            goal=record.get('goal_name') or GOAL,
            is_scoped=bool(record.get('scope')),
            interval=str(record.get('interval') or ''),
        )

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes that it names; none means all that wait for it."""
        single = self.parameters.get('maintenance_node')
        several = self.parameters.get('maintenance_nodes') or ()
        return (str(single),) if single else tuple(map(str, several))

    @property
    def is_return(self) -> bool:
        """Return True if it returns nodes to service."""
        return self.goal == RETURN_GOAL

    @property
    def has_ended(self) -> bool:
        """Return True if it is never run again."""
        return self.state in AUDIT_ENDED

    @property
    def awaits_window(self) -> bool:
        """Return True if its message names the time when its window begins.

        In any language; a refusal does not name it.
        """
        try:
            begins = [*windows.begins_s(self.parameters)]
        except (InvalidDocument, TypeError):
            # It is of another strategy, or another release.
            return False
        return any(format_time(time_s) in self.message for time_s in begins)

    @property
    def repeats(self) -> bool:
        """Return True if it is run again after a run that has ended."""
        return self.kind != 'ONESHOT' and not self.has_ended


@dataclasses.dataclass(frozen=True, slots=True)
class ActionPlan:
    """An action plan.

    :ivar strategy: name of its strategy
    :ivar indicators: name -> value of its efficacy indicators
    """

    uuid: str
    audit_uuid: str
    state: str
    message: str
    created_at: str
    updated_at: str = ''
    strategy: str = ''
    indicators: Mapping[str, float] = dataclasses.field(default_factory=dict)

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> 'ActionPlan':
        """Read an action plan of the API."""
        return cls(
            uuid=record['uuid'],
            audit_uuid=record.get('audit_uuid') or '',
            state=record['state'],
            message=record.get('status_message') or '',
            created_at=record.get('created_at') or '',
            updated_at=record.get('updated_at') or '',
            strategy=record.get('strategy_name') or '',
            indicators={
                i['name']: i['value']
                for i in record.get('efficacy_indicators') or ()
            },
        )

    @property
    def has_ended(self) -> bool:
        """Return True if nothing of it is carried out any more."""
        return self.state in PLAN_ENDED

    @property
    def is_running(self) -> bool:
        """Return True if it has been started and has not ended."""
        return self.state in PLAN_RUNNING


class Step(enum.Enum):
    """What an action does, in one or two words."""

    DISABLE = 'disable'
    ENABLE = 'enable'
    RETURN = 'return'
    MARK = 'set reason'
    LIVE = 'live migrate'
    COLD = 'cold migrate'
    STOP = 'stop'
    START = 'start'
    OFFLOAD = 'offload'
    CONFIRM = 'confirm'
    AWAIT = 'wait for'
    HOOK = 'run hook on'
    NOTIFY = 'notify'
    VERIFY = 'verify'


MOVES = frozenset({Step.LIVE, Step.COLD})

OF_SERVERS = MOVES | {Step.STOP, Step.START, Step.OFFLOAD, Step.CONFIRM}
"""Steps that do something to a server."""

ABOUT_SERVERS = OF_SERVERS | {Step.NOTIFY}
"""The others are about a compute node."""

_STEPS = {
    types.AWAIT_HOST: Step.AWAIT,
    types.CHANGE_DISABLED_REASON: Step.MARK,
    types.CONFIRM_MIGRATION: Step.CONFIRM,
    types.DISABLE_EMPTY_HOST: Step.DISABLE,
    types.LIVE_MIGRATE_PAUSED: Step.LIVE,
    types.NOTIFY_OWNER: Step.NOTIFY,
    types.RETURN_HOST: Step.RETURN,
    types.RUN_HOOK: Step.HOOK,
    types.SHELVE_OFFLOAD: Step.OFFLOAD,
    types.START_SERVER: Step.START,
    types.STOP: Step.STOP,
    types.STOP_IN_WINDOW: Step.STOP,
    types.VERIFY_HOST_EMPTY: Step.VERIFY,
    types.VERIFY_HOST_RETURNED: Step.VERIFY,
}


_PREFIX = re.compile(r'^Action failed in \w+: ')
_SAYS_NOTHING = re.compile(r'The action [0-9a-f-]{36} execution failed\.')


@dataclasses.dataclass(frozen=True, slots=True)
class Action:
    """One action of an action plan.

    :ivar kind: Watcher's action type
    :ivar message: why it failed, without what Watcher adds; '' is unknown
    :ivar parents: UUIDs of the actions that end before it begins
    """

    uuid: str
    kind: str
    state: str
    message: str
    parameters: Mapping[str, Any]
    parents: tuple[str, ...]
    created_at: str
    updated_at: str = ''

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> 'Action':
        """Read an action of the API."""
        return cls(
            uuid=record['uuid'],
            kind=record['action_type'],
            state=record['state'],
            message=_reason(record.get('status_message') or ''),
            parameters=record.get('input_parameters') or {},
            parents=tuple(record.get('parents') or ()),
            created_at=record.get('created_at') or '',
            updated_at=record.get('updated_at') or '',
        )

    @property
    def step(self) -> Step | None:
        """What it does; None is an action of another strategy."""
        if self.kind in types.MIGRATIONS:
            live = self.parameters.get('migration_type') == 'live'
            return Step.LIVE if live else Step.COLD
        if self.kind in types.SERVICE_STATES:
            enables = self.parameters.get('state') == 'enabled'
            return Step.ENABLE if enables else Step.DISABLE
        return _STEPS.get(self.kind)

    @property
    def has_ended(self) -> bool:
        """Return True if it is not carried out any more."""
        return self.state in ACTION_ENDED

    @property
    def resource_id(self) -> str:
        """The UUID of the server or compute node that it is about."""
        return str(self.parameters.get('resource_id') or '')

    @property
    def subject(self) -> str:
        """The name of the server or compute node that it is about."""
        name = self.parameters.get('resource_name')
        return str(name or self.resource_id)

    @property
    def source(self) -> str:
        """The host that a server leaves; '' when it leaves none."""
        return str(self.parameters.get('source_node') or '')

    @property
    def destination(self) -> str:
        """The host that a server goes to; '' when it goes nowhere."""
        return str(self.parameters.get('destination_node') or '')

    @property
    def notice(self) -> Notice | None:
        """What the owner of a server is told; None is no news.

        An empty one is deleted.
        """
        if self.step is not Step.NOTIFY:
            return None
        return Notice.from_metadata(self.parameters.get('notice') or {})

    @property
    def room_of(self) -> tuple[str, ...]:
        """The UUIDs of servers of other nodes that make room for a server."""
        makers = self.parameters.get('room_of') or ()
        return tuple(str(maker['resource_id']) for maker in makers)

    @property
    def host(self) -> str:
        """The compute node that it takes something off, or is about."""
        if self.source:
            return self.source
        return '' if self.step in ABOUT_SERVERS else self.subject


def hosts_of(actions: Iterable[Action]) -> frozenset[str]:
    """Return the compute nodes that a plan empties, or returns to service."""
    known = tuple(actions)
    returned = frozenset(a.subject for a in known if a.step is Step.RETURN)
    makers = {uuid for a in known for uuid in a.room_of}
    return returned or frozenset(
        a.host
        for a in known
        if a.step is not Step.ENABLE and a.host and a.resource_id not in makers
    )


def cancelled(actions: Iterable[Action]) -> list[Action]:
    """Return the actions of a plan that was cancelled before it began.

    Watcher leaves their state as it was.
    """
    return [
        dataclasses.replace(a, state=states.CANCELLED)
        if a.state == states.PENDING
        else a
        for a in actions
    ]


def _reason(message: str) -> str:
    """Return what the message of an action says, and Watcher does not."""
    reason = _PREFIX.sub('', message)
    return '' if _SAYS_NOTHING.fullmatch(reason) else reason
