# SPDX-License-Identifier: Apache-2.0

"""Every reason of the package, wherever it is declared."""

import importlib
import pkgutil

import watcher_host_maintenance

from watcher_host_maintenance.core.model import reasons
from watcher_host_maintenance.core.model.reasons import Reason


def every_module():
    """Import all of the package, but what needs Horizon."""
    package = watcher_host_maintenance
    found = pkgutil.walk_packages(package.__path__, f'{package.__name__}.')
    return [
        importlib.import_module(module.name)
        for module in found
        if not module.name.startswith(f'{package.__name__}.dashboard.')
    ]


def every_reason() -> dict[str, Reason]:
    """Return value -> reason."""
    every_module()
    return {reason.value: reason for reason in reasons.declared()}
