# SPDX-License-Identifier: Apache-2.0

"""Django settings for the tests of views: Horizon's own, with our panel.

watcher-dashboard is not among them: ours needs none of it.
"""

from openstack_dashboard import enabled

from watcher_host_maintenance.dashboard import enabled as our_enabled


enabled.__path__.extend(our_enabled.__path__)

from openstack_dashboard.test.settings import *  # noqa: E402, F403
