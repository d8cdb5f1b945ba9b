# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""Clients of APIs that never answer give up."""

import socket

import fixtures
import testtools

from keystoneauth1 import exceptions

from minicloud import clients


class TestClients(testtools.TestCase):
    def test_no_answer(self):
        self.useFixture(
            fixtures.MonkeyPatch('minicloud.clients._TIMEOUT_S', 0.2))
        silent = self.enterContext(socket.create_server(('127.0.0.1', 0)))
        url = f'http://127.0.0.1:{silent.getsockname()[1]}'
        made = clients.Clients(
            dict.fromkeys(('compute', 'placement', 'infra-optim'), url), {})
        for ask in (made.nova().servers.list,
                    lambda: made.placement().get('/'),
                    lambda: made.watcher().get('/')):
            self.assertRaises(exceptions.ConnectTimeout, ask)
