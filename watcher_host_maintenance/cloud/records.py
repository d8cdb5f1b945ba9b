# SPDX-License-Identifier: Apache-2.0

"""What Nova answers, as clean records."""

import dataclasses

from collections.abc import Mapping
from typing import Any
from typing import NamedTuple

from watcher_host_maintenance.cloud import flavors
from watcher_host_maintenance.cloud.errors import NoAnswer
from watcher_host_maintenance.cloud.errors import Withheld
from watcher_host_maintenance.core.model.nova import POWER_STATES
from watcher_host_maintenance.core.model.nova import VmState


MIGRATION_TYPES = frozenset({'live-migration', 'migration', 'resize'})
"""Types of migrations of which both ends are alive; not evacuations."""


BYTES_PER_MIB = 2**20


class Hypervisor(NamedTuple):
    """A hypervisor of a nova-compute service.

    :ivar uuid: that of its resource provider as well
    :ivar kind: Nova's name of the type, such as 'QEMU'
    :ivar version: as Nova numbers it; 0 is unknown
    """

    uuid: str
    kind: str
    version: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Service:
    """A nova-compute service with its hypervisors.

    :ivar host: the service host
    :ivar status: 'enabled' or 'disabled'
    :ivar state: 'up' or 'down'
    :ivar disabled_reason: '' when there is none
    :ivar zone: its availability zone
    :ivar hypervisors: hypervisor hostname -> hypervisor, by name
    :ivar answers: False when its cell is down: then nothing but the host is
        known, and its servers are in no list
    :ivar id: by which Nova changes it
    """

    host: str
    status: str
    state: str
    disabled_reason: str
    zone: str
    hypervisors: dict[str, Hypervisor]
    answers: bool = True
    id: str = ''


@dataclasses.dataclass(frozen=True, slots=True)
class Server:
    """A server as Nova has it now.

    :ivar host: the service host it is on; '' is none
    :ivar vm_state: 'active', 'stopped', ...
    :ivar task_state: '' when Nova does nothing with it
    :ivar power_state: a value of :data:`POWER_STATES`; '' is another
    :ivar project_id: its owner's project
    :ivar pinned_zone: the availability zone that its owner asked for, None
        for any
    :ivar pin_is_known: False when Nova is too old to show the pin, and the
        zone that the server is in stands for it
    :ivar hypervisor: the hypervisor hostname in its record; '' is none
    :ivar extra_specs: of its flavor
    :ivar resources: resource class -> amount of its flavor, as Nova asks
        Placement for them; no zeroes
    """

    uuid: str
    name: str
    host: str
    vm_state: str
    task_state: str
    power_state: str
    project_id: str
    pinned_zone: str | None
    extra_specs: Mapping[str, str]
    resources: dict[str, int]
    pin_is_known: bool = True
    hypervisor: str = ''

    @property
    def is_moving(self) -> bool:
        """A migration of it goes on, or waits to be confirmed.

        A record can outlive its migration: then Nova does nothing with the
        server.
        """
        return bool(self.task_state) or self.vm_state == VmState.RESIZED


@dataclasses.dataclass(frozen=True, slots=True)
class Group:
    """A server group.

    :ivar project_id: that of all its servers
    :ivar members: UUIDs of its servers, without soft-deleted ones
    """

    uuid: str
    name: str
    policy: str
    max_server_per_host: int
    project_id: str
    members: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Migration:
    """A move of a server from one host to another.

    :ivar source: the service host it leaves
    :ivar destination: the service host it goes to; '' is not chosen yet
    :ivar kind: one of :data:`MIGRATION_TYPES`, or 'evacuation'
    :ivar status: Nova's word for how far it is
    :ivar uuid: the consumer in Placement that holds what it leaves; '' before
        microversion 2.59
    :ivar created_at: in UTC, as Nova writes times
    :ivar updated_at: likewise; '' is never
    :ivar id: Nova's number of it
    """

    instance_uuid: str
    source: str
    destination: str
    kind: str
    status: str
    uuid: str = ''
    created_at: str = ''
    updated_at: str = ''
    id: int = 0

    @property
    def is_move(self) -> bool:
        """Both its ends are alive: it is no evacuation."""
        return self.kind in MIGRATION_TYPES

    @property
    def ends(self) -> tuple[str, ...]:
        """The hosts on which it holds something."""
        return tuple(h for h in (self.source, self.destination) if h)

    @property
    def is_unconfirmed(self) -> bool:
        """It waits for its owner, or an administrator, to confirm it."""
        return self.status == 'finished'


@dataclasses.dataclass(frozen=True, slots=True)
class Transfer:
    """How far the copy of a live migration has come.

    :ivar destination: the service host; '' is not chosen yet
    :ivar total_mib: memory to copy
    :ivar remaining_mib: memory that is not copied yet; it may grow
    :ivar id: Nova's number of the migration
    """

    destination: str
    status: str
    total_mib: int = 0
    remaining_mib: int = 0
    id: int = 0

    @property
    def share(self) -> float:
        """How much is copied, 0 to 1; 0 when Nova does not know."""
        if self.total_mib <= 0:
            return 0.0
        return min(1.0, max(0.0, 1 - self.remaining_mib / self.total_mib))


def to_hypervisor(body: Mapping[str, Any]) -> tuple[str, str, Hypervisor]:
    """Return service host, hypervisor hostname and hypervisor."""
    hypervisor = Hypervisor(
        body['id'],
        body['hypervisor_type'] or '',
        body.get('hypervisor_version') or 0,
    )
    return body['service']['host'], body['hypervisor_hostname'], hypervisor


def to_migration(body: Mapping[str, Any]) -> Migration:
    """Read a migration."""
    return Migration(
        body['instance_uuid'],
        body['source_compute'] or '',
        body['dest_compute'] or '',
        body['migration_type'] or '',
        body['status'],
        body.get('uuid') or '',
        body['created_at'],
        body.get('updated_at') or '',
        body['id'],
    )


def to_transfer(body: Mapping[str, Any]) -> Transfer:
    """Read a live migration that is under way."""
    return Transfer(
        body.get('dest_compute') or '',
        body['status'],
        (body.get('memory_total_bytes') or 0) // BYTES_PER_MIB,
        (body.get('memory_remaining_bytes') or 0) // BYTES_PER_MIB,
        body['id'],
    )


def to_service(body: Mapping[str, Any]) -> Service:
    """Read a nova-compute service; its hypervisors come later."""
    return Service(
        host=body['host'],
        # Of a cell that is down Nova shows the host alone, with the status
        # UNKNOWN.
        status='enabled' if body['status'] == 'enabled' else 'disabled',
        state=body.get('state', 'down'),
        disabled_reason=body.get('disabled_reason') or '',
        zone=body.get('zone') or '',
        hypervisors={},
        answers='state' in body,
        id=body.get('id', ''),
    )


def to_server(body: Mapping[str, Any]) -> Server:
    """Read a server.

    :raises .errors.NoAnswer: its cell is down
    :raises .errors.Withheld: the policy hides some of it
    """
    if 'name' not in body:
        raise NoAnswer(f'the cell of server {body["id"]} does not answer')
    flavor = body['flavor']
    # Nova omits these without an error; then they are unknown, not empty.
    if 'extra_specs' not in flavor:
        raise Withheld(
            f'the flavor of server {body["id"]} comes without extra specs: '
            'see the policy of servers:show:flavor-extra-specs'
        )
    if 'OS-EXT-SRV-ATTR:host' not in body:
        raise Withheld(
            f'server {body["id"]} comes without its host: '
            'see the policy of os-extended-server-attributes'
        )
    return Server(
        uuid=body['id'],
        name=body['name'],
        host=body['OS-EXT-SRV-ATTR:host'] or '',
        vm_state=body['OS-EXT-STS:vm_state'],
        task_state=body['OS-EXT-STS:task_state'] or '',
        power_state=POWER_STATES.get(body['OS-EXT-STS:power_state'], ''),
        project_id=body['tenant_id'],
        # Before 2.96 Nova does not show whether the zone was asked for. If it
        # is taken for a pin, Nova refuses no planned move because of it.
        pinned_zone=body.get(
            'pinned_availability_zone',
            body['OS-EXT-AZ:availability_zone'] or None,
        ),
        extra_specs=flavor['extra_specs'] or {},
        resources=flavors.resources(flavor, bool(body['image'])),
        pin_is_known='pinned_availability_zone' in body,
        hypervisor=body.get('OS-EXT-SRV-ATTR:hypervisor_hostname') or '',
    )


def to_group_uuid(body: Mapping[str, Any]) -> str:
    """Read the UUID of the group that a server is in; '' is none."""
    return next(iter(body.get('server_groups', ())), '')


def to_group(body: Mapping[str, Any]) -> Group:
    """Read a server group."""
    # Before 2.64 there are several policies, and the first one counts.
    policy = body.get('policy') or (body.get('policies') or [''])[0]
    rules = body.get('rules') or {}
    return Group(
        uuid=body['id'],
        name=body['name'],
        policy=policy,
        max_server_per_host=int(rules.get('max_server_per_host', 1)),
        project_id=body['project_id'],
        members=tuple(body['members']),
    )
