# SPDX-License-Identifier: Apache-2.0

"""Ways of emptying a node: by a strategy of Watcher, or by hand."""

import functools

from collections.abc import Callable
from collections.abc import Mapping
from typing import Any
from typing import NamedTuple

from benchmarks.fidelity import steps
from minicloud import cloud
from minicloud import exceptions


#: Goal and strategy.
OURS = ('cluster_maintenance', 'cluster_host_maintenance')
UPSTREAM = ('cluster_maintaining', 'host_maintenance')


MIGRATIONS = ('migrate', 'migrate_into_room')
"""Types of actions; one that is skipped has not moved its server."""


class Tried(NamedTuple):
    """What came of it.

    :ivar audit: the state of the audit; '' if there was none
    :ivar message: what the audit said
    :ivar plan: the state of its action plan; '' if there was none
    :ivar refused: moves that Nova refused or gave up
    """

    audit: str
    message: str
    plan: str
    refused: list[str]


def by_audit(
    goal: str, strategy: str, lab: cloud.Cloud, node: str, **parameters: Any
) -> Tried:
    """Run an audit, and execute its plan.

    :param parameters: others of the audit
    :raises minicloud.exceptions.CloudError: Watcher found no end
    """
    parameters['maintenance_node'] = node
    audit = lab.run_audit(goal, strategy, parameters)
    plan = lab.action_plan(audit)
    if plan and plan['state'] == 'RECOMMENDED':
        plan = lab.execute(plan)
    return Tried(
        audit['state'],
        audit['status_message'] or '',
        plan['state'] if plan else '',
        _refused(lab, plan) if plan else [],
    )


def by_commands(lab: cloud.Cloud, node: str) -> Tried:
    """Do what an operator does who has only Nova's commands.

    Disable the node, then move what is listed on it, one after the other:
    live what runs or is paused, cold and confirmed what else there is. Where
    to, Nova's scheduler says. This is ``openstack compute service set
    --disable`` and, for each server, ``openstack server migrate --wait``
    with or without ``--live-migration``.
    """
    (service,) = lab.nova.services.list(host=node, binary='nova-compute')
    lab.nova.services.disable_log_reason(service.id, 'maintenance')
    servers = lab.nova.servers.list(
        search_opts={'all_tenants': True, 'host': node}
    )
    return Tried(
        '',
        '',
        '',
        [
            f'{server.name} to any host'
            for server in servers
            if not _moves(lab, server.id)
        ],
    )


Way = Callable[[cloud.Cloud, str], Tried]
WAYS: Mapping[str, Way] = {
    'ours': functools.partial(by_audit, *OURS),
    'upstream': functools.partial(by_audit, *UPSTREAM),
    'commands': by_commands,
}


def _moves(lab: cloud.Cloud, server: str) -> bool:
    try:
        return steps.move(lab, server)
    except exceptions.CloudError:
        # It waits for one that does not end; a person gives up on it.
        return False


def _refused(lab: cloud.Cloud, plan: Mapping[str, Any]) -> list[str]:
    """Name the migrations of a plan that did not succeed."""
    return [
        '{resource_name} to {destination_node}'.format_map(
            {'destination_node': 'any host', **action['input_parameters']}
        )
        for action in lab.actions(plan)
        if action['action_type'] in MIGRATIONS
        and action['state'] != 'SUCCEEDED'
    ]
