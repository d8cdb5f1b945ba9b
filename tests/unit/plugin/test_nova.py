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

"""Tests of reading Nova: its answers come from requests-mock."""

from urllib import parse

import ddt
import requests
import requests_mock

from keystoneauth1 import fixture as keystone_fixture
from keystoneauth1 import loading

from tests.unit.plugin import base
from tests.unit.plugin.builders import uuid_of
from watcher_host_maintenance import exceptions
from watcher_host_maintenance.core.reasons import Finding
from watcher_host_maintenance.core.reasons import Reason
from watcher_host_maintenance.plugin import nova


KEYSTONE = 'http://keystone.test/v3'
NOVA = 'http://nova.test'
MAX_LIMIT = 1000
"""What Nova gives at most in one answer, by default."""


class FakeNova:
    """Nova's version documents and the two lists that are read.

    :ivar requests: path and query of each request, in order
    """

    def __init__(self, mocker, url=NOVA, offered='2.96'):
        self.url = url
        self.offered = offered
        self.hypervisors = [a_hypervisor('compute-1')]
        self.services = [a_service('compute-1')]
        self.servers = []
        self.filters = True
        self.requests = []
        self.microversions = []
        self.faults = {}
        mocker.get(requests_mock.ANY, status_code=404)
        for path, answer in {
            '/': self._versions,
            '/v2.1': self._redirect,
            '/v2.1/': self._version,
            '/v2.1/os-hypervisors/detail': self._hypervisors,
            '/v2.1/os-services': self._services,
            '/v2.1/servers/detail': self._servers,
        }.items():
            mocker.get(url + path, json=self._judged(path, answer))

    def _judged(self, path, answer):
        """Answer after what Nova does to every request."""

        def judge(request, context):
            self.requests.append(
                parse.unquote(request.url.removeprefix(self.url)))
            asked = request.headers.get('X-OpenStack-Nova-API-Version')
            if asked is not None:
                self.microversions.append(asked)
                if minor(asked) > minor(self.offered):
                    context.status_code = 406
                    return {'computeFault': {'message': 'Not offered'}}
            return answer(request, context)

        return judge

    def _document(self):
        return {
            'id': 'v2.1',
            'status': 'CURRENT',
            'version': self.offered,
            'min_version': '2.1' if self.offered else '',
            'links': [{'rel': 'self', 'href': f'{self.url}/v2.1/'}],
        }

    def _versions(self, request, context):
        old = {
            'id': 'v2.0', 'status': 'SUPPORTED', 'version': '',
            'min_version': '',
            'links': [{'rel': 'self', 'href': f'{self.url}/v2/'}],
        }
        return {'versions': [old, self._document()]}

    def _version(self, request, context):
        return {'version': self._document()}

    def _redirect(self, request, context):
        context.status_code = 302
        context.headers['Location'] = f'{self.url}/v2.1/'

    def _hypervisors(self, request, context):
        return {'hypervisors': self._page(request, self.hypervisors)}

    def _servers(self, request, context):
        [host] = request.qs['host']
        assert request.qs['all_tenants'], request.qs
        there = [s for s in self.servers
                 if s['OS-EXT-SRV-ATTR:host'] == host or not self.filters]
        return {'servers': self._page(request, there)}

    def _page(self, request, records):
        first = 0
        if 'marker' in request.qs:
            [marker] = request.qs['marker']
            first = [r['id'] for r in records].index(marker) + 1
        return records[first:first + MAX_LIMIT]

    def _services(self, request, context):
        binary = request.qs['binary'][0]
        return {'services': [
            s for s in self.services if s['binary'] == binary]}


def minor(version):
    return int(version.split('.')[1]) if version else 0


def a_hypervisor(name, host=None, kind='QEMU'):
    return {
        'id': uuid_of(name),
        'hypervisor_hostname': name,
        'hypervisor_type': kind,
        'service': {'host': host or name, 'id': uuid_of(f'service {name}')},
    }


def a_service(host, binary='nova-compute', **fields):
    return {
        'id': uuid_of(f'service {host}'),
        'host': host,
        'binary': binary,
        'status': 'enabled',
        'state': 'up',
        'disabled_reason': None,
        **fields,
    }


def a_server(name='web-1', host='compute-1', image='cirros', task=None,
             state='active', **flavor):
    return {
        'id': uuid_of(name),
        'name': name,
        'image': {'id': uuid_of(image)} if image else '',
        'OS-EXT-SRV-ATTR:host': host,
        'OS-EXT-STS:vm_state': state,
        'OS-EXT-STS:task_state': task,
        'flavor': {'vcpus': 2, 'ram': 2048, 'disk': 20, 'ephemeral': 0,
                   'swap': 0, 'extra_specs': {}, **flavor},
    }


class TestCase(base.TestCase):
    def setUp(self):
        super().setUp()
        self.mocker = requests_mock.Mocker()
        self.mocker.start()
        self.addCleanup(self.mocker.stop)

    def at(self, endpoint=f'{NOVA}/v2.1'):
        """Configure Nova without Keystone."""
        self.conf.config(group='nova', auth_type='none',
                         endpoint_override=endpoint)

    def password(self, group):
        """Let this group take a password, but none is there yet."""
        self.conf.config(group=group, auth_type='v3password')
        # Registered when first used, for all tests to come: not here.
        loader = loading.get_plugin_loader('v3password')
        for option in loader.get_options():
            self.conf.register_opt(option._to_oslo_opt(), group=group)

    def finding(self):
        error = self.assertRaises(
            exceptions.NotPlanned, lambda: nova.Nova().services())
        return error.finding


@ddt.ddt
class TestServices(TestCase):
    def setUp(self):
        super().setUp()
        self.at()
        self.nova = FakeNova(self.mocker)

    def test_enabled(self):
        self.assertEqual(
            {'compute-1': nova.Service(
                'compute-1', 'enabled', 'up', '',
                {'compute-1': (uuid_of('compute-1'), 'QEMU')})},
            nova.Nova().services())

    def test_cell_that_does_not_answer(self):
        # From 2.69 on Nova tells no more than this.
        self.nova.services = [{'binary': 'nova-compute', 'host': 'compute-1',
                               'status': 'UNKNOWN'}]
        service = nova.Nova().services()['compute-1']
        self.assertEqual(
            ('disabled', 'down', ''),
            (service.status, service.state, service.disabled_reason))

    def test_disabled_and_down(self):
        self.nova.services = [
            a_service('compute-1', status='disabled', state='down',
                      disabled_reason='fan broken')]
        service = nova.Nova().services()['compute-1']
        self.assertEqual(
            ('disabled', 'down', 'fan broken'),
            (service.status, service.state, service.disabled_reason))

    @ddt.named_data(
        # name, hypervisors, told
        ('none',     [], {}),
        ('fqdn',     [a_hypervisor('c1.example', 'compute-1')],
         {'c1.example': (uuid_of('c1.example'), 'QEMU')}),
        ('ironic',   [a_hypervisor('node-b', 'compute-1', 'ironic'),
                      a_hypervisor('node-a', 'compute-1', 'ironic')],
         {'node-a': (uuid_of('node-a'), 'ironic'),
          'node-b': (uuid_of('node-b'), 'ironic')}),
        ('no_type',  [a_hypervisor('compute-1', kind=None)],
         {'compute-1': (uuid_of('compute-1'), '')}),
        ('elsewhere', [a_hypervisor('compute-2')], {}),
    )
    @ddt.unpack
    def test_hypervisors(self, hypervisors, told):
        self.nova.hypervisors = hypervisors
        service = nova.Nova().services()['compute-1']
        self.assertEqual(list(told.items()),
                         list(service.hypervisors.items()))

    def test_only_nova_compute(self):
        self.nova.services.append(a_service('controller', 'nova-conductor'))
        self.assertEqual(['compute-1'], list(nova.Nova().services()))

    @ddt.named_data(
        # name, number of hypervisors, pages asked for
        ('none',            0,    1),
        ('one_page',        1000, 2),
        ('one_more',        1001, 3),
        ('three_pages',     2500, 4),
    )
    @ddt.unpack
    def test_pages(self, count, pages):
        hosts = [f'compute-{number:04}' for number in range(count)]
        self.nova.hypervisors = [a_hypervisor(host) for host in hosts]
        self.nova.services = [a_service(host) for host in hosts]
        services = nova.Nova().services()
        self.assertEqual(hosts, list(services))
        self.assertEqual(
            set(), {h for h, s in services.items() if not s.hypervisors})
        asked = [r for r in self.nova.requests if 'hypervisors' in r]
        self.assertEqual(pages, len(asked))

    def test_requests(self):
        # A fixed number, however many services and hosts there are.
        nova.Nova().services()
        self.assertEqual(
            [
                '/v2.1', '/v2.1/',
                '/v2.1/os-hypervisors/detail',
                '/v2.1/os-hypervisors/detail?marker=' + uuid_of('compute-1'),
                '/v2.1/os-services?binary=nova-compute',
            ],
            self.nova.requests)


@ddt.ddt
class TestServers(TestCase):
    def setUp(self):
        super().setUp()
        self.at()
        self.nova = FakeNova(self.mocker)

    def test_of_one_host(self):
        self.nova.servers = [
            a_server('web-1', state='stopped', task='migrating'),
            a_server('web-2', 'compute-2')]
        self.assertEqual(
            [nova.Server(
                uuid=uuid_of('web-1'), name='web-1', vm_state='stopped',
                task_state='migrating',
                resources={'VCPU': 2, 'MEMORY_MB': 2048, 'DISK_GB': 20})],
            nova.Nova().servers('compute-1'))

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
    )
    @ddt.unpack
    def test_disk(self, image, flavor, expected):
        self.nova.servers = [a_server(image=image, **flavor)]
        [server] = nova.Nova().servers('compute-1')
        self.assertEqual(expected, server.resources.get('DISK_GB'))

    def test_idle(self):
        self.nova.servers = [a_server()]
        [server] = nova.Nova().servers('compute-1')
        self.assertEqual('', server.task_state)

    def test_more_than_a_page(self):
        self.nova.servers = [
            a_server(f'web-{n}') for n in range(MAX_LIMIT + 1)]
        self.assertEqual(
            MAX_LIMIT + 1, len(nova.Nova().servers('compute-1')))

    def test_a_filter_that_nova_ignores(self):
        # As for a user without the right to filter by host.
        self.nova.servers = [
            a_server('web-1'), a_server('web-2', 'compute-2')]
        self.nova.filters = False
        error = self.assertRaises(
            exceptions.NotPlanned, nova.Nova().servers, 'compute-1')
        self.assertEqual(
            {'call': 'GET /servers/detail?host=compute-1',
             'error': '1 servers of other hosts'}, error.finding.facts)

    def test_failure_names_the_call(self):
        self.mocker.get(
            f'{NOVA}/v2.1/servers/detail', status_code=503, reason='Busy')
        error = self.assertRaises(
            exceptions.NotPlanned, nova.Nova().servers, 'compute-1')
        self.assertIs(Reason.NOVA_FAILED, error.finding.reason)
        self.assertEqual('GET /servers/detail?host=compute-1',
                         error.finding.facts['call'])


@ddt.ddt
class TestMicroversion(TestCase):
    def setUp(self):
        super().setUp()
        self.at()

    @ddt.named_data(
        # name, offered by Nova, asked for, asked for hypervisors
        ('least',       '2.56',  '2.56', '2.56'),
        ('cheap',       '2.87',  '2.87', '2.87'),
        ('between',     '2.90',  '2.90', '2.87'),
        ('latest',      '2.96',  '2.96', '2.87'),
        ('beyond_ours', '2.100', '2.96', '2.87'),
    )
    @ddt.unpack
    def test_is_the_latest_of_both(self, offered, asked, of_hypervisors):
        # From 2.88 on, listing hypervisors may call every compute host.
        fake = FakeNova(self.mocker, offered=offered)
        nova.Nova().services()
        lists = dict(zip(
            (r.split('?')[0] for r in fake.requests if 'os-' in r),
            fake.microversions, strict=False))
        self.assertEqual(
            {'/v2.1/os-hypervisors/detail': of_hypervisors,
             '/v2.1/os-services': asked},
            lists)

    @ddt.named_data(
        # name, offered by Nova, as told
        ('one_short',        '2.55', '2.55'),
        ('far_too_old',      '2.1',  '2.1'),
        ('no_microversions', '',     '2.0'),
    )
    @ddt.unpack
    def test_too_old(self, offered, told):
        FakeNova(self.mocker, offered=offered)
        facts = {'offered': told, 'wanted': '2.56'}
        self.assertEqual(Finding(Reason.NOVA_TOO_OLD, facts=facts),
                         self.finding())


@ddt.ddt
class TestEndpoint(TestCase):
    @ddt.data(f'{NOVA}/v2.1', f'{NOVA}/v2.1/', NOVA, f'{NOVA}/')
    def test_override(self, endpoint):
        # Watcher's own client takes each of these.
        self.at(endpoint)
        FakeNova(self.mocker)
        self.assertEqual(['compute-1'], list(nova.Nova().services()))

    def test_below_a_path(self):
        self.at('http://cloud.test/compute/v2.1')
        FakeNova(self.mocker, 'http://cloud.test/compute')
        self.assertEqual(['compute-1'], list(nova.Nova().services()))

    @ddt.named_data(
        # name, options of [nova], expected host
        ('default',    {},                                   'public'),
        ('interfaces', {'valid_interfaces': ['internal']},   'internal'),
        ('preference', {'valid_interfaces': ['admin', 'internal']},
         'internal'),
        ('region',     {'region_name': 'two'},               'public-two'),
        ('override',   {'endpoint_override': f'{NOVA}/v2.1'}, 'nova'),
    )
    @ddt.unpack
    def test_of_the_catalog(self, options, host):
        self._keystone('nova')
        fake = FakeNova(self.mocker, f'http://{host}.test')
        self._token()
        self.conf.config(group='nova', **options)
        nova.Nova().services()
        self.assertEqual(5, len(fake.requests))

    def test_credentials_of_watcher(self):
        # [nova] has none: Watcher takes these then, and so do we.
        self._keystone('watcher_clients_auth')
        fake = FakeNova(self.mocker, 'http://public.test')
        self._token()
        nova.Nova().services()
        self.assertEqual(5, len(fake.requests))

    def test_not_in_the_catalog(self):
        self._keystone('nova')
        self._token()
        self.conf.config(group='nova', region_name='three')
        finding = self.finding()
        self.assertEqual(Reason.NOVA_FAILED, finding.reason)
        self.assertEqual('GET /', finding.facts['call'])
        self.assertIn('compute', finding.facts['error'])

    @ddt.named_data(
        # name, options of [nova], answer, part of what is told
        ('refused',      {}, {'exc': requests.ConnectionError('No')}, 'No'),
        ('out_of_order', {}, {'status_code': 503}, 'HTTP 503'),
        ('a_page',       {}, {'text': '<h1>Maintenance</h1>'},
         'Maintenance'),
        ('override',     {'endpoint_override': 'http://public.test/v2.1'},
         {'status_code': 503}, 'HTTP 503'),
    )
    @ddt.unpack
    def test_silent(self, options, answer, told):
        # Not too old: keystoneauth keeps the failure of a discovery quiet.
        self._keystone('nova')
        FakeNova(self.mocker, 'http://public.test')
        self._token()
        self.conf.config(group='nova', **options)
        for path in ('', '/', '/v2.1', '/v2.1/'):
            self.mocker.get(f'http://public.test{path}', **answer)
        finding = self.finding()
        self.assertEqual(Reason.NOVA_FAILED, finding.reason)
        self.assertEqual('GET /', finding.facts['call'])
        self.assertIn(told, finding.facts['error'])

    def _keystone(self, group):
        """Configure a password in this group."""
        self.password(group)
        self.conf.config(group=group, auth_url=KEYSTONE, username='watcher',
                         password='secret', user_domain_id='default',
                         project_name='service', project_domain_id='default')

    def _token(self):
        token = keystone_fixture.V3Token()
        token.set_project_scope()
        compute = token.add_service('compute')
        for region, suffix in (('one', ''), ('two', '-two')):
            compute.add_endpoint('public', f'http://public{suffix}.test/v2.1',
                                 region=region)
            compute.add_endpoint(
                'internal', f'http://internal{suffix}.test/v2.1',
                region=region)
        document = keystone_fixture.V3Discovery(KEYSTONE)
        self.mocker.get(KEYSTONE, json={'version': document})
        self.mocker.post(f'{KEYSTONE}/auth/tokens', json=token,
                         headers={'X-Subject-Token': 'token'})


HYPERVISORS = '/v2.1/os-hypervisors/detail'
SERVICES = '/v2.1/os-services'


@ddt.ddt
class TestFaults(TestCase):
    @ddt.named_data(
        # name, path, answer, call that is named, part of what is told
        ('refused',      '/v2.1', {'exc': requests.ConnectionError('No')},
         'GET /', 'service is unavailable'),
        ('out_of_order', '/v2.1', {'status_code': 503},
         'GET /', 'service is unavailable'),
        ('hypervisors',  HYPERVISORS, {'status_code': 500},
         'GET /os-hypervisors/detail', 'HTTP 500'),
        ('forbidden',    HYPERVISORS, {'status_code': 403},
         'GET /os-hypervisors/detail', 'HTTP 403'),
        ('services',     SERVICES, {'status_code': 504},
         'GET /os-services', 'HTTP 504'),
        ('cut_off',      SERVICES, {'exc': requests.ConnectionError('No')},
         'GET /os-services', 'No'),
        ('too_slow',     SERVICES, {'exc': requests.ReadTimeout('Slow')},
         'GET /os-services', 'timed out'),
        ('a_page',       SERVICES, {'text': '<h1>Maintenance</h1>'},
         'GET /os-services', ''),
        ('nonsense',     SERVICES, {'json': {'servers': []}},
         'GET /os-services', 'services'),
    )
    @ddt.unpack
    def test_names_the_call(self, path, answer, call, told):
        self.at()
        FakeNova(self.mocker)
        self.mocker.get(NOVA + path, **answer)
        finding = self.finding()
        self.assertEqual(Reason.NOVA_FAILED, finding.reason)
        self.assertEqual(call, finding.facts['call'])
        self.assertIn(told, finding.facts['error'])
        self.assertEqual(1, len(finding.facts['error'].splitlines()))

    def test_nothing_is_configured(self):
        finding = self.finding()
        self.assertEqual(Reason.NOVA_FAILED, finding.reason)
        self.assertEqual('GET /', finding.facts['call'])
        self.assertIn('auth plugin', finding.facts['error'])

    def test_nowhere_to_ask(self):
        self.at(None)
        finding = self.finding()
        self.assertEqual('GET /', finding.facts['call'])
        self.assertIn('endpoint', finding.facts['error'])

    def test_no_password(self):
        self.password('nova')
        self.assertEqual('GET /', self.finding().facts['call'])

    def test_second_page(self):
        self.at()
        fake = FakeNova(self.mocker)
        marker = fake.hypervisors[-1]['id']
        self.mocker.get(f'{NOVA}{HYPERVISORS}?marker={marker}',
                        status_code=400)
        self.assertEqual('GET /os-hypervisors/detail',
                         self.finding().facts['call'])
