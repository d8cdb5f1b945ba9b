# SPDX-License-Identifier: Apache-2.0

"""What Nova answers, as clean records."""

import dataclasses
import datetime

from collections.abc import Collection
from collections.abc import Mapping
from typing import Any

from watcher_host_maintenance.cloud import flavors
from watcher_host_maintenance.cloud.answers import Record
from watcher_host_maintenance.cloud.answers import demand_time
from watcher_host_maintenance.cloud.answers import of
from watcher_host_maintenance.cloud.answers import value
from watcher_host_maintenance.cloud.errors import NoAnswer
from watcher_host_maintenance.cloud.errors import Withheld
from watcher_host_maintenance.cloud.times import parse
from watcher_host_maintenance.core.model.document import InvalidDocument
from watcher_host_maintenance.core.model.notice import KEYS
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.nova import POLICIES
from watcher_host_maintenance.core.model.nova import POWER_STATES
from watcher_host_maintenance.core.model.nova import VmState
from watcher_host_maintenance.core.model.snapshot import STATES


MIGRATION_TYPES = frozenset({'live-migration', 'migration', 'resize'})
"""Types of migrations of which both ends are alive; not evacuations."""

BYTES_PER_MIB = 2**20

PIN, ZONE = 'pinned_availability_zone', 'OS-EXT-AZ:availability_zone'


@dataclasses.dataclass(frozen=True, slots=True)
class Hypervisor(Record):
    """A hypervisor of a nova-compute service.

    :ivar uuid: that of its resource provider as well
    :ivar kind: Nova's name of the type, such as 'QEMU'
    :ivar version: as Nova numbers it; 0 is unknown
    :ivar host_ip: the address of its host; '' is unknown
    :ivar architecture: of its CPU; '' is unknown
    :ivar features: of its CPU, sorted; None is unknown
    """

    uuid: str = of('id')
    kind: str = of('hypervisor_type', '')
    version: int = of('hypervisor_version', 0)
    host_ip: str = of('host_ip', '')
    architecture: str = ''
    features: tuple[str, ...] | None = None

    @classmethod
    def _others(cls, body: Any) -> dict[str, Any]:
        # A text before 2.28, and nothing at all of some hypervisors.
        cpu = body.get('cpu_info')
        if not isinstance(cpu, Mapping):
            return {}
        features = cpu.get('features')
        return {
            'architecture': str(cpu.get('arch') or ''),
            'features': (
                None if features is None else tuple(sorted(map(str, features)))
            ),
        }


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Service(Record):
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
    :ivar updated_at: when it last reported, or was changed, in UTC, as Nova
        writes times; '' is never
    :ivar forced_down: an administrator has set its state to 'down'
    """

    host: str = of('host')
    status: str
    state: str = of('state', 'down')
    disabled_reason: str = of('disabled_reason', '')
    zone: str = of('zone', '')
    hypervisors: Mapping[str, Hypervisor] = dataclasses.field(
        default_factory=dict
    )
    answers: bool = True
    id: str = of('id', '')
    updated_at: str = of('updated_at', '')
    forced_down: bool = of('forced_down', False)

    def stands_as(self, reason: str) -> bool:
        """Return True if it is disabled with a reason; '' is enabled."""
        if not reason:
            return self.status == 'enabled'
        return self.status == 'disabled' and self.disabled_reason == reason

    @classmethod
    def _others(cls, body: Any) -> dict[str, Any]:
        # Of a cell that is down Nova shows the host alone, with the status
        # UNKNOWN.
        is_enabled = value(body, 'status', str) == 'enabled'
        answers = 'state' in body
        if answers:
            _demand('state', body['state'], STATES)
        return {
            'status': 'enabled' if is_enabled else 'disabled',
            'answers': answers,
        }


@dataclasses.dataclass(frozen=True, slots=True)
class Aggregate(Record):
    """A host aggregate.

    :ivar uuid: by which Placement knows it; '' before microversion 2.41
    """

    id: int = of('id')
    name: str = of('name')
    hosts: tuple[str, ...] = of('hosts')
    metadata: Mapping[str, str] = of('metadata')
    uuid: str = of('uuid', '')


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Server(Record):
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
    :ivar flavor: the name of its flavor
    :ivar extra_specs: of its flavor
    :ivar resources: resource class -> amount of its flavor, as Nova asks
        Placement for them; no zeroes
    :ivar updated_at: when Nova last changed it, in UTC; '' is unknown
    :ivar tags: its tags, as its owner wrote them
    :ivar notice_metadata: those of its metadata whose keys are a notice's
    :ivar image: UUID of the image that it was created from; '' is none: it
        boots from a volume
    :ivar shown_properties: of its image, as Nova keeps them for it; None
        when it boots from a volume, or Nova is too old to show them
    :ivar shown_hints: scheduler hint -> its values; None when Nova is too old
        to show them
    :ivar volumes: UUIDs of the volumes that are attached
    :ivar root_device: its root device, such as '/dev/vda'; '' is unknown
    :ivar has_ports: it is attached to a network
    """

    uuid: str = of('id')
    name: str = of('name')
    host: str = of('OS-EXT-SRV-ATTR:host', '')
    vm_state: str = of('OS-EXT-STS:vm_state')
    task_state: str = of('OS-EXT-STS:task_state', '')
    power_state: str
    project_id: str = of('tenant_id')
    pinned_zone: str | None
    extra_specs: Mapping[str, str]
    resources: Mapping[str, int]
    flavor: str = ''
    pin_is_known: bool = True
    hypervisor: str = of('OS-EXT-SRV-ATTR:hypervisor_hostname', '')
    tags: tuple[str, ...] = ()
    notice_metadata: Mapping[str, str] = dataclasses.field(
        default_factory=dict
    )
    updated_at: str = of('updated', '')
    image: str = ''
    shown_properties: Mapping[str, str] | None = None
    shown_hints: Mapping[str, tuple[str, ...]] | None = None
    volumes: tuple[str, ...] = ()
    root_device: str = of('OS-EXT-SRV-ATTR:root_device_name', '')
    has_ports: bool = False

    @classmethod
    def _others(cls, body: Any) -> dict[str, Any]:
        """Return what is not shown as such.

        :raises .errors.NoAnswer: its cell is down
        :raises .errors.Withheld: the policy hides some of it
        """
        server = f'server {body["id"]}'
        if 'name' not in body:
            raise NoAnswer(f'the cell of {server} does not answer')
        flavor = body['flavor']
        # Nova omits these without an error; then they are unknown, not empty.
        if 'extra_specs' not in flavor:
            raise Withheld(
                f'the flavor of {server} comes without extra specs: '
                'see the policy of servers:show:flavor-extra-specs'
            )
        if 'OS-EXT-SRV-ATTR:host' not in body:
            raise Withheld(
                f'{server} comes without its host: '
                'see the policy of os-extended-server-attributes'
            )
        demand_time(body, 'updated')
        extra_specs = value(flavor, 'extra_specs', Mapping[str, str] | None)
        power_state = value(body, 'OS-EXT-STS:power_state', int | None)
        # Before 2.96 Nova does not show whether the zone was asked for. If it
        # is taken for a pin, Nova refuses no planned move because of it.
        pin_is_known = PIN in body
        zone = value(body, PIN if pin_is_known else ZONE, str | None)
        return {
            'power_state': POWER_STATES.get(power_state, ''),
            'pinned_zone': zone or None,
            'pin_is_known': pin_is_known,
            'flavor': value(flavor, 'original_name', str),
            'extra_specs': extra_specs or {},
            'resources': flavors.resources(flavor, bool(body['image'])),
            'tags': tuple(
                t for t in body.get('tags') or () if isinstance(t, str)
            ),
            'notice_metadata': _notice_metadata(body.get('metadata') or {}),
            'volumes': tuple(
                value(volume, 'id', str)
                for volume in body['os-extended-volumes:volumes_attached']
            ),
            'has_ports': bool(body['addresses']),
            'shown_hints': _hints(body),
            **_image(body['image']),
        }

    @property
    def notice(self) -> Notice:
        """What its metadata tell its owner of a maintenance."""
        return Notice.from_metadata(self.notice_metadata)

    @property
    def is_moving(self) -> bool:
        """A migration of it goes on, or waits to be confirmed.

        A record can outlive its migration: then Nova does nothing with the
        server.
        """
        return bool(self.task_state) or self.vm_state == VmState.RESIZED


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class OwnServer(Record):
    """A server as Nova shows it to a member of its project.

    :ivar name: '' while its cell is down, as are the fields below
    :ivar metadata: what anybody has written to it
    :ivar tags: what its owner has set
    :ivar status: such as ACTIVE
    """

    uuid: str = of('id')
    name: str = of('name', '')
    status: str = of('status', '')
    metadata: Mapping[str, str]
    tags: tuple[str, ...] = of('tags', ())

    @classmethod
    def _others(cls, body: Any) -> dict[str, Any]:
        return {'metadata': body.get('metadata') or {}}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Group(Record):
    """A server group.

    :ivar project_id: that of all its servers
    :ivar members: UUIDs of its servers, without soft-deleted ones
    :ivar is_whole: False if it may have soft-deleted members that were not
        read, and those count
    """

    uuid: str = of('id')
    name: str = of('name')
    policy: str
    max_server_per_host: int
    project_id: str = of('project_id')
    members: tuple[str, ...] = of('members')
    is_whole: bool = True

    @classmethod
    def _others(cls, body: Any) -> dict[str, Any]:
        # Before 2.64 there are several policies, and the first one counts.
        policy = body.get('policy') or (body.get('policies') or [''])[0]
        _demand('policy', policy, POLICIES)
        most = int((body.get('rules') or {}).get('max_server_per_host', 1))
        if most < 1:
            raise InvalidDocument('max_server_per_host', f'is {most}')
        return {'policy': policy, 'max_server_per_host': most}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Migration(Record):
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

    instance_uuid: str = of('instance_uuid')
    source: str = of('source_compute', '')
    destination: str = of('dest_compute', '')
    kind: str = of('migration_type', '')
    status: str = of('status')
    uuid: str = of('uuid', '')
    created_at: str = of('created_at')
    updated_at: str = of('updated_at', '')
    id: int = of('id')

    @classmethod
    def _others(cls, body: Any) -> dict[str, Any]:
        demand_time(body, 'created_at')
        demand_time(body, 'updated_at')
        return {}

    @property
    def is_move(self) -> bool:
        """Both its ends are alive: it is no evacuation."""
        return self.kind in MIGRATION_TYPES

    @property
    def changed_at(self) -> datetime.datetime:
        """When its status last changed, as far as Nova tells."""
        return parse(self.updated_at or self.created_at)

    @property
    def ends(self) -> tuple[str, ...]:
        """The hosts on which it holds something."""
        return tuple(h for h in (self.source, self.destination) if h)

    @property
    def is_unconfirmed(self) -> bool:
        """It waits for its owner, or an administrator, to confirm it."""
        return self.status == 'finished'


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(Record):
    """How far the copy of a live migration has come.

    :ivar destination: the service host; '' is not chosen yet
    :ivar total_bytes: memory to copy
    :ivar remaining_bytes: memory that is not copied yet; it may grow
    :ivar id: Nova's number of the migration
    """

    destination: str = of('dest_compute', '')
    status: str = of('status')
    total_bytes: int = of('memory_total_bytes', 0)
    remaining_bytes: int = of('memory_remaining_bytes', 0)
    id: int = of('id')

    @property
    def total_mib(self) -> int:
        """Whole MiB of memory to copy."""
        return self.total_bytes // BYTES_PER_MIB

    @property
    def remaining_mib(self) -> int:
        """Whole MiB of memory that are not copied yet."""
        return self.remaining_bytes // BYTES_PER_MIB

    @property
    def share(self) -> float:
        """How much is copied, 0 to 1; 0 when Nova does not know."""
        if not self.total_bytes:
            return 0.0
        return max(0.0, 1 - self.remaining_bytes / self.total_bytes)


def _notice_metadata(metadata: Mapping[str, str]) -> dict[str, str]:
    """Return those metadata of a server that a notice has, of any value."""
    names = [key.name for key in KEYS]
    return {n: str(metadata[n]) for n in names if n in metadata}


def _image(image: Any) -> dict[str, Any]:
    """Return what Nova shows of a server's image; '' is none."""
    if not image:
        return {}
    shown = image.get('properties')
    return {
        'image': value(image, 'id', str),
        'shown_properties': (
            None if shown is None else {k: str(shown[k]) for k in shown}
        ),
    }


def _hints(body: Any) -> Mapping[str, tuple[str, ...]] | None:
    """Return the scheduler hints of a server; None if they are not shown."""
    if 'scheduler_hints' not in body:
        return None
    hints = body['scheduler_hints'] or {}
    return {
        hint: (values,) if isinstance(values, str) else tuple(map(str, values))
        for hint, values in hints.items()
    }


def _demand(key: str, text: Any, allowed: Collection[str]) -> None:
    """Refuse a text that is none of those."""
    if text not in allowed:
        raise InvalidDocument(key, f'{text!r} is not {" or ".join(allowed)}')
