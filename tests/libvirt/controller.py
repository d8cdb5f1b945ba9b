# SPDX-License-Identifier: Apache-2.0

"""The control plane: each service of Nova, Placement and Watcher alone."""

import concurrent.futures
import pathlib
import sys

import fixtures
import requests

from minicloud import files
from minicloud import waiting
from minicloud import wsgi
from minicloud.nova import identity
from minicloud.nova import neighbours
from minicloud.nova import volumes
from tests.libvirt import configuration
from tests.libvirt import guest
from tests.libvirt import images
from tests.libvirt import network
from tests.services import mariadb
from tests.services import programs
from tests.services import rabbitmq


_START_S = 180
_DATABASES = ('nova_api', 'nova_cell0', 'nova_cell1', 'placement', 'watcher')


class Controller(fixtures.Fixture):
    """MariaDB, RabbitMQ, and what needs them.

    Minicloud's stand-ins answer for Keystone, Neutron and Cinder, and our own
    for Glance: everybody is an administrator, and there are no networks.

    :ivar transport: the URL of RabbitMQ
    :ivar image: id of the image that guests are booted from
    """

    def __init__(
        self, directory: pathlib.Path, watcher_options: files.Sections
    ) -> None:
        super().__init__()
        self._directory = directory
        self._watcher_options = watcher_options
        self._nova_conf = directory / 'nova.conf'
        self._watcher_conf = directory / 'watcher.conf'

    def _setUp(self) -> None:
        self._serve_neighbours()
        database = self.useFixture(mariadb.MariaDB(self._directory))
        broker = self.useFixture(rabbitmq.Broker(network.CONTROLLER))
        self.transport = broker.url
        urls = {name: database.create(name) for name in _DATABASES}
        self._write(urls)
        self._create_tables(urls)
        self._start()

    def discover_hosts(self) -> None:
        """Tell Nova's cell of compute services that have come up."""
        self._manage('cell_v2', 'discover_hosts')

    def _serve_neighbours(self) -> None:
        urls = configuration.URLS
        files_of_guest = guest.build(self._directory / 'guest')
        glance = images.Images(urls['image'], files_of_guest)
        self.image = glance.disk_id
        keystone = identity.Identity(urls)
        applications = {
            'identity': wsgi.json_app(keystone, identity.HEADERS),
            'image': glance,
            'network': wsgi.json_app(neighbours.Network()),
            'volume': wsgi.json_app(volumes.Volumes()),
        }
        for api, application in applications.items():
            socket = network.listen(configuration.PORTS[api])
            wsgi.serve(socket, application)

    def _write(self, urls: dict[str, str]) -> None:
        (self._directory / 'nova').mkdir()
        configuration.write_nova(
            self._nova_conf,
            self.transport,
            {'api': urls['nova_api'], 'cell1': urls['nova_cell1']},
        )
        configuration.write_placement(
            self._directory / 'placement.conf', urls['placement']
        )
        configuration.write_watcher(
            self._watcher_conf,
            self.transport,
            urls['watcher'],
            self._watcher_options,
        )

    def _create_tables(self, urls: dict[str, str]) -> None:
        """Run the migrations of the databases, side by side."""
        config = ('--config-file', str(self._watcher_conf))
        with concurrent.futures.ThreadPoolExecutor() as pool:
            watcher = pool.submit(
                programs.run,
                (programs.script('watcher-db-manage'), *config, 'upgrade'),
            )
            self._manage('api_db', 'sync')
            self._manage(
                'cell_v2', 'map_cell0',
                '--database_connection', urls['nova_cell0'],
            )  # fmt: skip
            self._manage('db', 'sync')
            self._manage('cell_v2', 'create_cell', '--name', 'cell1')
            watcher.result()

    def _manage(self, *arguments: str) -> None:
        programs.run(
            (
                programs.script('nova-manage'),
                '--config-file', str(self._nova_conf), *arguments,
            )
        )  # fmt: skip

    def _start(self) -> None:
        """Start all services, and wait for the APIs."""
        nova = ('--config-file', str(self._nova_conf))
        watcher = ('--config-file', str(self._watcher_conf))
        for service in ('nova-conductor', 'nova-scheduler'):
            self._program(service, programs.script(service), *nova)
        apis = {
            'placement': self._api('placement', 'placement.wsgi.api'),
            'compute': self._api('compute', 'nova.wsgi.osapi_compute'),
            'infra-optim': self._api(
                'infra-optim', 'watcher.wsgi.api', *watcher
            ),
        }
        for service in ('watcher-decision-engine', 'watcher-applier'):
            self._program(service, programs.script(service), *watcher)
        for api, program in apis.items():
            self._wait(api, program)

    def _api(self, api: str, *arguments: str) -> programs.Program:
        return self._program(
            f'{api}-api',
            sys.executable, '-m', 'tests.libvirt.api',
            str(configuration.PORTS[api]), *arguments,
        )  # fmt: skip

    def _program(self, name: str, *command: str) -> programs.Program:
        directory = str(self._directory)
        return self.useFixture(
            programs.Program(
                name,
                command,
                self._directory,
                {
                    'OS_NOVA_CONFIG_DIR': directory,
                    'OS_PLACEMENT_CONFIG_DIR': directory,
                },
            )
        )

    def _wait(self, api: str, program: programs.Program) -> None:
        def answers() -> bool:
            program.check()
            try:
                requests.get(configuration.URLS[api], timeout=60)
            except requests.ConnectionError:
                return False
            return True

        waiting.until(answers, _START_S, program.log, poll_s=0.5)
