# SPDX-License-Identifier: Apache-2.0

"""Give services back what they had before a plan that has failed."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from oslo_log import log

from watcher_host_maintenance._i18n import _
from watcher_host_maintenance.cloud.records import Service
from watcher_host_maintenance.core.model.request import MAINTAINING_REASON
from watcher_host_maintenance.plugin.actions.session import Cloud


LOG = log.getLogger(__name__)


def enable(
    cloud: Cloud, host: str, reason: str = MAINTAINING_REASON
) -> Iterator[str]:
    """Enable a node that the plan has disabled.

    One that has been given another reason since then stays disabled.

    :param reason: what the plan has disabled it with
    :returns: a sentence if it was done, for a person
    """
    service = cloud.service(host)
    if service is None or service.status != 'disabled':
        return
    if service.disabled_reason != reason:
        LOG.warning('%s is disabled: %s', host, service.disabled_reason)
        return
    with cloud.asking(f'PUT /os-services/{service.id}') as client:
        client.services.enable(service.id)
    yield _('%s is enabled again.') % host


def disable(
    cloud: Cloud, spares: Sequence[Mapping[str, str]]
) -> Iterator[str]:
    """Disable the unused nodes that the plan has enabled for nothing.

    :param spares: of each, ``resource_name`` and ``disabled_reason``
    :returns: a sentence for each, for a person
    """
    for spare in spares:
        host, reason = spare['resource_name'], spare['disabled_reason']
        service = _idle(cloud, host)
        if service is not None:
            with cloud.asking(f'PUT /os-services/{service.id}') as client:
                client.services.disable_log_reason(service.id, reason)
            yield _('%s is disabled again.') % host


def _idle(cloud: Cloud, host: str) -> Service | None:
    """Return the service of a node if it is enabled, and nothing is there.

    :returns: None if not, or if something is on its way there
    """
    with cloud.ending():
        nova = cloud.nova
        is_busy = bool(nova.servers(host) or nova.migrations(host))
    service = None if is_busy else cloud.service(host)
    is_enabled = service is not None and service.status == 'enabled'
    return service if is_enabled else None
