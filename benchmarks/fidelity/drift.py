# SPDX-License-Identifier: Apache-2.0

"""What happens to a cloud after Watcher has looked at it."""

from collections.abc import Iterator

from benchmarks.fidelity import draft


Step = tuple[str, ...]


def steps(cloud: draft.Draft) -> Iterator[Step]:
    """Choose a few things that happen.

    What there is no room for is refused by Nova, and has then not
    happened; nothing depends on it.
    """
    ordinary = sorted(
        name
        for name, server in cloud.servers.items()
        if server.get('state', 'ACTIVE') in ('ACTIVE', 'SHUTOFF')
        and name not in {step[1] for step in cloud.busy}
    )
    for number in range(cloud.rng.randint(2, 4)):
        kind = cloud.rng.choice(('boot', 'boot', 'delete', 'move', 'disable'))
        if kind == 'disable' and len(cloud.others) > 3:
            yield 'disable', cloud.rng.choice(cloud.others)
        elif kind in ('delete', 'move') and len(ordinary) > 2:
            name = cloud.rng.choice(ordinary)
            ordinary.remove(name)
            yield _delete_or_move(cloud, kind, name)
        else:
            yield _boot(cloud, f'late-{number}')


def _boot(cloud: draft.Draft, name: str) -> Step:
    host = cloud.node if cloud.chance(0.5) else cloud.rng.choice(cloud.others)
    flavors = sorted(
        name for name in cloud.flavors if not name.startswith('filler')
    )
    return 'boot', name, host, cloud.rng.choice(flavors)


def _delete_or_move(cloud: draft.Draft, kind: str, name: str) -> Step:
    if kind == 'delete':
        return 'delete', name
    elsewhere = sorted(cloud.hosts.keys() - {cloud.servers[name]['host']})
    return 'move', name, cloud.rng.choice(elsewhere)
