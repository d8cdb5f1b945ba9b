# SPDX-License-Identifier: Apache-2.0

"""Bring servers into the states of a description, the way users do."""

from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

from novaclient.v2 import servers as nova_servers

from minicloud import exceptions
from minicloud import waiting


#: Status -> the task with which a server stays in it; the others have none.
_TASKS = {'BUILD': 'spawning'}

#: One step: what to ask Nova for, and the status that tells it is done.
Step = tuple[Callable[[nova_servers.Server, Mapping[str, Any]], Any], str]

_STEPS: Mapping[str, tuple[Step, ...]] = {
    'ACTIVE': (),
    'BUILD': (),
    'SHUTOFF': ((lambda server, spec: server.stop(), 'SHUTOFF'),),
    'PAUSED': ((lambda server, spec: server.pause(), 'PAUSED'),),
    'SUSPENDED': ((lambda server, spec: server.suspend(), 'SUSPENDED'),),
    'RESCUE': ((lambda server, spec: server.rescue(), 'RESCUE'),),
    'VERIFY_RESIZE': (
        (
            lambda server, spec: server.migrate(host=spec['host']),
            'VERIFY_RESIZE',
        ),
    ),
    'SHELVED': ((lambda server, spec: server.shelve(), 'SHELVED'),),
    'SHELVED_OFFLOADED': (
        (lambda server, spec: server.shelve(), 'SHELVED'),
        (lambda server, spec: server.shelve_offload(), 'SHELVED_OFFLOADED'),
    ),
    'SOFT_DELETED': ((lambda server, spec: server.delete(), 'SOFT_DELETED'),),
    'ERROR': ((lambda server, spec: server.reset_state('error'), 'ERROR'),),
}
_TIMEOUT_S = 300


class Settling:
    """Servers on their way to their states."""

    def __init__(self, manager: nova_servers.ServerManager) -> None:
        self._manager = manager
        self._specs: dict[str, Mapping[str, Any]] = {}
        self._pending: dict[str, str] = {}

    def add(self, ids: list[str], spec: Mapping[str, Any]) -> None:
        """Take charge of servers that are being built.

        :param spec: their record in the description; 'flavor' is an id
        """
        for server_id in ids:
            self._specs[server_id] = spec
            self._pending[server_id] = (
                'BUILD' if spec['state'] == 'BUILD' else 'ACTIVE'
            )

    def expect(self, server_id: str, status: str) -> None:
        """Wait for a server to get into another status."""
        self._pending[server_id] = status

    def resizes(self) -> list[tuple[str, Mapping[str, Any]]]:
        """Servers, with their records, that are to get a new flavor."""
        return [
            (server_id, spec)
            for server_id, spec in self._specs.items()
            if 'flavor' in spec.get('resized_from', {})
        ]

    def enter_states(self) -> None:
        """Bring every server into its state; all take a step at a time.

        :raises CloudError: one did not get there
        """
        for number in range(max(map(len, _STEPS.values()))):
            for server_id, spec in self._specs.items():
                steps = _STEPS[spec['state']]
                if 'flavor' in spec.get('resized_from', {}):
                    continue
                if number < len(steps):
                    act, status = steps[number]
                    act(self._manager.get(server_id), spec)
                    self._pending[server_id] = status
            self.wait()
        for server_id, spec in self._specs.items():
            if spec.get('locked'):
                self._manager.lock(server_id)

    def wait(self, at_most: int = 0) -> None:
        """Wait until no more than so many servers are on their way.

        :raises CloudError: one went elsewhere, or took too long
        """

        def few() -> bool:
            for server_id, status in list(self._pending.items()):
                if self._arrived(server_id, status):
                    del self._pending[server_id]
            return len(self._pending) <= at_most

        waiting.until(
            few,
            _TIMEOUT_S,
            lambda: f'Servers are on their way: {self._pending}',
        )

    def _arrived(self, server_id: str, status: str) -> bool:
        server = self._manager.get(server_id)
        busy = getattr(server, 'OS-EXT-STS:task_state')
        if (server.status, busy) == (status, _TASKS.get(status)):
            return True
        if server.status == 'ERROR' and not busy:
            fault = getattr(server, 'fault', {}).get('message', 'no fault')
            raise exceptions.CloudError(
                f'Server {server.name} is in ERROR on its way to {status}: '
                f'{fault}'
            )
        return False
