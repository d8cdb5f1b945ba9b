# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

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
