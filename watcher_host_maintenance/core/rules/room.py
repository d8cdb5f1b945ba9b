# SPDX-License-Identifier: Apache-2.0

"""Room, class by class, as Placement counts it."""

from collections.abc import Iterator
from collections.abc import Mapping

from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.rules.destination import Destination


NO_ROOM = Of.ROOM.declare(
    'no_room',
    says=N_('{subject}: needs {wanted} {resource_class}, {free} free'),
    helps=N_('Free that much on it.'),
)

OVER_MAX_UNIT = Of.ROOM.declare(
    'over_max_unit',
    says=N_('{subject}: needs {wanted} {resource_class}, max_unit {max_unit}'),
    helps=N_('Use a node with a larger max_unit.'),
)

ODD_AMOUNT = Of.ROOM.declare(
    'odd_amount',
    says=N_(
        '{subject}: {wanted} {resource_class} is not a multiple of '
        '{step_size}, or is less than {min_unit}'
    ),
    helps=N_('Use a node that gives such an amount.'),
)

BEYOND_HEADROOM = Of.ROOM.declare(
    'beyond_headroom',
    says=N_(
        '{subject}: {used} {resource_class} used, headroom allows {limit}'
    ),
    helps=N_('Lower headroom_percent.'),
)


def has_room(
    resources: Mapping[str, int], destination: Destination
) -> Iterator[Finding]:
    """Refuse a destination with less free than the instance holds."""
    for resource_class, wanted in sorted(resources.items()):
        free = destination.free(resource_class)
        if wanted > free:
            yield NO_ROOM.about(
                destination.hostname,
                resource_class=resource_class,
                wanted=wanted,
                free=free,
            )


def within_units(
    resources: Mapping[str, int], destination: Destination
) -> Iterator[Finding]:
    """Refuse a destination that does not give one instance such an amount."""
    for resource_class, wanted in sorted(resources.items()):
        inventory = destination.node.inventory.get(resource_class)
        if inventory and wanted > inventory.most:
            yield OVER_MAX_UNIT.about(
                destination.hostname,
                resource_class=resource_class,
                wanted=wanted,
                max_unit=inventory.most,
            )
        if inventory and inventory.is_odd(wanted):
            yield ODD_AMOUNT.about(
                destination.hostname,
                resource_class=resource_class,
                wanted=wanted,
                min_unit=inventory.min_unit,
                step_size=inventory.step_size,
            )


def keeps_headroom(destination: Destination) -> Iterator[Finding]:
    """Refuse a destination that was beyond its headroom before."""
    for resource_class in destination.beyond:
        yield BEYOND_HEADROOM.about(
            destination.hostname,
            resource_class=resource_class,
            used=destination.bin.used.get(resource_class, 0),
            limit=destination.bin.limit[resource_class],
        )
