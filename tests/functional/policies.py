# SPDX-License-Identifier: Apache-2.0

"""The tables of the page of policies."""

import csv
import pathlib
import re

from collections.abc import Mapping
from typing import NamedTuple


_PAGES = pathlib.Path(__file__).resolve().parents[2] / 'doc/source/admin'


class Row(NamedTuple):
    """What a service's policy checks of a call, and what makes the call.

    :ivar made_by: 'audit', 'plan', or both
    """

    rules: set[str]
    made_by: set[str]


def told(api: str) -> dict[str, Row]:
    """Read the table of an API: call -> what is told of it.

    :param api: 'compute' or 'placement'
    """
    with _PAGES.joinpath(f'policies_{api}.csv').open() as table:
        return {
            row['Call'].strip('`'): Row(
                set(re.findall('``(.+?)``', row['Policy'])),
                set(row['Made by'].split(' and ')),
            )
            for row in csv.DictReader(table)
        }


def rules(rows: Mapping[str, Row]) -> set[str]:
    """Return all rules of a table."""
    return set().union(*(row.rules for row in rows.values()))
