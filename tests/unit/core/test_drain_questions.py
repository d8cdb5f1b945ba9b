# SPDX-License-Identifier: Apache-2.0

"""Tests of planning until the answer relies on nodes that were read."""

import dataclasses

import ddt
import fixtures

from tests.unit import base
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.advice.remedies import ADD_ROOM
from watcher_host_maintenance.core.advice.remedies import LEAVE_SOME
from watcher_host_maintenance.core.advice.remedies import MOVE_FIRST
from watcher_host_maintenance.core.advice.unplaced import NO_DESTINATION
from watcher_host_maintenance.core.model.demand import Demand
from watcher_host_maintenance.core.model.demand import Refusal
from watcher_host_maintenance.core.model.plan import Method
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Claim
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Inventory
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.packing import solve
from watcher_host_maintenance.core.planning import making_room
from watcher_host_maintenance.core.planning import questions
from watcher_host_maintenance.core.rules.leaving import HELD_AMOUNT
from watcher_host_maintenance.core.rules.leaving import HELD_AMOUNT_BELOW
from watcher_host_maintenance.core.rules.leaving import HELD_CLASS
from watcher_host_maintenance.core.rules.placement import PROVIDER_DISABLED
from watcher_host_maintenance.core.rules.roles import BACKUP_IS_MAINTAINED
from watcher_host_maintenance.core.rules.targets import UNKNOWN_NODE


SPARE = {'status': 'disabled', 'disabled_reason': 'watcher_disabled'}
IN_USE = {**SPARE, 'instance_count': 1}
BROKEN = {'status': 'disabled', 'disabled_reason': 'fan'}
MARKED = {'status': 'disabled', 'disabled_reason': 'watcher_maintaining'}


def an_instance(name='web-1', vcpus=4, **fields):
    return Instance(
        **{
            'uuid': f'uuid-{name}',
            'name': name,
            'host': 'compute-1',
            'vm_state': 'active',
            'resources': {'VCPU': vcpus},
            **fields,
        }
    )


class TestCase(base.TestCase):
    """compute-1 with web-1 is to be emptied; others are added.

    :ivar true: hostname -> what it turns out to be when it is read
    :ivar others: servers of other nodes, for whoever asks for them
    :ivar listed: hostnames of each question about servers
    :ivar refused: hostname -> the parts of demands that Placement refuses
    :ivar questions: each question
    """

    def setUp(self):
        super().setUp()
        self.instances = [an_instance()]
        self.others = []
        self.listed = []
        self.nodes = []
        self.true = {}
        self.refused = {}
        self.questions = []
        self.node('compute-1', 4, 4)

    def node(self, hostname, modelled, truth, count=None, **fields):
        """Add a node of 16 VCPU, with this use by the model and in truth.

        :param count: how many servers it truly holds, if the model
            is wrong about that
        """
        node = ComputeNode(
            **{
                'hostname': hostname,
                'inventory': {'VCPU': Inventory(16)},
                'used': {'VCPU': modelled},
                **fields,
            }
        )
        self.nodes.append(node)
        if count is None:
            count = node.instance_count
        self.true[hostname] = dataclasses.replace(
            node, used={'VCPU': truth}, instance_count=count
        )

    def answer(self, question):
        snapshot, hostnames = question.snapshot, question.hostnames
        if question.servers_on:
            self.listed.append(sorted(question.servers_on))
            others = [*snapshot.instances, *self.others]
            return dataclasses.replace(snapshot, instances=tuple(others))
        asks = question.asks
        self.questions.append(question)
        refusals = {
            Refusal(ask.hostname, part)
            for ask in asks
            for part in self.refused.get(ask.hostname, ())
            if ask.demand.includes(part)
        }
        return dataclasses.replace(
            snapshot,
            nodes=tuple(
                self.true[n.hostname] if n.hostname in hostnames else n
                for n in snapshot.nodes
            ),
            refusals=(*snapshot.refusals, *refusals),
        )

    def decide(self, read=(), **asked):
        self.request = Request(
            **{'maintenance_nodes': ('compute-1',), **asked}
        )
        asking = drain.decide(
            Snapshot(tuple(self.nodes), tuple(self.instances)),
            self.request,
            solve.DEFAULT,
            read,
        )
        self.known, self.outcome = questions.answer(asking, self.answer)
        return self.outcome

    def read(self):
        """The other nodes that were asked for, as often as they were."""
        return sorted(
            h for q in self.questions for h in q.hostnames if h != 'compute-1'
        )

    def asks(self):
        """The destinations that Placement was asked about, in order."""
        return [sorted(a.hostname for a in q.asks) for q in self.questions]

    def remedies(self):
        found = {}
        for node in self.outcome.nodes:
            for one in node.remedies:
                found.setdefault(one.reason, []).append(
                    (one.subject, one.facts.get('amount'))
                )
        return found

    def where(self):
        return {m.instance_name: m.destination for m in self.outcome.moves}


@ddt.ddt
class TestAnswer(TestCase):
    def test_stands(self):
        self.node('compute-2', 0, 0)
        self.node('compute-3', 8, 8)
        made = self.useFixture(
            fixtures.MockPatchObject(drain, 'plan', wraps=drain.plan)
        ).mock
        self.decide()
        self.assertEqual({'web-1': 'compute-2'}, self.where())
        self.assertEqual(['compute-2'], self.read())
        # What Placement said was known: no other plan could come of it.
        self.assertEqual(1, made.call_count)
        self.assertEqual(drain.plan(self.known, self.request), self.outcome)

    @ddt.named_data(
        # name, PCPU in use of 16, headroom, destination, plans made
        ('not_asked_for', 12, 0.0,  'compute-2', 1),
        ('full',          16, 0.0,  'compute-2', 1),
        ('beyond',        16, 10.0, 'compute-3', 3),
    )  # fmt: skip
    @ddt.unpack
    def test_class_that_the_model_lacks(self, used, headroom, where, plans):
        self.node('compute-2', 0, 0)
        self.node('compute-3', 8, 8)
        true = self.true['compute-2']
        self.true['compute-2'] = dataclasses.replace(
            true,
            inventory={**true.inventory, 'PCPU': Inventory(16)},
            used={**true.used, 'PCPU': used},
        )
        made = self.useFixture(
            fixtures.MockPatchObject(drain, 'plan', wraps=drain.plan)
        ).mock
        self.decide(headroom_percent=headroom)
        self.assertEqual({'web-1': where}, self.where())
        self.assertEqual(plans, made.call_count)

    def test_falls_and_another_is_found(self):
        # compute-2 looked emptiest.
        self.node('compute-2', 0, 13)
        self.node('compute-3', 8, 8)
        self.decide()
        self.assertEqual({'web-1': 'compute-3'}, self.where())
        self.assertEqual(['compute-2', 'compute-3'], self.read())

    def test_falls_again_and_again(self):
        for number in range(2, 7):
            self.node(f'compute-{number}', number, 13)
        self.node('compute-7', 7, 12)
        self.decide()
        self.assertEqual({'web-1': 'compute-7'}, self.where())
        self.assertEqual([f'compute-{n}' for n in range(2, 8)], self.read())

    @ddt.named_data(
        # name, nodes that seem to have room and have none, plans made
        ('one',     1,   5),
        ('several', 10,  6),
        ('many',    100, 6),
    )  # fmt: skip
    @ddt.unpack
    def test_takes_few_turns(self, wrong, plans):
        # Each turn looks at twice as many as the one before.
        for number in range(wrong):
            self.node(f'wrong-{number:03}', 0, 13)
        self.node('compute-2', 8, 12)
        made = self.useFixture(
            fixtures.MockPatchObject(drain, 'plan', wraps=drain.plan)
        ).mock
        self.decide()
        self.assertEqual({'web-1': 'compute-2'}, self.where())
        self.assertEqual(plans, made.call_count)

    def test_that_fits_ends_the_search(self):
        # Each node is fuller than the model says, so that those that have
        # not been read always look better.
        for number in range(100):
            self.node(f'compute-{number + 2:03}', 4, 6)
        self.decide()
        self.assertEqual(
            [f'compute-{n:03}' for n in range(2, 2 + questions.PATIENCE)],
            self.read(),
        )
        self.assertEqual({'web-1': 'compute-002'}, self.where())

    def test_is_about_the_snapshot_that_is_returned(self):
        self.node('compute-2', 0, 13)
        self.node('compute-3', 8, 9)
        self.decide()
        self.assertEqual(drain.plan(self.known, self.request), self.outcome)
        self.assertEqual(
            [4, 13, 9], [n.used['VCPU'] for n in self.known.nodes]
        )

    def test_room_that_shows_where_it_was_not_looked_for(self):
        # A destination that is read may prove to be emptier than thought.
        self.instances = [an_instance(), an_instance('web-2')]
        self.node('compute-2', 8, 0)
        self.node('compute-3', 12, 12)
        self.decide()
        self.assertEqual(
            {'web-1': 'compute-2', 'web-2': 'compute-2'}, self.where()
        )

    def test_nothing_to_move(self):
        self.instances = []
        self.node('compute-2', 0, 0)
        self.decide()
        self.assertFalse(self.outcome.failed)
        self.assertEqual([], self.read())

    def test_node_that_was_read_before_is_not_asked_for(self):
        self.node('compute-2', 0, 13)
        self.decide(read={'compute-2'})
        self.assertEqual({'web-1': 'compute-2'}, self.where())
        self.assertEqual([], self.read())


@ddt.ddt
class TestRefusal(TestCase):
    def test_all_candidates_are_read_once_before_it(self):
        for number in range(2, 6):
            self.node(f'compute-{number}', 13, 13)
        self.decide()
        self.assertTrue(self.outcome.failed)
        self.assertTrue(self.outcome.lacks_room)
        self.assertEqual([f'compute-{n}' for n in range(2, 6)], self.read())

    def test_after_answers_that_fell(self):
        # The two that seemed to have room are not read a second time.
        self.node('compute-2', 0, 13)
        self.node('compute-3', 8, 13)
        self.node('compute-4', 13, 13)
        self.decide()
        self.assertTrue(self.outcome.failed)
        self.assertEqual(['compute-2', 'compute-3', 'compute-4'], self.read())

    def test_tells_what_would_help_in_truth(self):
        # By the model 4 would have to be freed, and the spare is too small.
        self.node('compute-2', 16, 14)
        self.node('compute-3', 13, 13, **SPARE)
        self.decide()
        self.assertEqual({ADD_ROOM: [('compute-2', 2)]}, self.remedies())

    def test_tells_who_could_be_left(self):
        self.instances = [an_instance(), an_instance('big-1', 9)]
        self.node('compute-2', 16, 5)
        self.decide()
        self.assertEqual(
            {
                LEAVE_SOME: [('', None)],
                ADD_ROOM: [('compute-2', 2)],
            },
            self.remedies(),
        )

    def test_is_taken_back(self):
        # Somebody has left since the model was built.
        self.node('compute-2', 16, 16)
        self.node('compute-3', 16, 12)
        self.decide()
        self.assertFalse(self.outcome.failed)
        self.assertEqual({'web-1': 'compute-3'}, self.where())

    @ddt.named_data(
        # name, fields of compute-3, is it read
        ('enabled',      {}, True),
        ('broken',       BROKEN, False),
        ('marked',       MARKED, False),
        ('down',         {'state': 'down'}, False),
        ('out_of_scope', {'in_scope': False}, False),
        ('bare_metal',   {'hypervisor_type': 'ironic'}, False),
        ('spare',        SPARE, True),
        ('spare_in_use', SPARE | {'instance_count': 1}, True),
    )  # fmt: skip
    @ddt.unpack
    def test_candidate(self, fields, read):
        self.node('compute-2', 16, 16)
        self.node('compute-3', 16, 16, **fields)
        self.decide()
        self.assertTrue(self.outcome.failed)
        self.assertEqual(
            ['compute-2', 'compute-3'] if read else ['compute-2'], self.read()
        )

    @ddt.named_data(
        # name, what the request asks besides, reason
        (
            'unknown',
            {'maintenance_nodes': ('compute-9',)},
            UNKNOWN_NODE,
        ),
        ('backup', {'backup_node': 'compute-1'}, BACKUP_IS_MAINTAINED),
    )
    @ddt.unpack
    def test_of_the_request(self, asked, reason):
        self.node('compute-2', 0, 0)
        self.decide(**asked)
        self.assertEqual([reason], [f.reason for f in self.outcome.findings])
        self.assertEqual([], self.read())

    def test_for_a_state(self):
        self.instances = [an_instance(vm_state='suspended')]
        self.node('compute-2', 0, 0)
        self.decide()
        self.assertTrue(self.outcome.failed)
        self.assertFalse(self.outcome.lacks_room)
        self.assertEqual([], self.read())

    def test_for_a_backup_node(self):
        self.node('compute-2', 0, 13)
        self.node('compute-3', 0, 0)
        self.decide(backup_node='compute-2')
        self.assertTrue(self.outcome.failed)
        self.assertEqual(['compute-2'], self.read())

    def test_of_some_of_the_servers(self):
        self.instances = [an_instance(), an_instance('big-1', 16)]
        self.node('compute-2', 0, 0)
        self.node('compute-3', 13, 0)
        self.node('compute-4', 13, 13)
        self.decide(on_blocked=OnBlocked.LEAVE)
        self.assertEqual({'big-1', 'web-1'}, set(self.where()))
        self.assertEqual(['compute-2', 'compute-3', 'compute-4'], self.read())


class TestPlacement(TestCase):
    CLOSED = Demand(root_forbidden=('COMPUTE_STATUS_DISABLED',))

    def test_agrees(self):
        self.node('compute-2', 0, 0)
        self.decide()
        self.assertEqual([[], ['compute-2']], self.asks())

    def test_is_asked_once_about_servers_that_are_alike(self):
        self.instances = [an_instance(f'web-{n}') for n in range(3)]
        self.instances.append(an_instance('db-1', 2))
        self.node('compute-2', 0, 0)
        self.decide()
        self.assertEqual([[], ['compute-2', 'compute-2']], self.asks())

    def test_refuses_a_destination(self):
        self.node('compute-2', 0, 0)
        self.node('compute-3', 8, 8)
        self.refused['compute-2'] = [self.CLOSED]
        self.decide()
        self.assertEqual({'web-1': 'compute-3'}, self.where())
        self.assertEqual([[], ['compute-2'], [], ['compute-3']], self.asks())
        self.assertEqual(
            [(PROVIDER_DISABLED, 'compute-2')],
            [(f.reason, f.subject) for f in self.outcome.not_destinations],
        )

    def test_refuses_one_after_the_other(self):
        for number in range(2, 9):
            self.node(f'compute-{number}', number, number)
            self.refused[f'compute-{number}'] = [self.CLOSED]
        self.node('compute-9', 9, 9)
        self.decide()
        self.assertEqual({'web-1': 'compute-9'}, self.where())

    def test_refuses_one_kind_of_server(self):
        self.instances = [an_instance(), an_instance('db-1', 2)]
        self.node('compute-2', 0, 0)
        self.node('compute-3', 12, 12)
        self.refused['compute-2'] = [Demand(resources=('VCPU:2',))]
        self.decide()
        self.assertEqual(
            {'web-1': 'compute-2', 'db-1': 'compute-3'}, self.where()
        )

    def test_refuses_every_destination(self):
        self.node('compute-2', 0, 0)
        self.refused['compute-2'] = [self.CLOSED]
        self.decide()
        self.assertTrue(self.outcome.failed)
        [stay] = self.outcome.nodes[0].stays
        self.assertEqual(
            [NO_DESTINATION, PROVIDER_DISABLED],
            [f.reason for f in stay.findings],
        )

    def test_is_not_asked_whether_a_spare_is_open(self):
        self.node('compute-2', 0, 0, **SPARE)
        self.refused['compute-2'] = [self.CLOSED]
        self.decide()
        self.assertEqual(('compute-2',), self.outcome.enables)


@ddt.ddt
class TestSource(TestCase):
    @ddt.named_data(
        # name, what the source offers in truth, blocked by
        ('all',        Inventory(16), None),
        ('max_unit',   Inventory(16, max_unit=4), None),
        ('too_small',  Inventory(16, max_unit=3), HELD_AMOUNT),
        ('too_large',  Inventory(16, min_unit=5), HELD_AMOUNT),
        ('between',    Inventory(16, step_size=3), HELD_AMOUNT),
        ('overfull',   Inventory(4, 4), None),
        ('no_ratio',   Inventory(16, allocation_ratio=0.0), None),
        ('none',       Inventory(0), HELD_CLASS),
    )  # fmt: skip
    @ddt.unpack
    def test_gives_what_is_held(self, offer, reason):
        self.node('compute-2', 0, 0)
        self.true['compute-1'] = dataclasses.replace(
            self.true['compute-1'], inventory={'VCPU': offer}
        )
        self.decide()
        self.assertIs(reason is not None, self.outcome.failed)
        reasons = [
            f.reason for s in self.outcome.nodes[0].stays for f in s.findings
        ]
        self.assertEqual([reason] if reason else [], reasons)

    @ddt.named_data(
        # name, what a provider below the source offers, blocked by
        ('all',        Inventory(8), None),
        ('max_unit',   Inventory(8, max_unit=4), None),
        ('too_small',  Inventory(8, max_unit=3), HELD_AMOUNT_BELOW),
        ('too_large',  Inventory(8, min_unit=5), HELD_AMOUNT_BELOW),
        ('between',    Inventory(8, step_size=3), HELD_AMOUNT_BELOW),
        ('overfull',   Inventory(3, 3), None),
        ('none',       Inventory(0), HELD_CLASS),
    )  # fmt: skip
    @ddt.unpack
    def test_gives_what_is_held_below_it(self, offer, reason):
        self.node('compute-2', 0, 0)
        claim = Claim('uuid-gpu', 'VGPU', 4, offer)
        self.instances = [an_instance(claims=(claim,))]
        self.decide()
        self.assertIs(reason is not None, self.outcome.failed)
        findings = [f for s in self.outcome.nodes[0].stays for f in s.findings]
        self.assertEqual(
            [reason] if reason else [], [f.reason for f in findings]
        )
        if reason is HELD_AMOUNT_BELOW:
            self.assertEqual('uuid-gpu', findings[0].facts['provider'])

    def test_of_what_is_held_there(self):
        # The flavor was resized behind Nova's back, say.
        self.instances = [an_instance(held={'VCPU': 8})]
        self.node('compute-2', 0, 0)
        self.true['compute-1'] = dataclasses.replace(
            self.true['compute-1'],
            inventory={'VCPU': Inventory(16, max_unit=7)},
        )
        self.decide()
        self.assertTrue(self.outcome.failed)


class TestSpare(TestCase):
    def test_in_use_after_all(self):
        self.node('compute-2', 0, 4, 1, **SPARE)
        self.node('compute-3', 8, 8)
        self.decide()
        self.assertEqual({'web-1': 'compute-3'}, self.where())
        self.assertEqual((), self.outcome.enables)
        self.assertEqual(['compute-2', 'compute-3'], self.read())

    def test_empty(self):
        self.node('compute-2', 0, 0, **SPARE)
        self.node('compute-3', 8, 8)
        self.decide()
        self.assertEqual(('compute-2',), self.outcome.enables)
        self.assertIs(Method.UNUSED_HOST, self.outcome.nodes[0].method)
        self.assertEqual(['compute-2'], self.read())

    def test_that_seems_to_be_in_use_is_asked_about_before_a_spread(self):
        self.node('compute-2', 4, 0, 0, **IN_USE)
        self.node('compute-3', 0, 0)
        self.decide()
        self.assertIs(Method.UNUSED_HOST, self.outcome.nodes[0].method)
        self.assertEqual(['compute-2', 'compute-3'], self.read())

    def test_emptied_since(self):
        self.node('compute-2', 4, 0, 0, **IN_USE)
        self.node('compute-3', 16, 16)
        self.decide()
        self.assertEqual({'web-1': 'compute-2'}, self.where())
        self.assertEqual(('compute-2',), self.outcome.enables)


@ddt.ddt
class TestServersOfOthers(TestCase):
    """compute-2 is full; web-1 fits once another server has left it."""

    def setUp(self):
        super().setUp()
        self.node('compute-2', 13, 13)
        self.node('compute-3', 15, 15)
        self.others = [an_instance('cache', 1, host='compute-2')]

    def test_asked_for_once_after_all_else(self):
        self.decide(max_secondary_moves=1)
        self.assertEqual([['compute-2', 'compute-3']], self.listed)
        self.assertEqual(['compute-2', 'compute-3'], self.read())
        self.assertEqual(
            ['cache'], [m.instance_name for m in self.outcome.secondary_moves]
        )

    def test_for_advice(self):
        self.decide()
        self.assertEqual([['compute-2', 'compute-3']], self.listed)
        [remedy] = [
            r for r in self.outcome.nodes[0].remedies if r.reason is MOVE_FIRST
        ]
        self.assertEqual('cache', remedy.subject)
        self.assertEqual(
            {'source': 'compute-2', 'destination': 'compute-3'}, remedy.facts
        )

    def test_nothing_to_move(self):
        self.others = []
        self.decide(max_secondary_moves=1)
        self.assertEqual([['compute-2', 'compute-3']], self.listed)
        self.assertTrue(self.outcome.failed)

    def test_placement_is_asked_about_each_move(self):
        """What waits for room is not asked with what it will hold."""
        self.decide(max_secondary_moves=1)
        self.assertEqual(
            [('compute-2', ()), ('compute-3', ('VCPU:1',))],
            sorted(
                (ask.hostname, ask.demand.resources)
                for question in self.questions
                for ask in question.asks
            ),
        )

    @ddt.named_data(
        # name, node that Placement refuses
        ('where_room_is_made', 'compute-2'),
        ('where_it_goes_first', 'compute-3'),
    )
    @ddt.unpack
    def test_placement_refuses(self, hostname):
        self.refused[hostname] = [TestPlacement.CLOSED]
        self.decide(max_secondary_moves=1)
        self.assertTrue(self.outcome.failed)
        self.assertEqual((), self.outcome.secondary_moves)

    def test_placement_refuses_one_of_two(self):
        self.node('compute-4', 15, 15)
        self.refused['compute-3'] = [TestPlacement.CLOSED]
        self.decide(max_secondary_moves=1)
        self.assertEqual(
            ['compute-4'],
            [m.destination for m in self.outcome.secondary_moves],
        )

    def test_not_with_a_place(self):
        self.node('compute-4', 12, 12)
        self.decide(max_secondary_moves=1)
        self.assertEqual([], self.listed)

    def test_not_when_something_else_blocks(self):
        self.instances.append(an_instance('saved', 1, vm_state='suspended'))
        self.decide(max_secondary_moves=1)
        self.assertEqual([], self.listed)

    def test_not_for_a_backup(self):
        self.decide(max_secondary_moves=1, backup_node='compute-2')
        self.assertEqual([], self.listed)

    def test_not_without_live_migration(self):
        self.decide(max_secondary_moves=1, disable_live_migration=True)
        self.assertEqual([], self.listed)

    def test_most(self):
        for n in range(4, 4 + making_room.MOST_NODES):
            self.node(f'compute-{n:02}', 16, 16)
        self.decide(max_secondary_moves=1)
        [hostnames] = self.listed
        self.assertEqual(making_room.MOST_NODES, len(hostnames))
        self.assertLessEqual({'compute-2', 'compute-3'}, {*hostnames})

    def test_most_for_advice(self):
        for n in range(4, 4 + making_room.MOST_NODES):
            self.node(f'compute-{n:02}', 16, 16)
        self.decide()
        [hostnames] = self.listed
        self.assertEqual(making_room.MOST_ADVISED, len(hostnames))
        self.assertLessEqual({'compute-2', 'compute-3'}, {*hostnames})
