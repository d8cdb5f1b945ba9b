# SPDX-License-Identifier: Apache-2.0

"""What nova-scheduler asks Placement before a move, and a no to it."""

import dataclasses

from watcher_host_maintenance.core.model.document import short


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Demand:
    """What nova-scheduler asks Placement of the destination of a server.

    Servers with one demand get one answer from a destination. Every field is
    a conjunction, and is sorted.

    :ivar resources: ``CLASS:AMOUNT`` of the group without a suffix, as
        Placement's queries have it
    :ivar required: traits that a provider of these resources has
    :ivar forbidden: traits that it lacks
    :ivar root_required: traits that the compute node's own provider has
    :ivar root_forbidden: traits that it lacks
    :ivar groups: ``KEY=VALUE`` of the groups with a suffix: resources or
        traits of a device below the node
    :ivar zone: availability zone in one of whose aggregates the provider is;
        '' is any
    :ivar project: ID of the project in one of whose aggregates the provider
        is; '' is any
    :ivar routed: UUIDs of segments of routed networks, those of one port with
        commas between them: the provider is in an aggregate of one of each
    """

    resources: tuple[str, ...] = short(())
    required: tuple[str, ...] = short(())
    forbidden: tuple[str, ...] = short(())
    root_required: tuple[str, ...] = short(())
    root_forbidden: tuple[str, ...] = short(())
    groups: tuple[str, ...] = short(())
    zone: str = short('')
    project: str = short('')
    routed: tuple[str, ...] = short(())

    def includes(self, part: 'Demand') -> bool:
        """Return True if everything that a part asks for is asked for."""
        return (
            part.zone in ('', self.zone)
            and part.project in ('', self.project)
            and all(
                set(getattr(part, name)) <= set(getattr(self, name))
                for name in CONDITIONS
            )
        )


CONDITIONS = (
    'resources',
    'required',
    'forbidden',
    'root_required',
    'root_forbidden',
    'groups',
    'routed',
)
"""The fields of a demand that hold several conditions each."""


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Refusal:
    """A no of Placement.

    :ivar hostname: the destination
    :ivar part: the smallest part of a demand that it is known not to meet;
        every demand that includes it is refused
    :ivar state: ``CLASS:AMOUNT`` that is free there, if no trait and no
        aggregate explains the no
    """

    hostname: str
    part: Demand
    state: tuple[str, ...] = short(())
