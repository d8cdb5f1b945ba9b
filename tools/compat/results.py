# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""What was seen in each environment, and the table of it."""

import dataclasses
import json

from collections.abc import Mapping

from tools.compat import environments


PASSED, FAILED, SKIPPED = 'passed', 'failed', 'skipped'

KINDS = ('contract', 'unit', 'functional')

RESULTS = environments.ROOT / 'tools' / 'compat' / 'results.json'
TABLE = environments.ROOT / 'doc' / 'source' / 'releases-results.txt'


@dataclasses.dataclass
class Result:
    """What was seen in one environment.

    :ivar watcher: version of python-watcher
    :ivar python: version of the interpreter; without its last number when
        there is none
    :ivar end: :data:`PASSED`, :data:`FAILED` or :data:`SKIPPED`
    :ivar why: of what is not passed, in a line
    :ivar counts: :data:`KINDS` -> number of tests passed, failed, skipped;
        those that were run
    """

    watcher: str
    python: str
    end: str
    why: str = ''
    counts: Mapping[str, tuple[int, int, int]] = dataclasses.field(
        default_factory=dict)


def load() -> dict[str, Result]:
    """Read what earlier runs have seen: name of an environment -> result."""
    if not RESULTS.exists():
        return {}
    return {name: Result(**fields) for name, fields
            in json.loads(RESULTS.read_text()).items()}


def save(results: Mapping[str, Result]) -> None:
    """Write the results and their table."""
    plain = {name: dataclasses.asdict(result)
             for name, result in results.items()}
    RESULTS.write_text(json.dumps(plain, indent=1, sort_keys=True) + '\n')
    TABLE.write_text(table(results))


def table(results: Mapping[str, Result]) -> str:
    """Lay the results out for the documentation."""
    rows = [('python-watcher', 'Python', 'Contract', 'Unit', 'Functional',
             'Result of what was run')]
    for _, result in sorted(results.items()):
        counts = (said(result.counts.get(kind)) for kind in KINDS)
        end = f'{result.end}: {result.why}' if result.why else result.end
        rows.append((result.watcher, result.python, *counts, end))
    lines = ['.. list-table::', '   :header-rows: 1', '']
    for row in rows:
        lines += [f'   {" " if n else "*"} - {cell}'.rstrip()
                  for n, cell in enumerate(row)]
    return '\n'.join(lines) + '\n'


def said(counts: tuple[int, int, int] | None) -> str:
    """Say how many tests passed, and how many did not."""
    if counts is None:
        return 'not run'
    passed, failed, skipped = counts
    said = [f'{passed} passed']
    said += [f'{failed} failed'] * bool(failed)
    said += [f'{skipped} skipped'] * bool(skipped)
    return ', '.join(said)
