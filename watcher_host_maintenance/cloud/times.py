# SPDX-License-Identifier: Apache-2.0

"""Times as APIs write them."""

import datetime


def parse(time: str) -> datetime.datetime:
    """Read a time of an API; without a zone it is in UTC."""
    parsed = datetime.datetime.fromisoformat(time)
    if parsed.tzinfo is None:
        return parsed.replace(tzinfo=datetime.UTC)
    return parsed.astimezone(datetime.UTC)


def age(time: str) -> datetime.timedelta:
    """Return how long ago a time of an API was."""
    return datetime.datetime.now(datetime.UTC) - parse(time)


def seconds(time: str) -> int:
    """Return a time of an API as seconds since 1970-01-01 00:00 UTC."""
    return int(parse(time).timestamp())
