# SPDX-License-Identifier: Apache-2.0

"""Archives that are built as a user builds them, and where they go."""

import os
import pathlib
import shutil
import sys
import tempfile
import unittest

from typing import ClassVar

from tools.compat import environments


ROOT = environments.ROOT
PROJECT = 'watcher-host-maintenance'


def temporary_directory(test: type[unittest.TestCase]) -> pathlib.Path:
    """Make a directory that goes with a test class."""
    path = pathlib.Path(tempfile.mkdtemp(prefix='packaging-'))
    test.addClassCleanup(shutil.rmtree, path)
    return path


class TestCase(unittest.TestCase):
    """A test of what is built from a fresh clone that has no tags.

    :cvar work: a directory of its own
    :cvar wheel: the wheel, built from the source archive
    :cvar sdist: the source archive, built from the clone
    """

    maxDiff = None
    work: ClassVar[pathlib.Path]
    wheel: ClassVar[pathlib.Path]
    sdist: ClassVar[pathlib.Path]

    @classmethod
    def setUpClass(cls) -> None:
        """Build both; what is not committed is not in them."""
        super().setUpClass()
        cls.work = temporary_directory(cls)
        clone, dist = cls.work / 'clone', cls.work / 'dist'
        environments.run(
            'git', 'clone', '--quiet', '--no-tags', str(ROOT), str(clone)
        )
        environments.run(
            sys.executable, '-m', 'build', '--outdir', str(dist), str(clone)
        )
        [cls.wheel] = dist.glob('*.whl')
        [cls.sdist] = dist.glob('*.tar.gz')


class Fresh:
    """An environment of a pinned Watcher, and nothing else.

    :ivar python: its interpreter
    """

    def __init__(self, directory: pathlib.Path, watcher: str) -> None:
        """Install Watcher, with the versions that the tests are pinned to."""
        constraints = directory.with_suffix('.txt')
        constraints.write_text(
            environments.without_watcher(environments.CONSTRAINTS.read_text())
        )
        self._constraints = str(constraints)
        self.python = directory / 'bin' / 'python'
        environments.run(sys.executable, '-m', 'venv', str(directory))
        self.install(f'python-watcher=={watcher}')

    def install(self, wanted: str) -> None:
        """Install a requirement, as an operator would."""
        self.pip(
            'install', '--quiet', '--constraint', self._constraints, wanted
        )

    def pip(self, *arguments: str) -> str:
        """Run pip and return what it prints."""
        return environments.run(
            str(self.python),
            '-m',
            'pip',
            '--disable-pip-version-check',
            *arguments,
        )

    def installed(self) -> set[str]:
        """Every distribution: name==version, or name @ file."""
        return set(self.pip('list', '--format', 'freeze').splitlines())


def outside(directory: pathlib.Path) -> dict[str, str]:
    """Lay out what drives a cloud, without the plugin's sources beside it.

    :returns: the environment for a program there
    """
    shutil.copytree(ROOT / 'minicloud', directory / 'minicloud')
    return {
        **os.environ,
        'PYTHONPATH': str(directory),
        'PYTHONWARNINGS': 'ignore',
    }
