# SPDX-License-Identifier: Apache-2.0


"""Tests of reading Placement: its answers come from requests-mock."""

import ddt

from tests.unit.plugin import base
from tests.unit.plugin import fake_nova
from tests.unit.plugin import fake_placement
from tests.unit.plugin import outages
from tests.unit.plugin.builders import uuid_of
from watcher_host_maintenance.cloud.errors import ANSWER_UNREADABLE
from watcher_host_maintenance.cloud.errors import CALL_FAILED
from watcher_host_maintenance.cloud.errors import CALL_REFUSED
from watcher_host_maintenance.cloud.errors import CREDENTIAL_REFUSED
from watcher_host_maintenance.cloud.errors import NOT_IN_CATALOG
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.placement import Placement
from watcher_host_maintenance.cloud.placement import Provider
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.snapshot import Inventory


class TestCase(base.TestCase):
    """A Placement without Keystone."""

    def setUp(self):
        super().setUp()
        self.mocker = fake_nova.mocker_for(self)
        self.fake = fake_placement.FakePlacement(self.mocker)
        self.rooms = Placement(fake_placement.adapter())

    def finding(self, method, *arguments):
        """Why a read fails."""
        return self.assertRaises(
            NotPlanned, getattr(self.rooms, method), *arguments
        ).finding


@ddt.ddt
class TestProviders(TestCase):
    def test_in_full(self):
        uuid = self.fake.add('compute-1', VCPU=16, CUSTOM_FPGA=2)
        self.fake.hold('web-1', uuid, VCPU=3)
        self.fake.hold('web-2', uuid, VCPU=1, CUSTOM_FPGA=1)
        self.assertEqual(
            {
                uuid: Provider(
                    {'CUSTOM_FPGA': Inventory(2), 'VCPU': Inventory(16)},
                    {'CUSTOM_FPGA': 1, 'VCPU': 4},
                )
            },
            self.rooms.providers([uuid]),
        )

    @ddt.named_data(
        # name, what Placement has, field, value
        ('reserved',  {'reserved': 4},            'reserved', 4),
        ('ratio',     {'allocation_ratio': 1.5},  'allocation_ratio', 1.5),
        ('least',     {'min_unit': 2},            'min_unit', 2),
        ('step',      {'step_size': 8},           'step_size', 8),
        ('most',      {'max_unit': 12},           'max_unit', 12),
        ('no_most',   {'max_unit': 2147483647},   'max_unit', None),
        ('most_most', {'max_unit': 2147483646},   'max_unit', 2147483646),
    )  # fmt: skip
    @ddt.unpack
    def test_inventory(self, fields, name, value):
        uuid = self.fake.add('compute-1')
        self.fake.providers[uuid].inventories['VCPU'] = (
            fake_placement.an_inventory(16, **fields)
        )
        inventory = self.rooms.providers([uuid])[uuid].inventory['VCPU']
        self.assertEqual(16, inventory.total)
        self.assertEqual(value, getattr(inventory, name))

    def test_each_once_and_those_that_exist(self):
        here = self.fake.add('compute-1', VCPU=16)
        gone = uuid_of('compute-2')
        found = self.rooms.providers([here, gone, here])
        self.assertEqual([here], list(found))
        self.assertEqual(
            sorted(
                f'/resource_providers/{uuid}/{kind}'
                for uuid in (here, gone)
                for kind in ('inventories', 'usages')
            ),
            sorted(self.fake.requests),
        )

    def test_gone_between_two_reads(self):
        uuid = self.fake.add('compute-1', VCPU=16)
        self.fake.fail(f'/resource_providers/{uuid}/usages', status_code=404)
        self.assertEqual({}, self.rooms.providers([uuid]))

    def test_none(self):
        self.assertEqual({}, self.rooms.providers([]))
        self.assertEqual([], self.fake.requests)

    def test_more_than_are_asked_at_once(self):
        uuids = [self.fake.add(f'compute-{n}', VCPU=n) for n in range(1, 30)]
        found = self.rooms.providers(uuids)
        self.assertEqual(
            [Inventory(n) for n in range(1, 30)],
            [found[uuid].inventory['VCPU'] for uuid in uuids],
        )


class TestAllocations(TestCase):
    def test_in_full(self):
        here = self.fake.add('compute-1', VCPU=16)
        shared = self.fake.add('storage', DISK_GB=500)
        self.fake.hold('web-1', here, VCPU=2, MEMORY_MB=512)
        self.fake.hold('web-1', shared, DISK_GB=20)
        self.assertEqual(
            {
                uuid_of('web-1'): {
                    here: {'VCPU': 2, 'MEMORY_MB': 512},
                    shared: {'DISK_GB': 20},
                },
                uuid_of('web-2'): {},
            },
            self.rooms.allocations([uuid_of('web-1'), uuid_of('web-2')]),
        )


class TestBelow(TestCase):
    def test_one(self):
        here = self.fake.add('compute-1', VCPU=16)
        gpu = self.fake.add('gpu', parent=here, VGPU=4)
        self.fake.add('compute-2', VCPU=16)
        self.assertEqual({gpu}, self.rooms.below(here))

    def test_none(self):
        here = self.fake.add('compute-1', VCPU=16)
        self.assertEqual(frozenset(), self.rooms.below(here))


@ddt.ddt
class TestConsumers(TestCase):
    def test_of_a_node_and_what_is_below(self):
        here = self.fake.add('compute-1', VCPU=16)
        gpu = self.fake.add('gpu', parent=here, VGPU=4)
        there = self.fake.add('compute-2', VCPU=16)
        self.fake.hold('web-1', here, VCPU=1)
        self.fake.hold('web-1', gpu, VGPU=1)
        self.fake.hold('web-2', gpu, VGPU=1)
        self.fake.hold('web-3', there, VCPU=1)
        expected = {uuid_of('web-1'): here, uuid_of('web-2'): gpu}
        self.assertEqual(expected, self.rooms.consumers(here))
        self.assertEqual(expected, self.rooms.consumers(here, [gpu]))

    def test_none(self):
        here = self.fake.add('compute-1', VCPU=16)
        self.assertEqual({}, self.rooms.consumers(here))

    @ddt.named_data(
        # name, answer, reason
        ('away',     {'status_code': 503}, CALL_FAILED),
        ('nonsense', {'json': {'x': {}}},  ANSWER_UNREADABLE),
        ('a_list',   {'json': []},         ANSWER_UNREADABLE),
    )  # fmt: skip
    @ddt.unpack
    def test_fault(self, answer, reason):
        here = self.fake.add('compute-1', VCPU=16)
        path = f'/resource_providers/{here}/allocations'
        self.fake.fail(path, **answer)
        finding = self.finding('consumers', here)
        self.assertEqual(
            (reason, f'GET {path}'), (finding.reason, finding.facts['call'])
        )


class TestTraits(TestCase):
    def setUp(self):
        super().setUp()
        self.one, self.two, _plain = (
            self.fake.add('compute-1', ['HW_CPU_X86_AVX2', 'CUSTOM_GOLD']),
            self.fake.add('compute-2', ['HW_CPU_X86_AVX2']),
            self.fake.add('compute-3'),
        )

    def test_who_has_which(self):
        self.assertEqual(
            {
                'CUSTOM_GOLD': ({self.one}, set()),
                'HW_CPU_X86_AVX2': ({self.one, self.two}, set()),
            },
            self.rooms.with_traits(['HW_CPU_X86_AVX2', 'CUSTOM_GOLD']),
        )

    def test_of_a_device_below(self):
        gpu = self.fake.add('gpu', ['CUSTOM_GOLD'], parent=self.two, VGPU=4)
        self.assertEqual(
            {'CUSTOM_GOLD': ({self.one, gpu}, {self.two})},
            self.rooms.with_traits(['CUSTOM_GOLD']),
        )

    def test_one_that_placement_does_not_know(self):
        # Asked for providers with it, Placement would answer 400.
        self.assertEqual(
            {'CUSTOM_NONE': (frozenset(), frozenset())},
            self.rooms.with_traits(['CUSTOM_NONE']),
        )
        self.assertEqual(['/traits?name=in:CUSTOM_NONE'], self.fake.requests)

    def test_requests(self):
        self.rooms.with_traits(['HW_CPU_X86_AVX2', 'CUSTOM_GOLD'])
        self.assertEqual(
            [
                '/resource_providers?required=CUSTOM_GOLD',
                '/resource_providers?required=HW_CPU_X86_AVX2',
                '/traits?name=in:CUSTOM_GOLD,HW_CPU_X86_AVX2',
            ],
            sorted(self.fake.requests),
        )

    def test_none(self):
        self.assertEqual({}, self.rooms.with_traits([]))
        self.assertEqual([], self.fake.requests)


@ddt.ddt
class TestRoom(TestCase):
    @ddt.named_data(
        # name, amount, fits
        ('just', 3, True),
        ('past', 4, False),
    )
    @ddt.unpack
    def test_amount(self, amount, fits):
        uuid = self.fake.add('compute-1', VGPU=4)
        self.fake.add('compute-2', VCPU=16)
        self.fake.hold('web-1', uuid, VGPU=1)
        self.assertEqual(
            {uuid} if fits else set(), self.rooms.with_room('VGPU', amount)
        )


UUID = uuid_of('compute-1')
TRAITS = '/traits?name=in:CUSTOM_GOLD'
GOLD = '/resource_providers?required=CUSTOM_GOLD'

READS = (
    # method, argument, path
    ('providers', [UUID], f'/resource_providers/{UUID}/inventories'),
    ('providers', [UUID], f'/resource_providers/{UUID}/usages'),
    ('allocations', [UUID], f'/allocations/{UUID}'),
    ('below', UUID, f'/resource_providers?in_tree={UUID}'),
    ('with_traits', ['CUSTOM_GOLD'], TRAITS),
    ('with_traits', ['CUSTOM_GOLD'], GOLD),
)


@ddt.ddt
class TestFaults(TestCase):
    def failing(self, **answer):
        """Have each read fail in turn; return path and finding."""
        for method, argument, path in READS:
            self.fake = fake_placement.FakePlacement(self.mocker)
            uuid = self.fake.add('compute-1', ['CUSTOM_GOLD'], VCPU=16)
            self.fake.providers[uuid].aggregates = ('rack',)
            self.fake.fail(path, **answer)
            yield path, self.finding(method, argument)

    @ddt.named_data(*outages.FAULTS)
    @ddt.unpack
    def test_names_the_call(self, answer, told):
        for path, finding in self.failing(**answer):
            self.assertIs(CALL_FAILED, finding.reason)
            self.assertEqual(f'GET {path}', finding.facts['call'])
            self.assertIn(told, finding.facts['error'])
            self.assertEqual(1, len(finding.facts['error'].splitlines()))

    @ddt.named_data(
        *outages.NONSENSE,
        # name, answer
        (
            'a_field_less',
            {
                'json': {
                    'inventories': {'VCPU': {'total': 1}},
                    'usages': [],
                    'allocations': {UUID: {}},
                    'traits': None,
                    'resource_providers': [{}],
                    'aggregates': None,
                }
            },
        ),
        (
            'no_text',
            {
                'json': {
                    'inventories': {'VCPU': None},
                    'usages': {'VCPU': None},
                    'allocations': {UUID: {'resources': {'VCPU': None}}},
                    'traits': [None],
                    'resource_providers': [
                        {'uuid': None, 'root_provider_uuid': None}
                    ],
                    'aggregates': [None],
                }
            },
        ),
    )
    def test_is_not_understood(self, answer):
        for path, finding in self.failing(**answer):
            self.assertIs(ANSWER_UNREADABLE, finding.reason)
            self.assertEqual(f'GET {path}', finding.facts['call'])
            self.assertEqual(1, len(finding.facts['error'].splitlines()))

    @ddt.named_data(
        # name, field of an inventory, value, what is wrong
        ('reserved', 'reserved', 17,
         'must be 0 to total, which is 16'),
        ('negative', 'total', -1, 'must be at least 0, not -1'),
        ('text',     'total', '16', 'expected an integer, got "16"'),
        ('null',     'step_size', None, 'expected an integer, got null'),
    )  # fmt: skip
    @ddt.unpack
    def test_inventory_that_cannot_be(self, field, value, said):
        uuid = self.fake.add('compute-1', VCPU=16)
        self.fake.providers[uuid].inventories['VCPU'][field] = value
        finding = self.finding('providers', [uuid])
        self.assertEqual(
            Finding(
                ANSWER_UNREADABLE,
                facts={
                    'service': 'Placement',
                    'call': f'GET /resource_providers/{uuid}/inventories',
                    'error': f'inventories.VCPU.{field}: {said}',
                },
            ),
            finding,
        )

    @ddt.named_data(
        # name, method, path, answer, what is wrong
        ('usage', 'providers', f'/resource_providers/{UUID}/usages',
         {'usages': {'VCPU': -1}}, 'usages.VCPU: is -1, less than 0'),
        ('usage_text', 'providers', f'/resource_providers/{UUID}/usages',
         {'usages': {'VCPU': '1'}},
         'usages.VCPU: expected an integer, got "1"'),
        ('held', 'allocations', f'/allocations/{UUID}',
         {'allocations': {UUID: {'resources': {'VCPU': 0}}}},
         'resources.VCPU: is 0, less than 1'),
        ('held_null', 'allocations', f'/allocations/{UUID}',
         {'allocations': {UUID: {'resources': None}}},
         'resources: expected an object, got null'),
    )  # fmt: skip
    @ddt.unpack
    def test_amounts_that_cannot_be(self, method, path, answer, said):
        self.fake.add('compute-1', VCPU=16)
        self.fake.fail(path, json=answer)
        finding = self.finding(method, [UUID])
        self.assertIs(ANSWER_UNREADABLE, finding.reason)
        self.assertEqual(
            (f'GET {path}', said),
            (finding.facts['call'], finding.facts['error']),
        )

    def test_summary_that_cannot_be(self):
        path = '/allocation_candidates?resources=MEMORY_MB:1'
        resources = {'VCPU': {'capacity': 16, 'used': -1}}
        self.fake.fail(
            path,
            json={'provider_summaries': {UUID: {'resources': resources}}},
        )
        error = self.assertRaises(NotPlanned, self.rooms.summaries)
        self.assertEqual(
            (f'GET {path}', 'used: is -1, less than 0'),
            (
                error.finding.facts['call'],
                error.finding.facts['error'],
            ),
        )

    @ddt.unpack
    @ddt.data((401, CREDENTIAL_REFUSED), (403, CALL_REFUSED))
    def test_refused(self, status, reason):
        for path, finding in self.failing(status_code=status):
            self.assertIs(reason, finding.reason)
            self.assertEqual(
                ('Placement', f'GET {path}'),
                (finding.facts['service'], finding.facts['call']),
            )
            self.assertIn(f'HTTP {status}', finding.facts['error'])

    def test_of_room(self):
        self.fake.fail('/resource_providers?resources=VGPU:1')
        finding = self.finding('with_room', 'VGPU', 1)
        self.assertIs(CALL_FAILED, finding.reason)
        self.assertEqual(
            'GET /resource_providers?resources=VGPU:1', finding.facts['call']
        )

    def test_only_a_provider_may_be_missing(self):
        self.fake.fail(f'/allocations/{UUID}', status_code=404)
        finding = self.finding('allocations', [UUID])
        self.assertIs(CALL_FAILED, finding.reason)

    def test_nowhere_to_ask(self):
        self.rooms = Placement(fake_placement.adapter(None))
        finding = self.finding('below', UUID)
        self.assertIs(NOT_IN_CATALOG, finding.reason)
        self.assertIn('endpoint', finding.facts['error'])
