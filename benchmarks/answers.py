# SPDX-License-Identifier: Apache-2.0

"""Nova and Placement that agree with a model, and answer at no cost.

What is asked again is at hand; what nobody asks for is not built, so that it
costs no garbage collector anything either.
"""

import functools

from collections.abc import Iterable

from watcher.decision_engine.model import element
from watcher.decision_engine.model import model_root

from watcher_host_maintenance.cloud.deadlines import Deadline
from watcher_host_maintenance.cloud.placement import Allocation
from watcher_host_maintenance.cloud.placement import Bearers
from watcher_host_maintenance.cloud.placement import Provider
from watcher_host_maintenance.cloud.placement import Summary
from watcher_host_maintenance.cloud.records import Aggregate
from watcher_host_maintenance.cloud.records import Group
from watcher_host_maintenance.cloud.records import Hypervisor
from watcher_host_maintenance.cloud.records import Migration
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.cloud.records import Service
from watcher_host_maintenance.core.model.demand import Demand
from watcher_host_maintenance.core.model.snapshot import Inventory


class Nova:
    """In place of :class:`nova.Nova`: no groups, aggregates or migrations."""

    deadline = Deadline()

    def __init__(self, root: model_root.ModelRoot):
        nodes = root.get_all_compute_nodes().values()
        self._nodes = {n.hostname: n for n in nodes}
        self._services = {n.hostname: _service(n) for n in nodes}
        self._servers = functools.cache(functools.partial(_servers, root))

    def services(self) -> dict[str, Service]:
        return self._services

    def demand_answer(self, service: Service) -> None:
        pass

    def has_lost_hypervisor(self, uuid: str) -> bool:
        return False

    def servers(self, host: str) -> list[Server]:
        return self._servers(self._nodes[host].uuid)

    def server(self, uuid: str) -> Server | None:
        return None

    def groups(self) -> list[Group]:
        return []

    def soft_deleted(self, project_id: str) -> list[str]:
        return []

    def group_of(self, uuid: str) -> str:
        return ''

    def aggregates(self) -> list[Aggregate]:
        return []

    def migrations(self) -> list[Migration]:
        return []

    def changed_departures(self, host: str, hours: int) -> list[Migration]:
        return []


class Placement:
    """In place of :class:`placement.Placement`: all hold their flavor."""

    def __init__(self, root: model_root.ModelRoot):
        self._nodes = [*root.get_all_compute_nodes()]
        self._provider = functools.cache(functools.partial(_provider, root))
        self._allocation = functools.cache(
            functools.partial(_allocation, root)
        )
        self._holders = functools.cache(functools.partial(_holders, root))

    def below(self, uuid: str) -> frozenset[str]:
        return frozenset()

    def consumers(
        self, uuid: str, below: Iterable[str] | None = None
    ) -> dict[str, str]:
        return dict.fromkeys(self._holders(uuid), uuid)

    def providers(self, uuids: Iterable[str]) -> dict[str, Provider]:
        return {uuid: self._provider(uuid) for uuid in uuids}

    def inventories(
        self, uuids: Iterable[str]
    ) -> dict[str, dict[str, Inventory]]:
        return {uuid: self._provider(uuid).inventory for uuid in uuids}

    def allocations(self, consumers: Iterable[str]) -> dict[str, Allocation]:
        return {uuid: self._allocation(uuid) for uuid in consumers}

    def summaries(self) -> dict[str, Summary]:
        return {uuid: _summary(self._provider(uuid)) for uuid in self._nodes}

    def traits_of_node(self, uuid: str) -> frozenset[str]:
        return frozenset()

    def can_take(
        self, uuid: str, demand: Demand, aggregates: Iterable[Iterable[str]]
    ) -> bool:
        return True

    def with_traits(self, traits: Iterable[str]) -> dict[str, Bearers]:
        nobody = Bearers(frozenset(), frozenset())
        return dict.fromkeys(traits, nobody)


def _service(node: element.ComputeNode) -> Service:
    return Service(
        host=node.hostname,
        status='enabled',
        state='up',
        disabled_reason='',
        zone='nova',
        hypervisors={node.hostname: Hypervisor(node.uuid, 'QEMU', 1)},
    )


def _server(instance: element.Instance, host: str) -> Server:
    return Server(
        image='image',
        shown_properties={},
        shown_hints={},
        uuid=instance.uuid,
        name=instance.name,
        host=host,
        vm_state=instance.state,
        task_state='',
        power_state='running',
        project_id=instance.project_id,
        pinned_zone=None,
        extra_specs={},
        resources=_resources(instance),
    )


def _servers(root: model_root.ModelRoot, uuid: str) -> list[Server]:
    node = root.get_node_by_uuid(uuid)
    return [_server(i, node.hostname) for i in root.get_node_instances(node)]


def _holders(root: model_root.ModelRoot, uuid: str) -> frozenset[str]:
    node = root.get_node_by_uuid(uuid)
    return frozenset(i.uuid for i in root.get_node_instances(node))


def _allocation(root: model_root.ModelRoot, uuid: str) -> Allocation:
    node = root.get_node_by_instance_uuid(uuid)
    return {node.uuid: _resources(root.get_instance_by_uuid(uuid))}


def _provider(root: model_root.ModelRoot, uuid: str) -> Provider:
    """Say of a node what the model says, so that nothing has drifted."""
    node = root.get_node_by_uuid(uuid)
    offered = {
        'VCPU': (node.vcpus, node.vcpu_reserved, node.vcpu_ratio),
        'MEMORY_MB': (node.memory, node.memory_mb_reserved, node.memory_ratio),
        'DISK_GB': (node.disk, node.disk_gb_reserved, node.disk_ratio),
    }
    held = [_resources(i) for i in root.get_node_instances(node)]
    return Provider(
        # Nova lets one instance have all there is.
        {
            c: Inventory(*offer, max_unit=offer[0])
            for c, offer in offered.items()
        },
        {c: sum(amounts[c] for amounts in held) for c in offered},
    )


def _summary(provider: Provider) -> Summary:
    return {
        name: (int(offer.capacity), provider.used[name])
        for name, offer in provider.inventory.items()
    }


def _resources(instance: element.Instance) -> dict[str, int]:
    return {
        'VCPU': instance.vcpus,
        'MEMORY_MB': instance.memory,
        'DISK_GB': instance.disk,
    }
