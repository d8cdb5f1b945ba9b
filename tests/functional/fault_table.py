# SPDX-License-Identifier: Apache-2.0


"""The documentation's table of faults, whose cells the tests compare.

What stands in a cell as a literal is what a person sees; see
``doc/source/reference/execution.rst``.
"""

import csv
import pathlib
import re

from typing import NamedTuple


PATH = pathlib.Path(__file__).parents[2] / 'doc/source/reference/faults.csv'

_LITERAL = re.compile('``(.+?)``')


class Row(NamedTuple):
    """One fault, and the literals of its other cells.

    :ivar seen: of actions, as ``openstack optimize action show`` has them
    :ivar end: of servers and services, when the plan has ended
    :ivar again: of the second audit, and of servers when its plan has ended
    """

    fault: str
    seen: tuple[str, ...]
    end: tuple[str, ...]
    again: tuple[str, ...]


def rows() -> dict[str, Row]:
    """Fault -> its row, in the order of the table."""
    with PATH.open(encoding='utf-8', newline='') as table:
        return {
            fault: Row(fault, *(tuple(_LITERAL.findall(c)) for c in cells))
            for fault, *cells in csv.reader(table)
        }
