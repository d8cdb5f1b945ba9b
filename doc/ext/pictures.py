# SPDX-License-Identifier: Apache-2.0

"""Pictures of the documentation, drawn from a snapshot and its plan.

.. drain-picture:: SNAPSHOT HOSTNAME
    the usage of all other nodes before and after a drain of HOSTNAME with
    ``on_blocked=leave``
"""

import pathlib

from collections.abc import Iterator
from typing import Any
from xml.sax import saxutils

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.model.snapshot import load


CLASSES = ('VCPU', 'MEMORY_MB', 'DISK_GB')

LEFT, BAR, WIDTH, ROW, GAP = 210, 380, 760, 17, 20
"""Pixels: start and length of bars, width of the picture, height of a bar,
distance of nodes."""

BEFORE, ARRIVING, FREE = '#7a8b99', '#e07b00', '#eef1f3'


def draw(text: str, hostname: str) -> str:
    """Draw the plan for a node as SVG.

    :param text: a snapshot as JSON
    """
    snapshot = load(text)
    request = Request((hostname,), on_blocked=OnBlocked.LEAVE)
    outcome = drain.plan(snapshot, request)
    others = [node for node in snapshot.nodes if node.hostname != hostname]
    height = len(others) * (len(CLASSES) * ROW + GAP) + 40
    label = (
        f'Usage of each node before and after the drain of {hostname}, '
        'as a share of its capacity'
    )
    return '\n'.join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" '
            f'viewBox="0 0 {WIDTH} {height}" style="max-width:{WIDTH}px" '
            f'font-family="sans-serif" font-size="12" '
            f'aria-label={saxutils.quoteattr(label)}>',
            *_legend(),
            *(
                line
                for number, node in enumerate(others)
                for line in _node(node, number, snapshot, outcome)
            ),
            '</svg>',
        ]
    )


def _legend() -> Iterator[str]:
    for n, (colour, words) in enumerate(
        (
            (BEFORE, 'used before'),
            (ARRIVING, 'moved there by the plan'),
            (FREE, 'free'),
        )
    ):
        x = LEFT + n * 150
        yield _box(x, 8, 12, 12, colour)
        yield _text(x + 18, 18, words)


def _node(
    node: ComputeNode, number: int, snapshot: Snapshot, outcome: Outcome
) -> Iterator[str]:
    """Draw the name of a node, a bar per class, and what the plan does."""
    y = 40 + number * (len(CLASSES) * ROW + GAP)
    moves = [
        move for move in outcome.moves if move.destination == node.hostname
    ]
    yield _text(0, y + 12, node.hostname, 'bold')
    yield _text(0, y + 12 + ROW, node.disabled_reason or node.status)
    yield _text(
        0,
        y + 12 + 2 * ROW,
        f'takes {len(moves)}' if moves else 'takes nothing',
    )
    for n, name in enumerate(CLASSES):
        has = node.inventory[name]
        room = (has.total - has.reserved) * has.allocation_ratio
        used = node.used.get(name, 0)
        comes = sum(
            snapshot.by_uuid[move.instance_uuid].resources.get(name, 0)
            for move in moves
        )
        top = y + n * ROW
        yield _text(LEFT - 88, top + 11, name)
        yield _box(LEFT, top, BAR, ROW - 4, FREE)
        yield _box(LEFT, top, BAR * used / room, ROW - 4, BEFORE)
        yield _box(
            LEFT + BAR * used / room,
            top,
            BAR * comes / room,
            ROW - 4,
            ARRIVING,
        )
        yield _text(
            LEFT + BAR + 8,
            top + 11,
            f'{used} + {comes} of {room:g}'
            if comes
            else f'{used} of {room:g}',
        )


def _box(x: float, y: float, width: float, height: float, colour: str) -> str:
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" '
        f'height="{height:g}" fill="{colour}"/>'
    )


def _text(x: float, y: float, words: str, weight: str = 'normal') -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" font-weight="{weight}">'
        f'{saxutils.escape(words)}</text>'
    )


class DrainPicture(SphinxDirective):
    """``.. drain-picture:: SNAPSHOT HOSTNAME``."""

    required_arguments = 2

    def run(self) -> list[nodes.Node]:
        """Return the picture; only HTML pages show it."""
        _, path = self.env.relfn2path(self.arguments[0])
        self.env.note_dependency(path)
        picture = draw(pathlib.Path(path).read_text(), self.arguments[1])
        return [nodes.raw('', picture, format='html')]


def setup(app: Any) -> dict[str, Any]:
    """Add the directive to Sphinx."""
    app.add_directive('drain-picture', DrainPicture)
    return {'parallel_read_safe': True, 'parallel_write_safe': True}
