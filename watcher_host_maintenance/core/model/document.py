# SPDX-License-Identifier: Apache-2.0

"""Frozen dataclasses to JSON and back, with errors that name the field."""

import dataclasses
import enum
import json
import math
import types
import typing

from collections.abc import Mapping
from typing import Any
from typing import TypeVar

from watcher_host_maintenance.core.model.reasons import Reason
from watcher_host_maintenance.core.model.text import is_unsafe


T = TypeVar('T')

MOST = 2**63 - 1
"""The largest integer of a document: no service stores a larger one.

A float, which ratios make of amounts, cannot hold just any.
"""


def short(default: T) -> T:
    """Return a field that a document leaves out at this default."""
    field: Any = dataclasses.field(default=default, metadata={'short': True})
    return typing.cast(T, field)


def short_mapping() -> Any:
    """Return a field that a document leaves out when it is empty."""
    return dataclasses.field(default_factory=dict, metadata={'short': True})


class InvalidDocument(ValueError):
    """A JSON document does not have the shape its type asks for.

    :ivar path: where, as written in code: ``nodes[3].inventory.VCPU.total``
    :ivar problem: what is wrong there
    """

    def __init__(self, path: str, problem: str):
        super().__init__(f'{path or "document"}: {problem}')
        self.path = path
        self.problem = problem


def to_plain(value: Any) -> Any:
    """Turn records into what the json module writes, mappings sorted."""
    if isinstance(value, (enum.Enum, Reason)):
        return value.value
    if dataclasses.is_dataclass(value):
        return {
            f.name: to_plain(getattr(value, f.name))
            for f in dataclasses.fields(value)
            if not f.metadata.get('short')
            or getattr(value, f.name) != _default(f)
        }
    if isinstance(value, Mapping):
        return {str(key): to_plain(value[key]) for key in sorted(value)}
    if isinstance(value, (tuple, list)):
        return [to_plain(item) for item in value]
    return value


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def dumps(value: Any, indent: int | None = 2) -> str:
    """Write a record as JSON; equal records give equal bytes.

    What would confuse a terminal, or is no UTF-8, is written as JSON's escape.
    """
    text = json.dumps(to_plain(value), indent=indent, ensure_ascii=False)
    return '\n'.join(map(_escaped, text.split('\n')))


def _escaped(line: str) -> str:
    if line.isprintable():
        return line
    # Inside the quotes, since JSON has no such character elsewhere.
    return ''.join(json.dumps(c)[1:-1] if is_unsafe(c) else c for c in line)


def loads(record: type[T], text: str) -> T:
    """Read a record of the given type from JSON.

    :raises InvalidDocument: the text is not JSON, or a field is missing,
        unknown, or of another type; the message names the field
    """
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise InvalidDocument('', f'not JSON: {exc}') from exc
    return from_plain(record, plain)


def from_plain(record: type[T], plain: Any, path: str = '') -> T:
    """Build a record from what the json module reads.

    :param path: where it stands in a larger document
    :raises InvalidDocument: see :func:`loads`
    """
    return typing.cast(T, _decode(record, plain, path))


def _decode(kind: Any, plain: Any, path: str) -> Any:
    origin, of = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        (wanted,) = (a for a in of if a is not types.NoneType)
        return None if plain is None else _decode(wanted, plain, path)
    if origin is tuple:
        items = _expect(isinstance(plain, list), 'a list', plain, path)
        return tuple(
            _decode(of[0], item, f'{path}[{i}]')
            for i, item in enumerate(items)
        )
    if origin is Mapping:
        _expect(isinstance(plain, dict), 'an object', plain, path)
        return {
            key: _decode(of[1], plain[key], _join(path, key))
            for key in sorted(plain)
        }
    if dataclasses.is_dataclass(kind):
        return _decode_record(kind, plain, path)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        values = sorted(member.value for member in kind)
        _expect(plain in values, f'one of {", ".join(values)}', plain, path)
        return kind(plain)
    # bool is an int in Python, never in a document.
    if kind is float and type(plain) in {int, float}:
        _expect(_is_finite(plain), 'a finite number', plain, path)
        return float(plain)
    if kind is int and type(plain) is int:
        is_kept = -MOST <= plain <= MOST
        _expect(is_kept, 'an integer of at most 63 bits', plain, path)
    return _expect(type(plain) is kind, _SCALARS[kind], plain, path)


def _is_finite(number: float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:  # an int that no float can hold
        return False


def _decode_record(kind: Any, plain: Any, path: str) -> Any:
    _expect(isinstance(plain, dict), 'an object', plain, path)
    fields = {f.name: f for f in dataclasses.fields(kind)}
    for name in sorted(set(plain) - set(fields)):
        problem = f'unknown field; known are {", ".join(fields)}'
        raise InvalidDocument(_join(path, name), problem)
    for name, field in fields.items():
        default = field.default, field.default_factory
        if name not in plain and default == (dataclasses.MISSING,) * 2:
            raise InvalidDocument(_join(path, name), 'is missing')
    hints = typing.get_type_hints(kind)
    values = {
        name: _decode(hints[name], plain[name], _join(path, name))
        for name in plain
    }
    try:
        return kind(**values)
    except InvalidDocument as exc:
        raise InvalidDocument(_join(path, exc.path), exc.problem) from exc


_SCALARS = {
    str: 'a string',
    int: 'an integer',
    float: 'a number',
    bool: 'true or false',
}


def _expect(holds: bool, wanted: str, plain: Any, path: str) -> Any:
    """Return a value that is as expected."""
    if holds:
        return plain
    text = json.dumps(plain, ensure_ascii=False)
    shown = text if len(text) <= 40 else f'{text[:37]}...'
    raise InvalidDocument(path, f'expected {wanted}, got {shown}')


def _join(path: str, name: str) -> str:
    return f'{path}.{name}' if path else name
