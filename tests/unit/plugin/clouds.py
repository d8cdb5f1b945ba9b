# SPDX-License-Identifier: Apache-2.0

"""Nova and Placement that agree with Watcher's model."""

from tests.unit.plugin import fake_nova
from tests.unit.plugin import fake_placement
from tests.unit.plugin import nova_answers
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.optional import NOTHING
from watcher_host_maintenance.cloud.placement import Placement
from watcher_host_maintenance.cloud.reading.collect import collect
from watcher_host_maintenance.cloud.settings import Settings
from watcher_host_maintenance.core.rules.leaving import HOLDS_NOTHING
from watcher_host_maintenance.plugin.watcher import estimates
from watcher_host_maintenance.plugin.watcher.scope import AuditScope


POWER = {'active': 1, 'paused': 3, 'suspended': 4, 'stopped': 4}
"""vm_state -> Nova's number of the power state that goes with it."""


class Cloud:
    """What answers for a cloud, and may be changed before it is read.

    :ivar nova: the fake Nova
    :ivar placement: the fake Placement
    """

    def __init__(self, test):
        """Let Watcher's options lead to it; test is a base.TestCase."""
        mocker = fake_nova.mocker_for(test)
        self.nova = fake_nova.FakeNova(mocker)
        self.placement = fake_placement.FakePlacement(mocker)
        test.conf.config(
            group='nova',
            auth_type='none',
            endpoint_override=f'{fake_nova.URL}/v2.1',
        )
        test.conf.config(
            group='placement',
            auth_type='none',
            endpoint_override=fake_placement.URL,
        )
        self.follow((), ())

    def follow(self, services, modelled):
        """Have these services, and what the model has.

        :param services: records as :meth:`nova.Nova.services` returns them
        :param modelled: pairs of a node of the model and its instances
        """
        self.nova.services = [_service(s) for s in services]
        self.nova.hypervisors = [
            nova_answers.a_hypervisor(
                name,
                s.host,
                found.kind,
                id=found.uuid,
                hypervisor_version=found.version,
            )
            for s in services
            for name, found in s.hypervisors.items()
        ]
        self.nova.servers = []
        self.placement.clear()
        for node, instances in modelled:
            self._provide(node)
            for instance in instances:
                self._boot(instance, node)

    def _provide(self, node):
        self.placement.providers[node.uuid] = fake_placement.Provider(
            {
                c: fake_placement.an_inventory(
                    total, reserved=reserved, allocation_ratio=ratio
                )
                for c, total, reserved, ratio in (
                    ('VCPU', node.vcpus, node.vcpu_reserved, node.vcpu_ratio),
                    (
                        'MEMORY_MB',
                        node.memory,
                        node.memory_mb_reserved,
                        node.memory_ratio,
                    ),
                    (
                        'DISK_GB',
                        node.disk,
                        node.disk_gb_reserved,
                        node.disk_ratio,
                    ),
                )
            }
        )

    def _boot(self, instance, node):
        amounts = {
            'VCPU': instance.vcpus,
            'MEMORY_MB': instance.memory,
            'DISK_GB': instance.disk,
        }
        self.nova.servers.append(
            {
                **nova_answers.a_server(
                    instance.name,
                    node.hostname,
                    state=instance.state,
                    power=POWER.get(instance.state, 0),
                    project=instance.project_id,
                    vcpus=instance.vcpus,
                    ram=instance.memory,
                    disk=instance.disk,
                ),
                'id': instance.uuid,
            }
        )
        if instance.state in HOLDS_NOTHING:
            return
        self.placement.hold(
            instance.name,
            node.uuid,
            **{c: amount for c, amount in amounts.items() if amount},
        )


def _service(record):
    return nova_answers.a_service(
        record.host,
        status=record.status,
        state=record.state,
        disabled_reason=record.disabled_reason or None,
        zone=record.zone,
    )


def connect():
    """What reads a cloud."""
    return Nova(fake_nova.adapter()), Placement(fake_placement.adapter())


def collected(
    model,
    request,
    audit_scope=None,
    wait_s=0,
    readers=None,
    services=NOTHING,
):
    """The snapshot of an audit of this model."""
    modelled = estimates.of_model(model)
    return collect(
        *(readers or connect()),
        request,
        modelled,
        AuditScope(audit_scope),
        Settings(transient_wait_s=wait_s),
        services=services,
    )


def of_model(model):
    """Pairs of a node of Watcher's model and the instances on it."""
    return [
        (node, model.get_node_instances(node))
        for node in model.get_all_compute_nodes().values()
    ]
