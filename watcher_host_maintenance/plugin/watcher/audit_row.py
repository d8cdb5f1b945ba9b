# SPDX-License-Identifier: Apache-2.0

"""What Watcher's database has of an audit that runs.

The audit that a strategy is given is as old as its job: Watcher's scheduler
keeps the object of its creation, and looks at no row while a strategy runs.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from oslo_db import exception as db_exception
from watcher import objects
from watcher.common import context
from watcher.common import exception

from watcher_host_maintenance.cloud import logs
from watcher_host_maintenance.request import roll_parameters


LOG = logs.get_logger(__name__)

DATABASE_ERRORS = (
    db_exception.DBError,
    db_exception.CantStartEngineError,
)


def is_continuous(audit: Any) -> bool:
    """Return True if an audit is run again and again; None is no audit."""
    continuous = objects.audit.AuditType.CONTINUOUS.value
    return audit is not None and bool(audit.audit_type == continuous)


def cron_entry(audit: Any) -> str:
    """Return the entry at whose times an audit is run again; '' is none."""
    interval = str(audit.interval or '') if is_continuous(audit) else ''
    return '' if interval.isdigit() else interval


def changed_parameters(audit: Any) -> Mapping[str, Any] | None:
    """Return the parameters that a CONTINUOUS audit has now.

    :returns: None when they cannot have changed, or are not known
    """
    if not is_continuous(audit):
        return None
    row = _row(audit)
    return None if row is None else row.parameters or {}


def has_planned(audit: Any) -> bool:
    """Return True if an earlier run of an audit has made an action plan.

    Also while that is not known: a run that waits makes up for a wrong True.
    """
    filters = {'audit_uuid': audit.uuid}
    try:
        plans = objects.ActionPlan.list(
            context.make_context(), filters=filters, limit=1
        )
    except DATABASE_ERRORS as exc:
        LOG.warning('Cannot read the plans of audit %s: %s', audit.uuid, exc)
        return True
    return bool(plans)


def is_cancelled(audit: Any) -> bool:
    """Return True if an operator has cancelled an audit that runs."""
    row = _row(audit)
    return row is not None and row.state == objects.audit.State.CANCELLED


def freeze(audit: Any, hostnames: Sequence[str]) -> None:
    """Write the nodes of an aggregate or a zone into the parameters.

    Who joins later is not maintained, and who leaves is. The audit that a
    strategy is given is too old to be saved.
    """
    row = objects.Audit.get_by_uuid(context.make_context(), audit.uuid)
    row.parameters = {
        **(row.parameters or {}),
        roll_parameters.FROZEN: list(hostnames),
    }
    row.save()


def _row(audit: Any) -> Any:
    """Return an audit as it is now; None is unknown."""
    if audit is None:
        return None
    try:
        return objects.Audit.get_by_uuid(context.make_context(), audit.uuid)
    except (exception.AuditNotFound, *DATABASE_ERRORS) as exc:
        LOG.warning('Cannot read audit %s: %s', audit.uuid, exc)
        return None
