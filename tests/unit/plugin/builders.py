# SPDX-License-Identifier: Apache-2.0

"""Small records of Watcher and Nova: a test gives only what it looks at."""

import uuid

from unittest import mock

from watcher import objects
from watcher.common import context
from watcher.common import utils
from watcher.decision_engine.model import element
from watcher.decision_engine.model import model_root
from watcher.decision_engine.model.collector import manager
from watcher.decision_engine.model.collector import nova as nova_collector

from watcher_host_maintenance.cloud.records import Hypervisor
from watcher_host_maintenance.cloud.records import Service


PROJECT = '5d1bd63d-3b2e-4b0e-9d61-0d5b6f9a6a52'


def uuid_of(name):
    """The UUID of whatever has this name."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))


def a_node(hostname='compute-1', **fields):
    """A compute node of Watcher's model: enabled, up, 16 VCPU."""
    return element.ComputeNode(
        **{
            'uuid': uuid_of(hostname),
            'hostname': hostname,
            'status': 'enabled',
            'state': 'up',
            'disabled_reason': None,
            'vcpus': 16,
            'vcpu_reserved': 0,
            'vcpu_ratio': 1.0,
            'memory': 32768,
            'memory_mb_reserved': 0,
            'memory_ratio': 1.0,
            'disk': 400,
            'disk_gb_reserved': 0,
            'disk_ratio': 1.0,
            **fields,
        }
    )


def a_server(name='web-1', **fields):
    """An instance of Watcher's model: ACTIVE, 1 VCPU, 1 GiB, 10 GiB."""
    return element.Instance(
        **{
            'uuid': uuid_of(name),
            'name': name,
            'state': 'active',
            'vcpus': 1,
            'memory': 1024,
            'disk': 10,
            'metadata': {},
            'project_id': PROJECT,
            'locked': False,
            **fields,
        }
    )


def a_model(*nodes):
    """Watcher's model of pairs of a node and the instances on it."""
    model = model_root.ModelRoot()
    for node, servers in nodes:
        model.add_node(node)
        for server in servers:
            model.add_instance(server)
            model.map_instance(server, node)
    return model


def a_service(
    host='compute-1',
    *,
    kind='QEMU',
    version=8002000,
    hypervisors=None,
    **fields,
):
    """A nova-compute service with one hypervisor of its name.

    :param hypervisors: the names of others in its place
    """
    names = (host,) if hypervisors is None else hypervisors
    # That of a single one is the node's own, whatever its name.
    uuids = {name: uuid_of(name if len(names) > 1 else host) for name in names}
    return Service(
        **{
            'host': host,
            'status': 'enabled',
            'state': 'up',
            'disabled_reason': '',
            'zone': 'nova',
            'id': uuid_of(f'service {host}'),
            'hypervisors': {
                name: Hypervisor(uuids[name], kind, version) for name in names
            },
            **fields,
        }
    )


def disabled(host, reason, **fields):
    """A nova-compute service that is disabled with this reason."""
    return a_service(host, status='disabled', disabled_reason=reason, **fields)


def an_audit(**fields):
    """Watcher's own audit, as it is handed to a strategy."""
    audit = objects.Audit(
        context.make_context(),
        **{
            'uuid': uuid_of('audit'),
            'id': 7,
            'goal_id': 1,
            'audit_type': 'ONESHOT',
            'interval': None,
            'status_message': None,
            **fields,
        },
    )
    # What follows is a change to what the database holds.
    audit.obj_reset_changes()
    return audit


def a_collector(built):
    """Watcher's own collector, except that it asks nobody.

    :param built: the model that it builds; None for none, or an error
    """

    class Collector(nova_collector.NovaClusterDataModelCollector):
        # Collectors are singletons: a class of its own is one of its own.
        def execute(self):
            if isinstance(built, Exception):
                raise built
            return built

    return Collector(
        utils.Struct(check_optimize_metadata=False), osc=mock.sentinel.osc
    )


def connect(strategy, collector):
    """Let a strategy find this collector in place of Watcher's."""
    collectors = mock.create_autospec(manager.CollectorManager, instance=True)
    collectors.get_cluster_model_collector.return_value = collector
    strategy._collector_manager = collectors
    return collectors
