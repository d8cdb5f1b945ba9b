# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tests.unit.core.builders import a_bare_request
from tests.unit.core.builders import a_group
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_request
from tests.unit.core.builders import a_spare
from tests.unit.core.builders import an_aggregate
from tests.unit.core.builders import an_instance
from tests.unit.core.drains import C1
from tests.unit.core.drains import C2
from tests.unit.core.drains import LEAVE
from tests.unit.core.drains import NO_LIVE
from tests.unit.core.drains import plan
from tests.unit.core.drains import said
from tests.unit.core.drains import told
from tests.unit.core.drains import verdicts
from tests.unit.core.drains import where
from watcher_host_maintenance.core.model.plan import Method


EAST, WEST = {'zone': 'east'}, {'zone': 'west'}


def pinned(name='web-1', zone='east', **fields):
    return an_instance(name, pinned_zone=zone, **fields)


def in_group(name='db-1', host='compute-1', **fields):
    return an_instance(name, host, group='uuid-db', **fields)


@ddt.ddt
class TestMethods(base.TestCase):
    """A rule counts in each method."""

    @ddt.named_data(
        # name, zone of the spare, expected place, expected method
        ('spare', EAST, 'live spare-1', Method.UNUSED_HOST),
        ('spare_refused', WEST, 'live compute-2', Method.SPREAD),
    )
    @ddt.unpack
    def test_spare(self, zone, place, method):
        outcome = plan([C1, a_node(**EAST), a_spare(**zone)], [pinned()])
        self.assertEqual({'web-1': place}, where(outcome))
        self.assertIs(method, outcome.nodes[0].method)

    def test_spare_takes_all_or_none(self):
        outcome = plan(
            [C1, a_node(**EAST), a_spare(**WEST)],
            [pinned(), an_instance('web-2')],
        )
        self.assertEqual(
            {'web-1': 'live compute-2', 'web-2': 'live compute-2'},
            where(outcome),
        )
        self.assertEqual((), outcome.not_destinations)

    def test_spread(self):
        outcome = plan(
            [C1, a_node('a', **WEST), a_node('b', vcpus=2, **EAST)],
            [pinned(), pinned('web-2', 'west')],
        )
        self.assertEqual(
            {'web-1': 'live b', 'web-2': 'live a'}, where(outcome)
        )

    def test_backup(self):
        outcome = plan(
            [C1, a_node(**EAST), a_node('b', **WEST)],
            [pinned()],
            a_request(backup_node='b'),
        )
        self.assertEqual(
            [
                'no_destination web-1 destinations=1',
                'other_zone b pinned=east zone=west',
            ],
            told(outcome),
        )
        self.assertIs(True, outcome.failed)

    def test_refused_everywhere(self):
        outcome = plan([C1, a_node(**WEST), a_spare(**WEST)], [pinned()])
        self.assertEqual(
            [
                'no_destination web-1 destinations=2',
                'other_zone compute-2 pinned=east zone=west',
                'other_zone spare-1 pinned=east zone=west',
            ],
            told(outcome),
        )
        self.assertEqual(
            ['other_zone spare-1 pinned=east zone=west'],
            said(outcome.not_destinations),
        )

    def test_others_leave(self):
        outcome = plan(
            [C1, a_node(**WEST)],
            [pinned(), an_instance('web-2')],
            a_request(**LEAVE),
        )
        self.assertEqual({'web-2': 'live compute-2'}, where(outcome))

    def test_how_it_moves_is_told_to_the_rules(self):
        nodes = [
            a_node('compute-1', hypervisor_version=2),
            a_node(hypervisor_version=1),
        ]
        instances = [an_instance(), an_instance('old', vm_state='stopped')]
        outcome = plan(nodes, instances, a_request(**LEAVE))
        self.assertEqual({'old': 'cold compute-2'}, where(outcome))
        outcome = plan(nodes, instances, a_request(**NO_LIVE))
        self.assertEqual(
            {'old': 'cold compute-2', 'web-1': 'cold compute-2'},
            where(outcome),
        )

    def test_aggregates(self):
        disk = {'aggregate_instance_extra_specs:disk': 'ssd'}
        outcome = plan(
            [C1, C2, a_node('compute-3')],
            [an_instance(extra_specs=disk)],
            aggregates=[an_aggregate('compute-3', disk='ssd')],
        )
        self.assertEqual({'web-1': 'live compute-3'}, where(outcome))


class TestGroups(base.TestCase):
    NODES = (C1, C2, a_node('compute-3'), a_node('compute-4', vcpus=2))

    def test_apart_from_two_nodes(self):
        outcome = plan(
            self.NODES,
            [in_group(), in_group('db-2', 'compute-2')],
            a_request('compute-1', 'compute-2'),
            groups=[a_group()],
        )
        self.assertEqual(
            {'db-1': 'live compute-3', 'db-2': 'live compute-4'},
            where(outcome),
        )

    def test_second_node_counts_what_the_first_took(self):
        marked = {
            'status': 'disabled',
            'disabled_reason': 'watcher_maintaining',
        }
        nodes = [
            a_node('compute-1', **marked),
            a_node('compute-2', **marked),
            a_node('compute-3'),
        ]
        outcome = plan(
            nodes,
            [in_group(), in_group('db-2', 'compute-2')],
            a_bare_request(),
            groups=[a_group()],
        )
        self.assertEqual({'db-1': 'live compute-3'}, where(outcome))
        self.assertEqual(
            {'compute-1': 'planned', 'compute-2': 'refused'}, verdicts(outcome)
        )
        self.assertEqual(
            [
                'no_destination db-2 destinations=1',
                'group_full compute-3 group=db members=2 most=1',
            ],
            told(outcome, 'compute-2'),
        )

    def test_together_where_the_others_are(self):
        outcome = plan(
            self.NODES,
            [in_group(), in_group('db-2')],
            groups=[a_group('affinity', compute_4=1)],
        )
        self.assertEqual(
            {'db-1': 'live compute-4', 'db-2': 'live compute-4'},
            where(outcome),
        )

    def test_other_half_is_on_a_node_to_empty_too(self):
        outcome = plan(
            self.NODES,
            [in_group(), in_group('db-2', 'compute-2')],
            a_request('compute-1', 'compute-2'),
            groups=[a_group('affinity')],
        )
        self.assertEqual(
            [
                'no_destination db-1 destinations=2',
                'away_from_group compute-3 group=db',
                'away_from_group compute-4 group=db',
            ],
            told(outcome),
        )

    def test_softly_apart(self):
        outcome = plan(
            self.NODES,
            [in_group(), in_group('db-2')],
            groups=[a_group('soft-anti-affinity', compute_2=1)],
        )
        self.assertEqual(
            {'db-1': 'live compute-3', 'db-2': 'live compute-4'},
            where(outcome),
        )
