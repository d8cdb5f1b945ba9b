# SPDX-License-Identifier: Apache-2.0

"""Why a plan is as it is, in words for somebody new to it."""

import itertools

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from demo.picture import CLASSES
from demo.picture import Picture


_WORDS = {'VCPU': 'VCPU', 'MEMORY_MB': 'memory', 'DISK_GB': 'disk'}
_UNITS = {'VCPU': '', 'MEMORY_MB': ' MB', 'DISK_GB': ' GB'}


def spread(report: Mapping[str, Any]) -> str:
    """Say what a spread aims at, and how well it came out.

    :param report: the plugin's report of the audit
    """
    percent, host, resource = max(
        (percent, destination['hostname'], resource)
        for destination in report['destinations']
        for resource, percent in destination['percent_after'].items()
        if resource in CLASSES
    )
    return (
        'Each server goes to the host that it leaves least full. The '
        f'fullest in the end is {host}, with {percent:.0f} % of its '
        f'{_WORDS[resource]} in use.'
    )


def not_used(picture: Picture, node: str) -> Iterator[str]:
    """Say why no disabled host takes the servers of a node.

    :param node: the host to empty, still with its servers
    """
    for name, host in picture.hosts.items():
        if host.status != 'disabled' or name == node:
            continue
        if host.disabled_reason != 'watcher_disabled':
            yield (
                f'{name} is empty, but somebody has disabled it because '
                f'of "{host.disabled_reason}": it is never used.'
            )
            continue
        short = list(_short(picture, node, name))
        if short:
            yield (
                f'{name}, the spare, cannot take them all: they need '
                f'{" and ".join(short)}.'
            )


def stays(report: Mapping[str, Any], server: str) -> list[str]:
    """Pick what a report says about the server that cannot leave.

    :param report: the plugin's report of the audit
    :returns: a line for each thing that each host lacks; maybe none
    """
    lines = iter(report['words'])
    for line in lines:
        if line.startswith(f'  {server} '):
            break
    told = itertools.takewhile(lambda line: line.startswith('    '), lines)
    return [line.strip() for line in told]


def _short(picture: Picture, node: str, spare: str) -> Iterator[str]:
    """Name what a spare has too little of for a whole node."""
    for resource in CLASSES:
        wanted = picture.hosts[node].used.get(resource, 0)
        room = picture.hosts[spare].capacity.get(resource, 0) - picture.hosts[
            spare
        ].used.get(resource, 0)
        if wanted > room:
            unit = _UNITS[resource]
            yield (
                f'{wanted}{unit} of {_WORDS[resource]}, and it has '
                f'{room:g}{unit}'
            )
