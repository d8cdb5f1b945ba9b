# SPDX-License-Identifier: Apache-2.0

"""Times as they are shown."""

from watcher_host_maintenance.cloud.times import seconds
from watcher_host_maintenance.core.model.times import format_time


def to_second(time: str) -> str:
    """Return a time in UTC, to the second; '' stays ''."""
    return format_time(seconds(time)) if time else ''
