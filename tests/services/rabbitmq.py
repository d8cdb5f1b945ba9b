# SPDX-License-Identifier: Apache-2.0

"""A RabbitMQ of one's own, where Debian's ``rabbitmq-server`` is installed."""

import os
import pathlib
import shutil
import socket
import subprocess

import fixtures
import kombu

from minicloud import waiting
from tests.services import programs


_START_S = 120


def program():
    """Where it is; None where it or Erlang's epmd is not installed.

    It is not the one on the PATH, which changes to a user of its own.
    """
    found = sorted(
        pathlib.Path('/usr/lib/rabbitmq/lib').glob(
            'rabbitmq_server-*/sbin/rabbitmq-server'
        )
    )
    return str(found[-1]) if found and shutil.which('epmd') else None


class Broker(fixtures.Fixture):
    """It listens on one address only, and leaves nothing behind.

    :ivar url: for ``transport_url``
    """

    def __init__(self, address='127.0.0.1'):
        super().__init__()
        self._address = address

    def _setUp(self):
        self._directory = self.useFixture(fixtures.TempDir()).path
        self._port, epmd, distribution = _free_ports(3)
        self.url = f'rabbit://guest:guest@{self._address}:{self._port}/'
        # The user guest is otherwise let in from 127.0.0.1 only.
        pathlib.Path(self._directory, 'rabbitmq.conf').write_text(
            'loopback_users = none\n'
        )
        environment = self._environment(epmd, distribution)
        # It would start one itself, which listens for everybody and stays.
        self._run(
            ['epmd', '-address', '127.0.0.1', '-port', str(epmd)], environment
        )
        self._run([program()], environment)
        waiting.until(self._answers, _START_S, self._output)

    def has_consumer(self, name: str) -> bool:
        """Return True if somebody takes messages from a queue."""
        with self._connection() as connection:
            try:
                declared = connection.default_channel.queue_declare(
                    name, passive=True
                )
            except connection.channel_errors:
                return False
        return declared.consumer_count > 0

    def has_queue(self, name):
        """Tell whether somebody has made a queue of this name."""
        with self._connection() as connection:
            try:
                connection.default_channel.queue_declare(name, passive=True)
            except connection.channel_errors:
                return False
        return True

    def _connection(self):
        return kombu.Connection(self.url.replace('rabbit:', 'amqp:'))

    def _answers(self):
        try:
            with self._connection() as connection:
                connection.connect()
        except OSError:
            return False
        return True

    def _environment(self, epmd, distribution):
        directory = self._directory
        return {
            **os.environ,
            'HOME': directory,
            'ERL_EPMD_ADDRESS': '127.0.0.1',
            'ERL_EPMD_PORT': str(epmd),
            # Then it becomes the server, instead of a shell that starts it.
            'RUNNING_UNDER_SYSTEMD': 'true',
            'RABBITMQ_CONF_ENV_FILE': '/dev/null',
            'RABBITMQ_CONFIG_FILE': f'{directory}/rabbitmq',
            'RABBITMQ_DIST_PORT': str(distribution),
            'RABBITMQ_ENABLED_PLUGINS_FILE': f'{directory}/plugins',
            'RABBITMQ_LOG_BASE': f'{directory}/log',
            'RABBITMQ_MNESIA_BASE': f'{directory}/mnesia',
            'RABBITMQ_NODENAME': f'rabbit-{self._port}@localhost',
            'RABBITMQ_NODE_IP_ADDRESS': self._address,
            'RABBITMQ_NODE_PORT': str(self._port),
            'RABBITMQ_PID_FILE': f'{directory}/pid',
            'RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS': '-kernel inet_dist_use_interface {127,0,0,1}',
        }

    def _run(self, command, environment):
        with open(f'{self._directory}/output', 'ab') as output:
            process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.useFixture(programs.Lifeline(process.pid))
        self.addCleanup(_end, process)

    def _output(self):
        return pathlib.Path(self._directory, 'output').read_text()


def _end(process):
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_ports(count):
    sockets = [socket.create_server(('127.0.0.1', 0)) for _ in range(count)]
    ports = [sock.getsockname()[1] for sock in sockets]
    for sock in sockets:
        sock.close()
    return ports
