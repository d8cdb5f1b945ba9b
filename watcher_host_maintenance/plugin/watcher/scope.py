# SPDX-License-Identifier: Apache-2.0

"""The audit's scope, evaluated on what Nova says now.

Watcher applies a scope to its model, which may lack a node or a server. This
answers for those too, by the same rules as
``watcher.decision_engine.scope.compute``.
"""

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from watcher.common import exception

from watcher_host_maintenance.cloud.reading.scope import Aggregates
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.cloud.records import Service


EVERY = '*'


class AuditScope:
    """What an audit is about.

    :param audit_scope: as the audit has it: a list of parts, of which the
        first that is about compute counts
    :param model: Watcher's ModelRoot, with that scope applied
    :param modelled: hostnames of the model's compute nodes
    """

    def __init__(
        self,
        audit_scope: Sequence[Mapping[str, Any]] | None,
        model: Any,
        modelled: Collection[str],
    ):
        parts = (part.get('compute') for part in audit_scope or ())
        rules: list[Mapping[str, Any]] = next(filter(None, parts), [])
        self._model = model
        self._modelled = modelled
        self._opening = [
            rule
            for rule in rules
            if 'host_aggregates' in rule or 'availability_zones' in rule
        ]
        self._excluded = [
            entry for rule in rules for entry in rule.get('exclude', ())
        ]
        self._servers = _named(self._excluded, 'instances', 'uuid')
        self._projects = _named(self._excluded, 'projects', 'uuid')

    def nodes(
        self, services: Iterable[Service], aggregates: Aggregates
    ) -> frozenset[str]:
        """Return the hosts of the services that are in scope.

        Those of the model are: it has been through Watcher's own reading.
        """
        closed = _named(self._excluded, 'compute_nodes', 'name')
        for entry in self._excluded:
            closed |= _hosts(entry.get('host_aggregates', ()), aggregates)
        opens = [_opener(rule, aggregates) for rule in self._opening]
        return frozenset(
            s.host
            for s in services
            if s.host in self._modelled
            or (
                s.host not in closed
                and (not opens or any(is_open(s) for is_open in opens))
            )
        )

    def excluded(self, servers: Iterable[Server]) -> frozenset[str]:
        """Return the UUIDs of the servers that are not to be touched.

        The model's word counts, and that of the scope itself for servers that
        the model lacks.
        """
        return frozenset(
            s.uuid
            for s in servers
            if s.uuid in self._servers
            or s.project_id in self._projects
            or self._is_excluded(s.uuid)
        )

    def _is_excluded(self, uuid: str) -> bool:
        try:
            instance = self._model.get_instance_by_uuid(uuid)
        except exception.InstanceNotFound:
            return False
        return bool(instance.watcher_exclude)


def _opener(
    rule: Mapping[str, Any], aggregates: Aggregates
) -> Callable[[Service], bool]:
    """Return a function that tells whether a rule lets a service in."""
    # Of a rule that has both Watcher looks at the aggregates alone.
    if 'host_aggregates' in rule:
        hosts = _hosts(rule['host_aggregates'], aggregates)
        return lambda service: service.host in hosts
    zones = {zone['name'] for zone in rule['availability_zones']}
    return lambda service: service.zone in zones or EVERY in zones


def _hosts(
    entries: Iterable[Mapping[str, Any]], aggregates: Aggregates
) -> set[str]:
    """Return the hosts of aggregates that are named by name or by ID."""
    keys = {item for entry in entries for item in entry.items()}
    every = {('name', EVERY), ('id', EVERY)} & keys
    return {
        host
        for aggregate in aggregates
        if every
        or ('name', aggregate['name']) in keys
        or ('id', aggregate['id']) in keys
        for host in aggregate['hosts']
    }


def _named(
    entries: Iterable[Mapping[str, Any]], kind: str, key: str
) -> set[str]:
    return {item[key] for entry in entries for item in entry.get(kind, ())}
