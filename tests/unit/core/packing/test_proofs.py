# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tests.unit.core.packing import builders
from watcher_host_maintenance.core.packing.board import Board
from watcher_host_maintenance.core.packing.proofs import quick_proofs
from watcher_host_maintenance.core.packing.result import Kind


def bins(*vcpus):
    return [builders.a_bin(f'h{n}', VCPU=v) for n, v in enumerate(vcpus)]


def items(*pairs):
    """One for each (count, VCPU)."""
    return [
        builders.an_item(f's{n}', count, VCPU=vcpu)
        for n, (count, vcpu) in enumerate(pairs)
    ]


def proof(problem):
    return next(quick_proofs(Board(problem)), None)


@ddt.ddt
class TestProofs(base.TestCase):
    @ddt.named_data(
        # name, items, bins, kind, room and what is wanted
        ('fits_nowhere', [(1, 5)], [4, 4], (Kind.NO_BIN, 0, 1)),
        ('fits', [(1, 4)], [4, 4], None),
        ('two_of_three', [(3, 3)], [4, 4], (Kind.NO_BIN, 2, 3)),
        ('sum', [(2, 3), (3, 1)], [4, 4], (Kind.SUM, 8, 9)),
        ('sum_is_enough', [(2, 3), (2, 1)], [4, 4], None),
        ('odd_room', [(2, 3), (1, 2)], [4, 4], (Kind.ROUNDED_SUM, 6, 8)),
        ('even_room', [(2, 3), (1, 2)], [3, 5], None),
    )
    @ddt.unpack
    def test_of_room(self, pairs, vcpus, expected):
        found = proof(builders.a_problem(items(*pairs), bins(*vcpus)))
        got = found and (found.kind, found.room, found.wanted)
        self.assertEqual(expected, got)

    @ddt.named_data(
        ('full', 3, 1, {}, (Kind.GROUP, 'web', 2, 3)),
        ('not_full', 3, 2, {}, None),
        ('member_there', 2, 1, {'web': 1}, (Kind.GROUP, 'web', 1, 2)),
    )
    @ddt.unpack
    def test_of_groups(self, count, limit, members, expected):
        found = proof(
            builders.a_problem(
                [
                    builders.an_item('a', 1, 'web'),
                    builders.an_item('b', count - 1, 'web'),
                ],
                [builders.a_bin('h1', members=members), builders.a_bin('h2')],
                web=limit,
            )
        )
        got = found and (found.kind, found.subject, found.room, found.wanted)
        self.assertEqual(expected, got)

    @ddt.named_data(
        ('too_small', 2, (Kind.SUM, {'a': 2, 'b': 3}, 3, 5)),
        ('large_enough', 1, None),
    )
    @ddt.unpack
    def test_of_a_zone(self, size, expected):
        zone = frozenset({'h1'})
        found = proof(
            builders.a_problem(
                [
                    builders.an_item('a', allowed=zone, VCPU=size),
                    builders.an_item('b', allowed=zone, VCPU=3),
                ],
                [builders.a_bin('h1'), builders.a_bin('h2', VCPU=99)],
            )
        )
        got = found and (
            found.kind,
            dict(found.weights),
            found.room,
            found.wanted,
        )
        self.assertEqual(expected, got)

    @ddt.named_data(
        # name, items and rooms in VCPU and MEMORY_MB, the proof
        (
            'counts',
            [(2, 4, 2), (2, 2, 4)],
            [(5, 5), (7, 4), (6, 5)],
            (Kind.COUNT, {'s0': 1, 's1': 1}),
        ),
        (
            'a_place_more',
            [(2, 4, 2), (2, 2, 4)],
            [(5, 5), (7, 6), (6, 5)],
            None,
        ),
        # Too little, which HiGHS proves.
        ('both', [(2, 2, 1), (2, 2, 3)], [(4, 5), (4, 3)], None),
    )
    @ddt.unpack
    def test_of_two_classes(self, sizes, rooms, expected):
        found = proof(
            builders.a_problem(
                [
                    builders.an_item(
                        f's{n}', count, VCPU=vcpu, MEMORY_MB=memory
                    )
                    for n, (count, vcpu, memory) in enumerate(sizes)
                ],
                [
                    builders.a_bin(f'h{n}', VCPU=vcpu, MEMORY_MB=memory)
                    for n, (vcpu, memory) in enumerate(rooms)
                ],
            )
        )
        got = found and (found.kind, dict(found.weights))
        self.assertEqual(expected, got)

    def test_name_the_items_in_whole_amounts(self):
        found = proof(
            builders.a_problem(
                [
                    builders.an_item('a', 2, MEMORY_MB=2048),
                    builders.an_item('b', 1, MEMORY_MB=1024),
                ],
                [builders.a_bin(MEMORY_MB=4999)],
            )
        )
        self.assertEqual('MEMORY_MB', found.subject)
        self.assertEqual({'a': 2048, 'b': 1024}, dict(found.weights))
        self.assertEqual((4096, 5120), (found.room, found.wanted))
