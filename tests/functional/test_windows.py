# SPDX-License-Identifier: Apache-2.0

"""Windows: what has to wait waits, and nothing begins after the end."""

import collections
import datetime
import time

import ddt

from tests.functional import base
from tests.functional import continuous
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.times import format_time


WINDOW_S = 60
ROLL = 'cluster_rolling_maintenance'

#: A move is thought to take 42 s instead of about 10 s.
SLOW = {
    'watcher_strategies.cluster_host_maintenance': {
        'migration_bandwidth_mib_s': 64
    }
}


@ddt.ddt
class TestWindows(continuous.ContinuousTestCase):
    def start_cloud(self, count, options=None):
        """Have ``web-1``, ``web-2``... on compute-1, and room for them."""
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.HOST},
            servers={'web': base.on('compute-1', count=count)},
            watcher_options=options,
        )
        return [f'web-{n}' for n in range(1, count + 1)]

    def where(self):
        """Hostname -> number of servers."""
        hosts = [host for _status, host in self.cloud.servers().values()]
        return {host: hosts.count(host) for host in set(hosts)}

    def change(self, audit, **parameters):
        """Change the parameters of an audit."""
        self.cloud.watcher.patch(
            f'/v1/audits/{audit["uuid"]}',
            json=[
                {
                    'op': 'replace',
                    'path': '/parameters',
                    'value': {'maintenance_node': 'compute-1', **parameters},
                }
            ],
        )

    def begun(self):
        """When each migration began, in seconds."""
        zone = datetime.UTC
        return sorted(
            datetime.datetime.fromisoformat(m.created_at)
            .replace(tzinfo=zone)
            .timestamp()
            for m in self.cloud.nova.migrations.list()
        )

    def message(self, audit):
        return self.cloud.audit(audit['uuid'])['status_message'] or ''

    def assertMessage(self, audit, text):
        self.assertEventually(
            True,
            lambda: text in self.message(audit),
            WINDOW_S + continuous.PATIENCE_S,
        )

    def assertNotices(self, expected):
        """State and end of the window of all notices -> how many there are."""

        def told():
            notices = [
                Notice.from_metadata(server.metadata)
                for server in self.cloud.nova.servers.list(
                    search_opts={'all_tenants': True}
                )
            ]
            return dict(
                collections.Counter(
                    (notice.state, format_time(notice.ends_s or 0))
                    for notice in notices
                )
            )

        self.assertEventually(expected, told, continuous.PATIENCE_S)

    def test_nothing_begins_after_the_end(self):
        names = self.start_cloud(5)
        for name in names:
            # Twice as long as thought: not all can begin that were planned.
            self.cloud.faults.delay(name, 20)
        ends_s = int(time.time()) + WINDOW_S
        ends = format_time(ends_s)
        audit = self.watch(
            auto_trigger=True,
            maintenance_node='compute-1',
            owners='obey',
            ends=ends,
        )
        self.assertMessage(
            audit, f'compute-1 waits: its last window ended at {ends}.'
        )
        self.assertGreaterEqual(time.time(), ends_s)
        begun = self.begun()
        self.assertIn(len(begun), (2, 3))
        self.assertLessEqual(begun[-1], ends_s)
        left = len(names) - len(begun)
        # What had begun has ended, and the last step failed nothing.
        self.assertEqual(
            {'compute-1': left, 'compute-2': len(begun)}, self.where()
        )
        self.assertIn(f'{left} of {left} servers wait.', self.message(audit))
        states = {plan['state'] for plan in self.cloud.action_plans(audit)}
        self.assertNotIn('FAILED', states)
        skipped = [
            a
            for a in self.actions(audit)
            if a[:2] == ('SKIPPED', 'migrate_in_window')
        ]
        self.assertEqual(left, len(skipped))
        # No owner was told that a late move begins.
        late = [
            a
            for a in self.actions(audit)
            if a[:2] == ('SKIPPED', 'notify_owner')
        ]
        self.assertEqual(left, len(late))
        # Owners know that they are not to wait any more.
        self.assertNotices(
            {('cancelled', ends): left, ('done', ends): len(begun)}
        )

        # The rest moves in the next window.
        self.cloud.faults.clear()
        next_ends = format_time(int(time.time()) + 3600)
        self.change(audit, owners='obey', ends=next_ends)
        self.assertEventually(
            {'compute-2': len(names)}, self.where, 2 * continuous.PATIENCE_S
        )
        self.assertNotices(
            {('done', next_ends): left, ('done', ends): len(begun)}
        )

    @ddt.named_data(
        # name, time of the begin -> parameters of the window
        ('starts', lambda at: {'starts': f'{at:%Y-%m-%dT%H:%M:%SZ}'}),
        ('cron', lambda at: {
            'cron': f'{at:%M %H %d %m} * {at:%S}',
            'duration': 'PT1H',
        }),
    )  # fmt: skip
    @ddt.unpack
    def test_engine_is_down_at_the_start(self, window):
        names = self.start_cloud(2)
        starts_s = int(time.time()) + 25
        starts = format_time(starts_s)
        given = window(datetime.datetime.fromtimestamp(starts_s, datetime.UTC))
        audit = self.watch(
            auto_trigger=True, maintenance_node='compute-1', **given
        )
        self.assertMessage(
            audit, f'compute-1 waits: its window begins at {starts}.'
        )
        self.assertEqual([], self.actions(audit))
        self.assertEqual('enabled', self.cloud.services()['compute-1'][0])
        self.cloud.kill_watcher()
        time.sleep(max(starts_s - time.time(), 0) + 1)
        self.assertEqual({'compute-1': len(names)}, self.where())
        self.cloud.start_watcher()
        self.assertEventually(
            {'compute-2': len(names)}, self.where, 2 * continuous.PATIENCE_S
        )
        self.assertGreaterEqual(self.begun()[0], starts_s)

    def test_two_windows_of_a_node(self):
        self.start_cloud(1)
        late_s = int(time.time()) + 3600
        starts, ends = format_time(late_s), format_time(late_s + 3600)
        first = self.watch(maintenance_node='compute-1', starts=starts)
        self.assertMessage(first, f'its window begins at {starts}.')
        second = self.watch(maintenance_node='compute-1', ends=ends)
        self.assertSays(
            second,
            f'Cannot drain: compute-1 has another window in the audit '
            f'{first["uuid"]}. Nothing was changed. Cancel that audit, or '
            'give both the same window.',
            'FAILED',
        )
        self.assertEqual([], self.actions(second))
        # The first one waits on.
        self.assertRunsOn(first)
        self.assertMessage(first, f'its window begins at {starts}.')

    def test_window_of_an_aggregate(self):
        """That of a rolling maintenance keeps its nodes for it."""
        self.start(
            hosts={
                'compute-1': base.MARKED,
                'compute-2': base.HOST,
                'compute-3': base.MARKED,
            },
            servers={'web': base.on('compute-1'), 'db': base.on('compute-3')},
            aggregates={'rack-1': {'hosts': ['compute-1']}},
        )
        starts = format_time(int(time.time()) + 3600)
        roll = self.cloud.create_audit(
            ROLL,
            ROLL,
            {'aggregate': 'rack-1', 'starts': starts},
            None,
            audit_type='CONTINUOUS',
            interval='1',
        )
        self.addCleanup(self.cancel, roll)
        other = f'compute-1 has another window in the audit {roll["uuid"]}.'

        ends = format_time(int(time.time()) + 3600)
        named = self.watch(maintenance_node='compute-1', ends=ends)
        self.assertEventually(
            'FAILED',
            lambda: self.cloud.audit(named['uuid'])['state'],
            continuous.PATIENCE_S,
        )
        self.assertIn(other, self.message(named))

        marked = self.watch(auto_trigger=True, ends=ends)
        self.assertEventually(
            {'compute-1': 1, 'compute-2': 1},
            self.where,
            2 * continuous.PATIENCE_S,
        )
        self.assertMessage(marked, other)
        self.assertRunsOn(marked)
        self.assertEqual('compute-1', self.cloud.servers()['web'].host)

    def test_window_of_each_cron_entry(self):
        """What would end too late begins in the next one."""
        names = self.start_cloud(2, SLOW)
        every_s = 30
        audit = self.cloud.create_audit(
            base.GOAL,
            base.STRATEGY,
            {
                'maintenance_node': 'compute-1',
                'duration': 'PT1M',
                'owners': 'obey',
            },
            None,
            audit_type='CONTINUOUS',
            # The last field is the second.
            interval=f'* * * * * */{every_s}',
            auto_trigger=True,
        )
        self.addCleanup(self.cancel, audit)
        self.assertEventually(
            1, lambda: len(self.reports(audit)), continuous.PATIENCE_S
        )
        [first] = self.reports(audit)
        ends_s = first['request']['window']['ends_s']
        # Who waits reads of the next window, as nothing runs until then.
        self.assertNotices(
            {
                ('done', format_time(ends_s)): 1,
                ('announced', format_time(ends_s + every_s)): 1,
            }
        )
        self.assertEventually(
            {'compute-2': len(names)}, self.where, 2 * continuous.PATIENCE_S
        )
        first, second = self.reports(audit)[:2]
        windows = [report['request']['window'] for report in (first, second)]
        for window, begun_s in zip(windows, self.begun(), strict=True):
            self.assertEqual(WINDOW_S, window['ends_s'] - window['starts_s'])
            self.assertLess(window['starts_s'] % every_s, every_s / 2)
            self.assertGreaterEqual(begun_s, window['starts_s'])
            self.assertLessEqual(begun_s, window['ends_s'])
        self.assertIn(
            'web-2 takes about 42 s and would end too late: the window ends '
            f'in {WINDOW_S} s, at {format_time(windows[0]["ends_s"])}.',
            first['message'],
        )
        self.assertGreaterEqual(
            windows[1]['starts_s'] - windows[0]['starts_s'], every_s / 2
        )

    def test_oneshot_outside_of_its_window(self):
        self.start_cloud(1)
        starts = format_time(int(time.time()) + 3600)
        audit = self.drain(maintenance_node='compute-1', starts=starts)
        self.assertEqual('FAILED', audit['state'])
        self.assertIn(
            f'compute-1 waits: its window begins at {starts}. 1 of 1 servers '
            'wait.',
            audit['status_message'],
        )
        self.assertEqual(self.before, self.state())
