# SPDX-License-Identifier: Apache-2.0


"""Tests of connecting to Nova by an adapter, without any configuration."""

import ddt
import fixtures
import novaclient

from keystoneauth1 import fixture as keystone_fixture
from keystoneauth1.adapter import Adapter
from keystoneauth1.identity import V3Password
from keystoneauth1.session import Session
from novaclient import api_versions

from tests.unit import base
from tests.unit.plugin import fake_nova
from tests.unit.plugin import fake_placement
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.placement import Placement
from watcher_host_maintenance.cloud.sessions import NOVA_TOO_OLD
from watcher_host_maintenance.cloud.sessions import connect_nova
from watcher_host_maintenance.cloud.settings import Settings
from watcher_host_maintenance.core.model.reasons import Finding


KEYSTONE = 'http://keystone.test/v3'


class TestCase(base.TestCase):
    def setUp(self):
        super().setUp()
        self.mocker = fake_nova.mocker_for(self)

    def sign_in(self):
        """A session with a token and a catalog of two regions."""
        token = keystone_fixture.V3Token()
        token.set_project_scope()
        service = token.add_service('compute')
        for region, suffix in (('one', ''), ('two', '-two')):
            for interface in ('public', 'internal'):
                service.add_endpoint(
                    interface,
                    f'http://{interface}{suffix}.test/v2.1',
                    region=region,
                )
        document = keystone_fixture.V3Discovery(KEYSTONE)
        self.mocker.get(KEYSTONE, json={'version': document})
        self.mocker.post(
            f'{KEYSTONE}/auth/tokens',
            json=token,
            headers={'X-Subject-Token': 'token'},
        )
        return Session(
            V3Password(
                KEYSTONE,
                username='demo',
                password='secret',
                user_domain_id='default',
                project_name='demo',
                project_domain_id='default',
            )
        )


def list_services(latest='2.96'):
    connect = connect_nova(fake_nova.adapter())
    return connect(latest).services.list(binary='nova-compute')


@ddt.ddt
class TestMicroversion(TestCase):
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
            self.assertRaises(
                NotPlanned, connect_nova, fake_nova.adapter()
            ).finding,
        )

    def test_discovery_is_not_repeated(self):
        fake = fake_nova.FakeNova(self.mocker)
        connect = connect_nova(fake_nova.adapter())
        connect('2.96').services.list(binary='nova-compute')
        connect('2.87').services.list(binary='nova-compute')
        self.assertEqual(2, len(fake.requests) - len(fake.asked('/os-')))


@ddt.ddt
class TestEndpoint(TestCase):
    @ddt.named_data(
        # name, endpoint description, expected host
        ('default',   {},                                      'public'),
        ('interface', {'interface': 'internal'},               'internal'),
        ('region',    {'region_name': 'two'},                  'public-two'),
        ('override',  {'endpoint_override': f'{fake_nova.URL}/v2.1'},
         'nova'),
    )  # fmt: skip
    @ddt.unpack
    def test_is_the_adapters(self, description, host):
        fake = fake_nova.FakeNova(self.mocker, f'http://{host}.test')
        nova = Nova(
            Adapter(self.sign_in(), service_type='compute', **description)
        )
        self.assertEqual(['compute-1'], list(nova.services()))
        self.assertEqual(1, len(fake.asked('/os-services')))


@ddt.ddt
class TestTimeout(TestCase):
    @ddt.named_data(
        # name, timeout of the session, setting, seconds
        ('default',          None, {},               60),
        ('setting',          None, {'timeout_s': 5}, 5),
        ('of_the_session',   7,    {'timeout_s': 5}, 7),
        ('longer',           600,  {},               600),
    )  # fmt: skip
    @ddt.unpack
    def test_of_a_call(self, timeout, given, seconds):
        fake_nova.FakeNova(self.mocker)
        fake_placement.FakePlacement(self.mocker)
        nova, placement = fake_nova.adapter(), fake_placement.adapter()
        nova.session.timeout = placement.session.timeout = timeout
        settings = Settings(**given)
        Nova(nova, settings).services()
        Placement(placement, settings).with_traits(['x'])
        self.assertEqual(
            {seconds}, {r.timeout for r in self.mocker.request_history}
        )
