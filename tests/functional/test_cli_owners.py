# SPDX-License-Identifier: Apache-2.0

"""``openstack maintenance mine`` and ``answer``, with owners' own rights."""

import collections
import json

from minicloud import cloud
from minicloud import credentials
from tests.functional import base
from tests.functional import command_line
from tests.functional import notifications
from tests.functional import web_hooks
from tests.services import rabbitmq


NOTICE = {
    'maintenance:id': 'b1a1b1ab-3d5a-4c9f-8f0e-6a1b0e0f7c11',
    'maintenance:state': 'announced',
    'maintenance:starts': '2999-12-01T21:00:00Z',
    'maintenance:answer_by': '2999-12-01T18:00:00Z',
    'maintenance:effect': 'live',
    'maintenance:host': 'returns',
}

OWNERS = (credentials.MEMBER, credentials.MANAGER, credentials.READER)
OTHERS = (
    credentials.STRANGER,
    credentials.OTHER_MANAGER,
    credentials.OTHER_READER,
)


class TestOwners(base.CloudTestCase):
    """One cloud, where two projects have servers on one node."""

    LIMIT_S = 300

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.share(
            cloud.Cloud(
                base.description(
                    hosts=dict.fromkeys(('compute-1', 'compute-2'), base.HOST),
                    servers={
                        'web': base.on('compute-1', count=2, project='demo'),
                        'db': base.on(
                            'compute-1', project='demo', state='SHUTOFF'
                        ),
                        'lost': base.on(
                            'compute-1', project='demo', state='ERROR'
                        ),
                        'theirs': base.on('compute-1', project='lab'),
                    },
                ),
                keystone=True,
                watcher_options=base.options({}),
            )
        )
        cls.uuids = {}
        for project in ('demo', 'lab'):
            nova = cls.cloud.clients.nova(project)
            for server in nova.servers.list():
                cls.uuids[server.name] = server.id

    def setUp(self):
        super().setUp()
        self.addCleanup(self.take_back)
        self.nova = self.cloud.nova

    def take_back(self):
        for name in ('web-1', 'web-2', 'db', 'theirs'):
            server = self.uuids[name]
            self.nova.servers.delete_all_tags(server)
            metadata = self.nova.servers.get(server).metadata
            self.nova.servers.delete_meta(server, list(metadata))
            self.nova.servers.unlock(server)

    def announce(self, *names, **changes):
        for name in names:
            self.nova.servers.set_meta(self.uuids[name], NOTICE | changes)

    def type(self, command, status=0, user=credentials.MEMBER):
        line = f'openstack maintenance {command} -f json'
        ended, out, err = command_line.answer_here(self.cloud, line, user)
        self.assertEqual(status, ended or 0, f'{line}\n{out}{err}')
        self.assertNotIn('Traceback', err)
        return (json.loads(out) if out else out), err

    def tags(self, name):
        return self.nova.servers.tag_list(self.uuids[name])

    def test_sees_own_notices_only(self):
        self.announce('web-1', 'db', 'theirs')
        for user in OWNERS:
            rows, _told = self.type('mine', user=user)
            self.assertEqual(['db', 'web-1'], [r['Server'] for r in rows])
            self.assertNotIn('compute-1', json.dumps(rows))
        self.assertEqual(
            {
                'ID': self.uuids['web-1'],
                'Server': 'web-1',
                'State': 'announced',
                'Effect': 'live',
                'Starts': '2999-12-01T21:00:00Z',
                'Ends': '',
                'Answer By': '2999-12-01T18:00:00Z',
                'Host': 'returns',
                'Word': '',
                'Counts': '',
            },
            rows[1],
        )
        for user in OTHERS:
            rows, _told = self.type('mine', user=user)
            self.assertEqual(['theirs'], [r['Server'] for r in rows])
            self.assertNotIn('compute-1', json.dumps(rows))
        rows, told = self.type('mine', user=credentials.ADMIN)
        self.assertEqual([], rows)
        self.assertIn('No maintenance of your servers is announced.', told)

    def test_every_word(self):
        self.announce('web-1')
        for word in (
            'move', 'cold', 'stop', 'stop-and-start', 'stay', 'keep',
        ):  # fmt: skip
            rows, _told = self.type(f'answer web-1 {word}')
            self.assertEqual(word, rows[0]['Word'])
            self.assertEqual([f'maintenance:{word}'], self.tags('web-1'))
            rows, _told = self.type('mine')
            self.assertEqual(word, rows[0]['Word'])
        self.type('answer web-1 stop')
        self.type('answer web-1 go', user=credentials.MANAGER)
        self.assertEqual(
            ['maintenance:go', 'maintenance:stop'], sorted(self.tags('web-1'))
        )

    def test_locked_server(self):
        self.announce('web-1')
        member = self.cloud.clients.nova(user=credentials.MEMBER)
        member.servers.lock(self.uuids['web-1'])
        self.type('answer web-1 go')
        self.assertEqual(['maintenance:go'], self.tags('web-1'))

    def test_several_servers(self):
        self.announce('web-1', 'db')
        rows, _told = self.type(
            f'answer {self.uuids["web-1"]} db web-2 lost theirs go', status=3
        )
        self.assertEqual(
            [
                ('web-1', 'go', ''),
                ('db', 'go', ''),
                (
                    'web-2',
                    '',
                    'It has no notice: no maintenance waits for it.',
                ),
                (
                    'lost',
                    '',
                    'It has no notice: no maintenance waits for it.',
                ),
                ('theirs', '', 'There is no such server in this project.'),
            ],
            [(r['Server'], r['Word'], r['Message']) for r in rows],
        )

    def test_server_in_error(self):
        """Nova does not accept tags for it."""
        rows, _told = self.type('answer lost keep', status=1)
        self.assertIn('vm_state error', rows[0]['Message'])
        self.assertIn('HTTP 409', rows[0]['Message'])

    def test_other_project(self):
        self.announce('web-1', 'theirs')
        for users, name in ((OWNERS, 'theirs'), (OTHERS, 'web-1')):
            for user in users:
                rows, _told = self.type(
                    f'answer {self.uuids[name]} keep', status=1, user=user
                )
                self.assertEqual(
                    'There is no such server in this project.',
                    rows[0]['Message'],
                )
            self.assertEqual([], self.tags(name))

    def test_reader(self):
        self.announce('web-1', 'theirs')
        for user, name in (
            (credentials.READER, 'web-1'),
            (credentials.OTHER_READER, 'theirs'),
        ):
            rows, _told = self.type(f'answer {name} keep', status=1, user=user)
            self.assertIn('os-server-tags:update', rows[0]['Message'])
            self.assertIn('HTTP 403', rows[0]['Message'])
            self.assertIn('needs the role member', rows[0]['Message'])
            self.assertEqual([], self.tags(name))

    def test_members_and_managers_of_both_projects(self):
        self.announce('web-1', 'theirs')
        for user, name, word in (
            (credentials.MEMBER, 'web-1', 'stop'),
            (credentials.MANAGER, 'web-1', 'keep'),
            (credentials.STRANGER, 'theirs', 'cold'),
            (credentials.OTHER_MANAGER, 'theirs', 'stay'),
        ):
            self.type(f'answer {name} {word}', user=user)
            self.assertEqual([f'maintenance:{word}'], self.tags(name))

    def test_without_watcher_in_the_catalog(self):
        keystone = self.cloud.clients.keystone()
        [service] = keystone.get('/services?type=infra-optim').json()[
            'services'
        ]
        path = f'/services/{service["id"]}'

        def switch(enabled):
            keystone.patch(path, json={'service': {'enabled': enabled}})

        self.addCleanup(switch, True)
        switch(False)
        self.announce('web-1')
        self.type('answer web-1 keep')
        rows, _told = self.type('mine')
        self.assertEqual('keep', rows[0]['Word'])


class TestAnnounced(base.CloudTestCase):
    """Told by an audit, answered, moved, and called off."""

    LIMIT_S = 400

    def setUp(self):
        super().setUp()
        notifier = {'driver': ['log']}
        self.broker = None
        if rabbitmq.program() is not None:
            self.broker = self.useFixture(rabbitmq.Broker())
            notifier['driver'].append('messagingv2')
            notifier['transport_url'] = self.broker.url
        hosts = dict.fromkeys(('compute-1', 'compute-2'), base.HOST)
        self.cloud = self.useFixture(
            cloud.Cloud(
                base.description(
                    hosts=hosts,
                    servers={
                        'web': base.on('compute-1', project='demo'),
                        'db': base.on('compute-1', project='demo'),
                        'lost': base.on(
                            'compute-1', project='lab', state='ERROR'
                        ),
                        'theirs': base.on('compute-1', project='lab'),
                    },
                ),
                keystone=True,
                watcher_options=base.options(
                    {
                        'oslo_messaging_notifications': notifier,
                        'watcher_decision_engine': {
                            'continuous_audit_interval': 1
                        },
                    }
                ),
            )
        )
        self.cloud.refresh_model()

    def type(self, command, status=0, user=credentials.ADMIN):
        line = f'openstack maintenance {command} -f json'
        ended, out, err = command_line.answer_here(self.cloud, line, user)
        self.assertEqual(status, ended or 0, f'{line}\n{out}{err}')
        self.assertNotIn('Traceback', err)
        return (json.loads(out) if out else out), err

    def mine(self, user=credentials.MEMBER):
        """Server -> state and word, as an owner sees them."""
        rows, _told = self.type('mine', user=user)
        return {r['Server']: (r['State'], r['Word']) for r in rows}

    def listen(self):
        """Have each project's web hook called, where there is a bus."""
        if self.broker is None:
            return None
        self.projects = {
            name: self.cloud.clients.nova(user=user).client.get_project_id()
            for name, user in (
                ('demo', credentials.MEMBER), ('lab', credentials.STRANGER),
            )
        }  # fmt: skip
        return self.useFixture(
            web_hooks.WebHooks(self.broker, self.projects.values())
        )

    def assertPosted(self, hooks, uuids):
        """Compare what each project's hook was told of its servers.

        :param uuids: of servers, by name
        """
        names = {uuid: name for name, uuid in uuids.items()}

        def told():
            """Project -> server -> events, and what happens to it."""
            servers = {}
            for project, project_id in self.projects.items():
                servers[project] = events = collections.defaultdict(list)
                for posted in hooks.posted(project_id):
                    events[names.get(posted['server_id'])].append(
                        (posted['event'], posted['effect'])
                    )
            return servers

        planned = ('maintenance.planned', 'live')
        called_off = [planned, ('maintenance.cancelled', 'none')]
        self.assertEventually(
            {
                'demo': {
                    'web': [
                        planned,
                        ('maintenance.moving', 'live'),
                        ('maintenance.done', 'live'),
                    ],
                    # Told again what the word of its owner changes.
                    'db': [planned, (planned[0], 'none'), called_off[1]],
                },
                'lab': {'theirs': called_off},
            },
            told,
            60,
        )
        self.assertEqual('', hooks.end())
        sent = notifications.of_owners(self.cloud)
        for project_id in self.projects.values():
            posted = hooks.posted(project_id)
            self.assertEqual(
                [
                    {'event': event['event_type'], **event['payload']}
                    for event in sent
                    if event['payload']['project_id'] == project_id
                ],
                [
                    {k: v for k, v in p.items() if k not in ('id', 'time')}
                    for p in posted
                ],
            )
            self.assertEqual(
                {('2099-12-01T21:00:00Z', '2099-12-01T18:00:00Z', 'returns')},
                {(p['starts'], p['answer_by'], p['host']) for p in posted},
            )
            self.assertNotIn('compute-', json.dumps(posted))

    def answers(self):
        """Server -> what was told, and the word."""
        rows, _told = self.type('answers compute-1')
        return {r['Server']: (r['Told'], r['Word']) for r in rows}

    def metadata(self):
        servers = self.cloud.nova.servers.list(
            search_opts={'all_tenants': True}
        )
        return {s.name: s.metadata for s in servers}

    def assertSeenByAll(self):
        """Every role of both projects reads the notice; a reader no more."""
        for users, servers in (
            (OWNERS, {'web', 'db'}), (OTHERS, {'theirs'}),
        ):  # fmt: skip
            expected = dict.fromkeys(servers, ('announced', ''))
            for user in users:
                self.assertEqual(expected, self.mine(user))
        for reader, name in (
            (credentials.READER, 'web'), (credentials.OTHER_READER, 'theirs'),
        ):  # fmt: skip
            rows, _told = self.type(f'answer {name} go', 1, reader)
            self.assertIn('needs the role member', rows[0]['Message'])

    def test_announced_answered_and_called_off(self):
        hooks = self.listen()
        self.type(
            'announce compute-1 --starts "2099-12-01 22:00 Europe/Berlin" '
            '--answer-by 2099-12-01T18:00Z --on-blocked leave --interval 1'
        )
        self.assertEventually(
            {'web': ('announced', ''), 'db': ('announced', '')}, self.mine, 60
        )
        self.assertEventually(
            {'theirs': ('announced', '')},
            lambda: self.mine(credentials.STRANGER),
            60,
        )
        self.assertNotIn('compute-1', json.dumps(self.metadata()))
        self.assertEqual(
            {
                'web': ('announced', ''),
                'db': ('announced', ''),
                'theirs': ('announced', ''),
                'lost': ('', ''),
            },
            self.answers(),
        )
        rows, told = self.type('answers compute-1')
        [lost] = [r for r in rows if r['Server'] == 'lost']
        self.assertIn('state error', lost['Message'])
        self.assertIn('Without a notice: 1', told)
        _out, told = self.type(
            'announce compute-1 --starts 2099-12-01T21:00Z', status=1
        )
        self.assertIn('is announced by audit', told)
        [row] = [r for r in self.type('list')[0] if r['Host'] == 'compute-1']
        self.assertEqual('announced', row['Phase'])

        self.assertSeenByAll()
        self.type('answer db keep', user=credentials.MEMBER)
        self.type('answer web go', user=credentials.MEMBER)
        # It is moved though the maintenance starts in many years.
        self.assertEventually(
            'compute-2', lambda: self.cloud.servers()['web'].host, 120
        )
        self.assertEventually(('done', ''), lambda: self.answers()['web'], 60)
        self.assertEqual('compute-1', self.cloud.servers()['theirs'].host)
        self.assertEqual(('announced', 'keep'), self.mine()['db'])

        rows, told = self.type('cancel compute-1')
        self.assertNotIn('Not all', told)
        uuids = {r['Server']: r['ID'] for r in rows}
        self.assertEqual({'web', 'db', 'theirs'}, uuids.keys())
        self.assertEqual({''}, {r['Message'] for r in rows})
        self.assertEqual(
            {'web': {}, 'db': {}, 'theirs': {}, 'lost': {}}, self.metadata()
        )
        self.assertEqual({}, self.mine())
        events = notifications.of_owners(self.cloud)
        self.assertEqual(
            {
                'maintenance.planned',
                'maintenance.moving',
                'maintenance.done',
                'maintenance.cancelled',
            },
            {event['event_type'] for event in events},
        )
        # The maintenance of web is done.
        called_off = [
            event['payload']['server_id']
            for event in events
            if event['event_type'] == 'maintenance.cancelled'
        ]
        self.assertEqual({uuids['db'], uuids['theirs']}, {*called_off})
        payloads = json.dumps([event['payload'] for event in events])
        self.assertNotIn('compute-', payloads)
        if hooks is not None:
            self.assertPosted(hooks, uuids)
        self.assertRemoved()
        if hooks is None:
            self.skipTest(
                'all but the web hooks: rabbitmq-server of Debian is not '
                'installed'
            )

    def assertRemoved(self):
        """Announce once more, of a host that does not return."""
        self.type(
            'announce compute-1 --starts 2099-12-01T21:00Z --removed --close '
            '--on-blocked leave --interval 1'
        )

        def told():
            rows, _told = self.type('mine', user=credentials.READER)
            return {(r['Server'], r['State'], r['Host']) for r in rows}

        # All servers have to leave; the one that has left gets no notice.
        self.assertEventually({('db', 'announced', 'removed')}, told, 60)
        # It is closed at once, though all are still on it.
        self.assertEventually(
            base.MAINTAINED, lambda: self.cloud.services()['compute-1'], 60
        )
        self.assertEqual('compute-1', self.cloud.servers()['db'].host)
        _rows, said = self.type('cancel compute-1 --now')
        self.assertIn('compute-1 stays disabled', said)
        self.assertEqual({}, self.mine())
