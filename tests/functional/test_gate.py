# SPDX-License-Identifier: Apache-2.0

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
