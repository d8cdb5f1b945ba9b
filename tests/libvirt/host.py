# SPDX-License-Identifier: Apache-2.0

"""A compute host: namespaces with libvirtd, sshd and nova-compute."""

import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys

from typing import Any

import fixtures

from minicloud import environment
from minicloud import waiting
from tests.libvirt import configuration
from tests.libvirt import host_files
from tests.libvirt import network
from tests.services import programs


_START_S = 60
_COMMAND_S = 120
_INSTANCES = 'var/lib/nova/instances'
_SENT = re.compile(r'Memory processed: +[1-9]')


class Host(fixtures.Fixture):
    """A machine that may lose its power at any time.

    :ivar name: its host name, and the name of its compute service
    :ivar address: of its one interface
    """

    def __init__(
        self,
        name: str,
        number: int,
        directory: pathlib.Path,
        transport: str,
        lacks: str = '',
    ) -> None:
        """Describe a host.

        :param number: 1 to 200, another for each host
        :param directory: of the cloud; the host makes its own in there
        :param transport: the URL of RabbitMQ
        :param lacks: a feature of processors that it has not
        """
        super().__init__()
        self.name = name
        self._number = number
        self._directory = directory / name
        self._cloud = directory
        self._transport = transport
        self._lacks = lacks

    def _setUp(self) -> None:
        self.address = network.add_host(self.name, self._number)
        self._directory.mkdir()
        host_files.write(
            self._directory, self._cloud, self.name, self.address, self._lacks
        )
        configuration.write_compute(
            self._directory / 'files/etc/nova/nova.conf',
            self.name,
            self.address,
            self._transport,
        )
        self._init = subprocess.Popen(
            [
                'ip', 'netns', 'exec', self.name,
                'unshare', '--mount', '--pid', '--ipc', '--uts', '--fork',
                '--kill-child', '--mount-proc', '--propagation', 'private',
                '--', sys.executable, '-m', 'tests.libvirt.init',
                json.dumps({
                    'hostname': self.name,
                    'directory': str(self._directory),
                    'meminfo': str(self._directory / 'meminfo'),
                }),
            ],
            env=environment.clean(),
            stdin=subprocess.DEVNULL,
            stdout=(self._directory / 'init.log').open('wb'),
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        self.addCleanup(self.pull_plug)
        waiting.until(self._answers, _START_S, lambda: self.log('init'))

    def start_libvirtd(self) -> None:
        """Start libvirtd and wait until it answers."""
        self.start('libvirtd', 'libvirtd', '--listen')
        waiting.until(
            self._has_libvirt,
            _START_S,
            lambda: self.log('libvirtd'),
            poll_s=0.5,
        )

    def start_sshd(self) -> None:
        """Start sshd, for cold migrations."""
        self.start('sshd', '/usr/sbin/sshd', '-D', '-e')

    def start_compute(self) -> None:
        """Start nova-compute; Nova tells when it is up."""
        modules = str(self._cloud / 'modules')
        self.start(
            'nova-compute',
            programs.script('nova-compute'),
            '--config-file', '/etc/nova/nova.conf',
            variables={
                'PYTHONPATH': os.pathsep.join(
                    filter(None, (os.environ.get('PYTHONPATH'), modules))
                )
            },
        )  # fmt: skip

    def start(
        self,
        name: str,
        *command: str,
        variables: dict[str, str] | None = None,
    ) -> None:
        """Start a program that goes on until :meth:`kill`."""
        self._request(
            'start',
            name=name,
            command=command,
            environment=variables or {},
            log=str(self._directory / f'{name}.log'),
        )

    def kill(self, name: str) -> None:
        """Kill a program that was started, and wait for its end."""
        self._request('end', name=name, number=int(signal.SIGKILL))

    def repair(self) -> None:
        """Start again what a test has killed."""
        running = self._request('running')['names']
        if 'libvirtd' not in running:
            self.start_libvirtd()
        if 'sshd' not in running:
            self.start_sshd()

    def run(self, *command: str) -> str:
        """Run a program and return what it prints.

        :raises RuntimeError: its exit status is not 0
        """
        done = self._request('run', command=command, timeout_s=_COMMAND_S)
        if done['status']:
            raise RuntimeError(f'{self.name}: {command}: {done["output"]}')
        return str(done['output'])

    def domains(self) -> dict[str, str]:
        """Return the guests that libvirt has: UUID -> state."""
        uuids = self.run('virsh', 'list', '--all', '--uuid').split()
        return {
            uuid: self.run('virsh', 'domstate', uuid).strip() for uuid in uuids
        }

    def instances(self) -> set[str]:
        """Return the servers that have files here: UUIDs."""
        return {
            entry
            for entry in self.run('ls', f'/{_INSTANCES}').split()
            if entry.count('-') == 4
        }

    def files(self, server: str) -> dict[str, int]:
        """Return name -> size of the files of a server; {} if none."""
        directory = self._directory / 'files' / _INSTANCES / server
        if not directory.exists():
            return {}
        return {path.name: path.stat().st_size for path in directory.iterdir()}

    def console(self, server: str) -> str:
        """Return what a guest has written since it is on this host."""
        path = self._directory / 'files' / _INSTANCES / server / 'console.log'
        return path.read_text(errors='replace') if path.exists() else ''

    def processes(self, name: str) -> str:
        """Return the processes of a program, a line each; '' when none."""
        done = self._request(
            'run',
            command=['pgrep', '--list-name', '--exact', name[:15]],
            timeout_s=_COMMAND_S,
        )
        return str(done['output'])

    def pull_plug(self) -> None:
        """End everything on the host at once."""
        self._init.kill()
        self._init.wait()

    def sends_memory(self, server: str) -> bool:
        """Return True while a server's memory is on its way elsewhere."""
        job = self.run('virsh', 'domjobinfo', server)
        return 'Outgoing migration' in job and bool(_SENT.search(job))

    def log(self, name: str) -> str:
        """Return all that a program has printed or logged."""
        path = self._directory / f'{name}.log'
        return path.read_text(errors='replace')

    def _has_libvirt(self) -> bool:
        command = ['virsh', '--quiet', 'list']
        done = self._request('run', command=command, timeout_s=_COMMAND_S)
        return not done['status']

    def _answers(self) -> bool:
        try:
            self._request('running')
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        return True

    def _request(self, verb: str, **fields: Any) -> dict[str, Any]:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self._directory / 'control'))
            request = json.dumps({'do': verb, **fields})
            connection.sendall(request.encode() + b'\n')
            with connection.makefile() as lines:
                answer: dict[str, Any] = json.loads(lines.readline())
        if 'error' in answer:
            raise RuntimeError(f'{self.name}: {verb}: {answer["error"]}')
        return answer
