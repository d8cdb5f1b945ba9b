# SPDX-License-Identifier: Apache-2.0

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
    )  # fmt: skip
    @ddt.unpack
    def test_variables(self, name, kept):
        with mock.patch.dict(os.environ, {name: 'mine'}, clear=True):
            self.assertEqual(
                'mine' if kept else None, environment.clean().get(name)
            )

    def test_no_configuration_of_other_clouds(self):
        ours = {'OS_CLIENT_CONFIG_FILE': 'mine.yaml'}
        with mock.patch.dict(os.environ, ours, clear=True):
            self.assertEqual(
                {'OS_CLIENT_CONFIG_FILE': os.devnull}, environment.clean()
            )
