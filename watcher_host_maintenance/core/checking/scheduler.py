# SPDX-License-Identifier: Apache-2.0

"""Check of a plan: Nova will take each instance where it is sent.

Every question of nova-scheduler is asked a second time here, in one pass
over the moves of a plan and with none of the planner's rules.
"""

import dataclasses
import ipaddress
import re

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

from watcher_host_maintenance.core.checking.case import Case
from watcher_host_maintenance.core.model import nova
from watcher_host_maintenance.core.model.demand import Demand
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.request import CpuCheck
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance


def _any_of(texts: Iterable[str]) -> str:
    return '|'.join(map(re.escape, sorted(texts)))


CLAIMED = re.compile(
    rf'({_any_of(nova.CLAIMS)}|({_any_of(nova.CLAIM_PREFIXES)})[^=]*)=.*[^ ,]'
    r'|trait[\w-]+:|resources[\w-]+:[^=]*=0*[^0]'
    rf'|hw:cpu_policy=({_any_of(nova.DEDICATED)})\Z'
    rf'|({_any_of(nova.SWITCHES)})=(?i:\s*({_any_of(nova.TRUE)})\s*\Z)'
    rf'|{_any_of(nova.CAPABILITIES)}|({_any_of(nova.HOST_STATE)})='
)
"""Extra specs, with ``=`` and their value, of what is on the host alone."""


@dataclasses.dataclass(frozen=True, slots=True)
class Migration:
    """One move of a plan, with all that it is judged by.

    :ivar source: the node that the instance is on
    """

    case: Case
    move: Move
    instance: Instance
    source: ComputeNode
    destination: ComputeNode


Judgement = Callable[[Migration], Iterator[str]]


def violations(case: Case) -> Iterator[str]:
    """Yield the moves that Nova would refuse, whatever room there is."""
    by_hostname = case.snapshot.by_hostname
    for move in case.outcome.moves:
        instance = case.snapshot.by_uuid.get(move.instance_uuid)
        destination = by_hostname.get(move.destination)
        if instance is None or destination is None:
            continue
        source = by_hostname[instance.host]
        migration = Migration(case, move, instance, source, destination)
        for judge in JUDGEMENTS:
            for problem in judge(migration):
                yield f'{instance.name}: to {move.destination}, {problem}'


def _zone(migration: Migration) -> Iterator[str]:
    zone, pinned = migration.destination.zone, migration.instance.pinned_zone
    if pinned not in (None, zone):
        yield f'in zone {zone!r}, pinned to {pinned!r}'


def _hypervisor(migration: Migration) -> Iterator[str]:
    source, destination = migration.source, migration.destination
    kinds = (source.hypervisor_type, destination.hypervisor_type)
    if kinds[0] != kinds[1]:
        yield f'from {kinds[0]!r} to {kinds[1]!r}'
    newer = source.hypervisor_version > destination.hypervisor_version
    newer = newer and migration.case.request.hypervisor_version_check
    if newer and migration.move.kind is not MoveKind.COLD:
        yield 'live onto an older hypervisor'


def _record(migration: Migration) -> Iterator[str]:
    """Nova finds the source by the hypervisor in the server's record."""
    names, name = migration.source.hypervisors, migration.instance.hypervisor
    if names and name not in ('', *names):
        yield f'its record names {name!r}, not {names[0]!r}'


def _traits(migration: Migration) -> Iterator[str]:
    offered = {f'trait:{t}' for t in migration.destination.traits}
    specs = _specs(migration)
    wanted = {k: v for k, v in specs.items() if k[:6] == 'trait:'}
    for name in sorted(wanted):
        if (wanted[name] == 'required') > (name in offered):
            yield f'without {name}'
        if wanted[name] == 'forbidden' and name in offered:
            yield f'with {name}'


def _placement(migration: Migration) -> Iterator[str]:
    """Nothing of what Placement has refused is asked of it again."""
    for refusal in migration.case.snapshot.refusals:
        here = refusal.hostname == migration.move.destination
        if here and _is_asked(refusal.part, migration):
            yield 'which Placement has refused'


def _is_asked(part: Demand, migration: Migration) -> bool:
    """Return True if Nova asks for all that a part of a demand names."""
    instance, request = migration.instance, migration.case.request
    specs = _specs(migration)
    held = {f'{c}:{n}' for c, n in instance.resources.items()}
    for c in instance.nested:
        held.add(f'{c}:{specs.get(f"resources:{c}")}')
    by_nova = {nova.DISABLED_TRAIT}
    if migration.destination.status != 'enabled':
        by_nova.clear()
    limits = 'limit_tenants_to_placement_aggregate'
    is_limited = limits in request.scheduler_prefilters
    own = instance.project_id if is_limited else ''
    return (
        {*part.resources} <= held
        and all(specs.get(f'trait:{t}') == 'required' for t in part.required)
        and all(specs.get(f'trait:{t}') == 'forbidden' for t in part.forbidden)
        and {*part.root_required} <= {*migration.source.traits}
        and {*part.root_forbidden} <= by_nova
        and part.zone in ('', instance.pinned_zone)
        and part.project in ('', own)
        and all(_is_routed(text, instance) for text in part.routed)
        and not part.groups
    )


def _is_routed(segments: str, instance: Instance) -> bool:
    return any(segments == ','.join(port.routed) for port in instance.ports)


def _specs(migration: Migration) -> dict[str, str]:
    """Return what flavor and image ask for, all traits by their names."""
    instance = migration.instance
    specs = {**_as_traits(instance), **instance.specs}
    if migration.case.request.image_metadata_prefilter:
        for key, start in nova.DEVICE_TRAITS.items():
            if key in instance.image_properties:
                model = instance.image_properties[key].replace('-', '_')
                specs[f'trait:{start}_{model.upper()}'] = 'required'
    kind = instance.image_properties.get(nova.IMAGE_FORMAT, '').upper()
    formats = 'query_placement_for_image_type_support'
    if formats in migration.case.request.scheduler_prefilters and (
        kind.lower() in nova.IMAGE_FORMATS
    ):
        specs[f'trait:{nova.IMAGE_FORMAT_TRAIT}{kind}'] = 'required'
    return specs


def _as_traits(instance: Instance) -> dict[str, str]:
    """Turn what asks for a trait without naming one into what names it."""
    specs = instance.specs
    yes = {k for k, v in specs.items() if v.strip().lower() in nova.TRUE}
    named = [
        trait
        for (spec, value), trait in nova.IMPLIED_TRAITS.items()
        if (spec in yes if value is True else specs.get(spec) == value)
    ]
    if specs.get('hw:tpm_version') and not specs.get('hw:tpm_model'):
        named.append('COMPUTE_SECURITY_TPM_TIS')
    if specs.get('accel:device_profile'):
        named.append('COMPUTE_ACCELERATORS')
    kind = specs.get(nova.ENCRYPTION_FORMAT)
    if kind and nova.ENCRYPTION in yes:
        named.append(f'{nova.ENCRYPTION_TRAIT}{kind.upper()}')
    found = {f'trait:{name}': 'required' for name in named}
    if specs.get('hw:cpu_thread_policy') == 'isolate':
        found['trait:HW_CPU_HYPERTHREADING'] = 'forbidden'
    return found


def _metadata(migration: Migration) -> Iterator[str]:
    """Every key of aggregate metadata that is asked for has a match."""
    request = migration.case.request
    respected = {
        (): request.unscoped_extra_specs,
        ('aggregate_instance_extra_specs',): request.aggregate_extra_specs,
    }
    for spec, text in sorted(migration.instance.extra_specs.items()):
        *scope, key = spec.split(':', 1)
        if respected.get(tuple(scope)):
            values = _values(migration.case, migration.move.destination, key)
            if not any(_satisfies(v, text.split(), text) for v in values):
                yield f'{spec} is to be {text!r}, is {sorted(values)}'


def _projects(migration: Migration) -> Iterator[str]:
    allowed = {
        project
        for aggregate in migration.case.snapshot.aggregates
        if migration.move.destination in aggregate.hosts
        for key in aggregate.metadata
        if key[:16] == 'filter_tenant_id'
        for project in _split(aggregate.metadata[key])
    }
    project = migration.instance.project_id
    kept_out = allowed and project not in allowed
    if migration.case.request.tenant_isolation and kept_out:
        yield f'which is not for project {project}'


def _flavors(migration: Migration) -> Iterator[str]:
    """An aggregate can be kept for some flavors."""
    case, flavor = migration.case, migration.instance.flavor
    kept_for = _values(case, migration.move.destination, 'instance_type')
    if case.request.type_affinity and kept_for and flavor not in kept_for:
        yield f'which is not for flavor {flavor}'


def _isolation(migration: Migration) -> Iterator[str]:
    """An aggregate can be closed to all that do not require its trait."""
    request, specs = migration.case.request, migration.instance.extra_specs
    if 'enable_isolated_aggregate_filtering' in request.scheduler_prefilters:
        for aggregate in migration.case.snapshot.aggregates:
            if migration.move.destination in aggregate.hosts:
                for key, text in aggregate.metadata.items():
                    is_closed = key[:6] == 'trait:' and 'required' in _split(
                        text
                    )
                    if is_closed and specs.get(key) != 'required':
                        yield f'which is isolated by {key}'


def _domain(migration: Migration) -> Iterator[str]:
    case, move = migration.case, migration.move
    for key in case.request.migration_domain_keys:
        values = _values(case, migration.source.hostname, key)
        if values != _values(case, move.destination, key):
            yield f'another {key}'


def _affinity(migration: Migration) -> Iterator[str]:
    for group in migration.case.snapshot.groups:
        kin = group.uuid == migration.instance.group
        kin = kin and group.policy == nova.AFFINITY
        if kin and migration.move.destination not in group.members:
            yield f'where no member of affinity group {group.name} is'


def _unproved(migration: Migration) -> Iterator[str]:
    """What cannot be proved moves only on request, and says so."""
    unproved = migration.move.unproved
    if _is_claimed_there(migration.instance) and not unproved:
        yield 'said to be proved, though the host alone can tell'
    if unproved and not migration.case.request.allow_unproved_moves:
        yield 'though nobody allowed moves that are not proved'


def _is_claimed_there(instance: Instance) -> bool:
    pinned = 'PCPU' in instance.resources
    specs = (f'{k}={v}' for k, v in instance.specs.items())
    unknown = bool(instance.nested or instance.unread)
    types = {port.vnic_type for port in instance.ports}
    unknown = unknown or not nova.DEVICE_VNICS.isdisjoint(types)
    unknown = unknown or any(port.requests for port in instance.ports)
    return pinned or unknown or any(map(CLAIMED.match, specs))


def _image(migration: Migration) -> Iterator[str]:
    properties = migration.instance.image_properties
    architecture = migration.destination.architecture
    wanted = properties.get(nova.ARCHITECTURE, '').lower()
    wanted = nova.ARCHITECTURES.get(wanted, wanted)
    older = {
        ('x86_64', 'i686'),
        ('aarch64', 'armv7l'),
        ('ppc64le', 'ppc64'),
    }
    runs = {('', wanted), (architecture, ''), (architecture, architecture)}
    if (architecture, wanted) not in runs | older:
        yield f'on {architecture}, with an image for {wanted}'
    version = migration.destination.hypervisor_version
    texts = properties.get(nova.REQUIRED_VERSION, '').split(',')
    if version and any(texts) and not all(_wanted(version, t) for t in texts):
        yield f'onto version {version}, with an image for {texts}'


def _wanted(version: int, text: str) -> bool:
    """Return True if a version of a hypervisor is one that an image wants."""
    match = re.fullmatch(r'\s*([<>!=]=|[<>])\s*([\d.]*\d)\s*', text)
    if match is None or '' in match[2].split('.'):
        return False
    wanted = [int(part) for part in match[2].split('.')]
    # Nova makes one number of three.
    own = [version // 10**6, version // 10**3 % 10**3, version % 10**3]
    wanted += [0] * (len(own) - len(wanted))
    own += [0] * (len(wanted) - len(own))
    return _ordered(match[1], own, wanted)


def _unread_traits(migration: Migration) -> Iterator[str]:
    source = migration.instance.needs_traits_of
    covered = source in ('', *migration.destination.covers)
    if not covered and not migration.case.request.allow_unproved_moves:
        yield f'which may lack a trait of {source}'


def _hints(migration: Migration) -> Iterator[str]:
    case, hints = migration.case, migration.instance.hints
    held = {
        uuid
        for uuid, hostname in case.snapshot.hinted.items()
        if hostname == migration.move.destination
    }
    respected = []
    if case.request.same_host and hints.get('same_host'):
        respected.append('same_host')
        if not held.intersection(hints['same_host']):
            yield 'where no server of its hint same_host is'
    if case.request.different_host and hints.get('different_host'):
        respected.append('different_host')
        if held.intersection(hints['different_host']):
            yield 'where a server of its hint different_host is'
    moved = {move.instance_uuid for move in case.outcome.moves}
    for hint in respected:
        if moved.intersection(hints[hint]):
            yield f'while a server of its hint {hint} moves too'
    if case.request.cidr_affinity and any(hints.get('build_near_host_ip', ())):
        size = hints.get('cidr', ('/24',))[0]
        wanted = hints['build_near_host_ip'][0] + size
        if not _is_in(migration.destination.host_ip, wanted):
            yield f'whose address is not in {wanted}'


def _is_in(address: str, network: str) -> bool:
    try:
        wanted = ipaddress.ip_interface(network).network
        return ipaddress.ip_address(address) in wanted
    except ValueError:
        return False


def _cpu(migration: Migration) -> Iterator[str]:
    features = migration.source.cpu_features
    required = migration.case.request.cpu_check is CpuCheck.REQUIRE
    live = migration.move.kind is not MoveKind.COLD
    if not (required and live) or features is None:
        return
    there = migration.destination.cpu_features
    if there is None:
        yield 'whose CPU is unknown'
    elif not set(features) <= set(there):
        yield 'whose CPU lacks features'


def _ports(migration: Migration) -> Iterator[str]:
    destination, ports = migration.destination, migration.instance.ports
    types = {port.vnic_type for port in ports}
    for vnic_type in sorted(types & nova.ACCELERATOR_VNICS):
        yield f'with a port of type {vnic_type}'
    if migration.move.kind is MoveKind.LIVE and nova.PHYSICAL_VNIC in types:
        yield 'live, with a port that is a device'
    source = migration.source
    reached = {*(destination.reaches or ())}
    for port in ports:
        segments = {*port.segments}
        told = segments & {*(source.reaches or ())}
        told = told or (segments if source.dead_agents else set())
        if source.reaches is not None and not segments & {*source.reaches}:
            told = set()
        missed = told and not segments & reached
        if missed and port.vnic_type == nova.NORMAL_VNIC:
            yield f'which does not reach {port.network}'


def _power(migration: Migration) -> Iterator[str]:
    state = migration.instance.power_state
    on = state in ('', 'running', 'paused')
    if migration.move.kind is MoveKind.LIVE and not on:
        yield f'live, with the power state {state}'


def _values(case: Case, hostname: str, key: str) -> set[str]:
    return {
        value
        for aggregate in case.snapshot.aggregates
        if hostname in aggregate.hosts and key in aggregate.metadata
        for value in _split(aggregate.metadata[key])
    }


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(',')]


def _satisfies(value: str, words: list[str], text: str) -> bool:
    """Return True if Nova's extra_specs_ops.match would."""
    match words:
        case ['<or>', *options]:
            return value in options[0::2]
        case ['<all-in>', _, *_]:
            return all(word in value for word in words[1:])
        case ['<in>', word, *_]:
            return word in value
        case [
            's==' | 's!=' | 's<' | 's<=' | 's>' | 's>=' as sign,
            word,
            *_,
        ]:
            return _ordered(sign[1:], value, word)
        case ['=' | '==' | '!=' | '>=' | '<=' as sign, word, *_]:
            try:
                return _ordered(sign, float(value), float(word))
            except ValueError:
                return False
        case [sign] if sign in nova.OPERATORS:
            return False
    return value == text


def _ordered(sign: str, value: Any, word: Any) -> bool:
    # All three are asked: none of them is so of what is not a number.
    smaller, same, larger = value < word, value == word, value > word
    return bool(
        {
            '=': larger or same,
            '==': same,
            '!=': not same,
            '<': smaller,
            '<=': smaller or same,
            '>': larger,
            '>=': larger or same,
        }[sign]
    )


JUDGEMENTS: tuple[Judgement, ...] = (
    _zone,
    _record,
    _hypervisor,
    _traits,
    _placement,
    _isolation,
    _metadata,
    _projects,
    _flavors,
    _domain,
    _affinity,
    _unproved,
    _power,
    _image,
    _cpu,
    _ports,
    _unread_traits,
    _hints,
)
