#    Licensed under the Apache License, Version 2.0 (the "License"); you may
#    not use this file except in compliance with the License. You may obtain
#    a copy of the License at
#
#         http://www.apache.org/licenses/LICENSE-2.0
#
#    Unless required by applicable law or agreed to in writing, software
#    distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
#    WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
#    License for the specific language governing permissions and limitations
#    under the License.

import collections
import dataclasses
import itertools

import ddt
import hypothesis

from hypothesis import strategies

from tests.unit import base
from tests.unit.core import builders
from tests.unit.core import generated
from watcher_host_maintenance.core import evening
from watcher_host_maintenance.core import ledger
from watcher_host_maintenance.core import solver


def room(hostname, vcpus=16, used=0):
    node = builders.a_node(
        hostname, inventory={'VCPU': builders.an_inventory(vcpus)},
        used={'VCPU': used})
    return ledger.Destination(node, 0)


def servers(*vcpus):
    """Servers s0, s1, ... of these sizes; the UUID is the name."""
    return [builders.an_instance(f's{n}', uuid=f's{n}',
                                 resources={'VCPU': size})
            for n, size in enumerate(vcpus)]


def loads(sizes, where, used=()):
    """VCPU by hostname, for servers() of these sizes."""
    found = collections.Counter(dict(used))
    for n, size in enumerate(sizes):
        found[where[f's{n}']] += size
    return dict(found)


@ddt.ddt
class TestEven(base.TestCase):
    @ddt.named_data(
        # name, VCPU of the servers, their hosts, expected hosts
        ('exchange', (3, 3, 2, 2, 2), 'ababa', 'bbaaa'),
        ('one_move', (2, 2), 'aa', 'ba'),
        ('nothing_to_gain', (3, 2), 'ab', 'ab'),
        ('no_better_upside_down', (4,), 'a', 'a'),
        ('nothing_placed', (), '', ''),
    )
    @ddt.unpack
    def test_two_empty_nodes(self, sizes, hosts, expected):
        where = {f's{n}': host for n, host in enumerate(hosts)}
        found = evening.even(
            servers(*sizes), where, [room('a'), room('b')], 999)
        self.assertEqual(
            {f's{n}': host for n, host in enumerate(expected)}, found)

    @ddt.named_data(
        # name, VCPU of b, used there, expected host of the second server
        ('room',          16, 0,  'b'),
        ('just_enough',   4,  2,  'a'),
        ('fuller_before', 16, 13, 'a'),
        ('too_small',     1,  0,  'a'),
    )
    @ddt.unpack
    def test_what_the_other_node_can_take(self, vcpus, used, expected):
        found = evening.even(
            servers(2, 2), {'s0': 'a', 's1': 'a'},
            [room('a'), room('b', vcpus, used)], 999)
        self.assertEqual({'a', expected}, set(found.values()))

    @ddt.named_data(
        # name, steps, expected to be evened
        ('none', 0, False),
        ('one', 1, True),
    )
    @ddt.unpack
    def test_work_is_limited(self, steps, expected):
        found = evening.even(
            servers(2, 2), {'s0': 'a', 's1': 'a'}, [room('a'), room('b')],
            steps)
        self.assertIs(expected, 'b' in found.values())

    def test_destinations_are_left_as_they_were(self):
        destinations = [room('a', used=5), room('b', used=1)]
        evening.even(
            servers(2, 2), {'s0': 'a', 's1': 'a'}, destinations, 999)
        self.assertEqual([5, 1], [d.used['VCPU'] for d in destinations])


@ddt.ddt
class TestGroups(base.TestCase):
    """Exchanges keep what policies ask for; s0 and s1 are on ``a``."""

    def found(self, policy, groups=('db', ''), refused=frozenset(),
              most=1, **members):
        """Where they end: the second letter is the other node."""
        names = sorted({name for name in groups if name})
        known = ledger.Groups(
            builders.a_group(policy, name, most, **members)
            for name in names)
        there = [
            ledger.Destination(builders.a_node(h), 0.0, known, keep)
            for h, keep in (('a', frozenset()), ('b', refused))]
        instances = [
            dataclasses.replace(i, group=f'uuid-{g}' if g else '')
            for i, g in zip(servers(2, 2), groups, strict=True)]
        return evening.even(
            instances, {'s0': 'a', 's1': 'a'}, there, 999)

    @ddt.named_data(
        # name, policy, groups, members before, who goes to b
        ('plain',             'affinity', ('', ''), {}, 's0'),
        ('apart_and_full',    'anti-affinity', ('db', ''), {'b': 1}, 's1'),
        ('apart_and_free',    'anti-affinity', ('db', ''), {}, 's0'),
        ('soft_apart',        'soft-anti-affinity', ('db', ''), {'b': 1},
         's1'),
        ('soft_apart_as_good', 'soft-anti-affinity', ('db', ''),
         {'a': 1, 'b': 1}, 's0'),
        ('soft_apart_better', 'soft-anti-affinity', ('db', 'db'), {}, 's0'),
        ('soft_together',     'soft-affinity', ('db', 'db'), {}, None),
        ('soft_together_with', 'soft-affinity', ('db', ''), {'a': 1}, 's1'),
        ('soft_together_alone', 'soft-affinity', ('db', ''), {}, 's0'),
    )
    @ddt.unpack
    def test_who_goes(self, policy, groups, members, expected):
        found = self.found(policy, groups, **members)
        gone = [uuid for uuid, host in sorted(found.items()) if host == 'b']
        self.assertEqual([expected] if expected else [], gone)

    def test_refused_by_a_rule(self):
        self.assertEqual(
            {'s0': 'a', 's1': 'b'},
            self.found('affinity', ('', ''), frozenset({'s0'})))

    def test_exchange_of_two_of_a_group(self):
        # Each leaves the place that the other one needs.
        groups = ledger.Groups([builders.a_group()])
        there = [ledger.Destination(builders.a_node(h, vcpus=8), 0.0, groups)
                 for h in 'ab']
        sizes = (4, 2, 3)
        instances = servers(*sizes)
        for n in (0, 1):
            instances[n] = dataclasses.replace(
                instances[n], group='uuid-db')
        found = evening.even(
            instances, {'s0': 'a', 's1': 'b', 's2': 'a'}, there, 999)
        self.assertEqual({'a': 5, 'b': 4}, dict(sorted(
            loads(sizes, found).items())))
        self.assertNotEqual(found['s0'], found['s1'])


class TestSpread(base.TestCase):
    def test_fullest_ends_as_empty_as_possible(self):
        sizes = (3, 3, 2, 2, 2)
        found = solver.place_all(servers(*sizes), [room('a'), room('b')])
        self.assertEqual({'a': 6, 'b': 6}, loads(sizes, found.where))

    @generated.settings(150)
    @hypothesis.given(
        strategies.lists(strategies.integers(1, 6), min_size=1, max_size=5),
        strategies.lists(strategies.integers(0, 8), min_size=2, max_size=3))
    def test_is_never_far_from_the_best(self, sizes, used):
        hosts = [f'h{n}' for n in range(len(used))]
        before = dict(zip(hosts, used, strict=True))
        found = solver.place_all(
            servers(*sizes), [room(h, 64, before[h]) for h in hosts])
        fullest = max(loads(sizes, found.where, before).values())
        best = min(
            max(loads(sizes, {f's{n}': h for n, h in enumerate(choice)},
                      before).values())
            for choice in itertools.product(hosts, repeat=len(sizes)))
        self.assertLessEqual(fullest, best + 1)
