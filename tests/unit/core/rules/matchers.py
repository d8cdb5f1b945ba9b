# SPDX-License-Identifier: Apache-2.0

"""Nova's own matcher of extra specs, and the checker's."""

from nova.scheduler.filters import extra_specs_ops

from watcher_host_maintenance.core.checking import scheduler


def nova(value, wanted):
    """What Nova's filter makes of it; the scheduler finds no host on error.

    It raises one error on what is no number, another on ``<or>`` alone.
    """
    try:
        return extra_specs_ops.match(value, wanted)
    except (ValueError, IndexError):
        return False


def checked(value, wanted):
    return scheduler._satisfies(value, wanted.split(), wanted)
