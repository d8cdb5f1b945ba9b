# SPDX-License-Identifier: Apache-2.0

"""A task, or a build, at which nothing works any more, and what ends it.

``openstack server set --state active`` ends every task, but whatever the
server was, it is ACTIVE then: that loses a rescue, a resize that waits, or
that a server was paused. ``--state error`` likewise. nova-compute ends some
tasks when it starts, and leaves the status alone. Nothing but Nova's database
ends the others by themselves.

Source: ``_reset_state`` in ``nova.api.openstack.compute.admin_actions`` and
``_init_instance`` in ``nova.compute.manager``.
"""

from watcher_host_maintenance.core.model.nova import VmState
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Fact
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.reasons import Reason
from watcher_host_maintenance.core.model.snapshot import Instance


STUCK_S = 3600
"""Seconds without a change after which a task is taken for dead."""

SAYS = N_('{subject} has been stuck in "{task_state}" for {hours} h')


def _declare(value: str, helps: str) -> Reason:
    return Of.INSTANCE.declare(value, says=SAYS, helps=helps)


STUCK = _declare(
    'stuck',
    N_(
        'If Nova logs no work on it: openstack server set --state active '
        '{uuid}'
    ),
)

STUCK_RUNNING = _declare(
    'stuck_running',
    N_(
        'If its guest runs on {host} alone: openstack server set --state '
        'active {uuid}'
    ),
)

STUCK_UNTIL_RESTART = _declare(
    'stuck_until_restart',
    N_(
        'Leave its state. Restart nova-compute on {host} when it is idle: '
        'that ends the task.'
    ),
)

STUCK_COPYING = _declare(
    'stuck_copying',
    N_(
        'Wait while {host} copies its disk. After that restart nova-compute '
        'there, when it is idle: that ends the task.'
    ),
)

STUCK_HALFWAY = _declare(
    'stuck_halfway',
    N_('openstack server set --state active {uuid}, then {command} it again.'),
)

STUCK_BOOTING = _declare(
    'stuck_booting',
    N_(
        'openstack server set --state active {uuid}, then reboot --hard '
        'unless its own disk has booted.'
    ),
)

STUCK_REBUILDING = _declare(
    'stuck_rebuilding',
    N_(
        'openstack server set --state error {uuid}; its owner has to rebuild '
        'it again.'
    ),
)

STUCK_RESIZING = _declare(
    'stuck_resizing',
    N_(
        'First find which host has its disk: openstack server migration list '
        '--server {uuid}'
    ),
)

SETS_ERROR = N_(
    'If Nova logs no work on it: openstack server set --state error {uuid}'
)

STUCK_BUILDING = _declare('stuck_building', SETS_ERROR)

STUCK_DELETING = _declare(
    'stuck_deleting',
    N_('Its deletion was asked for. Again: openstack server delete {uuid}'),
)

STUCK_IN_ERROR = _declare('stuck_in_error', SETS_ERROR)

STUCK_KEPT = _declare(
    'stuck_kept',
    N_(
        'Setting its state would lose "{vm_state}"; clear only task_state, in '
        "Nova's database."
    ),
)


TASKS: dict[str, tuple[Reason, Reason]] = {
    'block_device_mapping': (STUCK_RUNNING, STUCK_KEPT),
    'deleting': (STUCK_DELETING, STUCK_DELETING),
    'image_backup': (STUCK, STUCK_KEPT),
    'image_pending_upload': (STUCK, STUCK_UNTIL_RESTART),
    'image_snapshot': (STUCK, STUCK_UNTIL_RESTART),
    'image_snapshot_pending': (STUCK, STUCK_UNTIL_RESTART),
    'image_uploading': (STUCK, STUCK_UNTIL_RESTART),
    'migrating': (STUCK_RUNNING, STUCK_UNTIL_RESTART),
    'networking': (STUCK_RUNNING, STUCK_KEPT),
    'pausing': (STUCK_HALFWAY, STUCK_HALFWAY),
    'powering-off': (STUCK_HALFWAY, STUCK_HALFWAY),
    'powering-on': (STUCK_BOOTING, STUCK_BOOTING),
    'reboot_pending': (STUCK_BOOTING, STUCK_BOOTING),
    'reboot_pending_hard': (STUCK_BOOTING, STUCK_BOOTING),
    'reboot_started': (STUCK_BOOTING, STUCK_BOOTING),
    'reboot_started_hard': (STUCK_BOOTING, STUCK_BOOTING),
    'rebooting': (STUCK_BOOTING, STUCK_BOOTING),
    'rebooting_hard': (STUCK_BOOTING, STUCK_BOOTING),
    'rebuild_block_device_mapping': (STUCK_REBUILDING, STUCK_REBUILDING),
    'rebuild_spawning': (STUCK_REBUILDING, STUCK_REBUILDING),
    'rebuilding': (STUCK_REBUILDING, STUCK_REBUILDING),
    'rescuing': (STUCK_BOOTING, STUCK_BOOTING),
    'resize_confirming': (STUCK_RUNNING, STUCK_KEPT),
    'resize_finish': (STUCK_RESIZING, STUCK_RESIZING),
    'resize_migrated': (STUCK_RESIZING, STUCK_RESIZING),
    'resize_migrating': (STUCK_COPYING, STUCK_COPYING),
    'resize_prep': (STUCK_RUNNING, STUCK_UNTIL_RESTART),
    'resize_reverting': (STUCK_RESIZING, STUCK_KEPT),
    'restoring': (STUCK_RUNNING, STUCK_KEPT),
    'resuming': (STUCK_RUNNING, STUCK_KEPT),
    'scheduling': (STUCK_RUNNING, STUCK_KEPT),
    'shelving': (STUCK_HALFWAY, STUCK_HALFWAY),
    'shelving_image_pending_upload': (STUCK_HALFWAY, STUCK_HALFWAY),
    'shelving_image_uploading': (STUCK_HALFWAY, STUCK_HALFWAY),
    'shelving_offloading': (STUCK_RUNNING, STUCK_KEPT),
    'soft-deleting': (STUCK_DELETING, STUCK_DELETING),
    'spawning': (STUCK_RUNNING, STUCK_KEPT),
    'suspending': (STUCK_RUNNING, STUCK_KEPT),
    'unpausing': (STUCK_HALFWAY, STUCK_HALFWAY),
    'unrescuing': (STUCK_BOOTING, STUCK_BOOTING),
    'unshelving': (STUCK_RUNNING, STUCK_KEPT),
    'updating_password': (STUCK, STUCK_KEPT),
}
"""Every task state of Nova -> what ends it if the server is ACTIVE, and if it
is not."""

UNKNOWN = (STUCK_RUNNING, STUCK_KEPT)

COMMANDS = {
    'pausing': 'pause',
    'powering-off': 'stop',
    'shelving': 'shelve',
    'shelving_image_pending_upload': 'shelve',
    'shelving_image_uploading': 'shelve',
    # It may be paused or not: it is once more, and its owner can unpause it.
    'unpausing': 'pause',
}
"""Task state -> what to ask for again; each is harmless to a server that is
so already."""


UNTIL_RESTART = frozenset({STUCK_UNTIL_RESTART, STUCK_COPYING})
"""What a restart ends; a server in ERROR keeps its state, and its task."""


def is_stuck(instance: Instance) -> bool:
    """Return True if the task or build of an instance stands for too long."""
    is_building = instance.vm_state == VmState.BUILDING
    is_at_work = bool(instance.task_state) or is_building
    return is_at_work and instance.task_age_s >= STUCK_S


def about(instance: Instance) -> Finding:
    """Return in which task an instance is stuck, and what ends that.

    A build has a moment without a task, in which it is told as the task.
    """
    reason = _reason(instance)
    task = instance.task_state or instance.vm_state
    facts: dict[str, Fact] = {}
    if reason is STUCK_HALFWAY:
        facts['command'] = COMMANDS[task]
    return reason.about(
        instance.name,
        task_state=task,
        hours=instance.task_age_s // STUCK_S,
        uuid=instance.uuid,
        host=instance.elsewhere or instance.host,
        vm_state=instance.vm_state,
        **facts,
    )


def _reason(instance: Instance) -> Reason:
    if_active, otherwise = TASKS.get(instance.task_state, UNKNOWN)
    if STUCK_DELETING in (if_active, otherwise):
        return STUCK_DELETING
    if instance.vm_state == VmState.BUILDING:
        return STUCK_BUILDING
    if instance.vm_state == VmState.ERROR:
        return if_active if if_active in UNTIL_RESTART else STUCK_IN_ERROR
    return if_active if instance.vm_state == VmState.ACTIVE else otherwise
