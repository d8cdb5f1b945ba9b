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

import dataclasses

from collections.abc import Iterator
from typing import Any
from typing import cast

from keystoneauth1 import exceptions as keystone_exceptions
from keystoneauth1 import loading
from novaclient import api_versions
from novaclient import client
from novaclient import exceptions as nova_exceptions
from watcher import conf

from watcher_host_maintenance import exceptions
from watcher_host_maintenance.core.reasons import Finding
from watcher_host_maintenance.core.reasons import Reason
from watcher_host_maintenance.plugin import names


CONF = conf.CONF

LEAST_VERSION = '2.56'
"""The first microversion that migrates a server cold to a named host."""

LATEST_VERSION = '2.96'
"""The latest microversion that python-novaclient speaks."""


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


class Nova:
    """Reads for one audit.

    Every method raises :class:`watcher_host_maintenance.exceptions.NotPlanned`
    naming the call when Nova does not answer it.
    """

    def __init__(self) -> None:
        self._client = _connect()

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
                status=s.status,
                state=s.state,
                disabled_reason=s.disabled_reason or '',
                hypervisors=dict(sorted(hypervisors.get(s.host, {}).items())),
            )
            for s in self._services()
        }

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
                page = self._client.hypervisors.list(
                    detailed=True, marker=marker
                )
            yield from page
            if not page:
                return
            marker = page[-1].id


class _naming:
    """Turn any failure of a call into NotPlanned that names the call."""

    def __init__(self, call: str):
        self.call = call

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if isinstance(
            error,
            (
                nova_exceptions.ClientException,
                keystone_exceptions.ClientException,
            ),
        ):
            finding = Finding(
                Reason.NOVA_FAILED,
                facts={'call': self.call, 'error': exceptions.first_line(error)},
            )
            raise exceptions.NotPlanned(finding) from error


def _connect() -> Any:
    """Make a client for the latest microversion that both sides speak."""
    with _naming('GET /'):
        auth_group = 'nova'
        auth = loading.load_auth_from_conf_options(CONF, auth_group)
        if auth is None:
            auth_group = 'watcher_clients_auth'
            auth = loading.load_auth_from_conf_options(CONF, auth_group)
        session = loading.load_session_from_conf_options(
            CONF, auth_group, auth=auth
        )
        where = {
            'session': session,
            'endpoint_override': CONF.nova.endpoint_override,
            'region_name': CONF.nova.region_name,
            'interface': CONF.nova.valid_interfaces,
        }
        latest = client.Client(LATEST_VERSION, **where)
        version = api_versions.discover_version(
            latest, api_versions.APIVersion('2.latest')
        )
        return client.Client(version, **where)

