# SPDX-License-Identifier: Apache-2.0


"""Each instance is moved, stopped or left, and in the way that it may be."""

import dataclasses

import ddt

from tests.unit import base
from tests.unit.core import builders
from tests.unit.core import plans
from watcher_host_maintenance.core.model.plan import Method
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.plan import Release
from watcher_host_maintenance.core.model.plan import ReleaseKind
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.rules.leaving import ERROR
from watcher_host_maintenance.core.rules.leaving import ERROR_ALIVE
from watcher_host_maintenance.core.rules.leaving import SUSPENDED


NO_LIVE = {'disable_live_migration': True}
NO_COLD = {'disable_cold_migration': True}
NEITHER = {**NO_LIVE, **NO_COLD}
WEB, DB = builders.an_instance('web-1'), builders.an_instance('db-1')


def a_leaving_plan(
    vm_state='active',
    excluded=False,
    task='',
    elsewhere='',
    migration='',
    power_state='',
    is_leftover=False,
    **flags,
):
    """A plan for one instance, whatever its state, that can be left."""
    return plans.a_plan(
        instances=[
            builders.an_instance(
                vm_state=vm_state,
                excluded=excluded,
                task_state=task,
                elsewhere=elsewhere,
                migration=migration,
                power_state=power_state,
                is_leftover=is_leftover,
            )
        ],
        request=builders.a_request(on_blocked=OnBlocked.LEAVE, **flags),
    )


@ddt.ddt
class TestOneFateEach(base.TestCase):
    def setUp(self):
        super().setUp()
        self.plan = plans.a_plan(instances=[WEB, DB])
        self.moves = self.plan.outcome.moves

    def test_right(self):
        self.assertEqual([], self.plan.violations)

    def test_lost(self):
        self.assertEqual(
            ['web-1: on compute-1, not in the plan'],
            self.plan.but_node(moves=self.moves[:1]).violations,
        )

    def test_twice(self):
        moves = (*self.moves, plans.a_move())
        self.assertIn(
            'web-1: 2 times in the plan',
            self.plan.but_node(moves=moves).violations,
        )

    @ddt.named_data(
        ('stopped', {'stops': (plans.a_stop(),)}),
        ('left', {'stays': (plans.a_stay(),)}),
    )
    @ddt.unpack
    def test_moved_and(self, fates):
        self.assertIn(
            'web-1: 2 times in the plan',
            self.plan.but_node(**fates).violations,
        )

    def test_from_nowhere(self):
        moves = (*self.moves, plans.a_move('ghost'))
        self.assertEqual(
            ['uuid-ghost: in the plan, but not on compute-1'],
            self.plan.but_node(moves=moves).violations,
        )

    def test_of_another_node(self):
        elsewhere = builders.an_instance(host='compute-2')
        plan = plans.a_plan(instances=[elsewhere, DB])
        moves = (*plan.outcome.moves, plans.a_move())
        self.assertEqual(
            ['uuid-web-1: in the plan, but not on compute-1'],
            plan.but_node(moves=moves).violations,
        )

    @ddt.named_data(
        ('deleted', 'deleted', True),
        ('shelved_offloaded', 'shelved_offloaded', True),
        ('soft_delete', 'soft-delete', False),
        ('shelved', 'shelved', False),
    )
    @ddt.unpack
    def test_holds_nothing(self, vm_state, is_gone):
        plan = a_leaving_plan(vm_state)
        self.assertEqual([], plan.violations)
        self.assertEqual(
            ['uuid-web-1: in the plan, but not on compute-1']
            if is_gone
            else [],
            plan.but_node(stays=(plans.a_stay(),), releases=()).violations,
        )

    @ddt.named_data(
        # name, blockers that are told, expected
        ('some', (plans.a_stay(),), []),
        (
            'one_twice',
            (plans.a_stay(), plans.a_stay()),
            ['web-1: 2 times in the plan'],
        ),
        (
            'from_nowhere',
            (plans.a_stay(), plans.a_stay('ghost')),
            ['uuid-ghost: in the plan, but not on compute-1'],
        ),
    )
    @ddt.unpack
    def test_of_a_refused_node_blockers_are_told(self, stays, expected):
        blocked = builders.an_instance(vm_state='suspended')
        plan = plans.a_plan(instances=[blocked, DB])
        self.assertIs(Verdict.REFUSED, plan.outcome.nodes[0].verdict)
        self.assertEqual(expected, plan.but_node(stays=stays).violations)


@ddt.ddt
class TestCounted(base.TestCase):
    @ddt.named_data(
        ('right', 2, []),
        ('too_few', 1, ['compute-1: said to hold 1 instances, holds 2']),
        ('too_many', 3, ['compute-1: said to hold 3 instances, holds 2']),
    )
    @ddt.unpack
    def test_count(self, count, expected):
        gone = builders.an_instance('gone', vm_state='deleted')
        plan = plans.a_plan(instances=[WEB, DB, gone])
        plan = plan.but_node(instance_count=count)
        self.assertEqual(expected, plan.violations)

    @ddt.named_data(
        # name, instances of the node that nobody listed, of what it holds
        ('none', 0, [], []),
        (
            'one',
            1,
            ['compute-1: holds 2 instances, of which 1 are listed'],
            ['compute-1: holds 1 instances, of which 0 are listed'],
        ),
    )
    @ddt.unpack
    def test_of_those_that_are_listed(self, count, some, none):
        node = builders.a_node('compute-1', instance_count=count)
        for instances, expected in (([WEB], some), ([], none)):
            plan = plans.a_plan(
                [node, builders.a_node('compute-2')], instances
            )
            self.assertEqual(expected, plan.violations)

    def test_a_refused_node_need_not_be_known_in_full(self):
        node = builders.a_node('compute-1', instance_count=1)
        plan = plans.a_plan(
            [node, builders.a_node('compute-2')],
            [builders.an_instance(vm_state='suspended')],
        )
        self.assertEqual([], plan.violations)


@ddt.ddt
class TestToldTruly(base.TestCase):
    @ddt.named_data(
        ('right', plans.a_move(), []),
        (
            'name',
            dataclasses.replace(plans.a_move(), instance_name='web-2'),
            ['web-1: called web-2'],
        ),
        (
            'source',
            dataclasses.replace(plans.a_move(), host='compute-3'),
            ['web-1: on compute-1, said to be on compute-3'],
        ),
    )
    @ddt.unpack
    def test_move(self, move, expected):
        plan = plans.a_plan().but_node(moves=(move,))
        self.assertEqual(expected, plan.violations)

    @ddt.named_data(
        ('right', plans.a_stop(), []),
        (
            'host',
            plans.a_stop(host='compute-3'),
            ['web-1: on compute-1, said to be on compute-3'],
        ),
    )
    @ddt.unpack
    def test_stop(self, stop, expected):
        plan = plans.a_plan(request=builders.a_request(**NEITHER))
        plan = plan.but_node(stops=(stop,))
        self.assertEqual(expected, plan.violations)

    @ddt.named_data(
        ('right', plans.a_stay(), []),
        (
            'host',
            plans.a_stay(host='compute-3'),
            ['web-1: on compute-1, said to be on compute-3'],
        ),
    )
    @ddt.unpack
    def test_stay(self, stay, expected):
        plan = a_leaving_plan('suspended').but_node(stays=(stay,))
        self.assertEqual(expected, plan.violations)


OTHER_WAY = 'it runs and is to move the other way'
NOT_RUNNING = 'it does not run'
COLD_OFF = 'cold migration is off'
BOTH_OFF = 'both kinds of migration are off'
LIVE_ONLY = 'it is paused, and moves live only'


@ddt.ddt
class TestMoves(base.TestCase):
    @ddt.named_data(
        # name, vm_state, flags, what is wrong with live, with cold
        ('runs', 'active', {}, None, OTHER_WAY),
        ('runs_no_live', 'active', NO_LIVE, OTHER_WAY, None),
        ('runs_no_cold', 'active', NO_COLD, None, OTHER_WAY),
        ('stopped', 'stopped', {}, NOT_RUNNING, None),
        ('stopped_no_live', 'stopped', NO_LIVE, NOT_RUNNING, None),
        ('stopped_no_cold', 'stopped', NO_COLD, NOT_RUNNING, COLD_OFF),
        ('paused', 'paused', {}, None, LIVE_ONLY),
        ('paused_no_live', 'paused', NO_LIVE, LIVE_ONLY, LIVE_ONLY),
        ('paused_no_cold', 'paused', NO_COLD, None, LIVE_ONLY),
        ('paused_neither', 'paused', NEITHER, BOTH_OFF, BOTH_OFF),
        ('runs_neither', 'active', NEITHER, BOTH_OFF, BOTH_OFF),
        ('stopped_neither', 'stopped', NEITHER, BOTH_OFF, BOTH_OFF),
        *(
            (
                state.replace('-', '_'),
                state,
                {},
                f'its state is {state}',
                f'its state is {state}',
            )
            for state in ('suspended', 'soft-delete', 'new-state')
        ),
    )
    @ddt.unpack
    def test_kind(self, vm_state, flags, live, cold):
        plan = a_leaving_plan(vm_state, **flags)
        self.assertEqual([], plan.violations)
        for kind, problem in ((MoveKind.LIVE, live), (MoveKind.COLD, cold)):
            told = f'web-1: a {kind.value} migration, but {problem}'
            self.assertEqual(
                [told] if problem else [],
                plan.but_node(
                    moves=(plans.a_move(kind=kind),),
                    stops=(),
                    stays=(),
                    method=Method.SPREAD,
                ).violations,
            )

    def test_excluded(self):
        plan = a_leaving_plan(excluded=True)
        self.assertEqual([], plan.violations)
        plan = plan.but_node(
            moves=(plans.a_move(),), stays=(), method=Method.SPREAD
        )
        self.assertEqual(
            ['web-1: a live migration, but the scope excludes it'],
            plan.violations,
        )

    def test_busy(self):
        plan = a_leaving_plan(task='resize_prep')
        self.assertEqual([], plan.violations)
        plan = plan.but_node(
            moves=(plans.a_move(),), stays=(), method=Method.SPREAD
        )
        self.assertEqual(
            ['web-1: a live migration, but its task state is resize_prep'],
            plan.violations,
        )

    def test_allocation_alone(self):
        plan = a_leaving_plan(is_leftover=True)
        self.assertEqual([], plan.violations)
        plan = plan.but_node(
            moves=(plans.a_move(),), stays=(), method=Method.SPREAD
        )
        self.assertEqual(
            ['web-1: a live migration, but it is an allocation alone'],
            plan.violations,
        )

    def test_half_here(self):
        plan = a_leaving_plan(elsewhere='compute-3')
        self.assertEqual([], plan.violations)
        plan = plan.but_node(
            moves=(plans.a_move(),), stays=(), method=Method.SPREAD
        )
        self.assertEqual(
            ['web-1: a live migration, but it is on compute-3'],
            plan.violations,
        )


@ddt.ddt
class TestGhosts(base.TestCase):
    """What is not on the node is told once; the rest is judged as well."""

    @ddt.named_data(
        (
            'moves',
            'moves',
            [plans.a_move('ghost'), plans.a_move(kind=MoveKind.COLD)],
            f'web-1: a cold migration, but {OTHER_WAY}',
        ),
        (
            'stops',
            'stops',
            [plans.a_stop('ghost'), plans.a_stop()],
            'web-1: stopped, but live migration is on',
        ),
        (
            'releases',
            'releases',
            [
                Release(
                    instance_uuid='ghost',
                    instance_name='ghost',
                    kind=ReleaseKind.OFFLOAD,
                    host='compute-1',
                ),
                Release(
                    instance_uuid='uuid-web-1',
                    instance_name='web-1',
                    kind=ReleaseKind.OFFLOAD,
                    host='compute-1',
                ),
            ],
            'web-1: to offload, but it is not shelved there',
        ),
        (
            'stays',
            'stays',
            [plans.a_stay('ghost'), plans.a_stay(as_asked=True)],
            'web-1: left as asked, but nothing asks for it',
        ),
    )
    @ddt.unpack
    def test_before_a_wrong_one(self, fate, records, told):
        plan = plans.a_plan().but_node(**{'moves': (), fate: tuple(records)})
        self.assertIn(told, plan.violations)


def a_release(kind):
    return Release(
        instance_uuid='uuid-web-1',
        instance_name='web-1',
        kind=kind,
        host='compute-1',
    )


@ddt.ddt
class TestReleases(base.TestCase):
    OFFLOAD, CONFIRM = ReleaseKind.OFFLOAD, ReleaseKind.CONFIRM
    NOT_SHELVED = 'it is not shelved there'
    NOT_OURS = 'no administrator has migrated it away'

    @ddt.named_data(
        # name, state, further fields, flags, wrong with offload, confirm
        ('shelved', 'shelved', {}, {}, [], [NOT_OURS]),
        ('shelved_no_live', 'shelved', {}, NO_LIVE, [], [NOT_OURS]),
        (
            'shelved_neither',
            'shelved',
            {},
            NEITHER,
            [BOTH_OFF],
            [BOTH_OFF, NOT_OURS],
        ),
        (
            'excluded',
            'shelved',
            {'excluded': True},
            {},
            ['the scope excludes it'],
            ['the scope excludes it', NOT_OURS],
        ),
        (
            'busy',
            'shelved',
            {'task': 'shelving'},
            {},
            ['its task state is shelving'],
            ['its task state is shelving', NOT_OURS],
        ),
        ('runs', 'active', {}, {}, [NOT_SHELVED], [NOT_OURS]),
        (
            'migrated',
            'resized',
            {'elsewhere': 'compute-2', 'migration': 'migration'},
            {},
            [NOT_SHELVED],
            [],
        ),
        (
            'allocation_alone',
            'resized',
            {
                'elsewhere': 'compute-2',
                'migration': 'migration',
                'is_leftover': True,
            },
            {},
            [NOT_SHELVED],
            [NOT_OURS],
        ),
        (
            'resized_by_its_owner',
            'resized',
            {'elsewhere': 'compute-2', 'migration': 'resize'},
            {},
            [NOT_SHELVED],
            [NOT_OURS],
        ),
        (
            'arrived',
            'resized',
            {'migration': 'migration'},
            {},
            [NOT_SHELVED],
            [NOT_OURS],
        ),
        (
            'shelved_elsewhere',
            'shelved',
            {'elsewhere': 'compute-2'},
            {},
            [NOT_SHELVED],
            [NOT_OURS],
        ),
    )
    @ddt.unpack
    def test_kind(self, vm_state, fields, flags, offload, confirm):
        plan = a_leaving_plan(vm_state, **fields, **flags)
        self.assertEqual([], plan.violations)
        for kind, problems in (
            (self.OFFLOAD, offload),
            (self.CONFIRM, confirm),
        ):
            said = f'web-1: to {kind.value}, but'
            told = plan.but_node(
                moves=(),
                stops=(),
                stays=(),
                releases=(a_release(kind),),
                method=Method.NONE,
            )
            self.assertEqual(
                [f'{said} {p}' for p in sorted(problems)], told.violations
            )


@ddt.ddt
class TestStops(base.TestCase):
    @ddt.named_data(
        # name, vm_state, excluded, flags, what is wrong
        ('runs', 'active', False, NEITHER, []),
        ('excluded', 'active', True, NEITHER, ['the scope excludes it']),
        ('off', 'stopped', False, NEITHER, ['its state is stopped']),
        ('paused', 'paused', False, NEITHER, ['its state is paused']),
        ('no_cold', 'active', False, NO_COLD, ['live migration is on']),
        ('no_live', 'active', False, NO_LIVE, ['cold migration is on']),
        (
            'no_flag',
            'active',
            False,
            {},
            ['cold migration is on', 'live migration is on'],
        ),
    )
    @ddt.unpack
    def test_stop(self, vm_state, excluded, flags, problems):
        plan = a_leaving_plan(vm_state, excluded, **flags).but_node(
            moves=(),
            stops=(plans.a_stop(),),
            stays=(),
            method=Method.NONE,
        )
        self.assertEqual(
            [f'web-1: stopped, but {p}' for p in problems], plan.violations
        )


class TestBusyStops(base.TestCase):
    def test_stop(self):
        plan = a_leaving_plan(task='powering-off', **NEITHER)
        self.assertEqual([], plan.violations)
        plan = plan.but_node(stops=(plans.a_stop(),), stays=())
        self.assertEqual(
            ['web-1: stopped, but its task state is powering-off'],
            plan.violations,
        )


class TestHalfHereStops(base.TestCase):
    def test_stop(self):
        plan = a_leaving_plan(elsewhere='compute-3', **NEITHER)
        self.assertEqual([], plan.violations)
        plan = plan.but_node(stops=(plans.a_stop(),), stays=())
        self.assertEqual(
            ['web-1: stopped, but it is on compute-3'], plan.violations
        )


UNASKED = 'web-1: left as asked, but nothing asks for it'
ASKED = 'web-1: blocked, but left by a parameter'
RUNNING = 'web-1: stays running, but is to be stopped'


@ddt.ddt
class TestStays(base.TestCase):
    @ddt.named_data(
        # name, vm_state, flags, wrong as asked, wrong as blocked
        ('runs', 'active', {}, [UNASKED], []),
        ('runs_no_live', 'active', NO_LIVE, [UNASKED], []),
        ('runs_no_cold', 'active', NO_COLD, [UNASKED], []),
        ('runs_neither', 'active', NEITHER, [UNASKED, RUNNING], [RUNNING]),
        ('stopped', 'stopped', {}, [UNASKED], []),
        ('stopped_no_live', 'stopped', NO_LIVE, [UNASKED], []),
        ('stopped_no_cold', 'stopped', NO_COLD, [], [ASKED]),
        ('stopped_neither', 'stopped', NEITHER, [], [ASKED]),
        ('paused', 'paused', {}, [UNASKED], []),
        ('paused_no_cold', 'paused', NO_COLD, [UNASKED], []),
        ('paused_neither', 'paused', NEITHER, [], [ASKED]),
    )
    @ddt.unpack
    def test_stay(self, vm_state, flags, as_asked, blocked):
        plan = a_leaving_plan(vm_state, **flags)
        for asked, expected in ((True, as_asked), (False, blocked)):
            stay = plans.a_stay(as_asked=asked)
            left = plan.but_node(
                moves=(), stops=(), stays=(stay,), method=Method.NONE
            )
            self.assertEqual(expected, left.violations)

    def test_excluded_and_running_is_a_blocker_with_both_flags_too(self):
        plan = a_leaving_plan(excluded=True, **NEITHER)
        [stay] = plan.outcome.nodes[0].stays
        self.assertFalse(stay.as_asked)
        self.assertEqual([], plan.violations)

    @ddt.named_data(
        ('said', (Finding(SUSPENDED, 'web-1'),), []),
        ('unsaid', (), ['web-1: stays without a reason']),
    )
    @ddt.unpack
    def test_why(self, findings, expected):
        stay = plans.a_stay(findings=findings)
        plan = a_leaving_plan('suspended').but_node(stays=(stay,))
        self.assertEqual(expected, plan.violations)

    @ddt.named_data(
        # name, power state, reason, is it wrong
        ('running',       'running',  ERROR,       True),
        ('paused',        'paused',   ERROR,       True),
        ('shut_down',     'shutdown', ERROR,       False),
        ('unknown',       '',         ERROR,       False),
        ('running_alive', 'running',  ERROR_ALIVE, False),
    )  # fmt: skip
    @ddt.unpack
    def test_no_guest_that_runs_is_to_be_rebuilt(
        self, power_state, reason, is_wrong
    ):
        stay = plans.a_stay(findings=(Finding(reason, 'web-1'),))
        plan = a_leaving_plan('error', power_state=power_state)
        self.assertEqual(
            ['web-1: told to be broken, but its guest runs'] * is_wrong,
            plan.but_node(stays=(stay,)).violations,
        )
