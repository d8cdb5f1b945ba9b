# SPDX-License-Identifier: Apache-2.0

"""Who comes home, by what was recorded and what became of it."""

import dataclasses

import ddt

from tests.unit import base
from tests.unit.core.builders import a_group
from tests.unit.core.builders import a_node
from tests.unit.core.builders import an_instance
from tests.unit.core.returns import CLOSED_S
from tests.unit.core.returns import a_closing
from tests.unit.core.returns import a_departure
from tests.unit.core.returns import a_return
from tests.unit.core.returns import a_return_request
from tests.unit.core.returns import a_returning_snapshot
from tests.unit.core.returns import maintained
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.core.rules import returns


RESIZE = {'kind': 'resize', 'source': 'compute-2'}


def by_hand(host, other):
    """Return two later migrations: to another host, and back."""
    return [
        a_departure(source=host, destination=other, ended_at_s=CLOSED_S + 70),
        a_departure(source=other, destination=host, ended_at_s=CLOSED_S + 80),
    ]


def judged(snapshot, **fields):
    """Return the names of those that come, and name -> reason of others."""
    [home] = returns.homecomings(
        [snapshot.by_hostname['compute-1']],
        snapshot,
        a_return_request(**fields),
    )
    return (
        [x.instance.name for x in home.coming],
        {s.instance_name: s.findings[0].reason.value for s in home.staying},
    )


@ddt.ddt
class TestRecords(base.TestCase):
    @ddt.named_data(
        # name, departures, servers of the plan, reason
        ('both',       [a_departure()], {'web-1': 'compute-2'}, None),
        ('cold',       [a_departure(kind='migration')],
         {'web-1': 'compute-2'}, None),
        ('plan_alone', [], {'web-1': 'compute-2'}, 'no_migration'),
        ('nova_alone', [a_departure()], {}, 'not_by_plan'),
        ('neither',    [], {}, 'unknown'),
        ('elsewhere',  [a_departure(source='compute-3')],
         {'web-1': 'compute-2'}, 'no_migration'),
        ('evacuated',  [a_departure(kind='evacuation')],
         {'web-1': 'compute-2'}, 'no_migration'),
        ('in_time',    [a_departure(ended_at_s=CLOSED_S - 60)],
         {'web-1': 'compute-2'}, None),
        ('before',     [a_departure(ended_at_s=CLOSED_S - 61)],
         {'web-1': 'compute-2'}, 'no_migration'),
        ('older_one',  [a_departure(ended_at_s=CLOSED_S - 61)], {},
         'unknown'),
        ('moved',      [a_departure()], {'web-1': 'compute-3'},
         'moved_since'),
        ('on_and_back', [a_departure(), *by_hand('compute-2', 'compute-3')],
         {'web-1': 'compute-2'}, None),
        ('home_and_off', [a_departure(), *by_hand('compute-2', 'compute-1')],
         {'web-1': 'compute-2'}, None),
        ('resized',    [a_departure(), a_departure(**RESIZE)],
         {'web-1': 'compute-2'}, 'resized_since'),
        ('earlier',    [a_departure(), a_departure(**RESIZE, ended_at_s=1059)],
         {'web-1': 'compute-2'}, None),
        ('left_twice', [a_departure(ended_at_s=1080),
                        a_departure(**RESIZE, ended_at_s=1070),
                        a_departure()],
         {'web-1': 'compute-2'}, None),
        ('resized_last', [a_departure(**RESIZE, ended_at_s=1080),
                          a_departure(ended_at_s=1070), a_departure()],
         {'web-1': 'compute-2'}, 'resized_since'),
        ('another',    [a_departure(), a_departure('db', **RESIZE)],
         {'web-1': 'compute-2'}, None),
    )  # fmt: skip
    @ddt.unpack
    def test_agree(self, departures, moved, reason):
        snapshot = a_returning_snapshot(
            departures=departures, closings=[a_closing(moved=moved)]
        )
        expected = {
            None: (['web-1'], {}),
            'unknown': ([], {}),
        }.get(reason, ([], {'web-1': reason}))
        self.assertEqual(expected, judged(snapshot))

    @ddt.named_data(
        # name, fields of the server, reason
        ('running',     {}, None),
        ('paused',      {'vm_state': 'paused'}, None),
        ('stopped',     {'vm_state': 'stopped'}, None),
        ('tagged',      {'owner_words': ('stay',)}, 'owner_says_stay'),
        ('other_word',  {'owner_words': ('move',)}, None),
        ('shelved',     {'vm_state': 'shelved'}, 'shelved_since'),
        ('suspended',   {'vm_state': 'suspended'}, 'suspended'),
        ('unconfirmed', {'vm_state': 'resized'}, 'resized'),
        ('busy',        {'task_state': 'rebooting'}, 'busy'),
        ('excluded',    {'excluded': True}, 'excluded_by_scope'),
        ('deleted',     {'vm_state': 'deleted'}, 'unknown'),
        ('soft_deleted', {'vm_state': 'soft-delete'}, 'unknown'),
        ('offloaded',   {'vm_state': 'shelved_offloaded'}, 'unknown'),
        ('home',        {'host': 'compute-1'}, 'unknown'),
        ('passing',     {'elsewhere': 'compute-1'}, 'unknown'),
    )  # fmt: skip
    @ddt.unpack
    def test_now(self, fields, reason):
        instance = an_instance('web-1', **{'host': 'compute-2', **fields})
        snapshot = a_returning_snapshot(
            instances=(instance,),
            departures=[a_departure()],
            closings=[a_closing(moved={'web-1': 'compute-2'})],
        )
        expected = {
            None: (['web-1'], {}),
            'unknown': ([], {}),
        }.get(reason, ([], {'web-1': reason}))
        self.assertEqual(expected, judged(snapshot))

    def test_cold_is_off(self):
        instance = an_instance(host='compute-2', vm_state='stopped')
        snapshot = a_returning_snapshot(instances=(instance,))
        self.assertEqual(
            ([], {'web-1': 'cold_disabled'}),
            judged(snapshot, disable_cold_migration=True),
        )

    def test_no_record(self):
        snapshot = a_returning_snapshot(closings=())
        [home] = returns.homecomings(
            [snapshot.by_hostname['compute-1']], snapshot, a_return_request()
        )
        self.assertEqual(['no_record'], [f.reason.value for f in home.notes])
        self.assertEqual(([], {}), judged(snapshot))

    @ddt.named_data(
        # name, node, whether the record is whole, note
        ('whole',   maintained(), True,  []),
        ('partial', maintained(), False, ['partial_record']),
        ('enabled', a_node('compute-1'), False, []),
    )  # fmt: skip
    @ddt.unpack
    def test_partial_record(self, node, is_whole, expected):
        snapshot = a_returning_snapshot(
            (node, a_node('compute-2')),
            closings=[
                a_closing(moved={'web-1': 'compute-2'}, is_whole=is_whole)
            ],
        )
        [home] = returns.homecomings([node], snapshot, a_return_request())
        self.assertEqual(expected, [f.reason.value for f in home.notes])
        # Of whom something is recorded comes home.
        self.assertEqual((['web-1'], {}), judged(snapshot))


@ddt.ddt
class TestGroups(base.TestCase):
    def a_group_away(self, policy, **members):
        instances = [
            an_instance(f'web-{n}', 'compute-2', group='uuid-db')
            for n in range(2)
        ]
        return a_returning_snapshot(
            instances=instances, groups=[a_group(policy, **members)]
        )

    @ddt.named_data(
        # name, policy, members that stayed, who comes, reason of the rest
        ('hard_left', 'affinity', {'compute_1': 1}, 2, None),
        ('hard_all',  'affinity', {}, 0, 'group_is_away'),
        ('soft',      'soft-affinity', {}, 2, None),
        ('apart',     'anti-affinity', {}, 2, None),
    )  # fmt: skip
    @ddt.unpack
    def test_whole(self, policy, members, count, reason):
        coming, staying = judged(self.a_group_away(policy, **members))
        self.assertEqual(count, len(coming))
        self.assertEqual({reason} - {None}, set(staying.values()))

    @ddt.named_data(
        ('soft', 'soft-affinity', [], ['group_stays', 'owner_says_stay']),
        ('apart', 'soft-anti-affinity', ['web-0'], ['owner_says_stay']),
    )
    @ddt.unpack
    def test_one_stays(self, policy, expected, reasons):
        snapshot = self.a_group_away(policy)
        first, second = snapshot.instances
        tagged = dataclasses.replace(second, owner_words=('stay',))
        snapshot = dataclasses.replace(snapshot, instances=(first, tagged))
        coming, staying = judged(snapshot)
        self.assertEqual(expected, coming)
        self.assertEqual(reasons, sorted(staying.values()))


AUDIT = '6f1a3c52-0b9e-4d57-8c21-9f00aa317be4'
OTHER_AUDIT = '00000000-0b9e-4d57-8c21-9f00aa317be4'
TOLD = {'announced_by': (AUDIT,)}


@ddt.ddt
class TestOwners(base.TestCase):
    def starting(self, fields, closing, **asked):
        """Return the names of those that are started."""
        instance = an_instance(
            'web-1', **{'vm_state': 'stopped', 'project_id': 'p1', **fields}
        )
        snapshot = a_returning_snapshot(
            instances=(instance,),
            closings=[a_closing(**{'stopped': ['web-1'], **closing})],
        )
        [home] = returns.homecomings(
            [snapshot.by_hostname['compute-1']],
            snapshot,
            a_return_request(**asked),
        )
        return [i.name for i in home.starting]

    @ddt.named_data(
        # name, words of the owner, whether it is started
        ('none',       (),                          True),
        ('stop',       ('stop',),                   False),
        ('restart',    ('stop-and-start',),         True),
        ('both',       ('stop', 'stop-and-start'),  False),
        ('stay_too',   ('stay', 'stop'),            True),
        ('move',       ('move',),                   True),
    )  # fmt: skip
    @ddt.unpack
    def test_who_is_started(self, words, is_started):
        expected = ['web-1'] if is_started else []
        self.assertEqual(expected, self.starting({'owner_words': words}, TOLD))

    @ddt.named_data(
        # name, fields of the server, words of projects, whether it is started
        ('flavor',  {'extra_specs': {'maintenance:default': 'stop'}}, {},
         False),
        ('project', {}, {'p1': 'stop'}, False),
        ('another', {}, {'p2': 'stop'}, True),
        ('own',     {'owner_words': ('stop-and-start',),
                     'extra_specs': {'maintenance:default': 'stop'}},
         {'p1': 'stop'}, True),
        ('flavor_first',
         {'extra_specs': {'maintenance:default': 'stop-and-start'}},
         {'p1': 'stop'}, True),
    )  # fmt: skip
    @ddt.unpack
    def test_who_has_no_word_of_its_own(self, fields, defaults, is_started):
        self.assertEqual(
            ['web-1'] if is_started else [],
            self.starting(fields, TOLD, owner_defaults=defaults),
        )

    @ddt.named_data(
        # name, fields of the server, of the closing, whether it is started
        ('ignored',     {'owner_words': ('stop',)}, {'announced_by': ()},
         True),
        ('not_by_plan', {'owner_words': ('stop-and-start',)},
         {**TOLD, 'stopped': ()}, False),
        ('runs',        {'owner_words': ('stop-and-start',),
                         'vm_state': 'active'}, TOLD, False),
        ('is_away',     {'owner_words': ('stop-and-start',),
                         'host': 'compute-2'}, TOLD, False),
    )  # fmt: skip
    @ddt.unpack
    def test_whose_word_does_not_count(self, fields, closing, is_started):
        expected = ['web-1'] if is_started else []
        self.assertEqual(expected, self.starting(fields, closing))

    @ddt.named_data(
        # name, host, state, audit, moved by a plan to, departures, over
        ('on_it',      'compute-1', 'left',      AUDIT, '', [], True),
        ('moved',      'compute-2', 'done',      AUDIT, 'compute-2',
         [a_departure()], True),
        ('another_of_the_audit', 'compute-2', 'announced', AUDIT, 'compute-2',
         [a_departure()], False),
        ('end_not_written', 'compute-2', 'moving', AUDIT, 'compute-2',
         [a_departure()], True),
        ('moved_on',   'compute-2', 'moving',    AUDIT, 'compute-3',
         [a_departure()], False),
        ('other_audit', 'compute-1', 'left',     OTHER_AUDIT, '', [],
         False),
        ('by_owner',   'compute-2', 'announced', AUDIT, '',
         [a_departure()], True),
        ('resized',    'compute-2', 'announced', AUDIT, '',
         [a_departure(kind='resize')], True),
        ('at_once',    'compute-2', 'announced', AUDIT, '',
         [a_departure(ended_at_s=CLOSED_S - 60)], True),
        ('before',     'compute-2', 'announced', AUDIT, '',
         [a_departure(ended_at_s=CLOSED_S - 61)], False),
        ('elsewhere',  'compute-2', 'announced', AUDIT, '',
         [a_departure(source='compute-3')], False),
        ('never_here', 'compute-2', 'announced', AUDIT, '', [], False),
        ('by_owner_for_another', 'compute-2', 'announced', OTHER_AUDIT, '',
         [a_departure()], False),
    )  # fmt: skip
    @ddt.unpack
    def test_whose_notice_is_over(
        self, host, state, audit, moved, departures, is_over
    ):
        notice = Notice(maintenance_id=audit, state=State(state))
        moved = {'web-1': moved} if moved else {}
        snapshot = a_returning_snapshot(
            instances=(an_instance('web-1', host, notice=notice),),
            departures=departures,
            closings=[a_closing(moved=moved, **TOLD)],
        )
        [home] = returns.homecomings(
            [snapshot.by_hostname['compute-1']], snapshot, a_return_request()
        )
        over = [i.name for i in returns.announced(home, snapshot)]
        self.assertEqual(['web-1'] if is_over else [], over)
        # The checker agrees.
        plan = a_return(snapshot)
        self.assertEqual([], plan.violations)
        self.assertEqual(is_over, bool(plan.outcome.notices))
