# SPDX-License-Identifier: Apache-2.0


"""Tests of planning until the answer stands on what Placement says."""

import dataclasses

import ddt
import fixtures

from tests.unit.plugin import base
from tests.unit.plugin import clouds
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.fake_placement import an_inventory
from tests.unit.plugin.nova_answers import a_server
from watcher_host_maintenance.cloud.reading.refresh import Refresh
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.model.plan import Method
from watcher_host_maintenance.core.model.reasons import Reason
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Inventory
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.packing import solve
from watcher_host_maintenance.plugin.watcher import decide


SPARE = {'status': 'disabled', 'disabled_reason': 'watcher_disabled'}
BROKEN = {'status': 'disabled', 'disabled_reason': 'fan'}
MARKED = {'status': 'disabled', 'disabled_reason': 'watcher_maintaining'}


def an_instance(name='web-1', vcpus=4, **fields):
    return Instance(
        **{
            'uuid': uuid_of(name),
            'name': name,
            'host': 'compute-1',
            'vm_state': 'active',
            'resources': {'VCPU': vcpus},
            **fields,
        }
    )


class TestCase(base.TestCase):
    """compute-1 with web-1 is to be emptied; others are added.

    :ivar request: what is asked
    """

    def setUp(self):
        super().setUp()
        cloud = clouds.Cloud(self)
        self.nova, self.placement = cloud.nova, cloud.placement
        self.request = Request(('compute-1',))
        self.instances = [an_instance()]
        self.nodes = []
        self.node('compute-1', 4, 4)

    def node(self, hostname, modelled, truth, **fields):
        """Add a node of 16 VCPU, with this use by the model and in truth."""
        self.nodes.append(
            ComputeNode(
                **{
                    'hostname': hostname,
                    'uuid': uuid_of(hostname),
                    'inventory': {'VCPU': Inventory(16)},
                    'used': {'VCPU': modelled},
                    **fields,
                }
            )
        )
        self.placement.hold(
            f'on {hostname}', self.placement.add(hostname, VCPU=16), VCPU=truth
        )

    def decide(self, **asked):
        self.request = dataclasses.replace(self.request, **asked)
        self.truth = Refresh(*clouds.readers(), self.request)
        self.known, self.outcome = decide.decide(
            Snapshot(tuple(self.nodes), tuple(self.instances)),
            self.request,
            solve.DEFAULT,
            self.truth,
        )
        return self.outcome

    def read(self):
        """The hosts that Placement was asked about, as often as it was."""
        names = {n.uuid: n.hostname for n in self.nodes}
        return sorted(
            names[r.split('/')[2]]
            for r in self.placement.asked('/inventories')
        )

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
        uuid = uuid_of('compute-2')
        self.placement.providers[uuid].inventories['PCPU'] = an_inventory(16)
        self.placement.hold('else', uuid, PCPU=used)
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
            [f'compute-{n:03}' for n in range(2, 2 + decide.PATIENCE)],
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

    def test_node_that_the_model_lacks_is_read_first(self):
        self.node('compute-2', 12, 12)
        self.node('compute-3', 0, 0, inventory={}, used={})
        self.decide()
        self.assertEqual({'web-1': 'compute-3'}, self.where())
        self.assertEqual(['compute-3'], self.read())

    def test_on_nodes_that_the_model_lacks(self):
        self.node('compute-2', 0, 0, inventory={}, used={}, in_scope=False)
        self.decide()
        self.assertTrue(self.outcome.failed)
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
        self.assertEqual(
            {Reason.ADD_ROOM: [('compute-2', 2)]}, self.remedies()
        )

    def test_tells_who_could_be_left(self):
        self.instances = [an_instance(), an_instance('big-1', 9)]
        self.node('compute-2', 16, 5)
        self.decide()
        self.assertEqual(
            {
                Reason.LEAVE_SOME: [('', None)],
                Reason.ADD_ROOM: [('compute-2', 2)],
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
        self.nova.servers = [a_server('old-1', 'compute-3')]
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
            Reason.UNKNOWN_NODE,
        ),
        ('backup', {'backup_node': 'compute-1'}, Reason.BACKUP_IS_MAINTAINED),
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


class TestSpare(TestCase):
    def test_in_use_after_all(self):
        self.node('compute-2', 0, 4, **SPARE)
        self.node('compute-3', 8, 8)
        self.nova.servers = [a_server('web-9', 'compute-2')]
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
        self.node('compute-2', 4, 0, **SPARE, instance_count=1)
        self.node('compute-3', 0, 0)
        self.decide()
        self.assertIs(Method.UNUSED_HOST, self.outcome.nodes[0].method)
        self.assertEqual(['compute-2', 'compute-3'], self.read())

    def test_emptied_since(self):
        self.node('compute-2', 4, 0, **SPARE, instance_count=1)
        self.node('compute-3', 16, 16)
        self.decide()
        self.assertEqual({'web-1': 'compute-2'}, self.where())
        self.assertEqual(('compute-2',), self.outcome.enables)
