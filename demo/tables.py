# SPDX-License-Identifier: Apache-2.0

"""Tables of hosts, flavors and destinations."""

from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import rich.box
import rich.table
import rich.text

from demo.picture import Picture
from demo.plan import Move


_HEADINGS = {'VCPU': 'VCPU', 'MEMORY_MB': 'RAM GiB', 'DISK_GB': 'Disk GB'}
_UNITS = {'MEMORY_MB': 1024}


def hosts(picture: Picture, arrived: Collection[str] = ()) -> rich.table.Table:
    """Every host with its servers, and how full it is.

    :param arrived: names of servers to mark as new where they are
    """
    table = _table('Host', 'Status')
    for heading in _HEADINGS.values():
        table.add_column(heading, justify='right', no_wrap=True)
    table.add_column('Servers', ratio=1)
    for name, host in picture.hosts.items():
        amounts = [
            _used_of(host.used, host.capacity, resource)
            for resource in _HEADINGS
        ]
        style = 'dim' if host.status == 'disabled' else ''
        table.add_row(
            name,
            host.status,
            *amounts,
            _servers(picture, name, arrived),
            style=style,
        )
    return table


def legend(arrived: Collection[str] = ()) -> str:
    """What the marks of :func:`hosts` mean."""
    marks = 'Used of capacity.  * stopped server'
    return f'{marks}  + has just moved here' if arrived else marks


def flavors(
    picture: Picture, sizes: Mapping[str, Mapping[str, Any]]
) -> rich.table.Table:
    """The sizes of the servers.

    :param sizes: flavor -> vcpus, memory_mb and disk_gb
    """
    table = _table('Flavor')
    for heading in (*_HEADINGS.values(), 'Running', 'Stopped'):
        table.add_column(heading, justify='right')
    for name, size in sizes.items():
        states = [
            server.status
            for server in picture.servers.values()
            if server.flavor == name
        ]
        running = states.count('ACTIVE')
        table.add_row(
            name,
            str(size['vcpus']),
            _amount(size['memory_mb'], 'MEMORY_MB'),
            str(size['disk_gb']),
            str(running),
            str(len(states) - running),
        )
    return table


def destinations(
    moves: Sequence[Move], report: Mapping[str, Any]
) -> rich.table.Table:
    """Who goes where, and how full that makes the destinations.

    :param report: the plugin's report of the audit
    """
    table = _table('To')
    table.add_column('Servers', ratio=1)
    for heading in ('VCPU', 'RAM', 'Disk'):
        table.add_column(heading, justify='right', no_wrap=True)
    for destination in report['destinations']:
        name = destination['hostname']
        before = destination['percent_before']
        after = destination['percent_after']
        table.add_row(
            name,
            _arriving(moves, name),
            *(
                f'{before[resource]:.0f} -> {after[resource]:.0f} %'
                for resource in _HEADINGS
            ),
        )
    return table


def _table(*headings: str) -> rich.table.Table:
    table = rich.table.Table(
        box=rich.box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1),
        header_style='bold',
        show_edge=False,
    )
    for heading in headings:
        table.add_column(heading, no_wrap=True)
    return table


def _used_of(
    used: Mapping[str, float], capacity: Mapping[str, float], resource: str
) -> str:
    return (
        f'{_amount(used.get(resource, 0), resource)}/'
        f'{_amount(capacity.get(resource, 0), resource)}'
    )


def _amount(amount: float, resource: str) -> str:
    return f'{amount / _UNITS.get(resource, 1):g}'


def _servers(
    picture: Picture, host: str, arrived: Collection[str]
) -> rich.text.Text:
    reason = picture.hosts[host].disabled_reason
    cell = rich.text.Text(f'"{reason}"\n' if reason else '')
    for name in picture.on(host):
        running = picture.servers[name].status == 'ACTIVE'
        mark = '+' if name in arrived else ''
        cell.append(
            f'{mark}{name}{"" if running else "*"} ',
            'bold green' if mark else '',
        )
    cell.rstrip()
    return cell


def _arriving(moves: Sequence[Move], host: str) -> str:
    """Name the servers that go to a host, first those that keep running."""
    lines = []
    for how in ('live', 'cold'):
        names = [
            move.server
            for move in moves
            if move.destination == host and move.how == how
        ]
        if names:
            lines.append(f'{how}: {" ".join(sorted(names))}')
    return '\n'.join(lines)
