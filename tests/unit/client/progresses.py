# SPDX-License-Identifier: Apache-2.0

"""Plans that are under way."""

from tests.unit.client.fake_watcher import a_plan
from tests.unit.client.fake_watcher import about_node
from tests.unit.client.fake_watcher import an_action
from watcher_host_maintenance.client.progress import measure
from watcher_host_maintenance.client.records import Action
from watcher_host_maintenance.client.records import ActionPlan
from watcher_host_maintenance.cloud.records import Transfer


HALF = Transfer(
    destination='compute-2',
    status='running',
    total_bytes=2**31,
    remaining_bytes=2**30,
    id=1,
)


def progress_of(
    *states,
    plan='ONGOING',
    transfers=(),
    look=None,
    returned=None,
    **indicators,
):
    """A plan that disables a node and moves servers; one state each.

    :param returned: state of the return of a node, which it does instead
    """
    first = ('change_nova_service_state', 'SUCCEEDED')
    if returned is not None:
        first = ('return_host', returned)
    actions = [about_node('d', *first)]
    for number, state in enumerate(states):
        action = an_action(f'm{number}', state=state)
        action['input_parameters'] |= {'resource_id': f'server-{number}'}
        actions.append(action)
    if look is not None:
        actions.append(about_node('v', 'verify_host_empty', **look))
    found = a_plan(
        state=plan,
        efficacy_indicators=[
            {'name': n, 'value': v} for n, v in indicators.items()
        ],
    )
    return measure(
        ActionPlan.of(found),
        [Action.of(a) for a in actions],
        dict(transfers),
    )
