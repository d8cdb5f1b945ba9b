# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

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
        [instance], groups, aggregates)
    asked = builders.a_request(**(request or {}))
    return list(rule(Leaver(instance, kind), there, known, asked))
