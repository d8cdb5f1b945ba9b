# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tests.unit.core.builders import a_destination
from tests.unit.core.builders import a_group
from tests.unit.core.builders import a_node
from tests.unit.core.builders import an_instance
from tests.unit.core.rules import asking
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.rules import groups
from watcher_host_maintenance.core.rules.groups import AWAY_FROM_GROUP
from watcher_host_maintenance.core.rules.groups import GROUP_FULL


ROWS = (
    # name, case, reasons given
    (
        'member_there',
        {'group': 'uuid-db', 'groups': [a_group('affinity', compute_2=1)]},
        [],
    ),
    (
        'no_member_there',
        {'group': 'uuid-db', 'groups': [a_group('affinity')]},
        ['away_from_group'],
    ),
    (
        'not_bound',
        {'group': 'uuid-db', 'groups': [a_group('soft-affinity')]},
        [],
    ),
)


@ddt.ddt
class TestJoinsItsGroup(base.TestCase):
    @ddt.named_data(
        # name, policy, members besides the instance, is refused
        ('member_there',     'affinity',      {'compute_2': 1}, False),
        ('members_there',    'affinity',      {'compute_2': 9}, False),
        ('nobody_elsewhere', 'affinity',      {},               True),
        ('members_here',     'affinity',      {'compute_1': 1}, True),
        ('members_elsewhere', 'affinity',     {'compute_3': 1}, True),
        ('soft',             'soft-affinity', {},               False),
        ('apart',            'anti-affinity', {},               False),
        ('soft_apart',       'soft-anti-affinity', {},          False),
    )  # fmt: skip
    @ddt.unpack
    def test_refused(self, policy, members, refused):
        found = asking.findings(
            groups.joins_its_group,
            group='uuid-db',
            groups=[a_group(policy, **members), a_group('affinity', 'web')],
        )
        self.assertEqual(
            [Finding(AWAY_FROM_GROUP, 'compute-2', {'group': 'db'})]
            if refused
            else [],
            found,
        )

    def test_in_no_group(self):
        self.assertEqual(
            [],
            asking.findings(
                groups.joins_its_group, groups=[a_group('affinity')]
            ),
        )


@ddt.ddt
class TestHasNoOtherHome(base.TestCase):
    @ddt.named_data(
        # name, policy, members, expected
        ('alone',     'affinity',      {'compute_1': 1}, True),
        ('all_here',  'affinity',      {'compute_1': 3}, True),
        ('nobody',    'affinity',      {},               True),
        ('elsewhere', 'affinity', {'compute_1': 1, 'compute_2': 1}, False),
        ('soft',      'soft-affinity', {'compute_1': 1}, False),
        ('apart',     'anti-affinity', {'compute_1': 1}, False),
    )  # fmt: skip
    @ddt.unpack
    def test_home(self, policy, members, expected):
        group = a_group(policy, **members)
        self.assertIs(expected, groups.has_no_other_home(an_instance(), group))


def a_host(*groups, taken=()):
    return a_destination(a_node(), groups=groups, taken=taken)


@ddt.ddt
class TestKeepApart(base.TestCase):
    @ddt.named_data(
        # name, most, members there, how many come, members said
        ('first',              1, {},               1, None),
        ('second',             1, {'compute_2': 1}, 1, 2),
        ('up_to_the_most',     3, {'compute_2': 2}, 1, None),
        ('one_past_it',        3, {'compute_2': 3}, 1, 4),
        ('together_up_to_it',  3, {'compute_2': 1}, 2, None),
        ('together_past_it',   3, {'compute_2': 1}, 3, 4),
        ('alone_past_it',      1, {},               2, 2),
        ('members_elsewhere',  1, {'compute_3': 1}, 1, None),
        ('nobody_comes',       1, {'compute_2': 2}, 0, None),
    )  # fmt: skip
    @ddt.unpack
    def test_refused(self, most, members, coming, said):
        group = a_group(most=most, **members)
        instances = [
            an_instance(f'db-{n}', group='uuid-db') for n in range(coming)
        ]
        found = groups.keeps_apart(instances, a_host(group))
        self.assertEqual(
            [
                Finding(
                    GROUP_FULL,
                    'compute-2',
                    {'group': 'db', 'members': said, 'most': most},
                )
            ]
            if said
            else [],
            list(found),
        )

    @ddt.data('affinity', 'soft-affinity', 'soft-anti-affinity')
    def test_other_policies(self, policy):
        instances = [an_instance(f'db-{n}', group='uuid-db') for n in (1, 2)]
        there = a_host(a_group(policy, compute_2=9))
        self.assertEqual([], list(groups.keeps_apart(instances, there)))

    def test_several_groups(self):
        instances = [
            an_instance('web-1', group='uuid-web'),
            an_instance('lone'),
            an_instance('db-1', group='uuid-db'),
            an_instance('job-1', group='uuid-job'),
        ]
        there = a_host(
            a_group(name='web', compute_2=1),
            a_group(compute_2=1),
            a_group(name='job'),
        )
        self.assertEqual(
            ['db', 'web'],
            [f.facts['group'] for f in groups.keeps_apart(instances, there)],
        )

    def test_of_one(self):
        instance = an_instance(group='uuid-db')
        for members, count in (({}, 0), ({'compute_2': 1}, 1)):
            there = a_host(a_group(**members))
            found = list(groups.keeps_apart([instance], there))
            self.assertEqual(count, len(found))

    def test_counts_what_was_taken_before(self):
        there = a_host(a_group(), taken=[an_instance('db-1', group='uuid-db')])
        [found] = groups.keeps_apart(
            [an_instance('db-2', group='uuid-db')], there
        )
        self.assertEqual(2, found.facts['members'])
