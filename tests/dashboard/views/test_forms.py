# SPDX-License-Identifier: Apache-2.0

"""The forms, the check, and what they start."""

from unittest import mock

import ddt

from tests.dashboard.views import base
from tests.unit.client.fake_watcher import a_plan
from tests.unit.client.fake_watcher import an_audit
from tests.unit.plugin.nova_answers import a_server
from watcher_host_maintenance.client.parameters import PARAMETERS
from watcher_host_maintenance.client.parameters import RETURN_PARAMETERS
from watcher_host_maintenance.dashboard import form_views
from watcher_host_maintenance.dashboard import words


START, END = base.address('start'), base.address('end')
RESULT = base.address('result', 'new')


@ddt.ddt
class TestForm(base.FormTestCase):
    def test_has_a_field_for_each_parameter(self):
        for url, parameters in ((START, PARAMETERS), (END, RETURN_PARAMETERS)):
            response = self.client.get(url, {'host': ['compute-2']})
            self.assertEqual(200, response.status_code)
            self.assertTemplateUsed(response, 'maintenance/form.html')
            form = response.context['form']
            self.assertEqual({'hosts', *parameters}, {*form.fields})
            self.assertEqual(['compute-2'], form['hosts'].value())
            for field in form:
                self.assertContains(response, f'for="{field.id_for_label}"')

    def test_backup_node_is_chosen_of_all(self):
        form = self.client.get(START).context['form']
        self.assertEqual(
            ['', *base.HOSTS],
            [value for value, _label in form.fields['backup_node'].choices],
        )

    @ddt.data(
        # field, value, whether it is taken
        ('headroom_percent', '0', True),
        ('headroom_percent', '99.5', True),
        ('headroom_percent', '-1', False),
        ('headroom_percent', '100', False),
        ('headroom_percent', 'much', False),
        ('max_secondary_moves', '0', True),
        ('max_secondary_moves', '20', True),
        ('max_secondary_moves', '21', False),
        ('max_secondary_moves', '1.5', False),
        ('hosts', [], False),
        ('hosts', ['compute-9'], False),
        ('backup_node', 'compute-9', False),
        ('on_blocked', 'perhaps', False),
        ('reason', 'x' * 200, True),
        ('reason', 'x' * 201, False),
    )
    @ddt.unpack
    def test_values(self, name, value, is_valid):
        response = self.send(START, **{name: value})
        if is_valid:
            self.assertTemplateUsed(response, 'maintenance/check.html')
        else:
            self.assertTemplateUsed(response, 'maintenance/form.html')
            self.assertTrue(
                response.context['form'].errors or self.messages(response)
            )
        self.assertEqual([], self.changes())

    def test_every_parameter_has_words(self):
        """One that is new shows its name and its description till then."""
        for name in {*PARAMETERS, *RETURN_PARAMETERS}:
            self.assertIn(name, words.LABELS)
            self.assertIn(name, words.EXPLANATIONS)

    def test_explanations_have_the_words_of_the_form(self):
        """Neither names nor values of parameters, as a command takes them."""
        names = {*PARAMETERS, *RETURN_PARAMETERS}
        names = {name for name in names if '_' in name}
        for text in (
            *words.EXPLANATIONS.values(),
            *words.RETURN_EXPLANATIONS.values(),
        ):
            self.assertNotIn('=', text)
            for name in names:
                self.assertNotIn(name, text)

    def test_a_return_explains_itself(self):
        """No option of it is about a node that is emptied."""
        for name in ('disable_cold_migration', 'disable_live_migration'):
            text = words.RETURN_EXPLANATIONS[name]
            self.assertContains(self.client.get(END), text)
            self.assertNotContains(self.client.get(START), text)
            self.assertNotContains(
                self.client.get(END), words.EXPLANATIONS[name]
            )

    def test_nodes_cannot_be_read(self):
        self.nova.fail('/v2.1/os-services', status_code=403)
        response = self.client.get(START, {'host': ['compute-1']})
        self.assertEqual(200, response.status_code)
        self.assertIn(
            'error', [level for level, _text in self.messages(response)]
        )


class TestCheck(base.FormTestCase):
    def test_check_maintenance(self):
        response = self.send(START)
        self.assertEqual(200, response.status_code)
        self.assertTemplateUsed(response, 'maintenance/check.html')
        [row] = response.context['moves']
        self.assertEqual(
            ('web-1', 'compute-1', 'Live migrate', 'compute-2'),
            (row['server'], row['host'], row['what'], row['destination']),
        )
        self.assertContains(response, 'name="start"')
        self.assertContains(response, 'Possible now')
        self.assertEqual([], self.watcher.requests)

    def test_check_maintenance_fails(self):
        self.fill()
        response = self.send(START)
        self.assertEqual(200, response.status_code)
        self.assertTemplateUsed(response, 'maintenance/check.html')
        self.assertContains(response, 'Not possible now')
        self.assertContains(response, 'compute-2: needs 2 VCPU, 1')
        self.assertNotContains(response, 'name="start"')
        self.assertNotContains(response, '-p on_blocked')

    def test_partly(self):
        self.nova.servers.append(
            a_server('db-1', 'compute-1', state='suspended', power=4)
        )
        self.hold('db-1')
        response = self.send(START, on_blocked='leave')
        self.assertContains(response, 'Partly possible now')
        self.assertContains(response, 'name="start"')

    def test_check_cannot_read(self):
        self.nova.fail('/v2.1/os-aggregates', status_code=403)
        response = self.send(START)
        self.assertEqual(200, response.status_code)
        self.assertTemplateUsed(response, 'maintenance/form.html')
        self.assertIn(
            'error', [level for level, _text in self.messages(response)]
        )

    def test_with_defaults_by_its_address(self):
        response = self.client.get(START, {'host': 'compute-1', 'check': '1'})
        self.assertTemplateUsed(response, 'maintenance/check.html')
        self.assertContains(response, 'name="start"')

    def test_options_go_along(self):
        response = self.send(
            START, on_blocked='leave', disable_live_migration='on'
        )
        form = response.context['form']
        self.assertContains(response, form['on_blocked'].as_hidden())
        self.assertEqual(
            {'on_blocked': 'leave', 'disable_live_migration': True},
            form.given,
        )

    def test_change_shows_the_form_again(self):
        response = self.send(START, 'change', reason='fan')
        self.assertTemplateUsed(response, 'maintenance/form.html')
        self.assertContains(response, 'value="fan"')

    def test_names_are_escaped(self):
        name = '<img src=x onerror=alert(1)>{$ 7*7 $}\x1b'
        self.nova.servers[0]['name'] = name
        response = self.send(START)
        self.assertNotContains(response, '<img src=x')
        self.assertNotContains(response, '{$ 7')
        self.assertContains(response, '&lt;img src=x onerror=alert(1)&gt;')


class TestStart(base.FormTestCase):
    def test_start_maintenance(self):
        self.planned()
        response = self.send(START, 'start', reason='fan')
        self.assertRedirectsNoFollow(response, RESULT)
        [body] = self.created()
        self.assertEqual(
            ('cluster_maintenance', {'maintenance_node': 'compute-1',
                                     'reason': 'fan'}),
            (body['goal'], body['parameters']),
        )  # fmt: skip
        self.assertIn(
            ('POST', '/v1/action_plans/plan-1/start'), self.changes()
        )

    def test_start_maintenance_fails(self):
        self.mocker.post('http://watcher.test/v1/audits', status_code=403)
        response = self.send(START, 'start')
        self.assert_not_started(response)

    def test_several_nodes(self):
        self.planned()
        self.client.post(
            START, {'hosts': ['compute-1', 'compute-2'], 'start': '1'}
        )
        [body] = self.created()
        self.assertEqual(
            {'maintenance_nodes': ['compute-1', 'compute-2']},
            body['parameters'],
        )

    def test_refused_by_watcher(self):
        self.watcher.audits.append(
            an_audit('new', 'FAILED', status_message='Cannot drain')
        )
        response = self.send(START, 'start')
        self.assertRedirectsNoFollow(response, RESULT)
        self.assertContains(self.client.get(RESULT), 'Cannot drain')

    def test_plan_cannot_be_started(self):
        self.planned()
        self.mocker.post(
            'http://watcher.test/v1/action_plans/plan-1/start', status_code=403
        )
        response = self.send(START, 'start')
        self.assertRedirectsNoFollow(response, RESULT)
        self.assert_forbidden(response)

    def test_planning_takes_long(self):
        elsewhere = {'maintenance_node': 'compute-2'}
        self.watcher.audits.append(
            an_audit('new', 'ONGOING', parameters=elsewhere)
        )
        with mock.patch.object(form_views, 'PLANNING_S', 0):
            response = self.send(START, 'start')
        self.assertRedirectsNoFollow(response, RESULT)
        [(level, text)] = self.messages(response)
        self.assertEqual('info', level)
        self.assertIn('still planning', text)

    def test_plan_without_actions_is_not_started(self):
        self.watcher.audits.append(an_audit('new'))
        self.watcher.plans.append(a_plan(audit='new'))
        self.send(START, 'start')
        self.assertEqual([('POST', '/v1/audits')], self.changes())

    def test_plugin_is_missing(self):
        self.watcher.goals = []
        response = self.send(START, 'start')
        [(level, text)] = self.messages(response)
        self.assertEqual('error', level)
        self.assertIn('Watcher has no goal', text)


class TestEnd(base.FormTestCase):
    def test_end_maintenance(self):
        self.disable()
        self.planned()
        response = self.send(END, 'start', move_back='left')
        self.assertRedirectsNoFollow(response, RESULT)
        [body] = self.created()
        self.assertEqual(
            ('cluster_return', {'maintenance_node': 'compute-1',
                                'move_back': 'left'}),
            (body['goal'], body['parameters']),
        )  # fmt: skip
        self.assertIn(
            ('POST', '/v1/action_plans/plan-1/start'), self.changes()
        )

    def test_check_end_of_maintenance(self):
        self.disable()
        self.nova.servers = []
        response = self.send(END)
        self.assertTemplateUsed(response, 'maintenance/check.html')
        self.assertContains(response, 'Possible now')
        self.assertContains(response, 'End Maintenance')
        self.assertEqual([], self.changes())

    def test_check_end_of_maintenance_fails(self):
        self.watcher.failures = [(503, 'busy')] * 9
        response = self.send(END)
        self.assertTemplateUsed(response, 'maintenance/form.html')
        [(level, text)] = self.messages(response)
        self.assertEqual('error', level)
        self.assertIn('(HTTP 503)', text)

    def test_end_maintenance_fails(self):
        self.disable()
        self.mocker.post('http://watcher.test/v1/audits', status_code=500)
        response = self.send(END, 'start')
        self.assertEqual(200, response.status_code)
        self.assertTemplateUsed(response, 'maintenance/form.html')
        [(level, text)] = self.messages(response)
        self.assertEqual('error', level)
        self.assertIn('(HTTP 500)', text)
        self.assertEqual([], self.changes())
