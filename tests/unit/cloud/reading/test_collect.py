# SPDX-License-Identifier: Apache-2.0


"""Tests of making a snapshot from Watcher's model, Nova and Placement."""

import dataclasses

import ddt
import fixtures
import requests

from tests.unit.plugin import base
from tests.unit.plugin import clouds
from tests.unit.plugin import fake_optional
from tests.unit.plugin import nova_answers as in_nova
from tests.unit.plugin.builders import PROJECT
from tests.unit.plugin.builders import a_model
from tests.unit.plugin.builders import a_node
from tests.unit.plugin.builders import a_server
from tests.unit.plugin.builders import a_service
from tests.unit.plugin.builders import disabled
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.fake_optional import FakeOptional
from watcher_host_maintenance.cloud import deadlines
from watcher_host_maintenance.cloud import optional
from watcher_host_maintenance.cloud.errors import CALL_FAILED
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.neutron import Neutron
from watcher_host_maintenance.cloud.reading import collect
from watcher_host_maintenance.core.model import snapshot
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.request import CpuCheck
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Inventory
from watcher_host_maintenance.core.model.snapshot import Port
from watcher_host_maintenance.core.model.snapshot import ServerGroup
from watcher_host_maintenance.plugin.watcher.estimates import MODEL_EMPTY


MARK = 'watcher_maintaining'

NAMED = Request(('compute-1',))
BARE = Request()

ZONE_2 = [{'compute': [{'availability_zones': [{'name': 'az-2'}]}]}]

NO_CLASSES = {'VCPU': 0, 'MEMORY_MB': 0, 'DISK_GB': 0}


def in_nova_marked(host):
    """A service as Nova has it, marked for maintenance."""
    return in_nova.a_service(host, status='disabled', disabled_reason=MARK)


class TestCase(base.TestCase):
    """A cloud that agrees with the model until a test changes it.

    :ivar nova: the fake Nova
    :ivar placement: the fake Placement
    """

    def setUp(self):
        super().setUp()
        self.cloud = clouds.Cloud(self)
        self.nova, self.placement = self.cloud.nova, self.cloud.placement

    def given(self, model, *services):
        """Have this model, and services; without any, one for each node."""
        self.model = model
        nodes = model.get_all_compute_nodes().values()
        self.cloud.follow(
            services or [a_service(n.hostname) for n in nodes],
            clouds.of_model(model),
        )

    def collected(self, request=NAMED, audit_scope=None, **others):
        self.known = clouds.collected(
            self.model, request, audit_scope, **others
        )
        return self.known

    def names(self):
        return [i.name for i in self.known.instances]

    def refused(self, request=NAMED):
        """The finding of the collection that is refused."""
        return self.assertRaises(NotPlanned, self.collected, request).finding


class Clock:
    """A clock that a sleep alone moves.

    :ivar paused_s: seconds of each sleep, in order
    """

    def __init__(self, changes):
        self._changes = list(changes)
        self._now = 100.0
        self.paused_s = []

    def monotonic(self):
        return self._now

    def sleep(self, seconds):
        self.paused_s.append(seconds)
        self._now += seconds
        if self._changes:
            self._changes.pop(0)()


@ddt.ddt
class TestNode(TestCase):
    def test_in_full(self):
        self.given(
            a_model(
                (a_node(), [a_server(), a_server('db-1')]),
                (
                    a_node('compute-2', vcpus=8, vcpu_ratio=4.0),
                    [a_server('api-1')],
                ),
            ),
            a_service(),
            disabled('compute-2', 'fan broken', state='down'),
        )
        self.assertEqual(
            ComputeNode(
                hostname='compute-2',
                uuid=uuid_of('compute-2'),
                status='disabled',
                state='down',
                disabled_reason='fan broken',
                in_scope=True,
                hypervisor_type='QEMU',
                hypervisor_version=8002000,
                hypervisors=('compute-2',),
                zone='nova',
                instance_count=1,
                inventory={
                    'VCPU': Inventory(8, 0, 4.0),
                    'MEMORY_MB': Inventory(32768),
                    'DISK_GB': Inventory(400),
                },
                used={'VCPU': 1, 'MEMORY_MB': 1024, 'DISK_GB': 10},
            ),
            self.collected().by_hostname['compute-2'],
        )

    @ddt.named_data(
        # name, scope of the audit, zone of the lost node, in scope
        ('no_scope', None,   'az-1', True),
        ('inside',   ZONE_2, 'az-2', True),
        ('outside',  ZONE_2, 'az-1', False),
    )  # fmt: skip
    @ddt.unpack
    def test_service_without_model_node(self, audit_scope, zone, in_scope):
        self.given(
            a_model((a_node(), ())),
            a_service(zone='az-2'),
            a_service('compute-2', hypervisors=['c2.example'], zone=zone),
        )
        node = self.collected(audit_scope=audit_scope).by_hostname['compute-2']
        self.assertEqual(in_scope, node.in_scope)
        self.assertEqual(
            (uuid_of('compute-2'), {}, NO_CLASSES, 0),
            (node.uuid, node.inventory, node.used, node.instance_count),
        )

    def test_scope_by_an_aggregate(self):
        self.given(
            a_model((a_node(), ())),
            a_service(),
            a_service('compute-2'),
            a_service('compute-3'),
        )
        self.nova.aggregates = [in_nova.an_aggregate(7, 'rack', ['compute-3'])]
        self.collected(
            audit_scope=[{'compute': [{'host_aggregates': [{'id': 7}]}]}]
        )
        self.assertEqual(
            ['compute-3'],
            [n.hostname for n in self.known.nodes if n.in_scope],
        )

    def test_node_without_service(self):
        # Somebody deleted it in Nova after the model was built.
        self.given(
            a_model((a_node(), ()), (a_node('compute-2'), [a_server()])),
            a_service(),
        )
        self.collected(Request(('compute-2',)))
        self.assertEqual(['compute-1'], list(self.known.by_hostname))
        self.assertEqual((), self.known.instances)

    @ddt.named_data(
        # name, nodes asked for, counts
        ('named',   ('compute-1',),             [2, 1]),
        ('both',    ('compute-1', 'compute-2'), [2, 0]),
        ('neither', ('compute-9',),             [1, 1]),
    )  # fmt: skip
    @ddt.unpack
    def test_counts_of_nodes_asked_for_are_novas(self, asked, counts):
        self.given(
            a_model(
                (a_node(), [a_server('web-1')]),
                (a_node('compute-2'), [a_server('web-2')]),
            )
        )
        self.nova.servers = [
            in_nova.a_server('web-1'),
            in_nova.a_server('web-2'),
        ]
        self.collected(Request(asked))
        self.assertEqual(counts, [n.instance_count for n in self.known.nodes])


@ddt.ddt
class TestTraits(TestCase):
    def setUp(self):
        super().setUp()
        self.given(a_model((a_node(), ()), (a_node('compute-2'), ())))
        for host, traits in (
            ('compute-1', ()),
            ('compute-2', ('CUSTOM_GOLD', 'HW_AVX2', 'HW_SSE')),
        ):
            self.placement.providers[uuid_of(host)].traits = traits

    @ddt.named_data(
        # name, extra specs, traits of compute-2 that are told
        ('none',      {}, ()),
        ('required',  {'trait:HW_AVX2': 'required'}, ('HW_AVX2',)),
        ('forbidden', {'trait:CUSTOM_GOLD': 'forbidden'}, ('CUSTOM_GOLD',)),
        ('several',   {'trait:HW_AVX2': 'required',
                       'trait:CUSTOM_GOLD': 'forbidden'},
         ('CUSTOM_GOLD', 'HW_AVX2')),
        ('unknown',   {'trait:CUSTOM_NONE': 'required'}, ()),
        ('device',    {'trait1:HW_AVX2': 'required'}, ()),
    )  # fmt: skip
    @ddt.unpack
    def test_those_asked_about(self, extra_specs, traits):
        self.nova.servers = [in_nova.a_server(extra_specs=extra_specs)]
        self.collected()
        self.assertEqual([(), traits], [n.traits for n in self.known.nodes])


class TestShared(TestCase):
    def test_storage(self):
        self.given(a_model((a_node(), ())))
        storage = self.placement.add('nfs-1', DISK_GB=500)
        self.nova.servers = [in_nova.a_server()]
        self.placement.hold('web-1', uuid_of('compute-1'), VCPU=2)
        self.placement.hold('web-1', storage, DISK_GB=20)
        [instance] = self.collected().instances
        self.assertEqual(20, instance.resources['DISK_GB'])


@ddt.ddt
class TestInstances(TestCase):
    def test_in_full(self):
        self.given(
            a_model(
                (
                    a_node(),
                    [a_server('db-1', state='stopped')],
                )
            )
        )
        self.nova.servers = [
            in_nova.a_server(
                'db-1',
                state='stopped',
                power=4,
                task='migrating',
                pinned='az-1',
                extra_specs={'hw:vif_multiqueue_enabled': 'true'},
            )
        ]
        self.nova.aggregates = [in_nova.an_aggregate(availability_zone='az-1')]
        self.nova.groups = [in_nova.a_group('db', members=['db-1'])]
        self.placement.hold('db-1', uuid_of('compute-1'), CUSTOM_SEAT=3)
        self.assertEqual(
            (
                Instance(
                    uuid=uuid_of('db-1'),
                    name='db-1',
                    host='compute-1',
                    vm_state='stopped',
                    task_state='migrating',
                    power_state='shutdown',
                    project_id=PROJECT,
                    pinned_zone='az-1',
                    group=uuid_of('group db'),
                    excluded=True,
                    extra_specs={'hw:vif_multiqueue_enabled': 'true'},
                    flavor='m1.small',
                    hypervisor='compute-1',
                    resources={
                        'VCPU': 2,
                        'MEMORY_MB': 2048,
                        'DISK_GB': 20,
                        'CUSTOM_SEAT': 3,
                    },
                    held={
                        'VCPU': 1,
                        'MEMORY_MB': 1024,
                        'DISK_GB': 10,
                        'CUSTOM_SEAT': 3,
                    },
                ),
            ),
            self.collected(
                audit_scope=excluding(projects=[{'uuid': PROJECT}])
            ).instances,
        )

    def test_pinned_to_no_aggregates_zone(self):
        self.given(a_model((a_node(), ())))
        self.nova.servers = [in_nova.a_server(pinned='nova')]
        known = self.collected()
        self.assertEqual(
            (None, 'nova'),
            (known.instances[0].pinned_zone, known.nodes[0].zone),
        )

    def test_zero_disk_is_dropped(self):
        # Booted from a volume.
        self.given(a_model((a_node(), [a_server(disk=0)])))
        self.assertEqual(
            {'VCPU': 1, 'MEMORY_MB': 1024},
            self.collected().instances[0].resources,
        )

    @ddt.data('deleted', 'shelved_offloaded')
    def test_ghost(self, state):
        # A late notification puts a deleted server back into the model.
        self.given(
            a_model(
                (
                    a_node(),
                    [a_server('gone-1', state=state), a_server('web-1')],
                )
            )
        )
        self.collected()
        self.assertEqual(['web-1'], self.names())

    @ddt.named_data(
        # name, request, instances listed
        ('named',       Request(('compute-1',)),              ['web-1']),
        ('other',       Request(('compute-2',)),              ['web-2']),
        ('several',     Request(('compute-1', 'compute-3')),
         ['web-1', 'web-3']),
        ('unknown',     Request(('compute-9',)),              []),
        ('marked',      Request(),                            ['web-3']),
        ('other_marks', Request(marking_reasons=('fan',)),    ['web-2']),
    )  # fmt: skip
    @ddt.unpack
    def test_of_nodes_asked_for(self, request, names):
        self.given(
            a_model(
                *(
                    (a_node(f'compute-{n}'), [a_server(f'web-{n}')])
                    for n in (1, 2, 3)
                )
            ),
            a_service('compute-1'),
            disabled('compute-2', 'fan broken'),
            disabled('compute-3', 'watcher_maintaining since noon'),
        )
        self.collected(request)
        self.assertEqual(names, self.names())
        # Those elsewhere are only counted.
        self.assertEqual(
            [1, 1, 1], [n.instance_count for n in self.known.nodes]
        )
        self.assertEqual([1, 1, 1], [n.used['VCPU'] for n in self.known.nodes])

    def test_node_outside_the_model(self):
        self.given(
            a_model((a_node(), [a_server()])),
            a_service(),
            a_service('compute-2'),
        )
        self.nova.servers.append(in_nova.a_server('web-2', 'compute-2'))
        self.collected(Request(('compute-2',)))
        self.assertEqual(['web-2'], self.names())

    def test_passing(self):
        self.given(a_model((a_node(), ()), (a_node('compute-2'), ())))
        self.nova.servers = [
            in_nova.a_server('web-1', 'compute-2', state='resized')
        ]
        self.nova.migrations = [
            in_nova.a_migration(
                'web-1',
                'compute-1',
                'compute-2',
                kind='resize',
                status='finished',
            )
        ]
        [instance] = self.collected().instances
        self.assertEqual(
            ('web-1', 'compute-1', 'compute-2'),
            (instance.name, instance.host, instance.elsewhere),
        )
        # Nova's count of the node: what is half here is not gone.
        self.assertEqual([1, 0], [n.instance_count for n in self.known.nodes])

    def test_passing_on_several_nodes(self):
        # One record is old: nobody tells which.
        self.given(
            a_model(*((a_node(f'compute-{n}'), ()) for n in (1, 2))),
            *(a_service(f'compute-{n}') for n in (1, 2, 3)),
        )
        self.nova.servers = [
            in_nova.a_server('web-1', 'compute-3', state='resized')
        ]
        self.nova.migrations = [
            in_nova.a_migration(
                'web-1',
                f'compute-{n}',
                'compute-3',
                number=n,
                kind='migration',
                status='finished',
            )
            for n in (1, 2)
        ]
        known = self.collected(Request(('compute-1', 'compute-2')))
        self.assertEqual(
            [('compute-1', 'compute-3', ''), ('compute-2', 'compute-3', '')],
            [(i.host, i.elsewhere, i.migration) for i in known.instances],
        )

    def test_between_two_nodes_to_empty(self):
        self.given(a_model(*((a_node(f'compute-{n}'), ()) for n in (1, 2))))
        self.nova.servers = [
            in_nova.a_server('web-1', 'compute-2', state='resized')
        ]
        self.nova.migrations = [
            in_nova.a_migration(
                'web-1',
                'compute-1',
                'compute-2',
                kind='migration',
                status='finished',
            )
        ]
        known = self.collected(Request(('compute-1', 'compute-2')))
        self.assertEqual(
            [
                ('compute-1', 'compute-2', 'migration'),
                ('compute-2', '', 'migration'),
            ],
            [(i.host, i.elsewhere, i.migration) for i in known.instances],
        )
        self.assertEqual([1, 1], [n.instance_count for n in known.nodes])


def excluding(**found):
    return [{'compute': [{'exclude': [found]}]}]


@ddt.ddt
class TestExcluded(TestCase):
    @ddt.named_data(
        # name, scope of the audit, is it excluded
        ('server',        excluding(instances=[{'uuid': uuid_of('new-1')}]),
         True),
        ('project',       excluding(projects=[{'uuid': PROJECT}]), True),
        ('other_server',  excluding(instances=[{'uuid': uuid_of('web-1')}]),
         False),
        ('other_project', excluding(projects=[{'uuid': uuid_of('p')}]),
         False),
        ('no_scope',      None, False),
    )  # fmt: skip
    @ddt.unpack
    def test_server_that_the_model_lacks(self, audit_scope, excluded):
        self.given(a_model((a_node(), ())))
        self.nova.servers = [in_nova.a_server('new-1')]
        self.collected(audit_scope=audit_scope)
        self.assertEqual(
            [excluded], [i.excluded for i in self.known.instances]
        )


class TestTruth(TestCase):
    """On a node asked for, servers are as Nova has them."""

    def setUp(self):
        super().setUp()
        self.given(
            a_model(
                (
                    a_node(),
                    [
                        a_server('web-1'),
                        a_server('left-1'),
                    ],
                )
            )
        )
        for name in ('web-1', 'left-1'):
            self.placement.free(name)

    def test_servers_the_model_does_not_have(self):
        # One read failed as Watcher built its model, or it is old.
        self.given(a_model((a_node(), ())))
        self.nova.servers = [
            in_nova.a_server('web-1'),
            in_nova.a_server('db-1'),
        ]
        self.collected()
        self.assertEqual(['db-1', 'web-1'], self.names())
        self.assertEqual(2, self.known.nodes[0].instance_count)

    def test_servers_that_have_left(self):
        self.nova.servers = [in_nova.a_server('web-1')]
        self.collected()
        self.assertEqual(['web-1'], self.names())
        self.assertEqual(1, self.known.nodes[0].instance_count)

    def test_ghosts_are_not_there(self):
        self.nova.servers = [
            in_nova.a_server('gone-1', state='deleted'),
            in_nova.a_server('gone-2', state='shelved_offloaded'),
        ]
        self.assertEqual((), self.collected().instances)
        self.assertEqual(0, self.known.nodes[0].instance_count)

    def test_soft_deleted_ones_are(self):
        # They hold their disk until Nova reclaims it.
        self.nova.servers = [in_nova.a_server('web-1', state='soft-delete')]
        self.collected()
        self.assertEqual(['web-1'], self.names())

    def test_a_server_that_moves_between_two_reads(self):
        self.given(a_model(*((a_node(f'compute-{n}'), ()) for n in (1, 2))))
        self.nova.servers = [
            in_nova.a_server('web-1', f'compute-{n}') for n in (1, 2)
        ]
        self.collected(Request(('compute-1', 'compute-2')))
        self.assertEqual(['compute-1'], [i.host for i in self.known.instances])
        self.assertEqual([1, 0], [n.instance_count for n in self.known.nodes])

    def test_only_nodes_asked_for_are_read(self):
        self.given(a_model(*((a_node(f'compute-{n}'), ()) for n in (1, 2))))
        self.collected()
        [asked] = self.nova.asked('/servers/detail')
        self.assertIn('host=compute-1', asked)


@ddt.ddt
class TestWaiting(TestCase):
    """What was read before Nova's tasks ended may be another thing now."""

    def test_lists_are_read_again(self):
        self.given(a_model((a_node(), ())), a_service())
        self.nova.servers = [in_nova.a_server(task='image_snapshot')]
        known = self.waiting(
            NAMED,
            lambda: self.become(
                [in_nova.a_server()],
                in_nova.a_service(
                    status='disabled', disabled_reason='fan broken'
                ),
            ),
        )
        self.assertEqual('fan broken', known.nodes[0].disabled_reason)
        self.assertEqual('', known.instances[0].task_state)
        self.assertEqual(2, len(self.nova.asked('/os-services')))

    def waiting(self, request, *changes, wait_s=60):
        """What is collected when this happens, one at each pause."""
        clock = Clock(changes)
        for module in (collect, deadlines):
            self.useFixture(fixtures.MockPatchObject(module, 'time', clock))
        self.paused_s = clock.paused_s
        self.known = clouds.collected(self.model, request, wait_s=wait_s)
        return self.known

    def become(self, servers, *services):
        self.nova.servers, self.nova.services = servers, list(services)

    def given_two(self):
        """Two nodes, of which the first is marked and busy."""
        self.given(
            a_model(
                (a_node(), ()), (a_node('compute-2'), [a_server('web-2')])
            ),
            disabled('compute-1', MARK),
            a_service('compute-2'),
        )
        self.nova.servers.append(in_nova.a_server(task='image_snapshot'))

    def test_node_that_is_marked_meanwhile(self):
        # Its servers count no less than those of the first.
        self.given_two()
        known = self.waiting(
            BARE,
            lambda: self.become(
                [
                    in_nova.a_server(),
                    in_nova.a_server('web-2', 'compute-2'),
                    in_nova.a_server('new-2', 'compute-2'),
                ],
                *map(in_nova_marked, ('compute-1', 'compute-2')),
            ),
        )
        self.assertEqual(['new-2', 'web-1', 'web-2'], self.names())
        self.assertEqual([1, 2], [n.instance_count for n in known.nodes])

    def test_node_that_is_no_longer_marked(self):
        self.given_two()
        self.waiting(
            BARE,
            lambda: self.become(
                self.nova.servers,
                *map(in_nova.a_service, ('compute-1', 'compute-2')),
            ),
        )
        self.assertEqual([], self.names())

    def test_node_that_is_gone_meanwhile(self):
        self.given_two()
        self.waiting(
            BARE, lambda: self.become([], in_nova_marked('compute-2'))
        )
        self.assertEqual(['compute-2'], list(self.known.by_hostname))

    def test_busy_node_that_is_marked_meanwhile(self):
        # All waits together are not longer than was allowed.
        self.given_two()
        busy = in_nova.a_server('web-2', 'compute-2', task='rebooting')
        known = self.waiting(
            BARE,
            lambda: self.become(
                [in_nova.a_server(), busy],
                *map(in_nova_marked, ('compute-1', 'compute-2')),
            ),
            wait_s=5,
        )
        self.assertEqual([2, 2, 1], self.paused_s)
        self.assertEqual(
            ['', 'rebooting'], [i.task_state for i in known.instances]
        )
        self.assertEqual(3, len(self.nova.asked('/os-services')))

    def test_cell_that_goes_down_meanwhile(self):
        self.given_two()
        named = Request(('compute-1', 'compute-2'))
        error = self.assertRaises(
            NotPlanned,
            self.waiting,
            named,
            lambda: self.become(
                [in_nova.a_server()],
                in_nova.a_service('compute-1'),
                in_nova.a_silent_service('compute-2'),
            ),
        )
        self.assertIn('compute-2', error.finding.facts['error'])

    def given_one(self, **server):
        self.given(a_model((a_node(), ())), a_service())
        self.nova.servers = [in_nova.a_server(**server)]

    def test_until_a_server_is_built(self):
        self.given_one(state='building')
        known = self.waiting(
            NAMED,
            lambda: None,
            lambda: self.become([in_nova.a_server()], in_nova.a_service()),
        )
        self.assertEqual(['active'], [i.vm_state for i in known.instances])
        self.assertEqual([2, 2], self.paused_s)

    def test_until_one_has_left(self):
        self.given_one(task='migrating')
        known = self.waiting(
            NAMED,
            lambda: self.become(
                [in_nova.a_server('web-1', 'compute-2')], in_nova.a_service()
            ),
        )
        self.assertEqual((), known.instances)
        self.assertEqual([2], self.paused_s)

    @ddt.named_data(
        # name, seconds to wait, sleeps
        ('not_at_all', 0, []),
        ('a_bit',      1, [1]),
        ('even',       4, [2, 2]),
        ('odd',        5, [2, 2, 1]),
    )  # fmt: skip
    @ddt.unpack
    def test_no_longer_than_said(self, wait_s, pauses):
        self.given_one(task='image_snapshot')
        known = self.waiting(NAMED, wait_s=wait_s)
        self.assertEqual(pauses, self.paused_s)
        self.assertEqual(
            ['image_snapshot'], [i.task_state for i in known.instances]
        )

    def test_slow_reads_are_part_of_the_wait(self):
        self.given_one(task='image_snapshot')
        clock = Clock(())

        def read_slowly():
            clock.sleep(3)

        path = '/v2.1/servers/detail'
        self.nova.afterwards[path] = [read_slowly] * 9
        for module in (collect, deadlines):
            self.useFixture(fixtures.MockPatchObject(module, 'time', clock))
        clouds.collected(self.model, NAMED, wait_s=10)
        # Each look takes two pages; the last one is what is planned on.
        self.assertEqual([3, 3, 2, 3, 3, 3, 3], clock.paused_s)

    def test_look_that_takes_too_long_is_given_up(self):
        self.given_one(task='image_snapshot')
        clock = Clock(())

        def hang():
            clock.sleep(60)
            raise requests.ReadTimeout

        path = '/v2.1/servers/detail'
        # Two pages of the first reading, then the look.
        self.nova.afterwards[path] = [lambda: None] * 2 + [hang]
        for module in (collect, deadlines):
            self.useFixture(fixtures.MockPatchObject(module, 'time', clock))
        known = clouds.collected(self.model, NAMED, wait_s=10)
        self.assertEqual([2, 60], clock.paused_s)
        self.assertEqual(
            ['image_snapshot'], [i.task_state for i in known.instances]
        )

    def test_not_for_a_node_out_of_scope(self):
        self.given(
            a_model((a_node(), ())),
            disabled('compute-1', MARK, zone='az-2'),
            disabled('compute-2', MARK, zone='az-1'),
        )
        self.nova.servers = [
            in_nova.a_server('web-2', 'compute-2', task='image_snapshot')
        ]
        self.nova.fail('/v2.1/servers/detail?host=compute-2')
        self.collected(BARE, ZONE_2)
        self.assertEqual([], self.names())
        self.assertEqual([True, False], [n.in_scope for n in self.known.nodes])

    def test_lists_are_read_once_without(self):
        self.given(a_model((a_node(), [a_server()])))
        self.collected()
        self.assertEqual(1, len(self.nova.asked('/os-services')))


class TestGroups(TestCase):
    def test_members_elsewhere(self):
        self.given(
            a_model((a_node(), [a_server('db-1')]), (a_node('compute-2'), ()))
        )
        self.nova.servers.append(in_nova.a_server('db-2', 'compute-2'))
        self.nova.groups = [
            in_nova.a_group('db', members=['db-1', 'db-2']),
            in_nova.a_group('other', members=['db-2']),
        ]
        self.assertEqual(
            (
                ServerGroup(
                    uuid_of('group db'),
                    'db',
                    'anti-affinity',
                    1,
                    {'compute-1': 1, 'compute-2': 1},
                ),
            ),
            self.collected().groups,
        )

    def test_member_that_is_soft_deleted(self):
        # Nova keeps others away from it, and does not list it.
        self.given(
            a_model((a_node(), [a_server('db-1')]), (a_node('compute-2'), ()))
        )
        self.nova.servers.append(
            in_nova.a_server('db-2', 'compute-2', state='soft-delete')
        )
        self.nova.groups = [in_nova.a_group('db', members=['db-1'])]
        self.nova.hidden = {uuid_of('group db'): [uuid_of('db-2')]}
        [group] = self.collected().groups
        self.assertEqual({'compute-1': 1, 'compute-2': 1}, group.members)


@ddt.ddt
class TestAggregates(TestCase):
    @ddt.named_data(
        # name, extra specs, fields of the request, keys that are kept
        ('nothing',   {}, {}, {'filter_tenant_id', 'filter_tenant_id2'}),
        ('scoped',    {'aggregate_instance_extra_specs:disk': 'ssd'}, {},
         {'disk', 'filter_tenant_id', 'filter_tenant_id2'}),
        ('unscoped',  {'rack': '7'}, {'unscoped_extra_specs': True},
         {'rack', 'filter_tenant_id', 'filter_tenant_id2'}),
        ('off',       {'rack': '7'}, {},
         {'filter_tenant_id', 'filter_tenant_id2'}),
        ('domain',    {}, {'migration_domain_keys': ('rack',)},
         {'rack', 'filter_tenant_id', 'filter_tenant_id2'}),
    )  # fmt: skip
    @ddt.unpack
    def test_metadata_that_a_rule_looks_at(self, specs, fields, kept):
        self.given(a_model((a_node(), ()), (a_node('compute-2'), ())))
        self.nova.servers = [in_nova.a_server(extra_specs=specs)]
        self.nova.aggregates = [
            in_nova.an_aggregate(
                1,
                'a',
                ['compute-2', 'compute-1'],
                disk='ssd',
                rack='7',
                owner='me',
                filter_tenant_id='x',
                filter_tenant_id2='y',
            )
        ]
        [aggregate] = self.collected(
            Request(('compute-1',), **fields)
        ).aggregates
        self.assertEqual(
            ('a', ('compute-1', 'compute-2')),
            (aggregate.name, aggregate.hosts),
        )
        self.assertEqual(kept, set(aggregate.metadata))

    def test_one_that_no_rule_looks_at(self):
        self.given(a_model((a_node(), ())))
        self.nova.aggregates = [in_nova.an_aggregate(owner='me')]
        self.assertEqual((), self.collected().aggregates)


class TestModel(TestCase):
    def test_empty(self):
        self.given(a_model(), a_service())
        self.assertEqual(Finding(MODEL_EMPTY), self.refused())
        self.assertEqual([], self.nova.asked('/os-'))

    def test_no_service(self):
        self.given(a_model((a_node(), [a_server()])))
        self.nova.services = []
        self.assertEqual((), self.collected().nodes)

    def test_order_of_reading_does_not_matter(self):
        pairs = [
            (
                a_node(f'compute-{n}'),
                [a_server(f'web-{n}'), a_server(f'api-{n}')],
            )
            for n in (1, 2, 10)
        ]
        self.given(a_model(*pairs))
        one = self.collected()
        self.given(a_model(*pairs[::-1]))
        other = self.collected()
        self.assertEqual(snapshot.dump(one), snapshot.dump(other))

    def test_comes_back_from_json(self):
        self.given(
            a_model((a_node(), [a_server()]), (a_node('compute-2'), ())),
            a_service(),
            disabled('compute-2', 'watcher_disabled'),
        )
        self.assertEqual(
            self.collected(), snapshot.load(snapshot.dump(self.known))
        )


class TestSilence(TestCase):
    """A node whose cell is down looks empty, and is not."""

    def setUp(self):
        super().setUp()
        self.given(
            a_model((a_node(), [a_server()]), (a_node('compute-2'), ()))
        )
        self.nova.services[0] = in_nova.a_silent_service('compute-1')
        # With filters, Nova leaves such cells out of its lists.
        self.nova.servers, self.nova.hypervisors = [], []

    def test_of_a_node_to_empty(self):
        self.assertEqual(
            Finding(
                CALL_FAILED,
                facts={
                    'service': 'Nova',
                    'call': 'GET /os-services?host=compute-1',
                    'error': 'the cell of compute-1 does not answer',
                },
            ),
            self.refused(),
        )

    def test_of_another_node(self):
        self.collected(Request(('compute-2',)))
        node = self.known.by_hostname['compute-1']
        self.assertEqual(('disabled', 'down'), (node.status, node.state))

    def test_of_a_member_of_a_group(self):
        self.nova.servers = [
            in_nova.a_server('db-2', 'compute-2'),
            in_nova.a_silent_server('db-1'),
        ]
        self.nova.groups = [in_nova.a_group('db', members=['db-1', 'db-2'])]
        finding = self.refused(Request(('compute-2',)))
        self.assertIs(CALL_FAILED, finding.reason)
        self.assertEqual(
            f'GET /servers/{uuid_of("db-1")}', finding.facts['call']
        )


class TestOutage(TestCase):
    """Nothing half-read is planned on."""

    def test_names_the_call(self):
        for path, call in (
            ('/os-aggregates', 'GET /os-aggregates'),
            ('/os-server-groups', 'GET /os-server-groups'),
            ('/os-services', 'GET /os-services'),
            (
                '/os-migrations?status=queued',
                'GET /os-migrations?status=queued',
            ),
            ('/servers/detail', 'GET /servers/detail?host=compute-1'),
        ):
            self.cloud = clouds.Cloud(self)
            self.given(a_model((a_node(), [a_server()])))
            self.cloud.nova.fail(f'/v2.1{path}')
            self.assertEqual(call, self.refused().facts['call'])

    def test_placement(self):
        self.given(a_model((a_node(), [a_server()])))
        path = f'/allocations/{uuid_of("web-1")}'
        self.placement.fail(path)
        finding = self.refused()
        self.assertIs(CALL_FAILED, finding.reason)
        self.assertEqual(f'GET {path}', finding.facts['call'])


class TestDetails(TestCase):
    """web-1 on compute-1, whose image is gone; compute-2 and compute-3."""

    def setUp(self):
        super().setUp()
        nodes = [a_node(f'compute-{n}') for n in (1, 2, 3)]
        self.given(
            a_model(
                (nodes[0], [a_server('web-1')]), (nodes[1], []), (nodes[2], [])
            )
        )
        self.fake = FakeOptional(self.nova._mocker)
        self.services = optional.connect(
            fake_optional.adapter, {'images', 'volumes'}
        )

    def test_nodes_with_all_traits(self):
        for host, traits in (
            ('compute-1', ('A', 'B', 'COMPUTE_STATUS_DISABLED')),
            ('compute-2', ('A', 'B', 'C')),
            ('compute-3', ('A', 'C')),
        ):
            self.placement.providers[uuid_of(host)].traits = traits
        before = self.collected(services=self.services)
        self.assertEqual('compute-1', before.instances[0].needs_traits_of)
        self.assertEqual(
            [('compute-1',), ('compute-1',), ()],
            [node.covers for node in before.nodes],
        )

    def test_no_node_is_asked_about_without_need(self):
        self.fake.add_image()
        before = self.collected(services=self.services)
        self.assertEqual('', before.instances[0].needs_traits_of)
        self.assertEqual([], self.placement.asked(r'\?required='))

    def test_what_hypervisors_say(self):
        self.fake.add_image()
        for hypervisor in self.nova.hypervisors:
            hypervisor['cpu_info'] = {'arch': 'x86_64'}
            hypervisor['host_ip'] = '10.0.0.1'
        [server] = self.nova.servers
        for properties, hints, architecture, address in (
            ({}, {}, '', ''),
            ({'hw_architecture': 'i686'}, {}, 'x86_64', ''),
            ({}, {'build_near_host_ip': ['10.0.0.2']}, '', '10.0.0.1'),
        ):
            server['image']['properties'] = properties
            server['scheduler_hints'] = hints
            before = self.collected(
                Request(('compute-1',), cidr_affinity=True),
                services=self.services,
            )
            node = before.by_hostname['compute-3']
            self.assertEqual(architecture, node.architecture)
            self.assertEqual(address, node.host_ip)

    def test_hints_and_what_was_not_read(self):
        [server] = self.nova.servers
        server['scheduler_hints'] = {'same_host': ['gone'], 'group': ['x']}
        before = self.collected(Request(('compute-1',), same_host=True))
        self.assertEqual({'same_host': ('gone',)}, before.instances[0].hints)
        self.assertEqual({'images': 'off'}, before.not_read)

    def test_end_of_a_move_asks_for_nothing(self):
        self.nova.servers[0]['OS-EXT-SRV-ATTR:host'] = 'compute-2'
        self.nova.servers[0]['OS-EXT-STS:task_state'] = 'migrating'
        self.nova.migrations = [in_nova.a_migration('web-1')]
        [end] = self.collected(services=self.services).instances
        self.assertEqual('compute-2', end.elsewhere)
        self.assertEqual('', end.needs_traits_of)

    def test_agents(self):
        self.fake.add_image()
        self.nova.servers[0]['addresses'] = {'lan': []}
        port = {
            'device_id': uuid_of('web-1'),
            'network_id': 'lan',
            'binding:vnic_type': 'normal',
        }
        agents = [
            {
                'agent_type': 'Open vSwitch agent',
                'binary': 'neutron-ovs',
                'host': host,
                'alive': alive,
                'configurations': {'bridge_mappings': {name: 'br'}},
            }
            for host, alive, name in (
                ('compute-1', True, 'a'),
                ('compute-1', True, 'b'),
                ('compute-2', False, 'a'),
            )
        ]
        url = 'http://neutron.test'
        for key, listed in (
            ('ports', [port]),
            ('networks', []),
            ('agents', agents),
        ):
            self.nova._mocker.get(f'{url}/v2.0/{key}', json={key: listed})
        neutron = Neutron(fake_optional.adapter('network', {'network': url}))
        before = self.collected(
            services=dataclasses.replace(self.services, neutron=neutron)
        )
        self.assertEqual(
            [
                (('a', 'b', 'local'), ()),
                (None, ('neutron-ovs',)),
                (None, ()),
            ],
            [(node.reaches, node.dead_agents) for node in before.nodes],
        )
        self.assertEqual((Port('lan'),), before.instances[0].ports)

    def test_cpus(self):
        self.fake.add_image()
        everywhere = {'arch': 'x86_64', 'features': ['vmx', 'aes']}
        for cpu, request, expected in (
            (everywhere, {}, [None, None, None]),
            (
                {'features': ['aes']},
                {},
                [('vmx',), ('vmx',), ()],
            ),
            # What is common is not known, if one tells nothing.
            ('', {}, [('aes', 'vmx'), ('aes', 'vmx'), None]),
            (
                {'features': ['aes']},
                {'cpu_check': CpuCheck.OFF},
                [None, None, None],
            ),
        ):
            for hypervisor in self.nova.hypervisors:
                hypervisor['cpu_info'] = everywhere
            hypervisor['cpu_info'] = cpu
            before = self.collected(
                Request(('compute-1',), **request), services=self.services
            )
            self.assertEqual(
                expected, [node.cpu_features for node in before.nodes]
            )
