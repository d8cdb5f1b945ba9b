# SPDX-License-Identifier: Apache-2.0

"""Tests of having Watcher's compute model, or the reason for having none."""

from concurrent import futures

import ddt

from keystoneauth1 import exceptions as keystone_exceptions
from watcher.common import exception
from watcher.decision_engine.loading import default as loading
from watcher.decision_engine.model import model_root

from tests.unit.plugin import base
from tests.unit.plugin import builders
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.plugin.watcher import model
from watcher_host_maintenance.plugin.watcher.model import MODEL_FAILED
from watcher_host_maintenance.plugin.watcher.model import MODEL_MISSING
from watcher_host_maintenance.plugin.watcher.model import MODEL_STALE


@ddt.ddt
class TestScopedModel(base.TestCase):
    def scoped_model(self, collector, scope=()):
        strategy = loading.DefaultStrategyLoader().load(names.STRATEGY)
        strategy.audit_scope = list(scope)
        builders.connect(strategy, collector)
        return model.scoped_model(strategy)

    def finding(self, collector):
        error = self.assertRaises(NotPlanned, self.scoped_model, collector)
        return error.finding

    def test_model(self):
        collector = builders.a_collector(
            builders.a_model((builders.a_node(), [builders.a_server()]))
        )
        got = self.scoped_model(collector)
        self.assertEqual(
            ['compute-1'],
            [n.hostname for n in got.get_all_compute_nodes().values()],
        )

    def test_empty_model(self):
        # Having no node is another complaint than having no model.
        got = self.scoped_model(builders.a_collector(builders.a_model()))
        self.assertEqual({}, got.get_all_compute_nodes())

    def test_scope_is_applied(self):
        collector = builders.a_collector(
            builders.a_model(
                (builders.a_node('compute-1'), [builders.a_server('web-1')]),
                (builders.a_node('compute-2'), [builders.a_server('web-2')]),
            )
        )
        got = self.scoped_model(
            collector,
            [
                {
                    'compute': [
                        {
                            'exclude': [
                                {'compute_nodes': [{'name': 'compute-2'}]},
                                {
                                    'instances': [
                                        {'uuid': builders.uuid_of('web-1')}
                                    ]
                                },
                            ]
                        }
                    ]
                }
            ],
        )
        (node,) = got.get_all_compute_nodes().values()
        self.assertEqual('compute-1', node.hostname)
        (server,) = got.get_node_instances(node)
        self.assertTrue(server.watcher_exclude)

    def test_last_refresh_failed(self):
        collector = builders.a_collector(builders.a_model())
        # The first audit builds the model anew, whatever was before.
        self.scoped_model(collector)
        collector.set_cluster_data_model_as_stale()
        self.assertEqual(Finding(MODEL_STALE), self.finding(collector))

    def test_model_is_stale(self):
        # Should Watcher's scope handler ever let such a model through.
        strategy = loading.DefaultStrategyLoader().load(names.STRATEGY)
        builders.connect(strategy, None)
        strategy._compute_model = AlwaysTrue(stale=True)
        error = self.assertRaises(NotPlanned, model.scoped_model, strategy)
        self.assertEqual(Finding(MODEL_STALE), error.finding)

    def test_not_built_yet(self):
        collector = builders.a_collector(None)
        self.assertEqual(Finding(MODEL_MISSING), self.finding(collector))

    def test_not_defined(self):
        # A model that is false, and not the stale one.
        collector = builders.a_collector(model_root.ModelRoot(stale=True))
        self.assertEqual(Finding(MODEL_MISSING), self.finding(collector))

    @ddt.named_data(
        # name, error while it is built, as told
        ('nova',      exception.ClusterDataModelCollectionError(
            cdm='compute'),
         "The cluster data model 'compute' could not be built"),
        ('keystone',  keystone_exceptions.Unauthorized('no token'),
         'no token (HTTP 401)'),
        ('silent',    TimeoutError(), 'TimeoutError'),
    )  # fmt: skip
    @ddt.unpack
    def test_failed(self, error, told):
        self.assertEqual(
            Finding(MODEL_FAILED, facts={'error': told}),
            self.finding(builders.a_collector(error)),
        )

    def test_others_are_not_locked_out(self):
        collector = builders.a_collector(TimeoutError())
        # As Watcher 16 leaves it.
        collector.lock.acquire()
        self.finding(collector)
        with futures.ThreadPoolExecutor() as other:
            self.assertTrue(
                other.submit(collector.lock.acquire, timeout=1).result()
            )

    def test_collector_cannot_be_had(self):
        strategy = loading.DefaultStrategyLoader().load(names.STRATEGY)
        collectors = builders.connect(strategy, None)
        collectors.get_cluster_model_collector.side_effect = TimeoutError()
        error = self.assertRaises(NotPlanned, model.scoped_model, strategy)
        self.assertEqual(
            Finding(MODEL_FAILED, facts={'error': 'TimeoutError'}),
            error.finding,
        )

    def test_attribute_is_missing_elsewhere(self):
        collector = builders.a_collector(Broken())
        self.assertEqual(
            Finding(MODEL_FAILED, facts={'error': 'no such thing'}),
            self.finding(collector),
        )


class Broken(model_root.ModelRoot):
    def to_xml(self):
        raise AttributeError('no such thing')


class AlwaysTrue(model_root.ModelRoot):
    def __bool__(self):
        return True
