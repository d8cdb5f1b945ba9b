# SPDX-License-Identifier: Apache-2.0

"""What is sent to Watcher, and what its answers mean."""

import itertools
import json

import ddt
import fixtures
import requests
import requests_mock

from keystoneauth1 import fixture as keystone_fixture
from keystoneauth1.adapter import Adapter
from keystoneauth1.identity import V3Password
from keystoneauth1.session import Session

from tests.unit import base
from tests.unit.client import fake_watcher
from tests.unit.client.fake_watcher import a_plan
from tests.unit.client.fake_watcher import an_action
from tests.unit.client.fake_watcher import an_audit
from watcher_host_maintenance.client import watcher
from watcher_host_maintenance.client.errors import ClientError
from watcher_host_maintenance.client.errors import Conflict
from watcher_host_maintenance.client.errors import NoAnswer
from watcher_host_maintenance.client.errors import NotFound
from watcher_host_maintenance.client.errors import NoWatcher
from watcher_host_maintenance.client.errors import PluginMissing
from watcher_host_maintenance.client.records import ActionPlan
from watcher_host_maintenance.client.records import Audit
from watcher_host_maintenance.client.watcher import CONNECT_RETRIES
from watcher_host_maintenance.client.watcher import PAGE
from watcher_host_maintenance.client.watcher import Watcher


class TestCase(base.TestCase):
    def setUp(self):
        super().setUp()
        mocker = requests_mock.Mocker()
        self.mocker = mocker.__enter__()
        self.addCleanup(mocker.__exit__, None, None, None)
        self.fake = fake_watcher.FakeWatcher(self.mocker)
        self.watcher = Watcher(self.fake.adapter())


class TestRequests(TestCase):
    def test_create_by_a_name_that_is_unique(self):
        self.watcher.create_audit({}, name='drain-1')
        [(_method, _path, body)] = self.fake.requests
        self.assertEqual('drain-1', body['name'])
        self.fake.failures = [(409, '{"error_message": "exists"}')]
        with self.assertRaisesRegex(Conflict, 'exists'):
            self.watcher.create_audit({}, name='drain-1')

    def test_create(self):
        self.watcher.create_audit({'maintenance_node': '4242'})
        self.assertEqual(
            [
                (
                    'POST',
                    '/v1/audits',
                    {
                        'goal': 'cluster_maintenance',
                        'strategy': 'cluster_host_maintenance',
                        'audit_type': 'ONESHOT',
                        'auto_trigger': False,
                        'parameters': {'maintenance_node': '4242'},
                    },
                )
            ],
            self.fake.requests,
        )

    def test_cancel_what_has_begun_since_it_was_read(self):
        plan = ActionPlan.of(a_plan(state='PENDING'))
        self.fake.plans = [a_plan(state='ONGOING')]
        self.fake.failures = [(400, '{"faultstring": "not allowed"}')]
        self.assertEqual('CANCELLING', self.watcher.cancel(plan).state)
        self.assertEqual(['GET', 'PATCH'], self.methods())

    def test_cancel_what_has_ended_since_it_was_read(self):
        plan = ActionPlan.of(a_plan(state='ONGOING'))
        self.fake.plans = [a_plan(state='SUCCEEDED')]
        self.fake.failures = [(400, '{"faultstring": "not allowed"}')]
        self.assertEqual('SUCCEEDED', self.watcher.cancel(plan).state)
        self.assertEqual(['GET'], self.methods())

    def test_cancel_what_has_ended(self):
        for state in ('CANCELLING', 'SUCCEEDED', 'CANCELLED'):
            plan = ActionPlan.of(a_plan(state=state))
            self.assertIs(plan, self.watcher.cancel(plan))
        self.assertEqual([], self.fake.requests)

    def test_cancel_may_be_refused(self):
        plan = ActionPlan.of(a_plan(state='ONGOING'))
        self.fake.plans = [a_plan(state='ONGOING')]
        self.fake.failures = [(403, '{"faultstring": "no such role"}')]
        with self.assertRaisesRegex(ClientError, 'no such role'):
            self.watcher.cancel(plan)

    def test_end_an_audit_suspended_since_it_was_read(self):
        self.fake.audits = [an_audit(state='SUSPENDED')]
        self.fake.failures = [(400, '{"faultstring": "not allowed"}')]
        audit = Audit.of(an_audit(state='ONGOING'))
        self.assertEqual('CANCELLED', self.watcher.end(audit).state)
        self.assertEqual(['GET', 'PATCH', 'PATCH'], self.methods())

    def methods(self):
        return [method for method, _path, _body in self.fake.requests]

    def test_cancel(self):
        for state, expected in (
            ('ONGOING', 'CANCELLING'),
            ('PENDING', 'CANCELLED'),
            ('RECOMMENDED', 'CANCELLED'),
        ):
            plan = ActionPlan.of(a_plan(state=state))
            self.assertEqual(expected, self.watcher.cancel(plan).state)
        self.assertEqual(
            [{'op': 'replace', 'path': '/state', 'value': 'CANCELLING'}],
            self.fake.requests[0][2],
        )

    def test_pages(self):
        for count in (0, 1, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE + 1):
            self.fake.audits = [an_audit(f'audit-{n}') for n in range(count)]
            found = [a.uuid for a in self.watcher.audits()]
            expected = [f'audit-{n}' for n in reversed(range(count))]
            self.assertEqual(expected, found)

    def test_name_is_escaped(self):
        self.fake.audits = [an_audit()]
        with self.assertRaises(NotFound):
            self.watcher.audit('a%2Fb?c')
        self.assertEqual('/v1/audits/a%252fb%3fc', self.fake.requests[0][1])

    def test_name_is_no_other_path(self):
        for name in ('', '.', '..', '../goals', 'a/b'):
            with self.assertRaisesRegex(ClientError, 'is no audit'):
                self.watcher.audit(name)
        self.assertEqual([], self.fake.requests)

    def test_parents_come_first(self):
        self.fake.actions = [
            an_action('c', parents=['a', 'b'], created_at='1'),
            an_action('b', parents=['a'], created_at='2'),
            an_action('a', created_at='3'),
            an_action('d', created_at='4'),
        ]
        actions = self.watcher.actions('plan-1')
        self.assertEqual(['a', 'b', 'c', 'd'], [a.uuid for a in actions])


class TestOrder(TestCase):
    def order(self):
        return [a.uuid for a in self.watcher.actions('plan-1')]

    def test_long_chain(self):
        count = 3000
        self.fake.actions = [
            an_action(f'{n:04}', parents=[f'{n - 1:04}'] if n else [])
            for n in reversed(range(count))
        ]
        self.assertEqual([f'{n:04}' for n in range(count)], self.order())

    def test_parent_of_another_plan(self):
        self.fake.actions = [an_action('a', parents=['elsewhere'])]
        self.assertEqual(['a'], self.order())

    def test_independent_ones_by_creation(self):
        self.fake.actions = [
            an_action(name, created_at=time)
            for name, time in ('c2', 'a3', 'b1')
        ]
        self.assertEqual(['b', 'c', 'a'], self.order())


@ddt.ddt
class TestMessages(TestCase):
    @ddt.named_data(
        # name, what Watcher has kept, what is told
        ('none', None, ''),
        (
            'nothing_said',
            'Action failed in execute: The action '
            'dd6c2ba9-672b-442d-afb8-c4f521740e1c execution failed.',
            '',
        ),
        ('prefix', 'Action failed in pre_condition: No host', 'No host'),
        ('own_words', 'No host. The action failed.', None),
    )
    @ddt.unpack
    def test_of_an_action(self, kept, told):
        self.fake.actions = [an_action(status_message=kept)]
        [action] = self.watcher.actions('plan-1')
        self.assertEqual(kept if told is None else told, action.message)


@ddt.ddt
class TestAnswers(TestCase):
    def test_old_watcher(self):
        self.fake.newest = '1.4'
        self.fake.audits = [an_audit()]
        self.assertTrue(self.watcher.has_messages)
        self.assertEqual('audit-1', self.watcher.audit('audit-1').uuid)
        self.assertFalse(self.watcher.has_messages)
        self.watcher.audit('audit-1')
        self.assertEqual(2, len(self.fake.requests))

    def test_asked_for_an_old_version(self):
        watcher = Watcher(self.fake.adapter(), (1, 4))
        self.assertFalse(watcher.has_messages)

    def test_plugin_missing(self):
        self.watcher.require_plugin()
        self.fake.goals = ['dummy']
        with self.assertRaisesRegex(PluginMissing, 'decision-engine'):
            self.watcher.require_plugin()

    @ddt.named_data(
        # name, status, body, error, what it says
        (
            'policy',
            403,
            '{"error_message": "{\\"faultstring\\": \\"Policy does not allow '
            'audit:get to be performed.\\"}"}',
            ClientError,
            'Policy does not allow audit:get.*HTTP 403.*role',
        ),
        ('credential', 401, 'Unauthorized', ClientError, 'Sign in again'),
        ('bad', 400, '{"error_message": "no"}', ClientError, 'audits: no '),
        ('broken', 503, '<html>', NoAnswer, r'failed at GET /v1/audits/x'),
        ('nothing', 500, '', NoAnswer, 'HTTP 500'),
        ('odd', 400, '{"error_message": {"a": 1}}', ClientError, '"a"'),
        ('list', 400, '[1]', ClientError, r'\[1\]'),
        ('no_json', 200, '<html>', NoAnswer, 'no JSON'),
        ('no_audit', 200, '{"a": 1}', NoAnswer, "not understood: {'a': 1}"),
        ('no_object', 200, '[1]', NoAnswer, r'not understood: \[1\]'),
    )
    @ddt.unpack
    def test_failure(self, status, body, error, expected):
        self.fake.failures = [(status, body)]
        name = 'x'
        with self.assertRaisesRegex(
            error, expected.replace('audits: ', 'audits/x: ')
        ) as raised:
            self.watcher.audit(name)
        self.assertIs(error, type(raised.exception))
        self.assertNotIn('\n', str(raised.exception))

    def test_answers_that_are_no_records(self):
        plan = ActionPlan.of(a_plan())
        for body, call in (
            ('[1]', lambda: self.watcher.set_state('x', 'SUSPENDED')),
            ('[1]', lambda: self.watcher.cancel(plan)),
            ('{"actions": [1]}', lambda: self.watcher.actions_of_audit('x')),
        ):
            self.fake.failures = [(200, body)]
            with self.assertRaisesRegex(NoAnswer, 'not understood'):
                call()

    @ddt.named_data(
        # name, record of the last action of a page
        ('no_uuid', {'action_plan_uuid': 'plan-1'}),
        ('no_plan', {'uuid': 'action-1'}),
        ('null', {'uuid': None, 'action_plan_uuid': None}),
    )
    def test_record_without_a_uuid(self, record):
        body = json.dumps({'actions': [record] * PAGE})
        self.fake.plans = [a_plan()]
        self.fake.failures = [(200, body)]
        with self.assertRaisesRegex(NoAnswer, 'not understood'):
            list(self.watcher.filled_plans())

    @ddt.named_data(('null', 'null'), ('text', '"x"'), ('object', '{"a": 1}'))
    def test_no_list(self, records):
        self.fake.failures = [(200, f'{{"audits": {records}}}')]
        with self.assertRaisesRegex(NoAnswer, 'audits/detail with no list'):
            list(self.watcher.audits(['cluster_maintenance']))

    def test_page_that_comes_again(self):
        page = [an_audit(f'audit-{n}') for n in range(PAGE)]
        answers = self.mocker.get(
            f'{fake_watcher.URL}/v1/audits/detail', json={'audits': page}
        )
        with self.assertRaisesRegex(NoAnswer, 'the same page again'):
            list(self.watcher.audits(['cluster_maintenance']))
        self.assertEqual(2, answers.call_count)

    def test_pages_without_end(self):
        self.useFixture(fixtures.MockPatchObject(watcher, 'MOST_PAGES', 3))
        count = itertools.count()
        answers = self.mocker.get(
            f'{fake_watcher.URL}/v1/audits/detail',
            json=lambda _request, _context: {
                'audits': [an_audit(f'audit-{next(count)}')] * PAGE
            },
        )
        with self.assertRaisesRegex(NoAnswer, 'too many pages'):
            list(self.watcher.audits(['cluster_maintenance']))
        self.assertEqual(3, answers.call_count)

    def test_what_never_ends(self):
        # Watcher accepts the change and does nothing.
        for kind, record, end in (
            ('audits', an_audit('x', 'ONGOING'), self.watcher.end),
            ('audits', an_audit('x', 'SUSPENDED'), self.watcher.end),
            ('action_plans', a_plan('x', 'ONGOING'), self.watcher.cancel),
        ):
            self.mocker.patch(f'{fake_watcher.URL}/v1/{kind}/x', json=record)
            read = Audit if kind == 'audits' else ActionPlan
            state = record['state']
            with self.assertRaisesRegex(NoAnswer, f' x: it is {state}'):
                end(read.of(record))

    @ddt.named_data(
        ('refused', requests.exceptions.ConnectionError),
        ('not_reached', requests.exceptions.ConnectTimeout),
        ('silent', requests.exceptions.ReadTimeout),
    )
    @ddt.unpack
    def test_connection_is_lost(self, error):
        self.useFixture(fixtures.MockPatch('time.sleep'))
        audits = f'{fake_watcher.URL}/v1/audits'
        read = self.mocker.get(f'{audits}/x', exc=error)
        with self.assertRaisesRegex(NoAnswer, 'GET /v1/audits/x'):
            self.watcher.audit('x')
        self.assertEqual(1 + CONNECT_RETRIES, read.call_count)
        created = self.mocker.post(audits, exc=error)
        with self.assertRaisesRegex(NoAnswer, 'POST /v1/audits'):
            self.watcher.create_audit({})
        # Watcher may have created it all the same.
        self.assertEqual(1, created.call_count)

    def test_not_in_the_catalog(self):
        keystone = 'http://keystone.test/v3'
        token = keystone_fixture.V3Token()
        token.set_project_scope()
        token.add_service('compute').add_endpoint('public', 'http://nova.test')
        document = keystone_fixture.V3Discovery(keystone)
        self.mocker.get(keystone, json={'version': document})
        self.mocker.post(
            f'{keystone}/auth/tokens',
            json=token,
            headers={'X-Subject-Token': 'token'},
        )
        auth = V3Password(
            keystone,
            username='demo',
            password='secret',
            user_domain_id='default',
            project_name='demo',
            project_domain_id='default',
        )
        adapter = Adapter(Session(auth), service_type='infra-optim')
        with self.assertRaisesRegex(NoWatcher, 'maintenance check'):
            Watcher(adapter).audit('x')
