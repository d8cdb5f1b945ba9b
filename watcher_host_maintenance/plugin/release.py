# SPDX-License-Identifier: Apache-2.0

"""The installed releases, and which of Watcher's are new enough."""

from importlib import metadata

from watcher_host_maintenance._i18n import _
from watcher_host_maintenance.plugin import names


WATCHER = 'python-watcher'

LEAST = 16
"""The first release whose actions check before they act.

In older ones a move that never began can succeed, and every migration is
abandoned after two minutes.
"""


def require_watcher() -> None:
    """Refuse to be loaded by a Watcher that is too old.

    Watcher logs the error in one line for each of our entry points, and goes
    on without them.

    :raises ImportError: it is older than :data:`LEAST`
    """
    found = installed(WATCHER)
    # None runs from sources: no version to compare.
    if found is not None and not is_new_enough(found):
        raise ImportError(
            _(
                'watcher-host-maintenance needs python-watcher %(least)d or '
                'newer, and this is %(found)s: upgrade Watcher'
            )
            % {'least': LEAST, 'found': found}
        )


def versions() -> dict[str, str | None]:
    """Return distribution -> :func:`installed`."""
    return {name: installed(name) for name in (names.DISTRIBUTION, WATCHER)}


def installed(distribution: str) -> str | None:
    """Return the installed version; None is unknown."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def is_new_enough(version: str) -> bool:
    """Return True if a version is supported, or of an unknown form."""
    major = version.partition('.')[0]
    return not major.isdecimal() or int(major) >= LEAST
