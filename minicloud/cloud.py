# SPDX-License-Identifier: Apache-2.0

"""A minicloud as a fixture."""

import dataclasses
import os
import secrets
import sys
import tempfile

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import NamedTuple

import fixtures

from minicloud import accounts
from minicloud import audits
from minicloud import child
from minicloud import clients
from minicloud import credentials
from minicloud import description
from minicloud import exceptions
from minicloud import faults
from minicloud import files
from minicloud import population
from minicloud import processors
from minicloud import settings
from minicloud import waiting
from minicloud import wsgi
from minicloud.saves import Save
from minicloud.saves import Saves


_APIS: dict[str, tuple[str, ...]] = {
    'nova': (
        'compute',
        'placement',
        'image',
        'network',
        'volume',
        'identity',
        'metadata',
        'nova-control',
    ),
    'watcher': ('infra-optim', 'watcher-control'),
}
_APIS_WITH_KEYSTONE = {
    'keystone': ('identity', 'keystone-control'),
    'nova': tuple(api for api in _APIS['nova'] if api != 'identity'),
    'watcher': _APIS['watcher'],
}
_APIS_OF_NEUTRON = ('network', 'neutron-control')
#: For an audit or a plan that has begun to come to its end.
_IDLE_S = 10


class Server(NamedTuple):
    """A server as Nova lists it; without a host when shelved offloaded."""

    status: str
    host: str | None


class Service(NamedTuple):
    """A compute service as Nova lists it."""

    status: str
    state: str
    disabled_reason: str | None


class Cloud(audits.Audits, fixtures.Fixture):
    """Real Nova, Placement and Watcher, filled as described.

    Usable as a context manager, or by useFixture() of a test.

    :ivar nova: novaclient of an administrator, microversion 2.96
    :ivar placement: keystoneauth adapter, newest microversion
    :ivar watcher: keystoneauth adapter, newest microversion
    :ivar clients: :class:`minicloud.clients.Clients`
    :ivar faults: :class:`minicloud.faults.Faults`
    :ivar accounts: :class:`minicloud.accounts.Accounts`; with Keystone only
    :ivar passwords: user -> password; empty without Keystone
    :ivar urls: API name ('compute', 'placement', 'infra-optim') -> endpoint
    :ivar directory: where its databases, configuration and logs are
    """

    def __init__(
        self,
        wanted: Mapping[str, Any] | description.Description,
        nova_options: Mapping[str, Mapping[str, Any]] | None = None,
        watcher_options: (Mapping[str, Mapping[str, Any]] | None) = None,
        nova_python: str = sys.executable,
        watcher_python: str = sys.executable,
        keystone: bool = False,
        neutron_python: str = '',
        saves: Saves | None = None,
        timeout_s: float = 180,
    ) -> None:
        """Check the description; setUp() starts the cloud.

        :param nova_options: section -> option -> value for nova.conf
        :param watcher_options: the same for watcher.conf
        :param nova_python: the interpreter Nova and Placement are under
        :param watcher_python: the interpreter Watcher is under
        :param keystone: with a real Keystone, and services that ask it; it
            is under this interpreter
        :param neutron_python: the interpreter of a real Neutron, which
            takes every caller for an administrator; '' is none
        :param saves: where to look for a cloud that was filled like this,
            and where to keep this one; not with Keystone or Neutron
        :param timeout_s: for the start of each process
        :raises DescriptionError: the description is not valid
        """
        super().__init__()
        if not isinstance(wanted, description.Description):
            wanted = description.parse(wanted)
        self.description = wanted
        self._apis = dict(_APIS_WITH_KEYSTONE if keystone else _APIS)
        if neutron_python:
            self._apis['nova'] = tuple(
                api for api in self._apis['nova'] if api != 'network'
            )
            self._apis['neutron'] = _APIS_OF_NEUTRON
        self.passwords = credentials.passwords() if keystone else {}
        self._options = {
            'nova': nova_options or {},
            'watcher': watcher_options or {},
        }
        self._pythons = {
            'nova': nova_python,
            'watcher': watcher_python,
            'neutron': neutron_python,
        }
        self._timeout_s = timeout_s
        self._saves = None if keystone or neutron_python else saves
        self._save = self._find_save()

    def setUp(self) -> None:
        """Start, fill, and wait until Watcher serves too.

        :raises CloudError: it did not start; with the tails of the logs.
            Nothing is left behind.
        """
        try:
            super().setUp()
        except fixtures.MultipleExceptions as exc:
            # The first is the cause; fixtures adds one of its own.
            raise exc.args[0][1] from None

    def _setUp(self) -> None:  # noqa: N802
        self.directory = os.path.join(
            tempfile.gettempdir(), f'minicloud-{secrets.token_hex(8)}'
        )
        self.addCleanup(files.remove, self.directory)
        self._children: dict[str, child.Child] = {}
        self._configs: dict[str, settings.Settings] = {}
        self.addCleanup(self._stop)
        self._start()
        self._connect()
        for name in ('keystone', 'neutron'):
            if name in self._children:
                self._children[name].wait_ready(self._timeout_s)
        self._children['nova'].wait_ready(self._timeout_s)
        self._populate(self._configs['nova'].saved)
        self._children['watcher'].wait_ready(self._timeout_s)

    @property
    def has_neutron(self) -> bool:
        """A real Neutron binds the ports."""
        return 'neutron' in self._children

    def renew(self, wanted: Mapping[str, Any]) -> None:
        """Become what a new cloud of a description is, in less time.

        Options, ports, clients and the directory stay. Nothing else does:
        servers, services, audits, faults, clients' records and the logs are
        those of a new cloud.

        :param wanted: has the scheduler filters that this one has
        :raises DescriptionError: the description is not valid
        :raises CloudError: this is no cloud to begin with: something is
            still going on in it, or it cannot be renewed at all
        """
        parsed = description.parse(wanted)
        if (
            self.passwords
            or self.has_neutron
            or parsed.filters != self.description.filters
        ):
            raise exceptions.CloudError('Keystone, Neutron and filters stay')
        self.faults.clear()
        for api in ('compute', 'placement'):
            self.faults.start_api(api)
        self._wait_until_idle()
        self.description = parsed
        self._save = self._find_save()
        saved = self._save.directory if self._save else None
        try:
            self._children['watcher'].control('POST', '/renew')
            self._children['nova'].control(
                'POST', '/renew', {'hosts': parsed.hosts, 'saved': saved}
            )
        except ValueError as exc:
            raise exceptions.CloudError(str(exc)) from exc
        for process in self._children.values():
            process.forget_log()
        self._populate(saved)

    def _wait_until_idle(self) -> None:
        """Wait for the ends of audits and plans.

        :raises CloudError: they do not come; an audit that is not ONESHOT has
            none that is known
        """
        if any(a['audit_type'] != 'ONESHOT' for a in self._list('audits')):
            raise exceptions.CloudError('An audit may run again')
        waiting.until(
            lambda: (
                not any(
                    resource['state'] in audits.MOVING
                    for kind in ('audits', 'action_plans')
                    for resource in self._list(kind)
                )
            ),
            _IDLE_S,
            lambda: 'An audit or a plan goes on',
        )

    def _find_save(self) -> Save | None:
        if self._saves is None:
            return None
        return self._saves.of(
            self.description, self._options['nova'], self._pythons['nova']
        )

    def _populate(self, saved: str | None) -> None:
        """Fill the cloud.

        :param saved: where its databases come from, None for empty ones
        :raises CloudError: a server did not get where it should
        """
        self._population = population.Population(
            self.description,
            self.nova_in_project,
            self.placement,
            self.faults,
            {
                kind: self.clients.neighbour(kind)
                for kind in ('image', 'volume')
            },
        )
        try:
            self._fill(saved)
        except exceptions.CloudError as exc:
            raise exceptions.CloudError(f'{self.tails()}\n{exc}') from exc

    def _fill(self, saved: str | None) -> None:
        """Create all that is described, unless it is there already."""
        if saved:
            self._population.restore()
        else:
            self._population.create()
            if self._save:
                self._save.keep(self.directory)
        self._population.stop_hosts()

    def _start(self) -> None:
        """Start all processes; they come up side by side."""
        sockets = {api: wsgi.listen() for api in sum(self._apis.values(), ())}
        self.urls = {api: wsgi.url(sock) for api, sock in sockets.items()}
        try:
            taken = processors.Processors()
            self.addCleanup(taken.close)
            cpus = taken.of(self._apis)
            for name, apis in self._apis.items():
                config = self._configs[name] = settings.Settings(
                    name=name,
                    directory=self.directory,
                    apis=apis,
                    urls=self.urls,
                    options=self._options.get(name, {}),
                    hosts=self.description.hosts,
                    filters=self.description.filters,
                    cpu=cpus[name],
                    passwords=self.passwords,
                    projects=self.description.projects,
                    saved=self._save.directory if self._save else None,
                )
                self._children[name] = child.Child(
                    config,
                    self._pythons.get(name, sys.executable),
                    [sockets[api] for api in apis],
                )
        finally:
            # The children's copies stay: a request to a process that died
            # is then refused instead of waiting for ever.
            for sock in sockets.values():
                sock.close()

    def _connect(self) -> None:
        self.clients = clients.Clients(self.urls, self.passwords)
        self.nova = self.clients.nova()
        self.placement = self.clients.placement()
        self.watcher = self.clients.watcher()
        self.faults = faults.Faults(self._children['nova'].control)
        if 'keystone' in self._children:
            self.accounts = accounts.Accounts(
                self.clients.keystone(),
                self._children['keystone'].control,
                self.passwords,
            )

    def _stop(self) -> None:
        for process in self._children.values():
            process.release()
        for process in self._children.values():
            process.wait()

    def nova_in_project(self, project: str | None = None) -> Any:
        """A novaclient that acts in a project, by default the common one."""
        return self.clients.nova(project)

    @property
    def environment(self) -> dict[str, str]:
        """What an operator's openrc has: ``openstack`` then works."""
        return self.environment_of(credentials.ADMIN)

    def environment_of(self, user: str) -> dict[str, str]:
        """The same for any user of Keystone."""
        return {
            # Of requests, the lower case one wins.
            'NO_PROXY': '127.0.0.1',
            'no_proxy': '127.0.0.1',
            'OS_AUTH_URL': self.urls['identity'] + '/v3',
            'OS_COMPUTE_API_VERSION': clients.NOVA_MICROVERSION,
            'OS_PASSWORD': self.passwords.get(user, user),
            'OS_PROJECT_DOMAIN_ID': 'default',
            'OS_PROJECT_NAME': credentials.USERS[user].project,
            'OS_USERNAME': user,
            'OS_USER_DOMAIN_ID': 'default',
        }

    def servers(self) -> dict[str, Server]:
        """Every server by name, of all projects."""
        return {
            server.name: Server(
                server.status, getattr(server, 'OS-EXT-SRV-ATTR:host')
            )
            for server in self.nova.servers.list(
                search_opts={'all_tenants': True},
                limit=description.MOST_SERVERS,
            )
        }

    def services(self) -> dict[str, Service]:
        """Every compute service by its host."""
        return {
            service.host: Service(
                service.status, service.state, service.disabled_reason
            )
            for service in self.nova.services.list(binary='nova-compute')
        }

    def add_servers(self, servers: Mapping[str, Any]) -> None:
        """Boot more servers, described as in a description.

        :raises DescriptionError: a record is not valid
        :raises CloudError: one did not get where it should; it does not on
            a host that is disabled or down
        """
        more = description.parse(
            {**dataclasses.asdict(self.description), 'servers': servers}
        )
        self._population.create_servers(more.servers)

    def report_agent(
        self,
        host: str,
        physical: Sequence[str] = (),
        alive: bool = True,
        kbps: int = 0,
    ) -> None:
        """Let the Open vSwitch agent of a host report to the real Neutron.

        It also reaches every tunnel network.

        :param physical: names of the physical networks that it reaches
        :param alive: whether its newest report is recent
        :param kbps: bandwidth of its bridge in each direction, which Placement
            is not told of; 0 is not reported
        """
        self._children['neutron'].control(
            'POST',
            '/agents',
            {
                'host': host,
                'physical': [*physical],
                'alive': alive,
                'kbps': kbps,
            },
        )

    def pause(self) -> None:
        """Stop the processor for all of it, until :meth:`resume`.

        It has to be of preloaded processes, see :mod:`minicloud.preloaded`:
        another one would outlive a program that is killed.
        """
        for process in self._children.values():
            process.pause()

    def resume(self) -> None:
        """Let all of it go on where it was paused."""
        for process in self._children.values():
            process.go_on()

    def kill_watcher(self) -> None:
        """Kill decision engine, applier and API of Watcher, at once."""
        process = self._children.pop('watcher')
        process.kill()
        process.release()
        process.wait()

    def pause_watcher(self) -> None:
        """Stop the processor for Watcher, until :meth:`resume_watcher`."""
        self._children['watcher'].pause()

    def resume_watcher(self) -> None:
        """Let Watcher go on where it was paused."""
        self._children['watcher'].go_on()

    def start_watcher(self, without: str = '') -> None:
        """Start them again, on the same database and ports.

        :param without: package whose plugins are not found, as if it were
            not installed
        :raises CloudError: it did not start
        """
        config = dataclasses.replace(self._configs['watcher'], without=without)
        sockets = [wsgi.listen_again(self.urls[api]) for api in config.apis]
        try:
            self._children['watcher'] = child.Child(
                config, self._pythons['watcher'], sockets
            )
        finally:
            for sock in sockets:
                sock.close()
        self._children['watcher'].wait_ready(self._timeout_s)

    def refresh_model(self) -> None:
        """Let the decision engine build its model from Nova now."""
        self._children['watcher'].control('POST', '/model/refresh')

    def spoil_model(self, how: str) -> None:
        """Make the decision engine's model unfit for use.

        :param how: 'stale', 'empty', or 'forget' to return to the state
            before the first audit
        :raises ValueError: how is none of these
        """
        self._children['watcher'].control('POST', f'/model/{how}')

    def calls(self, user: str) -> dict[str, dict[str, list[str]]]:
        """Return what a user of Keystone has called since the last time.

        :returns: 'compute' or 'placement' -> method and path -> the rules of
            its policy that were asked about
        """
        taken = self._children['nova'].control('GET', '/calls')
        return {
            api: {
                call: rules
                for caller, call, rules in records
                if caller == user
            }
            for api, records in taken.items()
        }

    def logs(self) -> dict[str, str]:
        """'nova', 'watcher'... -> everything the process has logged."""
        return {
            name: process.log() for name, process in self._children.items()
        }

    def tails(self) -> str:
        """The last lines of all logs, for an error message."""
        return '\n'.join(process.tail() for process in self._children.values())
