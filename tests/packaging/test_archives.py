# SPDX-License-Identifier: Apache-2.0

"""What is in the wheel and in the source archive."""

import configparser
import email
import re
import tarfile
import zipfile

from tests.packaging import base


# Until the first tag pbr counts commits.
VERSION = r'0\.1\.0(\.dev\d+)?'

# Of the repository; none of it is for an operator's Watcher.
ELSEWHERE = (
    'benchmarks',
    'demo',
    'doc',
    'minicloud',
    'releasenotes',
    'tests',
    'tools',
)


class TestArchives(base.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with zipfile.ZipFile(cls.wheel) as wheel:
            cls.names = wheel.namelist()
            [cls.info] = {
                name.split('/')[0]
                for name in cls.names
                if '.dist-info/' in name
            }
            cls.metadata = email.message_from_string(
                wheel.read(f'{cls.info}/METADATA').decode()
            )
        with tarfile.open(cls.sdist) as sdist:
            cls.sources = {name.partition('/')[2] for name in sdist.getnames()}

    def test_version(self):
        version = self.metadata['Version']
        self.assertRegex(version, f'^{VERSION}$')
        name = 'watcher_host_maintenance'
        self.assertEqual(f'{name}-{version}.tar.gz', self.sdist.name)
        self.assertEqual(f'{name}-{version}-py3-none-any.whl', self.wheel.name)

    def test_wheel_holds_the_package_alone(self):
        self.assertEqual(
            {'watcher_host_maintenance', self.info},
            {name.split('/')[0] for name in self.names},
        )

    def test_wheel_holds_the_whole_package(self):
        package = base.ROOT / 'watcher_host_maintenance'
        clone = self.work / 'clone' / package.name
        modules = {
            str(path.relative_to(clone.parent))
            for path in clone.rglob('*')
            if path.is_file()
        }
        self.assertGreater(len(modules), 50)
        self.assertEqual(
            modules,
            {
                name
                for name in self.names
                if name.startswith(package.name) and '.dist-info' not in name
            },
        )

    def test_types_are_shipped(self):
        self.assertIn('watcher_host_maintenance/py.typed', self.names)

    def test_licence_is_shipped(self):
        self.assertIn(
            'LICENSE', {name.rpartition('/')[2] for name in self.names}
        )
        self.assertIn(
            'Apache',
            self.metadata['License-Expression'] or self.metadata['License'],
        )

    def test_sources_hold_everything(self):
        top = {name.split('/')[0] for name in self.sources}
        self.assertLessEqual({*ELSEWHERE, 'LICENSE', 'README.rst'}, top)

    def test_requirements(self):
        wanted = {
            name.lower()
            for name in re.findall(
                r'^([\w.-]+)',
                (base.ROOT / 'requirements.txt').read_text(),
                re.MULTILINE,
            )
        }
        required = self.metadata.get_all('Requires-Dist')
        always = {
            re.match(r'[\w.-]+', line).group().lower()
            for line in required
            if 'extra ==' not in line
        }
        self.assertEqual(wanted, always)
        # pbr makes one of test-requirements.txt.
        self.assertEqual(
            ['cli', 'dashboard', 'test'],
            self.metadata.get_all('Provides-Extra'),
        )

    def test_entry_points(self):
        setup = configparser.ConfigParser()
        setup.read(base.ROOT / 'setup.cfg')
        with zipfile.ZipFile(self.wheel) as wheel:
            shipped = configparser.ConfigParser(delimiters='=')
            shipped.read_string(
                wheel.read(f'{self.info}/entry_points.txt').decode()
            )
        for group, lines in setup['entry_points'].items():
            self.assertEqual(
                {line.replace(' ', '') for line in lines.split('\n') if line},
                {f'{name}={value}' for name, value in shipped[group].items()},
            )
