# SPDX-License-Identifier: Apache-2.0

"""A cloud of real hypervisors, as a fixture."""

import os
import pathlib
import shutil
import subprocess

from collections.abc import Mapping

import fixtures

from minicloud import audits
from minicloud import clients
from minicloud import files
from minicloud import waiting
from tests.libvirt import configuration
from tests.libvirt import controller
from tests.libvirt import guest
from tests.libvirt import host
from tests.libvirt import modules
from tests.libvirt import network
from tests.services import programs


#: In the mount namespace of the tests these are memory, and end with it.
_DIRECTORY = pathlib.Path('/mnt')
_MOUNTED = (_DIRECTORY, pathlib.Path('/run'))
_START_S = 180
_BOOT_S = 240
FLAVOR = 'tiny'


class Cloud(audits.Audits, fixtures.Fixture):
    """Real Nova with libvirt, Placement and Watcher; no server yet.

    It is for a process in namespaces of its own
    (:mod:`tests.libvirt.namespaces`), one at a time.

    :ivar hosts: name -> :class:`tests.libvirt.host.Host`
    :ivar nova: novaclient of an administrator
    :ivar placement: keystoneauth adapter
    :ivar watcher: keystoneauth adapter
    """

    def __init__(
        self,
        hosts: Mapping[str, str],
        watcher_options: files.Sections | None = None,
    ) -> None:
        """Describe a cloud.

        :param hosts: name -> a feature of processors that the host lacks,
            '' for none
        :param watcher_options: section -> option -> value for watcher.conf
        """
        super().__init__()
        self._names = hosts
        self._watcher_options = watcher_options or {}

    def _setUp(self) -> None:
        for directory in _MOUNTED:
            subprocess.run(
                ['mount', '-t', 'tmpfs', '-o', 'size=16g', 'tests', directory],
                check=True,
            )
            self.addCleanup(
                subprocess.run, ['umount', '--lazy', directory], check=True
            )
        self.addCleanup(self._keep_logs)
        network.create()
        self.addCleanup(network.delete)
        self._make_key()
        modules.link(_DIRECTORY / 'modules')
        self._controller = self.useFixture(
            controller.Controller(_DIRECTORY, self._watcher_options)
        )
        self._connect()
        self.hosts = {
            name: self._start_host(name, number, lacks)
            for number, (name, lacks) in enumerate(self._names.items(), 1)
        }
        waiting.until(self._up, _START_S, self.tails, poll_s=1)
        self._controller.discover_hosts()
        self.nova.flavors.create(FLAVOR, ram=128, vcpus=1, disk=1)

    def boot(self, name: str, host: str, status: str = 'ACTIVE') -> str:
        """Boot a server on a host, and wait until its guest counts.

        :param status: ACTIVE, PAUSED or SHUTOFF
        :returns: its UUID
        """
        server = self.nova.servers.create(
            name,
            self._controller.image,
            self.nova.flavors.find(name=FLAVOR),
            nics='none',
            host=host,
        )
        self.wait_for_status(server.id, 'ACTIVE')
        self.wait_for_beats(str(server.id))
        if status == 'PAUSED':
            self.nova.servers.pause(server.id)
        elif status == 'SHUTOFF':
            self.nova.servers.stop(server.id)
        self.wait_for_status(server.id, status)
        return str(server.id)

    def server(self, uuid: str):
        """Return a server as Nova shows it."""
        return self.nova.servers.get(uuid)

    def host_of(self, uuid: str) -> str:
        """Return the name of the host that Nova has a server on."""
        return str(getattr(self.server(uuid), 'OS-EXT-SRV-ATTR:host'))

    def wait_for_status(self, uuid: str, status: str) -> None:
        """Wait until a server has a status and no task."""

        def settled() -> bool:
            server = self.server(uuid)
            if server.status == 'ERROR' != status:
                raise RuntimeError(f'{server.name}: {server.fault}')
            task = getattr(server, 'OS-EXT-STS:task_state')
            return server.status == status and not task

        waiting.until(settled, _BOOT_S, self.tails, poll_s=1)

    def beats(self, uuid: str) -> list[guest.Beat]:
        """Return what the guest of a server counted on its present host."""
        return guest.beats(self.hosts[self.host_of(uuid)].console(uuid))

    def wait_for_beats(self, uuid: str) -> list[guest.Beat]:
        """Wait until a guest that was booted counts, and return its lines."""
        waiting.until(
            lambda: len(self.beats(uuid)) > 2,
            _BOOT_S,
            lambda: f'no line of {uuid}\n{self.tails()}',
            poll_s=1,
        )
        return self.beats(uuid)

    def delete(self, *uuids: str) -> None:
        """Delete servers, and wait until Nova has none of them."""
        for uuid in uuids:
            self.nova.servers.delete(uuid)
        waiting.until(
            lambda: not {*uuids} & {s.id for s in self.nova.servers.list()},
            _BOOT_S,
            self.tails,
            poll_s=1,
        )

    def tails(self) -> str:
        """Return the last lines of each log."""
        logs = {path.stem: path for path in _DIRECTORY.glob('*.log')}
        logs |= {
            f'{path.parent.name} {path.stem}': path
            for path in _DIRECTORY.glob('*/*.log')
        }
        return '\n'.join(
            f'--- {name}:\n' + '\n'.join(_last(path, 15))
            for name, path in sorted(logs.items())
        )

    def _make_key(self) -> None:
        programs.run(
            (
                'ssh-keygen', '-q', '-t', 'ed25519', '-N', '',
                '-f', str(_DIRECTORY / 'key'),
            )
        )  # fmt: skip

    def _connect(self) -> None:
        connected = clients.Clients(configuration.URLS, {})
        self.nova = connected.nova()
        self.placement = connected.placement()
        self.watcher = connected.watcher()

    def _start_host(self, name: str, number: int, lacks: str) -> host.Host:
        started = self.useFixture(
            host.Host(
                name, number, _DIRECTORY, self._controller.transport, lacks
            )
        )
        started.start_sshd()
        started.start_libvirtd()
        started.start_compute()
        return started

    def _up(self) -> bool:
        services = self.nova.services.list(binary='nova-compute')
        return {
            service.host for service in services if service.state == 'up'
        } == {*self._names}

    def _keep_logs(self) -> None:
        """Copy all logs to where LIBVIRT_LOGS says, if it says."""
        kept = os.environ.get('LIBVIRT_LOGS')
        if kept:
            for path in _DIRECTORY.rglob('*.log'):
                if 'mariadb' in path.parts or 'work' in path.parts:
                    continue
                copy = pathlib.Path(kept, path.relative_to(_DIRECTORY))
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, copy)


def _last(path: pathlib.Path, count: int) -> list[str]:
    return path.read_text(errors='replace').splitlines()[-count:]
