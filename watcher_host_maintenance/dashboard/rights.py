# SPDX-License-Identifier: Apache-2.0

"""Who may see and do what, by Horizon's copies of the policies.

The services decide themselves in the end: each call has the token of whoever
signed in.
"""

from django.http import HttpRequest
from horizon import exceptions
from openstack_dashboard import policy


Rules = tuple[tuple[str, str], ...]
"""Service and rule of its policy; each of them is needed."""

NOVA = 'openstack.services.compute'
"""Permission that says that the service catalog has Nova."""

SERVICES = (NOVA, 'openstack.services.infra-optim')
"""Permissions that say that the service catalog has Nova and Watcher."""

_NODES = ('compute', 'os_compute_api:os-services:list')

SEE = (
    _NODES,
    ('infra-optim', 'audit:get_all'),
    ('infra-optim', 'action_plan:get_all'),
    ('infra-optim', 'action:get_all'),
)

START = (
    *SEE,
    ('infra-optim', 'audit:create'),
    ('infra-optim', 'action_plan:start'),
)

MARK = (_NODES, ('compute', 'os_compute_api:os-services:update'))

CANCEL = (*SEE, ('infra-optim', 'action_plan:update'))

CLEAR = (
    *SEE,
    ('compute', 'os_compute_api:server-metadata:delete'),
    ('compute', 'os_compute_api:os-server-tags:delete'),
)

ROLL = (*SEE, ('infra-optim', 'audit:update'))

SEE_OWN = (('compute', 'os_compute_api:servers:detail'),)

ANSWER = (
    *SEE_OWN,
    ('compute', 'os_compute_api:os-server-tags:update'),
    ('compute', 'os_compute_api:os-server-tags:delete'),
)

MOVE_OWN = (
    *SEE_OWN,
    ('compute', 'os_compute_api:os-migrate-server:migrate'),
    ('compute', 'os_compute_api:os-migrate-server:migrate_live'),
)


def has_services(request: HttpRequest) -> bool:
    """Return True if the catalog of whoever signed in has the services."""
    return bool(request.user.has_perms(SERVICES))


def demand(rules: Rules, request: HttpRequest) -> None:
    """Answer 403 to who may not do something."""
    if not policy.check(rules, request):
        raise exceptions.NotAuthorized(request.path)
