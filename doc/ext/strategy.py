# SPDX-License-Identifier: Apache-2.0

"""What the strategy shows in Watcher's API, written from the code.

.. status-message:: SNAPSHOT HOSTNAME [leave]
    the sentences of an audit of HOSTNAME, planned on a snapshot, with
    ``on_blocked=fail`` or ``leave``

.. indicators-table:: [return|roll]
    every efficacy indicator of an action plan of a drain, of a return, or of a
    rolling maintenance
"""

import pathlib
import textwrap

from collections.abc import Iterator
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.model import snapshot
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.telling import summary
from watcher_host_maintenance.plugin.watcher import efficacy


SPECIFICATIONS = {
    'drain': efficacy.ClusterMaintenance,
    'return': efficacy.ClusterReturn,
    'roll': efficacy.ClusterRollingMaintenance,
}
"""What a plan is for -> how its worth is measured."""

WIDTH = 75
"""Characters in a line of a status message."""


def status_message(text: str, hostname: str, on_blocked: str = 'fail') -> str:
    """Return the status message of an audit of one node, in one line.

    :param text: a snapshot as JSON
    """
    request = Request((hostname,), on_blocked=OnBlocked(on_blocked))
    outcome = drain.plan(snapshot.load(text), request)
    return ' '.join(summary.sentences(outcome))


def indicators_table(of: str = 'drain') -> list[str]:
    """Return the efficacy indicators as lines of RST.

    :param of: a key of :data:`SPECIFICATIONS`
    """
    specification = SPECIFICATIONS[of]()
    return [
        '.. list-table::',
        '   :header-rows: 1',
        '   :widths: 32 10 58',
        '',
        '   * - Indicator',
        '     - Unit',
        '     - Meaning',
        *_rows(specification),
        '',
    ]


def _rows(specification: Any) -> Iterator[str]:
    for indicator in specification.get_indicators_specifications():
        yield f'   * - ``{indicator.name}``'
        yield f'     - {indicator.unit or "count"}'
        yield f'     - {indicator.description}'


class StatusMessage(SphinxDirective):
    """``.. status-message:: SNAPSHOT HOSTNAME [leave]``."""

    required_arguments = 2
    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the message as a literal block."""
        source, hostname, *on_blocked = self.arguments
        _, path = self.env.relfn2path(source)
        self.env.note_dependency(path)
        text = pathlib.Path(path).read_text(encoding='utf-8')
        message = status_message(text, hostname, *on_blocked)
        lines = textwrap.wrap(message, WIDTH, break_on_hyphens=False)
        block = nodes.literal_block('', '\n'.join(lines), language='none')
        return [block]


class IndicatorsTable(SphinxDirective):
    """``.. indicators-table:: [return]``."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        lines = indicators_table(*self.arguments)
        return self.parse_text_to_nodes('\n'.join(lines))


def setup(app: Any) -> dict[str, Any]:
    """Add the directives to Sphinx."""
    app.add_directive('status-message', StatusMessage)
    app.add_directive('indicators-table', IndicatorsTable)
    return {'parallel_read_safe': True, 'parallel_write_safe': True}
