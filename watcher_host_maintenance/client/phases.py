# SPDX-License-Identifier: Apache-2.0

"""Where a compute node stands, from what Nova and Watcher have recorded."""

import dataclasses
import enum

from collections.abc import Mapping
from typing import Any

from watcher_host_maintenance.core.model.request import MAINTAINING_REASON
from watcher_host_maintenance.core.model.request import RETURNING_REASON
from watcher_host_maintenance.core.model.request import SPARE_REASON


MARKING_REASONS = (MAINTAINING_REASON,)
UNUSED_REASONS = (SPARE_REASON,)
RETURNING_REASONS = (RETURNING_REASON,)


class Phase(enum.Enum):
    """Where a compute node stands in its maintenance.

    A ``foreign`` node was disabled by a person, or by Nova itself, for
    something else.
    """

    IN_SERVICE = 'in service'
    ANNOUNCED = 'announced'
    DRAINING = 'draining'
    READY = 'ready'
    MAINTAINED = 'maintained'
    RETURNING = 'returning'
    BLOCKED = 'blocked'
    SPARE = 'spare'
    FOREIGN = 'foreign'


@dataclasses.dataclass(frozen=True, slots=True)
class Reasons:
    """The disabled reasons that have a meaning; options of watcher.conf.

    :ivar marking: a reason that starts with one of these marks a node for
        maintenance
    :ivar unused: exactly one of these makes a node a spare
    :ivar returning: a reason that starts with one of these says that the
        work on a node is done
    """

    marking: tuple[str, ...] = MARKING_REASONS
    unused: tuple[str, ...] = UNUSED_REASONS
    returning: tuple[str, ...] = RETURNING_REASONS

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> 'Reasons':
        """Return what the options of the plugin say."""
        return cls(
            marking=tuple(options['marking_reasons']),
            unused=tuple(options['unused_reasons']),
            returning=tuple(options['returning_reasons']),
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Standing:
    """The records that say where one node stands.

    :ivar status: of its nova-compute service, 'enabled' or 'disabled'
    :ivar disabled_reason: '' when there is none
    :ivar servers: how many are on it; None when that is not known
    :ivar is_announced: its servers carry a notice
    :ivar is_running: an action plan for it has been started
    :ivar is_returning: an action plan that returns it has been started
    :ivar is_refused: the newest audit to empty it has failed
    """

    status: str
    disabled_reason: str = ''
    servers: int | None = None
    is_announced: bool = False
    is_running: bool = False
    is_returning: bool = False
    is_refused: bool = False


def phase(standing: Standing, reasons: Reasons) -> Phase:
    """Return where a node stands.

    A reason that says two things counts as the first of: maintained, marked,
    spare. A node with an unknown number of servers is not ready.
    """
    reason = standing.disabled_reason
    if standing.is_returning:
        return Phase.RETURNING
    if standing.status != 'disabled':
        return _in_service(standing)
    if reason.startswith(reasons.returning):
        return Phase.MAINTAINED
    if reason.startswith(reasons.marking):
        return _marked(standing)
    if reason in reasons.unused:
        return Phase.SPARE
    return Phase.FOREIGN


def _in_service(standing: Standing) -> Phase:
    if standing.is_running:
        return Phase.DRAINING
    if standing.is_refused:
        return Phase.BLOCKED
    return Phase.ANNOUNCED if standing.is_announced else Phase.IN_SERVICE


def _marked(standing: Standing) -> Phase:
    if standing.is_running:
        # Even when it is empty: the plan has yet to verify it.
        return Phase.DRAINING
    if standing.servers == 0:
        return Phase.READY
    return Phase.BLOCKED if standing.is_refused else Phase.DRAINING
