# SPDX-License-Identifier: Apache-2.0

"""What systemd makes of the unit of the example that runs in a server."""

import pathlib
import shutil
import subprocess

import fixtures

from tests.unit import base


EXAMPLE = (
    pathlib.Path(__file__).resolve().parents[2]
    / 'doc/source/examples/maintenance-watch/maintenance_watch.py'
)
INSTALLED = f'/usr/local/sbin/{EXAMPLE.name}'


class TestUnit(base.TestCase):
    def test_systemd_takes_it(self):
        verifier = shutil.which('systemd-analyze')
        if verifier is None:
            self.skipTest('systemd is not installed')
        directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        unit = directory / 'maintenance-watch.service'
        text = EXAMPLE.with_name(unit.name).read_text()
        self.assertIn(f'ExecStart={INSTALLED}\n', text)
        unit.write_text(text.replace(INSTALLED, str(EXAMPLE)))
        done = subprocess.run(
            [verifier, 'verify', str(unit)],
            capture_output=True,
            text=True,
            check=False,
        )
        # It only warns of names that it does not know.
        self.assertEqual((0, ''), (done.returncode, done.stderr))
