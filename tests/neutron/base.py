# SPDX-License-Identifier: Apache-2.0

"""What the tests with a real Neutron share."""

import json
import os

from collections.abc import Mapping
from typing import Any

from minicloud import cloud
from minicloud import networks
from tests.functional import base
from tests.functional import command_line


class NeutronTestCase(base.CloudTestCase):
    """A cloud with Neutron, whose hosts are enabled again after each test.

    :ivar neutron: its API
    :ivar networks: name -> UUID
    """

    LIMIT_S = 600

    @classmethod
    def share_with_neutron(
        cls,
        description: Mapping[str, Any],
        watcher_options: Mapping[str, Mapping[str, Any]],
        **options: Any,
    ) -> None:
        """Start the cloud of the class."""
        cls.share(
            cloud.Cloud(
                description,
                watcher_options=base.options(watcher_options),
                neutron_python=os.environ['NEUTRON_PYTHON'],
                **options,
            )
        )
        cls.neutron = networks.Networks(cls.cloud.clients.neighbour('network'))
        cls.networks: dict[str, str] = {}

    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(self._enable_all)

    def _enable_all(self) -> None:
        for service in self.cloud.nova.services.list(binary='nova-compute'):
            if service.status == 'disabled':
                self.cloud.nova.services.enable(service.id)

    def attach(self, server: str, network: str, **fields: Any) -> str:
        """Have Nova attach a new port, and return the UUID of that.

        :param fields: of the port
        """
        port = self.neutron.create(
            'port', network_id=self.networks[network], **fields
        )
        found = self.cloud.nova.servers.find(name=server)
        self.cloud.nova.servers.interface_attach(found, port['id'], None, None)
        host = self.cloud.servers()[server].host
        self.assertBound(port['id'], host)
        return str(port['id'])

    def assertBound(self, port: str, host: str | None) -> None:
        """Check that Neutron has bound a port on a host, and there alone."""
        self.assertEventually(
            [(host, 'ovs', 'ACTIVE')], lambda: self.neutron.bindings(port)
        )

    def check_typed(
        self, arguments: str, status: int = 0
    ) -> tuple[dict[str, Any], str]:
        """Type a check; return its rows by server, and what it tells."""
        line = f'openstack maintenance check {arguments} -f json'
        ended, out, told = command_line.answer_here(self.cloud, line)
        self.assertEqual(status, ended or 0, out + told)
        self.assertNotIn('not read', told)
        return {row['Server']: row for row in json.loads(out)}, told

    def assertNovaRefuses(self, server: str, host: str) -> None:
        """Check that Nova does not move a server live."""
        nova = self.cloud.nova
        found = nova.servers.find(name=server)
        source = self.cloud.servers()[server].host

        def failed() -> int:
            migrations = nova.migrations.list(instance_uuid=found.id)
            return sum(m.status == 'error' for m in migrations)

        before = failed()
        nova.servers.live_migrate(found, host, 'auto')
        self.assertEventually(before + 1, failed)
        self.assertEventually(
            ('ACTIVE', source), lambda: self.cloud.servers()[server]
        )
