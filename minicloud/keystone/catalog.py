# SPDX-License-Identifier: Apache-2.0

"""The service catalog."""

import uuid

from keystone.common import provider_api

from minicloud import settings


PROVIDERS = provider_api.ProviderAPIs
#: Type of a service -> its name, and the path of its endpoint.
_SERVICES = {
    'block-storage': ('cinder', '/v3'),
    'compute': ('nova', '/v2.1'),
    'identity': ('keystone', '/v3'),
    'image': ('glance', ''),
    'infra-optim': ('watcher', ''),
    'network': ('neutron', ''),
    'placement': ('placement', ''),
}
#: Type of a service -> what its API is called here.
_APIS = {'block-storage': 'volume'}
_INTERFACES = ('public', 'internal', 'admin')


def create(cloud: settings.Settings, region: str) -> None:
    """List every service, with an endpoint for each interface."""
    for kind, (name, path) in _SERVICES.items():
        service = uuid.uuid4().hex
        PROVIDERS.catalog_api.create_service(
            service,
            {'id': service, 'type': kind, 'name': name, 'enabled': True},
        )
        for interface in _INTERFACES:
            endpoint = uuid.uuid4().hex
            PROVIDERS.catalog_api.create_endpoint(
                endpoint,
                {
                    'id': endpoint,
                    'service_id': service,
                    'enabled': True,
                    'interface': interface,
                    'region_id': region,
                    'url': cloud.urls[_APIS.get(kind, kind)] + path,
                },
            )
