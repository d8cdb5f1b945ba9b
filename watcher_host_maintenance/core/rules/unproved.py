# SPDX-License-Identifier: Apache-2.0

"""What no API can prove to fit: only the compute host knows it.

Dedicated CPUs, NUMA cells, huge pages and devices are counted there, and
some of them Nova does not live migrate at all. Capabilities of a host are
known to nova-scheduler, which does not report them.
"""

import re

from watcher_host_maintenance.core.model.nova import CAPABILITIES
from watcher_host_maintenance.core.model.nova import CLAIM_PREFIXES
from watcher_host_maintenance.core.model.nova import CLAIMS
from watcher_host_maintenance.core.model.nova import DEDICATED
from watcher_host_maintenance.core.model.nova import HOST_STATE
from watcher_host_maintenance.core.model.nova import SWITCHES
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.rules import extra_specs
from watcher_host_maintenance.core.rules import ports


UNPROVED = Of.INSTANCE.declare(
    'unproved',
    says=N_('{subject} needs {asks_for}; no API can prove that it fits'),
    helps=N_('Move it by hand, or: -p allow_unproved_moves=true'),
)


GROUP = re.compile('(resources|trait)[A-Za-z0-9_-]+:')
"""Extra specs of groups with a suffix: they ask for something below the node.

``group_policy`` only says how such groups lie to each other.
"""


def asked_for(instance: Instance) -> tuple[str, ...]:
    """Return what an instance asks for that nothing read here can prove.

    :returns: extra specs, by name, those that its image stands for among
        them, then resource classes that it holds below the node, or that its
        ports ask for there; empty when everything can be proved
    """
    specs = sorted(instance.specs.items())
    claimed = [name for name, text in specs if _is_claimed(name, text)]
    pinned = [c for c in ('PCPU',) if c in instance.resources and not claimed]
    vnics = (f'port of type {vnic}' for vnic in ports.claimed(instance))
    below = sorted({*instance.nested, *ports.requested(instance)})
    return (*claimed, *pinned, *below, *vnics)


def is_unproved(instance: Instance) -> bool:
    """Return True if nothing read here proves where an instance fits."""
    return bool(asked_for(instance) or instance.unread)


def _is_claimed(name: str, text: str) -> bool:
    if name == 'hw:cpu_policy':
        return text in DEDICATED
    if name in SWITCHES:
        return extra_specs.is_true(text)
    if found := GROUP.match(name):
        return found[1] == 'trait' or bool(text.strip('0'))
    if name in CLAIMS or name.startswith(CLAIM_PREFIXES):
        # One label after another, or none.
        return bool(text.strip(', '))
    return name.startswith(CAPABILITIES) or name in HOST_STATE
