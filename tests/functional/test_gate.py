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

"""The gate between Watcher and Nova."""

import socket

import requests
import testtools

from tests.functional import gate


class TestGate(testtools.TestCase):
    def test_nova_is_gone(self):
        between = self.useFixture(gate.Gate())
        with socket.create_server(('127.0.0.1', 0)) as gone:
            between.nova = f'http://127.0.0.1:{gone.getsockname()[1]}'
        with requests.Session() as session:
            session.trust_env = False
            self.assertEqual(502, session.get(between.url).status_code)
        self.assertEqual([], between.answers)
