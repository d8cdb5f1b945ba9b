# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

import json

import ddt

from tests.unit import base
from tests.unit.core.builders import a_bare_request
from tests.unit.core.builders import a_group
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_request
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import a_spare
from tests.unit.core.builders import an_instance
from tests.unit.core.builders import an_inventory
from tests.unit.core.drains import C1
from tests.unit.core.drains import C2
from tests.unit.core.drains import LEAVE
from tests.unit.core.drains import NEITHER
from tests.unit.core.drains import marked
from tests.unit.core.drains import plan
from tests.unit.core.drains import servers
from watcher_host_maintenance.core import codec
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core import report
from watcher_host_maintenance.core.outcome import Outcome
from watcher_host_maintenance.core.reasons import Finding
from watcher_host_maintenance.core.reasons import Reason


NOTHING = 'Nothing was changed.'
REST = 'What else is marked is planned.'
MORE = 'More is in the way: see the decision engine log.'
ROOM = 'Free the room named, or: -p on_blocked=leave'
RESUME = 'Its owner can resume it; an administrator can shelve it.'
SUSPENDED = an_instance('db', vm_state='suspended')


@ddt.ddt
class TestSentences(base.TestCase):
    @ddt.named_data(
        # name, outcome, expected
        ('all_went_well', plan([C1, C2], servers(1)), []),
        ('none_marked', plan([C1], [], a_bare_request()), []),
        ('left_as_asked', plan([C1], [SUSPENDED], a_request(**NEITHER)), []),
        ('bad_request', plan([C1], [], a_request('compute-9')),
         ['Cannot drain: there is no compute node compute-9.', NOTHING,
          'Take a host of "openstack compute service list".']),
        ('bad_request_twice', plan([C1], [], a_request('c-8', 'c-9')),
         ['Cannot drain: there is no compute node c-8.', NOTHING,
          'Take a host of "openstack compute service list".', MORE]),
        ('one_state', plan([C1, C2], [SUSPENDED, *servers(1)]),
         ['Cannot drain compute-1: 1 of 2 instances cannot be moved.',
          'db is SUSPENDED.', NOTHING, RESUME]),
        ('two_states',
         plan([C1, C2], [SUSPENDED, an_instance('old', vm_state='error')]),
         ['Cannot drain compute-1: 2 of 2 instances cannot be moved.',
          'db is SUSPENDED.', NOTHING, RESUME, MORE]),
        ('one_server_twice_blocked',
         plan([C1, C2], [
             an_instance('db', vm_state='suspended', excluded=True)]),
         ['Cannot drain compute-1: 1 of 1 instances cannot be moved.',
          "db is excluded by the audit's scope.", NOTHING,
          'Take it out of the exclusion, or move it by hand.']),
        ('fits_nowhere',
         plan([C1, a_node('a', vcpus=3), a_node('b', vcpus=2)], servers(4)),
         ['Cannot drain compute-1: 1 of 1 instances cannot be moved.',
          'web-1 fits on no destination (a: needs 4 VCPU, 3 left; and 1 '
          'more).', NOTHING, 'One way: free or add 1 VCPU on a.']),
        ('nothing_helps',
         plan([C1, C2], [an_instance('db', vcpus=17, memory_mb=32769)]),
         ['Cannot drain compute-1: 1 of 1 instances cannot be moved.',
          'db fits on no destination (compute-2: needs 32769 MEMORY_MB, '
          '32768 left).', NOTHING, ROOM]),
        ('state_before_room',
         plan([C1, a_node(vcpus=3)], [SUSPENDED, *servers(2, 2)]),
         ['Cannot drain compute-1: 2 of 3 instances cannot be moved.',
          'db is SUSPENDED.', NOTHING, RESUME]),
        ('two_fit_nowhere', plan([C1, a_node(vcpus=3)], servers(4, 5)),
         ['Cannot drain compute-1: 2 of 2 instances cannot be moved.',
          'web-1 fits on no destination (compute-2: needs 4 VCPU, 3 left).',
          NOTHING, 'One way: free or add 6 VCPU on compute-2.']),
        ('two_fit_nowhere_and_nothing_helps',
         plan([C1, a_node(vcpus=3, disk_gb=1)], servers(4, 5)),
         ['Cannot drain compute-1: 2 of 2 instances cannot be moved.',
          'web-1 fits on no destination (compute-2: needs 10 DISK_GB, 1 '
          'left).', NOTHING, f'{ROOM}.', MORE]),
        ('rule', plan([C1, C2], [an_instance('db', pinned_zone='east')]),
         ['Cannot drain compute-1: 1 of 1 instances cannot be moved.',
          'db fits on no destination (compute-2 is in zone none, not in '
          'east).', NOTHING,
          'Add a node to the zone that the instance is pinned to.']),
        ('rule_and_room',
         plan([C1, a_node(vcpus=0)], [an_instance('db', pinned_zone='a')]),
         ['Cannot drain compute-1: 1 of 1 instances cannot be moved.',
          'db fits on no destination (compute-2 is in zone none, not in '
          'a).', NOTHING,
          'Add a node to the zone that the instance is pinned to.']),
        ('rule_or_room',
         plan([C1, C2, a_node('c', zone='a', vcpus=0)],
              [an_instance('db', pinned_zone='a')]),
         ['Cannot drain compute-1: 1 of 1 instances cannot be moved.',
          'db fits on no destination (c: needs 1 VCPU, 0 left; and 1 '
          'more).', NOTHING, 'One way: free or add 1 VCPU on c.']),
        ('group', plan(
            [C1, C2], [an_instance('db', group='uuid-db')],
            groups=[a_group(compute_2=1)]),
         ['Cannot drain compute-1: 1 of 1 instances cannot be moved.',
          'db fits on no destination (compute-2 would hold 2 of '
          'anti-affinity group db, 1 allowed on a host).', NOTHING,
          'Add a node that holds fewer members of the group.']),
        ('sum', plan([C1, a_node(vcpus=3)], servers(2, 2)),
         ['Cannot drain compute-1: 1 of 2 instances cannot be moved.',
          '2 instances need 4 VCPU, 3 left on compute-2.', NOTHING,
          'One way: leave web-2: -p on_blocked=leave.',
          'One way: free or add 1 VCPU on compute-2.']),
        ('sums', plan([C1, a_node(vcpus=3, disk_gb=1)],
                      servers(2, 2)),
         ['Cannot drain compute-1: 2 of 2 instances cannot be moved.',
          'web-1 fits on no destination (compute-2: needs 10 DISK_GB, 1 '
          'left).', NOTHING, f'{ROOM}.', MORE]),
        ('two_sums', plan([C1, a_node(vcpus=3, disk_gb=15)], servers(2, 2)),
         ['Cannot drain compute-1: 1 of 2 instances cannot be moved.',
          '2 instances need 20 DISK_GB, 15 left on compute-2.', NOTHING,
          'One way: leave web-2: -p on_blocked=leave.']),
        ('sum_and_nothing_helps',
         plan([C1, a_node(vcpus=3, disk_gb=15)], servers(2, 2),
              advises=False),
         ['Cannot drain compute-1: 1 of 2 instances cannot be moved.',
          '2 instances need 20 DISK_GB, 15 left on compute-2.', NOTHING,
          'Free that room, add a larger node, or: -p on_blocked=leave.',
          MORE]),
        ('every_way',
         plan([C1, a_node(vcpus=5), a_spare(vcpus=4)], servers(2, 3),
              a_request(headroom_percent=10.0)),
         ['Cannot drain compute-1: 1 of 2 instances cannot be moved.',
          '2 instances need 5 VCPU, 3.6 left on spare-1.', NOTHING,
          'One way: enable spare-1.',
          'One way: keep less free: -p headroom_percent=0.',
          'One way: leave web-2: -p on_blocked=leave.',
          'One way: free or add 1 VCPU on compute-2.']),
        ('conflict',
         plan([C1, a_node('a', vcpus=3), a_node('b', vcpus=3)],
              servers(2, 2, 2)),
         ['Cannot drain compute-1: 1 of 3 instances cannot be moved.',
          'At most 2 of these 3 fit on a, b: web-1, web-2, web-3.', NOTHING,
          'One way: leave web-3: -p on_blocked=leave.',
          'One way: free or add 1 VCPU on a.']),
        ('puzzle',
         plan([C1, a_node('a', vcpus=3), a_node('b', vcpus=3)],
              servers(2, 2, 2), advises=False),
         ['Cannot drain compute-1: 1 of 3 instances cannot be moved.',
          '3 instances do not all fit on 2 destinations, though the sums '
          'would do (proof: no_bin).', NOTHING,
          'Free room on one node, add a node, or: -p on_blocked=leave']),
        ('gave_up',
         plan([C1, a_node('a', vcpus=4), a_node('b', vcpus=5)],
              servers(2, 3, 4), steps=0, advises=False),
         ['Cannot drain compute-1: no place was found for 1 of 3 instances.',
          'No way was found to fit 3 instances on 2 destinations; there may '
          'be one.', NOTHING,
          'Free room, raise search_steps or add extra "exact".']),
        ('gave_up_and_advised',
         plan([C1, a_node('a', vcpus=4), a_node('b', vcpus=5)],
              servers(2, 3, 4), steps=0),
         ['Cannot drain compute-1: no place was found for 1 of 3 instances.',
          'No way was found to fit 3 instances on 2 destinations; there may '
          'be one.', NOTHING,
          'Free room, raise search_steps or add extra "exact".',
          'One way: leave web-1: -p on_blocked=leave.',
          'One way: free or add 1 VCPU on a.']),
        ('no_candidate', plan([C1], servers(1, 1)),
         ['Cannot drain compute-1: 2 of 2 instances cannot be moved.',
          'No other compute node in scope is enabled and up.', NOTHING,
          'Enable a compute node, or add an unused one.']),
        ('nowhere_but_a_spare_that_gives_too_little_to_one',
         plan([C1, a_spare(
             inventory={'VCPU': an_inventory(16, max_unit=1)})],
             servers(1, 2)),
         ['Cannot drain compute-1: 1 of 2 instances cannot be moved.',
          'web-2 fits on no destination (spare-1: needs 2 VCPU, at most 1 '
          'for one instance).', NOTHING,
          'One way: leave web-2: -p on_blocked=leave.']),
    )
    @ddt.unpack
    def test_sentences(self, outcome, expected):
        self.assertEqual(expected, report.sentences(outcome))

    @ddt.named_data(
        # name, what is on compute-1, on compute-2, expected
        ('one_of_two', [SUSPENDED], ['active'],
         ['Cannot drain compute-1: 1 of 1 instances cannot be moved.',
          'db is SUSPENDED.', REST, RESUME]),
        ('both', [SUSPENDED], ['error'],
         ['Cannot drain compute-1, compute-2: 2 of 2 instances cannot be '
          'moved.', 'db is SUSPENDED.', NOTHING, RESUME, MORE]),
        ('neither', [], ['active'], []),
    )
    @ddt.unpack
    def test_bare_goal(self, first, states, expected):
        second = [an_instance(s, 'compute-2', s) for s in states]
        outcome = plan(
            [marked(), marked('compute-2'), a_node('compute-3')],
            [*first, *second], a_bare_request())
        self.assertEqual(expected, report.sentences(outcome))

    @ddt.named_data(
        # name, servers on the down node, expected
        ('one', [an_instance()],
         ['Cannot drain compute-1: 1 of 1 instances cannot be moved.',
          'compute-1: nova-compute is down, instances on it: 1.', NOTHING,
          'Start nova-compute there, or evacuate the host with Nova.']),
        ('all_are_counted', [SUSPENDED, *servers(1, 1)],
         ['Cannot drain compute-1: 3 of 3 instances cannot be moved.',
          'compute-1: nova-compute is down, instances on it: 3.', NOTHING,
          'Start nova-compute there, or evacuate the host with Nova.']),
    )
    @ddt.unpack
    def test_marked_and_down(self, there, expected):
        outcome = plan(
            [marked(state='down'), C2], there, a_bare_request())
        self.assertEqual(expected, report.sentences(outcome))

    def test_marked_down_and_another_blocked(self):
        outcome = plan(
            [marked(), marked('compute-2', state='down')],
            [SUSPENDED, an_instance('web'), an_instance('x', 'compute-2')],
            a_bare_request())
        self.assertEqual(
            ['Cannot drain compute-1, compute-2: 2 of 3 instances cannot be '
             'moved.',
             'compute-2: nova-compute is down, instances on it: 1.', NOTHING,
             'Start nova-compute there, or evacuate the host with Nova.'],
            report.sentences(outcome))

    def test_marked_bare_metal_holds_nothing(self):
        outcome = plan(
            [marked(hypervisor_type='ironic')], [], a_bare_request())
        self.assertEqual(
            ['Cannot drain compute-1.',
             'compute-1 is a bare metal (Ironic) node, not a compute host.',
             NOTHING, 'Maintain it through Ironic.'],
            report.sentences(outcome))

    @ddt.named_data(
        # name, number of nodes, expected names
        ('one', 1, 'n-1'),
        ('two', 2, 'n-1, n-2'),
        ('three', 3, 'n-1 and 2 more'),
        ('many', 9, 'n-1 and 8 more'),
    )
    @ddt.unpack
    def test_names(self, count, expected):
        hosts = [f'n-{n}' for n in range(1, count + 1)]
        outcome = plan(
            [a_node(h) for h in hosts],
            [an_instance('db', 'n-1', 'suspended')], a_request(*hosts))
        self.assertEqual(
            f'Cannot drain {expected}: 1 of 1 instances cannot be moved.',
            report.sentences(outcome)[0])

    def test_nodes_together_share_one_reason(self):
        outcome = plan(
            [C1, C2, a_node('compute-3', vcpus=1)],
            [an_instance('web'), an_instance('db', 'compute-2')],
            a_request('compute-1', 'compute-2'))
        self.assertEqual(
            ['Cannot drain compute-1, compute-2: 1 of 2 instances cannot be '
             'moved.',
             '2 instances need 2 VCPU, 1 left on compute-3.', NOTHING,
             'One way: leave web: -p on_blocked=leave.',
             'One way: free or add 1 VCPU on compute-3.'],
            report.sentences(outcome))

    @ddt.named_data(
        # name, what is on compute-2, what helps
        ('empty', [], ['One way: free or add 1 VCPU on compute-3.']),
        ('blocked', [an_instance('db', 'compute-2', 'suspended')],
         [f'{ROOM}.', MORE]),
    )
    @ddt.unpack
    def test_what_helps_one_is_not_said_of_all(self, second, expected):
        outcome = plan(
            [marked(), marked('compute-2'), a_node('compute-3', vcpus=1)],
            [*servers(2), *second], a_bare_request())
        told = report.sentences(outcome)
        self.assertEqual(expected, told[3:])

    @ddt.named_data(
        # name, servers, expected
        ('one', [SUSPENDED, *servers(1)], ['1 of 2 left: db is SUSPENDED.']),
        ('two', [SUSPENDED, *servers(2, 2)],
         ['2 of 3 left: db is SUSPENDED.',
          'And 1 more: see the decision engine log.']),
        ('all', [SUSPENDED], ['1 of 1 left: db is SUSPENDED.']),
        ('none', servers(1), []),
        ('room', servers(2, 1),
         ['1 of 2 left: web-2 has no room beside the others (compute-2: '
          'needs 1 VCPU, 0 left).']),
    )
    @ddt.unpack
    def test_left(self, there, expected):
        outcome = plan([C1, a_node(vcpus=2)], there, a_request(**LEAVE))
        self.assertEqual(expected, report.sentences(outcome))

    def test_one_refused_another_left_behind(self):
        outcome = plan(
            [marked(), marked('compute-2', state='down'),
             a_node('compute-3')],
            [SUSPENDED, *servers(1), an_instance('x', 'compute-2')],
            a_bare_request(**LEAVE))
        self.assertEqual(
            ['Cannot drain compute-2: 1 of 1 instances cannot be moved.',
             'compute-2: nova-compute is down, instances on it: 1.', REST,
             'Start nova-compute there, or evacuate the host with Nova.',
             '1 of 2 left: db is SUSPENDED.'],
            report.sentences(outcome))

    def test_translated(self):
        nodes = [C1, a_node('a', vcpus=3), a_node('b', vcpus=2)]
        texts = {
            'Cannot drain {hosts}: {left} of {count} instances cannot be '
            'moved.': '{hosts} {left}/{count}',
            '{subject} fits on no destination': 'nowhere for {subject}',
            '{subject}: needs {wanted} {resource_class}, {left} left':
                '{wanted}>{left}',
            'and {count} more': '+{count}',
            NOTHING: 'Unchanged.',
            ROOM: 'Make room',
            MORE: 'More.',
            'One way: {remedy}.': '-> {remedy}',
            'free or add {amount} {resource_class} on {subject}':
                '{subject}+{amount}',
        }
        begin = [
            'compute-1 2/2', 'nowhere for web-1 (4>3; +1).', 'Unchanged.']
        for advises, end in (
            (False, ['Make room.', 'More.']), (True, ['-> a+5'])
        ):
            outcome = plan(nodes, servers(4, 4), advises=advises)
            self.assertEqual(
                [*begin, *end],
                report.sentences(outcome, texts.__getitem__))


@ddt.ddt
class TestLength(base.TestCase):
    """What and why, and that nothing was changed, fit with real names."""

    HOST = 'compute-ab12.rack07'
    SERVER = 'prod-webshop-payment-frontend-worker-012'

    def hosts(self, count):
        return [f'compute-ab{n}.rack07' for n in range(10, 10 + count)]

    @ddt.data(1, 2, 3, 25)
    def test_too_large(self, sources):
        hosts = self.hosts(sources)
        destinations = [
            a_node(f'compute-cd{n}.rack11', memory_mb=123456)
            for n in range(10, 30)]
        there = [
            an_instance(f'{self.SERVER[:-3]}{n:03}', host,
                        memory_mb=131072, uuid=f'{host}{n}')
            for host in hosts for n in range(100 // sources)]
        outcome = plan(
            [*(a_node(h) for h in hosts), *destinations], there,
            a_request(*hosts), steps=0)
        told = report.sentences(outcome)
        self.assertIn('fits on no destination (compute-cd10', told[1])
        self.assertLessEqual(len(' '.join(told[:3])), 255)

    @ddt.named_data(
        # name, fields of the server
        ('state', {'vm_state': 'suspended'}),
        ('excluded', {'vm_state': 'soft-delete', 'excluded': True}),
    )
    @ddt.unpack
    def test_state(self, fields):
        outcome = plan(
            [a_node(self.HOST)],
            [an_instance(self.SERVER, self.HOST, **fields)],
            a_request(self.HOST))
        self.assertLessEqual(
            len(' '.join(report.sentences(outcome)[:4])), 255)

    def test_a_long_reason_of_a_person(self):
        reason = 'Replaced the left fan, vendor says wait ' * 6
        outcome = plan(
            [a_node(self.HOST),
             a_node('backup', status='disabled', disabled_reason=reason)],
            [], a_request(self.HOST, backup_node='backup'))
        self.assertLessEqual(len(' '.join(report.sentences(outcome))), 255)


@ddt.ddt
class TestText(base.TestCase):
    @ddt.named_data(
        # name, outcome, expected
        ('none_marked', plan([C1], [], a_bare_request()),
         ['No node in scope is marked for maintenance.']),
        ('finished', plan([marked()], []),
         ['compute-1: finished, instances: 0']),
        ('bad_request', plan([C1], [], a_request('c-9')),
         ['Cannot drain: there is no compute node c-9.', NOTHING,
          'Take a host of "openstack compute service list".']),
        ('bad_request_twice', plan([C1], [], a_request('c-8', 'c-9')),
         ['Cannot drain: there is no compute node c-8.', NOTHING,
          'Take a host of "openstack compute service list".', MORE,
          '  there is no compute node c-8',
          '  there is no compute node c-9']),
        ('moves', plan([C1, C2], [
            an_instance('old', vm_state='stopped'), *servers(1)]),
         ['Disable compute-1.',
          'compute-1: planned, instances: 2, method: spread',
          '  old: cold to compute-2', '  web-1: live to compute-2']),
        ('spare', plan([C1, a_spare()], servers(1)),
         ['Disable compute-1.', 'Enable spare-1.',
          'compute-1: planned, instances: 1, method: unused_host',
          '  web-1: live to spare-1']),
        ('marked_spare', plan([a_spare('compute-1'), C2], servers(1)),
         ['Mark compute-1 for maintenance.',
          'compute-1: planned, instances: 1, method: spread',
          '  web-1: live to compute-2']),
        ('released', plan([C1, C2], [
            an_instance('old', vm_state='shelved'),
            an_instance('tried', vm_state='resized', elsewhere='compute-2',
                        migration='migration')]),
         ['Disable compute-1.', 'compute-1: planned, instances: 2',
          '  old: offload', '  tried: confirm its migration']),
        ('unproved', plan(
            [C1, C2], [an_instance('gpu', nested=('VGPU',)), *servers(1)],
            a_request(allow_unproved_moves=True)),
         ['Disable compute-1.',
          'compute-1: planned, instances: 2, method: spread',
          '  gpu: live to compute-2, not proved to fit',
          '  web-1: live to compute-2']),
        ('stops', plan([C1], [an_instance(), SUSPENDED], a_request(**NEITHER)),
         ['Disable compute-1.', 'compute-1: planned, instances: 2',
          '  web-1: stop',
          '  db does not run, and both migrations are disabled']),
        ('refused', plan(
            [C1, a_node(vcpus=3, memory_mb=1),
             a_node('c', status='disabled', disabled_reason='bad fan')],
            [*servers(4), SUSPENDED]),
         ['Cannot drain compute-1: 2 of 2 instances cannot be moved.',
          'db is SUSPENDED.', NOTHING, RESUME, MORE,
          'compute-1: refused, instances: 2',
          '  db is SUSPENDED',
          '  web-1 fits on no destination',
          '    compute-2: needs 1024 MEMORY_MB, 1 left',
          '    compute-2: needs 4 VCPU, 3 left',
          'Not used as destinations:',
          '  c is disabled: "bad fan"']),
        ('sums', plan([C1, a_node(vcpus=3)], servers(2, 2)),
         ['Cannot drain compute-1: 1 of 2 instances cannot be moved.',
          '2 instances need 4 VCPU, 3 left on compute-2.', NOTHING,
          'One way: leave web-2: -p on_blocked=leave.',
          'One way: free or add 1 VCPU on compute-2.',
          'compute-1: refused, instances: 2',
          '  2 instances need 4 VCPU, 3 left on compute-2',
          '  One way: leave web-2: -p on_blocked=leave.',
          '  One way: free or add 1 VCPU on compute-2.',
          '  web-2 has no room beside the others',
          '    compute-2: needs 2 VCPU, 1 left']),
    )
    @ddt.unpack
    def test_lines(self, outcome, expected):
        self.assertEqual(expected, report.as_text(outcome).split('\n'))

    @ddt.named_data(
        # name, number of destinations, expected after the first five
        ('five', 5, []),
        ('six', 6, ['    and 1 more']),
        ('nine', 9, ['    and 4 more']),
    )
    @ddt.unpack
    def test_long_lists_are_cut(self, count, expected):
        hosts = [a_node(f'n-{n}', vcpus=1) for n in range(count)]
        lines = report.as_text(plan([C1, *hosts], servers(2))).split('\n')
        start = lines.index('  web-1 fits on no destination') + 1
        self.assertEqual(
            [f'    n-{n}: needs 2 VCPU, 1 left' for n in range(5)],
            lines[start:start + 5])
        self.assertEqual(expected, lines[start + 5:])

    def test_translated(self):
        outcome = plan(
            [C1, a_spare()], [an_instance()], a_request())
        texts = {
            'Disable {host}.': '- {host}',
            'Enable {host}.': '+ {host}',
            '{host}: {verdict}, instances: {count}, method: {method}':
                '{host}={verdict}/{count}/{method}',
            '{name}: {kind} to {destination}': '{name}>{destination}',
        }
        self.assertEqual(
            '- compute-1\n+ spare-1\ncompute-1=planned/1/unused_host\n'
            '  web-1>spare-1',
            report.as_text(outcome, texts.__getitem__))
        outcome = plan([marked()], [an_instance()], a_request(**NEITHER))
        texts = {
            '{host}: {verdict}, instances: {count}': '{host}={count}',
            '{name}: stop': '!{name}',
        }
        self.assertEqual(
            'compute-1=1\n  !web-1',
            report.as_text(outcome, texts.__getitem__))


class TestPlain(base.TestCase):
    def test_in_full(self):
        known = a_snapshot(
            [C1, a_node(vcpus=10, disk_gb=0, used={'VCPU': 1})],
            [an_instance('web', vcpus=2, memory_mb=4096, disk_gb=0)])
        request = a_request()
        outcome = drain.plan(known, request)
        self.assertEqual(
            {
                'message': '',
                'failed': False,
                'request': codec.to_plain(request),
                'outcome': codec.to_plain(outcome),
                'destinations': [{
                    'hostname': 'compute-2',
                    'instances': 1,
                    'percent_before': {'MEMORY_MB': 0.0, 'VCPU': 10.0},
                    'percent_after': {'MEMORY_MB': 12.5, 'VCPU': 30.0},
                }],
                'words': [
                    'Disable compute-1.',
                    'compute-1: planned, instances: 1, method: spread',
                    '  web: live to compute-2',
                ],
            },
            report.as_plain(known, request, outcome))

    def test_each_destination_with_what_comes_to_it(self):
        known = a_snapshot(
            [C1, a_node('b', used={'VCPU': 12}), a_node('a'), a_node('c')],
            servers(8, 4))
        found = report.as_plain(
            known, a_request(), drain.plan(known, a_request()))
        self.assertEqual(
            [('a', 1, 0.0, 50.0), ('c', 1, 0.0, 25.0)],
            [(d['hostname'], d['instances'], d['percent_before']['VCPU'],
              d['percent_after']['VCPU']) for d in found['destinations']])

    def test_refused(self):
        known = a_snapshot([C1, C2], [SUSPENDED])
        found = report.as_plain(
            known, a_request(), drain.plan(known, a_request()))
        self.assertEqual(
            'Cannot drain compute-1: 1 of 1 instances cannot be moved. db '
            'is SUSPENDED. Nothing was changed. Its owner can resume it; an '
            'administrator can shelve it.', found['message'])
        self.assertIs(True, found['failed'])
        self.assertEqual([], found['destinations'])
        self.assertEqual('db is SUSPENDED.', found['words'][1])

    def test_when_nothing_could_be_read(self):
        outcome = Outcome(findings=(Finding(Reason.MODEL_EMPTY),))
        found = report.as_plain(None, None, outcome)
        self.assertIsNone(found['request'])
        self.assertEqual([], found['destinations'])
        self.assertEqual(
            "Cannot drain: Watcher's compute model holds no compute node.",
            found['words'][0])

    def test_moves_without_a_snapshot(self):
        outcome = plan([C1, C2], servers(1))
        found = report.as_plain(None, a_request(), outcome)
        self.assertEqual([], found['destinations'])

    def test_translated(self):
        outcome = Outcome(findings=(Finding(Reason.MODEL_EMPTY),))
        found = report.as_plain(None, None, outcome, lambda _text: 'x')
        self.assertEqual('x x x', found['message'])
        self.assertEqual(['x', 'x', 'x'], found['words'])

    def test_is_json(self):
        known = a_snapshot()
        found = report.as_plain(
            known, a_request(), drain.plan(known, a_request()))
        self.assertEqual(found, json.loads(json.dumps(found)))


@ddt.ddt
class TestUtilisation(base.TestCase):
    @ddt.named_data(
        # name, used, extra, expected of 12 VCPU at 1.5
        ('nothing', {}, {}, 0.0),
        ('used', {'VCPU': 9}, {}, 50.0),
        ('both', {'VCPU': 9}, {'VCPU': 3}, 66.7),
        ('overcommitted', {'VCPU': 27}, {}, 150.0),
    )
    @ddt.unpack
    def test_percent(self, used, extra, expected):
        node = a_node(
            inventory={'VCPU': an_inventory(16, 4, 1.5)}, used=used)
        self.assertEqual(
            {'DISK_GB': 0.0, 'MEMORY_MB': 0.0, 'VCPU': expected},
            report.utilisation_percent(node, extra))

    def test_classes_in_order_and_only_where_there_is_any(self):
        node = a_node(
            disk_gb=0, inventory={'VGPU': an_inventory(1),
                                  'MEMORY_MB': an_inventory(4, reserved=4)},
            used={'VGPU': 1})
        self.assertEqual(
            [('VCPU', 0.0), ('VGPU', 100.0)],
            list(report.utilisation_percent(node, {}).items()))
