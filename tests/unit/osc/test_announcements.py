# SPDX-License-Identifier: Apache-2.0

"""``openstack maintenance announce``, ``answers`` and ``cancel``."""

from unittest import mock

import ddt

from osc_lib.exceptions import CommandError

from tests.unit.client.fake_watcher import a_plan
from tests.unit.client.fake_watcher import an_action
from tests.unit.client.fake_watcher import an_audit
from tests.unit.osc import test_start
from tests.unit.plugin.builders import PROJECT
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_server
from watcher_host_maintenance.client import announcements
from watcher_host_maintenance.osc.announce import Announce
from watcher_host_maintenance.osc.answers import Answers
from watcher_host_maintenance.osc.answers import Cancel
from watcher_host_maintenance.request import windows


AUDIT = uuid_of('audit')
NOTICE = {
    'maintenance:id': AUDIT,
    'maintenance:state': 'announced',
    'maintenance:starts': '2026-12-01T21:00:00Z',
    'maintenance:effect': 'live',
}
CANCELLED = {
    'maintenance:state': 'cancelled',
    'maintenance:effect': 'none',
}
ON_NODE = {**NOTICE, 'maintenance:host': 'returns'}
SEVERAL = {
    'maintenance_nodes': ['compute-1', 'compute-3', 'compute-2'],
    'owners': 'wait',
}
TOLD = {'maintenance_node': 'compute-1', 'owners': 'wait'}


def announced(uuid=AUDIT, state='ONGOING', **fields):
    """A CONTINUOUS audit that tells the owners on compute-1."""
    values = {'audit_type': 'CONTINUOUS', 'parameters': TOLD} | fields
    return an_audit(uuid, state, **values)


class TestCase(test_start.TestCase):
    def bodies(self):
        """The audits that Watcher was asked for."""
        return [
            body
            for method, path, body in self.watcher.requests
            if (method, path) == ('POST', '/v1/audits')
        ]

    def told(self, name, notice=NOTICE, tags=(), host='compute-1', **fields):
        self.nova.servers.append(
            a_server(name, host, **fields)
            | {'metadata': dict(notice), 'tags': list(tags)}
        )

    def notified(
        self, name, message='', uuid='n', state='SUCCEEDED', **parameters
    ):
        """An action that was to tell the owner of a server."""
        self.watcher.actions.append(
            an_action(
                f'{uuid}-{name}',
                'notify_owner',
                state,
                status_message=message,
                input_parameters={
                    'resource_id': uuid_of(name),
                    'resource_name': name,
                    **parameters,
                },
            )
        )


@ddt.ddt
class TestAnnounce(TestCase):
    def announce(self, *arguments):
        arguments = arguments or ('--starts', '2030-12-01T21:00Z')
        return self.run_command(Announce, 'compute-1', *arguments)

    def test_announced(self):
        self.attempt('RECOMMENDED')
        status, rows, told = self.announce(
            '--starts', '2030-12-01 22:00 Europe/Berlin',
            '--ends', '2030-12-02T04:00+01:00',
            '--answer-by', '2030-12-01T18:00Z',
            '--removed', '--close', '--on-keep', 'move',
            '--name', 'rack', '--interval', '60',
        )  # fmt: skip
        self.assertEqual((0, 3), (status, len(rows)))
        parameters = {
            'maintenance_node': 'compute-1',
            'owners': 'wait',
            'starts': '2030-12-01T21:00:00Z',
            'ends': '2030-12-02T03:00:00Z',
            'answer_by': '2030-12-01T18:00:00Z',
            'removed': True,
            'close': 'now',
            'on_keep': 'move',
        }
        planned, begun = self.bodies()
        self.assertEqual(parameters, begun['parameters'])
        self.assertEqual(
            {
                'maintenance_node': 'compute-1',
                'owners': 'obey',
                'removed': True,
                'on_keep': 'move',
            },
            planned['parameters'],
        )
        self.assertEqual(
            ('ONESHOT', True, 'CONTINUOUS', True, '60', 'rack'),
            (
                planned['audit_type'],
                planned['force'],
                begun['audit_type'],
                begun['auto_trigger'],
                begun['interval'],
                begun['name'],
            ),
        )
        # What was planned is not what is carried out.
        self.assertEqual(
            [('PATCH', '/v1/action_plans/plan-1')], self.changes()
        )
        self.assertIn('openstack maintenance answers compute-1', told)
        self.assertIn('openstack maintenance cancel compute-1', told)

    def test_shows_what_is_told(self):
        self.attempt('RECOMMENDED')
        made = {k: v for k, v in ON_NODE.items() if k != 'maintenance:host'}
        for name, uuid, notice in (
            ('web-1', 'm', {**ON_NODE, 'maintenance:state': 'moving'}),
            ('web-1', 'd', {**ON_NODE, 'maintenance:state': 'done'}),
            ('db', 'l', {**ON_NODE, 'maintenance:state': 'left'}),
            ('maker', 'm', {**made, 'maintenance:state': 'moving'}),
            ('maker', 'e', {}),
        ):
            self.notified(name, uuid=uuid, state='PENDING', notice=notice)
        self.terminal = 'n\n'
        status, rows, told = self.announce(
            '--ends', '2030-12-02T04:00Z', '--answer-by', '2030-12-01T18:00Z'
        )
        self.assertEqual(1, status)
        of_maker = {
            'effect': 'live',
            'starts': '2030-12-01T18:00:00Z',
            'ends': '2030-12-02T04:00:00Z',
            'answer_by': '2030-12-01T18:00:00Z',
        }
        of_node = {**of_maker, 'host': 'returns'}
        notices = [
            (r['Name'], r['Notice']) for r in rows if r['Notice'] is not None
        ]
        # What is told at once, without the audit that is not the one.
        self.assertEqual(
            [(name, {'state': 'announced', **of_node})
             for name in ('db', 'web-1')],
            notices[:2],
        )  # fmt: skip
        self.assertCountEqual(
            [
                ('web-1', {'state': 'moving', **of_node}),
                ('web-1', {'state': 'done', **of_node}),
                ('db', {'state': 'left', **of_node}),
                ('maker', {'state': 'moving', **of_maker}),
                ('maker', {}),
            ],
            notices[2:],
        )
        for line in (
            'tell the owner of web-1: announced live\n',
            'live migrate web-1 to compute-2\n',
            'tell the owner of maker: deleted\n',
        ):
            self.assertIn(line, told)

    def test_long_name(self):
        """Watcher would cut it, and not find it again."""
        self.attempt('RECOMMENDED')
        times = ('--starts', '2030-12-01T21:00Z')
        self.assertRaises(
            SystemExit, self.announce, *times, '--name', 'x' * 64
        )
        self.assertEqual([], self.bodies())
        self.announce(*times, '--name', 'x' * 63)
        self.assertEqual('x' * 63, self.bodies()[1]['name'])

    def test_needs_a_time(self):
        error = self.assertRaises(
            CommandError, self.announce, '--ends', '2030-12-01T21:00Z'
        )
        self.assertIn('Give --starts, --cron or --answer-by', str(error))
        self.assertEqual([], self.bodies())

    def test_every_night(self):
        self.attempt('RECOMMENDED')
        cron = '0 22 * * * Europe/Berlin'
        # At night its first window would be open already.
        noon = mock.Mock(**{'time.return_value': 1796126400})
        with mock.patch.object(windows, 'time', noon):
            self.announce('--cron', cron, '--duration', 'PT4H')
        planned, begun = self.bodies()
        nightly = {'cron': cron, 'duration': 'PT4H'}
        self.assertEqual(
            {'maintenance_node': 'compute-1', 'owners': 'wait', **nightly},
            begun['parameters'],
        )
        self.assertEqual('300', begun['interval'])
        # What is planned is the whole, as of now.
        self.assertTrue(nightly.keys().isdisjoint(planned['parameters']))

    @ddt.named_data(
        # name, options, what is wrong
        ('started', ['--starts', '2020-12-01T21:00Z'], 'no time to answer'),
        ('answered', ['--answer-by', '2020-12-01T21:00Z'],
         'no time to answer'),
        ('backwards', ['--starts', '2030-12-01T21:00Z',
                       '--ends', '2030-12-01T21:00Z'],
         '--ends: .* is not after starts'),
        ('late', ['--answer-by', '2030-12-01T21:00Z',
                  '--ends', '2030-12-01T21:00Z'],
         '--answer-by: .* is not before ends'),
        ('no_entry', ['--cron', '0 25 * * *', '--duration', '60'],
         '--cron: .* is no cron entry'),
        ('no_duration', ['--cron', '0 22 * * *'],
         '--cron: it needs duration'),
        ('no_cron', ['--answer-by', '2030-12-01T21:00Z', '--duration', '60'],
         '--duration: it needs cron'),
        ('between', ['--cron', '0 3 * * *', '--duration', '4'],
         '--duration: the audit is run every 300 s, so that a window of 240 s'),
        ('open', ['--cron', '* * * * *', '--duration', '60'],
         'no time to answer'),
    )  # fmt: skip
    @ddt.unpack
    def test_refused(self, arguments, said):
        error = self.assertRaises(CommandError, self.announce, *arguments)
        self.assertRegex(str(error), said)
        self.assertEqual([], self.bodies())

    def test_nothing_to_do_yet(self):
        self.attempt('SUCCEEDED')
        self.watcher.actions.clear()
        status, rows, _told = self.announce()
        self.assertEqual((0, [], 2), (status, rows, len(self.bodies())))
        self.assertEqual([], self.changes())

    def test_impossible(self):
        self.attempt(audit='FAILED', message='no room')
        status, _rows, told = self.announce()
        self.assertEqual((2, 1), (status, len(self.bodies())))
        self.assertIn('no room', told)

    def test_declined(self):
        self.terminal = 'n\n'
        self.attempt('RECOMMENDED')
        status, _rows, told = self.announce()
        self.assertEqual((1, 1), (status, len(self.bodies())))
        self.assertIn('Announce this?', told)

    @ddt.named_data(
        # name, audit, if it is in the way
        ('goes_on',   announced(),                                   True),
        ('suspended', announced(state='SUSPENDED'),                  True),
        ('ended',     announced(state='SUCCEEDED'),                  False),
        ('tells_none', announced(parameters={**TOLD,
                                             'owners': 'ignore'}),   False),
        ('of_another', announced(parameters={
            **TOLD, 'maintenance_node': 'compute-2'}),               False),
        ('several',   announced(parameters={
            'owners': 'obey',
            'maintenance_nodes': ['compute-2', 'compute-1']}),       True),
    )  # fmt: skip
    @ddt.unpack
    def test_twice(self, audit, refused):
        self.attempt('RECOMMENDED')
        self.watcher.audits.insert(0, audit)
        if not refused:
            self.assertEqual(0, self.announce()[0])
            return
        error = self.assertRaises(CommandError, self.announce)
        self.assertIn(f'announced by audit {AUDIT}', str(error))
        self.assertEqual([], self.bodies())

    @ddt.named_data(
        ('no_zone',  ['--starts', '2030-12-01 22:00']),
        ('owners',   ['--owners', 'obey']),
        ('interval', ['--interval', '0']),
    )  # fmt: skip
    def test_wrong_command_line(self, arguments):
        self.assertRaises(SystemExit, self.announce, *arguments)


@ddt.ddt
class TestAnswers(TestCase):
    def setUp(self):
        super().setUp()
        self.nova.servers.clear()
        self.watcher.audits = [announced()]
        self.watcher.plans = [a_plan(state='SUCCEEDED', audit=AUDIT)]

    def answers(self, *arguments):
        return self.run_command(Answers, 'compute-1', *arguments)

    def test_told_and_answered(self):
        self.told(
            'web',
            {**NOTICE, 'maintenance:word': 'keep'},
            ['maintenance:keep', 'maintenance:go', 'x'],
        )
        status, rows, told = self.answers()
        self.assertEqual(0, status)
        self.assertEqual(
            [
                {
                    'ID': uuid_of('web'),
                    'Server': 'web',
                    'Project': PROJECT,
                    'Host': 'compute-1',
                    'Told': 'announced',
                    'Effect': 'live',
                    'Word': 'go, keep',
                    'Counts': 'keep',
                    'Message': '',
                }
            ],
            rows,
        )
        self.assertIn(f'Audit {AUDIT} is ONGOING.', told)
        self.assertIn(
            'Servers: 1; told: 1 announced; with an answer: 1.', told
        )
        self.assertNotIn('Without a notice', told)

    @ddt.named_data(
        # name, state, message of the action, of the row
        ('refused', 'error', 'Nova: in vm_state error', 'Nova: in vm_state'),
        ('rescued', 'rescued', None, 'state rescued'),
        ('new',     'active', None, 'Not told yet.'),
        ('stopped', 'stopped', None, 'Not told yet.'),
    )  # fmt: skip
    @ddt.unpack
    def test_not_told(self, state, said, expected):
        self.told('web', {}, state=state)
        if said:
            self.notified('web', 'an older reason', 'm')
            self.notified('web', said)
        _status, rows, told = self.answers()
        self.assertEqual('', rows[0]['Told'])
        self.assertIn(expected, rows[0]['Message'])
        self.assertIn('Without a notice: 1', told)

    def test_told_before(self):
        self.told('web', {})
        self.notified('web')
        _status, rows, _told = self.answers()
        self.assertEqual(
            'Told; the notice has been deleted since.', rows[0]['Message']
        )

    def test_notice_of_another_maintenance(self):
        self.told('web', {**NOTICE, 'maintenance:id': uuid_of('another')})
        _status, rows, _told = self.answers()
        self.assertEqual(
            ('', '', 'Not told yet.'),
            (rows[0]['Told'], rows[0]['Effect'], rows[0]['Message']),
        )

    def test_moved_off_and_deleted(self):
        self.told(
            'web', {**NOTICE, 'maintenance:state': 'done'}, host='compute-2'
        )
        self.notified('web')
        self.notified('deleted')
        _status, rows, _told = self.answers()
        self.assertEqual(
            [('web', 'compute-2', 'done')],
            [(r['Server'], r['Host'], r['Told']) for r in rows],
        )

    def test_tags_of_another_product(self):
        self.told('web', tags=['lcm:action=poweroff'])
        path = self.config('owner_tags = lcm:action=poweroff=stop')
        for arguments, word in (((), ''), (('--config-file', path), 'stop')):
            _status, rows, _told = self.answers(*arguments)
            self.assertEqual(word, rows[0]['Word'])

    @ddt.named_data(
        # name, audits, the one that counts
        ('goes_on', [announced(), announced('newer', 'SUCCEEDED')], AUDIT),
        ('newest', [announced(state='CANCELLED'),
                    announced('newer', 'SUCCEEDED')], 'newer'),
        ('rolling', [announced(
            goal_name='cluster_rolling_maintenance',
            parameters={'maintenance_nodes': ['compute-1'],
                        'owners': 'wait'})], AUDIT),
    )  # fmt: skip
    @ddt.unpack
    def test_audit(self, audits, uuid):
        self.watcher.audits = audits
        _status, _rows, told = self.answers()
        self.assertIn(f'Audit {uuid} is', told)

    def test_audit_of_what_is_marked(self):
        """It names no node; a server that makes room is on another one."""
        self.watcher.audits = [announced(parameters={'owners': 'wait'})]
        plan = a_plan(audit=AUDIT)
        self.watcher.plans = [plan]
        error = self.assertRaises(CommandError, self.answers)
        self.assertIn('No owner was told', str(error))
        self.notified('web', source_node='compute-1', notice=ON_NODE)
        self.notified('db', source_node='compute-2', notice=NOTICE)
        _status, _rows, told = self.answers()
        self.assertIn(f'Audit {AUDIT} is', told)
        error = self.assertRaises(
            CommandError, self.run_command, Answers, 'compute-2'
        )
        self.assertIn('No owner was told', str(error))

    def test_nothing_announced(self):
        self.watcher.audits.clear()
        for host, text in (
            ('compute-1', 'No owner was told'),
            ('compute-9', 'no compute node compute-9'),
        ):
            error = self.assertRaises(
                CommandError, self.run_command, Answers, host
            )
            self.assertIn(text, str(error))


@ddt.ddt
class TestCancel(TestCase):
    def setUp(self):
        super().setUp()
        self.nova.servers.clear()
        self.watcher.audits = [announced()]
        self.told('web', tags=['maintenance:keep', 'maintenance:go'])
        self.seen = []
        self.sending = an_audit(
            'new', 'SUCCEEDED', goal_name='cluster_cancellation'
        )
        self.sent = a_plan('plan-new', 'SUCCEEDED', audit='new')
        self.announced_late = {}

    def cancel(self, *arguments):
        """Cancel; Watcher's audit that tells programs is there already."""
        self.watcher.audits.append(self.sending)
        self.watcher.plans.append(self.sent)
        return self.run_command(Cancel, 'compute-1', *arguments)

    def sleep(self, seconds):
        super().sleep(seconds)
        self.announced_late.update(NOTICE)
        self.seen.append([dict(s['metadata']) for s in self.nova.servers])

    def test_told_then_cleared(self):
        status, rows, told = self.cancel()
        self.assertEqual(0, status)
        self.assertEqual([30], self.sleeps)
        self.assertEqual([[NOTICE | CANCELLED]], self.seen)
        [server] = self.nova.servers
        self.assertEqual({}, server['metadata'])
        self.assertEqual(['maintenance:keep'], server['tags'])
        self.assertEqual(
            [('web', PROJECT, '')],
            [(r['Server'], r['Project'], r['Message']) for r in rows],
        )
        self.assertEqual([('PATCH', f'/v1/audits/{AUDIT}')], self.changes())
        self.assertEqual('CANCELLED', self.watcher.audits[0]['state'])
        self.assertIn('The maintenance of compute-1 is called off.', told)
        self.assertNotIn('Not all', told)
        [sending] = self.bodies()
        self.assertEqual(
            {
                'goal': 'cluster_cancellation',
                'strategy': 'cluster_cancellation',
                'audit_type': 'ONESHOT',
                'auto_trigger': True,
                'force': True,
                'parameters': {'audits': [AUDIT]},
            },
            sending,
        )

    @ddt.named_data(
        # name, the audit, its plan, what is told
        ('refused',   {'state': 'FAILED', 'status_message': 'Cannot call off'},
         None, 'sent: Cannot call off'),
        ('failed',    {}, 'FAILED', 'Action plan plan-new is FAILED.'),
        ('not_begun', {}, 'PENDING', 'Action plan plan-new is CANCELLED.'),
        ('too_slow',  {'state': 'ONGOING'}, None,
         'Watcher did not plan them within 0 s.'),
    )  # fmt: skip
    @ddt.unpack
    @mock.patch.object(announcements, 'BEGIN_S', 0)
    def test_notifications_that_are_not_sent(self, fields, state, said):
        self.sending |= fields
        self.sent['state'] = state or 'SUCCEEDED'
        if state is None:
            self.sent['audit_uuid'] = 'x'
        status, _rows, told = self.cancel()
        self.assertEqual(0, status)
        self.assertIn('Not all notifications were sent', told)
        self.assertIn(said, told)
        self.assertEqual({}, self.nova.servers[0]['metadata'])

    def test_owner_whom_watcher_cannot_tell(self):
        self.watcher.actions.append(
            an_action(
                'a',
                'notify_owner',
                status_message='The owner of web was not told: quota.',
                action_plan_uuid='plan-new',
            )
        )
        _status, _rows, told = self.cancel()
        self.assertIn('were sent: The owner of web was not told: quota.', told)

    def test_notifications_take_longer_than_the_time(self):
        self.sent['state'] = 'ONGOING'
        status, rows, told = self.cancel('--timeout', '0')
        self.assertEqual((4, []), (status, rows))
        self.assertIn('type the command again', told)
        self.assertEqual(NOTICE | CANCELLED, self.nova.servers[0]['metadata'])

    def test_older_plugin_sends_no_notifications(self):
        self.watcher.goals.remove('cluster_cancellation')
        status, _rows, told = self.cancel()
        self.assertEqual((0, []), (status, self.bodies()))
        self.assertIn(
            'Not all notifications were sent: Watcher has no goal '
            'cluster_cancellation.',
            told,
        )

    def test_announced_again_meanwhile(self):
        """A run that had begun announces once more, and is called off."""
        self.announced_late = self.nova.servers[0]['metadata']
        self.cancel()
        self.assertEqual(
            [[AUDIT], [AUDIT]],
            [body['parameters']['audits'] for body in self.bodies()],
        )
        self.assertEqual({}, self.nova.servers[0]['metadata'])

    def test_server_that_still_moves(self):
        """Watcher's plan tells its owner what has become of it."""
        [server] = self.nova.servers
        server['metadata']['maintenance:state'] = 'moving'
        server['OS-EXT-STS:task_state'] = 'migrating'
        self.cancel()
        self.assertEqual(
            [[NOTICE | {'maintenance:state': 'moving'}]], self.seen
        )
        self.assertEqual(2, len(self.bodies()))

    def test_server_that_has_moved_before_the_plan_was_cancelled(self):
        self.watcher.plans = [a_plan(state='CANCELLED', audit=AUDIT)]
        self.told(
            'db', NOTICE | {'maintenance:state': 'moving'}, host='compute-3'
        )
        self.notified('db', source_node='compute-1')
        self.cancel()
        [[web, db]] = self.seen
        self.assertEqual(NOTICE | CANCELLED, web)
        self.assertEqual(NOTICE | {'maintenance:state': 'done'}, db)

    def test_what_is_done_is_not_called_off(self):
        self.nova.servers[0]['metadata']['maintenance:state'] = 'done'
        _status, rows, _told = self.cancel()
        self.assertEqual(['web'], [r['Server'] for r in rows])
        self.assertEqual(([], []), (self.sleeps, self.bodies()))
        self.assertEqual({}, self.nova.servers[0]['metadata'])

    def test_of_a_rolling_maintenance_that_was_stopped(self):
        self.watcher.audits = [
            announced(
                goal_name='cluster_rolling_maintenance',
                state='CANCELLED',
                parameters={
                    'aggregate': 'rack',
                    'frozen_nodes': ['compute-1', 'compute-2'],
                    'owners': 'wait',
                },
            )
        ]
        self.told('db', host='compute-2')
        _status, rows, told = self.cancel('--now', '--yes')
        self.assertEqual({'web', 'db'}, {r['Server'] for r in rows})
        self.assertEqual([{}, {}], [s['metadata'] for s in self.nova.servers])
        self.assertIn(
            'The same audit covered compute-2; that is called off too.', told
        )
        self.assertEqual([], self.changes())

    def test_go_of_another_product_is_deleted_too(self):
        self.nova.servers[0]['tags'] += ['lcm:ready', 'lcm:off']
        path = self.config('owner_tags = lcm:ready=go,lcm:off=stop')
        self.cancel('--now', '--config-file', path)
        self.assertEqual(
            ['maintenance:keep', 'lcm:off'], self.nova.servers[0]['tags']
        )

    def test_tags_that_mean_nothing(self):
        path = self.config('owner_tags = lcm:off=die')
        for command in (Answers, Cancel):
            error = self.assertRaises(
                CommandError,
                self.run_command,
                command,
                'compute-1',
                '--config-file',
                path,
            )
            self.assertIn('The option owner_tags is invalid', str(error))
        self.assertEqual([], self.changes())

    def test_at_once(self):
        self.cancel('--now')
        self.assertEqual([], self.sleeps)
        self.assertEqual({}, self.nova.servers[0]['metadata'])

    def test_others_are_left_alone(self):
        theirs = {**NOTICE, 'maintenance:id': uuid_of('another'), 'a': 'b'}
        self.told('db', theirs, ['maintenance:go'])
        _status, rows, _told = self.cancel('--now')
        self.assertEqual(['web'], [r['Server'] for r in rows])
        self.assertEqual(theirs, self.nova.servers[1]['metadata'])
        self.assertEqual(['maintenance:go'], self.nova.servers[1]['tags'])

    def test_moved_off(self):
        self.watcher.plans = [a_plan(state='SUCCEEDED', audit=AUDIT)]
        self.told('db', host='compute-3')
        self.notified('db')
        _status, rows, _told = self.cancel('--now')
        self.assertEqual({'web', 'db'}, {r['Server'] for r in rows})
        self.assertEqual({}, self.nova.servers[1]['metadata'])

    def test_ended_already(self):
        """The notices of a maintenance whose audit somebody has ended."""
        self.watcher.audits = [announced(state='CANCELLED')]
        _status, rows, _told = self.cancel('--now')
        self.assertEqual(['web'], [r['Server'] for r in rows])
        self.assertEqual([], self.changes())

    def test_suspended(self):
        self.watcher.audits = [announced(state='SUSPENDED')]
        self.cancel('--now')
        self.assertEqual(
            [('PATCH', f'/v1/audits/{AUDIT}')] * 2, self.changes()
        )

    @ddt.named_data(
        # name, state of the plan, if it is cancelled
        ('waits',   'RECOMMENDED', True),
        ('pending', 'PENDING',     True),
        ('ended',   'SUCCEEDED',   False),
        ('failed',  'FAILED',      False),
    )  # fmt: skip
    @ddt.unpack
    def test_plans(self, state, cancelled):
        self.watcher.plans = [a_plan(state=state, audit=AUDIT)]
        self.watcher.audits[0]['state'] = 'CANCELLED'
        self.cancel('--now')
        self.assertEqual(
            cancelled, ('PATCH', '/v1/action_plans/plan-1') in self.changes()
        )

    def test_plan_that_does_not_end(self):
        self.watcher.plans = [a_plan(state='CANCELLING', audit=AUDIT)]
        status, rows, told = self.cancel('--timeout', '0')
        self.assertEqual((4, []), (status, rows))
        self.assertIn('type the command again', told)
        self.assertEqual(NOTICE, self.nova.servers[0]['metadata'])

    def test_nova_refuses(self):
        self.told('db')
        path = f'/v2.1/servers/{uuid_of("db")}/metadata'
        for method in ('POST', 'DELETE'):
            for end in ('', *(f'/{key}' for key in NOTICE)):
                self.mocker.register_uri(
                    method,
                    f'{self.nova.url}{path}{end}',
                    status_code=409,
                    json={'conflictingRequest': {'message': 'vm_state x'}},
                )
        status, rows, _told = self.cancel('--now')
        self.assertEqual(3, status)
        messages = {r['Server']: r['Message'] for r in rows}
        self.assertEqual('', messages['web'])
        self.assertIn('vm_state x', messages['db'])

    def test_nodes_of_one_audit(self):
        self.watcher.audits = [
            announced(
                parameters={
                    'maintenance_nodes': ['compute-1', 'compute-2'],
                    'owners': 'wait',
                }
            )
        ]
        self.told('db', host='compute-2')
        self.disable('compute-1')
        _status, rows, told = self.cancel('--now', '--yes')
        self.assertEqual({'web', 'db'}, {r['Server'] for r in rows})
        self.assertIn('covered compute-2; that is called off', told)
        self.assertIn('openstack maintenance end compute-1', told)

    def test_audit_of_what_is_marked(self):
        self.watcher.audits = [announced(parameters={'owners': 'wait'})]
        self.watcher.plans = [a_plan(state='SUCCEEDED', audit=AUDIT)]
        for name, host in (('web', 'compute-1'), ('db', 'compute-2')):
            self.notified(name, source_node=host, notice=ON_NODE)
        self.told('db', host='compute-2')
        _status, rows, told = self.cancel('--now', '--yes')
        self.assertEqual({'web', 'db'}, {r['Server'] for r in rows})
        self.assertIn('covered compute-2; that is called off', told)

    @ddt.named_data(
        # name, what is typed, exit status, is it called off
        ('yes', 'y\n', 0, True),
        ('no', 'n\n', 1, False),
        ('nothing', '', 1, False),
    )
    @ddt.unpack
    def test_asks_about_other_nodes(self, typed, status, is_off):
        self.watcher.audits = [announced(parameters=SEVERAL)]
        self.terminal = typed
        ended, _rows, told = self.cancel('--now')
        self.assertEqual(status, ended)
        self.assertIn(
            'The same audit covers compute-2, compute-3.\n'
            'Call off all of them? [y/N]',
            told,
        )
        self.assertEqual(is_off, bool(self.changes()))
        self.assertEqual(
            {} if is_off else NOTICE, self.nova.servers[0]['metadata']
        )

    def test_nobody_to_ask_about_other_nodes(self):
        self.watcher.audits = [announced(parameters=SEVERAL)]
        error = self.assertRaises(CommandError, self.cancel)
        self.assertIn('covers compute-2, compute-3.', str(error))
        self.assertIn('maintenance cancel compute-1 --yes', str(error))
        self.assertEqual([], self.changes())
        self.assertEqual(NOTICE, self.nova.servers[0]['metadata'])

    def test_nodes_of_what_is_over_are_not_asked_about(self):
        over = announced('over', 'SUCCEEDED', parameters=SEVERAL)
        self.watcher.audits = [announced(), over]
        status, _rows, told = self.cancel('--now')
        self.assertEqual(0, status)
        self.assertNotIn('compute-2', told)

    @ddt.named_data(
        ('rolling', [announced(
            goal_name='cluster_rolling_maintenance',
            parameters={'maintenance_nodes': ['compute-1'],
                        'owners': 'wait'})], 'roll stop'),
        ('none', [], 'No owner was told'),
    )  # fmt: skip
    @ddt.unpack
    def test_refused(self, audits, text):
        self.watcher.audits = audits
        error = self.assertRaises(CommandError, self.cancel)
        self.assertIn(text, str(error))
        self.assertEqual(NOTICE, self.nova.servers[0]['metadata'])
