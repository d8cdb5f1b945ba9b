# SPDX-License-Identifier: Apache-2.0

"""Owners are told of a maintenance, answer with their rights, and count."""

import datetime
import json
import pathlib
import subprocess
import threading

import fixtures

from novaclient import exceptions

from minicloud import cloud
from minicloud import credentials
from tests.functional import base
from tests.functional import continuous
from tests.functional import guests
from tests.functional import plans
from watcher_host_maintenance.request import options


HOSTS = ('compute-1', 'compute-2', 'compute-3')
LATE = '2999-01-01T00:00:00Z'


def in_seconds(seconds):
    """A time from now, as a parameter has it."""
    time = datetime.datetime.now(datetime.UTC) + datetime.timedelta(
        seconds=seconds
    )
    return time.isoformat(timespec='seconds')


def a_cloud(
    hosts, servers, flavors=None, nova_options=None, watcher_options=None
):
    """A cloud with Keystone, in which nodes can return.

    :param nova_options: section -> option -> value
    :param watcher_options: likewise
    """
    return cloud.Cloud(
        base.description(dict.fromkeys(hosts, base.HOST), servers, flavors),
        keystone=True,
        nova_options={**base.REPORTS, **(nova_options or {})},
        watcher_options=base.options(
            {
                'watcher_strategies.cluster_host_return': {
                    'return_wait_s': 60
                },
                **(watcher_options or {}),
            }
        ),
    )


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
        self.cloud = self.useFixture(a_cloud(HOSTS, servers))
        self.meet_owners()

    def meet_owners(self):
        """Have the clients of users, and the UUIDs of all servers."""
        self.member = self.cloud.clients.nova(user=credentials.MEMBER)
        self.stranger = self.cloud.clients.nova(user=credentials.STRANGER)
        self.uuids = {
            server.name: server.id
            for server in self.cloud.nova.servers.list(
                search_opts={'all_tenants': True}
            )
        }

    def owner(self, name):
        """The client of a member of a server's project.

        The project shop has no member but the administrator.
        """
        others = {
            'theirs': self.stranger,
            'calm': self.stranger,
            'chilled': self.cloud.nova,
        }
        return others.get(name, self.member)

    def answer(self, name, *words):
        """Set tags with the rights of a member of the owner's project."""
        for word in words:
            self.member.servers.add_tag(
                self.uuids[name], f'maintenance:{word}'
            )

    def forge(self, name, **notice):
        """Write what only Watcher is meant to write."""
        keys = {f'maintenance:{key}': v for key, v in notice.items()}
        self.member.servers.set_meta(self.uuids[name], keys)

    def notice(self, name):
        """What the owner of a server reads of its maintenance."""
        server = self.owner(name).servers.get(self.uuids[name])
        return {
            key.removeprefix('maintenance:'): value
            for key, value in server.metadata.items()
            if key.startswith('maintenance:')
        }

    def states(self, *names):
        """State and effect, as each owner reads them.

        :param names: of servers; none are all
        """
        notices = {name: self.notice(name) for name in names or self.uuids}
        return {
            name: (notice.get('state'), notice.get('effect'))
            for name, notice in notices.items()
        }

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

    def assertPlaces(self, left='compute-1', **expected):
        """Compare servers: status, and whether it is on this host."""
        servers = self.cloud.servers()
        self.assertEqual(
            expected,
            {
                name: (servers[name].status, servers[name].host == left)
                for name in expected
            },
        )

    def change(self, audit, **changes):
        parameters = self.cloud.audit(audit['uuid'])['parameters']
        answer = self.cloud.watcher.patch(
            f'/v1/audits/{audit["uuid"]}',
            json=[
                {
                    'op': 'replace',
                    'path': '/parameters',
                    'value': {**parameters, **changes},
                }
            ],
        )
        self.assertEqual(200, answer.status_code, answer.text)

    def give_back(self, host='compute-1'):
        audit = self.cloud.run_audit(
            'cluster_return', 'cluster_host_return', {'maintenance_node': host}
        )
        self.assertEqual('SUCCEEDED', audit['state'], audit)
        plan = self.cloud.action_plan(audit)
        self.assertEqual('SUCCEEDED', self.cloud.execute(plan)['state'])


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
        self.assertNotIn('word', self.notice('plain'))
        for name, word in (('cold', 'cold'), ('back', 'stop-and-start')):
            self.assertEqual(word, self.notice(name)['word'])
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
        # Nova keeps this answer for a while.
        plain = self.member.servers.get(self.uuids['plain'])
        self.assertEqual({}, guests.metadata(self.cloud, plain))
        audit = self.watch(
            auto_trigger=True,
            maintenance_node='compute-1',
            owners='wait',
            starts=in_seconds(3600),
            answer_by=in_seconds(3600),
        )
        announced = dict.fromkeys(self.uuids, ('announced', 'live'))
        self.assertEventually(announced, self.states, 120)
        self.assertNothingLeaks()
        self.assertLessEqual(
            {'starts', 'answer_by'}, self.notice('plain').keys()
        )
        self.assertEqual(audit['uuid'], self.notice('plain')['id'])
        self.assertGuestSees('plain', 'announced live')
        # Who comes later is told by the next run.
        self.cloud.add_servers({'late': base.on('compute-1', project='demo')})
        self.meet_owners()
        announced['late'] = ('announced', 'live')
        self.assertEventually(announced, self.states, 120)
        # What a tool wipes is written again.
        plain = self.uuids['plain']
        metadata = self.member.servers.get(plain).metadata
        self.member.servers.delete_meta(plain, list(metadata))
        # So is what claims that the maintenance of a server is over.
        forged = {'state': 'done', 'effect': 'none', 'answer_by': LATE}
        self.forge('late', **forged)
        self.assertEventually(announced, self.states, 120)
        self.assertNotEqual(LATE, self.notice('late')['answer_by'])
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
        self.close_and_come(audit, 'last')
        # Whose server has left by itself awaits nothing any more.
        self.cloud.nova.servers.live_migrate(
            self.uuids['late'], host=None, block_migration='auto'
        )
        self.assertEventually(
            ('done', 'none'), lambda: self.states()['late'], 120
        )
        now = in_seconds(0)
        self.change(audit, starts=now, answer_by=now)
        self.assertEventually(
            {
                **dict.fromkeys(self.uuids, ('done', 'live')),
                'late': ('done', 'none'),
            },
            self.states,
            180,
        )
        self.assertPlaces(plain=('ACTIVE', False), theirs=('ACTIVE', False))
        # The end of it reaches also who left before the node was closed.
        self.cancel(audit)
        self.assertEventually([], lambda: self.begun_plans(audit), 60)
        self.give_back()
        self.assertEqual(
            dict.fromkeys(self.uuids, (None, None)), self.states()
        )

    def close_and_come(self, audit, name):
        """Close the node, and have an administrator move a server to it."""
        self.change(audit, close='now')
        self.assertEventually(
            base.MAINTAINED, lambda: self.cloud.services()['compute-1'], 120
        )
        self.cloud.add_servers({name: base.on('compute-2', project='demo')})
        self.meet_owners()
        # A forced move bypasses the scheduler.
        self.cloud.clients.nova(version='2.67').servers.live_migrate(
            self.uuids[name], 'compute-1', 'auto', force=True
        )
        self.assertEventually(
            ('compute-1', ('announced', 'live')),
            lambda: (self.cloud.servers()[name].host, self.states()[name]),
            120,
        )

    def begun_plans(self, audit):
        return [
            plan['uuid']
            for plan in self.cloud.action_plans(audit)
            if plan['state'] in ('PENDING', 'ONGOING')
        ]

    def assertGuestSees(self, name, line):
        """The example in the server finds what an audit has written."""
        server = self.member.servers.get(self.uuids[name])
        guests.catch_up(self.cloud, server)
        directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        hook = directory / 'announced'
        hook.write_text(
            '#!/bin/sh\necho $MAINTENANCE_STATE $MAINTENANCE_EFFECT\n'
        )
        hook.chmod(0o755)
        watch = guests.watch(
            guests.url(self.cloud, server), directory, '--once'
        )
        done = subprocess.run(
            watch, capture_output=True, text=True, check=True
        )
        self.assertEqual(f'{line}\n', done.stdout)


#: Status of a server that Nova lets nobody tell -> its state in Nova.
UNTOLD = {
    'BUILD': 'building',
    'ERROR': 'error',
    'RESCUE': 'rescued',
    'SHELVED': 'shelved',
    'SOFT_DELETED': 'soft-delete',
    'VERIFY_RESIZE': 'resized',
}
#: Of all other statuses -> state and effect of the notice in the end.
TOLD = {
    'ACTIVE': ('done', 'live'),
    'PAUSED': ('done', 'live'),
    'SHUTOFF': ('done', 'cold'),
    'SUSPENDED': ('left', 'none'),
}
#: Status in which Nova is busy -> the task, and the state that goes with it.
BUSY = {
    'HARD_REBOOT': ('rebooting_hard', 'active'),
    'MIGRATING': ('migrating', 'active'),
    'PASSWORD': ('updating_password', 'active'),
    'REBOOT': ('rebooting', 'active'),
    'REBUILD': ('rebuilding', 'active'),
    'RESIZE': ('resize_migrating', 'active'),
    'REVERT_RESIZE': ('resize_reverting', 'resized'),
}
#: Nova's own limit for each server.
METADATA_ITEMS = 128
FULL = {f'owner-{n}': str(n) for n in range(METADATA_ITEMS)}
WRITERS = 16
OWN = {'owner': 'me', 'cost': 'low'}
#: Tags of another product.
STOP = 'lcm:action=poweroff'
GO = 'lcm:ready=yes'
OTHER_AUDIT = 'b1a1b1ab-3d5a-4c9f-8f0e-6a1b0e0f7c11'
#: As many as Nova takes, as long as it takes.
WILD_TAGS = [
    'maintenance:',
    'maintenance:KEEP',
    'maintenance:keep ',
    'maintenance:stop-and-start;reboot',
    'maintenance:{0.__class__}%s%n',
    'maintenance:\u202epeek',
    'maintenance:"keep"',
    "'; DROP TABLE tags; --",
    *(f'maintenance:{n:048}' for n in range(42)),
]


class TestReached(OwnersTestCase):
    """Each test empties a node of its own, all into the same one."""

    REFUGE = 'compute-5'

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        servers = {
            status.lower(): base.on('compute-1', project='demo', state=status)
            for status in (*UNTOLD, *TOLD, 'SHELVED_OFFLOADED')
        }
        servers |= {
            status.lower(): base.on('compute-1', project='demo')
            for status in BUSY
        }
        for name in ('shelved', 'shelved_offloaded'):
            # The administrator shelves them, and owns the images.
            del servers[name]['project']
        servers['verify_resize']['resized_from'] = {'host': cls.REFUGE}
        servers |= {
            'full': base.on('compute-2', project='demo', metadata=FULL),
            'plain': base.on('compute-2', project='demo'),
            'mine-1': base.on('compute-3', project='demo'),
            'mine-2': base.on('compute-3', project='demo'),
            'theirs': base.on('compute-3', project='lab'),
            'busy': base.on('compute-4', project='demo', metadata=OWN),
            'kept': base.on('compute-6', 'held', project='demo'),
            'off': base.on('compute-6', project='demo'),
            'ready': base.on('compute-6', project='demo'),
            'chilled': base.on('compute-6', project='shop'),
            'calm': base.on('compute-7', project='lab'),
            'fickle': base.on('compute-7', project='demo'),
            'forger': base.on('compute-7', project='demo'),
            'wild': base.on('compute-7', project='demo'),
        }
        cls.share(
            a_cloud(
                [f'compute-{n}' for n in range(1, 8)],
                servers,
                flavors={
                    'held': {
                        **base.FLAVORS['small'],
                        'extra_specs': {'maintenance:default': 'keep'},
                    }
                },
                nova_options={
                    'quota': {
                        'driver': 'nova.quota.DbQuotaDriver',
                        'instances': -1,
                        'cores': -1,
                        'ram': -1,
                        'metadata_items': METADATA_ITEMS,
                    }
                },
                watcher_options={
                    options.GROUP: {
                        'owner_tags': f'{STOP}=stop,{GO}=go',
                        'owner_defaults': 'shop=cold',
                    }
                },
            )
        )

    def setUp(self):
        super().setUp()
        self.meet_owners()

    def carry_out(self, host, **parameters):
        """Return the audit of a node, and the actions of its plan."""
        self.cloud.spoil_model('forget')
        audit = self.cloud.run_audit(
            base.GOAL,
            base.STRATEGY,
            {
                'maintenance_node': host,
                'backup_node': self.REFUGE,
                **parameters,
            },
        )
        self.assertEqual('SUCCEEDED', audit['state'], audit['status_message'])
        plan = self.cloud.execute(self.cloud.action_plan(audit))
        actions = self.cloud.actions(plan)
        self.assertEqual('SUCCEEDED', plan['state'], plans.summary(actions))
        return audit, actions

    def outcome(self, audit):
        [report] = self.reports(audit)
        return report['outcome']

    def messages(self, actions, name):
        """What the actions that tell an owner have said."""
        return [
            message
            for _state, kind, server, _to, message in plans.summary(actions)
            if kind == 'notify_owner' and server == name and message
        ]

    def test_every_status(self):
        self.make_busy()
        audit, _actions = self.carry_out(
            'compute-1', owners='obey', on_blocked='leave'
        )
        told = {status.lower(): notice for status, notice in TOLD.items()}
        untold = {status.lower(): state for status, state in UNTOLD.items()}
        for status, (_task, vm_state) in BUSY.items():
            if vm_state == 'active':
                told[status.lower()] = ('left', 'none')
            else:
                untold[status.lower()] = vm_state
        self.assertEqual(told, self.states(*told))
        outcome = self.outcome(audit)
        self.assertEqual(
            untold,
            {
                finding['subject']: finding['facts']['vm_state']
                for finding in outcome['untold']
            },
        )
        self.assertIn('are told', audit['status_message'])
        self.assertEqual(
            set(told), {n['instance_name'] for n in outcome['notices']}
        )
        # Each that Nova is busy with is left, with the reason.
        [node] = outcome['nodes']
        busy = {
            stay['instance_name']: finding['facts']['task_state']
            for stay in node['stays']
            for finding in stay['findings']
            if finding['reason'] == 'busy'
        }
        self.assertLessEqual(
            {s.lower(): task for s, (task, _vm) in BUSY.items()}.items(),
            busy.items(),
        )
        # What is on no host is neither moved nor told.
        offloaded = self.cloud.servers()['shelved_offloaded']
        self.assertEqual(('SHELVED_OFFLOADED', None), offloaded)
        uuid = self.uuids['shelved_offloaded']
        self.assertEqual({}, self.cloud.nova.servers.get(uuid).metadata)

    def make_busy(self):
        """Have Nova busy with servers, until the end of the test."""
        set_server = self.cloud.faults.set_server
        for status, (task_state, vm_state) in BUSY.items():
            uuid = self.uuids[status.lower()]
            set_server(uuid, task_state=task_state, vm_state=vm_state)
            self.addCleanup(
                set_server, uuid, task_state=None, vm_state='active'
            )
            self.assertEqual(
                status, self.cloud.servers()[status.lower()].status
            )

    def test_quota_is_used_up(self):
        _audit, actions = self.carry_out('compute-2', owners='obey')
        self.assertEqual(
            {'full': (None, None), 'plain': ('done', 'live')},
            self.states('full', 'plain'),
        )
        moving, done = self.messages(actions, 'full')
        for message in (moving, done):
            self.assertIn('The owner of full was not told', message)
            self.assertIn(
                f'Maximum number of metadata items exceeds {METADATA_ITEMS}',
                message,
            )
        self.assertEqual([], self.messages(actions, 'plain'))
        full = self.member.servers.get(self.uuids['full'])
        self.assertEqual(FULL, full.metadata)
        self.assertEqual(self.REFUGE, self.cloud.servers()['full'].host)

    def test_manager_moves_own_servers(self):
        servers = ('mine-1', 'mine-2', 'theirs')
        audit, _actions = self.carry_out(
            'compute-3',
            owners='wait',
            answer_by=in_seconds(3600),
            close='now',
        )
        self.assertEqual('disabled', self.cloud.services()['compute-3'].status)
        self.assertEqual(
            dict.fromkeys(servers, ('announced', 'live')),
            self.states(*servers),
        )
        # It runs once: it announces, and says what it would take to go on.
        until = self.notice('theirs')['answer_by']
        self.assertEqual(
            f'compute-3 waits until {until}, or for its owners to say go. '
            '3 of 3 servers wait. A CONTINUOUS audit goes on by itself. The '
            'owners of 3 servers are told.',
            audit['status_message'],
        )
        [node] = self.outcome(audit)['nodes']
        self.assertEqual(
            set(servers), {stay['instance_name'] for stay in node['stays']}
        )
        manager = self.cloud.clients.nova(user=credentials.MANAGER)
        stranger = self.cloud.clients.nova(user=credentials.OTHER_MANAGER)
        for nova, name, error in (
            (self.member, 'mine-1', exceptions.Forbidden),
            (manager, 'theirs', exceptions.NotFound),
            (self.stranger, 'theirs', exceptions.Forbidden),
            (stranger, 'mine-1', exceptions.NotFound),
        ):
            self.assertRaises(
                error,
                nova.servers.live_migrate,
                self.uuids[name],
                host=None,
                block_migration='auto',
            )
        for name in ('mine-1', 'mine-2'):
            manager.servers.live_migrate(
                self.uuids[name], host=None, block_migration='auto'
            )
            self.assertEventually(
                ('ACTIVE', False),
                lambda name=name: (
                    self.cloud.servers()[name].status,
                    self.cloud.servers()[name].host == 'compute-3',
                ),
            )
        _audit, actions = self.carry_out('compute-3', owners='obey')
        self.assertEqual(['theirs'], [*plans.migration_types(actions)])
        self.assertEqual(('done', 'live'), self.states('theirs')['theirs'])
        # The end of it reaches also those that left by themselves.
        self.give_back('compute-3')
        self.assertEqual(
            dict.fromkeys(servers, (None, None)), self.states(*servers)
        )

    def test_many_writers(self):
        ends = threading.Event()
        errors = []

        def write(number):
            nova = self.cloud.clients.nova(user=credentials.MEMBER)
            count = 0
            while not ends.wait(0.5):
                count += 1
                try:
                    nova.servers.set_meta(
                        self.uuids['busy'], {f'key-{number}': str(count)}
                    )
                except exceptions.ClientException as exc:
                    errors.append(exc)

        writers = [
            threading.Thread(target=write, args=(n,)) for n in range(WRITERS)
        ]
        for writer in writers:
            writer.start()
        try:
            audit, actions = self.carry_out(
                'compute-4', owners='wait', answer_by=in_seconds(3600)
            )
        finally:
            ends.set()
            for writer in writers:
                writer.join()
        self.assertEqual([], errors)
        # Nova may have answered 200 and lost it: then an action says so.
        told = self.notice('busy').get('id') == audit['uuid']
        messages = self.messages(actions, 'busy')
        self.assertTrue(told or messages, plans.summary(actions))
        for message in messages:
            self.assertIn('The owner of busy was not told', message)
            self.assertIn('overwritten', message)
        keys = {f'key-{n}': 'last' for n in range(WRITERS)}
        self.member.servers.set_meta(self.uuids['busy'], keys)
        audit, actions = self.carry_out(
            'compute-4', owners='wait', answer_by=in_seconds(3600)
        )
        self.assertEqual([], self.messages(actions, 'busy'))
        notice = self.notice('busy')
        self.assertEqual(
            {'id', 'state', 'starts', 'answer_by', 'effect', 'host'},
            notice.keys(),
        )
        self.assertEqual(audit['uuid'], notice['id'])
        metadata = self.member.servers.get(self.uuids['busy']).metadata
        own = {k: v for k, v in metadata.items() if k in OWN | keys}
        self.assertEqual(OWN | keys, own)

    def test_words_from_elsewhere(self):
        """Words in tags of another product, of a flavor and of a project."""
        self.member.servers.add_tag(self.uuids['off'], STOP)
        names = ('kept', 'off', 'ready', 'chilled')
        asked = {'maintenance_node': 'compute-6', 'backup_node': self.REFUGE}
        self.cloud.spoil_model('forget')
        refused = self.cloud.run_audit(
            base.GOAL, base.STRATEGY, {'owners': 'obey', **asked}
        )
        self.assertEqual('FAILED', refused['state'])
        self.assertIn(
            'the default of its flavor is keep', refused['status_message']
        )
        self.assertEqual(
            dict.fromkeys(names, (None, None)), self.states(*names)
        )
        audit = self.watch(
            auto_trigger=True,
            owners='wait',
            on_keep='move',
            answer_by=in_seconds(3600),
            **asked,
        )
        effects = {
            'kept': 'live', 'off': 'stop', 'ready': 'live', 'chilled': 'cold',
        }  # fmt: skip
        self.assertEventually(
            {name: ('announced', effect) for name, effect in effects.items()},
            lambda: self.states(*names),
            120,
        )
        self.assertEqual(
            {'kept': 'keep', 'off': 'stop', 'ready': None, 'chilled': 'cold'},
            {name: self.notice(name).get('word') for name in names},
        )
        self.member.servers.add_tag(self.uuids['ready'], GO)
        self.assertEventually(
            ('done', 'live'), lambda: self.states('ready')['ready'], 120
        )
        self.assertEventually(
            [], lambda: self.member.servers.tag_list(self.uuids['ready'])
        )
        self.assertPlaces(
            'compute-6', ready=('ACTIVE', False), chilled=('ACTIVE', True)
        )
        self.change(audit, answer_by=in_seconds(0))
        ended = {name: ('done', effect) for name, effect in effects.items()}
        ended['off'] = ('left', 'stop')
        self.assertEventually(ended, lambda: self.states(*names), 180)
        self.assertPlaces(
            'compute-6',
            kept=('ACTIVE', False),
            off=('SHUTOFF', True),
            chilled=('ACTIVE', False),
        )
        # A standing word is its owner's, and stays.
        self.assertEqual(
            [STOP], self.member.servers.tag_list(self.uuids['off'])
        )

    def test_owner_steers_nobody_else(self):
        """By wild tags, a forged notice, and changes during the plan."""
        names = ('calm', 'fickle', 'forger', 'wild')
        self.member.servers.set_tags(self.uuids['wild'], WILD_TAGS)
        self.assertEqual(50, len(WILD_TAGS))
        forged = {
            'id': OTHER_AUDIT, 'state': 'done', 'starts': LATE,
            'ends': '$(reboot)', 'answer_by': LATE, 'effect': 'none',
            'host': 'compute-1', 'word': 'keep',
        }  # fmt: skip
        self.forge('forger', **forged)
        self.cloud.spoil_model('forget')
        audit = self.cloud.run_audit(
            base.GOAL,
            base.STRATEGY,
            {
                'maintenance_node': 'compute-7',
                'backup_node': self.REFUGE,
                'owners': 'obey',
            },
        )
        self.assertEqual('SUCCEEDED', audit['state'], audit['status_message'])
        self.assertIn('of 4 servers are told', audit['status_message'])
        plan = self.cloud.action_plan(audit)
        self.cloud.faults.hang('calm')
        self.addCleanup(self.cloud.faults.clear, 'calm')
        self.start_moving(plan, 'calm')
        self.assertPlaces(
            'compute-7',
            fickle=('ACTIVE', True),
            forger=('ACTIVE', True),
            wild=('ACTIVE', True),
        )
        self.answer('fickle', 'keep', 'stay', 'stop', 'go')
        self.forge('forger', **{**forged, 'state': 'cancelled'})
        self.member.servers.delete_all_tags(self.uuids['wild'])
        self.cloud.faults.clear('calm')
        plan = self.cloud.finished_plan(plan)
        actions = self.cloud.actions(plan)
        self.assertEqual('SUCCEEDED', plan['state'], plans.summary(actions))
        self.assertPlaces(
            'compute-7', **dict.fromkeys(names, ('ACTIVE', False))
        )
        self.assertEqual(
            dict.fromkeys(names, ('done', 'live')), self.states(*names)
        )
        for name in names:
            notice = self.notice(name)
            self.assertEqual(audit['uuid'], notice['id'])
            self.assertEqual('returns', notice['host'])
        # The word for this maintenance is used up, the others stay.
        self.assertEqual(
            [f'maintenance:{word}' for word in ('keep', 'stay', 'stop')],
            sorted(self.member.servers.tag_list(self.uuids['fickle'])),
        )
        # What claims to be of another maintenance is not ours to delete.
        self.forge('wild', id=OTHER_AUDIT)
        self.give_back('compute-7')
        self.assertEqual(
            {
                **dict.fromkeys(names, (None, None)),
                'wild': ('done', 'live'),
            },
            self.states(*names),
        )
