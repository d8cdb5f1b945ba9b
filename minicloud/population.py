# SPDX-License-Identifier: Apache-2.0

"""Fill an empty cloud with what its description says, through Nova's API."""

import uuid

from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

from keystoneauth1 import adapter
from novaclient.v2 import client as nova_v2

from minicloud import closing
from minicloud import description
from minicloud import faults
from minicloud import states
from minicloud import storage
from minicloud.nova import neighbours


#: So many servers may be on their way before the next are booted: more get
#: in each other's way, and take longer together.
_AT_ONCE = 4
#: What the ids of images and volumes are made of.
_IDS = uuid.UUID('2b5c9f0e-6f0d-4c57-9a55-0a6f6d8a1c3e')

#: Makes a client that acts in a project; None is the common one.
ClientFactory = Callable[[str | None], nova_v2.Client]


class Population:
    """Creates the things of a description and remembers their ids."""

    def __init__(
        self,
        wanted: description.Description,
        clients: ClientFactory,
        placement: adapter.Adapter,
        faults: faults.Faults,
        neighbours: Mapping[str, adapter.Adapter],
    ) -> None:
        self._wanted = wanted
        self._neighbours = neighbours
        self._clients = clients
        self._placement = placement
        self._faults = faults
        self._nova = clients(None)
        self._flavors: dict[str, str] = {}
        self._groups: dict[str, str] = {}

    def create(self) -> None:
        """Create everything, and return when it has settled.

        :raises CloudError: a server did not get where it should
        """
        self._create_images()
        self._create_flavors()
        self._create_aggregates()
        self._create_storage()
        self._create_groups()
        self.create_servers(self._wanted.servers)
        self._disable_hosts()

    def restore(self) -> None:
        """Learn the ids of a cloud that :meth:`create` has filled.

        Images and volumes are not kept with Nova's databases.
        """
        self._create_images()
        self._flavors = {
            flavor.name: flavor.id
            for flavor in self._nova.flavors.list(is_public=None)
        }
        self._groups = {
            group.name: group.id for group in self._nova.server_groups.list()
        }

    def _create_images(self) -> None:
        """Create the images, and the volumes that were made of one."""
        for name, spec in self._wanted.images.items():
            image = {'id': image_id(name), **spec.get('properties', {})}
            self._neighbours['image'].post('/v2/images', json=image)
        for name, spec in self._wanted.servers.items():
            if spec.get('boot_from_volume') and 'image' in spec:
                source = self._wanted.images[spec['image']]
                volume = {
                    'id': volume_id(name),
                    'volume_image_metadata': source.get('properties', {}),
                }
                self._neighbours['volume'].post(
                    '/v3/volumes', json={'volume': volume}
                )

    def _create_flavors(self) -> None:
        for name, spec in self._wanted.flavors.items():
            flavor = self._nova.flavors.create(
                name,
                spec['memory_mb'],
                spec['vcpus'],
                spec['disk_gb'],
                ephemeral=spec.get('ephemeral_gb', 0),
                swap=spec.get('swap_mb', 0),
            )
            if spec.get('extra_specs'):
                flavor.set_keys(_texts(spec['extra_specs']))
            self._flavors[name] = flavor.id

    def _create_aggregates(self) -> None:
        """Create the aggregates, and one for each availability zone."""
        zones: dict[str, list[str]] = {}
        for host, spec in self._wanted.hosts.items():
            if 'zone' in spec:
                zones.setdefault(spec['zone'], []).append(host)
        for zone, hosts in zones.items():
            self._create_aggregate(f'zone-{zone}', zone, hosts, {})
        for name, spec in self._wanted.aggregates.items():
            self._create_aggregate(
                name, None, spec['hosts'], spec.get('metadata', {})
            )

    def _create_aggregate(
        self,
        name: str,
        zone: str | None,
        hosts: list[str],
        metadata: Mapping[str, Any],
    ) -> None:
        aggregate = self._nova.aggregates.create(name, zone)
        for host in hosts:
            aggregate.add_host(host)
        if metadata:
            aggregate.set_metadata(_texts(metadata))

    def _create_storage(self) -> None:
        if not self._wanted.storage:
            return
        shared = storage.Storage(
            self._placement,
            {
                found.service['host']: found.id
                for found in self._nova.hypervisors.list()
            },
        )
        for name, spec in self._wanted.storage.items():
            shared.create(name, spec)

    def _create_groups(self) -> None:
        for name, spec in self._wanted.groups.items():
            rule = {}
            if 'max_server_per_host' in spec:
                rule['max_server_per_host'] = spec['max_server_per_host']
            group = self._nova.server_groups.create(name, spec['policy'], rule)
            self._groups[name] = group.id

    def create_servers(self, servers: Mapping[str, Mapping[str, Any]]) -> None:
        """Boot all, then bring each into its state.

        :param servers: records of the description, or more like them
        :raises CloudError: one did not get where it should
        """
        settling = states.Settling(self._nova.servers)
        self._faults.check_groups(False)
        try:
            self._boot_all(servers, settling)
        finally:
            self._faults.check_groups(True)
        settling.enter_states()
        self._resize(settling)

    def _boot_all(
        self,
        servers: Mapping[str, Mapping[str, Any]],
        settling: states.Settling,
    ) -> None:
        for name, spec in servers.items():
            settling.wait(at_most=_AT_ONCE)
            if self._borrows(spec):
                self._boot_borrowing(name, spec, settling)
            else:
                self._boot(name, spec, settling)
        settling.wait()

    def _borrows(self, spec: Mapping[str, Any]) -> bool:
        """Whether servers get their disks from shared storage."""
        return not self._wanted.hosts[spec['host']]['disk_gb']

    def _boot_borrowing(
        self, name: str, spec: Mapping[str, Any], settling: states.Settling
    ) -> None:
        """Name no host: Nova would take nothing from outside it then."""
        settling.wait()
        with closing.all_but(self._nova, spec['host']):
            self._boot(name, spec, settling)
            settling.wait()

    def _boot(
        self, name: str, spec: Mapping[str, Any], settling: states.Settling
    ) -> None:
        """Boot the servers of one record by one request."""
        names = description.names(name, spec)
        if 'hints' in spec:
            # The servers that they name have to be where they are to be.
            settling.wait()
        if spec['state'] == 'BUILD':
            for server in names:
                self._faults.hang(server, 'spawn')
        flavor = spec.get('resized_from', {}).get('flavor', spec['flavor'])
        project = self._clients(spec.get('project'))
        project.servers.create(
            # Nova itself numbers the servers of one request.
            name if len(names) > 1 else names[0],
            flavor=self._flavors[flavor],
            nics='none',
            meta=_texts(spec.get('metadata', {})),
            min_count=len(names),
            max_count=len(names),
            **_disk(name, spec),
            **self._placing(spec),
        )
        ids = {
            server.name: server.id
            for server in self._nova.servers.list(
                detailed=False,
                search_opts={'all_tenants': True},
                limit=description.MOST_SERVERS,
            )
        }
        settling.add([ids[server] for server in names], spec)

    def _placing(self, spec: Mapping[str, Any]) -> dict[str, Any]:
        """Host, group and zone of a record, as server create has them."""
        options = {}
        if not self._borrows(spec):
            options['host'] = spec.get('resized_from', spec)['host']
        if 'zone' in spec:
            options['availability_zone'] = spec['zone']
        hints = {
            hint: value
            if isinstance(value, str)
            else [self._named(text) for text in value]
            for hint, value in spec.get('hints', {}).items()
        }
        if hints:
            options['scheduler_hints'] = hints
        if 'group' in spec:
            options['scheduler_hints'] = {'group': self._groups[spec['group']]}
            if not self._wanted.groups[spec['group']].get('enforced', True):
                # Nova's old way to name a host asks no filter.
                zone = options.get('availability_zone', '')
                options['availability_zone'] = f'{zone}:{options.pop("host")}'
        return options

    def _named(self, text: str) -> str:
        """Return the UUID of a server that a hint names, or its text."""
        if text not in self._wanted.servers:
            return text
        [server] = self._nova.servers.list(
            search_opts={'all_tenants': True, 'name': f'^{text}$'}
        )
        return str(server.id)

    def _resize(self, settling: states.Settling) -> None:
        """Resize to another flavor; cold migrations have been done.

        A resize takes no destination: all other hosts are closed for it.
        """
        for server_id, spec in settling.resizes():
            with closing.all_but(self._nova, spec['host']):
                self._nova.servers.resize(
                    server_id, self._flavors[spec['flavor']]
                )
                settling.expect(server_id, 'VERIFY_RESIZE')
                settling.wait()
            self._faults.update_resources()

    def stop_hosts(self) -> None:
        """Stop the compute services that are to be down."""
        for host, spec in self._wanted.hosts.items():
            if spec.get('down'):
                self._faults.stop_compute(host)

    def _disable_hosts(self) -> None:
        """Disable services last: Nova boots nothing on a disabled one."""
        for service in self._nova.services.list(binary='nova-compute'):
            reason = self._wanted.hosts[service.host].get('disabled_reason')
            if reason:
                self._nova.services.disable_log_reason(service.id, reason)


def image_id(name: str) -> str:
    """Return the id of an image of the description."""
    return str(uuid.uuid5(_IDS, f'image {name}'))


def volume_id(name: str) -> str:
    """Return the id of the volume that a server boots from."""
    return str(uuid.uuid5(_IDS, f'volume {name}'))


def _disk(name: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    """What a server boots from: an image, or a volume of its own."""
    if not spec.get('boot_from_volume'):
        image = spec.get('image')
        return {'image': image_id(image) if image else neighbours.IMAGE_ID}
    volume = {
        'boot_index': 0,
        'uuid': volume_id(name),
        'source_type': 'volume',
        'destination_type': 'volume',
    }
    return {'image': None, 'block_device_mapping_v2': [volume]}


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    """Metadata as Nova wants it: 'true' for a YAML true."""
    return {
        key: str(value).lower() if isinstance(value, bool) else str(value)
        for key, value in values.items()
    }
