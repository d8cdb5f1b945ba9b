# SPDX-License-Identifier: Apache-2.0

"""A return that is right, made wrong by exactly one thing."""

import dataclasses

import ddt

from tests.unit import base
from tests.unit.core.builders import a_group
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_spare
from tests.unit.core.builders import an_instance
from tests.unit.core.plans import a_move
from tests.unit.core.plans import a_stay
from tests.unit.core.plans import a_stop
from tests.unit.core.returns import a_closing
from tests.unit.core.returns import a_departure
from tests.unit.core.returns import a_return
from tests.unit.core.returns import a_return_request
from tests.unit.core.returns import a_returning_snapshot
from tests.unit.core.returns import maintained
from watcher_host_maintenance.core.checking import check
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.core.model.nova import VmState
from watcher_host_maintenance.core.model.plan import Close
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.plan import Notify
from watcher_host_maintenance.core.model.plan import Purpose
from watcher_host_maintenance.core.model.plan import Return
from watcher_host_maintenance.core.model.plan import Spare
from watcher_host_maintenance.core.model.plan import Start
from watcher_host_maintenance.core.model.plan import Step
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.request import MoveBack
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.request import ReturnAs
from watcher_host_maintenance.core.rules.returns import MOVED_SINCE


HOME = a_move('web-1', 'compute-1', host='compute-2')
AWAY = a_stay('web-1', 'compute-2', findings=(Finding(MOVED_SINCE, 'web-1'),))
START = Start(
    instance_uuid='uuid-web-1', instance_name='web-1', host='compute-1'
)


NOTICED = '6f1a3c52-0b9e-4d57-8c21-9f00aa317be4'

CLEARED = Notify(
    instance_uuid='uuid-web-1',
    instance_name='web-1',
    host='compute-1',
    notice=Notice(),
)


def known(plan, **changes):
    """The same plan with another web-1."""
    [instance] = plan.known.instances
    return plan.but_known(instances=[dataclasses.replace(instance, **changes)])


def told(plan, **changes):
    """The same plan, and web-1 is still announced its maintenance."""
    notice = Notice(maintenance_id=NOTICED, state=State.ANNOUNCED)
    closing = a_closing(moved={'web-1': 'compute-2'}, announced_by=(NOTICED,))
    return known(plan, notice=notice, **changes).but_known(closings=(closing,))


@ddt.ddt
class TestLaws(base.TestCase):
    @ddt.named_data(
        ('right', lambda p: p, None),
        ('purpose', lambda p: p.but(purpose=Purpose.DRAIN), 'called a drain'),
        ('no_return', lambda p: p.but(returns=()), 'are planned'),
        ('another', lambda p: p.but(returns=(Return('compute-9'),)),
         'not a known node'),
        ('as_spare', lambda p: p.but(
            returns=(Return('compute-1', 'watcher_disabled'),)),
         'returns with the reason'),
        ('not_asked', lambda p: p.but_asked(maintenance_nodes=('compute-2',)),
         "asked for ['compute-2']"),
        ('foreign', lambda p: p.but_known(
            nodes=(maintained(disabled_reason='fan'), a_node())),
         'disabled for another reason'),
        ('by_nova', lambda p: p.but_known(
            nodes=(maintained(disabled_reason='AUTO: lost'), a_node())),
         'hypervisor does not answer'),
        ('ironic', lambda p: p.but_known(
            nodes=(maintained(hypervisor_type='Ironic'), a_node())),
         'bare metal'),
        ('out_of_scope', lambda p: p.but_known(
            nodes=(maintained(in_scope=False), a_node())),
         'outside'),
        ('disables', lambda p: p.but(disables=('compute-2',)),
         'no part of a return'),
        ('stops', lambda p: p.but_node(
            stops=(a_stop('web-1', 'compute-1'),)), 'no part of a return'),
        ('lost', lambda p: p.but_node(moves=(), instance_count=0),
         "['uuid-web-1'] left, not []"),
        ('twice', lambda p: p.but_node(stays=(AWAY,), instance_count=2),
         'left, not'),
        ('counted', lambda p: p.but_node(instance_count=2), '2 counted'),
        ('misnamed', lambda p: p.but_node(
            moves=(dataclasses.replace(HOME, instance_name='web'),)),
         'web on compute-2'),
        ('not_home', lambda p: p.but_node(
            moves=(dataclasses.replace(HOME, destination='compute-2'),)),
         'comes home, but to compute-2'),
        ('none_wanted', lambda p: p.but_asked(move_back=MoveBack.NONE),
         '[] left'),
        ('not_by_plan', lambda p: p.but_known(
            closings=(a_closing(moved={'web-1': 'compute-3'}),)),
         'no plan put it'),
        ('not_by_nova', lambda p: p.but_known(departures=()),
         'Nova does not know'),
        ('long_ago', lambda p: p.but_known(
            departures=(a_departure(ended_at_s=939),)), 'does not know'),
        ('resized', lambda p: p.but_known(
            departures=(a_departure(), a_departure(kind='resize'))),
         'it was resized'),
        ('stay', lambda p: known(p, owner_words=('stay',)), 'owner wants'),
        ('excluded', lambda p: known(p, excluded=True), 'scope excludes'),
        ('cold', lambda p: p.but_node(
            moves=(dataclasses.replace(HOME, kind=MoveKind.COLD),)),
         'move the other way'),
        ('suspended', lambda p: known(p, vm_state=VmState.SUSPENDED),
         'state is suspended'),
        ('no_reason', lambda p: p.but_node(
            moves=(), stays=(dataclasses.replace(AWAY, findings=()),)),
         'stays without a reason'),
        ('blocked', lambda p: p.but_asked(
            on_blocked=OnBlocked.FAIL).but_node(moves=(), stays=(AWAY,)),
         'is planned all the same'),
        ('starts', lambda p: p.but_node(starts=(START,)),
         "starts ['uuid-web-1'], not set()"),
        ('closes', lambda p: p.but(closes=(Spare('compute-2', 'x'),)),
         'has not woken it'),
        ('notice_written', lambda p: p.but(notices=(
            dataclasses.replace(CLEARED, notice=Notice(starts_s=0)),)),
         'is written'),
        ('notice_of_another', lambda p: p.but(notices=(CLEARED,)),
         'is of another maintenance'),
        ('notice_elsewhere', lambda p: p.but(notices=(
            dataclasses.replace(CLEARED, host='compute-2'),)),
         'of no node that returns'),
        ('notice_not_over', lambda p: told(p).but(notices=(CLEARED,)),
         'is not over'),
        ('notice_stays', lambda p: told(p, host='compute-1'),
         'its notice stays'),
        ('no_room', lambda p: p.but_known(
            nodes=(maintained(vcpus=0), a_node())), '1 VCPU may be used'),
        ('zone', lambda p: known(p, pinned_zone='b'), "pinned to 'b'"),
        ('refused', lambda p: p.but_node(verdict=Verdict.REFUSED),
         'refused, but 1 instances'),
    )  # fmt: skip
    @ddt.unpack
    def test_is_seen(self, change, violation):
        violations = change(a_return()).violations
        if violation is None:
            self.assertEqual([], violations)
        else:
            self.assertIn(violation, '\n'.join(violations))

    @ddt.named_data(
        ('enabled', ReturnAs.ENABLED, ('',)),
        ('former', ReturnAs.FORMER, ('watcher_disabled',)),
        ('spare', ReturnAs.SPARE, ('watcher_disabled',)),
    )
    @ddt.unpack
    def test_former_state(self, return_as, expected):
        snapshot = a_returning_snapshot(
            instances=(),
            closings=[a_closing(spare_reason='watcher_disabled')],
        )
        for reason in ('', 'watcher_disabled', 'other'):
            request = a_return_request(return_as=return_as)
            plan = a_return(snapshot, request)
            plan = plan.but(returns=(Return('compute-1', reason),))
            wrong = [v for v in plan.violations if 'returns with' in v]
            self.assertEqual(reason in expected, not wrong, reason)

    def test_groups_are_whole(self):
        instances = [
            an_instance(f'web-{n}', 'compute-2', group='uuid-db')
            for n in range(2)
        ]
        plan = a_return(
            a_returning_snapshot(
                instances=instances, groups=[a_group('soft-affinity')]
            )
        )
        first, second = plan.outcome.moves
        stay = a_stay(second.instance_name, second.host)
        plan = plan.but_node(moves=(first,), stays=(stay,))
        self.assertEqual(
            ['compute-1: affinity group db is split'], plan.violations
        )

    def test_no_more_fit(self):
        snapshot = a_returning_snapshot((maintained(vcpus=0), a_node()))
        plan = a_return(snapshot)
        self.assertEqual([], plan.violations)
        plan = plan.but_known(nodes=(maintained(vcpus=1), a_node()))
        self.assertEqual(
            ['web-1: stays away, but there is room'], plan.violations
        )

    def test_a_request_of_a_drain(self):
        plan = a_return()
        violations = check.check(
            plan.known, Request(('compute-1',)), plan.outcome, plan.steps
        )
        self.assertIn('a drain is called a return', violations)


class TestStarts(base.TestCase):
    def test_all_that_was_stopped(self):
        stopped = an_instance('web-1', 'compute-1', vm_state='stopped')
        plan = a_return(
            a_returning_snapshot(
                instances=(stopped,), closings=[a_closing(stopped=['web-1'])]
            )
        )
        self.assertEqual([], plan.violations)
        self.assertIn(
            'compute-1: starts []',
            '\n'.join(plan.but_node(starts=()).violations),
        )


@ddt.ddt
class TestCloses(base.TestCase):
    def setUp(self):
        super().setUp()
        self.plan = a_return(
            a_returning_snapshot(
                (maintained(), a_node('spare-1')),
                (an_instance(host='spare-1'),),
                closings=[
                    a_closing(
                        moved={'web-1': 'spare-1'},
                        woken={'spare-1': 'watcher_disabled'},
                    )
                ],
            )
        )
        self.assertEqual([], self.plan.violations)

    @ddt.named_data(
        ('reason', {'closes': (Spare('spare-1', 'x'),)}, 'not woken it'),
        ('node', {'closes': (Spare('compute-1', 'x'),)}, 'it returns'),
    )
    @ddt.unpack
    def test_outcome(self, changes, violation):
        violations = self.plan.but(**changes).violations
        self.assertIn(violation, '\n'.join(violations))

    @ddt.named_data(
        ('closed', a_spare('spare-1'), 'not enabled'),
        ('not_ours', a_node('spare-1', in_scope=False), 'not in scope'),
        ('in_use', a_node('spare-1', instance_count=2), 'left on it'),
    )
    @ddt.unpack
    def test_node(self, node, violation):
        plan = self.plan.but_known(nodes=(maintained(), node))
        self.assertIn(violation, '\n'.join(plan.violations))


@ddt.ddt
class TestWoken(base.TestCase):
    """spare-1, which compute-1 has woken, returns with it."""

    @ddt.named_data(
        # name, request, servers on spare-1, whose record, reason
        ('empty',   {}, 0, 'compute-1', 'watcher_disabled'),
        ('in_use',  {}, 1, 'compute-1', ''),
        ('enabled', {'return_as': ReturnAs.ENABLED}, 0, 'compute-1', ''),
        ('another', {}, 0, 'compute-3', ''),
    )  # fmt: skip
    @ddt.unpack
    def test_reason(self, fields, count, host, expected):
        nodes = (maintained(), maintained('spare-1', instance_count=count))
        plan = a_return(
            a_returning_snapshot(
                (*nodes, a_node('compute-3')),
                (),
                closings=[
                    a_closing(host, woken={'spare-1': 'watcher_disabled'})
                ],
            ),
            a_return_request('compute-1', 'spare-1', **fields),
        )
        self.assertEqual([], plan.violations)
        for reason in ('', 'watcher_disabled', 'other'):
            returns = (Return('compute-1'), Return('spare-1', reason))
            wrong = [
                v
                for v in plan.but(returns=returns).violations
                if 'returns with' in v
            ]
            self.assertEqual(reason == expected, not wrong, reason)

    def test_recorded(self):
        plan = a_return(
            a_returning_snapshot(
                closings=[a_closing(moved={'web-1': 'compute-2'})]
            )
        )
        spares = (Spare('compute-2', 'watcher_disabled'),)
        plan = plan.but(returns=(Return('compute-1', '', spares),))
        self.assertEqual(
            ['compute-2: recorded, but was not woken'], plan.violations
        )

    def test_home_of_others(self):
        plan = a_return(
            a_returning_snapshot(
                (maintained(), maintained('spare-1'), a_node('compute-2')),
                departures=[a_departure(source='spare-1')],
                closings=[
                    a_closing(woken={'spare-1': 'watcher_disabled'}),
                    a_closing('spare-1', {'web-1': 'compute-2'}),
                ],
            ),
            a_return_request('compute-1', 'spare-1'),
        )
        self.assertEqual([], plan.violations)
        plan = plan.but(
            returns=(
                Return('compute-1'),
                Return('spare-1', 'watcher_disabled'),
            )
        )
        self.assertIn(
            "spare-1: returns with the reason 'watcher_disabled'",
            '\n'.join(plan.violations),
        )


class TestOrder(base.TestCase):
    def but_without(self, plan, key, after):
        """The same steps, except that one does not wait for another."""
        return plan.but_steps(
            *(
                Step(s.key, s.action, tuple(a for a in s.after if a != after))
                if s.key == key
                else s
                for s in plan.steps
            )
        )

    def test_returns_before_anything_comes(self):
        plan = self.but_without(
            a_return(), 'move uuid-web-1', 'return compute-1'
        )
        self.assertEqual(
            [
                "'move uuid-web-1' may start before compute-1 has returned",
                "'move uuid-web-1' may start before compute-1 is enabled",
                "'verify compute-1' may start before 'return compute-1' ends",
            ],
            plan.violations,
        )

    def test_closes_after_the_last_has_left(self):
        move = Step('move uuid-web-1', HOME)
        close = Step('close compute-2', Close('compute-2', 'x'))
        plan = a_return()
        violations = plan.but_steps(*plan.steps, close).violations
        self.assertIn(
            "'close compute-2' may start before uuid-web-1 has moved",
            violations,
        )
        late = dataclasses.replace(close, after=(move.key,))
        violations = plan.but_steps(*plan.steps, late).violations
        self.assertNotIn(
            "'close compute-2' may start before", '\n'.join(violations)
        )
