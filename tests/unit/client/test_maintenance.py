# SPDX-License-Identifier: Apache-2.0

"""Where nodes stand, by what Nova and Watcher answer."""

import datetime

import ddt

from tests.unit.client import clouds
from tests.unit.client import fake_watcher
from tests.unit.client.fake_watcher import a_plan
from tests.unit.client.fake_watcher import an_action
from tests.unit.client.fake_watcher import an_audit
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_hypervisor
from tests.unit.plugin.nova_answers import a_server
from tests.unit.plugin.nova_answers import a_service
from tests.unit.plugin.nova_answers import a_silent_service
from watcher_host_maintenance.client.advice import doing
from watcher_host_maintenance.client.advice import next_step
from watcher_host_maintenance.client.advice import problems
from watcher_host_maintenance.client.errors import ClientError
from watcher_host_maintenance.client.errors import NoAnswer
from watcher_host_maintenance.client.phases import Phase
from watcher_host_maintenance.client.waiting import Waiting


def ago(hours):
    time = fake_watcher.NOW
    return (time - datetime.timedelta(hours=hours)).isoformat()


class TestList(clouds.CloudTestCase):
    def listed(self, every=False):
        return [
            (n.host, n.phase.value, n.servers and len(n.servers))
            for n in self.maintenance.nodes(every)
        ]

    def test_requests_with_a_long_history(self):
        """A large cloud with thousands of audits costs few requests."""
        hosts = [f'compute-{n}' for n in range(1000)]
        self.nova.services = [a_service(h) for h in hosts]
        self.nova.hypervisors = [a_hypervisor(h) for h in hosts]
        for number in range(5000):
            named = {'maintenance_node': hosts[number % 1000]}
            self.record(
                str(number),
                created_at=ago(hours=(5000 - number) / 2 - 0.25),
                parameters={} if number % 2 else named,
            )
        for number in range(50):
            self.disable(hosts[2 * number])
        nodes, requests = self.counted(self.listed)
        self.assertEqual((50, 90), (len(nodes), requests))
        nodes, requests = self.counted(lambda: self.listed(every=True))
        self.assertEqual((1000, 90), (len(nodes), requests))
        # In service, so its own old audits are looked at, too.
        node, requests = self.counted(
            lambda: self.maintenance.node('compute-998')
        )
        self.assertEqual(('998', 48), (node.attempt.audit.uuid[-3:], requests))

    def record(self, uuid, **fields):
        """An audit that has moved web-1 off compute-1."""
        self.watcher.audits.append(an_audit(uuid, **fields))
        if int(uuid) >= 4500:
            # No older one is looked at.
            plan = f'plan of {uuid}'
            self.watcher.plans.append(a_plan(plan, 'SUCCEEDED', uuid))
            self.watcher.actions.append(
                an_action(uuid, action_plan_uuid=plan, state='SUCCEEDED')
            )

    def counted(self, call):
        """Return what a call returns, and its requests to Watcher."""
        self.watcher.requests.clear()
        return call(), len(self.watcher.requests)

    def test_nothing(self):
        self.assertEqual([], self.listed())

    def test_all(self):
        self.disable('compute-3', 'broken fan')
        self.assertEqual(
            [
                ('compute-1', 'in service', None),
                ('compute-2', 'in service', None),
                ('compute-3', 'foreign', ()),
            ],
            self.listed(every=True),
        )
        self.assertEqual([], self.listed())

    def test_marked(self):
        self.disable('compute-1')
        self.disable('compute-2', f'{clouds.MARK}: ticket')
        self.assertEqual(
            [('compute-1', 'draining', 1), ('compute-2', 'ready', ())],
            self.listed(),
        )

    def test_asked_for(self):
        self.attempt('RECOMMENDED', created_at=ago(23.9))
        self.assertEqual([('compute-1', 'in service', 1)], self.listed())

    def test_refused_lately(self):
        self.attempt(audit='FAILED', message='no room', created_at=ago(23.9))
        self.assertEqual([('compute-1', 'blocked', None)], self.listed())

    def test_refused_long_ago(self):
        self.attempt(audit='FAILED', message='no room', created_at=ago(24.1))
        self.assertEqual([], self.listed())
        self.disable('compute-1')
        self.assertEqual([('compute-1', 'blocked', 1)], self.listed())

    def test_done_and_back_in_service(self):
        self.attempt('SUCCEEDED', created_at=ago(1))
        self.assertEqual([], self.listed())

    def test_cell_is_down(self):
        self.nova.services[0] = a_silent_service('compute-1')
        self.assertEqual([], self.listed())


@ddt.ddt
class TestNode(clouds.CloudTestCase):
    def test_unknown(self):
        with self.assertRaisesRegex(ClientError, 'no compute node compute-9'):
            self.maintenance.node('compute-9')

    def test_refused_by_nova(self):
        self.nova.fail(
            '/v2.1/os-services', status_code=403, json={'forbidden': {}}
        )
        with self.assertRaisesRegex(ClientError, 'refused.*administrator'):
            self.maintenance.node('compute-1')

    def test_nova_is_away(self):
        self.nova.fail('/v2.1/os-services')
        with self.assertRaisesRegex(NoAnswer, 'os-services'):
            self.maintenance.node('compute-1')

    @ddt.named_data(
        # name, plan, state of the move, disabled, phase, what to do next
        ('recommended', 'RECOMMENDED', 'PENDING', False, 'in service',
         'actionplan start plan-1'),
        ('started', 'PENDING', 'PENDING', False, 'draining', 'wait'),
        ('running', 'ONGOING', 'ONGOING', True, 'draining', 'wait compute-1'),
        ('failed', 'FAILED', 'FAILED', True, 'draining', 'Fix what failed'),
        ('cancelled', 'CANCELLED', 'CANCELLED', True, 'draining', 'start'),
    )  # fmt: skip
    @ddt.unpack
    def test_with_a_plan(self, plan, move, disabled, phase, advice):
        self.attempt(plan, move=move)
        if disabled:
            self.disable('compute-1')
        node = self.maintenance.node('compute-1')
        self.assertEqual(phase, node.phase.value)
        self.assertIn(advice, next_step(node))

    @ddt.data(*Phase)
    def test_every_phase_has_a_next_step(self, phase):
        node = self.maintenance.node('compute-1')
        changed = type(node)(node.service, phase)
        self.assertNotEqual('', next_step(changed))

    def test_problems(self):
        self.disable('compute-1')
        self.assertEqual([], problems(self.maintenance.node('compute-1')))
        self.attempt('FAILED', move='FAILED')
        self.assertEqual(
            ['web-1: failed; the log of watcher-applier says why.'],
            problems(self.maintenance.node('compute-1')),
        )
        self.watcher.actions[1]['status_message'] = 'No valid host'
        self.assertEqual(
            ['web-1: No valid host'],
            problems(self.maintenance.node('compute-1')),
        )
        self.attempt(audit='FAILED', message='no room', uuid='audit-2')
        node = self.maintenance.node('compute-1')
        self.assertEqual(['no room'], problems(node))
        self.assertIn('why audit-2', next_step(node))

    @ddt.named_data(
        # name, plan, state of the move, message, task, expected
        ('nothing', None, None, None, None, ''),
        ('waits', 'ONGOING', 'PENDING', None, None, 'waits for its turn'),
        ('not_started', 'RECOMMENDED', 'PENDING', None, None, 'pending'),
        ('moving', 'ONGOING', 'ONGOING', None, 'migrating', 'migrating'),
        ('failed', 'FAILED', 'FAILED', None, None, 'failed'),
        ('why', 'FAILED', 'FAILED', 'No host', None, 'failed: No host'),
        ('skipped', 'ONGOING', 'SKIPPED', None, None, 'skipped'),
        ('other_task', None, None, None, 'rebooting', 'rebooting'),
    )
    @ddt.unpack
    def test_what_a_server_is_doing(self, plan, move, message, task, expected):
        self.nova.servers = [a_server('web-1', 'compute-1', task=task)]
        if plan:
            self.attempt(plan, move=move)
            self.watcher.actions[1]['status_message'] = message
        node = self.maintenance.node('compute-1')
        [server] = node.servers
        self.assertEqual(expected, doing(server, node.attempt, None))

    def test_server_whose_owner_is_told_is_doing_nothing(self):
        self.nova.servers = [a_server('web-1', 'compute-1')]
        self.attempt('SUCCEEDED', move='SUCCEEDED')
        self.watcher.actions[1]['action_type'] = 'notify_owner'
        node = self.maintenance.node('compute-1')
        [server] = node.servers
        self.assertEqual('', doing(server, node.attempt, None))


class TestTransfers(clouds.CloudTestCase):
    def migrations(self, *records):
        server = uuid_of('web-1')
        self.mocker.get(
            f'{self.nova.url}/v2.1/servers/{server}/migrations',
            json={'migrations': list(records)},
        )
        return self.maintenance.transfers([server])

    def test_none(self):
        self.assertEqual({}, self.migrations())

    def test_half(self):
        [transfer] = self.migrations(
            {
                'id': 1,
                'status': 'running',
                'dest_compute': 'compute-2',
                'memory_total_bytes': 2**31,
                'memory_remaining_bytes': 2**30,
            }
        ).values()
        self.assertEqual(
            (2048, 1024, 0.5),
            (transfer.total_mib, transfer.remaining_mib, transfer.share),
        )
        [server] = self.maintenance.node('compute-1').servers
        self.assertEqual(
            'running to compute-2: 50%, 1024 of 2048 MiB',
            doing(server, None, transfer),
        )

    def test_not_begun(self):
        [transfer] = self.migrations(
            {'id': 1, 'status': 'queued', 'memory_total_bytes': None}
        ).values()
        [server] = self.maintenance.node('compute-1').servers
        self.assertEqual('queued to ?', doing(server, None, transfer))

    def test_refused_is_no_error(self):
        self.nova.fail(f'/v2.1/servers/{uuid_of("web-1")}/migrations')
        self.assertEqual(
            {}, self.maintenance.transfers_if_any([uuid_of('web-1')])
        )


class TestFollow(clouds.CloudTestCase):
    def test_until_it_has_ended(self):
        self.attempt('ONGOING')
        waiting = Waiting(sleep=lambda _seconds: self.end())
        states = [
            p.plan.state for p in self.maintenance.follow('plan-1', waiting)
        ]
        self.assertEqual(['ONGOING', 'SUCCEEDED'], states)

    def end(self):
        self.watcher.plans[0]['state'] = 'SUCCEEDED'

    def test_one_node_and_several(self):
        self.maintenance.create_audit(['4242'], {'reason': 'x'})
        self.maintenance.create_audit(['a', 'b'], {})
        bodies = [b for m, _, b in self.watcher.requests if m == 'POST']
        self.assertEqual(
            [
                {'maintenance_node': '4242', 'reason': 'x'},
                {'maintenance_nodes': ['a', 'b']},
            ],
            [b['parameters'] for b in bodies],
        )
