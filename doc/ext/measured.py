# SPDX-License-Identifier: Apache-2.0

"""Figures of the table that ``python -m benchmarks.fidelity table`` prints.

Pages use them as substitutions, such as ``|upstream possible|`` (the clouds
in which it was right, of all) and ``|upstream refused|`` (moves in all clouds).
"""

import pathlib
import re

from collections.abc import Iterator

from sphinx.application import Sphinx
from sphinx.config import Config


def setup(app: Sphinx) -> dict[str, bool]:
    """Define the substitutions for all pages."""
    app.connect('config-inited', _define)
    return {'parallel_read_safe': True}


def _define(app: Sphinx, config: Config) -> None:
    table = pathlib.Path(
        app.srcdir, 'reference/fidelity-results.txt'
    ).read_text()
    config.rst_prolog = '\n'.join(
        f'.. |{name}| replace:: {figure}' for name, figure in figures(table)
    )


def figures(table: str) -> Iterator[tuple[str, str]]:
    """Return the name and value of each total and count of refused moves."""
    rows = {
        name: cells
        for name, *cells in (
            re.split(r' {2,}', line) for line in table.splitlines()
        )
    }
    half = len(rows['kind']) // 2
    totals, refused = rows['**all**'], rows['moves refused']
    for number, run in enumerate(rows['kind'][:half]):
        yield f'{run} possible', totals[number]
        yield f'{run} impossible', totals[number + half]
        yield (
            f'{run} refused',
            str(int(refused[number]) + int(refused[number + half])),
        )
