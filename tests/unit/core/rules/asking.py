# SPDX-License-Identifier: Apache-2.0

"""One rule at a time, asked about ``compute-2``."""

from collections.abc import Iterable
from typing import Any

from tests.unit.core import builders
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.snapshot import Aggregate
from watcher_host_maintenance.core.model.snapshot import ServerGroup
from watcher_host_maintenance.core.rules.leaver import Leaver
from watcher_host_maintenance.core.rules.leaver import Rule


def findings(
    rule: Rule,
    *,
    kind: MoveKind = MoveKind.LIVE,
    source: dict[str, Any] | None = None,
    node: dict[str, Any] | None = None,
    groups: Iterable[ServerGroup] = (),
    aggregates: Iterable[Aggregate] = (),
    request: dict[str, Any] | None = None,
    **fields: Any,
) -> list[Finding]:
    """What a rule says of one instance of ``compute-1``.

    :param source: fields of ``compute-1``
    :param node: fields of ``compute-2``
    :param request: fields of the request
    :param fields: fields of the instance
    """
    instance = builders.an_instance(**fields)
    there = builders.a_node('compute-2', **(node or {}))
    known = builders.a_snapshot(
        [builders.a_node('compute-1', **(source or {})), there],
        [instance],
        groups,
        aggregates,
    )
    asked = builders.a_request(**(request or {}))
    return list(rule(Leaver(instance, kind), there, known, asked))
