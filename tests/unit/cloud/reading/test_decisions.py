# SPDX-License-Identifier: Apache-2.0


"""Tests of planning until the answer stands on what Placement says."""

import dataclasses

from tests.unit.plugin import base
from tests.unit.plugin import clouds
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_server
from watcher_host_maintenance.cloud.reading import decisions
from watcher_host_maintenance.cloud.reading.refresh import Refresh
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Inventory
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.packing import solve


SPARE = {'status': 'disabled', 'disabled_reason': 'watcher_disabled'}


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
        refresh = Refresh(*clouds.connect(), self.request)
        self.known, self.outcome = decisions.decide(
            drain.decide,
            Snapshot(tuple(self.nodes), tuple(self.instances)),
            self.request,
            solve.DEFAULT,
            refresh,
        )
        return self.outcome

    def read(self):
        """The other hosts that were read, as often as they were."""
        names = {n.uuid: n.hostname for n in self.nodes}
        read = (
            names[r.split('/')[2]]
            for r in self.placement.asked('/inventories')
        )
        return sorted(host for host in read if host != 'compute-1')

    def where(self):
        return {m.instance_name: m.destination for m in self.outcome.moves}


class TestDecide(TestCase):
    def test_on_what_placement_says(self):
        # compute-2 looked emptiest.
        self.node('compute-2', 0, 13)
        self.node('compute-3', 8, 8)
        self.decide()
        self.assertEqual({'web-1': 'compute-3'}, self.where())
        self.assertEqual(['compute-2', 'compute-3'], self.read())
        self.assertEqual(
            [4, 13, 8], [n.used['VCPU'] for n in self.known.nodes]
        )

    def test_spare_in_use_after_all(self):
        self.node('compute-2', 0, 4, **SPARE)
        self.node('compute-3', 8, 8)
        self.nova.servers = [a_server('web-9', 'compute-2')]
        self.decide()
        self.assertEqual({'web-1': 'compute-3'}, self.where())
        self.assertEqual(['compute-2', 'compute-3'], self.read())

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
