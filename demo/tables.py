# SPDX-License-Identifier: Apache-2.0

"""The table of hosts."""

from collections.abc import Collection
from collections.abc import Mapping

import rich.box
import rich.table
import rich.text

from demo.picture import Picture


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
