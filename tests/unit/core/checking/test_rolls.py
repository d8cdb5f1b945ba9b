# SPDX-License-Identifier: Apache-2.0

"""A rolling maintenance that is right, made wrong by exactly one thing."""

import dataclasses

import ddt

from tests.unit import base
from tests.unit.core.builders import a_group
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import a_spare
from tests.unit.core.builders import an_instance
from watcher_host_maintenance.core.checking import rolls
from watcher_host_maintenance.core.model import projection
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.reasons import by_value
from watcher_host_maintenance.core.model.rolling import Roll
from watcher_host_maintenance.core.model.rolling import RollRequest
from watcher_host_maintenance.core.model.rolling import Wave
from watcher_host_maintenance.core.rolling import roll
from watcher_host_maintenance.core.rules import targets  # noqa: F401
from watcher_host_maintenance.core.scheduling import steps


NAMES = ('compute-1', 'compute-2', 'compute-3')


def a_server(name, host, **fields):
    return an_instance(name, host, power_state='running', **fields)


SERVERS = (
    a_server('db-1', 'compute-1', vcpus=3, group='uuid-db'),
    a_server('db-2', 'compute-2', vcpus=3, group='uuid-db'),
)


class TestCase(base.TestCase):
    """The empty ``compute-3`` is done first, then the others in turn."""

    def setUp(self):
        super().setUp()
        self.snapshot = a_snapshot(
            [a_node(name, vcpus=4) for name in NAMES], SERVERS, [a_group()]
        )
        self.request = RollRequest(NAMES)
        self.roll = roll.plan(self.snapshot, self.request)

    def violations(self, **changes):
        changed = dataclasses.replace(self.roll, **changes)
        return rolls.check(self.snapshot, self.request, changed)

    def assert_violated(self, part, violations):
        self.assertTrue(any(part in text for text in violations), violations)


class TestRight(TestCase):
    def test_is_proved(self):
        self.assertEqual((), self.violations())
        self.assertEqual(3, len(self.roll.waves))

    def test_refusal_is_proved(self):
        snapshot = a_snapshot([a_node('compute-1')], SERVERS[:1], [a_group()])
        request = RollRequest(('compute-1',))
        refusal = roll.plan(snapshot, request)
        self.assertEqual((), rolls.check(snapshot, request, refusal))


@ddt.ddt
class TestAnswers(TestCase):
    def test_node_left_out(self):
        self.assert_violated(
            'has 0 answers', self.violations(waves=self.roll.waves[:2])
        )

    def test_node_twice(self):
        twice = (self.roll.waves[0], *self.roll.waves)
        self.assert_violated('has 2 answers', self.violations(waves=twice))

    def test_node_of_no_set(self):
        self.request = RollRequest(NAMES[:2])
        self.assert_violated('compute-3: is not in the set', self.violations())

    def test_waves_of_a_bad_request(self):
        findings = (by_value('unknown_node').about('x'),)
        self.assert_violated(
            'the request is refused', self.violations(findings=findings)
        )

    @ddt.named_data(
        # name, skip_blocked, violation
        ('all_or_none', False, 'refused, but there are waves'),
        ('skipped',     True,  None),
    )  # fmt: skip
    @ddt.unpack
    def test_some_refused(self, skips, violation):
        self.request = RollRequest((*NAMES, 'compute-4'), skip_blocked=skips)
        node = NodeOutcome(
            'compute-4',
            Verdict.REFUSED,
            1,
            findings=(by_value('out_of_scope').about('compute-4'),),
        )
        found = self.violations(refused=(node,))
        if violation is None:
            self.assertEqual((), found)
        else:
            self.assert_violated(violation, found)

    def test_refused_without_a_reason(self):
        silent = NodeOutcome('compute-1', Verdict.REFUSED, 1)
        found = rolls.check(
            self.snapshot, self.request, Roll(refused=(silent,))
        )
        self.assert_violated('refused without a reason', found)

    @ddt.named_data(('needed', 0, False), ('one_fewer_than_needed', 1, True))
    @ddt.unpack
    def test_bound(self, more, violates):
        found = self.violations(least_moves=self.roll.moves + more)
        self.assertIs(violates, bool(found))


@ddt.ddt
class TestWaves(TestCase):
    def wave(self, number, **changes):
        """Return the violations with another outcome of one wave."""
        waves = [*self.roll.waves]
        outcome = dataclasses.replace(waves[number].outcome, **changes)
        schedule = steps.schedule(self.snapshot, outcome)
        waves[number] = dataclasses.replace(
            waves[number], outcome=outcome, schedule=schedule
        )
        return self.violations(waves=tuple(waves))

    def moved_to(self, number, destination):
        [node] = self.roll.waves[number].outcome.nodes
        moves = tuple(
            dataclasses.replace(m, destination=destination) for m in node.moves
        )
        return self.wave(
            number, nodes=(dataclasses.replace(node, moves=moves),)
        )

    def test_too_wide(self):
        first, second, third = self.roll.waves
        wide = Wave(
            tuple(sorted((*first.hostnames, *second.hostnames))),
            second.outcome,
            second.schedule,
        )
        self.assert_violated(
            'has 2 nodes', self.violations(waves=(wide, third))
        )

    @ddt.named_data(
        # name, the wave in which the marked node comes, parallel, violated
        ('first', 0, 1, False),
        ('later', 1, 1, True),
        ('two_may_be_out', 1, 2, False),
    )
    @ddt.unpack
    def test_node_that_is_out_already(self, number, parallel, violates):
        [hostname] = self.roll.waves[number].hostnames
        node = dataclasses.replace(
            self.snapshot.by_hostname[hostname],
            status='disabled',
            disabled_reason='watcher_maintaining',
        )
        snapshot = projection.with_node(self.snapshot, node)
        request = dataclasses.replace(self.request, parallel=parallel)
        found = rolls.check(snapshot, request, self.roll)
        self.assertIs(violates, 'wave 1: 2 nodes are out' in found)

    def test_empty(self):
        waves = (Wave((), self.roll.waves[0].outcome), *self.roll.waves)
        self.assert_violated('has 0 nodes', self.violations(waves=waves))

    def test_other_order_has_no_room(self):
        # Without the wave before, its room is not there yet.
        first, second, third = self.roll.waves
        found = self.violations(waves=(first, third, second))
        self.assert_violated('wave 2:', found)

    def test_moved_to_where_the_group_is(self):
        # compute-3 holds the other member since the second wave.
        found = self.moved_to(2, 'compute-3')
        self.assert_violated('wave 3:', found)
        self.assert_violated('db', found)

    def test_moved_to_where_no_room_is(self):
        first = self.roll.waves[1].outcome.moves[0].destination
        self.assertEqual('compute-3', first)
        found = self.moved_to(2, first)
        self.assert_violated('VCPU may be used', found)

    def test_server_is_where_the_waves_before_have_put_it(self):
        # Left out of the second wave, it is not gone in the third.
        [node] = self.roll.waves[1].outcome.nodes
        found = self.wave(1, nodes=(dataclasses.replace(node, moves=()),))
        self.assert_violated('wave 2:', found)
        self.assert_violated('wave 3:', found)

    def test_refused_wave(self):
        [node] = self.roll.waves[2].outcome.nodes
        refused = NodeOutcome(
            node.hostname,
            Verdict.REFUSED,
            1,
            findings=(by_value('out_of_scope').about(node.hostname),),
        )
        found = self.wave(2, nodes=(refused,), disables=())
        self.assert_violated(f'{node.hostname} is refused', found)

    def test_unknown_node_ends_the_replay(self):
        waves = (
            Wave(('compute-9',), self.roll.waves[0].outcome),
            *self.roll.waves,
        )
        found = self.violations(waves=waves)
        self.assert_violated('wave 1:', found)
        self.assertFalse([text for text in found if 'wave 2' in text])


@ddt.ddt
class TestCanaries(base.TestCase):
    """``web`` goes to the empty compute-1 first, then ``db``."""

    def setUp(self):
        super().setUp()
        self.snapshot = a_snapshot(
            [a_node(name, vcpus=4) for name in NAMES],
            [
                a_server('web', 'compute-2', memory_mb=512),
                a_server('db', 'compute-2', vcpus=2),
                a_server('idle', 'compute-3', vcpus=4),
            ],
        )
        self.request = RollRequest(NAMES[:2], canary=True)
        self.roll = roll.plan(self.snapshot, self.request)
        [self.canary] = self.roll.waves[1].canaries

    def violations(self, number, *canaries):
        waves = [*self.roll.waves]
        waves[number] = dataclasses.replace(waves[number], canaries=canaries)
        changed = dataclasses.replace(self.roll, waves=tuple(waves))
        return rolls.check(self.snapshot, self.request, changed)

    def test_is_proved(self):
        self.assertEqual((), self.violations(1, self.canary))

    @ddt.named_data(
        # name, its changed fields, what is wrong
        ('cold',       {'kind': MoveKind.COLD}, 'by a cold migration'),
        ('unproved',   {'unproved': True},      'not proved to fit'),
        ('elsewhere',  {'host': 'compute-1'},   'is not to be maintained'),
        ('other_node', {'destination': 'compute-3'}, 'did not come back'),
        ('no_room',    {'destination': 'compute-3'}, 'VCPU may be used'),
        ('unknown',    {'destination': 'compute-9'}, 'not a known node'),
        ('not_there',  {'instance_uuid': 'uuid-x'},  'but not on compute-2'),
    )  # fmt: skip
    @ddt.unpack
    def test_changed(self, fields, text):
        changed = dataclasses.replace(self.canary, **fields)
        found = self.violations(1, changed)
        self.assertTrue(any(text in words for words in found), found)

    def test_server_that_a_wave_moves_as_well(self):
        db = dataclasses.replace(
            self.canary, instance_uuid='uuid-db', instance_name='db'
        )
        found = self.violations(1, db)
        self.assertIn(
            'wave 2: uuid-db: in the plan, but not on compute-2', found
        )

    def test_two_to_a_node(self):
        db = dataclasses.replace(
            self.canary, instance_uuid='uuid-db', instance_name='db'
        )
        self.assertIn(
            'db: a canary, but compute-1 has another',
            self.violations(1, self.canary, db),
        )

    def test_to_a_node_that_is_not_done(self):
        self.assertIn(
            'web: a canary, but compute-1 did not come back',
            self.violations(0, self.canary),
        )

    def test_to_a_disabled_node(self):
        spare = a_spare('compute-1', vcpus=4)
        self.snapshot = dataclasses.replace(
            self.snapshot, nodes=(spare, *self.snapshot.nodes[1:])
        )
        self.assertIn(
            'before wave 2: web: to compute-1, it is disabled',
            self.violations(1, self.canary),
        )

    def test_not_wanted(self):
        self.request = RollRequest(NAMES[:2])
        self.assertIn(
            'web: a canary, but none is wanted',
            self.violations(1, self.canary),
        )


class TestReplay(base.TestCase):
    """What a later wave finds."""

    def replayed(self, nodes, servers, names, hostnames=None, **fields):
        snapshot = a_snapshot(nodes, servers)
        request = RollRequest(names, **fields)
        plan = roll.plan(snapshot, request)
        self.assertEqual((), rolls.check(snapshot, request, plan))
        wave = plan.waves[0]
        return rolls._replayed(snapshot, request, wave.hostnames, wave.outcome)

    def test_room_and_servers(self):
        after = self.replayed(
            [a_node('compute-1'), a_node('compute-2', used={'VCPU': 2})],
            [a_server('web', 'compute-1', vcpus=3)],
            ('compute-1',),
        )
        by_hostname = after.by_hostname
        self.assertEqual('compute-2', after.by_uuid['uuid-web'].host)
        self.assertEqual(
            (0, 5),
            tuple(by_hostname[f'compute-{n}'].used['VCPU'] for n in (1, 2)),
        )
        self.assertEqual(
            (0, 1),
            tuple(by_hostname[f'compute-{n}'].instance_count for n in (1, 2)),
        )
        self.assertEqual('enabled', by_hostname['compute-1'].status)

    def test_server_that_a_hint_names(self):
        snapshot = dataclasses.replace(
            a_snapshot(
                [a_node('compute-1'), a_node('compute-2')],
                [a_server('web', 'compute-1')],
            ),
            hinted={'uuid-web': 'compute-1', 'uuid-x': 'compute-1'},
        )
        request = RollRequest(('compute-1',))
        [wave] = roll.plan(snapshot, request).waves
        after = rolls._replayed(
            snapshot, request, wave.hostnames, wave.outcome
        )
        self.assertEqual(
            {'uuid-web': 'compute-2', 'uuid-x': 'compute-1'}, after.hinted
        )

    def test_stopped_server(self):
        after = self.replayed(
            [a_node('compute-1'), a_node('compute-2')],
            [a_server('web', 'compute-1')],
            ('compute-1',),
            disable_live_migration=True,
            disable_cold_migration=True,
        )
        server = after.by_uuid['uuid-web']
        self.assertEqual(
            ('compute-1', 'stopped', 'shutdown'),
            (server.host, server.vm_state, server.power_state),
        )

    def test_released_server(self):
        after = self.replayed(
            [a_node('compute-1', vcpus=4)],
            [an_instance('old', 'compute-1', 'shelved', vcpus=2)],
            ('compute-1',),
        )
        self.assertEqual((), after.instances)
        self.assertEqual(0, after.by_hostname['compute-1'].used['VCPU'])

    def test_spare_is_enabled(self):
        after = self.replayed(
            [a_node('compute-1', vcpus=4), a_spare(vcpus=4)],
            [a_server('web', 'compute-1')],
            ('compute-1',),
        )
        self.assertEqual('enabled', after.by_hostname['spare-1'].status)
