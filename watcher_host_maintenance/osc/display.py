# SPDX-License-Identifier: Apache-2.0

"""Show on stderr how far an action plan is."""

import contextlib

from collections.abc import Iterator
from typing import Protocol
from typing import TextIO

from rich.console import Console
from rich.console import RenderableType
from rich.constrain import Constrain
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from watcher_host_maintenance.client.progress import Progress
from watcher_host_maintenance.client.progress import Running
from watcher_host_maintenance.client.records import OF_SERVERS
from watcher_host_maintenance.client.records import Action
from watcher_host_maintenance.core.model.text import visible
from watcher_host_maintenance.osc.streams import is_terminal
from watcher_host_maintenance.osc.words import describe
from watcher_host_maintenance.osc.words import duration
from watcher_host_maintenance.request import states


WIDTH = 100
"""How many columns of a wide terminal are used."""


class Display(Protocol):
    """Something that shows progress."""

    def show(self, progress: Progress, remaining_s: float | None) -> None:
        """Show how far a plan is, and how long it still takes."""


@contextlib.contextmanager
def display(stream: TextIO | None) -> Iterator[Display]:
    """Give a display that suits a stream: a terminal, or another."""
    if not is_terminal(stream):
        yield Lines(stream)
        return
    console = Console(file=stream, highlight=False)
    with Bars(console) as bars:
        yield bars


class Ended:
    """Remembers which actions have been seen to end."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def new(self, progress: Progress) -> Iterator[Action]:
        """Yield the actions that have ended since the last call."""
        for action in progress.actions:
            if action.has_ended and action.uuid not in self._seen:
                self._seen.add(action.uuid)
                yield action


class Lines:
    """A line for each change."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._ended = Ended()
        self._state = ''

    def show(self, progress: Progress, remaining_s: float | None) -> None:
        """Write a line for each action that has ended."""
        counted = sum(
            a.has_ended and a.step in OF_SERVERS for a in progress.actions
        )
        new = list(self._ended.new(progress))
        counted -= sum(a.step in OF_SERVERS for a in new)
        for action in new:
            counted += action.step in OF_SERVERS
            self._write(f'{counted} of {progress.total}: {result(action)}')
        if progress.plan.state != self._state:
            self._state = progress.plan.state
            self._write(f'Action plan {progress.plan.uuid}: {self._state}')

    def _write(self, line: str) -> None:
        if self._stream is not None:
            with contextlib.suppress(OSError, ValueError):
                self._stream.write(f'{visible(line)}\n')
                self._stream.flush()


class Bars:
    """A bar for the plan, a line for each action that is carried out."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._ended = Ended()
        self._live = Live(console=console, auto_refresh=False, transient=False)

    def __enter__(self) -> 'Bars':
        self._live.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._live.stop()

    def show(self, progress: Progress, remaining_s: float | None) -> None:
        """Draw all of it again; what has failed stays above."""
        for action in self._ended.new(progress):
            if action.state == states.FAILED:
                self._console.print(Text(visible(result(action))))
        self._live.update(frame(progress, remaining_s), refresh=True)


def frame(progress: Progress, remaining_s: float | None) -> RenderableType:
    """Draw how far a plan is."""
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(ratio=1, overflow='ellipsis', no_wrap=True)
    table.add_column(width=20)
    table.add_column(no_wrap=True, justify='right')
    left = duration(remaining_s)
    table.add_row(
        Text(visible(', '.join(progress.nodes))),
        ProgressBar(total=1.0, completed=progress.share, width=20),
        Text(
            f'{progress.done} of {progress.total}'
            + (f', {left} left' if left else '')
        ),
    )
    for running in progress.running:
        table.add_row(*_row(running))
    return Constrain(table, WIDTH)


def _row(running: Running) -> tuple[RenderableType, ...]:
    name = Text(f'  {visible(describe(running.action))}')
    transfer = running.transfer
    if transfer is None or not transfer.total_mib:
        return name, '', ''
    copied = max(0, transfer.total_mib - transfer.remaining_mib)
    return (
        name,
        ProgressBar(total=1.0, completed=transfer.share, width=20),
        Text(f'{transfer.share:.0%}, {copied} of {transfer.total_mib} MiB'),
    )


def result(action: Action) -> str:
    """Return what an action did and how it ended, in one line."""
    line = f'{describe(action)}: {action.state.lower()}'
    return f'{line}: {action.message}' if action.message else line
