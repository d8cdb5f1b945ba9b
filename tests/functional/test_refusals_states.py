# SPDX-License-Identifier: Apache-2.0

"""Servers that cannot leave in their state, each with its reason."""

import ddt

from tests.functional import base
from tests.functional.refusals import cannot_move
from watcher_host_maintenance.core.rules.leaving import BUILDING
from watcher_host_maintenance.core.rules.leaving import ERROR_LAST_RUNNING
from watcher_host_maintenance.core.rules.leaving import NOT_CONFIRMED_HERE
from watcher_host_maintenance.core.rules.leaving import PAUSED
from watcher_host_maintenance.core.rules.leaving import RESCUED
from watcher_host_maintenance.core.rules.leaving import SUSPENDED


#: What is said of a server in each state.
MESSAGES = {
    'paused': (cannot_move('on-paused', 1, 3, PAUSED.about('paused'))),
    'suspended': (
        cannot_move('on-suspended', 1, 1, SUSPENDED.about('suspended'))
    ),
    'rescue': (cannot_move('on-rescue', 1, 1, RESCUED.about('rescue'))),
    'verify_resize': (
        cannot_move(
            'on-verify_resize', 1, 1, NOT_CONFIRMED_HERE.about('verify_resize')
        )
    ),
    'error': (
        cannot_move(
            'on-error',
            1,
            1,
            ERROR_LAST_RUNNING.about(
                'error', power_state='running', uuid='{uuid}'
            ),
        )
    ),
    'build': (cannot_move('on-build', 1, 1, BUILDING.about('build'))),
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
            cannot_move(
                'on-build and 5 more', 6, 8, BUILDING.about('build'), more=True
            ),
        )
        stays = [s for n in report['outcome']['nodes'] for s in n['stays']]
        self.assertEqual(
            {
                'build': ['building', 'busy'],
                'error': ['error_last_running'],
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
