# SPDX-License-Identifier: Apache-2.0

"""Services that a cloud may not have, or that are not to be read."""

import dataclasses

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from typing import Generic
from typing import TypeVar

from keystoneauth1.adapter import Adapter

from watcher_host_maintenance.cloud import parallel
from watcher_host_maintenance.cloud.api import OptionalApi
from watcher_host_maintenance.cloud.cinder import Cinder
from watcher_host_maintenance.cloud.deadlines import TOO_LATE
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.glance import Glance
from watcher_host_maintenance.cloud.neutron import Neutron
from watcher_host_maintenance.cloud.settings import DEFAULT
from watcher_host_maintenance.cloud.settings import Settings
from watcher_host_maintenance.core.model.snapshot import ABSENT
from watcher_host_maintenance.core.model.snapshot import OFF


Record = TypeVar('Record')

IMAGES, VOLUMES, PORTS = 'images', 'volumes', 'ports'


@dataclasses.dataclass(frozen=True, slots=True)
class OptionalServices:
    """What is read besides Nova and Placement; None is not to be read."""

    glance: Glance | None = None
    cinder: Cinder | None = None
    neutron: Neutron | None = None


NOTHING = OptionalServices()


def connect(
    adapter_of: Callable[[str], Adapter],
    wanted: Collection[str],
    settings: Settings = DEFAULT,
) -> OptionalServices:
    """Connect to the services of which something is to be read.

    :param adapter_of: service type -> its adapter; nothing is asked yet
    :param wanted: of :data:`IMAGES`, :data:`VOLUMES` and :data:`PORTS`
    """
    return OptionalServices(
        glance=(
            Glance(adapter_of('image'), settings) if IMAGES in wanted else None
        ),
        cinder=(
            Cinder(adapter_of('block-storage'), settings)
            if VOLUMES in wanted
            else None
        ),
        neutron=(
            Neutron(adapter_of('network'), settings)
            if PORTS in wanted
            else None
        ),
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Answers(Generic[Record]):
    """What a service answers about some things.

    :ivar by_uuid: UUID -> record; None is gone, and all are missing if they
        were not read
    :ivar why_not: why they were not read; '' if they were
    """

    by_uuid: dict[str, Record | None] = dataclasses.field(default_factory=dict)
    why_not: str = ''


def ask(
    service: OptionalApi | None,
    read: Callable[[str], Record | None],
    uuids: Iterable[str],
) -> Answers[Record]:
    """Read some things, if there are any, or find out why that fails.

    :raises .errors.NotPlanned: the time for reading is over
    """
    uuids = sorted(set(uuids))
    if not uuids:
        return Answers()
    by_uuid, why_not = attempt(service, lambda: parallel.by_item(read, uuids))
    return Answers(by_uuid or {}, why_not)


def attempt(
    service: OptionalApi | None, read: Callable[[], Record]
) -> tuple[Record | None, str]:
    """Read from a service, if there is one.

    :returns: what was read, or None, and why it was not read
    :raises .errors.NotPlanned: the time for reading is over
    """
    if service is None:
        return None, OFF
    try:
        if not service.exists():
            return None, ABSENT
        return read(), ''
    except NotPlanned as exc:
        if exc.finding.reason in TOO_LATE:
            raise
        return None, _words(exc)


def _words(error: NotPlanned) -> str:
    facts = error.finding.facts
    return f'{facts["service"]}, {facts["call"]}: {facts["error"]}'
