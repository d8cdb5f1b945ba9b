# SPDX-License-Identifier: Apache-2.0

"""What the plugin raises into Watcher.

Only the text of errors that derive from Watcher's own base reaches the
``status_message`` of an action.
"""

from watcher.common import exception

from watcher_host_maintenance.core.model.reasons import Finding


class DrainRefused(exception.WatcherException):  # type: ignore[misc]
    """The audit cannot do what it was asked for; nothing was changed.

    :ivar findings: what blocks it, the most important first
    """

    def __init__(self, message: str, findings: tuple[Finding, ...] = ()):
        super().__init__(message)
        self.findings = findings


class ActionFailed(exception.WatcherException):  # type: ignore[misc]
    """An action did not do what it was to do; the text says why."""
