# SPDX-License-Identifier: Apache-2.0

"""Admin > Compute > Maintenance."""

import horizon

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from watcher_host_maintenance.dashboard import rights


class Maintenance(horizon.Panel):
    """The panel; without the rights every address of it answers 403."""

    name = _('Maintenance')
    slug = 'maintenance'
    permissions = rights.SERVICES
    # Horizon takes any rule of the list as enough: this is one of several.
    policy_rules = (rights.SEE,)

    def allowed(self, context: dict[str, object]) -> bool:
        """Show it where Horizon shows the hypervisors: by system scope."""
        scoped = 'compute' in settings.SYSTEM_SCOPE_SERVICES
        request = context['request']
        user = request.user  # type: ignore[attr-defined]
        if scoped != bool(user.system_scoped):
            return False
        return bool(super().allowed(context))
