# SPDX-License-Identifier: Apache-2.0

"""What Placement has answered when it was asked as nova-scheduler will."""

import collections
import re

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from watcher_host_maintenance.core.model.demand import Demand
from watcher_host_maintenance.core.model.demand import Refusal
from watcher_host_maintenance.core.model.nova import DISABLED_TRAIT
from watcher_host_maintenance.core.model.nova import OWNER_TRAIT
from watcher_host_maintenance.core.model.nova import REQUEST_FILTERS
from watcher_host_maintenance.core.model.nova import TPM_SECURITY
from watcher_host_maintenance.core.model.nova import TPM_SECURITY_TRAIT
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import PortRequest
from watcher_host_maintenance.core.rules import traits
from watcher_host_maintenance.core.rules.rule import PossibleMove
from watcher_host_maintenance.core.rules.rule import rule


PROVIDER_DISABLED = Of.PAIR.declare(
    'provider_disabled',
    says=N_(
        '{subject} is enabled, but its provider in Placement has the trait '
        '{trait}'
    ),
    helps=N_(
        'Restart nova-compute there; or wait 10 minutes, then run the audit '
        'again.'
    ),
)

PROVIDER_LACKS_TRAIT = Of.PAIR.declare(
    'provider_lacks_trait',
    says=N_('{subject}: its provider in Placement lacks the trait {trait}'),
    helps=N_('Restart nova-compute there, which sets it if it can.'),
)

PROVIDER_HAS_TRAIT = Of.PAIR.declare(
    'provider_has_trait',
    says=N_(
        '{subject}: its provider in Placement has the forbidden trait {trait}'
    ),
    helps=N_('Add a node without the trait.'),
)

PROVIDER_OUTSIDE_ZONE = Of.PAIR.declare(
    'provider_outside_zone',
    says=N_(
        '{subject}: Placement has its provider in no aggregate of zone {zone}'
    ),
    helps=N_('Run: nova-manage placement sync_aggregates'),
)

PROVIDER_OUTSIDE_PROJECT = Of.PAIR.declare(
    'provider_outside_project',
    says=N_(
        '{subject}: Placement has its provider in no aggregate of project '
        '{project}'
    ),
    helps=N_('Run: nova-manage placement sync_aggregates'),
)

PROVIDER_OUTSIDE_SEGMENT = Of.PAIR.declare(
    'provider_outside_segment',
    says=N_(
        '{subject}: Placement has its provider in no aggregate of the network '
        'segment {segments}'
    ),
    helps=N_(
        'Add a node of that segment; if it is one: nova-manage placement '
        'sync_aggregates'
    ),
)

NO_ALLOCATION_CANDIDATE = Of.PAIR.declare(
    'no_allocation_candidate',
    says=N_('{subject}: Placement refuses {wanted}; free there: {free}'),
    helps=N_('See "openstack allocation candidate list".'),
)


NO_DEVICE_FREE = Of.PAIR.declare(
    'no_device_free',
    says=N_('{subject}: Placement has no provider there with {wanted} free'),
    helps=N_('Add a node with such a device.'),
)


OF_GROUP = re.compile(r'(resources|trait)([A-Za-z0-9_-]+):(\w+)$')
"""An extra spec that asks a device below the node for something."""

MOST_WITHOUT_POLICY = 1
"""A flavor with more such groups has to say how they lie to each other.

For others Nova does, if ports add groups.
"""

TENANTS = REQUEST_FILTERS['require_tenant_aggregate']


@rule(
    gives=(
        PROVIDER_DISABLED,
        PROVIDER_LACKS_TRAIT,
        PROVIDER_HAS_TRAIT,
        PROVIDER_OUTSIDE_ZONE,
        PROVIDER_OUTSIDE_PROJECT,
        PROVIDER_OUTSIDE_SEGMENT,
        NO_ALLOCATION_CANDIDATE,
        NO_DEVICE_FREE,
    ),
    looks_at=(
        'instance.resources',
        'instance.nested',
        'instance.extra_specs',
        'instance.specs',
        'instance.image_properties',
        'instance.pinned_zone',
        'instance.ports',
        'instance.project_id',
        'source.node.traits',
        'destination.refusals',
        'request.scheduler_prefilters',
        'request.image_metadata_prefilter',
    ),
)
def is_given_by_placement(move: PossibleMove) -> Iterator[Finding]:
    """Refuse a node that Placement refuses to nova-scheduler.

    Before a plan is made, Placement is asked about each chosen node and kind
    of server what nova-scheduler will ask: the resources, the traits of the
    flavor and those that Nova requires or forbids by itself, the aggregates
    of the zone and, if ``scheduler_prefilters`` says so, of the project and of
    the segments of routed networks, and what ports ask for.
    """
    if not move.destination.refusals:
        return
    asked = demand(move.instance, move.source.node.traits, move.request)
    for refusal in move.destination.refusals:
        if asked.includes(refusal.part):
            yield from objections(refusal)


def objections(refusal: Refusal) -> Iterator[Finding]:
    """Yield what Placement has against a destination."""
    part, hostname = refusal.part, refusal.hostname
    if refusal.state:
        yield NO_ALLOCATION_CANDIDATE.about(
            hostname,
            wanted=(*part.resources, *part.groups),
            free=refusal.state,
        )
        return
    if part.resources or part.groups:
        wanted = (*part.resources, *part.groups)
        yield NO_DEVICE_FREE.about(hostname, wanted=wanted)
    if DISABLED_TRAIT in part.root_forbidden:
        yield PROVIDER_DISABLED.about(hostname, trait=DISABLED_TRAIT)
    for trait in (*part.required, *part.root_required):
        yield PROVIDER_LACKS_TRAIT.about(hostname, trait=trait)
    for trait in part.forbidden:
        yield PROVIDER_HAS_TRAIT.about(hostname, trait=trait)
    if part.zone:
        yield PROVIDER_OUTSIDE_ZONE.about(hostname, zone=part.zone)
    if part.project:
        yield PROVIDER_OUTSIDE_PROJECT.about(hostname, project=part.project)
    for text in part.routed:
        segments = tuple(text.split(','))
        yield PROVIDER_OUTSIDE_SEGMENT.about(hostname, segments=segments)


def demand(
    instance: Instance,
    source_traits: tuple[str, ...],
    request: Request,
    is_enabled: bool = True,
) -> Demand:
    """Return what Nova will ask Placement of a destination.

    :param source_traits: of the node that the instance is on; what Nova
        requires in its later versions only, it has set there
    :param is_enabled: False for a node that has to be enabled first: nothing
        else then shows in Placement that it is disabled
    """
    specs = instance.extra_specs
    wanted = traits.asked_about(instance, request)
    groups = _groups(specs)
    amounts = collections.Counter(_below(instance))
    amounts.update(instance.resources)
    for of_group in groups.values():
        amounts.subtract({c: n for c, n in of_group.items() if c in amounts})
    requires = TENANTS in request.scheduler_prefilters
    return Demand(
        resources=tuple(f'{c}:{n}' for c, n in sorted((+amounts).items())),
        required=tuple(t for t, x in wanted.items() if x == 'required'),
        forbidden=tuple(t for t, x in wanted.items() if x == 'forbidden'),
        root_required=tuple(
            sorted(_by_version(instance.specs, source_traits))
        ),
        root_forbidden=(DISABLED_TRAIT,) if is_enabled else (),
        groups=tuple(sorted(_queries(specs, groups, _of_ports(instance)))),
        zone=instance.pinned_zone or '',
        project=instance.project_id if requires else '',
        routed=tuple(
            sorted({','.join(p.routed) for p in instance.ports if p.routed})
        ),
    )


def _below(instance: Instance) -> Iterator[str]:
    """Yield the classes of devices, as often as the flavor asks for one."""
    for resource_class in instance.nested:
        text = instance.extra_specs.get(f'resources:{resource_class}', '')
        yield from [resource_class] * (int(text) if text.isdecimal() else 0)


def _by_version(
    specs: Mapping[str, str], source_traits: tuple[str, ...]
) -> Iterator[str]:
    """Yield the traits that later versions of Nova require by themselves."""
    names = {OWNER_TRAIT}
    if specs.get('hw:tpm_version'):
        kind = specs.get(TPM_SECURITY) or 'user'
        names.add(f'{TPM_SECURITY_TRAIT}{kind.upper()}')
    yield from names.intersection(source_traits)


def _groups(specs: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """Return suffix -> resource class -> amount, of each group with one."""
    groups: dict[str, dict[str, int]] = {}
    for name, text in specs.items():
        match = OF_GROUP.match(name)
        if match and match[1] == 'resources' and text.isdecimal():
            groups.setdefault(match[2], {})[match[3]] = int(text)
    return groups


def _of_ports(instance: Instance) -> list[list[PortRequest]]:
    """Return what the ports ask of providers below the node, port by port."""
    return [list(p.requests) for p in sorted(instance.ports) if p.requests]


def _queries(
    specs: Mapping[str, str],
    groups: Mapping[str, Mapping[str, int]],
    of_ports: Sequence[Sequence[PortRequest]],
) -> Iterator[str]:
    """Yield what the groups with a suffix add to a query of Placement.

    Those of ports have numbers here where Nova has UUIDs, so that servers that
    ask for the same ask the same.
    """
    for suffix, amounts in groups.items():
        asked = (f'{c}:{n}' for c, n in sorted(amounts.items()) if n)
        if text := ','.join(asked):
            yield f'resources{suffix}={text}'
    signs = {'required': '', 'forbidden': '!'}
    of_suffix: dict[str, list[str]] = {}
    for name, text in sorted(specs.items()):
        match = OF_GROUP.match(name)
        if match and match[1] == 'trait' and text in signs:
            of_suffix.setdefault(match[2], []).append(signs[text] + match[3])
    for suffix, names in of_suffix.items():
        yield f'required{suffix}={",".join(names)}'
    for number, requests in enumerate(of_ports):
        yield from _query(number, requests)
    policy = specs.get('group_policy')
    if policy in {'isolate', 'none'} and (groups or of_ports):
        yield f'group_policy={policy}'
    elif of_ports and len(groups) <= MOST_WITHOUT_POLICY:
        yield 'group_policy=none'


def _query(number: int, requests: Sequence[PortRequest]) -> Iterator[str]:
    """Yield what the groups of one port add."""
    suffixes = [f'_port{number}_{n}' for n in range(len(requests))]
    for suffix, request in zip(suffixes, requests, strict=True):
        yield f'resources{suffix}={",".join(request.resources)}'
        if request.required:
            yield f'required{suffix}={",".join(request.required)}'
    if len(suffixes) > 1:
        yield f'same_subtree={",".join(suffixes)}'
