# SPDX-License-Identifier: Apache-2.0

"""Drain a host, with Watcher under another interpreter.

A program, run outside the repository: ``drain.py PYTHON``. It prints what
Watcher offers and what came of the drain, as JSON.
"""

import json
import sys

from minicloud import cloud


HOST = {'vcpus': 16, 'memory_mb': 65536, 'disk_gb': 1000}
FLAVOR = {'vcpus': 2, 'memory_mb': 4096, 'disk_gb': 20}


def main() -> None:
    """Start a cloud, drain compute-1, tell."""
    with cloud.Cloud(
        {
            'hosts': {'compute-1': HOST, 'compute-2': HOST},
            'flavors': {'small': FLAVOR},
            'servers': {
                'web': {'host': 'compute-1', 'flavor': 'small', 'count': 2}
            },
        },
        watcher_python=sys.argv[1],
    ) as lab:
        offered = {
            kind: [
                one['name']
                for one in lab.watcher.get(f'/v1/{kind}').json()[kind]
            ]
            for kind in ('goals', 'strategies')
        }
        lab.refresh_model()
        audit = lab.run_audit(
            'cluster_maintenance',
            'cluster_host_maintenance',
            {'maintenance_node': 'compute-1'},
        )
        plan = lab.execute(lab.action_plan(audit))
        print(
            json.dumps(
                {
                    **offered,
                    'audit': audit['state'],
                    'plan': plan['state'],
                    'servers': {n: list(s) for n, s in lab.servers().items()},
                    'service': list(lab.services()['compute-1']),
                }
            )
        )


if __name__ == '__main__':
    main()
