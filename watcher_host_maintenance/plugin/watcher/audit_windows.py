# SPDX-License-Identifier: Apache-2.0

"""Which nodes another audit has another window for.

A node has one window. One that an audit names, or that is in its aggregate or
zone, has that of the oldest such audit; any other marked one that of the
oldest audit of all marked nodes.
"""

import functools

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from watcher import objects
from watcher.common import context

from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.rules import roles
from watcher_host_maintenance.request import roll_parameters
from watcher_host_maintenance.request import roll_set
from watcher_host_maintenance.request import states
from watcher_host_maintenance.request import windows


def others(
    audit: Any,
    given: Mapping[str, Any],
    request: Request,
    connect: Callable[[], Nova],
) -> dict[str, str]:
    """Return hostname -> UUID of the audit whose other window counts for it.

    :param given: the parameters of the audit, which are valid
    :param request: what they ask for
    :param connect: returns what nodes are read with, where that is needed
    :raises watcher_host_maintenance.cloud.errors.NotPlanned: Nova does not
        answer
    """
    own = windows.identity(given, str(audit.interval))
    names = bool(request.maintenance_nodes)
    # Whatever the number of other audits, Nova is asked once.
    connect = functools.cache(connect)
    marked = functools.cache(lambda: _marked(request, connect()))
    elsewhere: dict[str, str] = {}
    for other in _living():
        theirs = other.parameters or {}
        window = windows.identity(theirs, str(other.interval))
        if other.id == audit.id or window in (None, own):
            continue
        is_older = other.id < audit.id
        hosts: Collection[str] = ()
        if _names(theirs):
            # A marked node that is named is left to whom names it.
            hosts = _hosts(theirs, connect) if is_older or not names else ()
        elif is_older and not names and other.goal_id == audit.goal_id:
            hosts = marked()
        for host in hosts:
            elsewhere.setdefault(host, other.uuid)
    return elsewhere


def _living() -> Iterator[Any]:
    """Yield all audits that have not ended, the oldest first."""
    request = context.make_context()
    audits = [
        audit
        for state in states.LIVING
        for audit in objects.Audit.list(request, filters={'state': state})
    ]
    yield from sorted(audits, key=lambda audit: audit.id)


def _names(given: Mapping[str, Any]) -> bool:
    """Return True if parameters name nodes, an aggregate or a zone."""
    kinds = (roll_parameters.AGGREGATE, roll_parameters.ZONE)
    return bool(
        windows.named_hosts(given) or any(given.get(kind) for kind in kinds)
    )


def _hosts(
    given: Mapping[str, Any], connect: Callable[[], Nova]
) -> Collection[str]:
    """Return the nodes that parameters name; none if they are invalid."""
    named = windows.named_hosts(given)
    if named:
        return named
    try:
        return roll_set.members(given, connect())
    except NotPlanned as exc:
        if exc.finding.reason.is_bad_request:
            return ()
        raise


def _marked(request: Request, nova: Nova) -> list[str]:
    """Return the nodes that are marked for maintenance."""
    return [
        host
        for host, service in nova.services().items()
        if roles.is_marked(
            service.status, service.disabled_reason, request.marking_reasons
        )
    ]
