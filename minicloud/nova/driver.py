# SPDX-License-Identifier: Apache-2.0

"""Nova's fake virt driver, with the sizes and faults of a description."""

import json
import threading
import uuid

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any
from typing import ClassVar

from nova import exception
from nova.compute import power_state
from nova.virt import fake

from minicloud.nova import faults


class DescribedDriver(fake.FakeDriver):
    """One described host.

    The guests of a host outlive its compute service, as they do on a real
    hypervisor: they are kept by host, not by driver.
    """

    hosts: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    registry: ClassVar[faults.Faults] = faults.Faults()
    _guests: ClassVar[dict[str, dict[str, Any]]] = {}

    def init_host(self, host: str) -> None:
        """Become the hypervisor of a host; called before any other method."""
        super().init_host(host)
        spec = self.hosts[host]
        self._spec = spec
        self._set_nodes([spec.get('hypervisor_hostname', host)])
        self.vcpus = spec['vcpus']
        self.memory_mb = spec['memory_mb']
        self.local_gb = spec['disk_gb']
        self.resources = fake.Resources(
            self.vcpus, self.memory_mb, self.local_gb
        )
        self.instances = self._guests.setdefault(host, {})
        for key in ('hypervisor_type', 'hypervisor_version'):
            if key in spec:
                self.host_status_base[key] = spec[key]
        # Nova's default is one live migration per source host.
        self._live_migrations = threading.Semaphore()
        self._aborted: set[str] = set()

    @classmethod
    def take_over(cls, host: str, instances: Iterable[Any]) -> None:
        """Have the guests of a host that Nova has records of.

        Called before its compute service starts.
        """
        cls._guests[host] = {
            instance.uuid: fake.FakeInstance(
                instance.name, instance.power_state, instance.uuid
            )
            for instance in instances
        }

    def get_nodenames_by_uuid(self, refresh: bool = False) -> dict[str, str]:
        return {_node_uuid(name): name for name in self.get_available_nodes()}

    def get_available_resource(self, nodename: str) -> dict[str, Any]:
        resources: dict[str, Any] = super().get_available_resource(nodename)
        if resources:
            resources['uuid'] = _node_uuid(nodename)
            if 'cpu_features' in self._spec:
                cpu = json.loads(resources['cpu_info'])
                cpu['features'] = self._spec['cpu_features']
                resources['cpu_info'] = json.dumps(cpu)
        return resources

    def update_provider_tree(
        self, provider_tree: Any, nodename: str, allocations: Any = None
    ) -> None:
        """Report the host's inventory and its own traits.

        As a driver does: no DISK_GB on a host that has none of its own.
        """
        spec = self._spec
        provider_tree.add_traits(nodename, *spec.get('traits', ()))
        inventories = {
            name: _inventory(total, 1.0, 0)
            for name, total in spec.get('inventory', {}).items()
        }
        inventories |= {
            'VCPU': _inventory(
                spec['vcpus'],
                spec['cpu_allocation_ratio'],
                spec['reserved_vcpus'],
            ),
            'MEMORY_MB': _inventory(
                spec['memory_mb'],
                spec['ram_allocation_ratio'],
                spec['reserved_memory_mb'],
            ),
        }
        if spec['disk_gb']:
            inventories['DISK_GB'] = _inventory(
                spec['disk_gb'],
                spec['disk_allocation_ratio'],
                spec['reserved_disk_gb'],
            )
        for field in ('min_unit', 'max_unit', 'step_size'):
            for resource_class, amount in spec.get(field, {}).items():
                inventories[resource_class][field] = amount
        provider_tree.update_inventory(nodename, inventories)

    def get_host_uptime(self) -> str:
        """Answer what Nova asks of each host that it lists."""
        return ' 00:00:00 up 1 day,  0 users,  load average: 0.00, 0.00, 0.00'

    def get_info(self, instance: Any, use_cache: bool = True) -> Any:
        try:
            self.registry.meet('hypervisor', instance)
        except faults.Failed as exc:
            # As libvirt's driver when libvirt is gone.
            raise exception.HypervisorUnavailable from exc
        return super().get_info(instance, use_cache)

    def spawn(
        self, context: Any, instance: Any, *args: Any, **kwargs: Any
    ) -> None:
        if instance.task_state == 'spawning':
            self.registry.meet('spawn', instance)
        super().spawn(context, instance, *args, **kwargs)

    def pause(self, instance: Any) -> None:
        self.instances[instance.uuid].state = power_state.PAUSED

    def unpause(self, instance: Any) -> None:
        self.instances[instance.uuid].state = power_state.RUNNING

    def suspend(self, context: Any, instance: Any) -> None:
        self.instances[instance.uuid].state = power_state.SHUTDOWN

    def resume(
        self, context: Any, instance: Any, *args: Any, **kwargs: Any
    ) -> None:
        self.instances[instance.uuid].state = power_state.RUNNING

    def post_live_migration_at_destination(
        self, context: Any, instance: Any, *args: Any, **kwargs: Any
    ) -> None:
        """Take the guest over in the power state that it had."""
        super().post_live_migration_at_destination(
            context, instance, *args, **kwargs
        )
        self.instances[instance.uuid].state = instance.power_state

    def check_can_live_migrate_destination(
        self, context: Any, instance: Any, *args: Any, **kwargs: Any
    ) -> Any:
        try:
            self.registry.meet('live_migration_check', instance)
        except faults.Failed as exc:
            raise exception.MigrationPreCheckError(reason=str(exc)) from exc
        return super().check_can_live_migrate_destination(
            context, instance, *args, **kwargs
        )

    def live_migration(
        self,
        context: Any,
        instance: Any,
        dest: str,
        post_method: Any,
        recover_method: Any,
        block_migration: bool = False,
        migrate_data: Any = None,
    ) -> None:
        """Migrate, or give up the way the libvirt driver does.

        :raises minicloud.nova.faults.Failed: after it has rolled back: so
            nova-compute leaves the server in ERROR, though its guest goes on
        """
        try:
            with self._live_migrations:
                self.registry.meet(
                    'live_migration',
                    instance,
                    lambda: instance.uuid in self._aborted,
                )
        except faults.Failed:
            aborted = instance.uuid in self._aborted
            self._aborted.discard(instance.uuid)
            status = 'cancelled' if aborted else 'error'
            recover_method(
                context, instance, dest, migrate_data, migration_status=status
            )
            raise
        post_method(context, instance, dest, block_migration, migrate_data)

    def live_migration_abort(self, instance: Any) -> None:
        self._aborted.add(instance.uuid)

    def post_live_migration_at_source(
        self, context: Any, instance: Any, network_info: Any
    ) -> None:
        self.instances.pop(instance.uuid, None)

    def migrate_disk_and_power_off(
        self, context: Any, instance: Any, *args: Any, **kwargs: Any
    ) -> Any:
        self.registry.meet('cold_migration', instance)
        return super().migrate_disk_and_power_off(
            context, instance, *args, **kwargs
        )

    def finish_migration(
        self,
        context: Any,
        migration: Any,
        instance: Any,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        self.registry.meet('finish_migration', instance)
        super().finish_migration(context, migration, instance, *args, **kwargs)


def install(hosts: Mapping[str, Mapping[str, Any]]) -> None:
    """Make the driver known to Nova, which looks in nova.virt only."""
    DescribedDriver.hosts = hosts
    DescribedDriver._guests.clear()
    fake.DescribedDriver = DescribedDriver


def _node_uuid(nodename: str) -> str:
    """The same for a name in every cloud."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, nodename))


def _inventory(total: int, ratio: float, reserved: int) -> dict[str, Any]:
    return {
        'total': total,
        'reserved': reserved,
        'allocation_ratio': ratio,
        'min_unit': 1,
        'max_unit': total,
        'step_size': 1,
    }
