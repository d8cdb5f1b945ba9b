# SPDX-License-Identifier: Apache-2.0

"""Watcher's API, as far as the client uses it, without Watcher."""

import datetime
import json
import re

from unittest import mock
from urllib import parse

from keystoneauth1 import noauth
from keystoneauth1.adapter import Adapter
from keystoneauth1.session import Session

from watcher_host_maintenance.client import journal
from watcher_host_maintenance.client.watcher import SERVICE_TYPE
from watcher_host_maintenance.cloud import times


URL = 'http://watcher.test'

NOW = datetime.datetime(2026, 11, 28, 12, tzinfo=datetime.UTC)
"""Two hours after the default audit was created."""


def stop_clock(test):
    """Let it be NOW when a test asks how old an audit is."""
    patch = mock.patch.object(
        journal, 'age', lambda time: NOW - times.parse(time)
    )
    patch.start()
    test.addCleanup(patch.stop)


def an_audit(uuid='audit-1', state='SUCCEEDED', **fields):
    return {
        'uuid': uuid,
        'name': f'name of {uuid}',
        'audit_type': 'ONESHOT',
        'state': state,
        'status_message': None,
        'parameters': {'maintenance_node': 'compute-1'},
        'created_at': '2026-11-28T10:00:00.123456+00:00',
        'updated_at': None,
        'auto_trigger': False,
        'goal_name': 'cluster_maintenance',
        **fields,
    }


def a_plan(uuid='plan-1', state='RECOMMENDED', audit='audit-1', **fields):
    return {
        'uuid': uuid,
        'audit_uuid': audit,
        'state': state,
        'status_message': None,
        'created_at': '2026-11-28T10:00:05+00:00',
        'updated_at': None,
        'efficacy_indicators': [],
        'strategy_name': 'cluster_host_maintenance',
        **fields,
    }


def an_action(uuid='action-1', kind='migrate', state='PENDING', **fields):
    """An action that moves web-1 from compute-1 to compute-2."""
    return {
        'uuid': uuid,
        'action_plan_uuid': 'plan-1',
        'action_type': kind,
        'state': state,
        'status_message': None,
        'parents': [],
        'created_at': '2026-11-28T10:00:05+00:00',
        'updated_at': None,
        'input_parameters': {
            'resource_id': 'web-1-uuid',
            'resource_name': 'web-1',
            'migration_type': 'live',
            'source_node': 'compute-1',
            'destination_node': 'compute-2',
        },
        **fields,
    }


def about_node(
    uuid, kind, step_state='PENDING', host='compute-1', parents=(), **more
):
    """An action on a compute node.

    :param more: further input parameters
    """
    return an_action(
        uuid,
        kind,
        step_state,
        parents=list(parents),
        input_parameters={
            'resource_id': f'{host}-uuid',
            'resource_name': host,
            **more,
        },
    )


class FakeWatcher:
    """Audits, plans and actions, oldest first.

    :ivar newest: the newest microversion that it offers
    :ivar requests: (method, path, body) of each request that was accepted
    """

    def __init__(self, mocker, newest='1.7'):
        self.newest = newest
        self.audits, self.plans, self.actions = [], [], []
        self.goals = [
            'cluster_maintenance',
            'cluster_return',
            'cluster_cancellation',
        ]
        self.requests = []
        self.failures = []
        mocker.register_uri('GET', parse.urljoin(URL, '/v1/'), text=self._get)
        mocker.register_uri('GET', _below('/v1/'), text=self._get)
        mocker.register_uri('POST', _below('/v1/'), text=self._post)
        mocker.register_uri('PATCH', _below('/v1/'), text=self._patch)

    def adapter(self):
        session = Session(auth=noauth.NoAuth())
        return Adapter(
            session, service_type=SERVICE_TYPE, endpoint_override=URL
        )

    def _accepts(self, request, context):
        if self.failures:
            context.status_code, text = self.failures.pop(0)
            return text
        asked = request.headers['OpenStack-API-Version']
        context.headers['OpenStack-API-Maximum-Version'] = self.newest
        if _version(asked) > _version(self.newest):
            context.status_code = 406
            return '{}'
        body = request.json() if request.body else None
        self.requests.append((request.method, request.path, body))
        return None

    def _get(self, request, context):
        refused = self._accepts(request, context)
        if refused is not None:
            return refused
        kind, _, name = request.path.removeprefix('/v1/').partition('/')
        if name and name != 'detail':
            return self._one(kind, name, context)
        query = {k: v[0] for k, v in request.qs.items()}
        found = list(reversed(getattr(self, kind, self.plans)))
        if kind == 'audits':
            found = [a for a in found if a['goal_name'] == query['goal']]
        if kind == 'action_plans':
            audit = query['audit_uuid']
            found = [p for p in found if p['audit_uuid'] == audit]
        if kind == 'actions' and 'action_plan_uuid' in query:
            plans = {
                p['uuid']
                for p in self.plans
                if p['audit_uuid'] == query.get('audit_uuid')
            } | {query.get('action_plan_uuid')}
            found = [a for a in found if a['action_plan_uuid'] in plans]
        if 'marker' in query:
            uuids = [r['uuid'] for r in found]
            found = found[uuids.index(query['marker']) + 1 :]
        return json.dumps({kind: found[: int(query['limit'])]})

    def _one(self, kind, name, context):
        if kind == 'goals':
            found = [{'name': g} for g in self.goals if g == name]
        else:
            records = self.plans if kind == 'action_plans' else self.audits
            found = [r for r in records if name in (r['uuid'], r.get('name'))]
        if found:
            return json.dumps(found[0])
        context.status_code = 404
        fault = json.dumps({'faultstring': f'{name} could not be found'})
        return json.dumps({'error_message': fault})

    def _post(self, request, context):
        refused = self._accepts(request, context)
        if refused is not None:
            return refused
        context.status_code = 201
        body = request.json() if request.body else {}
        given = {
            'audit_type': body.get('audit_type', 'ONESHOT'),
            'goal_name': body.get('goal'),
            'parameters': body.get('parameters', {}),
        }
        return json.dumps(an_audit('new', 'PENDING', **given))

    def _patch(self, request, context):
        refused = self._accepts(request, context)
        if refused is not None:
            return refused
        [change] = request.json()
        kind, uuid = request.path.removeprefix('/v1/').split('/')
        if kind == 'audits':
            [audit] = [a for a in self.audits if a['uuid'] == uuid]
            audit['state'] = change['value']
            return json.dumps(audit)
        return json.dumps(a_plan(uuid, change['value']))


def _below(path):
    return re.compile(re.escape(URL + path) + '.+')


def _version(text):
    return tuple(map(int, text.rpartition(' ')[2].split('.')))
