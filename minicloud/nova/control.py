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

"""The control API of the Nova process."""

from typing import Any

from minicloud.nova import driver
from minicloud.nova import faults
from minicloud.nova import services


class Control:
    """Set faults; stop and start compute services.

    ``GET /`` answers once the services run. ``POST /faults`` sets a fault,
    ``POST /faults/clear`` takes those of a server, or all, away,
    ``POST /computes/stop`` and ``/start`` take ``{"host": name}``,
    ``POST /computes/update`` brings Placement up to date and
    ``POST /groups`` takes ``{"check": boolean}``.
    """

    def __init__(self, nova: services.Services) -> None:
        self._nova = nova

    def __call__(self, method: str, path: str, body: Any) -> Any:
        """Answer one request.

        :raises LookupError: no such path or host
        :raises ValueError: no such operation or kind of fault
        """
        registry = driver.DescribedDriver.registry
        if path == '/faults':
            registry.set(faults.Fault(**body))
        elif path == '/faults/clear':
            registry.clear(body['server'])
        elif path == '/computes/update':
            self._nova.update_resources()
        elif path == '/groups':
            self._nova.check_groups(body['check'])
        elif path == '/computes/stop':
            self._nova.stop_compute(body['host'])
        elif path == '/computes/start':
            self._nova.start_compute(body['host'])
        elif path != '/':
            raise LookupError(f'no path {path}')
        return {'status': 'ok'}
