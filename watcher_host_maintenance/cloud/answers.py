# SPDX-License-Identifier: Apache-2.0

"""From the answer of an API to records, field by field.

A record declares the field of an answer that each of its own is read from. An
answer that lacks one, or has a value of another type, is refused.
"""

import dataclasses
import functools
import typing

from dataclasses import MISSING
from typing import Any
from typing import Self

from watcher_host_maintenance.cloud.times import parse
from watcher_host_maintenance.core.model import document
from watcher_host_maintenance.core.model.document import InvalidDocument


def of(key: str, default: Any = MISSING) -> Any:
    """Declare a field of a record that is read from an answer.

    :param key: its name in the answer
    :param default: its value where the answer has null, or leaves it out;
        without a default an answer must have it
    """
    return dataclasses.field(default=default, metadata={'key': key})


def value(body: Any, key: str, kind: Any, least: int = 0) -> Any:
    """Return a field of an answer.

    :param kind: its type, as a dataclass of :mod:`.core.model` has it
    :param least: the least that an integer may be, also one in a mapping
    :raises InvalidDocument: it is missing, or of another type, or too small
    """
    if key not in body:
        raise InvalidDocument(key, 'is missing')
    checked = document.from_plain(kind, body[key], key)
    members = checked if isinstance(checked, dict) else {'': checked}
    for name, amount in members.items():
        if isinstance(amount, int) and amount < least:
            path = f'{key}.{name}' if name else key
            raise InvalidDocument(path, f'is {amount}, less than {least}')
    return checked


def demand_time(body: Any, key: str) -> None:
    """Refuse what is not a time of an API; null is allowed.

    :raises InvalidDocument: it is not
    """
    time = body.get(key)
    try:
        if time is not None:
            parse(time)
    except (TypeError, ValueError) as exc:
        raise InvalidDocument(key, f'{time!r} is not a time') from exc


class Record:
    """What is made of an object in an answer."""

    __slots__ = ()

    @classmethod
    def read(cls, body: Any) -> Self:
        """Make a record of an answer.

        :raises InvalidDocument: see :func:`value`
        """
        values = cls._others(body)
        record: Any = cls
        for name, key, kind, is_optional in _fields(record):
            if not is_optional or body.get(key) is not None:
                values[name] = value(body, key, kind)
        return cls(**values)

    @classmethod
    def _others(cls, body: Any) -> dict[str, Any]:
        """Return the fields that are not declared with :func:`of`."""
        return {}


@functools.cache
def _fields(record: Any) -> list[tuple[str, str, Any, bool]]:
    """Return field, its name in the answer, its type, if it may be null."""
    kinds = typing.get_type_hints(record)
    return [
        (f.name, f.metadata['key'], kinds[f.name], f.default is not MISSING)
        for f in dataclasses.fields(record)
        if f.metadata
    ]
