# SPDX-License-Identifier: Apache-2.0

"""What comes next, whatever has happened before."""

import dataclasses

import ddt

from tests.unit import base
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import a_spare
from tests.unit.core.builders import an_instance
from watcher_host_maintenance.core.model import projection
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.model.rolling import NOTHING_DONE
from watcher_host_maintenance.core.model.rolling import Failure
from watcher_host_maintenance.core.model.rolling import Journal
from watcher_host_maintenance.core.model.rolling import Part
from watcher_host_maintenance.core.model.rolling import RollRequest
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.rolling import progress
from watcher_host_maintenance.core.rolling.progress import Stand
from watcher_host_maintenance.core.rules import roles


LIMITS = Limits.of(20_000)

MARKED = {'status': 'disabled', 'disabled_reason': 'watcher_maintaining: fan'}
WORKED_ON = {'status': 'disabled', 'disabled_reason': 'watcher_maintained'}
BROKEN = {'status': 'disabled', 'disabled_reason': 'broken fan'}


SOLE = frozenset({'compute-1'})


def a_journal(closed=(), returned=(), emptied=(), **fields):
    return Journal(
        frozenset(closed), frozenset(emptied), frozenset(returned), **fields
    )


def holding(count, **fields):
    """Return a snapshot with so many servers on compute-1.

    :param fields: of that node
    """
    return a_snapshot(
        [a_node('compute-1', **fields), a_node('compute-2')],
        [an_instance(f'web-{n}', power_state='running') for n in range(count)],
    )


def plan(found, snapshot, request, journal=NOTHING_DONE):
    """Plan the nodes that wait, if any do."""
    waiting = found.waiting
    if not waiting:
        return None
    return progress.plan(waiting, snapshot, request, journal, LIMITS)


def failed(part, times=2, hostname='compute-1'):
    return {'failures': {hostname: Failure(part, times)}}


@ddt.ddt
class TestStand(base.TestCase):
    @ddt.named_data(
        # name, node, servers on it, closed, returned, stand
        ('in_service',     {},        1, 0, 0, Stand.WAITING),
        ('foreign',        BROKEN,    0, 0, 0, Stand.WAITING),
        ('marked',         MARKED,    1, 0, 0, Stand.WAITING),
        ('marked_empty',   MARKED,    0, 0, 0, Stand.WAITING),
        ('relabelled',     BROKEN,    1, 1, 0, Stand.FAILED),
        ('relabelled_empty', BROKEN,  0, 1, 0, Stand.FAILED),
        ('closed',         MARKED,    1, 1, 0, Stand.DRAINING),
        ('emptied',        MARKED,    0, 1, 0, Stand.READY),
        ('enabled_again',  {},        1, 1, 0, Stand.WAITING),
        ('worked_on',      WORKED_ON, 0, 1, 0, Stand.MAINTAINED),
        ('by_hand',        WORKED_ON, 1, 0, 0, Stand.MAINTAINED),
        ('returned',       {},        1, 1, 1, Stand.DONE),
        ('closed_again',   MARKED,    1, 1, 1, Stand.DONE),
    )  # fmt: skip
    @ddt.unpack
    def test_stand(self, fields, count, closed, returned, stand):
        snapshot = holding(count, **fields)
        journal = a_journal(['compute-1'] * closed, ['compute-1'] * returned)
        request = RollRequest(('compute-1',))
        found = progress.look(snapshot, request, journal)
        self.assertEqual({'compute-1': stand}, found.stands)

    @ddt.named_data(
        # name, node, servers on it, what has failed, how often, stand
        ('drain_once',    MARKED,    1, Part.DRAIN,  1, Stand.DRAINING),
        ('drain_twice',   MARKED,    1, Part.DRAIN,  2, Stand.FAILED),
        ('emptied_by_hand', MARKED,  0, Part.DRAIN,  2, Stand.READY),
        ('return_once',   WORKED_ON, 0, Part.RETURN, 1, Stand.MAINTAINED),
        ('return_twice',  WORKED_ON, 0, Part.RETURN, 2, Stand.FAILED),
        ('worked_on',     WORKED_ON, 1, Part.DRAIN,  2, Stand.MAINTAINED),
        ('enabled',       {},        1, Part.RETURN, 2, Stand.DONE),
        # By a hook that is none any more.
        ('asked_in_vain', {},        1, Part.PREFLIGHT, 2, Stand.DONE),
    )  # fmt: skip
    @ddt.unpack
    def test_failed(self, fields, count, part, times, stand):
        snapshot = holding(count, **fields)
        journal = a_journal(
            ['compute-1'], emptied=['compute-1'], **failed(part, times)
        )
        request = RollRequest(('compute-1',))
        found = progress.look(snapshot, request, journal)
        self.assertEqual({'compute-1': stand}, found.stands)

    @ddt.named_data(
        # name, node, servers on it, journal, stand
        ('preflight_failed', {}, 1,
         failed(Part.PREFLIGHT), Stand.FAILED),
        ('preflight_once', {}, 1,
         failed(Part.PREFLIGHT, 1), Stand.WAITING),
        ('preflight_by_hand', WORKED_ON, 0,
         failed(Part.PREFLIGHT), Stand.MAINTAINED),
        ('preflight_of_marked', MARKED, 1,
         failed(Part.PREFLIGHT), Stand.FAILED),
        ('hook_failed', MARKED, 0,
         {'closed': ['compute-1'], **failed(Part.HOOK, 1)}, Stand.FAILED),
        ('finished_by_hand', WORKED_ON, 0,
         {'closed': ['compute-1'], **failed(Part.HOOK, 1)}, Stand.MAINTAINED),
        ('worked', MARKED, 0,
         {'closed': ['compute-1'], 'worked': SOLE}, Stand.MAINTAINED),
        ('enabled_before_the_hook', {}, 1,
         {'closed': ['compute-1'], 'emptied': ['compute-1']}, Stand.WAITING),
        ('enabled_after_the_hook', {}, 1,
         {'closed': ['compute-1'], 'worked': SOLE}, Stand.DONE),
        ('unneeded', {}, 1, {'unneeded': SOLE}, Stand.UNNEEDED),
    )  # fmt: skip
    @ddt.unpack
    def test_hook(self, fields, count, journal, stand):
        snapshot = holding(count, **fields)
        request = RollRequest(('compute-1',), hook='reboot')
        found = progress.look(snapshot, request, a_journal(**journal))
        self.assertEqual({'compute-1': stand}, found.stands)

    @ddt.named_data(
        # name, on_blocked, closed by the roll, failures, stand
        ('in_the_way',   'fail',  True,  {},                    Stand.FAILED),
        ('failed_once',  'fail',  True,  failed(Part.DRAIN, 1), Stand.FAILED),
        ('marked_only',  'fail',  False, {},                    Stand.WAITING),
        ('left',         'leave', True,  {},                    Stand.READY),
        ('left_failed',  'leave', True,  failed(Part.DRAIN, 1), Stand.READY),
    )  # fmt: skip
    @ddt.unpack
    def test_server_that_cannot_leave(self, blocked, closed, failures, stand):
        """No hook works on a node with a server that was to leave it."""
        snapshot = a_snapshot(
            [a_node('compute-1', **MARKED), a_node('compute-2')],
            [an_instance('web', vm_state='error', power_state='running')],
        )
        journal = a_journal(['compute-1'] if closed else [], **failures)
        request = RollRequest(
            ('compute-1',), hook='reboot', on_blocked=OnBlocked(blocked)
        )
        found = progress.look(snapshot, request, journal)
        self.assertEqual({'compute-1': stand}, found.stands)
        self.assertEqual(stand is Stand.READY, bool(found.hooks))
        self.assertEqual(
            {'compute-1': ('error_last_running', 'web')}
            if stand is Stand.FAILED
            else {},
            {h: (f.reason.value, f.subject) for h, f in found.stuck.items()},
        )

    @ddt.named_data(
        # name, node, server, drain has failed, refused, stand, why
        ('busy',         {}, {'task_state': 'rebooting'}, 0, 0,
         Stand.DRAINING, 'busy'),
        ('busy_failed',  {}, {'task_state': 'rebooting'}, 1, 0,
         Stand.FAILED,   'busy'),
        ('down',         {'state': 'down'}, {}, 0, 0,
         Stand.DRAINING, 'node_down'),
        ('down_failed',  {'state': 'down'}, {}, 1, 0,
         Stand.FAILED,   'node_down'),
        ('down_and_error', {'state': 'down'}, {'vm_state': 'error'}, 0, 0,
         Stand.FAILED,   'error'),
        ('outside',      {'in_scope': False}, {}, 0, 0,
         Stand.FAILED,   'out_of_scope'),
        ('no_room',      {}, {}, 0, 1, Stand.DRAINING, 'down'),
        ('no_room_failed', {}, {}, 1, 1, Stand.FAILED, 'down'),
        ('left_empty',   {'state': 'down'}, None, 1, 1, Stand.READY, None),
    )  # fmt: skip
    @ddt.unpack
    def test_stuck(self, node, server, failures, refused, stand, why):
        servers = [] if server is None else [an_instance('web', **server)]
        snapshot = a_snapshot(
            [a_node('compute-1', **MARKED, **node), a_node('compute-2')],
            servers,
        )
        journal = a_journal(
            ['compute-1'], **(failed(Part.DRAIN, 1) if failures else {})
        )
        refusal = roles.DOWN.about('compute-2')
        found = progress.look(
            snapshot,
            RollRequest(('compute-1',)),
            journal,
            {'compute-1': refusal} if refused else {},
        )
        self.assertEqual({'compute-1': stand}, found.stands)
        self.assertEqual(
            [why] if why else [],
            [finding.reason.value for finding in found.stuck.values()],
        )
        is_held = stand is Stand.DRAINING
        self.assertEqual(('compute-1',) * is_held, found.held)
        self.assertEqual(
            [why] if stand is Stand.FAILED else [],
            [finding.reason.value for finding in found.blockers.values()],
        )
        self.assertEqual((), found.drains)

    def test_unknown_node_waits(self):
        request = RollRequest(('compute-9',))
        found = progress.look(a_snapshot(), request, NOTHING_DONE)
        planned = plan(found, a_snapshot(), request)
        self.assertEqual(('compute-9',), found.which(Stand.WAITING))
        self.assertEqual(
            ['unknown_node'], [f.reason.value for f in planned.findings]
        )

    def test_spare_waits(self):
        request = RollRequest(('spare-1',))
        snapshot = a_snapshot([a_spare()], [])
        found = progress.look(snapshot, request, NOTHING_DONE)
        self.assertEqual(('spare-1',), found.which(Stand.WAITING))
        [wave] = plan(found, snapshot, request).waves
        self.assertEqual(('spare-1',), wave.hostnames)


class TestNext(base.TestCase):
    """compute-1 is in whatever state; compute-2 and compute-3 wait."""

    NAMES = ('compute-1', 'compute-2', 'compute-3')

    def next(
        self,
        journal=NOTHING_DONE,
        count=1,
        stop_after=1,
        hook='manual',
        preflights=False,
        **fields,
    ):
        snapshot = a_snapshot(
            [
                a_node('compute-1', **fields),
                a_node('compute-2'),
                a_node('compute-3'),
            ],
            [
                an_instance(f'web-{n}', power_state='running')
                for n in range(count)
            ],
        )
        request = RollRequest(
            self.NAMES,
            stop_after=stop_after,
            hook=hook,
            preflights=preflights,
        )
        found = progress.look(snapshot, request, journal)
        self.roll = plan(found, snapshot, request, journal)
        return found

    def test_begins_with_a_wave(self):
        found = self.next()
        self.assertEqual(3, len(self.roll.waves))
        self.assertEqual(((), ()), (found.returns, found.drains))
        self.assertFalse(found.is_over)

    def beside(self, second=None, hook='manual'):
        """Look at compute-1, which is down, and compute-2; both are out.

        :param second: the server on compute-2, if there is one
        """
        snapshot = a_snapshot(
            [
                a_node('compute-1', **MARKED, state='down'),
                a_node('compute-2', **MARKED),
                a_node('compute-3'),
            ],
            [
                an_instance('web-1'),
                *([an_instance(second, 'compute-2')] if second else []),
            ],
        )
        request = RollRequest(self.NAMES, parallel=2, hook=hook)
        return progress.look(snapshot, request, a_journal(self.NAMES[:2]))

    def test_hook_works_beside_what_cannot_be_emptied(self):
        found = self.beside(hook='reboot')
        self.assertEqual(
            (('compute-1',), (), ('compute-2',)),
            (found.held, found.drains, found.hooks),
        )

    def test_ready_beside_what_cannot_be_emptied(self):
        found = self.beside()
        self.assertEqual(('compute-2',), found.which(Stand.READY))
        self.assertEqual(((), ()), (found.hooks, found.waiting))

    def test_what_is_out_does_not_wait_for_another(self):
        snapshot = a_snapshot(
            [
                a_node('compute-1', **WORKED_ON),
                a_node('compute-2', **MARKED),
                a_node('compute-3', **MARKED),
                a_node('compute-4'),
            ],
            [an_instance('web-1', 'compute-2')],
        )
        request = RollRequest((*self.NAMES, 'compute-4'), hook='reboot')
        found = progress.look(snapshot, request, a_journal(self.NAMES))
        self.assertEqual(
            (('compute-1',), ('compute-2',), ('compute-3',), ()),
            (found.returns, found.drains, found.hooks, found.waiting),
        )

    def test_empties_beside_what_cannot_be_emptied(self):
        self.assertEqual(('compute-2',), self.beside('web-2').drains)

    def test_what_is_out_for_something_else_has_failed(self):
        snapshot = holding(1, **BROKEN)
        request = RollRequest(('compute-1', 'compute-2'))
        journal = a_journal(['compute-1'], worked=SOLE)
        found = progress.look(snapshot, request, journal)
        self.assertTrue(found.is_stopped)
        self.assertEqual(
            {'compute-1': 'disabled'},
            {h: f.reason.value for h, f in found.blockers.items()},
        )

    def test_nothing_begins_beside_what_waits(self):
        snapshot = holding(1, **MARKED, state='down')
        request = RollRequest(('compute-1', 'compute-2'), stop_after=9)
        found = progress.look(snapshot, request, a_journal(['compute-1']))
        self.assertEqual((('compute-1',), ()), (found.held, found.waiting))
        self.assertFalse(found.is_stopped)
        journal = a_journal(['compute-1'], **failed(Part.DRAIN, 1))
        found = progress.look(snapshot, request, journal)
        self.assertEqual(((), ('compute-2',)), (found.held, found.waiting))
        request = dataclasses.replace(request, stop_after=1)
        found = progress.look(snapshot, request, journal)
        self.assertEqual((True, ()), (found.is_stopped, found.waiting))

    def test_returns_what_was_worked_on(self):
        found = self.next(**WORKED_ON)
        self.assertEqual(('compute-1',), found.returns)
        self.assertIsNone(self.roll)

    def test_empties_what_is_closed(self):
        found = self.next(a_journal(['compute-1']), **MARKED)
        self.assertEqual(('compute-1',), found.drains)
        self.assertIsNone(self.roll)

    def test_waits_for_what_is_ready(self):
        found = self.next(a_journal(['compute-1']), 0, **MARKED)
        self.assertEqual(('compute-1',), found.which(Stand.READY))
        self.assertEqual(
            ((), (), None), (found.returns, found.drains, self.roll)
        )
        self.assertFalse(found.is_over)

    def test_goes_on_with_the_rest(self):
        self.next(a_journal(self.NAMES[:1], self.NAMES[:1]))
        self.assertEqual(2, len(self.roll.waves))
        # What is on a node that is done does not move.
        self.assertEqual(0, self.roll.least_moves)

    def test_hook_works_on_what_is_ready(self):
        journal = a_journal(['compute-1'])
        found = self.next(journal, 0, hook='reboot', **MARKED)
        self.assertEqual(('compute-1',), found.hooks)
        self.assertIsNone(self.roll)

    def test_hook_is_asked_about_all_that_wait(self):
        found = self.next(hook='reboot', preflights=True)
        self.assertEqual(self.NAMES, found.preflights)
        self.assertIsNone(self.roll)

    def test_only_what_has_work_is_planned(self):
        journal = a_journal(
            checked=frozenset({'compute-2'}),
            unneeded=frozenset({'compute-1'}),
            postponed=frozenset({'compute-3'}),
        )
        found = self.next(journal, hook='reboot', preflights=True)
        self.assertEqual(('compute-2',), found.waiting)
        self.assertEqual(
            [('compute-2',)], [w.hostnames for w in self.roll.waves]
        )

    def test_hook_is_asked_again_when_all_others_are_done(self):
        journal = a_journal(
            unneeded=frozenset({'compute-1', 'compute-2'}),
            postponed=frozenset({'compute-3'}),
        )
        found = self.next(journal, hook='reboot', preflights=True)
        self.assertEqual(('compute-3',), found.preflights)

    def test_begins_nothing_after_a_failure(self):
        journal = a_journal(['compute-1'], **failed(Part.DRAIN))
        found = self.next(journal, **MARKED)
        self.assertEqual(('compute-1',), found.which(Stand.FAILED))
        self.assertTrue(found.is_stopped)
        self.assertFalse(found.is_over)
        self.assertIsNone(self.roll)

    def test_goes_on_beside_a_failed_node(self):
        journal = a_journal(['compute-1'], **failed(Part.DRAIN))
        found = self.next(journal, stop_after=2, **MARKED)
        self.assertFalse(found.is_stopped)
        self.assertEqual(
            ['compute-2', 'compute-3'],
            sorted(h for w in self.roll.waves for h in w.hostnames),
        )

    def test_is_over(self):
        found = self.next(a_journal(self.NAMES, self.NAMES))
        self.assertTrue(found.is_over)
        self.assertIsNone(self.roll)


@ddt.ddt
class TestInterrupted(base.TestCase):
    """The whole, one look after the other, as if killed after each."""

    @ddt.data(1, 2)
    def test_ends(self, parallel):
        names = tuple(f'compute-{n}' for n in range(5))
        servers = [
            an_instance(f'{h}-{n}', h, vcpus=1, power_state='running')
            for h in names
            for n in range(3)
        ]
        snapshot = a_snapshot([a_node(h, vcpus=5) for h in names], servers)
        request = RollRequest(names, parallel=parallel)
        first = progress.plan(names, snapshot, request, NOTHING_DONE, LIMITS)
        journal, moves, most_out = NOTHING_DONE, 0, 0
        for _look in range(30):
            found = progress.look(snapshot, request, journal)
            out = found.which(Stand.READY)
            most_out = max(most_out, len(out))
            if found.is_over:
                break
            if found.returns:
                for hostname in found.returns:
                    snapshot = self.put(
                        snapshot,
                        hostname,
                        {'status': 'enabled', 'disabled_reason': ''},
                    )
                journal = dataclasses.replace(
                    journal, returned=journal.returned | {*found.returns}
                )
            elif found.waiting:
                planned = plan(found, snapshot, request, journal)
                wave = planned.waves[0]
                moves += len(wave.outcome.moves)
                least = journal.least_moves
                if least is None:
                    least = planned.least_moves
                snapshot = projection.after_outcome(snapshot, wave.outcome)
                journal = dataclasses.replace(
                    journal,
                    closed=journal.closed | {*wave.hostnames},
                    moves=moves,
                    least_moves=least,
                )
            else:
                # The operator.
                for hostname in out:
                    snapshot = self.put(snapshot, hostname, WORKED_ON)
        self.assertTrue(found.is_over)
        self.assertEqual({*names}, journal.returned)
        self.assertLessEqual(most_out, parallel)
        self.assertEqual(first.moves, moves)
        self.assertEqual(18, first.least_moves)

    def put(self, snapshot, hostname, fields):
        node = snapshot.by_hostname[hostname]
        return projection.with_node(
            snapshot, dataclasses.replace(node, **fields)
        )
