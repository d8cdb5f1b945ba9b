# SPDX-License-Identifier: Apache-2.0

import dataclasses

import ddt

from tests.unit import base
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Inventory
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.planning import drift


VCPU = Inventory(16)


def a_node(hostname, **fields):
    """A node with 2 of 16 VCPU in use."""
    return ComputeNode(
        **{
            'hostname': hostname,
            'inventory': {'VCPU': VCPU},
            'used': {'VCPU': 2},
            'instance_count': 1,
            **fields,
        }
    )


@ddt.ddt
class TestMayChangePlan(base.TestCase):
    """Two nodes are read for a server that holds 4 VCPU."""

    def may_change(self, before=None, after=None, percent=0, **resources):
        """Whether a plan may change with compute-2; fields -> answer."""

        def snapshot(fields):
            nodes = a_node('compute-1'), a_node('compute-2', **fields or {})
            held = {'VCPU': 4, **resources}
            web = Instance('uuid-web', 'web', 'compute-1', 'active', held)
            return Snapshot(nodes, (web,))

        return drift.may_change_plan(
            snapshot(before),
            snapshot(after),
            ['compute-1', 'compute-2'],
            Request(('compute-1',), headroom_percent=percent),
        )

    @ddt.named_data(
        # name, what is offered of VCPU besides, may change
        ('nothing',        {},                 False),
        ('capacity',       {'reserved': 1},    True),
        # Half as many, each twice.
        ('same_capacity',  {'total': 8, 'allocation_ratio': 2.0}, False),
        ('max_unit',       {'max_unit': 4},    False),
        ('max_unit_below', {'max_unit': 3},    True),
        ('min_unit',       {'min_unit': 4},    False),
        ('min_unit_above', {'min_unit': 5},    True),
        ('step_size',      {'step_size': 2},   False),
        ('odd_step_size',  {'step_size': 3},   True),
    )  # fmt: skip
    @ddt.unpack
    def test_with_what_is_offered(self, fields, expected):
        offer = dataclasses.replace(VCPU, **fields)
        self.assertEqual(
            expected, self.may_change(after={'inventory': {'VCPU': offer}})
        )

    @ddt.named_data(
        # name, fields before, fields after, may change
        ('use',       {}, {'used': {'VCPU': 3}}, True),
        ('no_use',    {'used': {'VCPU': 2, 'DISK_GB': 0}}, {}, False),
        ('servers',   {'instance_count': 0}, {}, True),
        ('memory',    {}, {'inventory': {'VCPU': VCPU, 'MEMORY_MB': VCPU}},
         True),
        ('disk',      {}, {'inventory': {'VCPU': VCPU, 'DISK_GB': VCPU}},
         True),
        ('class_gone', {'inventory': {'VCPU': VCPU, 'MEMORY_MB': VCPU}},
         {'inventory': {'MEMORY_MB': VCPU}}, True),
    )  # fmt: skip
    @ddt.unpack
    def test_with_a_node(self, before, after, expected):
        self.assertEqual(expected, self.may_change(before, after))

    @ddt.named_data(
        # name, what the server asks for besides, may change
        ('asked_for',     {'PCPU': 1}, True),
        ('not_asked_for', {},          False),
    )  # fmt: skip
    @ddt.unpack
    def test_with_another_class(self, resources, expected):
        after = {
            'inventory': {'VCPU': VCPU, 'PCPU': VCPU},
            'used': {'VCPU': 2, 'PCPU': 1},
        }
        self.assertEqual(expected, self.may_change(after=after, **resources))

    @ddt.named_data(
        # name, PCPU in use of 16, headroom in percent, may change
        ('within',     12, 25, False),
        ('beyond',     13, 25, True),
        ('no_matter',  13, 0,  False),
    )  # fmt: skip
    @ddt.unpack
    def test_with_headroom(self, used, percent, expected):
        # It is kept of every class, whoever asks for which.
        after = {
            'inventory': {'VCPU': VCPU, 'PCPU': VCPU},
            'used': {'VCPU': 2, 'PCPU': used},
        }
        self.assertEqual(expected, self.may_change({}, after, percent))

    def test_with_nodes_that_were_read_only(self):
        before = Snapshot((a_node('compute-1'), a_node('compute-2')))
        after = Snapshot(
            (a_node('compute-1'), a_node('compute-2', instance_count=2))
        )
        request = Request(('compute-1',))
        for hostname, expected in (('compute-1', False), ('compute-2', True)):
            self.assertEqual(
                expected,
                drift.may_change_plan(before, after, [hostname], request),
            )
