# SPDX-License-Identifier: Apache-2.0


"""A node is emptied, enabled or filled only if the design allows it."""

import dataclasses

import ddt

from tests.unit import base
from tests.unit.core import builders
from tests.unit.core import plans
from watcher_host_maintenance.core.model.plan import Method


SPARE = {'status': 'disabled', 'disabled_reason': 'watcher_disabled'}
MARKED = {'status': 'disabled', 'disabled_reason': 'watcher_maintaining'}
FAN = {'status': 'disabled', 'disabled_reason': 'broken fan'}
LOST = {'status': 'disabled', 'disabled_reason': 'AUTO: lost'}
SILENT = {'status': 'disabled', 'disabled_reason': ''}


def on(plan, hostname, **fields):
    """The same plan where one node is another than was known."""
    return plan.but_known(
        nodes=tuple(
            dataclasses.replace(n, **fields) if n.hostname == hostname else n
            for n in plan.known.nodes
        )
    )


def types(source, destination, host='compute-2'):
    """What a move between types of hypervisor is told besides."""
    if source == destination:
        return []
    return [f'web-1: to {host}, from {source!r} to {destination!r}']


@ddt.ddt
class TestSource(base.TestCase):
    @ddt.named_data(
        ('usual', {}, []),
        ('qemu', {'hypervisor_type': 'QEMU'}, []),
        ('ironic', {'hypervisor_type': 'ironic'}, ['it is bare metal']),
        ('shouted', {'hypervisor_type': 'IRONIC'}, ['it is bare metal']),
        (
            'elsewhere',
            {'in_scope': False},
            ["it is outside of the audit's scope"],
        ),
        ('down', {'state': 'down'}, ['it is down with 1 servers']),
        ('down_and_empty', {'state': 'down', 'instance_count': 0}, []),
        ('up_and_empty', {'instance_count': 0}, []),
    )
    @ddt.unpack
    def test_enabled(self, fields, problems):
        expected = [f'compute-1: planned, but {p}' for p in problems]
        self.assertEqual(
            expected + types(fields.get('hypervisor_type', ''), ''),
            on(plans.a_plan(), 'compute-1', **fields).violations,
        )

    @ddt.named_data(
        ('closed', FAN, None),
        ('marked', MARKED, None),
        ('prefix', {**SPARE, 'disabled_reason': 'watcher_disabled!'}, None),
        ('silent', SILENT, None),
        ('lost', LOST, 'its hypervisor does not answer'),
        (
            'lost_since',
            {**MARKED, 'hypervisor_lost': True},
            'its hypervisor does not answer',
        ),
        ('lost_not', {**LOST, 'disabled_reason': 'AUTO fan'}, None),
    )
    @ddt.unpack
    def test_disabled(self, fields, problem):
        nodes = [builders.a_node('compute-1', **FAN), builders.a_node()]
        self.assertEqual(
            [f'compute-1: planned, but {problem}'] if problem else [],
            on(plans.a_plan(nodes), 'compute-1', **fields).violations,
        )

    def test_a_spare_that_is_marked_too(self):
        nodes = [builders.a_node('compute-1', **SPARE), builders.a_node()]
        request = builders.a_request(marking_reasons=('watcher_',))
        self.assertEqual([], plans.a_plan(nodes, request=request).violations)

    def test_a_spare_reason_of_an_enabled_node_is_an_old_one(self):
        plan = on(
            plans.a_plan(), 'compute-1', disabled_reason='watcher_disabled'
        )
        self.assertEqual([], plan.violations)

    def test_finished(self):
        nodes = [builders.a_node('compute-1', **FAN)]
        plan = plans.a_plan(nodes, ())
        self.assertEqual([], plan.violations)
        self.assertEqual(
            ['compute-1: finished, but may be filled again'],
            on(plan, 'compute-1', **SPARE).violations,
        )

    def test_refused(self):
        nodes = [builders.a_node('compute-1', **MARKED, state='down')]
        plan = plans.a_plan(nodes, request=builders.a_bare_request())
        self.assertEqual(1, len(plan.outcome.refused))
        self.assertEqual([], plan.violations)


@ddt.ddt
class TestDestination(base.TestCase):
    @ddt.named_data(
        ('usual', {}, []),
        ('holds_servers', {'instance_count': 9}, []),
        ('ironic', {'hypervisor_type': 'ironic'}, ['it is bare metal']),
        (
            'elsewhere',
            {'in_scope': False},
            ["it is outside of the audit's scope"],
        ),
        ('down', {'state': 'down'}, ['it is down']),
        ('old_mark', {'disabled_reason': 'watcher_maintaining'}, []),
    )
    @ddt.unpack
    def test_enabled(self, fields, problems):
        expected = [f'compute-2: a destination, but {p}' for p in problems]
        self.assertEqual(
            expected + types('', fields.get('hypervisor_type', '')),
            on(plans.a_plan(), 'compute-2', **fields).violations,
        )

    @ddt.named_data(
        ('closed', FAN, []),
        ('marked', MARKED, ['it is marked for maintenance']),
        ('lost', LOST, ['its hypervisor does not answer']),
    )
    @ddt.unpack
    def test_disabled(self, fields, problems):
        told = on(plans.a_plan(), 'compute-2', **fields).violations
        self.assertEqual(
            [f'compute-2: a destination, but {p}' for p in problems],
            [t for t in told if 'a destination' in t],
        )
        self.assertIn(
            'compute-1: method spread, but compute-2 is disabled', told
        )
        self.assertIn(
            "'move uuid-web-1' may start before compute-2 is enabled", told
        )

    def test_unknown(self):
        move = plans.a_move(destination='compute-9')
        self.assertEqual(
            ['compute-9: a destination, but it is not a known node'],
            plans.a_plan().but_node(moves=(move,)).violations,
        )

    def test_the_source_itself(self):
        move = plans.a_move(destination='compute-1')
        self.assertEqual(
            ['compute-1: a destination, but it is to be emptied'],
            plans.a_plan().but_node(moves=(move,)).violations,
        )

    def test_another_that_is_emptied(self):
        nodes = [builders.a_node(f'compute-{n}') for n in (1, 2, 3)]
        request = builders.a_request('compute-1', 'compute-2')
        plan = plans.a_plan(nodes, request=request)
        self.assertEqual([], plan.violations)
        self.assertEqual(
            ['compute-2: a destination, but it is to be emptied'],
            plan.but_node(moves=(plans.a_move(),)).violations,
        )


@ddt.ddt
class TestEnable(base.TestCase):
    def setUp(self):
        super().setUp()
        nodes = [
            builders.a_node('compute-1'),
            builders.a_spare('spare-1'),
            builders.a_spare('spare-2'),
        ]
        self.plan = plans.a_plan(nodes)

    @ddt.named_data(
        ('spare', {}, []),
        (
            'closed',
            FAN,
            ["it is disabled for another reason: 'broken fan'"],
        ),
        ('silent', SILENT, ["it is disabled for another reason: ''"]),
        (
            'prefix',
            {'disabled_reason': 'watcher_disabled!'},
            ["it is disabled for another reason: 'watcher_disabled!'"],
        ),
        (
            'holds_one',
            {'instance_count': 1},
            ['it is no spare: it holds 1 servers'],
        ),
    )
    @ddt.unpack
    def test_of_a(self, fields, problems):
        self.assertEqual(
            [f'spare-1: enabled, but {p}' for p in problems],
            on(self.plan, 'spare-1', **fields).violations,
        )

    def test_of_a_marked_one(self):
        other = "disabled for another reason: 'watcher_maintaining'"
        self.assertEqual(
            [
                'spare-1: a destination, but it is marked for maintenance',
                f'spare-1: enabled, but it is {other}',
            ],
            on(self.plan, 'spare-1', **MARKED).violations,
        )

    def test_of_a_second_reason(self):
        plan = on(self.plan, 'spare-1', disabled_reason='in stock')
        reasons = ('watcher_disabled', 'in stock')
        self.assertEqual([], plan.but_asked(unused_reasons=reasons).violations)

    @ddt.named_data(
        ('elsewhere', {'in_scope': False}, "outside of the audit's scope"),
        ('down', {'state': 'down'}, 'down'),
        ('ironic', {'hypervisor_type': 'Ironic'}, 'bare metal'),
    )
    @ddt.unpack
    def test_is_judged_as_a_destination_too(self, fields, problem):
        kind = fields.get('hypervisor_type', '')
        self.assertEqual(
            [
                f'spare-1: a destination, but it is {problem}',
                *types('', kind, 'spare-1'),
            ],
            on(self.plan, 'spare-1', **fields).violations,
        )

    @ddt.named_data(
        (
            'for_nothing',
            'spare-2',
            ['spare-2: enabled, but nothing is moved to it'],
        ),
        (
            'unknown',
            'spare-9',
            ['spare-9: enabled, but it is not a known node'],
        ),
        (
            'enabled',
            'compute-1',
            [
                'compute-1: enabled, but it is no spare: it holds 1 servers',
                'compute-1: enabled, but it is not disabled',
                'compute-1: enabled, but nothing is moved to it',
            ],
        ),
    )
    @ddt.unpack
    def test_of_another_besides(self, hostname, expected):
        plan = self.plan.but(enables=('spare-1', hostname))
        self.assertEqual(expected, plan.violations)

    def test_twice(self):
        outcome = dataclasses.replace(
            self.plan.outcome, enables=('spare-1', 'spare-1')
        )
        plan = dataclasses.replace(self.plan, outcome=outcome)
        self.assertIn('spare-1: enabled, but more than once', plan.violations)

    def test_besides_the_backup(self):
        plan = self.plan.but_asked(backup_node='spare-2')
        self.assertIn(
            'spare-1: enabled, but spare-2 is the backup', plan.violations
        )
        told = 'method unused_host, but spare-1 is to take everything'
        self.assertEqual(
            [f'compute-1: {told}'],
            self.plan.but_asked(backup_node='spare-1').violations,
        )

    def test_the_backup_may_hold_servers(self):
        nodes = [
            builders.a_node('compute-1'),
            builders.a_spare(instance_count=1),
        ]
        request = builders.a_request(backup_node='spare-1')
        plan = plans.a_plan(nodes, request=request)
        self.assertEqual(('spare-1',), plan.outcome.enables)
        self.assertEqual([], plan.violations)


@ddt.ddt
class TestMethod(base.TestCase):
    """Which destinations suit which method."""

    def setUp(self):
        super().setUp()
        self.nodes = [
            builders.a_node('compute-1', **FAN),
            builders.a_node('compute-2'),
            builders.a_node('compute-3'),
            builders.a_spare('spare-1'),
            builders.a_spare('spare-2'),
        ]
        self.instances = [
            builders.an_instance('web-1'),
            builders.an_instance('web-2'),
        ]

    def told(self, method, destinations, backup=None):
        """What the checker says of a method with these destinations."""
        plan = plans.a_plan(self.nodes, self.instances).but_asked(
            backup_node=backup
        )
        moves = tuple(
            plans.a_move(name, destination)
            for name, destination in zip(
                ('web-1', 'web-2'), destinations, strict=True
            )
        )
        enables = sorted({d for d in destinations if 'spare' in d})
        plan = plan.but(enables=tuple(enables))
        return plan.but_node(moves=moves, method=method).violations

    @ddt.named_data(
        # name, method, destinations, what is wrong
        ('spread', Method.SPREAD, ['compute-2', 'compute-3'], None),
        ('spread_on_one', Method.SPREAD, ['compute-2', 'compute-2'], None),
        (
            'spread_on_a_spare',
            Method.SPREAD,
            ['compute-2', 'spare-1'],
            'spare-1 is disabled',
        ),
        ('unused', Method.UNUSED_HOST, ['spare-2', 'spare-2'], None),
        (
            'unused_two',
            Method.UNUSED_HOST,
            ['spare-1', 'spare-2'],
            'the destinations are spare-1, spare-2',
        ),
        (
            'unused_that_is_used',
            Method.UNUSED_HOST,
            ['compute-2', 'compute-2'],
            'the destinations are compute-2',
        ),
        (
            'unused_and_others',
            Method.UNUSED_HOST,
            ['spare-1', 'compute-2'],
            'the destinations are compute-2, spare-1',
        ),
        (
            'backup',
            Method.BACKUP,
            ['compute-2', 'compute-2'],
            'the request names no backup',
        ),
        (
            'none',
            Method.NONE,
            ['compute-3', 'compute-2'],
            'instances move to compute-2',
        ),
    )
    @ddt.unpack
    def test_without_a_backup(self, method, destinations, problem):
        self.assertEqual(
            [f'compute-1: method {method.value}, but {problem}']
            if problem
            else [],
            self.told(method, destinations),
        )

    @ddt.named_data(
        # name, backup, method, destinations, is that right
        ('enabled', 'compute-2', Method.BACKUP, 2 * ['compute-2'], True),
        ('spare', 'spare-1', Method.BACKUP, 2 * ['spare-1'], True),
        ('other', 'compute-2', Method.BACKUP, 2 * ['compute-3'], False),
        (
            'one_of_two',
            'compute-2',
            Method.BACKUP,
            ['compute-2', 'compute-3'],
            False,
        ),
        ('spread', 'compute-2', Method.SPREAD, 2 * ['compute-2'], False),
        ('unused', 'spare-1', Method.UNUSED_HOST, 2 * ['spare-1'], False),
    )
    @ddt.unpack
    def test_with_a_backup(self, backup, method, destinations, is_right):
        told = (
            f'compute-1: method {method.value}, but {backup} is to take '
            'everything'
        )
        self.assertEqual(
            [] if is_right else [told],
            self.told(method, destinations, backup),
        )

    @ddt.data(Method.SPREAD, Method.UNUSED_HOST, Method.BACKUP)
    def test_without_moves(self, method):
        plan = plans.a_plan(self.nodes, ()).but_node(method=method)
        self.assertEqual(
            [f'compute-1: method {method.value}, but nothing moves'],
            plan.violations,
        )

    def test_several_nodes_each_have_their_own(self):
        nodes = [
            builders.a_node('compute-1', **MARKED),
            builders.a_node('compute-2', **MARKED),
            builders.a_node('compute-3', vcpus=1),
            builders.a_spare('spare-1', vcpus=1),
        ]
        instances = [
            builders.an_instance('web-1', 'compute-1'),
            builders.an_instance('web-2', 'compute-2'),
        ]
        plan = plans.a_plan(nodes, instances, builders.a_bare_request())
        self.assertEqual(
            {Method.UNUSED_HOST, Method.SPREAD},
            {n.method for n in plan.outcome.nodes},
        )
        self.assertEqual([], plan.violations)
