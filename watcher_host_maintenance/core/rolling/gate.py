# SPDX-License-Identifier: Apache-2.0

"""Whether the nodes that came back let another wave begin."""

import math

from collections.abc import Iterator

from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.rolling import NOTHING_DONE
from watcher_host_maintenance.core.model.rolling import Journal
from watcher_host_maintenance.core.model.rolling import RollRequest
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.model.times import format_time
from watcher_host_maintenance.core.rolling import canaries
from watcher_host_maintenance.core.rolling.progress import Next
from watcher_host_maintenance.core.rolling.progress import Stand
from watcher_host_maintenance.core.rules import roles
from watcher_host_maintenance.core.scheduling import holding


CLOSED_AGAIN = Of.WAVE.declare(
    'closed_again',
    says=N_('{subject} came back, but is disabled again: {disabled_reason}'),
    helps=N_('Return it to service, or remove it from the nodes to maintain.'),
)

DOWN_AGAIN = Of.WAVE.declare(
    'down_again',
    says=N_('{subject} came back, but nova-compute is down'),
    helps=N_(
        'Start nova-compute there, or remove it from the nodes to maintain.'
    ),
)

FORCED_DOWN_AGAIN = Of.WAVE.declare(
    'forced_down_again',
    says=N_('{subject} came back, but is forced down'),
    helps=roles.LIFTS,
)

NO_CANARY_RUNS = Of.WAVE.declare(
    'no_canary_runs',
    says=N_(
        '{subject} came back, but no server runs there after {tries} moves '
        'to it; last error: {last_error}'
    ),
    helps=N_(
        'Fix the node and migrate a server to it, or set canary to false.'
    ),
)


WAVE_TOO_LONG = Of.WAVE.declare(
    'wave_too_long',
    says=N_(
        '{subject} takes about {takes_s} s to empty, and the window ends in '
        '{left_s} s, at {ends}'
    ),
    helps=N_('Its wave begins in the next window, if that is long enough.'),
)


TOLD_TOO_LATE = Of.WAVE.declare(
    'told_too_late',
    says=N_(
        'the notice period of {subject} would end at {begins}, after its '
        'window ends at {ends}'
    ),
    helps=N_('Give the audit another window, or a shorter notice_period.'),
)


def outside_window(
    request: RollRequest, hostname: str, takes_s: float, begins_s: int = 0
) -> Iterator[Finding]:
    """Yield why something does not begin, if it has to wait.

    A wave begins when its owners are told, even before its window.

    :param hostname: the first node that it is about
    :param takes_s: how long it is thought to take
    :param begins_s: when owners have had their time; 0 if none are told
    """
    window, now_s = request.window, request.now_s or 0
    if window is None:
        return
    at_s = now_s
    if begins_s and not window.is_over(now_s):
        at_s = max(now_s, begins_s, window.starts_s)
    ends_s = window.ends_s or 0
    if at_s > now_s and window.is_over(at_s):
        yield TOLD_TOO_LATE.about(
            hostname, begins=format_time(at_s), ends=format_time(ends_s)
        )
    elif closed := holding.outside(window, at_s, hostname):
        yield closed
    elif not window.fits(at_s, takes_s):
        yield WAVE_TOO_LONG.about(
            hostname,
            takes_s=math.ceil(takes_s),
            left_s=ends_s - at_s,
            ends=format_time(ends_s),
        )


def findings(
    snapshot: Snapshot,
    request: RollRequest,
    found: Next,
    journal: Journal = NOTHING_DONE,
) -> Iterator[Finding]:
    """Yield what is wrong with the nodes that are done.

    A node that came back as the spare that it was is disabled. One that Nova
    does not have any more is not waited for.
    """
    for hostname in found.which(Stand.DONE):
        node = snapshot.by_hostname.get(hostname)
        if node is None:
            continue
        is_spare = roles.has_spare_reason(node, request)
        if node.status == 'disabled' and not is_spare:
            reason = node.disabled_reason or None
            yield CLOSED_AGAIN.about(hostname, disabled_reason=reason)
        elif node.state == 'down':
            yield roles.down(
                hostname, node.forced_down, DOWN_AGAIN, FORCED_DOWN_AGAIN
            )
    for hostname in canaries.awaited(
        snapshot, request, journal, found.waiting
    ):
        tried = journal.canaries.get(hostname)
        if tried is not None and tried.times >= canaries.MOST_TRIES:
            yield NO_CANARY_RUNS.about(
                hostname, tries=tried.times, last_error=tried.why or None
            )
