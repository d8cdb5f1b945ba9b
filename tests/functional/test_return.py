# SPDX-License-Identifier: Apache-2.0

"""Nodes return to service, and home who left them."""

import re

from tests.functional import base
from tests.functional import command_line
from tests.functional import moves
from tests.functional import plans


GOAL = 'cluster_return'
STRATEGY = 'cluster_host_return'

DONE = ('disabled', 'up', 'watcher_maintained')


class ReturnTestCase(base.CloudTestCase):
    """compute-1 is drained and returned; the others have room."""

    def start_with(self, servers, wait_s=60, **hosts):
        """Start compute-1 to compute-3, or others, all reporting."""
        names = ('compute-1', 'compute-2', 'compute-3')
        self.start(
            hosts={
                **dict.fromkeys(names, base.HOST),
                **{h.replace('_', '-'): r for h, r in hosts.items()},
            },
            servers=servers,
            flavors={'most': {'vcpus': 30, 'memory_mb': 1024, 'disk_gb': 1}},
            nova_options=base.REPORTS,
            watcher_options={
                'watcher_strategies.cluster_host_return': {
                    'return_wait_s': wait_s
                }
            },
        )

    def mark(self, host, reason):
        """Give a node a disabled reason, as an operator does."""
        [service] = self.cloud.nova.services.list(
            host=host, binary='nova-compute'
        )
        self.cloud.nova.services.disable_log_reason(service.id, reason)

    def planned(self, message=None, **parameters):
        """Run an audit of a return; return its plan."""
        self.cloud.spoil_model('forget')
        self.before = self.state()
        if parameters:
            audit = self.cloud.run_audit(GOAL, STRATEGY, parameters)
        else:
            audit = self.cloud.run_audit(GOAL)
        said = audit['status_message']
        if isinstance(message, re.Pattern):
            self.assertRegex(said or '', message)
            message = said
        return self.assertPlanned(audit, message)

    def give_back(self, message=None, state='SUCCEEDED', **parameters):
        """Return compute-1, or what is named; return type and name of each.

        :param state: of the plan
        """
        parameters.setdefault('maintenance_node', 'compute-1')
        return self.carry_out(self.planned(message, **parameters), state)

    def carry_out(self, plan, state='SUCCEEDED'):
        if plan['state'] == 'RECOMMENDED':
            plan = self.cloud.execute(plan)
        self.actions = self.cloud.actions(plan)
        told = plans.summary(self.actions)
        self.assertEqual(state, plan['state'], told)
        self.assertPlacementTrue()
        return sorted(action[1:3] for action in told)

    def told(self, kind):
        """Return the message of the plan's action of a type."""
        [message] = [
            a['status_message']
            for a in self.actions
            if a['action_type'] == kind
        ]
        return message


def server(lab, name):
    """Return a server as novaclient has it, by its name."""
    [found] = [
        s
        for s in lab.nova.servers.list(search_opts={'all_tenants': True})
        if s.name == name
    ]
    return found


class TestThereAndBack(ReturnTestCase):
    def test_everybody_in_the_former_state(self):
        self.start_with(
            {
                'web': base.on('compute-1', count=2),
                'job': base.on('compute-1', state='SHUTOFF'),
                'lab': base.on('compute-1', state='PAUSED'),
                'db': base.on('compute-2'),
            }
        )
        before = self.state()
        self.drain_and_execute(maintenance_node='compute-1')
        self.assertEqual(
            [
                ('live_migrate_paused', 'lab'),
                ('migrate', 'job'),
                ('migrate', 'web-1'),
                ('migrate', 'web-2'),
                ('return_host', 'compute-1'),
                ('verify_host_returned', 'compute-1'),
            ],
            self.give_back(move_back='left'),
        )
        self.assertEnd(*before)
        # Again, and there is nothing left to do.
        self.assertEqual([], self.give_back(move_back='left'))

    def test_nobody_by_default_and_later_all(self):
        self.start_with({'web': base.on('compute-1', count=2)})
        before = self.state()
        self.drain_and_execute(maintenance_node='compute-1')
        self.give_back()
        self.assertEqual(base.ENABLED, self.cloud.services()['compute-1'])
        self.assertNotIn(
            'compute-1', {s.host for s in self.cloud.servers().values()}
        )
        self.give_back(move_back='left')
        self.assertEnd(*before)

    def test_who_has_changed_since_is_left_alone(self):
        names = ('web', 'gone', 'sized', 'moved', 'tagged')
        self.start_with({n: base.on('compute-1') for n in names})
        self.drain_and_execute(maintenance_node='compute-1')
        gone = server(self.cloud, 'gone')
        gone.force_delete()
        self.assertForgotten(gone.id)
        self.resize('sized')
        away = self.cloud.servers()['moved'].host
        other = {'compute-2': 'compute-3', 'compute-3': 'compute-2'}[away]
        moves.succeeds(
            self.cloud, server(self.cloud, 'moved').id, 'live', other
        )
        server(self.cloud, 'tagged').add_tag('maintenance:stay')
        now = self.cloud.servers()
        self.give_back(re.compile('^3 of 4 stay away: '), move_back='left')
        self.assertEnd(
            {**now, 'web': ('ACTIVE', 'compute-1')},
            dict.fromkeys(
                ('compute-1', 'compute-2', 'compute-3'), base.ENABLED
            ),
        )

    def resize(self, name):
        """Resize a server to the flavor medium, and confirm that."""
        [flavor] = [
            f for f in self.cloud.nova.flavors.list() if f.name == 'medium'
        ]
        server(self.cloud, name).resize(flavor.id)
        self.assertEventually(
            'VERIFY_RESIZE', lambda: server(self.cloud, name).status
        )
        resized = server(self.cloud, name)
        resized.confirm_resize()
        self.assertActed(resized.id, 'confirmResize')

    def test_what_was_stopped_runs_again(self):
        self.start_with(
            {
                'web': base.on('compute-1'),
                'job': base.on('compute-1', state='SHUTOFF'),
            }
        )
        before = self.state()
        self.drain_and_execute(
            stopped=('web',),
            maintenance_node='compute-1',
            disable_live_migration=True,
            disable_cold_migration=True,
        )
        self.assertEqual(
            [
                ('return_host', 'compute-1'),
                ('start_server', 'web'),
                ('verify_host_returned', 'compute-1'),
            ],
            self.give_back(),
        )
        self.assertEnd(*before)

    def test_several_nodes_by_marks_alone(self):
        self.start_with(
            {
                'web': base.on('compute-1', count=2),
                'db': base.on('compute-2', count=2),
            }
        )
        before = self.state()
        self.drain_and_execute(maintenance_nodes=['compute-1', 'compute-2'])
        for host in ('compute-1', 'compute-2'):
            self.mark(host, 'watcher_maintained: by ansible')
        plan = self.planned(move_back='left')
        self.carry_out(plan)
        self.assertEnd(*before)
        # The bare goal takes no parameters, and no node is left.
        self.assertEqual([], self.carry_out(self.planned()))


class TestSpares(ReturnTestCase):
    def test_the_woken_one_is_a_spare_again(self):
        self.start_with(
            {'web': base.on('compute-1', count=2)}, compute_3=base.SPARE
        )
        before = self.state()
        self.drain_and_execute(maintenance_node='compute-1')
        self.assertEqual(base.ENABLED, self.cloud.services()['compute-3'])
        steps = self.give_back(move_back='left')
        self.assertIn(('disable_empty_host', 'compute-3'), steps)
        self.assertEnd(*before)

    def test_one_that_was_maintained_is_a_spare_again(self):
        self.start_with({'web': base.on('compute-1')}, compute_3=base.SPARE)
        before = self.state()
        self.drain_and_execute(maintenance_node='compute-3')
        self.assertEqual(base.MAINTAINED, self.cloud.services()['compute-3'])
        self.mark('compute-3', 'watcher_maintained')
        self.carry_out(self.planned())
        self.assertEnd(*before)


class TestFaults(ReturnTestCase):
    def start_drained(self, count=2, wait_s=10):
        self.start_with({'web': base.on('compute-1', count=count)}, wait_s)
        self.origin = self.state()
        self.drain_and_execute(maintenance_node='compute-1')

    def test_host_not_up(self):
        self.start_drained()
        self.cloud.faults.stop_compute('compute-1')
        before = self.state()
        plan = self.planned(maintenance_node='compute-1', move_back='left')
        self.carry_out(plan, 'FAILED')
        self.assertIn(
            'compute-1 is not returned: nova-compute is down. Start '
            'nova-compute there, then run the return again.',
            self.told('return_host'),
        )
        self.assertEqual(before, self.state())
        # Started again, it returns.
        self.cloud.faults.start_compute('compute-1')
        self.give_back(move_back='left')
        self.assertEnd(*self.origin)

    def test_host_not_up_by_a_mark(self):
        self.start_drained()
        self.mark('compute-1', 'watcher_maintained')
        self.cloud.faults.stop_compute('compute-1')
        self.before = self.state()
        audit = self.cloud.run_audit(GOAL)
        self.assertEqual('FAILED', audit['state'])
        self.assertIn('nova-compute is down', audit['status_message'])

    def test_placement_is_away(self):
        self.start_drained()
        before = self.state()
        plan = self.planned(maintenance_node='compute-1', move_back='left')
        self.cloud.faults.stop_api('placement')
        plan = self.cloud.execute(plan)
        self.cloud.faults.start_api('placement')
        self.actions = self.cloud.actions(plan)
        self.assertEqual('FAILED', plan['state'])
        self.assertIn('Placement did not answer', self.told('return_host'))
        self.assertEqual(before, self.state())
        self.give_back(move_back='left')
        self.assertEnd(*self.origin)

    def test_another_reason(self):
        self.start_drained()
        self.mark('compute-1', 'PSU broken')
        self.before = self.state()
        audit = self.cloud.run_audit(
            GOAL, STRATEGY, {'maintenance_node': 'compute-1'}
        )
        self.assertEqual('FAILED', audit['state'])
        self.assertEqual(
            'Cannot return: compute-1 is disabled for another reason: '
            '"PSU broken". Nothing was changed. If it is fit for service: '
            'openstack maintenance done compute-1',
            audit['status_message'],
        )
        self.assertEqual(self.before, self.state())

    def test_room_was_taken(self):
        self.start_drained(count=3)
        self.give_back()
        # Of its 32 VCPU there are 2 left.
        self.cloud.add_servers({'new': base.on('compute-1', 'most')})
        self.give_back(
            re.compile('^1 of 3 stay away: web-3 has no room beside the'),
            move_back='left',
        )
        self.assertEqual(
            {'web-1', 'web-2', 'new'},
            {
                name
                for name, server in self.cloud.servers().items()
                if server.host == 'compute-1'
            },
        )
        before = self.state()
        audit = self.cloud.run_audit(
            GOAL,
            STRATEGY,
            {
                'maintenance_node': 'compute-1',
                'move_back': 'left',
                'on_blocked': 'fail',
            },
        )
        self.assertEqual('FAILED', audit['state'])
        self.assertEqual(before, self.state())

    def test_killed_and_repeated(self):
        self.start_drained(count=3)
        self.cloud.faults.hang('web-2')
        plan = self.planned(maintenance_node='compute-1', move_back='left')
        self.cloud.start_plan(plan)
        self.assertEventually(
            'MIGRATING',
            lambda: self.cloud.servers()['web-2'].status,
            timeout_s=60,
        )
        self.cloud.kill_watcher()
        self.cloud.start_watcher()
        self.cloud.faults.clear()
        self.assertEventually(
            'ACTIVE', lambda: self.cloud.servers()['web-2'].status
        )
        self.give_back(move_back='left')
        self.assertEnd(*self.origin)

    def test_a_move_fails(self):
        self.start_drained()
        self.cloud.faults.fail('web-2')
        plan = self.planned(maintenance_node='compute-1', move_back='left')
        self.carry_out(plan, 'FAILED')
        self.assertIn(
            'compute-1: 1 of 2 servers are not home. web-2 is on ',
            self.told('verify_host_returned'),
        )
        self.cloud.faults.clear()
        self.give_back(move_back='left')
        self.assertEnd(*self.origin)

    def test_history_is_purged(self):
        self.start_drained()
        for audit in self.cloud._list('audits'):
            for plan in self.cloud.action_plans(audit):
                self.cloud.watcher.delete(f'/v1/action_plans/{plan["uuid"]}')
        away = self.cloud.servers()
        self.give_back(
            'Nothing is recorded of a maintenance of compute-1: no server is '
            'moved back or started.',
            move_back='left',
        )
        self.assertEnd(away, self.origin[1])


class TestTyped(ReturnTestCase):
    """The commands, and a site that is run by marks alone."""

    def type(self, command):
        return command_line.run_here(self.cloud, command)

    def test_commands(self):
        self.start_with({'web': base.on('compute-1', count=2)})
        before = self.state()
        self.type('openstack maintenance start compute-1 --wait --yes')
        self.type('openstack maintenance done compute-1')
        self.assertEqual(DONE, self.cloud.services()['compute-1'])
        self.type('openstack maintenance end compute-1 --move-back --wait')
        self.assertEnd(*before)

    def test_pair_of_continuous_audits(self):
        """One drains what is marked, the other returns what is done."""
        self.start_with({'web': base.on('compute-1', count=2)})
        for goal in ('cluster_maintenance', GOAL):
            self.type(
                f'openstack optimize audit create -g {goal} -t CONTINUOUS '
                f'-i 2 --auto-trigger --name {goal}'
            )
            self.addCleanup(
                self.type,
                f'openstack optimize audit update {goal} '
                'replace state=CANCELLED',
            )
        self.type(
            'openstack compute service set --disable --disable-reason '
            'watcher_maintaining compute-1 nova-compute'
        )
        self.assertEventually(
            {'compute-2', 'compute-3'},
            lambda: (
                {s.host for s in self.cloud.servers().values()}
                | {'compute-2', 'compute-3'}
            ),
            120,
        )
        self.assertEqual(base.MAINTAINED, self.cloud.services()['compute-1'])
        self.type('openstack maintenance done compute-1')
        self.assertEventually(
            base.ENABLED, lambda: self.cloud.services()['compute-1'], 120
        )
