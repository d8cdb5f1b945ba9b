# SPDX-License-Identifier: Apache-2.0

"""Where the options are found by oslo-config-generator."""

from oslo_config import cfg

from watcher_host_maintenance.request.options import GROUP
from watcher_host_maintenance.request.options import RETURN_GROUP
from watcher_host_maintenance.request.options import RETURN_OPTIONS
from watcher_host_maintenance.request.options import ROLL_GROUP
from watcher_host_maintenance.request.options import ROLL_OPTIONS
from watcher_host_maintenance.request.options import STRATEGY_OPTIONS


def list_opts() -> list[tuple[str, list[cfg.Opt]]]:
    """List the options for oslo-config-generator."""
    return [
        (GROUP, STRATEGY_OPTIONS),
        (RETURN_GROUP, RETURN_OPTIONS),
        (ROLL_GROUP, ROLL_OPTIONS),
    ]
