# SPDX-License-Identifier: Apache-2.0

"""The first process of a compute host: ``python -m tests.libvirt.init``.

It runs in the namespaces of the host. It lays the host's own directories
over those of the machine, adopts and reaps what daemons leave behind, and has
one child, which starts and ends programs as it is told to. It stands on
the standard library alone.
"""

import json
import os
import pathlib
import signal
import socket
import socketserver
import subprocess
import sys

from typing import Any


#: Written to on top of what the machine has in them.
_OVERLAID = ('/etc', '/root', '/usr/share/libvirt', '/var')
#: Device -> major and minor number. There is no kvm: libvirt would take it
#: for granted and probe QEMU at each start of a guest.
_DEVICES = {'null': (1, 3), 'zero': (1, 5), 'full': (1, 7), 'random': (1, 8),
            'urandom': (1, 9), 'tty': (5, 0)}  # fmt: skip
_MEMINFO = '/sys/devices/system/node/node0/meminfo'


class Programs:
    """The programs of the host, by name."""

    def __init__(self) -> None:
        self._running: dict[str, subprocess.Popen] = {}

    def run(self, command: list[str], timeout_s: float) -> dict[str, Any]:
        """Run a program to its end."""
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout_s,
            text=True,
            check=False,
        )
        return {'status': done.returncode, 'output': done.stdout}

    def start(
        self, name: str, command: list[str], environment: dict[str, str],
        log: str,
    ) -> dict[str, Any]:  # fmt: skip
        """Start a program that goes on."""
        with open(log, 'ab') as output:
            self._running[name] = subprocess.Popen(
                command,
                env=os.environ | environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        return {'pid': self._running[name].pid}

    def end(self, name: str, number: int) -> dict[str, Any]:
        """Send a signal to a program and wait for its end."""
        process = self._running.pop(name)
        process.send_signal(number)
        return {'status': process.wait()}

    def running(self) -> dict[str, Any]:
        """Return the names of those that have not ended."""
        return {
            'names': [
                name
                for name, process in self._running.items()
                if process.poll() is None
            ]
        }


class _Handler(socketserver.StreamRequestHandler):
    """One request: a line of JSON, answered by one."""

    programs: Programs

    def handle(self) -> None:
        request = json.loads(self.rfile.readline())
        try:
            answer = getattr(self.programs, request.pop('do'))(**request)
        except Exception as exc:
            answer = {'error': f'{type(exc).__name__}: {exc}'}
        self.wfile.write(json.dumps(answer).encode() + b'\n')


def main(settings: dict[str, str]) -> None:
    """Set the host up and serve; the end is a signal that kills.

    :param settings: hostname; directory, of the host's own; meminfo, a file
    """
    socket.sethostname(settings['hostname'])
    directory = pathlib.Path(settings['directory'])
    for path in _OVERLAID:
        _overlay(path, directory)
    _mount('-t', 'tmpfs', 'run', '/run')
    os.mkdir('/run/sshd')
    _mount('-t', 'tmpfs', 'cgroup', '/sys/fs/cgroup')
    _mount('--bind', settings['meminfo'], _MEMINFO)
    _make_devices()
    child = os.fork()
    if not child:
        _serve(str(directory / 'control'))
    while os.wait()[0] != child:
        pass


def _overlay(path: str, directory: pathlib.Path) -> None:
    """Let writes below a path go to the host's own directory."""
    layers = []
    for name in ('files', 'work'):
        layer = directory / name / path.strip('/')
        layer.mkdir(parents=True, exist_ok=True)
        layers.append(layer)
    _mount(
        '-t', 'overlay', 'overlay',
        '-o', f'lowerdir={path},upperdir={layers[0]},workdir={layers[1]}',
        path,
    )  # fmt: skip


def _make_devices() -> None:
    _mount('-t', 'tmpfs', '-o', 'mode=755', 'dev', '/dev')
    os.umask(0)
    for name, numbers in _DEVICES.items():
        os.mknod(f'/dev/{name}', 0o20666, os.makedev(*numbers))
    os.umask(0o022)
    for name in ('pts', 'shm'):
        os.mkdir(f'/dev/{name}')
    _mount('-t', 'devpts', '-o', 'newinstance,ptmxmode=666', 'pts', '/dev/pts')
    _mount('-t', 'tmpfs', '-o', 'mode=1777', 'shm', '/dev/shm')
    os.symlink('pts/ptmx', '/dev/ptmx')
    os.symlink('/proc/self/fd', '/dev/fd')


def _mount(*arguments: str) -> None:
    subprocess.run(['mount', *arguments], check=True)


def _serve(path: str) -> None:
    _Handler.programs = Programs()
    server = socketserver.ThreadingUnixStreamServer(path, _Handler)
    # Ctrl-C is for the parent, which then ends its hosts.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    server.serve_forever()


if __name__ == '__main__':
    main(json.loads(sys.argv[1]))
