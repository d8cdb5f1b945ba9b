# SPDX-License-Identifier: Apache-2.0

"""Cells that hold more than one value."""

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from cliff.columns import FormattableColumn

from watcher_host_maintenance.client.quoting import quote_all


class Lines(FormattableColumn[list[str]]):
    """Texts: a line each for a person, a list for a program."""

    def __init__(self, texts: Iterable[str]) -> None:
        super().__init__(quote_all(list(texts)))

    def human_readable(self) -> str:
        """Return a line for each text."""
        return '\n'.join(self._value)

    def machine_readable(self) -> list[str]:
        """Return a list."""
        return self._value


class Records(FormattableColumn[list[dict[str, Any]]]):
    """Records: a line each for a person, a list for a program."""

    def __init__(self, records: Iterable[Mapping[str, Any]]) -> None:
        super().__init__(quote_all(list(records)))

    def human_readable(self) -> str:
        """Return a line for each record, of its values that are not empty."""
        return '\n'.join(
            '  '.join(str(v) for v in record.values() if v not in {'', None})
            for record in self._value
        )

    def machine_readable(self) -> list[dict[str, Any]]:
        """Return a list of mappings."""
        return self._value


class Pairs(FormattableColumn[dict[str, Any]]):
    """Names with values: a line each for a person, a mapping otherwise."""

    def __init__(self, pairs: Mapping[str, Any]) -> None:
        super().__init__(quote_all(pairs))

    def human_readable(self) -> str:
        """Return a line for each name."""
        return '\n'.join(f'{n}={v}' for n, v in self._value.items())

    def machine_readable(self) -> dict[str, Any]:
        """Return a mapping."""
        return self._value
