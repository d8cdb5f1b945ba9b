# SPDX-License-Identifier: Apache-2.0

"""An environment of its own for each Watcher on each Python."""

import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys

from collections.abc import Iterator
from typing import NamedTuple


ROOT = pathlib.Path(__file__).resolve().parents[2]
CONSTRAINTS = ROOT / 'test-constraints.txt'

MADE_OF = (
    'requirements.txt',
    'setup.cfg',
    'test-constraints.txt',
    'test-requirements.txt',
)

#: Major number -> the version to look at.
WATCHERS = {'16': '16.0.2', '17': '17.0.0'}
PYTHONS = ('3.11', '3.12', '3.13')

#: Too old: the plugin has to say so.
OLD_WATCHER = '15.1.2'


class Failed(Exception):
    """An environment is not what it should be; the text says how."""


class Environment(NamedTuple):
    """A virtual environment.

    :ivar watcher: version of python-watcher
    :ivar python: '3.11'
    """

    watcher: str
    python: str

    @property
    def name(self) -> str:
        """Its name, as it is typed: '16-py311'."""
        major = self.watcher.partition('.')[0]
        return f'{major}-py{self.python.replace(".", "")}'

    def directory(self, work: pathlib.Path) -> pathlib.Path:
        """Where it is, below the directory of them all."""
        return work / self.name


ALL = [
    Environment(watcher, python)
    for watcher in WATCHERS.values()
    for python in PYTHONS
]
OLD = Environment(OLD_WATCHER, PYTHONS[0])


def interpreter(python: str) -> str | None:
    """Find a Python that works: pyenv leaves names that only fail."""
    for path in _candidates(f'python{python}'):
        asked = subprocess.run(
            [path, '-c', 'import ensurepip, venv'],
            capture_output=True,
            check=False,
        )
        if asked.returncode == 0:
            return path
    return None


def version(interpreter: str) -> str:
    """Ask an interpreter for its version, '3.11.7'."""
    return subprocess.check_output(
        [
            interpreter,
            '-c',
            'import platform; print(platform.python_version())',
        ],
        text=True,
    ).strip()


def _candidates(name: str) -> Iterator[str]:
    for path in (os.environ.get('PATH') or '').split(os.pathsep):
        if found := shutil.which(name, path=path):
            yield found
    pyenv = pathlib.Path(
        os.environ.get('PYENV_ROOT') or pathlib.Path.home() / '.pyenv'
    )
    yield from map(str, sorted(pyenv.glob(f'versions/*/bin/{name}')))


def make(
    environment: Environment, python: str, work: pathlib.Path
) -> pathlib.Path:
    """Install Watcher, the plugin and, unless it is too old, what tests need.

    :param python: the interpreter to make it with
    :returns: its own interpreter
    :raises Failed: something does not install, or does not fit
    """
    directory = environment.directory(work)
    own = directory / 'bin' / 'python'
    made, wanted = directory / 'made-of', made_of(environment)
    if made.exists() and made.read_text() == wanted:
        return own
    directory.mkdir(parents=True, exist_ok=True)
    if not own.exists():
        run(python, '-m', 'venv', str(directory))
    _install(environment, own)
    made.write_text(wanted)
    return own


def made_of(environment: Environment) -> str:
    """Tell what goes into an environment; it is made again for other."""
    told = hashlib.sha256(f'{environment} {ROOT}'.encode())
    for name in MADE_OF:
        told.update((ROOT / name).read_bytes())
    return told.hexdigest()


def _install(environment: Environment, own: pathlib.Path) -> None:
    constraints = own.parent.parent / 'constraints.txt'
    constraints.write_text(without_watcher(CONSTRAINTS.read_text()))
    wanted = [f'python-watcher=={environment.watcher}']
    if environment != OLD:
        wanted += [
            '-r',
            str(ROOT / 'requirements.txt'),
            '-r',
            str(ROOT / 'test-requirements.txt'),
        ]
    _pip(own, 'install', '--quiet', '--constraint', str(constraints), *wanted)
    _pip(own, 'install', '--quiet', '--no-deps', '--editable', str(ROOT))
    if environment != OLD:
        _pip(own, 'check')


def without_watcher(constraints: str) -> str:
    """Leave the version of Watcher open; all others stay pinned."""
    return re.sub(r'(?m)^python-watcher==.*\n', '', constraints)


def _pip(python: pathlib.Path, *arguments: str) -> str:
    return run(
        str(python), '-m', 'pip', '--disable-pip-version-check', *arguments
    )


def run(*command: str) -> str:
    """Run a program and return what it prints.

    :raises Failed: with the end of what it has printed
    """
    done = subprocess.run(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env={**os.environ, 'PYTHONWARNINGS': 'ignore'},
    )
    if done.returncode:
        sys.stderr.write(done.stdout)
        raise Failed(f'{" ".join(command)} ended with {done.returncode}')
    return done.stdout
