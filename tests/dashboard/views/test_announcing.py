# SPDX-License-Identifier: Apache-2.0

"""Announcing a maintenance: its start, who answers, and its end."""

import re
import tempfile

import ddt

from tests.dashboard.views import base
from tests.unit.client.fake_watcher import an_audit
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_server


INDEX = base.address('index')
NODE = base.address('node', 'compute-1')
START = base.address('start')
METADATA = re.compile('/metadata$')
STARTS = '2999-12-01T21:00Z'
AUDIT = uuid_of('told')


class Announced:
    """Of a test case in front of faked APIs."""

    def announced(self, uuid=AUDIT, **fields):
        """An audit that waits for owners; it has told those of two."""
        self.watcher.audits.append(
            an_audit(
                uuid,
                **{
                    'state': 'ONGOING',
                    'audit_type': 'CONTINUOUS',
                    'parameters': {
                        'maintenance_node': 'compute-1',
                        'owners': 'wait',
                        'starts': '2026-12-01T21:00Z',
                        'answer_by': '2026-12-01T18:00Z',
                    },
                    **fields,
                },
            )
        )
        notice = {
            'maintenance:id': uuid,
            'maintenance:state': 'announced',
            'maintenance:effect': 'live',
        }
        self.nova.servers = [
            a_server('<b>db', 'compute-1')
            | {'metadata': notice, 'tags': ['maintenance:keep']},
            a_server('web-1', 'compute-1') | {'metadata': notice, 'tags': []},
            a_server('web-2', 'compute-1') | {'metadata': {}, 'tags': ['x']},
        ]

    def owner_tags(self, value):
        """Let the plugin have this option."""
        file = self.enterContext(tempfile.NamedTemporaryFile('w'))
        group = 'watcher_strategies.cluster_host_maintenance'
        print(f'[{group}]\nowner_tags = {value}', file=file, flush=True)
        return self.settings(
            WATCHER_HOST_MAINTENANCE={'config_file': file.name}
        )


@ddt.ddt
class TestAnnounce(Announced, base.FormTestCase):
    def test_announce(self):
        self.planned()
        response = self.send(START, 'start', owners='wait', starts=STARTS)
        self.assertRedirectsNoFollow(response, base.address('result', 'new'))
        [body] = self.created()
        self.assertEqual(
            ('CONTINUOUS', True, '300'),
            (body['audit_type'], body['auto_trigger'], body['interval']),
        )
        self.assertEqual(
            {
                'maintenance_node': 'compute-1',
                'owners': 'wait',
                'starts': STARTS,
            },
            body['parameters'],
        )
        [(level, text)] = self.messages(response)
        self.assertEqual('success', level)
        self.assertIn('begins by itself', text)
        # Watcher starts its plans.
        self.assertEqual([('POST', '/v1/audits')], self.changes())

    def test_announce_fails(self):
        self.mocker.post('http://watcher.test/v1/audits', status_code=403)
        response = self.send(START, 'start', owners='wait', starts=STARTS)
        self.assert_not_started(response)

    @ddt.data(
        # options, type of the audit
        ({'starts': STARTS},                   'CONTINUOUS'),
        ({'cron': '0 22 * * *', 'duration': '60'}, 'CONTINUOUS'),
        ({'owners': 'wait', 'answer_by': STARTS}, 'CONTINUOUS'),
        ({'owners': 'obey'},                   'ONESHOT'),
        ({'ends': STARTS},                     'ONESHOT'),
    )  # fmt: skip
    @ddt.unpack
    def test_what_waits_is_looked_at_again(self, options, expected):
        self.planned()
        self.send(START, 'start', **options)
        self.assertEqual(
            [expected], [body['audit_type'] for body in self.created()]
        )

    def test_without_a_time(self):
        response = self.send(START, 'start', owners='wait')
        self.assertEqual(200, response.status_code)
        self.assertTemplateUsed(response, 'maintenance/form.html')
        [(level, text)] = self.messages(response)
        self.assertEqual('error', level)
        self.assertIn('needs a time: starts, cron or answer_by', text)
        self.assertEqual([], self.changes())

    def test_without_owners(self):
        response = self.send(START, 'check', on_keep='move')
        self.assertTemplateUsed(response, 'maintenance/form.html')
        [(level, text)] = self.messages(response)
        self.assertEqual('error', level)
        self.assertIn('"Owners of servers: Are told before', text)
        self.assertEqual([], self.changes())

    def test_is_announced_already(self):
        self.announced()
        self.attempt('SUCCEEDED', move='SUCCEEDED')
        response = self.send(START, 'start', owners='wait', starts=STARTS)
        self.assertTemplateUsed(response, 'maintenance/form.html')
        [(level, text)] = self.messages(response)
        self.assertEqual('error', level)
        self.assertIn(f'is announced by audit {AUDIT}', text)
        self.assertEqual([], self.changes())


class TestAnswers(Announced, base.TestCase):
    def test_owners(self):
        self.announced()
        response = self.client.get(NODE)
        self.assertEqual(
            [
                ('<b>db', 'Announced: Moves live, keeps running', 'Keep', ''),
                ('web-1', 'Announced: Moves live, keeps running', '', ''),
                ('web-2', '', '', 'Not told yet.'),
            ],
            [
                (s['name'], s['told'], s['answer'], s['message'])
                for s in response.context['owners']
            ],
        )
        for text in (
            'from 2026-12-01 21:00 UTC',
            '2026-12-01 18:00 UTC',
            '&lt;b&gt;db',
            base.address('result', AUDIT),
        ):
            self.assertContains(response, text)
        self.assertNotContains(response, '<b>db')

    def test_owners_read_until_when_they_may_answer(self):
        """The audit need not say it: then it is the start of its window."""
        self.announced(
            parameters={
                'maintenance_node': 'compute-1',
                'owners': 'wait',
                'starts': STARTS,
            }
        )
        for server in self.nova.servers[:2]:
            server['metadata']['maintenance:answer_by'] = (
                '2999-12-01T21:00:00Z'
            )
        response = self.client.get(NODE)
        self.assertEqual('2999-12-01 21:00 UTC', response.context['answer_by'])

    def test_owners_fail(self):
        self.announced()
        with self.owner_tags('x=nothing'):
            response = self.client.get(NODE)
        self.assertEqual(200, response.status_code)
        self.assertTemplateUsed(response, 'maintenance/node.html')
        [(level, text)] = self.messages(response)
        self.assertEqual('error', level)
        self.assertIn('owner_tags', text)
        self.assertNotContains(response, 'id="node_owners"')

    def test_answer_in_the_words_of_another_product(self):
        self.announced()
        with self.owner_tags('x=stay'):
            response = self.client.get(NODE)
        self.assertEqual(
            ['Keep', '', 'Stay'],
            [s['answer'] for s in response.context['owners']],
        )

    def test_owners_of_a_maintenance_that_is_over(self):
        self.announced(state='SUCCEEDED', audit_type='ONESHOT')
        self.nova.servers[:2] = []
        response = self.client.get(NODE)
        self.assertNotContains(response, 'id="node_owners"')


class TestCancel(Announced, base.TestCase):
    def cancel(self):
        return self.client.post(
            INDEX, {'action': 'maintenance__cancel__compute-1'}
        )

    def states(self):
        return [
            server['metadata'].get('maintenance:state')
            for server in self.nova.servers
        ]

    def test_cancel(self):
        self.announced()
        response = self.cancel()
        self.assertRedirectsNoFollow(response, INDEX)
        self.assertIn(
            ('success', 'Cancelled: compute-1'), self.messages(response)
        )
        self.assertEqual('CANCELLED', self.watcher.audits[0]['state'])
        self.assertEqual(['cancelled', 'cancelled', None], self.states())
        [sending] = [
            body
            for method, path, body in self.watcher.requests
            if (method, path) == ('POST', '/v1/audits')
        ]
        self.assertEqual('cluster_cancellation', sending['goal'])
        self.assertTrue(sending['auto_trigger'])

    def test_cancelled_without_notifications(self):
        self.announced()
        self.watcher.goals.remove('cluster_cancellation')
        told = self.messages(self.cancel())
        self.assertIn(('success', 'Cancelled: compute-1'), told)
        [warning] = [text for level, text in told if level == 'warning']
        self.assertIn('No notifications were sent: Watcher has no', warning)
        self.assertEqual(['cancelled', 'cancelled', None], self.states())

    def test_cancel_fails(self):
        self.announced()
        self.mocker.post(METADATA, status_code=403, text='{}')
        response = self.cancel()
        self.assertRedirectsNoFollow(response, INDEX)
        [(level, text), *_problems] = self.messages(response)
        self.assertEqual('error', level)
        self.assertIn('compute-1: ', text)
        self.assertIn('web-1: ', text)
        self.assertEqual('CANCELLED', self.watcher.audits[0]['state'])

    def test_plan_of_it(self):
        """What is cancelled on the page of the result is planned again."""
        self.announced(uuid='audit-1')
        self.attempt('ONGOING')
        del self.watcher.audits[1]
        response = self.client.post(
            base.address('result', 'audit-1'), {'cancel': '1'}
        )
        self.assertEqual(
            ['success', 'warning'],
            [level for level, _text in self.messages(response)],
        )

    def test_clear(self):
        self.announced()
        self.cancel()
        response = self.client.get(NODE)
        self.assertContains(response, 'Cancelled: Nothing')
        self.assertContains(response, 'name="clear"')
        response = self.client.post(NODE, {'clear': '1'})
        self.assertRedirectsNoFollow(response, NODE)
        self.assertIn(
            ('success', 'The notices are deleted.'), self.messages(response)
        )
        self.assertEqual([None] * 3, self.states())
        self.assertNotContains(self.client.get(NODE), 'id="node_owners"')

    def test_clear_fails(self):
        self.announced()
        self.messages(self.cancel())
        self.mocker.delete(
            re.compile('/metadata/'), status_code=403, text='{}'
        )
        response = self.client.post(NODE, {'clear': '1'})
        self.assertRedirectsNoFollow(response, NODE)
        [(level, text), *_problems] = self.messages(response)
        self.assertEqual('error', level)
        self.assertIn('web-1: ', text)

    def test_nothing_to_clear_while_it_goes_on(self):
        self.announced()
        self.assertNotContains(self.client.get(NODE), 'name="clear"')


class TestMember(base.MemberTestCase):
    def test_button_answers_403(self):
        response = self.client.post(NODE, {'clear': '1'})
        self.assertEqual(403, response.status_code)
        self.assertEqual([], self.watcher.requests)
