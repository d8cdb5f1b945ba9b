# SPDX-License-Identifier: Apache-2.0

"""The scheduler hints of servers, and where the servers are that they name."""

from collections.abc import Collection
from collections.abc import Mapping
from typing import NamedTuple

from watcher_host_maintenance.cloud import parallel
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.rules import hints


class Hints(NamedTuple):
    """What is known of the hints that a request respects.

    :ivar of_server: UUID of a server -> hint -> its values
    :ivar unknown: UUIDs of servers of which Nova does not show them
    :ivar hinted: UUID of a server that a hint names -> its hostname
    """

    of_server: Mapping[str, Mapping[str, tuple[str, ...]]]
    unknown: Collection[str]
    hinted: Mapping[str, str]


def read_hints(
    nova: Nova, servers: Collection[Server], request: Request
) -> Hints:
    """Read where the servers are that hints name; nothing else is read."""
    respected = hints.respected(request)
    if not respected:
        return Hints({}, (), {})
    of_server = {
        s.uuid: {
            hint: values
            for hint, values in s.shown_hints.items()
            if hint in respected
        }
        for s in servers
        if s.shown_hints
    }
    named = {
        uuid
        for of_one in of_server.values()
        for hint in (hints.SAME, hints.DIFFERENT)
        for uuid in of_one.get(hint, ())
    }
    known: dict[str, Server | None] = {s.uuid: s for s in servers}
    known |= parallel.by_item(nova.server, sorted(named - known.keys()))
    return Hints(
        of_server,
        {s.uuid for s in servers if s.shown_hints is None},
        {
            uuid: server.host
            for uuid in sorted(named)
            if (server := known[uuid]) is not None and server.host
        },
    )
