# SPDX-License-Identifier: Apache-2.0

"""Reads from Cinder: what the image of a volume asks of a compute node."""

import dataclasses

from collections.abc import Mapping
from typing import Any

from keystoneauth1.adapter import Adapter

from watcher_host_maintenance.cloud.answers import Record
from watcher_host_maintenance.cloud.answers import of
from watcher_host_maintenance.cloud.answers import value
from watcher_host_maintenance.cloud.api import OptionalApi
from watcher_host_maintenance.cloud.errors import CINDER
from watcher_host_maintenance.cloud.settings import DEFAULT
from watcher_host_maintenance.cloud.settings import Settings


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Volume(Record):
    """A volume.

    :ivar properties: of the image that it was created from; empty if it was
        created from none
    :ivar devices: UUID of a server that it is attached to -> the device there
    """

    uuid: str = of('id')
    properties: Mapping[str, str]
    devices: Mapping[str, str]

    @classmethod
    def _others(cls, body: Any) -> dict[str, Any]:
        # Cinder leaves it out where there was no image.
        key = 'volume_image_metadata'
        has_image = body.get(key) is not None
        return {
            'properties': (
                value(body, key, Mapping[str, str]) if has_image else {}
            ),
            'devices': {
                value(attachment, 'server_id', str): (
                    attachment.get('device') or ''
                )
                for attachment in body['attachments']
            },
        }


class Cinder(OptionalApi):
    """Reads from Cinder."""

    def __init__(self, adapter: Adapter, settings: Settings = DEFAULT):
        super().__init__(CINDER, adapter, settings)

    def volume(self, uuid: str) -> Volume | None:
        """Return a volume; None when it does not exist."""
        return self._find(
            f'/volumes/{uuid}', lambda body: Volume.read(body['volume'])
        )
