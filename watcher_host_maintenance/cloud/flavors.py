# SPDX-License-Identifier: Apache-2.0

"""What Nova asks Placement for, by a server's flavor.

Source: ``ResourceRequest.from_request_spec`` in ``nova.scheduler.utils``.
"""

import re

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

import os_resource_classes

from watcher_host_maintenance.cloud.answers import value
from watcher_host_maintenance.core.model.document import MOST


MIB_PER_GIB = 1024

RESOURCES = re.compile(r'resources(?P<suffix>[A-Za-z0-9_-]*):(?P<name>\w+)$')
"""An extra spec that asks for an amount of a resource class."""


def resources(flavor: Mapping[str, Any], has_image: bool) -> dict[str, int]:
    """Return resource class -> amount asked for; no zeroes.

    An extra spec overrides what the flavor itself says. Groups with a suffix
    ask for something below the node, and are not among it.

    :param flavor: as it is embedded in a server; extra specs may be None
    :param has_image: False when the server boots from a volume: then its
        root disk is not on the node
    """
    specs = flavor['extra_specs'] or {}
    vcpus = value(flavor, 'vcpus', int)
    amounts, named = _overrides(specs)
    amounts |= _dedicated(specs, vcpus)
    if not named.union(amounts) & {'VCPU', 'PCPU'}:
        amounts['VCPU'] = vcpus
    if 'MEMORY_MB' not in named:
        amounts['MEMORY_MB'] = value(flavor, 'ram', int)
    if 'DISK_GB' not in named:
        amounts['DISK_GB'] = _disk_gb(flavor, has_image)
    return {c: amount for c, amount in amounts.items() if amount}


def _overrides(specs: Mapping[str, str]) -> tuple[dict[str, int], set[str]]:
    """Return what extra specs ask of the node, and all classes they name."""
    amounts, named = {}, set()
    for suffix, name, amount in _asked_for(specs):
        named.add(name)
        if not suffix:
            amounts[name] = amount
    return amounts, named


def _asked_for(specs: Mapping[str, str]) -> Iterator[tuple[str, str, int]]:
    """Yield suffix, resource class and amount of what asks for resources.

    Nova looks at extra specs only since 2.86, and never at old flavors; what
    makes no sense it skips, with a warning in the scheduler's log.

    Source: ``RequestGroup.add_resource`` in ``nova.objects.request_spec``.
    """
    for key, text in specs.items():
        match = RESOURCES.match(key)
        if match is None or not _exists(match['name']):
            continue
        try:
            amount = int(text)
        except ValueError:
            continue
        if amount >= 0:
            yield match['suffix'], match['name'], min(amount, MOST)


def _exists(resource_class: str) -> bool:
    return (
        resource_class.startswith(os_resource_classes.CUSTOM_NAMESPACE)
        or resource_class in os_resource_classes.STANDARDS
    )


def _dedicated(specs: Mapping[str, str], vcpus: int) -> dict[str, int]:
    """Return the dedicated CPUs of a policy that makes all of them so."""
    if specs.get('hw:cpu_policy') != 'dedicated':
        return {}
    isolates = specs.get('hw:emulator_threads_policy') == 'isolate'
    return {'PCPU': vcpus + isolates}


def _disk_gb(flavor: Mapping[str, Any], has_image: bool) -> int:
    root_gb = value(flavor, 'disk', int) if has_image else 0
    # Before 2.75 Nova's API has a text when there is none.
    swap_mib = value(flavor, 'swap', int) if flavor['swap'] != '' else 0
    swap_gb = -(-swap_mib // MIB_PER_GIB)
    return int(root_gb + value(flavor, 'ephemeral', int) + swap_gb)
