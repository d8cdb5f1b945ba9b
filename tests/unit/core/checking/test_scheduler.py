# SPDX-License-Identifier: Apache-2.0


"""Each of Nova's questions is asked, and only when there is something."""

import dataclasses

import ddt

from tests.unit import base
from tests.unit.core import builders
from tests.unit.core import plans
from tests.unit.core.builders import a_group
from tests.unit.core.builders import an_aggregate
from watcher_host_maintenance.core.checking import scheduler
from watcher_host_maintenance.core.checking.case import Case
from watcher_host_maintenance.core.model import nova
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Verdict


LIVE, COLD = MoveKind.LIVE, MoveKind.COLD
DISK = 'aggregate_instance_extra_specs:disk'
SSD = {DISK: 'ssd'}
UNSCOPED = {'unscoped_extra_specs': True}
CELLS = {'migration_domain_keys': ('cell',)}
UNPROVED = {'allow_unproved_moves': True}
UNSAID = 'said to be proved, though the host alone can tell'


def a_planned(*moves):
    """A plan of these moves, whatever is wrong with them."""
    node = NodeOutcome(
        'compute-1', Verdict.PLANNED, len(moves), moves=tuple(moves)
    )
    return Outcome(nodes=(node,))


class RulesTestCase(base.TestCase):
    """``web-1`` moves from ``compute-1`` to ``compute-2``."""

    def told(
        self,
        instance=None,
        source=None,
        node=None,
        request=None,
        kind=LIVE,
        unproved=False,
        **others,
    ):
        """What is wrong with that, without the words for who and where.

        :param instance: fields of the instance; of the source, and so on
        :param others: groups and aggregates
        """
        known = builders.a_snapshot(
            [
                builders.a_node('compute-1', **(source or {})),
                builders.a_node('compute-2', **(node or {})),
            ],
            [builders.an_instance(**(instance or {}))],
            **others,
        )
        move = dataclasses.replace(plans.a_move(kind=kind), unproved=unproved)
        found = scheduler.violations(
            Case(known, builders.a_request(**(request or {})), a_planned(move))
        )
        return [text.removeprefix('web-1: to compute-2, ') for text in found]


@ddt.ddt
class TestRecord(RulesTestCase):
    @ddt.named_data(
        # name, in the server's record, of the source, expected
        ('same',      'hv-1', ('hv-1',), []),
        ('renamed',   'hv-1', ('hv-1.example.org',),
         ["its record names 'hv-1', not 'hv-1.example.org'"]),
        ('second',    'hv-2', ('hv-1', 'hv-2'), []),
        ('no_record', '',     ('hv-1',), []),
        ('not_read',  'hv-1', (), []),
    )  # fmt: skip
    @ddt.unpack
    def test_hypervisor_of_the_source(self, name, names, expected):
        self.assertEqual(
            expected,
            self.told({'hypervisor': name}, source={'hypervisors': names}),
        )


@ddt.ddt
class TestHost(RulesTestCase):
    """What is looked at of the node alone."""

    @ddt.named_data(
        # name, pinned zone, the node's, what is wrong
        ('not_pinned', None, 'east', []),
        ('same', 'east', 'east', []),
        ('other', 'east', 'west', ["in zone 'west', pinned to 'east'"]),
        ('unknown', 'east', '', ["in zone '', pinned to 'east'"]),
    )
    @ddt.unpack
    def test_zone(self, pinned, zone, expected):
        self.assertEqual(
            expected, self.told({'pinned_zone': pinned}, node={'zone': zone})
        )

    @ddt.named_data(
        # name, kind, type and version of the source, of the node, expected
        ('same', LIVE, ('QEMU', 8), ('QEMU', 8), []),
        ('newer', LIVE, ('QEMU', 8), ('QEMU', 9), []),
        (
            'older',
            LIVE,
            ('QEMU', 8),
            ('QEMU', 7),
            ['live onto an older hypervisor'],
        ),
        ('older_cold', COLD, ('QEMU', 8), ('QEMU', 7), []),
        (
            'unknown',
            LIVE,
            ('QEMU', 8),
            ('QEMU', 0),
            ['live onto an older hypervisor'],
        ),
        (
            'other_type',
            LIVE,
            ('QEMU', 8),
            ('VMware', 8),
            ["from 'QEMU' to 'VMware'"],
        ),
        ('other_type_cold', COLD, ('QEMU', 8), ('', 8), ["from 'QEMU' to ''"]),
    )
    @ddt.unpack
    def test_hypervisor(self, kind, source, node, expected):
        fields = ('hypervisor_type', 'hypervisor_version')
        self.assertEqual(
            expected,
            self.told(
                source=dict(zip(fields, source, strict=True)),
                node=dict(zip(fields, node, strict=True)),
                kind=kind,
            ),
        )

    @ddt.named_data(
        # name, extra specs, traits of the node, what is wrong
        ('none', {}, ('FAST',), []),
        ('there', {'trait:FAST': 'required'}, ('FAST',), []),
        (
            'not_there',
            {'trait:FAST': 'required'},
            ('FASTER',),
            ['without trait:FAST'],
        ),
        (
            'forbidden',
            {'trait:FAST': 'forbidden'},
            ('FAST', 'SAFE'),
            ['with trait:FAST'],
        ),
        ('forbidden_not_there', {'trait:FAST': 'forbidden'}, ('SAFE',), []),
        ('neither_word', {'trait:FAST': 'liked'}, (), []),
        ('of_a_device', {'trait1:FAST': 'required'}, (), [UNSAID]),
        (
            'implied',
            {'hw:sound_model': 'virtio'},
            (),
            ['without trait:COMPUTE_SOUND_MODEL_VIRTIO'],
        ),
        (
            'implied_and_there',
            {'hw:virtio_packed_ring': 'on'},
            ('COMPUTE_NET_VIRTIO_PACKED',),
            [],
        ),
        (
            'several',
            {'trait:SAFE': 'forbidden', 'trait:FAST': 'required'},
            ('SAFE',),
            ['without trait:FAST', 'with trait:SAFE'],
        ),
    )
    @ddt.unpack
    def test_traits(self, specs, traits, expected):
        self.assertEqual(
            expected,
            self.told({'extra_specs': specs}, node={'traits': traits}),
        )


@ddt.ddt
class TestAggregates(RulesTestCase):
    @ddt.named_data(
        # name, extra specs, aggregates, request, what is wrong
        ('has_it', SSD, [an_aggregate(disk='ssd')], {}, []),
        ('among_many', SSD, [an_aggregate(disk='hdd, ssd')], {}, []),
        (
            'in_another_aggregate',
            SSD,
            [an_aggregate(disk='hdd'), an_aggregate(name='b', disk='ssd')],
            {},
            [],
        ),
        (
            'has_another',
            SSD,
            [an_aggregate(disk='hdd')],
            {},
            [f"{DISK} is to be 'ssd', is ['hdd']"],
        ),
        (
            'has_none',
            SSD,
            [an_aggregate('compute-1', disk='ssd')],
            {},
            [f"{DISK} is to be 'ssd', is []"],
        ),
        ('scoped_off', SSD, [], {'aggregate_extra_specs': False}, []),
        ('unscoped_off', {'disk': 'ssd'}, [], {}, []),
        (
            'unscoped',
            {'disk': 'ssd'},
            [],
            UNSCOPED,
            ["disk is to be 'ssd', is []"],
        ),
        ('other_scope', {'hw:disk': 'ssd'}, [], UNSCOPED, []),
        (
            'key_with_a_colon',
            {f'{DISK}:speed': 'fast'},
            [an_aggregate(**{'disk:speed': 'slow'})],
            {},
            [f"{DISK}:speed is to be 'fast', is ['slow']"],
        ),
        (
            'operator',
            {DISK: '<or> a <or> b'},
            [an_aggregate(disk='b')],
            {},
            [],
        ),
        (
            'not_by_operator',
            {DISK: 's!= b'},
            [an_aggregate(disk='b')],
            {},
            [f"{DISK} is to be 's!= b', is ['b']"],
        ),
    )
    @ddt.unpack
    def test_metadata(self, specs, aggregates, request, expected):
        self.assertEqual(
            expected,
            self.told(
                {'extra_specs': specs}, aggregates=aggregates, request=request
            ),
        )

    @ddt.named_data(
        # name, aggregates, is it switched on, is red refused
        ('none', [], True, False),
        ('its_own', [an_aggregate(filter_tenant_id='red')], True, False),
        ('another', [an_aggregate(filter_tenant_id='blue')], True, True),
        ('another_off', [an_aggregate(filter_tenant_id='blue')], False, False),
        (
            'in_a_list',
            [an_aggregate(filter_tenant_id='blue, red')],
            True,
            False,
        ),
        ('numbered', [an_aggregate(filter_tenant_id7='blue')], True, True),
        (
            'key_of_another_name',
            [an_aggregate(filter_tenant='blue')],
            True,
            False,
        ),
        (
            'of_another_host',
            [an_aggregate('compute-1', filter_tenant_id='blue')],
            True,
            False,
        ),
        (
            'one_of_two',
            [
                an_aggregate(filter_tenant_id='blue'),
                an_aggregate(name='b', filter_tenant_id='red'),
            ],
            True,
            False,
        ),
    )
    @ddt.unpack
    def test_projects(self, aggregates, is_on, refused):
        self.assertEqual(
            ['which is not for project red'] if refused else [],
            self.told(
                {'project_id': 'red'},
                aggregates=aggregates,
                request={'tenant_isolation': is_on},
            ),
        )

    @ddt.named_data(
        # name, instance_type of the aggregates, is the filter on, refused
        ('none',      [],                    True,  False),
        ('its_own',   ['m1.small'],          True,  False),
        ('another',   ['m1.large'],          True,  True),
        ('off',       ['m1.large'],          False, False),
        ('in_a_list', ['m1.large,m1.small'], True,  False),
        ('one_of_two', ['m1.large', 'm1.small'], True, False),
    )  # fmt: skip
    @ddt.unpack
    def test_flavors(self, kept_for, is_on, refused):
        there = [
            an_aggregate(name=f'a-{n}', instance_type=names)
            for n, names in enumerate(kept_for)
        ]
        self.assertEqual(
            ['which is not for flavor m1.small'] if refused else [],
            self.told(
                {'flavor': 'm1.small'},
                aggregates=there,
                request={'type_affinity': is_on},
            ),
        )

    @ddt.named_data(
        # name, cell of the source, of the node, request, is it another
        ('none', None, None, CELLS, False),
        ('same', 'one', 'one', CELLS, False),
        ('same_list', 'one,two', 'two, one', CELLS, False),
        ('other', 'one', 'two', CELLS, True),
        ('only_source', 'one', None, CELLS, True),
        ('only_node', None, 'one', CELLS, True),
        ('not_asked', 'one', 'two', {}, False),
    )
    @ddt.unpack
    def test_domain(self, source, node, request, refused):
        there = [
            an_aggregate(host, name=host, cell=cell)
            for host, cell in (('compute-1', source), ('compute-2', node))
            if cell
        ]
        self.assertEqual(
            ['another cell'] if refused else [],
            self.told(aggregates=there, request=request),
        )


@ddt.ddt
class TestInstance(RulesTestCase):
    @ddt.named_data(
        # name, policy, members elsewhere, is refused
        ('joins', 'affinity', {'compute_2': 1}, False),
        ('parts', 'affinity', {}, True),
        ('joins_nobody', 'affinity', {'compute_3': 1}, True),
        ('soft', 'soft-affinity', {}, False),
        ('apart', 'anti-affinity', {}, False),
    )
    @ddt.unpack
    def test_affinity(self, policy, members, refused):
        groups = [a_group(policy, **members), a_group('affinity', 'web')]
        self.assertEqual(
            ['where no member of affinity group db is'] if refused else [],
            self.told({'group': 'uuid-db'}, groups=groups),
        )
        self.assertEqual([], self.told(groups=groups))

    @ddt.named_data(
        # name, nested, said to be unproved, request, what is wrong
        ('proved', (), False, {}, []),
        ('device', ('VGPU',), True, UNPROVED, []),
        ('device_unsaid', ('VGPU',), False, UNPROVED, [UNSAID]),
        (
            'device_not_allowed',
            ('VGPU',),
            True,
            {},
            ['though nobody allowed moves that are not proved'],
        ),
        (
            'not_allowed',
            (),
            True,
            {},
            ['though nobody allowed moves that are not proved'],
        ),
        ('neither', ('VGPU',), False, {}, [UNSAID]),
    )
    @ddt.unpack
    def test_unproved(self, nested, unproved, request, expected):
        self.assertEqual(
            expected,
            self.told({'nested': nested}, unproved=unproved, request=request),
        )

    @ddt.named_data(
        # name, fields, is it for the host alone to tell
        ('dedicated', {'extra_specs': {'hw:cpu_policy': 'dedicated'}}, True),
        ('shared', {'extra_specs': {'hw:cpu_policy': 'shared'}}, False),
        ('pinned', {'resources': {'PCPU': 1}}, True),
        ('card', {'resources': {'CUSTOM_CARD': 1}}, False),
    )
    @ddt.unpack
    def test_claimed(self, fields, claimed):
        node = {
            'inventory': {
                c: builders.an_inventory() for c in ('PCPU', 'CUSTOM_CARD')
            }
        }
        self.assertEqual(
            [UNSAID] if claimed else [], self.told(fields, node=node)
        )
        self.assertEqual(
            [], self.told(fields, node=node, unproved=True, request=UNPROVED)
        )

    NAMES = (
        *sorted(nova.CLAIMS),
        *nova.CLAIM_PREFIXES,
        *sorted(nova.SWITCHES),
        *nova.CAPABILITIES,
        *sorted(nova.HOST_STATE),
        'hw:cpu_policy',
        'resources',
        'trait',
        'hw:cpu_',
        'group_policy',
        'resources1',
        'trait_X',
        'hw:mem_',
        'hw:',
        'accel',
    )
    TAILS = ('', ':', ':VGPU', '_nodes', '.0', 'x')

    @ddt.named_data(
        # name, power state, kind, is refused
        ('unknown', '', LIVE, False),
        ('running', 'running', LIVE, False),
        ('paused', 'paused', LIVE, False),
        ('off', 'shutdown', LIVE, True),
        ('crashed', 'crashed', LIVE, True),
        ('off_cold', 'shutdown', COLD, False),
    )
    @ddt.unpack
    def test_power(self, power_state, kind, refused):
        self.assertEqual(
            [f'live, with the power state {power_state}'] if refused else [],
            self.told({'power_state': power_state}, kind=kind),
        )


class TestViolations(base.TestCase):
    def test_every_judgement_of_every_move(self):
        instances = [
            builders.an_instance(
                name, pinned_zone='east', power_state='shutdown'
            )
            for name in ('web-1', 'web-2')
        ]
        known = builders.a_snapshot(instances=instances)
        found = scheduler.violations(
            Case(
                known,
                builders.a_request(),
                a_planned(plans.a_move('web-1'), plans.a_move('web-2')),
            )
        )
        self.assertEqual(
            [
                f'{name}: to compute-2, {problem}'
                for name in ('web-1', 'web-2')
                for problem in (
                    "in zone '', pinned to 'east'",
                    'live, with the power state shutdown',
                )
            ],
            list(found),
        )

    def test_what_is_not_known_is_told_elsewhere(self):
        known = builders.a_snapshot(
            instances=[builders.an_instance(pinned_zone='east')]
        )
        found = scheduler.violations(
            Case(
                known,
                builders.a_request(),
                a_planned(
                    plans.a_move('ghost'),
                    plans.a_move(destination='compute-9'),
                    plans.a_move(),
                ),
            )
        )
        self.assertEqual(
            ["web-1: to compute-2, in zone '', pinned to 'east'"], list(found)
        )

    def test_is_a_part_of_the_checker(self):
        plan = plans.a_plan()
        [instance] = plan.known.instances
        pinned = dataclasses.replace(instance, pinned_zone='east')
        self.assertEqual(
            ["web-1: to compute-2, in zone '', pinned to 'east'"],
            plan.but_known(instances=(pinned,)).violations,
        )
