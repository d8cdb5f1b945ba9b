# SPDX-License-Identifier: Apache-2.0

"""Nodes return to service, and who left them comes home."""

import dataclasses

import ddt

from tests.unit import base
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_spare
from tests.unit.core.builders import an_instance
from tests.unit.core.returns import DONE
from tests.unit.core.returns import a_closing
from tests.unit.core.returns import a_departure
from tests.unit.core.returns import a_return
from tests.unit.core.returns import a_return_request
from tests.unit.core.returns import a_returning_snapshot
from tests.unit.core.returns import a_swap
from tests.unit.core.returns import maintained
from tests.unit.core.returns import stopped_away
from tests.unit.core.returns import two_homes
from watcher_host_maintenance.core import returning
from watcher_host_maintenance.core.model import document
from watcher_host_maintenance.core.model import snapshot as snapshots
from watcher_host_maintenance.core.model.document import InvalidDocument
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.core.model.plan import Close
from watcher_host_maintenance.core.model.plan import Notify
from watcher_host_maintenance.core.model.plan import Return
from watcher_host_maintenance.core.model.plan import Spare
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.plan import VerifyReturn
from watcher_host_maintenance.core.model.request import MoveBack
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.request import ReturnAs
from watcher_host_maintenance.core.model.request import ReturnRequest
from watcher_host_maintenance.core.planning import questions


MARK = 'watcher_maintaining: fan'
NOTICE = Notice(
    maintenance_id='6f1a3c52-0b9e-4d57-8c21-9f00aa317be4', state=State.DONE
)


def servers(count, host='compute-2', **fields):
    return [an_instance(f'web-{n}', host, **fields) for n in range(count)]


class ReturnTestCase(base.TestCase):
    def proved(self, snapshot=None, request=None, **limits):
        """Plan, and have the plan proved."""
        plan = a_return(snapshot, request, **limits)
        self.assertEqual([], plan.violations)
        return plan

    def moves(self, plan):
        return {m.instance_name: m.destination for m in plan.outcome.moves}

    def reasons(self, plan):
        return {
            s.instance_name: s.findings[0].reason.value
            for n in plan.outcome.nodes
            for s in n.stays
        }


class TestNodes(ReturnTestCase):
    def test_comes_home(self):
        plan = self.proved()
        self.assertEqual({'web-1': 'compute-1'}, self.moves(plan))
        self.assertEqual((Return('compute-1'),), plan.outcome.returns)
        keys = [(s.key, s.after) for s in plan.steps]
        self.assertEqual(
            [
                ('return compute-1', ()),
                ('move uuid-web-1', ('return compute-1',)),
                ('verify compute-1', ('move uuid-web-1',)),
            ],
            keys,
        )
        self.assertEqual(
            VerifyReturn('compute-1', '', ('uuid-web-1',)),
            plan.steps[-1].action,
        )

    def test_moves_nobody_by_default(self):
        request = ReturnRequest(('compute-1',))
        plan = self.proved(request=request)
        self.assertEqual({}, self.moves(plan))
        self.assertEqual((Return('compute-1'),), plan.outcome.returns)
        self.assertEqual(OnBlocked.LEAVE, request.on_blocked)

    def test_bare_takes_each_whose_work_is_done(self):
        snapshot = a_returning_snapshot(
            nodes=(
                maintained(),
                maintained('compute-2', disabled_reason=f'{DONE}: by ansible'),
                maintained('compute-3', disabled_reason=MARK),
                maintained('compute-4', disabled_reason=f'x{DONE}'),
                maintained('compute-5', in_scope=False),
                a_node('compute-6'),
                maintained('compute-7', state='down'),
                maintained('compute-8', state='down', forced_down=True),
            ),
            instances=(),
        )
        plan = self.proved(snapshot, ReturnRequest())
        self.assertEqual(
            {
                'compute-1': Verdict.PLANNED,
                'compute-2': Verdict.PLANNED,
                'compute-7': Verdict.REFUSED,
                'compute-8': Verdict.REFUSED,
            },
            {n.hostname: n.verdict for n in plan.outcome.nodes},
        )
        self.assertEqual(
            {'compute-7': ['not_back'], 'compute-8': ['held_down']},
            {
                n.hostname: [f.reason.value for f in n.findings]
                for n in plan.outcome.nodes
                if n.verdict is Verdict.REFUSED
            },
        )

    def test_nothing_waits(self):
        snapshot = a_returning_snapshot(nodes=(a_node(),), instances=())
        outcome = self.proved(snapshot, ReturnRequest()).outcome
        self.assertEqual(((), False), (outcome.nodes, outcome.failed))

    def test_enabled_already(self):
        snapshot = a_returning_snapshot((a_node('compute-1'), a_node()))
        self.assertEqual(
            {'web-1': 'compute-1'}, self.moves(self.proved(snapshot))
        )

    def test_finished(self):
        snapshot = a_returning_snapshot((a_node('compute-1'),), ())
        plan = self.proved(snapshot)
        self.assertEqual(
            [Verdict.FINISHED], [n.verdict for n in plan.outcome.nodes]
        )
        self.assertEqual((), plan.steps)

    def test_down_but_named(self):
        """It is waited for: the look tells."""
        snapshot = a_returning_snapshot(
            (maintained(state='down'), a_node('compute-2'))
        )
        self.assertEqual(
            {'web-1': 'compute-1'}, self.moves(self.proved(snapshot))
        )

    def test_each_server_to_its_own_node(self):
        snapshot = a_returning_snapshot(
            (maintained(), maintained('compute-2'), a_node('compute-3')),
            servers(4, 'compute-3'),
            [
                a_departure('web-0', 'compute-3'),
                a_departure('web-1', 'compute-3', 'compute-2'),
                a_departure('web-2', 'compute-3', 'compute-2'),
                a_departure('web-3', 'compute-3'),
            ],
            [
                a_closing(
                    moved=dict.fromkeys(('web-0', 'web-3'), 'compute-3')
                ),
                a_closing(
                    'compute-2',
                    dict.fromkeys(('web-1', 'web-2'), 'compute-3'),
                ),
            ],
        )
        plan = self.proved(
            snapshot, a_return_request('compute-1', 'compute-2')
        )
        self.assertEqual(
            {
                'web-0': 'compute-1',
                'web-1': 'compute-2',
                'web-2': 'compute-2',
                'web-3': 'compute-1',
            },
            self.moves(plan),
        )


@ddt.ddt
class TestRefused(ReturnTestCase):
    @ddt.named_data(
        # name, fields of compute-1, reason
        ('foreign',     {'disabled_reason': 'fan broken'},
         'not_in_maintenance'),
        ('no_reason',   {'disabled_reason': ''}, 'not_in_maintenance'),
        ('by_nova',     {'disabled_reason': 'AUTO: Connection lost'},
         'hypervisor_lost'),
        ('bare_metal',  {'hypervisor_type': 'ironic'}, 'bare_metal'),
        ('not_ours',    {'in_scope': False}, 'out_of_scope'),
    )  # fmt: skip
    @ddt.unpack
    def test_named(self, fields, reason):
        snapshot = a_returning_snapshot((maintained(**fields), a_node()))
        outcome = self.proved(snapshot).outcome
        self.assertEqual([reason], [f.reason.value for f in outcome.findings])
        self.assertTrue(outcome.failed)

    def test_unknown(self):
        outcome = self.proved(request=a_return_request('compute-9')).outcome
        self.assertEqual('unknown_node', outcome.findings[0].reason.value)

    def test_all_or_nothing(self):
        """One that cannot come keeps both nodes, if that is asked for."""
        snapshot = a_returning_snapshot(
            (maintained(vcpus=0), maintained('compute-3'), a_node())
        )
        outcome = self.proved(
            snapshot,
            a_return_request(
                'compute-1', 'compute-3', on_blocked=OnBlocked.FAIL
            ),
        ).outcome
        self.assertEqual(
            [Verdict.REFUSED] * 2, [n.verdict for n in outcome.nodes]
        )
        self.assertTrue(outcome.failed)

    def test_waiting_ones_fail_by_themselves(self):
        snapshot = a_returning_snapshot(
            (maintained(vcpus=0), maintained('compute-3'), a_node())
        )
        request = ReturnRequest(
            move_back=MoveBack.LEFT, on_blocked=OnBlocked.FAIL
        )
        outcome = self.proved(snapshot, request).outcome
        self.assertEqual(
            [Verdict.REFUSED, Verdict.PLANNED],
            [n.verdict for n in outcome.nodes],
        )
        self.assertFalse(outcome.failed)

    def test_needs_its_own_request(self):
        request = Request(('compute-1',))
        asking = returning.decide(a_returning_snapshot(), request)
        self.assertRaises(TypeError, next, asking)

    @ddt.named_data(
        ('no_way', {'disable_live_migration': True,
                    'disable_cold_migration': True}),
        ('no_spares', {'return_as': ReturnAs.SPARE, 'unused_reasons': ()}),
        ('of_a_drain', {'headroom_percent': 100}),
    )  # fmt: skip
    def test_makes_no_sense(self, fields):
        self.assertRaises(InvalidDocument, a_return_request, **fields)


class TestRoom(ReturnTestCase):
    def test_as_many_as_have_room(self):
        snapshot = a_returning_snapshot(
            (maintained(vcpus=5), a_node()), servers(3, vcpus=2)
        )
        plan = self.proved(snapshot)
        self.assertEqual(['web-0', 'web-1'], sorted(self.moves(plan)))
        self.assertEqual(
            {'web-2': 'no_room_beside_others'}, self.reasons(plan)
        )

    def test_on_the_limit_and_past_it(self):
        for vcpus, count in ((6, 3), (5, 2)):
            snapshot = a_returning_snapshot(
                (maintained(vcpus=vcpus), a_node()), servers(3, vcpus=2)
            )
            self.assertEqual(count, len(self.moves(self.proved(snapshot))))

    def test_headroom(self):
        snapshot = a_returning_snapshot(
            (maintained(vcpus=10), a_node()), servers(3, vcpus=3)
        )
        request = a_return_request(headroom_percent=40)
        self.assertEqual(2, len(self.moves(self.proved(snapshot, request))))

    def noted(self, snapshot, *nodes, **fields):
        """Return who comes, and what is told of each node."""
        plan = self.proved(snapshot, a_return_request(*nodes, **fields))
        return sorted(self.moves(plan)), {
            n.hostname: [f.reason.value for f in n.findings]
            for n in plan.outcome.nodes
        }

    def test_room_that_the_return_itself_frees(self):
        """It is not counted, and that is told where it matters."""
        nodes = ('compute-1', 'compute-2')
        told = {'compute-1': [], 'compute-2': ['leavers_count']}
        silent = {'compute-1': [], 'compute-2': []}
        for name, snapshot, expected in (
            ('room', a_swap(), (['a'], told)),
            ('one short', a_swap(vcpus=7), (['a'], told)),
            ('enough', a_swap(vcpus=8), (['a', 'b'], silent)),
            ('apart', a_swap(vcpus=8, group='uuid-db'), (['a'], told)),
        ):
            self.assertEqual(expected, self.noted(snapshot, *nodes), name)

    def test_nothing_leaves_the_node_that_has_no_room(self):
        snapshot = a_swap()
        self.assertEqual(
            ([], {'compute-2': []}), self.noted(snapshot, 'compute-2')
        )
        fails = {'on_blocked': OnBlocked.FAIL}
        self.assertEqual(
            ([], {'compute-1': [], 'compute-2': []}),
            self.noted(snapshot, 'compute-1', 'compute-2', **fails),
        )

    def test_rules_count(self):
        snapshot = a_returning_snapshot(
            (maintained(zone='b'), a_node()),
            servers(1, pinned_zone='a'),
        )
        plan = self.proved(snapshot)
        self.assertEqual({'web-0': 'no_destination'}, self.reasons(plan))


class TestStarts(ReturnTestCase):
    def a_stopped(self, **fields):
        instance = an_instance(
            'web-1', 'compute-1', **{'vm_state': 'stopped', **fields}
        )
        return a_returning_snapshot(
            instances=(instance,), closings=[a_closing(stopped=['web-1'])]
        )

    def test_starts_what_was_stopped(self):
        plan = self.proved(self.a_stopped(), ReturnRequest(('compute-1',)))
        self.assertEqual(
            ['web-1'], [s.instance_name for s in plan.outcome.starts]
        )
        self.assertEqual(
            ('return compute-1',), plan.steps[1].after, plan.steps
        )

    def test_leaves_the_rest(self):
        for fields in (
            {'vm_state': 'active'},
            {'task_state': 'powering-on'},
            {'excluded': True},
        ):
            plan = self.proved(self.a_stopped(**fields))
            self.assertEqual((), plan.outcome.starts, fields)

    def test_stopped_by_its_owner(self):
        instance = an_instance('web-1', 'compute-1', vm_state='stopped')
        plan = self.proved(a_returning_snapshot(instances=(instance,)))
        self.assertEqual((), plan.outcome.starts)


class TestSpares(ReturnTestCase):
    def a_former_spare(self, **fields):
        return a_returning_snapshot(
            (maintained(), a_node()),
            (),
            closings=[a_closing(spare_reason='watcher_disabled', **fields)],
        )

    def returned_as(self, snapshot, **fields):
        plan = self.proved(snapshot, a_return_request(**fields))
        return [r.disabled_reason for r in plan.outcome.returns]

    def test_becomes_what_it_was(self):
        snapshot = self.a_former_spare()
        self.assertEqual(['watcher_disabled'], self.returned_as(snapshot))
        self.assertEqual(
            [''], self.returned_as(snapshot, return_as=ReturnAs.ENABLED)
        )

    def test_becomes_a_spare_on_request(self):
        snapshot = a_returning_snapshot((maintained(), a_node()), ())
        fields = {'return_as': ReturnAs.SPARE, 'unused_reasons': ('b', 'a')}
        self.assertEqual(['b'], self.returned_as(snapshot, **fields))

    def test_nobody_comes_home_to_a_spare(self):
        snapshot = a_returning_snapshot(
            closings=[
                a_closing(
                    moved={'web-1': 'compute-2'},
                    spare_reason='watcher_disabled',
                )
            ]
        )
        plan = self.proved(snapshot)
        self.assertEqual({'web-1': 'home_is_spare'}, self.reasons(plan))

    def test_again(self):
        """A spare that has returned is left alone."""
        snapshot = a_returning_snapshot(
            (a_spare('compute-1'), a_node()), (), closings=()
        )
        plan = self.proved(snapshot)
        self.assertEqual((), plan.steps)

    def a_woken(self, spare=None, instances=None, **fields):
        if instances is None:
            instances = servers(2, 'spare-1')
        return a_returning_snapshot(
            (maintained(**fields), spare or a_node('spare-1')),
            instances,
            closings=[
                a_closing(
                    moved={i.name: i.host for i in instances},
                    woken={'spare-1': 'watcher_disabled'},
                )
            ],
        )

    def test_woken_one_is_closed_again(self):
        plan = self.proved(self.a_woken())
        spare = Spare('spare-1', 'watcher_disabled')
        self.assertEqual((spare,), plan.outcome.closes)
        [close] = [s for s in plan.steps if isinstance(s.action, Close)]
        self.assertEqual(
            ('move uuid-web-1',), close.after, [s.after for s in plan.steps]
        )

    def test_only_when_empty(self):
        for name, snapshot in (
            ('no room', self.a_woken(vcpus=1)),
            ('another', self.a_woken(a_node('spare-1', instance_count=1))),
            ('closed', self.a_woken(a_spare('spare-1'))),
            ('not ours', self.a_woken(a_node('spare-1', in_scope=False))),
        ):
            self.assertEqual((), self.proved(snapshot).outcome.closes, name)

    def test_without_moving_back(self):
        request = ReturnRequest(('compute-1',))
        plan = self.proved(self.a_woken(), request)
        self.assertEqual((), plan.outcome.closes)
        # The owners have deleted them all.
        plan = self.proved(self.a_woken(instances=()), request)
        self.assertEqual(1, len(plan.outcome.closes))

    def a_woken_that_returns(self, instances=(), **fields):
        """spare-1 was woken for compute-1, and then drained itself."""
        moved = {i.name: i.host for i in instances}
        return a_returning_snapshot(
            (
                maintained(),
                maintained('spare-1', **fields),
                a_node('compute-2'),
            ),
            instances,
            [a_departure(n, h, 'spare-1') for n, h in moved.items()],
            [
                a_closing(woken={'spare-1': 'watcher_disabled'}),
                a_closing('spare-1', moved),
            ],
        )

    def both(self, snapshot, **fields):
        """Return how compute-1 and spare-1 return, and what is closed."""
        request = a_return_request('compute-1', 'spare-1', **fields)
        outcome = self.proved(snapshot, request).outcome
        reasons = {r.hostname: r.disabled_reason for r in outcome.returns}
        return reasons, outcome.closes

    def test_woken_one_that_returns_itself(self):
        away = [an_instance('web-1', 'compute-2')]
        spare = {'compute-1': '', 'spare-1': 'watcher_disabled'}
        enabled = {'compute-1': '', 'spare-1': ''}
        for name, snapshot, fields, expected in (
            ('empty', self.a_woken_that_returns(), {}, spare),
            ('enabled', self.a_woken_that_returns(),
             {'return_as': ReturnAs.ENABLED}, enabled),
            ('comes home', self.a_woken_that_returns(away), {}, enabled),
            ('stays away', self.a_woken_that_returns(away, vcpus=0), {},
             spare),
            ('nobody asks', self.a_woken_that_returns(away),
             {'move_back': MoveBack.NONE}, spare),
            ('not empty', self.a_woken_that_returns(instance_count=1), {},
             enabled),
        ):  # fmt: skip
            self.assertEqual(
                (expected, ()), self.both(snapshot, **fields), name
            )

    def test_woken_one_that_returns_later(self):
        """It is recorded with the node for which it was enabled."""
        spares = (Spare('spare-1', 'watcher_disabled'),)
        snapshot = self.a_woken_that_returns()
        for node, expected in (
            (maintained('spare-1'), spares),
            (maintained('spare-1', disabled_reason=MARK), spares),
            (a_spare('spare-1'), ()),
            (a_node('spare-1', instance_count=1), ()),
            (maintained('spare-2'), ()),
        ):
            known = dataclasses.replace(snapshot, nodes=(maintained(), node))
            outcome = self.proved(known, a_return_request()).outcome
            self.assertEqual(
                (Return('compute-1', '', expected),), outcome.returns, node
            )

    def test_woken_one_that_returns_alone(self):
        """That for which it was enabled has returned before."""
        woken = {'spare-1': 'watcher_disabled'}
        away = [an_instance('web-1', 'compute-2')]
        for name, node, fields, expected in (
            ('empty', maintained('spare-1'), {'move_back': MoveBack.NONE},
             ['watcher_disabled']),
            ('enabled', maintained('spare-1'),
             {'return_as': ReturnAs.ENABLED}, ['']),
            ('comes home', maintained('spare-1'), {}, ['']),
            ('by hand', a_node('spare-1'), {'move_back': MoveBack.NONE}, []),
        ):  # fmt: skip
            snapshot = a_returning_snapshot(
                (node, a_node('compute-2')),
                away,
                [a_departure(source='spare-1')],
                [a_closing('spare-1', {'web-1': 'compute-2'}, woken=woken)],
            )
            request = a_return_request('spare-1', **fields)
            outcome = self.proved(snapshot, request).outcome
            reasons = [r.disabled_reason for r in outcome.returns]
            self.assertEqual((expected, ()), (reasons, outcome.closes), name)

    def test_woken_one_that_is_left_for_the_other(self):
        """web-1 left compute-1 for it, and stayed there."""
        snapshot = self.a_woken_that_returns(instance_count=1)
        snapshot = dataclasses.replace(
            snapshot,
            instances=(an_instance(host='spare-1'),),
            departures=(a_departure(destination='spare-1'),),
            closings=(
                a_closing(
                    moved={'web-1': 'spare-1'},
                    woken={'spare-1': 'watcher_disabled'},
                ),
                a_closing('spare-1'),
            ),
        )
        spare = {'compute-1': '', 'spare-1': 'watcher_disabled'}
        self.assertEqual((spare, ()), self.both(snapshot))
        enabled = {'compute-1': '', 'spare-1': ''}
        self.assertEqual(
            (enabled, ()), self.both(snapshot, move_back=MoveBack.NONE)
        )

    def test_woken_one_in_service_that_is_named(self):
        """It is closed, unless it is to be enabled."""
        nodes = (maintained(), a_node('spare-1'))
        snapshot = dataclasses.replace(
            self.a_woken_that_returns(), nodes=nodes
        )
        spare = Spare('spare-1', 'watcher_disabled')
        home = {'compute-1': ''}
        self.assertEqual((home, (spare,)), self.both(snapshot))
        self.assertEqual(
            (home, ()), self.both(snapshot, return_as=ReturnAs.ENABLED)
        )

    def test_woken_one_that_is_a_spare_already(self):
        nodes = (maintained(), a_spare('spare-1'))
        snapshot = dataclasses.replace(
            self.a_woken_that_returns(), nodes=nodes
        )
        self.assertEqual(({'compute-1': ''}, ()), self.both(snapshot))

    def test_closing_alone_is_work(self):
        snapshot = self.a_woken(instances=())
        nodes = (a_node('compute-1'), a_node('spare-1'))
        snapshot = dataclasses.replace(snapshot, nodes=nodes)
        plan = self.proved(snapshot)
        self.assertEqual(
            ['return compute-1', 'close spare-1', 'verify compute-1'],
            [s.key for s in plan.steps],
        )


class TestQuestions(ReturnTestCase):
    def test_asks_for_the_homes(self):
        snapshot = a_returning_snapshot()
        asking = returning.decide(snapshot, a_return_request())
        self.assertEqual(
            {'compute-1', 'compute-2'}, set(next(asking).hostnames)
        )

    def test_answers_with_what_was_read(self):
        """The room is taken meanwhile."""
        snapshot = a_returning_snapshot()
        full = dataclasses.replace(maintained(vcpus=1), used={'VCPU': 1})

        def read(question):
            nodes = (full, a_node())
            return dataclasses.replace(question.snapshot, nodes=nodes)

        asking = returning.decide(snapshot, a_return_request())
        decision = questions.answer(asking, read)
        self.assertEqual((), decision.outcome.moves)
        self.assertEqual(1, len(decision.outcome.nodes[0].blocked))


class TestDocument(ReturnTestCase):
    def test_round_trip(self):
        snapshot = a_returning_snapshot(
            closings=[
                a_closing(
                    moved={'web-1': 'compute-2'},
                    stopped=['db'],
                    spare_reason='watcher_disabled',
                    woken={'spare-1': 'x'},
                )
            ]
        )
        self.assertEqual(snapshot, snapshots.load(snapshots.dump(snapshot)))
        plan = a_return(snapshot, a_return_request())
        text = document.dumps(plan.request)
        self.assertEqual(plan.request, document.loads(ReturnRequest, text))

    def test_two_closings_of_a_node(self):
        self.assertRaises(
            InvalidDocument,
            a_returning_snapshot,
            closings=[a_closing(), a_closing()],
        )


class TestTwoHomes(base.TestCase):
    """web-1 has left compute-1, and compute-2 since then."""

    def test_comes_to_the_one_it_left_last(self):
        snapshot = two_homes()
        outcome = returning.plan(
            snapshot, a_return_request('compute-1', 'compute-2')
        )
        self.assertEqual(
            [('web-1', 'compute-2')],
            [(m.instance_name, m.destination) for m in outcome.moves],
        )
        [first, _second] = outcome.nodes
        self.assertEqual(
            ['last_home'],
            [f.reason.value for s in first.stays for f in s.findings],
        )
        alone = returning.plan(snapshot, a_return_request('compute-1'))
        self.assertEqual(['compute-1'], [m.destination for m in alone.moves])

    def test_its_notice_is_deleted_once(self):
        snapshot = two_homes()
        [server] = snapshot.instances
        snapshot = dataclasses.replace(
            snapshot,
            instances=(dataclasses.replace(server, notice=NOTICE),),
            closings=tuple(
                dataclasses.replace(c, announced_by=(NOTICE.maintenance_id,))
                for c in snapshot.closings
            ),
        )
        request = a_return_request('compute-1', 'compute-2')
        plan = a_return(snapshot, request)
        self.assertEqual([], plan.violations)
        [notify] = plan.outcome.notices
        self.assertEqual(
            ('uuid-web-1', Notice()), (notify.instance_uuid, notify.notice)
        )

    def test_starts_at_home(self):
        plan = a_return(
            stopped_away(), a_return_request('compute-1', 'compute-2')
        )
        self.assertEqual([], plan.violations)
        after = {s.key: s.after for s in plan.steps}
        self.assertEqual(('move uuid-web-1',), after['start uuid-web-1'])
        self.assertEqual(
            [('compute-2', 'compute-1')],
            [(s.host, s.home) for s in plan.outcome.starts],
        )

    def test_starts_where_it_is_if_it_does_not_come_home(self):
        for request in (
            a_return_request('compute-2'),
            a_return_request(
                'compute-1', 'compute-2', move_back=MoveBack.NONE
            ),
        ):
            plan = a_return(stopped_away(), request)
            self.assertEqual([], plan.violations)
            self.assertEqual(
                [('compute-2', '')],
                [(s.host, s.home) for s in plan.outcome.starts],
            )

    def test_notice_of_what_starts_and_comes_home_is_deleted_once(self):
        plan = a_return(
            stopped_away(notice=NOTICE, announced_by=(NOTICE.maintenance_id,)),
            a_return_request('compute-1', 'compute-2'),
        )
        self.assertEqual([], plan.violations)
        [step] = [s for s in plan.steps if isinstance(s.action, Notify)]
        self.assertIn('start uuid-web-1', step.after)
