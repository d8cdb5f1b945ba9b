# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""Every recipe of the documentation, typed as it stands."""

import contextlib
import datetime
import importlib.util
import io
import json
import re

import oslo_messaging

from oslo_config import cfg

from minicloud import cloud
from tests.functional import base
from tests.functional import typed


PAGE = 'recipes.rst'
LOGGED = re.compile(r'oslo\.messaging\.notification\.action\.execution\.end '
                    r'.*?(\{.*\})$', re.MULTILINE)


class TestRecipes(base.CloudTestCase):
    """They share a cloud; each has servers of its own on compute-1."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cloud = cloud.Cloud(
            base.description(
                hosts={f'compute-{n}': base.HOST for n in range(1, 5)},
                aggregates={'rack-1': {'hosts': ['compute-1', 'compute-2']}}),
            watcher_options={
                'oslo_messaging_notifications': {'driver': 'log'},
                'watcher_decision_engine': {'continuous_audit_interval': 1}})
        cls.cloud.setUp()
        cls.addClassCleanup(cls.cloud.cleanUp)

    def setUp(self):
        super().setUp()
        self.addCleanup(self.tidy_up)
        self.shell = self.enterContext(typed.shell(self.cloud))
        self.shell.type('\n'.join(
            typed.blocks(typed.section(PAGE, 'Recipes'))))
        self.server = self.id().rpartition('_')[2]
        self.cloud.add_servers({self.server: base.on('compute-1')})
        self.cloud.refresh_model()

    def tidy_up(self):
        self.cloud.faults.clear()
        for server in self.cloud.nova.servers.list():
            server.force_delete()
        self.assertEventually({}, self.cloud.servers)
        for host, service in self.cloud.services().items():
            if service.status != 'enabled':
                self.cloud.nova.services.enable(
                    *(s.id for s in self.cloud.nova.services.list(host=host)))

    def type(self, title, *positions, page=PAGE, **words):
        """Type the blocks of a section, or those at these positions.

        :param words: what to type for a word in capitals
        """
        text = typed.section(page, title)
        for name, content in typed.files(text).items():
            (self.shell.directory / name).write_text(content)
        for word, meant in words.items():
            text = text.replace(word, meant)
        commands = typed.blocks(text)
        chosen = positions or range(len(commands))
        return ''.join(self.shell.type(commands[n]) for n in chosen)

    def assert_drained(self, *hosts):
        """Wait until nothing is on these hosts, which are in maintenance."""
        self.assertEventually(
            set(), lambda: {s.host for s in self.cloud.servers().values()}
            & set(hosts), timeout_s=90)
        self.assertEventually(
            [], lambda: [p for p in self.cloud._list('action_plans')
                         if p['state'] in ('PENDING', 'ONGOING')],
            timeout_s=60)
        for host in hosts:
            service = self.cloud.services()[host]
            self.assertEqual('disabled', service.status)
            self.assertIn('watcher_maintaining', service.disabled_reason)

    def where(self):
        return self.cloud.servers()[self.server].host

    def test_template(self):
        self.type('Short commands')
        self.assert_drained('compute-1')

    def test_look(self):
        title = 'Look first, then start'
        shown = self.type(title, 0)
        self.assertIn(self.server, shown)
        self.assertIn('verify_host_empty', shown)
        self.assertEqual('compute-1', self.where())
        self.assertEqual(base.ENABLED, self.cloud.services()['compute-1'])
        self.assertIn('SUCCEEDED', self.type(title, 1))
        self.assert_drained('compute-1')

    def test_drop(self):
        title = 'Look first, then start'
        self.type(title, 0)
        self.type(title, 2)
        self.assertEqual('compute-1', self.where())
        self.assertEqual(base.ENABLED, self.cloud.services()['compute-1'])

    def test_several(self):
        self.cloud.add_servers({'other': base.on('compute-2')})
        self.type('Several nodes')
        self.assert_drained('compute-1', 'compute-2')

    def test_rack(self):
        self.type('A rack')
        self.assert_drained('compute-1')
        self.assertEqual('compute-2', self.where())

    def test_window(self):
        title = 'A maintenance window'
        self.assertEqual(
            ['START', 'END'], re.findall(
                r'^(\w+)=[\dT:-]+$',
                typed.blocks(typed.section(PAGE, title))[0], re.MULTILINE))
        self.open_window(hours=-2)
        self.type(title, 1, 2)
        self.assertEventually(
            'SUCCEEDED', lambda: self.audit_named('tonight')['state'],
            timeout_s=60)
        self.assertEqual('compute-1', self.where())
        self.shell.type('openstack optimize audit delete tonight')
        self.open_window(hours=1)
        self.type(title, 2)
        self.assert_drained('compute-1')
        self.assertIn('ONGOING', self.type(title, 3))
        self.type(title, 4)
        self.assertEqual('CANCELLED', self.audit_named('tonight')['state'])

    def open_window(self, hours):
        """Let it have begun hours ago, and end in so many hours."""
        now = datetime.datetime.now().astimezone().replace(tzinfo=None)
        start = now - datetime.timedelta(hours=abs(hours) + 1)
        end = now + datetime.timedelta(hours=hours)
        self.shell.type(f'START={start:%Y-%m-%dT%H:%M:%S}\n'
                        f'END={end:%Y-%m-%dT%H:%M:%S}')

    def audit_named(self, name):
        return self.cloud.watcher.get(f'/v1/audits/{name}').json()

    def test_resume(self):
        title = 'Resume after a failure'
        server = self.cloud.nova.servers.find(name=self.server)
        self.cloud.faults.fail(server.id)
        said = self.type(title, 0)
        self.assertIn('FAILED', said)
        self.assertIn(self.server, said)
        self.assertEqual('compute-1', self.where())
        self.assertEqual(base.MAINTAINED, self.cloud.services()['compute-1'])
        self.cloud.faults.clear()
        self.assertNotIn('FAILED', self.type(title, 1))
        self.assert_drained('compute-1')

    def test_end(self):
        self.type('Look first, then start', 0, 1)
        self.type('End of maintenance', 0)
        self.assertEqual(base.ENABLED, self.cloud.services()['compute-1'])
        self.type('End of maintenance', 1)
        self.assertEqual(base.UNUSED, self.cloud.services()['compute-1'])

    def test_runbook(self):
        self.type('A week before', page='runbook.rst')
        self.assertEventually(1, lambda: len(self.recommended()), 60)
        self.assertEqual('compute-1', self.where())
        [plan] = self.recommended()
        self.type('When it does not work', page='runbook.rst', PLAN_UUID=plan)
        self.type('At the time', page='runbook.rst')
        self.assert_drained('compute-1')
        self.assertRegex(
            self.type('The return', 0, page='runbook.rst'),
            r'compute-1 .* disabled .* up ')
        self.type('The return', 1, page='runbook.rst')
        self.assertEqual(base.ENABLED, self.cloud.services()['compute-1'])

    def recommended(self):
        return [plan['uuid'] for plan in self.cloud._list('action_plans')
                if plan['state'] == 'RECOMMENDED']

    def test_told(self):
        title = 'Be told when the node is ready'
        self.assertIn('compute-1 is ready', self.type(title, 0))
        self.assert_drained('compute-1')
        logged = LOGGED.findall(self.cloud.logs()['watcher'])
        self.assertIn('compute-1 is ready\n', self.told(
            [json.loads(line) for line in logged]))

    def told(self, notifications):
        """What the example prints when it gets these over a bus."""
        spec = importlib.util.spec_from_file_location(
            'when_ready', typed.SOURCE / 'examples' / 'when_ready.py')
        example = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(example)
        printed = io.StringIO()
        listener = example.listen('fake:///')
        self.addCleanup(listener.wait)
        self.addCleanup(listener.stop)
        bus = self.bus_of_watcher()
        with contextlib.redirect_stdout(printed):
            for one in notifications:
                bus.prepare(publisher_id=one['publisher_id']).info(
                    {}, one['event_type'], one['payload'])
            self.assertEventually(
                True, lambda: 'ready' in printed.getvalue(), timeout_s=30)
        return printed.getvalue()

    def bus_of_watcher(self):
        """What sends as Watcher does, over a bus within this process."""
        config = self.shell.directory / 'watcher.conf'
        config.write_text('[DEFAULT]\ncontrol_exchange = watcher\n')
        conf = cfg.ConfigOpts()
        conf([], project='watcher', default_config_files=[str(config)])
        return oslo_messaging.Notifier(
            oslo_messaging.get_notification_transport(conf, 'fake:///'),
            driver='messagingv2', topics=['notifications'])
