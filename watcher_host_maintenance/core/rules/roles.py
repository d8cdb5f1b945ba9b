# SPDX-License-Identifier: Apache-2.0

"""What a compute node may be used for, by what it is and how it stands."""

import enum

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterator
from typing import NamedTuple

from watcher_host_maintenance.core.model.nova import AUTO
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.reasons import Reason
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode


OUT_OF_SCOPE = Of.NODE.declare(
    'out_of_scope',
    says=N_("{subject} is outside the audit's scope"),
    helps=N_('Widen the scope of the audit template.'),
)

BARE_METAL = Of.NODE.declare(
    'bare_metal',
    says=N_('{subject} is a bare metal (Ironic) node, not a compute host'),
    helps=N_('Maintain it through Ironic.'),
    is_bad_request=True,
)

NO_INVENTORY = Of.NODE.declare(
    'no_inventory',
    says=N_('{subject} has no inventory in Placement'),
    helps=N_('See the log of nova-compute there: it reports the inventory.'),
)

NO_HYPERVISOR = Of.NODE.declare(
    'no_hypervisor',
    says=N_('{subject} has a nova-compute service, but no hypervisor in Nova'),
    helps=N_(
        'If the host is new: nova-manage cell_v2 discover_hosts. Otherwise '
        'see its nova-compute log.'
    ),
)

NODE_DOWN = Of.NODE.declare(
    'node_down',
    says=N_('{subject}: nova-compute is down, instances on it: {instances}'),
    helps=N_(
        'Start nova-compute there; evacuate it with Nova only if the host '
        'is off.'
    ),
    may_pass=True,
)

LIFTS = N_(
    'If it is sound: openstack compute service set --up {subject} nova-compute'
)
"""What helps a node that an administrator has forced down.

To start nova-compute does not: it may well run.
"""

NODE_FORCED_DOWN = Of.NODE.declare(
    'node_forced_down',
    says=N_('{subject} is forced down, instances on it: {instances}'),
    helps=LIFTS,
    may_pass=True,
)

HYPERVISOR_LOST = Of.NODE.declare(
    'hypervisor_lost',
    says=N_('{subject}: hypervisor lost, disabled by Nova: {disabled_reason}'),
    helps=N_(
        'Start libvirt there: Nova enables it. Then run the audit again.'
    ),
    may_pass=True,
)

HYPERVISOR_SILENT = Of.NODE.declare(
    'hypervisor_silent',
    says=N_('{subject}: nova-compute is up, but its hypervisor is not'),
    helps=N_('Start libvirt there, then run the audit again.'),
    may_pass=True,
)

BACKUP_MARKED = Of.REQUEST.declare(
    'backup_marked',
    says=N_(
        'backup_node {subject} is marked for maintenance: {disabled_reason}'
    ),
    helps=N_('Name another backup_node, or none.'),
)

BACKUP_DISABLED = Of.REQUEST.declare(
    'backup_disabled',
    says=N_('backup_node {subject} is disabled: {disabled_reason}'),
    helps=N_('Find out why; enable it only if it is healthy.'),
)

BACKUP_DOWN = Of.REQUEST.declare(
    'backup_down',
    says=N_('nova-compute on backup_node {subject} is down'),
    helps=N_('Start it, or name another backup_node.'),
)

MAINTAINED = Of.DESTINATION.declare(
    'maintained',
    says=N_('{subject} is itself to be emptied'),
    helps=N_('Leave it out of the request.'),
)

MARKED = Of.DESTINATION.declare(
    'marked',
    says=N_('{subject} is marked for maintenance: {disabled_reason}'),
    helps=N_('Enable it when its maintenance has ended.'),
)

DISABLED = Of.DESTINATION.declare(
    'disabled',
    says=N_('{subject} is disabled: {disabled_reason}'),
    helps=N_('Find out why; enable it only if it is healthy.'),
    may_pass=True,
)

UNUSED = Of.DESTINATION.declare(
    'unused',
    says=N_(
        '{subject} is a spare ({disabled_reason}), instances: {instances}'
    ),
    helps=N_('Enable it to let the instances spread onto it.'),
)

DOWN = Of.DESTINATION.declare(
    'down',
    says=N_('{subject}: nova-compute is down'),
    helps=N_('Start nova-compute there.'),
    may_pass=True,
)

BACKUP_FORCED_DOWN = Of.REQUEST.declare(
    'backup_forced_down',
    says=N_('backup_node {subject} is forced down'),
    helps=N_('Name another backup_node, or lift that if the node is sound.'),
)

FORCED_DOWN = Of.DESTINATION.declare(
    'forced_down',
    says=N_('{subject} is forced down'),
    helps=LIFTS,
    may_pass=True,
)

BACKUP_IS_MAINTAINED = Of.REQUEST.declare(
    'backup_is_maintained',
    says=N_('backup_node {subject} is itself to be emptied'),
    helps=N_('Name another backup_node.'),
    is_bad_request=True,
)


def is_marked(
    status: str, disabled_reason: str, marking_reasons: tuple[str, ...]
) -> bool:
    """Return True if a node is marked for maintenance.

    That is: disabled, with a reason that starts with a marking reason.
    """
    return status == 'disabled' and disabled_reason.startswith(marking_reasons)


def has_mark(node: ComputeNode, request: Request) -> bool:
    """Return True if a node is marked; see :func:`is_marked`."""
    return is_marked(
        node.status, node.disabled_reason, request.marking_reasons
    )


def has_known_reason(node: ComputeNode, request: Request) -> bool:
    """Return True if a node is marked, a spare, or disabled by Nova."""
    return (
        has_mark(node, request)
        or has_spare_reason(node, request)
        or is_disabled_by_nova(node)
    )


def has_spare_reason(node: ComputeNode, request: Request) -> bool:
    """Return True if a node is disabled as a spare, and not marked."""
    return (
        node.status == 'disabled'
        and node.disabled_reason in request.unused_reasons
        and not node.disabled_reason.startswith(request.marking_reasons)
        and not is_disabled_by_nova(node)
    )


def is_disabled_by_nova(node: ComputeNode) -> bool:
    """Return True if Nova has disabled a node: its hypervisor is lost."""
    return node.status == 'disabled' and node.disabled_reason.startswith(AUTO)


def is_bare_metal(node: ComputeNode) -> bool:
    """Return True if a node is Ironic's, which holds no virtual servers."""
    return node.hypervisor_type.lower() == 'ironic'


def down(
    hostname: str, forced_down: bool, by_itself: Reason, by_force: Reason
) -> Finding:
    """Return the one of two reasons why a node is down.

    :param forced_down: an administrator has said so
    """
    return (by_force if forced_down else by_itself).about(hostname)


class Use(enum.Enum):
    """What a node may be used for; the value heads its column."""

    MARKED = 'drained by an audit of the goal alone'
    NAMED = 'drained if named'
    WAKE = 'destination, Method 1'
    SPREAD = 'destination, Method 2'
    BACKUP = 'backup node'


YES, NO = True, False
"""It may be used so; it is not, and the request does not ask for it."""

Cell = Reason | bool
"""YES, NO, or the reason why it is refused."""


class Role(NamedTuple):
    """A kind of node, and what it may be used for.

    :ivar holds: returns True if a node is of this kind, given the hostnames
        that the request drains
    :ivar cells: of each use, in their order
    """

    description: str
    holds: Callable[[ComputeNode, Request, Collection[str]], bool]
    cells: tuple[Cell, Cell, Cell, Cell, Cell]


KINDS = (
    Role('bare metal (Ironic), outside the scope of the audit',
         lambda node, request, drained: (
             is_bare_metal(node) and not node.in_scope),
         (NO,           BARE_METAL,   NO,  BARE_METAL,   BARE_METAL)),
    Role('bare metal (Ironic)',
         lambda node, request, drained: is_bare_metal(node),
         (BARE_METAL,   BARE_METAL,   NO,  BARE_METAL,   BARE_METAL)),
    Role('outside the scope of the audit',
         lambda node, request, drained: not node.in_scope,
         (NO,           OUT_OF_SCOPE, NO,  OUT_OF_SCOPE, OUT_OF_SCOPE)),
    Role('without a hypervisor in Nova: it is in no cell, or never reported',
         lambda node, request, drained: (
             not node.hypervisors and not node.inventory),
         (NO_HYPERVISOR, NO_HYPERVISOR, NO, NO_HYPERVISOR, NO_HYPERVISOR)),
    Role('without an inventory in Placement',
         lambda node, request, drained: not node.inventory,
         (NO_INVENTORY, NO_INVENTORY, YES, NO_INVENTORY, NO_INVENTORY)),
)  # fmt: skip

STATES = (
    Role('forced down by an administrator, with servers',
         lambda node, request, drained: (
             node.forced_down and node.instance_count > 0),
         (NODE_FORCED_DOWN, NODE_FORCED_DOWN, NO, FORCED_DOWN,
          BACKUP_FORCED_DOWN)),
    Role('forced down by an administrator, without servers',
         lambda node, request, drained: node.forced_down,
         (YES,             YES,             NO, FORCED_DOWN,
          BACKUP_FORCED_DOWN)),
    Role('down, with servers',
         lambda node, request, drained: (
             node.state == 'down' and node.instance_count > 0),
         (NODE_DOWN,       NODE_DOWN,       NO, DOWN, BACKUP_DOWN)),
    Role('down, without servers',
         lambda node, request, drained: node.state == 'down',
         (YES,             YES,             NO, DOWN, BACKUP_DOWN)),
    Role('up, but disabled by Nova, because its hypervisor does not answer',
         lambda node, request, drained: is_disabled_by_nova(node),
         (HYPERVISOR_LOST, HYPERVISOR_LOST, NO, YES,  YES)),
    Role('up and disabled by a person or a plan, but its hypervisor does not '
         'answer',
         lambda node, request, drained: node.hypervisor_lost,
         (HYPERVISOR_SILENT, HYPERVISOR_SILENT, NO, YES, YES)),
)  # fmt: skip

STATUSES = (
    Role('drained by the same audit',
         lambda node, request, drained: node.hostname in drained,
         (YES, YES, NO,  MAINTAINED,      BACKUP_IS_MAINTAINED)),
    Role('*marked*: disabled, the reason starts with one of '
         '``marking_reasons``',
         lambda node, request, drained: has_mark(node, request),
         (YES, YES, NO,  MARKED,          BACKUP_MARKED)),
    Role('disabled by Nova: the reason starts with ``AUTO:``',
         lambda node, request, drained: is_disabled_by_nova(node),
         (NO,  YES, NO,  HYPERVISOR_LOST, HYPERVISOR_LOST)),
    Role('*unused*: disabled, the reason is one of ``unused_reasons``, '
         'without servers',
         lambda node, request, drained: (
             has_spare_reason(node, request) and not node.instance_count),
         (NO,  YES, YES, UNUSED,          YES)),
    Role('the same, with servers',
         lambda node, request, drained: has_spare_reason(node, request),
         (NO,  YES, NO,  UNUSED,          YES)),
    # It may be broken: https://bugs.launchpad.net/watcher/+bug/2109945
    Role('*disabled*: with any other reason, or none',
         lambda node, request, drained: node.status == 'disabled',
         (NO,  YES, NO,  DISABLED,        BACKUP_DISABLED)),
    Role('enabled',
         lambda node, request, drained: node.status == 'enabled',
         (NO,  YES, NO,  YES,             YES)),
)  # fmt: skip

COLUMNS = {use: column for column, use in enumerate(Use)}
"""Where each use is in the tables."""

ROLES = (KINDS, STATES, STATUSES)
"""What a node is, whether it is up, its status: the first that holds of each.

A node may be used for what all of them allow.
"""


def objections(
    node: ComputeNode,
    use: Use,
    request: Request,
    drained: Collection[str] = (),
) -> Iterator[Finding]:
    """Yield why a node is refused for a use.

    :param drained: hostnames that the request drains
    """
    facts = {
        'disabled_reason': node.disabled_reason or None,
        'instances': node.instance_count,
    }
    for reason in _cells(node, use, request, drained):
        if isinstance(reason, Reason):
            said = {
                n: f for n, f in facts.items() if f'{{{n}}}' in reason.says
            }
            yield reason.about(node.hostname, **said)


def is_usable(
    node: ComputeNode,
    use: Use,
    request: Request,
    drained: Collection[str] = (),
) -> bool:
    """Return True if a node may be used so; see :func:`objections`."""
    return all(c is YES for c in _cells(node, use, request, drained))


def is_wanted(node: ComputeNode, use: Use, request: Request) -> bool:
    """Return True if a node would be used so, or is refused for it."""
    return NO not in _cells(node, use, request, ())


def _cells(
    node: ComputeNode, use: Use, request: Request, drained: Collection[str]
) -> Iterator[Cell]:
    column = COLUMNS[use]
    for roles in ROLES:
        for role in roles:
            if role.holds(node, request, drained):
                yield role.cells[column]
                break
