# SPDX-License-Identifier: Apache-2.0

"""Every file that holds code has the licence on top."""

import pathlib
import subprocess

from tests.unit import base


ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LICENCE = 'SPDX-License-Identifier: Apache-2.0'
HEADERS = {
    '.html': f'{{# {LICENCE} #}}',
    '.js': f'// {LICENCE}',
    '.scss': f'// {LICENCE}',
}
HEADER = f'# {LICENCE}'

# Data and prose; the licence of the whole covers them.
WITHOUT = {
    '.cfg',
    '.conf',
    '.csv',
    '.ini',
    '.json',
    '.mo',
    '.png',
    '.rst',
    '.sample',
    '.svg',
    '.toml',
    '.txt',
    '.typed',
    '.yaml',
}


def files():
    """What git knows; everything that is not hidden where there is no git."""
    try:
        known = subprocess.check_output(
            ['git', 'ls-files'], cwd=ROOT, text=True, stderr=subprocess.DEVNULL
        ).splitlines()
    except (OSError, subprocess.CalledProcessError):
        known = [
            str(path.relative_to(ROOT))
            for path in ROOT.rglob('*.py')
            if not any(part[0] == '.' for part in path.parts[1:])
        ]
    return [ROOT / name for name in known if (ROOT / name).is_file()]


class TestLicence(base.TestCase):
    def test_headers(self):
        code = [
            path
            for path in files()
            if path.stat().st_size
            and path.suffix not in WITHOUT
            and not path.name.startswith('.')
            and path.name != 'LICENSE'
        ]
        self.assertGreater(len(code), 100)
        self.assertEqual(
            [],
            [
                str(path.relative_to(ROOT))
                for path in code
                if HEADERS.get(path.suffix, HEADER)
                not in path.read_text()[:200]
            ],
        )

    def test_licence_is_there(self):
        text = (ROOT / 'LICENSE').read_text()
        self.assertIn('Apache License', text)
        self.assertIn('Version 2.0', text)
