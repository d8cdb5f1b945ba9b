# SPDX-License-Identifier: Apache-2.0

"""The control API of the Neutron process."""

import datetime

from collections.abc import Sequence
from typing import Any

from neutron.objects.agent import Agent
from neutron_lib import context
from neutron_lib.plugins import directory

from minicloud.neutron import config


_KIND = 'Open vSwitch agent'


def control(method: str, path: str, body: Any) -> Any:
    """Answer one request; ``GET /`` answers once Neutron serves.

    ``POST /agents`` takes ``{"host": name, "alive": boolean, "physical":
    [name], "kbps": number}``: what the Open vSwitch agent of a host reports,
    and how much bandwidth its bridge has in each direction, 0 if it does not
    say.

    :raises LookupError: no such path
    """
    if path == '/agents':
        _report(**body)
    elif path != '/':
        raise LookupError(f'no path {path}')
    return {'status': 'ok'}


def _report(
    host: str, alive: bool, physical: Sequence[str], kbps: int
) -> None:
    """Let the agent of a host report; a dead one has done so long ago."""
    bandwidth = {'egress': kbps, 'ingress': kbps}
    admin = context.get_admin_context()
    directory.get_plugin().create_or_update_agent(
        admin,
        {
            'agent_type': _KIND,
            'binary': 'neutron-openvswitch-agent',
            'host': host,
            'topic': 'N/A',
            'configurations': {
                'bridge_mappings': dict.fromkeys(physical, config.BRIDGE),
                'resource_provider_bandwidths': (
                    {config.BRIDGE: bandwidth} if kbps else {}
                ),
                'tunnel_types': ['vxlan'],
                'tunneling_ip': '192.0.2.1',
            },
        },
    )
    if not alive:
        agent = Agent.get_object(admin, agent_type=_KIND, host=host)
        agent.heartbeat_timestamp -= datetime.timedelta(
            seconds=2 * config.DOWN_TIME_S
        )
        agent.update()
