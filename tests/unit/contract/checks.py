# SPDX-License-Identifier: Apache-2.0

"""Whether the Watcher that is installed has what we take from it.

A check looks at one thing and returns what is wrong with it, or None.
"""

import importlib
import inspect

from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

import jsonschema


Check = Callable[[Any], str | None]


def find(name: str) -> Any:
    """Import what a dotted name stands for.

    :raises LookupError: in one line, what is missing where
    """
    module, _, rest = name.partition('.')
    found = importlib.import_module(module)
    for part in rest.split('.') if rest else ():
        module = f'{module}.{part}'
        try:
            found = getattr(found, part)
        except AttributeError:
            found = _submodule(module)
    return found


def problems(name: str, checks: tuple[Check, ...]) -> list[str]:
    """Say what is not as we need it, each in one line."""
    try:
        found = find(name)
    except LookupError as exc:
        return [str(exc)]
    said = (check(found) for check in checks)
    return [f'{name} {problem}' for problem in said if problem]


def _submodule(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        parent, _, last = name.rpartition('.')
        raise LookupError(f'{parent} has no {last}') from None


def is_a(parent: str) -> Check:
    """It is a class that derives from another one."""

    def check(found: Any) -> str | None:
        ours = inspect.isclass(found) and issubclass(found, find(parent))
        return None if ours else f'is no {parent}'

    return check


def is_a_text(found: Any) -> str | None:
    """It is a text, whatever it says."""
    return None if isinstance(found, str) else 'is no text'


def is_equal(value: Any) -> Check:
    """It is this value."""

    def check(found: Any) -> str | None:
        return None if found == value else f'is {found!r}, not {value!r}'

    return check


def is_called(*arguments: Any, **keywords: Any) -> Check:
    """It takes these arguments; a method takes its self first."""

    def check(found: Any) -> str | None:
        try:
            inspect.signature(found).bind(*arguments, **keywords)
        except TypeError as exc:
            return f'cannot be called as it is: {exc}'
        return None

    return check


def is_set(found: Any) -> str | None:
    """It is read from an instance without a call, and set so, too."""
    settable = isinstance(found, property) and found.fset
    return None if settable else 'cannot be set'


def is_property(found: Any) -> str | None:
    """It is read from an instance without a call."""
    return None if isinstance(found, property) else 'is no property'


def leaves_to_us(*names: str) -> Check:
    """These methods and no others have to be written by who derives."""

    def check(found: Any) -> str | None:
        abstract = sorted(found.__abstractmethods__)
        return (
            None
            if abstract == sorted(names)
            else (f'leaves {", ".join(abstract)} to us')
        )

    return check


def has_fields(*names: str) -> Check:
    """It is a record with these fields, and maybe others."""

    def check(found: Any) -> str | None:
        missing = set(names) - set(found.fields)
        return f'has no field {sorted(missing)}' if missing else None

    return _names(check, names)


def holds(*names: str, made_with: tuple[Any, ...]) -> Check:
    """An object of it, made with these arguments, has these attributes."""

    def check(found: Any) -> str | None:
        abstract = getattr(found, '__abstractmethods__', ())
        made = type('Ours', (found,), dict.fromkeys(abstract))(*made_with)
        missing = [name for name in names if not hasattr(made, name)]
        return f'holds no {missing}' if missing else None

    return _names(check, names)


def _names(check: Check, names: tuple[str, ...]) -> Check:
    """Let a check tell which attributes it looks for."""
    check.names = names
    return check


def named(rows: Mapping[str, tuple[Check, ...]]) -> set[str]:
    """Return the names of all attributes that rows are about."""
    return {name.rpartition('.')[2] for name in rows} | {
        name
        for checks in rows.values()
        for check in checks
        for name in getattr(check, 'names', ())
    }


def takes_parameters(*examples: Mapping[str, Any]) -> Check:
    """It is an action whose schema takes what our plans give it."""

    def check(found: Any) -> str | None:
        schema = found.schema.fget(None)
        wrong = [
            error.message
            for example in examples
            for error in jsonschema.Draft4Validator(schema).iter_errors(
                example
            )
        ]
        return f'refuses: {wrong[0]}' if wrong else None

    return check
