# SPDX-License-Identifier: Apache-2.0

"""Plans of small clouds, of which a part begins now."""

import dataclasses

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_request
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import an_instance
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.checking import check
from watcher_host_maintenance.core.model.pace import Pace
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import ServerGroup
from watcher_host_maintenance.core.model.window import Window
from watcher_host_maintenance.core.scheduling import holding
from watcher_host_maintenance.core.scheduling import steps


NOW_S = 1796072400
"""2026-11-30 21:00:00 UTC."""

CLOUD = (a_node('compute-1'), a_node('compute-2'))
PACE = Pace()
ASKED = a_request()


def servers(*seconds: float, **fields: Any) -> list[Instance]:
    """``web-1``, ``web-2``, ... whose moves take so many seconds."""
    return [
        an_instance(f'web-{n}', memory_mb=round((s - 10) * 100), **fields)
        for n, s in enumerate(seconds, 1)
    ]


def hold(
    instances: Iterable[Instance],
    begins_s: int | None = None,
    ends_s: int | None = None,
    *,
    nodes: Iterable[ComputeNode] = CLOUD,
    groups: Iterable[ServerGroup] = (),
    waits: Mapping[str, Finding] = MappingProxyType({}),
    early: Collection[str] = (),
    pace: Pace = PACE,
    asked: Request = ASKED,
    **fields: Any,
) -> Outcome:
    """What begins now; the checker proves it.

    :param begins_s: seconds from now to the start of the window
    :param ends_s: and to its end
    :param fields: other fields of the request
    """
    snapshot = a_snapshot(nodes, instances, groups)
    if begins_s is not None:
        end = None if ends_s is None else NOW_S + ends_s
        fields['window'] = Window(NOW_S + begins_s, end)
    request = dataclasses.replace(asked, now_s=NOW_S, **fields)
    whole = drain.plan(snapshot, request)
    part = holding.hold(whole, snapshot, request, pace, waits, early)
    if not waits and not early:
        schedule = steps.schedule(snapshot, part, pace)
        proof = check.check(snapshot, request, part, schedule, pace)
        assert not proof, proof
    return part
