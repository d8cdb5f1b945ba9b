# SPDX-License-Identifier: Apache-2.0

import dataclasses

import ddt

from tests.unit import base
from tests.unit.core import plans
from tests.unit.core.builders import a_group
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_request
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import a_spare
from tests.unit.core.builders import an_instance
from tests.unit.core.drains import marked
from tests.unit.core.drains import plan
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.model import projection
from watcher_host_maintenance.core.model.plan import Release
from watcher_host_maintenance.core.model.plan import ReleaseKind
from watcher_host_maintenance.core.packing.result import Limits


LIMITS = Limits.of(20_000)


class TestWithNode(base.TestCase):
    def test_others_stay(self):
        known = a_snapshot()
        closed = a_node('compute-1', status='disabled', used={'VCPU': 1})
        after = projection.with_node(known, closed)
        self.assertEqual(closed, after.by_hostname['compute-1'])
        self.assertEqual(
            known.by_hostname['compute-2'], after.by_hostname['compute-2']
        )
        self.assertEqual(known.instances, after.instances)


@ddt.ddt
class TestAfterActions(base.TestCase):
    """``web-1`` of group ``db`` is on ``compute-1``, others on both nodes."""

    def setUp(self):
        super().setUp()
        self.known = a_snapshot(
            [
                a_node('compute-1', used={'VCPU': 3}),
                a_node('compute-2', used={'VCPU': 5}),
            ],
            [
                an_instance('web-1', group='uuid-db', vcpus=2),
                an_instance('web-2', 'compute-2', group='uuid-db'),
            ],
            [a_group(compute_1=1)],
        )

    def after(self, *actions):
        self.known = projection.after_actions(self.known, actions)

    def used(self, resource_class='VCPU'):
        return [n.used[resource_class] for n in self.known.nodes]

    def members(self):
        return dict(self.known.groups[0].members)

    def test_nothing(self):
        before = self.known
        self.after()
        self.assertEqual(before, self.known)

    def test_move(self):
        self.after(plans.a_move())
        self.assertEqual([3, 8], self.used())
        self.assertEqual([0, 2048], self.used('MEMORY_MB'))
        self.assertEqual({'compute-1': 1, 'compute-2': 2}, self.members())
        self.assertEqual([0, 2], [n.instance_count for n in self.known.nodes])
        self.assertEqual('compute-2', self.known.by_uuid['uuid-web-1'].host)

    def test_move_to_another_hypervisor(self):
        # Its record names the old one, which would block its next move.
        web, other = self.known.instances
        named = dataclasses.replace(web, hypervisor='compute-1.example')
        self.known = dataclasses.replace(self.known, instances=(named, other))
        self.after(plans.a_move())
        self.assertEqual('', self.known.by_uuid['uuid-web-1'].hypervisor)

    def test_moves_both_ways(self):
        self.after(
            plans.a_move(),
            plans.a_move('web-2', 'compute-1', host='compute-2'),
        )
        self.assertEqual([4, 7], self.used())
        self.assertEqual({'compute-1': 2, 'compute-2': 1}, self.members())

    def test_the_last_member_leaves(self):
        self.after(plans.a_move('web-2', 'compute-1', host='compute-2'))
        self.assertEqual({'compute-1': 3}, self.members())

    def test_there_and_back(self):
        before = self.known
        self.after(plans.a_move())
        self.after(plans.a_move('web-1', 'compute-1', host='compute-2'))
        self.assertEqual(before, self.known)

    def test_stop(self):
        self.after(plans.a_stop())
        self.assertEqual([5, 6], self.used())
        web = self.known.by_uuid['uuid-web-1']
        self.assertEqual(
            ('compute-1', 'stopped', 'shutdown'),
            (web.host, web.vm_state, web.power_state),
        )

    def test_offload(self):
        self.after(
            Release(
                instance_uuid='uuid-web-1',
                instance_name='web-1',
                host='compute-1',
                kind=ReleaseKind.OFFLOAD,
            )
        )
        self.assertEqual([3, 6], self.used())
        self.assertEqual([0, 1], [n.instance_count for n in self.known.nodes])
        self.assertEqual({'compute-1': 1, 'compute-2': 1}, self.members())
        self.assertNotIn('uuid-web-1', self.known.by_uuid)

    @ddt.named_data(
        # name, policy, members on compute-1 and on compute-2 afterwards
        ('keeps_apart',   'anti-affinity', {'compute-2': 1}),
        # At the end of a move it was nobody's company.
        ('keeps_together', 'affinity',
         {'compute-1': 1, 'compute-2': 1}),
    )  # fmt: skip
    @ddt.unpack
    def test_confirmed(self, policy, members):
        end, home = (
            an_instance(
                'web-1',
                host,
                vm_state='resized',
                group='uuid-db',
                elsewhere=elsewhere,
            )
            for host, elsewhere in (
                ('compute-1', 'compute-2'),
                ('compute-2', ''),
            )
        )
        self.known = a_snapshot(
            instances=[end, home], groups=[a_group(policy)]
        )
        self.after(
            Release(
                instance_uuid='uuid-web-1',
                instance_name='web-1',
                host='compute-1',
                kind=ReleaseKind.CONFIRM,
            )
        )
        self.assertEqual((home,), self.known.instances)
        self.assertEqual([0, 1], self.used())
        self.assertEqual(members, self.members())

    def test_one_that_holds_less_than_it_asks_for(self):
        node = dataclasses.replace(
            self.known.by_hostname['compute-1'], used={'VCPU': 1}
        )
        self.known = projection.with_node(self.known, node)
        self.after(plans.a_move())
        self.assertEqual([0, 8], self.used())


class TestAfterOutcome(base.TestCase):
    def services(self, nodes, request=None):
        instances = [an_instance()]
        outcome = plan(nodes, instances, request)
        known = a_snapshot(nodes, instances)
        return [
            (n.status, n.disabled_reason)
            for n in projection.after_outcome(known, outcome).nodes
        ]

    def test_node_is_closed(self):
        self.assertEqual(
            [('disabled', 'watcher_maintaining'), ('enabled', '')],
            self.services([a_node('compute-1'), a_node('compute-2')]),
        )

    def test_reason_of_a_person_is_kept(self):
        self.assertEqual(
            [('disabled', 'fan'), ('enabled', '')],
            self.services(
                [
                    a_node(
                        'compute-1', status='disabled', disabled_reason='fan'
                    ),
                    a_node('compute-2'),
                ]
            ),
        )

    def test_spare_is_opened(self):
        self.assertEqual(
            [('disabled', 'watcher_maintaining'), ('enabled', '')],
            self.services([marked(), a_spare()]),
        )

    def test_spare_to_maintain_is_marked(self):
        self.assertEqual(
            [('disabled', 'watcher_maintaining'), ('enabled', '')],
            self.services([a_spare('compute-1'), a_node('compute-2')]),
        )


class TestDestinationThatIsASource(base.TestCase):
    """A node takes servers once others have left it."""

    def test_room_that_a_move_frees_is_found_on_the_projection(self):
        known = a_snapshot(
            [
                a_node('compute-1'),
                a_node('compute-2', vcpus=4),
                a_node('compute-3', vcpus=2),
            ],
            [
                an_instance('big', vcpus=4),
                an_instance('small', 'compute-2', vcpus=1),
            ],
        )
        self.assertTrue(drain.plan(known, a_request(), LIMITS).failed)
        away = plans.a_move('small', 'compute-3', host='compute-2')
        after = projection.after_actions(known, [away])
        [move] = drain.plan(after, a_request(), LIMITS).moves
        self.assertEqual('compute-2', move.destination)
