# SPDX-License-Identifier: Apache-2.0

"""The page of policies names every call, and each rule that it meets."""

import pathlib

from collections import defaultdict
from importlib import metadata

import fixtures

from minicloud import audits
from minicloud import cloud
from minicloud import credentials
from tests.functional import base
from tests.functional import policies


DRAIN = (base.GOAL, base.STRATEGY)
RETURN = ('cluster_return', 'cluster_host_return')
ROLL = ('cluster_rolling_maintenance',) * 2
WINDOW = {'starts': '2020-01-01T00:00Z', 'ends': '2999-01-01T00:00Z'}
#: In turn; owners are told, and the returns delete the notices.
AUDITS = (
    (
        *DRAIN,
        {'maintenance_node': 'compute-1', 'owners': 'obey', **WINDOW},
    ),
    (*RETURN, {'maintenance_node': 'compute-1', 'move_back': 'left'}),
    (
        *DRAIN,
        {
            'maintenance_node': 'compute-3',
            'disable_live_migration': True,
            'disable_cold_migration': True,
            'owners': 'obey',
            **WINDOW,
        },
    ),
    (*RETURN, {'maintenance_node': 'compute-3'}),
    (*DRAIN, {'maintenance_node': 'compute-5', 'max_secondary_moves': 1}),
    # To a spare, and back; then the spare itself.
    (*DRAIN, {'maintenance_node': 'compute-3'}),
    (*RETURN, {'maintenance_node': 'compute-3', 'move_back': 'left'}),
    (*DRAIN, {'maintenance_node': 'compute-4'}),
    (*RETURN, {'maintenance_node': 'compute-4'}),
)
SPARE = 'compute-4'
WHOLE = base.a_host(zone='az1', traits=['CUSTOM_FAST'])
FAST = {
    **base.FLAVORS['small'],
    'extra_specs': {'trait:CUSTOM_FAST': 'required'},
}
PATIENCE_S = 600


class TestPolicies(base.CloudTestCase):
    """compute-5 to 7 are a zone in which servers have to make room."""

    LIMIT_S = 900

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        directory = fixtures.TempDir()
        directory.setUp()
        cls.addClassCleanup(directory.cleanUp)
        hook = pathlib.Path(directory.path, 'patch')
        hook.write_text('#!/bin/sh\nexit 0\n')
        hook.chmod(0o700)
        cls.share(
            cloud.Cloud(
                base.description(
                    hosts={
                        **{f'compute-{n}': WHOLE for n in (1, 2, 3, 4)},
                        'compute-5': base.a_host(zone='az2'),
                        'compute-6': base.a_host(zone='az2', memory_mb=8192),
                        'compute-7': base.a_host(zone='az2', memory_mb=4096),
                    },
                    flavors={'fast': FAST},
                    groups={'apart': {'policy': 'anti-affinity'}},
                    servers={
                        'active': base.on('compute-1', 'fast', group='apart'),
                        'paused': base.on('compute-1', state='PAUSED'),
                        'shutoff': base.on('compute-1', state='SHUTOFF'),
                        'shelved': base.on('compute-1', state='SHELVED'),
                        'pinned': base.on('compute-1', zone='az1'),
                        'migrated': base.on(
                            'compute-2',
                            state='VERIFY_RESIZE',
                            resized_from={'host': 'compute-1'},
                        ),
                        'stopped': base.on('compute-3', zone='az1'),
                        'big': base.on('compute-5', 'medium', zone='az2'),
                        'cache': base.on('compute-6', zone='az2'),
                    },
                ),
                keystone=True,
                nova_options=base.REPORTS,
                watcher_options=base.options(
                    {
                        'watcher_strategies.cluster_rolling_maintenance': {
                            'hooks_dir': directory.path,
                            'exec_hooks': 'patch',
                            'preflight_hooks': 'patch',
                        }
                    }
                ),
            )
        )
        [active] = cls.cloud.nova.servers.list(search_opts={'name': 'active'})
        active.add_tag('maintenance:go')
        cls.cloud.calls(credentials.WATCHER)

    def setUp(self):
        super().setUp()
        self.made = {
            api: defaultdict(lambda: policies.Row(set(), set()))
            for api in ('compute', 'placement')
        }
        self.types = set()

    def note(self, maker=None):
        """Note the calls since the last time.

        :param maker: 'audit' or 'plan'; None is both, and no new call
        """
        for api, calls in self.cloud.calls(credentials.WATCHER).items():
            made = self.made[api]
            for call, rules in calls.items():
                if maker is None:
                    self.assertLessEqual({*rules}, made[call].rules, call)
                else:
                    made[call].rules.update(rules)
                    made[call].made_by.add(maker)

    def note_types(self, plan):
        """Note the types of the actions of a plan."""
        actions = self.cloud.actions(plan)
        self.types.update(action['action_type'] for action in actions)

    def planned(self, goal, strategy, parameters):
        """Run an audit; return its plan."""
        self.cloud.spoil_model('forget')
        audit = self.cloud.run_audit(goal, strategy, parameters)
        self.assertEqual('SUCCEEDED', audit['state'], audit['status_message'])
        [plan] = self.cloud.action_plans(audit)
        self.note('audit')
        self.note_types(plan)
        return plan

    def drain_that_ends_badly(self, name, host):
        """Drain a node whose only server does not move.

        First its migration fails, then it is paused and the plan cancelled.
        """
        given = {'maintenance_node': host}
        self.cloud.faults.fail(name)
        plan = self.planned(*DRAIN, given)
        self.assertEqual('FAILED', self.cloud.execute(plan)['state'])
        self.note('plan')
        self.recover(name)
        self.cloud.faults.hang(name)
        server = self.cloud.nova.servers.find(name=name)
        server.pause()
        self.assertStatus(name, 'PAUSED')
        plan = self.planned(*DRAIN, given)
        self.cloud.start_plan(plan)
        self.assertStatus(name, 'MIGRATING')
        self.cloud.cancel_plan(plan)
        self.cloud.finished_plan(plan)
        self.note('plan')
        self.cloud.faults.clear()
        self.recover(name, 'PAUSED')
        server.unpause()
        self.enable(host)

    def assertStatus(self, name, status):
        self.assertEventually(
            status, lambda: self.cloud.servers()[name].status
        )

    def roll(self, **parameters):
        """Have nodes maintained by a hook, to the end."""
        audit = self.cloud.create_audit(
            *ROLL,
            parameters,
            audit_type='CONTINUOUS',
            interval='5',
            auto_trigger=True,
        )
        self.assertEventually(
            False,
            lambda: self.cloud.audit(audit['uuid'])['state'] in audits.MOVING,
            PATIENCE_S,
        )
        self.note()
        for plan in self.cloud.action_plans(audit):
            self.note_types(plan)
        return self.cloud.audit(audit['uuid'])['status_message']

    def test_calls(self):
        for audit in AUDITS:
            if audit == (*DRAIN, {'maintenance_node': 'compute-3'}):
                self.disable(SPARE, 'watcher_disabled')
            plan = self.planned(*audit)
            self.assertEqual('SUCCEEDED', self.cloud.execute(plan)['state'])
            self.note('plan')
        self.drain_that_ends_badly('migrated', 'compute-2')
        message = self.roll(
            maintenance_nodes=['compute-2', 'compute-3'],
            hook='patch',
            canary=True,
            owners='obey',
            **WINDOW,
        )
        self.assertIn('2 of 2 nodes maintained', message)
        self.assertEqual(
            {api: policies.told(api) for api in self.made},
            {api: dict(calls) for api, calls in self.made.items()},
        )
        self.assertEqual(set(), own_types() - self.types)


def own_types():
    """Return the types of all actions of the plugin."""
    return {
        entry.name
        for entry in metadata.entry_points(group='watcher_actions')
        if entry.value.startswith('watcher_host_maintenance.')
    }
