# SPDX-License-Identifier: Apache-2.0

"""Method 2: spread over the enabled hosts, the fullest as empty as can be."""

import itertools

from tests.functional import base


CLASSES = ('vcpus', 'memory_mb', 'disk_gb')
FLAVORS = {
    'cpu': {'vcpus': 8, 'memory_mb': 8192, 'disk_gb': 50},
    'ram': {'vcpus': 2, 'memory_mb': 32768, 'disk_gb': 50},
    'disk': {'vcpus': 2, 'memory_mb': 8192, 'disk_gb': 500},
}
DESTINATIONS = {f'compute-{n}': base.HOST for n in (2, 3, 4)}
#: Each destination is short of something else: flavor, host.
STAYING = {
    'busy': ('cpu', 'compute-2'),
    'busier': ('cpu', 'compute-2'),
    'cache': ('ram', 'compute-3'),
    'store': ('disk', 'compute-4'),
}
LEAVING = {'a': 'cpu', 'b': 'cpu', 'c': 'ram', 'd': 'ram', 'e': 'disk'}


def fullest(placed):
    """The share in use of the fullest class of the fullest host, 0 to 1.

    :param placed: pairs of flavor and host
    """
    return max(
        sum(FLAVORS[f][c] for f, h in placed if h == host) / size[c]
        for host, size in DESTINATIONS.items()
        for c in CLASSES
    )


def best():
    """Try every way to place what leaves, and return the lowest."""
    ways = itertools.product(DESTINATIONS, repeat=len(LEAVING))
    return min(
        fullest([*STAYING.values(), *zip(LEAVING.values(), way, strict=True)])
        for way in ways
    )


class TestSpread(base.CloudTestCase):
    CHECKED = True

    def test_spread(self):
        self.start(
            hosts={'compute-1': base.HOST, **DESTINATIONS},
            flavors=FLAVORS,
            servers={
                **{
                    name: base.on('compute-1', flavor)
                    for name, flavor in LEAVING.items()
                },
                **{
                    name: base.on(host, flavor)
                    for name, (flavor, host) in STAYING.items()
                },
            },
        )
        self.drain_and_execute(maintenance_node='compute-1')
        servers, services = self.state()
        self.assertEqual(
            {
                'compute-1': base.MAINTAINED,
                **dict.fromkeys(DESTINATIONS, base.ENABLED),
            },
            services,
        )
        where = {name: server.host for name, server in servers.items()}
        self.assertEqual(
            {name: host for name, (_, host) in STAYING.items()},
            {name: where[name] for name in STAYING},
        )
        self.assertEqual(
            best(),
            fullest(
                [
                    *STAYING.values(),
                    *(
                        (flavor, where[name])
                        for name, flavor in LEAVING.items()
                    ),
                ]
            ),
        )


class TestUnusedTooSmall(base.CloudTestCase):
    """Each unused host alone has no room for everything."""

    CHECKED = True

    def test_stay_unused(self):
        self.start(
            hosts={
                'compute-1': base.HOST,
                'compute-2': base.HOST,
                'compute-3': base.HOST,
                'compute-4': {**base.SPARE, 'vcpus': 3},
                'compute-5': {**base.SPARE, 'memory_mb': 16383},
            },
            servers={'web': base.on('compute-1', 'medium', count=2)},
        )
        self.drain_and_execute(maintenance_node='compute-1')
        self.assertEnd(
            servers={
                'web-1': ('ACTIVE', 'compute-2'),
                'web-2': ('ACTIVE', 'compute-3'),
            },
            services={
                'compute-1': base.MAINTAINED,
                'compute-2': base.ENABLED,
                'compute-3': base.ENABLED,
                'compute-4': base.UNUSED,
                'compute-5': base.UNUSED,
            },
        )
