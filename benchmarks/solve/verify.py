# SPDX-License-Identifier: Apache-2.0

"""Verify answers by code that shares nothing with what gave them."""

from watcher_host_maintenance.core.packing.problem import Problem
from watcher_host_maintenance.core.packing.result import Result
from watcher_host_maintenance.core.packing.result import Status


class WrongAnswer(Exception):
    """A placement that does not hold, or a proof of what is not so."""


def verify(problem: Problem, result: Result, solvable: bool) -> None:
    """Raise when a result is wrong.

    :param solvable: the case has a solution by construction
    :raises WrongAnswer: it breaks a limit, or forgets an instance, or tells
        that nothing exists where something does
    """
    if result.status is Status.PLACED:
        _placement(problem, result)
    elif result.status is Status.IMPOSSIBLE and solvable:
        raise WrongAnswer(f'{result.proof} of a case with a solution')


def _placement(problem: Problem, result: Result) -> None:
    held: dict[tuple[str, str], int] = {}
    members: dict[tuple[str, str], int] = {}
    for item in problem.items:
        where = result.placement.get(item.key, {})
        if sum(where.values()) != item.count or min(where.values()) < 1:
            raise WrongAnswer(f'{item.key} {item.count}: {where}')
        for host, count in where.items():
            for c, amount in item.resources.items():
                held[host, c] = held.get((host, c), 0) + count * amount
            if item.group is not None:
                group = host, item.group
                members[group] = members.get(group, 0) + count
    for there in problem.bins:
        for c, limit in there.limit.items():
            amount = held.pop((there.hostname, c), 0)
            if amount and amount + there.used.get(c, 0) > limit:
                raise WrongAnswer(f'{there.hostname}: {amount} {c}')
    if held or any(n > 1 for n in members.values()):
        raise WrongAnswer(f'{held} {members}')
