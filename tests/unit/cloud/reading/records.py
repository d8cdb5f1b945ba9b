# SPDX-License-Identifier: Apache-2.0

"""Records of a server as Nova's reader gives them."""

from tests.unit.plugin.builders import PROJECT
from tests.unit.plugin.builders import uuid_of
from watcher_host_maintenance.cloud.records import Server


FLAVOR = {'VCPU': 2, 'MEMORY_MB': 2048, 'DISK_GB': 20}


def a_record(**fields):
    return Server(
        **{
            'uuid': uuid_of('web-1'),
            'name': 'web-1',
            'host': 'compute-1',
            'vm_state': 'active',
            'task_state': '',
            'power_state': 'running',
            'project_id': PROJECT,
            'pinned_zone': None,
            'extra_specs': {},
            'resources': FLAVOR,
            **fields,
        }
    )
