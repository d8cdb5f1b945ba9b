# SPDX-License-Identifier: Apache-2.0

"""What an operator types, and what is printed."""

import re

import ddt

from tests.functional import base
from tests.functional import command_line


CREATE = (
    'openstack optimize audit create -g cluster_maintenance '
    '-s cluster_host_maintenance'
)


class TestDrain(base.CloudTestCase):
    def test_one_command(self):
        """Of a host whose name Watcher's client takes for a number."""
        self.start(
            hosts={'4242': base.HOST, 'compute-2': base.HOST},
            servers={
                'web': base.on('4242', count=2),
                'db': base.on('4242', state='SHUTOFF'),
            },
        )
        command_line.run(
            self.cloud,
            'openstack optimize audit create '
            '-g cluster_maintenance -s cluster_host_maintenance '
            '-p maintenance_node=4242 --auto-trigger',
        )
        self.assertEventually(['SUCCEEDED'], self.plan_states, timeout_s=120)
        self.assertEnd(
            servers={
                **base.all_on('compute-2', 'web-1', 'web-2'),
                'db': ('SHUTOFF', 'compute-2'),
            },
            services={'4242': base.MAINTAINED, 'compute-2': base.ENABLED},
        )
        self.assertPlacementTrue()

    def test_bare_goal(self):
        self.start(
            hosts={'compute-1': base.MARKED, 'compute-2': base.HOST},
            servers={'web': base.on('compute-1')},
        )
        command_line.run_here(
            self.cloud,
            'openstack optimize audit create -g cluster_maintenance',
        )
        self.assertEventually(['RECOMMENDED'], self.plan_states, timeout_s=60)
        plan = command_line.run_here(
            self.cloud, 'openstack optimize actionplan list -f value -c UUID'
        )
        command_line.run_here(
            self.cloud, f'openstack optimize actionplan start {plan}'
        )
        self.assertEventually(['SUCCEEDED'], self.plan_states, timeout_s=120)
        self.assertEnd(
            servers={'web': ('ACTIVE', 'compute-2')},
            services={'compute-1': base.MAINTAINED, 'compute-2': base.ENABLED},
        )

    def plan_states(self):
        """The states of all plans, as the command prints them."""
        return command_line.run_here(
            self.cloud, 'openstack optimize actionplan list -f value -c State'
        ).split()


@ddt.ddt
class TestRefused(base.SharedCloudTestCase):
    DESCRIPTION = base.description(
        hosts={'compute-1': base.HOST}, servers={'web': base.on('compute-1')}
    )

    def test_reason_is_shown(self):
        audit = command_line.run_here(
            self.cloud,
            f'{CREATE} -p maintenance_node=compute-9 -f value -c UUID',
        ).strip()
        show = f'optimize audit show {audit} -f value'
        self.assertEventually(
            'FAILED\n',
            lambda: command_line.run_here(
                self.cloud, f'openstack {show} -c State'
            ),
            timeout_s=60,
        )
        expected = (
            'Cannot drain: there is no compute node compute-9. Nothing was '
            'changed. Use a host from "openstack compute service list".\n'
        )
        # The API has the field from microversion 1.5 on; the client asks
        # for the newest one unless told otherwise.
        for version in ('', '--os-infra-optim-api-version 1.5'):
            self.assertEqual(
                expected,
                command_line.run_here(
                    self.cloud,
                    f'openstack {version} {show} -c "Status Message"',
                ),
            )

    @ddt.named_data(
        # name, parameter, value, the keyword of the schema that refuses it
        ('headroom_100', 'headroom_percent', '100', 'maximum'),
        ('headroom_negative', 'headroom_percent', '-0.5', 'minimum'),
        ('on_blocked', 'on_blocked', 'ignore', 'enum'),
        ('flag', 'disable_live_migration', 'maybe', 'type'),
        ('no_node', 'maintenance_node', '', 'pattern'),
        ('no_nodes', 'maintenance_nodes', '[]', 'minItems'),
        (
            'node_twice',
            'maintenance_nodes',
            '["compute-1","compute-1"]',
            'uniqueItems',
        ),
    )
    @ddt.unpack
    def test_bad_value(self, parameter, value, keyword):
        self.assert_bad_request(
            f"{CREATE} -p '{parameter}={value}'",
            f"Failed validating '{keyword}' in "
            f"schema['properties']['{parameter}']",
        )

    @ddt.named_data(
        # name, command, whether it fails
        (
            'strategy',
            f'openstack optimize strategy show {base.STRATEGY}',
            False,
        ),
        ('refused', f'{CREATE} -p headroom_percent=100', True),
        (
            'old_version',
            'openstack --os-infra-optim-api-version 1.0 '
            'optimize datamodel list',
            True,
        ),
        ('new_version', 'openstack optimize datamodel list', False),
        ('no_such_option', 'openstack --colour red optimize goal list', True),
    )
    @ddt.unpack
    def test_same_in_one_process(self, command, fails):
        self.assertEqual(
            *(
                re.sub(
                    'Request-ID: [^)]+', '', run(self.cloud, command, fails)
                )
                for run in (command_line.run, command_line.run_here)
            )
        )

    def test_unknown_name(self):
        self.assert_bad_request(
            f'{CREATE} -p maintenance_node=compute-1 -p colour=red',
            'parameter colour',
        )

    def test_parameters_without_strategy(self):
        self.assert_bad_request(
            'openstack optimize audit create -g cluster_maintenance '
            '-p maintenance_node=compute-1',
            'no predefined strategy for audit',
        )

    def assert_bad_request(self, command, expected):
        """Check that the API says so and makes no audit."""
        before = self.cloud.watcher.get('/v1/audits').json()
        said = command_line.run_here(self.cloud, command, fails=True)
        self.assertIn(expected, said)
        self.assertIn('HTTP 400', said)
        self.assertEqual(before, self.cloud.watcher.get('/v1/audits').json())
