# SPDX-License-Identifier: Apache-2.0

"""Cells that hold more than one value."""

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from cliff.columns import FormattableColumn

from watcher_host_maintenance.core.model.notice import PREFIX
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.text import visible_all
from watcher_host_maintenance.core.telling.words import name


class Count(FormattableColumn[int | None]):
    """A number, or nothing where it is not known."""

    def __init__(self, value: int | None, unknown: str | None = None) -> None:
        """Hold a number.

        :param unknown: what a program reads where it is not known
        """
        super().__init__(value)
        self._unknown = unknown

    def in_text(self) -> 'Count':
        """Return it for a format that has only texts."""
        return Count(self._value, '')

    def machine_readable(self) -> Any:
        """Return the number."""
        return self._unknown if self._value is None else self._value

    def __lt__(self, other: object) -> bool:
        """Put what is not known first."""
        return isinstance(other, Count) and self._key() < other._key()

    def _key(self) -> int:
        return -1 if self._value is None else self._value

    def human_readable(self) -> str:
        """Return the number."""
        return '' if self._value is None else str(self._value)


class Told(FormattableColumn[dict[str, str] | None]):
    """What an owner is told: state and effect, or all of it for a program.

    A program reads nothing where an owner is told nothing, and no fields where
    a notice is deleted.
    """

    def __init__(self, notice: Notice | None) -> None:
        super().__init__(None if notice is None else _fields(notice))

    def in_text(self) -> str:
        """Return it for a format that has only texts."""
        return self.human_readable()

    def human_readable(self) -> str:
        """Return 'announced live'."""
        if self._value is None:
            return ''
        said = (self._value.get(key) for key in ('state', 'effect'))
        return ' '.join(filter(None, said)) or 'deleted'


def _fields(notice: Notice) -> dict[str, str]:
    metadata = notice.to_metadata()
    return {k.removeprefix(PREFIX): value for k, value in metadata.items()}


class Lines(FormattableColumn[list[str]]):
    """Texts: a line each for a person, a list for a program."""

    def __init__(self, texts: Iterable[str]) -> None:
        super().__init__(visible_all(list(texts)))

    def human_readable(self) -> str:
        """Return a line for each text."""
        return '\n'.join(self._value)


class Records(FormattableColumn[list[dict[str, Any]]]):
    """Records: a line each for a person, a list for a program."""

    def __init__(self, records: Iterable[Mapping[str, Any]]) -> None:
        super().__init__(visible_all(list(records)))

    def human_readable(self) -> str:
        """Return a line for each record, of its values that are not empty."""
        return '\n'.join(
            '  '.join(
                name(v) if key == 'name' else str(v)
                for key, v in record.items()
                if v not in {'', None}
            )
            for record in self._value
        )


class Pairs(FormattableColumn[dict[str, Any]]):
    """Names with values: a line each for a person, a mapping otherwise."""

    def __init__(self, pairs: Mapping[str, Any]) -> None:
        super().__init__(visible_all(pairs))

    def human_readable(self) -> str:
        """Return a line for each name."""
        return '\n'.join(f'{n}={v}' for n, v in self._value.items())
