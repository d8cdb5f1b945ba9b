# SPDX-License-Identifier: Apache-2.0

"""What the commands of a rolling maintenance print, and change."""

import ddt

from osc_lib.exceptions import CommandError

from tests.unit.client import fake_rolls
from tests.unit.client.fake_rolls import GOAL
from tests.unit.client.fake_rolls import NODES
from tests.unit.client.fake_watcher import about_node
from tests.unit.client.fake_watcher import an_action
from tests.unit.client.fake_watcher import an_audit
from tests.unit.osc import test_check
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_server
from watcher_host_maintenance.osc.roll_plans import Check
from watcher_host_maintenance.osc.roll_plans import Start
from watcher_host_maintenance.osc.rolls import Continue
from watcher_host_maintenance.osc.rolls import List
from watcher_host_maintenance.osc.rolls import Pause
from watcher_host_maintenance.osc.rolls import Show
from watcher_host_maintenance.osc.rolls import Stop


LOST = uuid_of('lost')


class TestCase(fake_rolls.Rolling, test_check.TestCase):
    """Of compute-1 to 3, compute-1 has web-1; a roll has done compute-2."""

    def setUp(self):
        super().setUp()
        self.watcher.goals.append(GOAL)

    def changes(self):
        return [
            (method, path, body)
            for method, path, body in self.watcher.requests
            if method != 'GET'
        ]


@ddt.ddt
class TestRollCheck(TestCase):
    def check(self, *arguments):
        return self.run_command(Check, *arguments)

    def test_possible(self):
        status, rows, told = self.check(*NODES)
        self.assertEqual(0, status)
        self.assertEqual(
            [(1, 'compute-2', 0, 0, []), (2, 'compute-1', 1, 0, [])],
            [tuple(row.values()) for row in rows],
        )
        self.assertIn('2 of 2 nodes can be maintained in 2 waves with', told)
        self.assertEqual([], self.watcher.requests)

    def stick(self):
        self.nova.servers = [a_server('web-1', 'compute-1', state='rescued')]

    @ddt.named_data(
        # name, arguments, status, waves
        ('all_or_none', [], 2, []),
        ('skipped', ['--skip-blocked'], 3, ['compute-2']),
    )
    @ddt.unpack
    def test_blocked(self, arguments, expected, waves):
        self.stick()
        status, rows, told = self.check(*NODES, *arguments)
        self.assertEqual(expected, status)
        self.assertEqual(waves, [r['Nodes'] for r in rows if r['Wave']])
        [refused] = [r for r in rows if r['Wave'] is None]
        self.assertEqual('compute-1', refused['Nodes'])
        self.assertIn('web-1', refused['Why'][0])
        self.assertIn('web-1', told)

    def test_aggregate(self):
        self.nova.aggregates = [
            {'id': 1, 'name': 'rack-7', 'hosts': NODES, 'metadata': {}}
        ]
        _status, rows, _told = self.check('--aggregate', 'rack-7')
        self.assertEqual({*NODES}, {r['Nodes'] for r in rows})
        error = self.assertRaises(
            CommandError, self.check, '--aggregate', 'rack-8'
        )
        self.assertIn('no host aggregate rack-8', str(error))

    def test_hook_of_watcher_conf(self):
        status, _rows, _told = self.check(*NODES, '--hook', 'patch')
        self.assertEqual(0, status)

    @ddt.data([], [*NODES, '--zone', 'nova'], [*NODES, '--parallel', 'x'])
    def test_wrong_command_line(self, arguments):
        self.assertRaises(SystemExit, self.check, *arguments)


@ddt.ddt
class TestRollStart(TestCase):
    """The dry run is there already, as it will end, and so is the audit."""

    def start(self, *arguments):
        return self.run_command(Start, *arguments)

    def planned(self, state='SUCCEEDED', said='2 of 2 nodes can be.'):
        self.watcher.audits.append(
            an_audit('new', state, goal_name=GOAL, status_message=said)
        )

    def test_started(self):
        self.planned()
        status, shown, told = self.start(
            *NODES, '--parallel', '2', '--name', 'rack-7', '--interval', '30'
        )
        self.assertEqual(0, status)
        given = {'maintenance_nodes': NODES, 'parallel': 2}
        common = {'goal': GOAL, 'strategy': GOAL, 'parameters': given}
        self.assertEqual(
            [
                ('POST', '/v1/audits', {
                    'audit_type': 'ONESHOT', 'auto_trigger': False,
                    'force': True, **common,
                }),
                ('POST', '/v1/audits', {
                    'audit_type': 'CONTINUOUS', 'auto_trigger': True,
                    'interval': '30', 'name': 'rack-7', **common,
                }),
            ],
            self.changes(),
        )  # fmt: skip
        self.assertEqual((2, 0), (shown['nodes'], shown['done']))
        self.assertIn('2 of 2 nodes can be.', told)
        self.assertIn('openstack maintenance roll show new', told)

    @ddt.named_data(
        # name, state of the dry run, what it says, exit status
        ('refused', 'FAILED', 'Cannot drain.', 2),
        ('silent', 'FAILED', '', 1),
    )
    @ddt.unpack
    def test_impossible(self, state, said, expected):
        self.planned(state, said)
        status, _shown, told = self.start(*NODES)
        self.assertEqual(expected, status)
        self.assertIn('openstack maintenance why new', told)
        self.assertEqual(1, len(self.changes()))

    def test_declined(self):
        self.planned()
        self.terminal = 'n\n'
        status, _shown, told = self.start(*NODES)
        self.assertEqual(1, status)
        self.assertIn('Nothing was changed.', told)
        self.assertEqual(1, len(self.changes()))
        self.assertEqual(0, self.start(*NODES, '--yes')[0])

    def test_unknown_zone(self):
        error = self.assertRaises(CommandError, self.start, '--zone', 'az-7')
        self.assertIn('availability zone az-7', str(error))
        self.assertEqual([], self.changes())

    def test_continues(self):
        self.roll(LOST, 'CANCELLED', name='rack-7')
        self.planned()
        self.start('--continues', 'rack-7', '--stop-after', '3')
        self.assertEqual(
            {'maintenance_nodes': NODES, 'continues': LOST, 'stop_after': 3},
            self.changes()[1][2]['parameters'],
        )

    def test_continues_one_that_lives(self):
        self.roll('lost', 'SUSPENDED')
        error = self.assertRaises(
            CommandError, self.start, '--continues', 'lost'
        )
        self.assertIn('is SUSPENDED', str(error))
        self.assertEqual([], self.changes())

    @ddt.named_data(
        # name, state, are blocked nodes skipped, done, exit status
        ('all_done', 'SUCCEEDED', True, NODES, 0),
        ('some_skipped', 'SUCCEEDED', True, NODES[:1], 3),
        ('some_by_hand', 'SUCCEEDED', False, NODES[:1], 0),
        ('stopped', 'CANCELLED', False, NODES[:1], 3),
        ('stopped_at_once', 'CANCELLED', False, [], 1),
        ('refused', 'FAILED', False, [], 2),
    )
    @ddt.unpack
    def test_waits(self, state, skips, done, expected):
        given = {'maintenance_nodes': NODES, 'skip_blocked': skips}
        said = 'That is it.'
        self.roll('new', state, status_message=said, parameters=given)
        # The dry run has ended well before.
        self.watcher.audits[0]['state'] = 'SUCCEEDED'
        looks = iter(['SUCCEEDED'])

        def one(kind, name, context, seen=self.watcher._one):
            if kind == 'audits':
                self.watcher.audits[0]['state'] = next(looks, state)
            return seen(kind, name, context)

        self.watcher._one = one
        for host in done:
            self.done(host, 'new')
        status, shown, told = self.start(*NODES, '--wait')
        self.assertEqual(expected, status)
        self.assertIn(f'{state}: That is it.', told)
        self.assertEqual((state, len(done)), (shown['state'], shown['done']))


@ddt.ddt
class TestRollShow(TestCase):
    def show(self):
        status, shown, _told = self.run_command(Show, 'roll')
        self.assertEqual(0, status)
        return shown

    def test_half_done(self):
        self.roll()
        self.done()
        shown = self.show()
        self.assertEqual(
            [
                {'host': 'compute-1', 'stand': 'waiting', 'why': ''},
                {'host': 'compute-2', 'stand': 'done', 'why': ''},
            ],
            shown['nodes'],
        )
        self.assertEqual(
            [{'wave': 1, 'hosts': 'compute-1', 'moves': 1}], shown['waves']
        )
        self.assertEqual(
            (1, 1, 1),
            (shown['moves'], shown['least_moves'], shown['moves_ahead']),
        )
        self.assertNotEqual('', shown['estimated_end'])
        self.assertEqual(('', []), (shown['next'], shown['problems']))

    def test_not_begun(self):
        self.roll()
        shown = self.show()
        self.assertEqual(2, len(shown['waves']))
        self.assertEqual(
            ('', None), (shown['estimated_end'], shown['least_moves'])
        )

    def test_ready(self):
        self.roll()
        self.emptied('compute-2')
        self.disable('compute-2')
        self.assertEqual(
            'Work on compute-2, then: openstack maintenance done compute-2',
            self.show()['next'],
        )

    def test_failed(self):
        self.roll()
        self.disable('compute-1')
        self.failed('Two remain.')
        shown = self.show()
        self.assertEqual(
            {'host': 'compute-1', 'stand': 'failed', 'why': 'Two remain.'},
            shown['nodes'][0],
        )
        self.assertEqual(['Failed: compute-1: Two remain.'], shown['problems'])
        self.assertEqual(['compute-2'], [w['hosts'] for w in shown['waves']])

    @ddt.named_data(
        # name, state, what can be done
        ('paused', 'SUSPENDED', 'openstack maintenance roll continue roll'),
        ('stopped', 'CANCELLED',
         'openstack maintenance roll start --continues roll'),
    )  # fmt: skip
    @ddt.unpack
    def test_what_is_next(self, state, expected):
        self.roll(state=state)
        self.done()
        shown = self.show()
        self.assertEqual(expected, shown['next'])
        self.assertEqual('', shown['estimated_end'])

    @ddt.named_data(
        # name, changed parameters, what is wrong, nodes
        ('value',    {'maintenance_nodes': NODES, 'parallel': 0},
         'parallel is invalid', NODES),
        ('unknown',  {'maintenance_nodes': NODES, 'nonsense': 1},
         'nonsense is invalid', NODES),
        ('two',      {'maintenance_nodes': NODES, 'stop_after': 'x',
                      'hook_timeout': []},
         'hook_timeout is invalid', NODES),
        ('set',      {'maintenance_nodes': 5},
         'maintenance_nodes is invalid', ['compute-2']),
        ('two_sets', {'maintenance_nodes': NODES, 'zone': 'nova'},
         'are given together', ['compute-2']),
        ('no_set',   {'parallel': 2}, 'needs maintenance_nodes',
         ['compute-2']),
    )  # fmt: skip
    @ddt.unpack
    def test_invalid_change(self, given, why, nodes):
        self.roll(parameters=given)
        self.done()
        shown = self.show()
        self.assertEqual(nodes, [node['host'] for node in shown['nodes']])
        self.assertEqual('done', shown['nodes'][-1]['stand'])
        [problem] = shown['problems']
        self.assertIn(why, problem)
        self.assertIn('No other node is begun.', problem)
        self.assertEqual(
            ([], 0, ''),
            (shown['waves'], shown['moves_ahead'], shown['estimated_end']),
        )
        self.assertIn('openstack optimize audit update roll', shown['next'])

    def test_invalid_set_before_anything_has_begun(self):
        self.roll(parameters={'maintenance_nodes': []})
        error = self.assertRaises(CommandError, self.show)
        self.assertIn('HOST is invalid', str(error))

    def test_of_a_chain(self):
        self.roll(LOST, 'CANCELLED')
        self.done(audit=LOST)
        parameters = {'maintenance_nodes': NODES, 'continues': LOST}
        self.roll(parameters=parameters)
        self.done('compute-1')
        shown = self.show()
        self.assertEqual({'done'}, {node['stand'] for node in shown['nodes']})
        self.assertEqual(2, shown['moves'])

    def test_of_a_chain_that_was_purged(self):
        parameters = {'maintenance_nodes': NODES, 'continues': LOST}
        self.roll(parameters=parameters)
        self.done()
        shown = self.show()
        self.assertEqual(1, shown['moves'])
        self.assertIn(
            f'The records of audit {LOST} are gone: what only they had does '
            'not count.',
            shown['problems'],
        )

    def test_what_the_hook_said(self):
        self.roll()
        self.done()
        self.plan(
            'p',
            about_node(
                'h',
                'run_hook',
                'SUCCEEDED',
                'compute-2',
                part='hook',
                answer='done',
                message='Kernel 6.1',
            ),
        )
        self.assertIn(
            {
                'host': 'compute-2',
                'stand': 'done',
                'why': 'compute-2 last: Kernel 6.1',
            },
            self.show()['nodes'],
        )

    def test_no_roll(self):
        self.watcher.audits.append(an_audit('roll'))
        error = self.assertRaises(CommandError, self.show)
        self.assertIn('roll is not a rolling maintenance', str(error))


@ddt.ddt
class TestStates(TestCase):
    def test_list(self):
        self.roll()
        self.done()
        self.roll('old', 'SUCCEEDED', parameters={'zone': 'nova'})
        self.roll('dry', audit_type='ONESHOT')

        def listed(*arguments):
            _status, rows, _told = self.run_command(List, *arguments)
            return [
                (r['Audit'], r['State'], r['Nodes'], r['Done'], r['Moves'])
                for r in rows
            ]

        self.roll('odd', 'CANCELLED', parameters={'maintenance_nodes': 5})

        one = ('roll', 'ONGOING', 2, 1, 1)
        self.assertEqual([one], listed())
        self.assertCountEqual(
            [
                one,
                ('old', 'SUCCEEDED', None, 0, 0),
                ('odd', 'CANCELLED', None, 0, 0),
            ],
            listed('--all'),
        )

    @ddt.named_data(
        # name, command, state before, states that are set
        ('pause', Pause, 'ONGOING', ['SUSPENDED']),
        ('paused', Pause, 'SUSPENDED', []),
        ('continue', Continue, 'SUSPENDED', ['ONGOING']),
        ('goes_on', Continue, 'ONGOING', []),
        ('stop', Stop, 'ONGOING', ['CANCELLED']),
        ('stop_before', Stop, 'PENDING', ['CANCELLED']),
        ('stop_paused', Stop, 'SUSPENDED', ['ONGOING', 'CANCELLED']),
        ('stopped', Stop, 'CANCELLED', []),
    )
    @ddt.unpack
    def test_change(self, command, before, expected):
        self.roll(state=before)
        status, shown, _told = self.run_command(command, 'roll')
        self.assertEqual(0, status)
        self.assertEqual(
            [
                ('PATCH', '/v1/audits/roll', [
                    {'op': 'replace', 'path': '/state', 'value': state}
                ])
                for state in expected
            ],
            self.changes(),
        )  # fmt: skip
        self.assertEqual([before, *expected][-1], shown['state'])

    @ddt.named_data(
        ('continue', Continue, 'CANCELLED'),
        ('pause', Pause, 'PENDING'),
        ('stop', Stop, 'SUCCEEDED'),
    )
    @ddt.unpack
    def test_cannot(self, command, before):
        self.roll(state=before)
        error = self.assertRaises(
            CommandError, self.run_command, command, 'roll'
        )
        self.assertIn(f'roll is {before}', str(error))
        self.assertEqual([], self.changes())

    def test_what_goes_on(self):
        self.roll()
        self.plan(
            'p1',
            about_node(
                'd', 'change_nova_service_state', 'SUCCEEDED', state='disabled'
            ),
            state='ONGOING',
        )
        _status, _shown, told = self.run_command(Pause, 'roll')
        self.assertIn('Action plan p1 is ONGOING and goes on', told)
        self.assertIn('openstack maintenance end compute-1', told)

    def tell(self, host, state='announced'):
        """An action that has told the owner of a server on a node."""
        return an_action(
            f'n-{host}',
            'notify_owner',
            'SUCCEEDED',
            input_parameters={
                'resource_id': uuid_of(host),
                'source_node': host,
                'notice': {
                    'maintenance:id': uuid_of('roll'),
                    'maintenance:state': state,
                },
            },
        )

    def test_stopped_after_owners_were_told(self):
        told_owners = {'maintenance_nodes': NODES, 'owners': 'obey'}
        self.roll(parameters=told_owners)
        _status, _shown, told = self.run_command(Stop, 'roll')
        self.assertNotIn('maintenance cancel', told)
        self.roll('again', parameters=told_owners)
        self.done('compute-1', 'again')
        self.plan(
            'p1',
            *map(self.tell, ('compute-1', 'compute-2', 'compute-3')),
            audit='again',
        )
        _status, _shown, told = self.run_command(Stop, 'again')
        self.assertIn(
            'The owners of servers on compute-2, compute-3 were told. To call '
            'that off: openstack maintenance cancel compute-2\n',
            told,
        )

    def test_stopped_while_owners_are_told(self):
        """Without a time of notice nothing is announced."""
        closes = about_node(
            'd', 'change_nova_service_state', 'SUCCEEDED', state='disabled'
        )
        for uuid, parameters, is_told in (
            ('one', {'maintenance_nodes': NODES, 'owners': 'obey'}, True),
            ('two', {'maintenance_nodes': NODES}, False),
        ):
            self.roll(uuid, parameters=parameters)
            self.plan(f'p-{uuid}', closes, audit=uuid)
            _status, _shown, told = self.run_command(Stop, uuid)
            self.assertEqual(
                is_told, 'openstack maintenance cancel compute-1' in told
            )

    def test_waits(self):
        self.roll()
        self.plan('p1', state='ONGOING')
        status, _shown, told = self.run_command(
            Stop, 'roll', '--wait', '--timeout', '0'
        )
        self.assertEqual(4, status)
        self.assertIn('p1 goes on', told)
