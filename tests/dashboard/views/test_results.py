# SPDX-License-Identifier: Apache-2.0

"""What became of each server."""

import re

import ddt

from django.urls import reverse

from tests.dashboard.views import base
from tests.unit.client.fake_watcher import an_action
from tests.unit.client.fake_watcher import an_audit
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_server


RESULT = base.address('result', 'audit-1')


@ddt.ddt
class TestResults(base.TestCase):
    def rows(self, response):
        return [
            (
                row['name'],
                row['status'],
                [str(s) for s in row['steps']],
                row['source'],
                row['destination'],
                str(row['result']),
                row['reason'],
            )
            for row in response.context['rows']
        ]

    def test_results(self):
        self.attempt('ONGOING', move='SUCCEEDED')
        self.nova.servers = [a_server('web-1', 'compute-2')]
        response = self.client.get(RESULT)
        self.assertEqual(200, response.status_code)
        self.assertTemplateUsed(response, 'maintenance/result.html')
        self.assertEqual(
            [
                ('web-1', 'active', ['Live migrate'], 'compute-1',
                 'compute-2', 'Done', ''),
            ],
            self.rows(response),
        )  # fmt: skip
        self.assertContains(response, 'data-runs="yes"')
        self.assertContains(response, 'name="cancel"')
        self.assertNotContains(response, 'name="start"')

    def test_results_fail(self):
        self.watcher.failures = [(503, 'busy')] * 9
        response = self.client.get(RESULT)
        self.assertEqual(200, response.status_code)
        self.assertTemplateUsed(response, 'maintenance/result.html')
        [(level, text)] = self.messages(response)
        self.assertEqual('error', level)
        self.assertIn('(HTTP 503)', text)

    def test_links(self):
        """Horizon has a page of the server; watcher-dashboard is missing."""
        self.attempt('ONGOING')
        response = self.client.get(RESULT)
        server = reverse(
            'horizon:admin:instances:detail', args=[uuid_of('web-1')]
        )
        self.assertContains(response, f'href="{server}"')
        self.assertContains(response, 'audit-1')
        self.assertNotContains(response, 'link_audit')

    def test_results_of_no_audit(self):
        response = self.client.get(base.address('result', 'nine'))
        self.assertEqual(404, response.status_code)

    def test_failed_move(self):
        self.attempt('FAILED', move='FAILED')
        self.watcher.actions[1]['status_message'] = (
            'Action failed in execute: web-1 <b>is</b> locked'
        )
        response = self.client.get(RESULT)
        [row] = self.rows(response)
        self.assertEqual(('Failed', 'web-1 <b>is</b> locked'), row[-2:])
        self.assertContains(response, 'web-1 &lt;b&gt;is')
        self.assertContains(response, 'data-runs="no"')
        self.assertNotContains(response, 'name="cancel"')

    def test_moving_server_shows_its_per_cent(self):
        self.attempt('ONGOING', move='ONGOING')
        self.mocker.get(
            f'http://nova.test/v2.1/servers/{uuid_of("web-1")}/migrations',
            json={
                'migrations': [
                    {
                        'id': 1,
                        'status': 'running',
                        'dest_compute': 'compute-2',
                        'memory_total_bytes': 100 << 20,
                        'memory_remaining_bytes': 25 << 20,
                    }
                ]
            },
        )
        response = self.client.get(RESULT)
        [row] = response.context['rows']
        self.assertEqual(75, row['percent'])
        self.assertContains(response, 'In progress: 75 %')

    def test_server_that_stays_says_why(self):
        self.nova.servers.append(
            a_server('db-1', 'compute-1', state='suspended', power=4)
        )
        self.hold('db-1')
        self.attempt(
            'SUCCEEDED',
            move='SUCCEEDED',
            remaining=[uuid_of('db-1')],
            parameters={
                'maintenance_node': 'compute-1',
                'on_blocked': 'leave',
            },
        )
        _moved, row = self.rows(self.client.get(RESULT))
        self.assertEqual(
            ('db-1', 'suspended', [], 'compute-1', '', 'Stays'), row[:-1]
        )
        self.assertIn('SUSPENDED', row[-1])

    def test_server_that_came_later_is_not_among_them(self):
        self.attempt('SUCCEEDED', move='SUCCEEDED')
        self.nova.servers = [a_server('new-1', 'compute-1')]
        self.assertEqual(
            ['web-1'], [row[0] for row in self.rows(self.client.get(RESULT))]
        )

    def test_cancelled_before_it_began(self):
        self.attempt('CANCELLED')
        [row] = self.rows(self.client.get(RESULT))
        self.assertEqual('Cancelled', row[-2])

    def test_refused(self):
        self.fill()
        self.attempt(state='FAILED', status_message='Cannot drain compute-1')
        response = self.client.get(RESULT)
        self.assertContains(response, 'Cannot drain compute-1')
        self.assertContains(response, 'If it were started now')
        self.assertContains(response, 'compute-2: needs 2 VCPU, 1')

    def test_owners_that_are_told(self):
        self.attempt('SUCCEEDED', move='SUCCEEDED')
        notice = {'maintenance:state': 'done', 'maintenance:effect': 'live'}
        for number, (told, message) in enumerate(
            ((notice, ''), ({}, 'the owner of <b>web was not told'))
        ):
            self.watcher.actions.append(
                an_action(
                    f'n{number}',
                    'notify_owner',
                    'SUCCEEDED',
                    parents=['n0'] if number else ['m'],
                    status_message=message,
                    input_parameters={
                        'resource_id': uuid_of('web-1'),
                        'resource_name': 'web-1',
                        'notice': told,
                    },
                )
            )
        response = self.client.get(RESULT)
        self.assertEqual(
            [
                ('web-1', 'Done: Moves live, keeps running', 'Done', ''),
                ('web-1', '', 'Done', 'the owner of <b>web was not told'),
            ],
            [
                (n['server'], n['told'], str(n['result']), n['reason'])
                for n in response.context['notices']
            ],
        )
        self.assertContains(response, 'owner of &lt;b&gt;web')
        hosts = {step['host'] for step in response.context['steps']}
        self.assertEqual({'compute-1'}, hosts)

    def test_planning(self):
        self.attempt(state='ONGOING')
        response = self.client.get(RESULT)
        self.assertContains(response, 'Watcher is planning.')
        self.assertContains(response, 'data-runs="yes"')

    def test_part(self):
        self.attempt('ONGOING')
        response = self.client.get(RESULT, {'part': '1'})
        self.assertEqual(200, response.status_code)
        self.assertTemplateUsed(response, 'maintenance/_result.html')
        self.assertTemplateNotUsed(response, 'base.html')
        self.assertContains(response, 'web-1')

    def test_page_is_loaded_again_when_its_buttons_change(self):
        """They are outside of what is renewed."""
        self.attempt('RECOMMENDED')
        seen = []
        for state in ('RECOMMENDED', 'PENDING', 'ONGOING', 'SUCCEEDED'):
            self.watcher.plans[0]['state'] = state
            text = self.client.get(RESULT, {'part': '1'}).content.decode()
            seen.append(re.search('data-plan="([^"]*)"', text)[1])
        self.assertEqual(seen[1], seen[2])
        self.assertEqual(3, len({*seen}))

    def test_part_fails(self):
        self.watcher.failures = [(403, '<b>no</b>')] * 9
        response = self.client.get(RESULT, {'part': '1'})
        self.assertEqual(502, response.status_code)
        self.assertEqual('text/plain', response['Content-Type'])
        self.assertIn('(HTTP 403)', response.content.decode())

    def press(self, button):
        return self.client.post(RESULT, {button: '1'})

    def test_start_plan(self):
        self.attempt('RECOMMENDED')
        self.assertContains(self.client.get(RESULT), 'name="start"')
        response = self.press('start')
        self.assertRedirectsNoFollow(response, RESULT)
        self.assertEqual(
            [('success', 'The plan is started.')], self.messages(response)
        )
        self.assertEqual(
            [('POST', '/v1/action_plans/plan-1/start')], self.changes()
        )

    def test_start_plan_fails(self):
        self.attempt('SUCCEEDED')
        response = self.press('start')
        self.assertRedirectsNoFollow(response, RESULT)
        self.assertEqual(
            [('warning', 'There is no unfinished plan.')],
            self.messages(response),
        )
        self.assertEqual([], self.changes())

    def test_cancel_plan(self):
        self.attempt('ONGOING')
        response = self.press('cancel')
        self.assertRedirectsNoFollow(response, RESULT)
        self.assertEqual(
            [('success', 'The plan is cancelled.')], self.messages(response)
        )
        self.assertEqual(
            [('PATCH', '/v1/action_plans/plan-1')], self.changes()
        )

    def test_cancel_plan_fails(self):
        self.attempt('ONGOING')
        self.mocker.patch(
            'http://watcher.test/v1/action_plans/plan-1', status_code=403
        )
        response = self.press('cancel')
        self.assertRedirectsNoFollow(response, RESULT)
        self.assert_forbidden(response)

    def test_return(self):
        self.watcher.audits = [an_audit('audit-1', goal_name='cluster_return')]
        response = self.client.get(RESULT)
        self.assertContains(response, 'Return to service')
