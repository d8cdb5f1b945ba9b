# SPDX-License-Identifier: Apache-2.0

"""Seeds become clouds: the same seed, the same cloud, on every machine."""

import dataclasses

from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

from benchmarks.fidelity import draft
from benchmarks.fidelity import drift
from benchmarks.fidelity import features
from benchmarks.fidelity import moving
from benchmarks.fidelity import people
from benchmarks.fidelity import ports
from benchmarks.fidelity import together
from benchmarks.fidelity import untrue


Feature = Callable[[draft.Draft], None]

_MIXED: tuple[Feature, ...] = (
    features.traits,
    features.aggregates,
    features.isolation,
    features.zones,
    features.hypervisors,
    together.apart,
    features.unused,
    moving.in_flight,
)


def _mixed(cloud: draft.Draft) -> None:
    """Lay several features over one cloud, in a fixed order."""
    chosen = cloud.rng.sample(range(len(_MIXED)), 3)
    for number in sorted(chosen):
        _MIXED[number](cloud)


#: Kind -> least and most of what the others have left, as a share of what
#: the node's servers need, and what is laid over it.
KINDS: Mapping[str, tuple[float, float, tuple[Feature, ...]]] = {
    'plain': (0.9, 2.8, ()),
    'tight': (1.3, 1.9, ()),
    'full': (0.1, 1.0, ()),
    'anti-affinity': (1.5, 3, (together.apart, together.soft)),
    'affinity': (1.5, 3, (together.affinity,)),
    'split affinity': (1.2, 3, (together.split_affinity,)),
    'zones': (1.2, 3, (features.zones,)),
    'states': (1.3, 3, (features.states,)),
    'unused hosts': (0.2, 1.1, (features.unused,)),
    'tenant isolation': (1.5, 3, (features.isolation,)),
    'aggregates': (1.5, 3, (features.aggregates,)),
    'traits': (1.5, 3.5, (features.traits,)),
    'volumes': (1.2, 2.5, (features.volumes,)),
    'hypervisors': (1.5, 4, (features.hypervisors,)),
    'max_unit': (2.5, 6, (features.max_unit,)),
    'in flight': (1.8, 4, (moving.in_flight,)),
    'unconfirmed': (1.8, 4, (moving.unconfirmed,)),
    'mixed': (2, 5, (_mixed,)),
}


#: The same of seeds from LATER on, so that no earlier cloud changes.
LATER_KINDS: Mapping[str, tuple[float, float, tuple[Feature, ...]]] = {
    'images': (1.5, 3.5, (features.images,)),
    'hints': (1.8, 4, (features.hints,)),
}
LATER = 10000

#: The same of seeds from LATEST on.
LATEST_KINDS: Mapping[str, tuple[float, float, tuple[Feature, ...]]] = {
    **LATER_KINDS,
    'addresses': (1.8, 4, (features.addresses,)),
    'failed moves': (1.3, 3, (moving.failed,)),
    'stale traits': (1.8, 4, (untrue.stale_traits,)),
    'source inventory': (1.3, 3, (untrue.source_inventory,)),
    'zones in Nova only': (1.8, 4, (features.zones, untrue.lost_aggregates)),
    'left allocations': (1.5, 3, (untrue.left_allocations,)),
    'in no cell': (1.2, 2.5, (untrue.undiscovered,)),
    'untrue': (
        2.5,
        5,
        (
            # The others are undone when Nova's periods pass after it.
            moving.failed,
            features.zones,
            untrue.stale_traits,
            untrue.lost_aggregates,
        ),
    ),
}
LATEST = 20000

#: The same of seeds from NEWEST on.
NEWEST_KINDS: Mapping[str, tuple[float, float, tuple[Feature, ...]]] = {
    'flavors': (1.8, 4, (features.flavors,)),
    # Only with a real Neutron.
    'ports': (1.8, 4, (ports.networks,)),
    'image formats': (1.8, 4, (features.formats,)),
}
NEWEST = 30000

#: Where a range begins -> its kinds.
RANGES = {
    0: KINDS,
    LATER: LATER_KINDS,
    LATEST: LATEST_KINDS,
    NEWEST: NEWEST_KINDS,
}

#: Kind -> the same, of all ranges.
ALL_KINDS = {**KINDS, **LATEST_KINDS, **NEWEST_KINDS}


@dataclasses.dataclass(frozen=True)
class Case:
    """A cloud, and what happens before a host of it is to be emptied.

    :ivar node: the host
    :ivar description: of minicloud
    :ivar busy: steps before Watcher builds its model
    :ivar drift: steps after that, which the model knows nothing of
    :ivar prefilters: options of Nova that add to what it asks Placement
    """

    seed: int
    kind: str
    node: str
    description: dict[str, Any]
    busy: tuple[tuple[str, ...], ...]
    drift: tuple[tuple[str, ...], ...]
    prefilters: tuple[str, ...] = ()

    @property
    def nova_options(self) -> dict[str, dict[str, Any]]:
        """Section -> option -> value, of nova.conf."""
        return {'scheduler': dict.fromkeys(self.prefilters, True)}

    @property
    def has_ports(self) -> bool:
        """A real Neutron has to bind them."""
        return any(kind == 'agent' for kind, *_ in self.busy)


def kind_of(seed: int) -> str:
    """The kind of a seed: all of its range take turns."""
    kinds = RANGES[max(first for first in RANGES if first <= seed)]
    return tuple(kinds)[seed % len(kinds)]


def case(seed: int, kind: str | None = None) -> Case:
    """Draw the cloud of a seed.

    :param kind: of ALL_KINDS, by default that of the seed
    :raises KeyError: no such kind
    """
    kind = kind or kind_of(seed)
    least, most, laid_over = ALL_KINDS[kind]
    cloud = draft.Draft(f'{kind} {seed}')
    people.populate(cloud, least, most)
    for feature in laid_over:
        feature(cloud)
    description = cloud.description()
    return Case(
        seed,
        kind,
        cloud.node,
        description,
        tuple(cloud.busy),
        tuple(drift.steps(cloud)),
        tuple(cloud.prefilters),
    )
