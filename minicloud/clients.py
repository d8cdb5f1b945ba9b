# SPDX-License-Identifier: Apache-2.0

"""API clients of a minicloud."""

from collections.abc import Mapping
from typing import Any

import requests

from keystoneauth1 import adapter
from keystoneauth1 import noauth
from keystoneauth1 import session
from keystoneauth1.identity import v3
from novaclient import client as nova_client
from novaclient.v2 import client as nova_v2

from minicloud import credentials


NOVA_MICROVERSION = '2.96'

_TIMEOUT_S = 120


class Clients:
    """Makes clients; without Keystone everybody is an administrator."""

    def __init__(
        self, urls: Mapping[str, str], passwords: Mapping[str, str]
    ) -> None:
        """Make clients of these APIs.

        :param urls: API name -> endpoint
        :param passwords: user -> password; empty without Keystone
        """
        self._urls = urls
        self._passwords = passwords

    def nova(
        self,
        project: str | None = None,
        user: str = credentials.ADMIN,
        version: str = NOVA_MICROVERSION,
    ) -> nova_v2.Client:
        """A Compute API client.

        :param project: act in this project instead of the user's own
        :param version: microversion
        """
        return nova_client.Client(
            version,
            session=self._session(user, project),
            endpoint_override=self._urls['compute'] + '/v2.1',
        )

    def placement(self) -> adapter.Adapter:
        """A Placement API adapter, at its newest microversion."""
        return adapter.Adapter(
            self._session(),
            service_type='placement',
            endpoint_override=self._urls['placement'],
            default_microversion='latest',
        )

    def neighbour(self, kind: str) -> adapter.Adapter:
        """An adapter of Neutron, or of what stands in for a service.

        :param kind: name of its API, 'image', 'network' or 'volume'
        """
        return adapter.Adapter(
            self._session(), endpoint_override=self._urls[kind]
        )

    def watcher(self, user: str = credentials.ADMIN) -> adapter.Adapter:
        """An Infrastructure Optimization API adapter, newest microversion."""
        return adapter.Adapter(
            self._session(user),
            service_type='infra-optim',
            endpoint_override=self._urls['infra-optim'],
            default_microversion='latest',
        )

    def keystone(self) -> adapter.Adapter:
        """An Identity API adapter of an administrator."""
        return adapter.Adapter(
            self._session(),
            service_type='identity',
            endpoint_override=self._urls['identity'] + '/v3',
        )

    def _session(
        self, user: str = credentials.ADMIN, project: str | None = None
    ) -> session.Session:
        plain = requests.Session()
        # A proxy of the environment does not reach loopback.
        plain.trust_env = False
        options: dict[str, Any] = {'auth': noauth.NoAuth()}
        if self._passwords:
            options['auth'] = self._password(user, project)
        elif project:
            options['additional_headers'] = {'X-Project-Id': project}
        return session.Session(session=plain, timeout=_TIMEOUT_S, **options)

    def _password(self, user: str, project: str | None) -> v3.Password:
        return v3.Password(
            self._urls['identity'] + '/v3',
            username=user,
            password=self._passwords[user],
            user_domain_id='default',
            project_name=project or credentials.USERS[user].project,
            project_domain_id='default',
        )
