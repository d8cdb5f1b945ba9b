# SPDX-License-Identifier: Apache-2.0

"""The three parts that the demo tells, each checked as it is told."""

import collections

from demo import judge
from demo import picture
from demo import plan as plans
from demo import tables
from demo.operator import Operator
from demo.picture import Picture
from demo.screen import Screen
from watcher_host_maintenance.client.results import Result


def introduce(operator: Operator) -> None:
    """Show the cloud."""
    now = picture.take(operator.lab)
    screen = operator.screen
    screen.say(
        f'It has {len(now.hosts)} compute hosts and '
        f'{len(now.servers)} servers:'
    )
    screen.table(tables.hosts(now), tables.legend())


def spread(operator: Operator, node: str) -> None:
    """Part 1: a host is emptied onto those in use."""
    before = picture.take(operator.lab)
    screen = operator.screen
    screen.title(f'1 of 3: Empty {node} onto the other hosts')
    screen.say(
        f'{node} needs a repair: its {len(before.on(node))} servers have to '
        'go elsewhere. Could they, now? This only reads:'
    )
    operator.types(
        f'openstack maintenance check {node} -c Server -c To -c Why'
    )
    judge.require(judge.unchanged(before, picture.take(operator.lab)))
    screen.say('They could. So Watcher plans the same, and does it:')
    operator.types(f'openstack maintenance start {node} --wait')
    _require_drained(operator, node, before)


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
        'want to be told. The exit status is 2:'
    )
    operator.types(
        f'openstack maintenance start {node} --wait', Result.IMPOSSIBLE
    )
    audit = operator.newest_audit()
    screen.say(f'And each reason why {culprit} can go nowhere:')
    operator.types(
        f'openstack maintenance check {node} -c Server -c What -c Why',
        Result.IMPOSSIBLE,
    )
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
    """Part 3: a host is emptied onto an unused one, by Watcher's commands."""
    operator.lab.refresh_model()
    before = picture.take(operator.lab)
    screen = operator.screen
    screen.title(f'3 of 3: Empty {node} onto a spare host')
    screen.say(
        f'Last, {node} with its {len(before.on(node))} servers. They '
        f'all fit on {spare}, a spare: it is empty, and disabled '
        'because of "watcher_disabled". So it is enabled and gets them '
        'all, and no other host is bothered. This time with what Watcher '
        'alone has, as any audit is created:'
    )
    operator.types(
        'openstack optimize audit create -g cluster_maintenance '
        f'-s cluster_host_maintenance -p maintenance_node={node} '
        '--auto-trigger -c UUID -c State'
    )
    screen.say('The plan starts by itself: --auto-trigger. We wait:')
    operator.types(f'openstack maintenance wait {node} -c Host -c Phase')
    _require_drained(operator, node, before, spare)


def _require_drained(
    operator: Operator, node: str, before: Picture, spare: str | None = None
) -> None:
    """Check the newest plan and what has become of it; show the hosts.

    :param spare: the host that takes all servers, when one does
    """
    audit = operator.newest_audit()
    plan = operator.lab.action_plan(audit)
    actions = operator.lab.actions(plan)
    moves = plans.moves(actions)
    judge.require(
        judge.planned(audit, node, moves, before),
        judge.onto(moves, [spare]) if spare else (),
        judge.executed(plan, plans.steps(actions)),
    )
    after, complaints = operator.settled(
        lambda now: judge.drained(before, now, node, moves, spare)
    )
    arrived = {move.server for move in moves}
    operator.screen.table(tables.hosts(after, arrived), tables.legend(arrived))
    judge.require(complaints)
    _sum_up(operator.screen, node, moves, spare)


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
