# SPDX-License-Identifier: Apache-2.0

"""The little of Keystone that is asked for: one token, and the catalog."""

from collections.abc import Mapping
from typing import Any

from minicloud import wsgi


#: Service type -> where the API begins, below the endpoint of its socket.
_PATHS = {
    'block-storage': '/v3',
    'compute': '/v2.1',
    'identity': '/v3',
    'image': '',
    'infra-optim': '',
    'network': '',
    'placement': '',
}
#: Type of a service -> what its API is called here.
_APIS = {'block-storage': 'volume'}
_DOMAIN = {'id': 'default', 'name': 'Default'}
_USER = {'id': 'admin', 'name': 'admin', 'domain': _DOMAIN}
_PROJECT = {'id': wsgi.PROJECT_ID, 'name': 'admin', 'domain': _DOMAIN}
#: Goes with every answer; it is a token's answer that it is read from.
HEADERS = (('X-Subject-Token', 'admin'),)


class Identity:
    """Lets everybody in, as an administrator."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        """Serve a catalog.

        :param urls: API name -> endpoint
        """
        self._version = {
            'id': 'v3.14',
            'status': 'stable',
            'media-types': [],
            'links': [{'rel': 'self', 'href': urls['identity'] + '/v3/'}],
        }
        self._catalog = [
            _service(kind, urls[_APIS.get(kind, kind)] + path)
            for kind, path in _PATHS.items()
        ]

    def __call__(self, method: str, path: str, body: Any) -> Any:
        """Answer one request; every collection is empty."""
        if path == '/v3/auth/tokens':
            return {'token': self._token()}
        if path.rstrip('/') == '/v3':
            return {'version': self._version}
        if path == '/':
            return {'versions': {'values': [self._version]}}
        return {path.rsplit('/', 1)[1]: []}

    def _token(self) -> dict[str, Any]:
        """Describe the token, which never ends."""
        return {
            'methods': ['password'],
            'user': _USER,
            'project': _PROJECT,
            'issued_at': '2024-01-01T00:00:00.000000Z',
            'expires_at': '2099-01-01T00:00:00.000000Z',
            'roles': [{'id': 'admin', 'name': 'admin'}],
            'catalog': self._catalog,
        }


def _service(kind: str, url: str) -> dict[str, Any]:
    """One service of the catalog, with a public endpoint."""
    return {
        'id': kind,
        'type': kind,
        'name': kind,
        'endpoints': [
            {
                'id': kind,
                'interface': 'public',
                'region': 'RegionOne',
                'region_id': 'RegionOne',
                'url': url,
            }
        ],
    }
