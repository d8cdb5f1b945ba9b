# SPDX-License-Identifier: Apache-2.0

"""Disk that hosts share, as an operator tells Placement of it."""

import uuid

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from keystoneauth1 import adapter


_SHARES = 'MISC_SHARES_VIA_AGGREGATE'


class Storage:
    """Makes shared providers through Placement's API."""

    def __init__(
        self, placement: adapter.Adapter, hosts: Mapping[str, str]
    ) -> None:
        """Act on one cloud.

        :param placement: speaks a microversion that has generations
        :param hosts: host -> UUID of its provider
        """
        self._placement = placement
        self._hosts = hosts

    def create(self, name: str, spec: Mapping[str, Any]) -> None:
        """Make a provider of DISK_GB, and let its hosts reach it."""
        provider = {'name': name, 'uuid': str(uuid.uuid4())}
        self._placement.post('/resource_providers', json=provider)
        shared = str(uuid.uuid4())
        self._put(
            provider['uuid'],
            'inventories',
            {'DISK_GB': {'total': spec['disk_gb']}},
        )
        self._put(
            provider['uuid'],
            'traits',
            [_SHARES, *self._known(spec.get('traits', ()))],
        )
        for one in (
            provider['uuid'],
            *map(self._hosts.__getitem__, spec['hosts']),
        ):
            self._put(
                one,
                'aggregates',
                [*self._get(one, 'aggregates')['aggregates'], shared],
            )

    def _known(self, traits: Iterable[str]) -> Iterable[str]:
        for trait in traits:
            self._placement.put(f'/traits/{trait}')
            yield trait

    def _get(self, provider: str, kind: str) -> dict[str, Any]:
        path = f'/resource_providers/{provider}/{kind}'
        found: dict[str, Any] = self._placement.get(path).json()
        return found

    def _put(self, provider: str, kind: str, value: Any) -> None:
        found = self._get(provider, kind)
        self._placement.put(
            f'/resource_providers/{provider}/{kind}',
            json={
                kind: value,
                'resource_provider_generation': found[
                    'resource_provider_generation'
                ],
            },
        )
