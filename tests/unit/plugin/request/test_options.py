# SPDX-License-Identifier: Apache-2.0

"""Tests of the options, from a file to the strategy."""

import pathlib

import ddt
import fixtures

from oslo_config import cfg
from oslo_config import generator
from watcher.decision_engine.loading import default as loading

from tests.unit.plugin import base
from watcher_host_maintenance.core.rules.filters import DEFAULT_FILTERS
from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.plugin.request import options as listed
from watcher_host_maintenance.request import options


@ddt.ddt
class TestOptions(base.TestCase):
    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)

    def loaded(self, *lines):
        """The strategy's options when watcher.conf has these lines."""
        path = self.directory / 'watcher.conf'
        path.write_text('\n'.join([f'[{names.STRATEGY_GROUP}]', *lines]))
        self.configure(str(path))
        return loading.DefaultStrategyLoader().load(names.STRATEGY).config

    def test_defaults(self):
        self.assertEqual(
            {
                'marking_reasons': ['watcher_maintaining'],
                'unused_reasons': ['watcher_disabled'],
                'search_steps': 5_000_000,
                'exact_nodes': 4000,
                'exact_iterations': 100_000,
                'exact_guard_s': 300.0,
                'max_migrations_per_source': 1,
                'max_migrations_per_destination': 2,
                'max_migrations': 10,
                'migration_bandwidth_mib_s': 100,
                'verify_host_empty': True,
                'spare_wait_s': 660,
                'transient_wait_s': 60,
                'enabled_filters': list(DEFAULT_FILTERS),
                'failed_migrations_hours': 24,
                'audit_timeout_s': 3600,
                'hypervisor_version_check': True,
                'image_metadata_prefilter': False,
                'read_images': 'auto',
                'read_volumes': 'auto',
                'read_ports': 'auto',
                'cpu_check': 'prefer',
                'scheduler_prefilters': [],
                'migration_domain_keys': [],
                'owner_tags': [],
                'owner_defaults': [],
                'report_dir': None,
                'report_max_age_days': 0,
                'report_max_audits': 1000,
            },
            dict(self.loaded()),
        )

    @ddt.named_data(
        # name, line, option, value
        ('marks',        'marking_reasons = hardware,watcher_',
         'marking_reasons', ['hardware', 'watcher_']),
        ('blanks',       'unused_reasons = powered off , spare',
         'unused_reasons', ['powered off', 'spare']),
        ('no_spares',    'unused_reasons =', 'unused_reasons', []),
        ('no_search',    'search_steps = 0', 'search_steps', 0),
        ('most_search',  'search_steps = 1000000000',
         'search_steps', 1_000_000_000),
        ('no_branch',    'exact_nodes = 0', 'exact_nodes', 0),
        ('most_nodes',   'exact_nodes = 100000000',
         'exact_nodes', 100_000_000),
        ('no_simplex',   'exact_iterations = 0', 'exact_iterations', 0),
        ('most_simplex', 'exact_iterations = 2000000000',
         'exact_iterations', 2_000_000_000),
        ('least_guard',  'exact_guard_s = 1', 'exact_guard_s', 1.0),
        ('most_guard',   'exact_guard_s = 3600', 'exact_guard_s', 3600.0),
        ('half_a_guard', 'exact_guard_s = 2.5', 'exact_guard_s', 2.5),
        ('no_wait',      'transient_wait_s = 0', 'transient_wait_s', 0),
        ('most_wait',    'transient_wait_s = 3600', 'transient_wait_s', 3600),
        ('filters',      'enabled_filters = ComputeFilter, SameHostFilter',
         'enabled_filters', ['ComputeFilter', 'SameHostFilter']),
        ('no_filters',   'enabled_filters =', 'enabled_filters', []),
        ('any_version',  'hypervisor_version_check = false',
         'hypervisor_version_check', False),
        ('domains',      'migration_domain_keys = cell, cpu',
         'migration_domain_keys', ['cell', 'cpu']),
        ('directory',    'report_dir = /var/lib/watcher/reports',
         'report_dir', '/var/lib/watcher/reports'),
        ('least_audit',  'audit_timeout_s = 1', 'audit_timeout_s', 1),
        ('most_audit',   'audit_timeout_s = 86400', 'audit_timeout_s', 86400),
        ('all_reports',  'report_max_audits = 0', 'report_max_audits', 0),
        ('most_reports', 'report_max_audits = 1000000',
         'report_max_audits', 1_000_000),
        ('any_age',      'report_max_age_days = 0', 'report_max_age_days', 0),
        ('most_age',     'report_max_age_days = 36500',
         'report_max_age_days', 36500),
    )  # fmt: skip
    @ddt.unpack
    def test_from_a_file(self, line, option, value):
        self.assertEqual(value, self.loaded(line)[option])

    @ddt.named_data(
        # name, option, just past its limits
        ('search',      'search_steps', ['-1', '1000000001', 'many']),
        ('audit',       'audit_timeout_s', ['0', '86401', 'long']),
        ('reports',     'report_max_audits', ['-1', '1000001', 'many']),
        ('age',         'report_max_age_days', ['-1', '36501', '0.5']),
        ('nodes',       'exact_nodes', ['-1', '100000001', 'many']),
        ('iterations',  'exact_iterations', ['-1', '2000000001', '0.5']),
        ('guard',       'exact_guard_s', ['0.9', '3600.1', 'long']),
        ('source',      'max_migrations_per_source', ['0']),
        ('destination', 'max_migrations_per_destination', ['0']),
        ('overall',     'max_migrations', ['0']),
        ('bandwidth',   'migration_bandwidth_mib_s', ['0']),
        ('wait',        'transient_wait_s', ['-1', '3601', '0.5']),
        ('switch',      'verify_host_empty', ['perhaps']),
    )  # fmt: skip
    @ddt.unpack
    def test_out_of_range(self, name, values):
        opt = {o.name: o for o in options.STRATEGY_OPTIONS}[name]
        for value in values:
            self.assertRaises(ValueError, opt.type, value)

    def test_each_has_help(self):
        for _group, opts in listed.list_opts():
            for opt in opts:
                self.assertTrue(opt.help.strip().endswith('.'), opt.name)

    def test_sample(self):
        conf = cfg.ConfigOpts()
        generator.register_cli_opts(conf)
        path = self.directory / 'sample'
        conf(
            [
                '--namespace',
                'watcher_host_maintenance',
                '--output-file',
                str(path),
            ]
        )
        generator.generate(conf)
        sample = path.read_text()
        self.assertIn(f'[{names.STRATEGY_GROUP}]\n', sample)
        for opt in options.STRATEGY_OPTIONS:
            # An empty list has nothing behind it, not even a blank.
            self.assertIn(f'\n#{opt.name} =', sample)

    def test_group_is_the_one_watcher_reads(self):
        loader = loading.DefaultStrategyLoader()
        self.assertEqual(
            names.STRATEGY_GROUP, loader.get_entry_name(names.STRATEGY)
        )
