# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""API clients of a minicloud; every caller is an administrator."""

import requests

from keystoneauth1 import adapter
from keystoneauth1 import noauth
from keystoneauth1 import session
from novaclient import client as nova_client
from novaclient.v2 import client as nova_v2


NOVA_MICROVERSION = '2.96'


def nova(endpoint: str, project: str | None = None,
         microversion: str = NOVA_MICROVERSION) -> nova_v2.Client:
    """A Compute API client.

    :param project: act in this project instead of the common one
    """
    headers = {'X-Project-Id': project} if project else {}
    return nova_client.Client(
        microversion, session=_session(headers),
        endpoint_override=endpoint + '/v2.1')


def placement(endpoint: str) -> adapter.Adapter:
    """A Placement API adapter, at its newest microversion."""
    return adapter.Adapter(
        _session(), service_type='placement', endpoint_override=endpoint,
        default_microversion='latest')


def watcher(endpoint: str) -> adapter.Adapter:
    """An Infrastructure Optimization API adapter, newest microversion."""
    return adapter.Adapter(
        _session(), service_type='infra-optim', endpoint_override=endpoint,
        default_microversion='latest')


def _session(headers: dict[str, str] | None = None) -> session.Session:
    plain = requests.Session()
    # A proxy of the environment does not reach loopback.
    plain.trust_env = False
    return session.Session(
        auth=noauth.NoAuth(), session=plain,
        additional_headers=headers or {})
