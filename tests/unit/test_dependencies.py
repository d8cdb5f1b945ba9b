# SPDX-License-Identifier: Apache-2.0

"""Requirements are imported, and the documentation lists each of them."""

import ast
import configparser
import pathlib
import re
import sys

from importlib import metadata

from tests.unit import base


ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PACKAGE = ROOT / 'watcher_host_maintenance'
PAGE = (ROOT / 'doc/source/contributor/dependencies.rst').read_text()

# Imported by highspy, not by the plugin.
INDIRECT = {'numpy'}
# With its commands openstackclient loads ours.
LOADED = {'python-watcherclient'}
# Its modules, and those of what comes along with it, are not in the tests'
# environment: only the plugin of Horizon imports them.
HORIZON = {
    'django': 'horizon',
    'horizon': 'horizon',
    'openstack_auth': 'horizon',
    'openstack_dashboard': 'horizon',
}


def requirements(text):
    """Return the normalized names of the packages in a requirements file."""
    return {
        re.match(r'[\w.-]+', line).group().lower()
        for line in text.split('\n')
        if line and line[0] not in ' #'
    }


def required():
    return requirements((ROOT / 'requirements.txt').read_text())


def optional():
    setup = configparser.ConfigParser()
    setup.read(ROOT / 'setup.cfg')
    lines = (
        line.strip()
        for extra in setup['extras'].values()
        for line in extra.split('\n')
    )
    return requirements('\n'.join(lines))


def listed(title):
    """Return the first cells of the table under a title of the page."""
    part = re.split(
        r'\n.+\n={3,}\n', PAGE.partition(f'\n{title}\n')[2][len(title) :]
    )[0]
    return set(re.findall(r'^   \* - (?!Package)(.+)$', part, re.MULTILINE))


def imported():
    """Return the top-level modules that the package imports, except Python's."""
    modules = set()
    for path in PACKAGE.rglob('*.py'):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                modules |= {alias.name.split('.')[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                modules.add(node.module.split('.')[0])
    return modules - sys.stdlib_module_names - {PACKAGE.name}


class TestDependencies(base.TestCase):
    def test_what_is_required_is_listed(self):
        self.assertEqual(required() | INDIRECT, listed('Required'))

    def test_what_comes_along_is_listed(self):
        # tests/packaging verifies it.
        self.assertEqual(
            ['highspy', 'numpy', 'python-novaclient'],
            re.findall(
                r'   \* - (.+)\n     - .+\n     - (?:nothing|highspy)\n', PAGE
            ),
        )

    def test_what_is_optional_is_listed(self):
        self.assertEqual(optional(), listed('Optional'))

    def test_imports_are_required(self):
        # The working tree may be a distribution, too.
        owners = metadata.packages_distributions()
        distributions = {
            HORIZON.get(module) or owners[module][0].lower()
            for module in imported()
        }
        self.assertEqual((required() | optional()) - LOADED, distributions)
