# SPDX-License-Identifier: Apache-2.0

"""Leave Nova's scheduler no choice in a request that cannot name a host."""

import contextlib

from collections.abc import Iterator

from novaclient.v2 import client as nova_v2


@contextlib.contextmanager
def all_but(nova: nova_v2.Client, host: str) -> Iterator[None]:
    """Close every other host meanwhile; those that are closed stay so."""
    others = [
        service
        for service in nova.services.list(binary='nova-compute')
        if service.host != host and service.status == 'enabled'
    ]
    try:
        for service in others:
            nova.services.disable(service.id)
        yield
    finally:
        for service in others:
            nova.services.enable(service.id)
