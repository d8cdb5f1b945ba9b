# SPDX-License-Identifier: Apache-2.0

"""A hook that is a service gets no more time than it was given."""

import socket
import time

import fixtures

from tests.unit import base
from tests.unit.cloud.servers import Server
from watcher_host_maintenance.cloud import web_hooks
from watcher_host_maintenance.cloud.web_hooks import WebHookFailed
from watcher_host_maintenance.cloud.web_hooks import WebHookNotCalled


DRIP = b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n' + 9 * b' '


class TestDrip(base.TestCase):
    def test_bytes_that_drip_are_given_up(self):
        """Each of the 47 bytes comes in time, all of them do not."""
        self.useFixture(fixtures.MockPatchObject(web_hooks, 'ANSWER_S', 0.3))
        server = Server(self, DRIP, pause_s=0.1)
        host = server.url.removeprefix('http://')
        with self.assertRaises(WebHookFailed):
            web_hooks.call(server.url, [host], {}, 60, time.sleep)
        self.assertLess(server.sent, len(DRIP) / 2)


class TestReach(base.TestCase):
    def call(self, url):
        host = url.removeprefix('http://')
        return web_hooks.call(url, [host], {}, 60, time.sleep)

    def test_nobody_listens(self):
        with socket.create_server(('127.0.0.1', 0)) as server:
            url = f'http://127.0.0.1:{server.getsockname()[1]}'
        self.assertRaises(WebHookNotCalled, self.call, url)

    def test_unknown_name(self):
        self.assertRaises(
            WebHookNotCalled, self.call, 'http://nowhere.invalid'
        )

    def test_hangs_up(self):
        """It has read the request: whether it has begun is not known."""
        server = Server(self, b'')
        self.useFixture(fixtures.MockPatchObject(web_hooks, 'ANSWER_S', 0.3))
        self.assertRaises(WebHookFailed, self.call, server.url)
        self.assertEqual(1, server.connections)
