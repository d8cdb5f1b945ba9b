# SPDX-License-Identifier: Apache-2.0

"""Servers in ERROR whose guest is there all the same, and what helps them.

Nova 33 and later leave a server so when its live migration fails or is
aborted, though its guest goes on at the source. Once its state was set it is
ACTIVE, whatever it was before: one that was PAUSED is to be paused again,
which changes nothing in a guest that still is.

Of any other server in ERROR the power state proves less. Nova reads it from
the hypervisor every ten minutes: after a rebuild or a resize that failed its
guest may be gone already, or run on with what it had. Only its fault tells.

Source: ``_do_live_migration`` in ``nova.compute.manager``, and
``_reset_state`` in ``nova.api.openstack.compute.admin_actions``.
"""

from watcher_host_maintenance.core.model.nova import VmState
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Fact
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.reasons import Reason


ALIVE = frozenset({'paused', 'running'})
"""Power states of a guest that is there, whatever its vm_state says."""


def is_in_error(vm_state: str, power_state: str) -> bool:
    """Return True if a server is in ERROR and its guest was last seen."""
    return vm_state == VmState.ERROR and power_state in ALIVE


SETS_ACTIVE = N_(
    'Check its console, then: openstack server set --state active {uuid}'
)
SETS_PAUSED = N_(
    'openstack server set --state active {uuid}; openstack server pause {uuid}'
)
"""What helps one whose guest runs, and one whose guest is paused.

The console of that shows nothing new; to look at it first would leave no room
for both commands in a status message.
"""

SETS_ACTIVE_IF_WHOLE = N_(
    'See its fault. If its guest is whole: openstack server set --state '
    'active {uuid}'
)
SETS_PAUSED_IF_WHOLE = N_(
    'See its fault. If its guest is whole: openstack server set --state '
    'active {uuid}, then pause it again.'
)
"""What helps if no live migration of it is known to have failed."""


def declare(
    of: Of,
    running: str,
    paused: str,
    says: str,
    helps: tuple[str, str] = (SETS_ACTIVE, SETS_PAUSED),
) -> tuple[Reason, Reason]:
    """Declare a reason for a guest that runs, and one that is paused.

    :param running: value of the first
    :param paused: value of the second
    :param says: of both
    """
    return (
        of.declare(running, says=says, helps=helps[0]),
        of.declare(paused, says=says, helps=helps[1]),
    )


def about(
    running: Reason, paused: Reason, name: str, power_state: str, **facts: Fact
) -> Finding:
    """Return the one of two reasons that is about the guest of a server.

    :param power_state: one of :data:`ALIVE`
    :param facts: others; its UUID is one of them
    """
    reason = paused if power_state == 'paused' else running
    return reason.about(name, power_state=power_state, **facts)
