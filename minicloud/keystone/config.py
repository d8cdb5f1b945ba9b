# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""The configuration of the Keystone of a minicloud."""

from typing import Any

from minicloud import settings


def sections(cloud: settings.Settings,
             database: str) -> dict[str, dict[str, Any]]:
    """Compose keystone.conf.

    :param database: its SQLAlchemy URL
    """
    keys = cloud.path('fernet-keys')
    return {
        'DEFAULT': {'log_file': cloud.log},
        'credential': {'key_repository': cloud.path('credential-keys')},
        'database': {'connection': database, 'sqlite_synchronous': False},
        'fernet_receipts': {'key_repository': keys},
        'fernet_tokens': {'key_repository': keys},
        # The least: these passwords live for minutes.
        'identity': {'password_hash_rounds': 4},
        'oslo_messaging_notifications': {'driver': 'noop'},
    }
