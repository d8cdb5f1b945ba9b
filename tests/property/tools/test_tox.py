# SPDX-License-Identifier: Apache-2.0

"""``tools/tox`` on machines that this one is not."""

import os
import pathlib
import shlex
import shutil
import subprocess
import sys

import ddt
import fixtures

from tests.unit import base


_SCRIPT = pathlib.Path(__file__).resolve().parents[3] / 'tools' / 'tox'

#: An interpreter of some version; it makes virtual environments of itself.
_PYTHON = """#!/bin/sh
case "$1 $2" in
    -c*) exec {real} -IS -c "import sys
sys.version_info = {version}
sys.modules.update({hidden})
$2" ;;
    '-m venv') mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
    '-m pip') exit {pip} ;;
    '-m tox') shift 2; echo "tox by {version}: $*" ;;
esac
"""
_NEEDED = 'Python 3.11, 3.12 or 3.13 is needed, and none was found'


@ddt.ddt
class TestTox(base.TestCase):
    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.programs = self.directory / 'bin'
        self.programs.mkdir()
        for name in ('cp', 'dirname', 'git', 'mkdir', 'rm'):
            (self.programs / name).symlink_to(shutil.which(name))
        self.script = self.directory / 'a clone' / 'tools' / 'tox'
        self.script.parent.mkdir(parents=True)
        shutil.copy(_SCRIPT, self.script)

    @ddt.named_data(
        # name, program -> minor version, minor version that tox is run by
        ('python3',        {'python3': 11},                    11),
        ('newest',         {'python3': 13},                    13),
        ('too_new_beside', {'python3': 14, 'python3.13': 13},  13),
        ('too_old_beside', {'python3': 10, 'python3.11': 11},  11),
        ('first_found',    {'python3': 12, 'python3.13': 13},  12),
    )  # fmt: skip
    @ddt.unpack
    def test_python(self, installed, minor):
        for name, each in installed.items():
            self.install(name, each)
        self.assertEqual(
            (0, f'tox by (3, {minor}): -e unit\n', ''), self.run_tox()
        )

    @ddt.named_data(
        # name, program -> minor version
        ('none', {}),
        ('too_old', {'python3': 10}),
        ('too_new', {'python3': 14}),
    )
    def test_no_python(self, installed):
        for name, each in installed.items():
            self.install(name, each)
        self.assert_refused(_NEEDED)

    def test_environment_of_another_python(self):
        self.install('python3.13', 13)
        self.run_tox()
        made = self.directory / 'a clone/.tox/.bootstrap/bin/python'
        made.write_text(made.read_text().replace('(3, 13)', '(3, 14)'))
        self.assertEqual((0, 'tox by (3, 13): -e unit\n', ''), self.run_tox())

    def test_no_network(self):
        self.install('python3', 11, pip=1)
        self.assert_refused('pip could not install tox')

    def test_no_venv(self):
        self.install('python3', 11, hidden={'ensurepip': None})
        self.assert_refused('sudo apt-get install python3.11-venv')

    def test_no_venv_with_apt(self):
        self.install('python3', 11, hidden={'ensurepip': None})
        apt = self.programs / 'apt-get'
        apt.write_text('#!/bin/sh\necho "$*" >> apt\n')
        apt.chmod(0o755)
        if os.geteuid():
            self.assert_refused('sudo apt-get install python3.11-venv')
            return
        status, printed, told = self.run_tox()
        self.assertEqual((0, 'tox by (3, 11): -e unit\n'), (status, printed))
        self.assertIn('Installing python3.11-venv', told)
        self.assertEqual(
            'update -qq\ninstall -qq -y python3.11-venv\n',
            (self.script.parents[1] / 'apt').read_text(),
        )

    def install(self, name, minor, pip=0, hidden=None):
        program = self.programs / name
        program.write_text(
            _PYTHON.format(
                real=shlex.quote(sys.executable),
                version=(3, minor),
                pip=pip,
                hidden=hidden or {},
            )
        )
        program.chmod(0o755)

    def run_tox(self):
        done = subprocess.run(
            [self.script, '-e', 'unit'],
            capture_output=True,
            text=True,
            check=False,
            env={'PATH': str(self.programs)},
        )
        return done.returncode, done.stdout, done.stderr

    def assert_refused(self, words):
        status, printed, complaint = self.run_tox()
        self.assertEqual((1, ''), (status, printed))
        self.assertIn(words, complaint)
