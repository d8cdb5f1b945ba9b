# SPDX-License-Identifier: Apache-2.0

"""Services that are away for a while, and plans that are stopped."""

from tests.functional import base
from tests.functional import fault
from tests.functional.refusals import cannot_move
from watcher_host_maintenance.core.rules.leaving import ERROR_ALIVE


class ServicesTestCase(fault.FaultTestCase):
    def begun(
        self,
        options=None,
        nova_options=None,
        until='live_migration',
        **parameters,
    ):
        """A plan that has begun to move the first of two servers.

        :param until: the operation that stands still
        """
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.HOST},
            servers={
                'large': base.on('compute-1', 'large'),
                'small': base.on('compute-1'),
            },
            watcher_options=options,
            nova_options=nova_options,
        )
        self.cloud.faults.hang('large', until)
        plan = self.plan(**parameters)
        self.start_moving(plan, 'large')
        return plan


class TestOutage(ServicesTestCase):
    def test_nova_api(self):
        plan = self.begun()
        self.cloud.faults.stop_api('compute')
        self.assertEventually(
            True,
            lambda: '(HTTP 503)' in self.cloud.logs()['watcher'],
            timeout_s=60,
        )
        self.cloud.faults.start_api('compute')
        self.cloud.faults.clear()
        self.cloud.finished_plan(plan)
        # Watcher's own actions may have given up; ours looks until the end.
        self.assertEventually(
            'compute-2', lambda: self.cloud.servers()['large'].host
        )
        self.assertTold("Nova's API is down for a while", plan)
        self.assertFinished('large', 'small')
        self.assertAgain("Nova's API is down for a while")

    def test_source_is_down(self):
        # The source is asked after the destination: it is away by then. A
        # transfer that it had begun would go on without nova-compute.
        plan = self.begun(
            options={'nova': {'migration_max_retries': 24}},
            nova_options={'DEFAULT': {'rpc_response_timeout': 5}},
            until='live_migration_check',
        )
        self.cloud.faults.stop_compute('compute-1')
        self.cloud.faults.clear()
        self.assertEqual('FAILED', self.cloud.finished_plan(plan)['state'])
        self.assertTold('nova-compute of the node stops', plan)
        self.drain(maintenance_node='compute-1')
        self.assertAgain('nova-compute of the node stops')
        self.cloud.faults.start_compute('compute-1')
        self.assertFinished('large', 'small')

    def test_placement(self):
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.HOST},
            servers={'web': base.on('compute-1')},
            watcher_options=fault.SHORT,
        )
        plan = self.plan()
        self.cloud.faults.stop_api('placement')
        self.assertEqual('FAILED', self.cloud.execute(plan)['state'])
        # What Nova shows is told all the same.
        self.assertLook(
            plan,
            r'web remains \(error, but its guest is running\): .*out of '
            r'service. And 1 more\.',
        )
        self.cloud.faults.start_api('placement')
        self.assertTold('Placement is down', plan)
        # Nova itself puts a server in ERROR when it cannot claim room for
        # it, though it runs on: a person has to look.
        self.assertRefused(
            self.drain(maintenance_node='compute-1'),
            cannot_move(
                'compute-1',
                1,
                1,
                ERROR_ALIVE.about(
                    'web',
                    power_state='running',
                    uuid=self.cloud.nova.servers.find(name='web').id,
                ),
            ),
        )
        self.assertAgain('Placement is down')
        for server in self.cloud.nova.servers.list():
            server.reset_state('active')
        self.assertFinished('web')


class TestStopped(ServicesTestCase):
    def test_cancelled(self):
        plan = self.begun(on_failure='enable')
        self.cloud.cancel_plan(plan)
        self.cloud.faults.clear()
        self.assertEqual('CANCELLED', self.cloud.finished_plan(plan)['state'])
        ends = self.ends(plan)
        self.assertEqual(
            ('CANCELLED', 'CANCELLED'),
            (ends['small'][0], ends['compute-1'][0]),
        )
        self.assertEnd(
            servers={
                'large': ('ACTIVE', 'compute-2'),
                'small': ('ACTIVE', 'compute-1'),
            },
            services={'compute-1': base.MAINTAINED, 'compute-2': base.ENABLED},
        )
        self.assertTold('the plan is cancelled', plan)
        self.assertFinished('large', 'small')
        self.assertAgain('the plan is cancelled')

    def test_second_audit_meanwhile(self):
        plan = self.begun()
        audit = self.drain(maintenance_node='compute-1')
        self.assertEqual('CANCELLED', audit['state'])
        self.assertEqual([], self.cloud.action_plans(audit))
        name = 'a second audit is made while the plan runs'
        self.assertAgain(name)
        self.cloud.faults.clear()
        self.assertEqual('SUCCEEDED', self.cloud.finished_plan(plan)['state'])
        self.assertTold(name, plan)
        self.assertFinished('large', 'small')
