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

"""Tests of the options, from a file to the strategy."""

import pathlib

import ddt
import fixtures

from oslo_config import cfg
from oslo_config import generator
from watcher.decision_engine.loading import default as loading

from tests.unit.plugin import base
from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.plugin import options


@ddt.ddt
class TestOptions(base.TestCase):
    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(
            self.useFixture(fixtures.TempDir()).path)

    def loaded(self, *lines):
        """The strategy's options when watcher.conf has these lines."""
        path = self.directory / 'watcher.conf'
        path.write_text('\n'.join([f'[{names.STRATEGY_GROUP}]', *lines]))
        self.configure(str(path))
        return loading.DefaultStrategyLoader().load(names.STRATEGY).config

    def test_defaults(self):
        config = self.loaded()
        self.assertEqual(['watcher_maintaining'], config.marking_reasons)
        self.assertEqual(['watcher_disabled'], config.unused_reasons)
        self.assertEqual(200000, config.search_steps)
        self.assertIsNone(config.report_dir)

    @ddt.named_data(
        # name, line, option, value
        ('marks',        'marking_reasons = hardware,watcher_',
         'marking_reasons', ['hardware', 'watcher_']),
        ('blanks',       'unused_reasons = powered off , spare',
         'unused_reasons', ['powered off', 'spare']),
        ('no_spares',    'unused_reasons =', 'unused_reasons', []),
        ('no_search',    'search_steps = 0', 'search_steps', 0),
        ('most_search',  'search_steps = 100000000',
         'search_steps', 100000000),
        ('directory',    'report_dir = /var/lib/watcher/reports',
         'report_dir', '/var/lib/watcher/reports'),
    )
    @ddt.unpack
    def test_from_a_file(self, line, option, value):
        self.assertEqual(value, self.loaded(line)[option])

    @ddt.data('-1', '100000001', 'many')
    def test_bad_search_steps(self, value):
        opt = {o.name: o for o in options.STRATEGY_OPTIONS}['search_steps']
        self.assertRaises(ValueError, opt.type, value)

    def test_each_has_help(self):
        for _group, opts in options.list_opts():
            for opt in opts:
                self.assertTrue(opt.help.strip().endswith('.'), opt.name)

    def test_sample(self):
        conf = cfg.ConfigOpts()
        generator.register_cli_opts(conf)
        path = self.directory / 'sample'
        conf(['--namespace', 'watcher_host_maintenance',
              '--output-file', str(path)])
        generator.generate(conf)
        sample = path.read_text()
        self.assertIn(f'[{names.STRATEGY_GROUP}]\n', sample)
        for opt in options.STRATEGY_OPTIONS:
            self.assertIn(f'\n#{opt.name} = ', sample)

    def test_group_is_the_one_watcher_reads(self):
        loader = loading.DefaultStrategyLoader()
        self.assertEqual(names.STRATEGY_GROUP,
                         loader.get_entry_name(names.STRATEGY))
