# SPDX-License-Identifier: Apache-2.0

"""Make things go wrong in a running cloud."""

from collections.abc import Callable
from typing import Any


#: Sends (method, path, body) to the control API of the Nova process.
Control = Callable[[str, str, Any], Any]


class Faults:
    """Faults of servers' operations and of compute services.

    An operation is one of 'spawn' (a new server), 'live_migration_check'
    (the destination's check, before anything moves), 'live_migration' (the
    transfer), 'cold_migration' (the source's part of a resize or cold
    migration), 'finish_migration' (the destination's part) and 'hypervisor'
    (whatever nova-compute asks it about the server). Servers are named by name
    or UUID, and need not exist yet.

    A transfer that fails, or that is aborted, leaves its server in ERROR and
    the guest as it was, as with libvirt; see :func:`.migrations.recover`.
    """

    def __init__(self, control: Control) -> None:
        self._control = control

    def fail(self, server: str, operation: str = 'live_migration') -> None:
        """Let an operation of a server fail, each time it is tried."""
        self._set(server, operation, 'fail')

    def hang(self, server: str, operation: str = 'live_migration') -> None:
        """Let an operation stand still until the fault is cleared."""
        self._set(server, operation, 'hang')

    def delay(
        self, server: str, seconds: float, operation: str = 'live_migration'
    ) -> None:
        """Let an operation take so many seconds more."""
        self._set(server, operation, 'delay', seconds)

    def clear(self, server: str | None = None) -> None:
        """Take away the faults of one server, or of all."""
        self._control('POST', '/faults/clear', {'server': server})

    def stop_compute(self, host: str) -> None:
        """Stop nova-compute on a host; Nova says 'down' at once.

        The heartbeat is dated back: Nova would need a minute to notice.
        """
        self._control('POST', '/computes/stop', {'host': host})

    def start_compute(self, host: str) -> None:
        """Start it again; the servers of the host are still there."""
        self._control('POST', '/computes/start', {'host': host})

    def stop_api(self, api: str) -> None:
        """Let 'compute' or 'placement' answer 503, to everybody."""
        self._set_api(api, 'closed')

    def hang_api(self, api: str, path: str = '') -> None:
        """Let it accept requests, and answer none, to anybody.

        :param path: of the request with which that begins; '' is at once
        """
        self._set_api(api, 'hangs', path)

    def drip_api(self, api: str) -> None:
        """Let it answer one byte at a time, to everybody."""
        self._set_api(api, 'drips')

    def start_api(self, api: str) -> None:
        """Let an API work again, and answer what waits for it."""
        self._set_api(api, 'open')

    def set_agent(self, host: str, alive: bool) -> None:
        """Let Neutron say that the agent of a host is alive, or dead.

        Before, it knows of none.
        """
        self._control('POST', '/agents', {'host': host, 'alive': alive})

    def update_resources(self) -> None:
        """Let compute services repair what others think of their hosts.

        They tell Placement once a minute what they have, and every other
        minute the scheduler which servers; here nothing happens by the
        clock. It is needed after a service was enabled while servers moved,
        and when a move has failed of a server in a group.
        """
        self._control('POST', '/computes/update', None)

    def set_server(self, server: str, **fields: Any) -> None:
        """Write into Nova's record of a server, past all that it checks.

        :param server: its UUID
        :param fields: task_state, power_state (a number)...
        """
        self._control('POST', '/servers', {'server': server, 'fields': fields})

    def set_migration(self, migration: int, **fields: Any) -> None:
        """Write into Nova's record of a migration.

        :param migration: its number
        :param fields: status, updated_at...
        """
        body = {'migration': migration, 'fields': fields}
        self._control('POST', '/migrations', body)

    def check_groups(self, enabled: bool) -> None:
        """Let compute hosts check the policy of server groups, or not.

        It is the check that comes after the scheduler's.
        """
        self._control('POST', '/groups', {'check': enabled})

    def _set_api(self, api: str, passage: str, path: str = '') -> None:
        body = {'api': api, 'passage': passage, 'path': path}
        self._control('POST', '/apis', body)

    def _set(
        self, server: str, operation: str, kind: str, seconds: float = 0
    ) -> None:
        self._control(
            'POST',
            '/faults',
            {
                'server': server,
                'operation': operation,
                'kind': kind,
                'seconds': seconds,
            },
        )
