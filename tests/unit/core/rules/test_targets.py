# SPDX-License-Identifier: Apache-2.0

import dataclasses

import ddt

from tests.unit import base
from tests.unit.core.builders import a_bare_request
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_request
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import a_spare
from tests.unit.core.builders import an_instance
from tests.unit.core.findings import written
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.request import Owners
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.window import Window
from watcher_host_maintenance.core.rules import targets
from watcher_host_maintenance.core.rules.roles import BACKUP_DISABLED
from watcher_host_maintenance.core.rules.roles import BARE_METAL
from watcher_host_maintenance.core.rules.roles import NODE_DOWN
from watcher_host_maintenance.core.rules.targets import HYPERVISOR_NAME
from watcher_host_maintenance.core.rules.targets import NAMED_OTHERWISE
from watcher_host_maintenance.core.rules.targets import UNKNOWN_NODE


def a_marked_node(hostname='compute-1', **fields):
    return a_node(
        hostname,
        status='disabled',
        disabled_reason='watcher_maintaining',
        **fields,
    )


def resolve(nodes, request):
    return targets.resolve(a_snapshot(nodes, []), request)


def names(nodes):
    return [n.hostname for n in nodes]


def said(findings):
    return [written(f) for f in findings]


LOST = {'status': 'disabled', 'disabled_reason': 'AUTO: lost'}


@ddt.ddt
class TestNamed(base.TestCase):
    NODES = (a_node('compute-1'), a_node('compute-2'), a_node('compute-3'))

    @ddt.named_data(
        # name, asked for, expected
        ('one', ['compute-2'], ['compute-2']),
        ('two', ['compute-3', 'compute-1'], ['compute-1', 'compute-3']),
        ('twice', ['compute-2', 'compute-2'], ['compute-2']),
    )
    @ddt.unpack
    def test_found(self, asked, expected):
        found = resolve(self.NODES, a_request(*asked))
        self.assertEqual(expected, names(found.nodes))
        self.assertEqual({}, found.refused)
        self.assertEqual((), found.findings)

    def test_only_those_named(self):
        nodes = (*self.NODES, a_marked_node('compute-4'))
        found = resolve(nodes, a_request('compute-2'))
        self.assertEqual(['compute-2'], names(found.nodes))

    @ddt.named_data(
        # name, node called compute-1, expected
        ('down_and_empty', a_node('compute-1', state='down'), []),
        (
            'down_with_one',
            a_node('compute-1', state='down', instance_count=1),
            ['node_down compute-1 instances=1'],
        ),
        ('up_with_one', a_node('compute-1', instance_count=1), []),
        (
            'disabled_by_a_person',
            a_node('compute-1', status='disabled', disabled_reason='fan'),
            [],
        ),
        (
            'disabled_by_nova',
            a_node('compute-1', **LOST),
            ['hypervisor_lost compute-1 disabled_reason=AUTO: lost'],
        ),
        (
            'disabled_by_nova_with_servers',
            a_node('compute-1', **LOST, instance_count=1),
            ['hypervisor_lost compute-1 disabled_reason=AUTO: lost'],
        ),
        (
            'disabled_by_nova_and_down',
            a_node('compute-1', **LOST, state='down', instance_count=1),
            ['node_down compute-1 instances=1'],
        ),
        (
            'enabled_again_by_nova',
            a_node('compute-1', disabled_reason='AUTO: lost'),
            [],
        ),
        ('marked', a_marked_node(), []),
        ('spare', a_spare('compute-1'), []),
        ('spare_with_servers', a_spare('compute-1', instance_count=2), []),
        (
            'spare_down_with_servers',
            a_spare('compute-1', state='down', instance_count=2),
            ['node_down compute-1 instances=2'],
        ),
        (
            'out_of_scope',
            a_node('compute-1', in_scope=False),
            ['out_of_scope compute-1'],
        ),
        (
            'bare_metal',
            a_node('compute-1', hypervisor_type='ironic'),
            ['bare_metal compute-1'],
        ),
        (
            'bare_metal_out_of_scope',
            a_node('compute-1', hypervisor_type='ironic', in_scope=False),
            ['bare_metal compute-1'],
        ),
        (
            'in_no_cell',
            ComputeNode('compute-1'),
            ['no_hypervisor compute-1'],
        ),
        (
            'not_in_placement',
            ComputeNode('compute-1', hypervisors=('hv',)),
            ['no_inventory compute-1'],
        ),
        (
            'out_of_scope_and_so_not_in_the_model',
            ComputeNode('compute-1', in_scope=False),
            ['out_of_scope compute-1'],
        ),
    )
    @ddt.unpack
    def test_problems(self, node, expected):
        found = resolve([node, a_node('compute-2')], a_request('compute-1'))
        self.assertEqual(expected, said(found.findings))
        self.assertEqual(['compute-1'], names(found.nodes))
        self.assertEqual({}, found.refused)

    def test_every_problem_of_every_node(self):
        found = resolve(
            [
                a_node('compute-1', in_scope=False),
                a_node('compute-2', hypervisors=('hv-2.example.org',)),
            ],
            a_request(
                'hv-2.example.org',
                'compute-9',
                'compute-1',
                backup_node='compute-8',
            ),
        )
        self.assertEqual(
            [
                'out_of_scope compute-1',
                'unknown_node compute-9',
                'hypervisor_name hv-2.example.org host=compute-2',
                'unknown_node compute-8',
            ],
            said(found.findings),
        )
        self.assertEqual(['compute-1'], names(found.nodes))

    @ddt.named_data(
        # name, what compute-1 is asked for as, expected
        ('unknown', 'compute-9', Finding(UNKNOWN_NODE, 'compute-9')),
        (
            'domain_added',
            'compute-1.example.org',
            Finding(
                NAMED_OTHERWISE,
                'compute-1.example.org',
                {'host': 'compute-1'},
            ),
        ),
        (
            'capitals',
            'Compute-1',
            Finding(NAMED_OTHERWISE, 'Compute-1', {'host': 'compute-1'}),
        ),
        (
            'only_begins_alike',
            'compute-10',
            Finding(UNKNOWN_NODE, 'compute-10'),
        ),
        (
            'hypervisor',
            'hv-1',
            Finding(HYPERVISOR_NAME, 'hv-1', {'host': 'compute-1'}),
        ),
        (
            'second_hypervisor',
            'hv-1b',
            Finding(HYPERVISOR_NAME, 'hv-1b', {'host': 'compute-1'}),
        ),
        ('part_of_a_hypervisor', 'hv', Finding(UNKNOWN_NODE, 'hv')),
        ('ironic_node', 'node-uuid', Finding(BARE_METAL, 'node-uuid')),
    )
    @ddt.unpack
    def test_names_nobody_knows(self, name, expected):
        nodes = [
            a_node('compute-1', hypervisors=('hv-1', 'hv-1b')),
            a_node(
                'ironic-1',
                hypervisors=('node-uuid',),
                hypervisor_type='ironic',
            ),
        ]
        found = resolve(nodes, a_request(name))
        self.assertEqual((expected,), found.findings)
        self.assertEqual((), found.nodes)

    def test_a_name_that_could_be_two(self):
        nodes = [a_node('compute-1.east'), a_node('compute-1.west')]
        self.assertEqual(
            (Finding(UNKNOWN_NODE, 'compute-1'),),
            resolve(nodes, a_request('compute-1')).findings,
        )

    def test_a_host_called_as_its_hypervisor(self):
        nodes = [a_node('compute-1', hypervisors=('compute-1',))]
        self.assertEqual((), resolve(nodes, a_request('compute-1')).findings)


@ddt.ddt
class TestMarked(base.TestCase):
    def test_none(self):
        nodes = [
            a_node('compute-1'),
            a_spare('compute-2'),
            a_node('compute-3', status='disabled', disabled_reason='fan'),
        ]
        self.assertEqual(targets.Targets(), resolve(nodes, a_bare_request()))

    def test_all_in_scope(self):
        nodes = [
            a_marked_node('compute-3'),
            a_node('compute-2'),
            a_marked_node('compute-1'),
            a_marked_node('compute-4', in_scope=False),
        ]
        found = resolve(nodes, a_bare_request())
        self.assertEqual(['compute-1', 'compute-3'], names(found.nodes))
        self.assertEqual({}, found.refused)
        self.assertEqual((), found.findings)

    def test_other_window_refuses_its_node_alone(self):
        nodes = [a_marked_node('compute-1'), a_marked_node('compute-2')]
        request = a_bare_request(windows_elsewhere={'compute-1': '8d04'})
        found = resolve(nodes, request)
        self.assertEqual(['compute-1', 'compute-2'], names(found.nodes))
        self.assertEqual(
            {'compute-1': ['other_window compute-1 audit=8d04']},
            {host: said(why) for host, why in found.refused.items()},
        )

    def test_node_that_was_marked_too_late_is_refused_alone(self):
        known = a_snapshot(
            [a_marked_node(f'compute-{n}') for n in (1, 2, 3, 4)],
            [
                an_instance('told', 'compute-1'),
                an_instance('late', 'compute-2'),
                an_instance('lost', 'compute-3', vm_state='error'),
            ],
        )
        for nodes, refused in ((None, []), (('compute-1',), ['compute-2'])):
            request = a_bare_request(
                owners=Owners.WAIT, now_s=0, told_nodes=nodes
            )
            found = targets.resolve(known, request)
            self.assertEqual(refused, [*found.refused])
        named = dataclasses.replace(
            request, maintenance_nodes=('compute-1', 'compute-2')
        )
        found = targets.resolve(known, named)
        # What is named is emptied together, or not at all.
        self.assertEqual({}, found.refused)
        self.assertEqual(
            ['node_not_told compute-2 until=1970-01-01T00:00:00Z'],
            said(found.findings),
        )

    @ddt.named_data(
        # name, fields of the marked node, expected
        ('down_and_empty', {'state': 'down'}, {}),
        (
            'down_with_servers',
            {'state': 'down', 'instance_count': 2},
            {
                'compute-1': (
                    Finding(NODE_DOWN, 'compute-1', {'instances': 2}),
                )
            },
        ),
        (
            'bare_metal',
            {'hypervisor_type': 'Ironic'},
            {'compute-1': (Finding(BARE_METAL, 'compute-1'),)},
        ),
    )
    @ddt.unpack
    def test_refused_by_itself(self, fields, expected):
        nodes = [a_marked_node(**fields), a_marked_node('compute-2')]
        found = resolve(nodes, a_bare_request())
        self.assertEqual(expected, found.refused)
        self.assertEqual(['compute-1', 'compute-2'], names(found.nodes))
        self.assertEqual((), found.findings)


@ddt.ddt
class TestBackup(base.TestCase):
    @ddt.named_data(
        # name, fields of the backup, expected
        ('enabled', {}, []),
        (
            'spare',
            {'status': 'disabled', 'disabled_reason': 'watcher_disabled'},
            [],
        ),
        (
            'spare_with_servers',
            {
                'status': 'disabled',
                'disabled_reason': 'watcher_disabled',
                'instance_count': 1,
            },
            [],
        ),
        (
            'disabled',
            {'status': 'disabled', 'disabled_reason': 'bad fan'},
            ['backup_disabled compute-2 disabled_reason=bad fan'],
        ),
        (
            'disabled_by_nova',
            {'status': 'disabled', 'disabled_reason': 'AUTO: lost'},
            ['hypervisor_lost compute-2 disabled_reason=AUTO: lost'],
        ),
        (
            'a_person_wrote_auto',
            {'status': 'disabled', 'disabled_reason': 'AUTO fan'},
            ['backup_disabled compute-2 disabled_reason=AUTO fan'],
        ),
        (
            'disabled_silently',
            {'status': 'disabled'},
            ['backup_disabled compute-2 disabled_reason=None'],
        ),
        (
            'marked',
            {'status': 'disabled', 'disabled_reason': 'watcher_maintaining'},
            ['backup_marked compute-2 disabled_reason=watcher_maintaining'],
        ),
        (
            'down',
            {'state': 'down'},
            ['backup_down compute-2'],
        ),
        (
            'down_and_disabled',
            {'state': 'down', 'status': 'disabled'},
            [
                'backup_down compute-2',
                'backup_disabled compute-2 disabled_reason=None',
            ],
        ),
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
    def test_problems(self, fields, expected):
        found = resolve(
            [a_node('compute-1'), a_node('compute-2', **fields)],
            a_request(backup_node='compute-2'),
        )
        self.assertEqual(expected, said(found.findings))

    @ddt.named_data(
        # name, backup, expected
        ('unknown', 'compute-9', 'unknown_node compute-9'),
        (
            'hypervisor',
            'hv-2',
            'hypervisor_name hv-2 host=compute-2',
        ),
        (
            'named',
            'compute-1',
            'backup_is_maintained compute-1',
        ),
    )
    @ddt.unpack
    def test_wrong_node(self, backup, expected):
        found = resolve(
            [a_node('compute-1'), a_node('compute-2', hypervisors=('hv-2',))],
            a_request(backup_node=backup),
        )
        self.assertEqual([expected], said(found.findings))

    def test_marked_and_so_emptied_by_the_bare_goal(self):
        found = resolve(
            [a_marked_node(), a_node('compute-2')],
            a_bare_request(backup_node='compute-1'),
        )
        self.assertEqual(
            ['backup_is_maintained compute-1'],
            said(found.findings),
        )

    def test_marked_out_of_scope(self):
        found = resolve(
            [a_marked_node(in_scope=False), a_marked_node('compute-2')],
            a_bare_request(backup_node='compute-1'),
        )
        self.assertEqual(
            [
                'out_of_scope compute-1',
                'backup_marked compute-1 disabled_reason=watcher_maintaining',
            ],
            said(found.findings),
        )

    def test_facts_of_a_reason_not_given(self):
        found = resolve(
            [a_node('compute-1'), a_node('compute-2', status='disabled')],
            a_request(backup_node='compute-2'),
        )
        self.assertEqual(
            (
                Finding(
                    BACKUP_DISABLED,
                    'compute-2',
                    {'disabled_reason': None},
                ),
            ),
            found.findings,
        )


@ddt.ddt
class TestExpected(base.TestCase):
    @ddt.named_data(
        # name, fields of the request, nodes that something may begin with
        ('marked',     {}, {'compute-1', 'compute-2'}),
        ('named',      {'maintenance_nodes': ('compute-3',)}, {'compute-3'}),
        ('elsewhere',  {'windows_elsewhere': {'compute-1': 'x'}},
         {'compute-2'}),
        ('not_yet',    {'window': Window(20)}, {'compute-1', 'compute-2'}),
        ('last_second', {'window': Window(0, 11)},
         {'compute-1', 'compute-2'}),
        ('passed',     {'window': Window(0, 10)}, set()),
        ('named_and_passed',
         {'maintenance_nodes': ('compute-3',), 'window': Window(0, 10)},
         set()),
    )  # fmt: skip
    @ddt.unpack
    def test_nodes(self, fields, nodes):
        known = a_snapshot(
            [
                a_marked_node(),
                # One that is refused may be possible later.
                a_marked_node('compute-2', state='down', instance_count=1),
                a_node('compute-3'),
            ],
            [],
        )
        request = a_bare_request(now_s=10, **fields)
        self.assertEqual(nodes, targets.expected(known, request))
