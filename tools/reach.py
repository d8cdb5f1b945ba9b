# SPDX-License-Identifier: Apache-2.0

"""Measure which lines each test runs, and how long it takes."""

import dataclasses
import os
import pathlib
import pickle
import sys
import tempfile
import time
import traceback
import unittest

from collections.abc import Iterable
from collections.abc import Iterator

import coverage


# What coverage calls the lines that ran outside of any test.
_AT_IMPORT = ''


@dataclasses.dataclass(frozen=True)
class Reach:
    """What tests ran, when there was no fault.

    ``seconds`` goes from a test to its processor time; ``lines`` from a file
    to its lines, and from these to the tests that ran them.
    """

    seconds: dict[str, float]
    lines: dict[str, dict[int, list[str]]]

    def tests(self, filename: str, lines: range) -> list[str]:
        """The tests that run one of the lines, fastest first."""
        of_file = self.lines.get(filename, {})
        found = {test for line in lines for test in of_file.get(line, ())}
        if _AT_IMPORT in found:
            # What an import makes is there for every test.
            found = set(self.seconds)
        return sorted(found, key=lambda test: (self.seconds[test], test))


def measure(
    tests: Iterable[pathlib.Path], root: pathlib.Path, source: pathlib.Path
) -> Reach:
    """Run all tests of some directories, in a process of its own.

    A process of its own leaves this one without the modules under test, so
    that its later children can import them with a fault.
    """
    with tempfile.TemporaryFile() as file:
        pid = os.fork()
        if not pid:
            status = 1
            try:
                pickle.dump(_measure(tests, root, source), file)
                file.flush()
                status = 0
            except Exception:
                traceback.print_exc()
            finally:
                os._exit(status)
        _, status = os.waitpid(pid, 0)
        if status:
            sys.exit('The tests must pass before any fault is made.')
        file.seek(0)
        reached: Reach = pickle.load(file)
        return reached


def _measure(
    tests: Iterable[pathlib.Path], root: pathlib.Path, source: pathlib.Path
) -> Reach:
    cover = coverage.Coverage(
        data_file=None, config_file=False, include=[f'{source}/*']
    )
    seconds = {}
    cover.start()
    suites = [
        unittest.defaultTestLoader.discover(
            str(directory), top_level_dir=str(root)
        )
        for directory in tests
    ]
    for test in _each(unittest.TestSuite(suites)):
        cover.switch_context(test.id())
        result = unittest.TestResult()
        start = time.process_time()
        unittest.TestSuite([test]).run(result)
        seconds[test.id()] = time.process_time() - start
        for _, trace in result.errors + result.failures:
            raise RuntimeError(trace)
    cover.stop()
    data = cover.get_data()
    files = data.measured_files()
    return Reach(
        seconds, {file: data.contexts_by_lineno(file) for file in files}
    )


def _each(suite: unittest.TestSuite) -> Iterator[unittest.TestCase]:
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from _each(test)
        else:
            yield test
