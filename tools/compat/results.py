# SPDX-License-Identifier: Apache-2.0

"""What was seen in each environment, and the table of it."""

import dataclasses
import json

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from tools import count
from tools.compat import environments


PASSED, FAILED, SKIPPED = 'passed', 'failed', 'skipped'

KINDS = ('contract', 'unit', 'functional')

RESULTS = environments.ROOT / 'tools' / 'compat' / 'results.json'
TABLE = environments.ROOT / 'doc/source/install/releases-results.txt'


@dataclasses.dataclass
class Seen:
    """What the tests of one kind have shown.

    :ivar passed: number of tests; ``failed`` and ``skipped`` too
    :ivar failures: names of those that failed, in the order they ended
    :ivar commit: the source that was tested, see :func:`commit.state`
    :ivar date: when they were run, '2026-11-21' in UTC
    """

    passed: int
    failed: int
    skipped: int
    failures: Sequence[str]
    commit: str
    date: str

    @property
    def why(self) -> str:
        """Say why this is no success, in a line; '' when it is one."""
        if not self.failures:
            return '' if self.passed else 'no test passed'
        first, *others = self.failures
        return f'{first}, and {len(others)} more' if others else first

    def __str__(self) -> str:
        said = [f'{self.passed} passed']
        said += [f'{self.failed} failed'] * bool(self.failed)
        said += [f'{self.skipped} skipped'] * bool(self.skipped)
        return f'{", ".join(said)} ({self.commit or "?"}, {self.date or "?"})'


@dataclasses.dataclass
class Result:
    """What was seen in one environment.

    :ivar watcher: version of python-watcher
    :ivar python: version of the interpreter; without its last number when
        there is none
    :ivar end: :data:`PASSED`, :data:`FAILED` or :data:`SKIPPED`
    :ivar why: of what is not passed, in a line
    :ivar seen: :data:`KINDS` -> what they have shown; those that were run
    """

    watcher: str
    python: str
    end: str = PASSED
    why: str = ''
    seen: Mapping[str, Seen] = dataclasses.field(default_factory=dict)


def summed(tests: Sequence[count.Test], commit: str, date: str) -> Seen:
    """Sum tests up."""
    failures = [test['id'] for test in tests if count.has_failed(test)]
    return Seen(*count.count(tests), failures, commit, date)


def merged(result: Result, before: Result | None) -> Result:
    """Add what was not run now and was seen earlier, good or bad."""
    if before is not None and before.watcher == result.watcher:
        if result.end == SKIPPED and before.seen:
            return before
        if before.python == result.python:
            result.seen = {**before.seen, **result.seen}
    bad = [
        f'{kind}: {result.seen[kind].why}'
        for kind in KINDS
        if kind in result.seen and result.seen[kind].why
    ]
    if bad and result.end == PASSED:
        result.end, result.why = FAILED, bad[0]
    return result


def load() -> dict[str, Result]:
    """Read what earlier runs have seen: name of an environment -> result."""
    if not RESULTS.exists():
        return {}
    return {
        name: _result(**fields)
        for name, fields in json.loads(RESULTS.read_text()).items()
    }


def _result(seen: Mapping[str, Mapping[str, Any]], **fields: str) -> Result:
    return Result(
        **fields, seen={kind: Seen(**one) for kind, one in seen.items()}
    )


def save(results: Mapping[str, Result]) -> None:
    """Write the results and their table."""
    plain = {
        name: dataclasses.asdict(result) for name, result in results.items()
    }
    RESULTS.write_text(json.dumps(plain, indent=1, sort_keys=True) + '\n')
    TABLE.write_text(table(results))


def table(results: Mapping[str, Result]) -> str:
    """Lay the results out for the documentation."""
    rows: list[tuple[str, ...]] = [
        (
            'python-watcher',
            'Python',
            'Contract',
            'Unit',
            'Functional',
            'Result of what was run',
        )
    ]
    for _, result in sorted(results.items()):
        cells = (str(result.seen.get(kind, 'not run')) for kind in KINDS)
        rows.append((result.watcher, result.python, *cells, _end(result)))
    lines = ['.. list-table::', '   :header-rows: 1', '']
    for row in rows:
        lines += [
            f'   {" " if n else "*"} - {cell}'.rstrip()
            for n, cell in enumerate(row)
        ]
    return '\n'.join(lines) + '\n'


def _end(result: Result) -> str:
    if not result.why:
        return result.end
    # A test's name may hold what means something to RST.
    why = f'``{result.why}``' if result.end == FAILED else result.why
    return f'{result.end}: {why}'
