# SPDX-License-Identifier: Apache-2.0

"""What the plugin raises; everything derives from Watcher's own base."""

from watcher.common import exception

from watcher_host_maintenance.core.model.reasons import Finding


class DrainRefused(exception.WatcherException):  # type: ignore[misc]
    """The audit cannot do what it was asked for; nothing was changed.

    :ivar findings: what is in the way, foremost first
    """

    def __init__(self, message: str, findings: tuple[Finding, ...] = ()):
        super().__init__(message)
        self.findings = findings


class ActionFailed(exception.WatcherException):  # type: ignore[misc]
    """An action did not do what it was to do; the text says why.

    Only what derives from Watcher's own base reaches ``status_message``.
    """


class NotPlanned(Exception):
    """Something that had to be read is missing, so that no plan is made.

    :ivar finding: what is missing
    """

    def __init__(self, finding: Finding):
        super().__init__(finding.reason.value)
        self.finding = finding


def first_line(error: BaseException) -> str:
    """Return what an error says, in one line; its type if it says nothing."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
