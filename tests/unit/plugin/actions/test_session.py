# SPDX-License-Identifier: Apache-2.0

"""An action connects to Nova once, and anew when a call has failed."""

import ddt

from tests.unit.plugin import base
from tests.unit.plugin import fake_nova
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_server
from watcher_host_maintenance.cloud.errors import CALL_REFUSED
from watcher_host_maintenance.cloud.errors import NOVA_FAILED
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.plugin.actions import session
from watcher_host_maintenance.plugin.errors import ActionFailed


SERVICES = '/v2.1/os-services'


class TestCloud(base.TestCase):
    def setUp(self):
        super().setUp()
        self.nova = fake_nova.FakeNova(fake_nova.mocker_for(self))
        self.nova.servers = [a_server('web')]
        self.conf.config(
            group='nova',
            auth_type='none',
            endpoint_override=f'{self.nova.url}/v2.1',
        )
        self.cloud = session.Cloud(None)

    def discoveries(self):
        """How often Nova was asked what it offers."""
        return len(
            [r for r in self.nova.requests if r in ('/', '/v2.1', '/v2.1/')]
        )

    def test_once(self):
        self.cloud.server(uuid_of('web'))
        self.cloud.service('compute-1')
        once = self.discoveries()
        for _look in range(3):
            self.cloud.server(uuid_of('web'))
            self.cloud.service('compute-1')
        self.assertEqual(once, self.discoveries())

    def test_anew(self):
        self.cloud.service('compute-1')
        once = self.discoveries()
        self.nova.fail(SERVICES)
        for _look in range(2):
            self.assertRaises(ActionFailed, self.cloud.service, 'compute-1')
        self.assertEqual(2 * once, self.discoveries())


@ddt.ddt
class TestFailed(base.TestCase):
    @ddt.named_data(
        # name, what has failed, server, what is said
        (
            'call',
            NOVA_FAILED,
            '',
            'Nova did not answer GET /: Full. Run the audit again when Nova '
            'answers.',
        ),
        (
            'server',
            NOVA_FAILED,
            'web',
            'Nova does not do it for web: Full. Fix the problem Nova reports, then run '
            'the audit again.',
        ),
        (
            'right',
            CALL_REFUSED,
            'web',
            "Nova does not do it for web: Full. Give Watcher's service user the "
            "role admin, or what Nova's policy wants.",
        ),
    )
    @ddt.unpack
    def test_failed(self, reason, server, expected):
        facts = {'call': 'GET /', 'error': 'Full', 'service': 'Nova'}
        error = NotPlanned(Finding(reason, facts=facts))
        self.assertEqual(expected, str(session.failure(error, server)))

    def test_long_reason_is_in_the_log(self):
        facts = {'call': 'GET /', 'error': 'x' * 300}
        error = NotPlanned(Finding(NOVA_FAILED, facts=facts))
        session.failure(error, 'web')
        self.assertIn('x' * 300, self.log.output)
