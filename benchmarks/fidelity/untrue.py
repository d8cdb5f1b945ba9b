# SPDX-License-Identifier: Apache-2.0

"""What Placement has and Nova has not, or the other way round."""

from benchmarks.fidelity import draft


def stale_traits(cloud: draft.Draft) -> None:
    """Let enabled hosts be disabled in Placement."""
    for host in cloud.others:
        if cloud.chance(0.4):
            cloud.busy.append(('close', host))


def source_inventory(cloud: draft.Draft) -> None:
    """Let the node give a server less than it holds, or just as much."""
    size, resource_class = cloud.rng.choice(
        (('vcpus', 'VCPU'), ('memory_mb', 'MEMORY_MB'))
    )
    held = max(
        cloud.flavors[server['flavor']][size]
        for _, server in cloud.on(cloud.node)
    )
    limit = held - 1 if cloud.chance(0.4) and held > 1 else held
    cloud.busy.append(('limit', cloud.node, resource_class, str(limit)))


def lost_aggregates(cloud: draft.Draft) -> None:
    """Let Placement not know the zones of some hosts."""
    for host in cloud.others:
        if cloud.chance(0.4):
            cloud.busy.append(('part', host))


def left_allocations(cloud: draft.Draft) -> None:
    """Let servers hold something on a host that they are not on."""
    host = cloud.node if cloud.chance(0.4) else cloud.rng.choice(cloud.others)
    for name, server in cloud.servers.items():
        if server['host'] not in (host, cloud.node) and cloud.take(
            host, server['flavor']
        ):
            cloud.busy.append(('hold', name, host))
            break


def undiscovered(cloud: draft.Draft) -> None:
    """Add a host, large enough for all, that is in no cell yet."""
    host = dict(cloud.hosts[cloud.node])
    if cloud.chance(0.3):
        host['disabled_reason'] = 'watcher_disabled'
    cloud.hosts['compute-new'] = {**host, 'discovered': False}
