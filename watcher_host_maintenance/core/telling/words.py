# SPDX-License-Identifier: Apache-2.0

"""What each reason says, and what helps: the one place for both.

``{subject}`` is the finding's subject; the other names are its facts.
"""

import fractions
import math

from collections.abc import Callable
from typing import NamedTuple

from watcher_host_maintenance.core.model.reasons import Fact
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Reason


Translate = Callable[[str], str]


def N_(text: str) -> str:  # noqa: N802
    """Mark a text for translation, where no translation is done yet."""
    return text


STAND_INS = frozenset(
    {
        ('disabled_reason', N_('none given')),
        ('values', N_('nothing')),
        ('source', N_('nothing')),
        ('destination', N_('nothing')),
        ('source', N_('unknown')),
        ('destination', N_('unknown')),
        ('zone', N_('none')),
    }
)
"""Facts of what is not there: they are words, and no names."""


class Words(NamedTuple):
    """What a reason says, and what a person can do about it.

    :ivar named: what it says instead when the finding has a subject
    """

    says: str
    helps: str
    named: str = ''


WORDS: dict[Reason, Words] = {
    Reason.BOTH_NODE_PARAMETERS: Words(
        N_('maintenance_node and maintenance_nodes are both given'),
        N_('Give one of them.'),
    ),
    Reason.UNKNOWN_NODE: Words(
        N_('there is no compute node {subject}'),
        N_('Take a host of "openstack compute service list".'),
    ),
    Reason.NAMED_OTHERWISE: Words(
        N_('there is no compute node {subject}, but there is {host}'),
        N_('Use {host}, if that is the one.'),
    ),
    Reason.HYPERVISOR_NAME: Words(
        N_('{subject} is a hypervisor name; the service host is {host}'),
        N_('Use {host}.'),
    ),
    Reason.BAD_OPTION: Words(
        N_('the option {subject} holds an empty text, or nothing'),
        N_('Correct it in watcher.conf of the decision engine.'),
    ),
    Reason.BAD_PARAMETER: Words(
        N_('the parameter {subject} is wrong: {problem}'),
        N_('Create the audit anew, with a value that it takes.'),
    ),
    Reason.BACKUP_IS_MAINTAINED: Words(
        N_('backup_node {subject} is itself to be emptied'),
        N_('Name another backup_node.'),
    ),
    Reason.BACKUP_MARKED: Words(
        N_(
            'backup_node {subject} is marked for maintenance: '
            '"{disabled_reason}"'
        ),
        N_('Name another backup_node, or none.'),
    ),
    Reason.BACKUP_DISABLED: Words(
        N_('backup_node {subject} is disabled: "{disabled_reason}"'),
        N_('Find out why; enable it only if it is sound.'),
    ),
    Reason.BACKUP_DOWN: Words(
        N_('nova-compute on backup_node {subject} is down'),
        N_('Start it, or name another backup_node.'),
    ),
    Reason.OUT_OF_SCOPE: Words(
        N_("{subject} is outside the audit's scope"),
        N_('Widen the scope of the audit template.'),
    ),
    Reason.BARE_METAL: Words(
        N_('{subject} is a bare metal (Ironic) node, not a compute host'),
        N_('Maintain it through Ironic.'),
    ),
    Reason.NO_INVENTORY: Words(
        N_("{subject} is missing from Watcher's compute model"),
        N_('See the decision engine log; run the audit again.'),
    ),
    Reason.NODE_DOWN: Words(
        N_('{subject}: nova-compute is down, instances on it: {instances}'),
        N_('Start nova-compute there, or evacuate the host with Nova.'),
    ),
    Reason.EXCLUDED_BY_SCOPE: Words(
        N_("{subject} is excluded by the audit's scope"),
        N_('Take it out of the exclusion, or move it by hand.'),
    ),
    Reason.PAUSED: Words(
        N_('{subject} is PAUSED'),
        N_('Allow live migration, which keeps it paused, or unpause it.'),
    ),
    Reason.SUSPENDED: Words(
        N_('{subject} is SUSPENDED'),
        N_('Its owner can resume it; an administrator can shelve it.'),
    ),
    Reason.RESCUED: Words(
        N_('{subject} is in RESCUE'),
        N_('Its owner has to unrescue it.'),
    ),
    Reason.RESIZED: Words(
        N_('{subject} waits in VERIFY_RESIZE'),
        N_('Its owner has to confirm or revert the resize.'),
    ),
    Reason.BUILDING: Words(
        N_('{subject} is being built'),
        N_('Wait, then run the audit again.'),
    ),
    Reason.ERROR: Words(
        N_('{subject} is in ERROR'),
        N_('Repair, rebuild or delete it.'),
    ),
    Reason.SOFT_DELETED: Words(
        N_('{subject} is SOFT_DELETED and still holds its disk'),
        N_('Restore or force-delete it.'),
    ),
    Reason.UNKNOWN_STATE: Words(
        N_('{subject} is in the state "{vm_state}"'),
        N_('Wait or repair it, then run the audit again.'),
    ),
    Reason.BUSY: Words(
        N_('{subject} is busy: Nova is at "{task_state}"'),
        N_('Wait until that has ended, then run the audit again.'),
    ),
    Reason.POWER_STATE: Words(
        N_('{subject} is ACTIVE, but its power state is {power_state}'),
        N_(
            'Reboot it hard or stop it, or migrate cold: '
            '-p disable_live_migration=true'
        ),
    ),
    Reason.ARRIVING: Words(
        N_('{subject} is on its way from {elsewhere} to {host}'),
        N_('Wait until that has ended, then run the audit again.'),
    ),
    Reason.UNCONFIRMED: Words(
        N_(
            '{subject} went from {host} to {elsewhere} and may return: it '
            'waits in VERIFY_RESIZE'
        ),
        N_('Confirm or revert it: openstack server resize confirm.'),
    ),
    Reason.GROUP_NOWHERE_ELSE: Words(
        N_(
            '{subject} is in affinity group {group}, which has no member on '
            'another host'
        ),
        N_(
            'Nova moves it nowhere: stop it and use -p on_blocked=leave, or '
            'have its owner create it outside the group.'
        ),
    ),
    Reason.UNPROVED: Words(
        N_('{subject} asks for {asks_for}: whether it fits, no API tells'),
        N_('Move it by hand, or: -p allow_unproved_moves=true'),
    ),
    Reason.LIVE_AND_COLD_DISABLED: Words(
        N_('{subject} does not run, and both migrations are disabled'),
        N_('Allow cold migration to move it.'),
    ),
    Reason.COLD_DISABLED: Words(
        N_('{subject} is stopped, and cold migration is disabled'),
        N_('Allow cold migration to move it.'),
    ),
    Reason.MAINTAINED: Words(
        N_('{subject} is itself to be emptied'),
        N_('Leave it out of the request.'),
    ),
    Reason.MARKED: Words(
        N_('{subject} is marked for maintenance: "{disabled_reason}"'),
        N_('Enable it when its maintenance has ended.'),
    ),
    Reason.DISABLED: Words(
        N_('{subject} is disabled: "{disabled_reason}"'),
        N_('Find out why; enable it only if it is sound.'),
    ),
    Reason.UNUSED: Words(
        N_('{subject} is disabled as a spare, instances on it: {instances}'),
        N_('Enable it to let the instances spread onto it.'),
    ),
    Reason.DOWN: Words(
        N_('{subject}: nova-compute is down'),
        N_('Start nova-compute there.'),
    ),
    Reason.NO_ROOM: Words(
        N_('{subject}: needs {wanted} {resource_class}, {left} left'),
        N_('Free that much on it.'),
    ),
    Reason.OVER_MAX_UNIT: Words(
        N_(
            '{subject}: needs {wanted} {resource_class}, at most {max_unit} '
            'for one instance'
        ),
        N_('Use a node with a larger max_unit.'),
    ),
    Reason.ODD_AMOUNT: Words(
        N_(
            '{subject}: {wanted} {resource_class} is no multiple of '
            '{step_size}, or less than {min_unit}'
        ),
        N_('Use a node that gives such an amount.'),
    ),
    Reason.OTHER_ZONE: Words(
        N_('{subject} is in zone {zone}, not in {pinned}'),
        N_('Add a node to the zone that the instance is pinned to.'),
    ),
    Reason.EXTRA_SPEC_UNMATCHED: Words(
        N_('{subject}: aggregate metadata {key} is {values}, not {asked}'),
        N_('Add a node to an aggregate that has it.'),
    ),
    Reason.OTHER_PROJECTS: Words(
        N_('{subject} is not for project {project}'),
        N_("Add a node to an aggregate of the instance's project."),
    ),
    Reason.OTHER_DOMAIN: Words(
        N_('{subject}: {key} is {destination}, not {source}'),
        N_('Add a node of the same migration domain.'),
    ),
    Reason.TRAIT_MISSING: Words(
        N_('{subject} lacks the trait {trait}'),
        N_('Add a node that has the trait.'),
    ),
    Reason.TRAIT_FORBIDDEN: Words(
        N_('{subject} has the forbidden trait {trait}'),
        N_('Add a node without the trait.'),
    ),
    Reason.OTHER_HYPERVISOR: Words(
        N_('{subject}: its hypervisor is {destination}, not {source}'),
        N_('Add a node with the same hypervisor.'),
    ),
    Reason.OLDER_HYPERVISOR: Words(
        N_(
            '{subject}: its hypervisor version {destination} is older than '
            '{source}'
        ),
        N_(
            'Upgrade that node, or migrate cold: '
            '-p disable_live_migration=true'
        ),
    ),
    Reason.AWAY_FROM_GROUP: Words(
        N_('{subject} holds no member of affinity group {group}'),
        N_('Only a node that holds another member will do.'),
    ),
    Reason.GROUP_FULL: Words(
        N_(
            '{subject} would hold {members} of anti-affinity group {group}, '
            '{most} allowed on a host'
        ),
        N_('Add a node that holds fewer members of the group.'),
    ),
    Reason.BEYOND_HEADROOM: Words(
        N_(
            '{subject}: {used} {resource_class} used, {limit} allowed by '
            'headroom_percent'
        ),
        N_('Lower headroom_percent.'),
    ),
    Reason.NO_CANDIDATE: Words(
        N_('no other compute node in scope is enabled and up'),
        N_('Enable a compute node, or add an unused one.'),
        N_(
            '{subject} has no destination: no other compute node in scope '
            'is enabled and up'
        ),
    ),
    Reason.NO_DESTINATION: Words(
        N_('{subject} fits on no destination'),
        N_('Free the room named, or: -p on_blocked=leave'),
    ),
    Reason.NO_ROOM_BESIDE_OTHERS: Words(
        N_('{subject} has no room beside the others'),
        N_('Free the room named, or: -p on_blocked=leave'),
    ),
    Reason.NO_PLACE_FOUND: Words(
        N_('no place was found for {subject} beside the others'),
        N_('Free room, raise search_steps or add extra "exact".'),
    ),
    Reason.SUM_TOO_LARGE: Words(
        N_(
            '{instances} instances need {wanted} {resource_class}, {left} '
            'left on {destinations} destinations'
        ),
        N_('Free that room, add a larger node, or: -p on_blocked=leave'),
        N_(
            '{instances} instances need {wanted} {resource_class}, {left} '
            'left on {subject}'
        ),
    ),
    Reason.NO_FIT_TOGETHER: Words(
        N_(
            '{instances} instances do not all fit on {destinations} '
            'destinations, though the sums would do (proof: {proof})'
        ),
        N_('Free room on one node, add a node, or: -p on_blocked=leave'),
    ),
    Reason.NO_FIT_FOUND: Words(
        N_(
            'no way was found to fit {instances} instances on '
            '{destinations} destinations; there may be one'
        ),
        N_('Free room, raise search_steps or add extra "exact".'),
    ),
    Reason.CONFLICT_SUM: Words(
        N_(
            'these {count} need {wanted} {resource_class}, {room} left on '
            '{destinations} destinations: {names}'
        ),
        N_('Free that room, add a larger node, or: -p on_blocked=leave'),
        N_(
            'these {count} need {wanted} {resource_class}, {room} left on '
            '{subject}: {names}'
        ),
    ),
    Reason.CONFLICT_COUNT: Words(
        N_(
            'at most {room} of these {count} fit on {destinations} '
            'destinations: {names}'
        ),
        N_('Free room on one node, add a node, or: -p on_blocked=leave'),
        N_('at most {room} of these {count} fit on {subject}: {names}'),
    ),
    Reason.CONFLICT_GROUP: Words(
        N_(
            'at most {room} of these {count} of anti-affinity group {group} '
            'may go to {destinations} destinations: {names}'
        ),
        N_('Add a node that holds fewer members of the group.'),
        N_(
            'at most {room} of these {count} of anti-affinity group {group} '
            'may go to {subject}: {names}'
        ),
    ),
    Reason.CONFLICT: Words(
        N_(
            'these {count} do not fit together on {destinations} '
            'destinations (proof: {proof}): {names}'
        ),
        N_('Free room on one node, add a node, or: -p on_blocked=leave'),
        N_(
            'these {count} do not fit together on {subject} (proof: {proof}): '
            '{names}'
        ),
    ),
    Reason.CONFLICT_ALONE: Words(
        N_('{subject} fits on none of {destinations} enabled destinations'),
        N_('Free room on one of them, or: -p on_blocked=leave'),
    ),
    Reason.WAKE_SPARE: Words(
        N_('enable {subject}'),
        N_(
            'Let the instances spread onto it: openstack compute service '
            'set --enable {subject} nova-compute'
        ),
    ),
    Reason.LOWER_HEADROOM: Words(
        N_('keep less free: -p headroom_percent={percent}'),
        N_('Keep a smaller share of each destination free.'),
    ),
    Reason.LEAVE_SOME: Words(
        N_('leave {names}: -p on_blocked=leave'),
        N_('Leave these where they are: -p on_blocked=leave'),
    ),
    Reason.ADD_ROOM: Words(
        N_('free or add {amount} {resource_class} on {subject}'),
        N_('Move or delete something there, or enlarge the node.'),
    ),
    Reason.MODEL_MISSING: Words(
        N_("Watcher's compute model is not built yet"),
        N_('Run the audit again; see the decision engine log.'),
    ),
    Reason.MODEL_FAILED: Words(
        N_("Watcher's compute model could not be had: {error}"),
        N_('See the decision engine log, and run the audit again.'),
    ),
    Reason.MODEL_STALE: Words(
        N_("Watcher's compute model is stale: its last refresh failed"),
        N_('See the decision engine log; run the audit again.'),
    ),
    Reason.MODEL_EMPTY: Words(
        N_("Watcher's compute model holds no compute node"),
        N_("Check the audit's scope and Nova's hypervisors."),
    ),
    Reason.NOVA_FAILED: Words(
        N_('Nova did not answer {call}: {error}'),
        N_('Run the audit again when Nova answers.'),
    ),
    Reason.PLACEMENT_FAILED: Words(
        N_('Placement did not answer {call}: {error}'),
        N_('Run the audit again when Placement answers.'),
    ),
    Reason.NOVA_UNREADABLE: Words(
        N_("Nova's answer to {call} is not understood: {error}"),
        N_('See whether a proxy answered in its place; else report a bug.'),
    ),
    Reason.PLACEMENT_UNREADABLE: Words(
        N_("Placement's answer to {call} is not understood: {error}"),
        N_('See whether a proxy answered in its place; else report a bug.'),
    ),
    Reason.CALL_REFUSED: Words(
        N_('{service} refused {call}: {error}'),
        N_(
            "Give Watcher's service user the role admin, or what {service}'s "
            'policy wants.'
        ),
    ),
    Reason.CREDENTIAL_REFUSED: Words(
        N_('{service} refused {call}: {error}'),
        N_("Check the password and project of Watcher's service user."),
    ),
    Reason.NOVA_TOO_OLD: Words(
        N_(
            'Nova offers microversion {offered} at most; {wanted} is the '
            'least that will do'
        ),
        N_('Upgrade Nova.'),
    ),
    Reason.FAILED_CHECK: Words(
        N_('the plan did not pass its own check: {violation}'),
        N_('This is a bug: report it with the snapshot in the log.'),
    ),
    Reason.UNEXPECTED: Words(
        N_('an unexpected error: {error}'),
        N_('This is a bug: report it with the decision engine log.'),
    ),
    Reason.NO_SERVICE: Words(
        N_('it has no nova-compute service'),
        N_('Look for it in "openstack compute service list".'),
        N_('{subject} has no nova-compute service'),
    ),
    Reason.SERVICE_ENABLED: Words(
        N_('its nova-compute service is enabled'),
        N_('Run the audit again for what is left.'),
    ),
    Reason.REMAINS: Words(
        N_('{subject} remains ({state})'),
        N_('Run the audit again for what is left.'),
    ),
    Reason.HOLDS_DISK: Words(
        N_('{subject} is soft-deleted and still holds its disk'),
        N_('Restore or force-delete it.'),
    ),
    Reason.ON_HYPERVISOR: Words(
        N_('{subject} is on its hypervisor'),
        N_('Run the audit again for what is left.'),
    ),
    Reason.NOT_CONFIRMED: Words(
        N_('the {kind} of {subject} to {destination} is not confirmed'),
        N_('Confirm or revert it: openstack server resize confirm.'),
    ),
    Reason.NOT_ENDED: Words(
        N_(
            'the {kind} of {subject} from {source} to {destination} has not '
            'ended ({status})'
        ),
        N_('Wait until that has ended, then run the audit again.'),
    ),
    Reason.ALLOCATION: Words(
        N_('Placement has an allocation of {subject} there'),
        N_('If that is of no server: nova-manage placement audit --delete.'),
    ),
    Reason.REFUSED_BY_NOVA: Words(
        N_('Nova does not do it for {subject}'),
        N_('Mend what Nova names, then run the audit again.'),
    ),
    Reason.SERVER_DELETED: Words(
        N_('{subject} was deleted'),
        N_('Run the audit again for what is left.'),
    ),
    Reason.OTHER_STATE: Words(
        N_('{subject} is {state} now'),
        N_('Run the audit again: it plans by that state.'),
    ),
    Reason.NOT_DONE: Words(
        N_('{subject} is {state} on {host}'),
        N_('Mend what Nova names, then run the audit again.'),
    ),
    Reason.NOT_IN_TIME: Words(
        N_('{subject} was not done within {limit_s} s'),
        N_('Raise [nova] migration_max_retries of the applier.'),
    ),
    Reason.PLAN_CANCELLED: Words(
        N_('the plan was cancelled before {subject} was done'),
        N_('Run the audit again for what is left.'),
    ),
    Reason.NOT_ENABLED: Words(
        N_('{subject} is {status}'),
        N_('Run the audit again: it finds another destination.'),
    ),
    Reason.NOT_MIGRATED: Words(
        N_('{subject} did not migrate away from {source}'),
        N_('Its owner has to confirm or revert the resize.'),
    ),
    Reason.OTHER_REASON: Words(
        N_('{subject} is disabled: "{disabled_reason}", not "{expected}"'),
        N_('Find out who has disabled it anew, and why.'),
    ),
    Reason.REASON_KEPT: Words(
        N_('{subject} is {status}: "{disabled_reason}", not "{asked}"'),
        N_('Somebody changes it too: run the audit again.'),
    ),
    Reason.GONE: Words(
        N_('{subject} does not exist any more'),
        N_('Nothing is left to do.'),
    ),
    Reason.ELSEWHERE: Words(
        N_('{subject} is not on {source} any more, but on {host}'),
        N_('Nothing is left to do.'),
    ),
    Reason.WAITS_FOR_NOTHING: Words(
        N_('{subject} waits for nothing'),
        N_('Nothing is left to do.'),
    ),
    Reason.OFFLOADED: Words(
        N_('{subject} is offloaded already'),
        N_('Nothing is left to do.'),
    ),
    Reason.DISABLED_ALREADY: Words(
        N_('{subject} is disabled already: "{disabled_reason}"'),
        N_('Nothing is left to do.'),
    ),
}


LONGEST = 100
"""Characters of a fact that are told: errors and reasons have no limit."""


def say(finding: Finding, translate: Translate = str) -> str:
    """Put a finding into words, without a final full stop."""
    return _fill(_template(finding, translate), finding, translate)


def sentence(finding: Finding, translate: Translate = str) -> str:
    """Put a finding into a sentence; a name keeps its first letter."""
    text = f'{say(finding, translate)}.'
    if _template(finding, translate).startswith('{'):
        return text
    return text[0].upper() + text[1:]


def help_for(finding: Finding, translate: Translate = str) -> str:
    """Say what a person can do about a finding."""
    helps = translate(WORDS[finding.reason].helps)
    return _fill(helps, finding, translate)


def _template(finding: Finding, translate: Translate) -> str:
    words = WORDS[finding.reason]
    named = words.named if finding.subject else ''
    return translate(named or words.says)


def _fill(template: str, finding: Finding, translate: Translate) -> str:
    facts = {
        name: translate(str(fact))
        if (name, fact) in STAND_INS
        else number(fact)
        for name, fact in finding.facts.items()
    }
    return template.format(subject=finding.subject, **facts)


def number(fact: Fact) -> str:
    """Write a fact for people: whole numbers whole, others with a tenth."""
    if isinstance(fact, float):
        # Down, never up: 0.96 left is not enough for 1. Multiplied as a
        # float, 114.99999999999999 would become 115 all the same.
        tenths = math.floor(fractions.Fraction(fact) * 10)
        return str(tenths // 10) if tenths % 10 == 0 else str(tenths / 10)
    text = str(fact)
    return text if len(text) <= LONGEST else f'{text[: LONGEST - 3]}...'
