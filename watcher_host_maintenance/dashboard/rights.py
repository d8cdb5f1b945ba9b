# SPDX-License-Identifier: Apache-2.0

"""Who may see and do what, by Horizon's copies of the policies.

The services decide themselves in the end: each call has the token of whoever
signed in.
"""

from django.http import HttpRequest


Rules = tuple[tuple[str, str], ...]
"""Service and rule of its policy; each of them is needed."""

SERVICES = ('openstack.services.compute', 'openstack.services.infra-optim')
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


def has_services(request: HttpRequest) -> bool:
    """Return True if the catalog of whoever signed in has the services."""
    return bool(request.user.has_perms(SERVICES))
