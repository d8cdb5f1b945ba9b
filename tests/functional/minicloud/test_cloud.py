# SPDX-License-Identifier: Apache-2.0

"""A cloud comes up as described, and upstream's strategy drains a host."""

import pathlib

import fixtures

from tests.functional import command_line
from tests.functional.minicloud import base


DESCRIPTION = {
    'hosts': {
        'compute-1': base.HOST,
        'compute-2': base.HOST,
        'compute-3': {**base.HOST, 'disabled_reason': 'watcher_disabled'},
    },
    'flavors': {'small': base.FLAVOR},
    'servers': {
        'web': {'host': 'compute-1', 'flavor': 'small', 'count': 2},
        'db': {'host': 'compute-1', 'flavor': 'small', 'state': 'SHUTOFF'},
    },
}


class Desk(fixtures.Fixture):
    """A person behind a proxy, with a cloud of their own."""

    def _setUp(self) -> None:
        home = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        (home / '.config/openstack').mkdir(parents=True)
        (home / '.config/openstack/clouds.yaml').write_text('clouds: none\n')
        for name, value in {
            'HOME': str(home),
            'OS_CLOUD': 'mine',
            'no_proxy': 'localhost',
            'http_proxy': 'http://127.0.0.1:1',
        }.items():
            self.useFixture(fixtures.EnvironmentVariable(name, value))


class TestDescribed(base.TestCase):
    """Hosts and servers are there; the APIs and the client work."""

    DESCRIPTION = DESCRIPTION

    def test_described(self):
        self.assertEqual(
            {
                'web-1': ('ACTIVE', 'compute-1'),
                'web-2': ('ACTIVE', 'compute-1'),
                'db': ('SHUTOFF', 'compute-1'),
            },
            self.cloud.servers(),
        )
        self.assertEqual(
            ('disabled', 'up', 'watcher_disabled'),
            self.cloud.services()['compute-3'],
        )

    def test_goals(self):
        goals = self.cloud.watcher.get('/v1/goals').json()['goals']
        self.assertIn('cluster_maintaining', {goal['name'] for goal in goals})

    def test_command_line(self):
        self.useFixture(Desk())
        for run in (command_line.run, command_line.run_here):
            printed = run(
                self.cloud, 'openstack optimize goal list -f value -c Name'
            )
            self.assertIn('cluster_maintaining', printed.split())


class TestUpstream(base.TestCase):
    """Upstream's own strategy drains a host, from audit to last migration."""

    DESCRIPTION = DESCRIPTION

    def test_drain(self):
        audit = self.cloud.run_audit(
            'cluster_maintaining',
            'host_maintenance',
            {'maintenance_node': 'compute-1', 'backup_node': 'compute-3'},
        )
        self.assertEqual('SUCCEEDED', audit['state'])
        plan = self.cloud.action_plan(audit)
        self.assertEqual('SUCCEEDED', self.cloud.execute(plan)['state'])
        self.assertEqual(
            {
                'web-1': ('ACTIVE', 'compute-3'),
                'web-2': ('ACTIVE', 'compute-3'),
                'db': ('SHUTOFF', 'compute-3'),
            },
            self.cloud.servers(),
        )
        self.assertEqual(
            ('disabled', 'up', 'watcher_maintaining'),
            self.cloud.services()['compute-1'],
        )
