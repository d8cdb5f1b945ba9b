# SPDX-License-Identifier: Apache-2.0

"""The panel of owners; it needs Nova, and no other service."""

import horizon

from django.utils.translation import gettext_lazy as _

from watcher_host_maintenance.dashboard import rights


class Maintenance(horizon.Panel):
    """The panel; without the rights its address answers 403."""

    name = _('Maintenance')
    slug = 'maintenance'
    permissions = (rights.NOVA,)
    # Horizon takes any rule of the list as enough: this is one of several.
    policy_rules = (rights.SEE_OWN,)
