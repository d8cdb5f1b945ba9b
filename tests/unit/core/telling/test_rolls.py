# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tests.unit.core import plans
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import an_instance
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.rolling import Failure
from watcher_host_maintenance.core.model.rolling import Journal
from watcher_host_maintenance.core.model.rolling import Part
from watcher_host_maintenance.core.model.rolling import Roll
from watcher_host_maintenance.core.model.rolling import RollRequest
from watcher_host_maintenance.core.model.rolling import Wave
from watcher_host_maintenance.core.rolling import roll
from watcher_host_maintenance.core.rolling.gate import DOWN_AGAIN
from watcher_host_maintenance.core.telling import rolls
from watcher_host_maintenance.request.parameters import BAD_PARAMETER


class TestWhole(base.TestCase):
    """compute-2 is empty; compute-3 is down."""

    def setUp(self):
        super().setUp()
        names = ('compute-1', 'compute-2', 'compute-3')
        snapshot = a_snapshot(
            [
                a_node('compute-1'),
                a_node('compute-2'),
                a_node('compute-3', state='down'),
            ],
            [an_instance(power_state='running')],
        )
        self.plan = roll.plan(snapshot, RollRequest(names, skip_blocked=True))

    def test_whole(self):
        self.assertEqual(
            [
                '2 of 3 nodes can be maintained in 2 waves with 1 moves (at '
                'least 1 are needed).',
                'Not maintained: compute-3: compute-3: nova-compute is down.',
            ],
            rolls.whole(self.plan),
        )

    def test_waves(self):
        self.assertEqual(
            ['Wave 1: compute-2, moves: 0', 'Wave 2: compute-1, moves: 1'],
            rolls.waves(self.plan),
        )

    def test_wave_with_a_canary(self):
        canary = plans.a_move('small', host='compute-2')
        plan = Roll((Wave(('compute-2',), Outcome(), canaries=(canary,)),))
        self.assertEqual(
            [
                'Wave 1: compute-2, moves: 1',
                f'small first, from compute-2 to {canary.destination}.',
            ],
            rolls.waves(plan),
        )

    def test_wave_with_secondary_moves(self):
        outcome = Outcome(
            secondary_moves=(plans.a_move('small', host='compute-3'),)
        )
        plan = Roll((Wave(('compute-1',), outcome),))
        self.assertEqual(
            [
                'Wave 1: compute-1, moves: 1, of servers of other nodes '
                'first: 1'
            ],
            rolls.waves(plan),
        )
        self.assertEqual(
            [
                '1 of 1 nodes can be maintained in 1 waves with 1 moves (at '
                'least 0 are needed).',
                'Moves of servers of other nodes to make room: 1.',
            ],
            rolls.whole(plan),
        )


@ddt.ddt
class TestSoFar(base.TestCase):
    @ddt.named_data(
        ('known', 3, '1 of 4 nodes maintained, 5 moves (at least 3 were '
         'needed).'),
        ('unknown', None, '1 of 4 nodes maintained, 5 moves.'),
    )  # fmt: skip
    @ddt.unpack
    def test_so_far(self, least, text):
        journal = Journal(moves=5, least_moves=least)
        self.assertEqual(text, rolls.so_far(journal, 1, 4))

    def test_moves_back(self):
        journal = Journal(moves=5, moves_back=4)
        self.assertEqual(
            '1 of 4 nodes maintained, 5 moves. 4 moves back.',
            rolls.so_far(journal, 1, 4),
        )

    @ddt.named_data(
        # name, hosts, what the first said, sentences
        ('none',   [],         '',            []),
        ('says',   ['a', 'b'], 'db-7 stays.', ['Failed: a, b: db-7 stays.']),
        ('silent', ['a'],      '',            ['Failed: a.']),
    )  # fmt: skip
    @ddt.unpack
    def test_failed(self, hosts, why, sentences):
        journal = Journal(failures={'a': Failure(Part.DRAIN, 2, why)})
        self.assertEqual(sentences, [*rolls.failed(hosts, journal)])

    @ddt.named_data(('whole', 60, False), ('one_too_long', 61, True))
    @ddt.unpack
    def test_failed_in_brief(self, length, is_cut):
        journal = Journal(failures={'a': Failure(Part.DRAIN, 2, 'x' * length)})
        [sentence] = rolls.failed(['a'], journal, is_brief=True)
        self.assertEqual(len('Failed: a: ') + 60, len(sentence))
        self.assertEqual(is_cut, 'x' * length not in sentence)

    def test_with_blockers(self):
        why = 'It has web-1.'
        journal = Journal(
            failures={
                'a': Failure(Part.DRAIN, 1, why),
                'b': Failure(Part.DRAIN, 2, why),
                'c': Failure(Part.HOOK, 1, why),
            }
        )
        found = DOWN_AGAIN.about('db')
        blockers = dict.fromkeys('acd', found)
        told = rolls.with_blockers(journal, blockers).failures
        self.assertEqual(
            {Part.DRAIN}, {failure.part for failure in told.values()}
        )
        self.assertEqual(
            {
                'a': 'db came back, but nova-compute is down.',
                'b': why,
                'c': 'db came back, but nova-compute is down.',
                'd': 'db came back, but nova-compute is down.',
            },
            {host: failure.why for host, failure in told.items()},
        )

    def test_stopped(self):
        self.assertEqual(
            'No other node is begun: stop_after is 1.', rolls.stopped(1)
        )

    def test_ignored(self):
        self.assertEqual(
            'The changed parameters are not used: The parameter parallel is '
            'invalid: 0 is too small. No other node is begun.',
            rolls.ignored(
                BAD_PARAMETER.about('parallel', problem='0 is too small')
            ),
        )

    def test_held(self):
        down = DOWN_AGAIN.about('compute-1')
        text = (
            'No other node is begun: compute-1 came back, but nova-compute is '
            'down.'
        )
        self.assertEqual(text, rolls.held([down]))
        self.assertEqual(f'{text} And 2 more.', rolls.held([down] * 3))

    def test_ready(self):
        self.assertEqual(
            'Ready to work on: a, b. When it is done: openstack maintenance '
            'done a',
            ' '.join(
                (
                    rolls.of_hosts(rolls.READY, ['a', 'b']),
                    rolls.when_done('a'),
                )
            ),
        )
