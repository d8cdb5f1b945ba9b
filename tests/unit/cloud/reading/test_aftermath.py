# SPDX-License-Identifier: Apache-2.0

"""Tests of why servers are in ERROR; Nova's API is faked."""

import ddt

from tests.unit.plugin import base
from tests.unit.plugin import clouds
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_migration
from tests.unit.plugin.nova_answers import a_server
from watcher_host_maintenance.cloud.reading import servers
from watcher_host_maintenance.cloud.reading.aftermath import after_live


LIVE = 'live-migration'
FAILED = [('error', LIVE)]
ENDED = '2026-11-21T12:00:00.000000'
AT_ONCE, LATER = '2026-11-21T12:01:00Z', '2026-11-21T12:01:01Z'


@ddt.ddt
class TestAfterLive(base.TestCase):
    def setUp(self):
        super().setUp()
        self.fake = clouds.Cloud(self).nova

    def read(self, host='compute-1'):
        nova, _placement = clouds.connect()
        return after_live(nova, servers.read_held(nova, [host]).servers)

    @ddt.named_data(
        # name, state, power state, status and kind of its moves (the newest
        # last), when it has got a fault, whether its guest is certain
        ('failed',       'error',  1, FAILED,                   '',      True),
        ('paused',       'error',  3, [('failed', LIVE)],       '',      True),
        ('aborted',      'error',  1, [('cancelled', LIVE)],    '',      True),
        ('never_moved',  'error',  1, [],                       '',      False),
        ('cold',         'error',  1, [('error', 'migration')], '',      False),
        ('resize_since', 'error',  1, [*FAILED, ('error', 'resize')], '',
         False),
        ('live_since',   'error',  1, [('error', 'resize'), *FAILED], '',
         True),
        ('moved_since',  'error',  1, [*FAILED, ('completed', LIVE)], '',
         False),
        ('fault_of_it',  'error',  1, FAILED,                   AT_ONCE, True),
        ('failed_since', 'error',  1, FAILED,                   LATER,   False),
        ('shut_down',    'error',  4, FAILED,                   '',      False),
        ('set_active',   'active', 1, FAILED,                   '',      False),
    )  # fmt: skip
    @ddt.unpack
    def test_last_move(self, state, power, moves, fault, is_certain):
        server = a_server('web', state=state, power=power)
        if fault:
            server['fault'] = {'message': 'No', 'created': fault}
        self.fake.servers = [server]
        self.fake.migrations = [
            {
                **a_migration('web', number=number, status=status, kind=kind),
                'updated_at': ENDED,
            }
            for number, (status, kind) in enumerate(moves)
        ]
        expected = {uuid_of('web')} if is_certain else set()
        self.assertEqual(expected, self.read())

    def test_move_off_another_host(self):
        self.fake.servers = [a_server('web', 'compute-2', state='error')]
        self.fake.migrations = [a_migration('web', status='error')]
        self.assertEqual(set(), self.read('compute-2'))

    def test_others_cost_nothing(self):
        self.fake.servers = [a_server('web'), a_server('db', state='error')]
        self.read()
        asked = self.fake.asked('/os-migrations?instance_uuid')
        self.assertEqual(
            {uuid_of('db')},
            {
                path.partition('instance_uuid=')[2].split('&')[0]
                for path in asked
            },
        )
