# SPDX-License-Identifier: Apache-2.0

"""Tests of availability zones."""

import ddt

from tests.unit.cloud.reading.records import a_record
from tests.unit.plugin import base
from tests.unit.plugin.builders import a_service
from tests.unit.plugin.nova_answers import an_aggregate
from watcher_host_maintenance.cloud.reading import zones
from watcher_host_maintenance.cloud.records import Aggregate


AZ_1 = an_aggregate(1, hosts=['compute-1'], availability_zone='az-1')
RACK = an_aggregate(2, hosts=['compute-1', 'compute-2'], rack='7')
#: Somebody gave an aggregate the name of Nova's default zone.
NAMED = an_aggregate(3, hosts=['compute-1'], availability_zone='nova')


@ddt.ddt
class TestZones(base.TestCase):
    @ddt.named_data(
        # name, aggregates, service host, its zone to Nova, its zone
        ('none',         [],     'compute-1', 'nova', 'nova'),
        ('of_aggregate', [AZ_1], 'compute-1', 'az-1', 'az-1'),
        ('not_in_it',    [AZ_1], 'compute-2', 'nova', 'nova'),
        ('other_keys',   [RACK], 'compute-1', 'nova', 'nova'),
        ('several',      [RACK, AZ_1], 'compute-1', 'az-1', 'az-1'),
        ('namesake',     [NAMED], 'compute-1', 'nova', 'nova'),
        ('not_namesake', [NAMED], 'compute-2', 'nova', ''),
    )  # fmt: skip
    @ddt.unpack
    def test_of(self, aggregates, host, told, expected):
        service = a_service(host, zone=told)
        self.assertEqual(
            expected, zones.Zones(map(Aggregate.read, aggregates)).of(service)
        )

    @ddt.named_data(
        # name, aggregates, pinned zone, is it told, zone to stay in
        ('unpinned',       [AZ_1],  None,   True,  None),
        ('pinned',         [AZ_1],  'az-1', True,  'az-1'),
        ('default',        [AZ_1],  'nova', True,  None),
        ('no_aggregates',  [],      'az-1', True,  None),
        ('namesake',       [NAMED], 'nova', True,  'nova'),
        # It may be one whose scheduler knows the default zone.
        ('guessed',        [AZ_1],  'az-1', False, 'az-1'),
        ('guessed_others', [AZ_1],  'nova', False, 'nova'),
        ('guessed_none',   [AZ_1],  None,   False, None),
    )  # fmt: skip
    @ddt.unpack
    def test_binding(self, aggregates, pinned, is_told, expected):
        server = a_record(pinned_zone=pinned, pin_is_known=is_told)
        self.assertEqual(
            expected,
            zones.Zones(map(Aggregate.read, aggregates)).binding(server),
        )
