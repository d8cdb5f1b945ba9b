# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tests.unit.core.builders import a_request
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import an_instance
from watcher_host_maintenance.core.rules import leaving
from watcher_host_maintenance.core.rules import stuck


def told(vm_state, task_state, **fields):
    instance = an_instance(
        'web',
        vm_state=vm_state,
        task_state=task_state,
        task_age_s=7200,
        **fields,
    )
    return stuck.about(instance)


@ddt.ddt
class TestAdvice(base.TestCase):
    @ddt.named_data(
        # name, vm_state, task state, reason
        ('upload',          'active',    'image_uploading',   'stuck'),
        ('upload_stopped',  'stopped',   'image_uploading',
         'stuck_until_restart'),
        ('upload_paused',   'paused',    'image_snapshot',
         'stuck_until_restart'),
        ('upload_suspended', 'suspended', 'image_pending_upload',
         'stuck_until_restart'),
        ('upload_error',    'error',     'image_uploading',
         'stuck_in_error'),
        ('backup',          'active',    'image_backup',      'stuck'),
        # nova-compute does not end this one when it starts.
        ('backup_paused',   'paused',    'image_backup',      'stuck_kept'),
        ('password',        'active',    'updating_password', 'stuck'),
        ('live',            'active',    'migrating',         'stuck_running'),
        ('live_paused',     'paused',    'migrating',
         'stuck_until_restart'),
        ('resize_begins',   'active',    'resize_prep',       'stuck_running'),
        ('resize_stopped',  'stopped',   'resize_prep',
         'stuck_until_restart'),
        ('resize_source',   'active',    'resize_migrating',
         'stuck_copying'),
        ('resize_error',    'error',     'resize_migrating',
         'stuck_copying'),
        ('resize_between',  'active',    'resize_migrated',
         'stuck_resizing'),
        ('resize_target',   'stopped',   'resize_finish',     'stuck_resizing'),
        ('confirming',      'resized',   'resize_confirming', 'stuck_kept'),
        ('reverting',       'resized',   'resize_reverting',  'stuck_kept'),
        ('rescuing',        'active',    'rescuing',          'stuck_booting'),
        ('unrescuing',      'rescued',   'unrescuing',        'stuck_booting'),
        ('in_rescue',       'rescued',   'updating_password', 'stuck_kept'),
        ('reboot',          'active',    'rebooting_hard',    'stuck_booting'),
        ('power_on',        'stopped',   'powering-on',       'stuck_booting'),
        ('suspending',      'active',    'suspending',        'stuck_running'),
        ('resuming',        'suspended', 'resuming',          'stuck_kept'),
        ('rebuilding',      'active',    'rebuild_spawning',
         'stuck_rebuilding'),
        ('rebuild_error',   'error',     'rebuilding',        'stuck_in_error'),
        ('building',        'building',  'spawning',          'stuck_building'),
        ('claiming',        'building',  '',                  'stuck_building'),
        ('building_deleted', 'building', 'deleting',          'stuck_deleting'),
        ('deleting',        'active',    'deleting',          'stuck_deleting'),
        ('deleting_error',  'error',     'deleting',          'stuck_deleting'),
        ('trashed',         'active',    'soft-deleting',     'stuck_deleting'),
        ('unshelving',      'shelved',   'unshelving',        'stuck_kept'),
        ('offloading',      'shelved',   'shelving_offloading', 'stuck_kept'),
        ('new',             'active',    'dreaming',          'stuck_running'),
        ('new_paused',      'paused',    'dreaming',          'stuck_kept'),
    )  # fmt: skip
    @ddt.unpack
    def test_reason(self, vm_state, task_state, expected):
        self.assertEqual(expected, told(vm_state, task_state).reason.value)

    @ddt.named_data(
        # name, task state, what is asked for again
        ('off',       'powering-off',           'stop'),
        ('pausing',   'pausing',                'pause'),
        ('unpausing', 'unpausing',              'pause'),
        ('shelving',  'shelving_image_uploading', 'shelve'),
    )  # fmt: skip
    @ddt.unpack
    def test_command(self, task_state, expected):
        self.assertEqual(expected, told('active', task_state).facts['command'])

    def test_every_command_has_its_task(self):
        halfway = {
            task
            for task, of in stuck.TASKS.items()
            if stuck.STUCK_HALFWAY in of
        }
        self.assertEqual(halfway, {*stuck.COMMANDS})

    def test_no_state_but_active_is_set_active(self):
        """Unless what it is then is asked for again, or booted again."""
        for task, (_active, otherwise) in stuck.TASKS.items():
            self.assertNotIn(
                otherwise, (stuck.STUCK, stuck.STUCK_RUNNING), task
            )

    def test_a_build_without_a_task_is_told_as_one(self):
        self.assertEqual('building', told('building', '').facts['task_state'])

    def test_host_is_where_nova_has_it(self):
        finding = told('resized', 'resize_confirming', elsewhere='compute-2')
        self.assertEqual('compute-2', finding.facts['host'])


class TestAlone(base.TestCase):
    """What its state asks for cannot be done before."""

    def fate(self, **fields):
        instance = an_instance(
            vm_state='rescued', task_state='unrescuing', **fields
        )
        departures = leaving.departures(
            (instance,), a_snapshot(instances=[instance]), a_request()
        )
        [stay] = departures.blocked
        return [f.reason.value for f in stay.findings]

    def test_busy(self):
        self.assertEqual(['rescued', 'busy'], self.fate(task_age_s=3599))

    def test_stuck(self):
        self.assertEqual(['stuck_booting'], self.fate(task_age_s=3600))
