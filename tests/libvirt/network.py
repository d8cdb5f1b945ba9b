# SPDX-License-Identifier: Apache-2.0

"""The one network of the cloud: a bridge in the namespace of the tests."""

import socket
import subprocess


_BRIDGE = 'cloud'
_PREFIX = '10.77.0.'
#: Of the control plane, on the bridge itself.
CONTROLLER = _PREFIX + '1'


def create() -> None:
    """Create the bridge."""
    _ip('link', 'set', 'lo', 'up')
    _ip('link', 'add', _BRIDGE, 'type', 'bridge')
    _ip('address', 'add', f'{CONTROLLER}/24', 'dev', _BRIDGE)
    _ip('link', 'set', _BRIDGE, 'up')


def delete() -> None:
    """Delete the bridge."""
    _ip('link', 'delete', _BRIDGE)


def add_host(name: str, number: int) -> str:
    """Create the network namespace of a host and connect it to the bridge.

    :param number: 1 to 200
    :returns: its address
    """
    address = f'{_PREFIX}{number + 10}'
    _ip('netns', 'add', name)
    _ip('link', 'add', name, 'type', 'veth',
        'peer', 'name', 'eth0', 'netns', name)  # fmt: skip
    _ip('link', 'set', name, 'master', _BRIDGE, 'up')
    inside = ('-n', name)
    _ip(*inside, 'link', 'set', 'lo', 'up')
    _ip(*inside, 'address', 'add', f'{address}/24', 'dev', 'eth0')
    _ip(*inside, 'link', 'set', 'eth0', 'up')
    return address


def _ip(*arguments: str) -> None:
    subprocess.run(['ip', *arguments], check=True)


def listen(port: int) -> socket.socket:
    """Listen on the bridge, for the hosts and the tests."""
    return socket.create_server((CONTROLLER, port), backlog=128)
