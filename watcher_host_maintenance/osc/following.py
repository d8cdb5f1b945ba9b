# SPDX-License-Identifier: Apache-2.0

"""Follow an action plan to its end, on stderr."""

import sys

from collections.abc import Sequence

from watcher_host_maintenance.client.maintenance import Maintenance
from watcher_host_maintenance.client.progress import Progress
from watcher_host_maintenance.client.progress import remaining_s
from watcher_host_maintenance.client.results import Result
from watcher_host_maintenance.client.waiting import TimedOut
from watcher_host_maintenance.client.waiting import Waiting
from watcher_host_maintenance.osc.display import display


class Interrupted(Exception):
    """The person at the terminal has stopped waiting."""


def follow(
    maintenance: Maintenance, plan_uuid: str, waiting: Waiting
) -> Progress:
    """Show how far a plan is until it has ended; return how it ended.

    :raises Interrupted: Ctrl-C; the plan goes on
    """
    began_s = waiting.elapsed_s
    with display(sys.stderr) as shown:
        try:
            for progress in maintenance.follow(plan_uuid, waiting):
                elapsed_s = waiting.elapsed_s - began_s
                shown.show(progress, remaining_s(progress, elapsed_s))
        except KeyboardInterrupt as exc:
            raise Interrupted from exc
    return progress


def how_to_look(hosts: Sequence[str]) -> list[str]:
    """Return the commands with which to go on."""
    return [
        f'To see how far it is: openstack maintenance show {hosts[0]}',
        'To wait for its end: openstack maintenance wait ' + ' '.join(hosts),
        f'To stop it: openstack maintenance stop {hosts[0]}',
    ]


def unfinished(error: BaseException) -> Result:
    """Return what it means that waiting has ended with an error."""
    timed_out = isinstance(error, TimedOut)
    return Result.TIMEOUT if timed_out else Result.INTERRUPTED
