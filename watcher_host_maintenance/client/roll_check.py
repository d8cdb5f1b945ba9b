# SPDX-License-Identifier: Apache-2.0

"""Whether a rolling maintenance could be carried out now: a dry run."""

import dataclasses

from collections.abc import Collection
from collections.abc import Mapping
from typing import Any

from watcher_host_maintenance.client.check import UnprovedPlan
from watcher_host_maintenance.client.results import Result
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.optional import OptionalServices
from watcher_host_maintenance.cloud.placement import Placement
from watcher_host_maintenance.cloud.reading import rolls as reading
from watcher_host_maintenance.cloud.reading.collect import collect
from watcher_host_maintenance.cloud.reading.estimates import read_estimates
from watcher_host_maintenance.cloud.reading.refresh import Refresh
from watcher_host_maintenance.cloud.reading.scope import Everything
from watcher_host_maintenance.core.checking import rolls
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.rolling import NOTHING_DONE
from watcher_host_maintenance.core.model.rolling import Journal
from watcher_host_maintenance.core.model.rolling import Roll
from watcher_host_maintenance.core.model.rolling import RollRequest
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.rolling import progress
from watcher_host_maintenance.core.rolling.progress import Next
from watcher_host_maintenance.core.rolling.progress import Stand
from watcher_host_maintenance.request import parameters
from watcher_host_maintenance.request import roll_parameters
from watcher_host_maintenance.request import roll_set
from watcher_host_maintenance.request.roll_parameters import FROZEN
from watcher_host_maintenance.request.roll_parameters import NODES
from watcher_host_maintenance.request.roll_parameters import SETS


SET_NAMES = (*SETS, FROZEN)
"""Parameters that say which nodes are maintained."""


@dataclasses.dataclass(frozen=True, slots=True)
class RollAnswer:
    """Where the nodes of a set stand, and the waves of those to maintain.

    :ivar snapshot: what it was planned on
    :ivar found: where the nodes stand, and what comes next
    :ivar roll: the waves of all nodes that are neither done nor failed
    """

    snapshot: Snapshot
    request: RollRequest
    found: Next
    roll: Roll

    @property
    def outcome(self) -> Outcome:
        """What an audit says if there are no waves."""
        return Outcome(nodes=self.roll.refused, findings=self.roll.findings)

    @property
    def result(self) -> Result:
        """What is possible: all of the set, a part of it, or nothing."""
        if self.roll.failed:
            return Result.IMPOSSIBLE
        return Result.PARTLY if self.roll.refused else Result.DONE


def to_request(
    nova: Nova, given: Mapping[str, Any], options: Mapping[str, Any]
) -> RollRequest:
    """Turn the parameters of an audit into a request.

    Whether watcher.conf has the hook is not known here.

    :raises watcher_host_maintenance.cloud.errors.NotPlanned: a parameter or
        an option is invalid, or Nova does not answer
    """
    hook = given.get('hook')
    if hook and hook not in (*options['exec_hooks'], *options['http_hooks']):
        options = {**options, 'exec_hooks': [hook]}
    return roll_parameters.to_request(
        given, options, lambda given: roll_set.members(given, nova)
    )


def usable(
    nova: Nova,
    given: Mapping[str, Any],
    options: Mapping[str, Any],
    begun: Collection[str],
) -> tuple[Mapping[str, Any], Finding | None]:
    """Return the valid parameters of an audit that was changed.

    :param begun: hostnames that stand for the set if that is not valid
    :returns: with what is wrong with the first of the others, if any is
    :raises watcher_host_maintenance.cloud.errors.NotPlanned: no valid ones
        make a request, or Nova does not answer
    """
    kept, first = dict(given), None
    while True:
        try:
            to_request(nova, kept, options)
            return kept, first
        except NotPlanned as exc:
            wrong = exc.finding.subject
            if not exc.finding.reason.is_bad_request:
                raise
            first = first or exc.finding
            if wrong in kept and wrong not in SET_NAMES:
                del kept[wrong]
            elif begun and kept.get(NODES) != [*begun]:
                for name in SET_NAMES:
                    kept.pop(name, None)
                kept[NODES] = [*begun]
            else:
                raise


def check_roll(
    nova: Nova,
    placement: Placement,
    services: OptionalServices,
    given: Mapping[str, Any],
    options: Mapping[str, Any],
    journal: Journal = NOTHING_DONE,
    plans: bool = True,
) -> RollAnswer:
    """Plan on a cloud as it is now, by reads alone.

    :param services: what else is read
    :param given: parameters of an audit
    :param options: of the plugin
    :param journal: what the audit has done
    :param plans: False if no other node will be begun
    :raises watcher_host_maintenance.cloud.errors.NotPlanned: a parameter or
        an option is invalid, or a read failed
    :raises UnprovedPlan: the plan did not pass its own check
    """
    request = to_request(nova, given, options)
    snapshot = collect(
        nova,
        placement,
        request,
        read_estimates(nova, placement),
        Everything(),
        parameters.to_settings(options),
        services=services,
    )
    refresh = Refresh(nova, placement, request, services=services)
    snapshot = reading.read(snapshot, request, refresh)
    limits = parameters.to_limits(options)
    snapshot, found = reading.look(snapshot, request, journal, limits, refresh)
    failed = found.which(Stand.FAILED)
    ahead = tuple(host for host in found.undone if host not in failed)
    if not ahead or not plans:
        return RollAnswer(snapshot, request, found, Roll())
    rest = dataclasses.replace(request, maintenance_nodes=ahead)
    pace = parameters.to_pace(given, options)
    snapshot, roll = reading.plan(
        snapshot,
        request,
        refresh,
        lambda snapshot: progress.plan(
            ahead,
            snapshot,
            request,
            journal,
            limits,
            dataclasses.replace(pace, verifies=True),
        ),
    )
    violations = rolls.check(snapshot, rest, roll)
    if violations:
        raise UnprovedPlan(violations[0], snapshot)
    return RollAnswer(snapshot, request, found, roll)
