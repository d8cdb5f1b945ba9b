# SPDX-License-Identifier: Apache-2.0

"""Estimates from Watcher's compute model, or the reason for having none."""

import contextlib
import threading

from collections.abc import Iterable
from collections.abc import Iterator
from concurrent import futures
from typing import Any

from watcher_host_maintenance.cloud import logs
from watcher_host_maintenance.cloud.deadlines import Deadline
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.errors import first_line
from watcher_host_maintenance.cloud.reading.estimates import Estimate
from watcher_host_maintenance.cloud.reading.estimates import inventory
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.rules.leaving import HOLDS_NOTHING


LOG = logs.get_logger(__name__)

WAIT_S = 10
"""Seconds to wait while Watcher updates its model; then it is copied."""

LOOK_S = 1.0
"""Seconds between two looks whether there is still time for the model."""

THREAD = 'watcher-host-maintenance-model'
"""The name of the thread that reads the model."""

READING = threading.Semaphore()
"""Held by the one read of the model that there is.

One that never ends is not followed by others that wait for the same.
"""


MODEL_MISSING = Of.MODEL.declare(
    'model_missing',
    says=N_("Watcher's compute model is not built yet"),
    helps=N_('Run the audit again; see the decision engine log.'),
)

MODEL_SLOW = Of.MODEL.declare(
    'model_slow',
    says=N_('{limit_s} s were over before Watcher had its compute model'),
    helps=N_('Find out why Nova or Placement is slow, or allow more time.'),
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

MODEL_EMPTY = Of.MODEL.declare(
    'model_empty',
    says=N_("Watcher's compute model holds no compute node"),
    helps=N_(
        "Check the audit's scope, Nova's hypervisors, and in the decision "
        'engine log whether Placement answered.'
    ),
)


def read_estimates(strategy: Any, deadline: Deadline) -> dict[str, Estimate]:
    """Return :func:`of_model` of the model that a strategy is to plan on.

    Watcher may have to build it, for which it has no deadline of its own.

    :param strategy: a Watcher BaseStrategy
    :raises watcher_host_maintenance.cloud.errors.NotPlanned: there is no
        model, its last refresh failed, it holds no compute node, or it is not
        there in time
    :raises watcher_host_maintenance.cloud.deadlines.Cancelled: the answer is
        not wanted any more
    """
    while not READING.acquire(timeout=_next_look_s(deadline)):
        pass
    answer: futures.Future[dict[str, Estimate]] = futures.Future()

    def read() -> None:
        try:
            answer.set_result(_estimates(strategy))
        except Exception as exc:
            answer.set_exception(exc)
        finally:
            READING.release()

    # One that hangs is not to keep Watcher from ending.
    threading.Thread(target=read, name=THREAD, daemon=True).start()
    while not futures.wait([answer], _next_look_s(deadline)).done:
        pass
    return answer.result()


def _next_look_s(deadline: Deadline) -> float:
    """Return for how long to wait for the model before the next look.

    :raises watcher_host_maintenance.cloud.errors.NotPlanned: there is no time
        left
    """
    try:
        return min(LOOK_S, deadline.checked_left_s())
    except NotPlanned as exc:
        late = MODEL_SLOW.about(limit_s=deadline.limit_s)
        raise NotPlanned(late) from exc


def _estimates(strategy: Any) -> dict[str, Estimate]:
    """Return the estimates, however long it takes.

    The model is read in place. Watcher's own way to it copies the model and
    writes it as XML into a debug message, which costs forty times as much.
    """
    try:
        collector = strategy.collector_manager.get_cluster_model_collector(
            'compute', osc=strategy.osc
        )
        # Only this makes the collector build a model, of the audit's scope.
        collector.get_audit_scope_handler(audit_scope=strategy.audit_scope)
        with _locked_model(collector) as model:
            if model is None:
                raise NotPlanned(MODEL_MISSING.about())
            if model.stale:
                raise NotPlanned(MODEL_STALE.about())
            return of_model(model)
    except NotPlanned:
        raise
    except Exception as exc:
        # Building the model calls Nova and Placement through several
        # libraries, each with errors of its own.
        LOG.exception('Cannot get the compute model')
        raise NotPlanned(MODEL_FAILED.about(error=first_line(exc))) from exc


@contextlib.contextmanager
def _locked_model(collector: Any) -> Iterator[Any]:
    """Give the collector's model, while nothing changes it.

    Watcher holds ``sync_lock`` while it applies a notification or builds the
    next model. That can take minutes, so a copy is taken instead after a
    while, or when there is no such lock.
    """
    lock: Any = getattr(collector, 'sync_lock', None)
    is_locked = lock is not None and lock.acquire(timeout=WAIT_S)
    try:
        if is_locked:
            yield collector.cluster_data_model
        else:
            yield collector.get_latest_cluster_data_model()
    finally:
        if is_locked:
            lock.release()
        # When Watcher 16 cannot build its model, the thread keeps this lock,
        # and every later reader of the model waits for ever. An error says
        # that the thread does not hold it (any more), or that there is none.
        with contextlib.suppress(AttributeError, RuntimeError):
            while True:
                collector.lock.release()


def of_model(model: Any) -> dict[str, Estimate]:
    """Return hostname -> estimate of each compute node of a model.

    This loop is most of what a plan costs, so it does nothing else. The model
    lacks nodes whose hypervisor's name is part of another's.

    :param model: Watcher's ModelRoot
    :raises watcher_host_maintenance.cloud.errors.NotPlanned: it holds no
        compute node
    """
    estimates = {
        node.hostname: Estimate(
            uuid,
            inventory(
                (node.vcpus, node.vcpu_reserved, node.vcpu_ratio),
                (node.memory, node.memory_mb_reserved, node.memory_ratio),
                (node.disk, node.disk_gb_reserved, node.disk_ratio),
            ),
            *_used(model.get_node_instances(node)),
        )
        for uuid, node in model.get_all_compute_nodes().items()
    }
    if not estimates:
        raise NotPlanned(MODEL_EMPTY.about())
    return estimates


def _used(instances: Iterable[Any]) -> tuple[int, dict[str, int]]:
    """Count and add up what holds something."""
    count = vcpus = memory_mb = disk_gb = 0
    for instance in instances:
        # An attribute of the model is slow to read: each is read once.
        if instance.state not in HOLDS_NOTHING:
            count += 1
            vcpus += instance.vcpus
            memory_mb += instance.memory
            disk_gb += instance.disk
    return count, {'VCPU': vcpus, 'MEMORY_MB': memory_mb, 'DISK_GB': disk_gb}
