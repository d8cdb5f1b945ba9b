# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_request
from tests.unit.core.builders import a_spare
from tests.unit.core.builders import an_instance
from tests.unit.core.builders import an_inventory
from tests.unit.core.drains import C1
from tests.unit.core.drains import C2
from tests.unit.core.drains import LEAVE
from tests.unit.core.drains import marked
from tests.unit.core.drains import plan
from tests.unit.core.drains import remedies
from tests.unit.core.drains import said
from tests.unit.core.drains import servers
from tests.unit.core.drains import told
from tests.unit.core.drains import verdicts
from tests.unit.core.drains import where
from watcher_host_maintenance.core.model.plan import Method


@ddt.ddt
class TestMethod1(base.TestCase):
    @ddt.named_data(
        # name, VCPUs of s-1, of s-2, expected spare
        ('only_first',   4,  3,  's-1'),
        ('only_second',  3,  4,  's-2'),
        ('tighter_one',  16, 8,  's-2'),
        ('same_size',    8,  8,  's-1'),
    )  # fmt: skip
    @ddt.unpack
    def test_which_spare(self, first, second, expected):
        outcome = plan(
            [
                C1,
                C2,
                a_spare('s-1', vcpus=first),
                a_spare('s-2', vcpus=second),
            ],
            servers(2, 2),
        )
        self.assertEqual(
            {'web-1': f'live {expected}', 'web-2': f'live {expected}'},
            where(outcome),
        )
        self.assertEqual((expected,), outcome.enables)
        self.assertEqual(('compute-1',), outcome.disables)
        self.assertIs(Method.UNUSED_HOST, outcome.nodes[0].method)

    @ddt.named_data(
        # name, fields of the spare
        ('too_small', {'vcpus': 3}),
        ('foreign', {'disabled_reason': 'broken fan'}),
        ('none_given', {'disabled_reason': ''}),
        ('marked', {'disabled_reason': 'watcher_maintaining: fan'}),
        ('one_server', {'instance_count': 1}),
        ('down', {'state': 'down'}),
        ('out_of_scope', {'in_scope': False}),
        ('bare_metal', {'hypervisor_type': 'ironic'}),
    )
    @ddt.unpack
    def test_spread_instead(self, fields):
        outcome = plan([C1, C2, a_spare(**fields)], servers(2, 2))
        self.assertEqual(
            {'web-1': 'live compute-2', 'web-2': 'live compute-2'},
            where(outcome),
        )
        self.assertEqual((), outcome.enables)
        self.assertIs(Method.SPREAD, outcome.nodes[0].method)

    @ddt.named_data(
        # name, marking reasons, unused reasons, expected destination
        ('unused', ('fix',), ('idle',), 'spare-1'),
        ('marked_too', ('idle',), ('idle',), 'compute-2'),
        ('prefix_is_not_enough', ('fix',), ('idl',), 'compute-2'),
    )
    @ddt.unpack
    def test_reasons_of_the_site(self, marking, unused, expected):
        outcome = plan(
            [C1, C2, a_spare(disabled_reason='idle')],
            servers(2),
            a_request(marking_reasons=marking, unused_reasons=unused),
        )
        self.assertEqual({'web-1': f'live {expected}'}, where(outcome))

    @ddt.named_data(
        # name, what the spare lacks
        ('disk', {'disk_gb': 19}),
        ('ram', {'memory_mb': 2047}),
        ('vcpu', {'vcpus': 1}),
        ('for_one', {'inventory': {'VCPU': an_inventory(2, max_unit=1)}}),
    )
    @ddt.unpack
    def test_lacks_one_class(self, fields):
        instance = an_instance(vcpus=2, memory_mb=2048, disk_gb=20)
        outcome = plan([C1, a_spare(**fields)], [instance])
        self.assertEqual({'compute-1': 'refused'}, verdicts(outcome))


@ddt.ddt
class TestMethod2(base.TestCase):
    def test_fullest_ends_lowest(self):
        outcome = plan(
            [C1, a_node('a', used={'VCPU': 8}), a_node('b')], servers(4, 4, 4)
        )
        self.assertEqual(
            {'web-1': 'live a', 'web-2': 'live b', 'web-3': 'live b'},
            where(outcome),
        )
        self.assertEqual((), outcome.enables)

    def test_tie_by_hostname(self):
        outcome = plan([C1, a_node('b'), a_node('a')], servers(1))
        self.assertEqual({'web-1': 'live a'}, where(outcome))

    @ddt.named_data(
        # name, fields of compute-2, expected to fit
        ('exactly', {'vcpus': 4, 'memory_mb': 4096, 'disk_gb': 40}, None),
        (
            'disk_only',
            {'disk_gb': 39},
            'no_room compute-2 free=39 resource_class=DISK_GB wanted=40',
        ),
        (
            'ram_only',
            {'memory_mb': 4095},
            'no_room compute-2 free=4095 resource_class=MEMORY_MB wanted=4096',
        ),
        (
            'vcpu_only',
            {'vcpus': 3},
            'no_room compute-2 free=3 resource_class=VCPU wanted=4',
        ),
        (
            'reserved',
            {'inventory': {'VCPU': an_inventory(4, reserved=1)}},
            'no_room compute-2 free=3 resource_class=VCPU wanted=4',
        ),
        (
            'overcommitted',
            {'inventory': {'VCPU': an_inventory(2, ratio=2.0)}},
            None,
        ),
        (
            'used',
            {'used': {'DISK_GB': 361}},
            'no_room compute-2 free=39 resource_class=DISK_GB wanted=40',
        ),
        (
            'for_one',
            {'inventory': {'VCPU': an_inventory(16, max_unit=3)}},
            'over_max_unit compute-2 max_unit=3 resource_class=VCPU wanted=4',
        ),
        (
            'for_one_exactly',
            {'inventory': {'VCPU': an_inventory(16, max_unit=4)}},
            None,
        ),
    )
    @ddt.unpack
    def test_limits(self, fields, objection):
        instance = an_instance('db', vcpus=4, memory_mb=4096, disk_gb=40)
        outcome = plan([C1, a_node(**fields)], [instance])
        if objection is None:
            self.assertEqual({'db': 'live compute-2'}, where(outcome))
            return
        self.assertEqual(
            ['no_destination db destinations=1', objection],
            told(outcome),
        )
        self.assertEqual(
            ((), (), True), (outcome.moves, outcome.disables, outcome.failed)
        )

    def test_booted_from_volume_on_a_full_disk(self):
        instances = [
            an_instance('volume', disk_gb=0),
            an_instance('local', disk_gb=1),
        ]
        outcome = plan(
            [C1, a_node(disk_gb=100, used={'DISK_GB': 101})],
            instances,
            a_request(**LEAVE),
        )
        self.assertEqual({'volume': 'live compute-2'}, where(outcome))
        self.assertEqual(
            [
                'no_destination local destinations=1',
                'no_room compute-2 free=-1 resource_class=DISK_GB wanted=1',
            ],
            told(outcome),
        )

    @ddt.named_data(
        # name, headroom, used on compute-2, expected to fit
        ('on_the_limit', 25.0, {'VCPU': 10}, True),
        ('past_it', 25.0, {'VCPU': 11}, False),
        ('beyond_before', 25.0, {'DISK_GB': 301}, False),
        ('full_elsewhere', 25.0, {'DISK_GB': 290}, True),
        ('overcommitted_without', 0.0, {'DISK_GB': 500}, False),
    )
    @ddt.unpack
    def test_headroom(self, headroom, used, fits):
        outcome = plan(
            [C1, a_node(used=used)],
            servers(2),
            a_request(headroom_percent=headroom),
        )
        self.assertEqual(not fits, outcome.failed)

    @ddt.named_data(
        # name, fields of compute-2, expected
        (
            'marked',
            {'status': 'disabled', 'disabled_reason': 'watcher_maintaining'},
            ['marked compute-2 disabled_reason=watcher_maintaining'],
        ),
        (
            'disabled',
            {'status': 'disabled', 'disabled_reason': 'bad fan'},
            ['disabled compute-2 disabled_reason=bad fan'],
        ),
        ('down', {'state': 'down'}, ['down compute-2']),
        (
            'out_of_scope',
            {'in_scope': False},
            ['out_of_scope compute-2'],
        ),
        (
            'bare_metal',
            {'hypervisor_type': 'ironic'},
            ['bare_metal compute-2'],
        ),
    )
    @ddt.unpack
    def test_never_used(self, fields, expected):
        outcome = plan([C1, a_node(**fields)], servers(1))
        self.assertEqual(
            [
                'no_candidate',
                'no_candidate web-1',
            ],
            told(outcome),
        )
        self.assertEqual(expected, said(outcome.not_destinations))
        self.assertIs(True, outcome.failed)


@ddt.ddt
class TestBackup(base.TestCase):
    @ddt.named_data(
        # name, backup, expected enables
        ('enabled', a_node('backup'), []),
        ('spare', a_spare('backup'), ['backup']),
        (
            'spare_with_servers',
            a_spare('backup', instance_count=1),
            ['backup'],
        ),
    )
    @ddt.unpack
    def test_takes_everything(self, backup, enables):
        outcome = plan(
            [C1, C2, a_spare('spare'), backup],
            servers(1, 1),
            a_request(backup_node='backup'),
        )
        self.assertEqual(
            {'web-1': 'live backup', 'web-2': 'live backup'}, where(outcome)
        )
        self.assertEqual(enables, list(outcome.enables))
        self.assertIs(Method.BACKUP, outcome.nodes[0].method)

    def test_spare_is_not_enabled_for_nothing(self):
        outcome = plan(
            [C1, a_spare('backup')], [], a_request(backup_node='backup')
        )
        self.assertEqual((), outcome.enables)

    def test_too_small(self):
        outcome = plan(
            [C1, C2, a_spare('spare'), a_node('backup', vcpus=3)],
            servers(2, 2),
            a_request(backup_node='backup'),
        )
        self.assertEqual(
            [
                'sum_too_large destinations=1 free=3 hosts=backup instances=2 '
                'resource_class=VCPU wanted=4',
                'no_room_beside_others web-2 destinations=1 others=1',
                'no_room backup free=1 resource_class=VCPU wanted=2',
            ],
            told(outcome),
        )
        # Nothing is said of other nodes, which are not asked for.
        self.assertEqual(
            [
                'leave_some count=1 names=web-2',
                'add_room backup amount=1 resource_class=VCPU',
            ],
            remedies(outcome),
        )
        self.assertEqual((), outcome.not_destinations)
        self.assertIs(True, outcome.failed)

    def test_fits_on_the_backup_alone_or_not_at_all(self):
        outcome = plan(
            [C1, C2, a_node('backup', vcpus=3)],
            servers(4),
            a_request(backup_node='backup'),
        )
        self.assertEqual(
            [
                'no_destination web-1 destinations=1',
                'no_room backup free=3 resource_class=VCPU wanted=4',
            ],
            told(outcome),
        )

    def test_takes_what_it_can(self):
        outcome = plan(
            [C1, C2, a_spare('backup', vcpus=3)],
            servers(2, 2),
            a_request(backup_node='backup', **LEAVE),
        )
        self.assertEqual({'web-1': 'live backup'}, where(outcome))
        self.assertEqual(('backup',), outcome.enables)
        self.assertEqual((), outcome.not_destinations)

    @ddt.named_data(
        # name, backup node, expected
        ('unknown', 'compute-9', 'unknown_node compute-9'),
        (
            'itself',
            'compute-1',
            'backup_is_maintained compute-1',
        ),
        (
            'foreign',
            'broken',
            'backup_disabled broken disabled_reason=bad fan',
        ),
        (
            'marked',
            'marked',
            'backup_marked marked disabled_reason=watcher_maintaining',
        ),
        ('down', 'down', 'backup_down down'),
    )
    @ddt.unpack
    def test_refused(self, backup, expected):
        outcome = plan(
            [
                C1,
                C2,
                marked('marked'),
                a_node('down', state='down'),
                a_node('broken', status='disabled', disabled_reason='bad fan'),
            ],
            servers(1),
            a_request(backup_node=backup),
        )
        self.assertEqual([expected], said(outcome.findings))
        self.assertEqual((), outcome.nodes)
