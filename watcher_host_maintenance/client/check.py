# SPDX-License-Identifier: Apache-2.0

"""Whether compute nodes could be emptied or returned now: a dry run."""

import dataclasses

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from watcher_host_maintenance.client.errors import ClientError
from watcher_host_maintenance.client.results import Result
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.optional import OptionalServices
from watcher_host_maintenance.cloud.placement import Placement
from watcher_host_maintenance.cloud.reading import decisions
from watcher_host_maintenance.cloud.reading.collect import collect
from watcher_host_maintenance.cloud.reading.decisions import Door
from watcher_host_maintenance.cloud.reading.departures import History
from watcher_host_maintenance.cloud.reading.departures import no_history
from watcher_host_maintenance.cloud.reading.estimates import read_estimates
from watcher_host_maintenance.cloud.reading.refresh import Refresh
from watcher_host_maintenance.cloud.reading.scope import Everything
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core import returning
from watcher_host_maintenance.core.checking.check import check
from watcher_host_maintenance.core.model.pace import Pace
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.rules import owners
from watcher_host_maintenance.core.scheduling import notices
from watcher_host_maintenance.core.scheduling import steps
from watcher_host_maintenance.request import parameters
from watcher_host_maintenance.request import return_parameters


class UnprovedPlan(ClientError):
    """A plan did not pass its own check.

    :ivar snapshot: what it was planned on
    """

    def __init__(self, violation: str, snapshot: Snapshot) -> None:
        super().__init__(
            f'The plan did not pass its own check: {violation}.',
            'This is a bug: report it with a file of --save-snapshot.',
        )
        self.snapshot = snapshot


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What an audit would plan, or why it would refuse.

    :ivar snapshot: what it was planned on
    """

    snapshot: Snapshot
    request: Request
    outcome: Outcome

    @property
    def result(self) -> Result:
        """What is possible: all of the request, a part of it, or nothing."""
        if self.outcome.failed:
            return Result.IMPOSSIBLE
        left = any(node.blocked for node in self.outcome.nodes)
        return Result.PARTLY if left or self.outcome.refused else Result.DONE


def check_cloud(
    nova: Nova,
    placement: Placement,
    services: OptionalServices,
    given: Mapping[str, Any],
    options: Mapping[str, Any],
) -> Answer:
    """Plan on a cloud as it is now, by reads alone.

    :param services: what else is read
    :param given: parameters of an audit
    :param options: of the plugin
    :raises watcher_host_maintenance.cloud.errors.NotPlanned: a parameter or
        an option is invalid, or a read failed
    :raises UnprovedPlan: the plan did not pass its own check
    """
    request = _of_a_new_audit(given, options)
    answer = _planned(
        nova, placement, services, request, drain.decide, options
    )
    return _proved(answer, parameters.to_pace(given, options))


def check_return(
    nova: Nova,
    placement: Placement,
    services: OptionalServices,
    history: History,
    given: Mapping[str, Any],
    options: Mapping[str, Any],
) -> Answer:
    """Plan a return on a cloud as it is now, by reads alone.

    Whether the nodes are fit is not looked at: that may take minutes.

    :param services: what else is read
    :param history: what Watcher has recorded of the nodes
    :raises watcher_host_maintenance.cloud.errors.NotPlanned: see
        :func:`check_cloud`
    :raises ClientError: the plan did not pass its own check, or the history
        cannot be read
    """
    request = return_parameters.to_request(given, options)
    answer = _planned(
        nova,
        placement,
        services,
        request,
        returning.decide,
        options,
        history,
    )
    return _proved(answer, return_parameters.to_pace(options))


def _of_a_new_audit(
    given: Mapping[str, Any], options: Mapping[str, Any]
) -> Request:
    """Return the request of an audit that has told no owner yet."""
    request = parameters.to_request(given, options)
    told = () if owners.is_late(request) else None
    return dataclasses.replace(request, told_nodes=told)


def _planned(
    nova: Nova,
    placement: Placement,
    services: OptionalServices,
    request: Request,
    door: Door,
    options: Mapping[str, Any],
    history: History = no_history,
) -> Answer:
    estimates = read_estimates(nova, placement)
    settings = parameters.to_settings(options)
    snapshot = collect(
        nova,
        placement,
        request,
        estimates,
        Everything(),
        settings,
        history,
        services,
    )
    snapshot, outcome = decisions.decide(
        door,
        snapshot,
        request,
        parameters.to_limits(options),
        Refresh(nova, placement, request, services=services),
    )
    return Answer(snapshot, request, outcome)


def check_snapshot(
    snapshot: Snapshot, given: Mapping[str, Any], options: Mapping[str, Any]
) -> Answer:
    """Plan on a cloud as it once was; every node counts as read.

    :raises watcher_host_maintenance.cloud.errors.NotPlanned: a parameter or
        an option is invalid
    :raises ClientError: the snapshot has not the servers of a requested
        node, or the plan did not pass its own check
    """
    request = _of_a_new_audit(given, options)
    for host in request.maintenance_nodes:
        _require_servers(snapshot, host)
    outcome = drain.plan(snapshot, request, parameters.to_limits(options))
    answer = Answer(snapshot, request, outcome)
    return _proved(answer, parameters.to_pace(given, options))


def named(hosts: Sequence[str]) -> dict[str, Any]:
    """Return the parameters that name nodes."""
    if len(hosts) == 1:
        return {'maintenance_node': hosts[0]}
    return {'maintenance_nodes': list(hosts)}


def _require_servers(snapshot: Snapshot, host: str) -> None:
    """Refuse a snapshot that was saved for other nodes."""
    node = snapshot.by_hostname.get(host)
    listed = len(snapshot.instances_on(host))
    if node is not None and listed < node.instance_count:
        raise ClientError(
            f'The snapshot does not list the servers of {host}.',
            f'Save one: openstack maintenance check {host} --save-snapshot '
            'FILE',
        )


def _proved(answer: Answer, pace: Pace) -> Answer:
    """Return what an audit would begin now, if it passes its check."""
    snapshot, request = answer.snapshot, answer.request
    outcome = notices.begin(answer.outcome, snapshot, request, pace)
    schedule = steps.schedule(snapshot, outcome, pace)
    violations = check(snapshot, request, outcome, schedule, pace)
    if violations:
        raise UnprovedPlan(violations[0], snapshot)
    return Answer(snapshot, request, outcome)
