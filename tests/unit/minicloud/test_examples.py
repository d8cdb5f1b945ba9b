# SPDX-License-Identifier: Apache-2.0

"""What minicloud's documentation shows can be used as it is."""

import pathlib
import re
import textwrap

from unittest import mock

from minicloud import cloud
from minicloud import description
from tests.unit import base


MINICLOUD = pathlib.Path(cloud.__file__).parent
README = (MINICLOUD / 'README.rst').read_text()


class TestExamples(base.TestCase):
    def test_files(self):
        paths = sorted((MINICLOUD / 'examples').iterdir())
        self.assertEqual(
            [f'examples/{path.name}' for path in paths],
            re.findall(r'minicloud/(examples/[\w.]+)', README),
        )
        for path in paths:
            self.assertTrue(description.load(str(path)).servers)

    def test_code(self):
        [code] = re.findall(r'code-block:: python\n((?:\n| {4}.*\n)+)', README)
        with mock.patch.object(cloud, 'Cloud', autospec=True) as made:
            # Whatever it calls has to be there, and to take what it gives.
            lab = made.return_value
            lab.__enter__.return_value = lab
            exec(textwrap.dedent(code), {})
        self.assertIn('web', description.parse(made.call_args[0][0]).servers)
        lab.execute.assert_called_once_with(lab.action_plan.return_value)
