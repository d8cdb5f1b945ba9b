# SPDX-License-Identifier: Apache-2.0

"""Host aggregates: extra specs, isolated projects, migration domains.

Each mirrors a filter of nova-scheduler that is not among the default ones,
so that each has a switch in the request.
"""

from collections.abc import Iterator
from collections.abc import Mapping

from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.reasons import declare
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.rules import extra_specs
from watcher_host_maintenance.core.rules.leaver import Leaver


EXTRA_SPEC_UNMATCHED = declare(
    'extra_spec_unmatched',
    of=Of.PAIR,
    says=N_('{subject}: aggregate metadata {key} is {values}, not {expected}'),
    helps=N_('Add a node to an aggregate that has it.'),
)

OTHER_PROJECTS = declare(
    'other_projects',
    of=Of.PAIR,
    says=N_('{subject} is not for project {project}'),
    helps=N_("Add a node to an aggregate of the instance's project."),
)

OTHER_DOMAIN = declare(
    'other_domain',
    of=Of.PAIR,
    says=N_('{subject}: {key} is {destination}, not {source}'),
    helps=N_('Add a node of the same migration domain.'),
)


SCOPE = 'aggregate_instance_extra_specs'
"""The scope of extra specs that name a key of aggregate metadata."""

TENANT_KEY = 'filter_tenant_id'
"""Metadata keys that start so hold the only projects of an aggregate."""


def satisfies_extra_specs(
    leaver: Leaver, node: ComputeNode, known: Snapshot, request: Request
) -> Iterator[Finding]:
    """Refuse a node whose aggregates do not have what the flavor wants.

    As Nova's AggregateInstanceExtraSpecsFilter: each key has to be there,
    with at least one value that matches.
    """
    metadata = known.aggregate_metadata.get(node.hostname, {})
    wanted = wanted_metadata(leaver.instance.extra_specs, request)
    for key, text in wanted.items():
        values = metadata.get(key, frozenset())
        if not any(extra_specs.matches(v, text) for v in values):
            yield Finding(
                EXTRA_SPEC_UNMATCHED,
                node.hostname,
                {
                    'key': key,
                    'expected': text,
                    'values': tuple(sorted(values)),
                },
            )


def wanted_metadata(
    specs: Mapping[str, str], request: Request
) -> dict[str, str]:
    """Return metadata key -> what an extra spec wants it to be."""
    wanted = {}
    for name, text in sorted(specs.items()):
        scope, colon, key = name.partition(':')
        if colon and scope == SCOPE and request.aggregate_extra_specs:
            wanted[key] = text
        elif not colon and request.unscoped_extra_specs:
            wanted[name] = text
    return wanted


def takes_project(
    leaver: Leaver, node: ComputeNode, known: Snapshot, request: Request
) -> Iterator[Finding]:
    """Refuse a node whose aggregates are for other projects only.

    As Nova's AggregateMultiTenancyIsolation. Who stays out is said, not
    who may come in: that is other customers' business.
    """
    if not request.tenant_isolation:
        return
    projects: set[str] = set()
    metadata = known.aggregate_metadata.get(node.hostname, {})
    for key, values in metadata.items():
        if key.startswith(TENANT_KEY):
            projects |= values
    if projects and leaver.instance.project_id not in projects:
        yield Finding(
            OTHER_PROJECTS,
            node.hostname,
            {'project': leaver.instance.project_id or None},
        )


def stays_in_domain(
    leaver: Leaver, node: ComputeNode, known: Snapshot, request: Request
) -> Iterator[Finding]:
    """Refuse a node in another cell, CPU generation or storage domain.

    No API tells those; operators name aggregate metadata that does.
    """
    here = known.aggregate_metadata.get(leaver.instance.host, {})
    there = known.aggregate_metadata.get(node.hostname, {})
    for key in sorted(request.migration_domain_keys):
        source, destination = (
            tuple(sorted(m.get(key, ()))) for m in (here, there)
        )
        if source != destination:
            yield Finding(
                OTHER_DOMAIN,
                node.hostname,
                {'key': key, 'source': source, 'destination': destination},
            )
