# SPDX-License-Identifier: Apache-2.0

"""What is sent by Watcher's notifier of what owners are told."""

from unittest import mock

import ddt

from tests.unit import base
from tests.unit.plugin.builders import PROJECT
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_server
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core.model.notice import Effect
from watcher_host_maintenance.core.model.notice import HostFate
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.plugin.actions import notifications


NOTICE = Notice(
    maintenance_id=uuid_of('audit'),
    state=State.ANNOUNCED,
    starts_s=1796158800,
    effect=Effect.LIVE,
    host=HostFate.RETURNS,
)


def a_told_server(notice=None):
    metadata = notice.to_metadata() if notice else {}
    return Server.read(a_server('web-1') | {'metadata': metadata})


@ddt.ddt
class TestSend(base.TestCase):
    def setUp(self):
        super().setUp()
        patch = mock.patch.object(notifications.rpc, 'get_notifier')
        self.get_notifier = patch.start()
        self.addCleanup(patch.stop)
        self.level('info')

    def level(self, level):
        conf = notifications.CONF
        conf.set_override('notification_level', level)
        self.addCleanup(conf.clear_override, 'notification_level')

    def sent(self):
        """Event type and payload of each notification."""
        calls = self.get_notifier.return_value.info.call_args_list
        return [call.args[1:] for call in calls]

    def test_payload(self):
        notifications.send(a_told_server(), NOTICE)
        self.assertEqual(
            [
                (
                    'maintenance.planned',
                    {
                        'version': '1.0',
                        'project_id': PROJECT,
                        'server_id': uuid_of('web-1'),
                        'maintenance_id': uuid_of('audit'),
                        'state': 'announced',
                        'starts': '2026-12-01T21:00:00Z',
                        'ends': None,
                        'answer_by': None,
                        'effect': 'live',
                        'host': 'returns',
                        'word': None,
                    },
                )
            ],
            self.sent(),
        )
        self.assertNotIn('compute-1', repr(self.sent()))
        publisher = self.get_notifier.call_args.args[0]
        self.assertTrue(publisher.startswith('watcher-applier:'))

    @ddt.data(*notifications.EVENTS)
    def test_every_state(self, state):
        notifications.send(a_told_server(), Notice(state=state))
        [(event, payload)] = self.sent()
        self.assertEqual(notifications.EVENTS[state], event)
        self.assertEqual(state, payload['state'])

    @ddt.named_data(
        # name, level, if it is sent
        ('debug',   'debug',   True),
        ('info',    'info',    True),
        ('warning', 'warning', False),
        ('off',     None,      False),
    )  # fmt: skip
    @ddt.unpack
    def test_level(self, level, sent):
        self.level(level)
        notifications.send(a_told_server(), NOTICE)
        self.assertEqual(sent, bool(self.sent()))

    @ddt.named_data(
        ('told_already', NOTICE, NOTICE),
        ('deleted',      NOTICE, Notice()),
    )  # fmt: skip
    @ddt.unpack
    def test_no_news(self, before, notice):
        notifications.send(a_told_server(before), notice)
        self.assertEqual([], self.sent())

    def test_called_off_by_a_client_before(self):
        notice = Notice(state=State.CANCELLED)
        notifications.send(a_told_server(notice), notice, always=True)
        self.assertEqual(
            ['maintenance.cancelled'], [event for event, _told in self.sent()]
        )

    def test_no_broker(self):
        self.get_notifier.side_effect = RuntimeError('no broker')
        notifications.send(a_told_server(), NOTICE)
