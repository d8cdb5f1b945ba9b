# SPDX-License-Identifier: Apache-2.0

"""What an owner is told, and what becomes of the word ``go``."""

from unittest import mock

import ddt
import jsonschema

from watcher.common import exception

from tests.unit.plugin import base
from tests.unit.plugin import clouds
from tests.unit.plugin import database
from tests.unit.plugin import outages
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_server
from tests.unit.plugin.nova_answers import a_service
from watcher_host_maintenance.cloud import notices
from watcher_host_maintenance.cloud.errors import CALL_FAILED
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.core.model.notice import Effect
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.plugin.actions import action_row
from watcher_host_maintenance.plugin.actions import notifications
from watcher_host_maintenance.plugin.actions.notify_owner import NotifyOwner


WEB = uuid_of('web')
GO = 'maintenance:go'


def a_notice(state, effect=Effect.LIVE):
    return Notice(maintenance_id=uuid_of('audit'), state=state, effect=effect)


@ddt.ddt
class TestNotifyOwner(base.TestCase):
    def setUp(self):
        super().setUp()
        self.useFixture(database.Database())
        self.nova = clouds.Cloud(self).nova
        self.server = a_server('web') | {'metadata': {'role': 'db'}}
        self.nova.servers = [self.server]
        patched = mock.patch.object(action_row, 'set_message')
        self.message = patched.start()
        self.addCleanup(patched.stop)

    def action(self, notice, reason=None, tags=()):
        action = NotifyOwner(None)
        action.input_parameters = {
            'resource_id': WEB,
            'resource_name': 'web',
            'source_node': 'compute-1',
            'notice': notice.to_metadata(),
            'used_tags': list(tags),
            **({} if reason is None else {'disabled_reason': reason}),
        }
        action.validate_parameters()
        return action

    def run_action(self, *args, **fields):
        action = self.action(*args, **fields)
        action.pre_condition()
        self.assertIs(True, action.execute())

    def told(self):
        return Notice.from_metadata(self.server['metadata'])

    @ddt.named_data(
        # name, the server now, notice, what is told
        ('announced', {}, a_notice(State.ANNOUNCED), State.ANNOUNCED),
        ('moving',    {}, a_notice(State.MOVING),    State.MOVING),
        ('not_moved', {}, a_notice(State.DONE),      State.ANNOUNCED),
        ('moved',     {'OS-EXT-SRV-ATTR:host': 'compute-2'},
         a_notice(State.DONE),                       State.DONE),
        ('stopped',   {'OS-EXT-STS:vm_state': 'stopped'},
         a_notice(State.LEFT, Effect.STOP),          State.LEFT),
        ('runs_on',   {}, a_notice(State.LEFT, Effect.STOP),
         State.ANNOUNCED),
        ('stays',     {}, a_notice(State.LEFT, Effect.NONE), State.LEFT),
    )  # fmt: skip
    @ddt.unpack
    def test_what_is_told(self, fields, notice, state):
        self.server.update(fields)
        self.run_action(notice)
        self.assertIs(state, self.told().state)
        self.assertEqual('db', self.server['metadata']['role'])
        self.message.assert_not_called()

    def test_go_of_before_is_deleted_first(self):
        self.server['tags'] = [GO, 'keep']
        self.run_action(a_notice(State.ANNOUNCED), tags=[GO])
        self.assertEqual(['keep'], self.server['tags'])
        asked = self.nova.asked(f'/servers/{WEB}/')
        self.assertIn(GO, asked[0])

    @ddt.named_data(
        # name, notice, tags left
        ('not_yet', a_notice(State.DONE),              [GO, 'keep', 'ready']),
        ('left',    a_notice(State.LEFT, Effect.NONE), ['keep']),
        ('cleared', Notice(),                          ['keep']),
    )  # fmt: skip
    @ddt.unpack
    def test_go_is_used_up(self, notice, tags):
        self.server['tags'] = [GO, 'keep', 'ready']
        self.run_action(notice, tags=[GO, 'ready', 'other'])
        self.assertEqual(tags, self.server['tags'])

    @ddt.named_data(*outages.FAULTS)
    @ddt.unpack
    def test_tag_that_cannot_be_removed(self, answer, part):
        self.server['tags'] = [GO, 'ready']
        path = f'/v2.1/servers/{WEB}/tags/{GO}'
        self.nova.fail(path, 'DELETE', **answer)
        self.run_action(a_notice(State.LEFT, Effect.NONE), tags=[GO, 'ready'])
        self.assertIs(State.LEFT, self.told().state)
        # The others are removed all the same.
        self.assertEqual([GO], self.server['tags'])
        [(_parameters, text)] = [c.args for c in self.message.mock_calls]
        self.assertIn(f'The tag {GO} of web was used, and not removed', text)
        self.assertIn(part, text)
        self.assertNotIn('not told', text)

    def had(self, state, audit='audit', effect=Effect.LIVE):
        """Let the server have a notice."""
        notice = Notice(
            maintenance_id=uuid_of(audit), state=state, effect=effect
        )
        self.server['metadata'].update(notice.to_metadata())

    @ddt.named_data(
        # name, effect that has begun, the server now, what is told
        ('announced', 'NONE', {}, ('cancelled', 'none')),
        ('not_moved', 'LIVE', {}, ('cancelled', 'none')),
        ('moved',     'LIVE', {'OS-EXT-SRV-ATTR:host': 'compute-2'},
         ('done', 'live')),
        ('offloaded', 'COLD', {'OS-EXT-SRV-ATTR:host': None},
         ('cancelled', 'none')),
        ('runs_on',   'STOP', {}, ('cancelled', 'none')),
        ('stopped',   'STOP', {'OS-EXT-STS:vm_state': 'stopped'},
         ('left', 'stop')),
        ('moved_by_its_owner', 'NONE', {'OS-EXT-SRV-ATTR:host': 'compute-2'},
         ('done', 'none')),
    )  # fmt: skip
    @ddt.unpack
    def test_called_off(self, effect, fields, told):
        self.had(State.ANNOUNCED)
        self.server.update(fields)
        with mock.patch.object(notifications, 'send') as send:
            self.run_action(a_notice(State.CANCELLED, Effect[effect]))
        notice = self.told()
        self.assertEqual(told, (notice.state, notice.effect))
        [call] = send.mock_calls
        self.assertEqual((notice, True), call.args[1:])

    def test_called_off_while_it_moves(self):
        self.had(State.MOVING)
        self.server['OS-EXT-STS:task_state'] = 'migrating'

        def arrive(_seconds):
            self.server['OS-EXT-STS:task_state'] = None
            self.server['OS-EXT-SRV-ATTR:host'] = 'compute-2'

        action = self.action(a_notice(State.CANCELLED, Effect.LIVE))
        action._abort = mock.Mock(
            wait=mock.Mock(side_effect=arrive), is_set=lambda: False
        )
        self.assertIs(True, action.execute())
        self.assertIs(State.DONE, self.told().state)

    @ddt.data(State.ANNOUNCED, State.MOVING)
    def test_another_maintenance_is_not_called_off(self, state):
        self.had(state, 'another')
        action = self.action(a_notice(State.CANCELLED, Effect.NONE))
        error = self.assertRaises(
            exception.ActionSkipped, action.pre_condition
        )
        self.assertIn('web has the notice of another', str(error))
        # It was announced meanwhile.
        self.assertIs(True, action.execute())
        self.assertIs(state, self.told().state)

    def test_called_off_after_the_notice_was_deleted(self):
        with mock.patch.object(notifications, 'send') as send:
            self.run_action(a_notice(State.CANCELLED, Effect.NONE))
        self.assertEqual(1, send.call_count)
        self.assertEqual({'role': 'db'}, self.server['metadata'])

    def test_called_off_though_the_notice_cannot_be_written(self):
        refusal = NotPlanned(
            CALL_FAILED.about(service='Nova', call='POST /x', error='quota')
        )
        self.had(State.ANNOUNCED)
        refused = mock.patch.object(notices, 'write', side_effect=refusal)
        with refused, mock.patch.object(notifications, 'send') as send:
            self.run_action(a_notice(State.CANCELLED, Effect.NONE))
        self.assertEqual(1, send.call_count)
        self.assertEqual(1, self.message.call_count)

    def test_clears(self):
        self.server['metadata'].update(a_notice(State.DONE).to_metadata())
        self.run_action(Notice())
        self.assertEqual({'role': 'db'}, self.server['metadata'])

    @ddt.named_data(
        ('quota', 'Maximum number of metadata items exceeds 128', 'Maximum'),
        ('state', 'Cannot update while it is in vm_state rescued', 'rescued'),
    )
    @ddt.unpack
    def test_who_cannot_be_told_holds_up_nothing(self, error, part):
        refusal = NotPlanned(
            CALL_FAILED.about(service='Nova', call='POST /x', error=error)
        )
        with mock.patch.object(notices, 'write', side_effect=refusal):
            self.run_action(a_notice(State.MOVING))
        [(_parameters, text)] = [c.args for c in self.message.mock_calls]
        self.assertIn('The owner of web was not told', text)
        self.assertIn(part, text)
        self.assertLessEqual(len(text), 255)

    @ddt.named_data(
        # name, last moment to begin, is the owner told
        ('late', '2020-12-01T21:00:00Z', False),
        ('soon', '2999-12-01T21:00:00Z', True),
    )  # fmt: skip
    @ddt.unpack
    def test_in_a_window(self, begin_by, is_told):
        action = self.action(a_notice(State.MOVING))
        action.input_parameters['begin_by'] = begin_by
        action.validate_parameters()
        if is_told:
            action.pre_condition()
            return
        error = self.assertRaises(
            exception.ActionSkipped, action.pre_condition
        )
        self.assertIn(f'should have begun by {begin_by}', str(error))

    @ddt.named_data(
        # name, audit of the notice that is there, is it deleted
        ('seen',  'audit', True),
        ('other', 'other', False),
    )  # fmt: skip
    @ddt.unpack
    def test_clears_what_was_seen(self, audit, is_deleted):
        self.server['metadata'] = Notice(
            maintenance_id=uuid_of(audit), state=State.ANNOUNCED
        ).to_metadata()
        action = self.action(Notice())
        action.input_parameters['clears'] = uuid_of('audit')
        action.validate_parameters()
        if is_deleted:
            action.pre_condition()
            self.assertIs(True, action.execute())
            self.assertEqual(Notice(), self.told())
            return
        self.assertRaises(exception.ActionSkipped, action.pre_condition)

    def test_deleted(self):
        self.nova.servers = []
        action = self.action(a_notice(State.MOVING))
        error = self.assertRaises(
            exception.ActionSkipped, action.pre_condition
        )
        self.assertIn('web does not exist any more', str(error))
        self.assertIs(True, action.execute())

    @ddt.named_data(
        # name, status, reason, keeps its notice
        ('back',   'enabled',  None,                  False),
        ('closed', 'disabled', 'watcher_maintained',  True),
    )  # fmt: skip
    @ddt.unpack
    def test_clears_once_its_node_is_back(self, status, reason, keeps):
        self.nova.services = [
            a_service('compute-1', status=status, disabled_reason=reason)
        ]
        action = self.action(Notice(), reason='')
        if keeps:
            error = self.assertRaises(
                exception.ActionSkipped, action.pre_condition
            )
            self.assertIn('compute-1 is not back in service', str(error))
        else:
            action.pre_condition()

    @ddt.data({'maintenance:x': 'y'}, {'maintenance:state': 'x' * 300})
    def test_takes_no_other_keys(self, notice):
        action = self.action(Notice())
        action.input_parameters['notice'] = notice
        self.assertRaises(
            jsonschema.ValidationError, action.validate_parameters
        )
