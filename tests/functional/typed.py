# SPDX-License-Identifier: Apache-2.0

"""What the documentation shows, typed into a real shell."""

import contextlib
import json
import os
import pathlib
import re
import shlex
import socketserver
import subprocess
import sys
import tempfile
import textwrap

from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

from minicloud import cloud
from tests.functional import command_line


SOURCE = pathlib.Path(__file__).resolve().parents[2] / 'doc' / 'source'

_BLOCK = re.compile(
    r'^(?P<indent> *)\.\. code-block:: (?P<language>\w+)\n'
    r'(?: +:caption: (?P<caption>.+)\n)?'
    r'\n(?P<text>(?:(?P=indent) +.*\n|\n)+)',
    re.MULTILINE,
)

#: Stands on the PATH. The kernel would cut a path of Python at a space.
_OPENSTACK = """#!/bin/sh
exec {python} -IS {client} "$@"
"""

#: Hands its arguments to Shell.
_CLIENT = """\
import json, socket, sys
asked = socket.socket(socket.AF_UNIX)
asked.connect({path!r})
with asked.makefile('rw') as stream:
    stream.write(json.dumps(sys.argv[1:]) + '\\n')
    stream.flush()
    status, printed = json.loads(stream.readline())
(sys.stderr if status else sys.stdout).write(printed)
sys.exit(status)
"""


def section(page: str, title: str) -> str:
    """What a page says under a title; before the first one without it."""
    text = (SOURCE / page).read_text()
    parts = re.split(r'^(.+)\n=+\n', text, flags=re.MULTILINE)
    titles = parts[1::2]
    if title not in titles:
        raise LookupError(f'{page} has no section "{title}"')
    return parts[2 * titles.index(title) + 2]


def blocks(text: str, language: str = 'console') -> list[str]:
    """The code blocks of a text, without prompts and indentation."""
    return [
        re.sub(
            r'^\$ ', '', textwrap.dedent(block['text']), flags=re.MULTILINE
        ).strip()
        for block in _BLOCK.finditer(text)
        if block['language'] == language
    ]


def files(text: str) -> dict[str, str]:
    """Files that a text shows: the caption is the name."""
    return {
        block['caption']: textwrap.dedent(block['text']).strip() + '\n'
        for block in _BLOCK.finditer(text)
        if block['caption']
    }


class Shell:
    """A bash in which ``openstack`` talks to a minicloud.

    It keeps its variables and functions from one command to the next.

    :ivar directory: where it is
    """

    def __init__(self, lab: cloud.Cloud, directory: pathlib.Path) -> None:
        """Put ``openstack`` in its path, and let no one wait for long."""
        self._lab = lab
        self.directory = directory
        self._socket = str(directory / 'openstack.socket')
        client = directory / 'client.py'
        client.write_text(_CLIENT.format(path=self._socket))
        self._script(
            'openstack',
            _OPENSTACK.format(
                python=shlex.quote(sys.executable),
                client=shlex.quote(str(client)),
            ),
        )
        self._script('sleep', '#!/bin/bash\nexec /bin/sleep 0.5\n')
        python = shlex.quote(sys.executable)
        self._script('python3', f'#!/bin/bash\nexec {python} "$@"\n')
        self._state = directory / 'state'
        self._state.touch()

    def _script(self, name: str, text: str) -> None:
        (self.directory / 'bin').mkdir(exist_ok=True)
        path = self.directory / 'bin' / name
        path.write_text(text)
        path.chmod(0o755)

    def type(self, command: str, fails: bool = False) -> str:
        """Type commands; each has to succeed.

        :param fails: one of them has to fail; the rest is not typed
        :returns: what they print
        :raises AssertionError: one failed, or none; with what was printed
        """
        # As they are typed, and not only when all of them succeed.
        remember = (
            '(declare -p | grep -v "^declare -[a-z]*[ir]"; declare -f)'
            f' > {self._state}'
        )
        script = (
            f". {self._state}\ntrap '{remember}' EXIT\n"
            f'set -eo pipefail\n{command}\n'
        )
        status, printed = self._run(script)
        if bool(status) != fails:
            raise AssertionError(f'{command}\n\nprinted:\n{printed}')
        return printed

    def _run(self, script: str) -> tuple[int, str]:
        """Answer what a script asks for, to its end.

        In this thread: importing eventlet, as a client may do, leaves
        another one that nobody can join.
        """
        with (
            tempfile.TemporaryFile('w+') as printed,
            _serving(self._socket, self._answer) as server,
            subprocess.Popen(
                ['/bin/bash', '-c', script],
                **self._surroundings(),
                stdout=printed,
                stderr=subprocess.STDOUT,
            ) as bash,
        ):
            try:
                while bash.poll() is None:
                    server.handle_request()
            finally:
                bash.kill()
            printed.seek(0)
            return bash.returncode, printed.read()

    @contextlib.contextmanager
    def running(self, command: str) -> Iterator[subprocess.Popen[str]]:
        """Type a command that does not end by itself; it is ended."""
        with subprocess.Popen(
            ['/bin/bash', '-c', command],
            **self._surroundings(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.terminate()

    def _surroundings(self) -> dict[str, Any]:
        return {
            'cwd': self.directory,
            'env': {
                **os.environ,
                'LC_ALL': 'C',
                'PATH': f'{self.directory / "bin"}:/usr/bin:/bin',
            },
        }

    def _answer(self, arguments: list[str]) -> tuple[int, str]:
        with contextlib.chdir(self.directory):
            try:
                return 0, command_line.run_here(
                    self._lab, shlex.join(['openstack', *arguments])
                )
            except AssertionError as exc:
                return 1, str(exc)


@contextlib.contextmanager
def shell(lab: cloud.Cloud) -> Iterator[Shell]:
    """Give a shell in a new directory."""
    with tempfile.TemporaryDirectory() as directory:
        yield Shell(lab, pathlib.Path(directory))


@contextlib.contextmanager
def _serving(
    path: str,
    answer: Callable[[list[str]], tuple[int, str]],
) -> Iterator[socketserver.BaseServer]:
    """Give what answers at a socket, one after the other."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            said = answer(json.loads(self.rfile.readline()))
            self.wfile.write(json.dumps(said).encode() + b'\n')

    with socketserver.UnixStreamServer(path, Handler) as server:
        server.timeout = 0.05
        try:
            yield server
        finally:
            os.unlink(path)
