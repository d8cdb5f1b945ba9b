# SPDX-License-Identifier: Apache-2.0

"""The time that the owners of servers have before a wave begins.

Each node has its own time, from its first notices on. A wave begins when that
of all its nodes is over; until then its window is closed, so that no server
leaves but those whose owners say go. A node is told once, so that each run
begins a wave, tells another node, or waits for no longer than one period.
"""

import dataclasses

from collections.abc import Collection

from watcher_host_maintenance.core.model.request import CloseAt
from watcher_host_maintenance.core.model.request import Owners
from watcher_host_maintenance.core.model.rolling import Journal
from watcher_host_maintenance.core.model.rolling import RollRequest
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.model.window import Window
from watcher_host_maintenance.core.rules.owners import TELLABLE


WRITING_S = 60
"""How long it may take to write notices without a change of the time in them.

Owners have the whole period after their notice, however long that took.
"""


def begins_s(
    hostnames: Collection[str],
    snapshot: Snapshot,
    request: RollRequest,
    journal: Journal,
) -> int:
    """Return when a wave may begin, as far as owners have had their time.

    A node without any server whose owner can be told needs no time. Owners
    who are waited for until a later time have that, too.

    :param hostnames: of the wave
    :returns: seconds since 1970-01-01 00:00 UTC; 0 is at any time
    """
    if not request.notice_period:
        return 0
    tellable = {
        i.host for i in snapshot.by_uuid.values() if i.vm_state in TELLABLE
    }
    times_s = [
        _ends_s(hostname, request, journal)
        or (request.now_s or 0) + request.notice_period + WRITING_S
        for hostname in hostnames
        if hostname in tellable
    ]
    if times_s and request.owners is Owners.WAIT:
        times_s.append(request.answer_by_s or 0)
    return max(times_s, default=0)


def of_drain(
    hostnames: Collection[str],
    snapshot: Snapshot,
    request: RollRequest,
    journal: Journal,
) -> int:
    """Return when servers may leave nodes that are disabled already.

    Once a wave has begun, a server whose owner could not be told until then
    does not hold it up.

    :returns: as :func:`begins_s`
    """
    if request.close is CloseAt.NOW:
        return begins_s(hostnames, snapshot, request, journal)
    told = [h for h in hostnames if _ends_s(h, request, journal) is not None]
    return begins_s(told, snapshot, request, journal)


def window(request: RollRequest, begin_s: int) -> Window | None:
    """Return when servers may leave the nodes of a wave.

    :param begin_s: not before; see :func:`begins_s`
    """
    whole = request.window
    if whole is None:
        return Window(begin_s) if begin_s else None
    if whole.is_over(request.now_s or 0) or begin_s <= whole.starts_s:
        return whole
    if whole.is_over(begin_s):
        # It is closed until then, and over from then on.
        return Window(begin_s)
    return dataclasses.replace(whole, starts_s=begin_s)


def answer_by_s(request: RollRequest, window: Window | None) -> int | None:
    """Return until when the owners on the nodes of a wave may answer.

    That is until work begins, which their notices have from the first on.

    :param window: see :func:`window`
    """
    if request.owners is not Owners.WAIT or window is None:
        return request.answer_by_s
    return max(request.answer_by_s or 0, window.starts_s) or None


def ends_s(
    hostname: str, maintenance_id: str, period_s: int, journal: Journal
) -> int | None:
    """Return when the owners on a node have had their time.

    What their notices say is kept, also if the period is shorter now; but
    whoever is waited for reads the end of the time to answer, which an
    operator may change.

    :param maintenance_id: UUID of the rolling maintenance; what one before
        has told them, which it continues, was called off
    :returns: seconds since 1970-01-01 00:00 UTC; None if they are not told
    """
    told = journal.told.get(hostname)
    if told is None or told.maintenance_id != maintenance_id:
        return None
    over_s = told.at_s + period_s
    starts_s = told.starts_s
    if told.waits:
        starts_s = min(starts_s, over_s + WRITING_S)
    return max(starts_s, over_s)


def _ends_s(
    hostname: str, request: RollRequest, journal: Journal
) -> int | None:
    return ends_s(
        hostname, request.maintenance_id, request.notice_period, journal
    )
