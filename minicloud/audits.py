# SPDX-License-Identifier: Apache-2.0

"""Audits and action plans through Watcher's REST API."""

import time

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from keystoneauth1 import adapter

from minicloud import waiting


#: States that an audit or an action plan leaves by itself.
MOVING = ('PENDING', 'ONGOING', 'CANCELLING')

Resource = dict[str, Any]


class Audits:
    """The part of a cloud that runs audits and executes action plans."""

    #: An adapter on the Infrastructure Optimization API.
    watcher: adapter.Adapter

    def tails(self) -> str:
        """The last lines of the logs, for an error message."""
        raise NotImplementedError

    def create_audit(
        self,
        goal: str,
        strategy: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        scope: Sequence[Any] | None = None,
        **fields: Any,
    ) -> Resource:
        """Create an audit and return at once.

        :param goal: name or UUID, like the strategy
        :param scope: given through an audit template, the only way the API
            has: ``[{'compute': [{'host_aggregates': [{'name': 'x'}]}]}]``
        :param fields: any others of the API: audit_type, auto_trigger,
            interval, name, force...
        :raises keystoneauth1.exceptions.HttpError: the API refused
        """
        audit: Resource = {'audit_type': 'ONESHOT', **fields}
        if parameters is not None:
            audit['parameters'] = dict(parameters)
        if scope is not None:
            audit['audit_template_uuid'] = self._template(
                goal, strategy, scope
            )
        else:
            audit['goal'] = goal
            if strategy:
                audit['strategy'] = strategy
        created: Resource = self.watcher.post('/v1/audits', json=audit).json()
        return created

    def run_audit(
        self,
        goal: str,
        strategy: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        scope: Sequence[Any] | None = None,
        timeout_s: float = 120,
        **fields: Any,
    ) -> Resource:
        """Create a ONESHOT audit and wait for its end, whatever it is.

        Arguments are those of :meth:`create_audit`.

        :raises CloudError: it took too long
        """
        audit = self.create_audit(goal, strategy, parameters, scope, **fields)
        return self.finished_audit(audit['uuid'], timeout_s)

    def finished_audit(self, uuid: str, timeout_s: float = 120) -> Resource:
        """Wait for the end of a ONESHOT audit, and return it.

        :raises CloudError: it took too long
        """
        return self._finished('audits', uuid, timeout_s)

    def audit(self, uuid: str) -> Resource:
        """One audit, as it is now."""
        found: Resource = self.watcher.get(f'/v1/audits/{uuid}').json()
        return found

    def action_plans(self, audit: Mapping[str, Any]) -> list[Resource]:
        """The action plans of an audit, oldest first."""
        return self._list('action_plans', audit_uuid=audit['uuid'])

    def action_plan(self, audit: Mapping[str, Any]) -> Resource | None:
        """The newest action plan of an audit, None when it has none."""
        plans = self.action_plans(audit)
        return plans[-1] if plans else None

    def actions(self, plan: Mapping[str, Any]) -> list[Resource]:
        """The actions of a plan, with all details, in creation order."""
        return self._list('actions', action_plan_uuid=plan['uuid'])

    def execute(
        self, plan: Mapping[str, Any], timeout_s: float = 300
    ) -> Resource:
        """Start a recommended plan and wait for its end.

        :raises CloudError: it took too long
        """
        self.start_plan(plan)
        return self.finished_plan(plan, timeout_s)

    def start_plan(self, plan: Mapping[str, Any]) -> None:
        """Start a recommended plan and return at once."""
        self.watcher.post(f'/v1/action_plans/{plan["uuid"]}/start', json={})

    def cancel_plan(self, plan: Mapping[str, Any]) -> None:
        """Ask for the end of a plan that is carried out; return at once."""
        self.watcher.patch(
            f'/v1/action_plans/{plan["uuid"]}',
            json=[{'op': 'replace', 'path': '/state', 'value': 'CANCELLING'}],
        )

    def finished_plan(
        self, plan: Mapping[str, Any], timeout_s: float = 300
    ) -> Resource:
        """Wait for the end of a plan that was started.

        A plan that was not started is ``RECOMMENDED``, which counts as its
        end. With auto_trigger it may be so for a moment only.

        :raises CloudError: it took too long
        """
        return self._finished('action_plans', plan['uuid'], timeout_s)

    def _template(
        self, goal: str, strategy: str | None, scope: Sequence[Any]
    ) -> str:
        template = {
            'name': f'scope-{time.monotonic_ns()}',
            'goal': goal,
            'scope': list(scope),
        }
        if strategy:
            template['strategy'] = strategy
        answer = self.watcher.post('/v1/audit_templates', json=template)
        return str(answer.json()['uuid'])

    def _list(self, kind: str, **filters: str) -> list[Resource]:
        answer = self.watcher.get(
            f'/v1/{kind}/detail',
            params={'limit': 1000, 'sort_key': 'id', **filters},
        )
        return list(answer.json()[kind])

    def _finished(self, kind: str, uuid: str, timeout_s: float) -> Resource:
        """Wait until a resource leaves the states that it leaves itself."""
        resource: Resource = {}

        def stopped() -> bool:
            resource.update(self.watcher.get(f'/v1/{kind}/{uuid}').json())
            return resource['state'] not in MOVING

        waiting.until(
            stopped,
            timeout_s,
            lambda: f'{self.tails()}\n{kind} {uuid} is {resource["state"]}',
        )
        return resource
