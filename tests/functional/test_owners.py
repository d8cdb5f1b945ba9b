# SPDX-License-Identifier: Apache-2.0

"""Owners are told of a maintenance, answer with their rights, and count."""

import datetime
import json

from minicloud import cloud
from minicloud import credentials
from tests.functional import base
from tests.functional import continuous


HOSTS = ('compute-1', 'compute-2', 'compute-3')


def in_seconds(seconds):
    """A time from now, as a parameter has it."""
    time = datetime.datetime.now(datetime.UTC) + datetime.timedelta(
        seconds=seconds
    )
    return time.isoformat(timespec='seconds')


class OwnersTestCase(continuous.ContinuousTestCase):
    """Two projects have servers on compute-1."""

    LIMIT_S = 600

    def start_with(self, demo, **lab):
        servers = {
            name: base.on('compute-1', project='demo', **fields)
            for name, fields in demo.items()
        }
        servers |= {
            name: base.on('compute-1', project='lab', **fields)
            for name, fields in lab.items()
        }
        self.cloud = self.useFixture(
            cloud.Cloud(
                base.description(
                    hosts=dict.fromkeys(HOSTS, base.HOST), servers=servers
                ),
                keystone=True,
                nova_options=base.REPORTS,
                watcher_options=base.options(
                    {
                        'watcher_strategies.cluster_host_return': {
                            'return_wait_s': 60
                        }
                    }
                ),
            )
        )
        self.member = self.cloud.clients.nova(user=credentials.MEMBER)
        self.stranger = self.cloud.clients.nova(user=credentials.STRANGER)
        self.uuids = {
            server.name: server.id
            for server in self.cloud.nova.servers.list(
                search_opts={'all_tenants': True}
            )
        }

    def answer(self, name, *words):
        """Set tags with the rights of a member of the owner's project."""
        for word in words:
            self.member.servers.add_tag(
                self.uuids[name], f'maintenance:{word}'
            )

    def notice(self, name, nova=None):
        """What a member of the project reads of a server's maintenance."""
        server = (nova or self.member).servers.get(self.uuids[name])
        return {
            key.removeprefix('maintenance:'): value
            for key, value in server.metadata.items()
            if key.startswith('maintenance:')
        }

    def states(self):
        """Each server's state and effect, as its owner reads them."""
        told = {}
        for name in self.uuids:
            owner = self.stranger if name == 'theirs' else self.member
            notice = self.notice(name, owner)
            told[name] = (notice.get('state'), notice.get('effect'))
        return told

    def assertNothingLeaks(self):
        """No owner reads a host, a server or a project of another."""
        for nova, others in (
            (self.member, ('theirs', 'lab')),
            (self.stranger, (*(set(self.uuids) - {'theirs'}), 'demo')),
        ):
            for server in nova.servers.list():
                text = json.dumps(dict(server.metadata))
                for word in (*HOSTS, *others):
                    self.assertNotIn(f'"{word}"', text)
                self.assertNotIn('compute', text)

    def assertPlaces(self, **expected):
        servers = self.cloud.servers()
        self.assertEqual(
            expected,
            {
                name: (
                    servers[name].status,
                    servers[name].host == 'compute-1',
                )
                for name in expected
            },
        )


class TestObeyed(OwnersTestCase):
    def test_every_word_there_and_back(self):
        self.start_with(
            {
                name: {}
                for name in ('plain', 'moved', 'cold', 'off', 'back', 'stays')
            },
            theirs={},
        )
        self.answer('moved', 'move')
        self.answer('cold', 'cold', 'move')
        self.answer('off', 'stop')
        self.answer('back', 'stop-and-start')
        self.answer('stays', 'stay')
        self.drain_and_execute(
            message='The owners of 7 servers are told.',
            stopped=('off', 'back'),
            maintenance_node='compute-1',
            owners='obey',
        )
        self.assertPlaces(
            plain=('ACTIVE', False),
            moved=('ACTIVE', False),
            cold=('ACTIVE', False),
            off=('SHUTOFF', True),
            back=('SHUTOFF', True),
            stays=('ACTIVE', True),
            theirs=('ACTIVE', False),
        )
        self.assertEqual(
            {
                'plain': ('done', 'live'),
                'moved': ('done', 'live'),
                'cold': ('done', 'cold'),
                'off': ('left', 'stop'),
                'back': ('left', 'stop'),
                'stays': ('left', 'none'),
                'theirs': ('done', 'live'),
            },
            self.states(),
        )
        self.assertNothingLeaks()
        self.assertEqual('returns', self.notice('plain')['host'])
        # Back: who asked for it is started, and no notice is left.
        self.give_back()
        self.assertPlaces(
            off=('SHUTOFF', True),
            back=('ACTIVE', True),
            plain=('ACTIVE', False),
        )
        self.assertEqual(
            dict.fromkeys(self.uuids, (None, None)), self.states()
        )

    def give_back(self):
        audit = self.cloud.run_audit(
            'cluster_return',
            'cluster_host_return',
            {'maintenance_node': 'compute-1'},
        )
        self.assertEqual('SUCCEEDED', audit['state'], audit)
        plan = self.cloud.action_plan(audit)
        self.assertEqual('SUCCEEDED', self.cloud.execute(plan)['state'])

    def test_keep_blocks_or_is_moved(self):
        self.start_with({'kept': {}, 'plain': {}})
        self.answer('kept', 'keep')
        before = self.cloud.servers()
        audit = self.cloud.run_audit(
            base.GOAL,
            base.STRATEGY,
            {'maintenance_node': 'compute-1', 'owners': 'obey'},
        )
        self.assertEqual('FAILED', audit['state'])
        self.assertIn('kept is to be left alone', audit['status_message'])
        self.assertIn('-p on_keep=move', audit['status_message'])
        self.assertEqual(before, self.cloud.servers())
        self.assertEqual({}, self.notice('kept'))
        self.drain_and_execute(
            message='The owners of 2 servers are told.',
            maintenance_node='compute-1',
            owners='obey',
            on_keep='move',
        )
        self.assertPlaces(kept=('ACTIVE', False), plain=('ACTIVE', False))

    def test_nobody_stays_on_a_host_that_is_removed(self):
        self.start_with({'kept': {}, 'off': {}, 'back': {}, 'stays': {}})
        for name, word in (
            ('kept', 'keep'), ('off', 'stop'), ('back', 'stop-and-start'),
            ('stays', 'stay'),
        ):  # fmt: skip
            self.answer(name, word)
        self.drain_and_execute(
            message='The owners of 4 servers are told.',
            stopped=('off',),
            maintenance_node='compute-1',
            owners='obey',
            removed=True,
        )
        self.assertPlaces(
            kept=('ACTIVE', False),
            off=('SHUTOFF', False),
            back=('ACTIVE', False),
            stays=('ACTIVE', False),
        )
        self.assertEqual('removed', self.notice('kept')['host'])
        self.assertEqual(('done', 'cold'), self.states()['off'])


class TestAwaited(OwnersTestCase):
    def test_go_before_the_time_and_the_rest_when_due(self):
        self.start_with({'ready': {}, 'plain': {}}, theirs={})
        audit = self.watch(
            auto_trigger=True,
            maintenance_node='compute-1',
            owners='wait',
            answer_by=in_seconds(3600),
        )
        announced = dict.fromkeys(self.uuids, ('announced', 'live'))
        self.assertEventually(announced, self.states, 120)
        self.assertNothingLeaks()
        self.assertIn('answer_by', self.notice('plain'))
        self.assertEqual(audit['uuid'], self.notice('plain')['id'])
        # What a tool wipes is written again.
        plain = self.uuids['plain']
        metadata = self.member.servers.get(plain).metadata
        self.member.servers.delete_meta(plain, list(metadata))
        self.assertEventually(announced, self.states, 120)
        # A lock does not keep an owner from an answer.
        self.member.servers.lock(self.uuids['ready'])
        self.answer('ready', 'go')
        self.assertEventually(
            ('done', 'live'), lambda: self.states()['ready'], 120
        )
        self.assertPlaces(
            ready=('ACTIVE', False),
            plain=('ACTIVE', True),
            theirs=('ACTIVE', True),
        )
        self.assertEventually(
            [], lambda: self.member.servers.tag_list(self.uuids['ready']), 60
        )
        self.change(audit, 'answer_by', in_seconds(0))
        self.assertEventually(
            dict.fromkeys(self.uuids, ('done', 'live')), self.states, 180
        )
        self.assertPlaces(plain=('ACTIVE', False), theirs=('ACTIVE', False))

    def change(self, audit, name, value):
        parameters = self.cloud.audit(audit['uuid'])['parameters']
        answer = self.cloud.watcher.patch(
            f'/v1/audits/{audit["uuid"]}',
            json=[
                {
                    'op': 'replace',
                    'path': '/parameters',
                    'value': {**parameters, name: value},
                }
            ],
        )
        self.assertEqual(200, answer.status_code, answer.text)
