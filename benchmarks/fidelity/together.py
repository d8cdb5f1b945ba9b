# SPDX-License-Identifier: Apache-2.0

"""Servers that belong together, or apart."""

from benchmarks.fidelity import draft


def apart(cloud: draft.Draft) -> None:
    """Let servers of the node and of other hosts keep their distance."""
    limit = cloud.rng.choice((1, 1, 2))
    members = cloud.leavers()[: cloud.rng.randint(1, limit + 1)]
    for host in cloud.others:
        if cloud.chance(0.4):
            members += [name for name, _ in cloud.on(host)][:limit]
    rule = {'max_server_per_host': limit} if limit > 1 else {}
    # One more than allowed may be on the node, as after an evacuation.
    _group(
        cloud, 'apart', members, policy='anti-affinity', enforced=False, **rule
    )


def soft(cloud: draft.Draft) -> None:
    """Let the servers of the node have wishes that bind nobody."""
    for policy in ('soft-anti-affinity', 'soft-affinity'):
        _group(cloud, policy, _free(cloud, cloud.node)[:2], policy=policy)


def affinity(cloud: draft.Draft) -> None:
    """Let servers of one host stay together; the node's cannot leave."""
    where = cloud.node if cloud.chance(0.5) else cloud.rng.choice(cloud.others)
    _group(cloud, 'together', _free(cloud, where)[:2], policy='affinity')
    soft(cloud)


def split_affinity(cloud: draft.Draft) -> None:
    """Let a group that belongs together be on the node and elsewhere."""
    hosts = cloud.rng.sample(cloud.others, cloud.rng.randint(1, 2))
    members = _free(cloud, cloud.node)[: cloud.rng.randint(1, 2)]
    for host in hosts:
        members += _free(cloud, host)[:1]
    _group(cloud, 'split', members, policy='affinity', enforced=False)


def _free(cloud: draft.Draft, host: str) -> list[str]:
    """Names of a host's servers that are in no group: one is the most."""
    return [name for name, server in cloud.on(host) if 'group' not in server]


def _group(
    cloud: draft.Draft, name: str, members: list[str], **fields: object
) -> None:
    cloud.groups[name] = fields
    for member in members:
        cloud.servers[member]['group'] = name
