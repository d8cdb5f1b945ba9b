# SPDX-License-Identifier: Apache-2.0

"""A cloud that is restored is the one that was filled."""

import fixtures

from minicloud import cloud
from minicloud import saves
from tests.functional import limited
from tests.functional import placement
from tests.functional.minicloud import base


DESCRIPTION = {
    'hosts': {
        'compute-1': {**base.HOST, 'zone': 'az-1'},
        'compute-2': base.HOST,
        'compute-3': {**base.HOST, 'disabled_reason': 'broken fan'},
        'compute-4': {**base.HOST, 'down': True},
    },
    'flavors': {'small': base.FLAVOR},
    'groups': {'apart': {'policy': 'anti-affinity'}},
    'servers': {
        'web': {'host': 'compute-1', 'flavor': 'small', 'count': 2},
        'db': {'host': 'compute-1', 'flavor': 'small', 'group': 'apart'},
        'off': {'host': 'compute-1', 'flavor': 'small', 'state': 'SHUTOFF'},
        'idle': {'host': 'compute-2', 'flavor': 'small', 'state': 'PAUSED'},
    },
}


class TestSaves(limited.LimitedTestCase):
    def test_restored(self):
        kept = saves.Saves(self.useFixture(fixtures.TempDir()).path)
        ids, seen = [], []
        for _cloud in range(2):
            with cloud.Cloud(DESCRIPTION, saves=kept) as lab:
                ids.append({s.name: s.id for s in lab.nova.servers.list()})
                seen.append((lab.servers(), lab.services()))
                self.assertEqual([], placement.faults(lab))
                self.act(lab)
        self.assertEqual(*ids)
        self.assertEqual(*seen)

    def act(self, lab):
        """Do what a test may do: nothing of it is in the next cloud."""
        more = {'host': 'compute-2', 'flavor': 'small', 'group': 'apart'}
        lab.add_servers({'more': more})
        lab.faults.start_compute('compute-4')
        audit = lab.run_audit(
            'cluster_maintenance',
            'cluster_host_maintenance',
            {'maintenance_node': 'compute-1', 'backup_node': 'compute-4'},
        )
        plan = lab.execute(lab.action_plan(audit))
        self.assertEqual('SUCCEEDED', plan['state'])
        self.assertEqual(
            {
                'web-1': ('ACTIVE', 'compute-4'),
                'web-2': ('ACTIVE', 'compute-4'),
                'db': ('ACTIVE', 'compute-4'),
                'off': ('SHUTOFF', 'compute-4'),
                'idle': ('PAUSED', 'compute-2'),
                'more': ('ACTIVE', 'compute-2'),
            },
            lab.servers(),
        )
