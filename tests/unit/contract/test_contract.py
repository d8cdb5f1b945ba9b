# SPDX-License-Identifier: Apache-2.0

"""The Watcher that is installed has what we take from it.

This module imports nothing of ours that imports Watcher: when a release
renames something, one test here says so in one line.
"""

import pathlib

from importlib import metadata
from unittest import mock

import ddt

from watcher import objects

from tests.unit import base
from tests.unit.contract import checks
from tests.unit.contract import reached
from tests.unit.contract import rows
from tests.unit.contract import uses


ROOT = pathlib.Path(__file__).resolve().parents[3]
PACKAGE = ROOT / 'watcher_host_maintenance'
SOURCES = {
    str(path.relative_to(ROOT)): path.read_text()
    for path in sorted(PACKAGE.rglob('*.py'))
}
RIM = {
    name: source
    for name, source in SOURCES.items()
    if name.startswith((f'{PACKAGE.name}/plugin/', f'{PACKAGE.name}/request/'))
}
USED = uses.uses(SOURCES)
WATCHER = f'python-watcher {metadata.version("python-watcher")}'


def setUpModule():
    # As each of Watcher's services does first.
    objects.register_all()


@ddt.ddt
class TestUses(base.TestCase):
    @ddt.named_data(
        # name, source, what is found
        (
            'attribute',
            'from watcher.common import utils\nutils.a()',
            ['watcher.common.utils.a'],
        ),
        (
            'itself',
            'from watcher.common.utils import a\na()',
            ['watcher.common.utils.a'],
        ),
        (
            'renamed',
            'from watcher import conf as c\nc.CONF.nova.x',
            ['watcher.conf.CONF.nova.x'],
        ),
        (
            'assigned',
            'from watcher import conf\nC = conf.CONF\nC.nova',
            ['watcher.conf.CONF.nova'],
        ),
        (
            'module',
            'import watcher.objects\nwatcher.objects.Audit',
            ['watcher.objects.Audit'],
        ),
        (
            'late',
            'def f():\n    from watcher import objects',
            ['watcher.objects'],
        ),
        ('ours', 'from watcher_host_maintenance import version', []),
    )
    @ddt.unpack
    def test_are_found(self, source, expected):
        found = uses.uses({'a.py': source})
        self.assertEqual(
            expected, [name for name in found if name != 'watcher']
        )

    def test_places(self):
        source = 'from watcher.common import utils'
        self.assertEqual(
            {'watcher.common.utils': ['a.py', 'b.py']},
            uses.uses({'b.py': source, 'a.py': source}),
        )


@ddt.ddt
class TestReached(base.TestCase):
    @ddt.named_data(
        # name, source, what is found
        ('handed',   'def f(given):\n    return given.lock', ['lock']),
        ('asked',    'def f(given):\n    return getattr(given, "lock", 0)',
         ['lock']),
        ('chain',    'def f(given):\n    return given.a.b()', ['a', 'b']),
        ('left',     'class A:\n    def f(self):\n        self._planner = 1',
         ['_planner']),
        ('own',      'class A:\n    def f(self):\n        self.a = 1\n'
                     '        return self.a', []),
        ('field',    'class A:\n    a: int\ndef f(given):\n    given.a', []),
        ('method',   'class A:\n    def a(self): ...\n'
                     'def f(given):\n    given.a()', []),
        ('python',   'def f(given):\n    return given.items()', []),
        ('imported', 'import os\nos.path.join', []),
        ('used',     'from watcher import conf\nC = conf.CONF\nC.nova', []),
    )  # fmt: skip
    @ddt.unpack
    def test_are_found(self, source, expected):
        sources = {'a.py': source}
        self.assertEqual(expected, list(reached.reached(sources, sources)))


@ddt.ddt
class TestContract(base.TestCase):
    def test_every_use_has_a_row(self):
        self.assertEqual(
            [],
            sorted(set(USED) - set(rows.IMPORTED)),
            'Name them in IMPORTED of tests/unit/contract/rows.py.',
        )

    def test_every_row_is_used(self):
        self.assertEqual(
            [],
            [
                row
                for row in rows.IMPORTED
                if not any(f'{used}.'.startswith(f'{row}.') for used in USED)
            ],
        )

    def test_what_is_reached_has_a_row(self):
        found = reached.reached(RIM, SOURCES)
        others = {name for names in rows.OTHERS.values() for name in names}
        told = checks.named({**rows.IMPORTED, **rows.REACHED}) | others
        self.assertEqual(
            {},
            {name: files for name, files in found.items() if name not in told},
            'Name it in REACHED or OTHERS of tests/unit/contract/rows.py.',
        )

    def test_every_other_is_reached(self):
        # Also when the package has something of that name.
        found = reached.reached(RIM, {})
        self.assertEqual(
            [],
            [
                name
                for names in rows.OTHERS.values()
                for name in names
                if name not in found
            ],
        )

    @ddt.data(*sorted({**rows.IMPORTED, **rows.REACHED}))
    def test_holds(self, name):
        wanted = {**rows.IMPORTED, **rows.REACHED}[name]
        where = ', '.join(USED.get(name, ['through an object of Watcher']))
        self.assertEqual(
            [],
            [
                f'{WATCHER}: {problem}; used in {where}'
                for problem in checks.problems(name, wanted)
            ],
        )

    @ddt.data(*sorted(rows.GROUPS))
    def test_entry_point_group(self, group):
        entries = metadata.entry_points(group=group)
        self.assertIn(rows.GROUPS[group], entries.names)

    def test_placement_is_reached(self):
        # Watcher 17 has options for it, Watcher 16 a client.
        found = [
            name
            for name in (
                'watcher.conf.CONF.placement.service_type',
                'watcher.common.clients.OpenStackClients.placement',
            )
            if not checks.problems(name, ())
        ]
        self.assertEqual(1, len(found), found)


@ddt.ddt
class TestProblems(base.TestCase):
    """What a release that changes something would be told with."""

    def test_missing_name(self):
        utils = checks.find('watcher.common.utils')
        with mock.patch.object(utils, 'generate_uuid'):
            del utils.generate_uuid
            self.assertEqual(
                ['watcher.common.utils has no generate_uuid'],
                checks.problems('watcher.common.utils.generate_uuid', ()),
            )

    def test_missing_module(self):
        self.assertEqual(
            ['watcher.common has no tools'],
            checks.problems('watcher.common.tools.generate_uuid', ()),
        )

    @ddt.named_data(
        # name, what is looked at, check, the rest of the line
        (
            'parent',
            'builtins.ValueError',
            checks.is_a('builtins.KeyError'),
            'is no builtins.KeyError',
        ),
        ('value', 'os.sep', checks.is_equal('|'), "is '/', not '|'"),
        (
            'argument',
            'os.path.join',
            checks.is_called(),
            "cannot be called as it is: missing a required argument: 'a'",
        ),
        ('property', 'os.path.join', checks.is_property, 'is no property'),
        (
            'method',
            'collections.abc.Sized',
            checks.leaves_to_us(),
            'leaves __len__ to us',
        ),
        ('setter', 'pathlib.Path.name', checks.is_set, 'cannot be set'),
        (
            'attribute',
            'threading.Thread',
            checks.holds('name', 'colour', made_with=()),
            "holds no ['colour']",
        ),
        (
            'field',
            'watcher.objects.audit.Audit',
            checks.has_fields('colour'),
            "has no field ['colour']",
        ),
        (
            'parameter',
            'watcher.applier.actions.stop.Stop',
            checks.takes_parameters({}),
            "refuses: 'resource_id' is a required property",
        ),
    )
    @ddt.unpack
    def test_line(self, name, check, expected):
        self.assertEqual(
            [f'{name} {expected}'], checks.problems(name, (check,))
        )
