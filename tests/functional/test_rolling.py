# SPDX-License-Identifier: Apache-2.0

"""Every host of a cloud is maintained, one or two at a time."""

import datetime
import pathlib

import fixtures

from tests.functional import base
from tests.functional import placement
from tests.functional import plans
from watcher_host_maintenance.core.model import nova
from watcher_host_maintenance.core.model.times import parse_time


STRATEGY = 'cluster_rolling_maintenance'

#: Seconds that owners have before a wave.
PERIOD_S = 6

#: Seconds for a whole maintenance, on a busy machine.
PATIENCE_S = 600

DONE = 'watcher_maintained'

#: Actions that change or look at a service and at no server.
SERVICES = (
    'change_nova_service_state',
    'return_host',
    'verify_host_empty',
    'verify_host_returned',
)


class RollingTestCase(base.CloudTestCase):
    """An operator works on each node as soon as it is ready."""

    def start_with(self, hosts, servers, **options):
        self.start(
            hosts=hosts,
            servers=servers,
            nova_options=base.REPORTS,
            watcher_options={
                'watcher_strategies.cluster_host_return': {
                    'return_wait_s': 60
                },
                'watcher_strategies.cluster_rolling_maintenance': options,
            },
        )
        self.out, self.worked_on = [], []

    def roll(self, **parameters):
        """Run a CONTINUOUS audit until it has ended itself; return it."""
        return self.ended(self.begin(**parameters))

    def begin(self, **parameters):
        """Create a CONTINUOUS audit."""
        return self.cloud.create_audit(
            STRATEGY,
            STRATEGY,
            parameters,
            None,
            audit_type='CONTINUOUS',
            interval='5',
            auto_trigger=True,
        )

    def ended(self, audit):
        """Work until an audit has ended itself; return it."""

        def state():
            self.work()
            return self.cloud.audit(audit['uuid'])['state']

        self.assertEventually('SUCCEEDED', state, PATIENCE_S)
        return self.cloud.audit(audit['uuid'])

    def work(self):
        """Do the work on each node that is ready, and say so in Nova."""
        services = self.cloud.services()
        self.out.append(
            sum(service[0] == 'disabled' for service in services.values())
        )
        closed = {h for h, s in services.items() if s == base.MAINTAINED}
        # A list of servers is dear: only where it tells something.
        full = self.hosts_in_use() if closed else set()
        for host in sorted(closed - full):
            self.disable(host, DONE)
            self.worked_on.append(host)

    def hosts_in_use(self):
        """Return the hosts that servers are on."""
        return {server.host for server in self.cloud.servers().values()}


class TestRolling(RollingTestCase):
    def test_each_server_moves_once(self):
        names = [f'compute-{n}' for n in range(1, 5)]
        self.start_with(
            dict.fromkeys(names, base.a_host(vcpus=3)),
            {f'web{n}': base.on(f'compute-{n}', count=2) for n in (1, 2, 3)},
        )
        dry = self.cloud.run_audit(
            STRATEGY, STRATEGY, {'maintenance_nodes': names}
        )
        self.assertEqual(
            (
                'SUCCEEDED',
                '4 of 4 nodes can be maintained in 4 waves with 6 moves (at '
                'least 6 are needed).',
            ),
            (dry['state'], dry['status_message']),
        )
        self.assertEqual({}, plans.moves(self.cloud, dry))
        self.assertEqual({*names}, {*self.cloud.services()})

        audit = self.roll(maintenance_nodes=names)
        self.assertEqual(
            '4 of 4 nodes maintained, 6 moves (at least 6 were needed).',
            audit['status_message'],
        )
        self.assertCountEqual(names, self.worked_on)
        self.assertEqual(
            dict.fromkeys(self.cloud.servers(), 1),
            plans.moves(self.cloud, audit),
        )
        self.assertEqual(1, max(self.out))
        self.assertEqual(
            dict.fromkeys(names, base.ENABLED), self.cloud.services()
        )
        self.assertPlacementTrue()

    def test_owners_have_their_time(self):
        """compute-2 is empty, so its wave tells no owner."""
        names = ['compute-1', 'compute-2']
        self.start_with(
            dict.fromkeys(names, base.a_host()),
            {'web': base.on('compute-1'), 'db': base.on('compute-1')},
        )
        [db] = self.cloud.nova.servers.list(search_opts={'name': 'db'})
        self.cloud.nova.servers.add_tag(db.id, 'maintenance:cold')
        audit = self.roll(
            maintenance_nodes=names,
            owners='obey',
            notice_period=PERIOD_S,
            close='now',
            ends='2999-01-01T00:00Z',
        )
        self.assertEqual(
            '2 of 2 nodes maintained, 2 moves (at least 2 were needed).',
            audit['status_message'],
        )
        self.assertEqual(['compute-2', 'compute-1'], self.worked_on)
        told, moving, kinds = {}, {}, {}
        for plan in self.cloud.action_plans(audit):
            for action in self.cloud.actions(plan):
                given = action['input_parameters']
                name = given.get('resource_name')
                if state := given.get('notice', {}).get('maintenance:state'):
                    times = told if state == 'announced' else moving
                    times.setdefault(name, times_of(action, given['notice']))
                elif action['action_type'] == 'migrate_in_window':
                    kinds[name] = given['migration_type']
        self.assertEqual({'web': 'live', 'db': 'cold'}, kinds)
        self.assertEqual(told.keys(), moving.keys())
        for name, (ended_s, starts_s) in told.items():
            began_s, _starts_s = moving[name]
            self.assertLessEqual(ended_s + PERIOD_S, began_s)
            self.assertLessEqual(starts_s, began_s)
        # The node was closed by the plan that told them.
        [closing] = [
            {a['action_type'] for a in actions}
            for actions in map(
                self.cloud.actions, self.cloud.action_plans(audit)
            )
            if any(
                a['action_type'] == 'change_service_in_window'
                and a['input_parameters']['resource_name'] == 'compute-1'
                for a in actions
            )
        ]
        self.assertIn('notify_owner', closing)
        self.assertNotIn('migrate_in_window', closing)


def times_of(action, notice):
    """When an action has ended, and the begin that its notice promises."""
    ended_at = datetime.datetime.fromisoformat(action['updated_at'])
    starts = notice['maintenance:starts']
    return ended_at.timestamp(), parse_time(starts)


class TestCanary(RollingTestCase):
    """compute-3 is empty, and compute-2 is the lightest of the others."""

    def setUp(self):
        super().setUp()
        self.names = [f'compute-{n}' for n in range(1, 4)]
        self.start_with(
            dict.fromkeys(self.names, base.a_host(vcpus=4)),
            {'web': base.on('compute-1', count=2), 'db': base.on('compute-2')},
        )

    def waves(self, audit):
        """Return the moves of each plan that has any, oldest plan first."""
        summaries = [
            plans.summary(self.cloud.actions(plan))
            for plan in sorted(
                self.cloud.action_plans(audit), key=lambda p: p['created_at']
            )
        ]
        moves = [
            (
                [a[1] for a in actions],
                [a for a in actions if a[1] == 'migrate'],
            )
            for actions in summaries
        ]
        return [(kinds, found) for kinds, found in moves if found]

    def test_one_server_goes_first(self):
        audit = self.roll(maintenance_nodes=self.names, canary=True)
        self.assertEqual(
            '3 of 3 nodes maintained, 3 moves (at least 3 were needed).',
            audit['status_message'],
        )
        waves = self.waves(audit)
        self.assertEqual(
            [
                [('SUCCEEDED', 'migrate', 'db', 'compute-3')],
                [('SUCCEEDED', 'migrate', 'web-1', 'compute-2')],
            ],
            [[m[:4] for m in moves] for kinds, moves in waves[:2]],
        )
        self.assertEqual([['migrate']] * 2, [kinds for kinds, _m in waves[:2]])
        self.assertEqual(
            dict.fromkeys(self.cloud.servers(), 1),
            plans.moves(self.cloud, audit),
        )
        self.assertCountEqual(self.names, self.worked_on)
        self.assertEqual(1, max(self.out))
        self.assertPlacementTrue()

    def test_no_server_arrives(self):
        for name in self.cloud.servers():
            self.cloud.faults.fail(name)
        audit = self.begin(maintenance_nodes=self.names, canary=True)
        held = (
            'No other node is begun: compute-3 came back, but no server runs '
            'there after 2 moves to it'
        )
        self.assertEventually(
            True,
            lambda: self.works_until(
                audit, 'db is in ERROR, but its guest is running'
            ),
            PATIENCE_S,
        )
        self.recover('db')
        self.assertEventually(
            True, lambda: self.works_until(audit, held), PATIENCE_S
        )
        self.assertEqual(['compute-3'], self.worked_on)
        self.assertEqual(
            dict.fromkeys(self.names, base.ENABLED), self.cloud.services()
        )
        self.assertEqual(2, len(self.waves(audit)))

        # The operator finds the cause, and moves one by hand.
        self.cloud.faults.clear()
        self.recover('db')
        server = self.cloud.nova.servers.find(name='db')
        server.live_migrate(host='compute-3', block_migration='auto')
        self.assertEqual(
            '3 of 3 nodes maintained, 2 moves (at least 3 were needed).',
            self.ended(audit)['status_message'],
        )
        self.assertEqual('compute-3', self.cloud.servers()['db'].host)

    def works_until(self, audit, text):
        """Work, and return True if the audit says so."""
        self.work()
        told = self.cloud.audit(audit['uuid'])['status_message'] or ''
        return text in told


CROWDED_HOSTS = {
    'compute-1': base.a_host(memory_mb=10240),
    'compute-2': base.a_host(memory_mb=10240),
    'compute-3': base.a_host(memory_mb=4096),
    'compute-4': base.a_host(memory_mb=8192),
}
CROWDED_SERVERS = {
    'big': base.on('compute-1', 'medium', state='SHUTOFF'),
    'web': base.on('compute-1'),
    'cache': base.on('compute-2', state='PAUSED'),
    'idle': base.on('compute-2', state='SHUTOFF'),
    'db': base.on('compute-4', 'medium'),
}


class TestMakingRoom(RollingTestCase):
    """``big`` needs the room of ``cache``; ``db`` goes to its node after it."""

    def test_servers_of_other_nodes_move_first(self):
        names = ['compute-1', 'compute-4']
        self.start_with(CROWDED_HOSTS, CROWDED_SERVERS)
        refused = self.cloud.run_audit(
            STRATEGY, STRATEGY, {'maintenance_nodes': names}
        )
        self.assertEqual('FAILED', refused['state'])
        asked = {'maintenance_nodes': names, 'max_secondary_moves': 1}
        dry = self.cloud.run_audit(STRATEGY, STRATEGY, asked)
        self.assertEqual(
            '2 of 2 nodes can be maintained in 2 waves with 4 moves (at '
            'least 3 are needed). Moves of servers of other nodes to make '
            'room: 1.',
            dry['status_message'],
        )
        audit = self.roll(**asked)
        self.assertEqual(
            '2 of 2 nodes maintained, 4 moves (at least 3 were needed).',
            audit['status_message'],
        )
        self.assertEqual(names, self.worked_on)
        self.assertEqual(1, max(self.out))
        [first, *_others] = self.cloud.action_plans(audit)
        measured = plans.indicators(first)
        self.assertEqual(
            (4, 1, 3),
            (
                measured['planned_moves_count'],
                measured['secondary_moves_count'],
                measured['instances_count'],
            ),
        )
        waves = [
            [action for action in summary if action[1] not in SERVICES]
            for plan in self.cloud.action_plans(audit)
            for summary in [plans.summary(self.cloud.actions(plan))]
        ]
        self.assertEqual(
            [
                [
                    ('SUCCEEDED', 'live_migrate_paused', 'cache', 'compute-3'),
                    ('SUCCEEDED', 'migrate', 'web', 'compute-3'),
                    ('SUCCEEDED', 'migrate_into_room', 'big', 'compute-2'),
                ],
                [('SUCCEEDED', 'migrate', 'db', 'compute-1')],
            ],
            [sorted(a[:4] for a in wave) for wave in waves if wave],
        )
        self.assertEqual(
            {
                'big': ('SHUTOFF', 'compute-2'),
                'web': ('ACTIVE', 'compute-3'),
                'cache': ('PAUSED', 'compute-3'),
                'idle': ('SHUTOFF', 'compute-2'),
                'db': ('ACTIVE', 'compute-1'),
            },
            self.cloud.servers(),
        )
        statuses = {m.status for m in self.cloud.nova.migrations.list()}
        self.assertEqual(set(), statuses - {'completed', 'confirmed'})
        self.assertEqual(
            dict.fromkeys(CROWDED_HOSTS, base.ENABLED), self.cloud.services()
        )
        self.assertPlacementTrue()


class TestPlacementRefuses(RollingTestCase):
    """Placement is asked about each move as nova-scheduler will ask."""

    def test_destination_that_looks_best(self):
        names = [f'compute-{n}' for n in range(1, 4)]
        self.start_with(
            dict.fromkeys(names, base.HOST),
            {
                'web': base.on('compute-1'),
                'old': base.on('compute-3', 'large'),
            },
        )
        placement.change_traits(
            self.cloud, 'compute-2', added=[nova.DISABLED_TRAIT]
        )
        audit = self.roll(maintenance_nodes=['compute-1'])
        self.assertEqual(
            '1 of 1 nodes maintained, 1 moves (at least 1 were needed).',
            audit['status_message'],
        )
        self.assertEqual('compute-3', self.cloud.servers()['web'].host)
        self.assertEqual(
            {'SUCCEEDED'},
            {p['state'] for p in self.cloud.action_plans(audit)},
        )


class TestHooks(RollingTestCase):
    """A hook has work on two of three nodes, and is done when called twice."""

    def work(self):
        """Leave the work to the hook."""

    def test_hook(self):
        directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        hook = directory / 'patch'
        hook.write_text(
            '\n'.join(
                (
                    '#!/bin/sh',
                    f'cd {directory}',
                    'read -r document',
                    'host=$(expr "$document" : '
                    """'.*"host": "\\([a-z0-9-]*\\)"')""",
                    'echo "$1 $host" >> calls',
                    '[ "$1$host" = --preflightcompute-3 ] && exit 70',
                    '[ "$1" = --preflight ] && exit 0',
                    '[ -e "$host" ] && exit 0',
                    'touch "$host"',
                    'echo rebooting',
                    'exit 75',
                    '',
                )
            )
        )
        hook.chmod(0o700)
        names = [f'compute-{n}' for n in range(1, 4)]
        self.start_with(
            dict.fromkeys(names, base.a_host(vcpus=4)),
            {'web1': base.on('compute-1'), 'web2': base.on('compute-2')},
            hooks_dir=str(directory),
            exec_hooks='patch',
            preflight_hooks='patch',
        )
        audit = self.roll(maintenance_nodes=names, hook='patch')
        self.assertEqual(
            '2 of 3 nodes maintained, 2 moves (at least 2 were needed). '
            'Nothing to do on: compute-3.',
            audit['status_message'],
        )
        self.assertCountEqual(
            [
                *(f'--preflight {name}' for name in names),
                *[' compute-1', ' compute-2'] * 2,
            ],
            (directory / 'calls').read_text().splitlines(),
        )
        answers = [
            (a['input_parameters']['answer'], a['input_parameters']['message'])
            for plan in self.cloud.action_plans(audit)
            for a in self.cloud.actions(plan)
            if 'answer' in a['input_parameters']
        ]
        self.assertCountEqual(
            [('nothing', ''), *[('later', 'rebooting')] * 2], answers
        )
        self.assertEqual(
            dict.fromkeys(names, base.ENABLED), self.cloud.services()
        )
