# SPDX-License-Identifier: Apache-2.0

"""Tables as plain text that is reStructuredText as well."""

from collections.abc import Iterable
from collections.abc import Sequence


GAP = '  '


def simple(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Lay out a simple table, numbers to the right."""
    drawn = [heads, *rows]
    widths = [max(map(len, cells)) for cells in zip(*drawn, strict=True)]
    rule = GAP.join('=' * width for width in widths)
    first, *rest = (_line(cells, widths) for cells in drawn)
    return '\n'.join([rule, first, rule, *rest, rule])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    # What a row starts with is to its left, or it would not be a row.
    first, *rest = zip(cells, widths, strict=True)
    laid_out = [first[0].ljust(first[1]), *(c.rjust(w) for c, w in rest)]
    return GAP.join(laid_out).rstrip()
