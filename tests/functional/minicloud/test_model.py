# SPDX-License-Identifier: Apache-2.0

"""The decision engine's model changes when a test says so, only then."""

from typing import Any
from typing import ClassVar

from minicloud import waiting
from tests.functional.minicloud import base


DESCRIPTION = {
    'hosts': {
        'compute-1': base.HOST,
        'compute-2': base.HOST,
        'compute-3': base.HOST,
    },
    'aggregates': {'some': {'hosts': ['compute-1', 'compute-2']}},
    'flavors': {'small': base.FLAVOR},
}


class TestModel(base.TestCase):
    """Tests share a cloud: each begins by saying what the model is."""

    DESCRIPTION: ClassVar[dict[str, Any]] = DESCRIPTION

    def test_refresh(self):
        self.cloud.refresh_model()
        self.assertEqual('SUCCEEDED', self._audit('compute-1'))
        service = self.cloud.nova.services.list(
            host='compute-2', binary='nova-compute'
        )[0]
        self.cloud.nova.services.disable_log_reason(service.id, 'later')
        self.addCleanup(self.cloud.nova.services.enable, service.id)
        self.assertEqual('enabled', self._status('compute-2'))
        self.cloud.refresh_model()
        self.assertEqual('disabled', self._status('compute-2'))

    def test_stale(self):
        self.cloud.spoil_model('stale')
        self.assertEqual('FAILED', self._audit('compute-1'))
        self.cloud.refresh_model()
        self.assertEqual('SUCCEEDED', self._audit('compute-1'))

    def test_empty(self):
        self.cloud.spoil_model('empty')
        self.assertEqual('FAILED', self._audit('compute-1'))
        self.cloud.refresh_model()
        self.assertEqual('SUCCEEDED', self._audit('compute-1'))

    def test_forgotten(self):
        self.cloud.spoil_model('forget')
        self.assertEqual('SUCCEEDED', self._audit('compute-1'))

    def test_scope(self):
        self.cloud.refresh_model()
        scope = [{'compute': [{'host_aggregates': [{'name': 'some'}]}]}]
        self.assertEqual('SUCCEEDED', self._audit('compute-1', scope))
        self.assertEqual('FAILED', self._audit('compute-3', scope))
        self.assertEqual('SUCCEEDED', self._audit('compute-3'))

    def test_unknown(self):
        self.assertRaises(ValueError, self.cloud.spoil_model, 'mad')

    def _audit(self, host, scope=None):
        return self.cloud.run_audit(
            'cluster_maintaining',
            'host_maintenance',
            {'maintenance_node': host},
            scope,
        )['state']

    def _status(self, host):
        return next(
            node['node_status']
            for node in self.cloud.watcher.get(
                '/v1/data_model', params={'data_model_type': 'compute'}
            ).json()['context']
            if node['node_hostname'] == host
        )


class TestContinuous(base.TestCase):
    """A CONTINUOUS audit runs again and again."""

    DESCRIPTION: ClassVar[dict[str, Any]] = DESCRIPTION

    def test_runs_twice(self):
        self.cloud.refresh_model()
        audit = self.cloud.create_audit(
            'dummy', 'dummy', audit_type='CONTINUOUS', interval='1'
        )
        waiting.until(
            lambda: len(self.cloud.action_plans(audit)) > 1,
            120,
            lambda: 'There is one plan at most',
        )
        self.assertEqual('ONGOING', self.cloud.audit(audit['uuid'])['state'])
