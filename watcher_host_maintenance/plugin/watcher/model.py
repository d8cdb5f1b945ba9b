# SPDX-License-Identifier: Apache-2.0

"""Watcher's compute model, or the reason why there is none."""

import contextlib

from typing import Any

from oslo_log import log
from watcher.common import exception

from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.errors import first_line
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.plugin.watcher import model_errors


LOG = log.getLogger(__name__)


MODEL_MISSING = Of.MODEL.declare(
    'model_missing',
    says=N_("Watcher's compute model is not built yet"),
    helps=N_('Run the audit again; see the decision engine log.'),
)

MODEL_FAILED = Of.MODEL.declare(
    'model_failed',
    says=N_("Watcher's compute model is not available: {error}"),
    helps=N_('See the decision engine log, and run the audit again.'),
)

MODEL_STALE = Of.MODEL.declare(
    'model_stale',
    says=N_("Watcher's compute model is stale: its last refresh failed"),
    helps=N_('See the decision engine log; run the audit again.'),
)


def scoped_model(strategy: Any) -> Any:
    """Return the model of a strategy, with the audit's scope applied.

    :param strategy: a Watcher BaseStrategy
    :raises watcher_host_maintenance.cloud.errors.NotPlanned: there is no
        model, or its last refresh failed
    """
    try:
        return strategy.compute_model
    except Exception as exc:
        raise NotPlanned(_finding(strategy, exc)) from exc


def _finding(strategy: Any, error: Exception) -> Finding:
    """Return why there is no model."""
    if isinstance(error, exception.ClusterStateStale):
        return Finding(MODEL_STALE)
    if isinstance(error, exception.ClusterStateNotDefined):
        # Watcher reports a stale model as not defined as well: its scope
        # handler turns a stale model, which is false, into None.
        collector = _collector(strategy)
        is_stale = collector.cluster_data_model is collector.STALE_MODEL
        return Finding(MODEL_STALE if is_stale else MODEL_MISSING)
    _release_lock(strategy)
    # The collector copies its model without checking that it has one.
    if (
        isinstance(error, AttributeError)
        and _collector(strategy).cluster_data_model is None
    ):
        return Finding(MODEL_MISSING)
    # Building the model and applying the scope call Nova and Placement
    # through several libraries, each with errors of its own.
    LOG.error('Cannot get the compute model', exc_info=error)
    return model_errors.finding(error) or Finding(
        MODEL_FAILED, facts={'error': first_line(error)}
    )


def _release_lock(strategy: Any) -> None:
    """Give other threads access to the model.

    When Watcher 16 cannot build it, the thread keeps its lock, and every
    later reader of the model waits for ever.
    """
    # An error says that this thread does not hold the lock (any more), or that
    # there is no collector, and so no lock.
    with contextlib.suppress(Exception):
        lock = _collector(strategy).lock
        while True:
            lock.release()


def _collector(strategy: Any) -> Any:
    return strategy.collector_manager.get_cluster_model_collector(
        'compute', osc=strategy.osc
    )
