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

import pathlib
import tempfile

from oslo_config import generator

from tests.unit import base


ETC = pathlib.Path(__file__).resolve().parent.parent.parent / 'etc'


class TestSampleConfiguration(base.TestCase):
    def test_is_in_step_with_the_options(self):
        with tempfile.NamedTemporaryFile(mode='r') as written:
            generator.main([
                '--config-file', str(ETC / 'oslo-config-generator.conf'),
                '--output-file', written.name,
            ])
            expected = pathlib.Path(written.name).read_text()
        sample = ETC / 'watcher-host-maintenance.conf.sample'
        self.assertEqual(
            expected, sample.read_text(), 'Run: tools/tox -e genconfig')
