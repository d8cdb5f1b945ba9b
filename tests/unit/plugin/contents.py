# SPDX-License-Identifier: Apache-2.0

"""What is on a compute node, for tests of whether it is empty."""

from watcher_host_maintenance.cloud.reading.hosts import Contents
from watcher_host_maintenance.cloud.records import Migration
from watcher_host_maintenance.cloud.records import Server


def a_server(
    name='web', vm_state='active', task_state='', power_state='running'
):
    return Server(
        uuid=f'uuid-{name}',
        name=name,
        host='compute-1',
        vm_state=vm_state,
        task_state=task_state,
        power_state=power_state,
        project_id='p',
        pinned_zone=None,
        extra_specs={},
        resources={},
    )


def a_move(
    name='web',
    status='running',
    kind='live-migration',
    source='compute-1',
    destination='compute-2',
):
    """A migration and its server."""
    migration = Migration(
        instance_uuid=f'uuid-{name}',
        source=source,
        destination=destination,
        kind=kind,
        status=status,
        uuid=f'move-{name}',
        created_at='2026-11-28T10:00:00.000000',
        id=1,
    )
    return migration, a_server(name)


def contents(status='disabled', **fields):
    """Those of compute-1."""
    return Contents('compute-1', status, **fields)


WEB = a_server()
