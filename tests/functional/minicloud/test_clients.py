# SPDX-License-Identifier: Apache-2.0

"""Clients of APIs that never answer give up."""

import socket

import fixtures
import testtools

from keystoneauth1 import exceptions

from minicloud import clients


class TestClients(testtools.TestCase):
    def test_no_answer(self):
        self.useFixture(
            fixtures.MonkeyPatch('minicloud.clients._TIMEOUT_S', 0.2)
        )
        silent = self.enterContext(socket.create_server(('127.0.0.1', 0)))
        url = f'http://127.0.0.1:{silent.getsockname()[1]}'
        made = clients.Clients(
            dict.fromkeys(('compute', 'placement', 'infra-optim'), url), {}
        )
        for ask in (
            made.nova().servers.list,
            lambda: made.placement().get('/'),
            lambda: made.watcher().get('/'),
        ):
            self.assertRaises(exceptions.ConnectTimeout, ask)
