# SPDX-License-Identifier: Apache-2.0

from unittest import mock

import ddt

from tests.unit import base
from tests.unit.core.builders import a_group
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_request
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import a_spare
from tests.unit.core.builders import an_instance
from tests.unit.core.builders import an_inventory
from tests.unit.core.builders import destinations_of
from tests.unit.core.drains import servers
from tests.unit.core.findings import written
from watcher_host_maintenance.core.advice import unplaced as explain
from watcher_host_maintenance.core.advice.unplaced import NO_CANDIDATE
from watcher_host_maintenance.core.advice.unplaced import NO_DESTINATION
from watcher_host_maintenance.core.advice.unplaced import NO_FIT_FOUND
from watcher_host_maintenance.core.advice.unplaced import NO_ROOM_BESIDE_OTHERS
from watcher_host_maintenance.core.advice.unplaced import SUM_TOO_LARGE
from watcher_host_maintenance.core.model.plan import Method
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.plan import Stay
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.packing.result import Kind
from watcher_host_maintenance.core.packing.result import Proof
from watcher_host_maintenance.core.packing.result import Status
from watcher_host_maintenance.core.planning.destinations import Destinations
from watcher_host_maintenance.core.planning.methods import MethodChoice
from watcher_host_maintenance.core.planning.placing import Assignment
from watcher_host_maintenance.core.rules.rule import Leaver


MAINTAINED = frozenset({'compute-1'})


def a_spread(offered):
    return MethodChoice(Method.SPREAD, offered.enabled)


def a_stay(reason=NO_ROOM_BESIDE_OTHERS):
    return Stay(
        instance_uuid='uuid-web-1',
        instance_name='web-1',
        host='compute-1',
        as_asked=False,
        findings=(Finding(reason, 'web-1'),),
    )


def said(findings):
    return [written(f) for f in findings]


@ddt.ddt
class TestUnplaced(base.TestCase):
    def unplaced(self, instances, offered, where=None):
        return explain.unplaced(
            instances,
            offered,
            a_spread(offered),
            Assignment(where or {}, Status.IMPOSSIBLE),
        )

    def test_found_is_not_said_where_it_is_not_known(self):
        offered = destinations_of(a_node('a', vcpus=3))
        [_first, stay] = explain.unplaced(
            servers(2, 2, 2),
            offered,
            a_spread(offered),
            Assignment({servers(2)[0].uuid: 'a'}, Status.UNDECIDED, more=2),
        )
        self.assertEqual(
            'no_place_found web-3 destinations=1 more=2 others=1',
            written(stay.findings[0]),
        )

    def test_everything_has_a_place(self):
        self.assertEqual(
            (),
            self.unplaced(
                servers(1),
                destinations_of(a_node()),
                {'uuid-web-1': 'compute-2'},
            ),
        )

    def test_fits_nowhere(self):
        [stay] = self.unplaced(
            servers(17, disk_gb=401), destinations_of(a_node('b'), a_node('a'))
        )
        self.assertEqual(
            ('uuid-web-1', 'web-1', 'compute-1', False),
            (stay.instance_uuid, stay.instance_name, stay.host, stay.as_asked),
        )
        self.assertEqual(
            [
                'no_destination web-1 destinations=2',
                'no_room a free=400 resource_class=DISK_GB wanted=401',
                'no_room a free=16 resource_class=VCPU wanted=17',
                'no_room b free=400 resource_class=DISK_GB wanted=401',
                'no_room b free=16 resource_class=VCPU wanted=17',
            ],
            said(stay.findings),
        )
        self.assertEqual({'destinations': 2}, stay.findings[0].facts)

    def test_alike(self):
        """Servers that look alike are judged once, each by its own name."""
        offered = destinations_of(a_node('a'))
        judge = mock.patch.object(
            offered.judge, 'objections', wraps=offered.judge.objections
        )
        with judge as objections:
            stays = self.unplaced(servers(17, 18, 17), offered)
        self.assertEqual(2, objections.call_count)
        self.assertEqual(
            [
                [
                    f'no_destination web-{n} destinations=1',
                    f'no_room a free=16 resource_class=VCPU wanted={vcpus}',
                ]
                for n, vcpus in ((1, 17), (2, 18), (3, 17))
            ],
            [said(stay.findings) for stay in stays],
        )

    def test_no_destination_at_all(self):
        [stay] = self.unplaced(servers(1), destinations_of())
        self.assertEqual((Finding(NO_CANDIDATE, 'web-1'),), stay.findings)

    def test_no_room_beside_others(self):
        offered = destinations_of(a_node('a', vcpus=3), a_node('b', vcpus=2))
        stays = self.unplaced(
            servers(2, 2, 2), offered, {'uuid-web-2': 'a', 'uuid-web-1': 'b'}
        )
        [stay] = stays
        self.assertEqual(
            [
                'no_room_beside_others web-3 destinations=2 others=2',
                'no_room a free=1 resource_class=VCPU wanted=2',
                'no_room b free=0 resource_class=VCPU wanted=2',
            ],
            said(stay.findings),
        )
        self.assertEqual(
            {'destinations': 2, 'others': 2}, stay.findings[0].facts
        )
        self.assertEqual([3, 2], [b.free('VCPU') for b in offered.bins('ab')])

    def test_fits_on_the_node_of_another_method(self):
        offered = destinations_of(a_spare(vcpus=4), a_node('a', vcpus=1))
        [stay] = self.unplaced(servers(2), offered)
        self.assertEqual(
            [
                'no_room_beside_others web-1 destinations=1 others=0',
                'no_room a free=1 resource_class=VCPU wanted=2',
            ],
            said(stay.findings),
        )

    def test_node_that_lacks_nothing_is_not_told(self):
        offered = destinations_of(a_node('a', vcpus=2), a_node('b', vcpus=1))
        [stay] = self.unplaced(servers(2), offered)
        self.assertEqual(
            [
                'no_room_beside_others web-1 destinations=2 others=0',
                'no_room b free=1 resource_class=VCPU wanted=2',
            ],
            said(stay.findings),
        )

    def test_fits_on_no_node_of_any_method(self):
        offered = destinations_of(a_spare(vcpus=4), a_node('a', vcpus=1))
        [stay] = self.unplaced(servers(5), offered)
        self.assertEqual(
            [
                'no_destination web-1 destinations=2',
                'no_room spare-1 free=4 resource_class=VCPU wanted=5',
                'no_room a free=1 resource_class=VCPU wanted=5',
            ],
            said(stay.findings),
        )

    @ddt.named_data(
        # name, fields of a, fields of b, expected order
        ('by_name',           {},                 {},            'ab'),
        ('smaller_shortage',  {'vcpus': 1},       {'vcpus': 2},  'ba'),
        ('fewer_objections',  {'vcpus': 3, 'disk_gb': 9}, {'vcpus': 1},
         'baa'),
        # A tenth of 100 GB weighs less than half of 4 VCPU.
        ('by_share',          {'vcpus': 2}, {'vcpus': 4, 'disk_gb': 90},
         'ba'),
    )  # fmt: skip
    @ddt.unpack
    def test_nearest_first(self, first, second, expected):
        nodes = [
            a_node(hostname, **{'vcpus': 3, 'disk_gb': 100, **fields})
            for hostname, fields in (('a', first), ('b', second))
        ]
        [stay] = self.unplaced(
            servers(4, disk_gb=100), destinations_of(*nodes)
        )
        self.assertEqual(
            expected, ''.join(f.subject for f in stay.findings[1:])
        )

    def test_a_limit_for_one_is_far_from_enough(self):
        nodes = [
            a_node('a', inventory={'VCPU': an_inventory(9, max_unit=3)}),
            a_node('b', vcpus=1),
        ]
        [stay] = self.unplaced(servers(4), destinations_of(*nodes))
        self.assertEqual(
            [
                'no_room b free=1 resource_class=VCPU wanted=4',
                'over_max_unit a max_unit=3 resource_class=VCPU wanted=4',
            ],
            said(stay.findings[1:]),
        )

    def test_only_the_nearest_are_told(self):
        nodes = [a_node(f'compute-{n}', vcpus=n) for n in range(2, 24)]
        [stay] = self.unplaced(servers(24), destinations_of(*nodes))
        self.assertEqual(
            [f'compute-{n}' for n in range(23, 3, -1)],
            [f.subject for f in stay.findings[1:]],
        )
        self.assertEqual({'destinations': 22}, stay.findings[0].facts)


@ddt.ddt
class TestUnplacedByRules(base.TestCase):
    """What rules and groups say, beside what room says."""

    def told(self, instances, nodes, where=None, groups=()):
        known = a_snapshot([a_node('compute-1'), *nodes], instances, groups)
        leavers = [Leaver(i, MoveKind.LIVE) for i in instances]
        offered = Destinations.of(known, a_request(), MAINTAINED, leavers)
        stays = explain.unplaced(
            instances,
            offered,
            a_spread(offered),
            Assignment(where or {}, Status.IMPOSSIBLE),
        )
        return [said(stay.findings) for stay in stays]

    def test_room_is_nearer_than_a_rule(self):
        # However much room is missing: a rule is not cured by any.
        self.assertEqual(
            [
                [
                    'no_destination web-1 destinations=3',
                    'no_room b free=0 resource_class=VCPU wanted=9',
                    'other_zone a pinned=east zone=west',
                    'other_zone c pinned=east zone=west',
                    'no_room c free=8 resource_class=VCPU wanted=9',
                ]
            ],
            self.told(
                servers(9, pinned_zone='east'),
                [
                    a_node('a', zone='west'),
                    a_node('b', zone='east', vcpus=0),
                    a_node('c', zone='west', vcpus=8),
                ],
            ),
        )

    def test_group_that_the_plan_itself_fills(self):
        groups = [a_group(compute_3=1)]
        self.assertEqual(
            [
                [
                    'no_room_beside_others web-2 destinations=2 others=1',
                    'group_full compute-2 group=db members=2 most=1',
                    'group_full compute-3 group=db members=2 most=1',
                ]
            ],
            self.told(
                servers(1, 1, group='uuid-db'),
                [a_node(), a_node('compute-3')],
                {'uuid-web-1': 'compute-2'},
                groups,
            ),
        )

    def test_group_that_is_full_before(self):
        self.assertEqual(
            [
                [
                    'no_destination web-1 destinations=1',
                    'group_full compute-2 group=db members=3 most=2',
                ]
            ],
            self.told(
                servers(1, group='uuid-db'),
                [a_node()],
                groups=[a_group(most=2, compute_2=2)],
            ),
        )


@ddt.ddt
class TestTogether(base.TestCase):
    def together(
        self, instances, offered, stays=None, status=Status.IMPOSSIBLE
    ):
        stays = [a_stay()] if stays is None else stays
        proof = Proof(Kind.COUNT) if status is Status.IMPOSSIBLE else None
        found = explain.together(
            instances,
            offered,
            a_spread(offered),
            stays,
            Assignment({}, status, proof),
        )
        return said(found)

    def test_no_candidate(self):
        self.assertEqual(
            ['no_candidate'],
            self.together(servers(1), destinations_of(a_spare())),
        )

    @ddt.named_data(
        # name, VCPUs of the nodes, VCPUs wanted, expected
        (
            'one_node',
            [3],
            [2, 2],
            [
                'sum_too_large destinations=1 free=3 hosts=n-1 instances=2 '
                'resource_class=VCPU wanted=4'
            ],
        ),
        (
            'two_nodes',
            [2, 1],
            [2, 2],
            [
                'sum_too_large destinations=2 free=3 hosts= instances=2 '
                'resource_class=VCPU wanted=4'
            ],
        ),
        (
            'just_so',
            [3, 3],
            [2, 2, 2],
            ['no_fit_together destinations=2 instances=3 proof=count'],
        ),
        ('just_so_on_one', [4], [2, 2], []),
        ('one_instance', [1], [2], []),
    )
    @ddt.unpack
    def test_sums(self, left, wanted, expected):
        nodes = [a_node(f'n-{n}', vcpus=v) for n, v in enumerate(left, 1)]
        self.assertEqual(
            expected, self.together(servers(*wanted), destinations_of(*nodes))
        )

    def test_facts_of_a_sum(self):
        offered = destinations_of(a_node('a', vcpus=3))
        self.assertEqual(
            (
                Finding(
                    SUM_TOO_LARGE,
                    '',
                    {
                        'hosts': ('a',),
                        'instances': 2,
                        'resource_class': 'VCPU',
                        'wanted': 4,
                        'free': 3.0,
                        'destinations': 1,
                    },
                ),
            ),
            explain.together(
                servers(2, 2),
                offered,
                a_spread(offered),
                [a_stay()],
                Assignment({}, Status.IMPOSSIBLE),
            ),
        )

    def test_scarcest_first(self):
        instances = servers(4, 4, memory_mb=100, disk_gb=20)
        nodes = [
            a_node('a', vcpus=7, memory_mb=100, disk_gb=39),
            a_node('b', vcpus=0, memory_mb=50, disk_gb=0),
        ]
        self.assertEqual(
            [
                'sum_too_large destinations=2 free=150 hosts= instances=2 '
                'resource_class=MEMORY_MB wanted=200',
                'sum_too_large destinations=2 free=7 hosts= instances=2 '
                'resource_class=VCPU wanted=8',
                'sum_too_large destinations=2 free=39 hosts= instances=2 '
                'resource_class=DISK_GB wanted=40',
            ],
            self.together(instances, destinations_of(*nodes)),
        )

    def test_scarcest_tie_by_class(self):
        instances = servers(5, 5, memory_mb=50, disk_gb=5)
        nodes = [a_node('a', vcpus=9, memory_mb=90, disk_gb=9)]
        self.assertEqual(
            [
                'sum_too_large destinations=1 free=9 hosts=a instances=2 '
                'resource_class=DISK_GB wanted=10',
                'sum_too_large destinations=1 free=90 hosts=a instances=2 '
                'resource_class=MEMORY_MB wanted=100',
                'sum_too_large destinations=1 free=9 hosts=a instances=2 '
                'resource_class=VCPU wanted=10',
            ],
            self.together(instances, destinations_of(*nodes)),
        )

    def test_overcommitted_takes_nothing_from_the_others(self):
        nodes = [a_node('a', vcpus=3), a_node('b', used={'VCPU': 19})]
        self.assertEqual(
            [
                'sum_too_large destinations=2 free=3 hosts= instances=2 '
                'resource_class=VCPU wanted=4'
            ],
            self.together(servers(2, 2), destinations_of(*nodes)),
        )

    def test_beyond_its_headroom_offers_nothing(self):
        nodes = [a_node('a', used={'DISK_GB': 301}), a_node('b', vcpus=4)]
        offered = destinations_of(*nodes, headroom_percent=25.0)
        self.assertEqual(
            [
                'sum_too_large destinations=2 free=3 hosts= instances=2 '
                'resource_class=VCPU wanted=4'
            ],
            self.together(servers(2, 2), offered),
        )

    @ddt.named_data(
        # name, what is known, expected
        (
            'tried_all',
            Status.IMPOSSIBLE,
            ['no_fit_together destinations=2 instances=3 proof=count'],
        ),
        (
            'gave_up',
            Status.UNDECIDED,
            ['no_fit_found destinations=2 instances=3'],
        ),
    )
    @ddt.unpack
    def test_puzzle(self, status, expected):
        offered = destinations_of(a_node('a', vcpus=3), a_node('b', vcpus=3))
        self.assertEqual(
            expected, self.together(servers(2, 2, 2), offered, status=status)
        )

    def test_one_that_fits_nowhere_explains_it(self):
        offered = destinations_of(a_node('a', vcpus=3), a_node('b', vcpus=3))
        stays = [a_stay(), a_stay(NO_DESTINATION)]
        self.assertEqual([], self.together(servers(4, 1), offered, stays))

    def test_facts_of_a_puzzle(self):
        offered = destinations_of(a_node('a'), a_node('b'))
        [found] = explain.together(
            servers(1, 1),
            offered,
            a_spread(offered),
            [a_stay()],
            Assignment({}, Status.UNDECIDED),
        )
        self.assertEqual(
            Finding(NO_FIT_FOUND, facts={'instances': 2, 'destinations': 2}),
            found,
        )


@ddt.ddt
class TestNotDestinations(base.TestCase):
    def told(self, nodes, unplaced=(), asleep=True, **fields):
        known = a_snapshot([a_node('compute-1'), *nodes], [])
        request = a_request(**fields)
        offered = Destinations.of(known, request, MAINTAINED)
        spares = {h: offered.destination(h) for h in offered.unused if asleep}
        return said(
            explain.not_destinations(
                known, request, MAINTAINED, spares, unplaced, offered.judge
            )
        )

    def test_why_each_takes_nothing(self):
        self.assertEqual(
            [
                'disabled compute-3 disabled_reason=bad fan',
                'unused spare-1 disabled_reason=watcher_disabled instances=2',
            ],
            self.told(
                [
                    a_spare(instance_count=2),
                    a_node('compute-2'),
                    a_node(
                        'compute-3',
                        status='disabled',
                        disabled_reason='bad fan',
                    ),
                ]
            ),
        )

    @ddt.named_data(
        # name, lists of VCPUs, expected
        ('fits', [[2, 2]], []),
        (
            'too_much',
            [[2, 3]],
            ['no_room spare-1 free=4 resource_class=VCPU wanted=5'],
        ),
        (
            'one_too_large',
            [[4], [3, 1]],
            ['over_max_unit spare-1 max_unit=3 resource_class=VCPU wanted=4'],
        ),
        (
            'each_list_by_itself',
            [[3, 2], [1, 3], [3, 3]],
            [
                'no_room spare-1 free=4 resource_class=VCPU wanted=5',
                'no_room spare-1 free=4 resource_class=VCPU wanted=6',
            ],
        ),
        ('no_list', [], []),
    )
    @ddt.unpack
    def test_spare(self, lists, expected):
        spare = a_spare(inventory={'VCPU': an_inventory(4, max_unit=3)})
        self.assertEqual(
            expected, self.told([spare], [servers(*one) for one in lists])
        )

    def test_limit_for_one_in_classes_that_not_all_hold(self):
        spare = a_spare(inventory={'VGPU': an_inventory(4, max_unit=1)})
        instances = [
            an_instance('web'),
            an_instance('gpu', resources={'VGPU': 2}),
        ]
        self.assertEqual(
            ['over_max_unit spare-1 max_unit=1 resource_class=VGPU wanted=2'],
            self.told([spare], [instances]),
        )

    def test_spare_beyond_its_headroom(self):
        spare = a_spare(used={'VCPU': 13})
        self.assertEqual(
            ['beyond_headroom spare-1 limit=12 resource_class=VCPU used=13'],
            self.told([spare], [servers(0)], headroom_percent=25.0),
        )

    @ddt.named_data(
        # name, zones that instances are pinned to, groups, expected
        ('none_pinned', [None, None], [], []),
        (
            'rule_once',
            ['east', 'east'],
            [],
            ['other_zone spare-1 pinned=east zone=west'],
        ),
        (
            'each_rule',
            ['east', 'north'],
            [],
            [
                'other_zone spare-1 pinned=east zone=west',
                'other_zone spare-1 pinned=north zone=west',
            ],
        ),
        ('group_free', [None, None], [a_group(most=2)], []),
        (
            'group_full',
            [None, None],
            [a_group(most=1)],
            ['group_full spare-1 group=db members=2 most=1'],
        ),
    )
    @ddt.unpack
    def test_spare_by_rules(self, zones, groups, expected):
        instances = [
            an_instance(
                f'web-{n}', pinned_zone=zone, group='uuid-db' if groups else ''
            )
            for n, zone in enumerate(zones)
        ]
        known = a_snapshot(
            [a_node('compute-1'), a_spare(zone='west')], instances, groups
        )
        request = a_request()
        offered = Destinations.of(
            known,
            request,
            MAINTAINED,
            [Leaver(i, MoveKind.LIVE) for i in instances],
        )
        spares = {h: offered.destination(h) for h in offered.unused}
        self.assertEqual(
            expected,
            said(
                explain.not_destinations(
                    known,
                    request,
                    MAINTAINED,
                    spares,
                    [instances],
                    offered.judge,
                )
            ),
        )

    def test_spare_that_gives_no_such_amount(self):
        spare = a_spare(inventory={'VCPU': an_inventory(16, step_size=4)})
        self.assertEqual(
            [
                'odd_amount spare-1 min_unit=1 resource_class=VCPU '
                'step_size=4 wanted=2'
            ],
            self.told([spare], [servers(2, 2)]),
        )

    def test_spare_that_was_enabled_is_not_told(self):
        self.assertEqual(
            [], self.told([a_spare(vcpus=1)], [servers(2)], asleep=False)
        )
