# SPDX-License-Identifier: Apache-2.0

"""Servers for a draft: some on the node, and how full the rest is."""

from benchmarks.fidelity import draft


def populate(cloud: draft.Draft, least: float, most: float) -> None:
    """Put servers on the node, and fill the others up.

    :param least: of what is left on the others, as a share of what the
        servers of the node need; 1 is just enough, were it in one place
    :param most: likewise
    """
    flavors = list(cloud.flavors)
    for _number in range(cloud.rng.randint(2, 5)):
        cloud.put(cloud.node, cloud.rng.choice(flavors))
    _fill(cloud, cloud.rng.uniform(least, most))
    for host in cloud.others:
        if cloud.chance(0.5):
            cloud.put(host, flavors[0])


def _fill(cloud: draft.Draft, share: float) -> None:
    """Leave so much of the need on the other hosts together."""
    weights = {host: cloud.rng.uniform(0.5, 1.5) for host in cloud.others}
    need = {
        size: sum(
            cloud.flavors[server['flavor']][size]
            for _, server in cloud.on(cloud.node)
        )
        for size in draft.SIZES
    }
    for host, weight in weights.items():
        part = share * weight / sum(weights.values())
        left = {
            size: round(need[size] * part * cloud.rng.uniform(0.9, 1.3))
            for size in draft.SIZES
        }
        _occupy(cloud, host, left)


def _occupy(cloud: draft.Draft, host: str, left: draft.Amounts) -> None:
    """Put servers on a host that leave just so much, or hardly more.

    One server gets no more than the host really has.
    """
    free = cloud.free[host]
    count = cloud.hosts[host]['cpu_allocation_ratio']
    wanted = {size: (free[size] - left[size]) // count for size in draft.SIZES}
    if min(wanted.values()) < 1:
        return
    name = f'filler-{host}'
    cloud.flavors[name] = wanted
    for _number in range(count):
        cloud.put(host, name)
