# SPDX-License-Identifier: Apache-2.0

"""Watcher's own goals and strategies, with ours installed beside them."""

from importlib import metadata

from tests.functional import base
from tests.functional import command_line


class TestUpstream(base.CloudTestCase):
    def test_host_maintenance(self):
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.HOST},
            servers={
                'web': base.on('compute-1', count=2),
                'db': base.on('compute-1', state='SHUTOFF'),
            },
        )
        audit = self.cloud.run_audit(
            'cluster_maintaining',
            'host_maintenance',
            {'maintenance_node': 'compute-1'},
        )
        plan = self.assertPlanned(audit)
        self.assertEqual('SUCCEEDED', self.cloud.execute(plan)['state'])
        self.assertEnd(
            servers={
                **base.all_on('compute-2', 'web-1', 'web-2'),
                'db': ('SHUTOFF', 'compute-2'),
            },
            services={'compute-1': base.MAINTAINED, 'compute-2': base.ENABLED},
        )
        self.assertPlacementTrue()


class TestLists(base.SharedCloudTestCase):
    DESCRIPTION = base.description(hosts={'compute-1': base.HOST})

    def listed(self, kind, column):
        """One column of ``openstack optimize KIND list``."""
        return command_line.run_here(
            self.cloud,
            f'openstack optimize {kind} list -f value -c "{column}"',
        ).splitlines()

    def test_goals(self):
        self.assertEqual(
            _installed('watcher_goals'), sorted(self.listed('goal', 'Name'))
        )
        self.assertIn(
            'Cluster Maintenance', self.listed('goal', 'Display name')
        )

    def test_strategies(self):
        self.assertEqual(
            _installed('watcher_strategies'),
            sorted(self.listed('strategy', 'Name')),
        )
        self.assertIn(
            'Host Maintenance', self.listed('strategy', 'Display name')
        )

    def test_ours_beside_theirs(self):
        self.assertLess(
            {'cluster_maintaining', base.GOAL},
            set(_installed('watcher_goals')),
        )
        self.assertLess(
            {'host_maintenance', base.STRATEGY},
            set(_installed('watcher_strategies')),
        )


def _installed(group):
    """The names of the entry points of a group, sorted."""
    return sorted(e.name for e in metadata.entry_points(group=group))
