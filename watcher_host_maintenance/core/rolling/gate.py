# SPDX-License-Identifier: Apache-2.0

"""Whether the nodes that came back let another wave begin."""

from collections.abc import Iterator

from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.rolling import RollRequest
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.rolling.progress import Next
from watcher_host_maintenance.core.rolling.progress import Stand
from watcher_host_maintenance.core.rules import roles


CLOSED_AGAIN = Of.WAVE.declare(
    'closed_again',
    says=N_('{subject} came back, but is disabled again: {disabled_reason}'),
    helps=N_('Return it to service, or remove it from the nodes to maintain.'),
)

DOWN_AGAIN = Of.WAVE.declare(
    'down_again',
    says=N_('{subject} came back, but nova-compute is down'),
    helps=N_(
        'Start nova-compute there, or remove it from the nodes to maintain.'
    ),
)


def findings(
    snapshot: Snapshot, request: RollRequest, found: Next
) -> Iterator[Finding]:
    """Yield what is wrong with the nodes that are done.

    A node that came back as the spare that it was is disabled. One that Nova
    does not have any more is not waited for.
    """
    for hostname in found.which(Stand.DONE):
        node = snapshot.by_hostname.get(hostname)
        if node is None:
            continue
        is_spare = roles.has_spare_reason(node, request)
        if node.status == 'disabled' and not is_spare:
            reason = node.disabled_reason or None
            yield CLOSED_AGAIN.about(hostname, disabled_reason=reason)
        elif node.state == 'down':
            yield DOWN_AGAIN.about(hostname)
