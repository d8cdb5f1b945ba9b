# SPDX-License-Identifier: Apache-2.0

"""Servers in ERROR whose guest is there all the same, and what helps them.

Nova 33 and later leave a server so when its live migration fails or is
aborted, though its guest goes on at the source. Once its state was set it is
ACTIVE, whatever it was before: one that was PAUSED is to be paused again,
which changes nothing in a guest that still is.

Source: ``_do_live_migration`` in ``nova.compute.manager``, and
``_reset_state`` in ``nova.api.openstack.compute.admin_actions``.
"""

from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Fact
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.reasons import Reason


ALIVE = frozenset({'paused', 'running'})
"""Power states of a guest that is there, whatever its vm_state says."""

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


def declare(
    of: Of, running: str, paused: str, says: str
) -> tuple[Reason, Reason]:
    """Declare a reason for a guest that runs, and one that is paused.

    :param running: value of the first
    :param paused: value of the second
    :param says: of both
    """
    return (
        of.declare(running, says=says, helps=SETS_ACTIVE),
        of.declare(paused, says=says, helps=SETS_PAUSED),
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
