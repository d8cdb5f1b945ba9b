# SPDX-License-Identifier: Apache-2.0

"""Who was moved, stopped and woken by the plans of a maintenance."""

import ddt

from tests.unit import base
from watcher_host_maintenance.core.model.snapshot import Closing
from watcher_host_maintenance.request import closings
from watcher_host_maintenance.request.closings import Action
from watcher_host_maintenance.request.closings import Plan


def an_action(kind, name='compute-1', done=True, **parameters):
    return Action(kind, {'resource_name': name, **parameters}, done)


def a_move(uuid='w', source='compute-1', to='compute-2', **fields):
    return an_action(
        **{'kind': 'migrate', 'name': 'web', 'done': True, **fields},
        resource_id=uuid,
        source_node=source,
        destination_node=to,
    )


def a_state(state, name='compute-1', done=True):
    return an_action('change_nova_service_state', name, done, state=state)


DISABLE, ENABLE = a_state('disabled'), a_state('enabled', 'spare-1')
MARK = an_action('change_disabled_reason', expected_reason='spare')
RETURN = an_action('return_host', disabled_reason='', expected_reason='x')
SPARES = [{'resource_name': 'spare-1', 'disabled_reason': 'spare'}]
VERIFY = an_action('verify_host_empty', remaining=[])


def verify(**fields):
    return an_action('verify_host_empty', **{'remaining': [], **fields})


def waker_returns(spare='spare-1', done=True):
    """compute-1 returns, for which a spare was enabled that is drained."""
    spares = [{'resource_name': spare, 'disabled_reason': 'spare'}]
    return an_action('return_host', done=done, woken=spares)


WAKER_RETURNS = waker_returns()
SPARE_RETURNS = an_action('return_host', 'spare-1', disabled_reason='')
DISABLE_SPARE = a_state('disabled', 'spare-1')

REOPENED = (
    DISABLE,
    a_move(),
    a_move('v', done=False),
    verify(remaining=['v'], enable_on_failure=True, done=False),
)
"""A drain with ``on_failure=enable`` that has failed."""


def closing(*plans, host='compute-1'):
    """Return what is recorded; plans are given newest first."""
    records = [Plan(1000 - n, actions) for n, actions in enumerate(plans)]
    found = closings.closings(records, [host], never)
    return found[0] if found else None


def never(audit):
    """Say that an audit tells no owners."""


@ddt.ddt
class TestClosings(base.TestCase):
    @ddt.named_data(
        # name, plans newest first, moved
        ('moved',     [(DISABLE, a_move(), VERIFY)], {'w': 'compute-2'}),
        ('paused',    [(DISABLE, a_move(kind='live_migrate_paused'))],
         {'w': 'compute-2'}),
        ('into_room', [(DISABLE, a_move(kind='migrate_into_room'))],
         {'w': 'compute-2'}),
        ('failed',    [(DISABLE, a_move(done=False))], {}),
        ('another',   [(DISABLE, a_move(source='compute-3'))], {}),
        ('again',     [(a_move('v'),), (DISABLE, a_move())],
         {'v': 'compute-2', 'w': 'compute-2'}),
        ('newest',    [(a_move(to='compute-3'),), (DISABLE, a_move())],
         {'w': 'compute-3'}),
        ('older_one', [(DISABLE, a_move('v')), (DISABLE, a_move())],
         {'v': 'compute-2'}),
        ('ended',     [(DISABLE, a_move('v')), (RETURN,), (DISABLE, a_move())],
         {'v': 'compute-2'}),
        ('by_hand',   [(a_move('v'),), (RETURN,), (a_move(),)],
         {'v': 'compute-2'}),
        ('reopened',  [(DISABLE, a_move('v')), REOPENED], {'v': 'compute-2'}),
        ('tried',     [REOPENED], {'w': 'compute-2'}),
        ('filled',    [(a_move('v'),), (a_move(), VERIFY)],
         {'v': 'compute-2'}),
        ('some_left', [(a_move('v'),), (a_move(), verify(remaining=['v']))],
         {'v': 'compute-2', 'w': 'compute-2'}),
        ('returned',  [(RETURN,), (DISABLE, a_move())], {'w': 'compute-2'}),
        ('between',   [(a_move('x', 'compute-9'),), (DISABLE, a_move())],
         {'w': 'compute-2'}),
    )  # fmt: skip
    @ddt.unpack
    def test_moved(self, plans, moved):
        self.assertEqual(moved, closing(*plans).moved)

    @ddt.named_data(
        # name, plans newest first, whether its beginning is recorded
        ('disabled',     [(DISABLE, a_move())], True),
        ('marked',       [(MARK, a_move())], True),
        ('repeated',     [(a_move('v'),), (DISABLE, a_move())], True),
        ('ended_before', [(a_move('v'),), (RETURN,)], True),
        ('empty_before', [(a_move('v'),), (a_move(), VERIFY)], True),
        ('not_disabled', [(a_state('disabled', done=False), a_move())], False),
        ('by_hand',      [(a_move(), VERIFY)], False),
        ('returned',     [(RETURN,), (a_move(), VERIFY)], False),
        ('others_older', [(a_move(),), (a_state('disabled', 'compute-2'),)],
         False),
    )  # fmt: skip
    @ddt.unpack
    def test_is_whole(self, plans, is_whole):
        self.assertEqual(is_whole, closing(*plans).is_whole)

    @ddt.named_data(
        ('nothing', []),
        ('another', [(a_state('disabled', 'compute-2'),)]),
        ('not_done', [(a_state('disabled', done=False),)]),
        ('returns_alone', [(RETURN,)]),
        (
            'made_room_for_another',
            [
                (
                    a_move('v'),
                    a_move('w', 'compute-3', room_of=[{'resource_id': 'v'}]),
                )
            ],
        ),
        (
            'comes_home_to_another',
            [
                (
                    an_action('return_host', 'compute-2'),
                    a_move(to='compute-2'),
                )
            ],
        ),
    )
    @ddt.unpack
    def test_nothing_is_recorded(self, plans):
        self.assertIsNone(closing(*plans))

    def test_since(self):
        plans = (a_move(),), (DISABLE,), (a_move('x'),)
        self.assertEqual(
            Closing('compute-1', 999, moved={'w': 'compute-2'}),
            closing(*plans),
        )

    def test_former_spare(self):
        self.assertEqual('spare', closing((a_move(),), (MARK,)).spare_reason)
        self.assertEqual('', closing((DISABLE,), (MARK,)).spare_reason)

    def test_former_spare_that_was_returned_as_another(self):
        maintenance = (MARK, a_move())
        self.assertEqual('', closing((RETURN,), maintenance).spare_reason)
        again = an_action('return_host', disabled_reason='spare')
        self.assertEqual(
            '', closing((RETURN,), (again,), maintenance).spare_reason
        )
        self.assertEqual(
            'spare', closing((again,), (RETURN,), maintenance).spare_reason
        )

    def test_stopped(self):
        stop = Action('stop', {'resource_id': 'w'}, True)
        self.assertEqual(('w',), closing((DISABLE, stop)).stopped)
        # It names no host: it may be one of another node of the plan.
        self.assertIsNone(closing((stop,)))

    @ddt.named_data(
        ('recorded', (DISABLE, ENABLE, verify(woken=SPARES)), True),
        ('to_restore', (DISABLE, ENABLE, verify(disable_on_failure=SPARES)),
         True),
        ('verify_failed',
         (DISABLE, ENABLE, verify(woken=SPARES, done=False)), True),
        ('enable_failed',
         (DISABLE, a_state('enabled', 'spare-1', False),
          verify(woken=SPARES)), False),
        ('not_recorded', (DISABLE, ENABLE, VERIFY), False),
        ('of_another_node',
         (DISABLE, ENABLE, verify(name='compute-2', woken=SPARES)), False),
    )  # fmt: skip
    @ddt.unpack
    def test_woken(self, actions, is_known):
        expected = {'spare-1': 'spare'} if is_known else {}
        self.assertEqual(expected, closing(actions).woken)

    @ddt.named_data(
        # name, plans newest first, whether spare-1 was enabled for another
        ('returned',   [(WAKER_RETURNS,), (DISABLE_SPARE,)], True),
        ('again',      [(RETURN,), (WAKER_RETURNS,), (DISABLE_SPARE,)], True),
        ('itself_too', [(SPARE_RETURNS,), (WAKER_RETURNS,), (DISABLE_SPARE,)],
         False),
        ('not_done',   [(waker_returns(done=False),), (DISABLE_SPARE,)],
         False),
        ('of_another', [(waker_returns('spare-2'),), (DISABLE_SPARE,)], False),
        ('before',     [(DISABLE_SPARE,), (WAKER_RETURNS,)], False),
    )  # fmt: skip
    @ddt.unpack
    def test_was_woken(self, plans, is_known):
        expected = {'spare-1': 'spare'} if is_known else {}
        found = closing(*plans, host='spare-1')
        self.assertEqual((expected, ''), (found.woken, found.spare_reason))

    def test_several_nodes(self):
        plan = Plan(
            7, (DISABLE, a_state('disabled', 'compute-2'), a_move(),
                a_move('v', 'compute-2', 'compute-3')),
        )  # fmt: skip
        self.assertEqual(
            (
                Closing('compute-1', 7, moved={'w': 'compute-2'}),
                Closing('compute-2', 7, moved={'v': 'compute-3'}),
            ),
            closings.closings(
                [plan], ['compute-2', 'compute-1', 'c-3'], never
            ),
        )

    def test_reads_no_more_than_needed(self):
        def plans():
            yield Plan(1, (DISABLE,))
            self.fail('read on')

        closings.closings(plans(), ['compute-1'], never)


def a_notice(uuid, source='compute-1', done=True):
    return an_action(
        'notify_owner',
        'web',
        done,
        source_node=source,
        notice={'maintenance:id': uuid} if uuid else {},
    )


NOTICED = '6f1a3c52-0b9e-4d57-8c21-9f00aa317be4'


@ddt.ddt
class TestNotices(base.TestCase):
    @ddt.named_data(
        # name, plans newest first, audits
        ('none',      [(DISABLE, a_move())], ()),
        ('told',      [(DISABLE, a_notice(NOTICED), a_move())], (NOTICED,)),
        ('not_told',  [(DISABLE, a_notice(NOTICED, done=False))], (NOTICED,)),
        ('cleared',   [(DISABLE, a_notice(''))], ()),
        ('nonsense',  [(DISABLE, a_notice('compute-1'))], ()),
        ('another',   [(DISABLE, a_notice(NOTICED, 'compute-2'))], ()),
        ('continued', [(a_move('v'),), (DISABLE, a_notice(NOTICED))],
         (NOTICED,)),
        ('before',    [(DISABLE, a_move('v')),
                       (DISABLE, a_notice(NOTICED), VERIFY)], ()),
    )  # fmt: skip
    @ddt.unpack
    def test_who_announced_it(self, plans, expected):
        self.assertEqual(expected, closing(*plans).announced_by)

    def test_an_announcement_is_no_maintenance(self):
        self.assertIsNone(closing((a_notice(NOTICED),)))

    @ddt.named_data(
        # name, older plans of the audit that closed the node, moved, since
        ('went',      [(a_notice(NOTICED), a_move('v'))], {'v'}, 6),
        ('asked',     [(a_move('v'),), (a_notice(NOTICED),)], {'v'}, 5),
        ('no_answer', [(a_notice(NOTICED),)], set(), 6),
        ('failed',    [(a_notice(NOTICED), a_move('v', done=False))], set(),
         6),
        ('another',   [(a_move('v', 'compute-9'),)], set(), 7),
        ('returned',  [(RETURN,), (DISABLE, a_notice(NOTICED), a_move('v'))],
         set(), 7),
        ('emptied',   [(a_move('v'), VERIFY)], set(), 7),
        ('closed',    [(DISABLE, a_notice(NOTICED), a_move('v'))], set(), 7),
    )  # fmt: skip
    @ddt.unpack
    def test_before_it_was_closed(self, plans, moved, since_s):
        """Who said go then has left in the same maintenance."""
        records = [
            Plan(8, (a_move('x'),), NOTICED),
            Plan(7, (DISABLE, a_move()), NOTICED),
            *(Plan(6 - n, done, NOTICED) for n, done in enumerate(plans)),
        ]
        [found] = closings.closings(
            records, ['compute-1'], {NOTICED: 4}.__getitem__
        )
        self.assertEqual({'w', 'x', *moved}, found.moved.keys())
        self.assertEqual(since_s, found.since_s)
        self.assertTrue(found.is_whole)
        told = any(a.kind == 'notify_owner' for p in plans for a in p)
        is_same = since_s < 7
        self.assertEqual((NOTICED,) * (told and is_same), found.announced_by)

    def test_audit_that_is_deleted(self):
        plans = [Plan(7, (DISABLE, a_move())), Plan(6, (a_move('v'),))]
        [found] = closings.closings(plans, ['compute-1'], self.fail)
        self.assertEqual({'w'}, found.moved.keys())

    def test_stopped_before_it_was_closed(self):
        stop = an_action(
            'stop', 'web', resource_id='s', source_node='compute-1'
        )
        records = [
            Plan(7, (DISABLE,), NOTICED),
            Plan(6, (a_notice(NOTICED), stop), NOTICED),
        ]
        [found] = closings.closings(
            records, ['compute-1'], {NOTICED: 4}.__getitem__
        )
        self.assertEqual(('s',), found.stopped)

    def test_reads_no_audit_but_the_one_that_closed_it(self):
        """A newer, an older and another one have nothing to do with it."""

        def plans():
            yield Plan(7, (DISABLE, a_move()), NOTICED)
            yield Plan(6, (a_notice('x'), a_move('v')), 'another')
            yield Plan(3, (a_notice(NOTICED), a_move('u')), NOTICED)
            self.fail('read on')

        [found] = closings.closings(
            plans(), ['compute-1'], {NOTICED: 4}.__getitem__
        )
        self.assertEqual({'w'}, found.moved.keys())
        self.assertEqual(7, found.since_s)
