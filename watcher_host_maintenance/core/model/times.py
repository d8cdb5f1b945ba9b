# SPDX-License-Identifier: Apache-2.0

"""Times as notices and messages have them: UTC, in whole seconds."""

import datetime
import re

from typing import Any


TIME = 'YYYY-MM-DDTHH:MM:SSZ'

TIME_FORM = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ', re.ASCII)

MAX_TIME_S = 253402300799
"""9999-12-31 23:59:59 UTC, the last second that can be written."""


def format_time(seconds: int) -> str:
    """Write seconds since 1970-01-01 00:00 UTC as 'YYYY-MM-DDTHH:MM:SSZ'."""
    time = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return f'{time:%Y-%m-%dT%H:%M:%SZ}'


def parse_time(text: Any) -> int | None:
    """Read 'YYYY-MM-DDTHH:MM:SSZ' as seconds since 1970-01-01 00:00 UTC.

    :returns: None if it is no such time, or before 1970
    """
    if not isinstance(text, str) or not TIME_FORM.fullmatch(text):
        return None
    try:
        seconds = int(datetime.datetime.fromisoformat(text).timestamp())
    except ValueError:
        return None
    return seconds if seconds >= 0 else None
