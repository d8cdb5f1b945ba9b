# SPDX-License-Identifier: Apache-2.0

"""The actions of a return: look and enable, start, close, verify."""

import ddt

from keystoneauth1.adapter import Adapter
from keystoneauth1.noauth import NoAuth
from keystoneauth1.session import Session
from watcher.common import exception

from tests.unit.plugin import base
from tests.unit.plugin import clouds
from tests.unit.plugin import database
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_migration
from tests.unit.plugin.nova_answers import a_server
from tests.unit.plugin.nova_answers import a_service
from watcher_host_maintenance.cloud import deadlines
from watcher_host_maintenance.cloud.neutron import Neutron
from watcher_host_maintenance.plugin.actions import return_host
from watcher_host_maintenance.plugin.actions.await_host import AwaitHost
from watcher_host_maintenance.plugin.actions.disable_empty_host import (
    DisableEmptyHost,
)
from watcher_host_maintenance.plugin.actions.return_host import ReturnHost
from watcher_host_maintenance.plugin.actions.start_server import StartServer
from watcher_host_maintenance.plugin.actions.verify_host_returned import (
    VerifyHostReturned,
)
from watcher_host_maintenance.plugin.errors import ActionFailed
from watcher_host_maintenance.request import options


DONE = 'watcher_maintained'
NODE = {'resource_id': uuid_of('compute-1'), 'resource_name': 'compute-1'}
CLOSED = ('COMPUTE_STATUS_DISABLED',)
OVS = 'neutron-openvswitch-agent'
LIFTS = (
    'If it is sound: openstack compute service set --up compute-1 nova-compute'
)


class TestCase(base.TestCase):
    """compute-1, whose maintenance is over.

    :ivar reports: each look of Nova's finds a newer report
    :ivar opens: nova-compute removes the trait as soon as it is enabled
    """

    def setUp(self):
        super().setUp()
        self.useFixture(base.StoppedClock())
        self.useFixture(database.Database())
        self.conf.config(
            group='nova', migration_interval=0.1, migration_max_retries=3
        )
        self.patch_waits()
        cloud = clouds.Cloud(self)
        self.nova, self.placement = cloud.nova, cloud.placement
        self.provider = self.placement.add('compute-1', CLOSED, VCPU=8)
        self.reports = self.opens = True
        self.looks = 0
        self.see('disabled', DONE)
        path = f'/v2.1/os-services/{uuid_of("service compute-1")}'
        self.nova._mocker.put(f'{self.nova.url}{path}', json=self.changed)
        self.nova.afterwards['/v2.1/os-services'] = Endless(self.report)

    def patch_waits(self):
        for module, name, seconds in (
            (deadlines, 'LONGEST_PAUSE_S', 0.01),
            (deadlines, 'FIRST_PAUSE_S', 0.01),
            (return_host, 'OPEN_S', 0.05),
        ):
            self.addCleanup(setattr, module, name, getattr(module, name))
            setattr(module, name, seconds)

    def see(self, status, reason, **fields):
        self.nova.services = [
            a_service(
                'compute-1',
                status=status,
                disabled_reason=reason,
                updated_at='2026-11-21T12:00:00.000000',
                **fields,
            )
        ]

    def report(self):
        if self.reports:
            self.looks += 1
            for service in self.nova.services:
                service['updated_at'] = f'2026-11-21T12:00:{self.looks:02}'

    def changed(self, request, context):
        asked = request.json()
        [service] = self.nova.services
        service['status'] = asked['status']
        service['disabled_reason'] = asked.get('disabled_reason')
        if asked['status'] == 'enabled' and self.opens:
            self.placement.providers[self.provider].traits = ()
        return {'service': service}

    def now(self):
        [service] = self.nova.services
        return service['status'], service['disabled_reason']

    def action(self, kind, **parameters):
        action = kind(None)
        action.input_parameters = {**NODE, **parameters}
        action.validate_parameters()
        return action

    def failure(self, action):
        return str(self.assertRaises(ActionFailed, action.execute))


class Endless(list):
    """The same happens after every answer."""

    def __init__(self, happens):
        super().__init__([happens])

    def pop(self, _index):
        return self[0]


@ddt.ddt
class TestReturnHost(TestCase):
    def returns(self, timeout_s=1, **parameters):
        return self.action(
            ReturnHost,
            **{
                'disabled_reason': '',
                'expected_reason': DONE,
                'timeout_s': timeout_s,
                **parameters,
            },
        )

    def test_enables(self):
        self.assertIs(True, self.returns().execute())
        self.assertEqual(('enabled', None), self.now())

    def test_becomes_a_spare(self):
        action = self.returns(disabled_reason='watcher_disabled')
        self.assertIs(True, action.execute())
        self.assertEqual(('disabled', 'watcher_disabled'), self.now())
        # Again, and there is nothing left to do.
        self.assertIs(True, action.execute())

    def test_enabled_already(self):
        self.see('enabled', None)
        self.placement.providers[self.provider].traits = ()
        self.assertIs(True, self.returns().execute())

    def test_comes_up_while_it_waits(self):
        self.see('disabled', DONE, state='down')

        def come_up():
            self.report()
            if self.looks > 2:
                self.nova.services[0]['state'] = 'up'

        self.nova.afterwards['/v2.1/os-services'] = Endless(come_up)
        self.assertIs(True, self.returns().execute())

    def test_down(self):
        self.see('disabled', DONE, state='down')
        self.assertEqual(
            'compute-1 is not returned: nova-compute is down. Start '
            'nova-compute there, then run the return again.',
            self.failure(self.returns(0)),
        )
        self.assertEqual(('disabled', DONE), self.now())

    def test_forced_down(self):
        self.see('disabled', DONE, state='down', forced_down=True)
        self.assertEqual(
            f'compute-1 is not returned: it is forced down. {LIFTS}',
            self.failure(self.returns(0)),
        )
        self.assertEqual(('disabled', DONE), self.now())

    def test_has_not_reported(self):
        self.reports = False
        self.assertIn(
            'nova-compute has not reported yet',
            self.failure(self.returns(0)),
        )
        self.assertEqual(('disabled', DONE), self.now())

    @ddt.named_data(
        ('missing', lambda providers, uuid: providers.clear()),
        ('empty', lambda providers, uuid: providers[uuid].inventories.clear()),
    )
    @ddt.unpack
    def test_without_resources(self, change):
        change(self.placement.providers, self.provider)
        self.assertIn(
            'Placement has no resources of it', self.failure(self.returns(0))
        )
        self.assertEqual(('disabled', DONE), self.now())

    def test_provider_stays_closed(self):
        self.opens = False
        self.assertIn(
            'its provider in Placement has the trait COMPUTE_STATUS_DISABLED',
            self.failure(self.returns()),
        )
        self.assertEqual(('disabled', DONE), self.now())

    def test_placement_is_away(self):
        self.placement.fail(f'/resource_providers/{self.provider}/inventories')
        self.assertIn(
            'Placement did not answer', self.failure(self.returns(0))
        )
        self.assertEqual(('disabled', DONE), self.now())

    def test_dead_agents(self):
        self.has_agents(
            {'binary': OVS, 'host': 'compute-1', 'alive': False},
            {'binary': 'neutron-l3-agent', 'host': 'compute-1', 'alive': True},
            {'binary': 'neutron-dhcp', 'host': 'compute-2', 'alive': False},
        )
        action = self.returns(0)
        action.__dict__['neutron'] = self.neutron
        self.assertEqual(
            f'compute-1 is not returned: its agents are dead: {OVS}. Start '
            'them, then run the return again.',
            self.failure(action),
        )
        self.assertEqual(('disabled', DONE), self.now())

    def has_agents(self, *agents):
        url = 'http://neutron.test'
        self.nova._mocker.get(
            f'{url}/v2.0/agents?host=compute-1', json={'agents': agents}
        )
        self.neutron = Neutron(
            Adapter(
                Session(NoAuth()),
                service_type='network',
                endpoint_override=url,
            )
        )

    def query(self, *names):
        """Configure a query that returns series of these names."""
        self.conf.register_opts(
            options.RETURN_OPTIONS, group=options.RETURN_GROUP
        )
        self.conf.config(
            group=options.RETURN_GROUP,
            unfit_query='ALERTS{instance="{host}"}',
            prometheus_url='http://prometheus.test',
        )
        series = [{'metric': {'__name__': name}} for name in names]
        return self.nova._mocker.get(
            'http://prometheus.test/api/v1/query',
            json={
                'status': 'success',
                'data': {'resultType': 'vector', 'result': series},
            },
        )

    def test_query_returns_nothing(self):
        asked = self.query()
        self.assertIs(True, self.returns().execute())
        self.assertEqual(
            ['alerts{instance="compute-1"}'], asked.last_request.qs['query']
        )

    def test_query_returns_something(self):
        self.query('ALERTS', 'up')
        self.assertEqual(
            'compute-1 is not returned: unfit_query returns ALERTS{}, up{}. '
            'Fix what it shows, then run the return again.',
            self.failure(self.returns(0)),
        )
        self.assertEqual(('disabled', DONE), self.now())

    def test_prometheus_is_away(self):
        self.query()
        self.nova._mocker.get(
            'http://prometheus.test/api/v1/query', status_code=503
        )
        self.assertEqual(
            'Prometheus did not answer GET /api/v1/query: HTTP 503. Run the '
            'audit again when Prometheus answers.',
            self.failure(self.returns(0)),
        )
        self.assertEqual(('disabled', DONE), self.now())

    def test_query_without_a_prometheus(self):
        self.query()
        self.conf.config(group=options.RETURN_GROUP, prometheus_url=None)
        self.assertIn('prometheus_url', self.failure(self.returns(0)))
        self.assertEqual(('disabled', DONE), self.now())

    def test_another_reason_meanwhile(self):
        self.see('disabled', 'PSU broken')
        self.assertEqual(
            'compute-1 is disabled: "PSU broken", not "watcher_maintained". '
            'Find out who has disabled it again, and why.',
            self.failure(self.returns()),
        )

    def test_no_service(self):
        self.nova.services = []
        self.assertIn('no nova-compute service', self.failure(self.returns()))

    def test_cancelled(self):
        self.reports = False
        action = self.returns(60)
        action.abort()
        self.assertIn('The plan was cancelled', self.failure(action))
        self.assertEqual(('disabled', DONE), self.now())


class TestAwaitHost(TestCase):
    def setUp(self):
        super().setUp()
        self.see('enabled', None)
        self.placement.providers[self.provider].traits = ()

    def waits(self, timeout_s=1, **parameters):
        return self.action(AwaitHost, timeout_s=timeout_s, **parameters)

    def test_open(self):
        self.assertIs(True, self.waits(0).execute())

    def test_opens_while_it_waits(self):
        self.placement.providers[self.provider].traits = CLOSED
        self.nova.afterwards['/v2.1/os-services'] = Endless(self.open)
        self.assertIs(True, self.waits().execute())

    def open(self):
        self.placement.providers[self.provider].traits = ()

    def test_stays_closed(self):
        self.placement.providers[self.provider].traits = CLOSED
        self.assertEqual(
            'No server can move to compute-1: its provider in Placement has '
            'the trait COMPUTE_STATUS_DISABLED. Restart nova-compute there, '
            'then run the audit again.',
            self.failure(self.waits()),
        )
        self.assertEqual(('enabled', None), self.now())

    def test_is_given_back(self):
        self.placement.providers[self.provider].traits = CLOSED
        said = self.failure(self.waits(disable_on_failure='watcher_disabled'))
        self.assertIn('compute-1 is disabled again.', said)
        self.assertEqual(('disabled', 'watcher_disabled'), self.now())

    def test_down(self):
        self.see('enabled', None, state='down')
        self.assertIn('nova-compute is down', self.failure(self.waits()))

    def test_forced_down(self):
        self.see('enabled', None, state='down', forced_down=True)
        self.assertEqual(
            f'No server can move to compute-1: it is forced down. {LIFTS}',
            self.failure(self.waits()),
        )

    def test_disabled_meanwhile(self):
        """It does not wait: time alone enables no node."""
        self.see('disabled', 'fan')
        looks = []
        self.nova.afterwards['/v2.1/os-services'] = Endless(
            lambda: looks.append('')
        )
        said = self.failure(
            self.waits(660, disable_on_failure='watcher_disabled')
        )
        self.assertEqual(
            'No server can move to compute-1: it is disabled. Find out why '
            'it is disabled, then run the audit again.',
            said,
        )
        self.assertEqual(1, len(looks))
        self.assertEqual(('disabled', 'fan'), self.now())

    def test_placement_is_away(self):
        self.placement.fail(f'/resource_providers/{self.provider}/traits')
        self.assertIn('Placement did not answer', self.failure(self.waits()))


class TestStartServer(TestCase):
    def setUp(self):
        super().setUp()
        uuid = uuid_of('web-1')
        self.nova._mocker.post(
            f'{self.nova.url}/v2.1/servers/{uuid}/action', json=self.started
        )
        self.start = self.action(
            StartServer,
            resource_id=uuid,
            resource_name='web-1',
            source_node='compute-1',
            disabled_reason='',
        )
        self.see('enabled', None)

    def started(self, request, context):
        context.status_code = 202
        self.asked = request.json()
        self.nova.servers = [a_server('web-1')]

    def test_starts(self):
        self.nova.servers = [a_server('web-1', state='stopped')]
        self.start.pre_condition()
        self.assertIs(True, self.start.execute())
        self.assertEqual({'os-start': None}, self.asked)

    def test_nothing_to_do(self):
        for servers, text in (
            ([a_server('web-1')], 'web-1 runs already'),
            ([], 'web-1 does not exist any more'),
            (
                [a_server('web-1', 'compute-2', state='stopped')],
                'web-1 is not on compute-1 any more, but on compute-2',
            ),
        ):
            self.nova.servers = servers
            error = self.assertRaises(
                exception.ActionSkipped, self.start.pre_condition
            )
            self.assertEqual(text, str(error))

    def test_cannot(self):
        self.nova.servers = [a_server('web-1', state='error')]
        self.assertRaises(ActionFailed, self.start.pre_condition)

    def test_not_on_a_node_that_has_not_returned(self):
        self.nova.servers = [a_server('web-1', state='stopped')]
        for status, reason, fields in (
            ('disabled', DONE, {}),
            ('enabled', None, {'state': 'down'}),
        ):
            self.see(status, reason, **fields)
            error = self.assertRaises(ActionFailed, self.start.pre_condition)
            self.assertEqual(
                'web-1 is not started: compute-1 is not back in service. '
                'Run the return again once compute-1 is fit.',
                str(error),
            )
        self.nova.services = []
        self.assertRaises(ActionFailed, self.start.pre_condition)

    def test_at_home(self):
        """Its node has not returned, but it is not there any more."""
        self.start.input_parameters |= {
            'source_node': 'compute-2',
            'destination_node': 'compute-1',
            'disabled_reason': 'spare',
        }
        self.nova.servers = [a_server('web-1', state='stopped')]
        self.start.pre_condition()
        for host, text in (
            ('compute-2', 'compute-2 is not back in service'),
            ('compute-3', 'web-1 is not on compute-2 any more'),
        ):
            self.nova.servers = [a_server('web-1', host, state='stopped')]
            error = self.assertRaises(
                exception.WatcherException, self.start.pre_condition
            )
            self.assertIn(text, str(error))

    def test_where_it_is_if_it_has_not_come_home(self):
        self.start.input_parameters['destination_node'] = 'compute-2'
        self.nova.servers = [a_server('web-1', state='stopped')]
        self.start.pre_condition()
        self.assertIs(True, self.start.execute())

    def test_on_a_spare(self):
        self.nova.servers = [a_server('web-1', state='stopped')]
        self.start.input_parameters['disabled_reason'] = 'spare'
        self.see('disabled', 'spare')
        self.start.pre_condition()
        for status, reason in (('disabled', DONE), ('enabled', None)):
            self.see(status, reason)
            self.assertRaises(ActionFailed, self.start.pre_condition)


class TestDisableEmptyHost(TestCase):
    def setUp(self):
        super().setUp()
        self.see('enabled', None)
        self.close = self.action(
            DisableEmptyHost, disabled_reason='watcher_disabled'
        )

    def skipped(self):
        return str(
            self.assertRaises(
                exception.ActionSkipped, self.close.pre_condition
            )
        )

    def test_disables(self):
        self.close.pre_condition()
        self.assertIs(True, self.close.execute())
        self.assertEqual(('disabled', 'watcher_disabled'), self.now())

    def test_in_use(self):
        text = 'compute-1 holds servers, or some are on their way to it'
        self.nova.servers = [a_server('web-1')]
        self.assertEqual(text, self.skipped())
        self.nova.servers = []
        self.nova.migrations = [a_migration('web-1', 'compute-2', 'compute-1')]
        self.assertEqual(text, self.skipped())

    def test_disabled_already(self):
        self.see('disabled', 'fan')
        self.assertEqual(
            'compute-1 is disabled already: "fan"', self.skipped()
        )

    def test_no_service(self):
        self.nova.services = []
        self.assertRaises(ActionFailed, self.close.pre_condition)
        self.assertRaises(ActionFailed, self.close.execute)

    def test_nova_does_not_do_it(self):
        path = f'/v2.1/os-services/{uuid_of("service compute-1")}'
        self.nova._mocker.put(
            f'{self.nova.url}{path}', json={'service': self.nova.services[0]}
        )
        self.assertIn('compute-1 is enabled', self.failure(self.close))


class TestVerifyHostReturned(TestCase):
    def setUp(self):
        super().setUp()
        self.see('enabled', None)
        self.nova._mocker.get(
            f'{self.nova.url}/v2.1/servers/{uuid_of("web-1")}'
            '/os-instance-actions',
            json={'instanceActions': []},
        )

    def verify(self, *names, disabled_reason=''):
        return self.action(
            VerifyHostReturned,
            disabled_reason=disabled_reason,
            home=[uuid_of(name) for name in names],
        )

    def test_all_is_well(self):
        self.nova.servers = [a_server('web-1')]
        # A server that was deleted is not missed.
        self.assertIs(True, self.verify('web-1', 'gone').execute())

    def test_a_spare(self):
        self.see('disabled', 'watcher_disabled')
        verify = self.verify(disabled_reason='watcher_disabled')
        self.assertIs(True, verify.execute())
        self.assertEqual(
            'compute-1 is disabled and up: "watcher_disabled". Run the '
            'return again.',
            self.failure(self.verify()),
        )

    def test_down(self):
        self.see('enabled', None, state='down')
        self.assertEqual(
            'compute-1 is enabled and down: no reason given. Run the return again.',
            self.failure(self.verify()),
        )

    def test_not_home(self):
        self.nova.servers = [a_server('db'), a_server('web-1', 'compute-2')]
        self.nova.migrations = [
            a_migration('web-1', 'compute-2', 'compute-1', status='error')
        ]
        self.assertEqual(
            'compute-1: 1 of 2 servers are not home. web-1 is on compute-2: '
            'live-migration ended with status error, see the log of '
            'nova-compute on compute-2. Run the return again to bring it '
            'home.',
            self.failure(self.verify('db', 'web-1')),
        )

    def test_waits_for_who_is_on_the_way(self):
        self.nova.servers = [a_server('web-1', 'compute-2', task='migrating')]

        def arrive():
            self.nova.servers = [a_server('web-1')]

        self.nova.afterwards[f'/v2.1/servers/{uuid_of("web-1")}'] = [arrive]
        self.assertIs(True, self.verify('web-1').execute())
