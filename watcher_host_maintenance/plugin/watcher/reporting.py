# SPDX-License-Identifier: Apache-2.0

"""The full report: a line in the log and, if configured, files."""

import json

from typing import Any

from watcher_host_maintenance.cloud import logs
from watcher_host_maintenance.core.model import snapshot as snapshots
from watcher_host_maintenance.core.model.plan import Purpose
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.model.text import visible_all
from watcher_host_maintenance.plugin import release
from watcher_host_maintenance.plugin.watcher.report_files import ReportFiles


LOG = logs.get_logger(__name__)


def write(
    audit_uuid: str,
    report: dict[str, Any],
    snapshot: Snapshot | None,
    files: ReportFiles | None,
) -> None:
    """Log the report as one line of JSON, and write it and the snapshot.

    What cannot be written is logged; the audit goes on.
    """
    try:
        document = visible_all(whole(audit_uuid, report))
        level = LOG.error if report['failed'] else LOG.info
        outcome = report.get('outcome', {})
        purpose = outcome.get('purpose', Purpose.DRAIN.value)
        text = json.dumps(document, ensure_ascii=False)
        level('%s report: %s', purpose.capitalize(), text)
        if files is not None:
            text = json.dumps(document, indent=2, ensure_ascii=False)
            files.write(f'{audit_uuid}.report.json', text)
            if snapshot is not None:
                text = snapshots.dump(snapshot)
                files.write(f'{audit_uuid}.snapshot.json', text)
            files.prune()
    except Exception:
        # The plan does not depend on it.
        LOG.exception('Cannot write the report of audit %s', audit_uuid)


def whole(audit_uuid: str, report: dict[str, Any]) -> dict[str, Any]:
    """Return a report with its audit and the versions that made it."""
    return {'audit': audit_uuid, 'versions': release.versions(), **report}
