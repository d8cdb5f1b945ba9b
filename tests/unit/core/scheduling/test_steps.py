# SPDX-License-Identifier: Apache-2.0

from tests.unit import base
from tests.unit.core import builders
from watcher_host_maintenance.core.model.pace import Pace
from watcher_host_maintenance.core.model.plan import Await
from watcher_host_maintenance.core.model.plan import Disable
from watcher_host_maintenance.core.model.plan import Enable
from watcher_host_maintenance.core.model.plan import Method
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Spare
from watcher_host_maintenance.core.model.plan import Stay
from watcher_host_maintenance.core.model.plan import Step
from watcher_host_maintenance.core.model.plan import Stop
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.plan import Verify
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.rules.leaving import SUSPENDED
from watcher_host_maintenance.core.scheduling import steps as schedule


WEB = Move(
    instance_uuid='uuid-web',
    instance_name='web',
    kind=MoveKind.LIVE,
    host='compute-1',
    destination='spare-1',
)
DB = Move(
    instance_uuid='uuid-db',
    instance_name='db',
    kind=MoveKind.COLD,
    host='compute-2',
    destination='spare-1',
)
OLD = Stop(instance_uuid='uuid-old', instance_name='old', host='compute-2')
LEFT = Stay(
    instance_uuid='uuid-left',
    instance_name='left',
    host='compute-2',
    as_asked=False,
    findings=(Finding(SUSPENDED, 'left'),),
)


def a_node_outcome(
    hostname, moves=(), stops=(), stays=(), verdict=Verdict.PLANNED
):
    return NodeOutcome(
        hostname,
        verdict,
        len(moves) + len(stops) + len(stays),
        Method.UNUSED_HOST,
        moves,
        stops,
        stays,
    )


def a_cloud(**memory_mb):
    """A snapshot with servers of so many MiB on ``compute-1``."""
    return builders.a_snapshot(
        instances=[
            builders.an_instance(name, memory_mb=size)
            for name, size in memory_mb.items()
        ]
    )


def moves_of(*names, source='compute-1', destination='spare-1'):
    return tuple(
        Move(
            instance_uuid=f'uuid-{name}',
            instance_name=name,
            kind=MoveKind.LIVE,
            host=source,
            destination=destination,
        )
        for name in names
    )


SPARES = tuple(
    Spare(hostname, 'watcher_disabled') for hostname in ('spare-1', 'spare-2')
)


def after(steps):
    return {step.key: step.after for step in steps}


class TestSchedule(base.TestCase):
    def test_nothing(self):
        self.assertEqual((), schedule.schedule(a_cloud(), Outcome()))

    def test_everything(self):
        outcome = Outcome(
            nodes=(
                a_node_outcome('compute-1', (WEB,)),
                a_node_outcome('compute-2', (DB,), (OLD,), (LEFT,)),
            ),
            disables=('compute-1', 'compute-2'),
            enables=('spare-1', 'spare-2'),
        )
        services = ('await spare-2',)
        ends = ('move uuid-db', 'move uuid-web', 'stop uuid-old')
        self.assertEqual(
            (
                Step('disable compute-1', Disable('compute-1'), ()),
                Step(
                    'disable compute-2',
                    Disable('compute-2'),
                    ('disable compute-1',),
                ),
                Step(
                    'enable spare-1', Enable('spare-1'), ('disable compute-2',)
                ),
                Step('await spare-1', Await('spare-1'), ('enable spare-1',)),
                Step('enable spare-2', Enable('spare-2'), ('await spare-1',)),
                Step('await spare-2', Await('spare-2'), ('enable spare-2',)),
                Step('move uuid-db', DB, services),
                Step('move uuid-web', WEB, services),
                Step('stop uuid-old', OLD, services),
                Step(
                    'verify compute-1',
                    Verify('compute-1', spares=SPARES),
                    ends,
                ),
                Step(
                    'verify compute-2',
                    Verify(
                        'compute-2', ('uuid-left', 'uuid-old'), spares=SPARES
                    ),
                    ends,
                ),
            ),
            schedule.schedule(
                builders.a_snapshot(
                    [
                        *a_cloud().nodes,
                        *(builders.a_spare(s.hostname) for s in SPARES),
                    ],
                    (),
                ),
                outcome,
            ),
        )

    def test_moves_that_wait_for_nothing(self):
        outcome = Outcome(nodes=(a_node_outcome('compute-1', (WEB,)),))
        self.assertEqual(
            (Step('move uuid-web', WEB, ()),),
            schedule.schedule(a_cloud(), outcome, Pace(verifies=False)),
        )


MEMORY_MB = {'a': 1024, 'b': 8192, 'c': 4096, 'd': 2048}


class TestLanes(base.TestCase):
    """Largest memory first; as many at once as the pace lets."""

    def test_one_by_one_away_from_a_node(self):
        outcome = Outcome(
            nodes=(a_node_outcome('compute-1', moves_of(*'abcd')),),
            disables=('compute-1',),
        )
        steps = schedule.schedule(a_cloud(**MEMORY_MB), outcome)
        self.assertEqual(
            {
                'disable compute-1': (),
                'move uuid-b': ('disable compute-1',),
                'move uuid-c': ('move uuid-b',),
                'move uuid-d': ('move uuid-c',),
                'move uuid-a': ('move uuid-d',),
                'verify compute-1': ('move uuid-a',),
            },
            after(steps),
        )

    def test_two_at_once(self):
        outcome = Outcome(
            nodes=(a_node_outcome('compute-1', moves_of(*'abcd')),)
        )
        steps = schedule.schedule(
            a_cloud(**MEMORY_MB), outcome, Pace(per_source=2)
        )
        self.assertEqual(
            {
                'move uuid-b': (),
                'move uuid-c': (),
                'move uuid-d': ('move uuid-c',),
                'move uuid-a': ('move uuid-d',),
                'verify compute-1': ('move uuid-a', 'move uuid-b'),
            },
            after(steps),
        )

    def nodes(self, count):
        return Outcome(
            nodes=tuple(
                a_node_outcome(host, moves_of(f'web-{host}', source=host))
                for host in (f'compute-{n}' for n in range(count))
            )
        )

    def test_to_one_node(self):
        steps = schedule.schedule(a_cloud(), self.nodes(3))
        moves = [s for s in steps if isinstance(s.action, Move)]
        self.assertEqual(
            [(), (), ('move uuid-web-compute-0',)],
            [step.after for step in moves],
        )

    def test_overall(self):
        steps = schedule.schedule(
            a_cloud(), self.nodes(3), Pace(per_destination=9, overall=2)
        )
        moves = [s for s in steps if isinstance(s.action, Move)]
        self.assertEqual(2, sum(not step.after for step in moves))

    def test_stops_count_among_all(self):
        stops = tuple(
            Stop(
                instance_uuid=f'uuid-{n}',
                instance_name=f'job-{n}',
                host='compute-1',
            )
            for n in range(3)
        )
        outcome = Outcome(nodes=(a_node_outcome('compute-1', (), stops),))
        steps = schedule.schedule(
            a_cloud(), outcome, Pace(overall=2, verifies=False)
        )
        self.assertEqual(
            [(), (), ('stop uuid-0',)], [step.after for step in steps]
        )


class TestLooks(base.TestCase):
    """Nodes that the plan is about are looked at, when it does anything."""

    def looks(self, **fields):
        steps = schedule.schedule(a_cloud(), Outcome(**fields))
        return {
            s.action.hostname: s.after
            for s in steps
            if isinstance(s.action, Verify)
        }

    def test_nothing_is_done(self):
        left = a_node_outcome('compute-2', stays=(LEFT,))
        self.assertEqual({}, self.looks(nodes=(left,)))

    def test_what_is_given_back(self):
        known = builders.a_snapshot(
            [
                builders.a_node('compute-1'),
                builders.a_node('compute-2'),
                builders.a_spare('spare-1'),
            ]
        )
        outcome = Outcome(
            nodes=(
                a_node_outcome('compute-1', (WEB,)),
                a_node_outcome('compute-2'),
            ),
            disables=('compute-1',),
            enables=('spare-1',),
        )
        for restores in (False, True):
            steps = schedule.schedule(known, outcome, Pace(restores=restores))
            spares = (Spare('spare-1', 'watcher_disabled'),)
            self.assertEqual(
                [
                    Verify('compute-1', (), restores, spares, restores),
                    Verify('compute-2', (), False, spares, restores),
                ],
                [step.action for step in steps[-2:]],
            )

    def test_only_closed(self):
        self.assertEqual(
            {'compute-1': ('disable compute-1',)},
            self.looks(
                nodes=(a_node_outcome('compute-1'),), disables=('compute-1',)
            ),
        )

    def test_refused_and_finished_are_not(self):
        nodes = (
            a_node_outcome('compute-1', (WEB,)),
            a_node_outcome(
                'compute-2', stays=(LEFT,), verdict=Verdict.REFUSED
            ),
            a_node_outcome('compute-3', verdict=Verdict.FINISHED),
        )
        self.assertEqual(
            {'compute-1': ('move uuid-web',)}, self.looks(nodes=nodes)
        )
