# SPDX-License-Identifier: Apache-2.0

"""Judge whether it came out as told.

Each function yields a sentence for everything that did not; none means all
is well. They look at plain values only, so that tests can show them clouds
that never were.
"""

import collections

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from demo.picture import Picture
from demo.plan import Move
from demo.plan import Step


#: The reason under which a plan disables the host that it empties.
MAINTAINING = 'watcher_maintaining'

Complaints = Iterator[str]


class NotAsTold(Exception):
    """Something did not come out as told; the text says what."""


def require(*judgements: Iterable[str]) -> None:
    """Raise unless all is well.

    :raises NotAsTold: with a line for each complaint
    """
    complaints = [line for found in judgements for line in found]
    if complaints:
        raise NotAsTold('\n'.join(complaints))


def planned(
    audit: Mapping[str, Any], node: str, moves: Sequence[Move], before: Picture
) -> Complaints:
    """Expect a plan that moves each server of a host, and no other."""
    if audit['state'] != 'SUCCEEDED':
        yield (
            f'The audit ended {audit["state"]}: '
            f'{audit.get("status_message") or "no reason given"}'
        )
        return
    planned_names = sorted(move.server for move in moves)
    if planned_names != before.on(node):
        yield (
            f'The plan moves {_names(planned_names)}; on {node} are '
            f'{_names(before.on(node))}'
        )
    for move in moves:
        if before.hosts[move.destination].disabled_reason not in (
            None,
            'watcher_disabled',
        ):
            yield (
                f'{move.server} goes to {move.destination}, which is disabled'
            )


def onto(moves: Sequence[Move], hosts: Sequence[str]) -> Complaints:
    """Expect exactly these hosts to be the destinations."""
    used = sorted({move.destination for move in moves})
    if used != sorted(hosts):
        yield f'The servers go to {_names(used)}, not to {_names(hosts)}'


def executed(plan: Mapping[str, Any], steps: Sequence[Step]) -> Complaints:
    """Expect a plan of which every action succeeded."""
    if plan['state'] != 'SUCCEEDED':
        yield f'The action plan ended {plan["state"]}'
    for step in steps:
        if step.state != 'SUCCEEDED':
            yield f'"{step.words}" ended {step.state}: {step.why}'


def drained(
    before: Picture,
    after: Picture,
    node: str,
    moves: Sequence[Move],
    spare: str | None = None,
) -> Complaints:
    """Expect a host empty and disabled, and all else as it was.

    :param spare: the host that the plan enables, when it does
    """
    for name in after.on(node):
        yield f'{name} is still on {node}'
    for resource, used in sorted(after.hosts[node].used.items()):
        if used:
            yield f'{node} still has {used} {resource} in use'
    targets = {move.server: move.destination for move in moves}
    yield from _servers_at(before, after, targets)
    services = {
        name: (host.status, host.disabled_reason)
        for name, host in before.hosts.items()
    }
    services[node] = ('disabled', MAINTAINING)
    if spare:
        services[spare] = ('enabled', None)
    yield from _services_are(after, services)
    yield from _within_capacity(after)


def failed(audit: Mapping[str, Any]) -> Complaints:
    """Expect an audit that failed."""
    if audit['state'] != 'FAILED':
        yield f'The audit ended {audit["state"]}, not FAILED'


def refused(
    audit: Mapping[str, Any], plans: Sequence[Any], node: str, culprit: str
) -> Complaints:
    """Expect an audit that failed with a reason, and made no plan.

    :param culprit: the server that the reason has to name
    """
    yield from failed(audit)
    if plans:
        yield 'The audit made an action plan'
    reason = audit.get('status_message') or ''
    for words in (f'Cannot drain {node}', culprit, 'Nothing was changed'):
        if words not in reason:
            yield f'The reason does not say "{words}": "{reason}"'


def rolled(
    before: Picture, after: Picture, moves: Sequence[Move]
) -> Complaints:
    """Expect every host in service, and each server where it was moved.

    :param moves: of all waves, in their order
    """
    targets = {move.server: move.destination for move in moves}
    yield from _servers_at(before, after, targets)
    yield from _services_are(
        after, dict.fromkeys(before.hosts, ('enabled', None))
    )
    yield from _within_capacity(after)
    count = collections.Counter(move.server for move in moves)
    for name in sorted(before.servers):
        if not 1 <= count[name] <= 2:
            yield f'{name} has moved {count[name]} times'


def unchanged(before: Picture, after: Picture) -> Complaints:
    """Expect every server and every service as it was."""
    yield from _servers_at(before, after, {})
    yield from _services_are(
        after,
        {
            name: (host.status, host.disabled_reason)
            for name, host in before.hosts.items()
        },
    )


def _servers_at(
    before: Picture, after: Picture, targets: Mapping[str, str]
) -> Complaints:
    """Expect servers on their targets, else where they were; as they were."""
    for name in sorted(before.servers.keys() ^ after.servers.keys()):
        yield f'{name} came or went'
    for name in sorted(before.servers.keys() & after.servers.keys()):
        was, now = before.servers[name], after.servers[name]
        target = targets.get(name, was.host)
        if now.host != target:
            yield f'{name} is on {now.host}, not on {target}'
        if now.status != was.status:
            yield f'{name} was {was.status} and is {now.status}'


def _services_are(
    after: Picture, services: Mapping[str, tuple[str, str | None]]
) -> Complaints:
    for name, (status, reason) in sorted(services.items()):
        host = after.hosts[name]
        if (host.status, host.disabled_reason) != (status, reason):
            yield (
                f'{name} is {host.status} ({host.disabled_reason}), not '
                f'{status} ({reason})'
            )


def _within_capacity(after: Picture) -> Complaints:
    for name, host in sorted(after.hosts.items()):
        for resource, used in sorted(host.used.items()):
            if used > host.capacity.get(resource, 0):
                yield (
                    f'{name} has {used} {resource} in use of '
                    f'{host.capacity.get(resource, 0):g}'
                )


def _names(names: Sequence[str]) -> str:
    return ', '.join(names) or 'nothing'
