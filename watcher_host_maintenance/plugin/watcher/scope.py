# SPDX-License-Identifier: Apache-2.0

"""The audit's scope, evaluated on what Nova says now.

Watcher applies a scope to a copy of its model, which may lack a node or a
server. This needs no model, by the same rules as
``watcher.decision_engine.scope.compute``.
"""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.records import Aggregate
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.cloud.records import Service
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.plugin.watcher.estimates import MODEL_EMPTY


SCOPE_UNKNOWN = Of.MODEL.declare(
    'scope_unknown',
    says=N_("the audit's scope excludes {entries}, which is unknown"),
    helps=N_('Correct the scope of the audit template.'),
)

EVERY = '*'

KINDS = frozenset(
    {'compute_nodes', 'host_aggregates', 'instances', 'projects'}
)
"""What a scope can exclude.

Its schema has ``instance_metadata`` too, for which Watcher reads an option
that its collector does not have.
"""


class AuditScope:
    """What an audit is about.

    :param audit_scope: as the audit has it: a list of parts, of which the
        first that is about compute counts
    :raises watcher_host_maintenance.cloud.errors.NotPlanned: it excludes what
        cannot be evaluated
    """

    def __init__(self, audit_scope: Sequence[Mapping[str, Any]] | None):
        parts = (part.get('compute') for part in audit_scope or ())
        rules: list[Mapping[str, Any]] = next(filter(None, parts), [])
        self._opening = [
            rule
            for rule in rules
            if 'host_aggregates' in rule or 'availability_zones' in rule
        ]
        self._excluded = [
            entry for rule in rules for entry in rule.get('exclude', ())
        ]
        _refuse_unknown({kind for e in self._excluded for kind in e} - KINDS)

    def nodes(
        self, services: Iterable[Service], aggregates: Sequence[Aggregate]
    ) -> frozenset[str]:
        """Return the hosts of the services that are in scope.

        :raises watcher_host_maintenance.cloud.errors.NotPlanned: none of
            them is, or a node that the scope excludes does not exist
        """
        services = list(services)
        hosts = {s.host for s in services}
        closed = self._named('compute_nodes', 'name')
        _refuse_unknown(closed - hosts)
        for entry in self._excluded:
            closed |= _hosts(entry.get('host_aggregates', ()), aggregates)
        if self._opening:
            opened = (_let_in(r, services, aggregates) for r in self._opening)
            hosts &= set().union(*opened)
        if services and not hosts - closed:
            raise NotPlanned(MODEL_EMPTY.about())
        return frozenset(hosts - closed)

    def excluded(self, servers: Iterable[Server]) -> frozenset[str]:
        """Return the UUIDs of the servers that are not to be touched."""
        uuids = self._named('instances', 'uuid')
        projects = self._named('projects', 'uuid')
        return frozenset(
            s.uuid
            for s in servers
            if s.uuid in uuids or s.project_id in projects
        )

    def _named(self, kind: str, key: str) -> set[str]:
        """Return the names, or UUIDs, of all of a kind that is excluded."""
        return {item[key] for e in self._excluded for item in e.get(kind, ())}


def _refuse_unknown(entries: set[str]) -> None:
    """Raise unless there are none: what was meant might be touched."""
    if entries:
        raise NotPlanned(SCOPE_UNKNOWN.about(entries=tuple(sorted(entries))))


def _let_in(
    rule: Mapping[str, Any],
    services: Iterable[Service],
    aggregates: Sequence[Aggregate],
) -> set[str]:
    """Return the hosts that a rule of a scope lets in."""
    # Of a rule that has both Watcher looks at the aggregates alone.
    if 'host_aggregates' in rule:
        return _hosts(rule['host_aggregates'], aggregates)
    zones = {zone['name'] for zone in rule['availability_zones']}
    return {s.host for s in services if s.zone in zones or EVERY in zones}


def _hosts(
    entries: Iterable[Mapping[str, Any]], aggregates: Sequence[Aggregate]
) -> set[str]:
    """Return the hosts of aggregates that are named by name or by ID."""
    keys = {item for entry in entries for item in entry.items()}
    every = {('name', EVERY), ('id', EVERY)} & keys
    return {
        host
        for aggregate in aggregates
        if every
        or ('name', aggregate.name) in keys
        or ('id', aggregate.id) in keys
        for host in aggregate.hosts
    }
