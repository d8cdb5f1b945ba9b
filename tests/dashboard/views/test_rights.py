# SPDX-License-Identifier: Apache-2.0

"""Who may see and do what."""

import ddt

from django.test import override_settings

from tests.dashboard.views import base
from tests.unit.client.fake_watcher import an_audit


ADDRESSES = (
    base.address('index'),
    base.address('start'),
    base.address('end'),
    base.address('past'),
    base.address('node', 'compute-1'),
    base.address('result', 'audit-1'),
    base.address('rolls'),
    base.address('roll', 'audit-1'),
)

#: What stands for Horizon's check of policies: the rules that are granted.
POLICY = 'tests.dashboard.views.test_rights.check'
granted = set()


def check(rules, request, target=None):
    return all(rule in granted for _service, rule in rules)


@ddt.ddt
class TestMember(base.MemberTestCase):
    """Somebody who is no administrator."""

    @ddt.data(*ADDRESSES)
    def test_every_address_answers_403(self, address):
        response = self.client.get(address)
        self.assertEqual(403, response.status_code)
        self.assertTemplateUsed(response, 'not_authorized.html')
        self.assertNotContains(response, base.MARK, status_code=403)

    @ddt.data(*ADDRESSES)
    def test_every_button_answers_403(self, address):
        response = self.client.post(
            address, {'hosts': 'compute-1', 'start': '1'}
        )
        self.assertEqual(403, response.status_code)
        self.assertEqual([], self.watcher.requests)


@ddt.ddt
class TestWithoutWatcher(base.TestCase):
    def _setup_test_data(self):
        super()._setup_test_data()
        self.service_catalog = [
            entry
            for entry in self.service_catalog
            if entry['type'] != 'infra-optim'
        ]

    @ddt.data(*ADDRESSES)
    def test_there_is_no_panel(self, address):
        self.assertEqual(403, self.client.get(address).status_code)


@ddt.ddt
@override_settings(POLICY_CHECK_FUNCTION=POLICY)
class TestPolicy(base.TestCase):
    """An administrator, by rules of Watcher's and Nova's policies."""

    SEE = (
        'os_compute_api:os-services:list',
        'audit:get_all',
        'action_plan:get_all',
        'action:get_all',
    )
    DASHBOARD = ('admin_required', 'context_is_admin')

    def grant(self, *rules):
        granted.clear()
        granted.update((*self.DASHBOARD, *rules))
        self.addCleanup(granted.clear)

    def actions(self):
        table = self.client.get(base.address('index')).context['table']
        node = table.data[0]
        return sorted(action.name for action in table.get_row_actions(node))

    def test_nothing(self):
        self.grant()
        self.assertEqual(
            403, self.client.get(base.address('index')).status_code
        )

    @ddt.data(*SEE)
    def test_every_rule_is_needed(self, rule):
        self.grant(*{*self.SEE} - {rule})
        for address in ADDRESSES:
            self.assertEqual(403, self.client.get(address).status_code)

    def test_only_to_see(self):
        self.grant(*self.SEE)
        self.disable()
        self.assertEqual(['check'], self.actions())

    def test_only_to_see_may_check(self):
        self.grant(*self.SEE)
        response = self.client.get(
            base.address('start'), {'host': 'compute-1', 'check': '1'}
        )
        self.assertContains(response, 'Possible now')
        self.assertNotContains(response, 'name="start"')

    def test_only_to_see_has_no_buttons(self):
        self.grant(*self.SEE)
        self.attempt('RECOMMENDED')
        response = self.client.get(base.address('result', 'audit-1'))
        self.assertContains(response, 'web-1')
        self.assertNotContains(response, 'name="start"')
        self.assertNotContains(response, 'name="cancel"')

    def test_only_to_see_starts_nothing(self):
        self.grant(*self.SEE)
        for name in ('start', 'end'):
            response = self.client.post(
                base.address(name), {'hosts': 'compute-1', 'start': '1'}
            )
            self.assertEqual(403, response.status_code)
        self.watcher.audits = [an_audit()]
        for button in ('start', 'cancel'):
            response = self.client.post(
                base.address('result', 'audit-1'), {button: '1'}
            )
            self.assertEqual(403, response.status_code)
        self.assertEqual([], self.changes())

    def test_to_see_and_mark(self):
        self.grant(*self.SEE, 'os_compute_api:os-services:update')
        self.disable()
        self.assertEqual(['check', 'done'], self.actions())

    def test_right_is_withdrawn_before_the_button(self):
        self.grant(*self.SEE, 'os_compute_api:os-services:update')
        self.disable()
        self.actions()
        self.grant(*self.SEE)
        response = self.client.post(
            base.address('index'), {'action': 'maintenance__done__compute-1'}
        )
        self.assertEqual(
            [('error', 'Mark as Done is not possible now: compute-1')],
            self.messages(response),
        )
        self.assertEqual(
            {'GET'}, {r.method for r in self.mocker.request_history}
        )
