# SPDX-License-Identifier: Apache-2.0

"""Glance and Cinder that answer by requests-mock, as the real ones do."""

import re

from keystoneauth1.adapter import Adapter
from keystoneauth1.noauth import NoAuth
from keystoneauth1.session import Session

from tests.unit.plugin.builders import uuid_of


URLS = {
    'image': 'http://glance.test',
    'block-storage': 'http://cinder.test/v3/0123abcd',
    'network': 'http://neutron.test',
}


class FakeOptional:
    """Services that a cloud may not have.

    :ivar images: UUID -> the image
    :ivar volumes: UUID -> the volume
    :ivar lists: 'ports', 'networks' and 'agents' -> what Neutron has of them
    :ivar requests: method and path of each request, in order
    """

    def __init__(self, mocker):
        self.images = {}
        self.volumes = {}
        self.lists = {'ports': [], 'networks': [], 'agents': []}
        self.requests = []
        self._mocker = mocker
        for kind, path, things in (
            ('image', '/v2/images/', self.images),
            ('block-storage', '/volumes/', self.volumes),
        ):
            url = re.compile(f'^{re.escape(URLS[kind] + path)}')
            mocker.get(url, json=self._answer(things))

        for key in self.lists:
            url = f'{URLS["network"]}/v2.0/{key}'
            mocker.get(url, json=self._listed(key))

    def _listed(self, key):
        def answer(request, context):
            self.requests.append(f'{request.method} {request.path}')
            return {key: self.lists[key]}

        return answer

    def add_port(self, server, host, network='lan', segment='physnet1'):
        """Add a port of a server, its network, and an agent on its host."""
        self.lists['ports'].append(
            {
                'device_id': uuid_of(server),
                'network_id': network,
                'binding:vnic_type': 'normal',
            }
        )
        self.lists['networks'] = [
            {
                'id': network,
                'name': network,
                'provider:network_type': 'flat',
                'provider:physical_network': segment,
            }
        ]
        self.add_agent(host, segment)

    def add_agent(self, host, segment='physnet1', alive=True):
        """Add an agent that reaches a physical network."""
        self.lists['agents'].append(
            {
                'agent_type': 'Open vSwitch agent',
                'binary': 'neutron-openvswitch-agent',
                'host': host,
                'alive': alive,
                'configurations': {'bridge_mappings': {segment: 'br'}},
            }
        )

    def add_image(self, name='cirros', **properties):
        """Add an image with these properties."""
        self.images[uuid_of(name)] = {
            'id': uuid_of(name),
            'name': name,
            'min_disk': 0,
            'protected': False,
            'tags': [],
            'owner': None,
            **properties,
        }

    def add_volume(self, name, image=None, **devices):
        """Add a volume, with properties of its image if it is from one.

        :param devices: name of a server, with ``_`` for ``-`` -> device
        """
        volume = {
            'id': uuid_of(name),
            'attachments': [
                {'server_id': uuid_of(s.replace('_', '-')), 'device': device}
                for s, device in devices.items()
            ],
        }
        if image is not None:
            volume['volume_image_metadata'] = image
        self.volumes[volume['id']] = {'volume': volume}

    def fail(self, kind, **answer):
        """Answer nothing of a service; by default it is out of order."""
        url = re.compile(f'^{re.escape(URLS[kind])}')
        self._mocker.get(url, **answer or {'status_code': 503})

    def _answer(self, things):
        def answer(request, context):
            self.requests.append(f'{request.method} {request.path}')
            thing = things.get(request.path.rpartition('/')[2])
            context.status_code = 404 if thing is None else 200
            return thing

        return answer


def adapter(kind, urls=URLS):
    """What leads to a service, without Keystone; to nowhere if it is absent."""
    return Adapter(
        Session(NoAuth()), service_type=kind, endpoint_override=urls.get(kind)
    )
