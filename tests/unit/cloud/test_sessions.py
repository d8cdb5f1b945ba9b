# SPDX-License-Identifier: Apache-2.0


"""Tests of the connections: Nova, Placement, Keystone by requests-mock."""

from unittest import mock

import ddt
import fixtures
import novaclient
import requests

from keystoneauth1 import adapter as adapters
from keystoneauth1 import exceptions as keystone_exceptions
from keystoneauth1 import fixture as keystone_fixture
from keystoneauth1 import loading
from keystoneauth1 import noauth
from keystoneauth1 import session as sessions
from novaclient import api_versions
from novaclient import exceptions as nova_exceptions

from tests.unit.plugin import base
from tests.unit.plugin import fake_nova
from tests.unit.plugin import fake_placement
from watcher_host_maintenance import exceptions
from watcher_host_maintenance.cloud import sessions as clients
from watcher_host_maintenance.cloud.sessions import CALL_REFUSED
from watcher_host_maintenance.cloud.sessions import CREDENTIAL_REFUSED
from watcher_host_maintenance.cloud.sessions import NOVA_FAILED
from watcher_host_maintenance.cloud.sessions import NOVA_TOO_OLD
from watcher_host_maintenance.cloud.sessions import NOVA_UNREADABLE
from watcher_host_maintenance.cloud.sessions import PLACEMENT_FAILED
from watcher_host_maintenance.cloud.sessions import PLACEMENT_UNREADABLE
from watcher_host_maintenance.core.model.reasons import Finding


KEYSTONE = 'http://keystone.test/v3'
NOVA = fake_nova.URL
PLACEMENT = fake_placement.URL


class TestCase(base.TestCase):
    def setUp(self):
        super().setUp()
        self.mocker = fake_nova.mocker_for(self)

    def at(self, endpoint=f'{NOVA}/v2.1', group='nova'):
        """Configure a service without Keystone."""
        self.conf.config(
            group=group, auth_type='none', endpoint_override=endpoint
        )

    def password(self, group):
        """Let this group take a password, but none is there yet."""
        self.conf.config(group=group, auth_type='v3password')
        # Registered when first used, for all tests to come: not here.
        loader = loading.get_plugin_loader('v3password')
        for option in loader.get_options():
            self.conf.register_opt(option._to_oslo_opt(), group=group)

    def keystone(self, group):
        """Configure a password in this group, and a catalog."""
        self.password(group)
        self.conf.config(
            group=group,
            auth_url=KEYSTONE,
            username='watcher',
            password='secret',
            user_domain_id='default',
            project_name='service',
            project_domain_id='default',
        )
        token = keystone_fixture.V3Token()
        token.set_project_scope()
        for kind, path in (('compute', '/v2.1'), ('placement', '')):
            service = token.add_service(kind)
            for region, suffix in (('one', ''), ('two', '-two')):
                for interface in ('public', 'internal'):
                    service.add_endpoint(
                        interface,
                        f'http://{interface}{suffix}.test{path}',
                        region=region,
                    )
        document = keystone_fixture.V3Discovery(KEYSTONE)
        self.mocker.get(KEYSTONE, json={'version': document})
        self.mocker.post(
            f'{KEYSTONE}/auth/tokens',
            json=token,
            headers={'X-Subject-Token': 'token'},
        )

    def finding(self, read):
        return self.assertRaises(exceptions.NotPlanned, read).finding


def list_services(latest='2.96'):
    return clients.connect_nova()(latest).services.list(binary='nova-compute')


def list_traits():
    return clients.connect_placement(None).get('/traits?name=in:x').json()


@ddt.ddt
class TestCalling(TestCase):
    @ddt.named_data(
        # name, error, the refusal it is
        ('unauthorized',   keystone_exceptions.Unauthorized('No'),
         CREDENTIAL_REFUSED),
        ('forbidden',      keystone_exceptions.Forbidden('No'),
         CALL_REFUSED),
        ('not_found',      keystone_exceptions.NotFound('No'),       None),
        ('out_of_order',   keystone_exceptions.InternalServerError('No'),
         None),
        ('timeout',        keystone_exceptions.ConnectTimeout('No'), None),
        ('nova_401',       nova_exceptions.Unauthorized(401, 'No'),
         CREDENTIAL_REFUSED),
        ('nova_403',       nova_exceptions.Forbidden(403, 'No'),
         CALL_REFUSED),
        ('nova_404',       nova_exceptions.NotFound(404, 'No'),      None),
        ('nova_503',       nova_exceptions.ClientException(503, 'No'),
         None),
        ('cut_off',        requests.ConnectionError('No'),           None),
        ('no_answer',      clients.NoAnswer('No'),                   None),
        ('withheld',       clients.Withheld('No'), CALL_REFUSED),
    )  # fmt: skip
    @ddt.unpack
    def test_reason(self, error, refusal):
        for service, failed in (
            ('Nova', NOVA_FAILED),
            ('Placement', PLACEMENT_FAILED),
        ):
            found = self.finding(lambda s=service: self.call(s, error))
            self.assertIs(refusal or failed, found.reason)
            self.assertEqual('GET /things', found.facts['call'])
            self.assertIn('No', found.facts['error'])
            self.assertEqual(
                service if refusal else None, found.facts.get('service')
            )

    @ddt.named_data(
        # name, error, what is told of it
        ('no_field',     KeyError('status'),               "no 'status'"),
        ('no_item',      IndexError('list out of range'),
         'list out of range'),
        ('a_page',       ValueError('Expecting value\nthere'),
         'Expecting value'),
        ('another_type', TypeError('not subscriptable'),
         'not subscriptable'),
        ('a_list',       AttributeError('list has no get'),
         'list has no get'),
        ('silent',       ValueError(),                     'ValueError'),
    )  # fmt: skip
    @ddt.unpack
    def test_answer_that_is_not_understood(self, error, told):
        for service, reason in (
            ('Nova', NOVA_UNREADABLE),
            ('Placement', PLACEMENT_UNREADABLE),
        ):
            self.assertEqual(
                Finding(reason, facts={'call': 'GET /things', 'error': told}),
                self.finding(lambda s=service: self.call(s, error)),
            )

    def test_request_id_is_apart(self):
        error = keystone_exceptions.Forbidden('No', request_id='req-1')
        self.assertIn('req-1', str(error))
        facts = self.finding(lambda: self.call('Nova', error)).facts
        self.assertEqual(
            ('No (HTTP 403)', 'req-1'), (facts['error'], facts['request_id'])
        )

    def test_one_line(self):
        found = self.finding(
            lambda: self.call('Nova', OSError('\n  First.\nSecond.'))
        )
        self.assertEqual('First.', found.facts['error'])

    def test_cause_is_kept(self):
        cause = ValueError('No')
        error = self.assertRaises(
            exceptions.NotPlanned, self.call, 'Nova', cause
        )
        self.assertIs(cause, error.__cause__)

    def call(self, service, error):
        with clients.calling(service, 'GET /things'):
            raise error


@ddt.ddt
class TestMicroversion(TestCase):
    def setUp(self):
        super().setUp()
        self.at()

    @ddt.named_data(
        # name, offered by Nova, latest known, asked for
        ('least',       '2.56',  '2.96', '2.56'),
        ('known_less',  '2.96',  '2.87', '2.87'),
        ('both',        '2.87',  '2.87', '2.87'),
        ('offers_less', '2.86',  '2.87', '2.86'),
        ('latest',      '2.96',  '2.96', '2.96'),
        ('beyond_ours', '2.100', '2.96', '2.96'),
    )  # fmt: skip
    @ddt.unpack
    def test_is_the_latest_of_both(self, offered, latest, asked):
        fake = fake_nova.FakeNova(self.mocker, offered=offered)
        list_services(latest)
        self.assertEqual(asked, fake.microversions[-1])

    def test_of_the_client(self):
        fake = fake_nova.FakeNova(self.mocker)
        self.useFixture(
            fixtures.MockPatchObject(
                novaclient, 'API_MAX_VERSION', api_versions.APIVersion('2.79')
            )
        )
        list_services()
        self.assertEqual('2.79', fake.microversions[-1])

    @ddt.named_data(
        # name, offered by Nova, as told
        ('one_short',        '2.55', '2.55'),
        ('far_too_old',      '2.1',  '2.1'),
        ('no_microversions', '',     '2.0'),
    )  # fmt: skip
    @ddt.unpack
    def test_too_old(self, offered, told):
        fake_nova.FakeNova(self.mocker, offered=offered)
        facts = {'offered': told, 'wanted': '2.56'}
        self.assertEqual(
            Finding(NOVA_TOO_OLD, facts=facts),
            self.finding(clients.connect_nova),
        )

    def test_discovery_is_not_repeated(self):
        fake = fake_nova.FakeNova(self.mocker)
        connect = clients.connect_nova()
        connect('2.96').services.list(binary='nova-compute')
        connect('2.87').services.list(binary='nova-compute')
        self.assertEqual(2, len(fake.requests) - len(fake.asked('/os-')))


@ddt.ddt
class TestPatience(TestCase):
    """Without a limit, an API that hangs keeps an audit ONGOING for ever."""

    @ddt.named_data(
        # name, options, seconds
        ('default', {},               60),
        ('shorter', {'timeout': 5},   5),
        ('longer',  {'timeout': 600}, 600),
    )  # fmt: skip
    @ddt.unpack
    def test_of_a_call(self, options, seconds):
        for group, endpoint in (
            ('nova', f'{NOVA}/v2.1'),
            ('placement', PLACEMENT),
        ):
            self.at(endpoint, group)
            self.conf.config(group=group, **options)
        fake_nova.FakeNova(self.mocker)
        fake_placement.FakePlacement(self.mocker)
        list_services()
        list_traits()
        self.assertEqual(
            {seconds}, {r.timeout for r in self.mocker.request_history}
        )


@ddt.ddt
class TestNovaEndpoint(TestCase):
    @ddt.data(f'{NOVA}/v2.1', f'{NOVA}/v2.1/', NOVA, f'{NOVA}/')
    def test_override(self, endpoint):
        # Watcher's own client takes each of these.
        self.at(endpoint)
        fake_nova.FakeNova(self.mocker)
        self.assertEqual(['compute-1'], [s.host for s in list_services()])

    def test_below_a_path(self):
        self.at('http://cloud.test/compute/v2.1')
        fake_nova.FakeNova(self.mocker, 'http://cloud.test/compute')
        self.assertEqual(['compute-1'], [s.host for s in list_services()])

    @ddt.named_data(
        # name, options of [nova], expected host
        ('default',    {},                                   'public'),
        ('interfaces', {'valid_interfaces': ['internal']},   'internal'),
        ('preference', {'valid_interfaces': ['admin', 'internal']},
         'internal'),
        ('region',     {'region_name': 'two'},               'public-two'),
        ('override',   {'endpoint_override': f'{NOVA}/v2.1'}, 'nova'),
    )  # fmt: skip
    @ddt.unpack
    def test_of_the_catalog(self, options, host):
        self.keystone('nova')
        fake = fake_nova.FakeNova(self.mocker, f'http://{host}.test')
        self.conf.config(group='nova', **options)
        list_services()
        self.assertEqual(3, len(fake.requests))

    def test_credentials_of_watcher(self):
        # [nova] has none: Watcher takes these then, and so do we.
        self.keystone('watcher_clients_auth')
        fake = fake_nova.FakeNova(self.mocker, 'http://public.test')
        list_services()
        self.assertEqual(3, len(fake.requests))

    def test_not_in_the_catalog(self):
        self.keystone('nova')
        self.conf.config(group='nova', region_name='three')
        finding = self.finding(list_services)
        self.assertIs(NOVA_FAILED, finding.reason)
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
    )  # fmt: skip
    @ddt.unpack
    def test_silent(self, options, answer, told):
        # Not too old: keystoneauth keeps the failure of a discovery quiet.
        self.keystone('nova')
        fake = fake_nova.FakeNova(self.mocker, 'http://public.test')
        self.conf.config(group='nova', **options)
        for path in ('', '/', '/v2.1', '/v2.1/'):
            fake.fail(path, **answer)
        finding = self.finding(clients.connect_nova)
        self.assertIs(NOVA_FAILED, finding.reason)
        self.assertEqual('GET /', finding.facts['call'])
        self.assertIn(told, finding.facts['error'])

    @ddt.named_data(
        # name, answer
        ('refused', {'exc': requests.ConnectionError('No')}),
        ('out_of_order', {'status_code': 503}),
    )
    def test_silent_without_a_catalog(self, answer):
        self.at()
        fake_nova.FakeNova(self.mocker).fail('/v2.1', **answer)
        finding = self.finding(clients.connect_nova)
        self.assertIs(NOVA_FAILED, finding.reason)
        self.assertEqual('GET /', finding.facts['call'])
        self.assertIn('service is unavailable', finding.facts['error'])

    @ddt.unpack
    @ddt.data((401, CREDENTIAL_REFUSED), (403, CALL_REFUSED))
    def test_credentials_are_refused(self, status, reason):
        self.keystone('nova')
        self.mocker.post(f'{KEYSTONE}/auth/tokens', status_code=status)
        finding = self.finding(clients.connect_nova)
        self.assertIs(reason, finding.reason)
        self.assertEqual(
            ('Keystone', 'POST /auth/tokens'),
            (finding.facts['service'], finding.facts['call']),
        )

    def test_nothing_is_configured(self):
        finding = self.finding(clients.connect_nova)
        self.assertIs(NOVA_FAILED, finding.reason)
        self.assertEqual('GET /', finding.facts['call'])
        self.assertIn('auth plugin', finding.facts['error'])

    def test_option_that_makes_no_sense(self):
        # No answer was misunderstood: there was none.
        self.at()
        self.useFixture(
            fixtures.MockPatchObject(
                clients.loading,
                'load_session_from_conf_options',
                side_effect=ValueError('timeout: ten'),
            )
        )
        finding = self.finding(clients.connect_nova)
        self.assertEqual(
            Finding(
                NOVA_FAILED,
                facts={'call': 'GET /', 'error': 'timeout: ten'},
            ),
            finding,
        )

    def test_nowhere_to_ask(self):
        self.at(None)
        finding = self.finding(clients.connect_nova)
        self.assertEqual('GET /', finding.facts['call'])
        self.assertIn('endpoint', finding.facts['error'])

    def test_no_password(self):
        self.password('nova')
        self.assertEqual(
            'GET /', self.finding(clients.connect_nova).facts['call']
        )


@ddt.ddt
class TestPlacementEndpoint(TestCase):
    def test_override(self):
        self.at(PLACEMENT, 'placement')
        fake = fake_placement.FakePlacement(self.mocker)
        self.assertEqual({'traits': []}, list_traits())
        self.assertEqual({'placement 1.18'}, fake.versions)

    @ddt.named_data(
        # name, options of [placement], expected host
        ('default',    {},                                   'public'),
        ('interfaces', {'valid_interfaces': ['internal']},   'internal'),
        ('region',     {'region_name': 'two'},               'public-two'),
        ('override',   {'endpoint_override': PLACEMENT},     'placement'),
    )  # fmt: skip
    @ddt.unpack
    def test_of_the_catalog(self, options, host):
        self.keystone('placement')
        fake = fake_placement.FakePlacement(self.mocker, f'http://{host}.test')
        self.conf.config(group='placement', **options)
        list_traits()
        self.assertEqual('/traits?name=in:x', fake.requests[-1])

    def test_credentials_of_watcher(self):
        self.keystone('watcher_clients_auth')
        fake = fake_placement.FakePlacement(self.mocker, 'http://public.test')
        list_traits()
        self.assertEqual('/traits?name=in:x', fake.requests[-1])

    def test_watcher_16_has_no_options_for_it(self):
        self.useFixture(fixtures.MockPatchObject(clients, 'CONF', {}))
        fake = fake_placement.FakePlacement(self.mocker)
        osc = mock.Mock(spec_set=['placement'])
        osc.placement.return_value = adapters.Adapter(
            sessions.Session(noauth.NoAuth()),
            endpoint_override=PLACEMENT,
            default_microversion='1.29',
            service_type='placement',
        )
        clients.connect_placement(osc).get('/traits?name=in:x')
        self.assertEqual({'placement 1.18'}, fake.versions)
        self.assertEqual(60, self.mocker.last_request.timeout)

    def test_watcher_16_fails(self):
        self.useFixture(fixtures.MockPatchObject(clients, 'CONF', {}))
        osc = mock.Mock(spec_set=['placement'])
        osc.placement.side_effect = RuntimeError('No')
        self.assertEqual(
            Finding(PLACEMENT_FAILED, facts={'call': 'GET /', 'error': 'No'}),
            self.finding(lambda: clients.connect_placement(osc)),
        )
