# SPDX-License-Identifier: Apache-2.0

"""One child process of a minicloud, seen from the parent."""

import contextlib
import functools
import os
import pathlib
import select
import signal
import socket

from collections.abc import Sequence
from typing import Any

import requests

from minicloud import exceptions
from minicloud import preloaded
from minicloud import settings


_TAIL_LINES = 40
_PATIENCE_S = 10


class Child:
    """A process that ends when its lifeline is closed."""

    def __init__(
        self,
        config: settings.Settings,
        python: str,
        sockets: Sequence[socket.socket],
    ) -> None:
        """Start it; :meth:`wait_ready` tells when it serves.

        :param python: the interpreter that Nova or Watcher is installed in
        :param sockets: listening, in the order of config.apis
        """
        self._settings = config
        self._control = config.urls[config.name + '-control']
        self._http = requests.Session()
        self._http.trust_env = False
        self._forgotten = [0, 0, 0]
        shared = preloaded.find(config.name, python)
        self._alone = shared is None
        self._origin = shared or preloaded.Preloaded(config.name, python)
        self._lifeline, self._status = self._origin.fork(
            config.to_json(), [sock.fileno() for sock in sockets]
        )
        if self._alone:
            self._origin.release()

    @functools.cached_property
    def pid(self) -> int | None:
        """Its process id, as soon as it has one; None if it never had."""
        told = os.read(self._status, 32)
        return int(told) if told else None

    def wait_ready(self, timeout_s: float) -> None:
        """Wait until it serves.

        :raises CloudError: it ended, or took too long; with the tail of
            its log
        """
        try:
            self.control('GET', '/', timeout_s=timeout_s)
        except requests.RequestException as exc:
            problem = (
                ': it ended'
                if self._has_ended(0)
                else f' within {timeout_s:g} s'
            )
            raise exceptions.CloudError(
                f'{self._settings.name} did not start{problem}\n{self.tail()}'
            ) from exc

    def control(
        self, method: str, path: str, body: Any = None, timeout_s: float = 120
    ) -> Any:
        """Ask the control API of the process.

        :raises ValueError: it refused; the text says why
        :raises requests.RequestException: no answer
        """
        answer = self._http.request(
            method, self._control + path, json=body, timeout=timeout_s
        )
        if answer.status_code != 200:
            raise ValueError(answer.json()['error'])
        return answer.json()

    def log(self) -> str:
        """Everything it has printed or logged, and that is not forgotten."""
        return ''.join(
            text[forgotten:]
            for text, forgotten in zip(
                self._texts(), self._forgotten, strict=True
            )
        )

    def forget_log(self) -> None:
        """Let the log begin here."""
        self._forgotten = [len(text) for text in self._texts()]

    def _texts(self) -> list[str]:
        """What was printed before it was forked, and after, and logged."""
        texts = [self._origin.output(), '', '']
        for number, suffix in enumerate(('.out', '.log'), start=1):
            path = self._settings.path(self._settings.name + suffix)
            with contextlib.suppress(FileNotFoundError):
                texts[number] = pathlib.Path(path).read_text(errors='replace')
        return texts

    def tail(self) -> str:
        """The last lines of its log."""
        lines = self.log().splitlines()[-_TAIL_LINES:]
        return '\n'.join([f'--- {self._settings.name}:', *lines])

    def kill(self) -> None:
        """End it as a power failure would: it tidies nothing up."""
        self._signal(signal.SIGKILL)

    def pause(self) -> None:
        """Stop the processor for it, until :meth:`go_on`."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on where it was paused."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        """Send it a signal if it has not ended.

        It has no parent that waits for it: its id is free as soon as it has
        ended, and may be that of another process by now.
        """
        if self.pid is not None and not self._has_ended(0):
            os.kill(self.pid, number)

    def release(self) -> None:
        """Let it go: it ends when no process holds its lifeline."""
        os.close(self._lifeline)

    def wait(self) -> None:
        """Wait for its end, and enforce it when it does not come."""
        if self.pid is not None and not self._has_ended(_PATIENCE_S):
            self.kill()
            os.read(self._status, 1)
        os.close(self._status)
        if self._alone:
            self._origin.wait()

    def _has_ended(self, timeout_s: float) -> bool:
        """Wait for the end of its status, after which nothing comes."""
        ended, _, _ = select.select([self._status], [], [], timeout_s)
        return bool(ended)
