# SPDX-License-Identifier: Apache-2.0

"""One rule at a time, asked about ``compute-2``."""

import dataclasses
import importlib
import pkgutil

from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any
from typing import NamedTuple

from tests.unit.core import builders
from tests.unit.core import rules as package
from watcher_host_maintenance.core.model.demand import Refusal
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Aggregate
from watcher_host_maintenance.core.model.snapshot import ServerGroup
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.rules.rule import Leaver
from watcher_host_maintenance.core.rules.rule import PossibleMove
from watcher_host_maintenance.core.rules.rule import Rule
from watcher_host_maintenance.core.rules.rule import host_of
from watcher_host_maintenance.core.rules.rule import possible_move


class Case(NamedTuple):
    """``web-1`` on ``compute-1``, which may have to move to ``compute-2``."""

    snapshot: Snapshot
    request: Request
    leaver: Leaver

    @property
    def move(self) -> PossibleMove:
        """The move that is judged."""
        node = self.snapshot.by_hostname['compute-2']
        there = host_of(node, self.snapshot)
        return possible_move(self.leaver, there, self.snapshot, self.request)


def a_case(
    *,
    kind: MoveKind = MoveKind.LIVE,
    source: dict[str, Any] | None = None,
    node: dict[str, Any] | None = None,
    groups: Iterable[ServerGroup] = (),
    aggregates: Iterable[Aggregate] = (),
    refusals: Iterable[Refusal] = (),
    request: dict[str, Any] | None = None,
    hinted: dict[str, str] | None = None,
    **fields: Any,
) -> Case:
    """What a rule is asked about.

    :param source: fields of ``compute-1``
    :param node: fields of ``compute-2``
    :param refusals: of Placement
    :param request: fields of the request
    :param hinted: where servers are that scheduler hints name
    :param fields: fields of the instance
    """
    instance = builders.an_instance(**fields)
    nodes = [
        builders.a_node('compute-1', **(source or {})),
        builders.a_node('compute-2', **(node or {})),
    ]
    snapshot = builders.a_snapshot(nodes, [instance], groups, aggregates)
    return Case(
        dataclasses.replace(
            snapshot, hinted=hinted or {}, refusals=tuple(refusals)
        ),
        builders.a_request(**(request or {})),
        Leaver(instance, kind),
    )


def findings(rule: Rule, **fields: Any) -> list[Finding]:
    """What a rule says of a case; see :func:`a_case`."""
    case = a_case(**fields)
    if not rule.applies(case.request):
        return []
    return list(rule.objections(case.move))


def every_row() -> Iterator[tuple[str, dict[str, Any], list[str]]]:
    """The ``ROWS`` of the tests of each rule: name, case, reasons given."""
    for module in pkgutil.iter_modules(package.__path__):
        name = f'{package.__name__}.{module.name}'
        rows = getattr(importlib.import_module(name), 'ROWS', ())
        for row, case, expected in rows:
            yield f'{module.name}_{row}', case, expected
