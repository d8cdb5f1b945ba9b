# SPDX-License-Identifier: Apache-2.0

"""Whose server has left before its audit has moved it."""

import ddt

from watcher import objects

from tests.unit.plugin import base
from tests.unit.plugin import clouds
from tests.unit.plugin import database
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_server
from watcher_host_maintenance.cloud.settings import DEFAULT
from watcher_host_maintenance.core.model.notice import Effect
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.plugin.watcher import connections
from watcher_host_maintenance.plugin.watcher import told


WENT = ('web', 'compute-1', State.DONE, Effect.NONE)


@ddt.ddt
class TestGone(base.TestCase):
    def setUp(self):
        super().setUp()
        self.database = self.useFixture(database.Database())
        self.nova = clouds.Cloud(self).nova
        self.audit = objects.Audit.get(
            self.database.context, self.database.audit()
        )
        self.plan = self.database.create(
            objects.ActionPlan,
            audit_id=self.audit.id,
            strategy_id=1,
            state='SUCCEEDED',
            global_efficacy=[],
        )

    def notice(self, state, audit=''):
        return Notice(
            maintenance_id=audit or self.audit.uuid,
            state=state,
            effect=Effect.LIVE,
        ).to_metadata()

    def tell(self, *told, source='compute-1', message=None):
        """Have the owner of web told, one state after the other."""
        for state in told:
            self.database.create(
                objects.Action,
                action_plan_id=self.plan.id,
                action_type='notify_owner',
                input_parameters={
                    'resource_id': uuid_of('web'),
                    'notice': self.notice(state),
                    **({'source_node': source} if source else {}),
                },
                state='SUCCEEDED',
                status_message=message,
                parents=[],
            )

    def gone(self, **hosts):
        """Name who has left: compute-1 and compute-9 are to be emptied."""
        return [
            (server.name, source, notice.state, notice.effect)
            for server, source, notice in told.gone(
                told.last(self.audit.uuid),
                self.audit.uuid,
                lambda: connections.connect_nova(DEFAULT),
                {uuid_of(name): host for name, host in hosts.items()},
                ('compute-1', 'compute-9'),
            )
        ]

    @ddt.named_data(
        # name, what its owner was told, what Nova says of it, is it gone
        ('moved',    [State.ANNOUNCED], {}, True),
        ('moving',   [State.ANNOUNCED, State.MOVING], {}, True),
        ('there',    [State.ANNOUNCED],
         {'OS-EXT-SRV-ATTR:host': 'compute-1'}, False),
        ('by_us',    [State.ANNOUNCED, State.MOVING, State.DONE], {}, False),
        ('untold',   [], {}, False),
        ('wiped',    [State.ANNOUNCED], {'metadata': {}}, False),
        ('under_way', [State.ANNOUNCED],
         {'OS-EXT-STS:vm_state': 'resized'}, False),
    )  # fmt: skip
    @ddt.unpack
    def test_gone(self, states, fields, expected):
        self.tell(*states)
        self.nova.servers = [
            a_server('web', 'compute-2')
            | {'metadata': self.notice(State.ANNOUNCED)}
            | fields
        ]
        self.assertEqual([WENT] if expected else [], self.gone())

    @ddt.named_data(
        # name, host that was read, is it gone
        ('there',   'compute-1', False),
        ('next',    'compute-9', False),
        ('outside', 'compute-2', True),
    )  # fmt: skip
    @ddt.unpack
    def test_read_before(self, host, expected):
        self.tell(State.ANNOUNCED)
        self.nova.servers = [
            a_server('web', host) | {'metadata': self.notice(State.ANNOUNCED)}
        ]
        asked = len(self.nova.requests)
        gone = self.gone(web=host)
        self.assertEqual([WENT] if expected else [], gone)
        self.assertEqual(expected, len(self.nova.requests) > asked)

    @ddt.named_data(
        # name, told of the end, what its owner reads, effect to tell
        ('done',    State.DONE, State.MOVING,    Effect.LIVE),
        ('neither', State.DONE, State.ANNOUNCED, Effect.LIVE),
        ('stopped', State.LEFT, State.MOVING,    Effect.NONE),
        ('written', State.DONE, State.DONE,      None),
    )  # fmt: skip
    @ddt.unpack
    def test_end_that_was_not_written(self, end, state, effect):
        self.tell(State.MOVING)
        self.tell(end, message='The owner of web was not told: HTTP 503.')
        self.nova.servers = [
            a_server('web', 'compute-2') | {'metadata': self.notice(state)}
        ]
        again = ('web', 'compute-1', State.DONE, effect)
        self.assertEqual([] if effect is None else [again], self.gone())
        # As long as it is not written.
        self.tell(State.DONE)
        self.assertEqual([], self.gone())

    @ddt.data(
        {'state': State.CANCELLED},
        {'state': State.ANNOUNCED, 'audit': uuid_of('other')},
    )
    def test_other_notice(self, fields):
        self.tell(State.ANNOUNCED)
        self.nova.servers = [
            a_server('web', 'compute-2') | {'metadata': self.notice(**fields)}
        ]
        self.assertEqual([], self.gone())

    def test_deleted(self):
        self.tell(State.ANNOUNCED)
        self.assertEqual([], self.gone())

    def test_made_room(self):
        self.tell(State.MOVING, source='')
        self.nova.servers = [
            a_server('web', 'compute-2')
            | {'metadata': self.notice(State.MOVING)}
        ]
        self.assertEqual([], self.gone())
