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

"""Django settings: Horizon's, with the panels of watcher-dashboard.

An installation copies local_settings.py and the files that enable panels
into Horizon's own directories; here both stay where they are.
"""

import sys

from openstack_dashboard.local import enabled
from watcher_dashboard.local import enabled as watcher_enabled

from tests.dashboard import local_settings


enabled.__path__.extend(watcher_enabled.__path__)
sys.modules['local.local_settings'] = local_settings

from openstack_dashboard.settings import *  # noqa: E402, F403
