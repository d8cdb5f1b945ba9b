# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

import os

from unittest import mock

import ddt

from minicloud import environment
from tests.unit import base


@ddt.ddt
class TestClean(base.TestCase):
    @ddt.named_data(
        # name, variable, whether it is kept
        ('path',          'PATH',                  True),
        ('home',          'HOME',                  True),
        ('cloud',         'OS_CLOUD',              False),
        ('not_os',        'OSTYPE',                True),
        ('proxy',         'https_proxy',           False),
        ('capitals',      'HTTPS_PROXY',           False),
        ('all',           'all_proxy',             False),
        ('no_proxy',      'no_proxy',              False),
        ('no_capitals',   'NO_PROXY',              False),
        ('not_a_proxy',   'PROXYCHAINS_CONF_FILE', True),
    )
    @ddt.unpack
    def test_variables(self, name, kept):
        with mock.patch.dict(os.environ, {name: 'mine'}, clear=True):
            self.assertEqual('mine' if kept else None,
                             environment.clean().get(name))

    def test_no_configuration_of_other_clouds(self):
        ours = {'OS_CLIENT_CONFIG_FILE': 'mine.yaml'}
        with mock.patch.dict(os.environ, ours, clear=True):
            self.assertEqual({'OS_CLIENT_CONFIG_FILE': os.devnull},
                             environment.clean())
