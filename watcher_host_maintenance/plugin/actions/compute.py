#    Licensed under the Apache License, Version 2.0 (the "License"); you may
#    not use this file except in compliance with the License. You may obtain
#    a copy of the License at
#
#         http://www.apache.org/licenses/LICENSE-2.0
#
#    Unless required by applicable law or agreed to in writing, software
#    distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
#    WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
#    License for the specific language governing permissions and limitations
#    under the License.

"""Nova, as an action asks it: what it refuses ends the action."""

import contextlib

from collections.abc import Iterator
from typing import Any

from watcher_host_maintenance import exceptions
from watcher_host_maintenance._i18n import _
from watcher_host_maintenance.core import words
from watcher_host_maintenance.plugin import clients
from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.plugin import nova
from watcher_host_maintenance.plugin.actions import base


@contextlib.contextmanager
def asking(call: str, server: str = '') -> Iterator[Any]:
    """Give a client, and end the action with what Nova says of a failure.

    :param call: method and path, for a person to read
    :param server: the name of the server that something is asked for, which
        says more than the call does
    :raises watcher_host_maintenance.exceptions.ActionFailed: a call failed
    """
    try:
        connect = clients.connect_nova()
        with clients.calling(clients.NOVA, call):
            yield connect(nova.LATEST_VERSION)
    except exceptions.NotPlanned as exc:
        raise failed(exc, server) from exc


def failed(
    error: exceptions.NotPlanned, server: str = ''
) -> exceptions.ActionFailed:
    """Make what ends an action from a call that failed."""
    if not server:
        return base.failed([f'{words.say(error.finding)}.'])
    facts = {'server': server, 'error': error.finding.facts.get('error')}
    return base.failed(
        [_('Nova does not do it for %(server)s: %(error)s') % facts]
    )


def service(host: str) -> Any:
    """Return the nova-compute service of a host; None when there is none.

    :raises watcher_host_maintenance.exceptions.ActionFailed: a call failed
    """
    with asking(f'GET /os-services?host={host}') as client:
        found = client.services.list(host=host, binary=names.COMPUTE_SERVICE)
    return next((s for s in found if s.host == host), None)
