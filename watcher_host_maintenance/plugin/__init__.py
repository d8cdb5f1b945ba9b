# SPDX-License-Identifier: Apache-2.0

"""What Watcher loads; nothing of it in a Watcher that is too old."""

from watcher_host_maintenance.plugin import release


release.require_watcher()
