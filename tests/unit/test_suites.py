# SPDX-License-Identifier: Apache-2.0

"""Unit tests are what one runs while working: they take no time.

What draws examples or starts other programs is in tests/property.
"""

import ast
import pathlib

from tests.unit import base


ROOT = pathlib.Path(__file__).parent
SLOW = frozenset({'hypothesis', 'subprocess'})
# It asks git for the names of all files, in milliseconds.
QUICK = ('test_licence.py',)


def imports(source):
    """The first part of each name that a module imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split('.')[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or '').split('.')[0]


class TestSuites(base.TestCase):
    def test_imports_are_found(self):
        source = 'import a.b\ndef f():\n    from c.d import e\n'
        self.assertEqual(['a', 'c'], list(imports(source)))

    def test_none_is_a_property(self):
        paths = [p for p in ROOT.rglob('test_*.py') if p.name not in QUICK]
        self.assertGreater(len(paths), 100)
        self.assertEqual(
            [],
            [
                str(path.relative_to(ROOT))
                for path in paths
                if SLOW.intersection(imports(path.read_text()))
            ],
        )
