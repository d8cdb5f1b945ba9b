# SPDX-License-Identifier: Apache-2.0

"""The table of compute nodes, and what its buttons do."""

import re

import ddt

from tests.dashboard.views import base
from tests.unit.client.fake_watcher import an_audit
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_migration
from watcher_host_maintenance.client.records import Step
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.dashboard import words


INDEX = base.address('index')
ANY_SERVICE = re.compile('/os-services/')


class TestRows(base.TestCase):
    def rows(self):
        response = self.client.get(INDEX)
        self.assertEqual(200, response.status_code)
        self.assertTemplateUsed(response, 'maintenance/index.html')
        return {
            row.datum.host: row for row in response.context['table'].get_rows()
        }

    def cells(self, host='compute-1'):
        row = self.rows()[host]
        return {
            str(cell.column): str(cell.value)
            for cell in row
            if not cell.column.auto
        }

    def test_every_node_has_one(self):
        self.disable('compute-2')
        self.assertEqual(list(base.HOSTS), list(self.rows()))

    def test_node_in_service(self):
        self.assertEqual(
            {
                'Host': 'compute-1',
                'Maintenance': 'In service',
                'Servers': '-',
                'Servers Done': '-',
                'Window': '-',
                'Time Since Start': '-',
                'Reason': '-',
                'Problems': '-',
            },
            {
                name: text if '<' not in text else 'compute-1'
                for name, text in self.cells().items()
            },
        )

    def test_boxes_are_shown_and_have_labels(self):
        response = self.client.get(INDEX)
        self.assertContains(response, 'aria-label="Select compute-3"')
        column = response.context['table'].columns['multi_select']
        self.assertNotIn('hidden', column.classes)

    def test_running_node(self):
        self.disable(reason=f'{base.MARK}: fan')
        self.attempt('ONGOING', move='SUCCEEDED')
        cells = self.cells()
        self.assertEqual('In progress', cells['Maintenance'])
        self.assertEqual('1', cells['Servers'])
        self.assertIn('1 of 1', cells['Servers Done'])
        self.assertIn(base.address('result', 'audit-1'), cells['Servers Done'])
        self.assertRegex(
            cells['Time Since Start'], '^<span data-seconds="[0-9]+">.+</span>'
        )
        self.assertEqual(f'{base.MARK}: fan', cells['Reason'])

    def test_window(self):
        for fields, expected in (
            ({'starts': '2026-12-01T21:00:00Z'}, 'from 2026-12-01 21:00 UTC'),
            ({'ends': '2026-12-02T04:00+01:00'}, 'until 2026-12-02 03:00 UTC'),
            (
                {'starts': '2026-12-01T21:00Z', 'ends': '2026-12-02T03:00Z'},
                '2026-12-01 21:00 UTC to 2026-12-02 03:00 UTC',
            ),
            ({'duration': 'PT4H'}, 'each run: PT4H'),
            (
                {'cron': '0 22 * * *', 'duration': 'PT4H'},
                'PT4H at 0 22 * * *',
            ),
            ({'starts': '<b>soon'}, 'from <b>soon'),
        ):
            self.disable()
            self.watcher.audits.clear()
            self.attempt(
                'ONGOING',
                parameters={'maintenance_node': 'compute-1'} | fields,
            )
            self.assertEqual(expected, self.cells()['Window'])
        self.assertContains(self.client.get(INDEX), 'from &lt;b&gt;soon')
        self.client.cookies['django_timezone'] = 'Europe/Berlin'
        self.watcher.audits[0]['parameters']['starts'] = '2026-12-01T21:00Z'
        self.assertEqual('from 2026-12-01 22:00 CET', self.cells()['Window'])

    def test_refused_node(self):
        self.disable()
        self.attempt(state='FAILED', status_message='No room. -p x')
        cells = self.cells()
        self.assertEqual('Blocked', cells['Maintenance'])
        self.assertEqual('No room. -p x', cells['Problems'])

    def test_only_what_runs_is_renewed(self):
        self.disable()
        self.attempt('ONGOING')
        rows = self.rows()
        self.assertIn('warning', rows['compute-1'].attr_string)
        self.assertNotIn('warning', rows['compute-2'].attr_string)

    def test_one_row(self):
        self.disable()
        self.attempt('ONGOING')
        response = self.client.get(
            INDEX,
            {
                'action': 'row_update',
                'table': 'maintenance',
                'obj_id': 'compute-1',
            },
            headers={'X-Requested-With': 'XMLHttpRequest'},
        )
        self.assertEqual(200, response.status_code)
        self.assertContains(response, 'In progress')
        self.assertNotContains(response, 'compute-2')

    def test_one_row_fails(self):
        self.watcher.failures = [(403, '{}')] * 9
        response = self.client.get(
            INDEX,
            {
                'action': 'row_update',
                'table': 'maintenance',
                'obj_id': 'compute-1',
            },
            headers={'X-Requested-With': 'XMLHttpRequest'},
        )
        self.assertEqual(502, response.status_code)
        self.assertContains(response, '(HTTP 403)', status_code=502)

    def test_text_of_others_is_escaped(self):
        self.disable(reason=f'{base.MARK}: <script>x\x1b</script>{{$ 1 $}}')
        response = self.client.get(INDEX)
        self.assertNotContains(response, '<script>x')
        self.assertNotContains(response, '{$ 1')
        self.assertContains(response, '&lt;script&gt;x\\x1b')

    def test_without_rights_in_nova(self):
        self.nova.fail('/v2.1/os-services', status_code=403)
        response = self.client.get(INDEX)
        self.assertEqual(200, response.status_code)
        [(level, text)] = self.messages(response)
        self.assertEqual('error', level)
        self.assertIn("This needs an administrator's rights.", text)
        self.assertEqual([], list(response.context['table'].data))

    def test_right_in_watcher_is_withdrawn(self):
        self.client.get(INDEX)
        self.watcher.failures = [(403, '{}')] * 9
        [(level, text)] = self.messages(self.client.get(INDEX))
        self.assertEqual('error', level)
        self.assertIn('(HTTP 403) Ask for a role', text)

    def test_no_token_is_shown(self):
        self.assertNotContains(self.client.get(INDEX), self.token.id)

    def test_no_token_is_logged(self):
        with self.assertLogs('keystoneauth', 'DEBUG') as logs:
            self.client.get(INDEX)
        self.assertIn('X-Auth-Token', '\n'.join(logs.output))
        self.assertNotIn(self.token.id, '\n'.join(logs.output))

    def test_calls_have_the_token_of_the_person(self):
        self.client.get(INDEX)
        tokens = {
            request.headers.get('X-Auth-Token')
            for request in self.mocker.request_history
            if '/os-services' in request.url or '/audits' in request.url
        }
        self.assertEqual({self.token.id}, tokens)


@ddt.ddt
class TestActions(base.TestCase):
    def allowed(self, host='compute-1'):
        table = self.client.get(INDEX).context['table']
        [node] = [n for n in table.data if n.host == host]
        return sorted(action.name for action in table.get_row_actions(node))

    @ddt.data(
        # disabled reason, servers, plan, expected
        ('', True, None, ['check', 'start']),
        (base.MARK, True, None,
         ['check', 'done', 'end', 'start']),
        (base.MARK, True, 'ONGOING', ['cancel']),
        (base.MARK, True, 'RECOMMENDED',
         ['cancel', 'check', 'done', 'end', 'start']),
        (base.MARK, False, 'SUCCEEDED', ['done', 'end']),
        ('watcher_maintained', True, None, ['end']),
        ('watcher_disabled', False, None, []),
        ('kernel bug', True, None, ['check', 'start']),
    )  # fmt: skip
    @ddt.unpack
    def test_by_state(self, reason, servers, plan, expected):
        if reason:
            self.disable(reason=reason)
        if not servers:
            self.nova.servers = []
        self.attempt(plan) if plan else None
        self.assertEqual(expected, self.allowed())

    def press(self, action, *hosts):
        """Press the button of one row, or of the table for several."""
        if len(hosts) == 1:
            data = {'action': f'maintenance__{action}__{hosts[0]}'}
        else:
            data = {
                'action': f'maintenance__{action}',
                'object_ids': list(hosts),
            }
        return self.client.post(INDEX, data)

    def test_start_of_several(self):
        response = self.press('start', 'compute-1', 'compute-2')
        self.assertRedirectsNoFollow(
            response,
            f'{base.address("start")}?host=compute-1&host=compute-2',
        )
        self.assertEqual([], self.changes())

    def test_check_of_one(self):
        self.assertRedirectsNoFollow(
            self.press('check', 'compute-1'),
            f'{base.address("start")}?host=compute-1&check=1',
        )

    def test_end_leaves_out_what_does_not_fit(self):
        self.disable('compute-1')
        response = self.press('end', 'compute-1', 'compute-2')
        self.assertRedirectsNoFollow(
            response, f'{base.address("end")}?host=compute-1'
        )
        self.assertEqual(
            [('error', 'End Maintenance is not possible now: compute-2')],
            self.messages(self.client.get(INDEX)),
        )

    def test_start_of_none_that_fits(self):
        self.disable('compute-1', 'watcher_disabled')
        response = self.press('start', 'compute-1')
        self.assertRedirectsNoFollow(response, INDEX)

    def test_done(self):
        self.mocker.put(ANY_SERVICE, json={'service': {}})
        self.disable('compute-1')
        self.disable('compute-2')
        response = self.press('done', 'compute-1', 'compute-2')
        self.assertRedirectsNoFollow(response, INDEX)
        self.assertEqual(
            [('success', 'Nodes marked as done: compute-1, compute-2')],
            self.messages(response),
        )
        bodies = [
            r.json()['disabled_reason']
            for r in self.mocker.request_history
            if r.method == 'PUT'
        ]
        self.assertEqual(['watcher_maintained'] * 2, bodies)

    def test_done_fails(self):
        self.mocker.put(ANY_SERVICE, status_code=403)
        self.disable('compute-1')
        response = self.press('done', 'compute-1')
        self.assertRedirectsNoFollow(response, INDEX)
        [(level, text)] = self.messages(response)
        self.assertEqual('error', level)
        self.assertIn('compute-1: ', text)
        self.assertIn("This needs an administrator's rights.", text)

    def test_cancel(self):
        self.disable()
        self.attempt('ONGOING')
        response = self.press('cancel', 'compute-1')
        self.assertRedirectsNoFollow(response, INDEX)
        self.assertIn(
            ('success', 'Cancelled: compute-1'),
            self.messages(response),
        )
        self.assertEqual(
            [('PATCH', '/v1/action_plans/plan-1')], self.changes()
        )

    def test_cancel_fails(self):
        self.disable()
        self.attempt('ONGOING')
        self.mocker.patch(
            'http://watcher.test/v1/action_plans/plan-1', status_code=403
        )
        response = self.press('cancel', 'compute-1')
        self.assertRedirectsNoFollow(response, INDEX)
        self.assert_forbidden(response)
        self.assertEqual([], self.changes())

    def test_get_changes_nothing(self):
        self.disable()
        self.attempt('ONGOING')
        self.client.get(INDEX, {'action': 'cancel', 'table': 'maintenance'})
        self.assertEqual([], self.changes())


class TestFilter(base.TestCase):
    def hosts(self, text):
        response = self.client.post(
            INDEX,
            {'maintenance__filter__q': text},
        )
        return [n.host for n in response.context['table'].filtered_data]

    def test_by_host(self):
        self.assertEqual(['compute-2'], self.hosts('UTE-2'))

    def test_by_reason_and_state(self):
        self.disable('compute-3', f'{base.MARK}: Fan')
        self.nova.servers = []
        self.assertEqual(['compute-3'], self.hosts('fan'))
        self.assertEqual(['compute-3'], self.hosts('ready for'))


class TestWords(base.TestCase):
    def test_every_step_has_words(self):
        verdicts = {v.value for v in Verdict}
        self.assertEqual(
            {s.value for s in Step} | verdicts, {*words.STEPS} - {'stays'}
        )

    def test_parameters_are_named_as_in_the_form(self):
        self.assertEqual(
            'Free it, or: "If a server cannot move: Leave it where it is", '
            'or "Move what cannot be proved to fit"',
            words.in_fields(
                'Free it, or: -p on_blocked=leave, or '
                '-p allow_unproved_moves=true'
            ),
        )


class TestPast(base.TestCase):
    def test_newest_first(self):
        self.watcher.audits = [
            an_audit('a'),
            an_audit('b', 'FAILED', status_message='No <b>room</b>'),
        ]
        response = self.client.get(base.address('past'))
        self.assertEqual(200, response.status_code)
        self.assertTemplateUsed(response, 'maintenance/past.html')
        self.assertEqual(
            [base.address('result', 'b'), base.address('result', 'a')],
            [line['link'] for line in response.context['audits']],
        )
        self.assertContains(response, 'No &lt;b&gt;room')

    def test_times_are_in_the_zone_of_the_person(self):
        self.attempt('SUCCEEDED')
        self.client.cookies['django_timezone'] = 'Asia/Tokyo'
        for url in (base.address('past'), base.address('node', 'compute-1')):
            self.assertContains(self.client.get(url), 'Nov. 28, 2026, 7 p.m.')

    def test_fails(self):
        self.watcher.failures = [(503, 'busy')] * 9
        response = self.client.get(base.address('past'))
        self.assertEqual(200, response.status_code)
        [(level, text)] = self.messages(response)
        self.assertEqual('error', level)
        self.assertIn('(HTTP 503)', text)


class TestNode(base.TestCase):
    def test_history(self):
        self.disable()
        self.attempt('FAILED', move='FAILED')
        response = self.client.get(base.address('node', 'compute-1'))
        self.assertEqual(200, response.status_code)
        self.assertTemplateUsed(response, 'maintenance/node.html')
        self.assertContains(response, base.address('result', 'audit-1'))
        self.assertContains(response, 'web-1')
        self.assertContains(response, 'Not empty')

    def test_history_names_servers(self):
        self.disable()
        self.attempt('ONGOING', move='SUCCEEDED')
        self.nova.migrations = [
            a_migration('web-1', 'compute-1', 'compute-2'),
            a_migration('db-1', 'compute-1', 'compute-3'),
        ]
        response = self.client.get(base.address('node', 'compute-1'))
        self.assertContains(response, '<td>web-1 to compute-2</td>')
        self.assertContains(
            response, f'<td>{uuid_of("db-1")} to compute-3</td>'
        )

    def test_unknown(self):
        response = self.client.get(base.address('node', '<b>nine'))
        self.assertEqual(200, response.status_code)
        self.assertEqual('&lt;b&gt;nine', response.context['page_title'])
        [(level, text)] = self.messages(response)
        self.assertEqual('error', level)
        self.assertIn('There is no compute node <b>nine.', text)
        self.assertNotContains(response, '<b>nine')
