# SPDX-License-Identifier: Apache-2.0

"""How a command ended: its exit status."""

import enum

from watcher_host_maintenance.client.progress import Progress
from watcher_host_maintenance.client.records import Step
from watcher_host_maintenance.request import states


class Result(enum.IntEnum):
    """What became of a request; the value is the exit status."""

    DONE = 0
    ERROR = 1
    IMPOSSIBLE = 2
    PARTLY = 3
    TIMEOUT = 4
    INTERRUPTED = 130


LEFT_BEHIND = ('remaining_instances_count', 'blocked_instances_count')
"""Indicators of a drain, and of a return, that a plan is not for all."""


def result_of(progress: Progress) -> Result:
    """Return what became of an action plan that has ended.

    A plan that leaves servers on its nodes, as requested, or that cannot move
    all of them back, is partly done even when it has SUCCEEDED. So is one that
    has FAILED or was CANCELLED after a node was back in service.
    """
    if progress.plan.state == states.SUCCEEDED:
        return Result.PARTLY if _leaves_some(progress) else Result.DONE
    has_effect = progress.done or _returns_some(progress)
    return Result.PARTLY if has_effect else Result.ERROR


def _returns_some(progress: Progress) -> bool:
    return any(
        a.step is Step.RETURN and a.state == states.SUCCEEDED
        for a in progress.actions
    )


def _leaves_some(progress: Progress) -> bool:
    if any(progress.plan.indicators.get(name) for name in LEFT_BEHIND):
        return True
    return any(
        a.parameters.get('remaining')
        for a in progress.actions
        if a.step is Step.VERIFY
    )
