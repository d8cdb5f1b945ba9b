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

"""Leave Nova's scheduler no choice where nobody may name a host."""

import contextlib

from collections.abc import Iterator

from novaclient.v2 import client as nova_v2


@contextlib.contextmanager
def all_but(nova: nova_v2.Client, host: str) -> Iterator[None]:
    """Close every other host meanwhile; those that are closed stay so."""
    others = [service for service in nova.services.list(binary='nova-compute')
              if service.host != host and service.status == 'enabled']
    try:
        for service in others:
            nova.services.disable(service.id)
        yield
    finally:
        for service in others:
            nova.services.enable(service.id)
