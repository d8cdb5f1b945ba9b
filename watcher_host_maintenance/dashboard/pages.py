# SPDX-License-Identifier: Apache-2.0

"""What pages show, ready for their templates: text that is safe to read."""

import dataclasses

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from django.urls import NoReverseMatch
from django.urls import reverse
from horizon.utils import filters

from watcher_host_maintenance.client import reasons
from watcher_host_maintenance.client.advice import doing
from watcher_host_maintenance.client.announcements import Told
from watcher_host_maintenance.client.check import Answer
from watcher_host_maintenance.client.history import Event
from watcher_host_maintenance.client.journal import Attempt
from watcher_host_maintenance.client.maintenance import Node
from watcher_host_maintenance.client.parameters import chosen
from watcher_host_maintenance.client.progress import Progress
from watcher_host_maintenance.client.records import OF_SERVERS
from watcher_host_maintenance.client.records import Action
from watcher_host_maintenance.client.records import Audit
from watcher_host_maintenance.client.records import Step
from watcher_host_maintenance.client.results import Result
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.text import visible
from watcher_host_maintenance.core.model.text import visible_all
from watcher_host_maintenance.dashboard import owner_words
from watcher_host_maintenance.dashboard import results
from watcher_host_maintenance.dashboard import words


INDEX = 'horizon:admin:maintenance:index'
"""The page of the table of compute nodes."""


def of_check(answer: Answer) -> dict[str, Any]:
    """Return what a check has found, for nodes and for servers."""
    rows = [visible_all(dataclasses.asdict(r)) for r in reasons.rows(answer)]
    for row in rows:
        row['what'] = words.STEPS.get(row['what'], row['what'])
        row['why'] = [words.in_fields(text) for text in row['why']]
    return {
        'result': answer.result.name,
        'is_possible': answer.result is Result.DONE,
        'is_partly': answer.result is Result.PARTLY,
        'sentences': [words.in_fields(s) for s in reasons.message(answer)],
        'nodes': [row for row in rows if not row['server']],
        'moves': [row for row in rows if row['server']],
        'not_destinations': [
            words.in_fields(text) for text in reasons.not_destinations(answer)
        ],
    }


def of_plan(
    progress: Progress,
    servers: Mapping[str, Server],
    remaining: Iterable[str],
    stays: Mapping[str, str],
) -> dict[str, Any]:
    """Return how far a plan is, and what becomes of each server."""
    rows = results.rows(progress, servers, remaining, stays)
    return {
        'done': progress.done,
        'total': progress.total,
        'percent': round(100 * progress.share),
        'rows': [_result(row) for row in rows],
        'steps': [
            {
                'what': _step(a.step.value if a.step else a.kind),
                'host': visible(a.subject),
                'result': words.RESULTS.get(a.state, a.state),
                'state': a.state,
                'reason': words.in_fields(a.message),
            }
            for a in results.steps_on_nodes(progress)
        ],
        'notices': [_notice(a) for a in results.notices(progress)],
    }


def remaining(progress: Progress) -> list[str]:
    """Return the UUIDs of the servers that a plan leaves on its nodes."""
    return [
        str(uuid)
        for action in progress.actions
        if action.step is Step.VERIFY
        for uuid in action.parameters.get('remaining') or ()
    ]


def server_names(attempts: Iterable[Attempt]) -> dict[str, str]:
    """Return UUID -> name, of each server that an action is about."""
    return {
        action.resource_id: action.subject
        for attempt in attempts
        for action in attempt.actions
        if action.step in OF_SERVERS
    }


def events(
    history: Iterable[Event], names: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return what happened to a node; audits link to their results.

    :param names: UUID -> name of servers; others are called by their UUID
    """
    return [
        {
            **visible_all(dataclasses.asdict(event)),
            'time': filters.parse_isotime(event.time),
            'what': visible(_named(event.what, names)),
            'link': result_link(event.uuid) if event.kind == 'audit' else '',
            'state_text': words.STATES.get(event.state, event.state),
        }
        for event in history
    ]


def servers(node: Node) -> list[dict[str, Any]]:
    """Return what is still on a node."""
    return [
        {
            'uuid': s.uuid,
            'name': visible(s.name),
            'status': s.vm_state,
            'doing': visible(doing(s, node.attempt, None)),
        }
        for s in sorted(node.servers or (), key=lambda s: (s.name, s.uuid))
    ]


def owners(told: Iterable[Told]) -> list[dict[str, Any]]:
    """Return what owners were told, and have answered."""
    return [
        {
            'uuid': t.uuid,
            'name': visible(t.name),
            'project': visible(t.project_id),
            'host': visible(t.host),
            'told': _told(t.notice),
            'answer': ', '.join(
                str(owner_words.ANSWERS[word][0]) for word in t.words
            ),
            'message': visible(t.message),
        }
        for t in told
    ]


def past(audit: Audit) -> dict[str, Any]:
    """Return an audit as a line of a list."""
    return {
        'link': result_link(audit.uuid),
        'time': filters.parse_isotime(audit.created_at),
        'is_return': audit.is_return,
        'hosts': visible(', '.join(audit.nodes)),
        'state': words.STATES.get(audit.state, audit.state),
        'parameters': [
            visible(f'{words.label(n)}: {words.choice(n, str(v))}')
            for n, v in chosen(audit.parameters, audit.is_return).items()
            if not n.startswith('maintenance_node')
        ],
        'message': words.in_fields(audit.message),
    }


def link(name: str, uuid: str) -> str:
    """Return the address of a page of watcher-dashboard; '' without it."""
    try:
        return str(reverse(name, args=[uuid]))
    except NoReverseMatch:
        return ''


def node_link(host: str) -> str:
    """Return the address of the page of a node."""
    return str(reverse('horizon:admin:maintenance:node', args=[host]))


def result_link(uuid: str) -> str:
    """Return the address of the result of an audit."""
    return str(reverse('horizon:admin:maintenance:result', args=[uuid]))


def _result(row: results.Row) -> dict[str, Any]:
    shown: dict[str, Any] = visible_all(dataclasses.asdict(row))
    return shown | {
        'steps': [_step(step) for step in row.steps],
        'result': words.RESULTS.get(row.result, row.result),
        'state': row.result,
        'reason': words.in_fields(shown['reason']),
    }


def _notice(action: Action) -> dict[str, Any]:
    """Return what an action tells the owner of a server."""
    notice = Notice.from_metadata(action.parameters.get('notice') or {})
    return {
        'uuid': action.resource_id,
        'server': visible(action.subject),
        'told': _told(notice),
        'result': words.RESULTS.get(action.state, action.state),
        'reason': visible(action.message),
    }


def _told(notice: Notice) -> str:
    """Return state and effect of a notice; '' if there is none."""
    effect = notice.effect and owner_words.EFFECTS[notice.effect]
    state = notice.state and owner_words.STATES[notice.state]
    return ': '.join(str(text) for text in (state, effect) if text)


def _named(text: str, names: Mapping[str, str]) -> str:
    """Call the server that a text begins with by its name."""
    uuid, space, rest = text.partition(' ')
    return f'{names.get(uuid, uuid)}{space}{rest}'


def _step(step: str) -> Any:
    return words.STEPS.get(step, step)
