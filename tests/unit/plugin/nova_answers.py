# SPDX-License-Identifier: Apache-2.0

"""What Nova's API answers about one thing, at the latest microversion."""

from tests.unit.plugin.builders import PROJECT
from tests.unit.plugin.builders import uuid_of


def a_hypervisor(name='compute-1', host=None, kind='QEMU', **fields):
    return {
        'id': uuid_of(name),
        'hypervisor_hostname': name,
        'hypervisor_type': kind,
        'hypervisor_version': 8002000,
        'service': {'host': host or name, 'id': uuid_of(f'service {name}')},
        **fields,
    }


def a_service(host='compute-1', binary='nova-compute', **fields):
    return {
        'id': uuid_of(f'service {host}'),
        'host': host,
        'binary': binary,
        'status': 'enabled',
        'state': 'up',
        'disabled_reason': None,
        'zone': 'nova',
        **fields,
    }


def a_silent_service(host='compute-1'):
    """All that Nova tells of a service whose cell is down, from 2.69 on."""
    return {'binary': 'nova-compute', 'host': host, 'status': 'UNKNOWN'}


def a_server(
    name='web-1',
    host='compute-1',
    *,
    image='cirros',
    properties=(),
    task=None,
    state='active',
    power=1,
    zone='nova',
    pinned=None,
    project=PROJECT,
    **flavor,
):
    """A server: ACTIVE, 2 VCPU, 2 GiB, 20 GiB on local disk."""
    return {
        'id': uuid_of(name),
        'name': name,
        'tenant_id': project,
        'image': (
            {'id': uuid_of(image), 'properties': dict(properties)}
            if image
            else ''
        ),
        'scheduler_hints': {},
        'OS-EXT-SRV-ATTR:host': host,
        'OS-EXT-SRV-ATTR:hypervisor_hostname': host,
        'OS-EXT-STS:vm_state': state,
        'OS-EXT-STS:task_state': task,
        'OS-EXT-STS:power_state': power,
        'OS-EXT-AZ:availability_zone': zone,
        'OS-EXT-SRV-ATTR:root_device_name': '/dev/vda',
        'os-extended-volumes:volumes_attached': [],
        'addresses': {},
        'pinned_availability_zone': pinned,
        'flavor': {
            'vcpus': 2,
            'ram': 2048,
            'disk': 20,
            'ephemeral': 0,
            'swap': 0,
            'original_name': 'm1.small',
            'extra_specs': {},
            **flavor,
        },
    }


def a_silent_server(name='web-1'):
    """All that Nova shows of one server whose cell is down, from 2.69 on."""
    known = a_server(name)
    told = (
        'id',
        'tenant_id',
        'image',
        'flavor',
        'OS-EXT-AZ:availability_zone',
        'OS-EXT-STS:power_state',
    )
    return {'status': 'UNKNOWN', **{field: known[field] for field in told}}


def a_group(name='db', policy='anti-affinity', members=(), **rules):
    """A server group of servers of these names."""
    return {
        'id': uuid_of(f'group {name}'),
        'name': name,
        'policy': policy,
        'rules': rules,
        'project_id': PROJECT,
        'members': [uuid_of(member) for member in members],
    }


def an_aggregate(number=1, name='rack-1', hosts=('compute-1',), **metadata):
    return {
        'id': number,
        'name': name,
        'hosts': list(hosts),
        'metadata': metadata,
    }


def a_migration(
    name='web-1',
    source='compute-1',
    destination='compute-2',
    *,
    status='running',
    kind='live-migration',
    number=0,
    created_at='2026-11-21T12:00:00.000000',
):
    """A migration of the server of this name."""
    return {
        'id': number,
        'created_at': created_at,
        'uuid': uuid_of(f'migration {number} of {name}'),
        'instance_uuid': uuid_of(name),
        'source_compute': source,
        'dest_compute': destination,
        'status': status,
        'migration_type': kind,
    }
