# SPDX-License-Identifier: Apache-2.0

"""Whether the nodes that came back let another wave begin."""

import dataclasses
import math

from collections.abc import Iterator
from collections.abc import Mapping

from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Fact
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.rolling import NOTHING_DONE
from watcher_host_maintenance.core.model.rolling import Journal
from watcher_host_maintenance.core.model.rolling import RollRequest
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.model.times import format_time
from watcher_host_maintenance.core.model.window import Window
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
        'to empty {hosts} takes about {takes_s} s, and the window ends in '
        '{left_s} s, at {ends}'
    ),
    helps=N_('Its wave begins in the next window, if that is long enough.'),
)

SERVER_TOO_LONG = Of.WAVE.declare(
    'server_too_long',
    says=N_(
        '{subject} alone takes about {takes_s} s to leave {host}, and the '
        'window ends in {left_s} s, at {ends}'
    ),
    helps=N_('Make the window longer, or move it by hand.'),
)

TOLD_TOO_LATE = Of.WAVE.declare(
    'told_too_late',
    says=N_(
        'the notice period of {subject} would end at {begins}, after its '
        'window ends at {ends}'
    ),
    helps=N_('Give the audit another window, or a shorter notice_period.'),
)


@dataclasses.dataclass(frozen=True, slots=True)
class Work:
    """What is to begin, and how long it is thought to take.

    :ivar hostnames: of the nodes that are emptied, or return; at least one
    :ivar takes_s: for all of it, in seconds
    :ivar moves_s: (server, its host) -> seconds that it takes alone
    """

    hostnames: tuple[str, ...]
    takes_s: float = 0
    moves_s: Mapping[tuple[str, str], float] = dataclasses.field(
        default_factory=dict
    )


def outside_window(
    request: RollRequest, work: Work, begins_s: int = 0
) -> Iterator[Finding]:
    """Yield why something does not begin, if it has to wait.

    A wave begins when its owners are told, even before its window.

    :param begins_s: when owners have had their time; 0 if none are told
    """
    window, now_s = request.window, request.now_s or 0
    if window is None:
        return
    hostname, at_s = work.hostnames[0], _begins_s(window, now_s, begins_s)
    if at_s > now_s and window.is_over(at_s):
        yield TOLD_TOO_LATE.about(
            hostname,
            begins=format_time(at_s),
            ends=format_time(window.ends_s or 0),
        )
    elif closed := holding.outside(window, at_s, hostname):
        yield closed
    else:
        yield from _too_long(window, at_s, work)


def is_too_long(
    request: RollRequest, work: Work, begins_s: int, later: Window | None
) -> bool:
    """Return True if a wave does not fit its window, nor the one after it.

    :param begins_s: as in :func:`outside_window`
    :param later: the next window; None is none
    """
    window, now_s = request.window, request.now_s or 0
    if window is None:
        return False
    at_s = _begins_s(window, now_s, begins_s)
    if not window.is_open(at_s) or window.fits(at_s, work.takes_s):
        return False
    return later is None or not later.fits(later.starts_s, work.takes_s)


def _begins_s(window: Window, now_s: int, begins_s: int) -> int:
    """Return when work begins if nothing holds it."""
    if begins_s and not window.is_over(now_s):
        return max(now_s, begins_s, window.starts_s)
    return now_s


def _too_long(window: Window, at_s: int, work: Work) -> Iterator[Finding]:
    """Yield that a wave does not fit its window, and which servers do not."""
    if window.fits(at_s, work.takes_s):
        return
    ends_s = window.ends_s or 0
    facts: dict[str, Fact] = {
        'left_s': ends_s - at_s,
        'ends': format_time(ends_s),
    }
    yield WAVE_TOO_LONG.about(
        work.hostnames[0],
        hosts=work.hostnames,
        takes_s=math.ceil(work.takes_s),
        **facts,
    )
    for (name, host), takes_s in sorted(work.moves_s.items()):
        if not window.fits(at_s, takes_s):
            yield SERVER_TOO_LONG.about(
                name, host=host, takes_s=math.ceil(takes_s), **facts
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
