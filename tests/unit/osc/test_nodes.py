# SPDX-License-Identifier: Apache-2.0

"""The commands that look at nodes, and wait for them."""

import io
import re

from types import SimpleNamespace

import ddt

from osc_lib.exceptions import CommandError

from tests.unit.client import clouds
from tests.unit.client.fake_watcher import a_plan
from tests.unit.client.fake_watcher import an_action
from tests.unit.client.fake_watcher import an_audit
from tests.unit.osc import commands
from tests.unit.plugin.nova_answers import a_server
from watcher_host_maintenance.core.model.notice import Effect
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.osc.columns import Count
from watcher_host_maintenance.osc.columns import Told
from watcher_host_maintenance.osc.history import History
from watcher_host_maintenance.osc.nodes import List
from watcher_host_maintenance.osc.nodes import Wait
from watcher_host_maintenance.osc.show import Show
from watcher_host_maintenance.osc.stop import Stop
from watcher_host_maintenance.osc.why import Why


NOTICE = Notice(state=State.ANNOUNCED, effect=Effect.LIVE, ends_s=1796158800)


@ddt.ddt
class TestList(commands.CommandTestCase):
    def test_row(self):
        self.disable('compute-1', f'{clouds.MARK}: \x1b[31m4711')
        self.attempt('FAILED', move='FAILED')
        status, rows, told = self.run_command(List)
        self.assertEqual((0, ''), (status, told))
        self.assertEqual(
            [
                {
                    'Host': 'compute-1',
                    'Phase': 'draining',
                    'Servers': 1,
                    'Since': '2026-11-28T10:00:05Z',
                    'Audit': 'audit-1',
                    'Reason': 'watcher_maintaining: \\x1b[31m4711',
                }
            ],
            rows,
        )

    def test_later_audit_that_did_nothing(self):
        self.disable('compute-1')
        self.nova.servers = []
        self.attempt('SUCCEEDED', move='SUCCEEDED')
        for state in ('SUCCEEDED', 'FAILED', 'CANCELLED'):
            self.watcher.audits.append(an_audit(f'later {state}', state))
            [row] = self.run_command(List)[1]
            self.assertEqual(
                ('ready', 'audit-1'), (row['Phase'], row['Audit']), state
            )

    def test_marked_by_another_reason(self):
        self.disable('compute-1', 'kernel 6.1')
        self.disable('compute-2', 'standby')
        self.assertEqual([], self.run_command(List)[1])
        path = self.config(
            'marking_reasons = kernel', 'unused_reasons = standby'
        )
        options = ['--config-file', path]
        _status, rows, _told = self.run_command(List, '--all', *options)
        self.assertEqual(
            ['draining', 'spare', 'in service'], [r['Phase'] for r in rows]
        )
        _status, shown, _told = self.run_command(Show, 'compute-1', *options)
        self.assertEqual('draining', shown['phase'])
        self.nova.servers = []
        self.assertEqual(0, self.run_command(Wait, 'compute-1', *options)[0])
        self.assertEqual(1, self.run_command(Wait, 'compute-1')[0])

    def test_unknown_number_sorts_first(self):
        counts = [Count(n) for n in (3, None, 0)]
        self.assertEqual(['', '0', '3'], [str(c) for c in sorted(counts)])

    def test_all(self):
        _status, rows, _told = self.run_command(List, '--all')
        self.assertEqual(3, len(rows))
        self.assertEqual({None}, {r['Servers'] for r in rows})

    @ddt.named_data(
        # name, what a cell holds, what is written
        ('unknown',   Count(None),    ''),
        ('number',    Count(3),       '3'),
        ('untold',    Told(None),     ''),
        ('told',      Told(NOTICE),   'announced live'),
        ('no_effect', Told(Notice(state=State.LEFT)), 'left'),
        ('deleted',   Told(Notice()), 'deleted'),
    )  # fmt: skip
    @ddt.unpack
    def test_cell_in_text(self, cell, expected):
        for formatter in ('csv', 'value', 'table'):
            listing = List(SimpleNamespace(stdout=io.StringIO()), None)
            parsed = listing.get_parser('').parse_args(
                ['-f', formatter, '--all']
            )
            listing.formatter = listing._formatter_plugins[formatter].obj
            listing.produce_output(parsed, ('Host', 'Cell'), [('a', cell)])
            written = listing.app.stdout.getvalue().splitlines()
            [row] = [line for line in written if re.match(r'\W*a\b', line)]
            self.assertEqual(['a', *expected.split()], re.findall(r'\w+', row))

    def test_old_watcher(self):
        self.watcher.newest = '1.4'
        self.attempt(audit='FAILED')
        status, _rows, told = self.run_command(List)
        self.assertEqual(0, status)
        self.assertEqual(
            'Watcher shows no messages below its API version 1.5.\n', told
        )


class TestShow(commands.CommandTestCase):
    def test_blocked(self):
        self.disable('compute-1')
        self.nova.servers = [
            a_server('web\n1', 'compute-1', state='suspended')
        ]
        self.attempt(audit='FAILED', message='no room')
        _status, shown, _told = self.run_command(Show, 'compute-1')
        self.assertEqual('blocked', shown['phase'])
        self.assertEqual(['no room'], shown['problems'])
        [server] = shown['servers']
        self.assertEqual(
            ('web\\n1', 'suspended'), (server['name'], server['state'])
        )
        self.assertIn('maintenance why audit-1', shown['next'])

    def test_unknown(self):
        with self.assertRaisesRegex(CommandError, 'compute-9'):
            self.run_command(Show, 'compute-9')


@ddt.ddt
class TestWait(commands.CommandTestCase):
    def wait(self, *arguments):
        status, rows, told = self.run_command(Wait, *arguments)
        return status, [r['Phase'] for r in rows], told

    def sleep(self, seconds):
        super().sleep(seconds)
        self.goes_on()

    def goes_on(self):
        self.watcher.plans[0]['state'] = 'SUCCEEDED'
        for action in self.watcher.actions:
            action['state'] = 'SUCCEEDED'
        self.nova.servers = []

    def test_ready(self):
        self.disable('compute-1')
        self.nova.servers = []
        self.assertEqual((0, ['ready'], ''), self.wait('compute-1'))

    def test_running_plan(self):
        self.disable('compute-1')
        self.attempt('ONGOING')
        status, phases, told = self.wait('compute-1')
        self.assertEqual((0, ['ready']), (status, phases))
        self.assertIn('1 of 1: verify compute-1: succeeded', told)

    def test_one_of_two(self):
        self.disable('compute-2')
        status, phases, told = self.wait('compute-2', 'compute-1')
        self.assertEqual((3, ['ready', 'in service']), (status, phases))
        self.assertIn('compute-1: To empty it', told)

    def test_refused(self):
        self.disable('compute-1')
        self.attempt(audit='FAILED', message='no room')
        status, phases, told = self.wait('compute-1')
        self.assertEqual((2, ['blocked']), (status, phases))
        self.assertIn('no room', told)

    def test_failed_after_some_moves(self):
        self.disable('compute-1')
        self.attempt('FAILED', move='SUCCEEDED')
        self.assertEqual(3, self.wait('compute-1')[0])

    def test_failed(self):
        self.disable('compute-1')
        self.attempt('FAILED', move='FAILED')
        self.assertEqual(1, self.wait('compute-1')[0])

    def test_stopped_after_some_moves(self):
        """Later audits without effect do not hide what has moved."""
        self.disable('compute-1')
        self.attempt('CANCELLED', move='SUCCEEDED')
        self.watcher.audits += [an_audit('2'), an_audit('3', 'CANCELLED')]
        self.watcher.plans.append(a_plan('unused', 'CANCELLED', '2'))
        self.watcher.actions.append(
            an_action('u', state='CANCELLED', action_plan_uuid='unused')
        )
        self.assertEqual(3, self.wait('compute-1')[0])

    def test_nobody_starts_it(self):
        self.attempt('RECOMMENDED')
        status, _phases, told = self.wait('compute-1')
        self.assertEqual(1, status)
        self.assertIn('actionplan start plan-1', told)

    def test_audit_is_planning(self):
        self.disable('compute-1')
        self.attempt(audit='ONGOING')
        self.goes_on = self.refuse
        self.assertEqual(2, self.wait('compute-1')[0])
        self.assertEqual(1, len(self.sleeps))

    def refuse(self):
        self.watcher.audits = [
            an_audit(state='FAILED', status_message='no room')
        ]

    def test_timeout(self):
        self.disable('compute-1')
        self.attempt('ONGOING')
        status, _phases, told = self.wait('compute-1', '--timeout', '0')
        self.assertEqual(4, status)
        self.assertIn('goes on', told)

    def test_interrupted(self):
        self.disable('compute-1')
        self.attempt('ONGOING')
        self.goes_on = self.interrupt
        status, phases, told = self.wait('compute-1')
        self.assertEqual((130, ['draining']), (status, phases))
        self.assertIn('goes on', told)

    def interrupt(self):
        raise KeyboardInterrupt


class TestStop(commands.CommandTestCase):
    def test_nothing_to_stop(self):
        with self.assertRaisesRegex(CommandError, 'no action plan'):
            self.run_command(Stop, 'compute-1')

    def test_ongoing(self):
        self.disable('compute-1')
        self.attempt('ONGOING', move='SUCCEEDED')
        status, rows, told = self.run_command(Stop, 'compute-1')
        self.assertEqual((0, 3), (status, len(rows)))
        self.assertIn('Action plan plan-1 is CANCELLING.', told)
        self.assertIn('moved and stay where they are: 1', told)
        self.assertIn('compute-1 stays disabled', told)

    def another_plan(self, state, uuid='plan-2'):
        """A newer plan, of another audit, that has not begun."""
        audit = f'audit of {uuid}'
        self.watcher.audits.append(an_audit(audit))
        self.watcher.plans.append(a_plan(uuid, state, audit))
        self.watcher.actions.append(
            an_action(f'action of {uuid}', action_plan_uuid=uuid)
        )

    def cancelled(self):
        """UUIDs of the plans that were cancelled."""
        return [
            path.rpartition('/')[2]
            for method, path, _body in self.watcher.requests
            if method == 'PATCH'
        ]

    def test_running_plan_first(self):
        self.disable('compute-1')
        self.attempt('ONGOING', move='ONGOING')
        self.another_plan('RECOMMENDED')
        _status, _rows, told = self.run_command(Stop, 'compute-1')
        self.assertEqual(['plan-1'], self.cancelled())
        self.assertIn('Action plan plan-1 is CANCELLING.', told)
        self.assertIn('plan of compute-1 is RECOMMENDED: plan-2.', told)
        self.assertNotIn('had not begun', told)

    def test_newest_plan_when_none_runs(self):
        self.disable('compute-1')
        self.nova.servers = []
        self.attempt('RECOMMENDED')
        self.another_plan('RECOMMENDED')
        _status, _rows, told = self.run_command(Stop, 'compute-1')
        self.assertEqual(['plan-2'], self.cancelled())
        self.assertIn('It had not begun', told)
        self.assertIn('is RECOMMENDED: plan-1.', told)
        self.assertNotIn('stays disabled', told)

    def test_older_unfinished_plan_is_named(self):
        self.another_plan('RECOMMENDED', 'plan-0')
        self.attempt('ONGOING')
        _status, _rows, told = self.run_command(Stop, 'compute-1')
        self.assertEqual(['plan-1'], self.cancelled())
        self.assertIn('is RECOMMENDED: plan-0.', told)

    def test_is_not_cancelled_twice(self):
        self.attempt('CANCELLING')
        _status, _rows, told = self.run_command(Stop, 'compute-1')
        self.assertEqual([], self.cancelled())
        self.assertIn('Action plan plan-1 is CANCELLING.', told)

    def test_enabled_node_does_not_stay_disabled(self):
        self.attempt('ONGOING')
        self.watcher.actions[0]['state'] = 'CANCELLED'
        _status, _rows, told = self.run_command(Stop, 'compute-1')
        self.assertNotIn('stays disabled', told)

    def test_continuous(self):
        self.attempt('RECOMMENDED', audit='ONGOING', audit_type='CONTINUOUS')
        self.watcher.actions[0]['state'] = 'PENDING'
        _status, _rows, told = self.run_command(Stop, 'compute-1')
        self.assertIn('audit update audit-1 replace state=CANCELLED', told)
        self.assertNotIn('stays disabled', told)

    def test_owners_are_told(self):
        self.attempt(
            'ONGOING',
            parameters={'maintenance_node': 'compute-1', 'owners': 'obey'},
        )
        _status, _rows, told = self.run_command(Stop, 'compute-1')
        self.assertIn('Audit audit-1 may have told owners.', told)
        self.assertIn('openstack maintenance cancel compute-1\n', told)
        self.watcher.audits[0] |= {
            'audit_type': 'CONTINUOUS', 'state': 'ONGOING',
        }  # fmt: skip
        _status, _rows, told = self.run_command(Stop, 'compute-1')
        self.assertIn('Audit audit-1 will plan again.', told)
        self.assertIn('openstack maintenance cancel compute-1\n', told)
        self.assertNotIn('audit update', told)


class TestOthers(commands.CommandTestCase):
    def test_why(self):
        self.attempt(audit='FAILED', message='no room')
        _status, shown, _told = self.run_command(Why, 'audit-1')
        self.assertEqual('no room', shown['message'])
        self.assertEqual(
            {'maintenance_node': 'compute-1'}, shown['parameters']
        )

    def test_why_unknown(self):
        with self.assertRaisesRegex(CommandError, 'could not be found'):
            self.run_command(Why, 'audit-9')

    def test_why_of_another_goal(self):
        self.attempt(audit='FAILED', goal_name='dummy')
        with self.assertRaisesRegex(CommandError, 'goal dummy'):
            self.run_command(Why, 'audit-1')

    def test_why_with_a_scope(self):
        self.attempt(audit='FAILED', scope=[{'compute': []}])
        self.assertIn('scope', self.run_command(Why, 'audit-1')[2])

    def test_history_of_no_node(self):
        self.mocker.get(
            f'{self.nova.url}/v2.1/os-migrations', json={'migrations': []}
        )
        self.assertEqual([], self.run_command(History, 'compute-1')[1])
        with self.assertRaisesRegex(CommandError, 'no compute node compute-9'):
            self.run_command(History, 'compute-9')

    def test_history(self):
        self.attempt('SUCCEEDED')
        self.mocker.get(
            f'{self.nova.url}/v2.1/os-migrations',
            [
                {'json': {'migrations': [self.a_departure()]}},
                {'json': {'migrations': []}},
            ],
        )
        _status, rows, _told = self.run_command(History, 'compute-1')
        self.assertEqual(
            ['audit', 'action plan', 'live-migration'],
            [r['Kind'] for r in rows],
        )

    def a_departure(self):
        return {
            'id': 1,
            'uuid': 'm',
            'instance_uuid': 'web-1',
            'source_compute': 'compute-1',
            'dest_compute': 'compute-2',
            'migration_type': 'live-migration',
            'status': 'completed',
            'created_at': '2026-11-28T10:00:07.000000',
            'updated_at': None,
        }
