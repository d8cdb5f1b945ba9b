# SPDX-License-Identifier: Apache-2.0

"""What a server sees of itself: Nova's metadata service, and our example."""

import sys

from collections.abc import Mapping
from typing import Any

import requests

from minicloud import cloud
from tests.functional import typed


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
