# SPDX-License-Identifier: Apache-2.0

"""The options of the plugin that tests of a check use."""

from watcher_host_maintenance.request import config


OPTIONS = {**config.read().values, 'transient_wait_s': 0}
"""Nothing in a faked cloud is busy for a moment only."""
