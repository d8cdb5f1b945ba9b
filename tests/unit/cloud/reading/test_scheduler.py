# SPDX-License-Identifier: Apache-2.0

"""Tests of what Placement is asked, and of what is made of its no."""

import ddt

from tests.unit import base
from tests.unit.plugin import fake_nova
from tests.unit.plugin import fake_placement
from tests.unit.plugin.builders import uuid_of
from watcher_host_maintenance.cloud.placement import Placement
from watcher_host_maintenance.cloud.reading.scheduler import Scheduler
from watcher_host_maintenance.core.model.demand import Demand
from watcher_host_maintenance.core.model.demand import Refusal
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Aggregate
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Inventory
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.planning.questions import Ask


CLOSED = 'COMPUTE_STATUS_DISABLED'
HOSTS = ('compute-1', 'compute-2', 'compute-3')


@ddt.ddt
class TestScheduler(base.TestCase):
    """Three nodes with 4 VCPU each.

    :ivar fields: hostname -> fields of the node
    """

    def setUp(self):
        super().setUp()
        mocker = fake_nova.mocker_for(self)
        self.placement = fake_placement.FakePlacement(mocker)
        for host in HOSTS:
            self.placement.add(host, VCPU=4)
        self.fields = {}
        self.aggregates = []

    def provider(self, host):
        return self.placement.providers[uuid_of(host)]

    def ask(self, *hosts, prefilters=(), **demand):
        """Return what is refused when these are asked for 2 VCPU."""
        demand.setdefault('resources', ('VCPU:2',))
        nodes = tuple(
            ComputeNode(host, uuid_of(host), **self.fields.get(host, {}))
            for host in HOSTS
        )
        scheduler = Scheduler(
            Placement(fake_placement.adapter()),
            Request(scheduler_prefilters=prefilters),
        )
        return scheduler.with_refusals(
            Snapshot(nodes, aggregates=tuple(self.aggregates)),
            [Ask(host, Demand(**demand)) for host in hosts],
        ).refusals

    def aggregate(self, name, *hosts, **metadata):
        """Add an aggregate with these providers."""
        for host in hosts:
            self.provider(host).aggregates.add(uuid_of(name))
        self.aggregates.append(Aggregate(name, HOSTS, metadata, uuid_of(name)))

    def test_agrees_with_one_request_each(self):
        self.assertEqual((), self.ask('compute-1', 'compute-2'))
        self.assertEqual(
            sorted(
                f'/allocation_candidates?in_tree={uuid_of(host)}&limit=1&'
                'resources=VCPU:2'
                for host in ('compute-1', 'compute-2')
            ),
            sorted(self.placement.requests),
        )

    def test_asks_for_all_of_a_demand(self):
        self.provider('compute-1').traits = ('A', 'B')
        self.placement.add('card', parent=uuid_of('compute-1'), CUSTOM_X=1)
        self.aggregate('one', 'compute-1', availability_zone='az-1')
        self.aggregate('two', 'compute-1', availability_zone='az-1')
        self.assertEqual(
            (),
            self.ask(
                'compute-1',
                resources=('DISK_GB:0', 'VCPU:2'),
                required=('A',),
                forbidden=('C',),
                root_required=('B',),
                root_forbidden=(CLOSED,),
                groups=('resources1=CUSTOM_X:1',),
                zone='az-1',
            ),
        )
        zone = ','.join(sorted((uuid_of('one'), uuid_of('two'))))
        self.assertEqual(
            [
                f'/allocation_candidates?in_tree={uuid_of("compute-1")}'
                '&limit=1&resources=DISK_GB:0,VCPU:2'
                f'&root_required=B,!{CLOSED}&required=A,!C'
                f'&member_of=in:{zone}&resources1=CUSTOM_X:1'
            ],
            self.placement.requests,
        )

    @ddt.named_data(
        # name, traits of the node, aggregates, demand, part that is refused
        ('fine',      ('A',), ('compute-1',), {'required': ('A',)}, None),
        ('lacks',     (),     (), {'required': ('A',)},
         Demand(required=('A',))),
        ('closed',    (CLOSED,), (), {'root_forbidden': (CLOSED,)},
         Demand(root_forbidden=(CLOSED,))),
        ('zone',      (), ('compute-1',), {'zone': 'az-1'}, None),
        ('no_zone',   (), ('compute-2',), {'zone': 'az-1'},
         Demand(zone='az-1')),
    )  # fmt: skip
    @ddt.unpack
    def test_without_resources(self, traits, members, demand, refused):
        """Where room is made later, that there is none now is no answer."""
        self.placement.hold('web-1', uuid_of('compute-1'), VCPU=4)
        self.provider('compute-1').traits = traits
        self.fields['compute-1'] = {'zone': 'az-1'}
        self.aggregate('one', *members, availability_zone='az-1')
        refusals = self.ask('compute-1', resources=(), **demand)
        self.assertEqual(
            [refused] if refused else [],
            [r.part for r in refusals if r.hostname == 'compute-1'],
        )
        self.assertEqual(
            [], [r for r in self.placement.requests if '/allocation' in r]
        )

    def test_room_that_is_gone(self):
        self.placement.hold('web-1', uuid_of('compute-1'), VCPU=3)
        demand = Demand(resources=('VCPU:2',))
        self.assertEqual(
            (Refusal('compute-1', demand, ('VCPU:1',)),),
            self.ask('compute-1', 'compute-2'),
        )

    def test_bad_request_is_a_no(self):
        path = (
            f'/allocation_candidates?in_tree={uuid_of("compute-1")}&limit=1&'
            'resources=VCPU:2'
        )
        self.placement.fail(path, status_code=400)
        [refusal] = self.ask('compute-1')
        self.assertEqual(('VCPU:4',), refusal.state)

    def test_trait_of_all_that_are_enabled(self):
        self.fields['compute-3'] = {'status': 'disabled'}
        for host in HOSTS:
            self.provider(host).traits = (CLOSED,)
        part = Demand(root_forbidden=(CLOSED,))
        self.assertEqual(
            (Refusal('compute-1', part), Refusal('compute-2', part)),
            self.ask('compute-1', root_forbidden=(CLOSED,)),
        )

    @ddt.named_data(
        # name, traits of compute-1, demand, part that is refused
        ('required', (), {'required': ('A',)}, {'required': ('A',)}),
        ('owner', (), {'root_required': ('A',)}, {'root_required': ('A',)}),
        ('forbidden', ('A',), {'forbidden': ('A',)}, {'forbidden': ('A',)}),
        (
            'one_of_two',
            ('A',),
            {'required': ('A', 'B')},
            {'required': ('B',)},
        ),
    )
    @ddt.unpack
    def test_trait(self, traits, demand, part):
        self.provider('compute-1').traits = traits
        for host in ('compute-2', 'compute-3'):
            self.provider(host).traits = ('A', 'B')
        refusals = self.ask('compute-1', **demand)
        self.assertIn(Refusal('compute-1', Demand(**part)), refusals)
        self.assertEqual(
            {Demand(**part)},
            {r.part for r in refusals if r.hostname == 'compute-1'},
        )

    def test_zone(self):
        for host in ('compute-1', 'compute-2'):
            self.fields[host] = {'zone': 'az-1'}
        self.aggregate('one', 'compute-3', availability_zone='az-1')
        part = Demand(zone='az-1')
        self.assertEqual(
            (Refusal('compute-1', part), Refusal('compute-2', part)),
            self.ask('compute-1', zone='az-1'),
        )

    @ddt.named_data(
        # name, is there an aggregate of the project, prefilters, refused
        ('none', False, (), False),
        ('none_required', False, ('placement_aggregate_required_for_tenants',),
         True),
        ('another_node', True, (), True),
    )  # fmt: skip
    @ddt.unpack
    def test_project(self, has_aggregate, prefilters, refused):
        if has_aggregate:
            self.aggregate('one', 'compute-3', filter_tenant_id='p')
        refusals = self.ask('compute-1', prefilters=prefilters, project='p')
        self.assertEqual(
            [Demand(project='p')] if refused else [],
            [r.part for r in refusals if r.hostname == 'compute-1'],
        )

    @ddt.named_data(
        # name, segment of the port -> its nodes, nodes refused
        ('of_one', {'north': ('compute-1',)}, ('compute-2', 'compute-3')),
        (
            'of_either',
            {'north': ('compute-1',), 'south': ('compute-2',)},
            ('compute-3',),
        ),
        # Nova takes no node if a segment is in no aggregate.
        ('of_no_aggregate', {'north': None}, HOSTS),
        (
            'one_of_no_aggregate',
            {'north': ('compute-1',), 'south': None},
            HOSTS,
        ),
        # Neutron has not told Placement of it.
        ('no_provider', {'west': ()}, HOSTS),
    )
    @ddt.unpack
    def test_segment(self, segments, refused):
        for segment, hosts in segments.items():
            if segment != 'west':
                self.placement.add(segment)
            if hosts:
                self.aggregate(f'of-{segment}', *hosts)
                self.provider(segment).aggregates.add(uuid_of(f'of-{segment}'))
        text = ','.join(uuid_of(segment) for segment in segments)
        refusals = self.ask(*HOSTS, routed=(text,))
        self.assertEqual(
            [Refusal(host, Demand(routed=(text,))) for host in refused],
            list(refusals),
        )
        asked = [r for r in self.placement.requests if 'aggregates' in r]
        self.assertEqual(len(segments), len(asked))

    @ddt.named_data(
        # name, demand of a device, part that is refused
        (
            'beside_others',
            {'resources': ('VCPU:2', 'VGPU:1')},
            {'resources': ('VGPU:1',)},
        ),
        (
            'group',
            {
                'groups': (
                    'group_policy=none',
                    'required1=BIG',
                    'resources1=VGPU:1',
                    'resources2=VCPU:1',
                )
            },
            {'groups': ('required1=BIG', 'resources1=VGPU:1')},
        ),
    )
    @ddt.unpack
    def test_device(self, demand, part):
        """One request finds all nodes where no provider has it free.

        compute-1 has none, that of compute-2 is held, compute-3 has one.
        """
        for host in HOSTS[1:]:
            parent = uuid_of(host)
            self.placement.add(f'{host}-gpu', ('BIG',), parent, VGPU=1)
        self.placement.hold('web-9', uuid_of('compute-2-gpu'), VGPU=1)
        self.fields = {
            host: {'inventory': {'VCPU': Inventory(4)}} for host in HOSTS
        }
        self.assertEqual(
            (
                Refusal('compute-1', Demand(**part)),
                Refusal('compute-2', Demand(**part)),
            ),
            self.ask('compute-1', **demand),
        )
        asked = [r for r in self.placement.requests if 'VGPU' in r]
        self.assertEqual(2, len(asked))

    def test_class_or_trait_that_does_not_exist(self):
        self.fields = {
            host: {'inventory': {'VCPU': Inventory(4)}} for host in HOSTS
        }
        self.placement.fail(
            '/resource_providers?resources=CUSTOM_X:1', status_code=400
        )
        self.assertEqual(
            {
                Refusal(host, Demand(resources=('CUSTOM_X:1',)))
                for host in HOSTS
            },
            set(self.ask('compute-1', resources=('CUSTOM_X:1',))),
        )
