# SPDX-License-Identifier: Apache-2.0

"""What the plugin adds to Horizon's own page of hypervisors."""

from unittest import mock

import ddt

from django.test import override_settings
from django.urls import reverse
from openstack_dashboard import api
from openstack_dashboard.dashboards.admin.hypervisors.compute.tables import (
    ComputeHostTable,
)

from tests.dashboard.views import base
from watcher_host_maintenance.dashboard import hypervisors


INDEX = reverse('horizon:admin:hypervisors:index')


@ddt.ddt
class TestRowActions(base.TestCase):
    def names(self, status='enabled', state='up'):
        """The actions that Horizon would show for a compute host."""
        service = mock.Mock(host='compute-1', status=status, state=state)
        table = ComputeHostTable(self.request, data=[service])
        return [action.name for action in table.get_row_actions(service)]

    @ddt.data(
        ('enabled', 'up', ['disable', 'start_maintenance']),
        ('disabled', 'up',
         ['enable', 'end_maintenance', 'migrate_maintenance',
          'start_maintenance']),
        ('disabled', 'down',
         ['enable', 'end_maintenance', 'evacuate', 'migrate_maintenance']),
        ('enabled', 'down', ['disable', 'evacuate']),
    )  # fmt: skip
    @ddt.unpack
    def test_by_state(self, status, state, expected):
        self.assertEqual(expected, sorted(self.names(status, state)))

    def test_address(self):
        action = hypervisors.StartMaintenance()
        self.assertEqual(
            f'{base.address("start")}?host=a%26b',
            action.get_link_url(mock.Mock(host='a&b')),
        )

    def test_without_watcher(self):
        self.service_catalog[:] = [
            entry
            for entry in self.service_catalog
            if entry['type'] != 'infra-optim'
        ]
        self._setup_user()
        self.request.user = self._user()
        self.assertEqual(['disable'], self.names())

    def _user(self):
        from openstack_auth import utils

        return utils.get_user(self.request)


class TestFromTheRow(base.FormTestCase):
    """From a row of the compute hosts to the result, or to an error."""

    RESULT = base.address('result', 'new')

    def follow(self, action):
        """Follow the link of a row to the form, and return its address."""
        url = action.get_link_url(mock.Mock(host='compute-1'))
        response = self.client.get(url)
        self.assertEqual(200, response.status_code)
        self.assertTemplateUsed(response, 'maintenance/form.html')
        self.assertEqual(
            ['compute-1'], response.context['form']['hosts'].value()
        )
        return url

    def check_result(self, response):
        self.assertRedirectsNoFollow(response, self.RESULT)
        self.assertEqual([], self.messages(response))
        response = self.client.get(self.RESULT)
        self.assertEqual(200, response.status_code)
        self.assertTemplateUsed(response, 'maintenance/result.html')
        self.assertIn(
            ('POST', '/v1/action_plans/plan-1/start'), self.changes()
        )

    def test_enable_maintenance(self):
        url = self.follow(hypervisors.StartMaintenance())
        self.planned()
        self.check_result(self.send(url, 'start'))
        [body] = self.created()
        self.assertEqual('cluster_maintenance', body['goal'])

    def test_enable_maintenance_fails(self):
        url = self.follow(hypervisors.StartMaintenance())
        self.mocker.post('http://watcher.test/v1/audits', status_code=403)
        self.assert_not_started(self.send(url, 'start'))

    def test_disable_maintenance(self):
        self.disable()
        url = self.follow(hypervisors.EndMaintenance())
        self.planned()
        self.check_result(self.send(url, 'start'))
        [body] = self.created()
        self.assertEqual('cluster_return', body['goal'])

    def test_disable_maintenance_fails(self):
        self.disable()
        url = self.follow(hypervisors.EndMaintenance())
        self.mocker.post('http://watcher.test/v1/audits', status_code=403)
        self.assert_not_started(self.send(url, 'start'))


class TestSettings(base.TestCase):
    """The table as Horizon makes it, before anything has reached into it."""

    def setUp(self):
        super().setUp()
        ours = {
            hypervisors.StartMaintenance.name,
            hypervisors.EndMaintenance.name,
        }
        meta = ComputeHostTable._meta
        actions = {
            name: action
            for name, action in ComputeHostTable.base_actions.items()
            if name not in ours
        }
        rows = tuple(a for a in meta.row_actions if a.name not in ours)
        for target, name, value in (
            (meta, 'row_actions', rows),
            (ComputeHostTable, 'base_actions', actions),
        ):
            patch = mock.patch.object(target, name, value)
            patch.start()
            self.addCleanup(patch.stop)

    def extended(self, **settings):
        with override_settings(WATCHER_HOST_MAINTENANCE=settings):
            hypervisors.extend()
        rows = [action.name for action in ComputeHostTable._meta.row_actions]
        self.assertEqual(
            {*rows}, {*ComputeHostTable.base_actions} - {'filter'}
        )
        return rows

    def test_default(self):
        self.assertEqual(
            [
                'evacuate',
                'disable',
                'enable',
                'migrate_maintenance',
                'start_maintenance',
                'end_maintenance',
            ],
            self.extended(),
        )

    def test_twice(self):
        self.extended()
        self.assertEqual(6, len(self.extended()))

    def test_off(self):
        self.assertEqual(
            ['evacuate', 'disable', 'enable', 'migrate_maintenance'],
            self.extended(hypervisor_actions=False),
        )

    def test_migrate_host_is_hidden(self):
        self.assertEqual(
            ['evacuate', 'disable', 'enable'],
            self.extended(hypervisor_actions=False, hide_migrate_host=True),
        )

    def test_unknown_key(self):
        with self.assertRaisesMessage(TypeError, 'hide_migrate'):
            self.extended(hide_migrate=True)


class TestTab(base.TestCase):
    def open(self):
        with (
            mock.patch.object(api.nova, 'hypervisor_list', return_value=[]),
            mock.patch.object(api.nova, 'hypervisor_stats', return_value={}),
            mock.patch.object(api.nova, 'service_list', return_value=[]),
            mock.patch.object(api.placement, 'get_providers', return_value=[]),
        ):
            return self.client.get(
                INDEX, {'tab': 'hypervisor_info__maintenance'}
            )

    def test_is_there(self):
        self.disable()
        response = self.open()
        self.assertEqual(200, response.status_code)
        self.assertContains(response, base.MARK)
        table = response.context['maintenance_table']
        self.assertEqual(list(base.HOSTS), [n.host for n in table.data])

    def test_fails(self):
        self.watcher.failures = [(403, '{}')] * 9
        response = self.open()
        self.assertEqual(200, response.status_code)
        self.assertIn(
            '(HTTP 403)',
            ' '.join(text for _level, text in self.messages(response)),
        )
