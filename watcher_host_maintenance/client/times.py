# SPDX-License-Identifier: Apache-2.0

"""Times as they are shown."""

from watcher_host_maintenance.cloud.times import parse


def to_second(time: str) -> str:
    """Return a time in UTC, to the second; '' stays ''."""
    return parse(time).strftime('%Y-%m-%dT%H:%M:%SZ') if time else ''
