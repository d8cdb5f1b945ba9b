# SPDX-License-Identifier: Apache-2.0

"""Frozen dataclasses to JSON and back, with errors that name the field."""

import dataclasses
import enum
import json
import types
import typing

from collections.abc import Mapping
from typing import Any
from typing import TypeVar

from watcher_host_maintenance.core.model.reasons import Reason


T = TypeVar('T')

SHORT: Mapping[str, bool] = types.MappingProxyType({'short': True})
"""Metadata of a field that a document leaves out at its default."""


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
            or getattr(value, f.name) != f.default
        }
    if isinstance(value, Mapping):
        return {str(key): to_plain(value[key]) for key in sorted(value)}
    if isinstance(value, (tuple, list)):
        return [to_plain(item) for item in value]
    return value


def dumps(value: Any, indent: int | None = 2) -> str:
    """Write a record as JSON; equal records give equal bytes."""
    return json.dumps(to_plain(value), indent=indent, ensure_ascii=False)


def loads(record: type[T], text: str) -> T:
    """Read a record of the given type from JSON.

    :raises InvalidDocument: the text is not JSON, or a field is missing,
        unknown, or of another type; the message names the field
    """
    try:
        plain = json.loads(text)
    except ValueError as exc:
        raise InvalidDocument('', f'not JSON: {exc}') from exc
    return from_plain(record, plain)


def from_plain(record: type[T], plain: Any) -> T:
    """Build a record from what the json module reads.

    :raises InvalidDocument: see :func:`loads`
    """
    return typing.cast(T, _decode(record, plain, ''))


def _decode(kind: Any, plain: Any, path: str) -> Any:
    origin = typing.get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        return _decode_optional(kind, plain, path)
    if origin is tuple:
        return _decode_tuple(kind, plain, path)
    if origin is Mapping:
        return _decode_mapping(kind, plain, path)
    if dataclasses.is_dataclass(kind):
        return _decode_record(kind, plain, path)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return _decode_enum(kind, plain, path)
    return _decode_scalar(kind, plain, path)


def _decode_optional(kind: Any, plain: Any, path: str) -> Any:
    if plain is None:
        return None
    (wanted,) = (a for a in typing.get_args(kind) if a is not type(None))
    return _decode(wanted, plain, path)


def _decode_tuple(kind: Any, plain: Any, path: str) -> tuple[Any, ...]:
    if not isinstance(plain, list):
        raise InvalidDocument(path, f'expected a list, got {_shown(plain)}')
    item = typing.get_args(kind)[0]
    return tuple(_decode(item, p, f'{path}[{i}]') for i, p in enumerate(plain))


def _decode_mapping(kind: Any, plain: Any, path: str) -> dict[str, Any]:
    item = typing.get_args(kind)[1]
    members = _object(plain, path)
    return {
        key: _decode(item, members[key], _join(path, key))
        for key in sorted(members)
    }


def _decode_record(kind: Any, plain: Any, path: str) -> Any:
    members = _object(plain, path)
    fields = {f.name: f for f in dataclasses.fields(kind)}
    for name in sorted(set(members) - set(fields)):
        known = ', '.join(fields)
        raise InvalidDocument(
            _join(path, name), f'unknown field; known are {known}'
        )
    for name, field in fields.items():
        optional = (
            field.default is not dataclasses.MISSING
            or field.default_factory is not dataclasses.MISSING
        )
        if name not in members and not optional:
            raise InvalidDocument(_join(path, name), 'is missing')
    hints = typing.get_type_hints(kind)
    values = {
        name: _decode(hints[name], members[name], _join(path, name))
        for name in members
    }
    try:
        return kind(**values)
    except InvalidDocument as exc:
        raise InvalidDocument(_join(path, exc.path), exc.problem) from exc


def _decode_enum(kind: Any, plain: Any, path: str) -> enum.Enum:
    values = {member.value: member for member in kind}
    if not isinstance(plain, str) or plain not in values:
        known = ', '.join(sorted(values))
        raise InvalidDocument(
            path, f'expected one of {known}, got {_shown(plain)}'
        )
    return typing.cast(enum.Enum, values[plain])


_SCALARS = {
    str: 'a string',
    int: 'an integer',
    float: 'a number',
    bool: 'true or false',
}


def _decode_scalar(kind: Any, plain: Any, path: str) -> Any:
    # bool is an int in Python, never in a document.
    if kind is float and type(plain) is int:
        return float(plain)
    if type(plain) is not kind:
        raise InvalidDocument(
            path, f'expected {_SCALARS[kind]}, got {_shown(plain)}'
        )
    return plain


def _object(plain: Any, path: str) -> dict[str, Any]:
    if not isinstance(plain, dict):
        raise InvalidDocument(path, f'expected an object, got {_shown(plain)}')
    return plain


def _join(path: str, name: str) -> str:
    return f'{path}.{name}' if path else name


def _shown(plain: Any) -> str:
    text = json.dumps(plain, ensure_ascii=False)
    return text if len(text) <= 40 else f'{text[:37]}...'
