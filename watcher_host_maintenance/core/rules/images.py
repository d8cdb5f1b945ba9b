# SPDX-License-Identifier: Apache-2.0

"""Images: the CPU architecture and the hypervisor version they are made for.

Nova's ImagePropertiesFilter compares them with what a compute host supports,
which no API reports. The type of the hypervisor is that of the source.
"""

import operator
import re

from collections.abc import Callable
from collections.abc import Iterator

from watcher_host_maintenance.core.model.nova import ARCHITECTURE
from watcher_host_maintenance.core.model.nova import ARCHITECTURES
from watcher_host_maintenance.core.model.nova import REQUIRED_VERSION
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.rules.rule import PossibleMove
from watcher_host_maintenance.core.rules.rule import rule


OTHER_ARCHITECTURE = Of.PAIR.declare(
    'other_architecture',
    says=N_('{subject}: its CPU is {architecture}, the image is for {wanted}'),
    helps=N_('Add a node with that CPU architecture.'),
)

OTHER_VERSION = Of.PAIR.declare(
    'other_version',
    says=N_(
        '{subject}: its hypervisor is {version}, the image wants {wanted}'
    ),
    helps=N_('Add a node with such a version of the hypervisor.'),
)


ALSO_RUNS = {'x86_64': 'i686', 'aarch64': 'armv7l', 'ppc64le': 'ppc64'}
"""Architecture of a CPU -> an older one whose guests it runs as well."""

PREDICATE = re.compile(r'\s*(<=|>=|<|>|!=|==)\s*(\d+(?:\.\d+)*)\s*\Z')

COMPARE: dict[str, Callable[[tuple[int, ...], tuple[int, ...]], bool]] = {
    '<': operator.lt,
    '<=': operator.le,
    '==': operator.eq,
    '!=': operator.ne,
    '>=': operator.ge,
    '>': operator.gt,
}


@rule(
    gives=(OTHER_ARCHITECTURE,),
    looks_at=('instance.image_properties', 'destination.node.architecture'),
)
def has_architecture(move: PossibleMove) -> Iterator[Finding]:
    """Refuse a node with a CPU of another architecture than the image's.

    As Nova's ImagePropertiesFilter. A node whose architecture Nova does not
    report is taken.
    """
    node = move.destination.node
    text = move.instance.image_properties.get(ARCHITECTURE, '').lower()
    wanted = ARCHITECTURES.get(text, text)
    architecture = node.architecture
    runs = ('', architecture, ALSO_RUNS.get(architecture))
    if architecture and wanted not in runs:
        yield OTHER_ARCHITECTURE.about(
            node.hostname, architecture=architecture, wanted=wanted
        )


@rule(
    gives=(OTHER_VERSION,),
    looks_at=(
        'instance.image_properties',
        'destination.node.hypervisor_version',
    ),
)
def has_version(move: PossibleMove) -> Iterator[Finding]:
    """Refuse a node whose hypervisor version the image does not want.

    As Nova's ImagePropertiesFilter does for ``img_hv_requested_version``. A
    text that makes no sense is satisfied by no version.
    """
    node = move.destination.node
    wanted = move.instance.image_properties.get(REQUIRED_VERSION)
    if not wanted or not node.hypervisor_version:
        return
    version = _numbers(node.hypervisor_version)
    if not all(_satisfies(version, text) for text in wanted.split(',')):
        yield OTHER_VERSION.about(
            node.hostname, version='.'.join(map(str, version)), wanted=wanted
        )


def _numbers(version: int) -> tuple[int, ...]:
    """Return the numbers of a version, of which Nova makes one."""
    return version // 1_000_000, version // 1000 % 1000, version % 1000


def _satisfies(version: tuple[int, ...], text: str) -> bool:
    match = PREDICATE.match(text)
    if match is None:
        return False
    wanted = tuple(map(int, match[2].split('.')))
    length = max(len(version), len(wanted))
    padded = (v + (0,) * (length - len(v)) for v in (version, wanted))
    return COMPARE[match[1]](*padded)
