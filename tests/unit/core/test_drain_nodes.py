# SPDX-License-Identifier: Apache-2.0

from unittest import mock

import ddt

from tests.unit import base
from tests.unit.core.builders import a_bare_request
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_request
from tests.unit.core.builders import a_spare
from tests.unit.core.builders import an_instance
from tests.unit.core.drains import C1
from tests.unit.core.drains import C2
from tests.unit.core.drains import LEAVE
from tests.unit.core.drains import marked
from tests.unit.core.drains import plan
from tests.unit.core.drains import said
from tests.unit.core.drains import servers
from tests.unit.core.drains import told
from tests.unit.core.drains import verdicts
from tests.unit.core.drains import where
from watcher_host_maintenance.core.model.plan import Method
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.packing.result import TIMED_OUT
from watcher_host_maintenance.core.packing.result import Kind
from watcher_host_maintenance.core.packing.result import Proof
from watcher_host_maintenance.core.packing.result import Result
from watcher_host_maintenance.core.packing.result import impossible
from watcher_host_maintenance.core.planning.placing import Puzzle


@ddt.ddt
class TestSeveralNamed(base.TestCase):
    NODES = (a_node('compute-1'), a_node('compute-2'))

    def test_together_and_never_onto_each_other(self):
        outcome = plan(
            [*self.NODES, a_node('compute-3')],
            [an_instance('web'), an_instance('db', 'compute-2')],
            a_request('compute-2', 'compute-1'),
        )
        self.assertEqual(
            {'web': 'live compute-3', 'db': 'live compute-3'}, where(outcome)
        )
        self.assertEqual(('compute-1', 'compute-2'), outcome.disables)
        self.assertEqual(
            ['compute-1', 'compute-2'], [n.hostname for n in outcome.nodes]
        )

    def test_named_twice(self):
        self.assertEqual(
            plan([C1, C2], servers(1)),
            plan([C1, C2], servers(1), a_request('compute-1', 'compute-1')),
        )

    def test_nowhere_but_each_other(self):
        outcome = plan(
            self.NODES,
            [an_instance('web')],
            a_request('compute-1', 'compute-2'),
        )
        self.assertEqual(
            {'compute-1': 'refused', 'compute-2': 'refused'}, verdicts(outcome)
        )
        self.assertEqual((), outcome.not_destinations)

    @ddt.named_data(
        # name, VCPUs of compute-3, expected verdict
        ('both_fit', 4, 'planned'),
        ('one_fits', 3, 'refused'),
    )
    @ddt.unpack
    def test_all_or_nothing(self, vcpus, verdict):
        outcome = plan(
            [*self.NODES, a_node('compute-3', vcpus=vcpus)],
            [
                an_instance('web', vcpus=2),
                an_instance('db', 'compute-2', vcpus=2),
            ],
            a_request('compute-1', 'compute-2'),
        )
        self.assertEqual(
            {'compute-1': verdict, 'compute-2': verdict}, verdicts(outcome)
        )
        self.assertEqual(verdict == 'refused', outcome.failed)

    def test_one_blocked_refuses_both(self):
        outcome = plan(
            [*self.NODES, a_node('compute-3')],
            [an_instance('web'), an_instance('db', 'compute-2', 'suspended')],
            a_request('compute-1', 'compute-2'),
        )
        self.assertEqual(
            {'compute-1': 'refused', 'compute-2': 'refused'}, verdicts(outcome)
        )
        self.assertEqual([], told(outcome, 'compute-1'))
        self.assertEqual(
            ['suspended db vm_state=suspended'], told(outcome, 'compute-2')
        )

    def test_each_node_is_told_its_own(self):
        outcome = plan(
            [*self.NODES, a_node('compute-3', vcpus=1)],
            [
                an_instance('web', vcpus=1),
                an_instance('db', 'compute-2', vcpus=2),
            ],
            a_request('compute-1', 'compute-2'),
        )
        both = (
            'sum_too_large destinations=1 free=1 hosts=compute-3 instances=2 '
            'resource_class=VCPU wanted=3'
        )
        self.assertEqual([both], told(outcome, 'compute-1'))
        self.assertEqual(
            [
                both,
                'no_destination db destinations=1',
                'no_room compute-3 free=1 resource_class=VCPU wanted=2',
            ],
            told(outcome, 'compute-2'),
        )

    def test_one_spare_for_both(self):
        outcome = plan(
            [*self.NODES, a_spare()],
            [an_instance('web'), an_instance('db', 'compute-2')],
            a_request('compute-1', 'compute-2'),
        )
        self.assertEqual(
            {'web': 'live spare-1', 'db': 'live spare-1'}, where(outcome)
        )
        self.assertEqual(('spare-1',), outcome.enables)

    def test_one_finished_one_planned(self):
        outcome = plan(
            [marked(), *self.NODES[1:], a_node('compute-3')],
            [an_instance('db', 'compute-2')],
            a_request('compute-1', 'compute-2'),
        )
        self.assertEqual(
            {'compute-1': 'finished', 'compute-2': 'planned'},
            verdicts(outcome),
        )
        self.assertEqual(('compute-2',), outcome.disables)

    def test_method_is_said_of_who_moves(self):
        outcome = plan(
            [*self.NODES, a_node('compute-3')],
            [an_instance('web')],
            a_request('compute-1', 'compute-2'),
        )
        self.assertEqual(
            [Method.SPREAD, Method.NONE], [n.method for n in outcome.nodes]
        )


@ddt.ddt
class TestBareGoal(base.TestCase):
    def test_none_marked(self):
        outcome = plan([C1, a_spare()], servers(1), a_bare_request())
        self.assertEqual(Outcome(), outcome)
        self.assertIs(False, outcome.failed)

    def test_one_marked(self):
        outcome = plan([marked(), C2], servers(1), a_bare_request())
        self.assertEqual({'web-1': 'live compute-2'}, where(outcome))
        self.assertEqual((), outcome.disables)

    def test_two_marked_together(self):
        outcome = plan(
            [marked('compute-1'), marked('compute-2'), a_spare()],
            [an_instance('web'), an_instance('db', 'compute-2')],
            a_bare_request(),
        )
        self.assertEqual(
            {'web': 'live spare-1', 'db': 'live spare-1'}, where(outcome)
        )
        self.assertEqual(('spare-1',), outcome.enables)
        self.assertEqual(
            {'compute-1': 'planned', 'compute-2': 'planned'}, verdicts(outcome)
        )

    def test_marked_out_of_scope(self):
        outcome = plan(
            [marked(in_scope=False), marked('compute-2'), a_node('b')],
            [*servers(1), an_instance('db', 'compute-2')],
            a_bare_request(),
        )
        self.assertEqual({'compute-2': 'planned'}, verdicts(outcome))
        self.assertEqual({'db': 'live b'}, where(outcome))

    def test_down_and_empty(self):
        outcome = plan(
            [marked(state='down'), marked('compute-2'), a_node('b')],
            [an_instance('db', 'compute-2')],
            a_bare_request(),
        )
        self.assertEqual(
            {'compute-1': 'finished', 'compute-2': 'planned'},
            verdicts(outcome),
        )

    @ddt.named_data(
        # name, fields of compute-1, of its server, expected
        (
            'down',
            {'state': 'down'},
            {},
            ['node_down compute-1 instances=1'],
        ),
        (
            'down_and_suspended',
            {'state': 'down'},
            {'vm_state': 'suspended'},
            [
                'node_down compute-1 instances=1',
                'suspended web vm_state=suspended',
            ],
        ),
        (
            'suspended',
            {},
            {'vm_state': 'suspended'},
            ['suspended web vm_state=suspended'],
        ),
        (
            'excluded',
            {},
            {'excluded': True},
            ['excluded_by_scope web'],
        ),
        (
            'too_large',
            {},
            {'vcpus': 17},
            [
                'no_destination web destinations=1',
                'no_room compute-3 free=16 resource_class=VCPU wanted=17',
            ],
        ),
    )
    @ddt.unpack
    def test_one_refused_one_planned(self, fields, server, expected):
        outcome = plan(
            [marked(**fields), marked('compute-2'), a_node('compute-3')],
            [an_instance('web', **server), an_instance('db', 'compute-2')],
            a_bare_request(),
        )
        self.assertEqual(
            {'compute-1': 'refused', 'compute-2': 'planned'}, verdicts(outcome)
        )
        self.assertEqual({'db': 'live compute-3'}, where(outcome))
        self.assertEqual(expected, told(outcome))
        self.assertIs(False, outcome.failed)

    def test_together_impossible_but_one_possible(self):
        outcome = plan(
            [marked(), marked('compute-2'), a_node('b', vcpus=3)],
            [
                an_instance('web', vcpus=2),
                an_instance('db', 'compute-2', vcpus=2),
            ],
            a_bare_request(),
        )
        self.assertEqual(
            {'compute-1': 'planned', 'compute-2': 'refused'}, verdicts(outcome)
        )
        self.assertEqual({'web': 'live b'}, where(outcome))
        self.assertEqual(
            [
                'no_destination db destinations=1',
                'no_room b free=1 resource_class=VCPU wanted=2',
            ],
            told(outcome, 'compute-2'),
        )

    def test_each_on_a_spare_of_its_own(self):
        outcome = plan(
            [
                marked(),
                marked('compute-2'),
                a_spare('s-1', vcpus=2),
                a_spare('s-2', vcpus=3),
                a_spare('s-3', vcpus=1),
            ],
            [
                an_instance('web', vcpus=2),
                an_instance('db', 'compute-2', vcpus=3),
            ],
            a_bare_request(),
        )
        self.assertEqual({'web': 'live s-1', 'db': 'live s-2'}, where(outcome))
        self.assertEqual(('s-1', 's-2'), outcome.enables)
        self.assertEqual((), outcome.not_destinations)

    def test_spares_are_told_what_each_refused_node_needs(self):
        outcome = plan(
            [
                marked(),
                marked('compute-2'),
                marked('compute-3'),
                a_spare('s-1', vcpus=2),
                a_spare('s-2', vcpus=1),
            ],
            [
                an_instance('web', vcpus=2),
                an_instance('db', 'compute-2', vcpus=3),
                an_instance('old', 'compute-3', vcpus=4),
            ],
            a_bare_request(),
        )
        self.assertEqual(
            {
                'compute-1': 'planned',
                'compute-2': 'refused',
                'compute-3': 'refused',
            },
            verdicts(outcome),
        )
        self.assertEqual(
            [
                'no_room s-2 free=1 resource_class=VCPU wanted=3',
                'no_room s-2 free=1 resource_class=VCPU wanted=4',
            ],
            said(outcome.not_destinations),
        )

    def test_a_woken_spare_takes_the_next_node_as_well(self):
        # Together they fit nowhere because of compute-3.
        outcome = plan(
            [
                marked(),
                marked('compute-2'),
                marked('compute-3'),
                a_spare(vcpus=4),
            ],
            [
                an_instance('web', vcpus=2),
                an_instance('db', 'compute-2', vcpus=2),
                an_instance('old', 'compute-3', vcpus=9),
            ],
            a_bare_request(),
        )
        self.assertEqual(
            {'web': 'live spare-1', 'db': 'live spare-1'}, where(outcome)
        )
        self.assertEqual(('spare-1',), outcome.enables)
        self.assertEqual((), outcome.not_destinations)

    def test_all_refused(self):
        outcome = plan(
            [marked(), marked('compute-2', state='down')],
            [
                an_instance('web', vm_state='suspended'),
                an_instance('db', 'compute-2'),
            ],
            a_bare_request(),
        )
        self.assertEqual(
            {'compute-1': 'refused', 'compute-2': 'refused'}, verdicts(outcome)
        )
        self.assertIs(True, outcome.failed)

    def test_one_refused_one_finished(self):
        outcome = plan(
            [marked(), marked('compute-2'), a_node('b')],
            [an_instance('web', vm_state='suspended')],
            a_bare_request(),
        )
        self.assertEqual(
            {'compute-1': 'refused', 'compute-2': 'finished'},
            verdicts(outcome),
        )
        self.assertIs(True, outcome.failed)

    def test_a_refused_node_takes_nothing(self):
        outcome = plan(
            [marked(), marked('compute-2')],
            [
                an_instance('web', vm_state='suspended'),
                an_instance('db', 'compute-2'),
            ],
            a_bare_request(),
        )
        self.assertEqual(
            [
                'no_candidate',
                'no_candidate db',
            ],
            told(outcome, 'compute-2'),
        )
        self.assertEqual({}, where(outcome))

    def test_backup_for_all(self):
        outcome = plan(
            [
                marked(),
                marked('compute-2'),
                a_node('b'),
                a_spare('backup', vcpus=3),
            ],
            [
                an_instance('web', vcpus=2),
                an_instance('db', 'compute-2', vcpus=2),
            ],
            a_bare_request(backup_node='backup'),
        )
        self.assertEqual({'web': 'live backup'}, where(outcome))
        self.assertEqual(('backup',), outcome.enables)
        self.assertEqual(
            [
                'no_destination db destinations=1',
                'no_room backup free=1 resource_class=VCPU wanted=2',
            ],
            told(outcome, 'compute-2'),
        )

    def test_leave(self):
        outcome = plan(
            [
                marked(),
                marked('compute-2', state='down'),
                a_node('compute-3', vcpus=2),
            ],
            [*servers(2, 2), an_instance('db', 'compute-2')],
            a_bare_request(**LEAVE),
        )
        self.assertEqual(
            {'compute-1': 'planned', 'compute-2': 'refused'}, verdicts(outcome)
        )
        self.assertEqual({'web-1': 'live compute-3'}, where(outcome))

    def test_marks_of_the_site(self):
        outcome = plan(
            [
                marked(disabled_reason='window 7'),
                marked('compute-2'),
                a_node('b'),
                a_node('c'),
            ],
            [an_instance('web')],
            a_bare_request(marking_reasons=('window',)),
        )
        self.assertEqual({'compute-1': 'planned'}, verdicts(outcome))

    def test_time_that_is_up_makes_no_other_plan(self):
        # Nothing real takes so long. One by one, compute-1 would be planned.
        nodes = [
            marked(),
            marked('compute-2'),
            a_node('a', vcpus=3),
            a_node('b', vcpus=3),
        ]
        instances = [*servers(2), an_instance('db', 'compute-2', vcpus=2)]
        self.assertFalse(plan(nodes, instances, a_bare_request()).refused)
        for asked in ({}, LEAVE):
            with (
                mock.patch.object(
                    Puzzle, 'everything', return_value=TIMED_OUT
                ),
                mock.patch.object(Puzzle, 'most', return_value=TIMED_OUT),
            ):
                outcome = plan(nodes, instances, a_bare_request(**asked))
            self.assertEqual(
                {'compute-1': 'refused', 'compute-2': 'refused'},
                verdicts(outcome),
            )
            self.assertEqual(
                [
                    'no_fit_in_time destinations=2 instances=2',
                    'no_place_in_time web-1 destinations=2 more=2 others=0',
                ],
                told(outcome),
            )

    def test_time_that_is_up_for_one_of_several(self):
        # Together they do not fit; compute-2 has nothing that needs time.
        nodes = [
            marked(),
            marked('compute-2'),
            marked('compute-3'),
            a_node('a', vcpus=3),
        ]
        instances = [*servers(2), an_instance('db', 'compute-3', vcpus=2)]
        none = impossible(Proof(Kind.SEARCH))
        with mock.patch.object(
            Puzzle, 'everything', side_effect=[none, *[TIMED_OUT] * 9]
        ):
            outcome = plan(nodes, instances, a_bare_request(), advises=False)
        self.assertEqual(
            {
                'compute-1': 'refused',
                'compute-2': 'finished',
                'compute-3': 'refused',
            },
            verdicts(outcome),
        )

    def test_time_that_was_up_though_it_fits(self):
        # The second look, for the reasons, has the time that the first had
        # not.
        placed = Result({'uuid-web-1': {'compute-2': 1}}, complete=True)
        with mock.patch.object(
            Puzzle, 'everything', side_effect=[TIMED_OUT, *[placed] * 2]
        ):
            outcome = plan([C1, C2], servers(2))
        self.assertEqual({'compute-1': 'refused'}, verdicts(outcome))
        self.assertEqual(
            ['no_fit_in_time destinations=1 instances=1'],
            told(outcome),
        )

    def test_time_that_is_up_drops_no_place_that_was_found(self):
        found = Result({'uuid-web-1': {'compute-2': 2}}, timed_out=True)
        with (
            mock.patch.object(Puzzle, 'everything', return_value=TIMED_OUT),
            mock.patch.object(Puzzle, 'most', return_value=found),
        ):
            outcome = plan(
                [C1, a_node('compute-2', vcpus=4)], servers(2, 2, 2)
            )
        self.assertEqual({'compute-1': 'refused'}, verdicts(outcome))
        self.assertEqual(
            ['web-3'],
            [s.instance_name for n in outcome.nodes for s in n.stays],
        )
