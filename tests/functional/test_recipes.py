# SPDX-License-Identifier: Apache-2.0

"""Every recipe of the documentation, typed as it stands."""

import configparser
import datetime
import json
import shutil
import subprocess
import sys

from minicloud import cloud
from tests.functional import base
from tests.functional import notifications
from tests.functional import plans
from tests.functional import typed
from tests.services import rabbitmq


PAGE = 'cli/optimize.rst'
COMMANDS = 'cli/maintenance.rst'
TOLD = 'Find out when the node is ready'
EXAMPLE = typed.SOURCE / 'examples' / 'when_ready.py'


def told_options():
    """What the page writes into watcher.conf for notifications."""
    [text] = typed.blocks(typed.section(PAGE, TOLD), 'ini')
    parser = configparser.ConfigParser()
    parser.read_string(text)
    return dict(parser['oslo_messaging_notifications'])


class TestRecipes(base.CloudTestCase):
    """They share a cloud; each has servers of its own on compute-1."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.share(
            cloud.Cloud(
                base.description(
                    hosts={f'compute-{n}': base.HOST for n in range(1, 5)},
                    aggregates={
                        'rack-1': {'hosts': ['compute-1', 'compute-2']}
                    },
                ),
                nova_options=base.REPORTS,
                watcher_options={
                    'oslo_messaging_notifications': cls.notifications(),
                    'watcher_decision_engine': {
                        'continuous_audit_interval': 1
                    },
                },
            )
        )

    @classmethod
    def notifications(cls):
        """Watcher's options; with a bus, where there is a broker for it."""
        cls.broker = None
        if rabbitmq.program() is None:
            return {'driver': 'log'}
        cls.broker = rabbitmq.Broker()
        cls.broker.setUp()
        cls.addClassCleanup(cls.broker.cleanUp)
        return {
            **told_options(),
            'transport_url': cls.broker.url,
            'driver': ['log', told_options()['driver']],
        }

    def setUp(self):
        super().setUp()
        self.addCleanup(self.tidy_up)
        self.shell = self.enterContext(typed.shell(self.cloud))
        self.shell.type(
            '\n'.join(typed.blocks(typed.section(PAGE, 'openstack optimize')))
        )
        self.server = self.id().rpartition('_')[2]
        self.cloud.add_servers({self.server: base.on('compute-1')})
        self.cloud.refresh_model()

    def tidy_up(self):
        self.cloud.faults.clear()
        for server in self.cloud.nova.servers.list():
            server.force_delete()
        self.assertEventually({}, self.cloud.servers)
        self.enable_all()

    def enable_all(self):
        for host, service in self.cloud.services().items():
            if service.status != 'enabled':
                self.cloud.nova.services.enable(
                    *(s.id for s in self.cloud.nova.services.list(host=host))
                )

    def type(self, title, *positions, page=PAGE, fails=False, words=()):
        """Type the blocks of a section, or those at these positions.

        :param fails: the last one fails
        :param words: what to type for what is on the page
        """
        text = typed.section(page, title)
        for name, content in typed.files(text).items():
            (self.shell.directory / name).write_text(content)
        for word, meant in dict(words).items():
            self.assertIn(word, text)
            text = text.replace(word, meant)
        commands = typed.blocks(text)
        *chosen, last = positions or range(len(commands))
        printed = [self.shell.type(commands[n]) for n in chosen]
        return ''.join([*printed, self.shell.type(commands[last], fails)])

    def assert_drained(self, *hosts):
        """Wait until nothing is on these hosts, which are in maintenance."""
        self.assertEventually(
            set(),
            lambda: (
                {s.host for s in self.cloud.servers().values()} & set(hosts)
            ),
            timeout_s=90,
        )
        self.assertEventually(
            [],
            lambda: [
                p
                for p in self.cloud._list('action_plans')
                if p['state'] in ('PENDING', 'ONGOING')
            ],
            timeout_s=60,
        )
        for host in hosts:
            service = self.cloud.services()[host]
            self.assertEqual('disabled', service.status)
            self.assertIn('watcher_maintaining', service.disabled_reason)

    def assert_untouched(self):
        """Check that the server and the node are as they were."""
        self.assertEqual('compute-1', self.where())
        self.assertEqual(base.ENABLED, self.cloud.services()['compute-1'])

    def where(self, name=None):
        return self.cloud.servers()[name or self.server].host

    def value_of(self, variable):
        """What a variable of the shell holds."""
        return self.shell.type(f'echo ${variable}').strip()

    def steps(self):
        """What the plan of $AUDIT does: state, action and server."""
        plan = self.cloud.action_plan({'uuid': self.value_of('AUDIT')})
        return [step[:3] for step in plans.summary(self.cloud.actions(plan))]

    def test_template(self):
        self.type('Audit templates')
        self.assert_drained('compute-1')

    def test_look(self):
        title = 'Dry run'
        shown = self.type(title, 0)
        self.assertIn(self.server, shown)
        self.assertIn('verify_host_empty', shown)
        self.assert_untouched()
        self.assertIn('SUCCEEDED', self.type(title, 1))
        self.assert_drained('compute-1')
        self.type('End of maintenance', 0)
        self.assertEqual(base.ENABLED, self.cloud.services()['compute-1'])
        self.type('End of maintenance', 1)
        self.assertEqual(base.UNUSED, self.cloud.services()['compute-1'])

    def test_drop_or_blocked(self):
        title = 'Dry run'
        self.type(title, 0)
        self.type(title, 2)
        self.assertEqual('', self.shell.type('plan_of $AUDIT'))
        self.assert_untouched()
        server = self.cloud.nova.servers.find(name=self.server)
        self.cloud.nova.servers.reset_state(server, 'error')
        self.assertRegex(
            self.type(title, 0, fails=True),
            rf'^FAILED Cannot .*{self.server} is in ERROR',
        )
        for printed in self.type('Read the status message').split('State')[1:]:
            self.assertIn('FAILED', printed)
            self.assertIn(f'{self.server} is in ERROR', printed)
        self.assertIn(
            'has no actionplan',
            self.shell.type(
                'wait_for actionplan $(plan_of $AUDIT)', fails=True
            ),
        )
        self.assert_untouched()

    def test_more_than_one(self):
        self.cloud.add_servers({'other': base.on('compute-2')})
        self.type('Several nodes')
        self.assert_drained('compute-1', 'compute-2')
        # One server is on each of the others now, and comes back.
        self.enable_all()
        self.type('All marked nodes')
        self.assert_drained('compute-3', 'compute-4')
        self.enable_all()
        self.type('Drain a rack')
        self.assert_drained('compute-1', 'compute-2')

    def test_inside(self):
        # Without a scope, it would go where nothing is.
        self.cloud.add_servers({'other': base.on('compute-2')})
        self.type('Keep servers in the rack')
        self.assert_drained('compute-1')
        self.assertEqual('compute-2', self.where())

    def test_window(self):
        title = 'Maintenance window'
        self.cloud.add_servers({'other': base.on('compute-2')})
        self.type(title, 0)
        self.open_window(opens_s=-7200, closes_s=-3600)
        self.type(title, 1, 2)
        self.assertEventually(
            'SUCCEEDED',
            lambda: self.cloud.audit('tonight')['state'],
            timeout_s=60,
        )
        self.shell.type('openstack optimize audit delete tonight')
        self.assertEqual('compute-1', self.where())
        start = self.open_window(opens_s=8, closes_s=3600)
        self.type(title, 2, words={'-i 600': '-i 5'})
        self.assert_drained('compute-1')
        self.type(title, 1, words={'compute-1': 'compute-2'})
        self.assert_drained('compute-1', 'compute-2')
        self.assertIn('ONGOING', self.type(title, 3))
        self.type(title, 4)
        audit = self.cloud.audit('tonight')
        self.assertEqual('CANCELLED', audit['state'])
        planned = [
            plan['created_at'] for plan in self.cloud.action_plans(audit)
        ]
        self.assertEqual([], [time for time in planned if time < start])

    def open_window(self, opens_s, closes_s):
        """Let the window open and close in so many seconds.

        :returns: when it opens, as Watcher writes it
        """
        now = datetime.datetime.now().astimezone()
        start, end = (
            now + datetime.timedelta(seconds=s) for s in (opens_s, closes_s)
        )
        self.shell.type(
            f'START={start:%Y-%m-%dT%H:%M:%S}\nEND={end:%Y-%m-%dT%H:%M:%S}'
        )
        return f'{start.astimezone(datetime.UTC):%Y-%m-%dT%H:%M:%S}'

    def test_resume(self):
        title = 'Resume after a failure'
        self.cloud.add_servers({'other': base.on('compute-1')})
        server = self.cloud.nova.servers.find(name=self.server)
        self.cloud.faults.fail(server.id)
        self.assertIn('FAILED', self.type(title, 0, fails=True))
        self.assertIn(self.server, self.type(title, 1))
        self.assertEqual('compute-1', self.where())
        # Of two servers of one size the UUIDs decide who goes where.
        self.assertIn(self.where('other'), ('compute-2', 'compute-3'))
        self.assertEqual(base.MAINTAINED, self.cloud.services()['compute-1'])
        self.cloud.faults.clear()
        self.assertEventually(
            'ERROR', lambda: self.cloud.servers()[self.server].status
        )
        self.type(title, 2, words={'active web': f'active {self.server}'})
        self.assertEqual('ACTIVE', self.cloud.servers()[self.server].status)
        self.assertNotIn('FAILED', self.type(title, 3))
        self.assert_drained('compute-1')
        self.assertEqual(
            [
                ('SUCCEEDED', 'migrate', self.server),
                ('SUCCEEDED', 'verify_host_empty', 'compute-1'),
            ],
            self.steps(),
        )

    def test_commands_of_several_nodes(self):
        self.cloud.add_servers({'other': base.on('compute-2')})
        self.type('Drain several nodes', 0, page=COMMANDS)
        self.assert_drained('compute-1', 'compute-2')
        self.enable_all()
        self.type('Drain several nodes', 1, page=COMMANDS)
        self.assert_drained('compute-1', 'compute-2')

    def test_commands_leave_and_resume(self):
        title = 'Leave what cannot move'
        self.cloud.add_servers({'other': base.on('compute-1')})
        server = self.cloud.nova.servers.find(name=self.server)
        self.cloud.nova.servers.reset_state(server, 'error')
        self.type(title, 0, page=COMMANDS, fails=True)
        self.assertEqual(
            ('compute-1', 'compute-2'), (self.where(), self.where('other'))
        )
        shown = self.type(title, 1, page=COMMANDS)
        self.assertIn(f'{self.server} is in ERROR', ' '.join(shown.split()))
        self.type(title, 2, page=COMMANDS, fails=True)
        [*_, audit] = self.cloud._list('audits')
        self.shell.type(f'AUDIT={audit["uuid"]}')
        why = self.type('Find out why an audit was refused', page=COMMANDS)
        self.assertIn(f'{self.server} is in ERROR', ' '.join(why.split()))
        self.cloud.nova.servers.reset_state(server, 'active')
        self.type(title, 2, page=COMMANDS)
        self.assert_drained('compute-1')

    def test_commands_stop(self):
        [both] = typed.blocks(typed.section(COMMANDS, 'Stop a drain'))
        start, stop = both.splitlines()
        self.shell.type(start)
        self.shell.type(stop)
        self.assertEqual([], self.plans_that_are('ONGOING'))
        self.assertEqual(base.MAINTAINED, self.cloud.services()['compute-1'])

    def test_commands_in_a_script(self):
        self.type('Report a bug', page=COMMANDS)
        self.assert_untouched()
        told = self.type('Use it in a script', page=COMMANDS)
        self.assertIn('compute-1 is ready', told)
        self.assertIn('"Phase": "ready"', told)
        self.assert_drained('compute-1')

    def test_runbook(self):
        page = 'admin/runbook.rst'
        self.assertEqual(self.server, self.planned_by_check(page))
        self.assert_untouched()
        self.stop_on_the_way(page)
        self.type('Drain the node', 0, 1, page=page)
        self.assert_drained('compute-1')
        shown = self.type('Drain the node', 2, page=page)
        self.assertIn('| ready ', shown)
        self.assertIn('watcher_maintaining: ticket 4711', shown)
        self.assertRegex(
            self.type('Return to service', 0, page=page),
            r'compute-1 .* disabled .* up ',
        )
        self.type('Return to service', 1, page=page)
        self.assertEqual(base.ENABLED, self.cloud.services()['compute-1'])

    def planned_by_check(self, page):
        """The server that a check would move."""
        rows = self.type('A week before', page=page).splitlines()
        [name] = [
            row.split('|')[1].strip() for row in rows if ' migrate ' in row
        ]
        return name

    def stop_on_the_way(self, page):
        """Drain two servers, and stop while the first one moves."""
        self.cloud.add_servers({'other': base.on('compute-1')})
        for server in self.cloud.nova.servers.list():
            self.cloud.faults.hang(server.id)
        self.type('Drain the node', 0, page=page)
        self.assertEventually(
            ['ACTIVE', 'MIGRATING'],
            lambda: sorted(s.status for s in self.cloud.servers().values()),
            60,
        )
        [plan] = self.plans_that_are('ONGOING')
        self.type('If something goes wrong', page=page)
        self.cloud.faults.clear()
        self.assertEqual(
            'CANCELLED', self.cloud.finished_plan({'uuid': plan})['state']
        )
        self.assertEqual(
            1,
            [s.host for s in self.cloud.servers().values()].count('compute-1'),
        )
        service = self.cloud.services()['compute-1']
        self.assertEqual(
            ('disabled', 'watcher_maintaining: ticket 4711'),
            (service.status, service.disabled_reason),
        )

    def plans_that_are(self, state):
        return [
            plan['uuid']
            for plan in self.cloud._list('action_plans')
            if plan['state'] == state
        ]

    def test_told(self):
        self.assertIn('compute-1 is ready', self.type(TOLD, 0))
        self.assert_drained('compute-1')
        logged = notifications.logged(self.cloud)
        events = {notification['event_type'] for notification in logged}
        self.assertLess(
            {
                'action.execution.end',
                'audit.strategy.end',
                'action_plan.execution.end',
            },
            events,
        )
        self.assertIn('compute-1 is ready\n', self.told(logged))

    def told(self, logged):
        """What the example prints when Watcher sends these once more."""
        config = self.shell.directory / 'watcher.conf'
        [text] = typed.blocks(typed.section(PAGE, TOLD), 'ini')
        config.write_text(f'[DEFAULT]\ntransport_url = fake:///\n{text}\n')
        done = subprocess.run(
            [
                sys.executable,
                '-W',
                'ignore',
                '-m',
                'tests.functional.replay',
                str(config),
                str(EXAMPLE),
            ],
            input='\n'.join(map(json.dumps, logged)),
            capture_output=True,
            text=True,
            check=True,
        )
        self.assertNotIn('Traceback', done.stderr)
        return done.stdout

    def test_told_by_bus(self):
        if self.broker is None:
            self.skipTest('rabbitmq-server of Debian is not installed')
        shutil.copy(EXAMPLE, self.shell.directory)
        [_, command] = typed.blocks(typed.section(PAGE, TOLD))
        url = command.split()[-1]
        with self.shell.running(
            command.replace(url, self.broker.url)
        ) as example:
            self.assertEventually(
                True, lambda: self.broker.has_queue('when-ready'), 60
            )
            self.type(TOLD, 0)
            self.assertEqual('compute-1 is ready\n', example.stdout.readline())
            example.terminate()
            printed, errors = example.communicate()
        self.assertEqual('', printed)
        self.assertNotIn('Traceback', errors)
