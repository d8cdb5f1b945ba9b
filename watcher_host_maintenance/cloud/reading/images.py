# SPDX-License-Identifier: Apache-2.0

"""What the images of servers ask of a compute node.

Nova shows properties of a server's image as it keeps them for the server, but
not the traits, which Glance has. Of a server that boots from a volume it shows
nothing: Cinder keeps the properties of the image with the volume.
"""

from collections.abc import Collection
from collections.abc import Mapping
from typing import NamedTuple

from watcher_host_maintenance.cloud.cinder import Volume
from watcher_host_maintenance.cloud.optional import IMAGES
from watcher_host_maintenance.cloud.optional import VOLUMES
from watcher_host_maintenance.cloud.optional import Answers
from watcher_host_maintenance.cloud.optional import OptionalServices
from watcher_host_maintenance.cloud.optional import ask
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core.model.nova import ARCHITECTURE
from watcher_host_maintenance.core.model.nova import DEVICE_TRAITS
from watcher_host_maintenance.core.model.nova import IMAGE_FORMAT
from watcher_host_maintenance.core.model.nova import IMAGE_SPEC_PREFIXES
from watcher_host_maintenance.core.model.nova import IMAGE_SPECS
from watcher_host_maintenance.core.model.nova import LEGACY_PROPERTIES
from watcher_host_maintenance.core.model.nova import REQUIRED_VERSION
from watcher_host_maintenance.core.model.nova import TRAIT_PREFIX
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import OFF
from watcher_host_maintenance.core.rules.traits import IMAGE_TYPES


LOOKED_AT = {ARCHITECTURE, REQUIRED_VERSION, *IMAGE_SPECS, *DEVICE_TRAITS}
PREFIXES = (TRAIT_PREFIX, *IMAGE_SPEC_PREFIXES)
"""Properties that rules look at: their names, and what names begin with."""


class Images(NamedTuple):
    """What is known of the images of servers.

    :ivar properties: UUID of a server -> properties that rules look at
    :ivar without_traits: UUIDs of servers the traits of whose images could
        not be read
    :ivar unknown: UUIDs of servers of whose images nothing could be read
    :ivar not_read: what was not read at all -> why
    """

    properties: Mapping[str, Mapping[str, str]]
    without_traits: Collection[str]
    unknown: Collection[str]
    not_read: Mapping[str, str]


def read_images(
    servers: Collection[Server], request: Request, services: OptionalServices
) -> Images:
    """Read what the images of servers ask for.

    What an option forbids to read is taken to ask for nothing.
    """
    glance, cinder = services.glance, services.cinder
    images: Answers[Mapping[str, str]] = ask(
        glance,
        lambda uuid: glance.properties(uuid) if glance else None,
        (s.image for s in servers if s.image),
    )
    volumes: Answers[Volume] = ask(
        cinder,
        lambda uuid: cinder.volume(uuid) if cinder else None,
        (uuid for s in servers if not s.image for uuid in s.volumes),
    )
    properties = {}
    without_traits: set[str] = set()
    unknown: set[str] = set()
    for server in servers:
        answers = images if server.image else volumes
        found = (
            images.by_uuid.get(server.image)
            if server.image
            else _of_volume(server, volumes.by_uuid)
        )
        shown = server.shown_properties
        if found is None and answers.why_not != OFF:
            (unknown if shown is None else without_traits).add(server.uuid)
        properties[server.uuid] = _looked_at(found or {}, shown)
        if server.image and IMAGE_TYPES in request.scheduler_prefilters:
            properties[server.uuid] |= _format(found or {})
    not_read = {IMAGES: images.why_not, VOLUMES: volumes.why_not}
    return Images(
        properties,
        without_traits,
        unknown,
        {name: why for name, why in not_read.items() if why},
    )


def _format(image: Mapping[str, str]) -> dict[str, str]:
    """Return the format of an image as a property, if it is known."""
    kind = image.get(IMAGE_FORMAT)
    return {IMAGE_FORMAT: kind} if kind else {}


def _of_volume(
    server: Server, volumes: Mapping[str, Volume | None]
) -> Mapping[str, str] | None:
    """Return the properties of the image of a server's root volume.

    :returns: None if it is not known which volume that is, or it is gone
    """
    attached = [volumes.get(uuid) for uuid in server.volumes]
    if len(attached) > 1:
        attached = [
            volume
            for volume in attached
            if volume is None
            or volume.devices.get(server.uuid) == server.root_device
        ]
    if len(attached) != 1 or attached[0] is None:
        return None
    return attached[0].properties


def _looked_at(
    found: Mapping[str, str], shown: Mapping[str, str] | None
) -> dict[str, str]:
    """Return the properties that rules look at, by their present names.

    :param found: of the image as it is now
    :param shown: as Nova keeps them for a server: they count, but they lack
        traits
    """
    if shown is None:
        known = dict(found)
    else:
        traits = (k for k in found if k.startswith(TRAIT_PREFIX))
        known = {**shown, **{name: found[name] for name in traits}}
    for old, new in LEGACY_PROPERTIES.items():
        if old in known:
            known.setdefault(new, known[old])
    return {
        name: text
        for name, text in sorted(known.items())
        if name in LOOKED_AT or name.startswith(PREFIXES)
    }
