# SPDX-License-Identifier: Apache-2.0

"""What the owner of a server wants to become of it, as far as that counts.

The owner's own word comes first, then that of the flavor, then that of the
project.
"""

import enum

from collections.abc import Iterator
from typing import NamedTuple

from watcher_host_maintenance.core.model.notice import DEFAULT_SPEC
from watcher_host_maintenance.core.model.notice import GO
from watcher_host_maintenance.core.model.notice import STANDING_WORDS
from watcher_host_maintenance.core.model.notice import standing_word
from watcher_host_maintenance.core.model.nova import VmState
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Fact
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.reasons import Reason
from watcher_host_maintenance.core.model.request import OnKeep
from watcher_host_maintenance.core.model.request import Owners
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.model.times import format_time


OWNER_KEEPS = Of.INSTANCE.declare(
    'owner_keeps',
    says=N_('{subject} is to be left alone: its {origin} says {word}'),
    helps=N_('Ask its owner, or move it all the same: -p on_keep=move'),
)

DEFAULT_KEEPS = Of.INSTANCE.declare(
    'default_keeps',
    says=N_(
        '{subject} is to be left alone: its owner says nothing, and the '
        'default of its {origin} is {word}'
    ),
    helps=N_(
        'Change it (maintenance:default of the flavor, or owner_defaults), or '
        'move it: -p on_keep=move'
    ),
)

COLD_IS_DISABLED = Of.INSTANCE.declare(
    'cold_is_disabled',
    says=N_(
        '{subject} is to be moved cold: its {origin} says {word}; but cold '
        'migration is disabled'
    ),
    helps=N_('Allow cold migration, or move it live: -p on_keep=move'),
)

OWNER_LEAVES = Of.ASKED.declare(
    'owner_leaves',
    says=N_('{subject} is left on {host}: its {origin} says {word}'),
    helps=N_('To move it all the same: -p owners=ignore'),
)


AWAITS_OWNER = Of.HELD.declare(
    'awaits_owner',
    says=N_('{subject} waits for its owner until {until}'),
    helps=N_(
        'A CONTINUOUS audit moves it then, or as soon as its owner says go.'
    ),
)


NODE_NOT_TOLD = Of.NODE.declare(
    'node_not_told',
    says=N_(
        'owners on {subject} were not told, and their time to answer was '
        'over at {until}'
    ),
    helps=N_('Give a later answer_by or starts, or do not wait: owners=obey.'),
)


class Origin(enum.StrEnum):
    """Who says a word."""

    TAG = 'tag'
    FLAVOR = 'flavor'
    PROJECT = 'project'


class Wish(NamedTuple):
    """A standing word, and who says it; '' and the tag for none."""

    word: str = ''
    origin: Origin = Origin.TAG


NONE = Wish()

STOPPING = frozenset({'stop', 'stop-and-start'})
"""Words of owners who want a server to be stopped."""

TELLABLE = frozenset(
    {VmState.ACTIVE, VmState.PAUSED, VmState.SUSPENDED, VmState.STOPPED}
)
"""States of a server in which Nova lets its metadata be written."""

NOT_RUNNING = frozenset({VmState.STOPPED, VmState.SUSPENDED})
"""States in which a server that is to be stopped is left as it is."""


def wish(instance: Instance, request: Request) -> Wish:
    """Return what the owner wants; nothing if owners are ignored."""
    if request.owners is Owners.IGNORE:
        return NONE
    return said(instance, request)


def said(instance: Instance, request: Request) -> Wish:
    """Return what the owner, the flavor or the project says."""
    own = standing_word(instance.owner_words)
    if own:
        return Wish(own)
    of_flavor = instance.extra_specs.get(DEFAULT_SPEC, '')
    if of_flavor in STANDING_WORDS:
        return Wish(of_flavor, Origin.FLAVOR)
    of_project = request.owner_defaults.get(instance.project_id, '')
    return Wish(of_project, Origin.PROJECT) if of_project else NONE


def leaves(instance: Instance, request: Request) -> Iterator[Finding]:
    """Yield that the owner leaves an instance where it is, if so.

    It may go down with its host, so that it blocks nothing. What does not run
    is as good as stopped.
    """
    wanted = wish(instance, request)
    if request.removed or not instance.is_here:
        return
    is_stopped = wanted.word in STOPPING and instance.vm_state in NOT_RUNNING
    if wanted.word == 'stay' or is_stopped:
        yield _about(OWNER_LEAVES, instance, wanted, host=instance.host)


def blockers(instance: Instance, request: Request) -> Iterator[Finding]:
    """Yield why an instance must not be moved as its owner wants."""
    if request.on_keep is OnKeep.MOVE:
        return
    wanted = wish(instance, request)
    if wanted.word == 'keep' and not request.removed:
        is_own = wanted.origin is Origin.TAG
        reason = OWNER_KEEPS if is_own else DEFAULT_KEEPS
        yield _about(reason, instance, wanted)
    elif (
        request.disable_cold_migration
        and not request.disable_live_migration
        and _wants_cold(instance, request)
    ):
        yield _about(COLD_IS_DISABLED, instance, wanted)


def stops(instance: Instance, request: Request) -> bool:
    """Return True if the owner wants a running instance to be stopped.

    On a host that is removed none is left: it is moved cold.
    """
    is_active = instance.vm_state == VmState.ACTIVE
    wanted = wish(instance, request).word
    return is_active and wanted in STOPPING and not request.removed


def is_cold(instance: Instance, request: Request) -> bool:
    """Return True if a running instance is moved cold, as its owner wants."""
    allows = not request.disable_cold_migration
    return allows and _wants_cold(instance, request)


def stops_first(instance: Instance, request: Request) -> bool:
    """Return True if an instance is stopped, and then moved.

    Nova starts what was running, and it is to end stopped.
    """
    is_stopped = wish(instance, request).word == 'stop'
    return is_stopped and is_cold(instance, request)


def may_make_room(instance: Instance, request: Request) -> bool:
    """Return True if an instance may be live migrated for others.

    Tags count even if owners are ignored: it is not their host. What another
    maintenance has told its owner has to stay.
    """
    told_by = instance.notice.maintenance_id
    if request.owners is not Owners.IGNORE and told_by not in (
        '',
        request.maintenance_id,
    ):
        return False
    words = {*instance.owner_words, wish(instance, request).word}
    return words.isdisjoint(STANDING_WORDS.keys() - {'move'})


def waits(
    snapshot: Snapshot, request: Request
) -> Iterator[tuple[str, Finding]]:
    """Yield instance UUID -> why nothing begins with an instance now."""
    if request.owners is not Owners.WAIT:
        return
    until = format_time(_due_s(request))
    for instance in snapshot.by_uuid.values():
        if not is_due(instance, request):
            yield (
                instance.uuid,
                AWAITS_OWNER.about(instance.name, until=until),
            )


def is_late(request: Request) -> bool:
    """Return True if owners are waited for, and their time is over."""
    is_over = (request.now_s or 0) >= _due_s(request)
    return request.owners is Owners.WAIT and is_over


def not_told(
    snapshot: Snapshot, hostname: str, request: Request
) -> Iterator[Finding]:
    """Yield that it is too late to tell the owners on a node, if it is."""
    told = request.told_nodes
    if told is None or hostname in told:
        return
    if any(i.vm_state in TELLABLE for i in snapshot.instances_on(hostname)):
        until = format_time(_due_s(request))
        yield NODE_NOT_TOLD.about(hostname, until=until)


def said_go(snapshot: Snapshot, request: Request) -> frozenset[str]:
    """Return the UUIDs of the instances that may leave at any time."""
    return frozenset(
        i.uuid for i in snapshot.by_uuid.values() if says_go(i, request)
    )


def says_go(instance: Instance, request: Request) -> bool:
    """Return True if an owner who was told of this maintenance says go."""
    return (
        request.owners is Owners.WAIT
        and GO in instance.owner_words
        and instance.notice.maintenance_id == request.maintenance_id != ''
    )


def is_due(instance: Instance, request: Request) -> bool:
    """Return True if work may begin with an instance now."""
    if says_go(instance, request):
        return True
    return (request.now_s or 0) >= _due_s(request)


def _due_s(request: Request) -> int:
    """Return when work may begin with all, in seconds since 1970."""
    window, is_asked = request.window, request.owners is Owners.WAIT
    starts_s = window.starts_s if window is not None else 0
    return max(starts_s, (is_asked and request.answer_by_s) or 0)


def _wants_cold(instance: Instance, request: Request) -> bool:
    """Return True if an owner wants a running instance to be moved cold."""
    wanted = wish(instance, request).word
    return instance.vm_state == VmState.ACTIVE and (
        wanted == 'cold' or (request.removed and wanted in STOPPING)
    )


def _about(
    reason: Reason, instance: Instance, wanted: Wish, **facts: Fact
) -> Finding:
    return reason.about(
        instance.name, word=wanted.word, origin=wanted.origin.value, **facts
    )
