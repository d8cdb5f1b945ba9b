# SPDX-License-Identifier: Apache-2.0

"""The configuration of the Keystone of a minicloud."""

from typing import Any

from minicloud import settings


def sections(
    cloud: settings.Settings, database: str
) -> dict[str, dict[str, Any]]:
    """Compose keystone.conf.

    :param database: its SQLAlchemy URL
    """
    keys = cloud.path('fernet-keys')
    return {
        # Keystone forgets what it changes itself, and it is the only one.
        'cache': {'backend': 'oslo_cache.dict', 'enabled': True},
        'DEFAULT': {'log_file': cloud.log},
        'credential': {'key_repository': cloud.path('credential-keys')},
        'database': {'connection': database, 'sqlite_synchronous': False},
        'fernet_receipts': {'key_repository': keys},
        'fernet_tokens': {'key_repository': keys},
        # The least: these passwords live for minutes.
        'identity': {'password_hash_rounds': 4},
        'oslo_messaging_notifications': {'driver': 'noop'},
    }
