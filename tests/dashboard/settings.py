# SPDX-License-Identifier: Apache-2.0

"""Django settings: Horizon's, with watcher-dashboard's panels and ours.

An installation copies local_settings.py and the files that enable panels
into Horizon's own directories; here both stay where they are.
"""

import sys

from openstack_dashboard.local import enabled
from watcher_dashboard.local import enabled as watcher_enabled

from tests.dashboard import local_settings
from watcher_host_maintenance.dashboard import enabled as our_enabled


enabled.__path__.extend(watcher_enabled.__path__)
enabled.__path__.extend(our_enabled.__path__)
sys.modules['local.local_settings'] = local_settings

from openstack_dashboard.settings import *  # noqa: E402, F403
