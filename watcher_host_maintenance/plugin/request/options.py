# SPDX-License-Identifier: Apache-2.0

"""Where the options are found by oslo-config-generator."""

from oslo_config import cfg

from watcher_host_maintenance.request.config import OPTIONS


def list_opts() -> list[tuple[str, list[cfg.Opt]]]:
    """List the options for oslo-config-generator."""
    return list(OPTIONS.items())
