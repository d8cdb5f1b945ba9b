# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

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
            re.findall(r'minicloud/(examples/[\w.]+)', README))
        for path in paths:
            self.assertTrue(description.load(str(path)).servers)

    def test_code(self):
        [code] = re.findall(
            r'code-block:: python\n((?:\n| {4}.*\n)+)', README)
        with mock.patch.object(cloud, 'Cloud', autospec=True) as made:
            # Whatever it calls has to be there, and to take what it gives.
            lab = made.return_value
            lab.__enter__.return_value = lab
            exec(textwrap.dedent(code), {})
        self.assertIn('web', description.parse(made.call_args[0][0]).servers)
        lab.execute.assert_called_once_with(lab.action_plan.return_value)
