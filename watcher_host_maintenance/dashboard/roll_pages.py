# SPDX-License-Identifier: Apache-2.0

"""What the pages of rolling maintenances show, as text that is safe."""

import hashlib

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from horizon.utils import filters
from openstack_dashboard import policy

from watcher_host_maintenance.client.records import Audit
from watcher_host_maintenance.client.roll_look import RollLook
from watcher_host_maintenance.client.rolls import FROM
from watcher_host_maintenance.client.rolls import Rolls
from watcher_host_maintenance.client.rolls import nodes_of
from watcher_host_maintenance.core.model.text import visible
from watcher_host_maintenance.core.rolling.progress import Stand
from watcher_host_maintenance.dashboard import pages
from watcher_host_maintenance.dashboard import rights
from watcher_host_maintenance.dashboard import words
from watcher_host_maintenance.request import states


STANDS = {
    Stand.WAITING: _('Waits for its turn'),
    Stand.DRAINING: _('Being emptied'),
    Stand.READY: _('Ready for maintenance'),
    Stand.MAINTAINED: _('Work is done'),
    Stand.FAILED: _('Failed'),
    Stand.DONE: _('Done'),
    Stand.UNNEEDED: _('Nothing to do'),
}
"""Where a node stands in a rolling maintenance -> how that is called."""

BUTTONS = {
    'pause': states.SUSPENDED,
    'continue': states.ONGOING,
    'stop': states.CANCELLED,
}
"""Button -> state that the audit goes into."""


def row(rolls: Rolls, audit: Audit) -> dict[str, Any]:
    """Return a rolling maintenance as a line of a list.

    What has ended has its numbers in its message.
    """
    shown = {
        'link': reverse('horizon:admin:maintenance:roll', args=[audit.uuid]),
        'name': name(audit),
        'time': filters.parse_isotime(audit.created_at),
        'state': words.STATES.get(audit.state, audit.state),
        'count': len(nodes_of(audit)) or None,
        'message': words.in_fields(audit.message),
    }
    if audit.has_ended:
        return shown
    journal = rolls.journal(rolls.chain(audit))
    done = len(journal.returned.intersection(nodes_of(audit)))
    return {**shown, 'done': done, 'moves': journal.moves}


def of_audit(audit: Audit, request: HttpRequest) -> dict[str, Any]:
    """Return what the audit of a rolling maintenance says by itself."""
    may = policy.check(rights.ROLL, request)
    return {
        'audit': audit,
        'name': name(audit),
        'state': words.STATES.get(audit.state, audit.state),
        'message': words.in_fields(audit.message),
        'audit_link': pages.link('horizon:admin:audits:detail', audit.uuid),
        'runs': not audit.has_ended,
        'signature': audit.state,
        **{
            f'may_{button}': may and audit.state in FROM[state]
            for button, state in BUTTONS.items()
        },
    }


def of_look(roll: RollLook) -> dict[str, Any]:
    """Return where its nodes stand, and what is ahead of it."""
    journal, nodes = roll.journal, roll.nodes
    return {
        'is_read': True,
        'since': filters.parse_isotime(roll.began_at),
        'ends_at': filters.parse_isotime(roll.ends_at),
        'done': roll.done,
        'count': len(nodes),
        'percent': round(100 * roll.done / len(nodes)) if nodes else 0,
        'moves': journal.moves,
        'moves_back': journal.moves_back,
        'least_moves': journal.least_moves,
        'moves_ahead': roll.answer.roll.moves,
        'to_work_on': visible(', '.join(roll.to_work_on)),
        'result_link': pages.result_link(roll.audit.uuid) if roll.plan else '',
        'nodes': [
            {
                'host': visible(host),
                'link': pages.node_link(host),
                'stand': STANDS[stand],
                'why': words.in_fields(why),
            }
            for host, stand, why in nodes
        ],
        'waves': [
            {
                'hosts': visible(', '.join(wave.hostnames)),
                'moves': wave.moves,
                'secondary': len(wave.outcome.secondary_moves),
            }
            for wave in roll.answer.roll.waves
        ],
        'problems': [words.in_fields(p) for p in roll.problems()],
        'signature': _signature(roll),
    }


def name(audit: Audit) -> str:
    """Return the name of an audit, or else its UUID."""
    return visible(audit.name or audit.uuid)


def _signature(roll: RollLook) -> str:
    """Return what changes with the buttons, and with the waves ahead."""
    stands = [f'{host} {stand.value}' for host, stand, _why in roll.nodes]
    text = '\n'.join([roll.audit.state, *stands])
    return hashlib.sha256(text.encode()).hexdigest()
