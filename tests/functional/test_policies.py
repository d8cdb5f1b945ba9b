# SPDX-License-Identifier: Apache-2.0

"""The page of policies names every call, and each rule that it meets."""

from collections import defaultdict

from minicloud import cloud
from minicloud import credentials
from tests.functional import base
from tests.functional import policies


DRAIN = (base.GOAL, base.STRATEGY)
RETURN = ('cluster_return', 'cluster_host_return')
HOSTS = ('compute-1', 'compute-2', 'compute-3')
#: Each own action and each of Watcher's that a plan may hold. Owners are told,
#: and the returns delete the notices.
AUDITS = (
    (*DRAIN, {'maintenance_node': 'compute-1', 'owners': 'obey'}),
    (*RETURN, {'maintenance_node': 'compute-1', 'move_back': 'left'}),
    (
        *DRAIN,
        {
            'maintenance_node': 'compute-3',
            'disable_live_migration': True,
            'disable_cold_migration': True,
            'owners': 'wait',
            'answer_by': '2020-01-01T00:00Z',
        },
    ),
    (*RETURN, {'maintenance_node': 'compute-3'}),
)


class TestPolicies(base.CloudTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.share(
            cloud.Cloud(
                base.description(
                    hosts=dict.fromkeys(HOSTS, base.a_host(zone='az1')),
                    groups={'apart': {'policy': 'anti-affinity'}},
                    servers={
                        'active': base.on('compute-1', group='apart'),
                        'paused': base.on('compute-1', state='PAUSED'),
                        'shutoff': base.on('compute-1', state='SHUTOFF'),
                        'shelved': base.on('compute-1', state='SHELVED'),
                        'pinned': base.on('compute-1', zone='az1'),
                        'migrated': base.on(
                            'compute-2',
                            state='VERIFY_RESIZE',
                            resized_from={'host': 'compute-1'},
                        ),
                        'stopped': base.on('compute-3'),
                    },
                ),
                keystone=True,
                nova_options=base.REPORTS,
            )
        )
        [active] = cls.cloud.nova.servers.list(search_opts={'name': 'active'})
        active.add_tag('maintenance:go')
        cls.cloud.calls(credentials.WATCHER)

    def test_calls(self):
        made = {
            api: defaultdict(lambda: policies.Row(set(), set()))
            for api in ('compute', 'placement')
        }

        def note(maker):
            for api, calls in self.cloud.calls(credentials.WATCHER).items():
                for call, rules in calls.items():
                    made[api][call].rules.update(rules)
                    made[api][call].made_by.add(maker)

        for goal, strategy, parameters in AUDITS:
            self.cloud.spoil_model('forget')
            audit = self.cloud.run_audit(goal, strategy, parameters)
            self.assertEqual('SUCCEEDED', audit['state'])
            [plan] = self.cloud.action_plans(audit)
            note('audit')
            self.assertEqual('SUCCEEDED', self.cloud.execute(plan)['state'])
            note('plan')
        for api, calls in made.items():
            self.assertEqual(policies.told(api), dict(calls))
