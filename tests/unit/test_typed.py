# SPDX-License-Identifier: Apache-2.0

"""How commands are found in the documentation."""

from tests.functional import typed
from tests.unit import base


PAGE = """
.. code-block:: console

   $ one --with \\
       more
   $ two

Words.

.. code-block:: yaml
   :caption: some.yaml

   - compute:
     - rule

.. code-block:: console

   $ three
"""


class TestTyped(base.TestCase):
    def test_blocks(self):
        self.assertEqual(
            ['one --with \\\n    more\ntwo', 'three'], typed.blocks(PAGE)
        )

    def test_other_languages(self):
        self.assertEqual(['- compute:\n  - rule'], typed.blocks(PAGE, 'yaml'))

    def test_files(self):
        self.assertEqual(
            {'some.yaml': '- compute:\n  - rule\n'}, typed.files(PAGE)
        )

    def test_section(self):
        self.assertIn(
            'rack-1.yaml',
            typed.section('cli/optimize.rst', 'Keep servers in the rack'),
        )

    def test_no_such_section(self):
        self.assertRaises(
            LookupError, typed.section, 'cli/optimize.rst', 'A shelf'
        )


class TestShell(base.TestCase):
    def setUp(self):
        super().setUp()
        self.shell = self.enterContext(typed.shell(None))

    def test_remember(self):
        self.shell.type('A="one  two"\nhi() { echo "hi $1"; }')
        self.assertEqual('hi one  two\n', self.shell.type('hi "$A"'))

    def test_fail(self):
        printed = self.shell.type('A=1\necho $A\nfalse\nA=2', fails=True)
        self.assertEqual('1\n', printed)
        self.assertEqual('1\n', self.shell.type('echo $A'))

    def test_fail_last_of_a_list(self):
        self.shell.type('true && false', fails=True)

    def test_unexpected(self):
        self.assertRaises(AssertionError, self.shell.type, 'false')
        self.assertRaises(AssertionError, self.shell.type, 'true', fails=True)

    def test_running(self):
        with self.shell.running('echo begun; exec sleep 600') as process:
            self.assertEqual('begun\n', process.stdout.readline())
        self.assertIsNotNone(process.returncode)
