# SPDX-License-Identifier: Apache-2.0

"""The three parts that the demo tells, each checked as it is told."""

import collections
import time

from collections.abc import Callable
from collections.abc import Iterable
from typing import Any

from demo import judge
from demo import picture
from demo import plan as plans
from demo import tables
from demo import why
from demo.audit import Operator
from demo.picture import Picture
from demo.screen import Screen


_SETTLE_S = 60
_POLL_S = 0.3


def introduce(operator: Operator) -> None:
    """Show the cloud."""
    now = picture.take(operator.lab)
    screen = operator.screen
    screen.say(
        f'It has {len(now.hosts)} compute hosts and '
        f'{len(now.servers)} servers:'
    )
    screen.table(tables.hosts(now), tables.legend())
    screen.table(tables.flavors(now, operator.lab.description.flavors))


def spread(operator: Operator, node: str) -> None:
    """Part 1: a host is emptied onto those in use."""
    before = picture.take(operator.lab)
    screen = operator.screen
    screen.title(f'1 of 3: Empty {node} onto the other hosts')
    screen.say(
        f'{node} needs a repair: its {len(before.on(node))} servers '
        'have to go elsewhere. We ask Watcher for a plan, look at it, '
        'and only then start it. (-c merely picks what is printed.)'
    )
    audit = operator.audits(node)
    plan, moves = _plan(operator, audit, node, before)
    operator.lists_plan(audit)
    screen.say(
        f'The plan disables {node}, so that nothing new is put there, '
        'and then moves:'
    )
    report = operator.report(audit)
    screen.table(tables.destinations(moves, report))
    screen.say('Why there?')
    screen.points([why.spread(report), *why.not_used(before, node)])
    screen.say('Nothing has moved so far. Now we start the plan:')
    operator.starts(plan)
    _execute(operator, plan, node, before, moves)


def refuse(operator: Operator, node: str, culprit: str) -> None:
    """Part 2: a host cannot be emptied, and that is said beforehand."""
    operator.lab.refresh_model()
    before = picture.take(operator.lab)
    screen = operator.screen
    screen.title(f'2 of 3: {node} cannot be emptied')
    screen.say(
        f'Now {node}. One of its {len(before.on(node))} servers, '
        f'{culprit}, is too large for what is left elsewhere. A plan '
        'for the others would get stuck half-way, so we want none; we '
        'want to be told.'
    )
    audit = operator.audits(node)
    judge.require(judge.failed(audit))
    screen.say('The audit has failed. We ask why:')
    operator.asks_why(audit)
    lacks = why.stays(operator.report(audit), culprit)
    if lacks:
        screen.say(
            'The full report, in the log of the decision engine, says '
            f'of {culprit}:'
        )
        screen.points(lacks)
    judge.require(
        judge.refused(audit, operator.lab.action_plans(audit), node, culprit),
        judge.unchanged(before, picture.take(operator.lab)),
    )
    screen.seen(
        'The audit failed. It says why with numbers, and what would help.',
        f'There is no plan. All {len(before.servers)} servers and '
        f'{len(before.hosts)} hosts are as they were.',
    )


def onto_spare(operator: Operator, node: str, spare: str) -> None:
    """Part 3: a host is emptied onto an unused one."""
    operator.lab.refresh_model()
    before = picture.take(operator.lab)
    screen = operator.screen
    screen.title(f'3 of 3: Empty {node} onto a spare host')
    screen.say(
        f'Last, {node} with its {len(before.on(node))} servers. They '
        f'all fit on {spare}, a spare: it is empty, and disabled '
        'because of "watcher_disabled". So it is enabled and gets them '
        'all, and no other host is bothered. This time the plan starts '
        'by itself: --auto-trigger.'
    )
    audit = operator.audits(node, '--auto-trigger')
    plan, moves = _plan(operator, audit, node, before)
    judge.require(judge.onto(moves, [spare]))
    screen.say(f'The plan disables {node}, enables {spare}, and then moves:')
    screen.table(tables.destinations(moves, operator.report(audit)))
    _execute(operator, plan, node, before, moves, spare)


def _plan(
    operator: Operator, audit: dict[str, Any], node: str, before: Picture
) -> tuple[dict[str, Any], list[plans.Move]]:
    """Get the plan of an audit, and check it."""
    plan = operator.lab.action_plan(audit)
    moves = plans.moves(operator.lab.actions(plan)) if plan else []
    judge.require(judge.planned(audit, node, moves, before))
    return plan, moves


def _execute(
    operator: Operator,
    plan: dict[str, Any],
    node: str,
    before: Picture,
    moves: list[plans.Move],
    spare: str | None = None,
) -> None:
    """Watch a plan to its end; show and check what has become of it."""
    ended = operator.watches(plan)
    judge.require(
        judge.executed(ended, plans.steps(operator.lab.actions(plan)))
    )
    after, complaints = _settled(
        operator, lambda now: judge.drained(before, now, node, moves, spare)
    )
    arrived = {move.server for move in moves}
    operator.screen.table(tables.hosts(after, arrived), tables.legend(arrived))
    judge.require(complaints)
    _sum_up(operator.screen, node, moves, spare)


def _settled(
    operator: Operator, complain: Callable[[Picture], Iterable[str]]
) -> tuple[Picture, list[str]]:
    """Look again while there are complaints: Nova tidies up for a moment.

    :returns: the last look, and what there is to complain about
    """
    end = time.monotonic() + _SETTLE_S
    while True:
        now = picture.take(operator.lab)
        complaints = list(complain(now))
        if not complaints or time.monotonic() > end:
            return now, complaints
        time.sleep(_POLL_S)


def _sum_up(
    screen: Screen, node: str, moves: list[plans.Move], spare: str | None
) -> None:
    """Say what has been checked."""
    count = collections.Counter(move.how for move in moves)
    screen.seen(
        f'{node} is empty, and disabled as "{judge.MAINTAINING}".',
        f'Each of its {len(moves)} servers is where the plan said: '
        f'{count["live"]} kept running, {count["cold"]} stopped ones stayed '
        'stopped.',
        *([f'{spare} is enabled and holds them all.'] if spare else []),
    )
