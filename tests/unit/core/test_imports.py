# SPDX-License-Identifier: Apache-2.0


"""The core is pure, and its checker knows nothing of its planner."""

import ast
import sys

import ddt

from tests.unit import base
from tests.unit.sources import SOURCES
from tests.unit.sources import imports
from watcher_host_maintenance.core.rules import hosting


PACKAGE = 'watcher_host_maintenance.core'

# Dotted name below the package -> text, of what is in its folders too.
MODULES = {
    name.removeprefix(f'{PACKAGE}.'): source
    for name, source in SOURCES.items()
    if name.startswith(f'{PACKAGE}.')
}

# With these the same input would not give the same plan everywhere, or a
# plan would do something.
IMPURE = frozenset(
    {
        'asyncio',
        'concurrent',
        'ctypes',
        'datetime',
        'fcntl',
        'getpass',
        'gettext',
        'glob',
        'http',
        'importlib',
        'io',
        'locale',
        'logging',
        'multiprocessing',
        'os',
        'pathlib',
        'pickle',
        'platform',
        'pwd',
        'random',
        'resource',
        'secrets',
        'select',
        'shutil',
        'signal',
        'socket',
        'ssl',
        'subprocess',
        'sys',
        'tempfile',
        'threading',
        'time',
        'urllib',
        'uuid',
        'warnings',
        'zoneinfo',
    }
)

# Built in, so that no import tells of them.
IMPURE_NAMES = frozenset(
    {'__import__', 'exec', 'eval', 'hash', 'id', 'input', 'open', 'print'}
)

# One module alone knows HiGHS.
LIBRARIES = {'packing.program': frozenset({'highspy'})}

# One module loads others of its own folder, by a table of their names; one
# writes times in UTC.
ALLOWED = {
    'model.times': frozenset({'datetime'}),
    'rules.hosting': frozenset({'importlib'}),
}

# Methods of datetime that look at the clock, or at the local zone.
CLOCKS = frozenset({'astimezone', 'now', 'today', 'utcnow'})


def inner(name: str) -> set[str]:
    """The modules of core that a module of core imports."""
    return {
        found.removeprefix(f'{PACKAGE}.')
        for found in imports(MODULES[name])
        if found.startswith(f'{PACKAGE}.')
    }


def modules_of(room: str) -> list[str]:
    """Return the modules of a room."""
    return [name for name in MODULES if name.startswith(f'{room}.')]


MODEL = modules_of('model')
CHECKING = modules_of('checking')
OTHERS = [name for name in MODULES if name not in CHECKING]


@ddt.ddt
class TestImports(base.TestCase):
    @ddt.named_data(
        ('module', 'import os.path', ['os.path']),
        ('names', 'import os, time', ['os', 'time']),
        ('from', 'from os import path', ['os']),
        ('late', 'def f():\n    import time', ['time']),
        ('relative', 'from . import drain', ['relative: None']),
        ('ours', f'from {PACKAGE} import drain', [f'{PACKAGE}.drain']),
        ('deep', f'from {PACKAGE}.drain import a', [f'{PACKAGE}.drain']),
        (
            'folder',
            f'from {PACKAGE}.rules import room',
            [f'{PACKAGE}.rules.room'],
        ),
        (
            'in_folder',
            f'from {PACKAGE}.rules.room import a',
            [f'{PACKAGE}.rules.room'],
        ),
    )
    @ddt.unpack
    def test_are_found(self, source, expected):
        self.assertEqual(expected, list(imports(source)))


@ddt.ddt
class TestCore(base.TestCase):
    def test_folders_are_looked_into(self):
        self.assertIn('rules.room', MODULES)
        self.assertIn('rules.room', inner('rules.hosting'))

    @ddt.data(*MODULES)
    def test_imports_the_standard_library_and_itself(self, name):
        outside = {
            found
            for found in imports(MODULES[name])
            if found.split('.')[0] not in sys.stdlib_module_names
            and not found.startswith(f'{PACKAGE}.')
        }
        self.assertEqual(set(), outside - LIBRARIES.get(name, set()))

    @ddt.data(*MODULES)
    def test_does_not_look_around(self, name):
        found = {found.split('.')[0] for found in imports(MODULES[name])}
        self.assertEqual(set(), found & IMPURE - ALLOWED.get(name, set()))

    def test_loads_rules_only(self):
        self.assertEqual(
            set(), {f'rules.{name}' for name in hosting.MODULES} - {*MODULES}
        )

    @ddt.data(*MODULES)
    def test_uses_nothing_that_differs_between_runs(self, name):
        used = {
            node.id
            for node in ast.walk(ast.parse(MODULES[name]))
            if isinstance(node, ast.Name)
        }
        self.assertEqual(set(), used & IMPURE_NAMES)

    @ddt.data(*MODULES)
    def test_looks_at_no_clock(self, name):
        used = {
            node.attr
            for node in ast.walk(ast.parse(MODULES[name]))
            if isinstance(node, ast.Attribute)
        }
        self.assertEqual(set(), used & CLOCKS)


@ddt.ddt
class TestChecking(base.TestCase):
    def test_is_there(self):
        self.assertIn('checking.check', CHECKING)
        self.assertIn('model.snapshot', MODEL)
        for name in ('planning.placing', 'advice.remedies', 'packing.solve'):
            self.assertIn(name, OTHERS)

    @ddt.data(*CHECKING)
    def test_shares_only_the_model_with_the_planner(self, name):
        self.assertEqual(set(), inner(name) - {*MODEL, *CHECKING})

    @ddt.data(*MODEL)
    def test_model_imports_no_other_room(self, name):
        self.assertEqual(set(), inner(name) - set(MODEL))

    @ddt.data(*OTHERS)
    def test_is_not_used_by_the_planner(self, name):
        self.assertEqual(set(), inner(name) & set(CHECKING))
