# SPDX-License-Identifier: Apache-2.0

"""Tests of what is in the way of a maintenance."""

import dataclasses

import ddt

from tests.unit.plugin import base
from tests.unit.plugin.contents import WEB
from tests.unit.plugin.contents import a_move
from tests.unit.plugin.contents import a_server
from tests.unit.plugin.contents import contents
from watcher_host_maintenance.cloud.errors import CALL_FAILED
from watcher_host_maintenance.cloud.errors import CALL_REFUSED
from watcher_host_maintenance.cloud.errors import CREDENTIAL_REFUSED
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.rules import leaving
from watcher_host_maintenance.core.rules import stuck
from watcher_host_maintenance.core.telling import words
from watcher_host_maintenance.plugin.actions.emptiness import node_obstacles
from watcher_host_maintenance.plugin.actions.emptiness.node_obstacles import (
    HOLDS_DISK,
)
from watcher_host_maintenance.plugin.actions.emptiness.node_obstacles import (
    NO_SERVICE,
)
from watcher_host_maintenance.plugin.actions.emptiness.node_obstacles import (
    NOT_CONFIRMED,
)
from watcher_host_maintenance.plugin.actions.emptiness.node_obstacles import (
    NOT_ENDED,
)
from watcher_host_maintenance.plugin.actions.emptiness.node_obstacles import (
    ON_HYPERVISOR,
)
from watcher_host_maintenance.plugin.actions.emptiness.node_obstacles import (
    REMAINS,
)
from watcher_host_maintenance.plugin.actions.emptiness.node_obstacles import (
    REMAINS_ALIVE,
)
from watcher_host_maintenance.plugin.actions.emptiness.node_obstacles import (
    REMAINS_PAUSED,
)
from watcher_host_maintenance.plugin.actions.emptiness.node_obstacles import (
    RESIZE_NOT_CONFIRMED,
)
from watcher_host_maintenance.plugin.actions.emptiness.node_obstacles import (
    SERVICE_ENABLED,
)


PATIENCE = {
    node_obstacles.AT_ONCE: '',
    node_obstacles.SETTLING: 's',
    node_obstacles.FOR_EVER: 'm',
}

PROVIDER = '9cd86f5a-3b6e-4d4f-8d4f-0e5b7a1c2d3e'
AWAY = dataclasses.replace(a_server('away'), host='compute-2')

OF_WEB = frozenset({WEB.uuid})
ALIVE = REMAINS_ALIVE.about('web', power_state='running', uuid=WEB.uuid)


def a_move_of_web(
    reason, kind, status, source='compute-1', destination='compute-2'
):
    return reason.about(
        'web',
        kind=kind,
        status=status,
        source=source,
        destination=destination,
    )


def left_allocation(name, home):
    return leaving.left_allocation(name, home, 'compute-1', PROVIDER)


#: name, what is there, consumers, what remains, expected finding and: m(oving),
#: s(ettling)
CASES = (
    ('ready', contents(), (), (), []),
    (
        'enabled',
        contents('enabled'),
        (),
        (),
        [(SERVICE_ENABLED.about(), '')],
    ),
    (
        'no_service',
        contents(''),
        (),
        (),
        [(NO_SERVICE.about(), '')],
    ),
    (
        'a_server',
        contents(servers=(WEB,), on_hypervisor={WEB.uuid: 'web'}),
        (WEB.uuid,),
        (),
        [(REMAINS.about('web', states=('active',)), '')],
    ),
    (
        'in_error_and_running',
        contents(servers=(a_server(vm_state='error'),), after_live=OF_WEB),
        (),
        (),
        [(ALIVE, '')],
    ),
    (
        'in_error_and_perhaps_running',
        contents(servers=(a_server(vm_state='error'),)),
        (),
        (),
        [(REMAINS.about('web', states=('error', 'running')), '')],
    ),
    (
        'in_error_and_paused',
        contents(
            servers=(a_server('web', 'error', '', 'paused'),),
            after_live=OF_WEB,
        ),
        (),
        (),
        [
            (
                REMAINS_PAUSED.about(
                    'web', power_state='paused', uuid=WEB.uuid
                ),
                '',
            )
        ],
    ),
    (
        'in_error_and_busy',
        contents(
            servers=(a_server('web', 'error', 'migrating'),),
            after_live=OF_WEB,
        ),
        (),
        (),
        [(ALIVE, 'm')],
    ),
    (
        'in_error_and_stopped',
        contents(servers=(a_server('web', 'error', '', 'shutdown'),)),
        (),
        (),
        [(REMAINS.about('web', states=('error',)), '')],
    ),
    (
        'meant_to_stay',
        contents(servers=(WEB,), on_hypervisor={WEB.uuid: 'web'}),
        (WEB.uuid,),
        (WEB.uuid,),
        [],
    ),
    ('meant_to_stay_and_gone', contents(), (), (WEB.uuid,), []),
    (
        'one_of_two',
        contents(servers=(WEB, a_server('api', 'paused'))),
        (),
        (WEB.uuid,),
        [(REMAINS.about('api', states=('paused',)), '')],
    ),
    (
        'busy',
        contents(servers=(a_server(task_state='rebooting'),)),
        (),
        (),
        [(REMAINS.about('web', states=('active', 'rebooting')), 'm')],
    ),
    (
        'leaving',
        contents(servers=(WEB,), moves=(a_move(),)),
        (),
        (),
        [(REMAINS.about('web', states=('active', 'migrating')), 'm')],
    ),
    (
        'being_built',
        contents(servers=(a_server(vm_state='building'),)),
        (),
        (),
        [(REMAINS.about('web', states=('building',)), 'm')],
    ),
    (
        'soft_deleted',
        contents(servers=(a_server(vm_state='soft-delete'),)),
        (),
        (),
        [(HOLDS_DISK.about('web'), '')],
    ),
    (
        'on_the_hypervisor_only',
        contents(on_hypervisor={'uuid-x': 'x'}),
        (),
        (),
        [(ON_HYPERVISOR.about('x'), 's')],
    ),
    (
        'unconfirmed',
        contents(moves=(a_move(status='finished', kind='migration'),)),
        ('move-web',),
        (),
        [(a_move_of_web(NOT_CONFIRMED, 'migration', 'finished'), '')],
    ),
    (
        'resized',
        contents(moves=(a_move(status='finished', kind='resize'),)),
        ('move-web',),
        (),
        [(a_move_of_web(RESIZE_NOT_CONFIRMED, 'resize', 'finished'), '')],
    ),
    (
        'unconfirmed_and_left_so',
        contents(moves=(a_move(status='finished', kind='resize'),)),
        ('move-web',),
        (WEB.uuid,),
        [],
    ),
    (
        'just_left',
        contents(moves=(a_move(status='post-migrating'),)),
        (),
        (),
        [
            (
                a_move_of_web(NOT_ENDED, 'live-migration', 'post-migrating'),
                'm',
            )
        ],
    ),
    (
        'arriving',
        contents(moves=(a_move(source='compute-2', destination='compute-1'),)),
        ('uuid-web',),
        (),
        [
            (
                a_move_of_web(
                    NOT_ENDED,
                    'live-migration',
                    'running',
                    source='compute-2',
                    destination='compute-1',
                ),
                'm',
            )
        ],
    ),
    (
        'allocation_of_no_server',
        contents(),
        ('uuid-x',),
        (),
        [(left_allocation('uuid-x', None), 's')],
    ),
    (
        'allocation_of_a_server_elsewhere',
        contents(),
        (AWAY.uuid,),
        (),
        [(left_allocation('away', 'compute-2'), 's')],
    ),
    (
        'allocation_that_remains',
        contents(),
        (AWAY.uuid,),
        (AWAY.uuid,),
        [],
    ),
    (
        'all',
        contents('enabled', servers=(WEB,)),
        ('c',),
        (),
        [
            (SERVICE_ENABLED.about(), ''),
            (REMAINS.about('web', states=('active',)), ''),
            (left_allocation('c', None), 's'),
        ],
    ),
)


@ddt.ddt
class TestObstacles(base.TestCase):
    @ddt.named_data(*CASES)
    @ddt.unpack
    def test_obstacles(self, there, consumers, remaining, expected):
        remaining = frozenset(remaining)
        left = {
            uuid: AWAY if uuid == AWAY.uuid else None
            for uuid in node_obstacles.strangers(there, consumers, remaining)
        }
        obstacles = node_obstacles.obstacles(
            there, remaining, left, dict.fromkeys(consumers, PROVIDER)
        )
        self.assertEqual(
            expected,
            [(o.finding, PATIENCE[o.patience]) for o in obstacles],
        )

    @ddt.named_data(
        # name, server, kind of a move that waits, hours without a change,
        # reason whose help is told
        ('active',     a_server(),                      '',      0, REMAINS),
        ('shelved',    a_server('web', 'shelved'),      '',      0, REMAINS),
        ('suspended',  a_server('web', 'suspended'),    '',      0,
         leaving.SUSPENDED),
        ('rescued',    a_server('web', 'rescued'),      '',      0,
         leaving.RESCUED),
        ('resized',    a_server('web', 'resized'),      'resize', 0,
         leaving.RESIZED),
        ('by_admin',   a_server('web', 'resized'),   'migration', 0,
         leaving.NOT_CONFIRMED_HERE),
        ('crashed',    a_server('web', 'active', '', 'crashed'), '', 0,
         leaving.POWER_STATE),
        ('error',      a_server('web', 'error', '', ''), '',     0,
         leaving.ERROR),
        ('last_seen',  a_server('web', 'error'),        '',      0,
         leaving.ERROR_LAST_RUNNING),
        ('building',   a_server('web', 'building'),     '',      0,
         leaving.BUILDING),
        ('never_built', a_server('web', 'building'),    '',      1,
         stuck.STUCK_BUILDING),
        ('busy',       a_server('web', 'active', 'rebooting'), '', 0,
         leaving.BUSY),
        ('stuck',      a_server('web', 'active', 'rebooting'), '', 1,
         stuck.STUCK_BOOTING),
    )  # fmt: skip
    @ddt.unpack
    def test_what_helps_depends_on_what_remains(
        self, server, kind, hours, expected
    ):
        moves = ()
        if kind:
            move, _server = a_move(
                status='finished',
                kind=kind,
                source='compute-2',
                destination='compute-1',
            )
            moves = ((move, server),)
        there = contents(
            servers=(server,), moves=moves, idle_s={server.uuid: hours * 3600}
        )
        [obstacle] = node_obstacles.obstacles(there, frozenset(), {}, {})
        self.assertIs(REMAINS, obstacle.finding.reason)
        told = obstacle.cure or obstacle.finding
        self.assertIs(expected, told.reason)
        self.assertEqual(words.help_for(told), obstacle.helps)

    @ddt.named_data(
        # name, move, its server, expected
        ('arriving', a_move(source='compute-2', destination='compute-1')[0],
         a_server('web', 'active', 'migrating'), 'stuck_running'),
        ('confirming', a_move(status='finished', kind='resize')[0],
         a_server('web', 'resized', 'resize_confirming'), 'stuck_kept'),
    )  # fmt: skip
    @ddt.unpack
    def test_move_that_is_stuck(self, move, server, expected):
        there = contents(
            moves=((move, dataclasses.replace(server, host='compute-2')),),
            idle_s={server.uuid: 3600},
        )
        [obstacle] = node_obstacles.obstacles(there, frozenset(), {}, {})
        self.assertEqual(expected, obstacle.finding.reason.value)
        self.assertEqual('compute-2', obstacle.finding.facts['host'])

    def test_only_a_server_has_a_reason(self):
        there = contents(
            'enabled', servers=(WEB, a_server('old', 'soft-delete'))
        )
        obstacles = node_obstacles.obstacles(there, frozenset(), {}, {})
        self.assertEqual(['', WEB.uuid, ''], [o.server for o in obstacles])


@ddt.ddt
class TestUnknown(base.TestCase):
    @ddt.named_data(
        # name, why there was no answer, m(oving) or s(ettling)
        ('away',          CALL_FAILED,        'm'),
        ('no_credential', CREDENTIAL_REFUSED, 's'),
        ('no_right',      CALL_REFUSED,       's'),
    )  # fmt: skip
    @ddt.unpack
    def test_unknown(self, reason, expected):
        facts = {'service': 'Nova', 'call': 'GET /', 'error': 'No (HTTP 1)'}
        found = node_obstacles.unknown(
            NotPlanned(Finding(reason, facts=facts))
        )
        self.assertIn('No (HTTP 1)', found.text)
        self.assertEqual(expected, PATIENCE[found.patience])


@ddt.ddt
class TestAreFinal(base.TestCase):
    @ddt.named_data(
        # name, what each obstacle is: m(oving), s(ettling) or - for neither,
        # polls that have found them, whether they are final
        ('solid',            '-',  1,  True),
        ('moving',           'm',  99, False),
        ('settling',         's',  11, False),
        ('settled',          's',  12, True),
        ('beside_moving',    '-m', 1,  True),
        ('beside_settling',  '-s', 11, False),
        ('beside_settled',   '-s', 12, True),
        ('settled_moving',   'sm', 12, True),
        ('settling_moving',  'sm', 11, False),
    )  # fmt: skip
    @ddt.unpack
    def test_are_final(self, kinds, polls, expected):
        patience = {kind or '-': p for p, kind in PATIENCE.items()}
        obstacles = [
            node_obstacles.Obstacle(Finding(REMAINS, 'web'), patience[kind])
            for kind in kinds
        ]
        self.assertIs(expected, node_obstacles.are_final(obstacles, polls))
