# SPDX-License-Identifier: Apache-2.0

"""A hook that is a service gets no more time than it was given."""

import time

import fixtures

from tests.unit import base
from tests.unit.cloud.servers import Server
from watcher_host_maintenance.cloud import web_hooks
from watcher_host_maintenance.cloud.web_hooks import WebHookFailed


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
