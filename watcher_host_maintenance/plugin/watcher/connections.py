# SPDX-License-Identifier: Apache-2.0

"""Nova and Placement by Watcher's own configuration."""

from collections.abc import Collection
from typing import Any

from keystoneauth1 import loading
from keystoneauth1.adapter import Adapter
from watcher import conf

from watcher_host_maintenance.cloud import optional
from watcher_host_maintenance.cloud.errors import NEUTRON
from watcher_host_maintenance.cloud.errors import NOVA
from watcher_host_maintenance.cloud.errors import PLACEMENT
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.errors import connecting
from watcher_host_maintenance.cloud.neutron import Neutron
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.optional import OptionalServices
from watcher_host_maintenance.cloud.placement import Placement
from watcher_host_maintenance.cloud.prometheus import Prometheus
from watcher_host_maintenance.cloud.settings import DEFAULT
from watcher_host_maintenance.cloud.settings import Settings
from watcher_host_maintenance.request.options import RETURN_GROUP
from watcher_host_maintenance.request.options import RETURN_OPTIONS
from watcher_host_maintenance.request.parameters import BAD_OPTION


CONF = conf.CONF


def connect_nova(settings: Settings = DEFAULT) -> Nova:
    """Connect to Nova.

    :raises watcher_host_maintenance.cloud.errors.NotPlanned: it does not
        answer, is too old, or the options make no sense
    """
    with connecting(NOVA):
        adapter = _adapter('nova', 'compute')
    return Nova(adapter, settings)


def connect_placement(osc: Any, settings: Settings = DEFAULT) -> Placement:
    """Connect to Placement, when it is first asked.

    :param osc: Watcher's OpenStackClients; Watcher 16 has no other way
    :raises watcher_host_maintenance.cloud.errors.NotPlanned: the options
        make no sense
    """
    with connecting(PLACEMENT):
        adapter = (
            _adapter('placement', 'placement')
            if 'placement' in CONF
            else osc.placement()
        )
        return Placement(adapter, settings)


def connect_neutron(settings: Settings = DEFAULT) -> Neutron:
    """Connect to Neutron, with what Watcher has for Nova.

    :raises watcher_host_maintenance.cloud.errors.NotPlanned: the options
        make no sense
    """
    with connecting(NEUTRON):
        return Neutron(_adapter_beside_nova('network'), settings)


def connect_optional(
    wanted: Collection[str], settings: Settings = DEFAULT
) -> OptionalServices:
    """Connect to what a cloud may lack, with what Watcher has for Nova.

    :param wanted: what is to be read
    :raises watcher_host_maintenance.cloud.errors.NotPlanned: the options
        make no sense
    """
    with connecting(NOVA):
        return optional.connect(_adapter_beside_nova, wanted, settings)


def _adapter_beside_nova(service_type: str) -> Adapter:
    nova = _adapter('nova', 'compute')
    return Adapter(
        nova.session,
        service_type=service_type,
        interface=nova.interface,
        region_name=nova.region_name,
    )


def unfit_series(host: str) -> list[str]:
    """Return the series by which Prometheus says that a node is unfit.

    :returns: empty where no query is configured
    :raises watcher_host_maintenance.cloud.errors.NotPlanned: the query has no
        answer, or the options make no sense
    """
    # The applier loads no strategy.
    CONF.register_opts(RETURN_OPTIONS, RETURN_GROUP)
    options = CONF[RETURN_GROUP]
    query, url = options['unfit_query'], options['prometheus_url']
    if not query:
        return []
    if not url:
        raise NotPlanned(BAD_OPTION.about('prometheus_url'))
    return Prometheus(url).series(query.replace('{host}', host))


def _adapter(group: str, service_type: str) -> Adapter:
    """Build an adapter from a group of options, as Watcher itself does.

    A group without an auth plugin falls back to ``watcher_clients_auth``.
    """
    auth_group = group
    auth = loading.load_auth_from_conf_options(CONF, auth_group)
    if auth is None:
        auth_group = 'watcher_clients_auth'
        auth = loading.load_auth_from_conf_options(CONF, auth_group)
    session = loading.load_session_from_conf_options(
        CONF, auth_group, auth=auth
    )
    return loading.load_adapter_from_conf_options(
        CONF,
        group,
        session=session,
        service_type=CONF[group].service_type or service_type,
    )
