# SPDX-License-Identifier: Apache-2.0

"""The audit's scope, evaluated on what Nova says now.

Watcher applies a scope to its model, where a node or a server that the model
lacks is not met. This answers for those, by the same rules as
``watcher.decision_engine.scope.compute``.
"""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.cloud.records import Service


EVERY = '*'


class Scope:
    """What an audit is about.

    :param audit_scope: as the audit has it: a list of parts, of which the
        first that is about compute counts
    :param aggregates: host aggregates as :meth:`.nova.Nova.aggregates` has
        them
    """

    def __init__(
        self,
        audit_scope: Sequence[Mapping[str, Any]] | None,
        aggregates: Sequence[Mapping[str, Any]],
    ):
        parts = (part.get('compute') for part in audit_scope or ())
        self._rules: list[Mapping[str, Any]] = next(filter(None, parts), [])
        self._aggregates = aggregates
        excluded = [
            entry for rule in self._rules for entry in rule.get('exclude', ())
        ]
        self._servers = _named(excluded, 'instances', 'uuid')
        self._projects = _named(excluded, 'projects', 'uuid')
        self._closed = _named(excluded, 'compute_nodes', 'name')
        for entry in excluded:
            self._closed |= self._hosts(entry.get('host_aggregates', ()))

    def holds(self, service: Service) -> bool:
        """Tell whether a compute node is inside."""
        if service.host in self._closed:
            return False
        opening = [
            rule
            for rule in self._rules
            if 'host_aggregates' in rule or 'availability_zones' in rule
        ]
        return not opening or any(
            self._opens(rule, service) for rule in opening
        )

    def excludes(self, server: Server) -> bool:
        """Tell whether a server is not to be touched."""
        return (
            server.uuid in self._servers or server.project_id in self._projects
        )

    def _opens(self, rule: Mapping[str, Any], service: Service) -> bool:
        # Of a rule that has both Watcher looks at the aggregates alone.
        if 'host_aggregates' in rule:
            return service.host in self._hosts(rule['host_aggregates'])
        zones = {zone['name'] for zone in rule['availability_zones']}
        return service.zone in zones or EVERY in zones

    def _hosts(self, wanted: Iterable[Mapping[str, Any]]) -> set[str]:
        """Return the hosts of aggregates named by name or by ID."""
        asked = {
            (key, value) for entry in wanted for key, value in entry.items()
        }
        every = {('name', EVERY), ('id', EVERY)} & asked
        return {
            host
            for aggregate in self._aggregates
            if every
            or ('name', aggregate['name']) in asked
            or ('id', aggregate['id']) in asked
            for host in aggregate['hosts']
        }


def _named(
    excluded: Iterable[Mapping[str, Any]], kind: str, key: str
) -> set[str]:
    return {item[key] for entry in excluded for item in entry.get(kind, ())}
