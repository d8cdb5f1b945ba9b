# SPDX-License-Identifier: Apache-2.0

"""What the demo prints, for 80 columns, with or without colours."""

import contextlib
import textwrap
import time

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence

import rich.console
import rich.table

from demo import command


COLUMNS = 80


class Screen:
    """A terminal, or whatever standard output leads to."""

    def __init__(self, console: rich.console.Console | None = None) -> None:
        """Print on a console, by default standard output.

        Rich leaves out colours when it is no terminal, or NO_COLOR is set.
        """
        self.console = console or rich.console.Console(
            highlight=False, markup=False, emoji=False
        )
        self.console.width = min(self.console.width, COLUMNS)

    @property
    def width(self) -> int:
        """Columns that may be used."""
        return self.console.width

    @property
    def moves(self) -> bool:
        """Whether what was printed can be changed, as a bar needs."""
        return self.console.is_interactive

    def title(self, text: str) -> None:
        """Begin the demo or a part of it."""
        self.console.print()
        self.console.rule(style='bold cyan', characters='=')
        self.console.print(text, style='bold cyan')
        self.console.rule(style='bold cyan', characters='=')

    def say(self, text: str) -> None:
        """Tell something, in a paragraph of its own."""
        self.console.print()
        self.console.print(textwrap.fill(text, self.width))

    def points(
        self, texts: Iterable[str], mark: str = '-', style: str = ''
    ) -> None:
        """List texts, each behind a mark."""
        self.console.print()
        indent = ' ' * (len(mark) + 1)
        for text in texts:
            self.console.print(mark, style=style, end=' ')
            self.console.print(
                textwrap.fill(
                    text, self.width - len(indent), subsequent_indent=indent
                )
            )

    def seen(self, *texts: str) -> None:
        """Sum up what came out, and was checked."""
        self.points(texts, '[ok]', 'bold green')

    def table(self, table: rich.table.Table, note: str = '') -> None:
        """Print a table, and what its marks mean."""
        self.console.print()
        self.console.print(table)
        if note:
            self.console.print(note, style='dim')

    def typed(self, words: Sequence[str]) -> None:
        """Show a command the way it is typed."""
        self.console.print()
        self.console.print(
            command.typed(words, self.width), style='bold', soft_wrap=True
        )

    def flush(self) -> None:
        """Let all that was printed be seen before a command prints."""
        self.console.file.flush()

    def printed(self, output: str) -> None:
        """Show what a command printed, as it is."""
        if output.strip():
            self.console.out(output.rstrip(), highlight=False)

    @contextlib.contextmanager
    def busy(self, text: str) -> Iterator[None]:
        """Say what is going on while one waits, and how long it took."""
        started = time.monotonic()
        self.console.print()
        if self.moves:
            with self.console.status(f'{text} ...'):
                yield
        else:
            self.console.print(f'{text} ...')
            yield
        seconds = time.monotonic() - started
        self.console.print(f'{text} took {seconds:.0f} seconds.')
