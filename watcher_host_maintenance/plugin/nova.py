#    Licensed under the Apache License, Version 2.0 (the "License"); you may
#    not use this file except in compliance with the License. You may obtain
#    a copy of the License at
#
#         http://www.apache.org/licenses/LICENSE-2.0
#
#    Unless required by applicable law or agreed to in writing, software
#    distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
#    WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
#    License for the specific language governing permissions and limitations
#    under the License.

"""Reads from Nova, over Watcher's own session and configuration."""

import contextlib
import dataclasses

from collections.abc import Callable
from collections.abc import Iterator
from typing import Any
from typing import cast

import novaclient

from keystoneauth1 import discover
from keystoneauth1 import exceptions as keystone_exceptions
from keystoneauth1 import loading
from novaclient import api_versions
from novaclient import client
from watcher import conf

from watcher_host_maintenance import exceptions
from watcher_host_maintenance.core.reasons import Finding
from watcher_host_maintenance.core.reasons import Reason
from watcher_host_maintenance.plugin import names


CONF = conf.CONF

LEAST_VERSION = '2.56'
"""The first microversion that migrates a server cold to a named host."""

LATEST_VERSION = '2.96'
"""The latest microversion whose answers are known here."""

MIB_PER_GIB = 1024

HOST = 'OS-EXT-SRV-ATTR:host'

HYPERVISORS_VERSION = '2.87'
"""From 2.88 on Nova may ask every compute host for its uptime to list it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Service:
    """A nova-compute service with its hypervisors.

    :ivar host: the service host
    :ivar status: 'enabled' or 'disabled'
    :ivar state: 'up' or 'down'
    :ivar disabled_reason: '' when there is none
    :ivar hypervisors: hypervisor hostname -> (UUID, type), by name
    """

    host: str
    status: str
    state: str
    disabled_reason: str
    hypervisors: dict[str, tuple[str, str]]


@dataclasses.dataclass(frozen=True, slots=True)
class Server:
    """A server on the compute node where Nova has it now.

    :ivar vm_state: 'active', 'stopped', ...
    :ivar task_state: '' when Nova does nothing with it
    :ivar resources: resource class -> amount of its flavor, as Nova asks
        Placement for them; no zeroes
    """

    uuid: str
    name: str
    vm_state: str
    task_state: str
    resources: dict[str, int]


class Nova:
    """Reads for one audit.

    Every method raises :class:`watcher_host_maintenance.exceptions.NotPlanned`
    naming the call when Nova does not answer it.
    """

    def __init__(self) -> None:
        connect = _negotiate()
        self._client = connect(LATEST_VERSION)
        self._hypervisor_client = connect(HYPERVISORS_VERSION)

    def services(self) -> dict[str, Service]:
        """Return service host -> nova-compute service."""
        hypervisors: dict[str, dict[str, tuple[str, str]]] = {}
        for hypervisor in self._hypervisors():
            name = hypervisor.hypervisor_hostname
            kind = hypervisor.hypervisor_type or ''
            host = hypervisors.setdefault(hypervisor.service['host'], {})
            host[name] = (hypervisor.id, kind)
        return {
            s.host: Service(
                host=s.host,
                # Of a cell that does not answer Nova tells the host alone,
                # with the status UNKNOWN.
                status='enabled' if s.status == 'enabled' else 'disabled',
                state=getattr(s, 'state', 'down'),
                disabled_reason=getattr(s, 'disabled_reason', None) or '',
                hypervisors=dict(sorted(hypervisors.get(s.host, {}).items())),
            )
            for s in self._services()
        }

    def servers(self, host: str) -> list[Server]:
        """Return the servers on a host, of every project."""
        with _naming(f'GET /servers/detail?host={host}'):
            found = self._client.servers.list(
                search_opts={'all_tenants': True, 'host': host}, limit=-1
            )
            astray = [s for s in found if getattr(s, HOST) != host]
            if astray:
                # Without the right to filter Nova answers with every server.
                raise ValueError(f'{len(astray)} servers of other hosts')
            return [_server(s) for s in found]

    def _services(self) -> list[Any]:
        with _naming('GET /os-services'):
            return cast(
                list[Any],
                self._client.services.list(binary=names.COMPUTE_SERVICE),
            )

    def _hypervisors(self) -> Iterator[Any]:
        """Read all pages: Nova gives at most max_limit, 1000, at once."""
        marker = None
        while True:
            with _naming('GET /os-hypervisors/detail'):
                page = self._hypervisor_client.hypervisors.list(
                    detailed=True, marker=marker
                )
            yield from page
            if not page:
                return
            marker = page[-1].id


def _server(server: Any) -> Server:
    flavor = server.flavor
    # Booted from a volume: the root disk is not on the node.
    root_gb = flavor['disk'] if server.image else 0
    swap_gb = -(-(flavor['swap'] or 0) // MIB_PER_GIB)
    amounts = {
        'VCPU': flavor['vcpus'],
        'MEMORY_MB': flavor['ram'],
        'DISK_GB': root_gb + flavor['ephemeral'] + swap_gb,
    }
    return Server(
        uuid=server.id,
        name=server.name,
        vm_state=getattr(server, 'OS-EXT-STS:vm_state'),
        task_state=getattr(server, 'OS-EXT-STS:task_state') or '',
        resources={c: amount for c, amount in amounts.items() if amount},
    )


@contextlib.contextmanager
def _naming(call: str) -> Iterator[None]:
    """Turn any failure of a call into NotPlanned that names the call."""
    try:
        yield
    except Exception as exc:
        # Not only the client libraries' own errors: a proxy that answers
        # with a page of its own makes them stumble over what they read.
        facts = {'call': call, 'error': exceptions.first_line(exc)}
        finding = Finding(Reason.NOVA_FAILED, facts=facts)
        raise exceptions.NotPlanned(finding) from exc


def _negotiate() -> Callable[[str], Any]:
    """Find Nova, and out which microversions both sides speak.

    :returns: a maker of clients: it takes the latest microversion to speak
    """
    with _naming('GET /'):
        session, endpoint = _discover()
    offered = api_versions.APIVersion(
        discover.version_to_string(endpoint.max_microversion or (2, 0))
    )
    if offered < api_versions.APIVersion(LEAST_VERSION):
        facts = {'offered': offered.get_string(), 'wanted': LEAST_VERSION}
        raise exceptions.NotPlanned(Finding(Reason.NOVA_TOO_OLD, facts=facts))

    def connect(latest: str) -> Any:
        spoken = min(
            api_versions.APIVersion(latest), novaclient.API_MAX_VERSION
        )
        version = min(offered, spoken)
        return client.Client(
            version, session=session, endpoint_override=endpoint.url
        )

    return connect


def _discover() -> tuple[Any, Any]:
    """Find Nova by Watcher's options, and what it offers.

    novaclient's own discovery sends a microversion, which an older Nova
    answers with 406, and does not understand an endpoint without ``v2.1``.
    """
    auth_group = 'nova'
    auth = loading.load_auth_from_conf_options(CONF, auth_group)
    if auth is None:
        auth_group = 'watcher_clients_auth'
        auth = loading.load_auth_from_conf_options(CONF, auth_group)
    session = loading.load_session_from_conf_options(
        CONF, auth_group, auth=auth
    )
    adapter = loading.load_adapter_from_conf_options(
        CONF,
        'nova',
        session=session,
        service_type=CONF.nova.service_type or 'compute',
    )
    endpoint = adapter.get_endpoint_data()
    if endpoint is None or endpoint.url is None:
        raise keystone_exceptions.EndpointNotFound
    if endpoint.max_microversion is None:
        # Too old, or silent: with a catalog keystoneauth then returns what
        # that says, and no error. This raises it.
        discover.get_discovery(session, endpoint.url)
    return session, endpoint
