# SPDX-License-Identifier: Apache-2.0

"""Times as APIs write them."""

import datetime


def parse(time: str) -> datetime.datetime:
    """Read a time of an API; without a zone it is in UTC."""
    parsed = datetime.datetime.fromisoformat(time)
    if parsed.tzinfo is None:
        return parsed.replace(tzinfo=datetime.UTC)
    return parsed.astimezone(datetime.UTC)


def to_second(time: str) -> str:
    """Return a time in UTC, to the second; '' stays ''."""
    return parse(time).strftime('%Y-%m-%dT%H:%M:%SZ') if time else ''
