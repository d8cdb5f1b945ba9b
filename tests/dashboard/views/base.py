# SPDX-License-Identifier: Apache-2.0

"""Views as Horizon calls them, in front of faked APIs."""

from unittest import mock

import requests_mock

from django.urls import reverse
from openstack_dashboard.test import helpers

from tests.unit.client import fake_watcher
from tests.unit.client.fake_watcher import a_plan
from tests.unit.client.fake_watcher import about_node
from tests.unit.client.fake_watcher import an_action
from tests.unit.client.fake_watcher import an_audit
from tests.unit.plugin import fake_nova
from tests.unit.plugin import fake_placement
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_hypervisor
from tests.unit.plugin.nova_answers import a_server
from tests.unit.plugin.nova_answers import a_service
from watcher_host_maintenance.client import waiting


PANEL = 'horizon:admin:maintenance'
HOSTS = ('compute-1', 'compute-2', 'compute-3')
MARK = 'watcher_maintaining'


def address(name, *arguments):
    return reverse(f'{PANEL}:{name}', args=arguments)


def a_service_of(kind, url):
    """An entry of a service catalog, in the region that Horizon chooses."""
    endpoint = {'region': 'RegionOne', 'url': url}
    return {
        'type': kind,
        'name': kind,
        'endpoints': [
            {**endpoint, 'interface': interface}
            for interface in ('public', 'internal', 'admin')
        ],
    }


class Cloud:
    """compute-1 holds web-1; compute-2 and compute-3 are empty."""

    def setUp(self):
        super().setUp()
        fake_watcher.stop_clock(self)
        self.mocker = requests_mock.Mocker()
        self.mocker.start()
        self.addCleanup(self.mocker.stop)
        self.nova = fake_nova.FakeNova(self.mocker)
        self.nova.services = [a_service(host) for host in HOSTS]
        self.nova.hypervisors = [a_hypervisor(host) for host in HOSTS]
        self.nova.servers = [a_server('web-1', 'compute-1')]
        self.placement = fake_placement.FakePlacement(self.mocker)
        for host in HOSTS:
            self.placement.add(host, VCPU=8, MEMORY_MB=8192, DISK_GB=100)
        self.hold('web-1')
        self.watcher = fake_watcher.FakeWatcher(self.mocker)

    def _setup_test_data(self):
        super()._setup_test_data()
        self.service_catalog = [
            *(
                entry
                for entry in self.service_catalog
                if entry['type'] not in {'compute', 'placement'}
            ),
            a_service_of('compute', f'{fake_nova.URL}/v2.1'),
            a_service_of('placement', fake_placement.URL),
            a_service_of('infra-optim', fake_watcher.URL),
        ]

    def hold(self, name, host='compute-1', vcpus=2):
        self.placement.hold(
            name, uuid_of(host), VCPU=vcpus, MEMORY_MB=2048, DISK_GB=20
        )

    def fill(self):
        """Leave no room for web-1."""
        self.hold('db-2', 'compute-2', vcpus=7)
        self.hold('db-3', 'compute-3', vcpus=7)

    def disable(self, host='compute-1', reason=MARK):
        [service] = [s for s in self.nova.services if s['host'] == host]
        service |= {'status': 'disabled', 'disabled_reason': reason}

    def attempt(
        self, plan=None, move='PENDING', uuid='audit-1', remaining=(), **fields
    ):
        """An audit of compute-1, with a plan that moves web-1 away."""
        self.watcher.audits.append(an_audit(uuid, **fields))
        if plan is None:
            return
        self.watcher.plans.append(a_plan(state=plan, audit=uuid))
        move = an_action('m', state=move, parents=['d'])
        move['input_parameters']['resource_id'] = uuid_of('web-1')
        self.watcher.actions.extend(
            (
                about_node(
                    'd',
                    'change_nova_service_state',
                    'SUCCEEDED',
                    state='disabled',
                ),
                move,
                about_node(
                    'v',
                    'verify_host_empty',
                    parents=['m'],
                    remaining=list(remaining),
                ),
            )
        )

    def changes(self):
        """What was asked of Watcher beside reads: (method, path)."""
        return [
            (method, path)
            for method, path, _body in self.watcher.requests
            if method != 'GET'
        ]

    def messages(self, response):
        """What the page that follows, or this one, says on top."""
        if response.status_code == 302:
            response = self.client.get(response['Location'])
        return [
            (message.level_tag, str(message))
            for message in response.context['messages']
        ]

    def assert_forbidden(self, response):
        """Check that the page says that Watcher refused, and nothing else."""
        [(level, text)] = self.messages(response)
        self.assertEqual('error', level)
        self.assertIn('(HTTP 403)', text)


class TestCase(Cloud, helpers.BaseAdminViewTests):
    """An administrator."""


class FormTestCase(TestCase):
    """Forms that are sent; Watcher calls the audit that it creates ``new``."""

    def setUp(self):
        super().setUp()
        patch = mock.patch.object(waiting.time, 'sleep')
        patch.start()
        self.addCleanup(patch.stop)

    def planned(self, plan='RECOMMENDED', **fields):
        self.attempt(plan, uuid='new', **fields)

    def send(self, url, button='', **data):
        if button:
            data[button] = '1'
        return self.client.post(url, {'hosts': ['compute-1'], **data})

    def created(self):
        """The bodies of the audits that Watcher was asked for."""
        return [
            body
            for method, path, body in self.watcher.requests
            if (method, path) == ('POST', '/v1/audits')
        ]

    def assert_not_started(self, response):
        """Check that the form is shown again, since Watcher refused."""
        self.assertEqual(200, response.status_code)
        self.assertTemplateUsed(response, 'maintenance/form.html')
        self.assert_forbidden(response)
        self.assertEqual([], self.changes())


class MemberTestCase(Cloud, helpers.TestCase):
    """Somebody without a role that Watcher's policy names."""
