# SPDX-License-Identifier: Apache-2.0

"""Plan what standard input asks for, with whatever version is imported.

Run as a program by :mod:`benchmarks.before`, in the tree of this commit and in
that of another, whose modules may have other names. Each line is a case, each
line of the answer what became of it.
"""

import dataclasses
import importlib
import json
import sys
import time

from collections.abc import Mapping
from typing import Any


CORE = 'watcher_host_maintenance.core'


def module(*names: str) -> Any:
    """Import the first module that there is, of several names of one."""
    for name in names:
        try:
            return importlib.import_module(f'{CORE}.{name}')
        except ModuleNotFoundError as exc:
            if not f'{CORE}.{name}'.startswith(str(exc.name)):
                raise
    raise ModuleNotFoundError(' '.join(names))


snapshots = module('model.snapshot', 'snapshot')
requests = module('model.request', 'request')
drain = module('drain')
schedules = module('scheduling.steps', 'schedule')
checks = module('checking.check', 'checker')


def built(kind: Any, plain: Mapping[str, Any]) -> Any:
    """Return a record of this version, of the fields that it has."""
    names = {field.name for field in dataclasses.fields(kind)}
    return kind(
        **{
            name: tuple(value) if isinstance(value, list) else value
            for name, value in plain.items()
            if name in names
        }
    )


def snapshot(plain: Mapping[str, Any]) -> Any:
    """Return a snapshot of this version."""
    nodes = []
    for node in plain['nodes']:
        inventory = {
            name: built(snapshots.Inventory, offer)
            for name, offer in node['inventory'].items()
        }
        fields = {**node, 'inventory': inventory}
        nodes.append(built(snapshots.ComputeNode, fields))
    return snapshots.Snapshot(
        tuple(nodes),
        tuple(built(snapshots.Instance, i) for i in plain['instances']),
        tuple(built(snapshots.ServerGroup, g) for g in plain['groups']),
    )


def answer(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Plan, schedule and check one case; return what came of it.

    :returns: ``moves``: instance's UUID -> hostname; ``refused``: hostnames;
        ``left``: how many instances stay; ``seconds`` of processor time
    """
    known = snapshot(plain['snapshot'])
    on_blocked = requests.OnBlocked(plain['request'].pop('on_blocked'))
    request = dataclasses.replace(
        built(requests.Request, plain['request']), on_blocked=on_blocked
    )
    started_s = time.process_time()
    outcome = drain.plan(known, request)
    steps = schedules.schedule(known, outcome)
    violations = checks.check(known, request, outcome, steps)
    taken_s = time.process_time() - started_s
    return {
        'moves': {
            move.instance_uuid: move.destination
            for node in outcome.nodes
            for move in node.moves
        },
        'refused': [
            n.hostname for n in outcome.nodes if n.verdict.value == 'refused'
        ],
        'left': sum(len(node.stays) for node in outcome.nodes),
        'violations': len(violations),
        'seconds': taken_s,
    }


if __name__ == '__main__':
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)
