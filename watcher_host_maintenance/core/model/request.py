# SPDX-License-Identifier: Apache-2.0

"""The request of an operator, with the options that affect its plan."""

import dataclasses
import enum

from collections.abc import Mapping

from watcher_host_maintenance.core.model.document import InvalidDocument
from watcher_host_maintenance.core.model.document import short
from watcher_host_maintenance.core.model.document import short_mapping
from watcher_host_maintenance.core.model.notice import OWNER_WORDS
from watcher_host_maintenance.core.model.notice import STANDING_WORDS
from watcher_host_maintenance.core.model.notice import UUID_FORM
from watcher_host_maintenance.core.model.window import Window


MAINTAINING_REASON = 'watcher_maintaining'
"""Disabled reason of a node to drain, the same as upstream's."""

RETURNING_REASON = 'watcher_maintained'
"""Disabled reason of a node whose maintenance is over."""

MOST_SECONDARY_MOVES = 20
"""The most servers of other nodes that a request may allow to move."""

SPARE_REASON = 'watcher_disabled'
"""Disabled reason that Watcher's strategies give to a node they empty."""


class OnBlocked(enum.Enum):
    """What to do if some instances cannot leave."""

    FAIL = 'fail'
    LEAVE = 'leave'


class CloseAt(enum.Enum):
    """When the nodes to empty are disabled, if a window is to come."""

    NOW = 'now'
    START = 'start'


class Owners(enum.Enum):
    """What the owners of servers are told, and what they may say.

    Nothing; what is done, so that their standing words count; or what is to
    be done, so that they may also say when.
    """

    IGNORE = 'ignore'
    OBEY = 'obey'
    WAIT = 'wait'


class OnKeep(enum.Enum):
    """What to do with a server whose owner wants it to be left alone."""

    BLOCK = 'block'
    MOVE = 'move'


class CpuCheck(enum.Enum):
    """What to do about features that the CPU of a destination lacks."""

    OFF = 'off'
    PREFER = 'prefer'
    REQUIRE = 'require'


@dataclasses.dataclass(frozen=True, slots=True)
class Request:
    """A drain of the given nodes, or of every marked node.

    :ivar maintenance_nodes: hostnames to drain, all or none; if empty, every
        marked node in scope is drained, each independently of the others
    :ivar backup_node: hostname of the only destination
    :ivar disable_live_migration: running servers are migrated cold
    :ivar disable_cold_migration: stopped servers stay
    :ivar on_blocked: fail if a server cannot leave, or leave it on its node
    :ivar headroom_percent: percentage of each destination's capacity to keep
        free, for each resource class; 0 <= x < 100
    :ivar marking_reasons: a disabled node whose reason starts with one of
        these is marked for maintenance
    :ivar unused_reasons: a disabled node with one of these reasons is
        unused, if it is up, empty and not marked
    :ivar allow_unproved_moves: also move servers with devices, NUMA cells or
        dedicated CPUs, although no API can prove that they fit
    :ivar aggregate_extra_specs: respect extra specs with the scope
        ``aggregate_instance_extra_specs``, as Nova's filter does
    :ivar unscoped_extra_specs: respect extra specs without a scope too
    :ivar tenant_isolation: respect ``filter_tenant_id`` of aggregates
    :ivar type_affinity: respect ``instance_type`` of aggregates
    :ivar hypervisor_version_check: never live migrate to an older hypervisor
    :ivar image_metadata_prefilter: respect models of devices in properties of
        images, as Nova does with its option of that name
    :ivar same_host: respect the scheduler hint of that name
    :ivar different_host: respect the scheduler hint of that name
    :ivar cidr_affinity: respect the scheduler hints ``build_near_host_ip`` and
        ``cidr``
    :ivar other_filters: names of filters of nova-scheduler that are enabled
        and have no rule
    :ivar scheduler_prefilters: names of options of Nova's section
        ``[scheduler]`` that add to what it asks Placement, and are on
    :ivar migration_domain_keys: keys of aggregate metadata whose values must
        be equal on the source and the destination
    :ivar cpu_check: whether live migrations go to nodes whose CPU has all
        features of the source's, as far as these have room, or to no other
        ones
    :ivar failed_migrations_hours: a move that failed in the last so many hours
        makes its destination the last choice for that server; 0 is never
    :ivar max_secondary_moves: most servers of other nodes that may move to
        make room; 0 to 20
    :ivar now_s: time of planning, in seconds since 1970-01-01 00:00 UTC;
        None is unknown
    :ivar window: when work may begin and has to end; None is any time
    :ivar later: the window of what does not begin in this one; None is this
        one as well, or not known
    :ivar windows_elsewhere: hostname -> UUID of another audit that has another
        window for it; of marked nodes, these are refused
    :ivar told_nodes: hostnames of the nodes whose owners have been told, if
        it is too late to tell others; these are refused. None is not too late
    :ivar close: when the nodes are disabled: at once or when the window begins
    :ivar owners: what owners are told, and whether their words count
    :ivar answer_by_s: owners who are waited for may answer until then, in
        seconds since 1970-01-01 00:00 UTC; None is until work may begin
    :ivar removed: the hosts do not return, so that no server stays
    :ivar on_keep: what a server that is to be left alone does
    :ivar maintenance_id: UUID of the audit, which notices have; '' is none
    :ivar owner_tags: tag of another product -> word of an owner
    :ivar owner_defaults: project ID -> standing word of owners who say none
    """

    maintenance_nodes: tuple[str, ...] = ()
    backup_node: str | None = None
    disable_live_migration: bool = False
    disable_cold_migration: bool = False
    on_blocked: OnBlocked = OnBlocked.FAIL
    headroom_percent: float = 0.0
    marking_reasons: tuple[str, ...] = (MAINTAINING_REASON,)
    unused_reasons: tuple[str, ...] = (SPARE_REASON,)
    allow_unproved_moves: bool = False
    aggregate_extra_specs: bool = True
    unscoped_extra_specs: bool = False
    tenant_isolation: bool = True
    hypervisor_version_check: bool = True
    migration_domain_keys: tuple[str, ...] = ()
    scheduler_prefilters: tuple[str, ...] = short(())
    max_secondary_moves: int = short(0)
    cpu_check: CpuCheck = short(CpuCheck.PREFER)
    failed_migrations_hours: int = short(0)
    image_metadata_prefilter: bool = short(False)
    same_host: bool = short(False)
    different_host: bool = short(False)
    cidr_affinity: bool = short(False)
    type_affinity: bool = short(False)
    other_filters: tuple[str, ...] = short(())
    now_s: int | None = short(None)
    window: Window | None = short(None)
    later: Window | None = short(None)
    windows_elsewhere: Mapping[str, str] = short_mapping()
    told_nodes: tuple[str, ...] | None = short(None)
    close: CloseAt = short(CloseAt.START)
    owners: Owners = short(Owners.IGNORE)
    answer_by_s: int | None = short(None)
    removed: bool = short(False)
    on_keep: OnKeep = short(OnKeep.BLOCK)
    maintenance_id: str = short('')
    owner_tags: Mapping[str, str] = short_mapping()
    owner_defaults: Mapping[str, str] = short_mapping()

    def __post_init__(self) -> None:
        if not 0 <= self.headroom_percent < 100:
            raise InvalidDocument(
                'headroom_percent', 'must be at least 0 and less than 100'
            )
        if not 0 <= self.max_secondary_moves <= MOST_SECONDARY_MOVES:
            raise InvalidDocument(
                'max_secondary_moves', f'must be 0 to {MOST_SECONDARY_MOVES}'
            )
        if self.failed_migrations_hours < 0:
            raise InvalidDocument(
                'failed_migrations_hours', 'must be at least 0'
            )
        if self.now_s is not None and self.now_s < 0:
            raise InvalidDocument('now_s', 'must be at least 0')
        if self.window is not None and self.now_s is None:
            raise InvalidDocument('now_s', 'is missing: window needs it')
        self._check_owners()

    def _check_owners(self) -> None:
        if self.owners is Owners.WAIT and self.now_s is None:
            raise InvalidDocument('now_s', 'is missing: owners needs it')
        if self.answer_by_s is not None and self.answer_by_s < 0:
            raise InvalidDocument('answer_by_s', 'must be at least 0')
        if self.maintenance_id and not UUID_FORM.fullmatch(
            self.maintenance_id
        ):
            raise InvalidDocument('maintenance_id', 'is not a UUID')
        for field, allowed in (
            ('owner_tags', OWNER_WORDS),
            ('owner_defaults', STANDING_WORDS),
        ):
            for name, word in getattr(self, field).items():
                if word not in allowed:
                    raise InvalidDocument(
                        f'{field}.{name}', f'{word!r} is no word of an owner'
                    )

    @property
    def stops_instead_of_moving(self) -> bool:
        """Return True if both kinds of migration are disabled."""
        return self.disable_live_migration and self.disable_cold_migration


class MoveBack(enum.Enum):
    """Which servers come home to a node that returns."""

    NONE = 'none'
    LEFT = 'left'


class ReturnAs(enum.Enum):
    """What a node is after its return."""

    FORMER = 'former'
    ENABLED = 'enabled'
    SPARE = 'spare'


@dataclasses.dataclass(frozen=True, slots=True)
class ReturnRequest(Request):
    """A return of the given nodes, or of each whose maintenance is over.

    The fields of a drain mean the same for the moves home; ``backup_node``
    and ``max_secondary_moves`` are not used.

    :ivar on_blocked: fail if a server cannot come home, or leave it where it
        is
    :ivar returning_reasons: the maintenance of a disabled node is over if its
        reason starts with one of these
    :ivar move_back: who comes home
    :ivar return_as: what the nodes are after it: what they were before their
        maintenance, as far as that is recorded, enabled, or spares
    """

    on_blocked: OnBlocked = OnBlocked.LEAVE
    returning_reasons: tuple[str, ...] = (RETURNING_REASON,)
    move_back: MoveBack = MoveBack.NONE
    return_as: ReturnAs = ReturnAs.FORMER

    def __post_init__(self) -> None:
        # Slots make another class of this one, so super() finds none.
        Request.__post_init__(self)
        if self.move_back is MoveBack.LEFT and self.stops_instead_of_moving:
            raise InvalidDocument(
                'move_back', 'needs live or cold migration to be enabled'
            )
        if self.return_as is ReturnAs.SPARE and not self.unused_reasons:
            raise InvalidDocument(
                'return_as', 'spare needs a reason in unused_reasons'
            )
