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

"""Run the tests with every Watcher on every Python that is supported.

What an environment lacks is said and counts as skipped. The exit status is
not zero when something failed or nothing was run.
"""

import argparse
import pathlib
import platform
import subprocess
import sys

from collections.abc import Callable

from tools.compat import environments
from tools.compat import results
from tools.compat import suites
from watcher_host_maintenance.plugin import names


Suite = Callable[[pathlib.Path], dict[str, suites.Counts]]


def look(environment: environments.Environment, suite: Suite,
         work: pathlib.Path) -> results.Result:
    """Make an environment and run tests in it."""
    python = environments.interpreter(environment.python)
    seen = results.Result(environment.watcher, environment.python,
                          results.SKIPPED, f'no python{environment.python}')
    if python is None:
        return seen
    seen.python = subprocess.check_output(
        [python, '-c', 'import platform; print(platform.python_version())'],
        text=True).strip()
    seen.end, seen.why = results.PASSED, ''
    try:
        own = environments.make(environment, python, work)
        if environment == environments.OLD:
            seen.why = refusal(own)
            return seen
        seen.counts = suite(own)
    except environments.Failed as exc:
        seen.end, seen.why = results.FAILED, str(exc)
    if any(not passed or failed
           for passed, failed, _skipped in seen.counts.values()):
        seen.end = results.FAILED
    return seen


def with_earlier(result: results.Result,
                 before: results.Result | None) -> results.Result:
    """Add what was not run now and was seen earlier, good or bad."""
    if before is None or result.end != results.PASSED:
        return result
    result.counts = {**before.counts, **result.counts}
    if any(failed for _passed, failed, _skipped in result.counts.values()):
        result.end = results.FAILED
    return result


def refusal(python: pathlib.Path) -> str:
    """See that a Watcher that is too old is told so, and loads nothing.

    :raises environments.Failed: it does load something, or is told nothing
    """
    said = suites.names_loaded(python).splitlines()
    told = [line for line in said if 'needs python-watcher' in line]
    if len(told) != 2:
        raise environments.Failed(f'not told once per name: {told}')
    listed = ' '.join(set(said) - set(told)).split()
    if {names.GOAL, names.STRATEGY} & set(listed):
        raise environments.Failed('the plugin was loaded')
    return 'refused in one line, as it should be'


def _arguments() -> argparse.Namespace:
    known = {one.name: one for one in (*environments.ALL, environments.OLD)}
    parser = argparse.ArgumentParser(
        prog='tox -e compat --', description=__doc__)
    parser.add_argument(
        'environments', nargs='*', choices=[[], *known], metavar='NAME',
        help=f'default: all of {", ".join(known)}')
    suite = parser.add_mutually_exclusive_group()
    suite.add_argument(
        '--contract', dest='suite', action='store_const',
        const=suites.contract, default=suites.unit,
        help='no other unit tests than those of the contract')
    suite.add_argument(
        '--functional', dest='suite', action='store_const',
        const=suites.functional,
        help='the functional tests instead: some 15 minutes each')
    parser.add_argument(
        '--work', type=pathlib.Path, default=environments.ROOT / '.tox'
        / 'compat', help='where the environments are kept')
    asked = parser.parse_args()
    asked.environments = [
        known[name] for name in asked.environments or known]
    return asked


def main() -> int:
    """Look at the environments asked for, and keep what was seen."""
    asked = _arguments()
    seen = {}
    for environment in asked.environments:
        result = seen[environment.name] = look(
            environment, asked.suite, asked.work)
        # Another run may have written meanwhile.
        kept = results.load()
        kept[environment.name] = with_earlier(
            result, kept.get(environment.name))
        results.save(kept)
        counted = '; '.join(f'{kind}: {results.said(tests)}' for kind, tests
                            in result.counts.items())
        print(f'{environment.name}: {result.end} {result.why or counted}',
              flush=True)
    print(f'Python {platform.python_version()} wrote {results.TABLE}')
    ends = [result.end for result in seen.values()]
    return int(results.FAILED in ends or results.PASSED not in ends)


if __name__ == '__main__':
    sys.exit(main())
