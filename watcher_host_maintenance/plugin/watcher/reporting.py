# SPDX-License-Identifier: Apache-2.0

"""The full report: a line in the log and, if configured, files."""

import json
import pathlib

from typing import Any

from watcher_host_maintenance.cloud import logs
from watcher_host_maintenance.core.model import snapshot as snapshots
from watcher_host_maintenance.core.model.plan import Purpose
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.model.text import visible_all
from watcher_host_maintenance.plugin import release


LOG = logs.get_logger(__name__)

MODE = 0o640


def write(
    audit_uuid: str,
    report: dict[str, Any],
    snapshot: Snapshot | None,
    report_dir: str | None,
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
        if report_dir:
            stem = pathlib.Path(report_dir, audit_uuid)
            text = json.dumps(document, indent=2, ensure_ascii=False)
            _replace(stem.with_suffix('.report.json'), text)
            if snapshot is not None:
                text = snapshots.dump(snapshot)
                _replace(stem.with_suffix('.snapshot.json'), text)
    except Exception:
        # The plan does not depend on it.
        LOG.exception('Cannot write the report of audit %s', audit_uuid)


def whole(audit_uuid: str, report: dict[str, Any]) -> dict[str, Any]:
    """Return a report with its audit and the versions that made it."""
    return {'audit': audit_uuid, 'versions': release.versions(), **report}


def _replace(path: pathlib.Path, text: str) -> None:
    """Write a file whole or not at all, readable by owner and group."""
    partial = path.with_suffix('.partial')
    try:
        partial.touch(MODE)
        # The umask may have removed bits of the mode, or an earlier run have
        # left the file.
        partial.chmod(MODE)
        partial.write_text(text, encoding='utf-8')
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
