# SPDX-License-Identifier: Apache-2.0

"""Tests of writing a schedule into Watcher's solution."""

import dataclasses

import ddt

from watcher.applier.loading import default as applier_loading
from watcher.decision_engine.loading import default as loading

from tests.unit.plugin import base
from tests.unit.plugin.builders import uuid_of
from watcher_host_maintenance.core.model.notice import Effect
from watcher_host_maintenance.core.model.notice import HostFate
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.core.model.plan import Await
from watcher_host_maintenance.core.model.plan import Close
from watcher_host_maintenance.core.model.plan import Disable
from watcher_host_maintenance.core.model.plan import Enable
from watcher_host_maintenance.core.model.plan import Mark
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.plan import Notify
from watcher_host_maintenance.core.model.plan import Release
from watcher_host_maintenance.core.model.plan import ReleaseKind
from watcher_host_maintenance.core.model.plan import Return
from watcher_host_maintenance.core.model.plan import Spare
from watcher_host_maintenance.core.model.plan import Start
from watcher_host_maintenance.core.model.plan import Step
from watcher_host_maintenance.core.model.plan import Stop
from watcher_host_maintenance.core.model.plan import Verify
from watcher_host_maintenance.core.model.plan import VerifyReturn
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.plugin.watcher import emit


def an_instance(name, vm_state='active'):
    return Instance(uuid_of(name), name, 'compute-1', vm_state, {})


KNOWN = Snapshot(
    tuple(
        ComputeNode(host, uuid_of(host), disabled_reason='spare')
        for host in ('compute-1', 'compute-2', 'compute-3')
    ),
    (
        an_instance('web-1'),
        an_instance('db-1', 'stopped'),
        an_instance('lab-1', 'paused'),
    ),
)

DISABLE = Disable('compute-1')
ENABLE = Enable('compute-2')
AWAIT = Await('compute-2')
AWAIT_OR = Await('compute-2', 'watcher_disabled')
STOP = Stop(
    instance_uuid=uuid_of('job-1'), instance_name='job-1', host='compute-1'
)
LIVE = Move(
    instance_uuid=uuid_of('web-1'),
    instance_name='web-1',
    kind=MoveKind.LIVE,
    host='compute-1',
    destination='compute-2',
)
COLD = Move(
    instance_uuid=uuid_of('db-1'),
    instance_name='db-1',
    kind=MoveKind.COLD,
    host='compute-1',
    destination='compute-2',
)
PAUSED = Move(
    instance_uuid=uuid_of('lab-1'),
    instance_name='lab-1',
    kind=MoveKind.LIVE,
    host='compute-1',
    destination='compute-2',
)
AFTER = (uuid_of('db-1'),)
INTO_ROOM = dataclasses.replace(LIVE, after=AFTER)
PAUSED_INTO_ROOM = dataclasses.replace(PAUSED, after=AFTER)
MARK = Mark('compute-1')
OFFLOAD = Release(
    instance_uuid=uuid_of('old-1'),
    instance_name='old-1',
    kind=ReleaseKind.OFFLOAD,
    host='compute-1',
)
CONFIRM = Release(
    instance_uuid=uuid_of('gone-1'),
    instance_name='gone-1',
    kind=ReleaseKind.CONFIRM,
    host='compute-1',
)
RETURN = Return('compute-1')
RETURN_OF_ONE_THAT_WOKE = Return(
    'compute-1', '', (Spare('compute-2', 'watcher_disabled'),)
)
START = Start(
    instance_uuid=uuid_of('web-1'), instance_name='web-1', host='compute-1'
)
START_AT_HOME = dataclasses.replace(START, home='compute-2')
STOPPED_FIRST = dataclasses.replace(COLD, stops_first=True)
STOPPED_INTO_ROOM = dataclasses.replace(STOPPED_FIRST, after=AFTER)
ANNOUNCE = Notify(
    instance_uuid=uuid_of('web-1'),
    instance_name='web-1',
    host='compute-1',
    notice=Notice(
        maintenance_id=uuid_of('audit'),
        state=State.ANNOUNCED,
        starts_s=0,
        ends_s=3600,
        answer_by_s=60,
        effect=Effect.LIVE,
        host=HostFate.RETURNS,
    ),
)
MAKES_ROOM = dataclasses.replace(
    ANNOUNCE,
    notice=Notice(maintenance_id=uuid_of('audit'), state=State.MOVING),
)
CLEAR = dataclasses.replace(
    ANNOUNCE, notice=Notice(), used_tags=('maintenance:go',)
)
CLOSE = Close('compute-2', 'watcher_disabled')
RETURNED = VerifyReturn('compute-1', '', (uuid_of('web-1'),))
LOOK = Verify('compute-1', (uuid_of('db-1'), uuid_of('web-1')))

EMITTED = {
    AWAIT: {
        'action_type': 'await_host',
        'input_parameters': {
            'resource_id': uuid_of('compute-2'),
            'resource_name': 'compute-2',
            'timeout_s': 0,
        },
    },
    AWAIT_OR: {
        'action_type': 'await_host',
        'input_parameters': {
            'resource_id': uuid_of('compute-2'),
            'resource_name': 'compute-2',
            'timeout_s': 0,
            'disable_on_failure': 'watcher_disabled',
        },
    },
    RETURN: {
        'action_type': 'return_host',
        'input_parameters': {
            'resource_id': uuid_of('compute-1'),
            'resource_name': 'compute-1',
            'timeout_s': 0,
            'expected_reason': 'spare',
            'disabled_reason': '',
        },
    },
    RETURN_OF_ONE_THAT_WOKE: {
        'action_type': 'return_host',
        'input_parameters': {
            'resource_id': uuid_of('compute-1'),
            'resource_name': 'compute-1',
            'timeout_s': 0,
            'expected_reason': 'spare',
            'disabled_reason': '',
            'woken': [
                {
                    'resource_name': 'compute-2',
                    'disabled_reason': 'watcher_disabled',
                }
            ],
        },
    },
    START_AT_HOME: {
        'action_type': 'start_server',
        'input_parameters': {
            'resource_id': uuid_of('web-1'),
            'resource_name': 'web-1',
            'source_node': 'compute-1',
            'destination_node': 'compute-2',
            'disabled_reason': '',
        },
    },
    STOPPED_FIRST: {
        'action_type': 'migrate_in_window',
        'input_parameters': {
            'resource_id': uuid_of('db-1'),
            'resource_name': 'db-1',
            'source_node': 'compute-1',
            'destination_node': 'compute-2',
            'migration_type': 'cold',
            'stops_first': True,
        },
    },
    STOPPED_INTO_ROOM: {
        'action_type': 'migrate_into_room',
        'input_parameters': {
            'resource_id': uuid_of('db-1'),
            'resource_name': 'db-1',
            'source_node': 'compute-1',
            'destination_node': 'compute-2',
            'destination_id': uuid_of('compute-2'),
            'migration_type': 'cold',
            'stops_first': True,
            'room_of': [
                {'resource_id': uuid_of('db-1'), 'resource_name': 'db-1'}
            ],
        },
    },
    START: {
        'action_type': 'start_server',
        'input_parameters': {
            'resource_id': uuid_of('web-1'),
            'resource_name': 'web-1',
            'source_node': 'compute-1',
            'disabled_reason': '',
        },
    },
    ANNOUNCE: {
        'action_type': 'notify_owner',
        'input_parameters': {
            'resource_id': uuid_of('web-1'),
            'resource_name': 'web-1',
            'source_node': 'compute-1',
            'notice': {
                'maintenance:id': uuid_of('audit'),
                'maintenance:state': 'announced',
                'maintenance:starts': '1970-01-01T00:00:00Z',
                'maintenance:ends': '1970-01-01T01:00:00Z',
                'maintenance:answer_by': '1970-01-01T00:01:00Z',
                'maintenance:effect': 'live',
                'maintenance:host': 'returns',
            },
            'used_tags': [],
        },
    },
    # Watcher keeps no null in a parameter.
    MAKES_ROOM: {
        'action_type': 'notify_owner',
        'input_parameters': {
            'resource_id': uuid_of('web-1'),
            'resource_name': 'web-1',
            'source_node': 'compute-1',
            'notice': {
                'maintenance:id': uuid_of('audit'),
                'maintenance:state': 'moving',
            },
            'used_tags': [],
        },
    },
    CLEAR: {
        'action_type': 'notify_owner',
        'input_parameters': {
            'resource_id': uuid_of('web-1'),
            'resource_name': 'web-1',
            'source_node': 'compute-1',
            'notice': {},
            'used_tags': ['maintenance:go'],
            'disabled_reason': '',
        },
    },
    CLOSE: {
        'action_type': 'disable_empty_host',
        'input_parameters': {
            'resource_id': uuid_of('compute-2'),
            'resource_name': 'compute-2',
            'disabled_reason': 'watcher_disabled',
        },
    },
    RETURNED: {
        'action_type': 'verify_host_returned',
        'input_parameters': {
            'resource_id': uuid_of('compute-1'),
            'resource_name': 'compute-1',
            'home': [uuid_of('web-1')],
            'disabled_reason': '',
        },
    },
    DISABLE: {
        'action_type': 'change_nova_service_state',
        'input_parameters': {
            'resource_id': uuid_of('compute-1'),
            'resource_name': 'compute-1',
            'state': 'disabled',
            'disabled_reason': 'watcher_maintaining',
        },
    },
    ENABLE: {
        'action_type': 'change_nova_service_state',
        'input_parameters': {
            'resource_id': uuid_of('compute-2'),
            'resource_name': 'compute-2',
            'state': 'enabled',
        },
    },
    STOP: {
        'action_type': 'stop',
        'input_parameters': {'resource_id': uuid_of('job-1')},
    },
    LIVE: {
        'action_type': 'migrate',
        'input_parameters': {
            'resource_id': uuid_of('web-1'),
            'resource_name': 'web-1',
            'migration_type': 'live',
            'source_node': 'compute-1',
            'destination_node': 'compute-2',
        },
    },
    COLD: {
        'action_type': 'migrate',
        'input_parameters': {
            'resource_id': uuid_of('db-1'),
            'resource_name': 'db-1',
            'migration_type': 'cold',
            'source_node': 'compute-1',
            'destination_node': 'compute-2',
        },
    },
    PAUSED: {
        'action_type': 'live_migrate_paused',
        'input_parameters': {
            'resource_id': uuid_of('lab-1'),
            'resource_name': 'lab-1',
            'source_node': 'compute-1',
            'destination_node': 'compute-2',
        },
    },
    INTO_ROOM: {
        'action_type': 'migrate_into_room',
        'input_parameters': {
            'resource_id': uuid_of('web-1'),
            'resource_name': 'web-1',
            'migration_type': 'live',
            'source_node': 'compute-1',
            'destination_node': 'compute-2',
            'destination_id': uuid_of('compute-2'),
            'room_of': [
                {'resource_id': uuid_of('db-1'), 'resource_name': 'db-1'}
            ],
        },
    },
    PAUSED_INTO_ROOM: {
        'action_type': 'live_migrate_paused',
        'input_parameters': {
            'resource_id': uuid_of('lab-1'),
            'resource_name': 'lab-1',
            'source_node': 'compute-1',
            'destination_node': 'compute-2',
            'destination_id': uuid_of('compute-2'),
            'room_of': [
                {'resource_id': uuid_of('db-1'), 'resource_name': 'db-1'}
            ],
        },
    },
    MARK: {
        'action_type': 'change_disabled_reason',
        'input_parameters': {
            'resource_id': uuid_of('compute-1'),
            'resource_name': 'compute-1',
            'disabled_reason': 'watcher_maintaining',
            'expected_reason': 'spare',
        },
    },
    OFFLOAD: {
        'action_type': 'shelve_offload',
        'input_parameters': {
            'resource_id': uuid_of('old-1'),
            'resource_name': 'old-1',
            'source_node': 'compute-1',
        },
    },
    CONFIRM: {
        'action_type': 'confirm_migration',
        'input_parameters': {
            'resource_id': uuid_of('gone-1'),
            'resource_name': 'gone-1',
            'source_node': 'compute-1',
        },
    },
    LOOK: {
        'action_type': 'verify_host_empty',
        'input_parameters': {
            'resource_id': uuid_of('compute-1'),
            'resource_name': 'compute-1',
            'remaining': [uuid_of('db-1'), uuid_of('web-1')],
        },
    },
}


TICKET = 'watcher_maintaining: ticket 4711'


def a_schedule(*actions):
    return tuple(Step(f'step {n}', a) for n, a in enumerate(actions))


@ddt.ddt
class TestEmit(base.TestCase):
    def emitted(self, *actions):
        """What Watcher's own strategies would write of an action."""
        return [
            {
                'action_type': action['action_type'],
                'input_parameters': action['input_parameters'],
            }
            for action in self.solution(a_schedule(*actions)).actions
        ]

    def solution(self, steps, **more):
        strategy = loading.DefaultStrategyLoader().load(names.STRATEGY)
        emit.emit(steps, KNOWN, strategy.solution, **more)
        return strategy.solution

    def test_window(self):
        steps = a_schedule(DISABLE, MARK, STOP, LIVE, PAUSED, OFFLOAD, LOOK)
        limits = {step.key: 60 * n for n, step in enumerate(steps[:-1])}
        solution = self.solution(steps, begin_by=limits)
        actions = [a['action_type'] for a in solution.actions]
        parameters = [a['input_parameters'] for a in solution.actions]
        self.assertEqual(
            [
                'change_service_in_window',
                'change_disabled_reason',
                'stop_in_window',
                'migrate_in_window',
                'live_migrate_paused',
                'shelve_offload',
                'verify_host_empty',
            ],
            actions,
        )
        self.assertEqual(
            [f'1970-01-01T00:0{n}:00Z' for n in range(6)],
            [given['begin_by'] for given in parameters[:-1]],
        )
        self.assertEqual('job-1', parameters[2]['resource_name'])
        self.assertEqual(
            [
                {
                    'resource_id': uuid_of(name),
                    'begin_by': f'1970-01-01T00:0{n}:00Z',
                }
                for name, n in (('web-1', 3), ('lab-1', 4), ('old-1', 5))
            ],
            parameters[-1]['late'],
        )
        for kind, given in zip(actions, parameters, strict=True):
            action = applier_loading.DefaultActionLoader().load(kind)
            action.input_parameters = given
            self.assertTrue(action.validate_parameters())

    def test_what_is_stopped_first_is_late_with_its_stop(self):
        stop = Stop(
            instance_uuid=uuid_of('db-1'),
            instance_name='db-1',
            host='compute-1',
        )
        steps = a_schedule(stop, STOPPED_FIRST, LOOK)
        limits = {step.key: 60 * n for n, step in enumerate(steps[:-1])}
        look = self.solution(steps, begin_by=limits).actions[-1]
        self.assertEqual(
            [
                {
                    'resource_id': uuid_of('db-1'),
                    'begin_by': '1970-01-01T00:00:00Z',
                }
            ],
            look['input_parameters']['late'],
        )

    def test_reason(self):
        steps = a_schedule(
            DISABLE, MARK, Verify('compute-1', (), True), Verify('compute-2')
        )
        strategy = loading.DefaultStrategyLoader().load(names.STRATEGY)
        emit.emit(steps, KNOWN, strategy.solution, TICKET)
        reasons = [
            action['input_parameters'].get('disabled_reason')
            for action in strategy.solution.actions
        ]
        self.assertEqual([TICKET, TICKET, TICKET, None], reasons)
        look = strategy.solution.actions[2]
        loaded = applier_loading.DefaultActionLoader().load(
            look['action_type']
        )
        loaded.input_parameters = look['input_parameters']
        self.assertTrue(loaded.validate_parameters())

    def test_what_a_look_gives_back(self):
        spares = (Spare('compute-2', 'watcher_disabled'),)
        look = Verify('compute-1', (), True, spares, True)
        (action,) = self.emitted(look)
        self.assertEqual(
            {
                'resource_id': uuid_of('compute-1'),
                'resource_name': 'compute-1',
                'remaining': [],
                'enable_on_failure': True,
                'disable_on_failure': [
                    {
                        'resource_name': 'compute-2',
                        'disabled_reason': 'watcher_disabled',
                    }
                ],
            },
            action['input_parameters'],
        )
        loaded = applier_loading.DefaultActionLoader().load(
            action['action_type']
        )
        loaded.input_parameters = action['input_parameters']
        self.assertTrue(loaded.validate_parameters())

    def test_whose_room_the_servers_of_a_node_need(self):
        """Also those that make room for them; not what needs none."""
        maker = dataclasses.replace(
            COLD, host='compute-2', after=(PAUSED.instance_uuid,)
        )
        *_moves, look, other = self.emitted(
            PAUSED, maker, INTO_ROOM, Verify('compute-1'), Verify('compute-3')
        )
        self.assertEqual(
            [
                (uuid_of('db-1'), 'compute-2', ['lab-1']),
                (uuid_of('web-1'), 'compute-2', ['db-1']),
            ],
            [
                (
                    wait['resource_id'],
                    wait['destination_node'],
                    [maker['resource_name'] for maker in wait['room_of']],
                )
                for wait in look['input_parameters']['waiting']
            ],
        )
        self.assertNotIn('waiting', other['input_parameters'])
        loaded = applier_loading.DefaultActionLoader().load(
            look['action_type']
        )
        loaded.input_parameters = look['input_parameters']
        self.assertTrue(loaded.validate_parameters())

    @ddt.named_data(
        # name, steps
        ('nothing',    ()),
        ('disable',    (DISABLE,)),
        ('enable',     (ENABLE,)),
        ('stop',       (STOP,)),
        ('live',       (LIVE,)),
        ('cold',       (COLD,)),
        ('look',       (LOOK,)),
        ('paused',     (PAUSED,)),
        ('into_room',  (INTO_ROOM, PAUSED_INTO_ROOM)),
        ('mark',       (MARK,)),
        ('offload',    (OFFLOAD,)),
        ('confirm',    (CONFIRM,)),
        ('return',     (RETURN, START, CLEAR, CLOSE, RETURNED)),
        ('told',       (ANNOUNCE, MAKES_ROOM)),
        ('all',        (DISABLE, MARK, ENABLE, STOP, OFFLOAD, CONFIRM, LIVE,
                        PAUSED, COLD, LOOK)),
        ('backwards',  (LOOK, COLD, LIVE, STOP, ENABLE, DISABLE)),
    )  # fmt: skip
    def test_actions(self, steps):
        # In this order, one for each step, none dropped as a duplicate.
        self.assertEqual([EMITTED[s] for s in steps], self.emitted(*steps))

    def test_fresh_parameters(self):
        # Watcher writes the resource ID into the dict that it is given.
        actions = self.emitted(STOP, LIVE, COLD, DISABLE, ENABLE)
        actions += self.emitted(STOP, LIVE, COLD, DISABLE, ENABLE)
        self.assertEqual(
            10, len({id(action['input_parameters']) for action in actions})
        )

    def test_order(self):
        steps = (
            Step('disable', DISABLE),
            Step('enable', ENABLE),
            Step('web', LIVE, ('disable', 'enable')),
            Step('db', COLD, ('enable',)),
            Step('look', LOOK, ('web', 'db')),
        )
        self.assertEqual(
            [[], [], [0, 1], [1], [2, 3]],
            [a['parents'] for a in self.solution(steps).actions],
        )

    def test_equal_actions(self):
        # Watcher drops the second of two that are equal.
        self.assertEqual(2, len(self.emitted(STOP, STOP)))

    @ddt.data(
        DISABLE, MARK, ENABLE, STOP, OFFLOAD, CONFIRM, LIVE, PAUSED, COLD,
        LOOK, ANNOUNCE, MAKES_ROOM,
    )  # fmt: skip
    def test_action_takes_it(self, step):
        (emitted,) = self.emitted(step)
        action = applier_loading.DefaultActionLoader().load(
            emitted['action_type']
        )
        action.input_parameters = emitted['input_parameters']
        self.assertTrue(action.validate_parameters())
