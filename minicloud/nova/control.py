# SPDX-License-Identifier: Apache-2.0

"""The control API of the Nova process."""

from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

from minicloud import wsgi
from minicloud.nova import calls
from minicloud.nova import driver
from minicloud.nova import faults
from minicloud.nova import neighbours
from minicloud.nova import records
from minicloud.nova import services


class Control:
    """Set faults; stop and start compute services and APIs.

    ``GET /`` answers once the services run. ``POST /faults`` sets a fault,
    ``POST /faults/clear`` takes those of a server, or all, away,
    ``POST /computes/stop`` and ``/start`` take ``{"host": name}``,
    ``POST /computes/update`` brings Placement up to date,
    ``POST /servers`` takes ``{"server": UUID, "fields": {name: value}}``,
    ``POST /agents`` takes ``{"host": name, "alive": boolean}``,
    ``POST /groups`` takes ``{"check": boolean}``,
    ``GET /calls`` answers {API: [user, call, rules of policy] of each} since
    the last time,
    ``POST /renew`` takes ``{"hosts": {name: record}, "saved": directory}`` and
    ``POST /apis`` takes ``{"api": name, "passage": see wsgi.Passage, "path":
    of the request with which that begins}``.
    """

    def __init__(
        self,
        nova: services.Services,
        gates: Mapping[str, wsgi.Gate],
        apis: Mapping[str, calls.Recorded],
        network: neighbours.Network,
    ) -> None:
        registry = driver.DescribedDriver.registry
        self._commands: dict[str, Callable[[Any], Any]] = {
            '/': lambda body: None,
            '/faults': lambda body: registry.set(faults.Fault(**body)),
            '/faults/clear': lambda body: registry.clear(body['server']),
            '/computes/stop': lambda body: nova.stop_compute(body['host']),
            '/computes/start': lambda body: nova.start_compute(body['host']),
            '/computes/update': lambda body: nova.update_resources(),
            '/servers': lambda body: records.set_server(**body),
            '/migrations': lambda body: records.set_migration(**body),
            '/renew': self._renew,
            '/agents': lambda body: network.agents.update(
                {body['host']: body['alive']}
            ),
            '/groups': lambda body: nova.check_groups(body['check']),
            '/apis': self._set_api,
            '/calls': lambda body: {
                api: recorded.take() for api, recorded in apis.items()
            },
        }
        self._nova = nova
        self._gates = gates
        self._network = network

    def __call__(self, method: str, path: str, body: Any) -> Any:
        """Answer one request.

        :raises LookupError: no such path, host or API
        :raises ValueError: no such operation or kind of fault
        """
        answer = self._commands[path](body)
        return {'status': 'ok'} if answer is None else answer

    def _renew(self, body: Any) -> None:
        self._network.agents.clear()
        self._nova.renew(**body)

    def _set_api(self, body: Any) -> None:
        passage = wsgi.Passage(body['passage'])
        self._gates[body['api']].set(passage, body['path'])
