# SPDX-License-Identifier: Apache-2.0

"""Reads from Glance: what an image asks of a compute node."""

from collections.abc import Mapping
from typing import Any

from keystoneauth1.adapter import Adapter

from watcher_host_maintenance.cloud.api import OptionalApi
from watcher_host_maintenance.cloud.errors import GLANCE
from watcher_host_maintenance.cloud.settings import DEFAULT
from watcher_host_maintenance.cloud.settings import Settings


VERSION = '/v2'


class Glance(OptionalApi):
    """Reads from Glance."""

    def __init__(self, adapter: Adapter, settings: Settings = DEFAULT):
        super().__init__(GLANCE, adapter, settings)

    def properties(self, uuid: str) -> Mapping[str, str] | None:
        """Return the properties of an image; None when it does not exist.

        Glance has them beside the image's own fields, which count as
        properties here.
        """
        return self._find(
            f'/images/{uuid}',
            lambda image: {
                name: text
                for name, text in image.items()
                if isinstance(text, str)
            },
        )

    def _fetch(self, path: str, **parameters: Any) -> Any:
        """Return what Glance answers to GET, decoded from JSON.

        A catalog has its endpoint with or without the version.
        """
        endpoint = (self._adapter.get_endpoint() or '').rstrip('/')
        return super()._fetch(
            f'{endpoint.removesuffix(VERSION)}{VERSION}{path}', **parameters
        )
