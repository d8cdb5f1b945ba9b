# SPDX-License-Identifier: Apache-2.0

"""A made-up cloud while it is drawn up, with what is still free."""

import random

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any


Amounts = dict[str, int]
Record = dict[str, Any]

#: Keys of a flavor and of a host alike.
SIZES = ('vcpus', 'memory_mb', 'disk_gb')
_FLAVORS = (
    (1, 2048, 20),
    (2, 2048, 20),
    (2, 4096, 40),
    (1, 8192, 20),
    (4, 4096, 40),
    (3, 6144, 60),
)
_HOSTS = ((8, 24576, 240), (12, 32768, 320), (16, 32768, 400))
_STOPPED_SHARE = 0.25


class Draft:
    """Hosts and servers that Nova would accept as they are drawn.

    :ivar rng: the only source of chance
    :ivar node: the host to be emptied
    :ivar prefilters: options of Nova that add to what it asks Placement
    :ivar busy: what is done to the cloud before anybody looks, see
        :mod:`benchmarks.fidelity.steps`
    """

    def __init__(self, seed: str) -> None:
        self.rng = random.Random(seed)
        count = self.rng.choice((3, 4, 4, 5, 6))
        self.hosts: dict[str, Record] = {
            f'compute-{number}': {
                **dict(zip(SIZES, self.rng.choice(_HOSTS), strict=True)),
                'cpu_allocation_ratio': self.rng.choice((1, 1, 2)),
                'reserved_memory_mb': self.rng.choice((0, 512)),
            }
            for number in range(1, count + 1)
        }
        self.node = self.rng.choice(sorted(self.hosts))
        self.flavors: dict[str, Record] = {
            f'flavor-{number}': dict(zip(SIZES, sizes, strict=True))
            for number, sizes in enumerate(_FLAVORS, 1)
        }
        self.servers: dict[str, Record] = {}
        self.groups: dict[str, Record] = {}
        self.aggregates: dict[str, Record] = {}
        self.images: dict[str, Record] = {}
        self.filters = [
            'AggregateInstanceExtraSpecsFilter',
            'AggregateMultiTenancyIsolation',
        ]
        self.prefilters: list[str] = []
        self.busy: list[tuple[str, ...]] = []
        self.free = {
            name: {
                'vcpus': host['vcpus'] * host['cpu_allocation_ratio'],
                'memory_mb': (host['memory_mb'] - host['reserved_memory_mb']),
                'disk_gb': host['disk_gb'],
            }
            for name, host in self.hosts.items()
        }

    @property
    def others(self) -> list[str]:
        """Every host but the node, and those that are in no cell."""
        return [
            name
            for name, host in self.hosts.items()
            if name != self.node and host.get('discovered', True)
        ]

    def on(self, host: str) -> Iterator[tuple[str, Record]]:
        """The servers of a host, each with its record."""
        for name, server in list(self.servers.items()):
            if server['host'] == host:
                yield name, server

    def leavers(self) -> list[str]:
        """Names of the servers on the node."""
        return [name for name, _ in self.on(self.node)]

    def chance(self, share: float) -> bool:
        """True so often."""
        return self.rng.random() < share

    def put(self, host: str, flavor: str, **fields: Any) -> str | None:
        """Add a server, if there is room for it; return its name."""
        if not self.take(host, flavor):
            return None
        name = f'vm-{len(self.servers) + 1}'
        record = {'host': host, 'flavor': flavor, **fields}
        if 'state' not in record and self.chance(_STOPPED_SHARE):
            record['state'] = 'SHUTOFF'
        self.servers[name] = record
        return name

    def take(self, host: str, flavor: str) -> bool:
        """Use the room of a flavor on a host, if there is so much."""
        free, wanted = self.free[host], self.flavors[flavor]
        if any(wanted[size] > free[size] for size in SIZES):
            return False
        for size in SIZES:
            free[size] -= wanted[size]
        return True

    def variant(
        self, server: str, mark: str, specs: Mapping[str, str]
    ) -> None:
        """Give a server's flavor more extra specs, under another name."""
        plain = self.servers[server]['flavor']
        flavor = self.flavors[plain]
        name = f'{plain}-{mark}'
        self.flavors[name] = {
            **flavor,
            'extra_specs': {**flavor.get('extra_specs', {}), **specs},
        }
        self.servers[server]['flavor'] = name

    def split(self) -> tuple[list[str], list[str]]:
        """Part the hosts in two; the node is with the first."""
        others = self.rng.sample(self.others, len(self.others))
        half = self.rng.randint(0, len(others))
        return [self.node, *others[:half]], others[half:]

    def description(self) -> dict[str, Any]:
        """What minicloud is given."""
        return {
            'hosts': self.hosts,
            'flavors': self.flavors,
            'servers': self.servers,
            'groups': self.groups,
            'aggregates': self.aggregates,
            'filters': self.filters,
            **({'images': self.images} if self.images else {}),
        }
