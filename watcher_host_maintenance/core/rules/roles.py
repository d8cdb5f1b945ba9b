# SPDX-License-Identifier: Apache-2.0

"""What part a compute node plays: maintained, marked, unused, other."""

from watcher_host_maintenance.core.model.nova import AUTO
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.reasons import declare
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode


OUT_OF_SCOPE = declare(
    'out_of_scope',
    of=Of.NODE,
    says=N_("{subject} is outside the audit's scope"),
    helps=N_('Widen the scope of the audit template.'),
)

BARE_METAL = declare(
    'bare_metal',
    of=Of.NODE,
    says=N_('{subject} is a bare metal (Ironic) node, not a compute host'),
    helps=N_('Maintain it through Ironic.'),
    is_bad_request=True,
)

NO_INVENTORY = declare(
    'no_inventory',
    of=Of.NODE,
    says=N_("{subject} is missing from Watcher's compute model"),
    helps=N_('See the decision engine log; run the audit again.'),
)

NODE_DOWN = declare(
    'node_down',
    of=Of.NODE,
    says=N_('{subject}: nova-compute is down, instances on it: {instances}'),
    helps=N_('Start nova-compute there, or evacuate the host with Nova.'),
)

HYPERVISOR_LOST = declare(
    'hypervisor_lost',
    of=Of.NODE,
    says=N_(
        '{subject}: its hypervisor does not answer, so Nova has disabled it: '
        '{disabled_reason}'
    ),
    helps=N_('Start its libvirt: Nova enables it then. Run the audit after.'),
)

BACKUP_MARKED = declare(
    'backup_marked',
    of=Of.REQUEST,
    says=N_(
        'backup_node {subject} is marked for maintenance: {disabled_reason}'
    ),
    helps=N_('Name another backup_node, or none.'),
)

BACKUP_DISABLED = declare(
    'backup_disabled',
    of=Of.REQUEST,
    says=N_('backup_node {subject} is disabled: {disabled_reason}'),
    helps=N_('Find out why; enable it only if it is sound.'),
)

BACKUP_DOWN = declare(
    'backup_down',
    of=Of.REQUEST,
    says=N_('nova-compute on backup_node {subject} is down'),
    helps=N_('Start it, or name another backup_node.'),
)

MAINTAINED = declare(
    'maintained',
    of=Of.DESTINATION,
    says=N_('{subject} is itself to be emptied'),
    helps=N_('Leave it out of the request.'),
)

MARKED = declare(
    'marked',
    of=Of.DESTINATION,
    says=N_('{subject} is marked for maintenance: {disabled_reason}'),
    helps=N_('Enable it when its maintenance has ended.'),
)

DISABLED = declare(
    'disabled',
    of=Of.DESTINATION,
    says=N_('{subject} is disabled: {disabled_reason}'),
    helps=N_('Find out why; enable it only if it is sound.'),
)

UNUSED = declare(
    'unused',
    of=Of.DESTINATION,
    says=N_('{subject} is disabled as a spare, instances on it: {instances}'),
    helps=N_('Enable it to let the instances spread onto it.'),
)

DOWN = declare(
    'down',
    of=Of.DESTINATION,
    says=N_('{subject}: nova-compute is down'),
    helps=N_('Start nova-compute there.'),
)


def is_marked(node: ComputeNode, request: Request) -> bool:
    """Tell whether a node is marked for maintenance.

    That is: disabled, with a reason that starts with a marking reason.
    """
    return node.status == 'disabled' and node.disabled_reason.startswith(
        request.marking_reasons
    )


def has_spare_reason(node: ComputeNode, request: Request) -> bool:
    """Tell whether a node is disabled as a spare, and not marked."""
    return (
        node.status == 'disabled'
        and node.disabled_reason in request.unused_reasons
        and not is_marked(node, request)
        and not is_disabled_by_nova(node)
    )


def is_unused(node: ComputeNode, request: Request) -> bool:
    """Tell whether a node is a spare that Method 1 may wake.

    A node disabled for any other reason is never used: it may be broken.
    See https://bugs.launchpad.net/watcher/+bug/2109945
    """
    return (
        has_spare_reason(node, request)
        and node.state == 'up'
        and node.instance_count == 0
    )


def is_disabled_by_nova(node: ComputeNode) -> bool:
    """Return True if Nova has disabled a node: its hypervisor is lost."""
    return node.status == 'disabled' and node.disabled_reason.startswith(AUTO)


def is_bare_metal(node: ComputeNode) -> bool:
    """Tell whether a node is Ironic's, which holds no virtual servers."""
    return node.hypervisor_type.lower() == 'ironic'
