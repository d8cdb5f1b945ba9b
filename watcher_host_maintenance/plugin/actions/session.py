# SPDX-License-Identifier: Apache-2.0

"""Nova and Placement, as an action asks them."""

import contextlib

from collections.abc import Iterator
from typing import Any

from watcher_host_maintenance.cloud.errors import NOVA
from watcher_host_maintenance.cloud.errors import REFUSED
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.errors import calling
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.placement import Placement
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.cloud.records import Service
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.plugin.actions import outcomes
from watcher_host_maintenance.plugin.errors import ActionFailed
from watcher_host_maintenance.plugin.watcher import connections


REFUSED_BY_NOVA = Of.ACTION.declare(
    'refused_by_nova',
    says=N_('Nova does not do it for {subject}'),
    helps=N_('Fix the problem Nova reports, then run the audit again.'),
)


class Cloud:
    """Connections that an action keeps until a call fails.

    An action can poll 180 times, and every new connection asks Keystone for a
    token, and the service what it offers.
    """

    def __init__(self, osc: Any):
        """Connect to nothing yet.

        :param osc: Watcher's OpenStackClients
        """
        self._osc = osc
        self._nova: Nova | None = None
        self._placement: Placement | None = None

    @property
    def nova(self) -> Nova:
        """Nova, connected.

        :raises watcher_host_maintenance.cloud.errors.NotPlanned: it is away
        """
        if self._nova is None:
            self._nova = connections.connect_nova()
        return self._nova

    @property
    def placement(self) -> Placement:
        """Placement.

        :raises watcher_host_maintenance.cloud.errors.NotPlanned: it is away
        """
        if self._placement is None:
            self._placement = connections.connect_placement(self._osc)
        return self._placement

    @contextlib.contextmanager
    def reconnecting(self) -> Iterator[None]:
        """Keep no connection when a call in here fails."""
        try:
            yield
        except NotPlanned:
            self._nova = self._placement = None
            raise

    @contextlib.contextmanager
    def ending(self, server: str = '') -> Iterator[None]:
        """End the action with what Nova says when a call in here fails.

        :param server: the name of the server that something is asked for,
            which says more than the call does
        :raises watcher_host_maintenance.plugin.errors.ActionFailed: a call
            failed
        """
        try:
            with self.reconnecting():
                yield
        except NotPlanned as exc:
            raise failure(exc, server) from exc

    @contextlib.contextmanager
    def asking(self, call: str, server: str = '') -> Iterator[Any]:
        """Give novaclient for a change; :meth:`ending` has the rest.

        :param call: method and path, for a person to read
        """
        with self.ending(server):
            client = self.nova.client
            with calling(NOVA, call):
                yield client

    def server(self, uuid: str) -> Server | None:
        """Return one server; None when it does not exist any more.

        :raises watcher_host_maintenance.cloud.errors.NotPlanned: a call failed
        """
        with self.reconnecting():
            return self.nova.server(uuid)

    def service(self, host: str) -> Service | None:
        """Return the nova-compute service of a host; None when there is none.

        :raises watcher_host_maintenance.plugin.errors.ActionFailed: a call
            failed
        """
        with self.ending():
            return self.nova.service(host)


def failure(error: NotPlanned, server: str = '') -> ActionFailed:
    """Return the error that ends an action after a call that failed."""
    if not server:
        return outcomes.failure(error.finding)
    is_refused = error.finding.reason in REFUSED.values()
    return outcomes.failure(
        Finding(REFUSED_BY_NOVA, server),
        str(error.finding.facts.get('error', '')),
        error.finding if is_refused else None,
    )
