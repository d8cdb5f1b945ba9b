# SPDX-License-Identifier: Apache-2.0

"""Change users in a minicloud with Keystone while it runs."""

import secrets
import time

from collections.abc import Callable
from collections.abc import MutableMapping
from typing import Any

from keystoneauth1 import adapter

from minicloud import credentials


class Accounts:
    """What an administrator of Keystone does to users, by name."""

    def __init__(
        self,
        keystone: adapter.Adapter,
        control: Callable[[str, str, Any], Any],
        passwords: MutableMapping[str, str],
    ) -> None:
        """Act through the Identity API.

        :param control: the control API of Keystone's process
        :param passwords: user -> password, kept up to date
        """
        self._keystone = keystone
        self._control = control
        self._passwords = passwords

    def change_password(self, user: str, password: str | None = None) -> str:
        """Set a password, by default a new one; return the one before."""
        before = self._passwords[user]
        changed = password or secrets.token_urlsafe(24)
        self._update(user, password=changed)
        self._passwords[user] = changed
        return before

    def expire_password(self, user: str) -> None:
        """Let a password come to its end; a new one makes it good again."""
        self._control('POST', '/expire', {'user': user})

    def limit_tokens(self, seconds: int | None) -> None:
        """Let tokens made from now on live so long; None: as before."""
        self._control('POST', '/tokens', {'seconds': seconds})

    def disable(self, user: str) -> None:
        """Let a user in no more, and forget its tokens."""
        self._update(user, enabled=False)

    def enable(self, user: str) -> None:
        """Let a user in again."""
        self._update(user, enabled=True)

    def grant(self, user: str, role: str) -> None:
        """Give a user a role in the project that is its own."""
        self._keystone.put(self._assignment(user, role))

    def revoke(self, user: str, role: str) -> None:
        """Take a role away again."""
        self._keystone.delete(self._assignment(user, role))

    def _update(self, user: str, **fields: Any) -> None:
        self._keystone.patch(
            f'/users/{self._id("users", user)}', json={'user': fields}
        )
        # Keystone revokes all tokens up to the end of this second.
        time.sleep(1)

    def _assignment(self, user: str, role: str) -> str:
        project = credentials.USERS[user].project
        return (
            f'/projects/{self._id("projects", project)}'
            f'/users/{self._id("users", user)}'
            f'/roles/{self._id("roles", role)}'
        )

    def _id(self, kind: str, name: str) -> str:
        found = self._keystone.get(f'/{kind}', params={'name': name}).json()[
            kind
        ]
        return str(found[0]['id'])
