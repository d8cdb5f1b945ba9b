# SPDX-License-Identifier: Apache-2.0

"""Clouds with a host to empty, and what the planner answers."""

import dataclasses
import json
import pathlib

from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.checking import check
from watcher_host_maintenance.core.model import document
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import Step
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.packing import solve
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.scheduling import steps as schedule
from watcher_host_maintenance.core.telling import report
from watcher_host_maintenance.core.telling import summary
from watcher_host_maintenance.core.telling.brevity import STATUS_MESSAGE


DIRECTORY = pathlib.Path(__file__).parent

EXPECTED = '.expected'


@dataclasses.dataclass(frozen=True)
class Story:
    """One scenario, as its file has it.

    :ivar story: what happens, in a sentence or two
    :ivar search_steps: the option of that name
    :ivar words: the expected text holds what an operator reads: a few do,
        one for each form of report, so that words can be changed
    """

    story: str
    snapshot: Snapshot
    request: Request
    search_steps: int = solve.DEFAULT.ejections
    words: bool = False


def names(directory: pathlib.Path = DIRECTORY) -> list[str]:
    """Find the scenarios: every JSON file that is no expected output."""
    found = (p.stem for p in directory.glob('*.json'))
    return sorted(name for name in found if not name.endswith(EXPECTED))


def load(name: str, directory: pathlib.Path = DIRECTORY) -> Story:
    """Read one scenario; an error names the field."""
    text = (directory / f'{name}.json').read_text(encoding='utf-8')
    return document.loads(Story, text)


def answer(story: Story) -> dict[str, str]:
    """Plan, and return suffix -> text: one for people, one for programs.

    :raises AssertionError: the checker does not let the plan pass
    """
    known, request = story.snapshot, story.request
    limits = Limits.of(story.search_steps)
    outcome = drain.plan(known, request, limits)
    steps = schedule.schedule(known, outcome)
    violations = check.check(known, request, outcome, steps)
    if violations:
        raise AssertionError('; '.join(violations))
    plain = report.as_plain(known, request, outcome)
    shown = {
        'outcome': plain['outcome'],
        'destinations': plain['destinations'],
        'schedule': document.to_plain(steps),
    }
    message = summary.message(outcome)
    parts = {
        'Story': [story.story],
        'Audit': ['FAILED' if outcome.failed else 'SUCCEEDED'],
    }
    if story.words:
        parts['Status message'] = [message.fit(STATUS_MESSAGE) or 'none']
        parts['Report'] = plain['words']
    parts['Action plan'] = [_line(step) for step in steps] or ['none']
    return {
        '.txt': '\n'.join(
            f'{title}:\n' + ''.join(f'  {line}\n' for line in lines)
            for title, lines in parts.items()
        ),
        '.json': json.dumps(shown, indent=2, ensure_ascii=False) + '\n',
    }


def stale(directory: pathlib.Path = DIRECTORY) -> list[str]:
    """Name the expected files that are not what the planner answers now.

    Missing ones are named too, and those that no scenario has any more.
    """
    wanted = _wanted(directory)
    there = {p.name for p in directory.glob(f'*{EXPECTED}.*')}
    return sorted(
        name
        for name in wanted.keys() | there
        if name not in wanted
        or name not in there
        or wanted[name] != (directory / name).read_text(encoding='utf-8')
    )


def rewrite(directory: pathlib.Path = DIRECTORY) -> list[str]:
    """Write what the planner answers now, and name what has changed."""
    wanted = _wanted(directory)
    changed = stale(directory)
    for name in changed:
        path = directory / name
        if name in wanted:
            path.write_text(wanted[name], encoding='utf-8')
        else:
            path.unlink()
    return changed


def _wanted(directory: pathlib.Path) -> dict[str, str]:
    """Return file name -> text of all expected output."""
    return {
        f'{name}{EXPECTED}{suffix}': text
        for name in names(directory)
        for suffix, text in answer(load(name, directory)).items()
    }


def _line(step: Step) -> str:
    """Tell one step as the action plan would."""
    action = step.action
    if isinstance(action, Move):
        return (
            f'{action.kind.value} migrate {action.instance_name} from '
            f'{action.host} to {action.destination}'
        )
    name = getattr(action, 'hostname', '') or action.instance_name
    return f'{step.key.split()[0]} {name}'
