# SPDX-License-Identifier: Apache-2.0

"""Rolling maintenances: all of them, one, and its buttons."""

import ddt

from django.test import override_settings
from django.utils import translation

from tests.dashboard.views import base
from tests.dashboard.views import test_rights
from tests.unit.client import fake_rolls
from watcher_host_maintenance.core.rolling.progress import Stand
from watcher_host_maintenance.dashboard import roll_pages


ROLLS = base.address('rolls')
ROLL = base.address('roll', 'roll')


class RollTestCase(fake_rolls.Rolling, base.TestCase):
    def assert_shows_error(self, response, template, text):
        self.assertEqual(200, response.status_code)
        self.assertTemplateUsed(response, template)
        [(level, said)] = self.messages(response)
        self.assertEqual('error', level)
        self.assertIn(text, said)


class TestRolls(RollTestCase):
    def test_rolls(self):
        self.roll('old', 'SUCCEEDED', name='rack-6', status_message='2 of 2.')
        self.roll(name='<b>rack-7')
        self.done()
        response = self.client.get(ROLLS)
        self.assertEqual(200, response.status_code)
        self.assertTemplateUsed(response, 'maintenance/rolls.html')
        self.assertEqual(
            [
                (ROLL, '<b>rack-7', 'In progress', 2, 1, 1),
                (base.address('roll', 'old'), 'rack-6', 'Succeeded', 2, None,
                 None),
            ],
            [
                (r['link'], r['name'], str(r['state']), r['count'],
                 r.get('done'), r.get('moves'))
                for r in response.context['rolls']
            ],
        )  # fmt: skip
        self.assertContains(response, '<td>1 of 2</td>')
        self.assertContains(response, '&lt;b&gt;rack-7')

    def test_rolls_fail(self):
        self.watcher.failures = [(503, 'busy')] * 9
        self.assert_shows_error(
            self.client.get(ROLLS), 'maintenance/rolls.html', '(HTTP 503)'
        )

    def test_none(self):
        self.attempt('SUCCEEDED')
        self.assertContains(self.client.get(ROLLS), 'None.')

    def test_is_reached_from_the_panel(self):
        response = self.client.get(base.address('index'))
        self.assertContains(response, f'href="{ROLLS}"')


class TestRoll(RollTestCase):
    def nodes(self, response):
        return [
            (node['host'], str(node['stand']), node['why'])
            for node in response.context['nodes']
        ]

    def waves(self, response):
        return [(w['hosts'], w['moves']) for w in response.context['waves']]

    def test_roll(self):
        self.roll()
        self.done()
        response = self.client.get(ROLL)
        self.assertEqual(200, response.status_code)
        self.assertTemplateUsed(response, 'maintenance/roll.html')
        self.assertEqual(
            [
                ('compute-1', 'Waits for its turn', ''),
                ('compute-2', 'Done', ''),
            ],
            self.nodes(response),
        )
        self.assertEqual([('compute-1', 1)], self.waves(response))
        for text in (
            '1 of 2',
            'at least 1 are needed for all nodes',
            'Estimated end',
            '1 of 2 nodes maintained.',
            base.address('node', 'compute-1'),
            'data-runs="yes"',
        ):
            self.assertContains(response, text)
        self.assertNotContains(response, 'Problems')

    def test_roll_fails(self):
        self.roll()
        self.nova.fail('/v2.1/os-hypervisors/detail', status_code=503)
        response = self.client.get(ROLL)
        self.assert_shows_error(
            response, 'maintenance/roll.html', 'os-hypervisors'
        )
        # It can be stopped all the same.
        self.assertContains(response, '1 of 2 nodes maintained.')
        self.assertContains(response, 'name="stop"')

    def test_roll_that_does_not_exist(self):
        self.assertEqual(404, self.client.get(ROLL).status_code)

    def test_audit_that_is_no_roll(self):
        self.attempt('SUCCEEDED')
        self.assert_shows_error(
            self.client.get(base.address('roll', 'audit-1')),
            'maintenance/roll.html',
            'not a rolling maintenance',
        )

    def test_not_begun(self):
        self.roll()
        response = self.client.get(ROLL)
        self.assertEqual(
            [('compute-2', 0), ('compute-1', 1)], self.waves(response)
        )
        self.assertNotContains(response, 'Estimated end')

    def test_node_to_work_on(self):
        self.roll()
        self.disable('compute-2')
        response = self.client.get(ROLL)
        self.assertContains(response, 'compute-2. When the work is done')

    def test_failed_node(self):
        self.roll()
        self.disable()
        self.failed('<b>Two</b> remain.')
        response = self.client.get(ROLL)
        self.assertEqual(
            ('compute-1', 'Failed', '<b>Two</b> remain.'),
            self.nodes(response)[0],
        )
        self.assertContains(response, 'Failed: compute-1: &lt;b&gt;Two')
        self.assertNotContains(response, '<b>Two')

    def test_wrong_parameters(self):
        self.roll(
            parameters={'maintenance_nodes': fake_rolls.NODES, 'parallel': 0}
        )
        response = self.client.get(ROLL)
        self.assertContains(response, 'The changed parameters are not used')
        self.assertEqual([], self.waves(response))

    def test_plan_that_is_carried_out(self):
        self.roll()
        self.done()
        self.assertNotContains(
            self.client.get(ROLL), base.address('result', 'roll')
        )
        self.watcher.plans[-1]['state'] = 'ONGOING'
        self.assertContains(
            self.client.get(ROLL), base.address('result', 'roll')
        )

    def test_ended(self):
        self.roll(state='SUCCEEDED')
        self.done()
        response = self.client.get(ROLL)
        self.assertContains(response, 'data-runs="no"')
        for text in ('Waves ahead', 'name="stop"', 'Estimated end'):
            self.assertNotContains(response, text)

    def part(self):
        return self.client.get(ROLL, {'part': '1'})

    def test_part(self):
        self.roll()
        self.done()
        response = self.part()
        self.assertEqual(200, response.status_code)
        self.assertTemplateUsed(response, 'maintenance/_roll.html')
        self.assertTemplateNotUsed(response, 'base.html')
        self.assertContains(response, 'Waits for its turn')

    def test_part_fails(self):
        self.roll()
        self.watcher.failures = [(403, '<b>no</b>')] * 9
        response = self.part()
        self.assertEqual(502, response.status_code)
        self.assertEqual('text/plain', response['Content-Type'])
        self.assertIn('(HTTP 403)', response.content.decode())

    def test_page_is_loaded_again_when_a_node_stands_elsewhere(self):
        """The waves and the buttons are outside of what is renewed."""
        self.roll()
        signature = self.client.get(ROLL).context['signature']
        self.assertEqual(signature, self.part().context['signature'])
        self.disable('compute-2')
        self.assertNotEqual(signature, self.part().context['signature'])

    def test_every_stand_has_words(self):
        self.assertEqual({*Stand}, {*roll_pages.STANDS})

    def test_german(self):
        self.roll()
        with translation.override('de'):
            response = self.client.get(ROLL, headers={'Accept-Language': 'de'})
        self.assertContains(response, 'Wellen')


@ddt.ddt
class TestButtons(RollTestCase):
    def buttons(self):
        response = self.client.get(ROLL)
        return [
            button
            for button in roll_pages.BUTTONS
            if f'name="{button}"' in response.content.decode()
        ]

    @ddt.data(
        # state, expected
        ('PENDING',   ['stop']),
        ('ONGOING',   ['pause', 'stop']),
        ('SUSPENDED', ['continue', 'stop']),
        ('SUCCEEDED', []),
        ('CANCELLED', []),
        ('FAILED',    []),
    )  # fmt: skip
    @ddt.unpack
    def test_by_state(self, state, expected):
        self.roll(state=state)
        self.assertEqual(expected, self.buttons())

    def press(self, button):
        return self.client.post(ROLL, {button: '1'})

    def assert_changed(self, button, before, after, text):
        self.roll(state=before)
        response = self.press(button)
        self.assertRedirectsNoFollow(response, ROLL)
        [(level, said)] = self.messages(response)
        self.assertEqual('success', level)
        self.assertIn(text, said)
        self.assertEqual([('PATCH', '/v1/audits/roll')], self.changes())
        self.assertEqual(after, self.watcher.audits[0]['state'])

    def assert_not_changed(self, button, state):
        """Check that it is refused by Watcher, and then by the state."""
        self.roll(state=state)
        uri = 'http://watcher.test/v1/audits/roll'
        self.mocker.patch(uri, status_code=403)
        response = self.press(button)
        self.assertRedirectsNoFollow(response, ROLL)
        self.assert_forbidden(response)
        self.watcher.audits[0]['state'] = 'FAILED'
        response = self.press(button)
        self.assertRedirectsNoFollow(response, ROLL)
        [(level, text)] = self.messages(response)
        self.assertEqual('error', level)
        self.assertIn('roll is FAILED; it cannot become', text)

    def test_pause(self):
        self.assert_changed('pause', 'ONGOING', 'SUSPENDED', 'is paused')

    def test_pause_fails(self):
        self.assert_not_changed('pause', 'ONGOING')

    def test_continue(self):
        self.assert_changed('continue', 'SUSPENDED', 'ONGOING', 'goes on')

    def test_continue_fails(self):
        self.assert_not_changed('continue', 'SUSPENDED')

    def test_stop(self):
        self.assert_changed('stop', 'ONGOING', 'CANCELLED', 'is stopped')

    def test_stop_fails(self):
        self.assert_not_changed('stop', 'ONGOING')

    def test_audit_that_is_no_roll(self):
        self.attempt('ONGOING')
        response = self.client.post(
            base.address('roll', 'audit-1'), {'stop': '1'}
        )
        self.assertEqual([], self.changes())
        levels = {level for level, _text in self.messages(response)}
        self.assertEqual({'error'}, levels)

    @override_settings(POLICY_CHECK_FUNCTION=test_rights.POLICY)
    def test_only_to_see(self):
        see = test_rights.TestPolicy
        test_rights.granted.update((*see.DASHBOARD, *see.SEE))
        self.addCleanup(test_rights.granted.clear)
        self.roll()
        self.assertEqual([], self.buttons())
        self.assertEqual(403, self.press('stop').status_code)
        self.assertEqual([], self.changes())
        test_rights.granted.add('audit:update')
        self.assertEqual(['pause', 'stop'], self.buttons())

    def test_another_site_changes_nothing(self):
        self.roll()
        client = self.client_class(enforce_csrf_checks=True)
        self.assertEqual(403, client.post(ROLL, {'stop': '1'}).status_code)
        self.assertEqual([], self.changes())
