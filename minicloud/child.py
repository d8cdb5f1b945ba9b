# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""One child process of a minicloud, seen from the parent."""

import itertools
import os
import random
import signal
import subprocess
import time

from collections.abc import Iterator
from typing import Any

import requests

from minicloud import exceptions
from minicloud import settings


_ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_TAIL_LINES = 40


class Child:
    """A process that ends when its standard input does."""

    def __init__(self, config: settings.Settings, python: str) -> None:
        """Start it; :meth:`wait_ready` tells when it serves.

        :param python: the interpreter that Nova or Watcher is installed in
        """
        self._settings = config
        self._control = config.urls[config.name + '-control']
        self._http = requests.Session()
        self._http.trust_env = False
        with open(config.path(config.name + '.out'), 'wb') as output:
            # A session of its own: Ctrl-C is for the parent, which then
            # ends its children in order.
            self._process = subprocess.Popen(
                [python, '-W', 'ignore', '-m', 'minicloud.' + config.name,
                 config.save()],
                stdin=subprocess.PIPE, stdout=output,
                stderr=subprocess.STDOUT, start_new_session=True,
                env=_environment(config.directory),
                pass_fds=tuple(config.sockets.values()))

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def wait_ready(self, timeout_s: float) -> None:
        """Wait until it serves.

        :raises CloudError: it ended, or took too long; with the tail of
            its log
        """
        end = time.monotonic() + timeout_s
        try:
            self.control('GET', '/', timeout_s=end - time.monotonic())
        except requests.RequestException as exc:
            raise exceptions.CloudError(
                f'{self._settings.name} did not start within '
                f'{timeout_s:g} s\n{self.tail()}') from exc

    def control(self, method: str, path: str, body: Any = None,
                timeout_s: float = 60) -> Any:
        """Ask the control API of the process.

        :raises ValueError: it refused; the text says why
        :raises requests.RequestException: no answer
        """
        answer = self._http.request(method, self._control + path,
                                    json=body, timeout=timeout_s)
        if answer.status_code != 200:
            raise ValueError(answer.json()['error'])
        return answer.json()

    def log(self) -> str:
        """Everything it has printed or logged so far."""
        texts = []
        for suffix in ('.out', '.log'):
            try:
                with open(self._settings.path(
                        self._settings.name + suffix),
                        errors='replace') as log:
                    texts.append(log.read())
            except FileNotFoundError:
                pass
        return ''.join(texts)

    def tail(self) -> str:
        """The last lines of its log."""
        lines = self.log().splitlines()[-_TAIL_LINES:]
        return '\n'.join([f'--- {self._settings.name}:', *lines])

    def release(self) -> None:
        """Let it go: it ends when its standard input does."""
        if self._process.stdin:
            self._process.stdin.close()

    def wait(self) -> None:
        """Wait for its end, and enforce it when it does not come."""
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def processors() -> Iterator[int | None]:
    """Processors to give to children in turn; None where none is chosen.

    It begins anywhere, so that several clouds do not share the first.
    """
    if not hasattr(os, 'sched_getaffinity'):
        return itertools.repeat(None)
    cpus = sorted(os.sched_getaffinity(0))
    return itertools.islice(
        itertools.cycle(cpus), random.randrange(len(cpus)), None)


def _environment(directory: str) -> dict[str, str]:
    """The parent's environment without its clouds and proxies."""
    environment = {
        key: value for key, value in os.environ.items()
        if not key.startswith('OS_') and not key.lower().endswith('_proxy')}
    path = (_ROOT, os.environ.get('PYTHONPATH'))
    return dict(environment, TMPDIR=directory,
                PYTHONPATH=os.pathsep.join(filter(None, path)))
