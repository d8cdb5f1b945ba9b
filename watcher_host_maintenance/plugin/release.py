# SPDX-License-Identifier: Apache-2.0

"""Which releases are at work, and of Watcher which are new enough."""

from importlib import metadata

from watcher_host_maintenance._i18n import _
from watcher_host_maintenance.plugin import names


WATCHER = 'python-watcher'

LEAST = 16
"""The first release whose actions look before they act.

In older ones a move can succeed that never began, and every migration is
given up after two minutes.
"""


def require_watcher() -> None:
    """Refuse to be loaded by a Watcher that is too old.

    Watcher logs what is raised here in one line for each name of ours, and
    goes on without them.

    :raises ImportError: it is older than :data:`LEAST`
    """
    found = installed(WATCHER)
    # None runs from sources: there is nothing to compare.
    if found is not None and not is_new_enough(found):
        raise ImportError(
            _(
                'watcher-host-maintenance needs python-watcher %(least)d or '
                'newer, and this is %(found)s: upgrade Watcher'
            )
            % {'least': LEAST, 'found': found}
        )


def versions() -> dict[str, str | None]:
    """Return what is at work: distribution -> :func:`installed`."""
    return {name: installed(name) for name in (names.DISTRIBUTION, WATCHER)}


def installed(distribution: str) -> str | None:
    """Return the version that was installed; None is not known."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def is_new_enough(version: str) -> bool:
    """Tell whether a version is one to work with; one unknown to us is."""
    major = version.partition('.')[0]
    return not major.isdecimal() or int(major) >= LEAST
