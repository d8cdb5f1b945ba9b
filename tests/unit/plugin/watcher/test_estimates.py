# SPDX-License-Identifier: Apache-2.0

"""Tests of the estimates of Watcher's model, or the reason for having none."""

import threading

from concurrent import futures
from unittest import mock

import ddt
import fixtures

from keystoneauth1 import exceptions as keystone_exceptions
from watcher.common import exception
from watcher.decision_engine.loading import default as loading
from watcher.decision_engine.model import model_root
from watcher.decision_engine.model.collector import nova as nova_collector
from watcher.decision_engine.model.notification import base as notification

from tests.unit.plugin import base
from tests.unit.plugin import builders
from tests.unit.plugin.builders import a_model
from tests.unit.plugin.builders import a_node
from tests.unit.plugin.builders import a_server
from tests.unit.plugin.builders import uuid_of
from watcher_host_maintenance.cloud import deadlines
from watcher_host_maintenance.cloud.deadlines import Cancelled
from watcher_host_maintenance.cloud.deadlines import Deadline
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.reading.estimates import Estimate
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.snapshot import Inventory
from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.plugin.watcher import estimates
from watcher_host_maintenance.plugin.watcher.estimates import MODEL_EMPTY
from watcher_host_maintenance.plugin.watcher.estimates import MODEL_FAILED
from watcher_host_maintenance.plugin.watcher.estimates import MODEL_MISSING
from watcher_host_maintenance.plugin.watcher.estimates import MODEL_SLOW
from watcher_host_maintenance.plugin.watcher.estimates import MODEL_STALE


def an_estimate(servers=(), **fields):
    """The estimate when there is only compute-1."""
    return estimates.of_model(a_model((a_node(**fields), servers)))[
        'compute-1'
    ]


@ddt.ddt
class TestOfModel(base.TestCase):
    def test_in_full(self):
        self.assertEqual(
            Estimate(
                uuid=uuid_of('compute-1'),
                instance_count=1,
                inventory={
                    'VCPU': Inventory(8, 1, 4.0),
                    'MEMORY_MB': Inventory(16384, 512, 1.5),
                    'DISK_GB': Inventory(100, 10, 1.0),
                },
                used={'VCPU': 1, 'MEMORY_MB': 1024, 'DISK_GB': 10},
            ),
            an_estimate(
                [a_server()],
                vcpus=8,
                vcpu_reserved=1,
                vcpu_ratio=4.0,
                memory=16384,
                memory_mb_reserved=512,
                memory_ratio=1.5,
                disk=100,
                disk_gb_reserved=10,
                disk_ratio=1.0,
            ),
        )

    def test_equal_nodes_share_their_inventory(self):
        model = a_model(
            (a_node(), ()),
            (a_node('compute-2'), ()),
            (a_node('compute-3', vcpus=8), ()),
        )
        first, second, other = (
            estimates.of_model(model)[f'compute-{n}'] for n in (1, 2, 3)
        )
        self.assertIs(first.inventory, second.inventory)
        self.assertNotEqual(first.inventory, other.inventory)

    def test_without_nodes(self):
        error = self.assertRaises(NotPlanned, estimates.of_model, a_model())
        self.assertEqual(Finding(MODEL_EMPTY), error.finding)

    @ddt.named_data(
        # name, servers, (VCPU, MEMORY_MB, DISK_GB) used, count
        ('empty',       [], (0, 0, 0), 0),
        ('one',         [a_server(vcpus=2, memory=512, disk=5)],
         (2, 512, 5), 1),
        ('two',         [a_server(), a_server('db-1', disk=0)],
         (2, 2048, 10), 2),
        ('stopped',     [a_server(state='stopped')], (1, 1024, 10), 1),
        ('excluded',    [a_server(watcher_exclude=True)], (1, 1024, 10), 1),
        ('soft_delete', [a_server(state='soft-delete')], (1, 1024, 10), 1),
        ('ghost',       [a_server(state='deleted')], (0, 0, 0), 0),
        ('offloaded',   [a_server(state='shelved_offloaded')], (0, 0, 0), 0),
    )  # fmt: skip
    @ddt.unpack
    def test_used(self, servers, used, count):
        estimate = an_estimate(servers)
        self.assertEqual(
            dict(zip(('VCPU', 'MEMORY_MB', 'DISK_GB'), used, strict=True)),
            estimate.used,
        )
        self.assertEqual(count, estimate.instance_count)

    def test_ratio_of_nothing(self):
        # As of a node with cpu_allocation_ratio = 0, which Nova accepts.
        offer = an_estimate(vcpu_ratio=0.0).inventory['VCPU']
        self.assertEqual(0, offer.capacity)


def read(collector, scope=(), deadline=None):
    """The estimates of a strategy that finds this collector."""
    strategy = loading.DefaultStrategyLoader().load(names.STRATEGY)
    strategy.audit_scope = list(scope)
    builders.connect(strategy, collector)
    return estimates.read_estimates(strategy, deadline or Deadline())


EXCLUDED = [
    {'compute': [{'exclude': [{'compute_nodes': [{'name': 'compute-1'}]}]}]}
]


@ddt.ddt
class TestReadEstimates(base.TestCase):
    def setUp(self):
        super().setUp()
        self.model = a_model((a_node(), [a_server()]))
        self.useFixture(fixtures.MockPatchObject(estimates, 'WAIT_S', 0.1))

    def finding(self, collector):
        return self.assertRaises(NotPlanned, read, collector).finding

    @ddt.named_data(
        # name, scope: it is evaluated later
        ('none', ()),
        ('node', EXCLUDED),
    )
    def test_model_is_read_in_place(self, scope):
        collector = builders.a_collector(self.model)
        with mock.patch.object(
            collector, 'get_latest_cluster_data_model'
        ) as copied:
            self.assertEqual(
                estimates.of_model(self.model), read(collector, scope)
            )
        copied.assert_not_called()
        self.assertFalse(
            any(
                server.watcher_exclude
                for server in self.model.get_all_instances().values()
            )
        )

    def test_model_is_locked_meanwhile(self):
        collector = builders.a_collector(self.model)

        def of_model(model):
            with futures.ThreadPoolExecutor() as other:
                return other.submit(
                    collector.sync_lock.acquire, timeout=0.1
                ).result()

        with mock.patch.object(estimates, 'of_model', of_model):
            self.assertIs(False, read(collector))
        self.assert_unlocked(collector)

    def assert_unlocked(self, collector):
        for lock in (collector.sync_lock, collector.lock):
            with futures.ThreadPoolExecutor() as other:
                self.assertTrue(other.submit(lock.acquire, timeout=1).result())

    def test_copies_while_watcher_builds(self):
        collector = builders.a_collector(self.model)
        is_held, is_read = threading.Event(), threading.Event()

        def hold():
            with collector.sync_lock:
                is_held.set()
                is_read.wait(60)

        with futures.ThreadPoolExecutor() as other:
            held = other.submit(hold)
            is_held.wait(60)
            self.assert_copied(collector)
            is_read.set()
            held.result()
        self.assert_unlocked(collector)

    def assert_copied(self, collector):
        """The model is read once, by Watcher's own copy."""
        with mock.patch.object(
            collector,
            'get_latest_cluster_data_model',
            wraps=collector.get_latest_cluster_data_model,
        ) as copied:
            self.assertEqual(['compute-1'], list(read(collector)))
        copied.assert_called_once_with()

    def test_copies_where_there_is_no_lock(self):
        collector = builders.a_collector(self.model)
        del collector.sync_lock
        self.assert_copied(collector)

    def test_last_refresh_failed(self):
        collector = builders.a_collector(self.model)
        # The first audit builds the model, whatever was before.
        read(collector)
        collector.set_cluster_data_model_as_stale()
        self.assertEqual(Finding(MODEL_STALE), self.finding(collector))

    @ddt.named_data(
        # name, what the collector builds, reason
        ('none',  None,                           MODEL_MISSING),
        ('stale', model_root.ModelRoot(True),     MODEL_STALE),
        ('empty', model_root.ModelRoot(),         MODEL_EMPTY),
    )  # fmt: skip
    @ddt.unpack
    def test_no_model(self, built, reason):
        collector = builders.a_collector(built)
        self.assertEqual(Finding(reason), self.finding(collector))
        self.assert_unlocked(collector)

    @ddt.named_data(
        # name, error while it is built, as it is told
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
        self.assertIn('Traceback', self.log.output)

    def test_others_are_not_locked_out(self):
        collector = builders.a_collector(TimeoutError())

        def fail():
            # As Watcher 16 leaves it.
            collector.lock.acquire()
            raise TimeoutError

        collector.execute = fail
        self.finding(collector)
        self.assert_unlocked(collector)

    def test_collector_cannot_be_had(self):
        strategy = loading.DefaultStrategyLoader().load(names.STRATEGY)
        collectors = builders.connect(strategy, None)
        collectors.get_cluster_model_collector.side_effect = TimeoutError()
        error = self.assertRaises(
            NotPlanned, estimates.read_estimates, strategy, Deadline()
        )
        self.assertEqual(
            Finding(MODEL_FAILED, facts={'error': 'TimeoutError'}),
            error.finding,
        )

    def test_model_that_cannot_be_read(self):
        collector = builders.a_collector(Broken())
        self.assertEqual(
            Finding(MODEL_FAILED, facts={'error': 'no such thing'}),
            self.finding(collector),
        )
        self.assert_unlocked(collector)


class TestTime(base.TestCase):
    """Watcher builds its model for as long as Nova or Placement hangs."""

    LIMIT_S = 0.2

    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.MockPatchObject(estimates, 'LOOK_S', 0.05))
        self.collector = builders.a_collector(a_model((a_node(), ())))
        self.builds = 0
        self.answered = threading.Event()
        self.addCleanup(self.end)
        build = self.collector.execute

        def hang():
            self.builds += 1
            self.answered.wait(60)
            return build()

        self.collector.execute = hang

    def end(self):
        """Let what hangs come to its end."""
        self.answered.set()
        self.assertTrue(estimates.READING.acquire(timeout=60))
        estimates.READING.release()

    def assertLate(self):
        deadline = Deadline(self.LIMIT_S)
        error = self.assertRaises(
            NotPlanned, read, self.collector, deadline=deadline
        )
        self.assertEqual(MODEL_SLOW.about(limit_s=self.LIMIT_S), error.finding)

    def test_is_given_up(self):
        self.assertLate()

    def test_next_audit_waits_for_it(self):
        self.assertLate()
        # It does not begin to wait for the same in another thread.
        before = threading.active_count()
        self.assertLate()
        self.assertEqual((1, before), (self.builds, threading.active_count()))
        self.answered.set()
        self.assertEqual(['compute-1'], [*read(self.collector)])
        self.assertEqual(1, self.builds)

    def test_nobody_wants_it(self):
        self.useFixture(fixtures.MockPatchObject(deadlines, 'LOOK_S', 0))
        deadline = Deadline(60, lambda: True)
        self.assertRaises(Cancelled, read, self.collector, deadline=deadline)

    def test_thread_does_not_keep_watcher(self):
        self.assertLate()
        [thread] = [
            t for t in threading.enumerate() if t.name == estimates.THREAD
        ]
        self.assertTrue(thread.daemon)


class Broken(model_root.ModelRoot):
    def get_all_compute_nodes(self):
        raise AttributeError('no such thing')


class Endpoint(notification.NotificationEndpoint):
    """An endpoint that runs something in place of applying a notification."""

    filter_rule = None

    def __init__(self, collector, process):
        super().__init__(collector)
        self.process = process

    def process_info(self, *_message):
        self.process()


class TestLock(base.TestCase):
    """What the installed Watcher does under the lock that is relied on."""

    def setUp(self):
        super().setUp()
        self.collector = builders.a_collector(a_model())
        self.was_locked = []

    def look(self, *_arguments):
        """Note whether another thread would have to wait."""
        with futures.ThreadPoolExecutor() as other:
            got = other.submit(
                self.collector.sync_lock.acquire, timeout=0.1
            ).result()
        self.was_locked.append(not got)

    def test_notifications_are_applied(self):
        endpoint = Endpoint(self.collector, self.look)
        endpoint.info({}, 'nova', 'instance.update', {}, {})
        self.assertEqual([True], self.was_locked)

    def test_model_is_replaced(self):
        self.collector.execute = self.look
        self.collector.synchronize()
        self.assertEqual([True], self.was_locked)

    def test_nothing_is_built_before_the_scope_is_known(self):
        real = nova_collector.NovaClusterDataModelCollector
        self.assertIsNone(real.execute(self.collector))
