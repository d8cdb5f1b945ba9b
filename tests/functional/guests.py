# SPDX-License-Identifier: Apache-2.0

"""What a server sees of itself: Nova's metadata service, and our example."""

import sys
import time

from collections.abc import Mapping
from typing import Any

import requests

from minicloud import cloud
from tests.functional import typed


#: Nova's metadata_cache_expiration, by default.
CACHE_S = 15
_POLL_S = 0.5
WATCH = typed.SOURCE / 'examples/maintenance-watch/maintenance_watch.py'


def url(lab: cloud.Cloud, server: Any) -> str:
    """Where a server of novaclient's reads its metadata."""
    return '/'.join(
        (
            lab.urls['metadata'],
            server.tenant_id,
            server.id,
            'openstack/latest/meta_data.json',
        )
    )


def metadata(lab: cloud.Cloud, server: Any) -> Mapping[str, str]:
    """What a server reads of its metadata."""
    with requests.Session() as http:
        http.trust_env = False
        answer = http.get(url(lab, server))
    answer.raise_for_status()
    meta: Mapping[str, str] = answer.json().get('meta', {})
    return meta


def catch_up(lab: cloud.Cloud, server: Any) -> None:
    """Return when a server reads the metadata that the API shows now.

    :raises AssertionError: what it reads is older than Nova's cache gets
    """
    told_s = asked_s = time.monotonic()
    told = lab.nova.servers.get(server).metadata
    while metadata(lab, server) != told:
        # The answer may have come late: when it was asked for counts.
        assert asked_s - told_s < CACHE_S, asked_s - told_s
        time.sleep(_POLL_S)
        asked_s = time.monotonic()


def watch(address: str, directory: Any, *arguments: str) -> list[str]:
    """The command that runs the example, with its hooks in a directory."""
    return [
        sys.executable,
        '-I',
        str(WATCH),
        f'--url={address}',
        f'--hooks={directory}',
        f'--state={directory / "state.json"}',
        *arguments,
    ]
