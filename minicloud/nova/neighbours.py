# SPDX-License-Identifier: Apache-2.0

"""The little of Glance and Neutron that is asked for.

There is one image, and there are no networks: servers are booted with
``networks: none``. Everything else of both APIs is left out.
"""

import re
import uuid

from typing import Any

from minicloud import wsgi


IMAGE_ID = '155d900f-4e14-4e4c-a73d-069cbf4541e6'

_TIME = '2024-01-01T00:00:00Z'
_IMAGE = {
    'id': IMAGE_ID,
    'name': 'image',
    'status': 'active',
    'visibility': 'public',
    'container_format': 'raw',
    'disk_format': 'raw',
    'size': 1,
    'min_ram': 0,
    'min_disk': 0,
    'protected': False,
    'tags': [],
    'owner': wsgi.PROJECT_ID,
    'created_at': _TIME,
    'updated_at': _TIME,
    'checksum': '0' * 32,
    'file': f'/v2/images/{IMAGE_ID}/file',
    'schema': '/v2/schemas/image',
}
#: glanceclient builds its image class from the schema that Glance serves.
_SCHEMA = {
    'name': 'image',
    'properties': {name: {} for name in _IMAGE},
    'additionalProperties': {},
}
_VERSION = {'id': 'v2.9', 'status': 'CURRENT'}


class Images:
    """One image, and whatever snapshots are uploaded (shelving does)."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._images = {IMAGE_ID: _IMAGE}

    def __call__(self, method: str, path: str, body: Any) -> Any:
        """Answer one request.

        :raises NotFound: no such image
        """
        if path in ('/', '/versions', '/v2', '/v2/'):
            links = [{'rel': 'self', 'href': f'{self._url}/v2/'}]
            return {'versions': [dict(_VERSION, links=links)]}
        if path == '/v2/schemas/image':
            return _SCHEMA
        if path == '/v2/images':
            if method == 'POST':
                return self._create(body)
            return {'images': list(self._images.values())}
        image = path.split('/')[3]
        if image not in self._images:
            raise wsgi.NotFound(f'no image {image}')
        if method == 'DELETE':
            return self._images.pop(image)
        return self._images[image]

    def _create(self, body: dict[str, Any]) -> dict[str, Any]:
        image = {**_IMAGE, 'id': str(uuid.uuid4()), **body}
        self._images[image['id']] = image
        return image


class Network:
    """No ports, networks, groups, extensions; agents that are reported.

    :ivar agents: host -> whether its agent is alive
    """

    def __init__(self) -> None:
        self.agents: dict[str, bool] = {}

    def __call__(self, method: str, path: str, body: Any) -> Any:
        """Answer one request; every collection but the agents' is empty."""
        found = re.match(r'/v2\.0/([a-z-]+)', path)
        if not found:
            return {'versions': []}
        if found.group(1) == 'agents':
            return {'agents': [*map(_agent, self.agents.items())]}
        return {found.group(1).replace('-', '_'): []}


def _agent(item: tuple[str, bool]) -> dict[str, Any]:
    host, is_alive = item
    return {
        'binary': 'neutron-openvswitch-agent',
        'host': host,
        'alive': is_alive,
    }
