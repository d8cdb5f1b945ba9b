# SPDX-License-Identifier: Apache-2.0

"""Ganeti's allocator ``hail`` as a peer, where ganeti-htools is installed.

It reads a request of instances to allocate and the nodes there are. It wants
a MiB more than an instance takes, of memory and of disk, which it gets.
"""

import functools
import json
import pathlib
import shutil
import subprocess
import tempfile

from typing import Any

from watcher_host_maintenance.core.packing.problem import Bin
from watcher_host_maintenance.core.packing.problem import Item
from watcher_host_maintenance.core.packing.problem import Problem
from watcher_host_maintenance.core.packing.result import Result


DIRECTORY = '/usr/lib/ganeti/iallocators'

GROUPED = 'apart'
"""Prefix of the tags of which a node may have each but once."""

MIB_PER_GIB = 1024

PLENTY = 1_000_000

_LEAST = {
    'memory-size': 1,
    'cpu-count': 1,
    'disk-size': 1,
    'disk-count': 1,
    'nic-count': 0,
    'spindle-use': 1,
}

_POLICY = {
    'std': _LEAST,
    'minmax': [{'min': _LEAST, 'max': dict.fromkeys(_LEAST, 10**9)}],
    'disk-templates': ['plain'],
    'vcpu-ratio': 1.0,
    'spindle-ratio': float(PLENTY),
}


@functools.cache
def program() -> str | None:
    """Return where it is; None is not installed."""
    return shutil.which('hail') or shutil.which('hail', path=DIRECTORY)


def place(problem: Problem) -> Result:
    """Ask it to allocate everything at once."""
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory, 'request.json')
        path.write_text(json.dumps(request(problem)))
        told = subprocess.run(
            [
                str(program()),
                '--no-capacity-checks',
                '--static-kvm-node-memory=0',
                str(path),
            ],
            check=True,
            capture_output=True,
            text=True,
        )
    answer = json.loads(told.stdout)
    if not answer['success'] or answer['result'][1]:
        return Result()
    where: dict[str, dict[str, int]] = {}
    for name, (host,) in answer['result'][0]:
        there = where.setdefault(name.partition('/')[0], {})
        there[host] = there.get(host, 0) + 1
    return Result(where, complete=True)


def request(problem: Problem) -> dict[str, Any]:
    """Write a problem as it reads one."""
    group = {
        'name': 'all',
        'alloc_policy': 'preferred',
        'networks': [],
        'tags': [],
        'ipolicy': _POLICY,
    }
    return {
        'version': 2,
        'cluster_name': 'benchmark',
        'cluster_tags': [f'htools:iextags:{GROUPED}'],
        'ipolicy': _POLICY,
        'enabled_hypervisors': ['kvm'],
        'nodegroups': {'all': group},
        'nodes': {b.hostname: _node(b) for b in problem.bins},
        'instances': {},
        'request': {
            'type': 'multi-allocate',
            'instances': [
                _instance(item, number)
                # It keeps to the order: the largest come first.
                for item in sorted(problem.items, key=_smallness)
                for number in range(item.count)
            ],
        },
    }


def _smallness(item: Item) -> tuple[int, str]:
    return -item.memory_mb, item.key


def _node(there: Bin) -> dict[str, Any]:
    memory_mb = there.free('MEMORY_MB') + 1
    disk_mb = there.free('DISK_GB') * MIB_PER_GIB + 1
    return {
        'total_disk': disk_mb,
        'free_disk': disk_mb,
        'total_memory': memory_mb,
        'reserved_memory': 0,
        'free_memory': memory_mb,
        'total_cpus': there.free('VCPU'),
        'reserved_cpus': 0,
        'total_spindles': PLENTY,
        'free_spindles': PLENTY,
        'group': 'all',
        'offline': False,
        'drained': False,
        'vm_capable': True,
        'tags': [],
        'i_pri_memory': 0,
        'i_pri_up_memory': 0,
        'ndparams': {'spindle_count': PLENTY, 'exclusive_storage': False},
    }


def _instance(item: Item, number: int) -> dict[str, Any]:
    disk_mb = item.resources['DISK_GB'] * MIB_PER_GIB
    return {
        'type': 'allocate',
        'name': f'{item.key}/{number}',
        'memory': item.resources['MEMORY_MB'],
        'vcpus': item.resources['VCPU'],
        'disks': [{'size': disk_mb, 'mode': 'w'}],
        'disk_space_total': disk_mb,
        'disk_template': 'plain',
        'os': 'any',
        'tags': [f'{GROUPED}:{item.group}'] if item.group else [],
        'nics': [],
        'required_nodes': 1,
        'spindle_use': 1,
        'hypervisor': 'kvm',
    }
