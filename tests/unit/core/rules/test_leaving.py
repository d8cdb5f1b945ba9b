# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tests.unit.core.builders import a_group
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_request
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import an_instance
from watcher_host_maintenance.core.model.nova import POWER_STATES
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.rules import leaving
from watcher_host_maintenance.core.rules import unproved
from watcher_host_maintenance.core.rules.groups import GROUP_NOWHERE_ELSE
from watcher_host_maintenance.core.rules.leaving import ARRIVING
from watcher_host_maintenance.core.rules.leaving import BUSY
from watcher_host_maintenance.core.rules.leaving import COLD_DISABLED
from watcher_host_maintenance.core.rules.leaving import EXCLUDED_BY_SCOPE
from watcher_host_maintenance.core.rules.leaving import HOLDS_NOTHING
from watcher_host_maintenance.core.rules.leaving import LEFT_ALLOCATION
from watcher_host_maintenance.core.rules.leaving import LIVE_AND_COLD_DISABLED
from watcher_host_maintenance.core.rules.leaving import ORPHAN_ALLOCATION
from watcher_host_maintenance.core.rules.leaving import POWER_STATE
from watcher_host_maintenance.core.rules.leaving import STATES
from watcher_host_maintenance.core.rules.leaving import UNCONFIRMED
from watcher_host_maintenance.core.rules.leaving import UNKNOWN_STATE


NO_LIVE = {'disable_live_migration': True}
NO_COLD = {'disable_cold_migration': True}
NEITHER = {**NO_LIVE, **NO_COLD}
UNPROVED = {'allow_unproved_moves': True}


def departures(*instances, groups=(), **flags):
    known = a_snapshot(instances=instances, groups=groups)
    return leaving.departures(instances, known, a_request(**flags))


def fate(instance, groups=(), **flags):
    """What becomes of one instance: a word, or the reasons of its stay."""
    return only_fate(departures(instance, groups=groups, **flags))


def only_fate(found):
    fates = [kind.value for _instance, kind in found.moving]
    fates += ['stop' for _instance in found.stopping]
    fates += [kind.value for _instance, kind in found.releasing]
    fates += [[f.reason.value for f in s.findings] for s in found.staying]
    [only] = fates
    return only


@ddt.ddt
class TestDepartures(base.TestCase):
    @ddt.named_data(
        # name, vm_state, flags, expected
        ('active',             'active',  {},      'live'),
        ('active_cold',        'active',  NO_LIVE, 'cold'),
        ('active_live_only',   'active',  NO_COLD, 'live'),
        ('active_neither',     'active',  NEITHER, 'stop'),
        ('stopped',            'stopped', {},      'cold'),
        ('stopped_cold',       'stopped', NO_LIVE, 'cold'),
        ('stopped_live_only',  'stopped', NO_COLD, ['cold_disabled']),
        ('stopped_neither',    'stopped', NEITHER, ['live_and_cold_disabled']),
        ('paused',             'paused',  {},      'live'),
        ('paused_cold',        'paused',  NO_LIVE, ['paused']),
        ('paused_live_only',   'paused',  NO_COLD, 'live'),
        ('paused_neither',     'paused',  NEITHER, ['live_and_cold_disabled']),
        ('suspended',          'suspended',   {},  ['suspended']),
        ('rescued',            'rescued',     {},  ['rescued']),
        ('resized',            'resized',     {},  ['resized']),
        ('building',           'building',    {},  ['building']),
        ('error',              'error',       {},  ['error']),
        ('shelved',            'shelved',     {},  'offload'),
        ('shelved_cold',       'shelved',  NO_LIVE, 'offload'),
        ('shelved_live_only',  'shelved',  NO_COLD, 'offload'),
        ('shelved_neither',    'shelved', NEITHER, ['live_and_cold_disabled']),
        ('soft_deleted',       'soft-delete', {},  ['soft_deleted']),
        ('never_heard_of',     'bricked',     {},  ['unknown_state']),
        ('no_state',           '',            {},  ['unknown_state']),
        ('deleted',            'deleted',     {},  ['unknown_state']),
        ('offloaded',  'shelved_offloaded',   {},  ['unknown_state']),
    )  # fmt: skip
    @ddt.unpack
    def test_by_state(self, vm_state, flags, expected):
        self.assertEqual(
            expected, fate(an_instance(vm_state=vm_state), **flags)
        )

    @ddt.named_data(
        # name, vm_state, flags, expected
        ('active',            'active',  {},      ['excluded_by_scope']),
        ('active_neither',    'active',  NEITHER, ['excluded_by_scope']),
        ('stopped',           'stopped', {},      ['excluded_by_scope']),
        ('stopped_live_only', 'stopped', NO_COLD, ['cold_disabled']),
        ('paused',            'paused',  {},      ['excluded_by_scope']),
        ('paused_cold',       'paused',  NO_LIVE,
         ['excluded_by_scope', 'paused']),
        ('shelved',           'shelved', {},      ['excluded_by_scope']),
        ('paused_neither',    'paused',  NEITHER, ['live_and_cold_disabled']),
    )  # fmt: skip
    @ddt.unpack
    def test_excluded(self, vm_state, flags, expected):
        instance = an_instance(vm_state=vm_state, excluded=True)
        self.assertEqual(expected, fate(instance, **flags))

    @ddt.named_data(
        # name, vm_state, flags, expected
        ('active',            'active',  {},      ['busy']),
        ('active_neither',    'active',  NEITHER, ['busy']),
        ('stopped',           'stopped', {},      ['busy']),
        ('stopped_live_only', 'stopped', NO_COLD, ['cold_disabled']),
        ('paused',            'paused',  {},      ['busy']),
        ('paused_cold',       'paused',  NO_LIVE, ['paused', 'busy']),
        ('shelved',           'shelved', {},      ['busy']),
    )  # fmt: skip
    @ddt.unpack
    def test_busy(self, vm_state, flags, expected):
        instance = an_instance(vm_state=vm_state, task_state='migrating')
        self.assertEqual(expected, fate(instance, **flags))

    @ddt.named_data(
        # name, seconds without a change, where the server is, expected
        ('unknown',        0,    '',          'busy'),
        ('just_no_hour',   3599, '',          'busy'),
        ('an_hour',        3600, '',          'stuck_running'),
        ('elsewhere',      3600, 'compute-2', 'stuck_kept'),
        ('elsewhere_late', 3599, 'compute-2', 'busy'),
    )  # fmt: skip
    @ddt.unpack
    def test_stuck(self, task_age_s, elsewhere, expected):
        instance = an_instance(
            vm_state='resized' if elsewhere else 'active',
            migration='migration' if elsewhere else '',
            elsewhere=elsewhere,
            task_state='resize_confirming',
            task_age_s=task_age_s,
        )
        self.assertEqual([expected], fate(instance))

    @ddt.named_data(
        # name, seconds without a change, where the server is, expected
        ('here_lately',  3599, '',          'building'),
        ('here',         3600, '',          'stuck_building'),
        ('there_lately', 3599, 'compute-2', 'arriving'),
    )  # fmt: skip
    @ddt.unpack
    def test_build_without_a_task(self, task_age_s, elsewhere, expected):
        instance = an_instance(
            vm_state='building', elsewhere=elsewhere, task_age_s=task_age_s
        )
        self.assertEqual([expected], fate(instance))

    @ddt.named_data(
        # name, vm_state, task state, migration, seconds, expected
        ('live_lately',  'active',  'migrating',         '',       3599,
         'arriving'),
        ('live',         'active',  'migrating',         '',       3600,
         'stuck_running'),
        ('live_paused',  'paused',  'migrating',         '',       3600,
         'stuck_until_restart'),
        ('cold',         'stopped', 'resize_migrating',  '',       3600,
         'stuck_copying'),
        ('cold_there',   'stopped', 'resize_finish',     '',       3600,
         'stuck_resizing'),
        ('owner_lately', 'resized', 'resize_confirming', 'resize', 3599,
         'unconfirmed'),
        ('owner',        'resized', 'resize_confirming', 'resize', 3600,
         'stuck_kept'),
    )  # fmt: skip
    @ddt.unpack
    def test_stuck_halfway(
        self, vm_state, task_state, migration, task_age_s, expected
    ):
        instance = an_instance(
            vm_state=vm_state,
            elsewhere='compute-2',
            task_state=task_state,
            migration=migration,
            task_age_s=task_age_s,
        )
        [stay] = departures(instance).blocked
        [finding] = stay.findings
        self.assertEqual(expected, finding.reason.value)
        if task_age_s == 3600:
            self.assertEqual('compute-2', finding.facts['host'])

    @ddt.named_data(
        # name, power state, vm_state, flags, expected
        ('running',          'running',   'active',  {},      'live'),
        ('paused',           'paused',    'active',  {},      'live'),
        ('not_known',        '',          'active',  {},      'live'),
        ('shut_down',        'shutdown',  'active',  {},    ['power_state']),
        ('crashed',          'crashed',   'active',  {},    ['power_state']),
        ('no_state',         'nostate',   'active',  {},    ['power_state']),
        ('suspended_active', 'suspended', 'active',  {},    ['power_state']),
        ('never_heard_of',   'dreaming',  'active',  {},    ['power_state']),
        ('shut_down_cold',   'shutdown',  'active',  NO_LIVE, 'cold'),
        ('shut_down_stop',   'shutdown',  'active',  NEITHER, 'stop'),
        ('stopped',          'shutdown',  'stopped', {},      'cold'),
        ('suspended',        'suspended', 'suspended', {},  ['suspended']),
        ('error_running',    'running',   'error', {},
         ['error_last_running']),
        ('error_paused',     'paused',    'error', {},
         ['error_last_paused']),
        ('error_cold',       'running',   'error', NO_LIVE,
         ['error_last_running']),
        ('error_shut_down',  'shutdown',  'error', {},      ['error']),
        ('error_crashed',    'crashed',   'error', {},      ['error']),
        ('error_no_state',   'nostate',   'error', {},      ['error']),
        ('error_suspended',  'suspended', 'error', {},      ['error']),
        ('error_unknown',    '',          'error', {},      ['error']),
    )  # fmt: skip
    @ddt.unpack
    def test_power(self, power_state, vm_state, flags, expected):
        instance = an_instance(vm_state=vm_state, power_state=power_state)
        self.assertEqual(expected, fate(instance, **flags))

    @ddt.named_data(
        # name, power state, vm_state, expected
        ('running',   'running',  'error',  ['error_alive']),
        ('paused',    'paused',   'error',  ['error_paused']),
        ('shut_down', 'shutdown', 'error',  ['error']),
        ('active',    'running',  'active', 'live'),
    )  # fmt: skip
    @ddt.unpack
    def test_after_a_live_migration_that_failed(
        self, power_state, vm_state, expected
    ):
        instance = an_instance(
            vm_state=vm_state, power_state=power_state, live_move_failed=True
        )
        self.assertEqual(expected, fate(instance))

    @ddt.named_data(
        # name, fields of the server, reason
        ('active',      {},                                      None),
        ('stopped',     {'vm_state': 'stopped'},                 None),
        ('paused',      {'vm_state': 'paused'},                  None),
        ('shelved',     {'vm_state': 'shelved'},                 None),
        ('crashed',     {'power_state': 'crashed'},              'power_state'),
        ('off',         {'vm_state': 'stopped',
                         'power_state': 'shutdown'},             None),
        ('suspended',   {'vm_state': 'suspended'},               'suspended'),
        ('rescued',     {'vm_state': 'rescued'},                 'rescued'),
        ('resized',     {'vm_state': 'resized'},                 'resized'),
        ('by_admin',    {'vm_state': 'resized',
                         'migration': 'migration'},
         'not_confirmed_here'),
        ('building',    {'vm_state': 'building'},                'building'),
        ('error',       {'vm_state': 'error'},                   'error'),
        ('error_alive', {'vm_state': 'error', 'power_state': 'running',
                         'live_move_failed': True},              'error_alive'),
        ('odd',         {'vm_state': 'bricked'},                'unknown_state'),
        ('busy',        {'task_state': 'rebooting'},             'busy'),
        ('busy_crashed', {'task_state': 'rebooting',
                          'power_state': 'crashed'},             'busy'),
        ('stuck',       {'task_state': 'rebooting', 'task_age_s': 3600},
         'stuck_booting'),
    )  # fmt: skip
    @ddt.unpack
    def test_refused_again(self, fields, expected):
        finding = leaving.refused_again(an_instance(**fields))
        self.assertEqual(expected, finding and finding.reason.value)

    @ddt.named_data(
        # name, group, flags, expected
        ('alone',            a_group('affinity'), {},
         ['group_nowhere_else']),
        ('all_here',         a_group('affinity', compute_1=2), {},
         ['group_nowhere_else']),
        ('one_elsewhere',    a_group('affinity', compute_2=1), {}, 'live'),
        ('stopped_instead',  a_group('affinity'), NEITHER, 'stop'),
        ('anti_affinity',    a_group('anti-affinity'), {},     'live'),
        ('soft_affinity',    a_group('soft-affinity'), {},     'live'),
    )  # fmt: skip
    @ddt.unpack
    def test_group(self, group, flags, expected):
        instance = an_instance(group=group.uuid)
        self.assertEqual(expected, fate(instance, [group], **flags))

    @ddt.named_data(
        # name, fields, flags, expected
        (
            'spec',
            {'extra_specs': {'hw:cpu_policy': 'dedicated'}},
            {},
            ['unproved'],
        ),
        ('device', {'nested': ('VGPU',)}, {}, ['unproved']),
        ('allowed', {'nested': ('VGPU',)}, UNPROVED, 'live'),
        (
            'allowed_cold',
            {'nested': ('VGPU',)},
            {**UNPROVED, **NO_LIVE},
            'cold',
        ),
        ('stopped_instead', {'nested': ('VGPU',)}, NEITHER, 'stop'),
        (
            'plain_spec',
            {'extra_specs': {'hw:cpu_policy': 'shared'}},
            {},
            'live',
        ),
    )
    @ddt.unpack
    def test_unproved(self, fields, flags, expected):
        self.assertEqual(expected, fate(an_instance(**fields), **flags))

    @ddt.named_data(
        # name, vm_state, flags, expected
        ('arriving',         'active',  {},      ['arriving']),
        ('arriving_neither', 'active',  NEITHER, ['arriving']),
        ('arriving_stopped', 'stopped', {},      ['arriving']),
        ('unconfirmed',      'resized', {},      ['unconfirmed']),
        ('left_as_asked',    'stopped', NO_COLD, ['cold_disabled']),
        ('left_by_both',     'resized', NEITHER,
         ['live_and_cold_disabled']),
    )  # fmt: skip
    @ddt.unpack
    def test_half_here(self, vm_state, flags, expected):
        # Nothing else is said: it is not this node where it can be cured.
        instance = an_instance(
            vm_state=vm_state,
            elsewhere='compute-2',
            task_state='migrating',
            excluded=True,
            nested=('VGPU',),
        )
        self.assertEqual(expected, fate(instance, **flags))

    @ddt.named_data(
        # name, vm_state, elsewhere, flags, reason, facts
        ('elsewhere', 'active',            'compute-2', {},
         LEFT_ALLOCATION, {'elsewhere': 'compute-2'}),
        ('offloaded', 'shelved_offloaded', '',          {},
         LEFT_ALLOCATION, {'elsewhere': None}),
        ('no_server', '',                  '',          {},
         ORPHAN_ALLOCATION, {}),
        # No flag asks for it, whatever the state of the server.
        ('stopped',   'stopped',           'compute-2', NO_COLD,
         LEFT_ALLOCATION, {'elsewhere': 'compute-2'}),
        ('resized',   'resized',           'compute-2', NEITHER,
         LEFT_ALLOCATION, {'elsewhere': 'compute-2'}),
    )  # fmt: skip
    @ddt.unpack
    def test_allocation_alone(self, vm_state, elsewhere, flags, reason, facts):
        instance = an_instance(
            vm_state=vm_state, elsewhere=elsewhere, is_leftover=True
        )
        [stay] = departures(instance, **flags).blocked
        facts |= {'host': 'compute-1', 'provider': ''}
        self.assertEqual((reason.about('web-1', **facts),), stay.findings)

    def test_all_that_blocks_is_told(self):
        instance = an_instance(
            task_state='rebooting',
            excluded=True,
            power_state='shutdown',
            group='uuid-db',
            nested=('VGPU',),
            extra_specs={'hw:numa_nodes': '2'},
        )
        found = departures(instance, groups=[a_group('affinity')])
        [stay] = found.staying
        self.assertEqual(
            (
                Finding(EXCLUDED_BY_SCOPE, 'web-1'),
                Finding(BUSY, 'web-1', {'task_state': 'rebooting'}),
                Finding(POWER_STATE, 'web-1', {'power_state': 'shutdown'}),
                Finding(GROUP_NOWHERE_ELSE, 'web-1', {'group': 'db'}),
                Finding(
                    unproved.UNPROVED,
                    'web-1',
                    {'asks_for': ('hw:numa_nodes', 'VGPU')},
                ),
            ),
            stay.findings,
        )

    @ddt.named_data(
        ('arriving', 'active', ARRIVING, {'host': 'compute-1'}),
        ('unconfirmed', 'resized', UNCONFIRMED, {}),
    )
    @ddt.unpack
    def test_facts_of_half_an_instance(self, vm_state, reason, facts):
        found = departures(
            an_instance(vm_state=vm_state, elsewhere='compute-2')
        )
        [stay] = found.blocked
        self.assertEqual(
            (Finding(reason, 'web-1', {**facts, 'elsewhere': 'compute-2'}),),
            stay.findings,
        )

    def test_a_stay_in_full(self):
        found = departures(
            an_instance('db-1', vm_state='bricked', excluded=True)
        )
        [stay] = found.staying
        self.assertEqual(
            ('uuid-db-1', 'db-1', 'compute-1', False),
            (stay.instance_uuid, stay.instance_name, stay.host, stay.as_asked),
        )
        self.assertEqual(
            (
                Finding(EXCLUDED_BY_SCOPE, 'db-1'),
                Finding(UNKNOWN_STATE, 'db-1', {'vm_state': 'bricked'}),
            ),
            stay.findings,
        )

    @ddt.named_data(
        # name, flags, expected reason
        ('no_cold', NO_COLD, COLD_DISABLED),
        ('neither', NEITHER, LIVE_AND_COLD_DISABLED),
    )
    @ddt.unpack
    def test_left_as_asked_is_no_blocker(self, flags, reason):
        found = departures(an_instance('db-1', vm_state='stopped'), **flags)
        [stay] = found.staying
        self.assertIs(True, stay.as_asked)
        self.assertEqual((Finding(reason, 'db-1'),), stay.findings)
        self.assertEqual((), found.blocked)

    @ddt.named_data(
        # name, state, in its record, names of its host, flags, expected
        ('same',      'active',  'hv-1', ('hv-1',), {}, 'live'),
        ('renamed',   'active',  'hv-1', ('hv-1.eg',), {},
         ['renamed_hypervisor']),
        ('stopped',   'stopped', 'hv-1', ('hv-1.eg',), {},
         ['renamed_hypervisor']),
        ('second',    'active',  'hv-2', ('hv-1', 'hv-2'), {}, 'live'),
        ('no_record', 'active',  '',     ('hv-1',), {}, 'live'),
        ('not_read',  'active',  'hv-1', (), {}, 'live'),
        ('to_stop',   'active',  'hv-1', ('hv-1.eg',), NEITHER, 'stop'),
        ('shelved',   'shelved', 'hv-1', ('hv-1.eg',), {}, 'offload'),
    )  # fmt: skip
    @ddt.unpack
    def test_hypervisor(self, vm_state, name, names, flags, expected):
        instance = an_instance(vm_state=vm_state, hypervisor=name)
        known = a_snapshot(
            [a_node('compute-1', hypervisors=names)], [instance]
        )
        found = leaving.departures((instance,), known, a_request(**flags))
        self.assertEqual(expected, only_fate(found))

    @ddt.named_data(
        # name, type of the migration that brought it here, expected
        ('by_an_administrator', 'migration', ['not_confirmed_here']),
        ('by_its_owner',        'resize',    ['resized']),
        ('unknown',             '',          ['resized']),
    )  # fmt: skip
    @ddt.unpack
    def test_resized_here(self, migration, expected):
        instance = an_instance(vm_state='resized', migration=migration)
        self.assertEqual(expected, fate(instance))

    @ddt.named_data(
        # name, vm_state, task, type of the migration, flags, expected
        ('confirm',     'resized', '', 'migration', {}, 'confirm'),
        ('live_only',   'resized', '', 'migration', NO_COLD, 'confirm'),
        ('neither',     'resized', '', 'migration', NEITHER,
         ['live_and_cold_disabled']),
        ('busy',        'resized', 'deleting', 'migration', {}, ['busy']),
        ('by_its_owner', 'resized', '', 'resize', {}, ['unconfirmed']),
        ('unknown',     'resized', '', '', {}, ['unconfirmed']),
        ('arriving',    'active', 'migrating', 'live-migration', {},
         ['arriving']),
    )  # fmt: skip
    @ddt.unpack
    def test_other_end(self, vm_state, task_state, migration, flags, expected):
        instance = an_instance(
            vm_state=vm_state,
            task_state=task_state,
            elsewhere='compute-2',
            migration=migration,
        )
        self.assertEqual(expected, fate(instance, **flags))

    def test_excluded_is_not_confirmed(self):
        instance = an_instance(
            vm_state='resized',
            elsewhere='compute-2',
            migration='migration',
            excluded=True,
        )
        self.assertEqual(['excluded_by_scope'], fate(instance))

    def test_every_state_has_a_verdict(self):
        # That these are all that Nova has, a functional test tells.
        self.assertEqual(
            [
                'active',
                'building',
                'deleted',
                'error',
                'paused',
                'rescued',
                'resized',
                'shelved',
                'shelved_offloaded',
                'soft-delete',
                'stopped',
                'suspended',
            ],
            sorted(STATES),
        )

    @ddt.named_data(
        *((name, name, name in ('paused', 'running'))
          for name in POWER_STATES.values()),
        ('unknown', '', True),
        ('new', 'hibernated', False),
    )  # fmt: skip
    @ddt.unpack
    def test_every_power_state(self, power_state, migrates):
        found = departures(an_instance(power_state=power_state))
        self.assertIs(migrates, bool(found.moving))

    def test_many(self):
        web, db, old, fat = (
            an_instance('web'),
            an_instance('db', vm_state='suspended'),
            an_instance('old', vm_state='stopped'),
            an_instance('fat'),
        )
        found = departures(web, db, old, fat, **NO_COLD)
        self.assertEqual(
            [web, fat], [instance for instance, _kind in found.moving]
        )
        self.assertEqual((), found.stopping)
        self.assertEqual(
            ['db', 'old'], [s.instance_name for s in found.staying]
        )
        self.assertEqual(['db'], [s.instance_name for s in found.blocked])

    def test_stopping_in_order(self):
        web, fat = an_instance('web'), an_instance('fat')
        found = departures(web, fat, **NEITHER)
        self.assertEqual((web, fat), found.stopping)

    def test_what_is_on_no_node(self):
        self.assertEqual({'deleted', 'shelved_offloaded'}, HOLDS_NOTHING)
