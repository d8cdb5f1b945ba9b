# SPDX-License-Identifier: Apache-2.0


"""Tests of reading Nova: its answers come from requests-mock."""

import functools
import itertools

import ddt
import fixtures

from tests.unit.plugin import base
from tests.unit.plugin import fake_nova
from tests.unit.plugin import outages
from tests.unit.plugin.builders import PROJECT
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_group
from tests.unit.plugin.nova_answers import a_hypervisor
from tests.unit.plugin.nova_answers import a_migration
from tests.unit.plugin.nova_answers import a_server
from tests.unit.plugin.nova_answers import a_service
from tests.unit.plugin.nova_answers import a_silent_server
from tests.unit.plugin.nova_answers import a_silent_service
from tests.unit.plugin.nova_answers import an_aggregate
from watcher_host_maintenance.cloud import nova
from watcher_host_maintenance.cloud.errors import ANSWER_UNREADABLE
from watcher_host_maintenance.cloud.errors import CALL_FAILED
from watcher_host_maintenance.cloud.errors import CALL_REFUSED
from watcher_host_maintenance.cloud.errors import CREDENTIAL_REFUSED
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.errors import Withheld
from watcher_host_maintenance.cloud.nova import NO_SERVER
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.records import Aggregate
from watcher_host_maintenance.cloud.records import Group
from watcher_host_maintenance.cloud.records import Hypervisor
from watcher_host_maintenance.cloud.records import Migration
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.cloud.records import Service
from watcher_host_maintenance.cloud.records import Transfer
from watcher_host_maintenance.core.model.reasons import Finding


MAX_LIMIT = fake_nova.MAX_LIMIT


class TestCase(base.TestCase):
    """A Nova without Keystone."""

    def setUp(self):
        super().setUp()
        self.mocker = fake_nova.mocker_for(self)
        self.nova = fake_nova.FakeNova(self.mocker)

    def finding(self, method, *arguments):
        """Why a read fails."""
        read = getattr(Nova(fake_nova.adapter()), method)
        return self.assertRaises(NotPlanned, read, *arguments).finding


@ddt.ddt
class TestServices(TestCase):
    def test_in_full(self):
        self.assertEqual(
            {
                'compute-1': Service(
                    host='compute-1',
                    status='enabled',
                    state='up',
                    disabled_reason='',
                    zone='nova',
                    hypervisors={
                        'compute-1': Hypervisor(
                            uuid_of('compute-1'), 'QEMU', 8002000
                        )
                    },
                    id=uuid_of('service compute-1'),
                )
            },
            Nova(fake_nova.adapter()).services(),
        )

    @ddt.named_data(
        # name, what Nova has, field, value
        ('disabled', {'status': 'disabled'}, 'status', 'disabled'),
        ('down',     {'state': 'down'},      'state', 'down'),
        ('reason',   {'disabled_reason': 'fan broken'},
         'disabled_reason', 'fan broken'),
        ('zone',     {'zone': 'az-2'},       'zone', 'az-2'),
        ('no_zone',  {'zone': None},         'zone', ''),
        ('answers',  {},                     'answers', True),
    )  # fmt: skip
    @ddt.unpack
    def test_field(self, fields, name, value):
        self.nova.services = [a_service(**fields)]
        service = Nova(fake_nova.adapter()).services()['compute-1']
        self.assertEqual(value, getattr(service, name))

    def test_cell_that_does_not_answer(self):
        self.nova.services = [a_silent_service()]
        self.nova.hypervisors = []
        self.assertEqual(
            {
                'compute-1': Service(
                    host='compute-1',
                    status='disabled',
                    state='down',
                    disabled_reason='',
                    zone='',
                    id='',
                    answers=False,
                )
            },
            Nova(fake_nova.adapter()).services(),
        )

    @ddt.named_data(
        # name, hypervisors, told
        ('none',     [], {}),
        ('fqdn',     [a_hypervisor('c1.example', 'compute-1')],
         {'c1.example': (uuid_of('c1.example'), 'QEMU', 8002000)}),
        ('ironic',   [a_hypervisor('node-b', 'compute-1', 'ironic'),
                      a_hypervisor('node-a', 'compute-1', 'ironic')],
         {'node-a': (uuid_of('node-a'), 'ironic', 8002000),
          'node-b': (uuid_of('node-b'), 'ironic', 8002000)}),
        ('no_type',  [a_hypervisor(kind=None)],
         {'compute-1': (uuid_of('compute-1'), '', 8002000)}),
        ('no_version', [a_hypervisor(hypervisor_version=None)],
         {'compute-1': (uuid_of('compute-1'), 'QEMU', 0)}),
        ('elsewhere', [a_hypervisor('compute-2')], {}),
    )  # fmt: skip
    @ddt.unpack
    def test_hypervisors(self, hypervisors, told):
        self.nova.hypervisors = hypervisors
        service = Nova(fake_nova.adapter()).services()['compute-1']
        self.assertEqual(
            [(name, Hypervisor(*fields)) for name, fields in told.items()],
            list(service.hypervisors.items()),
        )

    @ddt.named_data(
        # name, hypervisors, features of the CPU of compute-1
        ('here',     [a_hypervisor(cpu_info={'features': ['vmx', 'avx2']})],
         ('avx2', 'vmx')),
        ('fqdn',     [a_hypervisor('compute-10', cpu_info={'features': []}),
                      a_hypervisor('compute-1.example', 'compute-1',
                                   cpu_info={'features': ['vmx']})],
         ('vmx',)),
        ('not_told', [a_hypervisor()], None),
        ('other',    [a_hypervisor('compute-10', cpu_info={'features': []})],
         None),
        ('renamed',  [a_hypervisor('hv-1', 'compute-1')], None),
    )  # fmt: skip
    @ddt.unpack
    def test_cpu_features(self, hypervisors, expected):
        self.nova.hypervisors = hypervisors
        nova = Nova(fake_nova.adapter())
        self.assertEqual(expected, nova.cpu_features('compute-1'))

    def test_only_nova_compute(self):
        self.nova.services.append(a_service('controller', 'nova-conductor'))
        self.assertEqual(
            ['compute-1'], list(Nova(fake_nova.adapter()).services())
        )

    @ddt.named_data(
        # name, number of hypervisors, pages asked for
        ('none',            0,    1),
        ('one_page',        1000, 2),
        ('one_more',        1001, 3),
        ('three_pages',     2500, 4),
    )  # fmt: skip
    @ddt.unpack
    def test_pages(self, count, pages):
        hosts = [f'compute-{number:04}' for number in range(count)]
        self.nova.hypervisors = [a_hypervisor(host) for host in hosts]
        self.nova.services = [a_service(host) for host in hosts]
        services = Nova(fake_nova.adapter()).services()
        self.assertEqual(hosts, list(services))
        self.assertEqual(
            set(), {h for h, s in services.items() if not s.hypervisors}
        )
        self.assertEqual(pages, len(self.nova.asked('/os-hypervisors')))

    def test_requests(self):
        # A fixed number, however many services and hosts there are.
        Nova(fake_nova.adapter()).services()
        self.assertEqual(
            [
                '/v2.1',
                '/v2.1/',
                '/v2.1/os-hypervisors/detail',
                '/v2.1/os-hypervisors/detail?marker=' + uuid_of('compute-1'),
                '/v2.1/os-services?binary=nova-compute',
            ],
            sorted(self.nova.requests),
        )

    @ddt.named_data(
        # name, offered by Nova, asked for, asked for hypervisors
        ('least',       '2.56',  '2.56', '2.56'),
        ('cheap',       '2.87',  '2.87', '2.87'),
        ('between',     '2.90',  '2.90', '2.87'),
        ('latest',      '2.96',  '2.96', '2.87'),
        ('beyond_ours', '2.101', '2.96', '2.87'),
    )  # fmt: skip
    @ddt.unpack
    def test_microversions(self, offered, asked, of_hypervisors):
        # From 2.88 on, listing hypervisors may call every compute host.
        self.nova.offered = offered
        Nova(fake_nova.adapter()).services()
        lists = dict(
            zip(
                (r.split('?')[0] for r in self.nova.requests),
                self.nova.microversions,
                strict=True,
            )
        )
        self.assertEqual(of_hypervisors, lists['/v2.1/os-hypervisors/detail'])
        self.assertEqual(asked, lists['/v2.1/os-services'])


@ddt.ddt
class TestServers(TestCase):
    def test_in_full(self):
        self.nova.servers = [
            a_server(
                'web-1',
                state='stopped',
                task='migrating',
                power=4,
                pinned='nova',
                extra_specs={'hw:numa_nodes': '1'},
            ),
            a_server('web-2', 'compute-2'),
        ]
        self.assertEqual(
            [
                Server(
                    uuid=uuid_of('web-1'),
                    name='web-1',
                    host='compute-1',
                    vm_state='stopped',
                    task_state='migrating',
                    power_state='shutdown',
                    project_id=PROJECT,
                    pinned_zone='nova',
                    extra_specs={'hw:numa_nodes': '1'},
                    flavor='m1.small',
                    resources={'VCPU': 2, 'MEMORY_MB': 2048, 'DISK_GB': 20},
                    hypervisor='compute-1',
                    image=uuid_of('cirros'),
                    shown_properties={},
                    shown_hints={},
                    root_device='/dev/vda',
                )
            ],
            Nova(fake_nova.adapter()).servers('compute-1'),
        )

    @ddt.named_data(
        # name, what Nova has, field, value
        ('idle',        {},              'task_state', ''),
        ('running',     {'power': 1},    'power_state', 'running'),
        ('no_state',    {'power': 0},    'power_state', 'nostate'),
        ('paused',      {'power': 3},    'power_state', 'paused'),
        ('crashed',     {'power': 6},    'power_state', 'crashed'),
        ('suspended',   {'power': 7},    'power_state', 'suspended'),
        ('strange',     {'power': 5},    'power_state', ''),
        ('unknown',     {'power': None}, 'power_state', ''),
        ('unpinned',    {'pinned': None, 'zone': 'az-2'},
         'pinned_zone', None),
        ('pinned',      {'pinned': 'az-1', 'zone': 'az-1'},
         'pinned_zone', 'az-1'),
        ('no_specs',    {'extra_specs': None}, 'extra_specs', {}),
        ('soft_delete', {'state': 'soft-delete'},
         'vm_state', 'soft-delete'),
    )  # fmt: skip
    @ddt.unpack
    def test_field(self, fields, name, value):
        self.nova.servers = [a_server(**fields)]
        [server] = Nova(fake_nova.adapter()).servers('compute-1')
        self.assertEqual(value, getattr(server, name))

    def test_extra_specs_that_a_policy_hides_are_not_none(self):
        server = a_server()
        del server['flavor']['extra_specs']
        self.nova.servers = [server]
        error = self.assertRaises(
            NotPlanned, Nova(fake_nova.adapter()).servers, 'compute-1'
        )
        self.assertIs(CALL_REFUSED, error.finding.reason)
        self.assertIn('/servers/detail', error.finding.facts['call'])
        self.assertIn(
            'servers:show:flavor-extra-specs', error.finding.facts['error']
        )

    def test_host_that_a_policy_hides_is_not_none(self):
        server = a_server()
        del server['OS-EXT-SRV-ATTR:host']
        error = self.assertRaises(Withheld, Server.read, server)
        self.assertIn('os-extended-server-attributes', str(error))

    @ddt.named_data(
        # name, offered by Nova, pinned zone, current zone, taken for pinned
        ('told',         '2.96', 'az-1', 'az-1', 'az-1'),
        ('told_not',     '2.96', None,   'az-1', None),
        ('not_told',     '2.95', None,   'az-1', 'az-1'),
        ('least',        '2.56', None,   'az-1', 'az-1'),
        ('no_zone',      '2.56', None,   '',     None),
    )  # fmt: skip
    @ddt.unpack
    def test_zone_of_an_older_nova(self, offered, pinned, zone, expected):
        self.nova.offered = offered
        self.nova.servers = [a_server(pinned=pinned, zone=zone)]
        [listed] = Nova(fake_nova.adapter()).servers('compute-1')
        self.assertEqual(
            (expected, offered == '2.96'),
            (listed.pinned_zone, listed.pin_is_known),
        )
        self.assertEqual(
            listed, Nova(fake_nova.adapter()).server(uuid_of('web-1'))
        )

    @ddt.named_data(
        # name, image, flavor, expected DISK_GB
        ('image',          'cirros', {},                              20),
        ('volume',         '',       {},                              None),
        ('volume_and_own', '',       {'ephemeral': 5},                5),
        ('ephemeral',      'cirros', {'ephemeral': 5},                25),
        ('swap_of_a_gib',  'cirros', {'swap': 1024},                  21),
        ('swap_just_past', 'cirros', {'swap': 1025},                  22),
        ('swap_as_text',   'cirros', {'swap': ''},                    20),
        ('all',            'cirros', {'ephemeral': 5, 'swap': 1},     26),
        ('diskless',       'cirros', {'disk': 0},                     None),
    )  # fmt: skip
    @ddt.unpack
    def test_disk(self, image, flavor, expected):
        self.nova.servers = [a_server(image=image, **flavor)]
        [server] = Nova(fake_nova.adapter()).servers('compute-1')
        self.assertEqual(expected, server.resources.get('DISK_GB'))

    def test_asks_for_soft_deleted_ones_of_every_project(self):
        Nova(fake_nova.adapter()).servers('compute-1')
        [asked] = self.nova.asked('/servers')
        for part in (
            'all_tenants=True',
            'host=compute-1',
            'soft_deleted=True',
        ):
            self.assertIn(part, asked)

    def test_more_than_a_page(self):
        self.nova.servers = [
            a_server(f'web-{n}') for n in range(MAX_LIMIT + 1)
        ]
        self.assertEqual(
            [s['name'] for s in self.nova.servers],
            [s.name for s in Nova(fake_nova.adapter()).servers('compute-1')],
        )

    def test_one_that_is_on_two_pages(self):
        self.nova.servers = [
            a_server(f'web-{n}') for n in range(MAX_LIMIT + 1)
        ]
        self.nova.afterwards['/v2.1/servers/detail'] = [
            lambda: self.nova.servers.insert(MAX_LIMIT, a_server('web-5'))
        ]
        self.assertEqual(
            [f'web-{n}' for n in range(MAX_LIMIT + 1)],
            [s.name for s in Nova(fake_nova.adapter()).servers('compute-1')],
        )

    def test_a_filter_that_nova_ignores(self):
        # As for a user without the right to filter by host.
        self.nova.servers = [a_server('web-1'), a_server('web-2', 'compute-2')]
        self.nova.filters = False
        self.assertEqual(
            Finding(
                CALL_REFUSED,
                facts={
                    'service': 'Nova',
                    'call': 'GET /servers/detail?host=compute-1',
                    'error': '1 servers of other hosts',
                    'user': None,
                },
            ),
            self.finding('servers', 'compute-1'),
        )


class TestServer(TestCase):
    def test_in_full(self):
        self.nova.servers = [a_server('web-1', 'compute-7')]
        server = Nova(fake_nova.adapter()).server(uuid_of('web-1'))
        self.assertEqual(('web-1', 'compute-7'), (server.name, server.host))
        self.assertEqual(
            Nova(fake_nova.adapter()).servers('compute-7'), [server]
        )

    def test_gone(self):
        self.assertIsNone(Nova(fake_nova.adapter()).server(uuid_of('web-1')))

    def test_on_no_host(self):
        self.nova.servers = [a_server(host=None, state='shelved_offloaded')]
        self.assertEqual(
            '', Nova(fake_nova.adapter()).server(uuid_of('web-1')).host
        )

    def test_cell_that_does_not_answer(self):
        self.nova.servers = [a_silent_server()]
        uuid = uuid_of('web-1')
        finding = self.finding('server', uuid)
        self.assertIs(CALL_FAILED, finding.reason)
        self.assertEqual(
            {
                'service': 'Nova',
                'call': f'GET /servers/{uuid}',
                'error': f'the cell of server {uuid} does not answer',
            },
            finding.facts,
        )


@ddt.ddt
class TestSoftDeleted(TestCase):
    def test_of_a_project(self):
        self.nova.servers = [
            a_server('web-1'),
            a_server('gone-1', state='soft-delete'),
            a_server('gone-2', project='other', state='soft-delete'),
        ]
        self.assertEqual(
            [uuid_of('gone-1')],
            Nova(fake_nova.adapter()).soft_deleted(PROJECT),
        )

    @ddt.named_data(
        # name, most that are read of 1001, how many are returned
        ('on_it',   1001, 1001),
        ('past_it', 1000, None),
    )  # fmt: skip
    @ddt.unpack
    def test_pages(self, most, expected):
        self.patch(nova, 'MOST_SOFT_DELETED', most)
        self.nova.servers = [
            a_server(f'gone-{n}', state='soft-delete') for n in range(1001)
        ]
        uuids = Nova(fake_nova.adapter()).soft_deleted(PROJECT)
        self.assertEqual(expected, None if uuids is None else len(uuids))

    def test_no_more_pages_than_it_takes(self):
        self.patch(nova, 'MOST_SOFT_DELETED', 10)
        self.nova.servers = [
            a_server(f'gone-{n}', state='soft-delete') for n in range(3001)
        ]
        self.assertIsNone(Nova(fake_nova.adapter()).soft_deleted(PROJECT))
        self.assertEqual(1, len(self.nova.asked('/servers')))


class TestGroupOf(TestCase):
    def setUp(self):
        super().setUp()
        self.nova.servers = [a_server('web-1'), a_server('web-2')]
        self.nova.groups = [a_group('db', members=['web-1'])]

    def test_one(self):
        self.assertEqual(
            uuid_of('group db'),
            Nova(fake_nova.adapter()).group_of(uuid_of('web-1')),
        )

    def test_none(self):
        self.assertEqual(
            '', Nova(fake_nova.adapter()).group_of(uuid_of('web-2'))
        )

    def test_gone(self):
        self.assertEqual(
            '', Nova(fake_nova.adapter()).group_of(uuid_of('web-3'))
        )


@ddt.ddt
class TestGroups(TestCase):
    def test_in_full(self):
        self.nova.groups = [
            a_group('db', members=['db-1', 'db-2'], max_server_per_host=3)
        ]
        self.assertEqual(
            [
                Group(
                    uuid=uuid_of('group db'),
                    name='db',
                    policy='anti-affinity',
                    max_server_per_host=3,
                    project_id=PROJECT,
                    members=(uuid_of('db-1'), uuid_of('db-2')),
                )
            ],
            Nova(fake_nova.adapter()).groups(),
        )

    @ddt.named_data(
        # name, offered by Nova, policy, rules, expected policy and limit
        ('default',    '2.96', 'anti-affinity', {}, ('anti-affinity', 1)),
        ('soft',       '2.64', 'soft-affinity', {}, ('soft-affinity', 1)),
        ('with_rules', '2.64', 'anti-affinity',
         {'max_server_per_host': 2}, ('anti-affinity', 2)),
        ('as_text',    '2.64', 'anti-affinity',
         {'max_server_per_host': '2'}, ('anti-affinity', 2)),
        ('before',     '2.63', 'anti-affinity', {}, ('anti-affinity', 1)),
        ('least',      '2.56', 'affinity',      {}, ('affinity', 1)),
    )  # fmt: skip
    @ddt.unpack
    def test_policy(self, offered, policy, rules, expected):
        self.nova.offered = offered
        self.nova.groups = [a_group(policy=policy, **rules)]
        [group] = Nova(fake_nova.adapter()).groups()
        self.assertEqual(expected, (group.policy, group.max_server_per_host))

    @ddt.named_data(
        # name, number of groups, pages asked for
        ('none',        0,    1),
        ('one',         1,    1),
        ('two',         2,    2),
        ('one_page',    1000, 2),
        ('one_more',    1001, 3),
    )  # fmt: skip
    @ddt.unpack
    def test_pages(self, count, pages):
        self.nova.groups = [a_group(f'g-{n}') for n in range(count)]
        self.assertEqual(
            [g['name'] for g in self.nova.groups],
            [g.name for g in Nova(fake_nova.adapter()).groups()],
        )
        self.assertEqual(pages, len(self.nova.asked('/os-server-groups')))

    def test_those_of_other_projects_are_hidden(self):
        # Nova answers with those of the own project then, and no error.
        self.nova.groups = [a_group()]
        self.nova.is_administrator = False
        finding = self.finding('groups')
        self.assertIs(CALL_REFUSED, finding.reason)
        self.assertEqual(
            {
                'service': 'Nova',
                'call': 'GET /servers?status=DELETED',
                'error': 'Only administrators (HTTP 403)',
                'user': None,
            },
            finding.facts,
        )

    def test_asks_about_no_server(self):
        Nova(fake_nova.adapter()).groups()
        [asked] = self.nova.asked('/servers')
        self.assertIn('status=DELETED', asked)
        self.assertIn(f'uuid={NO_SERVER}', asked)

    def test_one_that_is_deleted_between_two_pages(self):
        # All later ones move up by one place.
        self.nova.groups = [a_group(f'g-{n}') for n in range(1500)]
        self.nova.afterwards['/v2.1/os-server-groups'] = [
            lambda: self.nova.groups.pop(0)
        ]
        self.assertEqual(
            [g['name'] for g in self.nova.groups[1:]],
            [g.name for g in Nova(fake_nova.adapter()).groups()],
        )

    def test_members_that_change_between_two_pages(self):
        # Each of Nova's processes has an order of its own for them.
        self.nova.groups = [
            a_group('db', members=['db-1', 'db-2']),
            a_group('web', members=['web-1', 'web-2']),
        ]
        self.nova.afterwards['/v2.1/os-server-groups'] = [
            self.nova.groups[-1]['members'].reverse
        ]
        self.assertEqual(
            ['db', 'web'], [g.name for g in Nova(fake_nova.adapter()).groups()]
        )
        self.assertEqual(2, len(self.nova.asked('/os-server-groups')))

    def test_list_that_never_stands_still(self):
        self.nova.groups = [a_group(f'g-{n}') for n in range(1500)]
        self.nova.afterwards['/v2.1/os-server-groups'] = [
            *[functools.partial(self.nova.groups.pop, 0)] * 100
        ]
        finding = self.finding('groups')
        self.assertIs(CALL_FAILED, finding.reason)
        self.assertEqual(
            {
                'service': 'Nova',
                'call': 'GET /os-server-groups',
                'error': 'the list changes while it is read',
            },
            finding.facts,
        )


class TestAggregates(TestCase):
    def test_in_full(self):
        self.nova.aggregates = [
            an_aggregate(3, 'ssd', ['compute-1', 'compute-2'], disk='ssd')
        ]
        self.assertEqual(
            [Aggregate(3, 'ssd', ('compute-1', 'compute-2'), {'disk': 'ssd'})],
            Nova(fake_nova.adapter()).aggregates(),
        )


class TestServerMigrations(TestCase):
    def test_newest_first(self):
        self.nova.migrations = [
            a_migration(number=2, status='error'),
            a_migration(number=3, status='completed'),
            a_migration(number=1, created_at='2026-11-22T00:00:00.000000'),
            a_migration('db-1', number=4),
            a_migration(number=5, kind='evacuation'),
        ]
        moves = Nova(fake_nova.adapter()).server_migrations(uuid_of('web-1'))
        self.assertEqual([1, 3, 2], [move.id for move in moves])

    def test_in_full(self):
        self.nova.migrations = [a_migration(number=7, status='finished')]
        self.assertEqual(
            [
                Migration(
                    instance_uuid=uuid_of('web-1'),
                    source='compute-1',
                    destination='compute-2',
                    kind='live-migration',
                    status='finished',
                    uuid=uuid_of('migration 7 of web-1'),
                    created_at='2026-11-21T12:00:00.000000',
                    id=7,
                )
            ],
            Nova(fake_nova.adapter()).server_migrations(uuid_of('web-1')),
        )


class TestDepartures(TestCase):
    def test_of_a_host(self):
        self.nova.migrations = [
            a_migration(number=3, status='completed'),
            a_migration(number=2, status='running'),
            a_migration('db-1', source='compute-2', destination='compute-1'),
            a_migration(number=1, kind='evacuation', status='done'),
        ]
        migrations = Nova(fake_nova.adapter()).departures('compute-1')
        self.assertEqual([3, 2, 1], [m.id for m in migrations])

    def test_pages(self):
        self.nova.migrations = [a_migration(number=n) for n in range(1001)]
        migrations = Nova(fake_nova.adapter()).departures('compute-1')
        self.assertEqual(1001, len(migrations))


class TestService(TestCase):
    def test_is_the_one_of_the_list(self):
        self.nova.services = [
            a_service('compute-10'),
            a_service('compute-1', status='disabled', disabled_reason='fan'),
        ]
        nova = Nova(fake_nova.adapter())
        service = nova.service('compute-1')
        self.assertEqual(
            ('disabled', 'fan', uuid_of('service compute-1')),
            (service.status, service.disabled_reason, service.id),
        )
        self.nova.hypervisors = []
        self.assertEqual(nova.services()['compute-1'], service)

    def test_none(self):
        self.assertIsNone(Nova(fake_nova.adapter()).service('compute-2'))


@ddt.ddt
class TestWhatHappened(TestCase):
    """What Nova keeps of a server's fault and of what was asked for it."""

    PATH = f'/v2.1/servers/{uuid_of("web-1")}'

    def setUp(self):
        super().setUp()
        self.server = a_server()
        self.nova.servers = [self.server]
        self.reader = Nova(fake_nova.adapter())

    def test_fault(self):
        self.server['fault'] = {'message': 'No valid host', 'code': 500}
        self.assertEqual(
            'No valid host', self.reader.fault(uuid_of('web-1'))['message']
        )

    def test_no_fault(self):
        self.assertEqual({}, self.reader.fault(uuid_of('web-1')))

    def test_instance_actions(self):
        actions = [
            {
                'action': 'migrate',
                'request_id': 'req-1',
                'start_time': '2026-11-28T10:00:00.000000',
                'message': None,
            }
        ]
        path = f'{self.PATH}/os-instance-actions'
        self.nova.fail(path, json={'instanceActions': actions})
        [action] = self.reader.instance_actions(uuid_of('web-1'))
        self.assertEqual('req-1', action['request_id'])

    def nonsense(self, path, answer, method, *arguments):
        """What is said of an answer that makes no sense."""
        self.nova.fail(f'{self.PATH}/{path}', json=answer)
        finding = self.finding(method, uuid_of('web-1'), *arguments)
        self.assertIs(ANSWER_UNREADABLE, finding.reason)
        self.assertEqual(
            f'GET {self.PATH.removeprefix("/v2.1")}/{path}',
            finding.facts['call'],
        )
        return finding.facts['error']

    @ddt.named_data(
        # name, time, what is wrong
        ('null', None,    'expected a string, got null'),
        ('odd',  'today', "'today' is not a time"),
    )  # fmt: skip
    @ddt.unpack
    def test_instance_action_without_a_time(self, time, said):
        action = {
            'action': 'migrate',
            'request_id': 'req-1',
            'start_time': time,
        }
        self.assertEqual(
            f'start_time: {said}',
            self.nonsense(
                'os-instance-actions',
                {'instanceActions': [action]},
                'instance_actions',
            ),
        )

    def test_event_that_is_none(self):
        self.assertIn(
            'NoneType',
            self.nonsense(
                'os-instance-actions/req-1',
                {'instanceAction': {'events': [None]}},
                'instance_action',
                'req-1',
            ),
        )

    def test_instance_action(self):
        path = f'{self.PATH}/os-instance-actions/req-1'
        self.nova.fail(path, json={'instanceAction': {'events': []}})
        action = self.reader.instance_action(uuid_of('web-1'), 'req-1')
        self.assertEqual([], action['events'])

    def test_transfers(self):
        running = {
            'id': 7,
            'status': 'running',
            'dest_compute': 'compute-2',
            'memory_total_bytes': 2**31,
            'memory_remaining_bytes': 2**30,
        }
        self.nova.fail(
            f'{self.PATH}/migrations', json={'migrations': [running]}
        )
        [transfer] = self.reader.transfers(uuid_of('web-1'))
        self.assertEqual(
            Transfer(
                destination='compute-2',
                status='running',
                total_bytes=2**31,
                remaining_bytes=2**30,
                id=7,
            ),
            transfer,
        )


@ddt.ddt
class TestMigrations(TestCase):
    def test_in_full(self):
        self.nova.migrations = [a_migration()]
        [migration] = Nova(fake_nova.adapter()).migrations()
        self.assertEqual(
            (uuid_of('web-1'), 'compute-1', 'compute-2', 'live-migration'),
            (
                migration.instance_uuid,
                migration.source,
                migration.destination,
                migration.kind,
            ),
        )

    def test_one_that_goes_on_while_it_is_read(self):
        moving = a_migration(status='running')
        self.nova.migrations = [moving, a_migration('db-1', status='running')]
        self.nova.afterwards['/v2.1/os-migrations'] = [
            lambda: None,
            lambda: None,
            lambda: None,
            lambda: moving.update(status='finished'),
        ]
        self.assertEqual(
            [uuid_of('web-1'), uuid_of('db-1')],
            [m.instance_uuid for m in Nova(fake_nova.adapter()).migrations()],
        )

    def test_order_of_statuses_is_that_of_a_migration(self):
        # Whoever reads them all at once can miss one that goes on meanwhile.
        Nova(fake_nova.adapter()).migrations()
        asked = [
            r.rpartition('=')[2] for r in self.nova.asked('/os-migrations')
        ]
        for one, other in (
            ('queued', 'preparing'),
            ('preparing', 'running'),
            ('pre-migrating', 'migrating'),
            ('migrating', 'post-migrating'),
            ('post-migrating', 'finished'),
            ('finished', 'confirming'),
        ):
            self.assertTrue(asked.index(one) < asked.index(other))

    @ddt.named_data(
        # name, source, destination, ends
        ('both',        'compute-1', 'compute-2', ('compute-1', 'compute-2')),
        ('not_chosen',  'compute-1', None,        ('compute-1',)),
        ('no_source',   None,        'compute-2', ('compute-2',)),
    )  # fmt: skip
    @ddt.unpack
    def test_ends(self, source, destination, ends):
        self.nova.migrations = [
            a_migration(source=source, destination=destination)
        ]
        [migration] = Nova(fake_nova.adapter()).migrations()
        self.assertEqual(ends, migration.ends)

    @ddt.data(
        'accepted',
        'queued',
        'preparing',
        'running',
        'running (post-copy)',
        'pre-migrating',
        'migrating',
        'post-migrating',
        'finished',
        'confirming',
        'reverting',
    )
    def test_has_not_ended(self, status):
        self.nova.migrations = [a_migration(status=status)]
        self.assertEqual(1, len(Nova(fake_nova.adapter()).migrations()))

    @ddt.data(
        'completed',
        'confirmed',
        'reverted',
        'error',
        'failed',
        'cancelled',
        'done',
    )
    def test_has_ended(self, status):
        self.nova.migrations = [a_migration(status=status)]
        self.assertEqual([], Nova(fake_nova.adapter()).migrations())

    @ddt.named_data(
        # name, type, told
        ('live',       'live-migration', True),
        ('cold',       'migration',      True),
        ('resize',     'resize',         True),
        ('evacuation', 'evacuation',     False),
    )  # fmt: skip
    @ddt.unpack
    def test_kind(self, kind, told):
        self.nova.migrations = [a_migration(kind=kind)]
        self.assertEqual(told, bool(Nova(fake_nova.adapter()).migrations()))

    @ddt.named_data(
        # name, offered by Nova, migrations, pages of those that run
        ('none',         '2.96', 0,    1),
        ('one_page',     '2.96', 1000, 2),
        ('one_more',     '2.96', 1001, 3),
        ('first_pages',  '2.59', 1001, 3),
        ('no_pages_yet', '2.58', 1001, 1),
        ('least',        '2.56', 0,    1),
    )  # fmt: skip
    @ddt.unpack
    def test_pages(self, offered, count, pages):
        self.nova.offered = offered
        self.nova.migrations = [a_migration(f'web-{n}') for n in range(count)]
        self.assertEqual(
            [m['instance_uuid'] for m in self.nova.migrations],
            [m.instance_uuid for m in Nova(fake_nova.adapter()).migrations()],
        )
        self.assertEqual(
            pages,
            len(
                [
                    r
                    for r in self.nova.asked('/os-migrations')
                    if r.split('&')[0].endswith('?status=running')
                ]
            ),
        )


UUID = uuid_of('web-1')

READS = (
    # method and arguments, path, call that is named
    (('services',), '/os-hypervisors/detail', 'GET /os-hypervisors/detail'),
    (('services',), '/os-services', 'GET /os-services'),
    (
        ('servers', 'compute-1'),
        '/servers/detail',
        'GET /servers/detail?host=compute-1',
    ),
    (('server', UUID), f'/servers/{UUID}', f'GET /servers/{UUID}'),
    (('groups',), '/os-server-groups', 'GET /os-server-groups'),
    (('groups',), '/servers?status=DELETED', 'GET /servers?status=DELETED'),
    (
        ('soft_deleted', PROJECT),
        '/servers?status=SOFT_DELETED',
        f'GET /servers?status=SOFT_DELETED&project_id={PROJECT}',
    ),
    (('group_of', UUID), f'/servers/{UUID}', f'GET /servers/{UUID}'),
    (('aggregates',), '/os-aggregates', 'GET /os-aggregates'),
    (
        ('migrations',),
        '/os-migrations?status=running',
        'GET /os-migrations?status=running',
    ),
    (
        ('migrations', 'compute-1'),
        '/os-migrations?host=compute-1&status=running',
        'GET /os-migrations?host=compute-1&status=running',
    ),
    (
        ('server_migrations', UUID),
        '/os-migrations',
        f'GET /os-migrations?instance_uuid={UUID}',
    ),
    (
        ('transfers', UUID),
        f'/servers/{UUID}/migrations',
        f'GET /servers/{UUID}/migrations',
    ),
    (
        ('service', 'compute-1'),
        '/os-services',
        'GET /os-services?host=compute-1',
    ),
    (
        ('hypervisor_servers', UUID),
        f'/os-hypervisors/{UUID}',
        f'GET /os-hypervisors/{UUID}?with_servers=True',
    ),
    (('fault', UUID), f'/servers/{UUID}', f'GET /servers/{UUID}'),
    (
        ('instance_actions', UUID),
        f'/servers/{UUID}/os-instance-actions',
        f'GET /servers/{UUID}/os-instance-actions',
    ),
    (
        ('instance_action', UUID, 'req-1'),
        f'/servers/{UUID}/os-instance-actions/req-1',
        f'GET /servers/{UUID}/os-instance-actions/req-1',
    ),
)


@ddt.ddt
class TestFaults(TestCase):
    @ddt.named_data(*outages.FAULTS)
    @ddt.unpack
    def test_names_the_call(self, answer, told):
        for read, path, call in READS:
            self.nova = fake_nova.FakeNova(self.mocker)
            self.nova.fail(f'/v2.1{path}', **answer)
            finding = self.finding(*read)
            self.assertIs(CALL_FAILED, finding.reason)
            self.assertEqual(call, finding.facts['call'])
            self.assertIn(told, finding.facts['error'])
            self.assertEqual(1, len(finding.facts['error'].splitlines()))

    @ddt.named_data(*outages.NONSENSE)
    def test_is_not_understood(self, answer):
        for read, path, call in READS:
            self.nova = fake_nova.FakeNova(self.mocker)
            self.nova.fail(f'/v2.1{path}', **answer)
            finding = self.finding(*read)
            self.assertIs(ANSWER_UNREADABLE, finding.reason)
            self.assertEqual(call, finding.facts['call'])
            self.assertEqual(1, len(finding.facts['error'].splitlines()))

    @ddt.unpack
    @ddt.data((401, CREDENTIAL_REFUSED), (403, CALL_REFUSED))
    def test_refused(self, status, reason):
        for read, path, call in READS:
            self.nova = fake_nova.FakeNova(self.mocker)
            self.nova.fail(f'/v2.1{path}', status_code=status)
            finding = self.finding(*read)
            self.assertIs(reason, finding.reason)
            self.assertEqual(
                ('Nova', call),
                (finding.facts['service'], finding.facts['call']),
            )
            self.assertIn(f'HTTP {status}', finding.facts['error'])

    @ddt.named_data(
        # name, method and arguments, lists, call that is named
        ('services',    ('services',), {'services': [{'host': 'c'}]},
         'GET /os-services'),
        ('hypervisors', ('services',), {'hypervisors': [{'id': UUID}]},
         'GET /os-hypervisors/detail'),
        ('groups',      ('groups',), {'groups': [{'id': UUID, 'policy': 'affinity'}]},
         'GET /os-server-groups'),
        ('migrations',  ('migrations',),
         {'migrations': [{'uuid': UUID, 'status': 'running'}]},
         'GET /os-migrations?status=running'),
    )  # fmt: skip
    @ddt.unpack
    def test_records_that_lack_a_field(self, read, lists, call):
        for name, listed in lists.items():
            setattr(
                self.nova,
                name,
                [{'binary': 'nova-compute', **r} for r in listed],
            )
        finding = self.finding(*read)
        self.assertIs(ANSWER_UNREADABLE, finding.reason)
        self.assertEqual(call, finding.facts['call'])
        self.assertRegex(
            finding.facts['error'], "^no '[a-z_]+'$|^[a-z_]+: is missing$"
        )

    @ddt.named_data(
        # name, method and arguments, list, record, call, what is wrong
        ('null_host', ('services',), 'services', a_service(host=None),
         'GET /os-services', 'host: expected a string, got null'),
        ('no_status', ('services',), 'services',
         {'binary': 'nova-compute', 'host': 'compute-1'},
         'GET /os-services', 'status: is missing'),
        ('state', ('services',), 'services', a_service(state='sideways'),
         'GET /os-services', "state: 'sideways' is not up or down"),
        ('null_state', ('services',), 'services', a_service(state=None),
         'GET /os-services', 'state: None is not up or down'),
        ('reason', ('services',), 'services', a_service(disabled_reason=3),
         'GET /os-services', 'disabled_reason: expected a string, got 3'),
        ('hypervisor', ('services',), 'hypervisors', a_hypervisor(id=None),
         'GET /os-hypervisors/detail', 'id: expected a string, got null'),
        ('version', ('services',), 'hypervisors',
         a_hypervisor(hypervisor_version=-1),
         'GET /os-hypervisors/detail',
         'hypervisor_version: is -1, less than 0'),
        ('server_state', ('servers', 'compute-1'), 'servers',
         a_server(state=None), 'GET /servers/detail?host=compute-1',
         'OS-EXT-STS:vm_state: expected a string, got null'),
        ('power', ('servers', 'compute-1'), 'servers', a_server(power='on'),
         'GET /servers/detail?host=compute-1',
         'OS-EXT-STS:power_state: expected an integer, got "on"'),
        ('zone', ('servers', 'compute-1'), 'servers', a_server(pinned=['a']),
         'GET /servers/detail?host=compute-1',
         'pinned_availability_zone: expected a string, got ["a"]'),
        ('memory', ('servers', 'compute-1'), 'servers', a_server(ram=-1),
         'GET /servers/detail?host=compute-1', 'ram: is -1, less than 0'),
        ('vcpus', ('servers', 'compute-1'), 'servers', a_server(vcpus='two'),
         'GET /servers/detail?host=compute-1',
         'vcpus: expected an integer, got "two"'),
        ('swap', ('servers', 'compute-1'), 'servers', a_server(swap=-1),
         'GET /servers/detail?host=compute-1', 'swap: is -1, less than 0'),
        ('specs', ('servers', 'compute-1'), 'servers',
         a_server(extra_specs={'hw:numa_nodes': 1}),
         'GET /servers/detail?host=compute-1',
         'extra_specs.hw:numa_nodes: expected a string, got 1'),
        ('policy', ('groups',), 'groups', a_group(policy='together'),
         'GET /os-server-groups',
         "policy: 'together' is not affinity or anti-affinity or "
         'soft-affinity or soft-anti-affinity'),
        ('most', ('groups',), 'groups', a_group(max_server_per_host=0),
         'GET /os-server-groups', 'max_server_per_host: is 0'),
        ('members', ('groups',), 'groups', a_group() | {'members': None},
         'GET /os-server-groups', 'members: expected a list, got null'),
        ('aggregate', ('aggregates',), 'aggregates',
         an_aggregate(hosts=[None]), 'GET /os-aggregates',
         'hosts[0]: expected a string, got null'),
        ('metadata', ('aggregates',), 'aggregates', an_aggregate(ssd=True),
         'GET /os-aggregates', 'metadata.ssd: expected a string, got true'),
        ('source', ('departures', 'compute-1'), 'migrations',
         a_migration() | {'dest_compute': 2},
         'GET /os-migrations?source_compute=compute-1',
         'dest_compute: expected a string, got 2'),
        ('migration', ('departures', 'compute-1'), 'migrations',
         a_migration() | {'status': None},
         'GET /os-migrations?source_compute=compute-1',
         'status: expected a string, got null'),
        ('created', ('departures', 'compute-1'), 'migrations',
         a_migration() | {'created_at': ''},
         'GET /os-migrations?source_compute=compute-1',
         "created_at: '' is not a time"),
        ('changed', ('changed_departures', 'compute-1', 24), 'migrations',
         a_migration() | {'updated_at': 'yesterday'},
         'GET /os-migrations?source_compute=compute-1',
         "updated_at: 'yesterday' is not a time"),
        ('since', ('servers', 'compute-1'), 'servers',
         a_server() | {'updated': 3},
         'GET /servers/detail?host=compute-1', 'updated: 3 is not a time'),
    )  # fmt: skip
    @ddt.unpack
    def test_records_that_make_no_sense(self, read, name, record, call, said):
        setattr(self.nova, name, [record])
        finding = self.finding(*read)
        self.assertEqual(
            Finding(
                ANSWER_UNREADABLE,
                facts={'service': 'Nova', 'call': call, 'error': said},
            ),
            finding,
        )

    def test_second_page(self):
        marker = self.nova.hypervisors[-1]['id']
        self.nova.fail(
            f'/v2.1/os-hypervisors/detail?marker={marker}', status_code=400
        )
        self.assertEqual(
            'GET /os-hypervisors/detail',
            self.finding('services').facts['call'],
        )


ENDLESS = (
    # method and arguments, path, name of the list, a record, call
    (('services',), '/os-hypervisors/detail', 'hypervisors',
     a_hypervisor, 'GET /os-hypervisors/detail'),
    (('servers', 'compute-1'), '/servers/detail', 'servers',
     a_server, 'GET /servers/detail?host=compute-1'),
    (('soft_deleted', PROJECT), '/servers', 'servers', a_server,
     f'GET /servers?status=SOFT_DELETED&project_id={PROJECT}'),
    (('departures', 'compute-1'), '/os-migrations', 'migrations',
     a_migration, 'GET /os-migrations?source_compute=compute-1'),
)  # fmt: skip


class TestEndlessLists(TestCase):
    """Nova, or a proxy before it, answers with pages without an end."""

    def test_page_that_comes_again(self):
        for read, path, name, record, call in ENDLESS:
            self.nova = fake_nova.FakeNova(self.mocker)
            self.nova.fail(f'/v2.1{path}', json={name: [record()]})
            finding = self.finding(*read)
            self.assertEqual(
                (ANSWER_UNREADABLE, call),
                (finding.reason, finding.facts['call']),
            )
            self.assertIn('the list repeats itself', finding.facts['error'])

    def pages(self, count, read, path, name, record):
        """Read a list of so many pages of one record; at most 5 are read."""
        numbers = itertools.count(1)

        def page(request, context):
            number = next(numbers)
            # The last page is empty.
            return {name: [record(f'x-{number}')] if number < count else []}

        self.useFixture(fixtures.MockPatchObject(nova, 'MOST_PAGES', 5))
        self.nova = fake_nova.FakeNova(self.mocker)
        self.nova.fail(f'/v2.1{path}', json=page)
        return getattr(Nova(fake_nova.adapter()), read[0])(*read[1:])

    def test_as_many_pages_as_a_list_can_have(self):
        for read, path, name, record, _call in ENDLESS:
            self.pages(5, read, path, name, record)

    def test_one_page_more(self):
        for read, path, name, record, call in ENDLESS:
            error = self.assertRaises(
                NotPlanned, self.pages, 6, read, path, name, record
            )
            self.assertEqual(
                Finding(
                    ANSWER_UNREADABLE,
                    facts={
                        'service': 'Nova',
                        'call': call,
                        'error': 'the list has more than 5 pages',
                    },
                ),
                error.finding,
            )

    def test_groups(self):
        # Each page begins with the record that ended the one before.
        numbers = itertools.count()

        def page(request, context):
            number = next(numbers)
            return {
                'server_groups': [
                    a_group(f'g-{number}'),
                    a_group(f'g-{number + 1}'),
                ]
            }

        self.useFixture(fixtures.MockPatchObject(nova, 'MOST_PAGES', 5))
        self.nova.fail('/v2.1/os-server-groups', json=page)
        finding = self.finding('groups')
        self.assertEqual(
            'the list has more than 5 pages', finding.facts['error']
        )
