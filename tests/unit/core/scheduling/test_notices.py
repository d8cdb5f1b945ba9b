# SPDX-License-Identifier: Apache-2.0

import dataclasses

import ddt

from tests.unit import base
from tests.unit.core.builders import a_group
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_request
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import an_instance
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.checking import check
from watcher_host_maintenance.core.model.notice import DEFAULT_SPEC
from watcher_host_maintenance.core.model.notice import Effect
from watcher_host_maintenance.core.model.notice import HostFate
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.core.model.pace import Pace
from watcher_host_maintenance.core.model.plan import Notify
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.model.request import Owners
from watcher_host_maintenance.core.model.window import Window
from watcher_host_maintenance.core.scheduling import notices
from watcher_host_maintenance.core.scheduling import steps


ID = '6f1a3c52-0b9e-4d57-8c21-9f00aa317be4'
OTHER = '00000000-0000-0000-0000-000000000000'
NOW_S = 1000


NODES = (a_node('compute-1'), a_node('compute-2'))

ROOM = (
    a_node('compute-1'),
    a_node('compute-2', vcpus=4),
    a_node('compute-3', vcpus=1),
)
"""``big`` of compute-1 goes to compute-2 when ``small`` has left for another."""

BIG = an_instance('big', vcpus=4)


def begin(*instances, groups=(), nodes=NODES, **fields):
    """What begins now, with its schedule; both are proved."""
    fields = {
        'owners': Owners.WAIT,
        'maintenance_id': ID,
        'now_s': NOW_S,
        'answer_by_s': NOW_S + 1,
        **fields,
    }
    known = a_snapshot(nodes, instances, groups)
    request = a_request(**fields)
    whole = drain.plan(known, request)
    part = notices.begin(whole, known, request, Pace())
    schedule = steps.schedule(known, part, Pace())
    violations = check.check(known, request, part, schedule, Pace())
    return part, schedule, violations


def told(outcome):
    """Name -> state and effect of each notice, in order."""
    states = {}
    for notify in outcome.notices:
        texts = notify.notice.to_metadata()
        states.setdefault(notify.instance_name, []).append(
            (texts.get('maintenance:state'), texts.get('maintenance:effect'))
        )
    return states


@ddt.ddt
class TestBegin(base.TestCase):
    @ddt.named_data(
        # name, owners, words, answer by, what is told
        ('ignored',  Owners.IGNORE, (),        NOW_S + 1, []),
        ('obeyed',   Owners.OBEY,   (),        NOW_S + 1,
         [('moving', 'live'), ('done', 'live')]),
        ('awaited',  Owners.WAIT,   (),        NOW_S + 1,
         [('announced', 'live')]),
        ('due',      Owners.WAIT,   (),        NOW_S,
         [('moving', 'live'), ('done', 'live')]),
        ('cold',     Owners.WAIT,   ('cold',), NOW_S + 1,
         [('announced', 'cold')]),
        ('stop',     Owners.OBEY,   ('stop',), NOW_S + 1,
         [('moving', 'stop'), ('left', 'stop')]),
        ('stay',     Owners.OBEY,   ('stay',), NOW_S + 1, [('left', 'none')]),
        ('stays',    Owners.WAIT,   ('stay',), NOW_S + 1,
         [('announced', 'none')]),
        ('early_go', Owners.WAIT,   ('go',),   NOW_S + 1,
         [('announced', 'live')]),
    )  # fmt: skip
    @ddt.unpack
    def test_told(self, owners, words, answer_by_s, expected):
        part, _schedule, violations = begin(
            an_instance(owner_words=words),
            owners=owners,
            answer_by_s=answer_by_s,
        )
        self.assertEqual((), violations)
        self.assertEqual({'web-1': expected} if expected else {}, told(part))

    @ddt.named_data(
        # name, words, who was told before, tags that are deleted
        ('older',  ('go', 'stop'), (),           ('maintenance:go',)),
        # Its owner may say go before the notice is written.
        ('silent', ('stop',),      (),           ('maintenance:go',)),
        ('told',   ('go',),        ('uuid-web-1',), ()),
    )  # fmt: skip
    @ddt.unpack
    def test_go_of_before_is_deleted(self, words, before, tags):
        known = a_snapshot(NODES, [an_instance(owner_words=words)])
        request = a_request(
            owners=Owners.WAIT,
            maintenance_id=ID,
            now_s=NOW_S,
            answer_by_s=NOW_S + 1,
        )
        whole = drain.plan(known, request)
        part = notices.begin(whole, known, request, Pace())
        part = notices.without_older_words(part, request, before)
        [notify] = part.notices
        self.assertEqual(
            (State.ANNOUNCED, tags), (notify.notice.state, notify.used_tags)
        )

    @ddt.named_data(
        # name, words, state of the notice, may it be of this maintenance,
        # words that count, is a tag removed
        ('answered', ('go', 'cold'), State.ANNOUNCED, True,
         ('cold', 'go'), False),
        ('before',   ('go', 'cold'), State.ANNOUNCED, False, ('cold',), True),
        ('silent',   ('cold',), State.ANNOUNCED, False, ('cold',), False),
        ('over',     ('go',), State.CANCELLED, False, (), False),
    )  # fmt: skip
    @ddt.unpack
    def test_go_that_is_still_there(self, words, state, asked, heard, removed):
        notice = Notice(maintenance_id=ID, state=state)
        web = an_instance(owner_words=words, notice=notice)
        known = a_snapshot(NODES, [web])
        request = a_request(owners=Owners.WAIT, maintenance_id=ID, now_s=NOW_S)
        uuids = [web.uuid] if asked else []
        [instance] = notices.heard(known, uuids).instances
        self.assertEqual(heard, instance.owner_words)
        self.assertEqual(
            [(notice, ('maintenance:go',))] if removed else [],
            [
                (n.notice, n.used_tags)
                for n in notices.removals(known, request, uuids)
            ],
        )

    @ddt.named_data(
        # name, audit of the notice, words, begins
        ('told',     ID,    ('go',), True),
        ('silent',   ID,    (),      False),
        ('other',    OTHER, ('go',), False),
        ('untold',   '',    ('go',), False),
    )  # fmt: skip
    @ddt.unpack
    def test_go_counts_for_this_maintenance_only(self, uuid, words, begins):
        for window in (None, Window(NOW_S + 100)):
            part, _schedule, violations = begin(
                an_instance(
                    owner_words=words, notice=Notice(maintenance_id=uuid)
                ),
                window=window,
            )
            self.assertEqual((), violations)
            self.assertEqual(begins, bool(part.moves))
            if not begins:
                [stay] = part.nodes[0].waiting
                until = {None: 1001}.get(window, 1100)
                self.assertEqual('awaits_owner', stay.findings[0].reason.value)
                self.assertIn(
                    f'00:{until // 60}:{until % 60:02}Z',
                    stay.findings[0].facts['until'],
                )

    def test_affinity_group_waits_for_no_stop(self):
        group = a_group('affinity', 'g', compute_2=1)
        part, _schedule, violations = begin(
            an_instance('stops', group='uuid-g', owner_words=('stop',)),
            an_instance(
                'goes',
                group='uuid-g',
                owner_words=('go',),
                notice=Notice(maintenance_id=ID),
            ),
            groups=[group],
        )
        self.assertEqual((), violations)
        self.assertEqual(['goes'], [m.instance_name for m in part.moves])

    def test_nothing_goes_after_the_window(self):
        part, _schedule, violations = begin(
            an_instance(owner_words=('go',), notice=Notice(maintenance_id=ID)),
            window=Window(0, NOW_S),
        )
        self.assertEqual(((), ()), (violations, part.moves))

    @ddt.named_data(
        # name, words of tags, of the flavor, of the project, what is told
        ('none',    (),                '',     '',     None),
        ('own',     ('move',),         'stop', 'keep', 'move'),
        ('careful', ('move', 'cold'),  '',     '',     'cold'),
        ('flavor',  ('go',),           'cold', 'keep', 'cold'),
        ('wild',    (),                'halt', 'stay', 'stay'),
        ('project', (),                '',     'stop', 'stop'),
    )  # fmt: skip
    @ddt.unpack
    def test_word_that_counts(self, words, of_flavor, of_project, expected):
        part, _schedule, violations = begin(
            an_instance(
                owner_words=words,
                project_id='p1',
                extra_specs={DEFAULT_SPEC: of_flavor},
            ),
            owner_defaults={'p1': of_project} if of_project else {},
        )
        self.assertEqual((), violations)
        [notify] = part.notices
        metadata = notify.notice.to_metadata()
        self.assertEqual(expected, metadata.get('maintenance:word'))

    @ddt.data(
        'rescued', 'shelved', 'resized', 'error', 'building', 'soft-delete'
    )
    def test_who_cannot_be_told_is_named(self, vm_state):
        part, _schedule, violations = begin(
            an_instance('sick', vm_state=vm_state),
            an_instance(),
            on_blocked=OnBlocked.LEAVE,
        )
        self.assertEqual((), violations)
        self.assertEqual(['web-1'], [*told(part)])
        self.assertEqual(['sick'], [f.subject for f in part.untold])

    def test_what_is_no_server_has_no_owner(self):
        part, _schedule, violations = begin(
            an_instance('orphan', vm_state='', is_leftover=True),
            an_instance('end', elsewhere='compute-2', is_leftover=True),
            on_blocked=OnBlocked.LEAVE,
        )
        self.assertEqual((), violations)
        self.assertEqual(((), ()), (part.notices, part.untold))

    def test_a_wiped_notice_is_written_again_and_no_other(self):
        part, _schedule, _violations = begin(an_instance())
        [notify] = part.notices
        again, _schedule, _violations = begin(
            an_instance(notice=notify.notice)
        )
        self.assertEqual((), again.notices)
        self.assertFalse(again.failed)
        wiped = dataclasses.replace(notify.notice, effect=None)
        again, _schedule, _violations = begin(an_instance(notice=wiped))
        self.assertEqual((notify,), again.notices)

    def test_order(self):
        _part, schedule, violations = begin(
            an_instance('a', owner_words=('stop',)),
            an_instance('b'),
            an_instance('c', owner_words=('stay',)),
            owners=Owners.OBEY,
        )
        self.assertEqual((), violations)
        self.assertEqual(
            {
                'disable compute-1': (),
                'notify moving uuid-a': ('disable compute-1',),
                'stop uuid-a': ('notify moving uuid-a',),
                'notify left uuid-a': ('stop uuid-a',),
                'notify moving uuid-b': ('disable compute-1',),
                'move uuid-b': ('notify moving uuid-b',),
                'notify done uuid-b': ('move uuid-b',),
                'notify left uuid-c': (),
                'verify compute-1': (
                    'notify done uuid-b',
                    'notify left uuid-a',
                    'notify left uuid-c',
                ),
            },
            {step.key: step.after for step in schedule},
        )

    def test_who_makes_room_is_told_to_the_end(self):
        small = an_instance('small', 'compute-2')
        part, schedule, violations = begin(
            BIG,
            small,
            nodes=ROOM,
            owners=Owners.OBEY,
            max_secondary_moves=1,
        )
        self.assertEqual((), violations)
        self.assertEqual(
            [('moving', 'live'), ('done', 'live'), (None, None)],
            told(part)['small'],
        )
        own = [n for n in part.notices if n.instance_name == 'small']
        self.assertEqual({None}, {n.notice.host for n in own})
        after = {step.key: step.after for step in schedule}
        self.assertEqual(
            (('move uuid-small',), ('notify done uuid-small',)),
            (
                after['notify done uuid-small'],
                after['notify cleared uuid-small'],
            ),
        )
        # As if it had ended in the middle.
        moving, *rest = own
        again, _schedule, violations = begin(
            BIG,
            dataclasses.replace(small, notice=moving.notice),
            nodes=ROOM,
            owners=Owners.OBEY,
            max_secondary_moves=1,
        )
        self.assertEqual((), violations)
        self.assertEqual(
            rest, [n for n in again.notices if n.instance_name == 'small']
        )

    def test_stopped_before_it_is_moved(self):
        part, schedule, violations = begin(
            an_instance('a', owner_words=('stop',)),
            owners=Owners.OBEY,
            removed=True,
        )
        self.assertEqual((), violations)
        self.assertEqual(
            [
                'disable compute-1',
                'notify moving uuid-a',
                'stop uuid-a',
                'move uuid-a',
                'notify done uuid-a',
                'verify compute-1',
            ],
            [step.key for step in schedule],
        )
        self.assertEqual('removed', part.notices[0].notice.host)

    @ddt.data((30, True), (29, False))
    @ddt.unpack
    def test_stop_before_a_move_takes_time_too(self, ends_s, begins):
        # 10 s for the stop, 20 s for the move.
        part, _schedule, violations = begin(
            an_instance(memory_mb=1000, owner_words=('stop',)),
            owners=Owners.OBEY,
            removed=True,
            window=Window(NOW_S, NOW_S + ends_s),
        )
        self.assertEqual(((), begins), (violations, bool(part.moves)))

    def test_announcement_alone_is_no_failure(self):
        part, schedule, violations = begin(
            an_instance(), window=Window(NOW_S + 100)
        )
        self.assertEqual((), violations)
        self.assertFalse(part.failed)
        self.assertFalse(part.waits)
        self.assertEqual((), part.disables)
        self.assertEqual(
            ['notify announced uuid-web-1'], [s.key for s in schedule]
        )


@ddt.ddt
class TestStillAnnounced(base.TestCase):
    @ddt.named_data(
        # name, audit of the notice, state, audit that asks, how many
        ('announced', ID,    State.ANNOUNCED, ID, 1),
        ('begun',     ID,    State.MOVING,    ID, 0),
        ('over',      ID,    State.DONE,      ID, 0),
        ('of_other',  OTHER, State.ANNOUNCED, ID, 0),
        ('of_none',   '',    State.ANNOUNCED, '', 0),
    )  # fmt: skip
    @ddt.unpack
    def test_count(self, uuid, state, own, expected):
        notice = Notice(maintenance_id=uuid, state=state)
        snapshot = a_snapshot(
            [a_node('compute-1')], [an_instance(notice=notice)]
        )
        request = a_request(maintenance_id=own)
        self.assertEqual(expected, notices.still_announced(snapshot, request))
        self.assertEqual(
            0, notices.still_announced(snapshot, request, ['uuid-web-1'])
        )


@ddt.ddt
class TestWindowThatHasPassed(base.TestCase):
    OVER = Window(NOW_S - 100, NOW_S)

    @ddt.named_data(
        # name, audit of the notice, its state, and what is told
        ('announced', ID,    State.ANNOUNCED, [('cancelled', 'none')]),
        ('moving',    ID,    State.MOVING,    [('cancelled', 'live')]),
        ('cancelled', ID,    State.CANCELLED, []),
        ('left',      ID,    State.LEFT,      []),
        ('untold',    '',    None,            []),
        ('other',     OTHER, State.ANNOUNCED, []),
    )  # fmt: skip
    @ddt.unpack
    def test_is_called_off(self, uuid, state, expected):
        notice = Notice(
            maintenance_id=uuid,
            state=state,
            starts_s=NOW_S - 100,
            ends_s=NOW_S,
            effect=Effect.LIVE,
            host=HostFate.RETURNS,
        )
        for owners in (Owners.OBEY, Owners.WAIT):
            part, _schedule, violations = begin(
                an_instance(notice=notice),
                owners=owners,
                answer_by_s=None,
                window=self.OVER,
            )
            self.assertEqual((), violations)
            self.assertEqual(
                {'web-1': expected} if expected else {}, told(part)
            )
            for notify in part.notices:
                self.assertEqual(NOW_S, notify.notice.ends_s)
                # It was for the maintenance that is called off.
                self.assertEqual(('maintenance:go',), notify.used_tags)

    def test_nobody_has_to_be_told(self):
        part, _schedule, violations = begin(
            an_instance(vm_state='rescued'),
            owners=Owners.OBEY,
            on_blocked=OnBlocked.LEAVE,
            window=self.OVER,
        )
        self.assertEqual((), violations)
        self.assertEqual((), part.untold)

    def test_without_a_begin(self):
        part, _schedule, violations = begin(
            an_instance(), window=Window(0, NOW_S + 100)
        )
        self.assertEqual((), violations)
        [notify] = part.notices
        metadata = notify.notice.to_metadata()
        self.assertNotIn('maintenance:starts', metadata)
        self.assertEqual('1970-01-01T00:18:20Z', metadata['maintenance:ends'])

    def test_who_waits_is_told_of_the_next(self):
        known = (an_instance('big', memory_mb=4096), an_instance('small'))
        part, _schedule, violations = begin(
            *known,
            owners=Owners.OBEY,
            window=Window(NOW_S, NOW_S + 25),
            later=Window(NOW_S + 3600, NOW_S + 3625),
        )
        self.assertEqual((), violations)
        self.assertEqual(
            {
                'big': [('announced', 'live')],
                'small': [('moving', 'live'), ('done', 'live')],
            },
            told(part),
        )
        self.assertEqual(
            [('big', NOW_S + 3625)] + 2 * [('small', NOW_S + 25)],
            [(n.instance_name, n.notice.ends_s) for n in part.notices],
        )


@ddt.ddt
class TestChecker(base.TestCase):
    @ddt.named_data(
        ('nothing', lambda own: ()),
        ('not_done', lambda own: (own[0], own[-1])),
        ('not_deleted', lambda own: own[:-1]),
    )
    @ddt.unpack
    def test_catches_of_who_makes_room(self, change):
        known = a_snapshot(ROOM, [BIG, an_instance('small', 'compute-2')])
        request = a_request(
            owners=Owners.OBEY,
            maintenance_id=ID,
            now_s=NOW_S,
            max_secondary_moves=1,
        )
        whole = drain.plan(known, request)
        part = notices.begin(whole, known, request, Pace())
        own = [n for n in part.notices if n.instance_name == 'small']
        others = [n for n in part.notices if n.instance_name != 'small']
        wrong = dataclasses.replace(part, notices=(*others, *change(own)))
        schedule = steps.schedule(known, wrong, Pace())
        violations = check.check(known, request, wrong, schedule, Pace())
        text = 'as it makes room'
        self.assertTrue(any(text in v for v in violations), violations)

    @ddt.named_data(
        # name, state of the notice, what is told in the plan's place
        ('silent',    State.ANNOUNCED, lambda told: ()),
        ('unasked',   State.LEFT,      lambda told: (Notify(
            instance_uuid='uuid-web-1', instance_name='web-1',
            host='compute-1', notice=Notice(
                maintenance_id=ID, state=State.CANCELLED)),)),
        ('otherwise', State.ANNOUNCED, lambda told: (dataclasses.replace(
            told[0], notice=dataclasses.replace(
                told[0].notice, host=HostFate.REMOVED)),)),
    )  # fmt: skip
    @ddt.unpack
    def test_catches_after_the_window(self, state, change):
        instance = an_instance(
            notice=Notice(maintenance_id=ID, state=state, ends_s=NOW_S)
        )
        known = a_snapshot(NODES, [instance])
        request = a_request(
            owners=Owners.OBEY,
            maintenance_id=ID,
            now_s=NOW_S,
            window=Window(0, NOW_S),
        )
        part = notices.begin(
            drain.plan(known, request), known, request, Pace()
        )
        wrong = dataclasses.replace(part, notices=change(part.notices))
        schedule = steps.schedule(known, wrong, Pace())
        violations = check.check(known, request, wrong, schedule, Pace())
        text = 'web-1: its owner is told'
        self.assertTrue(any(text in v for v in violations), violations)

    @ddt.named_data(
        ('nothing', lambda n: (), 'its owner is told'),
        ('other_effect', lambda n: tuple(
            dataclasses.replace(
                x, notice=dataclasses.replace(x.notice, effect=None)
            ) for x in n), 'its owner is told'),
        ('other_word', lambda n: tuple(
            dataclasses.replace(
                x, notice=dataclasses.replace(x.notice, word='stop')
            ) for x in n), 'its owner is told'),
        ('twice', lambda n: (*n, n[-1]), 'is told the same again'),
        ('stranger', lambda n: (*n, Notify(
            instance_uuid='uuid-x', instance_name='x', host='compute-2',
            notice=Notice())), 'is on no node to empty'),
    )  # fmt: skip
    @ddt.unpack
    def test_catches(self, change, text):
        known = a_snapshot(
            [a_node('compute-1'), a_node('compute-2')], [an_instance()]
        )
        request = a_request(owners=Owners.OBEY, maintenance_id=ID, now_s=NOW_S)
        whole = drain.plan(known, request)
        part = notices.begin(whole, known, request, Pace())
        wrong = dataclasses.replace(part, notices=change(part.notices))
        schedule = steps.schedule(known, wrong, Pace())
        violations = check.check(known, request, wrong, schedule, Pace())
        self.assertTrue(any(text in v for v in violations), violations)
