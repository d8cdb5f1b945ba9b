# SPDX-License-Identifier: Apache-2.0

"""Watcher's REST API, in records."""

import graphlib
import heapq
import json

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any
from typing import TypeVar
from urllib import parse

from keystoneauth1 import exceptions as keystone_exceptions
from keystoneauth1.adapter import Adapter

from watcher_host_maintenance.client.errors import ClientError
from watcher_host_maintenance.client.errors import Conflict
from watcher_host_maintenance.client.errors import NoAnswer
from watcher_host_maintenance.client.errors import NotFound
from watcher_host_maintenance.client.errors import NoWatcher
from watcher_host_maintenance.client.errors import PluginMissing
from watcher_host_maintenance.client.records import Action
from watcher_host_maintenance.client.records import ActionPlan
from watcher_host_maintenance.client.records import Audit
from watcher_host_maintenance.cloud.errors import first_line
from watcher_host_maintenance.request import states
from watcher_host_maintenance.request.options import CANCEL_GOAL
from watcher_host_maintenance.request.options import CANCEL_STRATEGY
from watcher_host_maintenance.request.options import GOAL
from watcher_host_maintenance.request.options import RETURN_GOAL
from watcher_host_maintenance.request.options import RETURN_STRATEGY
from watcher_host_maintenance.request.options import ROLL_GOAL
from watcher_host_maintenance.request.options import ROLL_STRATEGY
from watcher_host_maintenance.request.options import STRATEGY


STRATEGIES = {
    GOAL: STRATEGY,
    RETURN_GOAL: RETURN_STRATEGY,
    ROLL_GOAL: ROLL_STRATEGY,
    CANCEL_GOAL: CANCEL_STRATEGY,
}

OF_NODES = (GOAL, RETURN_GOAL)
"""Goals whose audits are about single nodes, or a few together."""

SERVICE_TYPE = 'infra-optim'

MICROVERSION = (1, 5)
"""The first one with the messages of audits, plans and actions."""

MAX_VERSION_HEADER = 'OpenStack-API-Maximum-Version'

TIMEOUT_S = 30.0
"""Seconds to wait for one answer, and for a connection."""

CONNECT_RETRIES = 1
"""How often a GET is sent again when the connection is lost, or silent.

Another request may have been carried out though its answer is lost.
"""

PAGE = 100
"""Records in one request; Watcher's ``[api] max_limit`` is 1000."""

MOST_PAGES = 100000
"""Pages that no list has more of."""

TRIES = 6
"""Changes of state after which an audit or a plan has long ended.

Two are needed, and others may change it in between.
"""


Record = TypeVar('Record', Audit, ActionPlan, Action)

Changing = TypeVar('Changing', Audit, ActionPlan)


class Watcher:
    """Audits, action plans and actions of one Watcher.

    Every method raises :class:`.errors.ClientError`, which names the request
    that failed.
    """

    def __init__(
        self, adapter: Adapter, microversion: tuple[int, int] = MICROVERSION
    ) -> None:
        """Use an adapter of the service type :data:`SERVICE_TYPE`.

        :param microversion: the newest to use; above :data:`MICROVERSION`
            nothing is different
        """
        self._adapter = adapter
        self._microversion = min(microversion, MICROVERSION)

    @property
    def has_messages(self) -> bool:
        """Return False once Watcher has proved too old for messages."""
        return self._microversion >= MICROVERSION

    def require_plugin(self, goal: str = GOAL) -> None:
        """Check that the decision engine has loaded this plugin.

        :raises PluginMissing: it has not, or an older one
        """
        try:
            self._get(f'/v1/goals/{goal}')
        except NotFound as exc:
            raise PluginMissing(
                f'Watcher has no goal {goal}.',
                'Install watcher-host-maintenance where watcher-decision-'
                'engine and watcher-applier run, then restart them.',
            ) from exc

    def create_audit(
        self,
        parameters: Mapping[str, Any],
        force: bool = False,
        goal: str = GOAL,
        name: str = '',
        interval_s: int = 0,
        starts: bool = False,
    ) -> Audit:
        """Create an audit of our strategy.

        :param parameters: as JSON; a host name of digits stays a string
        :param name: unique, at most 63 characters; '' is Watcher's choice
        :param interval_s: seconds between two runs of a CONTINUOUS audit,
            whose plans are started at once; 0 is a ONESHOT audit
        :param starts: also start the plan of a ONESHOT audit at once
        :raises Conflict: there is an audit of this name
        """
        body: dict[str, Any] = {
            'goal': goal,
            'strategy': STRATEGIES[goal],
            'audit_type': 'CONTINUOUS' if interval_s else 'ONESHOT',
            'auto_trigger': bool(interval_s) or starts,
            'parameters': dict(parameters),
        }
        if interval_s:
            body['interval'] = str(interval_s)
        if force:
            body['force'] = True
        if name:
            body['name'] = name
        return _read(Audit, self._call('POST', '/v1/audits', json=body))

    def audit(self, name: str) -> Audit:
        """Return an audit, by UUID or name.

        :raises ClientError: the name would be another path of the API
        """
        if '/' in name or name in {'', '.', '..'}:
            raise ClientError(
                f'"{name}" is no audit.', 'Give its UUID, or its name.'
            )
        path = f'/v1/audits/{parse.quote(name, safe="")}'
        return _read(Audit, self._get(path))

    def audits(self, goals: Iterable[str] = OF_NODES) -> Iterator[Audit]:
        """Yield the audits of goals, newest first."""
        return heapq.merge(
            *map(self._audits, goals),
            key=lambda a: a.created_at,
            reverse=True,
        )

    def _audits(self, goal: str) -> Iterator[Audit]:
        for record in self._pages('/v1/audits/detail', 'audits', goal=goal):
            yield _read(Audit, record)

    def filled_plans(self) -> Iterator[ActionPlan]:
        """Yield the plans that contain actions, newest first.

        Of all strategies. Each run of a CONTINUOUS audit writes a plan,
        almost always an empty one.
        """
        uuids: set[str] = set()
        for action in self._pages('/v1/actions', 'actions'):
            uuid = _uuid(action, 'action_plan_uuid')
            if uuid in uuids:
                continue
            uuids.add(uuid)
            try:
                plan = self.plan(uuid)
            except NotFound:
                # It is being deleted.
                continue
            yield plan

    def plan(self, uuid: str) -> ActionPlan:
        """Return an action plan."""
        return _read(ActionPlan, self._get(f'/v1/action_plans/{uuid}'))

    def plans(self, audit_uuid: str) -> list[ActionPlan]:
        """Return the action plans of an audit, newest first."""
        return [
            _read(ActionPlan, record)
            for record in self._pages(
                '/v1/action_plans/detail',
                'action_plans',
                audit_uuid=audit_uuid,
            )
        ]

    def actions(self, plan_uuid: str) -> list[Action]:
        """Return the actions of a plan, parents before their children."""
        records = self._pages(
            '/v1/actions/detail', 'actions', action_plan_uuid=plan_uuid
        )
        return _in_order([_read(Action, record) for record in records])

    def actions_of_audit(self, audit_uuid: str) -> dict[str, list[Action]]:
        """Return plan UUID -> its actions, of all plans of an audit."""
        actions: dict[str, list[Action]] = {}
        for record in self._pages(
            '/v1/actions/detail', 'actions', audit_uuid=audit_uuid
        ):
            action = _read(Action, record)
            plan_uuid = _uuid(record, 'action_plan_uuid')
            actions.setdefault(plan_uuid, []).append(action)
        return actions

    def set_state(self, audit_uuid: str, state: str) -> Audit:
        """Have an audit go into a state; Watcher refuses some."""
        return _read(Audit, self._patch(f'/v1/audits/{audit_uuid}', state))

    def end(self, audit: Audit) -> Audit:
        """Cancel an audit, unless it has ended; return it as it is then.

        :raises NoAnswer: it does not end
        """
        return self._end(Audit, audit, 'audits', _towards_end_of_audit)

    def start(self, plan_uuid: str) -> None:
        """Start a RECOMMENDED action plan."""
        self._call('POST', f'/v1/action_plans/{plan_uuid}/start')

    def cancel(self, plan: ActionPlan) -> ActionPlan:
        """Cancel an action plan, unless it has ended; return it as it is then.

        An ONGOING one becomes CANCELLING: its actions are told to stop.

        :raises NoAnswer: it does not end
        """
        return self._end(
            ActionPlan, plan, 'action_plans', _towards_end_of_plan
        )

    def _end(
        self,
        kind: type[Changing],
        record: Changing,
        path: str,
        next_state: Callable[[Changing], str | None],
    ) -> Changing:
        """Take a record from state to state until it ends; return it then.

        :param next_state: returns what to ask for; None is enough
        :raises NoAnswer: it does not end
        """
        for _try in range(TRIES):
            state = next_state(record)
            if state is None:
                return record
            record = self._advance(kind, record, path, state)
        raise _endless(record)

    def _advance(
        self, kind: type[Changing], record: Changing, path: str, state: str
    ) -> Changing:
        """Have a record go into a state, and return it.

        One that has left the state in which it was read is returned as it
        is now: Watcher refuses what only its former state allows.
        """
        path = f'/v1/{path}/{record.uuid}'
        try:
            return _read(kind, self._patch(path, state))
        except NoAnswer:
            raise
        except ClientError:
            now = _read(kind, self._get(path))
            if now.state == record.state:
                raise
            return now

    def _patch(self, path: str, state: str) -> Any:
        """Have an audit or a plan go into a state; return its record."""
        patch = [{'op': 'replace', 'path': '/state', 'value': state}]
        return self._call('PATCH', path, json=patch)

    def _pages(
        self, path: str, collection: str, **filters: str
    ) -> Iterator[dict[str, Any]]:
        """Yield all records of a list, the newest first.

        :raises NoAnswer: it is no list, or has no end
        """
        markers: set[str] = set()
        query: dict[str, Any] = {
            **filters,
            'limit': PAGE,
            'sort_key': 'id',
            'sort_dir': 'desc',
        }
        for _page in range(MOST_PAGES):
            page = _records(self._get(path, params=query), collection, path)
            yield from page
            if len(page) < PAGE:
                return
            marker = _uuid(page[-1], 'uuid')
            if marker in markers:
                raise NoAnswer(
                    f'Watcher answers GET {path} with the same page again.'
                )
            markers.add(marker)
            query['marker'] = marker
        raise NoAnswer(f'Watcher answers GET {path} with too many pages.')

    def _get(self, path: str, **arguments: Any) -> Any:
        return self._call('GET', path, **arguments)

    def _call(self, method: str, path: str, **arguments: Any) -> Any:
        call = f'{method} {path}'
        answer = self._send(call, method, path, arguments)
        if answer.status_code == 406 and self._lower(answer):
            answer = self._send(call, method, path, arguments)
        if answer.status_code >= 400:
            raise _error(call, answer)
        try:
            return answer.json()
        except ValueError as exc:
            raise NoAnswer(f'Watcher answers {call} with no JSON.') from exc

    def _send(
        self, call: str, method: str, path: str, arguments: Mapping[str, Any]
    ) -> Any:
        try:
            return self._adapter.request(
                path,
                method,
                raise_exc=False,
                microversion='{}.{}'.format(*self._microversion),
                microversion_service_type=SERVICE_TYPE,
                connect_retries=CONNECT_RETRIES if method == 'GET' else 0,
                timeout=TIMEOUT_S,
                **arguments,
            )
        except keystone_exceptions.CatalogException as exc:
            raise NoWatcher(
                f'There is no Watcher (service type {SERVICE_TYPE}) in the '
                'service catalog.',
                '"openstack maintenance check" works without it.',
            ) from exc
        except keystone_exceptions.ConnectionError as exc:
            raise NoAnswer(
                f'Watcher does not answer {call}: {first_line(exc)}',
            ) from exc
        except keystone_exceptions.ClientException as exc:
            raise ClientError(
                f'Cannot send {call} to Watcher: {first_line(exc)}'
            ) from exc

    def _lower(self, answer: Any) -> bool:
        """Use Watcher's own newest microversion from now on."""
        offered = answer.headers.get(MAX_VERSION_HEADER, '')
        major, _, minor = offered.rpartition(' ')[2].partition('.')
        if not (major.isdecimal() and minor.isdecimal()):
            return False
        newest = int(major), int(minor)
        lowers = newest < self._microversion
        self._microversion = min(newest, self._microversion)
        return lowers


def _read(kind: type[Record], record: Any) -> Record:
    """Read a record; a proxy, not Watcher, may have answered.

    :raises NoAnswer: it is no such record
    """
    try:
        return kind.of(record)
    except (KeyError, TypeError) as exc:
        raise _not_understood(record) from exc


def _records(answer: Any, collection: str, path: str) -> list[dict[str, Any]]:
    """Return the records of one page of a list.

    :raises NoAnswer: it is no list of records
    """
    page = answer.get(collection) if isinstance(answer, dict) else None
    if not isinstance(page, list):
        raise NoAnswer(f'Watcher answers GET {path} with no list.')
    for record in page:
        if not isinstance(record, dict):
            raise _not_understood(record)
    return page


def _uuid(record: Mapping[str, Any], key: str) -> str:
    """Return a UUID of a record.

    :raises NoAnswer: it has none
    """
    uuid = record.get(key)
    if not isinstance(uuid, str):
        raise _not_understood(record)
    return uuid


def _not_understood(record: Any) -> NoAnswer:
    return NoAnswer(f"Watcher's answer is not understood: {record!r:.60}")


def _towards_end_of_audit(audit: Audit) -> str | None:
    if audit.has_ended:
        return None
    # Watcher refuses to cancel a SUSPENDED audit.
    suspended = audit.state == states.SUSPENDED
    return states.ONGOING if suspended else states.CANCELLED


def _towards_end_of_plan(plan: ActionPlan) -> str | None:
    if plan.has_ended or plan.state == states.CANCELLING:
        return None
    runs = plan.state == states.ONGOING
    return states.CANCELLING if runs else states.CANCELLED


def _endless(record: Audit | ActionPlan) -> NoAnswer:
    kind = 'audit' if isinstance(record, Audit) else 'action plan'
    return NoAnswer(
        f'Watcher does not end {kind} {record.uuid}: it is {record.state}.'
    )


def _error(call: str, answer: Any) -> ClientError:
    status = answer.status_code
    message = f'Watcher refused {call}: {_fault(answer)} (HTTP {status})'
    if status == 404:
        return NotFound(message)
    if status == 409:
        return Conflict(message)
    if status == 403:
        return ClientError(
            message,
            "Ask for a role that this rule of Watcher's policy names.",
        )
    if status == 401:
        return ClientError(message, 'Sign in again.')
    if status >= 500:
        return NoAnswer(message.replace('refused', 'failed at', 1))
    return ClientError(message)


def _fault(answer: Any) -> str:
    """Return what an error says, in one line.

    Watcher puts the JSON of its web framework, as text, into more JSON.
    """
    text = str(answer.text)
    for _level in range(2):
        try:
            fault = json.loads(text)
        except ValueError:
            break
        if not isinstance(fault, dict):
            break
        message = fault.get('error_message') or fault.get('faultstring')
        if not isinstance(message, str):
            message = json.dumps(message or fault)
        text = message
    lines = text.strip().splitlines()
    return lines[0] if lines else answer.reason or 'no reason given'


def _in_order(actions: list[Action]) -> list[Action]:
    """Sort actions by their creation, but each after its parents."""
    ordered = sorted(actions, key=lambda a: a.created_at)
    position = {a.uuid: n for n, a in enumerate(ordered)}
    sorter = graphlib.TopologicalSorter(
        {
            n: [position[p] for p in a.parents if p in position]
            for n, a in enumerate(ordered)
        }
    )
    sorter.prepare()
    ready: list[int] = []
    result = []
    while sorter.is_active():
        for number in sorter.get_ready():
            heapq.heappush(ready, number)
        first = heapq.heappop(ready)
        sorter.done(first)
        result.append(ordered[first])
    return result
