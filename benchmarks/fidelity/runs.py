# SPDX-License-Identifier: Apache-2.0

"""Judge many seeds, several at a time."""

import dataclasses
import json
import multiprocessing
import sys
import traceback

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any
from typing import NamedTuple
from typing import TypeVar

from benchmarks.fidelity import back
from benchmarks.fidelity import cases
from benchmarks.fidelity import crowded
from benchmarks.fidelity import judge
from minicloud import exceptions
from minicloud import preloaded


Result = TypeVar('Result')


class Task(NamedTuple):
    """One cloud to drain; a kind of None is that of the seed.

    :ivar python: the interpreter that Watcher and the plugin are under
    """

    seed: int
    kind: str | None
    way: str
    stale: bool
    python: str = sys.executable


def run(
    tasks: Iterable[Task], jobs: int, python: str = sys.executable
) -> Iterator[dict[str, Any]]:
    """Do all, and return a record of each as soon as it is there.

    :param jobs: processes, each with a cloud at a time
    :param python: that of the tasks
    :returns: fields of :class:`benchmarks.fidelity.judge.Verdict` and
        'right'; or those of the task and 'error'
    """
    yield from spread(attempt, tasks, jobs, python)


def there_and_back(task: tuple[int, str | None]) -> dict[str, Any]:
    """Drain and return the cloud of a seed and a kind."""
    case = cases.case(*task)
    return _record(
        lambda: back.there_and_back(case),
        {'seed': case.seed, 'kind': case.kind},
    )


def spread(
    work: Callable[[Any], Result],
    tasks: Iterable[Any],
    jobs: int,
    python: str = sys.executable,
) -> Iterator[Result]:
    """Give tasks to processes that start clouds, in whatever order."""
    context = multiprocessing.get_context('spawn')
    pythons = (sys.executable, python)
    with context.Pool(jobs, preloaded.preload, pythons) as pool:
        yield from pool.imap_unordered(work, tasks)


def attempt(task: Task) -> dict[str, Any]:
    """Judge one cloud."""
    case = cases.case(task.seed, task.kind)
    return _record(
        lambda: judge.judge(case, task.way, task.stale, task.python),
        {**task._asdict(), 'kind': case.kind},
    )


def in_room(seed: int) -> dict[str, Any]:
    """Judge one crowded cloud."""
    return _record(lambda: crowded.judge_seed(seed), {'seed': seed})


def _record(
    work: Callable[[], judge.Verdict | back.Verdict | crowded.Verdict],
    task: dict[str, Any],
) -> dict[str, Any]:
    """Return what came of a cloud, which gets a second chance to start.

    :param task: what stands for it where there is no verdict
    """
    for _number in range(2):
        try:
            verdict = work()
            return {**dataclasses.asdict(verdict), 'right': verdict.right}
        except exceptions.CloudError:
            error = traceback.format_exc()
        except Exception:
            error = traceback.format_exc()
            break
    return {**task, 'right': False, 'error': error}


def seeds(text: str) -> list[int]:
    """Read '7', '0-199' or '3,5,9-11'.

    :raises ValueError: not of this form
    """
    found: list[int] = []
    for part in text.split(','):
        first, _, last = part.partition('-')
        found.extend(range(int(first), int(last or first) + 1))
    return found


def lines(path: str) -> list[dict[str, Any]]:
    """Read what a run has written, one JSON object a line."""
    with open(path) as source:
        return [json.loads(line) for line in source]
