# SPDX-License-Identifier: Apache-2.0

"""Servers that cannot leave in their state, each with its reason."""

import ddt

from tests.functional import base


#: What is said of a server in each state.
MESSAGES = {
    'paused': (
        'Cannot drain on-paused: 1 of 3 instances cannot be moved. paused '
        'is PAUSED. Nothing was changed. Allow live migration, which keeps '
        'it paused, or unpause it.'
    ),
    'suspended': (
        'Cannot drain on-suspended: 1 of 1 instances cannot be moved. '
        'suspended is SUSPENDED. Nothing was changed. Its owner can resume '
        'it; an administrator can shelve it.'
    ),
    'rescue': (
        'Cannot drain on-rescue: 1 of 1 instances cannot be moved. rescue '
        'is in RESCUE. Nothing was changed. Its owner has to unrescue it.'
    ),
    'verify_resize': (
        'Cannot drain on-verify_resize: 1 of 1 instances cannot be moved. '
        'verify_resize is in VERIFY_RESIZE: an administrator migrated '
        'it here. Nothing was changed. Confirm or revert it: openstack server '
        'resize confirm.'
    ),
    'error': (
        'Cannot drain on-error: 1 of 1 instances cannot be moved. error is '
        'in ERROR, but its guest is running. Nothing was changed. Check its '
        'console, then: openstack server set --state active {uuid}'
    ),
    'build': (
        'Cannot drain on-build: 1 of 1 instances cannot be moved. build is '
        'being built. Nothing was changed. Wait, then run the audit again.'
    ),
}


def a_server(state):
    """A server in a state, on a node of the same name."""
    origin = (
        {'resized_from': {'host': 'compute-1'}}
        if state == 'verify_resize'
        else {}
    )
    return base.on(f'on-{state}', state=state.upper(), **origin)


@ddt.ddt
class TestStates(base.SharedCloudTestCase):
    DESCRIPTION = base.description(
        hosts={
            'compute-1': base.HOST,
            **{f'on-{state}': base.HOST for state in MESSAGES},
        },
        servers={
            'web': base.on('on-paused', count=2),
            **{state: a_server(state) for state in MESSAGES},
        },
    )

    @ddt.data(*MESSAGES)
    def test_state(self, state):
        self.assertRefused(
            self.drain(
                refresh=False,
                maintenance_node=f'on-{state}',
                disable_live_migration=True,
            ),
            MESSAGES[state].format(
                uuid=self.cloud.nova.servers.find(name=state).id
            ),
        )

    def test_all_reasons_are_in_the_report(self):
        nodes = [f'on-{state}' for state in MESSAGES]
        report = self.assertRefused(
            self.drain(
                refresh=False,
                maintenance_nodes=nodes,
                disable_live_migration=True,
            ),
            'Cannot drain on-build and 5 more: 6 of 8 instances cannot be '
            'moved. build is being built. Nothing was changed. Wait, then '
            'run the audit again. More is in the way: see the decision '
            'engine log.',
        )
        stays = [s for n in report['outcome']['nodes'] for s in n['stays']]
        self.assertEqual(
            {
                'build': ['building', 'busy'],
                'error': ['error_alive'],
                'paused': ['paused'],
                'rescue': ['rescued'],
                'suspended': ['suspended'],
                'verify_resize': ['not_confirmed_here'],
            },
            {
                s['instance_name']: [f['reason'] for f in s['findings']]
                for s in stays
            },
        )
