# SPDX-License-Identifier: Apache-2.0

"""Servers that are between two hosts."""

from benchmarks.fidelity import draft


#: Servers have been resized from this one.
_SMALL = 'flavor-1'


def in_flight(cloud: draft.Draft) -> None:
    """Let a live migration run that has no end."""
    traveller = _traveller(cloud)
    if traveller:
        name, _source, target = traveller
        cloud.servers[name]['state'] = 'ACTIVE'
        cloud.busy.append(('hang', name, target))


def unconfirmed(cloud: draft.Draft) -> None:
    """Let a migration or resize wait for a word of the server's owner."""
    traveller = _traveller(cloud)
    if traveller:
        name, source, target = traveller
        server = cloud.servers[name]
        origin = {'host': source}
        if cloud.chance(0.5) and _is_larger(cloud, server['flavor']):
            origin['flavor'] = _SMALL
        server.update(host=target, state='VERIFY_RESIZE', resized_from=origin)


def failed(cloud: draft.Draft) -> None:
    """Let live migrations off the node have failed, whatever it was."""
    for name, server in cloud.on(cloud.node):
        running = server.get('state', 'ACTIVE') == 'ACTIVE'
        if running and cloud.chance(0.6):
            count = cloud.rng.randint(1, len(cloud.others))
            for host in cloud.rng.sample(cloud.others, count):
                cloud.busy.append(('fail', name, host))


def _is_larger(cloud: draft.Draft, flavor: str) -> bool:
    large, small = cloud.flavors[flavor], cloud.flavors[_SMALL]
    return flavor != _SMALL and all(
        large[size] >= small[size] for size in draft.SIZES
    )


def _traveller(cloud: draft.Draft) -> tuple[str, str, str] | None:
    """Find a server that could go elsewhere, and take the room for it.

    :returns: its name, its host and the other; most often neither is the
        node
    """
    about_node = cloud.chance(0.35)
    pairs = [
        (name, server['host'], host)
        for name, server in cloud.servers.items()
        for host in cloud.hosts
        if host != server['host']
        and 'group' not in server
        and (cloud.node in (host, server['host'])) == about_node
    ]
    cloud.rng.shuffle(pairs)
    for name, source, target in pairs:
        if cloud.take(target, cloud.servers[name]['flavor']):
            return name, source, target
    return None
