# SPDX-License-Identifier: Apache-2.0

"""``wait_for`` of the documentation, with each answer that it can get."""

import pathlib
import subprocess
import tempfile

import ddt

from tests.functional import typed
from tests.unit import base


#: Says one state after the other, then that it has none; and a message.
OPENSTACK = """#!/bin/bash
[[ $* == *'Status Message' ]] && { echo 'because'; exit; }
read -r state < states || exit 1
echo $state
sed -i 1d states
"""


@ddt.ddt
class TestWaitFor(base.TestCase):
    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(
            self.enterContext(tempfile.TemporaryDirectory())
        )
        self.script('openstack', OPENSTACK)
        self.script('sleep', '#!/bin/bash\n')

    def script(self, name, text):
        path = self.directory / name
        path.write_text(text)
        path.chmod(0o755)

    @ddt.named_data(
        # name, what is typed, states, exit status, printed
        ('succeeded',  'audit x', 'PENDING SUCCEEDED', 0, 'SUCCEEDED\n'),
        ('failed',     'audit x', 'ONGOING FAILED', 1, 'FAILED because\n'),
        ('cancelled',  'actionplan x', 'CANCELLING CANCELLED', 1,
         'CANCELLED because\n'),
        ('superseded', 'actionplan x', 'RECOMMENDED SUPERSEDED', 1,
         'SUPERSEDED because\n'),
        ('unknown',    'audit x', '', 1, ''),
        ('deleted',    'actionplan x', 'RECOMMENDED', 1, ''),
        ('no_id',      'actionplan $(true)', 'SUCCEEDED', 1, ''),
    )  # fmt: skip
    @ddt.unpack
    def test_end(self, what, states, status, printed):
        (self.directory / 'states').write_text(
            ''.join(f'{state}\n' for state in states.split())
        )
        [functions] = typed.blocks(
            typed.section('cli/optimize.rst', 'openstack optimize')
        )
        done = subprocess.run(
            ['/bin/bash', '-c', f'{functions}\nwait_for {what}'],
            cwd=self.directory,
            env={'PATH': f'{self.directory}:/usr/bin:/bin'},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        self.assertEqual((status, printed), (done.returncode, done.stdout))
