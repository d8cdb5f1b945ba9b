# SPDX-License-Identifier: Apache-2.0

"""Follow an action plan to its end, on stderr."""

import contextlib
import sys

from collections.abc import Iterator
from collections.abc import Sequence

from watcher_host_maintenance.client.maintenance import Maintenance
from watcher_host_maintenance.client.progress import Progress
from watcher_host_maintenance.client.progress import remaining_s
from watcher_host_maintenance.client.results import Result
from watcher_host_maintenance.client.waiting import TimedOut
from watcher_host_maintenance.client.waiting import Waiting
from watcher_host_maintenance.osc.display import display


class Unfinished(Exception):
    """Waiting has ended before what was waited for.

    :ivar result: TIMEOUT or INTERRUPTED
    """

    def __init__(self, result: Result) -> None:
        super().__init__(result)
        self.result = result


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Turn Ctrl-C and the end of the time into :class:`Unfinished`."""
    try:
        yield
    except TimedOut as exc:
        raise Unfinished(Result.TIMEOUT) from exc
    except KeyboardInterrupt as exc:
        raise Unfinished(Result.INTERRUPTED) from exc


def follow(
    maintenance: Maintenance, plan_uuid: str, waiting: Waiting
) -> Progress:
    """Show how far a plan is until it has ended; return how it ended.

    :raises Unfinished: the plan goes on
    """
    began_s = waiting.elapsed_s
    begun: float | None = None
    with interruptible(), display(sys.stderr) as shown:
        for progress in maintenance.follow(plan_uuid, waiting):
            elapsed_s = waiting.elapsed_s - began_s
            begun = progress.share if begun is None else begun
            shown.show(progress, remaining_s(progress, elapsed_s, begun))
    return progress


def how_to_look(hosts: Sequence[str]) -> list[str]:
    """Return the commands with which to go on."""
    return [
        f'To see how far it is: openstack maintenance show {hosts[0]}',
        'To wait for its end: openstack maintenance wait ' + ' '.join(hosts),
        f'To stop it: openstack maintenance stop {hosts[0]}',
    ]
