# SPDX-License-Identifier: Apache-2.0

"""The little of Cinder that is asked for.

Whatever volume is asked for is there, bootable and attached nowhere.
"""

import re
import uuid

from typing import Any


_VERSION = {
    'id': 'v3.0',
    'status': 'CURRENT',
    'version': '3.70',
    'min_version': '3.0',
}


class Volumes:
    """Every volume there may be, and the attachments that Nova makes.

    One that is made here has properties of an image.
    """

    def __init__(self) -> None:
        self._attachments: dict[str, dict[str, Any]] = {}
        self._images: dict[str, dict[str, str]] = {}

    def __call__(self, method: str, path: str, body: Any) -> Any:
        """Answer one request.

        :raises LookupError: no such attachment
        """
        found = re.match(r'/v3/([a-z]+)(?:/([0-9a-f-]+))?', path)
        if found is None:
            return {'versions': [_VERSION]}
        kind, name = found.groups()
        if kind == 'volumes':
            if method == 'POST':
                wanted = body['volume']
                name = wanted['id']
                self._images[name] = wanted['volume_image_metadata']
            return {'volume': _volume(name, self._images.get(name or '', {}))}
        if path.endswith('/action'):
            return {}
        return self._attachment(method, name, body)

    def _attachment(self, method: str, name: str | None, body: Any) -> Any:
        """Create, show, update or delete one attachment, or list all."""
        if name is None and method == 'GET':
            return {'attachments': list(self._attachments.values())}
        if name is None:
            name = str(uuid.uuid4())
            wanted = body['attachment']
            self._attachments[name] = _attachment(
                name, wanted['volume_uuid'], wanted['instance_uuid']
            )
        if method == 'DELETE':
            del self._attachments[name]
            return {'attachments': list(self._attachments.values())}
        return {'attachment': self._attachments[name]}


def _volume(name: str | None, image: dict[str, str]) -> dict[str, Any]:
    return {
        'id': name,
        'name': name,
        'description': None,
        'size': 1,
        'status': 'available',
        'availability_zone': 'nova',
        'created_at': '2024-01-01T00:00:00',
        'attachments': [],
        'bootable': 'true',
        'encrypted': False,
        'metadata': {},
        'multiattach': False,
        'snapshot_id': None,
        'volume_type': None,
        'volume_image_metadata': image,
        'shared_targets': False,
        'service_uuid': None,
        'migration_status': None,
    }


def _attachment(name: str, volume: str, server: str) -> dict[str, Any]:
    return {
        'id': name,
        'volume_id': volume,
        'instance': server,
        'status': 'attached',
        'attached_at': None,
        'detached_at': None,
        'attach_mode': 'rw',
        'connection_info': {
            'driver_volume_type': 'fake',
            'volume_id': volume,
            'attachment_id': name,
        },
    }
