# SPDX-License-Identifier: Apache-2.0

"""The nodes of a rolling maintenance, given by an aggregate or a zone."""

from collections.abc import Mapping
from typing import Any

from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.request import roll_parameters
from watcher_host_maintenance.request.texts import as_texts


UNKNOWN_AGGREGATE = Of.REQUEST.declare(
    'unknown_aggregate',
    says=N_('there is no host aggregate {subject}'),
    helps=N_('Use a name from "openstack aggregate list".'),
    is_bad_request=True,
)

EMPTY_AGGREGATE = Of.REQUEST.declare(
    'empty_aggregate',
    says=N_('the host aggregate {subject} has no compute nodes'),
    helps=N_('Add hosts to it, or use another one.'),
    is_bad_request=True,
)

EMPTY_ZONE = Of.REQUEST.declare(
    'empty_zone',
    says=N_('no compute node is in the availability zone {subject}'),
    helps=N_('Use a zone from "openstack compute service list".'),
    is_bad_request=True,
)


def members(given: Mapping[str, Any], nova: Nova) -> tuple[str, ...]:
    """Return the hostnames of an aggregate or zone, sorted.

    :param given: the parameters of the audit
    :raises watcher_host_maintenance.cloud.errors.NotPlanned: there is no node
        in it, or Nova does not answer
    """
    given = as_texts(given, roll_parameters.SCHEMA)
    services = nova.services()
    if roll_parameters.set_of(given) == roll_parameters.ZONE:
        zone = given[roll_parameters.ZONE]
        hosts = [h for h, service in services.items() if service.zone == zone]
        if not hosts:
            raise NotPlanned(EMPTY_ZONE.about(zone))
        return tuple(sorted(hosts))
    name = given[roll_parameters.AGGREGATE]
    aggregates = [a for a in nova.aggregates() if a.name == name]
    if not aggregates:
        raise NotPlanned(UNKNOWN_AGGREGATE.about(name))
    listed = set().union(*(a.hosts for a in aggregates))
    if listed.isdisjoint(services):
        raise NotPlanned(EMPTY_AGGREGATE.about(name))
    return tuple(sorted(listed & services.keys()))
