# SPDX-License-Identifier: Apache-2.0

"""Which room of the package may import which.

A room is a folder. It imports rooms that stand before it in the order, and
nothing that its rules forbid.
"""

import ast

import ddt

from tests.unit import base
from tests.unit.sources import PACKAGE
from tests.unit.sources import SOURCES
from tests.unit.sources import imports
from tests.unit.sources import room


ORDER = (
    'core.model',
    'core.packing',
    'core.rules',
    'core.planning',
    'core.advice',
    'core.telling',
    'core.scheduling',
    'core.checking',
    'core',
    'core.rolling',
    'cloud',
    'cloud.reading',
    '',
    'request',
    'client',
    'osc',
    'dashboard.enabled',
    'dashboard',
    'dashboard.owners',
    'plugin',
    'plugin.request',
    'plugin.watcher',
    'plugin.actions.emptiness',
    'plugin.actions',
)
"""Every room; each imports only itself and those before it.

The root of the package, '', holds its translations.
"""

FORBIDDEN = {
    'core': (f'{PACKAGE}.plugin', 'watcher'),
    'cloud': (f'{PACKAGE}.plugin', 'watcher', 'oslo_config'),
    'client': (f'{PACKAGE}.plugin', 'watcher'),
    'osc': (f'{PACKAGE}.plugin', 'watcher'),
    'request': (f'{PACKAGE}.plugin', 'watcher'),
    'dashboard': (f'{PACKAGE}.plugin', 'watcher'),
    '': (f'{PACKAGE}.plugin', 'watcher'),
}
"""Top room -> what no module in it imports: the plugin alone may."""


def room_of_import(name):
    """Return the room that an import leads to; None when it is not ours."""
    if name != PACKAGE and not name.startswith(f'{PACKAGE}.'):
        return None
    return room(f'{name}.__init__' if f'{name}.__init__' in SOURCES else name)


def arrows_up(name, source):
    """Return the rooms that a module imports and may not by the order."""
    own = ORDER.index(room(name))
    return [
        found
        for found in map(room_of_import, imports(source))
        if found is not None and ORDER.index(found) > own
    ]


def forbidden(name, source):
    """Return the imports that the rules of a module's room forbid."""
    top = room(name).partition('.')[0]
    return [
        found
        for found in imports(source)
        for prefix in FORBIDDEN.get(top, ())
        if f'{found}.'.startswith(f'{prefix}.')
    ]


LOGS = f'{PACKAGE}.cloud.logs'
"""The one module that may log: it cleans what others wrote."""


def uses_of_conf(source):
    """Return the lines that read global configuration."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        for name in (getattr(node, 'id', ''), getattr(node, 'attr', ''))
        if name in ('CONF', 'cfg') or name.endswith('_from_conf_options')
    ]


@ddt.ddt
class TestRules(base.TestCase):
    @ddt.named_data(
        # name, module, source, rooms above, forbidden imports
        ('down',      'cloud.nova',
         f'from {PACKAGE}.core.model.reasons import Finding', [], []),
        ('aside',     'cloud.nova',
         f'from {PACKAGE}.cloud import records', [], []),
        ('up',        'core.model.plan',
         f'from {PACKAGE}.core.rules import roles', ['core.rules'], []),
        ('door',      'core.rules.roles',
         f'from {PACKAGE}.core import drain', ['core'], []),
        ('late',      'cloud.nova',
         f'def f():\n    import {PACKAGE}.plugin.names', ['plugin'],
         [f'{PACKAGE}.plugin.names']),
        ('watcher',   'cloud.reading.collect', 'from watcher import conf',
         [], ['watcher']),
        ('within',    'core.drain', 'import watcher.objects',
         [], ['watcher.objects']),
        ('alike',     'osc.check', 'import watcherclient', [], []),
        ('client',    'client.check', 'from watcher.common import utils',
         [], ['watcher.common']),
        ('osc',       'osc.check',
         f'from {PACKAGE}.plugin.request import options',
         ['plugin.request'], [f'{PACKAGE}.plugin.request.options']),
        ('dashboard', 'dashboard.tabs', f'from {PACKAGE}.plugin import names',
         ['plugin'], [f'{PACKAGE}.plugin.names']),
        ('plugin',    'plugin.watcher.audit',
         f'from watcher import conf\nfrom {PACKAGE}.cloud import nova',
         [], []),
        ('root',      '_i18n', 'import watcher', [], ['watcher']),
    )  # fmt: skip
    @ddt.unpack
    def test_bite(self, module, source, above, not_allowed):
        name = f'{PACKAGE}.{module}'
        self.assertEqual(above, arrows_up(name, source))
        self.assertEqual(not_allowed, forbidden(name, source))

    @ddt.named_data(
        ('name', 'CONF.nova', [1]),
        ('attribute', 'from watcher import conf\nconf.CONF.nova', [2]),
        ('oslo', 'cfg.CONF', [1, 1]),
        ('keystoneauth', 'loading.load_auth_from_conf_options(c, g)', [1]),
        ('given', 'settings.timeout_s', []),
    )
    @ddt.unpack
    def test_conf_is_seen(self, source, lines):
        self.assertEqual(lines, uses_of_conf(source))


@ddt.ddt
class TestRooms(base.TestCase):
    def test_are_all_in_the_order(self):
        self.assertEqual(set(), set(map(room, SOURCES)) - set(ORDER))

    @ddt.data(*SOURCES)
    def test_import_no_room_above(self, name):
        self.assertEqual([], arrows_up(name, SOURCES[name]))

    @ddt.data(*SOURCES)
    def test_import_nothing_forbidden(self, name):
        self.assertEqual([], forbidden(name, SOURCES[name]))

    @ddt.data(*SOURCES)
    def test_import_by_whole_names(self, name):
        relative = [
            found
            for found in imports(SOURCES[name])
            if found.startswith('relative:')
        ]
        self.assertEqual([], relative)

    @ddt.data(*(name for name in SOURCES if name != LOGS))
    def test_log_by_one_module_alone(self, name):
        logging = {'logging', 'oslo_log', 'oslo_log.log'}
        self.assertEqual(set(), logging.intersection(imports(SOURCES[name])))

    @ddt.data(*(name for name in SOURCES if room(name).startswith('cloud')))
    def test_cloud_reads_no_global_configuration(self, name):
        self.assertEqual([], uses_of_conf(SOURCES[name]))
