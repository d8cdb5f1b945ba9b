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
from watcher_host_maintenance.core.model.reasons import declare
from watcher_host_maintenance.plugin.watcher import model_errors


LOG = log.getLogger(__name__)


MODEL_MISSING = declare(
    'model_missing',
    of=Of.MODEL,
    says=N_("Watcher's compute model is not built yet"),
    helps=N_('Run the audit again; see the decision engine log.'),
)

MODEL_FAILED = declare(
    'model_failed',
    of=Of.MODEL,
    says=N_("Watcher's compute model could not be had: {error}"),
    helps=N_('See the decision engine log, and run the audit again.'),
)

MODEL_STALE = declare(
    'model_stale',
    of=Of.MODEL,
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
    except exception.ClusterStateStale as exc:
        raise NotPlanned(Finding(MODEL_STALE)) from exc
    except exception.ClusterStateNotDefined as exc:
        reason = (
            MODEL_STALE if _last_refresh_failed(strategy) else MODEL_MISSING
        )
        raise NotPlanned(Finding(reason)) from exc
    except Exception as exc:
        _release_lock(strategy)
        # The collector copies its model without a look whether it has one.
        if isinstance(exc, AttributeError) and _is_missing(strategy):
            finding = Finding(MODEL_MISSING)
            raise NotPlanned(finding) from exc
        # Building the model and applying the scope call Nova and Placement
        # through several libraries, each with errors of its own.
        LOG.exception('Cannot get the compute model')
        finding = model_errors.finding(exc) or Finding(
            MODEL_FAILED, facts={'error': first_line(exc)}
        )
        raise NotPlanned(finding) from exc


def _release_lock(strategy: Any) -> None:
    """Let other threads at the model.

    When Watcher 16 cannot build it, the thread keeps its lock, and whoever
    wants a model after that waits for ever.
    """
    # The error tells that the lock is not, or no more, this thread's; or that
    # there is no collector to be had, and so no lock.
    with contextlib.suppress(Exception):
        lock = _collector(strategy).lock
        while True:
            lock.release()


def _is_missing(strategy: Any) -> bool:
    return _collector(strategy).cluster_data_model is None


def _last_refresh_failed(strategy: Any) -> bool:
    """Tell a stale model from none: Watcher reports both as not defined.

    Its scope handler turns a stale model, which is false, into None.
    """
    collector = _collector(strategy)
    return bool(collector.cluster_data_model is collector.STALE_MODEL)


def _collector(strategy: Any) -> Any:
    return strategy.collector_manager.get_cluster_model_collector(
        'compute', osc=strategy.osc
    )
