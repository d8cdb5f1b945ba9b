# SPDX-License-Identifier: Apache-2.0

"""Watch an action plan being executed."""

import contextlib

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import rich.progress

from demo import plan as plans
from demo.screen import Screen
from minicloud import waiting


#: States in which nothing more happens.
_ENDED = ('SUCCEEDED', 'FAILED', 'SKIPPED', 'CANCELLED', 'SUPERSEDED')
_POLL_S = 0.5

#: Is told the steps of a plan, again and again.
Show = Callable[[Sequence[plans.Step]], None]


def watch(
    lab: Any, plan: Mapping[str, Any], screen: Screen, timeout_s: float = 300
) -> dict[str, Any]:
    """Show the steps of a plan until it has ended; return it as it then is.

    :param lab: a running :class:`minicloud.cloud.Cloud`
    :raises CloudError: it took too long
    """
    now: dict[str, Any] = {}
    url = f'/v1/action_plans/{plan["uuid"]}'

    def ended() -> bool:
        # The plan first: the steps are then at least as old.
        now.update(lab.watcher.get(url).json())
        show(plans.steps(lab.actions(plan)))
        return now['state'] in _ENDED

    with _shown(screen, len(lab.actions(plan))) as show:
        waiting.until(
            ended,
            timeout_s,
            lambda: f'The action plan is {now["state"]}',
            poll_s=_POLL_S,
        )
    return now


def _shown(
    screen: Screen, total: int
) -> contextlib.AbstractContextManager[Show]:
    screen.console.print()
    return _bar(screen, total) if screen.moves else lines(screen, total)


@contextlib.contextmanager
def _bar(screen: Screen, total: int) -> Iterator[Show]:
    """A bar that grows, with what is being done behind it."""
    columns = (
        rich.progress.BarColumn(bar_width=28),
        rich.progress.MofNCompleteColumn(),
        rich.progress.TimeElapsedColumn(),
        rich.progress.TextColumn('{task.description}', markup=False),
    )
    with rich.progress.Progress(*columns, console=screen.console) as bar:
        task = bar.add_task('', total=total)

        def show(steps: Sequence[plans.Step]) -> None:
            doing = [s.words for s in steps if s.state == 'ONGOING'][:1]
            done = sum(s.state in _ENDED for s in steps)
            bar.update(task, completed=done, description=''.join(doing))

        yield show


@contextlib.contextmanager
def lines(screen: Screen, total: int) -> Iterator[Show]:
    """A line for each step that has ended, where nothing can grow."""
    told: set[str] = set()

    def show(steps: Sequence[plans.Step]) -> None:
        for step in steps:
            if step.state in _ENDED and step.words not in told:
                told.add(step.words)
                screen.console.print(
                    f'  {len(told):2} of {total}  {step.words}: '
                    f'{step.state.lower()}'
                )

    yield show
