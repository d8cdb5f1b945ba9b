# SPDX-License-Identifier: Apache-2.0

"""The decision engine's model of the compute service, on demand.

Watcher builds the model at the first audit and then once per period, which
is a day here: it changes when a test says so.
"""

from typing import Any

from watcher.decision_engine.model import model_root
from watcher.decision_engine.model.collector import manager


def refresh() -> None:
    """Build the model from Nova and Placement now.

    Before any audit the collector knows no scope; it is then given the
    empty one, as the first audit without a scope would do.
    """
    collector = _scoped_collector()
    collector.synchronize()


def make_stale() -> None:
    """Mark the model stale, as a failed synchronization does.

    Watcher's stale model is empty too, and it tells strategies just that.
    """
    collector = _scoped_collector()
    with collector.sync_lock:
        collector.set_cluster_data_model_as_stale()


def make_empty() -> None:
    """Let the model hold nothing."""
    collector = _scoped_collector()
    with collector.sync_lock:
        collector.cluster_data_model = model_root.ModelRoot()


def forget() -> None:
    """Return to the state before the first audit, which builds the model."""
    collector = _collector()
    with collector.sync_lock, collector.lock:
        collector._audit_scope_handler = None
        collector._data_model_scope = None
        collector.cluster_data_model = None


def _collector() -> Any:
    """The collector that all audits share: it is a singleton."""
    return manager.CollectorManager().get_cluster_model_collector('compute')


def _scoped_collector() -> Any:
    """The collector, with the scope that an audit would have left.

    Without one, the next audit would throw the model away.
    """
    collector = _collector()
    if collector._data_model_scope is None:
        collector.get_audit_scope_handler([])
    return collector
