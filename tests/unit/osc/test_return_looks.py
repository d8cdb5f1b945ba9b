# SPDX-License-Identifier: Apache-2.0

"""The commands that look at nodes which return, or wait for that."""

from osc_lib.exceptions import CommandError

from tests.unit.client.fake_watcher import a_plan
from tests.unit.client.fake_watcher import about_node
from tests.unit.client.fake_watcher import an_action
from tests.unit.client.fake_watcher import an_audit
from tests.unit.osc import test_check
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_migration
from tests.unit.plugin.nova_answers import a_server
from watcher_host_maintenance.osc.end import End
from watcher_host_maintenance.osc.history import History
from watcher_host_maintenance.osc.nodes import List
from watcher_host_maintenance.osc.nodes import Wait
from watcher_host_maintenance.osc.show import Show
from watcher_host_maintenance.osc.why import Why


DONE = 'watcher_maintained'
MOVED_AT = '2026-11-28T10:00:07.000000'
WEB = {
    'name': 'web-1',
    'id': uuid_of('web-1'),
    'host': 'compute-2',
    'doing': 'would come back with --move-back',
}


class TestCase(test_check.TestCase):
    """compute-1 was drained: web-1 is on compute-2."""

    def setUp(self):
        super().setUp()
        self.disable('compute-1', DONE)
        self.nova.servers = [a_server('web-1', 'compute-2')]
        self.placement.free('web-1')
        self.hold('web-1', 'compute-2')
        self.nova.migrations = [
            a_migration(status='completed', created_at=MOVED_AT)
        ]
        self.attempt('SUCCEEDED', move='SUCCEEDED')

    def returning(self, plan, step='SUCCEEDED', audit='SUCCEEDED', **fields):
        """A newer audit that returns compute-1, with a plan.

        :param step: the state of the action that moves web-1 home
        """
        self.watcher.audits.append(
            an_audit(
                'back',
                audit,
                goal_name='cluster_return',
                created_at='2026-11-28T11:00:00+00:00',
                **fields,
            )
        )
        if plan is None:
            return
        self.watcher.plans.append(
            a_plan(
                'plan-2',
                plan,
                'back',
                strategy_name='cluster_host_return',
                created_at='2026-11-28T11:00:05+00:00',
            )
        )
        home = an_action('home', state=step)['input_parameters'] | {
            'resource_id': uuid_of('web-1'),
            'source_node': 'compute-2',
            'destination_node': 'compute-1',
        }
        self.watcher.actions += [
            about_node('r', 'return_host', 'SUCCEEDED')
            | {'action_plan_uuid': 'plan-2'},
            an_action(
                'home',
                state=step,
                action_plan_uuid='plan-2',
                input_parameters=home,
                status_message='no room' if step == 'FAILED' else None,
            ),
        ]

    def enable(self):
        self.nova.services[0] |= {'status': 'enabled', 'disabled_reason': None}


class TestDryRun(TestCase):
    def end(self, *arguments):
        return self.run_command(End, 'compute-1', '--dry-run', *arguments)

    def test_move_back(self):
        status, rows, told = self.end('--move-back')
        self.assertEqual(0, status)
        self.assertEqual(
            [
                ('', 'compute-1', 'planned', ''),
                ('web-1', 'compute-2', 'live migrate', 'compute-1'),
            ],
            [tuple(r.values())[:4] for r in rows],
        )
        self.assertEqual(
            [
                'it left compute-1 for the maintenance',
                'compute-1 then has 25 % of its VCPU in use',
            ],
            rows[1]['Why'],
        )
        self.assertIn('Possible now: compute-1. Servers to move: 1.', told)

    def test_reads_only(self):
        self.end('--move-back')
        self.assertEqual(
            {'GET'}, {r.method for r in self.mocker.request_history}
        )

    def test_nobody_by_default(self):
        status, rows, _told = self.end()
        self.assertEqual((0, ['planned']), (status, [r['What'] for r in rows]))

    def test_what_was_stopped(self):
        self.nova.servers.append(
            a_server('job', 'compute-1', state='stopped', power=4)
        )
        self.hold('job')
        self.mocker.get(
            f'{self.nova.url}/v2.1/servers/{uuid_of("job")}'
            '/os-instance-actions',
            json={'instanceActions': []},
        )
        self.watcher.actions.append(
            an_action(
                's',
                'stop',
                'SUCCEEDED',
                input_parameters={'resource_id': uuid_of('job')},
            )
        )
        self.assertEqual(
            ('job', 'compute-1', 'start'), tuple(self.end()[1][1].values())[:3]
        )

    def test_who_stays(self):
        self.nova.servers[0]['tags'] = ['maintenance:stay']
        status, rows, told = self.end('--move-back')
        self.assertEqual(0, status)
        self.assertEqual(
            ('web-1', 'compute-2', 'stays'), tuple(rows[1].values())[:3]
        )
        self.assertIn('1 of 1 stay away: web-1 has the tag', told)

    def test_no_room(self):
        self.hold('new', vcpus=7)
        status, rows, told = self.end('--move-back')
        self.assertEqual((3, 'stays'), (status, rows[1]['What']))
        self.assertIn('compute-1: needs 2 VCPU, 1', '\n'.join(rows[1]['Why']))
        self.assertIn('Partly possible now: compute-1.', told)
        status, _rows, told = self.end('--move-back', '--on-blocked', 'fail')
        self.assertEqual(2, status)
        self.assertIn('Cannot return compute-1: ', told)

    def test_another_reason(self):
        self.disable('compute-1', 'PSU broken')
        status, rows, told = self.end()
        self.assertEqual((2, []), (status, rows))
        self.assertIn('for another reason: "PSU broken"', told)

    def test_nothing_is_recorded(self):
        self.watcher.plans.clear()
        status, rows, told = self.end('--move-back')
        self.assertEqual((0, 1), (status, len(rows)))
        self.assertIn('Nothing is recorded of a maintenance', told)

    def test_reason_of_the_options(self):
        self.disable('compute-1', 'worked_on')
        self.assertEqual(2, self.end()[0])
        path = self.file(
            'watcher.conf',
            '[watcher_strategies.cluster_host_return]\n'
            'returning_reasons = worked_on',
        )
        self.assertEqual(0, self.end('--config-file', path)[0])


class TestList(TestCase):
    def row(self):
        [row] = self.run_command(List)[1]
        return row['Phase'], row['Audit']

    def test_maintained(self):
        self.assertEqual(('maintained', 'audit-1'), self.row())

    def test_running(self):
        self.enable()
        self.returning('ONGOING', 'ONGOING')
        self.assertEqual(('returning', 'back'), self.row())

    def test_refused(self):
        self.returning(None, audit='FAILED', status_message='no')
        self.assertEqual(('maintained', 'back'), self.row())

    def test_returned(self):
        self.enable()
        self.returning('SUCCEEDED')
        self.assertEqual([], self.run_command(List)[1])

    def test_refused_return_does_not_block_what_is_in_service(self):
        self.enable()
        self.returning(None, audit='FAILED', status_message='no')
        self.assertEqual([], self.run_command(List)[1])


class TestShow(TestCase):
    def shown(self):
        return self.run_command(Show, 'compute-1')[1]

    def test_maintained(self):
        shown = self.shown()
        self.assertEqual([WEB], shown['servers_away'])
        self.assertEqual([], shown['servers'])
        self.assertIn('maintenance end compute-1', shown['next'])

    def test_who_stays(self):
        self.nova.servers[0]['tags'] = ['maintenance:stay']
        [server] = self.shown()['servers_away']
        self.assertEqual('web-1 has the tag maintenance:stay', server['doing'])

    def test_running(self):
        self.enable()
        self.returning('ONGOING', 'PENDING')
        shown = self.shown()
        self.assertEqual('returning', shown['phase'])
        self.assertEqual(
            [{**WEB, 'doing': 'waits for its turn'}], shown['servers_away']
        )
        self.assertIn('maintenance wait compute-1', shown['next'])

    def test_failed(self):
        self.enable()
        self.returning('FAILED', 'FAILED')
        shown = self.shown()
        self.assertEqual('in service', shown['phase'])
        self.assertEqual(['web-1: no room'], shown['problems'])
        self.assertEqual(
            [{**WEB, 'doing': 'failed: no room'}], shown['servers_away']
        )
        self.assertIn('maintenance end compute-1', shown['next'])

    def test_refused(self):
        self.returning(None, audit='FAILED', status_message='no room')
        shown = self.shown()
        self.assertEqual(['no room'], shown['problems'])
        self.assertEqual(
            'To see why: openstack maintenance why back', shown['next']
        )

    def test_in_service(self):
        self.enable()
        self.assertEqual([], self.shown()['servers_away'])

    def test_without_a_plan_none_is_looked_for(self):
        self.watcher.audits.clear()
        self.assertEqual([], self.shown()['servers_away'])
        paths = {path for _method, path, _body in self.watcher.requests}
        self.assertNotIn('/v1/actions', paths)


class TestWait(TestCase):
    def wait(self):
        status, [row], told = self.run_command(Wait, 'compute-1')
        return status, row['Phase'], told

    def test_returned(self):
        self.enable()
        self.returning('SUCCEEDED')
        self.assertEqual((0, 'in service', ''), self.wait())

    def test_by_an_audit_that_goes_on(self):
        self.enable()
        self.returning('SUCCEEDED', audit='ONGOING', audit_type='CONTINUOUS')
        self.assertEqual((0, 'in service', ''), self.wait())

    def test_failed(self):
        self.enable()
        self.returning('FAILED', 'FAILED')
        status, phase, told = self.wait()
        self.assertEqual((3, 'in service'), (status, phase))
        self.assertIn('web-1: no room', told)

    def test_runs_and_ends(self):
        self.enable()
        self.returning('ONGOING', 'ONGOING')
        self.assertEqual((0, 'in service'), self.wait()[:2])

    def sleep(self, seconds):
        """Let the plan end between two looks."""
        self.watcher.plans[-1]['state'] = 'SUCCEEDED'


class TestOthers(TestCase):
    def test_why(self):
        self.hold('new', vcpus=7)
        self.returning(
            None,
            audit='FAILED',
            status_message='no room',
            parameters={
                'maintenance_node': 'compute-1',
                'move_back': 'left',
                'on_blocked': 'fail',
            },
        )
        _status, shown, _told = self.run_command(Why, 'back')
        self.assertEqual('impossible', shown['now'])
        self.assertEqual(
            {
                'maintenance_node': 'compute-1',
                'move_back': 'left',
                'on_blocked': 'fail',
            },
            shown['parameters'],
        )
        self.assertIn('needs 2 VCPU, 1', '\n'.join(shown['details']))

    def test_why_leaves_out_defaults(self):
        self.returning(
            None,
            audit='FAILED',
            parameters={
                'maintenance_node': 'compute-1',
                'move_back': 'none',
                'on_blocked': 'leave',
            },
        )
        _status, shown, _told = self.run_command(Why, 'back')
        self.assertEqual('possible', shown['now'])
        self.assertEqual(
            {'maintenance_node': 'compute-1'}, shown['parameters']
        )

    def test_why_of_another_goal(self):
        self.watcher.audits.append(an_audit('other', goal_name='dummy'))
        with self.assertRaisesRegex(
            CommandError, 'not cluster_maintenance or cluster_return'
        ):
            self.run_command(Why, 'other')

    def test_history(self):
        self.enable()
        self.returning('SUCCEEDED')
        back = a_migration(
            source='compute-2',
            destination='compute-1',
            number=1,
            status='completed',
            created_at='2026-11-28T11:00:07.000000',
        )
        self.nova.migrations.append(back)
        rows = self.run_command(History, 'compute-1')[1]
        uuid = uuid_of('web-1')
        self.assertEqual(
            [
                ('audit', 'maintenance_node=compute-1'),
                ('action plan', '2 of 3 actions succeeded'),
                ('live-migration', f'{uuid} to compute-2'),
                ('audit', 'maintenance_node=compute-1'),
                ('action plan', '2 of 2 actions succeeded'),
                ('live-migration', f'{uuid} from compute-2'),
            ],
            [(r['Kind'], r['What']) for r in rows],
        )
