# SPDX-License-Identifier: Apache-2.0

"""Tests of the audit's parameters, as Watcher's API validates them."""

import math
import time

import ddt
import jsonschema

from watcher.common import exception
from watcher.common import utils
from watcher.decision_engine.loading import default as loading

from tests.unit.plugin import base
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.core.model.pace import Pace
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.model.request import OnKeep
from watcher_host_maintenance.core.model.request import Owners
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.window import Window
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.rules.filters import DEFAULT_FILTERS
from watcher_host_maintenance.request import parameters
from watcher_host_maintenance.request.parameters import BAD_OPTION
from watcher_host_maintenance.request.parameters import BAD_OPTION_VALUE
from watcher_host_maintenance.request.parameters import BAD_PARAMETER
from watcher_host_maintenance.request.parameters import BOTH_NODE_PARAMETERS
from watcher_host_maintenance.request.texts import is_text


FILTERS = [
    *DEFAULT_FILTERS,
    'AggregateInstanceExtraSpecsFilter',
    'AggregateMultiTenancyIsolation',
]

OPTIONS = {
    'marking_reasons': ['watcher_maintaining'],
    'unused_reasons': ['watcher_disabled'],
    'enabled_filters': FILTERS,
    'hypervisor_version_check': True,
    'migration_domain_keys': [],
    'owner_tags': [],
    'owner_defaults': [],
}


def a_request(**fields):
    """The request that :data:`OPTIONS` make, but for these fields."""
    return Request(**{'unscoped_extra_specs': True, **fields})


def validate(given):
    """Do as Watcher's API does; defaults are written into what is given."""
    utils.StrictDefaultValidatingDraft4Validator(parameters.SCHEMA).validate(
        given
    )


@ddt.ddt
class TestSchema(base.TestCase):
    def test_is_a_schema(self):
        utils.Draft4Validator.check_schema(parameters.SCHEMA)

    def test_defaults_are_filled_in(self):
        given = {}
        validate(given)
        self.assertEqual(
            {
                'disable_live_migration': False,
                'disable_cold_migration': False,
                'on_blocked': 'fail',
                'on_failure': 'keep_disabled',
                'allow_unproved_moves': False,
                'headroom_percent': 0,
                'max_secondary_moves': 0,
                'owners': 'ignore',
                'removed': False,
                'on_keep': 'block',
                'close': 'start',
            },
            given,
        )

    def test_what_is_given_stays(self):
        given = {
            'maintenance_node': 'compute-1',
            'backup_node': 'compute-2',
            'disable_live_migration': True,
            'disable_cold_migration': True,
            'on_blocked': 'leave',
            'on_failure': 'enable',
            'allow_unproved_moves': True,
            'headroom_percent': 12.5,
            'max_secondary_moves': 2,
            'owners': 'wait',
            'answer_by': '2026-12-01T21:00Z',
            'removed': True,
            'on_keep': 'move',
            'starts': '2026-12-01T21:00Z',
            'ends': '2026-12-01T23:00Z',
            'duration': 'PT4H',
            'close': 'now',
        }
        filled = dict(given)
        validate(filled)
        self.assertEqual(given, filled)

    @ddt.named_data(
        # name, parameter, value
        ('node',             'maintenance_node',       'compute-1'),
        ('one_letter',       'maintenance_node',       'c'),
        ('digits',           'maintenance_node',       '4242'),
        # As Watcher's command makes it of the same argument.
        ('number',           'maintenance_node',       4242),
        ('number_of_several', 'maintenance_nodes',     [4242, 'c']),
        ('number_backup',    'backup_node',            4242),
        ('number_reason',    'reason',                 4711),
        ('every_kind',       'maintenance_node',       'Rack-7_c1.example'),
        ('longest',          'maintenance_node',       'c' * 255),
        ('longest_of',       'maintenance_nodes',      ['c' * 255]),
        ('longest_backup',   'backup_node',            'c' * 255),
        ('one_of_several',   'maintenance_nodes',      ['compute-1']),
        ('several',          'maintenance_nodes',      ['compute-1', 'c']),
        ('backup',           'backup_node',            'compute-2'),
        ('live',             'disable_live_migration', False),
        ('fail',             'on_blocked',             'fail'),
        ('leave',            'on_blocked',             'leave'),
        ('unproved',         'allow_unproved_moves',   True),
        ('no_headroom',      'headroom_percent',       0),
        ('some_headroom',    'headroom_percent',       20),
        ('fraction',         'headroom_percent',       0.5),
        ('most_headroom',    'headroom_percent',       99.9),
        ('no_secondary',     'max_secondary_moves',    0),
        ('most_secondary',   'max_secondary_moves',    20),
        ('obey',             'owners',                 'obey'),
        ('keep',             'on_keep',                'move'),
        ('removed',          'removed',                True),
        ('utc',              'answer_by',              '2026-12-01T21:00Z'),
        ('seconds',          'answer_by',         '2026-12-01 21:00:30+01:00'),
        ('offset',           'answer_by',         '2026-12-01T21:00:30.5-0330'),
        # What is no time is refused by the audit, which says what is wrong.
        ('starts',           'starts',                 '2026-12-01 22:00'),
        ('ends',             'ends',                   'x' * 64),
        ('duration',         'duration',               'PT4H'),
        ('minutes',          'duration',               240),
        ('close_now',        'close',                  'now'),
        ('close_start',      'close',                  'start'),
    )  # fmt: skip
    @ddt.unpack
    def test_accepted(self, name, value):
        validate({name: value})

    @ddt.named_data(
        # name, parameter, value
        ('node_empty',       'maintenance_node',       ''),
        # What was typed is lost.
        ('node_fraction',    'maintenance_node',       4242.5),
        ('node_whole',       'maintenance_node',       4242.0),
        ('node_true',        'maintenance_node',       True),
        ('node_too_long',    'maintenance_node',       'c' * 256),
        ('node_surrogate',   'maintenance_node',       '\ud800'),
        ('node_newline',     'maintenance_node',       'compute-1\n'),
        ('node_line',        'maintenance_node',       'compute-1\nx'),
        ('node_space',       'maintenance_node',       'compute 1'),
        ('node_umlaut',      'maintenance_node',       'r\xe4chner'),
        ('node_digit',       'maintenance_node',       '\u0661'),
        ('node_markup',      'maintenance_node',       '<b>c</b>'),
        ('node_nul',         'maintenance_node',       'c\0'),
        ('nodes_too_long',   'maintenance_nodes',      ['c' * 256]),
        ('nodes_surrogate',  'maintenance_nodes',      ['c', '\ud800']),
        ('nodes_newline',    'maintenance_nodes',      ['c\n']),
        ('backup_too_long',  'backup_node',            'c' * 256),
        ('backup_surrogate', 'backup_node',            '\udfff'),
        ('backup_newline',   'backup_node',            'c\n'),
        ('node_null',        'maintenance_node',       None),
        ('node_list',        'maintenance_node',       ['compute-1']),
        ('nodes_text',       'maintenance_nodes',      'compute-1,compute-2'),
        ('nodes_empty',      'maintenance_nodes',      []),
        ('nodes_twice',      'maintenance_nodes',      ['c', 'c']),
        ('nodes_no_name',    'maintenance_nodes',      ['c', '']),
        ('nodes_fraction',   'maintenance_nodes',      [1.5]),
        ('nodes_numbers',    'maintenance_nodes',      [1, 1]),
        ('nodes_no_list',    'maintenance_nodes',      4242),
        ('backup_fraction',  'backup_node',            1e5),
        ('backup_empty',     'backup_node',            ''),
        ('backup_list',      'backup_node',            ['compute-2']),
        ('live_text',        'disable_live_migration', 'yes'),
        ('live_number',      'disable_live_migration', 1),
        ('cold_text',        'disable_cold_migration', 'true'),
        ('blocked_other',    'on_blocked',             'ignore'),
        ('blocked_case',     'on_blocked',             'Leave'),
        ('unproved_text',    'allow_unproved_moves',   'yes'),
        ('unproved_null',    'allow_unproved_moves',   None),
        ('headroom_below',   'headroom_percent',       -1),
        ('headroom_just',    'headroom_percent',       -0.1),
        ('headroom_all',     'headroom_percent',       100),
        ('headroom_text',    'headroom_percent',       'x'),
        ('headroom_digits',  'headroom_percent',       '20'),
        ('secondary_below',  'max_secondary_moves',    -1),
        ('secondary_above',  'max_secondary_moves',    21),
        ('secondary_half',   'max_secondary_moves',    0.5),
        ('secondary_text',   'max_secondary_moves',    '1'),
        ('owners_other',     'owners',                 'ask'),
        ('keep_other',       'on_keep',                'stay'),
        ('removed_text',     'removed',                'true'),
        ('starts_empty',     'starts',                 ''),
        ('starts_number',    'starts',                 1796072400),
        ('starts_null',      'starts',                 None),
        ('starts_too_long',  'starts',                 'x' * 65),
        ('ends_list',        'ends',                   ['2026-12-01']),
        ('duration_zero',    'duration',               0),
        ('duration_half',    'duration',               0.5),
        ('duration_empty',   'duration',               ''),
        ('duration_long',    'duration',               'P' * 33),
        ('close_other',      'close',                  'end'),
    )  # fmt: skip
    @ddt.unpack
    def test_refused(self, name, value):
        error = self.assertRaises(
            jsonschema.ValidationError, validate, {name: value}
        )
        self.assertEqual(name, error.path[0])

    @ddt.data('maintenance', 'Maintenance_node', 'node', '')
    def test_unknown_name(self, name):
        self.assertRaises(
            exception.AuditParameterNotAllowed, validate, {name: 'compute-1'}
        )

    @ddt.data(
        'maintenance_node',
        'backup_node',
        'disable_live_migration',
        'disable_cold_migration',
    )
    def test_means_what_it_means_upstream(self, name):
        strategies = loading.DefaultStrategyLoader().list_available()
        upstream = strategies['host_maintenance'].get_schema()['properties']
        ours = parameters.SCHEMA['properties']
        kind = 'string' if is_text(ours[name]) else ours[name]['type']
        self.assertEqual(upstream[name]['type'], kind)
        self.assertEqual(
            upstream[name].get('default'), ours[name].get('default')
        )

    def test_has_all_of_upstreams(self):
        strategies = loading.DefaultStrategyLoader().list_available()
        upstream = strategies['host_maintenance'].get_schema()['properties']
        self.assertEqual(
            set(), set(upstream) - set(parameters.SCHEMA['properties'])
        )


@ddt.ddt
class TestToRequest(base.TestCase):
    @ddt.named_data(
        # name, parameters, fields of the request that differ from default
        ('bare',        {}, {}),
        ('single',      {'maintenance_node': 'compute-1'},
         {'maintenance_nodes': ('compute-1',)}),
        ('several',     {'maintenance_nodes': ['compute-2', 'compute-1']},
         {'maintenance_nodes': ('compute-2', 'compute-1')}),
        ('backup',      {'backup_node': 'compute-2'},
         {'backup_node': 'compute-2'}),
        ('number',      {'maintenance_node': 4242, 'backup_node': 17},
         {'maintenance_nodes': ('4242',), 'backup_node': '17'}),
        ('numbers',     {'maintenance_nodes': [4242, 'c', '4242']},
         {'maintenance_nodes': ('4242', 'c')}),
        ('no_live',     {'disable_live_migration': True},
         {'disable_live_migration': True}),
        ('no_cold',     {'disable_cold_migration': True},
         {'disable_cold_migration': True}),
        ('leave',       {'on_blocked': 'leave'},
         {'on_blocked': OnBlocked.LEAVE}),
        ('unproved',    {'allow_unproved_moves': True},
         {'allow_unproved_moves': True}),
        ('headroom',    {'headroom_percent': 20},
         {'headroom_percent': 20.0}),
        ('secondary',   {'max_secondary_moves': 2},
         {'max_secondary_moves': 2}),
    )  # fmt: skip
    @ddt.unpack
    def test_parameters(self, given, fields):
        self.assertEqual(
            a_request(**fields), parameters.to_request(given, OPTIONS)
        )

    @ddt.named_data(
        # name, answer_by, seconds
        ('utc',      '2026-12-01T21:00Z',           1796158800),
        ('offset',   '2026-12-01 22:00:00+01:00',   1796158800),
        ('first',    '1970-01-01T00:00:00Z',        0),
    )  # fmt: skip
    @ddt.unpack
    def test_times(self, text, seconds):
        given = {'owners': 'wait', 'answer_by': text}
        request = parameters.to_request(given, OPTIONS, now_s=1)
        self.assertEqual(seconds, request.answer_by_s)

    @ddt.named_data(
        # name, parameters, one that changes nothing, what to give
        ('ask_nobody',  {'answer_by': '2026-12-01T21:00Z'},
         'answer_by', 'owners=ignore; give -p owners=wait, or leave it out'),
        ('ask_told',    {'answer_by': '2026-12-01T21:00Z', 'owners': 'obey'},
         'answer_by', 'owners=obey; give -p owners=wait, or leave it out'),
        ('keep',        {'on_keep': 'move'},
         'on_keep', 'give -p owners=obey or -p owners=wait, or'),
        ('removed',     {'removed': True, 'owners': 'ignore'},
         'removed', 'give -p owners=obey or -p owners=wait, or'),
        ('with_window', {'removed': True, 'ends': '2026-12-01T21:00Z'},
         'removed', 'has no effect with owners=ignore'),
    )  # fmt: skip
    @ddt.unpack
    def test_without_owners(self, given, name, problem):
        error = self.assertRaises(
            NotPlanned, parameters.to_request, given, OPTIONS
        )
        self.assertEqual(BAD_PARAMETER, error.finding.reason)
        self.assertEqual(name, error.finding.subject)
        self.assertIn(problem, error.finding.facts['problem'])

    @ddt.data(
        # As Watcher's API fills them in, and windows have.
        {'on_keep': 'block', 'removed': False, 'owners': 'ignore'},
        {'starts': '2026-12-01T21:00Z', 'close': 'now'},
        {'on_keep': 'move', 'removed': True, 'owners': 'obey'},
    )
    def test_with_owners_or_defaults(self, given):
        parameters.to_request(given, OPTIONS)

    @ddt.named_data(
        # name, answer_by, what is wrong
        ('no_such_day', '2026-02-30T21:00Z',    'is no time'),
        ('early',       '1969-12-31T23:59:59Z', 'is out of range'),
        ('odd',         '2026-12-01T21:00:.:Z', 'is no time'),
        ('fraction',    '2026-12-01T21:00:00.5Z', 'is no whole second'),
        ('date',        '2026-12-01',           'has no zone'),
        ('no_zone',     '2026-12-01T21:00',     'has no zone'),
        ('zone_name',   '2026-12-01T21:00 Europe/Berlin', 'is no time'),
        ('newline',     '2026-12-01T21:00Z\n',  'is no time'),
        ('long',        f'2026-12-01T21:00.{"0" * 64}Z', 'is too long'),
    )  # fmt: skip
    @ddt.unpack
    def test_no_times(self, text, problem):
        error = self.assertRaises(
            NotPlanned, parameters.to_request, {'answer_by': text}, OPTIONS
        )
        self.assertEqual(BAD_PARAMETER, error.finding.reason)
        self.assertEqual('answer_by', error.finding.subject)
        self.assertIn(problem, error.finding.facts['problem'])

    def test_owners(self):
        given = {
            'owners': 'wait',
            'answer_by': '2026-12-01T21:00Z',
            'removed': True,
            'on_keep': 'move',
        }
        options = {
            'owner_tags': ['lcm:action=off=stop', 'lcm:ready=go'],
            'owner_defaults': ['p1=cold'],
        }
        before_s = int(time.time())
        request = parameters.to_request(given, OPTIONS | options)
        self.assertTrue(before_s <= request.now_s <= time.time())
        self.assertEqual(
            a_request(
                owners=Owners.WAIT,
                answer_by_s=1796158800,
                window=Window(1796158800),
                removed=True,
                on_keep=OnKeep.MOVE,
                owner_tags={'lcm:action=off': 'stop', 'lcm:ready': 'go'},
                owner_defaults={'p1': 'cold'},
                now_s=request.now_s,
            ),
            request,
        )

    def test_waiting_needs_a_time(self):
        error = self.assertRaises(
            NotPlanned, parameters.to_request, {'owners': 'wait'}, OPTIONS
        )
        self.assertEqual(
            Finding(
                BAD_PARAMETER,
                'owners',
                {'problem': 'wait needs a time: starts, cron or answer_by'},
            ),
            error.finding,
        )

    @ddt.named_data(
        ('no_word',   {'owner_tags': ['lcm:off']},     'owner_tags'),
        ('unknown',   {'owner_tags': ['lcm:off=die']}, 'owner_tags'),
        ('go_always', {'owner_defaults': ['p1=go']},   'owner_defaults'),
    )  # fmt: skip
    @ddt.unpack
    def test_bad_owner_option(self, options, name):
        error = self.assertRaises(
            NotPlanned, parameters.to_request, {}, OPTIONS | options
        )
        self.assertEqual(BAD_OPTION_VALUE, error.finding.reason)
        self.assertEqual(name, error.finding.subject)

    def test_defaults_are_the_schemas(self):
        given = {}
        validate(given)
        self.assertEqual(
            parameters.to_request({}, OPTIONS),
            parameters.to_request(given, OPTIONS),
        )

    @ddt.named_data(
        # name, options, fields of the request that differ from default
        ('marks',      {'marking_reasons': ['hardware', 'watcher_']},
         {'marking_reasons': ('hardware', 'watcher_')}),
        ('spares',     {'unused_reasons': ['powered off', 'spare']},
         {'unused_reasons': ('powered off', 'spare')}),
        ('no_spares',  {'unused_reasons': []}, {'unused_reasons': ()}),
        ('no_filters', {'enabled_filters': []},
         {'aggregate_extra_specs': False, 'unscoped_extra_specs': False,
          'tenant_isolation': False}),
        ('hints',      {'enabled_filters': ['SameHostFilter']},
         {'aggregate_extra_specs': False, 'unscoped_extra_specs': False,
          'tenant_isolation': False, 'same_host': True}),
        ('other_filters', {'enabled_filters': [*FILTERS, 'Odd', 'IoOpsFilter']},
         {'other_filters': ('IoOpsFilter', 'Odd')}),
        ('any_version', {'hypervisor_version_check': False},
         {'hypervisor_version_check': False}),
        ('domains',    {'migration_domain_keys': ['cell', 'cpu']},
         {'migration_domain_keys': ('cell', 'cpu')}),
    )  # fmt: skip
    @ddt.unpack
    def test_options(self, options, fields):
        self.assertEqual(
            a_request(**fields),
            parameters.to_request({}, OPTIONS | options),
        )

    def test_both_node_parameters(self):
        both = {
            'maintenance_node': 'compute-1',
            'maintenance_nodes': ['compute-1'],
        }
        error = self.assertRaises(
            NotPlanned, parameters.to_request, both, OPTIONS
        )
        self.assertEqual(Finding(BOTH_NODE_PARAMETERS), error.finding)

    @ddt.named_data(
        # name, parameter, value, what is said of it
        ('text',      'disable_live_migration', 'False',
         "'False' is not of type 'boolean'"),
        ('a_name',    'maintenance_nodes', 'compute-1',
         "'compute-1' is not of type 'array'"),
        ('no_name',   'maintenance_nodes', ['compute-1', ''], "''"),
        # What is said is saved: it has to be encodable.
        ('surrogate', 'backup_node', '\ud800',
         "'\\ud800' does not match"),
        ('choice',    'on_blocked', 'leav',
         "'leav' is not one of ['fail', 'leave']"),
        ('failure',   'on_failure', 'ignore', "'ignore'"),
        ('headroom',  'headroom_percent', 150, '150'),
        ('all',       'headroom_percent', 100, '100'),
        ('nan',       'headroom_percent', math.nan,
         'expected a finite number'),
        ('null',      'backup_node', None, "None is not of type 'string'"),
        ('unknown',   'maintenance', 'compute-1',
         'no such parameter'),
    )  # fmt: skip
    @ddt.unpack
    def test_changed_after_watcher_has_looked(self, name, value, said):
        # Watcher's API takes any value when an audit is updated.
        error = self.assertRaises(
            NotPlanned,
            parameters.to_request,
            {'on_blocked': 'fail', name: value},
            OPTIONS,
        )
        self.assertEqual(
            (BAD_PARAMETER, name),
            (error.finding.reason, error.finding.subject),
        )
        problem = error.finding.facts['problem']
        self.assertIn(said, problem)
        problem.encode()

    def test_first_of_several_wrong_ones(self):
        given = {'on_blocked': 1, 'backup_node': 2.5, 'headroom_percent': 'x'}
        error = self.assertRaises(
            NotPlanned, parameters.to_request, given, OPTIONS
        )
        self.assertEqual('backup_node', error.finding.subject)

    @ddt.named_data(
        # name, options, the option that is wrong
        ('no_marks',       {'marking_reasons': []},        'marking_reasons'),
        ('empty_mark',     {'marking_reasons': ['']},      'marking_reasons'),
        ('a_mark_empty',   {'marking_reasons': ['x', '']}, 'marking_reasons'),
        ('a_spare_empty',  {'unused_reasons': ['x', '']},  'unused_reasons'),
        ('both',           {'marking_reasons': [],
                            'unused_reasons': ['']},       'marking_reasons'),
    )  # fmt: skip
    @ddt.unpack
    def test_bad_option(self, options, name):
        # An empty text begins every reason: all disabled nodes are marked.
        error = self.assertRaises(
            NotPlanned, parameters.to_request, {}, OPTIONS | options
        )
        self.assertEqual(Finding(BAD_OPTION, name), error.finding)


LIMITS = {
    'search_steps': 5_000_000,
    'exact_nodes': 4000,
    'exact_iterations': 100_000,
    'exact_guard_s': 300.0,
}


@ddt.ddt
class TestToLimits(base.TestCase):
    @ddt.named_data(
        # name, options, fields that differ from default
        ('defaults',   {}, {}),
        ('nodes',      {'exact_nodes': 7}, {'nodes': 7}),
        ('iterations', {'exact_iterations': 8}, {'iterations': 8}),
        ('guard',      {'exact_guard_s': 1.5}, {'guard_s': 1.5}),
        ('few_steps',  {'search_steps': 100},
         {'ejections': 100, 'exchanges': 100, 'peak_steps': 100}),
        ('no_steps',   {'search_steps': 0},
         {'ejections': 0, 'exchanges': 0, 'peak_steps': 0,
          'program': False}),
    )  # fmt: skip
    @ddt.unpack
    def test_options(self, options, fields):
        self.assertEqual(
            Limits(**fields), parameters.to_limits(LIMITS | options)
        )


PACE = {
    'max_migrations_per_source': 1,
    'max_migrations_per_destination': 2,
    'max_migrations': 10,
    'migration_bandwidth_mib_s': 100,
    'verify_host_empty': True,
}


@ddt.ddt
class TestToPace(base.TestCase):
    @ddt.named_data(
        # name, options, fields that differ from default
        ('defaults',    {}, {}),
        ('source',      {'max_migrations_per_source': 3}, {'per_source': 3}),
        ('destination', {'max_migrations_per_destination': 4},
         {'per_destination': 4}),
        ('overall',     {'max_migrations': 5}, {'overall': 5}),
        ('bandwidth',   {'migration_bandwidth_mib_s': 6}, {'mib_per_s': 6}),
        ('no_look',     {'verify_host_empty': False}, {'verifies': False}),
    )  # fmt: skip
    @ddt.unpack
    def test_options(self, options, fields):
        self.assertEqual(
            Pace(**fields), parameters.to_pace({}, PACE | options)
        )

    @ddt.named_data(
        # name, on_failure, verify_host_empty, verifies, restores
        ('keeps',        'keep_disabled', True,  True,  False),
        ('keeps_blind',  'keep_disabled', False, False, False),
        ('enables',      'enable',        True,  True,  True),
        # Who looks at nothing sees no failure.
        ('enables_anew', 'enable',        False, True,  True),
    )  # fmt: skip
    @ddt.unpack
    def test_on_failure(self, on_failure, looks, verifies, restores):
        pace = parameters.to_pace(
            {'on_failure': on_failure}, PACE | {'verify_host_empty': looks}
        )
        self.assertEqual((verifies, restores), (pace.verifies, pace.restores))


@ddt.ddt
class TestDisabledReason(base.TestCase):
    @ddt.named_data(
        # name, reason, what follows the marking reason
        ('none', None, ''),
        ('empty', '', ''),
        ('blank', ' \n', ''),
        ('ticket', 'ticket 4711', ': ticket 4711'),
        ('spaces', ' a \t b\r\nc\u2028d ', ': a b c d'),
        ('controls', 'a\x1b[31mb\x00', ': a[31mb'),
        ('direction', 'a\u202eb', ': ab'),
        ('only_controls', '\x1b', ''),
        ('words_of_controls', '\ud800\na \u202e b', ': a b'),
        ('last_of_plane', '\uffee', ': \uffee'),
        ('next_plane', '\U0001f525', ': ?'),
    )
    @ddt.unpack
    def test_is_cleaned(self, reason, expected):
        given = {} if reason is None else {'reason': reason}
        self.assertEqual(
            f'watcher_maintaining{expected}',
            parameters.to_disabled_reason(given),
        )

    @ddt.data(233, 234, 235, 5000)
    def test_is_cut(self, length):
        text = parameters.to_disabled_reason({'reason': 'x' * length})
        self.assertEqual(min(21 + length, 255), len(text))
