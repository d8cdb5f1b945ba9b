# SPDX-License-Identifier: Apache-2.0

"""Every call of Watcher's API about audits, plans, actions and templates."""

from watcher.common.policies import action
from watcher.common.policies import action_plan
from watcher.common.policies import audit
from watcher.common.policies import audit_template

from tests.functional import base


#: Rule of Watcher's policy, method, path, body; in an order in which each can
#: be made. A word in braces is the UUID of what an earlier one has made.
CALLS = (
    (
        'audit_template:create',
        'POST',
        'audit_templates',
        {'name': 'drain', 'goal': base.GOAL},
    ),
    ('audit_template:get_all', 'GET', 'audit_templates', None),
    ('audit_template:detail', 'GET', 'audit_templates/detail', None),
    ('audit_template:get', 'GET', 'audit_templates/{audit_template}', None),
    (
        'audit_template:update',
        'PATCH',
        'audit_templates/{audit_template}',
        [{'op': 'replace', 'path': '/description', 'value': 'Empty a node'}],
    ),
    (
        'audit_template:delete',
        'DELETE',
        'audit_templates/{audit_template}',
        None,
    ),
    # One that goes on can be cancelled.
    (
        'audit:create',
        'POST',
        'audits',
        {
            'goal': base.GOAL,
            'strategy': base.STRATEGY,
            'parameters': {'maintenance_node': 'compute-1'},
            'audit_type': 'CONTINUOUS',
            'interval': '3600',
        },
    ),
    ('audit:get_all', 'GET', 'audits', None),
    ('audit:detail', 'GET', 'audits/detail', None),
    ('audit:get', 'GET', 'audits/{audit}', None),
    ('action_plan:get_all', 'GET', 'action_plans', None),
    ('action_plan:detail', 'GET', 'action_plans/detail', None),
    ('action_plan:get', 'GET', 'action_plans/{action_plan}', None),
    ('action:get_all', 'GET', 'actions', None),
    ('action:detail', 'GET', 'actions/detail', None),
    ('action:get', 'GET', 'actions/{action}', None),
    (
        'action:update',
        'PATCH',
        'actions/{action}',
        [{'op': 'replace', 'path': '/state', 'value': 'SKIPPED'}],
    ),
    (
        'action_plan:update',
        'PATCH',
        'action_plans/{action_plan}',
        [{'op': 'replace', 'path': '/state', 'value': 'CANCELLED'}],
    ),
    ('action_plan:delete', 'DELETE', 'action_plans/{action_plan}', None),
    (
        'audit:update',
        'PATCH',
        'audits/{audit}',
        [{'op': 'replace', 'path': '/state', 'value': 'CANCELLED'}],
    ),
    ('audit:delete', 'DELETE', 'audits/{audit}', None),
)
#: A plan that was started cannot be called back by the calls above.
START = 'action_plan:start'


def rules() -> set[str]:
    """The rules that Watcher itself has for these kinds."""
    return {
        rule.name
        for policy in (action, action_plan, audit, audit_template)
        for rule in policy.list_rules()
    }
