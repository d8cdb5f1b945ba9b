# SPDX-License-Identifier: Apache-2.0

"""Why something cannot be done: records first, words in ``words``."""

import dataclasses
import enum

from collections.abc import Mapping


Fact = str | int | float


class Reason(enum.Enum):
    """Every kind of objection; the values are stable and documented."""

    # Of the request and its backup node.
    BOTH_NODE_PARAMETERS = 'both_node_parameters'
    UNKNOWN_NODE = 'unknown_node'
    NAMED_OTHERWISE = 'named_otherwise'
    HYPERVISOR_NAME = 'hypervisor_name'
    BAD_OPTION = 'bad_option'
    BAD_PARAMETER = 'bad_parameter'
    BACKUP_IS_MAINTAINED = 'backup_is_maintained'
    BACKUP_MARKED = 'backup_marked'
    BACKUP_DISABLED = 'backup_disabled'
    BACKUP_DOWN = 'backup_down'
    # Of a node that is to be emptied.
    OUT_OF_SCOPE = 'out_of_scope'
    BARE_METAL = 'bare_metal'
    NO_INVENTORY = 'no_inventory'
    NODE_DOWN = 'node_down'
    # Of an instance that has to leave.
    EXCLUDED_BY_SCOPE = 'excluded_by_scope'
    PAUSED = 'paused'
    SUSPENDED = 'suspended'
    RESCUED = 'rescued'
    RESIZED = 'resized'
    BUILDING = 'building'
    ERROR = 'error'
    SOFT_DELETED = 'soft_deleted'
    UNKNOWN_STATE = 'unknown_state'
    BUSY = 'busy'
    POWER_STATE = 'power_state'
    ARRIVING = 'arriving'
    UNCONFIRMED = 'unconfirmed'
    GROUP_NOWHERE_ELSE = 'group_nowhere_else'
    UNPROVED = 'unproved'
    # Why an instance stays though nothing blocks it.
    LIVE_AND_COLD_DISABLED = 'live_and_cold_disabled'
    COLD_DISABLED = 'cold_disabled'
    # Of a destination.
    MAINTAINED = 'maintained'
    MARKED = 'marked'
    DISABLED = 'disabled'
    UNUSED = 'unused'
    DOWN = 'down'
    NO_ROOM = 'no_room'
    OVER_MAX_UNIT = 'over_max_unit'
    ODD_AMOUNT = 'odd_amount'
    BEYOND_HEADROOM = 'beyond_headroom'
    # Of a destination for one instance, whatever room there is.
    OTHER_ZONE = 'other_zone'
    EXTRA_SPEC_UNMATCHED = 'extra_spec_unmatched'
    OTHER_PROJECTS = 'other_projects'
    OTHER_DOMAIN = 'other_domain'
    TRAIT_MISSING = 'trait_missing'
    TRAIT_FORBIDDEN = 'trait_forbidden'
    OTHER_HYPERVISOR = 'other_hypervisor'
    OLDER_HYPERVISOR = 'older_hypervisor'
    AWAY_FROM_GROUP = 'away_from_group'
    GROUP_FULL = 'group_full'
    # Of all instances together.
    NO_CANDIDATE = 'no_candidate'
    NO_DESTINATION = 'no_destination'
    NO_ROOM_BESIDE_OTHERS = 'no_room_beside_others'
    NO_PLACE_FOUND = 'no_place_found'
    SUM_TOO_LARGE = 'sum_too_large'
    NO_FIT_TOGETHER = 'no_fit_together'
    NO_FIT_FOUND = 'no_fit_found'
    # Of some instances together.
    CONFLICT_SUM = 'conflict_sum'
    CONFLICT_COUNT = 'conflict_count'
    CONFLICT_GROUP = 'conflict_group'
    CONFLICT = 'conflict'
    CONFLICT_ALONE = 'conflict_alone'
    # What would make room for all.
    WAKE_SPARE = 'wake_spare'
    LOWER_HEADROOM = 'lower_headroom'
    LEAVE_SOME = 'leave_some'
    ADD_ROOM = 'add_room'
    # Of Watcher's compute model.
    MODEL_MISSING = 'model_missing'
    MODEL_FAILED = 'model_failed'
    MODEL_STALE = 'model_stale'
    MODEL_EMPTY = 'model_empty'
    # Of what was read, and of the plan itself.
    NOVA_FAILED = 'nova_failed'
    PLACEMENT_FAILED = 'placement_failed'
    NOVA_UNREADABLE = 'nova_unreadable'
    PLACEMENT_UNREADABLE = 'placement_unreadable'
    CALL_REFUSED = 'call_refused'
    CREDENTIAL_REFUSED = 'credential_refused'
    NOVA_TOO_OLD = 'nova_too_old'
    FAILED_CHECK = 'failed_check'
    UNEXPECTED = 'unexpected'
    # Of a node, when its plan has come to its end.
    NO_SERVICE = 'no_service'
    SERVICE_ENABLED = 'service_enabled'
    REMAINS = 'remains'
    HOLDS_DISK = 'holds_disk'
    ON_HYPERVISOR = 'on_hypervisor'
    NOT_CONFIRMED = 'not_confirmed'
    NOT_ENDED = 'not_ended'
    ALLOCATION = 'allocation'
    # Of an action that failed.
    REFUSED_BY_NOVA = 'refused_by_nova'
    SERVER_DELETED = 'server_deleted'
    OTHER_STATE = 'other_state'
    NOT_DONE = 'not_done'
    NOT_IN_TIME = 'not_in_time'
    PLAN_CANCELLED = 'plan_cancelled'
    NOT_ENABLED = 'not_enabled'
    NOT_MIGRATED = 'not_migrated'
    OTHER_REASON = 'other_reason'
    REASON_KEPT = 'reason_kept'
    # Of an action that was skipped.
    GONE = 'gone'
    ELSEWHERE = 'elsewhere'
    WAITS_FOR_NOTHING = 'waits_for_nothing'
    OFFLOADED = 'offloaded'
    DISABLED_ALREADY = 'disabled_already'


BAD_REQUESTS = frozenset(
    {
        Reason.BOTH_NODE_PARAMETERS,
        Reason.UNKNOWN_NODE,
        Reason.NAMED_OTHERWISE,
        Reason.HYPERVISOR_NAME,
        Reason.BAD_OPTION,
        Reason.BAD_PARAMETER,
        Reason.BACKUP_IS_MAINTAINED,
        Reason.BARE_METAL,
    }
)
"""What no waiting cures: a CONTINUOUS audit fails on these too."""


OF_ALL_TOGETHER = frozenset(
    {
        Reason.NO_CANDIDATE,
        Reason.SUM_TOO_LARGE,
        Reason.NO_FIT_TOGETHER,
        Reason.NO_FIT_FOUND,
        Reason.CONFLICT_SUM,
        Reason.CONFLICT_COUNT,
        Reason.CONFLICT_GROUP,
        Reason.CONFLICT,
        Reason.CONFLICT_ALONE,
    }
)
"""What is said of a node's instances; the rest is about the node itself."""


FOR_ROOM = OF_ALL_TOGETHER | {
    Reason.NO_DESTINATION,
    Reason.NO_ROOM_BESIDE_OTHERS,
    Reason.NO_PLACE_FOUND,
}
"""What is said of instances that stay for want of a place."""


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """One objection, with its numbers.

    :ivar reason: the kind
    :ivar subject: the hostname or the instance's name it is about; '' when
        it is about the whole request
    :ivar facts: name -> name or number, as the words of the kind use them
    """

    reason: Reason
    subject: str = ''
    facts: Mapping[str, Fact] = dataclasses.field(default_factory=dict)
