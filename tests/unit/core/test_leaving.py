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

import ddt

from tests.unit import base
from tests.unit.core.builders import a_request
from tests.unit.core.builders import an_instance
from watcher_host_maintenance.core import leaving
from watcher_host_maintenance.core.reasons import Finding
from watcher_host_maintenance.core.reasons import Reason


NO_LIVE = {'disable_live_migration': True}
NO_COLD = {'disable_cold_migration': True}
NEITHER = {**NO_LIVE, **NO_COLD}


def fate(instance, **flags):
    """What becomes of one instance: a word, or the reasons of its stay."""
    found = leaving.departures((instance,), a_request(**flags))
    fates = [kind.value for _instance, kind in found.moving]
    fates += ['stop' for _instance in found.stopping]
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
        ('paused',             'paused',  {},      ['paused']),
        ('paused_cold',        'paused',  NO_LIVE, ['paused']),
        ('paused_live_only',   'paused',  NO_COLD, ['paused']),
        ('paused_neither',     'paused',  NEITHER, ['live_and_cold_disabled']),
        ('suspended',          'suspended',   {},  ['suspended']),
        ('rescued',            'rescued',     {},  ['rescued']),
        ('resized',            'resized',     {},  ['resized']),
        ('building',           'building',    {},  ['building']),
        ('error',              'error',       {},  ['error']),
        ('shelved',            'shelved',     {},  ['shelved']),
        ('soft_deleted',       'soft-delete', {},  ['soft_deleted']),
        ('never_heard_of',     'bricked',     {},  ['unknown_state']),
        ('no_state',           '',            {},  ['unknown_state']),
    )
    @ddt.unpack
    def test_by_state(self, vm_state, flags, expected):
        self.assertEqual(
            expected, fate(an_instance(vm_state=vm_state), **flags))

    @ddt.named_data(
        # name, vm_state, flags, expected
        ('active',            'active',  {},      ['excluded_by_scope']),
        ('active_neither',    'active',  NEITHER, ['excluded_by_scope']),
        ('stopped',           'stopped', {},      ['excluded_by_scope']),
        ('stopped_live_only', 'stopped', NO_COLD, ['cold_disabled']),
        ('paused',            'paused',  {},
         ['excluded_by_scope', 'paused']),
        ('paused_neither',    'paused',  NEITHER, ['live_and_cold_disabled']),
    )
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
        ('paused',            'paused',  {},      ['paused', 'busy']),
    )
    @ddt.unpack
    def test_busy(self, vm_state, flags, expected):
        instance = an_instance(vm_state=vm_state, task_state='migrating')
        self.assertEqual(expected, fate(instance, **flags))

    def test_a_stay_in_full(self):
        found = leaving.departures(
            (an_instance('db-1', vm_state='bricked', excluded=True),),
            a_request())
        [stay] = found.staying
        self.assertEqual(
            ('uuid-db-1', 'db-1', 'compute-1', False),
            (stay.instance_uuid, stay.instance_name, stay.host,
             stay.as_asked))
        self.assertEqual(
            (Finding(Reason.EXCLUDED_BY_SCOPE, 'db-1'),
             Finding(Reason.UNKNOWN_STATE, 'db-1', {'vm_state': 'bricked'})),
            stay.findings)

    @ddt.named_data(
        # name, flags, expected reason
        ('no_cold', NO_COLD, Reason.COLD_DISABLED),
        ('neither', NEITHER, Reason.LIVE_AND_COLD_DISABLED),
    )
    @ddt.unpack
    def test_left_as_asked_is_no_blocker(self, flags, reason):
        found = leaving.departures(
            (an_instance('db-1', vm_state='stopped'),), a_request(**flags))
        [stay] = found.staying
        self.assertIs(True, stay.as_asked)
        self.assertEqual((Finding(reason, 'db-1'),), stay.findings)
        self.assertEqual((), found.blocked)

    def test_many(self):
        web, db, old, fat = (
            an_instance('web'),
            an_instance('db', vm_state='paused'),
            an_instance('old', vm_state='stopped'),
            an_instance('fat'),
        )
        found = leaving.departures(
            (web, db, old, fat), a_request(**NO_COLD))
        self.assertEqual(
            [web, fat], [instance for instance, _kind in found.moving])
        self.assertEqual((), found.stopping)
        self.assertEqual(
            ['db', 'old'], [s.instance_name for s in found.staying])
        self.assertEqual(['db'], [s.instance_name for s in found.blocked])

    def test_stopping_in_order(self):
        web, fat = an_instance('web'), an_instance('fat')
        found = leaving.departures((web, fat), a_request(**NEITHER))
        self.assertEqual((web, fat), found.stopping)

    def test_what_is_on_no_node(self):
        self.assertEqual(
            {'deleted', 'shelved_offloaded'}, leaving.HOLDS_NOTHING)
