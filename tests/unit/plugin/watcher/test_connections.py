# SPDX-License-Identifier: Apache-2.0


"""Tests of the connections that Watcher's options lead to.

Nova, Placement and Keystone answer by requests-mock.
"""

from unittest import mock

import ddt
import fixtures
import requests

from keystoneauth1 import adapter as adapters
from keystoneauth1 import fixture as keystone_fixture
from keystoneauth1 import loading
from keystoneauth1 import noauth
from keystoneauth1 import session as sessions

from tests.unit.plugin import base
from tests.unit.plugin import fake_nova
from tests.unit.plugin import fake_placement
from watcher_host_maintenance.cloud.errors import CALL_FAILED
from watcher_host_maintenance.cloud.errors import CALL_REFUSED
from watcher_host_maintenance.cloud.errors import CREDENTIAL_REFUSED
from watcher_host_maintenance.cloud.errors import NOT_IN_CATALOG
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.placement import Bearers
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.plugin.watcher import connections


KEYSTONE = 'http://keystone.test/v3'
NOVA = fake_nova.URL
PLACEMENT = fake_placement.URL

NO_BEARERS = Bearers(frozenset(), frozenset())


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
        return self.assertRaises(NotPlanned, read).finding


def list_services():
    client = connections.connect_nova().client
    return client.services.list(binary='nova-compute')


def list_traits():
    return connections.connect_placement(None).with_traits(['x'])


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
        self.assertIs(NOT_IN_CATALOG, finding.reason)
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
        finding = self.finding(connections.connect_nova)
        self.assertIs(CALL_FAILED, finding.reason)
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
        finding = self.finding(connections.connect_nova)
        self.assertIs(CALL_FAILED, finding.reason)
        self.assertEqual('GET /', finding.facts['call'])
        self.assertIn('service is unavailable', finding.facts['error'])

    @ddt.unpack
    @ddt.data((401, CREDENTIAL_REFUSED), (403, CALL_REFUSED))
    def test_credentials_are_refused(self, status, reason):
        self.keystone('nova')
        self.mocker.post(f'{KEYSTONE}/auth/tokens', status_code=status)
        finding = self.finding(connections.connect_nova)
        self.assertIs(reason, finding.reason)
        self.assertEqual(
            ('Keystone', 'POST /auth/tokens', 'watcher'),
            tuple(finding.facts[f] for f in ('service', 'call', 'user')),
        )

    def test_nothing_is_configured(self):
        finding = self.finding(connections.connect_nova)
        self.assertIs(CALL_FAILED, finding.reason)
        self.assertEqual('GET /', finding.facts['call'])
        self.assertIn('auth plugin', finding.facts['error'])

    def test_option_that_makes_no_sense(self):
        # No answer was misunderstood: there was none.
        self.at()
        self.useFixture(
            fixtures.MockPatchObject(
                connections.loading,
                'load_session_from_conf_options',
                side_effect=ValueError('timeout: ten'),
            )
        )
        finding = self.finding(connections.connect_nova)
        self.assertEqual(
            Finding(
                CALL_FAILED,
                facts={
                    'service': 'Nova',
                    'call': 'GET /',
                    'error': 'timeout: ten',
                },
            ),
            finding,
        )

    def test_nowhere_to_ask(self):
        self.at(None)
        finding = self.finding(connections.connect_nova)
        self.assertEqual('GET /', finding.facts['call'])
        self.assertIn('endpoint', finding.facts['error'])

    def test_no_password(self):
        self.password('nova')
        self.assertEqual(
            'GET /', self.finding(connections.connect_nova).facts['call']
        )


@ddt.ddt
class TestPlacementEndpoint(TestCase):
    def test_override(self):
        self.at(PLACEMENT, 'placement')
        fake = fake_placement.FakePlacement(self.mocker)
        self.assertEqual({'x': NO_BEARERS}, list_traits())
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
        self.useFixture(fixtures.MockPatchObject(connections, 'CONF', {}))
        fake = fake_placement.FakePlacement(self.mocker)
        osc = mock.Mock(spec_set=['placement'])
        osc.placement.return_value = adapters.Adapter(
            sessions.Session(noauth.NoAuth()),
            endpoint_override=PLACEMENT,
            default_microversion='1.29',
            service_type='placement',
        )
        connections.connect_placement(osc).with_traits(['x'])
        self.assertEqual({'placement 1.18'}, fake.versions)
        self.assertEqual(60, self.mocker.last_request.timeout)

    def test_watcher_16_fails(self):
        self.useFixture(fixtures.MockPatchObject(connections, 'CONF', {}))
        osc = mock.Mock(spec_set=['placement'])
        osc.placement.side_effect = RuntimeError('No')
        self.assertEqual(
            Finding(
                CALL_FAILED,
                facts={'service': 'Placement', 'call': 'GET /', 'error': 'No'},
            ),
            self.finding(lambda: connections.connect_placement(osc)),
        )
