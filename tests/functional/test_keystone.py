# SPDX-License-Identifier: Apache-2.0

"""With Keystone: who may do what, and what a lost right looks like."""

import json
import pathlib
import re
import time

import fixtures

from minicloud import cloud
from minicloud import credentials
from tests.functional import base
from tests.functional import calls
from tests.functional import command_line
from tests.functional import continuous
from tests.functional import gate
from tests.functional import policies
from tests.functional.refusals import cannot_drain
from tests.functional.refusals import expression
from watcher_host_maintenance.cloud.errors import CALL_REFUSED
from watcher_host_maintenance.cloud.errors import CREDENTIAL_REFUSED


CREATE = (
    'openstack optimize audit create -g cluster_maintenance '
    '-s cluster_host_maintenance -p maintenance_node=compute-3'
)
NO_CREDENTIAL = cannot_drain(
    CREDENTIAL_REFUSED.about(
        service='Keystone',
        call='POST /auth/tokens',
        error='The request you have made requires authentication. (HTTP 401)',
        user='watcher',
    )
)
#: Watcher's own actions tell less.
PLAN_WITHOUT_CREDENTIAL = {
    'change_nova_service_state': 'Action failed in pre_condition: Unauthorized',
    'migrate': 'Action failed in pre_condition: Unauthorized',
    'verify_host_empty': 'Action failed in execute: compute-1 is not ready for maintenance. '
    'Keystone refused POST /auth/tokens: The request you have made '
    'requires authentication. (HTTP 401). Check the password and project '
    'of "watcher".',
}
#: Of a token, when it is to end while an audit runs.
LIFETIME_S = 3
#: One of the calls that a plan is made of; others come before it.
HALF_DONE = r'^GET /v2\.1/servers/detail'
#: Every token of Keystone begins like this.
TOKEN = re.compile('gAAAA[0-9A-Za-z_-]{20}')


class TestKeystone(continuous.ContinuousTestCase):
    """One cloud; what a test takes from Watcher's user it gives back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        directory = fixtures.TempDir()
        directory.setUp()
        cls.addClassCleanup(directory.cleanUp)
        cls.report_dir = pathlib.Path(directory.path)
        cls.gate = gate.Gate()
        cls.gate.setUp()
        cls.addClassCleanup(cls.gate.cleanUp)
        cls.share(
            cloud.Cloud(
                base.description(
                    hosts=dict.fromkeys(
                        ('compute-1', 'compute-2', 'compute-3'), base.HOST
                    ),
                    servers={
                        'web': base.on('compute-1'),
                        'db': base.on('compute-3'),
                    },
                ),
                keystone=True,
                watcher_options={
                    **cls.gate.watcher_options,
                    # It logs the more.
                    'DEFAULT': {'debug': True},
                    'watcher_strategies.cluster_host_maintenance': {
                        'transient_wait_s': 0,
                        'report_dir': str(cls.report_dir),
                    },
                },
            )
        )
        cls.gate.nova = cls.cloud.urls['compute']
        cls.cloud.refresh_model()
        cls.secrets = set(cls.cloud.passwords.values())

    def setUp(self):
        super().setUp()
        self.accounts = self.cloud.accounts
        self.addCleanup(self.assertNothingLeaks)

    def test_administrator(self):
        self.assertForbidden(CREATE, 'audit:create')
        audit = command_line.run_here(
            self.cloud, f'{CREATE} -f value -c UUID'
        ).strip()
        self.assertEventually(
            ['RECOMMENDED'], lambda: self.shown(audit, 'State'), 60
        )
        [plan] = self.shown(audit, 'UUID')
        start = f'openstack optimize actionplan start {plan}'
        self.assertForbidden(start, calls.START)
        command_line.run_here(self.cloud, start)
        self.assertEventually(
            ['SUCCEEDED'], lambda: self.shown(audit, 'State'), 120
        )
        self.assertEqual(base.MAINTAINED, self.cloud.services()['compute-3'])
        servers = self.cloud.servers()
        self.assertEqual('ACTIVE', servers['db'].status)
        self.assertNotEqual('compute-3', servers['db'].host)

    def shown(self, audit, column):
        """One column of the plans of an audit, as the command prints it."""
        return command_line.run_here(
            self.cloud,
            'openstack optimize actionplan list '
            f'--audit {audit} -f value -c {column}',
        ).split()

    def test_every_call(self):
        """A member may make none of them, an administrator all."""
        member, admin = (
            self.cloud.clients.watcher(user)
            for user in (credentials.MEMBER, credentials.ADMIN)
        )
        made = {}
        for rule, method, path, body in calls.CALLS:
            if rule == 'action_plan:get':
                made.update(self.planned(made['audit']))
            call = {
                'url': '/v1/' + path.format(**made),
                'method': method,
                'json': body,
                'raise_exc': False,
            }
            refused = member.request(**call)
            self.assertEqual(403, refused.status_code, rule)
            self.assertIn(f'{rule} ', refused.text)
            answer = admin.request(**call)
            self.assertLess(answer.status_code, 300, (rule, answer.text))
            if method == 'POST':
                made[rule.partition(':')[0]] = answer.json()['uuid']
        self.assertEqual(
            calls.rules(), {calls.START, *(call[0] for call in calls.CALLS)}
        )

    def planned(self, audit):
        """UUIDs of the plan of an audit, and of an action of it."""

        def planned():
            # Watcher writes a plan, and then its actions.
            plans = self.cloud.action_plans({'uuid': audit})
            return [(plan, *self.cloud.actions(plan)[:1]) for plan in plans]

        self.assertEventually([2], lambda: [*map(len, planned())], 60)
        [(plan, action)] = planned()
        return {'action_plan': plan['uuid'], 'action': action['uuid']}

    def test_password_changed(self):
        self.change_password()
        self.assertRefused(self.audit(), NO_CREDENTIAL)

    def test_password_expired(self):
        self.accounts.expire_password(credentials.WATCHER)
        self.addCleanup(self.change_password)
        self.assertRefused(
            self.audit(),
            re.compile(
                r'^Cannot drain: Keystone refused POST /auth/tokens: The '
                'password is expired and needs to be changed'
            ),
        )
        self.change_password()

    def test_user_disabled(self):
        self.accounts.disable(credentials.WATCHER)
        self.addCleanup(self.accounts.enable, credentials.WATCHER)
        self.assertRefused(self.audit(), NO_CREDENTIAL)

    def test_no_role(self):
        self.without_admin()
        self.assertRefused(self.audit(), NO_CREDENTIAL)

    def test_reader(self):
        self.without_admin()
        self.accounts.grant(credentials.WATCHER, 'reader')
        self.addCleanup(self.accounts.revoke, credentials.WATCHER, 'reader')
        self.assertRefused(
            self.audit(),
            (
                cannot_drain(
                    CALL_REFUSED.about(
                        service='Nova',
                        call='GET /os-services',
                        error="Policy doesn't allow os_compute_api:"
                        'os-services:list to be performed. (HTTP 403)',
                        user='watcher',
                    )
                )
            ),
        )

    def test_not_an_administrator_of_nova(self):
        """A role that may make every call is not enough."""
        self.without_admin()
        self.accounts.grant(credentials.WATCHER, 'reader')
        self.addCleanup(self.accounts.revoke, credentials.WATCHER, 'reader')
        rules = policies.rules(policies.told('compute'))
        self.set_policy('policy.yaml', dict.fromkeys(rules, '@'))
        self.assertRefused(
            self.audit(),
            (
                cannot_drain(
                    CALL_REFUSED.about(
                        service='Nova',
                        call='GET /servers?status=DELETED',
                        error='Only administrators may list deleted '
                        'instances (HTTP 403)',
                        user='watcher',
                    )
                )
            ),
        )

    def set_policy(self, name, rules):
        """Write the policy of a service, until the test ends."""
        policy = pathlib.Path(self.cloud.directory, name)
        policy.write_text(json.dumps(rules))
        self.addCleanup(policy.write_text, '{}')

    def test_placement(self):
        self.set_policy(
            'placement-policy.json', {'admin_or_service_api': 'role:service'}
        )
        self.assertRefused(
            self.audit(),
            expression(
                cannot_drain(
                    CALL_REFUSED.about(
                        service='Placement',
                        call='GET /resource_providers?in_tree=UUID',
                        error='Forbidden (HTTP 403)',
                        user='watcher',
                    )
                ),
                UUID='[0-9a-f-]+',
                end='$',
            ),
        )
        self.accounts.grant(credentials.WATCHER, 'service')
        self.addCleanup(self.accounts.revoke, credentials.WATCHER, 'service')
        self.assertPlanned(self.audit())

    def test_token_expires(self):
        def outlive():
            time.sleep(LIFETIME_S + 1)
            self.accounts.limit_tokens(None)

        seen = len(self.gate.answers)
        self.accounts.limit_tokens(LIFETIME_S)
        self.addCleanup(self.accounts.limit_tokens, None)
        self.gate.before(HALF_DONE, outlive)
        self.assertPlanned(self.audit())
        answers = [
            answer.rpartition(' ')[2]
            for answer in self.gate.answers[seen:]
            if re.search(HALF_DONE, answer)
        ]
        self.assertIn('401', answers)

    def test_password_changed_before_the_plan_runs(self):
        plan = self.assertPlanned(self.audit())
        before = self.change_password()
        self.assertEqual('FAILED', self.cloud.execute(plan)['state'])
        self.assertEqual(self.before, self.state())
        self.assertEqual(PLAN_WITHOUT_CREDENTIAL, self.told(plan))
        self.accounts.change_password(credentials.WATCHER, before)
        self.assertPlanned(self.audit())

    def test_password_changed_while_the_plan_runs(self):
        plan = self.assertPlanned(self.audit())
        self.addCleanup(self.enable, 'compute-1')
        self.gate.before('^PUT /v2.1/os-services/', self.change_password)
        self.assertEqual('FAILED', self.cloud.execute(plan)['state'])
        self.assertEqual(base.MAINTAINED, self.cloud.services()['compute-1'])
        self.assertEqual(self.before[0], self.state()[0])
        self.assertEqual(
            {**PLAN_WITHOUT_CREDENTIAL, 'change_nova_service_state': None},
            self.told(plan),
        )

    def told(self, plan):
        """What each action of a plan says of its end, by type."""
        return {
            action['action_type']: action['status_message']
            for action in self.cloud.actions(plan)
        }

    def test_continuous(self):
        before = self.change_password()
        state = self.state()
        audit = self.watch(maintenance_node='compute-1')
        self.assertSays(audit, NO_CREDENTIAL)
        self.assertRunsOn(audit)
        self.assertEqual([], self.actions(audit))
        self.accounts.change_password(credentials.WATCHER, before)
        self.assertSays(audit, None)
        self.assertEventually(True, lambda: bool(self.actions(audit)), 60)
        self.assertEqual(state, self.state())

    def assertForbidden(self, command, rule):
        said = command_line.run_here(
            self.cloud, command, fails=True, user=credentials.MEMBER
        )
        self.assertIn('HTTP 403', said)
        self.assertIn(rule, said)

    def audit(self):
        """An audit that wants web moved, at its end."""
        return self.drain(refresh=False, maintenance_node='compute-1')

    def change_password(self):
        """Change it in Keystone only, until the test ends; return ours."""
        before = self.accounts.change_password(credentials.WATCHER)
        self.addCleanup(
            self.accounts.change_password, credentials.WATCHER, before
        )
        return before

    def without_admin(self):
        self.accounts.revoke(credentials.WATCHER, 'admin')
        self.addCleanup(self.accounts.grant, credentials.WATCHER, 'admin')

    def assertNothingLeaks(self):
        """Look for passwords and tokens in all that was written so far."""
        texts = self.cloud.logs()
        self.assertIn(' DEBUG ', texts['watcher'])
        reports = {
            path.name: path.read_text() for path in self.report_dir.iterdir()
        }
        asked = self.cloud.watcher.get('/v1/audits').json()['audits']
        self.assertEqual(
            [],
            [
                audit['uuid']
                for audit in asked
                if not any(name.startswith(audit['uuid']) for name in reports)
            ],
        )
        texts.update(reports)
        for kind in ('audits', 'action_plans', 'actions'):
            texts[kind] = self.cloud.watcher.get(f'/v1/{kind}/detail').text
        self.secrets.update(self.cloud.passwords.values())
        for name, text in texts.items():
            self.assertEqual([], [s for s in self.secrets if s in text], name)
            self.assertIsNone(TOKEN.search(text), name)
