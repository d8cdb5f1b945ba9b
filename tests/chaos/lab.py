# SPDX-License-Identifier: Apache-2.0

"""A cloud whose Watcher is of separate processes, over RabbitMQ and MariaDB."""

import configparser
import json
import pathlib
import signal
import socket
import sys
import time

from collections.abc import Mapping
from typing import Any

import fixtures
import requests

from minicloud import cloud
from minicloud import files
from minicloud import waiting
from tests.chaos import service as services
from tests.functional import gate
from tests.services import mariadb
from tests.services import programs
from tests.services import rabbitmq


_START_S = 120
_STOP_S = 10
#: Service -> the queue from which it takes its messages.
_QUEUES = {
    'watcher-applier': 'watcher.applier.control',
    'watcher-decision-engine': 'watcher.decision.control',
}
ENGINE = 'watcher-decision-engine'
APPLIER = 'watcher-applier'


class Lab(fixtures.Fixture):
    """Nova and Placement of a minicloud; Watcher's own programs.

    :ivar cloud: the minicloud; its adapter of Watcher leads to our API
    :ivar nova: the path from Watcher to Nova
    :ivar placement: the path from Watcher to Placement
    """

    def __init__(
        self,
        description: Mapping[str, Any],
        options: Mapping[str, Mapping[str, Any]],
        nova_options: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        """Describe it.

        :param options: section -> option -> value of watcher.conf
        :param nova_options: the same of nova.conf
        """
        super().__init__()
        self._description = description
        self._nova_options = nova_options
        self._options = options
        self._programs: dict[str, programs.Program] = {}

    def _setUp(self) -> None:
        self.directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.database = self.useFixture(
            mariadb.MariaDB(self.directory, _free_port())
        )
        self._broker = self.useFixture(rabbitmq.Broker())
        self.cloud = self.useFixture(
            cloud.Cloud(self._description, self._nova_options)
        )
        self.cloud.kill_watcher()
        self.nova = self._gate('compute')
        self.placement = self._gate('placement')
        self._configure()
        port = self.cloud.urls['infra-optim'].rpartition(':')[2]
        self._run('watcher-api', sys.executable, '-m', 'tests.chaos.api', port)
        for service in (ENGINE, APPLIER):
            self.start(service)
        waiting.until(self._answers, _START_S, lambda: 'no API')

    def _gate(self, api: str) -> gate.Gate:
        path = self.useFixture(gate.Gate())
        path.nova = self.cloud.urls[api]
        return path

    def _configure(self) -> None:
        """Write watcher.conf: minicloud's, and what differs."""
        config = configparser.ConfigParser(interpolation=None, strict=False)
        config.read(f'{self.cloud.directory}/watcher.conf')
        url = self.database.create('watcher', 'utf8mb3')
        places: dict[str, dict[str, Any]] = {
            'DEFAULT': {
                'transport_url': self._broker.url,
                'service_down_time': 90,
                'log_file': '',
            },
            'database': {'connection': url},
            'nova': {'endpoint_override': self.nova.url},
            'placement': {
                'endpoint_override': self.placement.url.removesuffix('/v2.1')
            },
            'watcher_applier': {'workers': 1},
        }
        sections = {
            name: dict(config.items(name)) for name in config.sections()
        }
        sections['DEFAULT'] = dict(config.defaults())
        for name in config.sections():
            for key in config.defaults():
                sections[name].pop(key, None)
        for overlay in (places, self._options):
            for name, values in overlay.items():
                sections.setdefault(name, {}).update(values)
        self._conf = self.directory / 'watcher.conf'
        files.write_config(str(self._conf), sections)
        programs.run(
            (
                programs.script('watcher-db-manage'),
                '--config-file', str(self._conf), 'upgrade',
            )
        )  # fmt: skip

    def _run(self, name: str, *command: str) -> programs.Program:
        program = programs.Program(
            name,
            (*command, '--config-file', str(self._conf)),
            self.directory,
            {
                'OS_WATCHER_DISABLE_EVENTLET_PATCHING': 'true',
                services.NOTES: str(self.directory / 'threads'),
            },
        )
        self._programs[name] = self.useFixture(program)
        return program

    def start(self, service: str) -> int:
        """Start a service, and wait until it takes messages.

        :returns: how many starts it took: an engine that was killed during a
            ONESHOT audit fails its next one
        """
        for number in (1, 2, 3):
            program = self._run(
                service, sys.executable, '-m', 'tests.chaos.service', service
            )
            if self._takes_messages(service, program):
                return number
        raise RuntimeError(f'{service} does not start:\n{program.log()}')

    def _takes_messages(self, service: str, program: Any) -> bool:
        end = time.monotonic() + _START_S
        while time.monotonic() < end and not program.has_ended:
            if self._broker.has_consumer(_QUEUES[service]):
                return True
            time.sleep(0.5)
        return False

    def kill(self, service: str) -> None:
        """End a service and its workers as a power failure would."""
        self._programs[service].signal(signal.SIGKILL)
        waiting.until(
            lambda: (
                self._programs[service].has_ended
                and not self._broker.has_consumer(_QUEUES[service])
            ),
            _START_S,
            lambda: f'{service} was killed, and goes on',
        )

    def pause(self, service: str) -> None:
        """Stop the processor for a service."""
        self._programs[service].signal(signal.SIGSTOP)

    def go_on(self, service: str) -> None:
        """Let a service that was paused go on."""
        self._programs[service].signal(signal.SIGCONT)

    def pids(self, service: str) -> list[int]:
        """Return the processes of a service."""
        return self._programs[service].pids()

    def started_threads(self) -> dict[int, dict[str, Any]]:
        """Return id of a thread -> what the services have noted of it."""
        lines = (self.directory / 'threads').read_text().splitlines()
        notes = [json.loads(line) for line in lines]
        # The kernel uses an id again: the last one holds.
        return {note['thread']: note for note in notes}

    def has_ended(self, service: str) -> bool:
        """Return True if a service has ended."""
        return self._programs[service].has_ended

    def logs(self) -> str:
        """Return what the services have logged."""
        return '\n'.join(
            f'--- {path.name}\n{path.read_text(errors="replace")}'
            for path in sorted(self.directory.glob('watcher-*.log'))
        )

    def _answers(self) -> bool:
        try:
            url = f'{self.cloud.urls["infra-optim"]}/v1/'
            return requests.get(url, timeout=60).status_code == 200
        except requests.ConnectionError:
            return False


def _free_port() -> int:
    with socket.create_server(('127.0.0.1', 0)) as listening:
        return int(listening.getsockname()[1])
