# SPDX-License-Identifier: Apache-2.0

"""What Nova tells, as clean records."""

import dataclasses

from collections.abc import Mapping
from typing import Any
from typing import NamedTuple

from watcher_host_maintenance.cloud import flavors
from watcher_host_maintenance.cloud.errors import NoAnswer
from watcher_host_maintenance.cloud.errors import Withheld
from watcher_host_maintenance.core.model.nova import VmState


POWER_STATES = {
    0: 'nostate',
    1: 'running',
    3: 'paused',
    4: 'shutdown',
    6: 'crashed',
    7: 'suspended',
}
"""Nova's numbers for what a hypervisor says of a server."""

MIGRATION_TYPES = frozenset({'live-migration', 'migration', 'resize'})
"""Types of migrations of which both ends are alive; not evacuations."""


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
    :ivar pinned_zone: the availability zone that was asked for, None for any
    :ivar pin_is_told: False when Nova is too old to tell it, and the zone
        that the server is in stands for it
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
    pin_is_told: bool = True

    @property
    def is_moving(self) -> bool:
        """Whether a migration of it goes on, or waits to be confirmed.

        A record can outlive its migration: then Nova is not at the server.
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
    :ivar kind: one of :data:`MIGRATION_TYPES`
    :ivar status: Nova's word for how far it is
    :ivar uuid: the consumer in Placement that holds what it leaves; '' before
        microversion 2.59
    :ivar created_at: in UTC, as Nova writes times
    :ivar id: Nova's number of it
    """

    instance_uuid: str
    source: str
    destination: str
    kind: str
    status: str
    uuid: str = ''
    created_at: str = ''
    id: int = 0

    @property
    def ends(self) -> tuple[str, ...]:
        """The hosts on which it holds something."""
        return tuple(h for h in (self.source, self.destination) if h)

    @property
    def is_unconfirmed(self) -> bool:
        """It waits for its owner, or an administrator, to confirm it."""
        return self.status == 'finished'


def to_hypervisor(found: Mapping[str, Any]) -> tuple[str, str, Hypervisor]:
    """Return service host, hypervisor hostname and hypervisor."""
    hypervisor = Hypervisor(
        found['id'],
        found['hypervisor_type'] or '',
        found.get('hypervisor_version') or 0,
    )
    return found['service']['host'], found['hypervisor_hostname'], hypervisor


def to_migration(found: Mapping[str, Any]) -> Migration | None:
    """Return a migration; None when it is no move."""
    if found['migration_type'] not in MIGRATION_TYPES:
        return None
    return Migration(
        found['instance_uuid'],
        found['source_compute'] or '',
        found['dest_compute'] or '',
        found['migration_type'],
        found['status'],
        found.get('uuid') or '',
        found['created_at'],
        found['id'],
    )


def to_service(found: Mapping[str, Any]) -> Service:
    """Read a nova-compute service; its hypervisors come later."""
    return Service(
        host=found['host'],
        # Of a cell that does not answer Nova tells the host alone, with the
        # status UNKNOWN.
        status='enabled' if found['status'] == 'enabled' else 'disabled',
        state=found.get('state', 'down'),
        disabled_reason=found.get('disabled_reason') or '',
        zone=found.get('zone') or '',
        hypervisors={},
        answers='state' in found,
        id=found.get('id', ''),
    )


def to_server(found: Mapping[str, Any]) -> Server:
    """Read a server.

    :raises .errors.NoAnswer: its cell is down
    :raises .errors.Withheld: the policy keeps some of it secret
    """
    if 'name' not in found:
        raise NoAnswer(f'the cell of server {found["id"]} does not answer')
    flavor = found['flavor']
    # Nova leaves these out without a word; they are not none then.
    if 'extra_specs' not in flavor:
        raise Withheld(
            f'the flavor of server {found["id"]} comes without extra specs: '
            'see the policy of servers:show:flavor-extra-specs'
        )
    if 'OS-EXT-SRV-ATTR:host' not in found:
        raise Withheld(
            f'server {found["id"]} comes without its host: '
            'see the policy of os-extended-server-attributes'
        )
    return Server(
        uuid=found['id'],
        name=found['name'],
        host=found['OS-EXT-SRV-ATTR:host'] or '',
        vm_state=found['OS-EXT-STS:vm_state'],
        task_state=found['OS-EXT-STS:task_state'] or '',
        power_state=POWER_STATES.get(found['OS-EXT-STS:power_state'], ''),
        project_id=found['tenant_id'],
        # Before 2.96 nothing tells whether the zone that it is in was asked
        # for; taken for asked for, no move can be refused for it.
        pinned_zone=found.get(
            'pinned_availability_zone',
            found['OS-EXT-AZ:availability_zone'] or None,
        ),
        extra_specs=flavor['extra_specs'] or {},
        resources=flavors.resources(flavor, bool(found['image'])),
        pin_is_told='pinned_availability_zone' in found,
    )


def to_group_uuid(found: Mapping[str, Any]) -> str:
    """Read the UUID of the group that a server is in; '' is none."""
    return next(iter(found.get('server_groups', ())), '')


def to_group(found: Mapping[str, Any]) -> Group:
    """Read a server group."""
    # Before 2.64 there are several policies, of which one counts.
    policy = found.get('policy') or (found.get('policies') or [''])[0]
    rules = found.get('rules') or {}
    return Group(
        uuid=found['id'],
        name=found['name'],
        policy=policy,
        max_server_per_host=int(rules.get('max_server_per_host', 1)),
        project_id=found['project_id'],
        members=tuple(found['members']),
    )
