# SPDX-License-Identifier: Apache-2.0

"""Services get back what they had, unless somebody has been there."""

import ddt

from tests.unit.plugin import base
from tests.unit.plugin import fake_nova
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_server
from tests.unit.plugin.nova_answers import a_service
from watcher_host_maintenance.plugin.actions import restore
from watcher_host_maintenance.plugin.actions import session


SPARE = {'resource_name': 'compute-1', 'disabled_reason': 'spare'}
ENABLED = a_service('compute-1')
DISABLED = a_service(
    'compute-1', status='disabled', disabled_reason='PSU broken'
)
MAINTAINED = a_service(
    'compute-1', status='disabled', disabled_reason='watcher_maintaining'
)
TICKET = 'watcher_maintaining: ticket 4711'
WITH_TICKET = a_service('compute-1', status='disabled', disabled_reason=TICKET)


@ddt.ddt
class TestRestore(base.TestCase):
    def setUp(self):
        super().setUp()
        mocker = fake_nova.mocker_for(self)
        self.nova = fake_nova.FakeNova(mocker)
        self.conf.config(
            group='nova',
            auth_type='none',
            endpoint_override=f'{self.nova.url}/v2.1',
        )
        self.put = mocker.put(
            f'{self.nova.url}/v2.1/os-services/{uuid_of("service compute-1")}',
            json={'service': {}},
        )
        self.cloud = session.Cloud(None)

    def asked(self):
        """What Nova was asked for."""
        return [r.json() for r in self.put.request_history]

    @ddt.named_data(
        # name, services, servers, whether the spare is disabled again
        ('idle',     [ENABLED],  [],                             True),
        ('busy',     [ENABLED],  [a_server('web', 'compute-1')], False),
        ('disabled', [DISABLED], [],                             False),
        ('gone',     [],         [],                             False),
    )  # fmt: skip
    @ddt.unpack
    def test_disable(self, services, servers, done):
        self.nova.services, self.nova.servers = services, servers
        said = list(restore.disable(self.cloud, [SPARE]))
        self.assertEqual(
            ['compute-1 is disabled again.'] if done else [], said
        )
        wanted = {'status': 'disabled', 'disabled_reason': 'spare'}
        self.assertEqual([wanted] if done else [], self.asked())

    def test_disable_reads_the_service_once(self):
        # Between two reads it could go.
        self.nova.services = [ENABLED]
        self.nova.afterwards['/v2.1/os-services'] = [self.nova.services.clear]
        self.assertEqual(
            ['compute-1 is disabled again.'],
            list(restore.disable(self.cloud, [SPARE])),
        )

    @ddt.named_data(
        # name, services, further arguments, whether it is enabled again
        ('maintained',   [MAINTAINED], [],           True),
        ('other_ticket', [MAINTAINED], [TICKET],     False),
        ('same_ticket',  [WITH_TICKET], [TICKET],    True),
        ('their_ticket', [WITH_TICKET], [],          False),
        ('theirs',       [DISABLED],   [],           False),
        ('enabled',      [ENABLED],    [],           False),
        ('gone',         [],           [],           False),
    )  # fmt: skip
    @ddt.unpack
    def test_enable(self, services, more, done):
        self.nova.services = services
        said = list(restore.enable(self.cloud, 'compute-1', *more))
        self.assertEqual(['compute-1 is enabled again.'] if done else [], said)
        self.assertEqual([{'status': 'enabled'}] if done else [], self.asked())
