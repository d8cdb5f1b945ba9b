# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tests.unit.core.builders import a_bare_request
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_request
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import a_spare
from tests.unit.core.builders import an_instance
from tests.unit.core.drains import C1
from tests.unit.core.drains import C2
from tests.unit.core.drains import LEAVE
from tests.unit.core.drains import NEITHER
from tests.unit.core.drains import NO_COLD
from tests.unit.core.drains import NO_LIVE
from tests.unit.core.drains import marked
from tests.unit.core.drains import plan
from tests.unit.core.drains import remedies
from tests.unit.core.drains import servers
from tests.unit.core.drains import told
from tests.unit.core.drains import verdicts
from tests.unit.core.drains import where
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.checking import check
from watcher_host_maintenance.core.model.plan import Method
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Stop
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.rules.roles import NODE_DOWN
from watcher_host_maintenance.core.rules.targets import UNKNOWN_NODE
from watcher_host_maintenance.core.scheduling import steps


class TestPlan(base.TestCase):
    def test_one_instance_in_full(self):
        self.assertEqual(
            Outcome(
                nodes=(
                    NodeOutcome(
                        'compute-1',
                        Verdict.PLANNED,
                        1,
                        Method.SPREAD,
                        (
                            Move(
                                instance_uuid='uuid-web-1',
                                instance_name='web-1',
                                kind=MoveKind.LIVE,
                                host='compute-1',
                                destination='compute-2',
                            ),
                        ),
                    ),
                ),
                disables=('compute-1',),
            ),
            plan([C1, C2], [an_instance()]),
        )

    def test_what_is_not_proved_says_so(self):
        outcome = plan(
            [C1, C2],
            [
                an_instance('cpu', extra_specs={'hw:cpu_policy': 'dedicated'}),
                an_instance('web', extra_specs={'hw:cpu_policy': 'shared'}),
            ],
            a_request(allow_unproved_moves=True),
        )
        self.assertEqual(
            {'cpu': True, 'web': False},
            {m.instance_name: m.unproved for m in outcome.moves},
        )

    def test_nobody_asks_for_the_others_when_all_is_well(self):
        broken = a_node('compute-3', status='disabled')
        for instances in ([], [an_instance()]):
            outcome = plan([C1, C2, broken], instances)
            self.assertEqual((), outcome.not_destinations)

    def test_bad_request(self):
        outcome = plan([C1, C2], [], a_request('compute-9'))
        self.assertEqual(
            Outcome(findings=(Finding(UNKNOWN_NODE, 'compute-9'),)),
            outcome,
        )
        self.assertIs(True, outcome.failed)

    def test_states_are_kept(self):
        outcome = plan(
            [C1, C2],
            [an_instance('web'), an_instance('old', 'compute-1', 'stopped')],
        )
        self.assertEqual(
            {'old': 'cold compute-2', 'web': 'live compute-2'}, where(outcome)
        )

    def test_servers_of_other_nodes_are_left_alone(self):
        outcome = plan(
            [C1, C2, a_node('compute-3')],
            [an_instance('web'), an_instance('db', 'compute-3', 'suspended')],
        )
        self.assertEqual(['web'], list(where(outcome)))
        self.assertEqual(1, outcome.nodes[0].instance_count)


@ddt.ddt
class TestNothingToMove(base.TestCase):
    @ddt.named_data(
        # name, fields of compute-1, expected verdict, disables
        ('enabled', {}, 'planned', ['compute-1']),
        (
            'disabled',
            {'status': 'disabled', 'disabled_reason': 'fan'},
            'finished',
            [],
        ),
        (
            'marked',
            {'status': 'disabled', 'disabled_reason': 'watcher_maintaining'},
            'finished',
            [],
        ),
        ('down', {'state': 'down'}, 'finished', []),
        (
            'disabled_and_down',
            {'status': 'disabled', 'state': 'down'},
            'finished',
            [],
        ),
    )
    @ddt.unpack
    def test_empty_node(self, fields, verdict, disables):
        outcome = plan([a_node('compute-1', **fields), C2], [])
        self.assertEqual({'compute-1': verdict}, verdicts(outcome))
        self.assertEqual(disables, list(outcome.disables))
        self.assertIs(Method.NONE, outcome.nodes[0].method)
        self.assertIs(False, outcome.failed)
        self.assertEqual((), outcome.not_destinations)

    @ddt.data('deleted', 'shelved_offloaded')
    def test_ghosts(self, vm_state):
        outcome = plan(
            [C1, C2],
            [an_instance('ghost', vm_state=vm_state), an_instance('web')],
        )
        [node] = outcome.nodes
        self.assertEqual({'web': 'live compute-2'}, where(outcome))
        self.assertEqual((1, ()), (node.instance_count, node.stays))

    def test_only_ghosts(self):
        outcome = plan([marked(), C2], [an_instance(vm_state='deleted')])
        self.assertEqual({'compute-1': 'finished'}, verdicts(outcome))

    def test_empty_and_nowhere_to_go(self):
        outcome = plan([C1], [])
        self.assertEqual({'compute-1': 'planned'}, verdicts(outcome))


@ddt.ddt
class TestService(base.TestCase):
    @ddt.named_data(
        # name, fields of compute-1, expected disables
        ('enabled', {}, ['compute-1']),
        (
            'disabled_by_a_person',
            {'status': 'disabled', 'disabled_reason': 'fan'},
            [],
        ),
        ('disabled_silently', {'status': 'disabled'}, []),
        (
            'marked',
            {'status': 'disabled', 'disabled_reason': 'watcher_maintaining'},
            [],
        ),
    )
    @ddt.unpack
    def test_disabled_once(self, fields, disables):
        outcome = plan([a_node('compute-1', **fields), C2], servers(1))
        self.assertEqual(disables, list(outcome.disables))
        self.assertEqual({'web-1': 'live compute-2'}, where(outcome))

    def test_down_with_servers(self):
        outcome = plan([a_node('compute-1', state='down'), C2], servers(1, 1))
        self.assertEqual(
            Outcome(
                findings=(Finding(NODE_DOWN, 'compute-1', {'instances': 2}),)
            ),
            outcome,
        )

    @ddt.data('up', 'down')
    def test_spare_to_maintain(self, state):
        # Its reason would make the next drain fill it.
        outcome = plan([a_spare('compute-1', state=state), C2], [])
        self.assertEqual(('compute-1',), outcome.marks)
        self.assertEqual((), outcome.disables)
        self.assertFalse(outcome.failed)

    def test_spare_with_servers(self):
        outcome = plan([a_spare('compute-1'), C2], servers(1))
        self.assertEqual(('compute-1',), outcome.marks)
        self.assertEqual({'web-1': 'live compute-2'}, where(outcome))

    def test_releases(self):
        outcome = plan(
            [a_node('compute-1')],
            [
                an_instance('old', vm_state='shelved'),
                an_instance(
                    'gone',
                    vm_state='resized',
                    elsewhere='compute-2',
                    migration='migration',
                    resources={},
                ),
            ],
        )
        self.assertEqual(
            [('gone', 'confirm'), ('old', 'offload')],
            [(r.instance_name, r.kind.value) for r in outcome.releases],
        )
        self.assertEqual([2], [n.instance_count for n in outcome.nodes])

    @ddt.named_data(
        # name, kind of the move, verdicts, releases
        (
            'of_its_owner',
            'resize',
            {'compute-1': 'refused', 'compute-2': 'refused'},
            [],
        ),
        (
            'of_an_administrator',
            'migration',
            {'compute-1': 'planned', 'compute-2': 'refused'},
            [('web', 'compute-1')],
        ),
        ('unknown', '', {'compute-1': 'refused', 'compute-2': 'refused'}, []),
    )
    @ddt.unpack
    def test_both_ends_of_a_move(self, migration, expected, releases):
        """The server is on the one, and holds something on the other."""
        web = an_instance('web', 'compute-2', vm_state='resized')
        end = an_instance(
            'web',
            'compute-1',
            vm_state='resized',
            elsewhere='compute-2',
            migration=migration,
            resources={},
        )
        known = a_snapshot(
            [marked('compute-1'), marked('compute-2'), a_node('compute-3')],
            [web, end],
        )
        outcome = drain.plan(known, a_bare_request())
        self.assertEqual(expected, verdicts(outcome))
        self.assertEqual(
            releases, [(r.instance_name, r.host) for r in outcome.releases]
        )
        self.assertEqual(
            (),
            check.check(
                known,
                a_bare_request(),
                outcome,
                steps.schedule(known, outcome),
            ),
        )


@ddt.ddt
class TestFlags(base.TestCase):
    INSTANCES = (
        an_instance('active'),
        an_instance('stopped', vm_state='stopped'),
    )

    @ddt.named_data(
        # name, flags, moves, left as asked
        (
            'none',
            {},
            {'active': 'live compute-2', 'stopped': 'cold compute-2'},
            [],
        ),
        (
            'no_live',
            NO_LIVE,
            {'active': 'cold compute-2', 'stopped': 'cold compute-2'},
            [],
        ),
        (
            'no_cold',
            NO_COLD,
            {'active': 'live compute-2'},
            ['cold_disabled stopped'],
        ),
    )
    @ddt.unpack
    def test_flags(self, flags, moves, left):
        outcome = plan([C1, C2], self.INSTANCES, a_request(**flags))
        self.assertEqual(moves, where(outcome))
        self.assertEqual(left, told(outcome))
        self.assertEqual((), outcome.stops)
        self.assertEqual((), outcome.nodes[0].blocked)
        self.assertEqual(2, outcome.nodes[0].instance_count)

    def test_neither(self):
        outcome = plan(
            [C1],
            [*self.INSTANCES, an_instance('p', vm_state='suspended')],
            a_request(**NEITHER),
        )
        self.assertEqual(
            (
                Stop(
                    instance_uuid='uuid-active',
                    instance_name='active',
                    host='compute-1',
                ),
            ),
            outcome.stops,
        )
        self.assertEqual((), outcome.moves)
        self.assertEqual(('compute-1',), outcome.disables)
        self.assertEqual(
            [
                'live_and_cold_disabled p',
                'live_and_cold_disabled stopped',
            ],
            told(outcome),
        )
        self.assertEqual(3, outcome.nodes[0].instance_count)
        self.assertIs(Method.NONE, outcome.nodes[0].method)

    def test_neither_on_a_disabled_node(self):
        outcome = plan([marked()], [an_instance()], a_request(**NEITHER))
        self.assertEqual({'compute-1': 'planned'}, verdicts(outcome))
        self.assertIs(False, outcome.failed)

    def test_all_is_left_as_asked(self):
        outcome = plan(
            [marked()], [an_instance(vm_state='stopped')], a_request(**NO_COLD)
        )
        self.assertEqual({'compute-1': 'planned'}, verdicts(outcome))
        self.assertEqual((), outcome.moves)

    def test_blocked_by_state_all_the_same(self):
        outcome = plan(
            [C1, C2],
            [*self.INSTANCES, an_instance('p', vm_state='suspended')],
            a_request(**NO_COLD),
        )
        self.assertEqual({'compute-1': 'refused'}, verdicts(outcome))
        self.assertEqual(['suspended p vm_state=suspended'], told(outcome))
        self.assertEqual(3, outcome.nodes[0].instance_count)


@ddt.ddt
class TestBlocked(base.TestCase):
    @ddt.named_data(
        # name, fields of db, expected
        (
            'suspended',
            {'vm_state': 'suspended'},
            ['suspended db vm_state=suspended'],
        ),
        ('error', {'vm_state': 'error'}, ['error db vm_state=error']),
        ('unknown', {'vm_state': 'odd'}, ['unknown_state db vm_state=odd']),
        (
            'excluded',
            {'excluded': True},
            ['excluded_by_scope db'],
        ),
        (
            'excluded_and_suspended',
            {'vm_state': 'suspended', 'excluded': True},
            ['excluded_by_scope db', 'suspended db vm_state=suspended'],
        ),
    )
    @ddt.unpack
    def test_one_fails_all(self, fields, expected):
        outcome = plan([C1, C2], [an_instance('db', **fields), *servers(1)])
        self.assertEqual(expected, told(outcome))
        self.assertEqual({'compute-1': 'refused'}, verdicts(outcome))
        self.assertEqual(
            ((), (), (), True),
            (outcome.moves, outcome.disables, outcome.enables, outcome.failed),
        )
        self.assertEqual((), outcome.not_destinations)

    @ddt.named_data(
        # name, fields of db
        ('suspended', {'vm_state': 'suspended'}),
        ('excluded', {'excluded': True}),
    )
    @ddt.unpack
    def test_others_move(self, fields):
        outcome = plan(
            [C1, C2],
            [an_instance('db', **fields), *servers(1)],
            a_request(**LEAVE),
        )
        self.assertEqual({'web-1': 'live compute-2'}, where(outcome))
        self.assertEqual(['compute-1'], list(outcome.disables))
        [node] = outcome.nodes
        self.assertEqual(['db'], [s.instance_name for s in node.blocked])
        self.assertEqual(2, node.instance_count)
        self.assertEqual((), outcome.not_destinations)

    def test_state_and_room_are_told_together(self):
        outcome = plan(
            [C1, a_node(vcpus=3)],
            [an_instance('db', vm_state='suspended'), *servers(2, 2)],
        )
        self.assertEqual(
            [
                'sum_too_large destinations=1 free=3 hosts=compute-2 instances=2 '
                'resource_class=VCPU wanted=4',
                'suspended db vm_state=suspended',
                'no_room_beside_others web-2 destinations=1 others=1',
                'no_room compute-2 free=1 resource_class=VCPU wanted=2',
            ],
            told(outcome),
        )
        # No room would let the suspended one go.
        self.assertEqual([], remedies(outcome))

    def test_all_blocked_and_all_left(self):
        outcome = plan(
            [C1, C2], [an_instance(vm_state='suspended')], a_request(**LEAVE)
        )
        self.assertEqual({'compute-1': 'planned'}, verdicts(outcome))
        self.assertEqual(('compute-1',), outcome.disables)
        self.assertIs(Method.NONE, outcome.nodes[0].method)

    def test_nothing_can_be_done_any_more(self):
        outcome = plan(
            [marked(), C2],
            [an_instance(vm_state='suspended')],
            a_request(**LEAVE),
        )
        self.assertEqual({'compute-1': 'planned'}, verdicts(outcome))
        self.assertIs(False, outcome.failed)


@ddt.ddt
class TestCandidates(base.TestCase):
    @ddt.named_data(
        # name, fields of the request, expected
        ('named', {}, {'compute-2', 'spare', 'used-spare'}),
        ('with_backup', {'backup_node': 'compute-2'}, {'compute-2'}),
        (
            'backup_is_a_used_spare',
            {'backup_node': 'used-spare'},
            {'used-spare'},
        ),
    )
    @ddt.unpack
    def test_who(self, fields, expected):
        known = a_snapshot(
            [
                C1,
                a_node(vcpus=0),
                a_spare('spare'),
                a_spare('used-spare', instance_count=1),
                a_spare('far-spare', in_scope=False),
                a_node('far', in_scope=False),
                a_node('down', state='down'),
                a_node('closed', status='disabled'),
                marked('marked'),
            ]
        )
        self.assertEqual(
            expected, drain.candidates(known, a_request(**fields))
        )

    def test_not_what_is_to_be_emptied(self):
        known = a_snapshot([C1, C2, a_spare('spare', instance_count=1)], [])
        self.assertEqual(
            set(),
            drain.candidates(
                known, a_request('compute-1', 'compute-2', 'spare')
            ),
        )

    def test_rules_do_not_matter(self):
        # What is read may be other than what was known.
        pinned = an_instance(pinned_zone='east')
        known = a_snapshot([C1, a_node(zone='west')], [pinned])
        self.assertEqual({'compute-2'}, drain.candidates(known, a_request()))


class TestOrder(base.TestCase):
    def test_order_of_the_input_does_not_matter(self):
        nodes = [
            C1,
            a_node('b', vcpus=5),
            a_node('a', vcpus=4),
            a_spare('s-2', vcpus=2),
            a_spare('s-1', vcpus=3),
        ]
        instances = [*servers(3, 1, 2), an_instance('old', vcpus=3)]
        for request in (a_request(), a_request(**LEAVE)):
            self.assertEqual(
                plan(nodes, instances, request),
                plan(nodes[::-1], instances[::-1], request),
            )
