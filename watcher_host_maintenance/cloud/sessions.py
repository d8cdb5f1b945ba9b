# SPDX-License-Identifier: Apache-2.0

"""Connections to Nova and Placement, over keystoneauth adapters.

An adapter holds a session and describes an endpoint: service type, interface,
region or override. Whoever makes it decides where both come from.
"""

from collections.abc import Callable
from typing import Any

import novaclient

from keystoneauth1 import discover
from keystoneauth1 import exceptions as keystone_exceptions
from keystoneauth1.adapter import Adapter
from novaclient import api_versions
from novaclient import client

from watcher_host_maintenance.cloud.errors import NOVA
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.errors import connecting
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Of


NOVA_TOO_OLD = Of.READ.declare(
    'nova_too_old',
    says=N_(
        'Nova offers microversion {offered} at most; {wanted} is the least '
        'that will do'
    ),
    helps=N_('Upgrade Nova.'),
)

LEAST_NOVA = '2.56'
"""The first microversion that migrates a server cold to a named host."""


def limit_timeout(adapter: Adapter, timeout_s: float) -> None:
    """Give the session of an adapter a timeout, unless it has one."""
    if adapter.session.timeout is None:
        adapter.session.timeout = timeout_s


def connect_nova(adapter: Adapter) -> Callable[..., Any]:
    """Find Nova, and negotiate the microversion.

    :returns: a factory of novaclients: it takes the latest microversion that
        the caller understands. With ``is_raw`` that may be one that
        novaclient has no methods for
    :raises NotPlanned: Nova cannot be found, or is too old
    """
    with connecting(NOVA, adapter.session):
        endpoint = _discover_nova(adapter)
    offered = api_versions.APIVersion(
        discover.version_to_string(endpoint.max_microversion or (2, 0))
    )
    if offered < api_versions.APIVersion(LEAST_NOVA):
        text = offered.get_string()
        raise NotPlanned(NOVA_TOO_OLD.about(offered=text, wanted=LEAST_NOVA))

    def connect(latest: str, is_raw: bool = False) -> Any:
        wanted = min(offered, api_versions.APIVersion(latest))
        novaclient_ = client.Client(
            min(wanted, novaclient.API_MAX_VERSION),
            session=adapter.session,
            endpoint_override=endpoint.url,
        )
        if is_raw:
            # novaclient refuses to be made for a version that it has no
            # methods for, but it sends whatever request it is told to.
            novaclient_.client.api_version = wanted
        return novaclient_

    return connect


def _discover_nova(adapter: Adapter) -> Any:
    """Return what Nova offers, as keystoneauth's EndpointData.

    novaclient's own discovery sends a microversion, which an older Nova
    answers with 406, and does not understand an endpoint without ``v2.1``.
    """
    endpoint = adapter.get_endpoint_data()
    if endpoint is None or endpoint.url is None:
        raise keystone_exceptions.EndpointNotFound
    if endpoint.max_microversion is None:
        # Too old, or silent: with a catalog keystoneauth then returns what
        # that says, and no error. This raises it.
        discover.get_discovery(adapter.session, endpoint.url)
    return endpoint
