# SPDX-License-Identifier: Apache-2.0

"""Notifications that Watcher logs with the driver ``log``."""

import json
import re

from typing import Any

from minicloud import cloud


_LOGGED = re.compile(
    r'oslo\.messaging\.notification\.\S+ .*?(\{.*\})$', re.MULTILINE
)


def logged(lab: cloud.Cloud) -> list[dict[str, Any]]:
    """Return what Watcher has sent so far, oldest first."""
    return [
        json.loads(line) for line in _LOGGED.findall(lab.logs()['watcher'])
    ]


def of_owners(lab: cloud.Cloud) -> list[dict[str, Any]]:
    """Return those of what owners were told."""
    return [
        event
        for event in logged(lab)
        if event['event_type'].startswith('maintenance.')
    ]
