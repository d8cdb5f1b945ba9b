# SPDX-License-Identifier: Apache-2.0

"""Nova's own tables: names and values that Nova gives to things.

Data alone. What follows from them is judged by the rules, and a second time
by the checker.
"""

import enum


AUTO = 'AUTO: '
"""How the reason begins with which Nova's libvirt driver disables a node.

It does so when it loses libvirt, and enables the node when libvirt is back;
nova-compute stays up. Source: ``nova.virt.libvirt.driver.DISABLE_PREFIX``.
"""


class VmState(enum.StrEnum):
    """Every ``vm_state`` of an instance.

    Source: ``nova.compute.vm_states``.
    """

    ACTIVE = 'active'
    BUILDING = 'building'
    DELETED = 'deleted'
    ERROR = 'error'
    PAUSED = 'paused'
    RESCUED = 'rescued'
    RESIZED = 'resized'
    SHELVED = 'shelved'
    SHELVED_OFFLOADED = 'shelved_offloaded'
    SOFT_DELETED = 'soft-delete'
    STOPPED = 'stopped'
    SUSPENDED = 'suspended'
