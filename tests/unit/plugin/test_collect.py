# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""Tests of making a snapshot from Watcher's model and Nova's services."""

import ddt

from tests.unit.plugin import base
from tests.unit.plugin.builders import a_model
from tests.unit.plugin.builders import a_node
from tests.unit.plugin.builders import a_server
from tests.unit.plugin.builders import a_service
from tests.unit.plugin.builders import as_nova_has_them
from tests.unit.plugin.builders import by_host
from tests.unit.plugin.builders import disabled
from tests.unit.plugin.builders import uuid_of
from watcher_host_maintenance import exceptions
from watcher_host_maintenance.core import snapshot
from watcher_host_maintenance.core.reasons import Finding
from watcher_host_maintenance.core.reasons import Reason
from watcher_host_maintenance.core.request import Request
from watcher_host_maintenance.core.snapshot import Inventory
from watcher_host_maintenance.plugin import collect
from watcher_host_maintenance.plugin import nova


NAMED = Request(('compute-1',))
BARE = Request()


def collected(model, *services, request=NAMED, has_scope=False,
              servers=None):
    """Collect; Nova agrees with the model on servers, if not given."""
    return collect.collect(
        model, by_host(*services), servers or as_nova_has_them(model),
        request, has_scope)


def one_node(servers=(), service=None, has_scope=False, **fields):
    """The snapshot's node when there is only compute-1."""
    known = collected(
        a_model((a_node(**fields), servers)),
        service or a_service(), has_scope=has_scope)
    return known.by_hostname['compute-1']


@ddt.ddt
class TestNode(base.TestCase):
    def test_statuses_are_novas(self):
        node = one_node(
            status='enabled', state='up', disabled_reason=None,
            service=disabled('compute-1', 'fan broken', state='down'))
        self.assertEqual(('disabled', 'down', 'fan broken'),
                         (node.status, node.state, node.disabled_reason))

    def test_statuses_of_the_model_are_stale(self):
        node = one_node(status='disabled', state='down',
                        disabled_reason='watcher_disabled')
        self.assertEqual(('enabled', 'up', ''),
                         (node.status, node.state, node.disabled_reason))

    def test_capacities_are_the_models(self):
        node = one_node(
            vcpus=8, vcpu_reserved=1, vcpu_ratio=4.0,
            memory=16384, memory_mb_reserved=512, memory_ratio=1.5,
            disk=100, disk_gb_reserved=10, disk_ratio=1.0)
        self.assertEqual(
            {
                'VCPU': Inventory(8, 1, 4.0),
                'MEMORY_MB': Inventory(16384, 512, 1.5),
                'DISK_GB': Inventory(100, 10, 1.0),
            },
            node.inventory)

    @ddt.named_data(
        # name, servers, (VCPU, MEMORY_MB, DISK_GB) used, count
        ('empty',       [], (0, 0, 0), 0),
        ('one',         [a_server(vcpus=2, memory=512, disk=5)],
         (2, 512, 5), 1),
        ('two',         [a_server(), a_server('db-1', disk=0)],
         (2, 2048, 10), 2),
        ('stopped',     [a_server(state='stopped')], (1, 1024, 10), 1),
        ('excluded',    [a_server(watcher_exclude=True)], (1, 1024, 10), 1),
        ('soft_delete', [a_server(state='soft-delete')], (1, 1024, 10), 1),
        ('ghost',       [a_server(state='deleted')], (0, 0, 0), 0),
        ('offloaded',   [a_server(state='shelved_offloaded')], (0, 0, 0), 0),
    )
    @ddt.unpack
    def test_used(self, servers, used, count):
        node = one_node(servers)
        self.assertEqual(
            dict(zip(('VCPU', 'MEMORY_MB', 'DISK_GB'), used, strict=True)),
            node.used)
        self.assertEqual(count, node.instance_count)

    @ddt.named_data(
        # name, hypervisors, kind, UUID of, expected kind
        ('one',          ['compute-1'],           'QEMU',   'QEMU'),
        ('fqdn',         ['compute-1.example'],   'QEMU',   'QEMU'),
        ('bare_metal',   ['node-1', 'node-2'],    'ironic', 'ironic'),
        ('none',         [],                      'QEMU',   ''),
    )
    @ddt.unpack
    def test_hypervisors(self, hypervisors, kind, expected):
        node = one_node(
            service=a_service(hypervisors=hypervisors, kind=kind))
        self.assertEqual(tuple(hypervisors), node.hypervisors)
        self.assertEqual(expected, node.hypervisor_type)
        self.assertEqual(uuid_of('compute-1'), node.uuid)

    @ddt.named_data(
        # name, the audit has a scope, in scope
        ('with_scope', True,  False),
        ('no_scope',   False, True),
    )
    @ddt.unpack
    def test_service_without_model_node(self, has_scope, in_scope):
        known = collected(
            a_model((a_node(), ())),
            a_service(), a_service('compute-2', hypervisors=['c2.example']),
            has_scope=has_scope)
        node = known.by_hostname['compute-2']
        self.assertEqual(in_scope, node.in_scope)
        self.assertEqual(uuid_of('c2.example'), node.uuid)
        self.assertEqual({}, node.inventory)
        self.assertEqual(0, node.instance_count)

    @ddt.data(True, False)
    def test_node_of_the_model_is_in_scope(self, has_scope):
        self.assertTrue(one_node(has_scope=has_scope).in_scope)

    def test_node_without_service(self):
        # Somebody deleted it in Nova after the model was built.
        known = collected(
            a_model((a_node(), ()), (a_node('compute-2'), [a_server()])),
            a_service(), request=Request(('compute-2',)))
        self.assertEqual(['compute-1'], list(known.by_hostname))
        self.assertEqual((), known.instances)

    def test_bare_metal_outside_the_model(self):
        # Watcher leaves such nodes out of its compute model.
        known = collected(
            a_model((a_node(), ())),
            a_service(),
            a_service('ironic-1', kind='ironic', hypervisors=['n1', 'n2']),
            request=Request(('ironic-1',)))
        node = known.by_hostname['ironic-1']
        self.assertEqual('ironic', node.hypervisor_type)
        self.assertEqual(('n1', 'n2'), node.hypervisors)


@ddt.ddt
class TestInstances(base.TestCase):
    def test_is_clean(self):
        known = collected(
            a_model((a_node(), [
                a_server('db-1', state='stopped', vcpus=2, memory=4096,
                         disk=20)])),
            a_service())
        self.assertEqual(
            (snapshot.Instance(
                uuid=uuid_of('db-1'),
                name='db-1',
                host='compute-1',
                vm_state='stopped',
                resources={'VCPU': 2, 'MEMORY_MB': 4096, 'DISK_GB': 20}),),
            known.instances)

    def test_zero_disk_is_dropped(self):
        # Booted from a volume.
        known = collected(
            a_model((a_node(), [a_server(disk=0)])), a_service())
        self.assertEqual({'VCPU': 1, 'MEMORY_MB': 1024},
                         known.instances[0].resources)

    @ddt.data(True, False)
    def test_excluded_by_scope(self, excluded):
        known = collected(
            a_model((a_node(), [a_server(watcher_exclude=excluded)])),
            a_service())
        self.assertEqual(excluded, known.instances[0].excluded)

    @ddt.data('deleted', 'shelved_offloaded')
    def test_ghost(self, state):
        # A late notification puts a deleted server back into the model.
        known = collected(
            a_model((a_node(), [a_server('gone-1', state=state),
                                a_server('web-1')])),
            a_service())
        self.assertEqual(['web-1'], [i.name for i in known.instances])

    @ddt.named_data(
        # name, request, instances listed
        ('named',       Request(('compute-1',)),              ['web-1']),
        ('other',       Request(('compute-2',)),              ['web-2']),
        ('several',     Request(('compute-1', 'compute-3')),
         ['web-1', 'web-3']),
        ('unknown',     Request(('compute-9',)),              []),
        ('marked',      Request(),                            ['web-3']),
        ('other_marks', Request(marking_reasons=('fan',)),    ['web-2']),
    )
    @ddt.unpack
    def test_of_nodes_asked_for(self, request, names):
        known = collected(
            a_model(*((a_node(f'compute-{n}'), [a_server(f'web-{n}')])
                      for n in (1, 2, 3))),
            a_service('compute-1'),
            disabled('compute-2', 'fan broken'),
            disabled('compute-3', 'watcher_maintaining since noon'),
            request=request)
        self.assertEqual(names, [i.name for i in known.instances])
        # Those elsewhere are only counted.
        self.assertEqual([1, 1, 1], [n.instance_count for n in known.nodes])
        self.assertEqual([1, 1, 1], [n.used['VCPU'] for n in known.nodes])

    def test_node_outside_the_model_has_none(self):
        known = collected(
            a_model((a_node(), [a_server()])),
            a_service(), a_service('compute-2'),
            request=Request(('compute-2',)))
        self.assertEqual((), known.instances)


def nova_has(*found):
    """A reader that answers the same for every host."""
    return lambda host: [nova.Server(**{
        'uuid': uuid_of(fields['name']), 'vm_state': 'active',
        'task_state': '', 'resources': {'VCPU': 1}, **fields})
        for fields in found]


class TestTruth(base.TestCase):
    """On a node asked for, servers are as Nova has them."""

    def setUp(self):
        super().setUp()
        self.model = a_model((a_node(), [
            a_server('web-1', watcher_exclude=True), a_server('left-1')]))

    def test_servers_the_model_does_not_have(self):
        # One read failed as Watcher built its model, or it is old.
        known = collected(
            a_model((a_node(), ())), a_service(),
            servers=nova_has({'name': 'web-1'}, {'name': 'db-1'}))
        self.assertEqual(['db-1', 'web-1'], [i.name for i in known.instances])
        self.assertEqual(2, known.nodes[0].instance_count)

    def test_servers_that_have_left(self):
        known = collected(
            self.model, a_service(), servers=nova_has({'name': 'web-1'}))
        self.assertEqual(['web-1'], [i.name for i in known.instances])
        self.assertEqual(1, known.nodes[0].instance_count)

    def test_in_full(self):
        known = collected(self.model, a_service(), servers=nova_has({
            'name': 'web-1', 'vm_state': 'stopped', 'task_state': 'migrating',
            'resources': {'VCPU': 3, 'MEMORY_MB': 2048}}))
        self.assertEqual(
            (snapshot.Instance(
                uuid=uuid_of('web-1'), name='web-1', host='compute-1',
                vm_state='stopped', excluded=True, task_state='migrating',
                resources={'VCPU': 3, 'MEMORY_MB': 2048}),),
            known.instances)

    def test_ghosts_are_not_there(self):
        known = collected(self.model, a_service(), servers=nova_has(
            {'name': 'gone-1', 'vm_state': 'deleted'},
            {'name': 'gone-2', 'vm_state': 'shelved_offloaded'}))
        self.assertEqual((), known.instances)
        self.assertEqual(0, known.nodes[0].instance_count)

    def test_a_server_that_moves_between_two_reads(self):
        known = collected(
            a_model(*((a_node(f'compute-{n}'), ()) for n in (1, 2))),
            a_service('compute-1'), a_service('compute-2'),
            request=Request(('compute-1', 'compute-2')),
            servers=nova_has({'name': 'web-1'}))
        self.assertEqual(['compute-1'], [i.host for i in known.instances])
        self.assertEqual([1, 0], [n.instance_count for n in known.nodes])

    def test_only_nodes_asked_for_are_read(self):
        asked = []
        collected(
            a_model(*((a_node(f'compute-{n}'), ()) for n in (1, 2))),
            a_service('compute-1'), a_service('compute-2'),
            servers=lambda host: asked.append(host) or [])
        self.assertEqual(['compute-1'], asked)


class TestModel(base.TestCase):
    def test_empty(self):
        error = self.assertRaises(
            exceptions.NotPlanned, collected, a_model(), a_service())
        self.assertEqual(Finding(Reason.MODEL_EMPTY), error.finding)

    def test_no_service(self):
        known = collected(a_model((a_node(), [a_server()])))
        self.assertEqual((), known.nodes)

    def test_order_of_reading_does_not_matter(self):
        pairs = [(a_node(f'compute-{n}'),
                  [a_server(f'web-{n}'), a_server(f'api-{n}')])
                 for n in (1, 2, 10)]
        services = [a_service(f'compute-{n}') for n in (1, 2, 10)]
        self.assertEqual(
            snapshot.dump(collected(a_model(*pairs), *services)),
            snapshot.dump(collected(a_model(*pairs[::-1]), *services[::-1])))

    def test_comes_back_from_json(self):
        known = collected(
            a_model((a_node(), [a_server()]), (a_node('compute-2'), ())),
            a_service(), disabled('compute-2', 'watcher_disabled'))
        self.assertEqual(known, snapshot.load(snapshot.dump(known)))
