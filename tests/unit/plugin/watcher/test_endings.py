# SPDX-License-Identifier: Apache-2.0

"""Who is told that nothing comes any more, though no plan tells it."""

import dataclasses

import ddt

from watcher import objects

from tests.unit.core.builders import an_instance
from tests.unit.plugin import base
from tests.unit.plugin import clouds
from tests.unit.plugin import database
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_server
from watcher_host_maintenance.cloud.settings import DEFAULT
from watcher_host_maintenance.core.model.notice import Effect
from watcher_host_maintenance.core.model.notice import HostFate
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.plugin.watcher import connections
from watcher_host_maintenance.plugin.watcher import endings
from watcher_host_maintenance.plugin.watcher import told


NODE = 'compute-1'

WENT = ('web', NODE, State.DONE, Effect.NONE)
OFF = ('web', NODE, State.CANCELLED, Effect.NONE)


class TestCase(base.TestCase):
    """An audit, and what its plans have told."""

    def setUp(self):
        super().setUp()
        self.database = self.useFixture(database.Database())
        self.nova = clouds.Cloud(self).nova
        self.audit = objects.Audit.get(
            self.database.context, self.database.audit()
        )
        self.begin_plan()

    def begin_plan(self):
        """Begin the plan that actions are written to from now on."""
        self.plan = self.database.create(
            objects.ActionPlan,
            audit_id=self.audit.id,
            strategy_id=1,
            state='SUCCEEDED',
            global_efficacy=[],
        )

    def write(self, kind, message=None, **given):
        """Write an action that is done."""
        self.database.create(
            objects.Action,
            action_plan_id=self.plan.id,
            action_type=kind,
            input_parameters=given,
            state='SUCCEEDED',
            status_message=message,
            parents=[],
        )

    def notice(self, state, audit=''):
        return Notice(
            maintenance_id=audit or self.audit.uuid,
            state=state,
            effect=Effect.LIVE,
        ).to_metadata()


@ddt.ddt
class TestEndings(TestCase):
    def tell(self, *told, source='compute-1', message=None):
        """Have the owner of web told, one state after the other."""
        given = {'source_node': source} if source else {}
        for state in told:
            self.write(
                'notify_owner',
                message,
                resource_id=uuid_of('web'),
                notice=self.notice(state),
                **given,
            )

    def ends(self, hosts=None, expected=(NODE, 'compute-9'), notified=()):
        """Name whose owners are told, and what.

        :param hosts: name -> host of the servers that were read; each has a
            notice, which is announced
        """
        instances = [
            an_instance(
                name,
                host,
                uuid=uuid_of(name),
                notice=Notice.from_metadata(self.notice(State.ANNOUNCED)),
            )
            for name, host in (hosts or {}).items()
        ]
        return [
            (server.name, source, notice.state, notice.effect)
            for server, source, notice in endings.find(
                told.last(self.audit.uuid),
                self.audit.uuid,
                instances,
                lambda: connections.connect_nova(DEFAULT),
                expected,
                notified,
            )
        ]

    def on(self, host, state=State.ANNOUNCED, **fields):
        """Let Nova have web on a host, with a notice."""
        metadata = {} if state is None else self.notice(state)
        self.nova.servers = [
            a_server('web', host) | {'metadata': metadata} | fields
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
        self.assertEqual([WENT] if expected else [], self.ends())

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
        ends = self.ends({'web': host})
        self.assertEqual([WENT] if expected else [], ends)
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
        self.assertEqual([] if effect is None else [again], self.ends())
        # As long as it is not written.
        self.tell(State.DONE)
        self.assertEqual([], self.ends())

    @ddt.data(
        {'state': State.CANCELLED},
        {'state': State.ANNOUNCED, 'audit': uuid_of('other')},
    )
    def test_other_notice(self, fields):
        self.tell(State.ANNOUNCED)
        self.nova.servers = [
            a_server('web', 'compute-2') | {'metadata': self.notice(**fields)}
        ]
        self.assertEqual([], self.ends())

    def test_deleted(self):
        self.tell(State.ANNOUNCED)
        self.assertEqual([], self.ends())

    def test_made_room(self):
        self.tell(State.MOVING, source='')
        self.nova.servers = [
            a_server('web', 'compute-2')
            | {'metadata': self.notice(State.MOVING)}
        ]
        self.assertEqual([], self.ends())

    @ddt.named_data(
        # name, told before, host and notice now, what is told
        ('there',   [State.ANNOUNCED], NODE, State.ANNOUNCED, OFF),
        ('left',    [State.ANNOUNCED], 'compute-2', State.ANNOUNCED, WENT),
        ('moving',  [State.MOVING], NODE, State.MOVING,
         (*OFF[:3], Effect.LIVE)),
        ('wiped',   [State.ANNOUNCED], NODE, None, OFF),
        ('over',    [State.DONE], 'compute-2', State.DONE, None),
        ('off',     [State.ANNOUNCED, State.CANCELLED], NODE,
         State.CANCELLED, None),
        ('unknown', [], NODE, State.ANNOUNCED, None),
    )  # fmt: skip
    @ddt.unpack
    def test_node_is_expected_no_more(self, states, host, state, expected):
        self.tell(*states)
        self.on(host, state)
        self.assertEqual(
            [] if expected is None else [expected], self.ends(expected=())
        )

    def test_no_record_but_a_notice_that_was_read(self):
        """As if a move has failed: its owner reads announced again."""
        self.tell(State.DONE)
        self.on(NODE)
        self.assertEqual([OFF], self.ends({'web': NODE}, ()))
        self.assertEqual([], self.ends({'web': NODE}))

    def test_told_anyway(self):
        self.tell(State.ANNOUNCED)
        self.on(NODE)
        self.assertEqual([], self.ends(None, (), [uuid_of('web')]))

    def test_owner_who_cannot_be_told_now(self):
        self.tell(State.ANNOUNCED)
        self.on(NODE, **{'OS-EXT-STS:vm_state': 'rescued'})
        self.assertEqual([], self.ends(expected=()))

    def test_call_off_that_was_not_written(self):
        self.tell(State.ANNOUNCED)
        self.tell(State.CANCELLED, message='The owner of web was not told.')
        self.on(NODE)
        self.assertEqual([OFF], self.ends(expected=()))


class TestNodes(TestCase):
    """Which nodes count as told."""

    def tells(self, *actions):
        """Write a plan: name of a server and state, or a node that is empty."""
        self.begin_plan()
        for name, state in actions:
            if state is None:
                self.write('verify_host_empty', resource_name=name)
            else:
                notice = dataclasses.replace(
                    Notice.from_metadata(self.notice(state)),
                    host=HostFate.RETURNS,
                )
                self.write(
                    'notify_owner',
                    resource_id=uuid_of(name),
                    source_node=NODE,
                    notice=notice.to_metadata(),
                )

    def nodes(self):
        return told.nodes(told.last(self.audit.uuid))

    def test_called_off_beside_one_that_is_over(self):
        self.tells(('web', State.ANNOUNCED), ('db', State.ANNOUNCED))
        self.assertEqual({NODE}, self.nodes())
        self.tells(('web', State.DONE))
        self.tells(('db', State.CANCELLED))
        self.assertEqual(set(), self.nodes())
        # The node is marked again.
        self.tells(('web', State.ANNOUNCED))
        self.assertEqual({NODE}, self.nodes())

    def test_emptied(self):
        self.tells(('web', State.ANNOUNCED))
        self.tells((NODE, None), ('web', State.DONE))
        self.assertEqual(set(), self.nodes())
        self.tells(('db', State.ANNOUNCED))
        self.assertEqual({NODE}, self.nodes())

    def test_not_all_have_left(self):
        self.tells(('web', State.ANNOUNCED), ('db', State.ANNOUNCED))
        self.tells((NODE, None), ('web', State.DONE))
        self.assertEqual({NODE}, self.nodes())
