# SPDX-License-Identifier: Apache-2.0

"""Servers of other nodes make room, and what may go wrong on the way."""

import json

from tests.functional import base
from tests.functional import command_line
from tests.functional import fault
from tests.functional import plans


HOSTS = {
    'compute-1': base.HOST,
    # Room for the large one once the small one has left it.
    'compute-2': base.a_host(memory_mb=8192),
    'compute-3': base.a_host(memory_mb=4096),
}
SERVERS = {
    'big': base.on('compute-1', 'medium'),
    'web': base.on('compute-1'),
    'cache': base.on('compute-2'),
}
FIRST = '1 server of another node moves first; 1 move depends on it.'


class TestSecondary(base.CloudTestCase):
    CHECKED = True

    def test_moves_first(self):
        self.start(HOSTS, SERVERS)
        done = self.drain_and_execute(
            maintenance_node='compute-1',
            max_secondary_moves=1,
            message=FIRST,
        )
        self.assertEventually(
            {
                'big': ('ACTIVE', 'compute-2'),
                'cache': ('ACTIVE', 'compute-3'),
                'web': ('ACTIVE', 'compute-3'),
            },
            self.cloud.servers,
        )
        self.assertEqual(
            [
                ('change_nova_service_state', 'compute-1', 'disabled'),
                ('migrate', 'cache', 'compute-3'),
                ('migrate', 'web', 'compute-3'),
                ('migrate_into_room', 'big', 'compute-2'),
            ],
            plans.steps(done.actions),
        )
        measured = plans.indicators(done.plan)
        self.assertEqual(
            (2, 3, 1, 0),
            (
                measured['instances_count'],
                measured['instances_to_move_count'],
                measured['secondary_moves_count'],
                measured['remaining_instances_count'],
            ),
        )

    def test_paused_and_stopped(self):
        self.start(
            HOSTS,
            {
                'big': base.on('compute-1', 'medium', state='SHUTOFF'),
                'cache': base.on('compute-2', state='PAUSED'),
            },
        )
        done = self.drain_and_execute(
            maintenance_node='compute-1', max_secondary_moves=1, message=FIRST
        )
        self.assertEqual(
            [
                ('change_nova_service_state', 'compute-1', 'disabled'),
                ('live_migrate_paused', 'cache', 'compute-3'),
                ('migrate_into_room', 'big', 'compute-2'),
            ],
            plans.steps(done.actions),
        )

    def test_advice(self):
        self.start(HOSTS, SERVERS)
        audit = self.drain(maintenance_node='compute-1')
        self.assertEqual('FAILED', audit['state'])
        self.assertIn(
            'One way: move cache from compute-2 to compute-3 first: '
            '-p max_secondary_moves=1',
            audit['status_message'],
        )
        self.assertPlanned(
            self.drain(maintenance_node='compute-1', max_secondary_moves=1),
            FIRST,
        )

    def type_check(self, most, status):
        """Type a check with this many secondary moves.

        :returns: the rows by server, '' is the node, and what is on stderr
        """
        ended, out, err = command_line.answer_here(
            self.cloud,
            'openstack maintenance check compute-1 -f json '
            f'--max-secondary-moves {most}',
        )
        self.assertEqual(status, ended or 0, err)
        rows = {row.pop('Server'): row for row in json.loads(out)}
        return rows, ' '.join(err.split())

    def test_check(self):
        self.start(HOSTS, SERVERS)
        before = self.state()
        rows, err = self.type_check(0, status=2)
        way = (
            'One way: move cache from compute-2 to compute-3 first: '
            '--max-secondary-moves 1'
        )
        self.assertIn(way, err)
        self.assertNotIn('cache', rows)
        self.assertEqual('refused', rows['']['What'])
        self.assertIn(way.partition(': ')[2], '\n'.join(rows['']['Why']))

        rows, err = self.type_check(1, status=0)
        self.assertIn(FIRST, err)
        self.assertIn('Possible now: compute-1. Servers to move: 3.', err)
        self.assertEqual(
            {
                'cache': (
                    'compute-2',
                    'live migrate',
                    'compute-3',
                    'makes room',
                ),
                'big': (
                    'compute-1',
                    'live migrate',
                    'compute-2',
                    'after cache made room',
                ),
            },
            {
                name: (row['From'], row['What'], row['To'], row['Why'][0])
                for name, row in rows.items()
                if name in ('cache', 'big')
            },
        )
        self.assertEqual('compute-3', rows['web']['To'])
        self.assertFalse([w for w in rows['web']['Why'] if 'room' in w])
        self.assertEqual(before, self.state())


class TestCandidates(base.CloudTestCase):
    """Audits alone: a check knows no scope."""

    def test_kept_by_a_tag_or_the_scope(self):
        self.start(HOSTS, SERVERS)
        [cache] = self.cloud.nova.servers.list(search_opts={'name': 'cache'})
        asked = {'maintenance_node': 'compute-1', 'max_secondary_moves': 1}
        for word in ('keep', 'stay'):
            cache.add_tag(f'maintenance:{word}')
            audit = self.drain(**asked)
            self.assertEqual('FAILED', audit['state'], word)
            self.assertNotIn('cache', audit['status_message'])
            cache.delete_tag(f'maintenance:{word}')
        excluded = {'exclude': [{'instances': [{'uuid': cache.id}]}]}
        audit = self.drain([{'compute': [excluded]}], **asked)
        self.assertEqual('FAILED', audit['state'])
        self.assertNotIn('cache', audit['status_message'])
        self.assertPlanned(self.drain(**asked), FIRST)


class TestFaults(fault.FaultTestCase):
    """``big`` needs the room of ``cache``; ``web`` needs nobody's."""

    def start_crowded(self, **options):
        self.start(HOSTS, SERVERS, **options)
        audit = self.drain(maintenance_node='compute-1', max_secondary_moves=1)
        return self.assertPlanned(audit, FIRST)

    def assertEnds(self, plan, **states):
        self.assertEqual('FAILED', self.cloud.finished_plan(plan)['state'])
        ends = {name: state for name, (state, _m) in self.ends(plan).items()}
        self.assertEqual({'compute-1': 'FAILED', **states}, ends)

    def assertFinishedAgain(self, name, **parameters):
        self.drain_and_execute(maintenance_node='compute-1', **parameters)
        self.assertAgain(name)

    def test_fails(self):
        plan = self.start_crowded(watcher_options=fault.SHORT)
        self.cloud.faults.fail('cache')
        self.cloud.execute(plan)
        self.assertEnds(plan, cache='FAILED', big='SKIPPED', web='SUCCEEDED')
        self.assertTold('a server fails to make room', plan)
        self.cloud.faults.clear()
        # It is on no node to empty, but what it needs is told.
        audit = self.drain(maintenance_node='compute-1', max_secondary_moves=1)
        said = audit['status_message']
        report = self.assertRefused(audit, said)
        lost = 'cache on compute-2 makes no room: it is in ERROR, its guest'
        self.assertIn(lost, said)
        self.assertIn(lost, ' '.join(report['words']))
        self.recover('cache')
        self.assertFinishedAgain(
            'a server fails to make room',
            max_secondary_moves=1,
            message=FIRST,
        )

    def test_is_refused(self):
        plan = self.start_crowded(watcher_options=fault.SHORT)
        self.disable('compute-3', 'fan')
        self.cloud.execute(plan)
        self.assertEnds(plan, cache='FAILED', big='SKIPPED', web='FAILED')
        self.assertTold('a server is not let go to make room', plan)
        self.enable('compute-3')
        self.assertFinishedAgain(
            'a server is not let go to make room',
            max_secondary_moves=1,
            message=FIRST,
        )

    def test_is_slow(self):
        plan = self.start_crowded(watcher_options=fault.SHORT)
        self.cloud.faults.hang('cache')
        self.cloud.execute(plan)
        self.assertEnds(plan, cache='FAILED', big='SKIPPED', web='SUCCEEDED')
        self.assertTold('a server takes too long to make room', plan)
        self.cloud.faults.clear()
        self.assertEventually(
            ('ACTIVE', 'compute-3'), lambda: self.cloud.servers()['cache']
        )
        # By now there is room: no other server has to move.
        self.assertFinishedAgain('a server takes too long to make room')

    def test_applier_is_killed_between(self):
        plan = self.start_crowded(watcher_options=fault.SHORT)
        self.cloud.faults.hang('cache')
        self.start_moving(plan, 'cache')
        self.cloud.kill_watcher()
        self.cloud.faults.clear()
        self.assertEventually(
            ('ACTIVE', 'compute-3'), lambda: self.cloud.servers()['cache']
        )
        self.cloud.start_watcher()
        self.assertEqual('CANCELLED', self.cloud.finished_plan(plan)['state'])
        self.assertTold('the applier is killed while room is made', plan)
        self.assertFinishedAgain('the applier is killed while room is made')

    def test_room_is_taken_by_others(self):
        plan = self.start_crowded()
        # Of one node, one server leaves at a time: big comes after web.
        self.cloud.faults.hang('web')
        self.cloud.start_plan(plan)
        self.assertEventually(
            ('ACTIVE', 'compute-3'),
            lambda: self.cloud.servers()['cache'],
            timeout_s=60,
        )
        self.cloud.add_servers({'late': base.on('compute-2')})
        self.cloud.faults.clear()
        self.assertEnds(plan, cache='SUCCEEDED', big='FAILED', web='SUCCEEDED')
        self.assertTold('the room is taken by others', plan)
        self.drain(maintenance_node='compute-1', max_secondary_moves=1)
        self.assertAgain('the room is taken by others')
