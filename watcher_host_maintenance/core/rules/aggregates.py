# SPDX-License-Identifier: Apache-2.0

"""Host aggregates: extra specs, projects, flavors, migration domains.

Each mirrors a filter of nova-scheduler that is not among the default ones,
so that each has a switch in the request.
"""

from collections.abc import Iterator
from collections.abc import Mapping

from watcher_host_maintenance.core.model.nova import REQUEST_FILTERS
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.rules import extra_specs
from watcher_host_maintenance.core.rules.rule import PossibleMove
from watcher_host_maintenance.core.rules.rule import rule


EXTRA_SPEC_UNMATCHED = Of.PAIR.declare(
    'extra_spec_unmatched',
    says=N_('{subject}: aggregate metadata {key} is {values}, not {expected}'),
    helps=N_('Add a node to an aggregate that has it.'),
)

OTHER_PROJECTS = Of.PAIR.declare(
    'other_projects',
    says=N_('{subject} is not for project {project}'),
    helps=N_("Add a node to an aggregate of the instance's project."),
)

OTHER_FLAVORS = Of.PAIR.declare(
    'other_flavors',
    says=N_('{subject} is not for flavor {flavor}'),
    helps=N_("Add a node to an aggregate of the instance's flavor."),
)

ISOLATED = Of.PAIR.declare(
    'isolated',
    says=N_('{subject} is in an aggregate for the trait {trait} only'),
    helps=N_('Add a node outside isolated aggregates.'),
)

OTHER_DOMAIN = Of.PAIR.declare(
    'other_domain',
    says=N_('{subject}: {key} is {destination}, not {source}'),
    helps=N_('Add a node of the same migration domain.'),
)


ISOLATION = REQUEST_FILTERS['isolate_aggregates']

SCOPE = 'aggregate_instance_extra_specs'
"""The scope of extra specs that name a key of aggregate metadata."""

TRAIT_KEY = 'trait:'
"""Metadata keys that start so can isolate an aggregate."""

TENANT_KEY = 'filter_tenant_id'
"""Metadata keys that start so hold the only projects of an aggregate."""

FLAVOR_KEY = 'instance_type'
"""The metadata key that holds the only flavors of an aggregate."""


@rule(
    gives=(EXTRA_SPEC_UNMATCHED,),
    looks_at=(
        'instance.extra_specs',
        'destination.metadata',
        'request.aggregate_extra_specs',
        'request.unscoped_extra_specs',
    ),
)
def satisfies_extra_specs(move: PossibleMove) -> Iterator[Finding]:
    """Refuse a node whose aggregates do not have what the flavor requires.

    As Nova's AggregateInstanceExtraSpecsFilter: for each extra spec
    ``aggregate_instance_extra_specs:KEY``, and with ``unscoped_extra_specs``
    for each extra spec without a scope, one of the aggregates has a matching
    value for the key.
    """
    expected = wanted_metadata(move.instance.extra_specs, move.request)
    for key, text in expected.items():
        values = move.destination.metadata.get(key, frozenset())
        if not any(extra_specs.matches(v, text) for v in values):
            yield EXTRA_SPEC_UNMATCHED.about(
                move.destination.node.hostname,
                key=key,
                expected=text,
                values=tuple(sorted(values)),
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


@rule(
    gives=(OTHER_PROJECTS,),
    looks_at=('instance.project_id', 'destination.metadata'),
    switch='tenant_isolation',
)
def takes_project(move: PossibleMove) -> Iterator[Finding]:
    """Refuse a node whose aggregates are for other projects only.

    As Nova's AggregateMultiTenancyIsolation: if an aggregate has
    ``filter_tenant_id``, one of them has it with the project of the server.
    """
    project = move.instance.project_id
    allowed = [
        projects
        for key, projects in move.destination.metadata.items()
        if key.startswith(TENANT_KEY)
    ]
    if any(allowed) and not any(project in projects for projects in allowed):
        # Which projects are allowed is not this customer's business.
        yield OTHER_PROJECTS.about(
            move.destination.node.hostname, project=project or None
        )


@rule(
    gives=(OTHER_FLAVORS,),
    looks_at=('instance.flavor', 'destination.metadata'),
    switch='type_affinity',
)
def takes_flavor(move: PossibleMove) -> Iterator[Finding]:
    """Refuse a node whose aggregates are for other flavors only.

    As Nova's AggregateTypeAffinityFilter: if an aggregate has
    ``instance_type``, one of them has it with the name of the server's flavor.
    """
    flavor = move.instance.flavor
    flavors = move.destination.metadata.get(FLAVOR_KEY)
    if flavors is not None and flavor not in flavors:
        # Which flavors are allowed is not this customer's business.
        yield OTHER_FLAVORS.about(
            move.destination.node.hostname, flavor=flavor or None
        )


@rule(
    gives=(ISOLATED,),
    looks_at=(
        'instance.extra_specs',
        'destination.metadata',
        'request.scheduler_prefilters',
    ),
)
def needs_isolation(move: PossibleMove) -> Iterator[Finding]:
    """Refuse an isolated node to servers that do not need what it isolates.

    As Nova with ``enable_isolated_aggregate_filtering``: who moves to a node
    in an aggregate with ``trait:NAME=required`` requires that trait.
    """
    if ISOLATION not in move.request.scheduler_prefilters:
        return
    for key, values in sorted(move.destination.metadata.items()):
        required = move.instance.extra_specs.get(key) == 'required'
        if is_isolating(key) and 'required' in values and not required:
            trait = key.removeprefix(TRAIT_KEY)
            yield ISOLATED.about(move.destination.node.hostname, trait=trait)


def is_isolating(key: str) -> bool:
    """Return True if a key of metadata names a trait."""
    return key.startswith(TRAIT_KEY)


@rule(
    gives=(OTHER_DOMAIN,),
    looks_at=(
        'source.metadata',
        'destination.metadata',
        'request.migration_domain_keys',
    ),
    switch='migration_domain_keys',
)
def stays_in_domain(move: PossibleMove) -> Iterator[Finding]:
    """Refuse a node in another cell, CPU generation or storage domain.

    No API reports these. The aggregates of source and destination have the
    same values for each of the keys that the operator names.
    """
    for key in sorted(move.request.migration_domain_keys):
        source, destination = (
            tuple(sorted(host.metadata.get(key, ())))
            for host in (move.source, move.destination)
        )
        if source != destination:
            yield OTHER_DOMAIN.about(
                move.destination.node.hostname,
                key=key,
                source=source,
                destination=destination,
            )
