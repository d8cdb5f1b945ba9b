# SPDX-License-Identifier: Apache-2.0

"""Nodes return to service, and home who left them."""

import json
import re
import threading

from tests.functional import base
from tests.functional import command_line
from tests.functional import fault
from tests.functional import gate
from tests.functional import moves
from tests.functional import plans
from tests.functional import typed
from tests.functional.prometheus import Prometheus
from watcher_host_maintenance.client import closings
from watcher_host_maintenance.client.check import check_return
from watcher_host_maintenance.client.watcher import Watcher
from watcher_host_maintenance.core.model import document


GOAL = 'cluster_return'
STRATEGY = 'cluster_host_return'

DRAINS = 'watcher_strategies.cluster_host_maintenance'
OPTIONS = 'watcher_strategies.cluster_host_return'
#: The same wherever it can be: tests with the same options share clouds.
WAITS = {OPTIONS: {'return_wait_s': 10}}
FLAVORS = {
    'most': {'vcpus': 30, 'memory_mb': 1024, 'disk_gb': 1},
    'many': {'vcpus': 22, 'memory_mb': 1024, 'disk_gb': 1},
    'all': {'vcpus': 32, 'memory_mb': 1024, 'disk_gb': 1},
}

#: The largest moves first.
THREE = {
    'web-1': base.on('compute-1', 'large'),
    'web-2': base.on('compute-1', 'medium'),
    'web-3': base.on('compute-1', 'small'),
}

DONE = ('disabled', 'up', 'watcher_maintained')

#: Clocks may differ by a minute: whoever left so shortly before the maintenance
#: is perhaps told of.
WITHIN_A_MINUTE = re.compile('^$|left compute-1, but by no plan')


class ReturnTestCase(base.CloudTestCase):
    """compute-1 is drained and returned; the others have room."""

    def start_with(self, servers, pace=None, **hosts):
        """Start compute-1 to compute-3, or others, all reporting.

        :param pace: options of how plans are carried out
        """
        names = ('compute-1', 'compute-2', 'compute-3')
        self.start(
            hosts={
                **dict.fromkeys(names, base.HOST),
                **{h.replace('_', '-'): r for h, r in hosts.items()},
            },
            servers=servers,
            flavors=FLAVORS,
            nova_options=base.REPORTS,
            watcher_options={**WAITS, DRAINS: pace or {}},
        )

    def check(self, parameters):
        """Return the outcome of a dry run, which every audit has to give."""
        values = self.plugin_options()
        answer = check_return(
            *self.readers(values),
            closings.history(Watcher(self.cloud.watcher)),
            parameters,
            values,
        )
        return document.to_plain(answer.outcome)

    def planned(self, message=None, **parameters):
        """Run an audit of a return; return its plan."""
        self.cloud.spoil_model('forget')
        self.before = self.state()
        answer = self.check(parameters)
        if parameters:
            audit = self.cloud.run_audit(GOAL, STRATEGY, parameters)
        else:
            audit = self.cloud.run_audit(GOAL)
        self.newest = audit
        [report] = self.reports(audit)
        self.assertEqual(report['outcome'], answer)
        said = audit['status_message']
        if isinstance(message, re.Pattern):
            self.assertRegex(said or '', message)
            message = said
        return self.assertPlanned(audit, message)

    def give_back(self, message=None, state='SUCCEEDED', **parameters):
        """Return compute-1, or what is named; return type and name of each.

        :param state: of the plan
        """
        if 'maintenance_nodes' not in parameters:
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

    def stop_in_place(self, *names):
        """Drain compute-1 so that these servers are stopped, and none moves."""
        self.drain_and_execute(
            stopped=names,
            maintenance_node='compute-1',
            disable_live_migration=True,
            disable_cold_migration=True,
        )

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
                'old': base.on('compute-1', state='SHELVED'),
                'db': base.on('compute-2'),
            }
        )
        servers, services = self.state()
        self.drain_and_execute(
            maintenance_node='compute-1', becomes={'old': 'SHELVED_OFFLOADED'}
        )
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
        # What was offloaded stays so.
        self.assertEnd(
            {**servers, 'old': ('SHELVED_OFFLOADED', None)}, services
        )
        # Again, and there is nothing left to do.
        self.assertEqual([], self.give_back(move_back='left'))

    def test_who_has_changed_since_is_left_alone(self):
        """But wanders is where the plan has put it, and comes home."""
        names = ('web', 'gone', 'sized', 'moved', 'tagged', 'wanders')
        self.start_with({n: base.on('compute-1') for n in names})
        self.drain_and_execute(maintenance_node='compute-1')
        gone = server(self.cloud, 'gone')
        gone.force_delete()
        self.assertForgotten(gone.id)
        self.resize('sized')
        self.move_on('moved')
        self.move_on('wanders')
        self.move_on('wanders')
        server(self.cloud, 'tagged').add_tag('maintenance:stay')
        now = self.cloud.servers()
        self.give_back(re.compile('^3 of 5 stay away: '), move_back='left')
        self.assertEnd(
            {
                **now,
                'web': ('ACTIVE', 'compute-1'),
                'wanders': ('ACTIVE', 'compute-1'),
            },
            dict.fromkeys(
                ('compute-1', 'compute-2', 'compute-3'), base.ENABLED
            ),
        )

    def test_an_older_maintenance_is_over(self):
        """It ended without web; only who left since then comes home."""
        self.start_with({'web': base.on('compute-1')})
        self.drain_and_execute(maintenance_node='compute-1')
        self.give_back()
        self.cloud.add_servers({'new': base.on('compute-1')})
        before = self.state()
        self.drain_and_execute(maintenance_node='compute-1')
        self.give_back(WITHIN_A_MINUTE, move_back='left')
        self.assertEnd(*before)

    def test_room_that_the_return_itself_frees(self):
        """It is not counted, and the next return finds it."""
        self.start_with(
            {
                'a': base.on('compute-1', 'all'),
                'b': base.on('compute-2', 'all'),
            }
        )
        before = self.state()
        self.drain_and_execute(maintenance_node='compute-2')
        self.give_back(maintenance_node='compute-2')
        self.drain_and_execute(maintenance_node='compute-1')
        both = {
            'maintenance_nodes': ['compute-1', 'compute-2'],
            'move_back': 'left',
        }
        self.give_back(
            '1 of 2 stay away: b fits on no destination (compute-2: needs 32 '
            'VCPU, 0 free). What leaves compute-2 in this return still counts '
            'as on it.',
            **both,
        )
        self.assertEqual('compute-1', self.cloud.servers()['a'].host)
        self.give_back(
            '1 of 2 stay away: a left compute-2, but by no plan of this '
            'maintenance.',
            **both,
        )
        self.assertEnd(*before)

    def move_on(self, name):
        """Move a server from compute-2 to compute-3, or back, by hand."""
        away = self.cloud.servers()[name].host
        other = {'compute-2': 'compute-3', 'compute-3': 'compute-2'}[away]
        uuid = server(self.cloud, name).id
        self.assertTrue(moves.succeeds(self.cloud, uuid, 'live', other))

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
        """Once the node is fit for it."""
        self.start_with(
            {
                'web': base.on('compute-1'),
                'job': base.on('compute-1', state='SHUTOFF'),
            }
        )
        before = self.state()
        self.stop_in_place('web')
        stopped = self.state()
        self.cloud.faults.set_agent('compute-1', alive=False)
        self.give_back(state='FAILED')
        self.assertEqual(stopped, self.state())
        self.assertIn(
            'web is not started: compute-1 is not back in service',
            self.told('start_server'),
        )
        self.cloud.faults.set_agent('compute-1', alive=True)
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
            self.disable(host, 'watcher_maintained: by ansible')
        plan = self.planned(move_back='left')
        self.carry_out(plan)
        self.assertEnd(*before)
        # The bare goal takes no parameters, and no node is left.
        self.assertEqual([], self.carry_out(self.planned()))


class TestAffinity(ReturnTestCase):
    """A split group: its members on compute-1 leave for compute-2.

    Nova moves a member only to a host on which another one is.
    """

    def start_split(self, **servers):
        self.start(
            hosts=dict.fromkeys(
                ('compute-1', 'compute-2', 'compute-3'), base.HOST
            ),
            servers={
                'web': base.on('compute-1', count=2, group='split'),
                'other': base.on('compute-2', group='split'),
                **servers,
            },
            groups={'split': {'policy': 'affinity', 'enforced': False}},
            nova_options=base.REPORTS,
            watcher_options=WAITS,
        )

    def test_left_whole(self):
        self.start_split()
        self.drain_and_execute(maintenance_node='compute-1')
        self.give_back(
            re.compile(
                '^2 of 2 stay away: web-1 stays with its affinity group split: '
                'none of it has remained on compute-1'
            ),
            move_back='left',
        )
        hosts = {s.host for s in self.cloud.servers().values()}
        self.assertEqual({'compute-2'}, hosts)
        # Nova says the same.
        uuid = server(self.cloud, 'web-1').id
        self.assertFalse(moves.succeeds(self.cloud, uuid, 'live', 'compute-1'))

    def test_home_to_a_member_that_remained(self):
        self.start_split(
            stuck=base.on('compute-1', state='ERROR', group='split')
        )
        before = self.state()
        self.drain_and_execute(
            message='1 of 3 left: stuck is in ERROR; its guest was last seen '
            'running.',
            maintenance_node='compute-1',
            on_blocked='leave',
        )
        self.give_back(move_back='left')
        self.assertEnd(*before)


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

    def start_both_drained(self):
        """Drain compute-1 to a spare, then the spare to compute-2."""
        self.start_with({'web': base.on('compute-1')}, compute_3=base.SPARE)
        self.origin = self.state()
        for host, other in (
            ('compute-1', 'compute-3'),
            ('compute-3', 'compute-2'),
        ):
            self.drain_and_execute(maintenance_node=host)
            self.assertEqual(other, self.cloud.servers()['web'].host)

    def test_a_woken_one_that_was_drained_itself(self):
        self.start_both_drained()
        self.carry_out(
            self.planned(maintenance_nodes=['compute-1', 'compute-3'])
        )
        self.assertEnd({'web': ('ACTIVE', 'compute-2')}, self.origin[1])

    def test_a_woken_one_that_returns_later(self):
        """Each returns by its own mark, whenever its work is done."""
        self.start_both_drained()
        for host in ('compute-1', 'compute-3'):
            self.disable(host, 'watcher_maintained')
            self.carry_out(self.planned())
        self.assertEnd({'web': ('ACTIVE', 'compute-2')}, self.origin[1])

    def test_a_woken_one_that_is_the_home_of_others(self):
        """It stays enabled for them, until they are home."""
        self.start_both_drained()
        both = {
            'maintenance_nodes': ['compute-1', 'compute-3'],
            'move_back': 'left',
        }
        self.carry_out(self.planned(re.compile('^1 of 2 stay'), **both))
        self.assertEnd(
            {'web': ('ACTIVE', 'compute-3')},
            dict.fromkeys(self.origin[1], base.ENABLED),
        )
        self.carry_out(self.planned(re.compile(''), **both))
        self.assertEnd(*self.origin)

    def test_one_that_was_maintained_is_a_spare_again(self):
        self.start_with({'web': base.on('compute-1')}, compute_3=base.SPARE)
        before = self.state()
        self.drain_and_execute(maintenance_node='compute-3')
        self.assertEqual(base.MAINTAINED, self.cloud.services()['compute-3'])
        self.disable('compute-3', 'watcher_maintained')
        self.carry_out(self.planned())
        self.assertEnd(*before)


class FaultTestCase(ReturnTestCase, fault.FaultTestCase):
    """compute-1 returns to compute-2, where its servers are."""

    def start_drained(self, servers=None, nova=None, **options):
        """Drain compute-1.

        :param servers: of compute-1; two by default
        :param nova: where Watcher finds Nova; None is at Nova itself
        :param options: of returns
        """
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.HOST},
            servers=servers or {'web': base.on('compute-1', count=2)},
            flavors=FLAVORS,
            nova_options=base.REPORTS,
            watcher_options={
                **(nova.watcher_options if nova else {}),
                OPTIONS: {**WAITS[OPTIONS], **options},
            },
        )
        if nova:
            nova.nova = self.cloud.urls['compute']
        self.origin = self.state()
        self.drain_and_execute(maintenance_node='compute-1')
        self.drained = self.state()

    def drain_in_vain(self, **parameters):
        """Drain compute-1 but for web-2, whose migration fails."""
        self.start_with({'web': base.on('compute-1', count=2)})
        self.origin = self.state()
        self.cloud.faults.fail('web-2')
        plan = self.cloud.execute(self.plan(**parameters))
        self.assertEqual('FAILED', plan['state'])
        self.cloud.faults.clear()
        self.recover('web-2')
        return plan

    def fail(self, plan):
        """Carry out a plan that fails before anything has changed."""
        self.carry_out(plan, 'FAILED')
        self.assertEqual(self.drained, self.state())

    def give_all_back(self):
        """Return the node with all servers, by a new audit."""
        self.give_back(move_back='left')
        self.assertEnd(*self.origin)

    def _shown(self, plan):
        """The audit and its plan as the command line shows them."""
        shown = self._command(f'audit show {plan["audit_uuid"]}')
        yield f'audit {shown["State"]}: {shown["Status Message"]}'
        yield from super()._shown(plan)


class TestUnchanged(FaultTestCase):
    """Faults before anything has changed, all of one drained node."""

    LIMIT_S = 600

    def test_all_come_home_after_them(self):
        self.prometheus = self.useFixture(Prometheus())
        self.gate = self.useFixture(gate.Gate())
        self.start_drained(
            nova=self.gate,
            unfit_query='ALERTS{instance="{host}"}',
            prometheus_url=self.prometheus.url,
        )
        told = [
            self.host_not_up(),
            self.another_reason(),
            self.agent_dead(),
            self.provider_closed(),
            self.placement_is_away(),
            self.prometheus_knows(),
            self.prometheus_is_down(),
        ]
        self.give_all_back()
        for name in told:
            self.assertAgain(name)

    def planned_home(self):
        """Return the plan of an audit that has all come home."""
        return self.planned(maintenance_node='compute-1', move_back='left')

    def host_not_up(self):
        self.cloud.faults.stop_compute('compute-1')
        self.disable('compute-1', 'watcher_maintained')
        audit = self.cloud.run_audit(GOAL)
        self.assertEqual('FAILED', audit['state'])
        self.assertIn('nova-compute is down', audit['status_message'])
        # Not by a mark, but by its name.
        self.disable('compute-1', 'watcher_maintaining')
        up, self.drained = self.drained, self.state()
        plan = self.planned_home()
        self.fail(plan)
        name = 'the node to return is down'
        self.assertTold(name, plan)
        self.cloud.faults.start_compute('compute-1')
        self.drained = up
        self.assertEnd(*up)
        return name

    def another_reason(self):
        plan = self.planned_home()
        self.disable('compute-1', 'PSU broken')
        ours, self.drained = self.drained, self.state()
        self.fail(plan)
        name = 'the node to return gets another reason'
        self.assertTold(name, plan)
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
        self.assertEqual(self.drained, self.state())
        self.disable('compute-1', 'watcher_maintaining')
        self.drained = ours
        return name

    def agent_dead(self):
        self.cloud.faults.set_agent('compute-1', alive=False)
        self.cloud.faults.set_agent('compute-2', alive=True)
        plan = self.planned_home()
        self.fail(plan)
        name = 'a network agent of the node to return is dead'
        self.assertTold(name, plan)
        self.cloud.faults.set_agent('compute-1', alive=True)
        return name

    def provider_closed(self):
        plan = self.planned_home()

        def fall_silent():
            """Take Placement away while nova-compute opens the provider."""
            self.cloud.faults.stop_api('placement')
            back = threading.Timer(
                3, self.cloud.faults.start_api, ['placement']
            )
            back.start()
            self.addCleanup(back.join)

        self.gate.before('^PUT .*/os-services', fall_silent)
        self.fail(plan)
        name = 'the provider of the node to return stays closed'
        self.assertTold(name, plan)
        return name

    def placement_is_away(self):
        plan = self.planned_home()
        self.cloud.faults.stop_api('placement')
        plan = self.cloud.execute(plan)
        self.cloud.faults.start_api('placement')
        self.assertEqual('FAILED', plan['state'])
        self.assertEqual(self.drained, self.state())
        name = 'Placement is down during a return'
        self.assertTold(name, plan)
        return name

    def prometheus_knows(self):
        self.prometheus.series = [
            {'__name__': 'ALERTS', 'alertname': 'DiskFailing'}
        ]
        plan = self.planned_home()
        self.fail(plan)
        self.assertIn('ALERTS{instance="compute-1"}', self.prometheus.queries)
        self.prometheus.series = []
        name = 'Prometheus knows that the node is unfit'
        self.assertTold(name, plan)
        return name

    def prometheus_is_down(self):
        self.prometheus.series = None
        plan = self.planned_home()
        self.fail(plan)
        self.prometheus.series = []
        name = 'Prometheus is down'
        self.assertTold(name, plan)
        return name


class TestFaults(FaultTestCase):
    def test_room_was_taken(self):
        self.start_drained({'web': base.on('compute-1', count=3)})
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
        shown = json.loads(
            command_line.run_here(
                self.cloud,
                f'openstack maintenance why {audit["uuid"]} -f json',
            )
        )
        self.assertEqual('impossible', shown['now'])
        self.assertIn(
            'compute-1: needs 1 VCPU, 0 free', '\n'.join(shown['details'])
        )

    def test_room_is_taken_after_the_audit(self):
        self.start_drained(THREE)
        self.give_back()
        plan = self.planned(maintenance_node='compute-1', move_back='left')
        # Of its 32 VCPU there are 10 left.
        self.cloud.add_servers({'new': base.on('compute-1', 'many')})
        self.carry_out(plan, 'FAILED')
        name = 'the room on the node to return is taken by others'
        self.assertTold(name, plan)
        self.carry_out(
            self.planned(
                re.compile('stay away'),
                maintenance_node='compute-1',
                move_back='left',
            )
        )
        self.assertAgain(name)

    def test_killed_and_repeated(self):
        self.start_drained(THREE)
        self.cloud.faults.hang('web-2')
        plan = self.planned(maintenance_node='compute-1', move_back='left')
        self.start_moving(plan, 'web-2')
        self.cloud.kill_watcher()
        self.cloud.start_watcher()
        self.cloud.faults.clear()
        self.assertEventually(
            'ACTIVE', lambda: self.cloud.servers()['web-2'].status
        )
        plan = self.cloud.finished_plan(plan)
        self.assertTold('the applier is killed during a return', plan)
        self.give_all_back()
        self.assertAgain('the applier is killed during a return')

    def test_a_move_fails(self):
        self.start_drained()
        self.cloud.faults.fail('web-2')
        plan = self.planned(maintenance_node='compute-1', move_back='left')
        self.carry_out(plan, 'FAILED')
        self.assertTold('a migration back fails', plan)
        self.cloud.faults.clear()
        self.recover('web-2')
        self.give_all_back()
        self.assertAgain('a migration back fails')

    def test_drain_that_has_enabled_the_node_again(self):
        """It is over: who left in it comes home before the next one."""
        self.drain_in_vain(on_failure='enable')
        services = self.cloud.services()
        self.assertEqual(base.ENABLED, services['compute-1'])
        self.give_all_back()

    def test_drain_that_is_repeated_after_that(self):
        """Only who left in the repetition comes home."""
        self.drain_in_vain(on_failure='enable')
        between = self.state()
        self.drain_and_execute(maintenance_node='compute-1')
        self.give_back(WITHIN_A_MINUTE, move_back='left')
        self.assertEnd(*between)
        self.assertNotEqual('compute-1', between[0]['web-1'][1])

    def test_history_is_purged_in_part(self):
        first = self.drain_in_vain()
        self.drain_and_execute(maintenance_node='compute-1')
        self.cloud.watcher.delete(f'/v1/action_plans/{first["uuid"]}')
        plan = self.planned(
            re.compile(
                'Nothing is recorded of how compute-1 was disabled: what it '
                r'was, and who left or was stopped then, is unknown\.$'
            ),
            maintenance_node='compute-1',
            move_back='left',
        )
        self.carry_out(plan)
        name = 'a part of the records of the maintenance was purged'
        self.assertTold(name, plan)
        self.give_back(WITHIN_A_MINUTE, move_back='left')
        self.assertAgain(name)

    def test_history_is_purged(self):
        self.start_drained()
        for audit in self.cloud._list('audits'):
            for plan in self.cloud.action_plans(audit):
                self.cloud.watcher.delete(f'/v1/action_plans/{plan["uuid"]}')
        plan = self.planned(
            'Nothing is recorded of a maintenance of compute-1: no server is '
            'moved back or started.',
            maintenance_node='compute-1',
            move_back='left',
        )
        self.carry_out(plan)
        self.assertEnd(self.drained[0], self.origin[1])
        name = "Watcher's records of the maintenance were purged"
        self.assertTold(name, plan)
        self.give_back(move_back='left')
        self.assertAgain(name)


class TestTyped(ReturnTestCase):
    """The commands, and a site that is run by marks alone."""

    def type(self, command):
        return command_line.run_here(self.cloud, command)

    def test_stopped_and_ended(self):
        """Servers are on their way home, to a node that is in service."""
        self.start_with(
            {'web': base.on('compute-1', count=2)},
            pace={'max_migrations': 1},
        )
        before = self.state()
        self.drain_and_execute(maintenance_node='compute-1')
        for name in ('web-1', 'web-2'):
            self.cloud.faults.hang(name)
        plan = self.planned(maintenance_node='compute-1', move_back='left')
        self.cloud.start_plan(plan)
        self.assertEventually(
            True,
            lambda: any(
                s.status == 'MIGRATING' for s in self.cloud.servers().values()
            ),
            timeout_s=60,
        )
        status, _out, told = command_line.answer_here(
            self.cloud, 'openstack maintenance stop compute-1'
        )
        self.assertFalse(status, told)
        self.assertIn(f'Action plan {plan["uuid"]} is CANCELLING.', told)
        self.assertIn('Servers that are still being moved: 1', told)
        self.assertNotIn('stays disabled', told)
        self.cloud.faults.clear()
        plan = self.cloud.finished_plan(plan)
        self.assertEqual('CANCELLED', plan['state'])
        self.assertEqual(base.ENABLED, self.cloud.services()['compute-1'])
        self.assertEventually(
            {'ACTIVE'},
            lambda: {s.status for s in self.cloud.servers().values()},
        )
        homes = [s.host for s in self.cloud.servers().values()]
        self.assertEqual(1, homes.count('compute-1'))
        self.type('openstack maintenance end compute-1 --move-back --wait')
        self.assertEnd(*before)

    def test_commands(self):
        """A dry run plans what an audit does, and creates nothing."""
        self.start_with({'web': base.on('compute-1', count=2)})
        origin = self.state()
        self.type('openstack maintenance start compute-1 --wait --yes')
        self.type('openstack maintenance done compute-1')
        self.assertEqual(DONE, self.cloud.services()['compute-1'])
        server(self.cloud, 'web-2').add_tag('maintenance:stay')
        audits = len(self.cloud._list('audits'))
        before = self.state()
        command = 'openstack maintenance end compute-1 --move-back'
        rows = json.loads(self.type(f'{command} --dry-run -f json'))
        self.assertEqual(
            [
                ('', 'planned'),
                ('web-1', 'live migrate'),
                ('web-2', 'stays'),
            ],
            [(r['Server'], r['What']) for r in rows],
        )
        self.assertEqual(audits, len(self.cloud._list('audits')))
        self.assertEqual(before, self.state())
        self.assertEqual(
            {
                'web-1': 'would come back with --move-back',
                'web-2': 'web-2 has the tag maintenance:stay',
            },
            self.away(),
        )
        self.type(f'{command} --wait')
        self.assertEqual('compute-1', self.cloud.servers()['web-1'].host)
        self.assertEqual({'web-2'}, set(self.away()))
        waited = self.type('openstack maintenance wait compute-1 -f json')
        self.assertEqual('in service', json.loads(waited)[0]['Phase'])
        kinds = [
            row['Kind']
            for row in json.loads(
                self.type('openstack maintenance history compute-1 -f json')
            )
        ]
        # web-1 and web-2 have left, web-1 has come back.
        self.assertEqual(3, kinds.count('live-migration'))
        server(self.cloud, 'web-2').delete_tag('maintenance:stay')
        self.type(f'{command} --wait')
        self.assertEnd(*origin)

    def away(self):
        """Name -> reason of the servers that are not home."""
        shown = self.type('openstack maintenance show compute-1 -f json')
        return {
            s['name']: s['doing'] for s in json.loads(shown)['servers_away']
        }


class TestPage(ReturnTestCase):
    """The commands of the strategy's page, as they stand there."""

    def setUp(self):
        super().setUp()
        text = typed.section(
            'reference/cluster_host_return.rst', 'How to use it'
        )
        self.commands = typed.blocks(text)

    def type(self, command):
        with typed.shell(self.cloud) as shell:
            return shell.type(command)

    def test_return_of_a_node(self):
        self.start_with({'web': base.on('compute-1', count=2)})
        before = self.state()
        self.drain_and_execute(maintenance_node='compute-1')
        for command, home in zip(self.commands, (0, 2), strict=False):
            self.type(command)
            self.assertEventually(
                base.ENABLED, lambda: self.cloud.services()['compute-1'], 60
            )
            self.assertEventually(home, lambda: self.on('compute-1'), 60)
            self.assertEventually([], self.unfinished, 60)
        self.assertEnd(*before)

    def on(self, host):
        """How many servers are on a host."""
        return sum(s.host == host for s in self.cloud.servers().values())

    def unfinished(self):
        return [
            p
            for p in self.cloud._list('action_plans')
            if p['state'] in ('PENDING', 'ONGOING')
        ]

    def test_pair_of_continuous_audits(self):
        """One drains what is marked, the other returns what is done."""
        self.start_with(
            {
                'web': base.on('compute-1', count=2),
                'db': base.on('compute-2'),
            }
        )
        pair, marks = self.commands[2:]
        self.addCleanup(self.cancel_audits)
        self.type(pair.replace('-i 60', '-i 2'))
        self.assertEqual(2, len(self.cloud._list('audits')))
        mark, done = re.split(r'\n(?=openstack)', marks)
        for host in ('compute-1', 'compute-2'):
            self.type(mark.replace('compute-1', host))
            self.assertEventually(0, lambda h=host: self.on(h), 120)
            self.assertEqual(base.MAINTAINED, self.cloud.services()[host])
            self.type(done.replace('compute-1', host))
            self.assertEventually(
                base.ENABLED, lambda h=host: self.cloud.services()[h], 120
            )

    def cancel_audits(self):
        for audit in self.cloud._list('audits'):
            self.cloud.watcher.patch(
                f'/v1/audits/{audit["uuid"]}',
                json=[
                    {'op': 'replace', 'path': '/state', 'value': 'CANCELLED'}
                ],
            )
