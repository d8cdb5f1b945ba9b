# SPDX-License-Identifier: Apache-2.0

"""What an operator asks for, with the options that decide who is what."""

import dataclasses
import enum

from watcher_host_maintenance.core.model.document import InvalidDocument


MAINTAINING_REASON = 'watcher_maintaining'
"""The reason with which a node to empty is disabled, as upstream's is."""

SPARE_REASON = 'watcher_disabled'
"""The reason with which Watcher's strategies disable a node not needed."""


class OnBlocked(enum.Enum):
    """What to do when not every instance can leave."""

    FAIL = 'fail'
    LEAVE = 'leave'


@dataclasses.dataclass(frozen=True, slots=True)
class Request:
    """One drain, of named nodes or of every marked one.

    :ivar maintenance_nodes: hostnames to empty, all or nothing; empty asks
        for every marked node in scope, each all or nothing by itself
    :ivar backup_node: the one hostname to send everything to
    :ivar disable_live_migration: what runs is moved cold
    :ivar disable_cold_migration: what is stopped stays
    :ivar headroom_percent: share of each destination's capacity, per
        resource class, to keep free; 0 <= x < 100
    :ivar marking_reasons: a disabled node whose reason starts with one of
        these is marked for maintenance
    :ivar unused_reasons: a disabled node with one of these reasons is
        unused, if it is up and empty and not marked
    :ivar allow_unproved_moves: also move what may not fit though nothing
        that can be read says so: devices, NUMA, dedicated CPUs
    :ivar aggregate_extra_specs: obey the extra specs whose scope is
        ``aggregate_instance_extra_specs``, as Nova's filter of that name
    :ivar unscoped_extra_specs: obey extra specs without a scope as well
    :ivar tenant_isolation: obey ``filter_tenant_id`` of aggregates
    :ivar hypervisor_version_check: never migrate live onto an older
        hypervisor
    :ivar migration_domain_keys: keys of aggregate metadata whose values
        must be equal on source and destination
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

    def __post_init__(self) -> None:
        if not 0 <= self.headroom_percent < 100:
            raise InvalidDocument(
                'headroom_percent', 'must be at least 0 and less than 100'
            )

    @property
    def stops_instead_of_moving(self) -> bool:
        """Both kinds of migration are off: what runs is stopped."""
        return self.disable_live_migration and self.disable_cold_migration
