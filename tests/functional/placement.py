# SPDX-License-Identifier: Apache-2.0

"""What must hold in Placement when everything has settled."""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from minicloud import cloud


def faults(lab: cloud.Cloud) -> list[str]:
    """Say what is wrong: too much used, or held where no server is.

    :returns: sentences, none when usage is within capacity and each server
        holds something on its own host and nowhere else
    """
    providers = {h.id: h.service['host'] for h in lab.nova.hypervisors.list()}
    found = []
    holders: dict[str, set[str]] = {}
    for uuid, host in sorted(providers.items()):
        path = f'/resource_providers/{uuid}'
        found.extend(f'{host}: {text}' for text in _overfull(lab, path))
        for consumer in _read(lab, f'{path}/allocations')['allocations']:
            holders.setdefault(consumer, set()).add(host)
    return found + _misplaced(lab, holders)


def provider(lab: cloud.Cloud, host: str) -> str:
    """Return the path of a host's provider."""
    [hypervisor] = [
        h for h in lab.nova.hypervisors.list() if h.service['host'] == host
    ]
    return f'/resource_providers/{hypervisor.id}'


def change_traits(
    lab: cloud.Cloud,
    host: str,
    added: Sequence[str] = (),
    removed: Sequence[str] = (),
) -> None:
    """Change the traits of a provider behind Nova's back."""
    path = f'{provider(lab, host)}/traits'
    body = _read(lab, path)
    traits = set(body['traits']).union(added).difference(removed)
    lab.placement.put(path, json={**body, 'traits': sorted(traits)})


def hold(lab: cloud.Cloud, host: str, consumer: str) -> None:
    """Let a consumer hold something on a host too, behind Nova's back."""
    uuid = provider(lab, host).rpartition('/')[2]
    hold_of(lab, uuid, consumer, VCPU=1, MEMORY_MB=2048)


def hold_below(lab: cloud.Cloud, host: str, consumer: str) -> str:
    """Let a consumer hold a device of a host, which gets it.

    :returns: UUID of the provider of the device
    """
    uuid = str(uuid4())
    offer_below(lab, host, uuid, {'VGPU': 1})
    hold_of(lab, uuid, consumer, VGPU=1)
    return uuid


def offer_below(
    lab: cloud.Cloud,
    host: str,
    uuid: str,
    amounts: Mapping[str, int],
    traits: Sequence[str] = (),
) -> None:
    """Let a host get a device, which offers something.

    :param uuid: of its provider
    """
    parent = provider(lab, host).rpartition('/')[2]
    body = {'name': uuid, 'uuid': uuid, 'parent_provider_uuid': parent}
    lab.placement.post('/resource_providers', json=body)
    path = f'/resource_providers/{uuid}'
    offered = {
        'resource_provider_generation': 0,
        'inventories': {c: {'total': n} for c, n in amounts.items()},
    }
    lab.placement.put(f'{path}/inventories', json=offered)
    for trait in traits:
        lab.placement.put(f'/traits/{trait}')
    body = {**_read(lab, f'{path}/traits'), 'traits': [*traits]}
    lab.placement.put(f'{path}/traits', json=body)


def hold_of(
    lab: cloud.Cloud, uuid: str, consumer: str, **amounts: int
) -> None:
    """Let a consumer hold something of a provider too."""
    path = f'/allocations/{consumer}'
    # What holds nothing yet has no more than that.
    nobody = {'project_id': 'p', 'user_id': 'u', 'consumer_generation': None}
    body = {**nobody, **_read(lab, path), 'consumer_type': 'INSTANCE'}
    body['allocations'][uuid] = {'resources': amounts}
    lab.placement.put(path, json=body)


def _overfull(lab: cloud.Cloud, path: str) -> list[str]:
    inventories = _read(lab, f'{path}/inventories')['inventories']
    usages = _read(lab, f'{path}/usages')['usages']
    capacities = {
        name: (i['total'] - i['reserved']) * i['allocation_ratio']
        for name, i in inventories.items()
    }
    return [
        f'{used} of {capacities[name]:g} {name} used'
        for name, used in sorted(usages.items())
        if used > capacities[name]
    ]


def _misplaced(lab: cloud.Cloud, holders: dict[str, set[str]]) -> list[str]:
    servers = lab.nova.servers.list(
        search_opts={'all_tenants': True}, limit=-1
    )
    hosts = {s.id: getattr(s, 'OS-EXT-SRV-ATTR:host') for s in servers}
    names = {s.id: s.name for s in servers}
    places = {uuid: {host} for uuid, host in hosts.items() if host}
    return [
        f'{names.get(consumer, consumer)}: holds something on '
        f'{sorted(holders.get(consumer, ()))}, is on {hosts.get(consumer)}'
        for consumer in sorted(holders.keys() | places.keys())
        if holders.get(consumer) != places.get(consumer)
    ]


def _read(lab: cloud.Cloud, path: str) -> dict[str, Any]:
    return lab.placement.get(path).json()
