# SPDX-License-Identifier: Apache-2.0

"""Run the tests with every Watcher on every Python that is supported.

What an environment lacks is said and counts as skipped. The exit status is
not zero when something failed or nothing was run.
"""

import argparse
import datetime
import pathlib
import platform
import sys

from collections.abc import Callable

from tools import count
from tools.compat import commit
from tools.compat import environments
from tools.compat import refusal
from tools.compat import results
from tools.compat import suites


Suite = Callable[[pathlib.Path], suites.Tests]


def look(
    environment: environments.Environment, suite: Suite, work: pathlib.Path
) -> results.Result:
    """Make an environment and run tests in it."""
    python = environments.interpreter(environment.python)
    if python is None:
        return results.Result(
            environment.watcher,
            environment.python,
            results.SKIPPED,
            f'no python{environment.python}',
        )
    result = results.Result(environment.watcher, environments.version(python))
    try:
        own = environments.make(environment, python, work)
        if environment == environments.OLD:
            result.why = f'{refusal.see(own)} ({commit.state()}, {_today()})'
        else:
            result.seen = watch(suite, own)
    except environments.Failed as exc:
        result.end, result.why = results.FAILED, str(exc)
    return result


def watch(suite: Suite, python: pathlib.Path) -> dict[str, results.Seen]:
    """Run tests, and tell at once which failed and how."""
    date, before = _today(), commit.state()
    found = suite(python)
    state = commit.span(before, commit.state())
    for tests in found.values():
        for failure in count.failures(tests):
            print(failure, flush=True)
    return {
        kind: results.summed(tests, state, date)
        for kind, tests in found.items()
    }


def _today() -> str:
    return datetime.datetime.now(datetime.UTC).date().isoformat()


def _arguments() -> argparse.Namespace:
    known = {one.name: one for one in (*environments.ALL, environments.OLD)}
    parser = argparse.ArgumentParser(
        prog='tox -e compat --', description=__doc__
    )
    parser.add_argument(
        'environments',
        nargs='*',
        choices=[[], *known],
        metavar='NAME',
        help=f'default: all of {", ".join(known)}',
    )
    suite = parser.add_mutually_exclusive_group()
    suite.add_argument(
        '--contract',
        dest='suite',
        action='store_const',
        const=suites.contract,
        default=suites.unit,
        help='no other unit tests than those of the contract',
    )
    suite.add_argument(
        '--functional',
        dest='suite',
        action='store_const',
        const=suites.functional,
        help='the functional tests instead: some 15 minutes each',
    )
    parser.add_argument(
        '--work',
        type=pathlib.Path,
        default=environments.ROOT / '.tox' / 'compat',
        help='where the environments are kept',
    )
    asked = parser.parse_args()
    asked.environments = [known[name] for name in asked.environments or known]
    return asked


def tell(name: str, result: results.Result) -> None:
    """Print how it ended, why, and what each kind of tests has shown."""
    told = [
        result.end,
        result.why,
        *(f'{kind}: {one}' for kind, one in result.seen.items()),
    ]
    print(f'{name}:', '; '.join(filter(None, told)), flush=True)


def main() -> int:
    """Look at the environments asked for, and keep what was seen."""
    asked = _arguments()
    seen = {}
    for environment in asked.environments:
        result = seen[environment.name] = look(
            environment, asked.suite, asked.work
        )
        # Another run may have written meanwhile.
        kept = results.load()
        kept[environment.name] = results.merged(
            result, kept.get(environment.name)
        )
        results.save(kept)
        tell(environment.name, result)
    print(f'Python {platform.python_version()} wrote {results.TABLE}')
    ends = [result.end for result in seen.values()]
    return int(results.FAILED in ends or results.PASSED not in ends)


if __name__ == '__main__':
    sys.exit(main())
