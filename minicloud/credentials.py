# SPDX-License-Identifier: Apache-2.0

"""Who there is in a minicloud with Keystone, and what services sign in with.

Without Keystone everybody is an administrator, whatever the name.
"""

import secrets

from typing import Any
from typing import NamedTuple

from minicloud import settings


class User(NamedTuple):
    """A user as Keystone is to have it.

    :ivar project: name of the one project the roles are for
    :ivar roles: names; Keystone adds those that a role implies
    """

    project: str
    roles: tuple[str, ...]


ADMIN = 'admin'
MEMBER = 'member'
MANAGER = 'manager'
READER = 'reader'
#: The same of another project.
STRANGER = 'stranger'
OTHER_MANAGER = 'other-manager'
OTHER_READER = 'other-reader'
#: What Watcher's decision engine and applier sign in as.
WATCHER = 'watcher'
#: What Watcher's API validates tokens with: one of its own, so that the
#: other can be taken away from Watcher while its API still answers.
WATCHER_API = 'watcher-api'

USERS = {
    ADMIN: User('admin', ('admin',)),
    MEMBER: User('demo', ('member',)),
    MANAGER: User('demo', ('manager',)),
    READER: User('demo', ('reader',)),
    STRANGER: User('lab', ('member',)),
    OTHER_MANAGER: User('lab', ('manager',)),
    OTHER_READER: User('lab', ('reader',)),
    'nova': User('service', ('admin', 'service')),
    'placement': User('service', ('service',)),
    WATCHER: User('service', ('admin',)),
    WATCHER_API: User('service', ('service',)),
}


def passwords() -> dict[str, str]:
    """Make a new password for each user."""
    return {user: secrets.token_urlsafe(24) for user in USERS}


def options(cloud: settings.Settings, user: str) -> dict[str, Any]:
    """Options of a section that signs a service in."""
    return {
        'auth_type': 'password',
        'auth_url': cloud.urls['identity'] + '/v3',
        'username': user,
        'password': cloud.passwords.get(user, user),
        'project_name': USERS[user].project,
        'user_domain_id': 'default',
        'project_domain_id': 'default',
    }


def middleware(cloud: settings.Settings, user: str) -> dict[str, Any]:
    """The section ``keystone_authtoken`` of a service."""
    return {
        **options(cloud, user),
        'www_authenticate_uri': cloud.urls['identity'] + '/v3',
        'service_token_roles_required': True,
    }
