# SPDX-License-Identifier: Apache-2.0

"""What an operator sets in Horizon's local_settings.py."""

import dataclasses

from collections.abc import Mapping
from typing import Any

from django.conf import settings


SETTING = 'WATCHER_HOST_MAINTENANCE'


@dataclasses.dataclass(frozen=True, slots=True)
class Options:
    """The keys of the setting.

    :ivar hypervisor_actions: add row actions to the list of compute hosts
    :ivar hide_migrate_host: remove Horizon's own "Migrate Host" from it
    :ivar config_file: watcher.conf of the decision engine, for the options
        of the plugin; '' takes their defaults
    """

    hypervisor_actions: bool = True
    hide_migrate_host: bool = False
    config_file: str = ''


def read() -> Options:
    """Read the setting; what it leaves out has its default.

    :raises TypeError: the setting has an unknown key
    """
    given: Mapping[str, Any] = getattr(settings, SETTING, {})
    return Options(**given)
