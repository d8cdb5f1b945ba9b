# SPDX-License-Identifier: Apache-2.0

"""Faults of services, changes between two pages, and odd names."""

import re

import ddt
import requests

from django.contrib.auth.models import AnonymousUser
from openstack_auth import utils

from tests.dashboard.views import base
from tests.unit.client.fake_watcher import an_audit
from tests.unit.plugin.nova_answers import a_hypervisor
from tests.unit.plugin.nova_answers import a_server
from tests.unit.plugin.nova_answers import a_service


INDEX, START = base.address('index'), base.address('start')
ONCE = '0123456789abcdef' * 2
PAGES = (
    INDEX,
    START,
    f'{START}?host=compute-1&check=1',
    base.address('end'),
    base.address('past'),
    base.address('node', 'compute-1'),
    base.address('result', 'audit-1'),
)
#: What an API, or a proxy in front of it, may answer.
FAULTS = (
    {'status_code': 500, 'text': '<h1>Internal Server Error</h1>'},
    {'status_code': 401, 'text': ''},
    {'status_code': 200, 'text': '<html>a proxy</html>'},
    {'status_code': 200, 'json': {}},
    {'exc': requests.exceptions.ConnectTimeout},
)

#: As many as Django's test client renders in a second or two: it keeps a copy
#: of the context of each template, and each cell is one.
MANY = 40


@ddt.ddt
class TestFaults(base.FormTestCase):
    """Every page is shown, and says that something failed."""

    def check(self, url):
        response = self.client.get(url)
        self.assertEqual(200, response.status_code)
        self.assertTrue(response.context['messages'], url)
        self.assertEqual(
            {'error'}, {level for level, _text in self.messages(response)}
        )
        self.assertNotContains(response, '<h1>Internal')
        self.assertNotContains(response, 'Traceback')

    @ddt.data(*FAULTS)
    def test_of_nova(self, answer):
        self.attempt('ONGOING')
        self.mocker.get(re.compile('http://nova.test/v2.1/.+'), **answer)
        for url in PAGES:
            if url != base.address('past'):
                self.check(url)

    @ddt.data(*FAULTS)
    def test_of_watcher(self, answer):
        self.mocker.get(re.compile('http://watcher.test/v1/.+'), **answer)
        for url in PAGES:
            if not url.startswith((START, base.address('end'))):
                self.check(url)

    @ddt.data(*FAULTS)
    def test_of_placement(self, answer):
        self.mocker.get(re.compile('http://placement.test/.+'), **answer)
        self.check(f'{START}?host=compute-1&check=1')

    @ddt.data(*FAULTS)
    def test_of_the_start(self, answer):
        self.mocker.post('http://watcher.test/v1/audits', **answer)
        response = self.send(START, 'start')
        self.assertEqual(200, response.status_code)
        self.assertTemplateUsed(response, 'maintenance/form.html')
        self.assertEqual(
            ['error'], [level for level, _ in self.messages(response)]
        )


@ddt.ddt
class TestHostNames(base.FormTestCase):
    """Names of hosts, as a configuration file may give them."""

    def add(self, host):
        self.nova.services.append(a_service(host))
        self.nova.hypervisors.append(a_hypervisor(host))

    def form(self, host):
        """The form, by the table; the page of the host is looked at, too."""
        response = self.client.get(INDEX)
        self.assertEqual(200, response.status_code)
        self.assertNotContains(response, '<b>h')
        self.assertIn(host, [n.host for n in response.context['table'].data])
        response = self.client.get(base.address('node', host))
        self.assertEqual(200, response.status_code)
        self.assertEqual(host, response.context['node'].host)
        self.assertNotContains(response, '<b>h')
        response = self.client.post(
            INDEX, {'action': f'maintenance__start__{host}'}
        )
        response = self.client.get(response['Location'])
        self.assertNotContains(response, '<b>h')
        return response.context['form']

    @ddt.data('1234', '007', 'a__b')
    def test_host(self, host):
        self.add(host)
        self.assertEqual([host], self.form(host)['hosts'].value())
        self.planned()
        self.client.post(START, {'hosts': host, 'start': '1'})
        [body] = self.created()
        self.assertEqual({'maintenance_node': host}, body['parameters'])

    @ddt.data('<b>h', 'a/b', "a'b", 'a b', 'ä')
    def test_host_that_nova_itself_would_refuse(self, host):
        self.add(host)
        self.assertEqual([host], self.form(host)['hosts'].value())
        response = self.client.post(START, {'hosts': host, 'start': '1'})
        self.assertEqual(200, response.status_code)
        self.assertNotContains(response, '<b>h')
        self.assertEqual(
            ['error'], [level for level, _text in self.messages(response)]
        )
        self.assertEqual([], self.changes())

    def test_host_in_a_question_is_escaped_twice(self):
        """Horizon's scripts show it as HTML, once they have read it."""
        self.add('<b>h')
        self.assertContains(
            self.client.get(INDEX), 'data-display="&amp;lt;b&amp;gt;h"'
        )
        self.attempt('ONGOING', parameters={'maintenance_node': '<b>h'})
        self.assertContains(
            self.client.get(base.address('result', 'audit-1')),
            'data-display="&amp;lt;b&amp;gt;h"',
        )

    def test_texts_are_escaped_on_every_page(self):
        self.disable(reason=f'{base.MARK}: <b>r')
        self.attempt(state='FAILED', status_message='<b>m')
        for url in (INDEX, base.address('node', 'compute-1'),
                    base.address('past'), base.address('result', 'audit-1')):  # fmt: skip
            response = self.client.get(url)
            self.assertNotContains(response, '<b>m')
            self.assertNotContains(response, '<b>r')
            self.assertContains(response, '&lt;b&gt;m')


class TestBetweenTwoPages(base.FormTestCase):
    def vanish(self):
        self.nova.services = self.nova.services[1:]

    def test_host_vanishes_before_the_check(self):
        self.vanish()
        response = self.send(START)
        self.assertTemplateUsed(response, 'maintenance/form.html')
        self.assertContains(response, 'compute-1 is not one of the available')

    def test_host_vanishes_before_the_start(self):
        self.send(START)
        self.vanish()
        response = self.send(START, 'start', once=ONCE)
        self.assertTemplateUsed(response, 'maintenance/form.html')
        self.assertContains(response, 'compute-1 is not one of the available')
        self.assertEqual([], self.changes())

    def test_host_vanishes_before_a_button(self):
        self.vanish()
        for action in ('start', 'done', 'cancel'):
            response = self.client.post(
                INDEX, {'action': f'maintenance__{action}__compute-1'}
            )
            self.assertRedirectsNoFollow(response, INDEX)
            self.assertEqual(
                ['error'], [level for level, _text in self.messages(response)]
            )
        self.assertEqual([], self.changes())

    def test_server_vanishes_before_the_result(self):
        self.attempt('ONGOING', move='ONGOING')
        self.nova.servers = []
        response = self.client.get(base.address('result', 'audit-1'))
        [row] = response.context['rows']
        self.assertEqual(('web-1', ''), (row['name'], row['status']))

    def test_form_has_what_is_sent_once(self):
        first, second = (
            self.send(START).context['once'] for _time in range(2)
        )
        self.assertRegex(first, '^[0-9a-f]{32}$')
        self.assertNotEqual(first, second)

    def test_double_click(self):
        self.planned()
        self.send(START, 'start', once=ONCE)
        [body] = self.created()
        self.assertEqual(f'cluster_maintenance-{ONCE}', body['name'])
        self.assertLessEqual(len(body['name']), 63)
        self.watcher.audits[-1]['name'] = body['name']
        response = self.send(START, 'start', once=ONCE)
        self.assertRedirectsNoFollow(response, base.address('result', 'new'))
        self.assertEqual(1, len(self.created()))

    def test_double_click_at_the_same_time(self):
        self.mocker.post('http://watcher.test/v1/audits', status_code=409)
        response = self.send(START, 'start', once=ONCE)
        self.assertRedirectsNoFollow(
            response, base.address('result', f'cluster_maintenance-{ONCE}')
        )

    def test_name_of_an_audit_cannot_be_chosen(self):
        for once in ('', 'x', ONCE[1:], f'{ONCE}0', f'{ONCE}\n', '../goals'):
            self.watcher.requests.clear()
            self.send(START, 'start', once=once)
            [body] = self.created()
            self.assertNotIn('name', body)

    def test_two_windows(self):
        self.attempt('ONGOING')
        for url in (START, base.address('end')):
            response = self.send(url, 'start', once=ONCE)
            self.assertTemplateUsed(response, 'maintenance/form.html')
            self.assertEqual(
                [
                    (
                        'error',
                        'Another maintenance is in progress: compute-1',
                    )
                ],
                self.messages(response),
            )
        self.assertEqual([], self.changes())

    def test_plan_is_started_in_another_window(self):
        self.attempt('ONGOING')
        result = base.address('result', 'audit-1')
        response = self.client.post(result, {'start': '1'})
        self.assertEqual(
            [('info', 'The plan is started already.')], self.messages(response)
        )
        self.assertEqual([], self.changes())


class TestSession(base.FormTestCase):
    def expire(self):
        utils.get_user = lambda request: AnonymousUser()

    def test_has_expired(self):
        self.expire()
        for url in PAGES:
            response = self.client.get(url)
            self.assertEqual(302, response.status_code)
            self.assertIn('/auth/login/', response['Location'])
            self.assertIn('next=', response['Location'])
            response = self.client.post(url, {'start': '1'})
            self.assertEqual(302, response.status_code)

    def test_has_expired_while_a_result_is_renewed(self):
        self.expire()
        response = self.client.get(
            base.address('result', 'audit-1'),
            {'part': '1'},
            headers={'X-Requested-With': 'XMLHttpRequest'},
        )
        self.assertEqual(401, response.status_code)

    def test_another_site_changes_nothing(self):
        self.attempt('ONGOING')
        client = self.client_class(enforce_csrf_checks=True)
        for url, data in (
            (INDEX, {'action': 'maintenance__cancel__compute-1'}),
            (START, {'hosts': 'compute-1', 'start': '1'}),
            (base.address('end'), {'hosts': 'compute-1', 'start': '1'}),
            (base.address('result', 'audit-1'), {'cancel': '1'}),
        ):
            self.assertEqual(403, client.post(url, data).status_code)
        self.assertEqual([], self.changes())


class TestManyNodes(base.TestCase):
    def requests(self, nodes):
        """How many requests a page needs, with one node at work."""
        hosts = [f'compute-{n}' for n in range(1, nodes + 1)]
        self.nova.services = [a_service(host) for host in hosts]
        self.nova.hypervisors = [a_hypervisor(host) for host in hosts]
        before = len(self.mocker.request_history)
        response = self.client.get(INDEX)
        self.assertEqual(200, response.status_code)
        self.assertEqual(nodes, len(response.context['table'].data))
        return len(self.mocker.request_history) - before

    def test_requests_do_not_grow(self):
        self.attempt('ONGOING')
        self.nova.servers = [a_server('web-1', 'compute-1')]
        few = self.requests(3)
        self.assertLessEqual(self.requests(MANY), few)
        self.assertLess(few, 30)

    def test_requests_of_audits_do_not_grow(self):
        self.attempt('ONGOING')
        few = self.requests(MANY)
        self.watcher.audits[:0] = [
            an_audit(f'old-{n}', parameters={'maintenance_node': 'gone'})
            for n in range(400)
        ]
        self.assertLessEqual(self.requests(MANY), few + 10)
