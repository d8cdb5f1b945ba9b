# SPDX-License-Identifier: Apache-2.0

"""Verify answers by code that shares nothing with what gave them."""

from watcher_host_maintenance.core.packing.answer import Answer
from watcher_host_maintenance.core.packing.answer import Status
from watcher_host_maintenance.core.packing.problem import Problem


class WrongAnswer(Exception):
    """A placement that does not hold, or a proof of what is not so."""


def verify(problem: Problem, answer: Answer, solvable: bool) -> None:
    """Raise when an answer is wrong.

    :param solvable: the case has a solution by construction
    :raises WrongAnswer: it breaks a limit, or forgets an instance, or tells
        that nothing exists where something does
    """
    if answer.status is Status.PLACED:
        _placement(problem, answer)
    elif answer.status is Status.IMPOSSIBLE and solvable:
        raise WrongAnswer(f'{answer.proof} of a case with a solution')


def _placement(problem: Problem, answer: Answer) -> None:
    held: dict[tuple[str, str], int] = {}
    members: dict[tuple[str, str], int] = {}
    for shape in problem.shapes:
        where = answer.where.get(shape.key, {})
        if sum(where.values()) != shape.count or min(where.values()) < 1:
            raise WrongAnswer(f'{shape.key} {shape.count}: {where}')
        for host, count in where.items():
            for c, amount in shape.resources.items():
                held[host, c] = held.get((host, c), 0) + count * amount
            if shape.group is not None:
                group = host, shape.group
                members[group] = members.get(group, 0) + count
    for there in problem.bins:
        for c, limit in there.limit.items():
            amount = held.pop((there.hostname, c), 0)
            if amount and amount + there.used.get(c, 0) > limit:
                raise WrongAnswer(f'{there.hostname}: {amount} {c}')
    if held or any(n > 1 for n in members.values()):
        raise WrongAnswer(f'{held} {members}')
