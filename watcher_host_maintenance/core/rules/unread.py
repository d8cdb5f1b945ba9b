# SPDX-License-Identifier: Apache-2.0

"""What could not be read of a server, and what follows from that.

Unknown is not fine: a server is never taken to ask for nothing because nobody
could read what it asks for.
"""

from collections.abc import Iterator

from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.snapshot import ABSENT
from watcher_host_maintenance.core.model.snapshot import OFF
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.model.snapshot import Unread
from watcher_host_maintenance.core.rules.rule import PossibleMove
from watcher_host_maintenance.core.rules.rule import rule


IMAGE_UNREAD = Of.INSTANCE.declare(
    'image_unread',
    says=N_('{subject}: what its image asks for could not be read'),
    helps=N_(
        'Restore the image or the access to it, or: '
        '-p allow_unproved_moves=true'
    ),
)

HINTS_UNREAD = Of.INSTANCE.declare(
    'hints_unread',
    says=N_('{subject}: Nova is too old to show its scheduler hints'),
    helps=N_('Move it by hand, or: -p allow_unproved_moves=true'),
)

PORTS_UNREAD = Of.INSTANCE.declare(
    'ports_unread',
    says=N_('{subject}: its ports could not be read'),
    helps=N_('See why in the report, or: -p allow_unproved_moves=true'),
)

GROUP_UNREAD = Of.INSTANCE.declare(
    'group_unread',
    says=N_(
        '{subject}: its project has too many soft-deleted servers to read; '
        'any may be in its anti-affinity group'
    ),
    helps=N_(
        'Force-delete them, or wait until Nova does, or: '
        '-p allow_unproved_moves=true'
    ),
)

MAY_LACK_TRAIT = Of.PAIR.declare(
    'may_lack_trait',
    says=N_(
        '{subject} lacks a trait of {source}, and which traits the image '
        'needs could not be read'
    ),
    helps=N_(
        'Restore the image or the access to it, or: '
        '-p allow_unproved_moves=true'
    ),
)

READ_IS_OFF = Of.WARNING.declare(
    'read_is_off',
    says=N_('{subject} were not read: the option read_{subject} is off'),
    helps=N_('Set read_{subject} to auto.'),
)

SERVICE_ABSENT = Of.WARNING.declare(
    'service_absent',
    says=N_('{subject} were not read: no endpoint is known'),
    helps=N_('Add an endpoint to Keystone, or set read_{subject} to off.'),
)

READ_FAILED = Of.WARNING.declare(
    'read_failed',
    says=N_('{subject} were not read: {error}'),
    helps=N_('Run the audit again when that works.'),
)


REASONS = {
    Unread.GROUP: GROUP_UNREAD,
    Unread.HINTS: HINTS_UNREAD,
    Unread.PORTS: PORTS_UNREAD,
    Unread.PROPERTIES: IMAGE_UNREAD,
}


OF_CAUSE = {OFF: READ_IS_OFF, ABSENT: SERVICE_ABSENT}
"""Why something was not read, where no error is the cause -> the reason."""


def blockers(instance: Instance) -> Iterator[Finding]:
    """Yield what is unknown of an instance, whichever node takes it."""
    for unread in instance.unread:
        yield REASONS[unread].about(instance.name)


@rule(
    gives=(MAY_LACK_TRAIT,),
    looks_at=(
        'instance.needs_traits_of',
        'destination.node.covers',
        'request.allow_unproved_moves',
    ),
)
def covers_source(move: PossibleMove) -> Iterator[Finding]:
    """Refuse a node that may lack a trait of an image that is not known.

    The server's own node has every trait that the image needs. So has a node
    with all of its traits.
    """
    source, node = move.instance.needs_traits_of, move.destination.node
    covered = not source or source in node.covers
    if not covered and not move.request.allow_unproved_moves:
        yield MAY_LACK_TRAIT.about(node.hostname, source=source)


def notes(snapshot: Snapshot) -> tuple[Finding, ...]:
    """Return what was not read of the cloud, by name, and why."""
    return tuple(
        OF_CAUSE[why].about(name)
        if why in OF_CAUSE
        else READ_FAILED.about(name, error=why)
        for name, why in sorted(snapshot.not_read.items())
    )
