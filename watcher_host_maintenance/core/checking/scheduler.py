# SPDX-License-Identifier: Apache-2.0

"""Check of a plan: Nova will take each instance where it is sent.

Every question of nova-scheduler is asked a second time here, in one pass
over the moves of a plan and with none of the planner's rules.
"""

import re

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

from watcher_host_maintenance.core.model.nova import AFFINITY
from watcher_host_maintenance.core.model.nova import CAPABILITIES
from watcher_host_maintenance.core.model.nova import CLAIM_PREFIXES
from watcher_host_maintenance.core.model.nova import CLAIMS
from watcher_host_maintenance.core.model.nova import DEDICATED
from watcher_host_maintenance.core.model.nova import ENCRYPTION
from watcher_host_maintenance.core.model.nova import ENCRYPTION_FORMAT
from watcher_host_maintenance.core.model.nova import ENCRYPTION_TRAIT
from watcher_host_maintenance.core.model.nova import HOST_STATE
from watcher_host_maintenance.core.model.nova import IMPLIED_TRAITS
from watcher_host_maintenance.core.model.nova import OPERATORS
from watcher_host_maintenance.core.model.nova import SWITCHES
from watcher_host_maintenance.core.model.nova import TRUE
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot


def _any_of(texts: Iterable[str]) -> str:
    return '|'.join(map(re.escape, sorted(texts)))


CLAIMED = re.compile(
    rf'({_any_of(CLAIMS)}|({_any_of(CLAIM_PREFIXES)})[^=]*)=.*[^ ,]'
    r'|trait[\w-]+:|resources[\w-]+:[^=]*=0*[^0]'
    rf'|hw:cpu_policy=({_any_of(DEDICATED)})\Z'
    rf'|({_any_of(SWITCHES)})=(?i:\s*({_any_of(TRUE)})\s*\Z)'
    rf'|{_any_of(CAPABILITIES)}|({_any_of(HOST_STATE)})='
)
"""Extra specs, with ``=`` and their value, of what is on the host alone."""

Judgement = Callable[[Snapshot, Request, Instance, Move], Iterator[str]]


def violations(
    known: Snapshot, request: Request, outcome: Outcome
) -> Iterator[str]:
    """Say which move Nova would refuse, whatever room there is."""
    for move in outcome.moves:
        instance = known.by_uuid.get(move.instance_uuid)
        if instance is None or move.destination not in known.by_hostname:
            continue
        for judge in JUDGEMENTS:
            for problem in judge(known, request, instance, move):
                yield f'{instance.name}: to {move.destination}, {problem}'


def _zone(
    known: Snapshot, request: Request, instance: Instance, move: Move
) -> Iterator[str]:
    zone = known.by_hostname[move.destination].zone
    if instance.pinned_zone not in (None, zone):
        yield f'in zone {zone!r}, pinned to {instance.pinned_zone!r}'


def _hypervisor(
    known: Snapshot, request: Request, instance: Instance, move: Move
) -> Iterator[str]:
    here = known.by_hostname[instance.host]
    there = known.by_hostname[move.destination]
    if here.hypervisor_type != there.hypervisor_type:
        yield f'from {here.hypervisor_type!r} to {there.hypervisor_type!r}'
    newer = here.hypervisor_version > there.hypervisor_version
    newer = newer and request.hypervisor_version_check
    if newer and move.kind is not MoveKind.COLD:
        yield 'live onto an older hypervisor'


def _record(
    known: Snapshot, request: Request, instance: Instance, move: Move
) -> Iterator[str]:
    """Nova finds the source by the hypervisor in the server's record."""
    names = known.by_hostname[instance.host].hypervisors
    if names and instance.hypervisor not in ('', *names):
        yield f'its record names {instance.hypervisor!r}, not {names[0]!r}'


def _traits(
    known: Snapshot, request: Request, instance: Instance, move: Move
) -> Iterator[str]:
    there = {f'trait:{t}' for t in known.by_hostname[move.destination].traits}
    specs = {**_as_traits(instance), **instance.extra_specs}
    wanted = {k: v for k, v in specs.items() if k[:6] == 'trait:'}
    for name in sorted(wanted):
        if (wanted[name] == 'required') > (name in there):
            yield f'without {name}'
        if wanted[name] == 'forbidden' and name in there:
            yield f'with {name}'


def _as_traits(instance: Instance) -> dict[str, str]:
    """Turn what asks for a trait without naming one into what names it."""
    specs = instance.extra_specs
    yes = {k for k, v in specs.items() if v.strip().lower() in TRUE}
    named = [
        trait
        for (spec, value), trait in IMPLIED_TRAITS.items()
        if (spec in yes if value is True else specs.get(spec) == value)
    ]
    kind = specs.get(ENCRYPTION_FORMAT)
    if kind and ENCRYPTION in yes:
        named.append(f'{ENCRYPTION_TRAIT}{kind.upper()}')
    return {f'trait:{name}': 'required' for name in named}


def _metadata(
    known: Snapshot, request: Request, instance: Instance, move: Move
) -> Iterator[str]:
    """Every key of aggregate metadata that is asked for has a match."""
    for spec, text in sorted(instance.extra_specs.items()):
        *scope, key = spec.split(':', 1)
        asked = (
            request.unscoped_extra_specs
            if not scope
            else request.aggregate_extra_specs
            and scope == ['aggregate_instance_extra_specs']
        )
        values = _values(known, move.destination, key)
        if asked and not any(
            _satisfies(v, text.split(), text) for v in values
        ):
            yield f'{spec} is to be {text!r}, is {sorted(values)}'


def _projects(
    known: Snapshot, request: Request, instance: Instance, move: Move
) -> Iterator[str]:
    allowed = {
        project
        for aggregate in known.aggregates
        if move.destination in aggregate.hosts
        for key in aggregate.metadata
        if key[:16] == 'filter_tenant_id'
        for project in _split(aggregate.metadata[key])
    }
    kept_out = allowed and instance.project_id not in allowed
    if request.tenant_isolation and kept_out:
        yield f'which is not for project {instance.project_id}'


def _domain(
    known: Snapshot, request: Request, instance: Instance, move: Move
) -> Iterator[str]:
    for key in request.migration_domain_keys:
        if _values(known, instance.host, key) != _values(
            known, move.destination, key
        ):
            yield f'another {key}'


def _affinity(
    known: Snapshot, request: Request, instance: Instance, move: Move
) -> Iterator[str]:
    for group in known.groups:
        its_own = (group.uuid, group.policy) == (instance.group, AFFINITY)
        if its_own and move.destination not in group.members:
            yield f'where no member of affinity group {group.name} is'


def _unproved(
    known: Snapshot, request: Request, instance: Instance, move: Move
) -> Iterator[str]:
    """What cannot be proved moves only on request, and says so."""
    if _is_claimed_there(instance) and not move.unproved:
        yield 'said to be proved, though the host alone can tell'
    if move.unproved and not request.allow_unproved_moves:
        yield 'though nobody allowed moves that are not proved'


def _is_claimed_there(instance: Instance) -> bool:
    pinned = 'PCPU' in instance.resources
    specs = (f'{k}={v}' for k, v in instance.extra_specs.items())
    return pinned or bool(instance.nested) or any(map(CLAIMED.match, specs))


def _power(
    known: Snapshot, request: Request, instance: Instance, move: Move
) -> Iterator[str]:
    on = instance.power_state in ('', 'running', 'paused')
    if move.kind is MoveKind.LIVE and not on:
        yield f'live, with the power state {instance.power_state}'


def _values(known: Snapshot, hostname: str, key: str) -> set[str]:
    return {
        value
        for aggregate in known.aggregates
        if hostname in aggregate.hosts and key in aggregate.metadata
        for value in _split(aggregate.metadata[key])
    }


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(',')]


def _satisfies(value: str, words: list[str], text: str) -> bool:
    """Tell whether Nova's extra_specs_ops.match says yes."""
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
        case [sign] if sign in OPERATORS:
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
    _metadata,
    _projects,
    _domain,
    _affinity,
    _unproved,
    _power,
)
