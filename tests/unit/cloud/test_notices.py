# SPDX-License-Identifier: Apache-2.0

"""A notice is written until it is there."""

import dataclasses
import itertools

from unittest import mock

import ddt

from tests.unit import base
from tests.unit.plugin import fake_nova
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_server
from watcher_host_maintenance.cloud import notices
from watcher_host_maintenance.cloud.errors import CALL_FAILED
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.core.model.notice import Effect
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.notice import State


WEB = uuid_of('web')
NOTICE = Notice(
    maintenance_id=uuid_of('audit'),
    state=State.ANNOUNCED,
    starts_s=0,
    effect=Effect.LIVE,
)
OWN = {'owner': 'me'}
METADATA = f'/v2.1/servers/{WEB}/metadata'
TRIES = notices.TRIES
ELSEWHERE = {'OS-EXT-SRV-ATTR:host': 'compute-2'}


@ddt.ddt
class TestWrite(base.TestCase):
    def setUp(self):
        super().setUp()
        mocker = fake_nova.mocker_for(self)
        self.fake = fake_nova.FakeNova(mocker)
        self.fake.servers = [a_server('web') | {'metadata': dict(OWN)}]
        self.nova = Nova(fake_nova.adapter())
        sleep = mock.patch.object(notices.time, 'sleep')
        self.sleep = sleep.start()
        self.addCleanup(sleep.stop)

    @property
    def metadata(self):
        return self.fake.servers[0]['metadata']

    def writes(self):
        return self.fake.written

    def test_once(self):
        self.assertTrue(notices.write(self.nova, WEB, NOTICE))
        self.assertEqual({**OWN, **NOTICE.to_metadata()}, self.metadata)
        self.assertEqual(1, len(self.writes()))
        self.sleep.assert_not_called()

    def test_already_there(self):
        self.metadata.update(NOTICE.to_metadata())
        self.assertTrue(notices.write(self.nova, WEB, NOTICE))
        self.assertEqual([], self.writes())

    def test_keys_that_are_wrong_now(self):
        self.metadata.update(
            NOTICE.to_metadata(),
            **{'maintenance:ends': 'x', 'maintenance:x': 'y'},
        )
        notices.write(self.nova, WEB, NOTICE)
        self.assertEqual(
            {**OWN, **NOTICE.to_metadata(), 'maintenance:x': 'y'},
            self.metadata,
        )

    def test_nothing(self):
        self.metadata.update(NOTICE.to_metadata())
        notices.write(self.nova, WEB, notices.NOTHING)
        self.assertEqual(OWN, self.metadata)

    def test_others_write(self):
        """An update that began before ours, and ends after it was read."""
        steps = [
            lambda: None,
            lambda: self.metadata.update(owner='you'),
            self.metadata.clear,
        ]
        self.fake.before[METADATA] = steps
        self.assertTrue(notices.write(self.nova, WEB, NOTICE))
        self.assertEqual(NOTICE.to_metadata(), self.metadata)
        self.assertEqual(2, len(self.writes()))

    def test_others_write_without_end(self):
        def count():
            self.metadata['owner'] = str(next(numbers))

        numbers = itertools.count()
        self.fake.before[METADATA] = [count] * 99
        self.assertTrue(notices.write(self.nova, WEB, NOTICE))
        self.assertEqual(1, len(self.writes()))
        self.assertEqual(notices.LOOKS, next(numbers) - 1)

    @ddt.named_data(
        ('last_try', TRIES - 1, True),
        ('too_often', TRIES, False),
    )
    @ddt.unpack
    def test_overwritten(self, times, succeeds):
        wiped = [lambda: None, *([self.metadata.clear] * times)]
        # Before each look but the first, what was written is lost.
        self.fake.before[METADATA] = wiped
        if succeeds:
            self.assertTrue(notices.write(self.nova, WEB, NOTICE))
            self.assertEqual(NOTICE.to_metadata(), self.metadata)
        else:
            error = self.assertRaises(
                NotPlanned, notices.write, self.nova, WEB, NOTICE
            )
            self.assertIs(CALL_FAILED, error.finding.reason)
        self.assertEqual(TRIES, len(self.writes()))

    def test_no_server(self):
        self.assertFalse(notices.write(self.nova, uuid_of('gone'), NOTICE))

    def test_refused(self):
        self.fake._mocker.post(
            f'{self.fake.url}/v2.1/servers/{WEB}/metadata',
            status_code=409,
            json={'conflictingRequest': {'message': 'in vm_state error'}},
        )
        error = self.assertRaises(
            NotPlanned, notices.write, self.nova, WEB, NOTICE
        )
        self.assertIn('vm_state error', error.finding.facts['error'])


@ddt.ddt
class TestSettled(base.TestCase):
    @ddt.named_data(
        # name, effect that has begun, fields of the server, state and effect
        ('here',    Effect.NONE, {}, State.CANCELLED, Effect.NONE),
        ('gone',    Effect.NONE, ELSEWHERE, State.DONE, Effect.NONE),
        ('moved',   Effect.LIVE, ELSEWHERE, State.DONE, Effect.LIVE),
        ('unmoved', Effect.COLD, {}, State.CANCELLED, Effect.NONE),
        ('stopped', Effect.STOP, {'OS-EXT-STS:vm_state': 'stopped'},
         State.LEFT, Effect.STOP),
        ('runs',    Effect.STOP, {}, State.CANCELLED, Effect.NONE),
        ('left',    Effect.STOP, ELSEWHERE, State.DONE, Effect.NONE),
        ('unknown', Effect.NONE, {'OS-EXT-SRV-ATTR:host': ''},
         State.CANCELLED, Effect.NONE),
    )  # fmt: skip
    @ddt.unpack
    def test_what_is_true(self, begun, fields, state, effect):
        fake = fake_nova.FakeNova(fake_nova.mocker_for(self))
        fake.servers = [a_server('web', 'compute-1') | fields]
        server = Nova(fake_nova.adapter()).server(WEB)
        notice = dataclasses.replace(
            NOTICE, state=State.CANCELLED, effect=begun
        )
        settled = notices.settled(notice, server, 'compute-1')
        self.assertEqual((state, effect), (settled.state, settled.effect))
