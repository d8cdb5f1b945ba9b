# SPDX-License-Identifier: Apache-2.0

"""Services get back what they had before a plan that has failed."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from oslo_log import log

from watcher_host_maintenance._i18n import _
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.core.model.request import MAINTAINING_REASON
from watcher_host_maintenance.plugin.actions import session


LOG = log.getLogger(__name__)


def enable(asked: session.Cloud, host: str) -> Iterator[str]:
    """Enable a node that the plan has disabled.

    One that somebody has given another reason since stays disabled.

    :returns: a sentence if it was done, for a person
    """
    found = asked.service(host)
    if found is None or found.status != 'disabled':
        return
    if found.disabled_reason != MAINTAINING_REASON:
        LOG.warning('%s is disabled: %s', host, found.disabled_reason)
        return
    with asked.asking(f'PUT /os-services/{found.id}') as client:
        client.services.enable(found.id)
    yield _('%s is enabled again.') % host


def disable(
    asked: session.Cloud, spares: Sequence[Mapping[str, str]]
) -> Iterator[str]:
    """Disable the unused nodes that the plan has enabled for nothing.

    :param spares: of each, ``resource_name`` and ``disabled_reason``
    :returns: a sentence for each, for a person
    """
    for spare in spares:
        host, reason = spare['resource_name'], spare['disabled_reason']
        found = _idle(asked, host)
        if found is not None:
            with asked.asking(f'PUT /os-services/{found.id}') as client:
                client.services.disable_log_reason(found.id, reason)
            yield _('%s is disabled again.') % host


def _idle(asked: session.Cloud, host: str) -> Any:
    """Return the service of a node if it is enabled, and nothing is there.

    :returns: None if not, or if something is on its way there
    """
    try:
        with asked.anew():
            busy = bool(asked.nova.servers(host)) or any(
                host in m.ends for m in asked.nova.migrations()
            )
    except NotPlanned as exc:
        raise session.failed(exc) from exc
    found = None if busy else asked.service(host)
    return found if found is not None and found.status == 'enabled' else None
