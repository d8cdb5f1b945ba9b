# SPDX-License-Identifier: Apache-2.0

"""The servers of a project that have a notice, and what their owner answers."""

import re

import ddt

from django.test import override_settings
from django.urls import reverse
from django.utils import translation

from tests.dashboard.views import base
from tests.dashboard.views import test_rights
from tests.unit.plugin import fake_nova
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_server
from watcher_host_maintenance.core.model import notice
from watcher_host_maintenance.dashboard import owner_words as words


INDEX = reverse('horizon:project:maintenance:index')
HOST = 'compute-1'
ANNOUNCED = {
    'maintenance:id': uuid_of('audit'),
    'maintenance:state': 'announced',
    'maintenance:starts': '2999-12-01T21:00:00Z',
    'maintenance:ends': '2999-12-02T03:00:00Z',
    'maintenance:answer_by': '2999-12-01T12:30:00Z',
    'maintenance:effect': 'live',
    'maintenance:host': 'returns',
}
TAGS = re.compile('/tags/')
#: What a member of a project may do.
MEMBER = (
    'os_compute_api:servers:detail',
    'os_compute_api:os-server-tags:update',
    'os_compute_api:os-server-tags:delete',
)
MANAGER = (
    *MEMBER,
    'os_compute_api:os-migrate-server:migrate',
    'os_compute_api:os-migrate-server:migrate_live',
)
ANSWERS = ['go', 'keep', 'stay', 'stop', 'stop-and-start', 'cold', 'move']


@override_settings(POLICY_CHECK_FUNCTION=test_rights.POLICY)
class OwnerTestCase(base.MemberTestCase):
    """Somebody of a project, in a cloud that need not have Watcher."""

    def setUp(self):
        super().setUp()
        self.nova.servers = []
        self.grant(*MEMBER)

    def _setup_test_data(self):
        super()._setup_test_data()
        self.service_catalog = [
            entry
            for entry in self.service_catalog
            if entry['type'] not in {'infra-optim', 'placement'}
        ]

    def grant(self, *rules):
        test_rights.granted.clear()
        test_rights.granted.update(rules)
        self.addCleanup(test_rights.granted.clear)

    def given(self, name='web-1', words=(), status='ACTIVE', **metadata):
        """A server with a notice of these keys, besides what is announced."""
        told = {f'maintenance:{key}': text for key, text in metadata.items()}
        server = {
            **a_server(name, HOST),
            'status': status,
            'metadata': ANNOUNCED | told,
            'tags': [f'maintenance:{word}' for word in words],
        }
        self.nova.servers.append(server)
        return server

    def press(self, action, *names):
        """Press the button of one row, or of the table for several."""
        uuids = [uuid_of(name) for name in names]
        data = {'action': f'notices__{action}__{uuids[0]}'}
        if len(uuids) > 1:
            data = {'action': f'notices__{action}', 'object_ids': uuids}
        return self.client.post(INDEX, data)

    def renew(self, uuid):
        """What Horizon's scripts get when they renew a row."""
        return self.client.get(
            INDEX,
            {'action': 'row_update', 'table': 'notices', 'obj_id': uuid},
            headers={'X-Requested-With': 'XMLHttpRequest'},
        )

    def actions(self, name='web-1'):
        table = self.client.get(INDEX).context['table']
        [server] = [s for s in table.data if s.name == name]
        return [action.name for action in table.get_row_actions(server)]

    def tags(self, name='web-1'):
        [server] = [s for s in self.nova.servers if s['name'] == name]
        return server['tags']

    def calls(self):
        """Methods and paths of what is no read."""
        return [
            (r.method, r.path)
            for r in self.mocker.request_history
            if r.method != 'GET'
        ]


@ddt.ddt
class TestRows(OwnerTestCase):
    def rows(self):
        response = self.client.get(INDEX)
        self.assertEqual(200, response.status_code)
        self.assertTemplateUsed(response, 'maintenance/owners.html')
        return [
            {
                str(cell.column): str(cell.value)
                for cell in row
                if not cell.column.auto
            }
            for row in response.context['table'].get_rows()
        ]

    def test_notice(self):
        self.given(words=['stop', 'go'], word='stop-and-start')
        [row] = self.rows()
        self.assertIn('>web-1<', row.pop('Server'))
        self.assertEqual(
            {
                'Maintenance': 'Announced',
                'What Happens': 'Moves live, keeps running',
                'Not Before': '2999-12-01 21:00 UTC',
                'Over By': '2999-12-02 03:00 UTC',
                'Answer By': '2999-12-01 12:30 UTC',
                'Its Host': 'Returns',
                'Your Answer': 'Stop, Ready',
                'What Counts': 'Stop and Start',
            },
            row,
        )

    def test_times_are_in_the_zone_of_the_person(self):
        self.client.cookies['django_timezone'] = 'Europe/Berlin'
        self.given()
        self.assertEqual('2999-12-01 22:00 CET', self.rows()[0]['Not Before'])

    def test_last_time_of_all(self):
        """No zone east of UTC has it."""
        self.client.cookies['django_timezone'] = 'Asia/Tokyo'
        self.given(starts='9999-12-31T23:59:59Z')
        self.assertEqual('9999-12-31T23:59:59Z', self.rows()[0]['Not Before'])

    def test_nothing_is_known(self):
        for key in ANNOUNCED:
            self.given('web-1', **{key.partition(':')[2]: '<b>'})
        self.given('web-2')['metadata'] = {'maintenance:state': 'moving'}
        [row] = [r for r in self.rows() if 'web-2' in r.pop('Server')]
        self.assertEqual('In progress', row.pop('Maintenance'))
        self.assertEqual({'-'}, {*row.values()})

    def test_earliest_first_and_only_with_a_notice(self):
        self.given('late', starts='2999-12-03T00:00:00Z')
        self.given('none')['metadata'] = {'owner': 'me'}
        self.given('soon')
        self.assertEqual(
            ['soon', 'late'],
            [re.sub('<[^>]*>', '', row['Server']) for row in self.rows()],
        )

    def test_no_notice(self):
        response = self.client.get(INDEX)
        self.assertContains(
            response, 'No maintenance of your servers is announced.'
        )

    def test_fails(self):
        self.nova.fail('/v2.1/servers/detail', status_code=503)
        response = self.client.get(INDEX)
        self.assertEqual(200, response.status_code)
        self.assertTemplateUsed(response, 'maintenance/owners.html')
        [(level, text)] = self.messages(response)
        self.assertEqual('error', level)
        self.assertIn('GET /servers/detail', text)
        self.assertNotContains(response, 'No maintenance of your servers')

    def test_names_are_escaped_and_no_host_is_shown(self):
        self.given()['name'] = '<script>x\x1b</script>{$ 7*7 $}'
        response = self.client.get(INDEX)
        self.assertContains(response, '&lt;script&gt;x\\x1b')
        for text in ('<script>x', '{$ 7', HOST, self.token.id):
            self.assertNotContains(response, text)

    def test_boxes_and_menus_have_names(self):
        self.given()
        response = self.client.get(INDEX)
        self.assertContains(response, 'aria-label="Select web-1"')
        self.assertContains(response, 'aria-label="More actions for web-1"')

    def test_only_what_moves_is_renewed(self):
        self.given('web-1', state='moving')
        self.given('web-2')
        table = self.client.get(INDEX).context['table']
        self.assertEqual(
            [True, False],
            ['warning' in row.attr_string for row in table.get_rows()],
        )

    def test_one_row(self):
        self.given(state='done')
        response = self.renew(uuid_of('web-1'))
        self.assertEqual(200, response.status_code)
        self.assertContains(response, 'Done')
        self.assertNotContains(response, HOST)

    def test_one_row_fails(self):
        path = f'/v2.1/servers/{uuid_of("web-1")}'
        self.nova.fail(path, status_code=503)
        self.assertEqual(502, self.renew(uuid_of('web-1')).status_code)

    @ddt.data(uuid_of('of another project'), '../os-services')
    def test_row_of_another_project(self, uuid):
        self.given()
        self.assertEqual(404, self.renew(uuid).status_code)

    def test_filter(self):
        self.given('web-1', ['keep'])
        self.given('db-1', state='moving')
        for text, name in (('KEEP', 'web-1'), ('in prog', 'db-1')):
            response = self.client.post(INDEX, {'notices__filter__q': text})
            self.assertEqual(
                [name],
                [s.name for s in response.context['table'].filtered_data],
            )

    def test_german(self):
        self.given(words=['stop-and-start'])
        with translation.override('de'):
            response = self.client.get(
                INDEX, headers={'Accept-Language': 'de'}
            )
        self.assertContains(response, 'Angekündigt')
        self.assertContains(response, 'Anhalten und starten')


@ddt.ddt
class TestAnswers(OwnerTestCase):
    @ddt.data(
        # words, metadata, answers that are offered
        ((), {}, ANSWERS),
        (('go', 'stop'), {}, ['keep', 'stay', 'stop-and-start', 'cold',
                              'move']),
        (('keep', 'move'), {}, ['go', 'stay', 'stop', 'stop-and-start', 'cold',
                                'move']),
        ((), {'state': 'moving'}, ANSWERS[1:]),
        ((), {'state': 'done'}, ANSWERS[1:]),
        ((), {'answer_by': ''}, ANSWERS[1:]),
    )  # fmt: skip
    @ddt.unpack
    def test_by_state(self, words, metadata, expected):
        self.given(words=words, **metadata)
        self.assertEqual(expected, self.actions())

    def test_words_of_notices_are_those_of_the_model(self):
        self.assertEqual({*notice.OWNER_WORDS}, {*words.ANSWERS})
        self.assertEqual({*notice.Effect}, {*words.EFFECTS})
        self.assertEqual({*notice.HostFate}, {*words.HOSTS})
        self.assertEqual({*notice.State, words.UNKNOWN}, {*words.STATES})

    @ddt.data(*ANSWERS)
    def test_answer(self, word):
        self.given(words=['x'])
        response = self.press(word, 'web-1')
        self.assertRedirectsNoFollow(response, INDEX)
        self.assertEqual(
            [('success', f'web-1: {words.ANSWERS[word][0]}')],
            self.messages(response),
        )
        self.assertEqual(
            {'maintenance:x', f'maintenance:{word}'}, {*self.tags()}
        )

    @ddt.data(*ANSWERS)
    def test_answer_fails(self, word):
        self.given()
        self.mocker.put(TAGS, status_code=403, text='{}')
        response = self.press(word, 'web-1')
        self.assertRedirectsNoFollow(response, INDEX)
        [(level, text)] = self.messages(response)
        self.assertEqual('error', level)
        self.assertIn('web-1: Nova: ', text)
        self.assertIn('This needs the role member', text)
        self.assertEqual([], self.tags())

    def test_answer_for_several(self):
        self.given('web-1', ['keep'])
        self.given('web-2', host='removed')
        self.given('web-3', host='removed')
        response = self.press('stay', 'web-1', 'web-2', 'web-3')
        self.assertRedirectsNoFollow(response, INDEX)
        self.assertEqual(
            [
                ('success', 'web-1, web-2, web-3: Stay'),
                (
                    'warning',
                    'web-2, web-3: Its host is removed for good: it is moved '
                    'all the same.',
                ),
            ],
            sorted(self.messages(response)),
        )
        for name in ('web-1', 'web-2', 'web-3'):
            self.assertEqual(['maintenance:stay'], self.tags(name))

    def test_answer_for_several_fails_for_one(self):
        self.given('web-1')
        self.given('web-2')
        full = [f'x:{number}' for number in range(fake_nova.MAX_TAGS)]
        self.nova.servers[1]['tags'] = list(full)
        messages = self.messages(self.press('keep', 'web-1', 'web-2'))
        self.assertEqual(
            ['error', 'success'], sorted(level for level, _ in messages)
        )
        self.assertIn(('success', 'web-1: Keep'), messages)
        self.assertIn('web-2: Nova: Too many tags', repr(messages))
        self.assertEqual(full, self.tags('web-2'))

    def test_does_not_fit_meanwhile(self):
        self.given('web-1', state='done')
        self.given('web-2')
        messages = self.messages(self.press('go', 'web-1', 'web-2'))
        self.assertEqual(
            {
                ('error', 'Ready is not possible now: web-1'),
                ('success', 'web-2: Ready'),
            },
            {*messages},
        )
        self.assertEqual([], self.tags('web-1'))

    def test_server_of_another_project(self):
        self.given()
        other = uuid_of('of another project')
        for action in ('keep', 'move-now'):
            response = self.client.post(
                INDEX, {'action': f'notices__{action}__{other}'}
            )
            self.assertRedirectsNoFollow(response, INDEX)
            [(level, text)] = self.messages(response)
            self.assertEqual('error', level)
            self.assertIn(f'is not possible now: {other}', text)
        self.assertEqual([], self.calls())

    def test_nova_fails(self):
        self.given()
        self.nova.fail('/v2.1/servers/detail', status_code=503)
        response = self.press('keep', 'web-1')
        self.assertRedirectsNoFollow(response, INDEX)
        levels = {level for level, _text in self.messages(response)}
        self.assertEqual({'error'}, levels)
        self.assertEqual([], self.calls())

    def test_get_changes_nothing(self):
        self.given()
        self.client.get(
            INDEX,
            {
                'action': 'keep',
                'table': 'notices',
                'obj_id': uuid_of('web-1'),
            },
        )
        self.assertEqual([], self.calls())

    def test_calls_have_the_token_of_the_person(self):
        self.given()
        self.press('keep', 'web-1')
        tokens = {
            request.headers.get('X-Auth-Token')
            for request in self.mocker.request_history
            if '/servers/' in request.url
        }
        self.assertEqual({self.token.id}, tokens)

    def test_another_site_changes_nothing(self):
        self.given()
        client = self.client_class(enforce_csrf_checks=True)
        data = {'action': f'notices__keep__{uuid_of("web-1")}'}
        self.assertEqual(403, client.post(INDEX, data).status_code)
        self.assertEqual([], self.calls())


@ddt.ddt
class TestMoveNow(OwnerTestCase):
    def setUp(self):
        super().setUp()
        self.grant(*MANAGER)
        self.action = f'{fake_nova.URL}/v2.1/servers/{uuid_of("web-1")}/action'

    def test_move(self):
        self.given()
        asked = self.mocker.post(self.action, status_code=202)
        response = self.press('move-now', 'web-1')
        self.assertRedirectsNoFollow(response, INDEX)
        self.assertEqual(
            [('success', 'web-1: Move Now')], self.messages(response)
        )
        self.assertIsNone(asked.last_request.json()['os-migrateLive']['host'])

    def test_move_fails(self):
        self.given()
        self.mocker.post(
            self.action,
            status_code=409,
            json={'conflictingRequest': {'message': 'It is locked'}},
        )
        response = self.press('move-now', 'web-1')
        self.assertRedirectsNoFollow(response, INDEX)
        [(level, text)] = self.messages(response)
        self.assertEqual('error', level)
        self.assertIn('web-1: Nova: It is locked', text)

    def test_cold_move_has_to_be_confirmed(self):
        self.given(status='SHUTOFF')
        self.mocker.post(self.action, status_code=202)
        messages = self.messages(self.press('move-now', 'web-1'))
        self.assertEqual(
            ['success', 'warning'], sorted(level for level, _ in messages)
        )
        self.assertIn('Confirm the migration', repr(messages))

    @ddt.data(
        # status, state, expected
        ('ACTIVE',    'announced', True),
        ('SHUTOFF',   'announced', True),
        ('SUSPENDED', 'announced', False),
        ('ACTIVE',    'moving',    False),
        ('ACTIVE',    'left',      False),
    )  # fmt: skip
    @ddt.unpack
    def test_by_state(self, status, state, expected):
        self.given(status=status, state=state)
        self.assertEqual(expected, 'move-now' in self.actions())


@ddt.ddt
class TestRights(OwnerTestCase):
    def test_reader_sees_and_has_no_actions(self):
        self.grant(*MEMBER[:1])
        self.given(words=['keep'])
        response = self.client.get(INDEX)
        self.assertContains(response, 'web-1')
        self.assertContains(response, 'Keep')
        self.assertNotContains(response, 'name="action"')
        column = response.context['table'].columns['multi_select']
        self.assertIn('hidden', column.classes)
        self.assertEqual([], self.actions())

    @ddt.data(*ANSWERS, 'move-now')
    def test_reader_changes_nothing(self, action):
        self.grant(*MEMBER[:1])
        self.given()
        response = self.press(action, 'web-1')
        self.assertRedirectsNoFollow(response, INDEX)
        [(level, text)] = self.messages(response)
        self.assertEqual('error', level)
        self.assertIn('is not possible now: web-1', text)
        self.assertEqual([], self.calls())

    @ddt.data(*MEMBER[1:])
    def test_every_rule_is_needed_to_answer(self, rule):
        self.grant(*{*MEMBER} - {rule})
        self.given()
        self.assertEqual([], self.actions())

    @ddt.data(*MANAGER[3:])
    def test_every_rule_is_needed_to_move(self, rule):
        self.given()
        self.grant(*MANAGER)
        self.assertIn('move-now', self.actions())
        self.grant(*{*MANAGER} - {rule})
        self.assertEqual(ANSWERS, self.actions())

    @ddt.data('get', 'post')
    def test_without_rights(self, method):
        self.grant()
        response = getattr(self.client, method)(INDEX)
        self.assertEqual(403, response.status_code)
        self.assertTemplateUsed(response, 'not_authorized.html')


class TestWithoutNova(OwnerTestCase):
    def _setup_test_data(self):
        super()._setup_test_data()
        self.service_catalog = [
            entry
            for entry in self.service_catalog
            if entry['type'] != 'compute'
        ]

    def test_there_is_no_panel(self):
        self.assertEqual(403, self.client.get(INDEX).status_code)
